"""Variations of a call: the same data in another form, and calls that a user gets wrong.

Both are lines of code before the call, or other words in it, so that they can be read in a printed case.
"""

import copy
import re

import numpy as np
import pandas as pd

from cases import write_call
from random_data import chance, pick

# The same data in another form, by the kind of the argument. {0} is its name.
FORMS = {
    "labels": [
        "{0} = {0}.tolist()",
        "{0} = tuple({0}.tolist())",
        "{0} = pd.Series({0})",
        "{0} = pd.Series({0}, index=np.arange(len({0}))[::-1] + 100)",
        "{0} = {0}.astype(np.int32)",
        "{0} = {0}.astype(np.uint8)",
        "{0} = {0}.astype(np.int16)",
        "{0} = np.repeat({0}, 2)[::2]",
        "{0} = {0}[::-1].copy()[::-1]",
        "{0}.flags.writeable = False",
    ],
    "matrix": [
        "{0} = np.asfortranarray({0})",
        "{0} = {0}[::-1].copy()[::-1]",
        "{0} = np.repeat({0}, 2, axis=1)[:, ::2]",
        "{0} = np.repeat({0}, 2, axis=0)[::2]",
        "{0}.flags.writeable = False",
        "{0} = {0}.astype(np.float32)",
    ],
    "table": [
        "{0} = np.asfortranarray({0})",
        "{0} = np.repeat({0}, 2, axis=1)[:, ::2]",
        "{0}.flags.writeable = False",
    ],
    "numbers": [
        "{0} = {0}.tolist()",
        "{0} = pd.Series({0})",
        "{0} = np.repeat({0}, 2)[::2]",
        "{0}.flags.writeable = False",
    ],
}

# What users get wrong.
SPOILED = {
    "labels": [
        "{0} = {0}[:-1]",
        "{0} = {0}[:0]",
        "{0} = {0}.copy(); {0}[0] = -1",
        "{0} = {0}.copy(); {0}[0] = 99",
        "{0} = {0}.astype(float)",
        "{0} = {0} + 0.5",
        "{0} = np.where(np.arange(len({0})) == 1, np.nan, {0})",
        "{0} = np.array([f'class {{x}}' for x in {0}])",
        "{0} = {0}.astype(object)",
        "{0} = {0}[:, None]",
        "{0} = np.stack([{0}, {0}])",
        "{0} = None",
        "{0} = 3",
        "{0} = {0} * 0",
        "{0} = {0} + 1",
        "{0} = {0} > 0",
        "{0} = {{at: value for at, value in enumerate({0})}}",
        "{0} = 'labels'",
    ],
    "matrix": [
        "{0} = {0}[:-1]",
        "{0} = {0}[:0]",
        "{0} = {0}[:, :1]",
        "{0} = {0}[:, 0]",
        "{0} = {0}[:, :, None]",
        "{0} = {0}.copy(); {0}[0, 0] = np.nan",
        "{0} = {0}.copy(); {0}[0, 0] = np.inf",
        "{0} = {0}.copy(); {0}[0, 0] = 1.5",
        "{0} = {0}.copy(); {0}[0, -1] = -0.5",
        "{0} = {0} * 100",
        "{0} = {0}.tolist()",
        "{0} = pd.DataFrame({0})",
        "{0} = {0}.astype(str)",
        "{0} = {0}.astype(object)",
        "{0} = ({0} > 0.5).astype(int)",
        "{0} = {0}.astype(complex)",
        "{0} = None",
        "{0} = 0.5",
    ],
    "table": [
        "{0} = {0}[:-1]",
        "{0} = {0}[:1]",
        "{0} = {0}[:0]",
        "{0} = {0}[:, 0]",
        "{0} = {0}.copy(); {0}[0, 0] = np.nan",
        "{0} = {0}.copy(); {0}[0, 0] = np.inf",
        "{0} = {0}.astype(str)",
        "{0} = {0}[:, :, None]",
        "{0} = None",
        "{0} = 'features'",
    ],
    "numbers": [
        "{0} = {0}[:-1]",
        "{0} = {0}[:0]",
        "{0} = {0}.copy(); {0}[0] = np.nan",
        "{0} = {0}.copy(); {0}[0] = np.inf",
        "{0} = {0}[:, None]",
        "{0} = np.stack([{0}, {0}])",
        "{0} = {0}.astype(str)",
        "{0} = None",
        "{0} = -{0}",
    ],
    "sets": [
        "{0} = {0}[:-1]",
        "{0} = []",
        "{0} = [row + [99] for row in {0}]",
        "{0} = [[-1] + row for row in {0}]",
        "{0} = [row + row for row in {0}]",
        "{0} = [[] for row in {0}]",
        "{0} = [row[0] if row else 0 for row in {0}]",
        "{0} = [[str(label) for label in row] for row in {0}]",
        "{0} = [[label + 0.5 for label in row] for row in {0}]",
        "{0} = np.array([len(row) for row in {0}])",
        "{0} = None",
        "{0} = 'labels'",
    ],
    "graph": [
        "{0} = {0}[:-1]",
        "{0} = {0}.toarray()",
        "{0} = {0}.copy(); {0}.data[0] = np.nan",
        "{0} = {0}.copy(); {0}.data[0] = -1.0",
        "{0} = {0}.copy(); {0}.data[:] = {0}.data[::-1]",
        "{0} = None",
        "{0} = 'graph'",
    ],
}

