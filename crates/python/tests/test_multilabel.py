"""Sets of classes: flags, scores, health, and what is refused."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs.internal import multilabel_scorer, multilabel_utils
from cleanlab_rs.multilabel_classification import dataset, filter, rank

METHODS = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
RULES = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
LABELS = [[0], [0, 1], [1], [], [1], [0]]
PRED_PROBS = np.array([[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.95]])


@st.composite
def examples(draw):
    """Labels and probabilities that mostly agree."""
    seed = draw(st.integers(0, 2**32 - 1))
    n_rows, n_classes = draw(st.integers(1, 40)), draw(st.integers(1, 6))
    rng = np.random.default_rng(seed)
    given_classes = rng.random((n_rows, n_classes)) < 0.4
    wrong = rng.random((n_rows, n_classes)) < 0.2
    pred_probs = np.clip(np.where(given_classes ^ wrong, 0.8, 0.2) + rng.normal(0, 0.2, (n_rows, n_classes)), 0, 1)
    return [np.flatnonzero(row).tolist() for row in given_classes], pred_probs


@settings(deadline=None, max_examples=60)
@given(examples(), st.sampled_from(RULES), st.sampled_from(METHODS))
def test_ranked_issues_are_the_flagged_ones_in_order_of_their_scores(data, rule, method):
    labels, pred_probs = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mask = filter.find_label_issues(labels, pred_probs, filter_by=rule)
        ranked = filter.find_label_issues(labels, pred_probs, filter_by=rule, return_indices_ranked_by=method)
    assert mask.dtype == bool and mask.shape == (len(labels),)
    assert ranked.dtype == np.int64
    assert sorted(ranked) == np.flatnonzero(mask).tolist()
    scores = rank.get_label_quality_scores(labels, pred_probs, method=method)
    assert np.all(np.diff(scores[ranked]) >= 0)


@settings(deadline=None, max_examples=60)
@given(examples(), st.sampled_from(RULES[:5]))
def test_a_row_is_flagged_where_any_class_is(data, rule):
    labels, pred_probs = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mask = filter.find_label_issues(labels, pred_probs, filter_by=rule)
        per_class = filter.find_multilabel_issues_per_class(labels, pred_probs, filter_by=rule)
        rows, labels_list, pred_probs_list = filter.find_multilabel_issues_per_class(
            labels, pred_probs, filter_by=rule, return_indices_ranked_by="self_confidence"
        )
    assert per_class.shape == pred_probs.shape
    np.testing.assert_array_equal(mask, per_class.any(axis=1))
    assert [sorted(found) for found in rows] == [np.flatnonzero(column).tolist() for column in per_class.T]
    np.testing.assert_array_equal(np.stack(labels_list, axis=1), multilabel_utils.int2onehot(labels, pred_probs.shape[1]))
    for column, pair in zip(pred_probs.T, pred_probs_list):
        np.testing.assert_array_equal(pair, np.stack([1 - column, column], axis=1))


@settings(deadline=None, max_examples=60)
@given(examples(), st.sampled_from(METHODS[:2]), st.booleans())
def test_scores_of_rows_are_aggregates_of_scores_of_classes(data, method, adjusted):
    labels, pred_probs = data
    options = {"method": method, "adjust_pred_probs": adjusted}
    per_class = rank.get_label_quality_scores_per_class(labels, pred_probs, **options)
    assert per_class.shape == pred_probs.shape
    lowest = rank.get_label_quality_scores(labels, pred_probs, aggregator_kwargs={"method": np.min}, **options)
    np.testing.assert_array_equal(lowest, per_class.min(axis=1))
    for aggregation in ({"method": "softmin", "temperature": 0.3}, {"method": "exponential_moving_average"}):
        scores = rank.get_label_quality_scores(labels, pred_probs, aggregator_kwargs=aggregation, **options)
        expected = multilabel_scorer.Aggregator(**aggregation)(per_class)
        np.testing.assert_array_equal(scores, expected)


def test_scorer_scores_what_the_functions_score():
    onehot = multilabel_utils.int2onehot(LABELS, 2)
    for method in METHODS:
        scorer = multilabel_scorer.MultilabelScorer(multilabel_scorer.ClassLabelScorer.from_str(method))
        expected = rank.get_label_quality_scores(LABELS, PRED_PROBS, method=method)
        np.testing.assert_array_equal(scorer(onehot, PRED_PROBS), expected)
        per_class = rank.get_label_quality_scores_per_class(LABELS, PRED_PROBS, method=method)
        for column in range(2):
            pair = multilabel_utils.stack_complement(PRED_PROBS[:, column])
            np.testing.assert_allclose(
                scorer.base_scorer(onehot[:, column], pair), per_class[:, column], rtol=0, atol=1e-14
            )


def test_scorer_with_a_scorer_of_the_callers_own_scores_by_it():
    def by_probability(labels, pred_probs):
        return pred_probs[:, 1]

    scorer = multilabel_scorer.MultilabelScorer(by_probability, aggregator=np.max)
    onehot = multilabel_utils.int2onehot(LABELS, 2)
    np.testing.assert_array_equal(scorer(onehot, PRED_PROBS), PRED_PROBS.max(axis=1))


@settings(deadline=None, max_examples=30)
@given(examples())
def test_onehot_and_lists_are_each_others_inverse(data):
    labels, pred_probs = data
    onehot, n_classes = multilabel_utils.get_onehot_num_classes(labels, pred_probs)
    assert onehot.dtype == np.int64 and n_classes == pred_probs.shape[1]
    assert multilabel_utils.onehot2int(onehot) == labels
    assert multilabel_utils.onehot2int(onehot.astype(bool)) == labels
    np.testing.assert_array_equal(multilabel_scorer.multilabel_py(onehot)[:, 1], 1 - (onehot == 0).mean(axis=0))


@pytest.mark.parametrize(
    "labels",
    [
        [(0,), {0, 1}, np.array([1]), [], [True], range(1)],
        [[0.0], [1.0, 0.0], [1.0], [], [1.0], [0.0]],
        np.array([np.array(classes, dtype=int) for classes in LABELS], dtype=object),
        [[0], [1, 0, 1], [1], [], [1, 1], [0]],
        iter(LABELS),
    ],
    ids=["other iterables", "whole floats", "array of arrays", "classes listed twice", "an iterator"],
)
def test_labels_in_other_forms_mean_the_same(labels):
    expected = rank.get_label_quality_scores(LABELS, PRED_PROBS)
    np.testing.assert_array_equal(rank.get_label_quality_scores(labels, PRED_PROBS), expected)


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda a: a[::-1][::-1], lambda a: a.repeat(2, axis=1)[:, ::2]])
def test_probabilities_of_any_layout_give_the_same(layout):
    mask = filter.find_label_issues(LABELS, layout(PRED_PROBS))
    np.testing.assert_array_equal(mask, filter.find_label_issues(LABELS, PRED_PROBS))


def test_inputs_stay_as_they_are():
    labels, pred_probs = [list(classes) for classes in LABELS], PRED_PROBS.copy()
    pred_probs.flags.writeable = False
    filter.find_multilabel_issues_per_class(labels, pred_probs, return_indices_ranked_by="self_confidence")
    dataset.common_multilabel_issues(labels, pred_probs)
    assert labels == LABELS


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([[0], [2]], "class 2"),
        ([[0], [-1]], "-1"),
        ([[0.5], [1]], "whole number"),
        ([0, 1], "list of class indices for every row"),
        (["0", "1"], "is a text"),
        ([[0], ["a"]], "which is no number"),
        ([[0], [None]], "which is no number"),
        ([[0], [2**70]], "2"),
        (np.array([[1, 0], [0, 1]]), "onehot2int"),
        ([[0]], "1 labels but 2 rows"),
    ],
)
def test_bad_labels_are_refused_with_their_place(labels, expected):
    with pytest.raises(ValueError, match=expected):
        rank.get_label_quality_scores(labels, PRED_PROBS[:2])


@pytest.mark.parametrize("labels", [None, "01", 3, {0: [1]}])
def test_labels_that_are_no_list_are_refused(labels):
    with pytest.raises(TypeError, match="labels are a"):
        rank.get_label_quality_scores(labels, PRED_PROBS[:2])
    with pytest.raises((TypeError, ValueError)):
        filter.find_label_issues(labels, PRED_PROBS[:2])


def test_labels_that_raise_raise():
    class Raising:
        def __iter__(self):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        rank.get_label_quality_scores([[0], Raising()], PRED_PROBS[:2])


@pytest.mark.parametrize(
    ("options", "exception"),
    [
        ({"filter_by": "guess"}, AssertionError),
        ({"frac_noise": 2.0}, ValueError),
        ({"num_to_remove_per_class": [1]}, ValueError),
        ({"num_to_remove_per_class": [1, -1]}, ValueError),
        ({"num_to_remove_per_class": [1, 1], "filter_by": "confident_learning"}, ValueError),
        ({"confident_joint": np.ones((3, 2, 2))}, ValueError),
        ({"confident_joint": np.full((2, 2, 2), 0.5)}, ValueError),
        ({"confident_joint": np.full((2, 2, 2), -1)}, ValueError),
        ({"return_indices_ranked_by": "guess"}, ValueError),
        ({"return_indices_ranked_by": "self_confidence", "rank_by_kwargs": {"method": "x"}}, TypeError),
        ({"n_jobs": 0}, AssertionError),
    ],
)
def test_bad_options_are_refused(options, exception):
    with pytest.raises(exception):
        filter.find_label_issues(LABELS, PRED_PROBS, **options)


@pytest.mark.parametrize(
    ("pred_probs", "exception"),
    [
        (np.full((6, 2), np.nan), ValueError),
        (np.full((6, 2), 2.0), ValueError),
        (np.full(6, 0.5), ValueError),
        (np.empty((0, 2)), ValueError),
        (np.full((6, 0), 0.5), ValueError),
        (np.array([["a", "b"]] * 6), TypeError),
        (np.full((6, 2), 0.5j), TypeError),
    ],
)
def test_bad_probabilities_are_refused(pred_probs, exception):
    with pytest.raises(exception):
        rank.get_label_quality_scores(LABELS, pred_probs)


def test_confident_joint_of_the_old_format_is_ignored_with_a_warning():
    with pytest.warns(UserWarning, match="ignored"):
        mask = filter.find_label_issues([[0], [1], [2]], np.eye(3), confident_joint=np.eye(3, dtype=int))
    assert not mask.any()


def test_tables_have_cleanlabs_columns_and_types():
    common = dataset.common_multilabel_issues(LABELS, PRED_PROBS, class_names=["cat", "dog"])
    assert list(common.columns) == [
        "Class Name",
        "Class Index",
        "In Given Label",
        "In Suggested Label",
        "Num Examples",
        "Issue Probability",
    ]
    assert [str(dtype) for dtype in common.dtypes[1:]] == ["int64", "bool", "bool", "int64", "float64"]
    assert common["Num Examples"].sum() == filter.find_multilabel_issues_per_class(LABELS, PRED_PROBS).sum()
    classes = dataset.rank_classes_by_multilabel_quality(LABELS, PRED_PROBS)
    assert list(classes.columns) == [
        "Class Index",
        "Label Issues",
        "Inverse Label Issues",
        "Label Noise",
        "Inverse Label Noise",
        "Label Quality Score",
    ]
    assert classes["Label Quality Score"].is_monotonic_increasing


def test_health_summary_prints_and_returns_the_three_parts(capsys):
    summary = dataset.multilabel_health_summary(LABELS, PRED_PROBS)
    assert "your dataset with 6 examples" in capsys.readouterr().out
    assert summary["overall_multilabel_health_score"] == dataset.overall_multilabel_health_score(LABELS, PRED_PROBS)
    assert dataset.multilabel_health_summary(LABELS, PRED_PROBS, verbose=False).keys() == summary.keys()
    assert capsys.readouterr().out == ""


def test_tables_without_data_are_refused():
    for function in (dataset.common_multilabel_issues, dataset.overall_multilabel_health_score):
        with pytest.raises(ValueError, match="needed"):
            function()
        with pytest.raises(ValueError, match="pred_probs"):
            function(LABELS)


def test_scorer_refuses_what_is_no_onehot_matrix():
    scorer = multilabel_scorer.MultilabelScorer()
    with pytest.raises(TypeError):
        scorer(LABELS, PRED_PROBS)
    with pytest.raises(ValueError):
        scorer(np.ones((6, 2)), PRED_PROBS)
    with pytest.raises(ValueError):
        scorer(np.array([[0, 1], [1, 0]]), PRED_PROBS)
    with pytest.raises(ValueError, match="guess"):
        multilabel_scorer.ClassLabelScorer.from_str("guess")
    with pytest.raises(ValueError, match="guess"):
        multilabel_scorer.Aggregator("guess")
    with pytest.raises(TypeError):
        multilabel_scorer.Aggregator(3)
    with pytest.raises(ValueError, match="alpha"):
        multilabel_scorer.exponential_moving_average([[0.5]], alpha=2.0)


@pytest.mark.parametrize(("n_classes", "exception"), [(2**45, MemoryError), (2**70, MemoryError), (0, ValueError)])
def test_onehot_of_impossible_sizes_is_refused(n_classes, exception):
    with pytest.raises(exception):
        multilabel_utils.int2onehot([[0]] * 1000, n_classes)


@pytest.mark.parametrize("find", [filter.find_label_issues, filter.find_multilabel_issues_per_class])
@pytest.mark.parametrize("ranked_by", [None, "self_confidence"])
def test_verbose_tells_the_number_of_issues_of_every_class(find, ranked_by, capsys):
    flags = filter.find_multilabel_issues_per_class(LABELS, PRED_PROBS)
    find(LABELS, PRED_PROBS, verbose=True, return_indices_ranked_by=ranked_by)
    expected = [f"Number of label issues found for class {at}: {count}" for at, count in enumerate(flags.sum(axis=0))]
    assert capsys.readouterr().out.splitlines() == expected
