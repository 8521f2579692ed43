"""Scores of labels: cleanlab's, for one model and for several."""

import cleanlab.rank
import numpy as np
import pytest
from class_label_data import SCORES, assert_same_call, examples
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs import _native, rank

options = settings(deadline=None, max_examples=25)


@options
@given(examples(), st.sampled_from([*SCORES, "unknown"]), st.booleans())
def test_get_label_quality_scores_any_options_gives_cleanlabs_scores(data, method, adjust):
    assert_same_call(
        rank.get_label_quality_scores,
        cleanlab.rank.get_label_quality_scores,
        *data,
        method=method,
        adjust_pred_probs=adjust,
    )


@options
@given(examples())
def test_each_score_is_cleanlabs(data):
    for score in SCORES:
        name = f"get_{score}_for_each_label"
        assert_same_call(getattr(rank, name), getattr(cleanlab.rank, name), *data)


@options
@given(
    examples(every_class=True),
    st.integers(1, 3),
    st.sampled_from(["accuracy", "uniform", "log_loss_search", "custom", "unknown"]),
    st.sampled_from(SCORES),
    st.booleans(),
)
def test_get_label_quality_ensemble_scores_are_cleanlabs(data, n_models, weighting, method, verbose):
    labels, pred_probs = data
    models = [0.9**power * pred_probs + (1 - 0.9**power) / pred_probs.shape[1] for power in range(n_models)]
    weights = np.arange(1.0, n_models + 1) if weighting == "custom" else None
    assert_same_call(
        rank.get_label_quality_ensemble_scores,
        cleanlab.rank.get_label_quality_ensemble_scores,
        labels,
        models,
        method=method,
        weight_ensemble_members_by=weighting,
        custom_weights=weights,
        # The last digits of printed weights hang on the order of sums.
        verbose=verbose and weighting in ("uniform", "custom"),
        tolerance=1e-11,
    )


@pytest.mark.parametrize("weighting", ["accuracy", "log_loss_search"])
def test_get_label_quality_ensemble_scores_verbose_tells_the_weights(weighting, capsys):
    pred_probs = np.array([[0.9, 0.1], [0.2, 0.8]])
    rank.get_label_quality_ensemble_scores([0, 1], [pred_probs, pred_probs[::-1]], weight_ensemble_members_by=weighting)
    printed = capsys.readouterr().out
    assert f"Weighting scheme for ensemble: {weighting}" in printed
    assert "Model 1 weight" in printed


@pytest.mark.parametrize(
    ("models", "more"),
    [
        ([], {}),
        (np.zeros((2, 3, 2)), {}),
        ([np.full((2, 2), 0.5)], {"custom_weights": [1.0]}),
        ([np.full((2, 2), 0.5)], {"weight_ensemble_members_by": "custom"}),
        ([np.full((2, 2), 0.5)], {"weight_ensemble_members_by": "custom", "custom_weights": [1.0, 2.0]}),
    ],
)
def test_get_label_quality_ensemble_scores_bad_arguments_raise_as_in_cleanlab(models, more):
    assert_same_call(
        rank.get_label_quality_ensemble_scores,
        cleanlab.rank.get_label_quality_ensemble_scores,
        np.array([0, 1]),
        models,
        **more,
    )


@options
@given(st.lists(st.floats(0, 1), min_size=1, unique=True), st.one_of(st.none(), st.integers(-5, 40)))
def test_find_top_issues_gives_the_lowest(scores, top):
    assert_same_call(rank.find_top_issues, cleanlab.rank.find_top_issues, np.array(scores), top=top)


def test_find_top_issues_ties_go_by_position():
    assert rank.find_top_issues(np.array([0.5, 0.1, 0.5, 0.1]), top=3).tolist() == [1, 3, 0]


@options
@given(examples(), st.sampled_from(SCORES), st.booleans())
def test_order_label_issues_gives_cleanlabs_order(data, rank_by, as_rows):
    labels, pred_probs = data
    mask = pred_probs.argmax(axis=1) != labels
    assert_same_call(
        rank.order_label_issues,
        cleanlab.rank.order_label_issues,
        np.flatnonzero(mask) if as_rows else mask,
        labels,
        pred_probs,
        rank_by=rank_by,
    )


def test_order_label_issues_mask_of_another_length_is_an_index_error():
    with pytest.raises(IndexError):
        rank.order_label_issues(np.array([True]), np.array([0, 1]), np.full((2, 2), 0.5))


def test_entropy_of_a_certain_and_right_prediction_is_1():
    scores = rank.get_label_quality_scores(
        [0, 1], np.array([[1.0, 0.0], [0.5, 0.5]]), method="confidence_weighted_entropy"
    )
    assert scores[0] == 1.0


def test_a_list_that_lies_of_its_length_is_read_as_far_as_it_goes():
    class Lying:
        def __init__(self, members):
            self.members = members

        def __len__(self):
            return 2**62

        def __getitem__(self, at):
            return self.members[at]

    labels, pred_probs = np.array([0, 1]), np.array([[0.9, 0.1], [0.4, 0.6]])
    found = _native.get_label_quality_ensemble_scores(labels, Lying([pred_probs]), "self_confidence", False, "uniform")
    assert found[0].tolist() == [0.9, 0.6]
    with pytest.raises(TypeError):
        _native.get_label_quality_ensemble_scores(labels, Lying([3]), "self_confidence", False, "uniform")
