"""Gives cleanlab and cleanlab_rs the same random calls and compares all that can be seen of them.

    python crates/python/parity --cases 2000 --seed 0            the long run
    python crates/python/parity --seed 0 --first 417 --cases 1   one call again
    python crates/python/parity --only datalab --cases 100       calls whose names match

Compared are results (types, dtypes, names and indices too; masks, counts and rankings exactly, floats within 1e-12),
classes of exceptions, categories of warnings, what is printed, that inputs are as they were, and that NumPy's global
generator is left where cleanlab leaves it. Differences that are meant are in `listed_differences.toml`; each is counted.
"""

import argparse
import copy
import importlib
import os
import pathlib
import re
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")

import numpy as np  # noqa: E402

import calls_class_labels  # noqa: E402, F401
import calls_datalab  # noqa: E402, F401
import calls_features  # noqa: E402, F401
import calls_internals  # noqa: E402, F401
import calls_models  # noqa: E402, F401
import calls_multilabel  # noqa: E402, F401
import calls_regression  # noqa: E402, F401
import covered  # noqa: E402
import listed  # noqa: E402
import sides  # noqa: E402
import spoiling  # noqa: E402
from cases import MAKERS, OURS, THEIRS, script  # noqa: E402
from comparing import Comparison, first_printed_difference  # noqa: E402


class Tally:
    """What was found of the calls of one name."""

    def __init__(self):
        self.calls = self.answered = self.refused = self.listed = self.mismatches = 0
        self.largest_error = 0.0


def make(number, seed, makers):
    rng = np.random.default_rng([seed, number])
    case = makers[number % len(makers)](rng)
    case.seed = int(rng.integers(0, 2**31))
    return spoiling.vary(case, rng)


def differences(case, ours_is=OURS):
    """Both outcomes, and all that differs between them."""
    there = sides.run(case, THEIRS)
    here = sides.run(case, ours_is)
    found = []
    comparison = Comparison(case.tolerance)
    if there.error is not None or here.error is not None:
        names = [type(outcome.error).__name__ if outcome.error is not None else "" for outcome in (there, here)]
        if names[0] != names[1]:
            found.append(f"raises {told(here)} in place of {told(there)}")
    else:
        comparison.compare(there.result, here.result)
        if comparison.differences and case.ranking is not None:
            with sides.as_documented():
                agrees = case.ranking(case, there.result, here.result)
            comparison.differences = [] if agrees else comparison.differences
        found += comparison.differences
        printed = first_printed_difference(there.printed, here.printed) if case.prints else ""
        found += [printed] * bool(printed)
    if there.warnings != here.warnings and there.error is None:
        found.append(f"warns {sorted(here.warnings)} in place of {sorted(there.warnings)}")
    if there.random != here.random and there.error is None and here.error is None:
        found.append("leaves NumPy's global generator in another state")
    if here.changed and ours_is == OURS:
        found.append(f"changes its input: {here.changed[0]}")
    return there, here, found, comparison.largest_error


def heads(found):
    """The kinds of what was found, without the numbers in it."""
    return sorted({re.sub(r"\(.*|\d.*|:.*", "", words) for words in found})


def told(outcome):
    if outcome.error is None:
        return "nothing"
    return f"{type(outcome.error).__name__} ({' '.join(str(outcome.error).split())[:160]})"


