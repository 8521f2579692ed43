"""Running a case in one of the two packages, and telling all that can be seen of it.

The reference runs as it is installed, except that, as everywhere in this project (docs/PARITY.md),

* NumPy's and pandas' sorts are stable, as cleanlab leaves the order of ties to unstable ones;
* `confidence_weighted_entropy` uses its formula without cleanlab's clipping of a divisor, by which a certain and right
  prediction scores 0, the worst, in place of 1;
* it starts no pool of processes, which would take most of the time.

All three hold only while cleanlab runs, not while ours does.
"""

import contextlib
import copy
import io
import random
import warnings

import numpy as np
import pandas as pd
import scipy.sparse

import cleanlab
import cleanlab.datalab.internal.issue_manager.knn_graph_helpers  # noqa: F401
import cleanlab.experimental.label_issues_batched as batched
from cleanlab import filter as label_filter
from cleanlab import rank
from cleanlab.internal import multilabel_scorer
from cleanlab.internal.label_quality_utils import get_normalized_entropy

from cases import OURS, THEIRS, code_for
from comparing import same_inputs

ARGSORT, SORT_VALUES = np.argsort, pd.DataFrame.sort_values
FILE = "<case>"
CATEGORIES = (UserWarning, FutureWarning)


class StableArray(np.ndarray):
    """An array whose own argsort is stable, for code that calls the method instead of the function."""

    def argsort(self, axis=-1, kind=None, order=None, **_):
        return ARGSORT(np.asarray(self), axis=axis, kind="stable", order=order)


def stable_argsort(a, axis=-1, kind=None, order=None, **_):
    return ARGSORT(a, axis=axis, kind="stable", order=order)


def stable_sort_values(self, by, **options):
    return SORT_VALUES(self, by, **{**options, "kind": "stable"})


FIND_TOP_ISSUES = rank.find_top_issues
ENTROPY = rank.get_confidence_weighted_entropy_for_each_label


def find_top_issues(quality_scores, *, top=10):
    if isinstance(quality_scores, np.ndarray):
        return np.asarray(FIND_TOP_ISSUES(quality_scores.view(StableArray), top=top))
    return FIND_TOP_ISSUES(quality_scores, top=top)


def confidence_weighted_entropy(labels, pred_probs):
    entropy = get_normalized_entropy(np.clip(pred_probs, 0, 1))
    own = np.array([pred_probs[at, label] for at, label in enumerate(labels)])
    x = entropy / np.clip(own, 1e-6, None)
    scores = np.ones(len(x))
    large, small = x >= 1e-6, (x > 0) & (x < 1e-6)
    scores[large] = np.log(x[large] + 1) / x[large]
    scores[small] = np.log1p(x[small]) / x[small]
    return scores


@contextlib.contextmanager
def as_documented():
    scorer = multilabel_scorer.ClassLabelScorer.CONFIDENCE_WEIGHTED_ENTROPY.value
    replaced = [
        (np, "argsort", stable_argsort),
        (pd.DataFrame, "sort_values", stable_sort_values),
        (rank, "find_top_issues", find_top_issues),
        (batched, "find_top_issues", find_top_issues),
        (rank, "get_confidence_weighted_entropy_for_each_label", confidence_weighted_entropy),
        (multilabel_scorer, "get_confidence_weighted_entropy_for_each_label", confidence_weighted_entropy),
        (scorer, "f", confidence_weighted_entropy),
        (label_filter, "psutil_exists", False),
        (label_filter.multiprocessing, "cpu_count", lambda: 1),
    ]
    before = [(place, name, getattr(place, name)) for place, name, _ in replaced]
    try:
        for place, name, value in replaced:
            setattr(place, name, value)
        yield
    finally:
        for place, name, value in before:
            setattr(place, name, value)


class Outcome:
    """What a call did: its result or its exception, its warnings, what it printed, and where it left the generators."""

    def __init__(self):
        self.result = self.error = None
        self.warnings, self.printed, self.random = set(), "", None
        self.changed = []


def widened(value):
    """float32 as float64: cleanlab averages in float32, so that thresholds lose half their digits."""
    if isinstance(value, np.ndarray) and value.dtype == np.float32:
        return value.astype(float, order="A")
    if isinstance(value, list) and any(isinstance(entry, np.ndarray) for entry in value):
        return [widened(entry) for entry in value]
    return value


def run(case, package):
    code = compile(code_for(package, case.code), FILE, "exec")
    outcome, printed = Outcome(), io.StringIO()
    names = {"np": np, "pd": pd, "scipy": scipy, **copy.deepcopy(case.inputs)}
    exec(case.prelude, names)
    if package == THEIRS:
        names.update({name: widened(names[name]) for name in case.inputs})
    given = {name: names[name] for name in case.inputs}
    before = copy.deepcopy(given)
    np.random.seed(case.seed)
    random.seed(case.seed)
    reference = as_documented() if package == THEIRS else contextlib.nullcontext()
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()), reference:
            try:
                exec(code, names)
                outcome.result = names.get("result")
            except Exception as error:  # noqa: BLE001  (any that a package raises is compared)
                outcome.error = error
    outcome.random = random_state()
    outcome.printed = printed.getvalue().replace(OURS, THEIRS)
    # Deprecations that cleanlab's own functions are warned of say nothing to whoever called something else.
    deprecated = case.name == "filter.find_label_issues" and "multi_label=True" in case.code
    told = (*CATEGORIES, DeprecationWarning) if deprecated else CATEGORIES
    own = [entry for entry in caught if package in entry.filename or entry.filename in (FILE, __file__)]
    outcome.warnings = {kind.__name__ for kind in told for entry in own if issubclass(entry.category, kind)}
    outcome.changed = same_inputs(before, given)
    return outcome


def random_state():
    state = np.random.get_state()
    return state[0], tuple(state[1]), state[2:], random.getstate()[1][-1]


VERSION = cleanlab.__version__
