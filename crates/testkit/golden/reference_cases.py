"""What the scripts that run cleanlab 2.9.0 on random data sets have in common.

Each of them, `parity_AREA.py`, is run as

    python parity_AREA.py --out DIR --cases 100 --seed 0 [--first 0] [--golden]

and writes one file per data set into the folder AREA of DIR: `case-NNNNNN.json` with the results of the reference's
functions on it, beside `case-NNNNNN.bin`, which holds the large arrays. With `--golden` the data sets are small and the
arrays stand in the JSON itself. With `--keep FILE` one data set is written several times over, each time with the rows
and columns alone that an entry of the file keeps, on request with one function alone:
`cargo xtask parity` makes a case smaller with that.

Import this module before cleanlab. The reference runs as it is installed, except that

* NumPy's sorts are made stable (cleanlab leaves the order of ties to an unstable sort);
* `confidence_weighted_entropy` uses its formula without cleanlab's clipping of the divisor, which scores a certain
  and correct prediction 0 instead of 1, and clips probabilities that leave [0, 1] within the tolerance.
"""

import argparse
import json
import pathlib
import warnings

import numpy as np
import pandas as pd

_argsort = np.argsort


def _stable_argsort(a, axis=-1, kind=None, order=None, **kwargs):
    return _argsort(a, axis=axis, kind="stable", order=order)


np.argsort = _stable_argsort


_sort_values = pd.DataFrame.sort_values
pd.DataFrame.sort_values = lambda self, by, **options: _sort_values(self, by, **{**options, "kind": "stable"})


class StableArray(np.ndarray):
    """An array whose own argsort is stable, for code that calls the method instead of the function."""

    def argsort(self, axis=-1, kind=None, order=None):
        return _argsort(np.asarray(self), axis=axis, kind="stable", order=order)


import cleanlab  # noqa: E402
import cleanlab.internal.label_quality_utils  # noqa: E402
from cleanlab import rank  # noqa: E402
from cleanlab.internal.label_quality_utils import get_normalized_entropy  # noqa: E402

CLIPPING_LOWER_BOUND = 1e-6


def _confidence_weighted_entropy(labels, pred_probs):
    entropy = get_normalized_entropy(np.clip(pred_probs, 0, 1))
    x = entropy / np.clip(pred_probs[np.arange(len(labels)), labels], CLIPPING_LOWER_BOUND, None)
    scores = np.ones(len(x))
    large = x >= CLIPPING_LOWER_BOUND
    scores[large] = np.log(x[large] + 1) / x[large]
    small = (x > 0) & ~large
    scores[small] = np.log1p(x[small]) / x[small]
    return scores


rank.get_confidence_weighted_entropy_for_each_label = _confidence_weighted_entropy

FILTER_BY = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
SCORES = [
    ("self_confidence", False),
    ("normalized_margin", False),
    ("confidence_weighted_entropy", False),
    ("self_confidence", True),
    ("normalized_margin", True),
]


def random_probabilities(rng, n, k):
    style = rng.choice(["dirichlet", "peaked", "ties", "coarse", "extreme", "unnormalised", "edges", "equal"],
                       p=[0.25, 0.25, 0.12, 0.1, 0.1, 0.06, 0.08, 0.04])
    true = rng.integers(0, k, n)
    p = rng.dirichlet(np.full(k, rng.choice([0.1, 0.5, 1.0, 5.0])), n)
    if style in ("peaked", "edges"):
        weight = rng.uniform(0.2, 0.95)
        p = (1 - weight) * p
        p[np.arange(n), true] += weight
    elif style == "ties":
        p = rng.integers(0, 9, (n, k)) / 8.0
        p[np.arange(n), true] = rng.integers(4, 9, n) / 8.0
        p /= np.maximum(p.sum(axis=1, keepdims=True), 1e-3)
    elif style == "coarse":
        p = np.round(p * 20) / 20
    elif style == "extreme":
        p = np.full((n, k), 1e-12)
        p[np.arange(n), true] = 1 - rng.choice([0, 1e-16, 1e-12, 1e-9, 1e-7], n)
    elif style == "unnormalised":
        p = rng.random((n, k))
    elif style == "equal":
        p = np.full((n, k), 1.0 / k)
    if style == "edges":
        p = np.clip(p + rng.choice([-9e-7, 0, 9e-7], (n, k)), -9e-7, 1 + 9e-7)
    return p, true


