"""The building blocks that people import: cleanlab's answers under cleanlab's names."""

import cleanlab.internal.label_quality_utils
import cleanlab.internal.latent_algebra
import cleanlab.internal.numerics
import cleanlab.internal.util
import cleanlab.internal.validation
import numpy as np
import pandas as pd
import pytest
from class_label_data import assert_same_call, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from cleanlab_rs.internal import label_quality_utils, latent_algebra, numerics, util, validation

options = settings(deadline=None, max_examples=30)


def assert_same_as(name, *args, ours=util, theirs=cleanlab.internal.util, tolerance=1e-12, **kwargs):
    assert_same_call(getattr(ours, name), getattr(theirs, name), *args, tolerance=tolerance, **kwargs)


@st.composite
def noise(draw):
    """A noise matrix, its inverse, and priors of given and true labels."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes = draw(st.integers(2, 6))
    noise_matrix = (rng.dirichlet(np.ones(n_classes), n_classes) * 0.4 + 0.6 * np.eye(n_classes)).T
    py = rng.dirichlet(np.full(n_classes, 5.0))
    ps = noise_matrix @ py
    return noise_matrix, (noise_matrix * py).T / ps, ps, py


@options
@given(noise(), st.sampled_from(["cnt", "eqn", "marginal", "marginal_ps", "unknown"]), st.booleans())
def test_latent_algebra_is_cleanlabs(rates, method, given_prior):
    noise_matrix, inverse, ps, py = rates
    modules = {"ours": latent_algebra, "theirs": cleanlab.internal.latent_algebra, "tolerance": 1e-9}
    assert_same_as("compute_py", ps, noise_matrix, inverse, py_method=method, **modules)
    assert_same_as(
        "compute_py", ps, noise_matrix, inverse, py_method=method, true_labels_class_counts=100 * py, **modules
    )
    assert_same_as("compute_py_inv_noise_matrix", ps, noise_matrix, **modules)
    assert_same_as("compute_inv_noise_matrix", py, noise_matrix, ps=ps if given_prior else None, **modules)
    assert_same_as("compute_noise_matrix_from_inverse", ps, inverse, py=py if given_prior else None, **modules)
    labels = np.repeat(np.arange(len(ps)), np.arange(1, len(ps) + 1))
    assert_same_as("compute_ps_py_inv_noise_matrix", labels, noise_matrix, **modules)
    assert_same_as("compute_pyx", noise_matrix.T, noise_matrix, inverse, **modules)
    assert_same_as("remove_noise_from_class", noise_matrix, len(ps) - 1)
    assert_same_as("clip_noise_rates", noise_matrix * 1.5 - 0.1)
    assert_same_as("clip_values", py, low=0.1, high=0.6, new_sum=1.0)


@options
@given(st.lists(st.floats(0, 50), min_size=1, max_size=20))
def test_round_preserving_sum_is_cleanlabs(values):
    assert_same_as("round_preserving_sum", values)
    assert_same_as("round_preserving_row_totals", np.array([values, values[::-1]]))


def test_round_preserving_sum_values_beyond_counts_are_refused():
    for value in (np.nan, np.inf, 1e300):
        with pytest.raises(ValueError, match="cannot be rounded"):
            util.round_preserving_sum([0.5, value])


@pytest.mark.parametrize(
    "name", ["print_square_matrix", "print_noise_matrix", "print_inverse_noise_matrix", "print_joint_matrix"]
)
@pytest.mark.parametrize("places", [0, 2, 5])
def test_printed_matrices_are_cleanlabs(name, places):
    for matrix in (np.array([[0.6, 0.05], [0.1, 0.25]]), np.array([[30, 4], [1, 20]])):
        assert_same_as(name, matrix, round_places=places)


LABELS = [
    np.array([0, 2, 2, 5]),
    [0, 2, 2, 5],
    np.array([0.0, 2.0, 2.0]),
    ["b", "a", "b"],
    np.array([], dtype=int),
    [True, False, True],
]


@pytest.mark.parametrize("labels", LABELS, ids=repr)
def test_counts_of_labels_are_cleanlabs(labels):
    if np.asarray(labels).dtype != float:
        for more in ({}, {"num_classes": 6}, {"num_classes": 9}, {"num_classes": 1}):
            assert_same_as("value_counts", labels, **more)
        assert_same_as("value_counts_fill_missing_classes", labels, 7)
    assert_same_as("get_unique_classes", labels)
    assert_same_as("num_unique_classes", labels)
    assert_same_as("get_missing_classes", labels, num_classes=7)
    if len(labels):
        assert_same_as("format_labels", labels)


def test_value_counts_whole_numbers_of_any_type_are_counted_as_their_class():
    # cleanlab counts classes that are no integers from 0 on, whichever classes they are.
    for labels in (np.array([0.0, 2.0, 2.0]), np.array([0, 2, 2], dtype=np.float32), [0, 2, 2]):
        np.testing.assert_array_equal(util.value_counts(labels, num_classes=4), [1, 0, 2, 0])
    np.testing.assert_array_equal(util.value_counts([True, True], num_classes=2), [0, 2])
    ps = latent_algebra.compute_ps_py_inv_noise_matrix([0.0, 2.0], np.eye(3))[0]
    np.testing.assert_array_equal(ps, [0.5, 0, 0.5])


def test_value_counts_labels_that_are_no_class_are_refused():
    for labels in ([0, 1, 3], [-1, 0, 1], [0.0, 1.0, 3.0], [0, 5]):
        with pytest.raises(ValueError, match="there is a label"):
            util.value_counts(labels, num_classes=3)
    with pytest.raises(ValueError, match="3 different labels"):
        util.value_counts(["a", "b", "c"], num_classes=2)


def test_counts_of_sets_of_classes_are_cleanlabs():
    labels = [[0, 2], [2], []]
    assert_same_as("value_counts", labels, num_classes=4, multi_label=True)
    assert_same_as("get_unique_classes", labels)
    assert_same_as("get_num_classes", labels)


def test_get_num_classes_asks_probabilities_then_a_matrix_then_labels():
    for more in (
        {"pred_probs": np.zeros((2, 5)), "label_matrix": np.eye(3), "labels": [0]},
        {"label_matrix": np.eye(3), "labels": [0]},
        {"label_matrix": np.zeros((2, 3))},
        {"labels": [0, 4]},
        {},
    ):
        assert_same_as("get_num_classes", **more)
    assert_same_as("get_missing_classes", [0], pred_probs=np.zeros((2, 3)), num_classes=3)
    assert_same_as("get_missing_classes", [0])


@pytest.mark.parametrize("n_values", [3, 40_000, 10**6, 2**31])
def test_compress_int_array_takes_cleanlabs_type(n_values):
    assert_same_as("compress_int_array", np.array([1, 2]), n_values)
    assert_same_as("compress_int_array", [1, 2], n_values)


def test_measures_of_labels_are_cleanlabs():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 4, 50), rng.integers(1, 6, 50)
    assert_same_as("confusion_matrix", true, predicted)
    assert_same_as("confusion_matrix", true, predicted[:-1])
    assert_same_as("estimate_pu_f1", (true == 1).astype(int), rng.random(50))


@pytest.mark.parametrize(
    "X",
    [
        np.arange(12).reshape(6, 2),
        pd.DataFrame({"a": range(6)}, index=list("uvwxyz")),
        pd.Series(range(6), index=list("uvwxyz")),
        csr_matrix(np.arange(12).reshape(6, 2)),
        list(range(6)),
        {"a": 1},
    ],
    ids=lambda X: type(X).__name__,
)
def test_examples_of_any_type_are_split_as_by_cleanlab(X):
    labels, mask = np.arange(6), np.array([True, False] * 3)

    def plain(value):
        return value.toarray() if isinstance(value, csr_matrix) else value

    for name, args in (
        ("train_val_split", (X, labels, [0, 2, 4], [1, 3])),
        ("subset_X_y", (X, labels, mask)),
        ("subset_data", (X, mask)),
        ("append_extra_datapoint", (X, X, 1)),
    ):
        if name == "append_extra_datapoint" and isinstance(X, list):
            # cleanlab returns what list.append does, which is nothing.
            assert util.append_extra_datapoint(X, X, 1) == [0, 1, 2, 3, 4, 5, 1]
            continue
        results = []
        for module in (util, cleanlab.internal.util):
            copies = tuple(value.copy() if hasattr(value, "copy") else value for value in args)
            try:
                result = getattr(module, name)(*copies)
            except Exception as error:
                results.append(type(error))
            else:
                parts = result if isinstance(result, tuple) else (result,)
                results.append([plain(part) for part in parts])
        ours, theirs = results
        assert isinstance(ours, type) == isinstance(theirs, type)
        if isinstance(theirs, type):
            assert ours is theirs
            continue
        for our_part, their_part in zip(ours, theirs):
            if isinstance(their_part, (pd.DataFrame, pd.Series)):
                assert our_part.equals(their_part)
            else:
                np.testing.assert_array_equal(our_part, their_part)


def test_subset_labels_keeps_a_list_a_list():
    assert_same_as("subset_labels", ["a", "b", "c"], [True, False, True])
    assert_same_as("subset_labels", 3, [True])


@pytest.mark.parametrize("labels", [np.arange(2), [0, 1], pd.Series([0, 1])], ids=lambda labels: type(labels).__name__)
@pytest.mark.parametrize("length", [1, 3])
def test_subset_labels_mask_of_another_length_is_refused(labels, length):
    with pytest.raises(IndexError):
        util.subset_labels(labels, np.ones(length, dtype=bool))


def test_csr_vstack_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="3 columns"):
        util.csr_vstack(csr_matrix(np.eye(2)), csr_matrix(np.eye(3)))


def test_append_extra_datapoint_sparse_matrix_of_any_format_keeps_it():
    for X in (csr_matrix(np.eye(3)).tocsc(), csr_matrix(np.eye(3)).tolil()):
        longer = util.append_extra_datapoint(X, X, 1)
        assert longer.format == X.format
        np.testing.assert_array_equal(longer.toarray(), np.eye(3)[[0, 1, 2, 1]])


def test_force_two_dimensions_flattens_what_has_more():
    for X in (np.zeros((2, 3, 4)), np.zeros((2, 3)), None):
        assert_same_as("force_two_dimensions", X)


@options
@given(examples())
def test_quality_building_blocks_are_cleanlabs(data):
    labels, pred_probs = data
    modules = {"ours": label_quality_utils, "theirs": cleanlab.internal.label_quality_utils}
    assert_same_as("_subtract_confident_thresholds", labels, pred_probs, **modules)
    assert_same_as("_subtract_confident_thresholds", None, pred_probs, **modules)
    assert_same_as("get_normalized_entropy", pred_probs, **modules)
    assert_same_as("get_normalized_entropy", pred_probs, min_allowed_prob=0.1, **modules)
    assert_same_as("get_normalized_entropy", pred_probs + 1, **modules)


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("shift", [False, True])
def test_softmax_is_cleanlabs(axis, shift):
    assert_same_as(
        "softmax",
        np.array([[1.0, 2.0], [3.0, -1.0]]),
        temperature=0.3,
        axis=axis,
        shift=shift,
        ours=numerics,
        theirs=cleanlab.internal.numerics,
    )


def test_examples_are_checked_as_by_cleanlab():
    modules = {"ours": validation, "theirs": cleanlab.internal.validation}

    class Unsized:
        shape = (3,)

        def __getitem__(self, positions):
            return positions

    for X in (None, np.zeros((3, 2)), np.zeros((2, 2)), pd.DataFrame({"a": [1, 2, 3]}), Unsized(), {1, 2, 3}, 5):
        assert_same_as("assert_valid_inputs", X, np.array([0, 1, 1]), **modules)
        assert_same_as("assert_valid_inputs", X, np.array([0, 1, 1]), np.full((3, 2), 0.5), **modules)
    for more in ({"allow_missing_classes": False}, {"allow_one_class": True}):
        for labels in (np.array([0, 2, 2]), np.array([1, 1, 1])):
            assert_same_as("assert_valid_class_labels", labels, **more, **modules)
    for labels in ([[0], [1]], [[0], 1], ((0,), (1,)), "ab"):
        assert_same_as("labels_to_list_multilabel", labels, **modules)


def test_assert_valid_inputs_sets_that_are_all_empty_are_valid():
    assert validation.assert_valid_inputs(None, [[], []], np.full((2, 2), 0.5), multi_label=True) is None


def test_assert_indexing_works_keeps_the_cause():
    with pytest.raises(TypeError) as refused:
        validation.assert_indexing_works({"a": 1})
    assert refused.value.__cause__ is not None