def smaller(case, ours_is, found_before):
    """A case with fewer rows that still differs in the same way, as far as halving leads."""
    wanted = heads(found_before)
    while True:
        lengths = [len(value) for value in case.inputs.values() if hasattr(value, "__len__") and not isinstance(value, (str, dict))]
        n = max(lengths, default=0)
        if n < 4 or lengths.count(n) < 1:
            return case
        for part in (slice(0, n // 2), slice(n // 2, n), slice(0, n - 1)):
            try:
                inputs = {name: cut(value, n, part) for name, value in case.inputs.items()}
                other = copy.copy(case)
                other.inputs = inputs
                found = differences(other, ours_is)[2]
            except Exception:  # noqa: BLE001  (whatever cannot be cut stays as it is)
                continue
            if found and heads(found) == wanted:
                case = other
                break
        else:
            return case


def cut(value, n, part):
    if not hasattr(value, "__len__") or isinstance(value, (str, dict)) or len(value) != n:
        return value
    if getattr(value, "ndim", 1) == 2 and value.shape[0] == value.shape[1]:
        raise ValueError("a graph or a matrix of classes is not cut")
    return value.iloc[part] if hasattr(value, "iloc") else value[part]


def report_mismatch(number, arguments, case, found):
    print(f"\nMISMATCH in call {number}: {case.name}{f' ({case.notes})' if case.notes else ''}")
    for words in found:
        print(f"  {words}")
    small = smaller(case, arguments.ours, found) if arguments.shrink else case
    text = script(small, arguments.ours)
    if len(text) > 6000:
        text = f"{text[:1500]}\n… {len(text)} characters"
    print("  as a script:\n    " + text.replace("\n", "\n    "))
    print(f"  again: python crates/python/parity --seed {arguments.seed} --first {number} --cases 1"
          + (f" --only '{arguments.only}'" if arguments.only else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000, help="how many calls")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same calls")
    parser.add_argument("--first", type=int, default=0, help="number of the first call")
    parser.add_argument("--only", default="", help="only calls whose names match this regular expression")
    parser.add_argument("--ours", default=OURS, help="the package that is compared; cleanlab itself tests this program")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false", help="print failing calls as they were drawn")
    parser.add_argument("--most", type=int, default=20, help="print at most so many mismatches")
    arguments = parser.parse_args()
    importlib.import_module(arguments.ours)  # not to be there at all would be two thousand mismatches
    makers = [maker for maker in MAKERS if any(re.search(arguments.only, name) for name in maker.names)]
    if not makers:
        parser.error(f"no call has {arguments.only!r} in its name")
    print(f"parity: {arguments.cases} calls, seed {arguments.seed}, cleanlab {sides.VERSION}", flush=True)
    tallies, rules, printed, start = {}, {}, 0, time.monotonic()
    for number in range(arguments.first, arguments.first + arguments.cases):
        case = make(number, arguments.seed, makers)
        tally = tallies.setdefault(case.name, Tally())
        there, here, found, error = differences(case, arguments.ours)
        tally.calls += 1
        tally.answered += there.error is None
        tally.refused += there.error is not None
        rule = listed.rule(case, there, here, found) if found else None
        if rule:
            tally.listed += 1
            rules[rule] = rules.get(rule, 0) + 1
        elif found:
            tally.mismatches += 1
            printed += 1
            if printed <= arguments.most:
                report_mismatch(number, arguments, case, found)
                sys.stdout.flush()
        else:
            tally.largest_error = max(tally.largest_error, error)
    summarise(arguments, tallies, rules, time.monotonic() - start)
    uncalled = [] if arguments.only else list(covered.uncovered())
    for name in uncalled:
        print(f"parity: nothing calls {name}")
    return 1 if uncalled or any(tally.mismatches for tally in tallies.values()) else 0


def summarise(arguments, tallies, rules, seconds):
    print(f"\n{'function':<66} {'calls':>6} {'answered':>9} {'refused':>8} {'listed':>7} {'mismatches':>11} {'largest error':>14}")
    for name, tally in sorted(tallies.items()):
        print(f"{name:<66} {tally.calls:>6} {tally.answered:>9} {tally.refused:>8} {tally.listed:>7} "
              f"{tally.mismatches:>11} {tally.largest_error:>14.1e}")
    for rule, count in sorted(rules.items(), key=lambda entry: -entry[1]):
        print(f"listed {count:>5} times: {rule}")
    called = sum(tally.calls for tally in tallies.values())
    wrong = sum(tally.mismatches for tally in tallies.values())
    print(f"\nparity: {called} calls of {len(tallies)} functions and classes, seed {arguments.seed}, "
          f"{wrong} mismatches, {seconds:.0f} s")


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    sys.exit(main())
