"""Scores of numeric labels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs.regression.rank import get_label_quality_scores

numbers = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=40)


@settings(deadline=None)
@given(numbers, st.sampled_from(["outre", "residual"]))
def test_scores_lie_between_zero_and_one(pairs, method):
    labels, predictions = np.array(pairs).T
    scores = get_label_quality_scores(labels, predictions, method=method)
    assert scores.shape == labels.shape and scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()
    np.testing.assert_array_equal(get_label_quality_scores(list(labels), list(predictions), method=method), scores)
    if method == "residual":
        np.testing.assert_allclose(scores, np.exp(-np.abs(predictions - labels)), rtol=0, atol=1e-15)


def test_integers_columns_and_reversed_arrays_are_taken():
    labels, predictions = np.array([1, 2, 3, 4]), np.array([2, 2, 5, 4.1])
    expected = get_label_quality_scores(labels, predictions)
    np.testing.assert_array_equal(get_label_quality_scores(labels[:, None], predictions[None]), expected)
    np.testing.assert_array_equal(get_label_quality_scores(labels[::-1], predictions[::-1]), expected[::-1])


@pytest.mark.parametrize(
    ("labels", "predictions", "exception"),
    [
        ([], [], ValueError),
        ([1.0, np.nan], [1.0, 2.0], ValueError),
        ([1.0, np.inf], [1.0, 2.0], ValueError),
        ([1.0, 1e200], [1.0, 2.0], ValueError),
        ([1.0, 2.0], [1.0], ValueError),
        ([1.0, 2.0], [1.0, 2.0, 3.0], AssertionError),
        (["a", "b"], [1.0, 2.0], ValueError),
        ([True, False], [1.0, 2.0], ValueError),
        (np.zeros((2, 2)), np.zeros((2, 2)), ValueError),
        (np.array([1j, 2]), [1.0, 2.0], TypeError),
        ([1.0], [1.0], ValueError),
    ],
)
def test_bad_numbers_are_refused(labels, predictions, exception):
    with pytest.raises(exception):
        get_label_quality_scores(labels, predictions)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="guess"):
        get_label_quality_scores([1.0, 2.0], [1.0, 2.0], method="guess")
