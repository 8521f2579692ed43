"""The scripts of examples/python print what cleanlab prints."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "examples" / "python"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "run_examples")


@pytest.mark.parametrize("script", SCRIPTS)
def test_example_prints_what_cleanlab_prints(script):
    pytest.importorskip("datasets")
    pytest.importorskip("sklearn")
    command = [sys.executable, str(FOLDER / "run_examples.py"), script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_examples_differ_from_cleanlabs_scripts_in_the_import_alone():
    for script in SCRIPTS:
        for line in (FOLDER / f"{script}.py").read_text(encoding="utf-8").splitlines():
            if "cleanlab_rs" in line:
                assert line.startswith(("import cleanlab_rs as cleanlab", "from cleanlab_rs"))
