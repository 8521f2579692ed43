"""Whether two answers are the same: types, dtypes, names, indices, and numbers within a tolerance."""

import enum
import inspect
import itertools
import numbers
import re

import numpy as np
import pandas as pd
import scipy.sparse

from cases import OURS, THEIRS


def kind(value):
    """The type by its name, wherever it is defined."""
    return type(value).__name__


def is_of_a_package(value):
    return type(value).__module__.split(".")[0] in (THEIRS, OURS)


class Comparison:
    """Gathers the places where two answers differ, and the largest error of a float."""

    def __init__(self, tolerance, strict=True):
        self.tolerance, self.strict = tolerance, strict
        self.differences, self.largest_error = [], 0.0
        self.seen = set()

    def differ(self, path, words):
        if len(self.differences) < 5:
            self.differences.append(f"{path or 'result'}: {words}")
        else:
            self.differences[4] = "…"

    def compare(self, theirs, ours, path=""):
        if theirs is ours:
            return
        if (id(theirs), id(ours)) in self.seen:
            return
        self.seen.add((id(theirs), id(ours)))
        if self.strict and kind(theirs) != kind(ours):
            self.differ(path, f"{kind(ours)} in place of {kind(theirs)}: {shown(ours)} for {shown(theirs)}")
        elif isinstance(theirs, pd.DataFrame):
            self.compare_frames(theirs, ours, path)
        elif isinstance(theirs, pd.Series):
            self.compare(theirs.index, ours.index, f"{path}.index")
            self.compare_arrays(theirs, ours, path)
        elif isinstance(theirs, pd.Index):
            self.compare_arrays(theirs, ours, path)
        elif scipy.sparse.issparse(theirs):
            self.compare_sparse(theirs, ours, path)
        elif isinstance(theirs, (np.ndarray, np.generic)):
            self.compare_arrays(theirs, ours, path)
        elif isinstance(theirs, dict):
            self.compare_dictionaries(theirs, ours, path)
        elif isinstance(theirs, (list, tuple)):
            self.compare_sequences(theirs, ours, path)
        elif isinstance(theirs, (set, frozenset)):
            if sorted(map(repr, theirs)) != sorted(map(repr, ours)):
                self.differ(path, f"{shown(ours)} in place of {shown(theirs)}")
        else:
            self.compare_scalars(theirs, ours, path)

    def compare_frames(self, theirs, ours, path):
        if list(theirs.columns) != list(ours.columns):
            self.differ(path, f"columns {list(ours.columns)} in place of {list(theirs.columns)}")
            return
        self.compare(theirs.index, ours.index, f"{path}.index")
        for at, name in enumerate(theirs.columns):
            self.compare_arrays(theirs.iloc[:, at], ours.iloc[:, at], f"{path}[{name!r}]")

    def compare_sparse(self, theirs, ours, path):
        if theirs.shape != ours.shape:
            self.differ(path, f"shape {ours.shape} in place of {theirs.shape}")
            return
        for part in ("indptr", "indices", "data"):
            self.compare_arrays(getattr(theirs, part), getattr(ours, part), f"{path}.{part}")

    def compare_arrays(self, theirs, ours, path):
        if str(theirs.dtype) != str(ours.dtype):
            self.differ(path, f"dtype {ours.dtype} in place of {theirs.dtype}")
        there, here = np.asarray(theirs), np.asarray(ours)
        if there.shape != here.shape:
            self.differ(path, f"shape {here.shape} in place of {there.shape}: {shown(here)} for {shown(there)}")
            return
        if there.dtype.kind in "fc" and here.dtype.kind in "fciub":
            self.compare_floats(there, here, path)
        elif there.dtype == object:
            for at, (one, other) in enumerate(zip(there.ravel(), here.ravel())):
                self.compare(one, other, f"{path}[{at}]")
        else:
            differing = np.flatnonzero((there != here).ravel())
            if differing.size:
                at = differing[0]
                words = f"{differing.size} of {there.size} differ, the first at {at}: "
                self.differ(path, words + f"{here.ravel()[at]} in place of {there.ravel()[at]}")

    def compare_floats(self, there, here, path):
        there, here = np.asarray(there, dtype=float).ravel(), np.asarray(here, dtype=float).ravel()
        with np.errstate(all="ignore"):
            equal = (there == here) | (np.isnan(there) & np.isnan(here))
            error = np.where(equal, 0.0, np.abs(there - here) / np.maximum(1.0, np.abs(there)))
        error = np.where(np.isnan(error), np.inf, error)
        self.largest_error = max(self.largest_error, float(error.max(initial=0.0)))
        wrong = np.flatnonzero(error > self.tolerance)
        if wrong.size:
            at = wrong[0]
            words = f"{wrong.size} of {there.size} differ by up to {error.max():.1e}, the first at {at}: "
            self.differ(path, words + f"{float(here[at])!r} in place of {float(there[at])!r}")

    def compare_dictionaries(self, theirs, ours, path):
        if [str(key) for key in theirs] != [str(key) for key in ours]:
            self.differ(path, f"keys {shown(list(ours))} in place of {shown(list(theirs))}")
        for key, value in theirs.items():
            if key in ours:
                if kind(key) != kind(next(other for other in ours if other == key)):
                    self.differ(path, f"key {key!r} is of another type")
                self.compare(value, ours[key], f"{path}[{key!r}]")

    def compare_sequences(self, theirs, ours, path):
        if len(theirs) != len(ours):
            self.differ(path, f"{len(ours)} entries in place of {len(theirs)}: {shown(ours)} for {shown(theirs)}")
            return
        for at, (one, other) in enumerate(zip(theirs, ours)):
            self.compare(one, other, f"{path}[{at}]")

    def compare_scalars(self, theirs, ours, path):
        if isinstance(theirs, enum.Enum):
            if theirs.name != ours.name:
                self.differ(path, f"{ours} in place of {theirs}")
        elif isinstance(theirs, numbers.Real) and isinstance(ours, numbers.Real) and not isinstance(theirs, (bool, int)):
            self.compare_floats(np.asarray(theirs), np.asarray(ours), path)
        elif isinstance(theirs, (str, bool, int, bytes)) or theirs is None:
            if isinstance(theirs, str):
                ours = ours.replace(OURS, THEIRS)
                if "\n" in theirs:  # such as a report
                    words = first_printed_difference(theirs, ours)
                    if words:
                        self.differ(path, words)
                    return
            if theirs != ours:
                self.differ(path, f"{shown(ours)} in place of {shown(theirs)}")
        elif is_of_a_package(theirs) or inspect.isroutine(theirs) or inspect.isclass(theirs):
            pass  # Objects of the packages are compared by what the case asks of them.
        else:
            # Estimators and the like: by their state.
            self.compare(getattr(theirs, "__dict__", repr(theirs)), getattr(ours, "__dict__", repr(ours)), path)


