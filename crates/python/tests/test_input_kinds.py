"""Arrays and columns of unusual kinds: each is read as what it means, or refused, and never read as something else."""

import numpy as np
import pyarrow as pa
import pytest

from cleanlab_rs import _native, count, filter, rank
from cleanlab_rs.benchmarking.noise_generation import (
    generate_n_rand_probabilities_that_sum_to_m,
    generate_noise_matrix_from_trace,
    randomly_distribute_N_balls_into_K_bins,
)
from cleanlab_rs.multilabel_classification.filter import find_label_issues as find_label_issues_by_class

LABELS = np.array([0, 0, 1, 1, 1])
PRED_PROBS = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]])


class Once:
    """Data that can be read once, such as rows that a database sends."""

    def __init__(self, data):
        self.data = data

    def __arrow_c_stream__(self, requested_schema=None):
        data, self.data = self.data, None
        return data.__arrow_c_stream__(requested_schema)


def labels_once():
    return Once(pa.chunked_array([LABELS[:2], LABELS[2:]]))


def pred_probs_once():
    return Once(pa.table({"a": PRED_PROBS[:, 0], "b": PRED_PROBS[:, 1]}))


@pytest.mark.parametrize(
    "call",
    [
        filter.find_label_issues,
        rank.get_label_quality_scores,
        count.num_label_issues,
        count.estimate_joint,
        lambda labels, pred_probs: rank.order_label_issues(LABELS == 1, labels, pred_probs),
        lambda labels, pred_probs: count.estimate_py_and_noise_matrices_from_probabilities(labels, pred_probs)[0],
    ],
)
def test_streams_that_can_be_read_once_are_read_once(call):
    np.testing.assert_array_equal(call(labels_once(), pred_probs_once()), call(LABELS, PRED_PROBS))


def test_arrow_array_and_batch_without_a_stream_are_read():
    class Column:
        def __init__(self, data):
            self.data = data

        def __arrow_c_array__(self, requested_schema=None):
            return self.data.__arrow_c_array__(requested_schema)

    batch = pa.RecordBatch.from_arrays([pa.array(PRED_PROBS[:, 0]), pa.array(PRED_PROBS[:, 1])], names=["a", "b"])
    scores = rank.get_label_quality_scores(Column(pa.array(LABELS)), Column(batch))
    np.testing.assert_array_equal(scores, rank.get_label_quality_scores(LABELS, PRED_PROBS))


def test_masked_arrays_are_refused_where_something_is_masked():
    with pytest.raises(ValueError, match="masks"):
        rank.get_label_quality_scores(np.ma.array(LABELS, mask=LABELS == 0), PRED_PROBS)
    with pytest.raises(ValueError, match="masks"):
        rank.get_label_quality_scores(LABELS, np.ma.masked_greater(PRED_PROBS, 0.9))
    scores = rank.get_label_quality_scores(np.ma.array(LABELS), np.ma.array(PRED_PROBS))
    np.testing.assert_array_equal(scores, rank.get_label_quality_scores(LABELS, PRED_PROBS))


def test_booleans_of_any_byte_are_true():
    # NumPy takes any byte but 0 for true, and a view can hold any.
    booleans = np.array([0, 0, 2, 255, 1], dtype=np.uint8).view(bool)
    np.testing.assert_array_equal(
        rank.get_label_quality_scores(booleans, PRED_PROBS), rank.get_label_quality_scores(LABELS, PRED_PROBS)
    )
    np.testing.assert_array_equal(
        rank.order_label_issues(booleans, LABELS, PRED_PROBS), rank.order_label_issues(LABELS == 1, LABELS, PRED_PROBS)
    )


def test_fractions_of_examples_to_remove_are_refused():
    for find in (filter.find_label_issues, find_label_issues_by_class):
        labels = LABELS if find is filter.find_label_issues else [[label] for label in LABELS]
        with pytest.raises(ValueError):
            find(labels, PRED_PROBS, num_to_remove_per_class=[0, 1.9])
        find(labels, PRED_PROBS, num_to_remove_per_class=[0.0, 1.0])


# A row of so many classes is small, and pairs of them are more than a processor can address.
MANY_CLASSES = np.broadcast_to(np.float32(0), (1, 4_000_000))


@pytest.mark.parametrize(
    "call",
    [
        lambda: count.compute_confident_joint([0], MANY_CLASSES),
        lambda: filter.find_label_issues([0], MANY_CLASSES),
        lambda: filter.find_label_issues_using_argmax_confusion_matrix(np.array([0]), MANY_CLASSES),
        lambda: _native.num_label_issues([0], MANY_CLASSES, True),
        lambda: generate_n_rand_probabilities_that_sum_to_m(10**15, 1.0),
        lambda: randomly_distribute_N_balls_into_K_bins(10, 10**15),
        lambda: generate_noise_matrix_from_trace(10**8, 5.0, valid_noise_matrix=False),
    ],
)
def test_results_that_do_not_fit_into_memory_are_memory_errors(call):
    with pytest.raises(MemoryError):
        call()
