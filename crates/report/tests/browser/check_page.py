"""Opens pages in a headless Chromium and uses them as a reader does.

    python3 check_page.py CHROMIUM HOSTILE_PAGE LARGE_PAGE

The first page is the report whose every text is hostile, the second one of 50,000 rows; `cargo xtask browser` makes both.
"""

import sys

from chromium import Chromium

# In the page: the table of the first check, and what its rows hold.
TABLE = "document.querySelector('#check-0 .table')"
ROWS = "[...%s.querySelectorAll('tbody tr')]" % TABLE
SCORES = ROWS + ".map((row) => Number(row.querySelector('.value').textContent))"
MAP = "document.querySelector('svg.map')"
CARD = "document.querySelector('.card')"
FOCUS = "document.activeElement"


def header(name):
    return "[...%s.querySelectorAll('thead th')].find((head) => head.textContent.startsWith('%s'))" % (TABLE, name)


def box_named(text):
    return "[...%s.querySelectorAll('label.check')].find((label) => label.textContent.includes('%s'))" % (TABLE, text)


def equal(found, expected):
    assert found == expected, "%r instead of %r" % (found, expected)


def complaints(page):
    """Errors on the console and requests to anywhere."""
    found = []
    for method, event in page.events:
        if method == "Runtime.exceptionThrown":
            found.append(event["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            found.append(event["args"])
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            found.append(event["entry"])
        elif method == "Network.requestWillBeSent":
            url = event["request"]["url"]
            if not url.startswith("data:") and not url.startswith("file:///"):
                found.append(url)
    documents = [
        event["request"]["url"]
        for method, event in page.events
        if method == "Network.requestWillBeSent" and event["request"]["url"].startswith("file:")
    ]
    if len(documents) > 1:
        found.append(documents)
    return found


def no_hostile_text_ran(page):
    equal(page.run("typeof window.hostile"), "undefined")
    equal(page.run("document.scripts.length"), 2)
    equal(page.run("document.querySelectorAll('iframe, object, embed, form, base, [onerror], [onload], [style*=url]').length"), 0)
    equal(page.run("[...document.images].filter((image) => !image.src.startsWith('data:')).length"), 0)
    equal(page.run("[...document.querySelectorAll('a')].filter((a) => !a.getAttribute('href').startsWith('#')).length"), 0)
    equal(page.run("({}).polluted"), None)


def hostile_text_is_text(page):
    title = page.run("document.querySelector('h1').textContent")
    equal(title, "</script><script>window.hostile = 2</script>")
    text = page.run("document.body.textContent")
    for expected in ["<img src=x onerror=", "\\u{1b}[31mred", "\\u{202e}gnp.exe", "(empty)", "(blank)", "characters)"]:
        assert expected in text, expected
    outside = "[...document.querySelectorAll('body *:not(script)')].map((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('')).join('')"
    assert not page.run("/[\\u202a-\\u202e\\u2066-\\u2069\\u200e\\u200f\\u0000-\\u0008\\u001b]/.test(%s)" % outside)


def failed_checks_are_loud(page):
    assert "failed and has no result" in page.run("document.querySelector('main > :first-child').textContent")
    equal(page.run("document.querySelector('#summary tbody tr').textContent.includes('FAILED')"), True)
    assert "was not run" in page.run("document.querySelector('#summary').textContent")


def says_what_it_leaves_out(page):
    count = page.run("%s.querySelector('.count').textContent" % TABLE)
    assert "Showing 12 of 120 issues" in count, count
    assert "200 of 500 rows" in page.run("document.querySelector('#map').textContent")
    assert "2 largest of 7 sets" in page.run("document.querySelector('#sets').textContent")


def sorts(page):
    page.click(header("Score") + ".querySelector('button')")
    equal(page.run(header("Score") + ".getAttribute('aria-sort')"), "ascending")
    scores = page.run(SCORES)
    equal(scores, sorted(scores))
    assert len(set(scores)) > 10, scores
    page.click(header("Score") + ".querySelector('button')")
    equal(page.run(header("Score") + ".getAttribute('aria-sort')"), "descending")
    equal(page.run(SCORES), sorted(scores, reverse=True))
    page.click(header("Row") + ".querySelector('button')")
    equal(page.run(header("Score") + ".getAttribute('aria-sort')"), "none")
    rows = page.run(ROWS + ".map((row) => Number(row.querySelector('th').textContent))")
    equal(rows, list(range(20)))


def sorts_by_keyboard(page):
    page.run(header("Row") + ".querySelector('button').focus()")
    page.press("Enter")
    equal(page.run(header("Row") + ".getAttribute('aria-sort')"), "descending")
    assert page.run("%s.closest('th') === %s" % (FOCUS, header("Row"))), "the focus stays on the header"
    page.press(" ")
    equal(page.run(header("Row") + ".getAttribute('aria-sort')"), "ascending")


def filters(page):
    page.click(TABLE + ".querySelector('input[type=search]')")
    page.type("GNP.EXE")
    shown = page.run(ROWS + ".length")
    assert 0 < shown < 20, shown
    assert "%d of 20 rows match" % shown in page.run("%s.querySelector('.count').textContent" % TABLE)
    page.type("no such text")
    equal(page.run("%s.querySelector('tbody').textContent" % TABLE), "No row matches.")
    page.run("(() => { const box = %s.querySelector('input[type=search]'); box.value = ''; box.dispatchEvent(new Event('input')); })()" % TABLE)
    equal(page.run(ROWS + ".length"), 20)


def toggles_issues_and_columns(page):
    page.click(box_named("Issues only"))
    equal(page.run(ROWS + ".length"), 12)
    assert page.run(ROWS + ".every((row) => row.classList.contains('issue'))")
    page.click(box_named("Issues only"))
    equal(page.run(ROWS + ".length"), 20)
    few = page.run("%s.querySelectorAll('thead th').length" % TABLE)
    page.click(box_named("columns"))
    many = page.run("%s.querySelectorAll('thead th').length" % TABLE)
    assert many > few, (few, many)
    equal(page.run(ROWS + "[0].children.length"), many)
    page.click(box_named("columns"))
    equal(page.run("%s.querySelectorAll('thead th').length" % TABLE), few)


def unfolds_long_text(page):
    # The text of ten thousand characters is in some cell of the page.
    more = "document.querySelector('.long .more')"
    page.click(more)
    equal(page.run(more + ".getAttribute('aria-expanded')"), "true")
    equal(page.run("document.querySelector('.long .folded') === %s.previousSibling" % more), False)


def point_on_map(page):
    """The place of the first point of the first group that is drawn."""
    page.place_of(MAP)
    return page.run(
        "(() => { const box = %s.getBoundingClientRect();"
        "const [x, y] = %s.querySelector('path.points[d]:not([d=\"\"])').getAttribute('d').match(/-?[0-9.]+/g).map(Number);"
        "return [box.x + x + 3, box.y + y]; })()" % (MAP, MAP)
    )


def map_shows_rows_under_the_pointer(page):
    equal(page.run(CARD + ".hidden"), True)
    page.hover(*point_on_map(page))
    equal(page.run(CARD + ".hidden"), False)
    assert page.run(CARD + ".textContent").startswith("Row "), page.run(CARD + ".textContent")
    page.hover(2, 2)
    equal(page.run(CARD + ".hidden"), True)


def map_legend_toggles(page):
    toggle = "document.querySelector('.legend .toggle')"
    drawn = "%s.querySelector('path[data-group=\"0\"]').getAttribute('d').length" % MAP
    rings = "%s.querySelector('path.rings').getAttribute('d').length" % MAP
    mark = "document.querySelector('[aria-label=\"Marked issues\"] .toggle')"
    before, rings_before = page.run(drawn), page.run(rings)
    assert before > 0 and rings_before > 0
    page.click(toggle)
    equal((page.run(drawn), page.run(toggle + ".getAttribute('aria-pressed')")), (0, "false"))
    page.click(toggle)
    equal((page.run(drawn), page.run(toggle + ".getAttribute('aria-pressed')")), (before, "true"))
    page.click(mark)
    assert page.run(rings) < rings_before
    page.click(mark)
    equal(page.run(rings), rings_before)


def map_goes_by_keyboard(page):
    page.run(MAP + ".focus()")
    page.press("Home")
    first = page.run(CARD + ".querySelector('strong').textContent")
    seen = {first}
    for key in ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight"]:
        page.press(key)
        seen.add(page.run(CARD + ".querySelector('strong').textContent"))
    assert len(seen) > 2, seen
    page.press("Escape")
    equal(page.run(CARD + ".hidden"), True)


def heat_map_tells_values(page):
    about = "document.querySelector('.joint .readout').textContent"
    cell = "document.querySelector('.heat td.wrong')"
    page.hover(*page.place_of(cell))
    assert "but of class" in page.run(about), page.run(about)
    page.run("document.querySelector('.heat td[tabindex=\"0\"]').focus()")
    assert "rightly" in page.run(about), page.run(about)
    page.press("ArrowRight")
    assert "but of class" in page.run(about), page.run(about)
    page.press("ArrowDown")
    assert "rightly" in page.run(about), page.run(about)


def histogram_tells_counts(page):
    about = "document.querySelector('#check-0 .histogram .readout').textContent"
    page.hover(*page.place_of("document.querySelector('#check-0 .bin')"))
    equal(page.run(about), "Score 0 to 0.25: 90 with the issue, 0 without.")
    page.run("document.querySelector('#check-0 .plot').focus()")
    page.press("End")
    equal(page.run(about), "Score 0.75 to 1: 0 with the issue, 180 without.")
    page.press("ArrowLeft")
    equal(page.run(about), "Score 0.5 to 0.75: 0 with the issue, 180 without.")
    equal(page.run("document.querySelectorAll('#check-0 .threshold').length"), 1)


def tabs_through_the_page(page):
    page.run("(() => { document.activeElement.blur(); scrollTo(0, 0); })()")
    page.run("getSelection().removeAllRanges()")
    # From the top again: focus starts where the document does.
    page.run("(() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); })()")
    page.press("Tab")
    equal(page.run(FOCUS + ".className"), "skip")
    assert page.run(FOCUS + ".getBoundingClientRect().top >= 0"), "the skip link comes into view"
    page.press("Enter")
    equal(page.run(FOCUS + ".id"), "main")
    reached, kinds = 0, set()
    for _ in range(60):
        page.press("Tab")
        if page.run(FOCUS + " === document.body"):
            break
        reached += 1
        kinds.add(page.run(FOCUS + ".matches('svg.map') ? 'map' : %s.tagName.toLowerCase()" % FOCUS))
        outline = page.run("getComputedStyle(%s).outlineStyle" % FOCUS)
        assert outline != "none", page.run(FOCUS + ".outerHTML.slice(0, 200)")
    assert reached > 40 and {"button", "a", "map"} <= kinds, (reached, kinds)


def theme_follows_the_reader(page):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.run(ground)
    page.media("dark")
    dark = page.run(ground)
    assert light != dark
    page.click("document.querySelector('.theme')")
    equal(page.run(ground), light)
    page.click("document.querySelector('.theme')")
    equal(page.run(ground), dark)
    page.media("light")
    equal(page.run(ground), dark)
    page.click("document.querySelector('.theme')")
    equal(page.run(ground), light)


# The ratio of every text to what is behind it, by the definition of WCAG 2.
CONTRAST = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = rgba(getComputedStyle(node).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const poor = {};
  let seen = 0;
  for (const node of document.querySelectorAll('body *')) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())) continue;
    if (node.closest('script, noscript, .unseen') || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const [text, ground] = [light(rgba(node.closest('svg') ? style.fill : style.color)), light(behind(node))];
    const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    seen += 1;
    if (ratio < 4.5) poor[`${node.tagName}.${node.getAttribute('class')} ${node.textContent.slice(0, 20)}`] = ratio.toFixed(2);
  }
  return { seen, poor };
})()
"""


def contrast_is_enough(page):
    for scheme in ["light", "dark"]:
        page.run("delete document.documentElement.dataset.theme")
        page.media(scheme)
        result = page.run(CONTRAST)
        assert result["seen"] > 200, result["seen"]
        equal(result["poor"], {})
    page.media("light")


def fits_every_width(page):
    for width in [320, 390, 768, 1280]:
        page.size(width)
        equal(page.run("document.documentElement.scrollWidth <= innerWidth"), True)
        assert page.run(MAP + ".getBoundingClientRect().width <= innerWidth")
    page.size(1280)


def prints_everything(page):
    page.media(kind="print")
    equal(page.run("getComputedStyle(document.querySelector('nav')).display"), "none")
    clipped = (
        "[...document.querySelectorAll('.scroll')].filter((box) => getComputedStyle(box).overflowY !== 'visible'"
        " || getComputedStyle(box).maxHeight !== 'none').length"
    )
    equal(page.run(clipped), 0)
    equal(page.run("[...document.querySelectorAll('.folded')].filter((box) => getComputedStyle(box).display !== 'block').length"), 0)
    page.media()
    assert len(page.call("Page.printToPDF", printBackground=True)["data"]) > 20_000


def policy_is_in_force(page):
    """Last, because what the policy stops is told on the console."""
    stopped = page.run(
        """
        (async () => {
          const stopped = [];
          addEventListener('securitypolicyviolation', (event) => stopped.push(event.effectiveDirective));
          const script = document.createElement('script');
          script.textContent = 'window.hostile = 1';
          document.body.append(script);
          const far = document.createElement('script');
          far.src = 'data:text/javascript,window.hostile=2';
          document.body.append(far);
          const box = document.createElement('div');
          box.setAttribute('onclick', 'window.hostile = 3');
          document.body.append(box);
          box.click();
          box.setAttribute('style', 'color: red');
          const image = new Image();
          image.src = 'http://127.0.0.1:9/picture.png';
          document.body.append(image);
          const frame = document.createElement('iframe');
          frame.src = 'data:text/html,text';
          document.body.append(frame);
          await fetch('http://127.0.0.1:9/').catch(() => {});
          try { (0, eval)('window.hostile = 4'); } catch { stopped.push('eval'); }
          await new Promise((done) => setTimeout(done, 200));
          return [...new Set(stopped)];
        })()
        """
    )
    equal(page.run("typeof window.hostile"), "undefined")
    for directive in ["script-src-elem", "script-src-attr", "style-src-attr", "img-src", "frame-src", "connect-src", "eval"]:
        assert directive in stopped, (directive, stopped)


HOSTILE_CHECKS = [
    no_hostile_text_ran,
    hostile_text_is_text,
    failed_checks_are_loud,
    says_what_it_leaves_out,
    sorts,
    sorts_by_keyboard,
    filters,
    toggles_issues_and_columns,
    unfolds_long_text,
    map_shows_rows_under_the_pointer,
    map_legend_toggles,
    map_goes_by_keyboard,
    heat_map_tells_values,
    histogram_tells_counts,
    tabs_through_the_page,
    theme_follows_the_reader,
    contrast_is_enough,
    fits_every_width,
    prints_everything,
    no_hostile_text_ran,
]


def main(program, hostile, large):
    page = Chromium(program)
    failures = []
    n_checks = 0

    def check(what, name):
        nonlocal n_checks
        n_checks += 1
        try:
            what()
            print("  ok    " + name, flush=True)
        except (AssertionError, RuntimeError) as error:
            failures.append(name)
            print("  FAIL  %s: %s" % (name, error), flush=True)

    def nothing_on_the_console():
        equal(complaints(page), [])

    try:
        version = page.version()
        page.media()
        page.size(1280)
        page.open(hostile)
        for what in HOSTILE_CHECKS:
            check(lambda: what(page), what.__name__.replace("_", " "))
        check(nothing_on_the_console, "no error on the console, no request to anywhere")
        check(lambda: policy_is_in_force(page), "policy is in force")
        page.open(large)
        check(lambda: fits_every_width(page), "50,000 rows: fits every width")
        check(nothing_on_the_console, "50,000 rows: no error on the console, no request to anywhere")
    finally:
        page.close()
    if failures:
        sys.exit("browser: %d of %d checks FAILED in %s" % (len(failures), n_checks, version))
    print("browser: all %d checks passed in %s" % (n_checks, version))


if __name__ == "__main__":
    main(*sys.argv[1:])
