"""Random labels and probabilities, and how results are compared with cleanlab's, for the tests of class labels."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any, Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

FILTERS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]


@st.composite
def examples(draw, every_class=False, least_rows=20):
    """Labels, of which some are wrong, and probabilities that are never certain."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes = draw(st.integers(2, 6))
    n_rows = draw(st.integers(least_rows, 200))
    pred_probs = rng.dirichlet(np.full(n_classes, draw(st.sampled_from([0.6, 1.0, 3.0]))), n_rows)
    pred_probs = 0.99 * pred_probs + 0.01 / n_classes
    labels = np.array([rng.choice(n_classes, p=row) for row in pred_probs])
    if every_class:
        labels[:n_classes] = np.arange(n_classes)
    else:
        labels[:2] = [0, 1]
    return labels, pred_probs


@contextlib.contextmanager
def stable_sorts() -> Iterator[None]:
    """Makes the reference put ties in order of position: NumPy's default sort leaves that to the processor."""
    argsort, sort_values = np.argsort, pd.DataFrame.sort_values
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "argsort", lambda a, *args, **kwargs: argsort(a, *args, **{**kwargs, "kind": "stable"}))
        patch.setattr(
            pd.DataFrame, "sort_values", lambda self, by, **kwargs: sort_values(self, by, **{**kwargs, "kind": "stable"})
        )
        yield


def outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, list[type], str]:
    """What a call returns or the class that it raises, the categories of its warnings, and what it prints."""
    printed = io.StringIO()
    with warnings.catch_warnings(record=True) as told, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            result = type(error)
    # NumPy's own warnings about divisions by 0 are no part of an interface.
    categories = [warning.category for warning in told if warning.category is not RuntimeWarning]
    return result, categories, printed.getvalue()


def assert_same(ours: Any, theirs: Any, tolerance: float = 1e-12) -> None:
    """Types, shapes and element types are equal, whole numbers too, and floats within a tolerance."""
    assert type(ours) is type(theirs), (ours, theirs)
    if isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs)
        for our_part, their_part in zip(ours, theirs):
            assert_same(our_part, their_part, tolerance)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key, value in theirs.items():
            assert_same(ours[key], value, tolerance)
    elif isinstance(theirs, pd.DataFrame):
        pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=tolerance)
    elif isinstance(theirs, np.ndarray):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    elif isinstance(theirs, (float, np.floating)):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    else:
        assert ours == theirs


def assert_same_call(
    ours: Callable[..., Any], theirs: Callable[..., Any], *args: Any, tolerance: float = 1e-12, **kwargs: Any
) -> None:
    """Both functions return, warn, print and raise alike, and leave NumPy's global stream in the same place."""
    with stable_sorts():
        np.random.seed(0)
        expected = outcome(theirs, *args, **kwargs)
        next_draw = np.random.rand()
    np.random.seed(0)
    found = outcome(ours, *args, **kwargs)
    assert_same(found[0], expected[0], tolerance)
    if not isinstance(expected[0], type):
        assert found[1:] == expected[1:]
    assert np.random.rand() == next_draw
