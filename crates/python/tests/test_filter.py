"""Which labels are wrong: cleanlab's masks and rankings, in every form that labels and probabilities come in."""

import cleanlab.filter
import cleanlab.internal.validation
import numpy as np
import pandas as pd
import pytest
from class_label_data import FILTERS, SCORES, assert_same, assert_same_call, examples, outcome, stable_sorts
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs import count, filter
from cleanlab_rs.internal import validation

LABELS = np.array([0, 0, 0, 1, 1, 1])
PRED_PROBS = np.array([[0.9, 0.1], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9], [0.2, 0.8], [0.97, 0.03]])


@settings(deadline=None, max_examples=60)
@given(examples(), st.sampled_from(FILTERS), st.sampled_from([None, *SCORES]), st.data())
def test_find_label_issues_any_options_gives_cleanlabs_answer(data, filter_by, ranked_by, draw):
    labels, pred_probs = data
    n_classes = pred_probs.shape[1]
    options = {"filter_by": filter_by, "return_indices_ranked_by": ranked_by}
    if draw.draw(st.booleans(), "frac_noise is given"):
        options["frac_noise"] = draw.draw(st.floats(0, 1), "frac_noise")
    if draw.draw(st.booleans(), "min_examples_per_class is given"):
        options["min_examples_per_class"] = draw.draw(st.integers(0, 30), "min_examples_per_class")
    if draw.draw(st.booleans(), "num_to_remove_per_class is given"):
        options["num_to_remove_per_class"] = draw.draw(
            st.lists(st.integers(0, 4), min_size=n_classes, max_size=n_classes), "num_to_remove_per_class"
        )
    if draw.draw(st.booleans(), "confident_joint is given"):
        options["confident_joint"] = count.compute_confident_joint(labels, pred_probs, calibrate=False)
    if ranked_by and ranked_by != "confidence_weighted_entropy":
        options["rank_by_kwargs"] = {"adjust_pred_probs": draw.draw(st.booleans(), "adjust_pred_probs")}
    options["verbose"] = draw.draw(st.booleans(), "verbose")
    assert_same_call(
        filter.find_label_issues, cleanlab.filter.find_label_issues, labels, pred_probs, n_jobs=1, **options
    )


@settings(deadline=None, max_examples=20)
@given(examples(every_class=True), st.booleans(), st.sampled_from([rule for rule in FILTERS if rule != "confident_learning"]))
def test_baselines_give_cleanlabs_answer(data, calibrate, filter_by):
    assert_same_call(filter.find_predicted_neq_given, cleanlab.filter.find_predicted_neq_given, *data)
    # Warnings about small classes are lost in cleanlab's other processes.
    options = {"calibrate": calibrate, "filter_by": filter_by}
    with stable_sorts():
        expected = outcome(cleanlab.filter.find_label_issues_using_argmax_confusion_matrix, *data, **options)
    found = outcome(filter.find_label_issues_using_argmax_confusion_matrix, *data, **options)
    assert_same(found[0], expected[0])


@pytest.mark.parametrize("n_jobs", [1, 2, 100_000])
def test_find_label_issues_any_number_of_threads_gives_the_same(n_jobs):
    rng = np.random.default_rng(0)
    pred_probs = rng.dirichlet(np.ones(3), 40_000)
    labels = rng.integers(0, 3, 40_000)
    expected = filter.find_label_issues(labels, pred_probs)
    np.testing.assert_array_equal(filter.find_label_issues(labels, pred_probs, n_jobs=n_jobs), expected)


@pytest.mark.parametrize(
    "labels",
    [
        [0, 0, 0, 1, 1, 1],
        LABELS.astype(np.uint8),
        LABELS.astype(np.int32),
        LABELS.astype(np.float32),
        LABELS.astype(bool),
        LABELS.astype(object),
        LABELS.astype(">i8"),
        np.repeat(LABELS, 2)[::2],
        LABELS[::-1][::-1],
        pd.Series(LABELS, index=[9, 8, 7, 6, 5, 4]),
        pd.Series(LABELS, dtype="Int64"),
        pd.Series(LABELS, dtype="boolean"),
        pd.Series(LABELS).astype("category"),
        pd.DataFrame({"label": LABELS}),
    ],
    ids=lambda labels: f"{type(labels).__name__}-{getattr(labels, 'dtype', '')}",
)
def test_find_label_issues_labels_of_any_type_are_accepted(labels):
    assert filter.find_label_issues(labels, PRED_PROBS).tolist() == [False, False, True, False, False, True]


@pytest.mark.parametrize(
    "pred_probs",
    [
        PRED_PROBS.astype(np.float32),
        PRED_PROBS.astype(np.float16),
        PRED_PROBS.astype(np.longdouble),
        PRED_PROBS.astype(">f8"),
        np.asfortranarray(PRED_PROBS),
        PRED_PROBS[::-1][::-1],
        np.repeat(np.repeat(PRED_PROBS, 2, 0), 3, 1)[::2, ::3],
        np.frombuffer(b"x" + PRED_PROBS.tobytes(), offset=1).reshape(PRED_PROBS.shape),
        PRED_PROBS.astype(object),
    ],
    ids=["f32", "f16", "longdouble", "big-endian", "fortran", "reversed", "strided", "misaligned", "object"],
)
def test_find_label_issues_probabilities_of_any_layout_are_accepted(pred_probs):
    before = pred_probs.copy()
    assert filter.find_label_issues(LABELS, pred_probs).tolist() == [False, False, True, False, False, True]
    np.testing.assert_array_equal(pred_probs, before)


