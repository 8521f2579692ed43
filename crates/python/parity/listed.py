"""The differences that are meant: `listed_differences.toml`.

Each rule has a regular expression for the name of the call (`call`), its lines (`code`), how it was varied (`notes`) or
the lines that did so (`prelude`), wherever that matters; and for each side what it does: an exception with a
part of its message as `"IndexError"` or `"IndexError: out of bounds"`, `"answers"`, or `"NaN"` for an answer that is
not finite; a list has several of them. A rule with `differs` is for answers on both sides: every difference has to match that expression.
"""

import pathlib
import re
import tomllib

import numpy as np
import pandas as pd

RULES = tomllib.loads(pathlib.Path(__file__).with_name("listed_differences.toml").read_text()).get("rule", [])


def is_finite(value):
    """Whether every float within an answer is a number."""
    if isinstance(value, dict):
        return all(map(is_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(is_finite, value))
    if isinstance(value, pd.DataFrame):
        return all(is_finite(value.iloc[:, at].to_numpy()) for at in range(value.shape[1]))
    if isinstance(value, (np.ndarray, float, np.floating)):
        array = np.asarray(value)
        return array.dtype.kind != "f" or bool(np.isfinite(array).all())
    return True


def does(outcome, wanted):
    if isinstance(wanted, list):
        return any(does(outcome, one) for one in wanted)
    if wanted == "answers":
        return outcome.error is None
    if wanted == "NaN":
        return outcome.error is None and not is_finite(outcome.result)
    names, _, message = wanted.partition(": ")
    kinds = {kind.__name__ for kind in type(outcome.error).__mro__}
    if outcome.error is None or not kinds & set(names.split("|")):
        return False
    return re.search(message, str(outcome.error)) is not None


def rule(case, there, here, found):
    """The reason of the rule that lists all that was found, or None."""
    for entry in RULES:
        if not re.search(entry.get("call", ""), case.name):
            continue
        if "notes" in entry and not re.search(entry["notes"], case.notes):
            continue
        if "prelude" in entry and not re.search(entry["prelude"], case.prelude):
            continue
        if "code" in entry and not re.search(entry["code"], case.code):
            continue
        if "differs" in entry:
            if all(re.search(entry["differs"], words) for words in found if words != "…"):
                return entry["why"]
        elif does(there, entry["cleanlab"]) and does(here, entry["here"]):
            return entry["why"]
    return None
