"""Estimates of label noise: cleanlab's numbers."""

import cleanlab.count
import numpy as np
import pytest
from class_label_data import assert_same_call, examples
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs import count

LABELS = np.array([0, 0, 1, 1, 1])
PRED_PROBS = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]])

options = settings(deadline=None, max_examples=25)


@options
@given(examples())
def test_get_confident_thresholds_are_cleanlabs(data):
    assert_same_call(count.get_confident_thresholds, cleanlab.count.get_confident_thresholds, *data)


@options
@given(examples(), st.booleans(), st.booleans(), st.booleans())
def test_compute_confident_joint_any_options_gives_cleanlabs_counts(data, calibrate, with_rows, own_thresholds):
    assert_same_call(
        count.compute_confident_joint,
        cleanlab.count.compute_confident_joint,
        *data,
        thresholds=[0.3] * data[1].shape[1] if own_thresholds else None,
        calibrate=calibrate,
        return_indices_of_off_diagonals=with_rows,
    )


@options
@given(
    examples(),
    st.sampled_from(["off_diagonal", "off_diagonal_calibrated", "off_diagonal_custom", "unknown"]),
    st.booleans(),
)
def test_num_label_issues_any_method_gives_cleanlabs_number(data, method, with_joint):
    confident_joint = cleanlab.count.compute_confident_joint(*data, calibrate=False) if with_joint else None
    assert_same_call(
        count.num_label_issues,
        cleanlab.count.num_label_issues,
        *data,
        estimation_method=method,
        confident_joint=confident_joint,
    )


@options
@given(examples(), st.sampled_from(["counts", "whole floats", "fractions", "shares"]))
def test_joints_of_any_numbers_are_calibrated_as_by_cleanlab(data, kind):
    labels, pred_probs = data
    counts = cleanlab.count.compute_confident_joint(labels, pred_probs, calibrate=False)
    joint = {
        "counts": counts,
        "whole floats": counts.astype(float),
        "fractions": counts + 0.25,
        "shares": counts / counts.sum(),
    }[kind]
    assert_same_call(
        count.calibrate_confident_joint, cleanlab.count.calibrate_confident_joint, joint, labels
    )
    for given_labels in (labels, None):
        assert_same_call(
            count.estimate_joint, cleanlab.count.estimate_joint, given_labels, pred_probs, confident_joint=joint
        )
    for converge in (False, True):
        for method in ("cnt", "eqn", "marginal", "marginal_ps", "unknown"):
            assert_same_call(
                count.estimate_latent,
                cleanlab.count.estimate_latent,
                joint,
                labels,
                py_method=method,
                converge_latent_estimates=converge,
                tolerance=1e-8,
            )


@options
@given(examples(), st.booleans())
def test_estimates_from_probabilities_are_cleanlabs(data, calibrate):
    assert_same_call(
        count.estimate_py_and_noise_matrices_from_probabilities,
        cleanlab.count.estimate_py_and_noise_matrices_from_probabilities,
        *data,
        calibrate=calibrate,
        tolerance=1e-9,
    )


@pytest.mark.parametrize(
    "name",
    [
        "estimate_confident_joint_and_cv_pred_proba",
        "estimate_py_noise_matrices_and_cv_pred_proba",
        "estimate_cv_predicted_probabilities",
        "estimate_noise_matrices",
    ],
)
@pytest.mark.parametrize("rare", [False, True], ids=["enough of each class", "a class of two"])
def test_cross_validated_estimates_are_cleanlabs(name, rare):
    from sklearn.naive_bayes import GaussianNB

    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    if rare:
        labels[labels == 2] = 0
        labels[:2] = 2
    features = rng.normal(size=(90, 2)) + labels[:, None]
    with np.errstate(all="ignore"):
        for model in (None, GaussianNB()):
            given_model = {} if model is None else {"clf": model}
            assert_same_call(
                getattr(count, name),
                getattr(cleanlab.count, name),
                features,
                labels,
                seed=5,
                cv_n_folds=2,
                tolerance=1e-9,
                **given_model,
            )


def test_estimate_latent_matrix_without_an_inverse_raises_linalgerror():
    with pytest.raises(np.linalg.LinAlgError):
        count.estimate_latent(np.ones((2, 2), dtype=int), [0, 1], py_method="eqn")


def test_estimate_joint_of_nothing_is_refused():
    with pytest.raises(TypeError, match="both are missing"):
        count.estimate_joint(None, None)


def test_compute_confident_joint_float32_gives_what_float64_gives():
    single = PRED_PROBS.astype(np.float32)
    np.testing.assert_array_equal(
        count.compute_confident_joint(LABELS, single),
        count.compute_confident_joint(LABELS, single.astype(np.float64)),
    )


def test_sets_of_classes_give_cleanlabs_numbers():
    rng = np.random.default_rng(1)
    onehot = rng.random((60, 3)) < 0.5
    pred_probs = np.clip(np.where(onehot, 0.7, 0.3) + rng.normal(0, 0.25, (60, 3)), 0.01, 0.99)
    labels = [np.flatnonzero(row).tolist() for row in onehot]
    for name, more in (
        ("get_confident_thresholds", {}),
        ("compute_confident_joint", {}),
        ("compute_confident_joint", {"calibrate": False, "return_indices_of_off_diagonals": True}),
        ("compute_confident_joint", {"thresholds": [0.4, 0.6]}),
        ("estimate_joint", {}),
    ):
        assert_same_call(
            getattr(count, name), getattr(cleanlab.count, name), labels, pred_probs, multi_label=True, **more
        )
    assert int(count.num_label_issues(labels, pred_probs, multi_label=True)) == int(
        cleanlab.count.num_label_issues(labels, pred_probs, multi_label=True)
    )
    with pytest.raises(TypeError):
        count.compute_confident_joint(np.array([0, 1, 2]), pred_probs[:3], multi_label=True)
