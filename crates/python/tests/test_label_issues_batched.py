"""Label errors batch by batch: cleanlab's, in memory and in memory-mapped files."""

import pickle

import cleanlab.experimental.label_issues_batched
import numpy as np
import pytest
from class_label_data import assert_same, assert_same_call, examples, outcome, stable_sorts
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs import filter
from cleanlab_rs.experimental import label_issues_batched

OPTIONS = [
    {},
    {"return_mask": True},
    {"quality_score_kwargs": {"method": "normalized_margin"}},
    {"quality_score_kwargs": {"method": "self_confidence", "adjust_pred_probs": True}},
    {"quality_score_kwargs": {"method": "confidence_weighted_entropy"}},
    {"num_issue_kwargs": {"estimation_method": "off_diagonal_calibrated"}},
]


@settings(deadline=None, max_examples=30)
@given(examples(every_class=True), st.integers(7, 300), st.sampled_from(OPTIONS))
def test_find_label_issues_batched_any_batches_give_cleanlabs_answer(data, batch_size, more):
    assert_same_call(
        label_issues_batched.find_label_issues_batched,
        cleanlab.experimental.label_issues_batched.find_label_issues_batched,
        *data,
        batch_size=batch_size,
        verbose=False,
        **more,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_find_label_issues_batched_memory_mapped_files_give_the_same(tmp_path, dtype):
    rng = np.random.default_rng(0)
    pred_probs = rng.dirichlet(np.ones(3), 5000).astype(dtype)
    labels = rng.integers(0, 3, 5000)
    paths = {"labels_file": str(tmp_path / "labels.npy"), "pred_probs_file": str(tmp_path / "pred_probs.npy")}
    np.save(paths["labels_file"], labels)
    np.save(paths["pred_probs_file"], pred_probs)
    expected = label_issues_batched.find_label_issues_batched(labels, pred_probs, verbose=False)
    found, _, printed = outcome(label_issues_batched.find_label_issues_batched, **paths, batch_size=900)
    assert_same(found, expected)
    assert "5000 examples, 3 classes" in printed


def test_find_label_issues_batched_flags_about_what_the_method_in_memory_flags():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 4000)
    # Of two classes the one that is confident is mostly the predicted one, so that both count alike.
    confidence = np.where(rng.random(4000) < 0.1, 0.2, 0.8)
    pred_probs = np.stack([np.where(labels == 0, confidence, 1 - confidence)] * 2, axis=1)
    pred_probs[:, 1] = 1 - pred_probs[:, 0]
    found = label_issues_batched.find_label_issues_batched(labels, pred_probs, verbose=False, return_mask=True)
    np.testing.assert_array_equal(found, filter.find_label_issues(labels, pred_probs, filter_by="low_self_confidence"))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"labels": np.array([0, 1])},
        {"pred_probs": np.full((2, 2), 0.5)},
        {"labels": np.array([0, 1, 1]), "pred_probs": np.full((2, 2), 0.5)},
        {"labels": np.array([0, 1]), "labels_file": "labels.npy", "pred_probs": np.full((2, 2), 0.5)},
        {"labels_file": 3, "pred_probs": np.full((2, 2), 0.5)},
    ],
)
def test_find_label_issues_batched_bad_arguments_raise_as_in_cleanlab(arguments):
    assert_same_call(
        label_issues_batched.find_label_issues_batched,
        cleanlab.experimental.label_issues_batched.find_label_issues_batched,
        **arguments,
    )


def inspect(module, labels, pred_probs, more):
    inspector = module.LabelInspector(num_class=pred_probs.shape[1], verbose=False, **more)
    parts = np.array_split(np.arange(len(labels)), 3)
    for rows in parts:
        inspector.update_confident_thresholds(labels[rows], pred_probs[rows])
    scores = [inspector.score_label_quality(labels[rows], pred_probs[rows]) for rows in parts]
    return inspector, (
        inspector.get_confident_thresholds(),
        int(inspector.get_num_issues()),
        inspector.get_quality_scores(),
        inspector.get_label_issues(),
        scores,
    )


@pytest.mark.parametrize("more", [{}, {"num_issue_kwargs": {"estimation_method": "off_diagonal_calibrated"}}])
def test_label_inspector_gives_cleanlabs_numbers_and_can_be_pickled(more):
    rng = np.random.default_rng(5)
    pred_probs = rng.dirichlet(np.ones(4), 300)
    labels = rng.integers(0, 4, 300)
    inspector, found = inspect(label_issues_batched, labels, pred_probs, more)
    with stable_sorts():
        _, expected = inspect(cleanlab.experimental.label_issues_batched, labels, pred_probs, more)
    assert_same(found, expected)
    again = pickle.loads(pickle.dumps(inspector))
    np.testing.assert_array_equal(again.get_label_issues(), inspector.get_label_issues())


def test_label_inspector_asked_too_early_says_what_to_do_first():
    inspector = label_issues_batched.LabelInspector(num_class=2, verbose=False)
    with pytest.raises(ValueError, match="update_confident_thresholds"):
        inspector.get_confident_thresholds()
    with pytest.raises(ValueError, match="score_label_quality"):
        inspector.get_num_issues()
    with pytest.raises(ValueError, match="store_results"):
        label_issues_batched.LabelInspector(num_class=2, store_results=False).get_label_issues()


def test_label_inspector_class_without_labels_is_never_confident():
    inspector = label_issues_batched.LabelInspector(num_class=3, verbose=False)
    inspector.update_confident_thresholds([0, 1], np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]))
    assert inspector.get_confident_thresholds()[2] == 2