KINDS = {
    "labels": "labels",
    "true_labels": "labels",
    "y": "numbers",
    "pred_probs": "matrix",
    "features": "table",
    "X": "table",
    "predictions": "numbers",
    "scores": "numbers",
    "quality_scores": "numbers",
    "confident_joint": "matrix",
    "joint": "matrix",
    "noise_matrix": "matrix",
    "inverse_noise_matrix": "matrix",
    "py": "numbers",
    "ps": "numbers",
    "thresholds": "numbers",
    "label_sets": "sets",
    "knn_graph": "graph",
}

WRONG_WORDS = ["None", "'nonsense'", "-1", "0", "1e9", "float('nan')", "[]", "{}", "True", "object()", "[1, 2]"]


def kinds(case):
    """The arguments that can be varied, with their kinds."""
    found = {}
    for name, value in case.inputs.items():
        kind = KINDS.get(name)
        if isinstance(value, list) and value and isinstance(value[0], list):
            kind = "sets"
        elif not isinstance(value, np.ndarray) or (kind in ("matrix", "table") and value.ndim != 2):
            continue
        elif kind == "numbers" and value.ndim != 1:
            continue
        elif kind == "labels" and (value.dtype.kind not in "iu" or value.ndim != 1):
            kind = "numbers" if value.dtype.kind == "f" else None
        if kind:
            found[name] = kind
    return found


def vary(case, rng):
    """The case as it is, in another form, or spoiled; and how in its notes."""
    turn = rng.random()
    if turn < 0.45:
        return case
    found = kinds(case)
    case = reformed(case, found, rng) if turn < 0.65 else spoiled(case, found, rng)
    try:
        exec(case.prelude, {"np": np, "pd": pd, **copy.deepcopy(case.inputs)})
    except (ValueError, TypeError, OverflowError):  # such as NaN in an array of integers
        case.prelude = ""
    return case


def reformed(case, found, rng):
    lines = []
    for name, kind in found.items():
        forms = FORMS.get(kind)
        if forms and chance(rng, 0.6) and isinstance(case.inputs[name], np.ndarray):
            lines.append(pick(rng, forms).format(name))
    case.prelude = "\n".join(lines)
    case.notes = "another form" if lines else ""
    if "float32" in case.prelude:
        case.prints = False
    return case


def spoiled(case, found, rng):
    # Messages differ, and what cleanlab prints or warns before it gives up says nothing.
    case.valid, case.notes, case.prints = False, "spoiled", False
    ways = ["argument"] * 3 * bool(found) + ["word", "unknown", "dropped"] * bool(case.words)
    if not ways:
        return case
    way = pick(rng, ways)
    if way == "argument":
        name = pick(rng, list(found))
        case.prelude = pick(rng, SPOILED[found[name]]).format(name)
    elif way == "unknown":
        case.words.append("nonsense=1")
        write_call(case)
    elif way == "dropped":
        case.words.pop(int(rng.integers(0, len(case.words))))
        write_call(case)
    else:
        by_name = [at for at, word in enumerate(case.words) if re.match(r"\w+=", word)]
        if not by_name:
            case.words.append("nonsense=1")
        else:
            at = pick(rng, by_name)
            case.words[at] = f"{case.words[at].split('=', 1)[0]}={pick(rng, WRONG_WORDS)}"
        write_call(case)
    return case
