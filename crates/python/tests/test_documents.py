"""The Python code in the documents runs, and what it asserts is true."""

from __future__ import annotations

import pathlib
import re

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("datasets")

ROOT = pathlib.Path(__file__).resolve().parents[3]
DOCUMENTS = ["crates/python/README.md", "docs/COMING_FROM_CLEANLAB.md"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_code_of_document_runs(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    assert blocks
    names: dict = {}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"{document}, block {number}", "exec"), names)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_document_lead_somewhere(document):
    path = ROOT / document
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
