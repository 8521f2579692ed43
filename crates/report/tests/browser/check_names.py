"""Opens pages whose every name would like to be a script, and uses all that they have to use.

    python3 check_names.py CHROMIUM FOLDER

The folder holds the pages and `pages.json`; `cargo xtask trust hostile-text` makes both.
"""

import json
import os
import sys

from check_page import complaints, equal, no_hostile_text_ran, policy_is_in_force
from chromium import Chromium

# Presses every button, types into every field, and puts the pointer and the focus on whatever answers to them.
USE_ALL = """
(() => {
  let used = 0;
  for (const button of document.querySelectorAll('button')) { button.click(); used += 1; }
  for (const field of document.querySelectorAll('input')) {
    if (field.type === 'checkbox') { field.click(); } else { field.value = '<'; }
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    used += 1;
  }
  for (const element of document.querySelectorAll('[tabindex], td, .bin, svg')) {
    for (const kind of ['pointerenter', 'pointermove', 'mouseover', 'mousemove', 'focus', 'click']) {
      element.dispatchEvent(new MouseEvent(kind, { bubbles: true, clientX: 5, clientY: 5 }));
    }
    used += 1;
  }
  return used;
})()
"""
# Text of the page that a reader sees, without that of scripts.
RAW = "/[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]/"
TEXT = "[...document.querySelectorAll('body *:not(script)')].map((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('')).join('')"


def is_harmless(page):
    no_hostile_text_ran(page)
    equal(page.run("%s.test(%s)" % (RAW, TEXT)), False)
    equal(complaints(page), [])


def main(program, folder):
    with open(os.path.join(folder, "pages.json")) as file:
        about = json.load(file)
    used = 0
    # A browser for some pages at a time: each has its time limit.
    for start in range(0, len(about["pages"]), 4):
        page = Chromium(program)
        try:
            for part in about["pages"][start : start + 4]:
                page.open(os.path.join(folder, part["page"]))
                try:
                    is_harmless(page)
                    used += page.run(USE_ALL)
                    page.frame()
                    is_harmless(page)
                    assert page.run("document.querySelector('main').textContent.length") > 1000, "the page is empty"
                    policy_is_in_force(page)
                except AssertionError as error:
                    sys.exit("%s: %s" % (part["page"], error))
        finally:
            page.close()
    assert used > 100 * len(about["pages"]), used
    print("pages: %d names harmless on %d pages, after %d uses" % (about["names"], len(about["pages"]), used))


if __name__ == "__main__":
    main(*sys.argv[1:])