def test_find_label_issues_tables_of_other_libraries_are_accepted():
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    expected = filter.find_label_issues(LABELS, PRED_PROBS).tolist()
    table = pyarrow.table({"a": PRED_PROBS[:, 0], "b": PRED_PROBS[:, 1]})

    class OnlyArrow:
        """Speaks the PyCapsule interface and nothing else."""

        def __init__(self, value):
            self.value = value

        def __arrow_c_stream__(self, requested_schema=None):
            return self.value.__arrow_c_stream__(requested_schema)

    for labels in (polars.Series(LABELS), pyarrow.array(LABELS), OnlyArrow(polars.Series(LABELS))):
        for pred_probs in (polars.DataFrame(PRED_PROBS), table, OnlyArrow(table), PRED_PROBS):
            assert filter.find_label_issues(labels, pred_probs).tolist() == expected


def test_find_label_issues_all_labels_zero_is_the_one_class_that_is_allowed():
    pred_probs = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    for labels in ([0, 0, 0], np.zeros(3, dtype=int)):
        assert filter.find_label_issues(labels, pred_probs, filter_by="predicted_neq_given").tolist() == [
            False,
            True,
            False,
        ]
    for labels in ([1, 1, 1], [np.int64(0)] * 3):
        with pytest.raises(ValueError, match="at least 2 classes"):
            filter.find_label_issues(labels, pred_probs)


BAD_INPUTS = {
    "labels are too few": (LABELS[:-1], PRED_PROBS),
    "labels are none": (np.array([], dtype=int), np.zeros((0, 2))),
    "labels are missing": (None, PRED_PROBS),
    "labels are a tuple": (tuple(LABELS), PRED_PROBS),
    "labels are a set": ({0, 1}, PRED_PROBS),
    "labels are a number": (3, PRED_PROBS),
    "labels are text": ("abc", PRED_PROBS),
    "labels are words": (["a", "b", "a", "b", "a", "b"], PRED_PROBS),
    "labels are negative": (LABELS - 1, PRED_PROBS),
    "labels are fractions": (LABELS + 0.5, PRED_PROBS),
    "labels have no column": (LABELS * 2, PRED_PROBS),
    "labels are two columns": (pd.DataFrame({"a": LABELS, "b": LABELS}), PRED_PROBS),
    "labels are None": (np.array([None] * 6), PRED_PROBS),
    "labels are NaN": (LABELS * np.nan, PRED_PROBS),
    "pred_probs are missing": (LABELS, None),
    "pred_probs are a list": (LABELS, PRED_PROBS.tolist()),
    "pred_probs are a data frame": (LABELS, pd.DataFrame(PRED_PROBS)),
    "pred_probs are a number": (LABELS, 0.5),
    "pred_probs are flat": (LABELS, PRED_PROBS[:, 0]),
    "pred_probs are too large": (LABELS, PRED_PROBS + 0.5),
    "pred_probs are negative": (LABELS, -PRED_PROBS),
}


@pytest.mark.parametrize("what", BAD_INPUTS)
def test_bad_input_is_refused_with_cleanlabs_exception(what):
    labels, pred_probs = BAD_INPUTS[what]
    assert_same_call(
        validation.assert_valid_inputs, cleanlab.internal.validation.assert_valid_inputs, None, labels, pred_probs
    )
    assert_same_call(
        filter.find_predicted_neq_given, cleanlab.filter.find_predicted_neq_given, labels, pred_probs
    )
    assert_same_call(
        filter.find_label_issues, cleanlab.filter.find_label_issues, labels, pred_probs, n_jobs=1
    )


def test_find_label_issues_nan_is_refused_with_its_place():
    pred_probs = PRED_PROBS.copy()
    pred_probs[3, 1] = np.nan
    with pytest.raises(ValueError, match="row 3, column 1 is NaN"):
        filter.find_label_issues(LABELS, pred_probs)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"filter_by": "no_such_rule"}, AssertionError),
        ({"n_jobs": 0}, AssertionError),
        ({"return_indices_ranked_by": "no_such_score"}, ValueError),
        ({"return_indices_ranked_by": "self_confidence", "rank_by_kwargs": {"unknown": 1}}, TypeError),
        ({"frac_noise": 1.5}, ValueError),
        ({"num_to_remove_per_class": [1]}, ValueError),
        ({"confident_joint": np.eye(3, dtype=int)}, ValueError),
        ({"confident_joint": np.full((2, 2), 0.25)}, ValueError),
        ({"confident_joint": np.array([[2, -1], [0, 3]])}, ValueError),
        ({"multi_label": True}, (TypeError, AssertionError)),
    ],
)
def test_find_label_issues_bad_option_is_refused(options, error):
    with pytest.raises(error):
        filter.find_label_issues(LABELS, PRED_PROBS, **options)
