"""Opens pages of audits in which one check failed, and looks for what a reader sees of it.

    python3 check_failures.py CHROMIUM FOLDER

The folder holds the pages and `failures.json`, which names the check of each; `cargo xtask trust loud-failures` makes both.
"""

import json
import os
import sys

from check_page import complaints, equal
from chromium import Chromium

# What of the page is in view when it opens, without scrolling.
IN_VIEW = """
(() => {
  const alarm = document.querySelector('main > :first-child');
  const box = alarm.getBoundingClientRect();
  return { text: alarm.textContent, role: alarm.getAttribute('role'), top: box.top, shown: box.height > 0 && box.top < innerHeight };
})()
"""
ROWS = "[...document.querySelectorAll('#summary tbody tr')].map((row) => row.textContent)"


def is_told(page, check):
    alarm = page.run(IN_VIEW)
    assert alarm["shown"], alarm
    assert "1 check failed and has no result" in alarm["text"], alarm
    name = check.replace("_", " ")
    assert name in alarm["text"].lower().replace("_", " ") or name in alarm["text"].lower(), (name, alarm)
    rows = page.run(ROWS)
    failed = [row for row in rows if "FAILED" in row]
    equal(len(failed), 1)
    equal(rows[0], failed[0])
    equal(complaints(page), [])


def main(program, folder):
    with open(os.path.join(folder, "failures.json")) as file:
        failures = json.load(file)
    # A browser for some pages at a time: each has its time limit.
    for start in range(0, len(failures), 10):
        page = Chromium(program)
        try:
            for failure in failures[start : start + 10]:
                page.open(os.path.join(folder, failure["page"]))
                try:
                    is_told(page, failure["check"])
                except AssertionError as error:
                    sys.exit("%s: %s" % (failure["page"], error))
        finally:
            page.close()
    print("pages: all %d failures are told at the top" % len(failures))


if __name__ == "__main__":
    main(*sys.argv[1:])
