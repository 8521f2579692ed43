"""A headless Chromium, driven over a pipe by the DevTools protocol, with Python's standard library alone."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

FLAGS = [
    "--headless=new",
    # A container has neither the privileges for the sandbox nor a large shared memory. The only pages are our own.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
]

# A browser that hangs is ended after so many seconds.
TIME_LIMIT = 110


class Chromium:
    """The browser, with one page."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="cleanlab-browser-")
        from_us, self.write_end = os.pipe()
        self.read_end, to_us = os.pipe()
        # The browser reads commands from descriptor 3 and answers on 4.
        command = 'exec "$0" "$@" 3<&%d 4>&%d 2>/dev/null' % (from_us, to_us)
        arguments = [program, *FLAGS, "--user-data-dir=" + self.profile, "about:blank"]
        self.process = subprocess.Popen(
            ["sh", "-c", command, *arguments],
            pass_fds=(from_us, to_us),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self.watchdog = threading.Timer(TIME_LIMIT, self.process.kill)
        self.watchdog.daemon = True
        self.watchdog.start()
        self.unread = b""
        self.last_id = 0
        self.session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(domain + ".enable")

    def close(self):
        self.watchdog.cancel()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        # The shell takes descriptors of one digit alone, so that the next browser needs these.
        os.close(self.write_end)
        os.close(self.read_end)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _message(self):
        while b"\0" not in self.unread:
            read = os.read(self.read_end, 1 << 20)
            if not read:
                raise RuntimeError("the browser ended")
            self.unread += read
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        """Sends a command and returns its result; what happens meanwhile is kept in `events`."""
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.write_end, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self.last_id:
                if "error" in message:
                    raise RuntimeError("%s: %s" % (method, message["error"]))
                return message["result"]
            if "method" in message:
                self.events.append((message["method"], message["params"]))

    def version(self):
        return self.call("Browser.getVersion")["product"]

    def open(self, path):
        self.events.clear()
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.until("document.readyState === 'complete' && document.querySelector('main') !== null")

    def run(self, expression):
        """The value of an expression in the page."""
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            # The tools of developers are above the policy of a page unless they ask to be held to it.
            allowUnsafeEvalBlockedByCSP=False,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError("%s: %s" % (expression, answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, expression):
        for _ in range(400):
            if self.run(expression):
                return
            time.sleep(0.025)
        raise AssertionError("never true: " + expression)

    def size(self, width, height=900):
        phone = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        self.frame()

    def media(self, scheme="light", kind="screen"):
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.call("Emulation.setEmulatedMedia", media=kind, features=features)
        self.frame()

    def frame(self):
        """Waits until what was changed is drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def place_of(self, element):
        """The middle of an element, scrolled into view."""
        return self.run(
            "(() => { const of = %s; of.scrollIntoView({ block: 'center', behavior: 'instant' });"
            "const box = of.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
            % element
        )

    def hover(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.frame()

    def click(self, element):
        x, y = self.place_of(element)
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.frame()

    def press(self, key, shift=False):
        codes = {
            "Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36,
            "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, " ": 32,
        }
        text = {"Enter": "\r", " ": " "}.get(key)
        common = {"key": key, "windowsVirtualKeyCode": codes[key], "modifiers": 8 if shift else 0}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.call("Input.dispatchKeyEvent", **down, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)
        self.frame()

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.frame()
