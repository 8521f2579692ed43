"""Runs the scripts beside this file as a notebook would and compares what they print with what cleanlab prints.

    python run_examples.py                         # every script: print nothing but what differs
    python run_examples.py --show workflows        # print what a script prints
    python run_examples.py --record                # write expected/ anew; needs cleanlab 2.9.0

A script is a series of cells that start with `# %%`. The value of a cell's last line is shown, as in a notebook. With
`--record` the same scripts run with the package `cleanlab` in place of `cleanlab_rs`; its sorts are made stable, as
their order of equal values is otherwise that of the processor. Plots are drawn without a window and not compared.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import io
import os
import pathlib
import re
import sys
import types
import warnings
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = HERE / "expected"
SCRIPTS = ("datalab_quickstart", "multilabel_quickstart", "workflows")
# What cleanlab prints and is not meant to be printed here, by script.
MEANT = {
    "datalab_quickstart": {
        # The third worst group, as each group is compared with the score of the worst so far; here it is the worst one.
        "6  underperforming_group  0.926818           0": "6  underperforming_group  0.890169           0",
    },
}
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d*)?(?:e[+-]?\d+)?", re.IGNORECASE)
# The optimisers of other versions of scikit-learn stop elsewhere; labels, ranks and counts do not depend on it.
TOLERANCE = 1e-4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scripts", nargs="*", default=SCRIPTS, help=f"of {', '.join(SCRIPTS)}; by default all")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--show", action="store_true", help="print what the scripts print")
    action.add_argument("--record", action="store_true", help="write expected/ by cleanlab 2.9.0")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ["MPLBACKEND"] = "Agg"
    if arguments.record:
        make_cleanlab_stable()
    if not can_import("matplotlib"):
        leave_out_plots()
    failed = 0
    for name in arguments.scripts:
        package = "cleanlab" if arguments.record else "cleanlab_rs"
        printed = run((HERE / f"{name}.py").read_text(encoding="utf-8").replace("cleanlab_rs", package), name)
        if arguments.show:
            print(printed, end="")
        elif arguments.record:
            (EXPECTED / f"{name}.txt").write_text(printed, encoding="utf-8")
        else:
            recorded = (EXPECTED / f"{name}.txt").read_text(encoding="utf-8").splitlines()
            expected = [MEANT.get(name, {}).get(line, line) for line in recorded]
            differences = compare(expected, printed.splitlines())
            print(f"{name}: {len(differences)} lines differ" if differences else f"{name}: as expected")
            print("".join(f"  {line}\n" for line in differences), end="")
            failed += bool(differences)
    return 1 if failed else 0


def run(source: str, name: str) -> str:
    """What the cells of `source` print and show."""
    module = types.ModuleType("__main__")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), wide_tables():
        for number, cell in enumerate(source.split("# %%\n")[1:], start=1):
            tree = ast.parse(cell)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            place = f"<{name}.py, cell {number}>"
            exec(compile(tree, place, "exec"), module.__dict__)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), place, "eval"), module.__dict__)
                if value is not None:
                    print(repr(value))
    return printed.getvalue()


@contextlib.contextmanager
def wide_tables():
    """Has tables printed whole, as in a notebook."""
    import numpy
    import pandas

    with (
        pandas.option_context("display.width", 1000, "display.max_columns", None, "display.max_colwidth", None),
        numpy.printoptions(linewidth=75),
    ):
        yield


def compare(expected: list[str], printed: list[str]) -> list[str]:
    """Lines that differ by more than rounding, marked as in a diff."""
    matcher = difflib.SequenceMatcher(a=expected, b=printed, autojunk=False)
    differences = []
    for kind, start, stop, new_start, new_stop in matcher.get_opcodes():
        if kind == "equal":
            continue
        old, new = expected[start:stop], printed[new_start:new_stop]
        if len(old) == len(new) and all(map(close, old, new)):
            continue
        differences += [f"- {line}" for line in old] + [f"+ {line}" for line in new]
    return differences


def close(expected: str, printed: str) -> bool:
    """Whether two lines have the same words, the same whole numbers, and nearly the same others."""
    if " ".join(NUMBER.sub("0", expected).split()) != " ".join(NUMBER.sub("0", printed).split()):
        return False
    for old, new in zip(NUMBER.findall(expected), NUMBER.findall(printed)):
        if old.isdigit() and old != new:
            return False
        if abs(float(old) - float(new)) > TOLERANCE * max(abs(float(old)), 1e-2):
            return False
    return True


def can_import(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def leave_out_plots() -> None:
    """Puts something in matplotlib's place that takes every call."""
    plots = mock.MagicMock()
    plots.subplots.return_value = mock.MagicMock(), mock.MagicMock()
    sys.modules["matplotlib"] = mock.MagicMock(pyplot=plots)
    sys.modules["matplotlib.pyplot"] = plots


def make_cleanlab_stable() -> None:
    """Has NumPy and pandas sort stably, and checks the version that is recorded."""
    import numpy
    import pandas

    argsort, sort_values = numpy.argsort, pandas.DataFrame.sort_values

    def stable_argsort(a, axis=-1, kind=None, order=None, **options):
        return argsort(a, axis=axis, kind="stable", order=order)

    def stable_sort_values(self, by, **options):
        return sort_values(self, by, **{**options, "kind": "stable"})

    numpy.argsort, pandas.DataFrame.sort_values = stable_argsort, stable_sort_values
    import cleanlab

    if cleanlab.__version__ != "2.9.0":
        raise SystemExit(f"cleanlab 2.9.0 is to be recorded, and {cleanlab.__version__} is installed")


if __name__ == "__main__":
    sys.exit(main())