class CaseWriter:
    """Collects the checks of one case and writes them."""

    def __init__(self, out, number, seed, inline, keep=None):
        self.out, self.number, self.inline = out, number, inline
        self.keep = keep or {}
        self.only = self.keep.get("only")
        self.whole = {"rows": 0, "columns": 0}
        self.payload = bytearray()
        self.case = {
            "cleanlab": cleanlab.__version__ if hasattr(cleanlab, "__version__") else "2.9.0",
            "numpy": np.__version__,
            "seed": seed,
            "case": number,
            "tolerance": 1e-12,
            "inputs": {},
            "checks": [],
        }

    def encode(self, value):
        if isinstance(value, dict):
            return {key: self.encode(entry) for key, entry in value.items()}
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], np.ndarray):
            return [self.encode(entry) for entry in value]
        if isinstance(value, (list, tuple)):
            return [self.encode(entry) for entry in value]
        if not isinstance(value, np.ndarray):
            return value.item() if isinstance(value, np.generic) else value
        kinds = {"f": "f64", "i": "i64", "u": "i64", "b": "bool"}
        kind = "f32" if value.dtype == np.float32 else kinds[value.dtype.kind]
        target = {"f32": "<f4", "f64": "<f8", "i64": "<i8", "bool": "<i1"}[kind]
        flat = np.ascontiguousarray(value).astype(target).ravel()
        header = {"dtype": kind, "shape": list(value.shape)}
        if self.inline:
            return {**header, "values": flat.tolist()}
        at = len(self.payload)
        self.payload += flat.tobytes()
        return {**header, "at": at}

    def kept(self, axis, count):
        """Which of so many rows or columns are kept: all, unless a case is made smaller."""
        self.whole[axis] = max(self.whole[axis], count)
        kept = self.keep.get(axis)
        return np.arange(count) if kept is None else np.array([at for at in kept if at < count], dtype=int)

    def kept_count(self, count):
        """As many rows as are kept, for data that hang together and are drawn anew."""
        return len(self.kept("rows", count))

    def kept_rows(self, *arrays):
        rows = self.kept("rows", len(arrays[0]))
        # Copies could lie in memory another way, and NumPy adds in the order of memory.
        arrays = [np.ascontiguousarray(array[rows]) for array in arrays] if self.keep else arrays
        return arrays if len(arrays) > 1 else arrays[0]

    def kept_columns(self, *arrays):
        columns = self.kept("columns", arrays[0].shape[1])
        arrays = [np.ascontiguousarray(array[:, columns]) for array in arrays] if self.keep else arrays
        return arrays if len(arrays) > 1 else arrays[0]

    def kept_classes(self, labels, pred_probs):
        """Without the rows of the classes that go, and with the others numbered anew."""
        if not self.keep:
            return labels, pred_probs
        classes = self.kept("columns", pred_probs.shape[1])
        rows = np.isin(labels, classes)
        return np.searchsorted(classes, labels[rows]), np.ascontiguousarray(pred_probs[rows][:, classes])

    def input(self, name, value):
        self.case["inputs"][name] = self.encode(value)

    def check(self, function, expected, **parameters):
        self.case["checks"].append(
            {"function": function, "parameters": self.encode(parameters), "expected": self.encode(expected)}
        )

    def attempt(self, function, compute, **parameters):
        """Records what the reference answers; where it raises there is nothing to compare."""
        if self.only not in (None, function):
            return None
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                expected = compute()
        except (ValueError, IndexError, AssertionError, np.linalg.LinAlgError, ZeroDivisionError):
            return None
        if expected is None:
            return None
        values = expected.values() if isinstance(expected, dict) else [expected]
        if any(np.asarray(v).dtype.kind == "f" and not np.isfinite(v).all() for v in values):
            return None
        self.check(function, expected, **parameters)
        return expected

    def write(self, suffix=""):
        path = self.out / f"case-{self.number:06d}{suffix}.json"
        if self.keep:
            self.case["whole"] = self.whole
        path.with_suffix(".bin").write_bytes(self.payload) if self.payload else None
        path.write_text(json.dumps(self.case, separators=(",", ":")) + "\n")


def write_smaller(folder, number, seed, keeps, write_case):
    """Writes a data set once for each entry of a list of what is kept of it; what cannot be made is left out."""
    for at, keep in enumerate(keeps):
        write = CaseWriter(folder, number, seed, True, keep)
        try:
            write_case(write, np.random.default_rng([seed, number]), False)
        except Exception as error:  # too small for one of the functions
            print(f"{keep}: {error!r}")
            continue
        write.write(f"-{at:04d}")


def main(description, area, write_case):
    """Runs `write_case(write, rng, golden)` for each data set asked for on the command line."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the cases")
    parser.add_argument("--cases", type=int, required=True, help="how many to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--golden", action="store_true", help="small cases with the arrays in the JSON")
    parser.add_argument("--keep", type=pathlib.Path, help="JSON list of {rows: [...], columns: [...]}")
    arguments = parser.parse_args()
    folder = arguments.out / area
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.keep:
        keeps = json.loads(arguments.keep.read_text())
        return write_smaller(folder, arguments.first, arguments.seed, keeps, write_case)
    for number in range(arguments.first, arguments.first + arguments.cases):
        write = CaseWriter(folder, number, arguments.seed, arguments.golden)
        write_case(write, np.random.default_rng([arguments.seed, number]), arguments.golden)
        write.write()