def shown(value):
    text = repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:117] + "…"


def same_inputs(before, after):
    """Where the inputs of a call are not what they were, "" if nowhere."""
    comparison = Comparison(0.0)
    comparison.compare(before, after, "inputs")
    return comparison.differences


NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
# Why a check failed, which ours says in its own words.
REASON = re.compile(r"(Error in \w+:).*?(?=\n(?:Finding |Failed |Audit |Error in |Dataset |Please )|\Z)", re.DOTALL)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# The row of a table: between rows of equal scores their last bits decide, which is printed first.
ROW = re.compile(r"^\d+(?= )|\[[\d, ]+\]| +")


def first_printed_difference(there, here):
    """How two printed texts differ, "" if only in the last digits of numbers, in the reason that a check gives for its
    failure, or in the order of lines, which a set decides where cleanlab reports additional information."""
    there, here = (ADDRESS.sub("", REASON.sub(r"\1", text)).splitlines() for text in (there, here))
    words = first_differing_line(there, here)
    without_numbers = lambda line: (NUMBER.sub("#", ROW.sub("", line)), line)  # noqa: E731
    return words and first_differing_line(*(sorted(side, key=without_numbers) for side in (there, here))) and words


def first_differing_line(there, here):
    for one, other in itertools.zip_longest(there, here):
        if one == other or (one and other and ROW.sub("", one) == ROW.sub("", other)):
            continue
        if one is None or other is None or NUMBER.sub("#", one) != NUMBER.sub("#", other):
            return f"prints {other!r} in place of {one!r}"
        pairs = zip(map(float, NUMBER.findall(one)), map(float, NUMBER.findall(other)))
        if any(abs(a - b) > 1e-9 * max(1.0, abs(a)) for a, b in pairs):
            return f"prints {other!r} in place of {one!r}"
    return ""
