"""How much label noise there is: confident thresholds, the confident joint, noise matrices, numbers of wrong labels.

Examples have labels 0, 1, …, K - 1 and predicted probabilities of a model that did not see them in training. In a
confident joint and a joint, rows are given labels and columns true labels.
"""

from __future__ import annotations

import warnings
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _native
from ._arguments import checked_inputs, label_array, probability_array, read_once
from .internal.constants import TINY_VALUE
from .internal.latent_algebra import compute_inv_noise_matrix, compute_noise_matrix_from_inverse, compute_py
from .internal.util import (
    _shares,
    append_extra_datapoint,
    clip_noise_rates,
    clip_values,
    get_num_classes,
    is_torch_dataset,
    round_preserving_row_totals,
    train_val_split,
    value_counts_fill_missing_classes,
)
from .internal.validation import assert_valid_inputs

__all__ = [
    "calibrate_confident_joint",
    "compute_confident_joint",
    "estimate_confident_joint_and_cv_pred_proba",
    "estimate_cv_predicted_probabilities",
    "estimate_joint",
    "estimate_latent",
    "estimate_noise_matrices",
    "estimate_py_and_noise_matrices_from_probabilities",
    "estimate_py_noise_matrices_and_cv_pred_proba",
    "get_confident_thresholds",
    "num_label_issues",
]

_Array = npt.NDArray[Any]

_ESTIMATION_METHODS = ("off_diagonal", "off_diagonal_calibrated", "off_diagonal_custom")


def num_label_issues(
    labels: Any,
    pred_probs: _Array,
    *,
    confident_joint: Optional[_Array] = None,
    estimation_method: str = "off_diagonal",
    multi_label: bool = False,
) -> int:
    """The estimated number of wrong labels.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels; with ``multi_label`` a list with a list of classes per example.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities; column k is class k.
    confident_joint : array, shape (K, K), optional
        Counts for "off_diagonal_custom"; ignored by the others.
    estimation_method : {"off_diagonal", "off_diagonal_calibrated", "off_diagonal_custom"}
        Counts labels where the model is confident in another class, or takes the share off the diagonal of the
        calibrated joint, estimated here or from ``confident_joint``.
    multi_label : bool
        Whether an example has a set of classes.

    Returns
    -------
    int
        How many labels are wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.count import num_label_issues
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]])
    >>> int(num_label_issues([0, 0, 1, 1, 1], pred_probs))
    1
    """
    if isinstance(confident_joint, np.ndarray) and estimation_method != "off_diagonal_custom":
        warnings.warn(
            "confident_joint is ignored: it is estimated anew from labels and pred_probs, unless "
            "estimation_method is 'off_diagonal_custom'",
            stacklevel=2,
        )
    if multi_label:
        return _num_label_issues_multilabel(labels, probability_array(pred_probs))
    labels, pred_probs = checked_inputs(label_array(labels), pred_probs, allow_one_class=False)
    if estimation_method == "off_diagonal_custom":
        if not isinstance(confident_joint, np.ndarray):
            raise ValueError("estimation_method is 'off_diagonal_custom', which needs a confident_joint")
        # The one method that reads no probabilities, so that nothing else would look at them.
        assert_valid_inputs(X=None, y=labels, pred_probs=pred_probs)
        joint = estimate_joint(labels, pred_probs, confident_joint=confident_joint)
        return np.rint((1.0 - joint.trace()) * len(labels)).astype(int)  # type: ignore[no-any-return]
    if estimation_method not in _ESTIMATION_METHODS:
        raise ValueError(
            f"estimation_method is {estimation_method!r}; choose one of {', '.join(_ESTIMATION_METHODS)}"
        )
    calibrated = estimation_method == "off_diagonal_calibrated"
    return np.int64(_native.num_label_issues(labels, pred_probs, calibrated))  # type: ignore[return-value]


def _num_label_issues_multilabel(labels: Any, pred_probs: _Array) -> int:
    assert_valid_inputs(X=None, y=labels, pred_probs=pred_probs, multi_label=True)
    if not isinstance(labels, list):
        raise TypeError(f"labels must be a list of lists with multi_label=True, not {type(labels).__name__}")
    return np.int64(_native.multilabel_num_label_issues(labels, pred_probs))  # type: ignore[return-value]


def _joint_and_num_label_issues(labels: Any, pred_probs: Any) -> Tuple[_Array, int]:
    """What :func:`estimate_joint` and :func:`num_label_issues` give, of data that are looked at once."""
    labels, pred_probs = checked_inputs(label_array(labels), pred_probs, allow_one_class=False)
    counts, wrong = _native.confident_joint_and_num_label_issues(labels, pred_probs)
    return _shares(counts), np.int64(wrong)  # type: ignore[return-value]


def calibrate_confident_joint(confident_joint: _Array, labels: Any, *, multi_label: bool = False) -> _Array:
    """A confident joint scaled so that its rows sum to the numbers of labels.

    Parameters
    ----------
    confident_joint : array, shape (K, K)
        Counts, rows for given and columns for true labels; (K, 2, 2) with ``multi_label``.
    labels : array-like of int, shape (N,)
        Given labels.
    multi_label : bool
        Whether an example has a set of classes.

    Returns
    -------
    array of int
        Of the shape of ``confident_joint``.
    """
    if multi_label:
        _assert_list(labels)
        return _native.multilabel_calibrate(confident_joint, labels)
    num_classes = len(confident_joint)
    counts = value_counts_fill_missing_classes(label_array(labels), num_classes)
    joint = np.asarray(confident_joint)
    if _holds_counts(joint):
        return _native.calibrate_confident_joint(joint, counts)
    scaled = (joint.T / np.clip(joint.sum(axis=1), TINY_VALUE, None) * counts).T
    return round_preserving_row_totals(_shares(scaled) * counts.sum())


def _holds_counts(joint: _Array) -> bool:
    if joint.ndim != 2 or joint.shape[0] != joint.shape[1] or joint.dtype.kind not in "biuf":
        return False
    is_whole = joint.dtype.kind != "f" or bool(np.all(np.mod(joint, 1) == 0))
    # Beyond that a float does not hold every count.
    return is_whole and bool(joint.min() >= 0) and bool(joint.max() < 2**53)


def estimate_joint(
    labels: Any,
    pred_probs: Optional[_Array],
    *,
    confident_joint: Optional[_Array] = None,
    multi_label: bool = False,
) -> _Array:
    """The joint distribution of given (rows) and true labels (columns).

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities.
    confident_joint : array, shape (K, K), optional
        Counts to calibrate, in place of those estimated here. Without ``labels`` they are taken as they are.
    multi_label : bool
        Whether an example has a set of classes.

    Returns
    -------
    array, shape (K, K)
        Sums to 1. With ``multi_label`` (K, 2, 2), each class for itself.
    """
    if multi_label:
        if labels is not None or confident_joint is None:
            _assert_list(labels)
        if not isinstance(labels, list):
            raise TypeError("labels must be a list of lists with multi_label=True")
        return _native.multilabel_joint(labels, probability_array(pred_probs), confident_joint)
    labels = read_once(labels)
    if confident_joint is None:
        if labels is None or pred_probs is None:
            raise TypeError("a joint is estimated from labels and pred_probs, or from a confident_joint; both are missing")
        counts = compute_confident_joint(labels, pred_probs, calibrate=True)
    elif labels is not None:
        counts = calibrate_confident_joint(confident_joint, labels)
    else:
        counts = confident_joint
    if not isinstance(counts, np.ndarray):
        raise AssertionError(f"confident_joint must be an array, not {type(counts).__name__}")
    return _shares(counts)


def compute_confident_joint(
    labels: Any,
    pred_probs: Any,
    *,
    thresholds: Optional[Union[_Array, List[float]]] = None,
    calibrate: bool = True,
    multi_label: bool = False,
    return_indices_of_off_diagonals: bool = False,
) -> Any:
    """How many examples are given one class (rows) and confidently another (columns).

    An example is confidently in a class if its probability reaches the class's threshold; if it reaches several, the
    most probable class counts.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels; with ``multi_label`` a list with a list of classes per example.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities.
    thresholds : array, shape (K,), optional
        One per class; by default the mean probability of a class where it is given.
    calibrate : bool
        Scales rows to the numbers of labels.
    multi_label : bool
        Whether an example has a set of classes.
    return_indices_of_off_diagonals : bool
        Also returns the rows that are confidently in another class than the given one.

    Returns
    -------
    array of int, shape (K, K), or a tuple
        Counts; (K, 2, 2) with ``multi_label``. In a tuple with row indices if asked for, which are a list with an
        array per class with ``multi_label``.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.count import compute_confident_joint
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]])
    >>> compute_confident_joint([0, 0, 1, 1, 1], pred_probs)
    array([[2, 0],
           [1, 2]])
    """
    pred_probs = probability_array(pred_probs)
    if pred_probs is None:
        raise TypeError("pred_probs is None; give the predicted probabilities")
    if multi_label:
        _assert_list(labels)
        if thresholds is not None:
            thresholds = np.broadcast_to(np.asarray(thresholds, dtype=float), (pred_probs.shape[1], 2))
        joints, row_lists = _native.multilabel_confident_joint(
            labels, pred_probs, thresholds, bool(calibrate), bool(return_indices_of_off_diagonals)
        )
        return (joints, row_lists) if return_indices_of_off_diagonals else joints
    if thresholds is not None:
        if np.ndim(pred_probs) != 2:
            raise ValueError(f"pred_probs must have rows and columns, but has {np.ndim(pred_probs)} axes")
        thresholds = np.broadcast_to(np.asarray(thresholds, dtype=float), (pred_probs.shape[1],))
    joint, rows = _native.compute_confident_joint(
        label_array(labels), pred_probs, thresholds, bool(calibrate), bool(return_indices_of_off_diagonals)
    )
    return (joint, rows) if return_indices_of_off_diagonals else joint


def _assert_list(labels: Any) -> None:
    if not isinstance(labels, list):
        raise TypeError(f"labels must be a list of lists with multi_label=True, not {type(labels).__name__}")


def estimate_latent(
    confident_joint: _Array, labels: Any, *, py_method: str = "cnt", converge_latent_estimates: bool = False
) -> Tuple[_Array, _Array, _Array]:
    """Priors of the true labels, noise matrix and inverse noise matrix from a confident joint.

    Parameters
    ----------
    confident_joint : array, shape (K, K)
        Counts, rows for given and columns for true labels.
    labels : array-like of int, shape (N,)
        Given labels.
    py_method : {"cnt", "eqn", "marginal", "marginal_ps"}
        How the priors are computed; see :func:`cleanlab_rs.internal.latent_algebra.compute_py`.
    converge_latent_estimates : bool
        Makes the three estimates consistent by iteration.

    Returns
    -------
    tuple
        Priors (K,), p(given | true) (K, K) and p(true | given) (K, K).
    """
    joint, given = np.asarray(confident_joint), label_array(labels)
    if given.ndim == 0:
        raise TypeError(f"labels must be a list or an array, not {type(labels).__name__}")
    if given.ndim != 1:
        raise ValueError(f"labels must have one dimension, but have shape {given.shape}")
    counts = value_counts_fill_missing_classes(given, len(joint))
    if _holds_counts(joint) and counts.sum() > 0:
        return _native.estimate_latent(joint, counts, py_method, bool(converge_latent_estimates))
    return _estimate_latent_of_weights(joint, counts / float(counts.sum()), py_method, converge_latent_estimates)


def _estimate_latent_of_weights(
    joint: _Array, ps: _Array, py_method: str, converge: bool
) -> Tuple[_Array, _Array, _Array]:
    """As :func:`estimate_latent`, of numbers that are no counts."""
    true_counts, given_counts = joint.sum(axis=0).astype(float), joint.sum(axis=1).astype(float)
    noise_matrix = joint / np.clip(true_counts, TINY_VALUE, None)
    inverse = joint.T / np.clip(given_counts, TINY_VALUE, None)
    py = compute_py(ps, noise_matrix, inverse, py_method=py_method, true_labels_class_counts=true_counts)
    noise_matrix, inverse = clip_noise_rates(noise_matrix), clip_noise_rates(inverse)
    if converge:
        for _ in range(3):
            for _ in range(5):
                inverse = compute_inv_noise_matrix(py, noise_matrix, ps=ps)
                py = compute_py(ps, noise_matrix, inverse)
            noise_matrix = compute_noise_matrix_from_inverse(ps, inverse, py=py)
        py = clip_values(py, low=1e-5, high=1.0, new_sum=1.0)
        noise_matrix, inverse = clip_noise_rates(noise_matrix), clip_noise_rates(inverse)
    return py, noise_matrix, inverse


def estimate_py_and_noise_matrices_from_probabilities(
    labels: Any,
    pred_probs: _Array,
    *,
    thresholds: Optional[Union[_Array, List[float]]] = None,
    converge_latent_estimates: bool = True,
    py_method: str = "cnt",
    calibrate: bool = True,
) -> Tuple[_Array, _Array, _Array, _Array]:
    """All estimates of the noise, from labels and predicted probabilities.

    Parameters are those of :func:`compute_confident_joint` and :func:`estimate_latent`.

    Returns
    -------
    tuple
        Priors (K,), p(given | true) (K, K), p(true | given) (K, K), confident joint (K, K).
    """
    labels = read_once(labels)
    joint = compute_confident_joint(labels, pred_probs, thresholds=thresholds, calibrate=calibrate)
    latent = estimate_latent(
        joint, labels, py_method=py_method, converge_latent_estimates=converge_latent_estimates
    )
    return (*latent, joint)


def estimate_confident_joint_and_cv_pred_proba(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    thresholds: Optional[Union[_Array, List[float]]] = None,
    seed: Optional[int] = None,
    calibrate: bool = True,
    clf_kwargs: Dict[str, Any] = {},
    validation_func: Optional[Callable[..., Dict[str, Any]]] = None,
) -> Tuple[_Array, _Array]:
    """The confident joint, and out-of-sample predicted probabilities by cross-validation.

    Parameters
    ----------
    X : examples
        Anything that can be indexed by an array of positions.
    labels : array-like of int, shape (N,)
        Given labels; every class from 0 to K - 1 occurs.
    clf : estimator, optional
        A classifier of scikit-learn's interface; logistic regression by default.
    cv_n_folds : int
        Number of folds.
    thresholds, calibrate
        As for :func:`compute_confident_joint`.
    seed : int, optional
        Makes the folds repeatable.
    clf_kwargs : dict
        Arguments of ``clf.fit``.
    validation_func : callable, optional
        Gets the held-out examples and labels of a fold, and returns more arguments of ``clf.fit``.

    Returns
    -------
    tuple
        Counts (K, K) and probabilities (N, K).
    """
    labels = read_once(labels)
    assert_valid_inputs(X, labels)
    if validation_func is not None and not callable(validation_func):
        raise TypeError("validation_func must be a function of held-out examples and labels")
    labels = label_array(labels)
    pred_probs = _cross_validated(X, labels, clf, cv_n_folds, seed, clf_kwargs, validation_func)
    return compute_confident_joint(labels, pred_probs, thresholds=thresholds, calibrate=calibrate), pred_probs


def _cross_validated(
    X: Any,
    labels: _Array,
    clf: Any,
    cv_n_folds: int,
    seed: Optional[int],
    clf_kwargs: Dict[str, Any],
    validation_func: Optional[Callable[..., Dict[str, Any]]],
) -> _Array:
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold

    if clf is None:
        from sklearn.linear_model import LogisticRegression

        clf = LogisticRegression(solver="lbfgs")
    num_classes = get_num_classes(labels=labels)
    pred_probs = np.zeros((len(labels), num_classes))
    folds = StratifiedKFold(n_splits=cv_n_folds, shuffle=True, random_state=seed)
    for train_idx, holdout_idx in folds.split(X=labels, y=labels):
        try:
            model = clone(clf)
        except (AttributeError, RuntimeError, TypeError) as error:
            raise ValueError(
                "clf cannot be cloned: sklearn.base.clone(clf) must work, for which clf needs get_params(); or "
                "cross-validate it yourself and give pred_probs"
            ) from error
        X_train, X_holdout, y_train, y_holdout = train_val_split(X, labels, train_idx, holdout_idx)
        lent: Dict[int, int] = {}
        if not is_torch_dataset(X):
            X_train, y_train, lent = _with_missing_classes(X_train, y_train, X_holdout, y_holdout, num_classes)
        more = {} if validation_func is None else validation_func(X_holdout, y_holdout)
        model.fit(X_train, y_train, **clf_kwargs, **more)
        predicted = model.predict_proba(X_holdout)
        for missing, position in lent.items():
            # The model has seen this example, so what it says of it is no evidence.
            predicted[position] = np.eye(1, predicted.shape[1], missing)[0]
        pred_probs[holdout_idx] = predicted
    return pred_probs


def _with_missing_classes(
    X_train: Any, y_train: Any, X_holdout: Any, y_holdout: Any, num_classes: int
) -> Tuple[Any, Any, Dict[int, int]]:
    """Lends the training fold one held-out example of every class that it lacks."""
    missing_classes = set(range(num_classes)).difference(np.unique(y_train).tolist())
    lent: Dict[int, int] = {}
    if not missing_classes:
        return X_train, y_train, lent
    warnings.warn(
        f"Some examples are in a training fold and its held-out fold at once, as these classes have too few of them "
        f"for cross-validation: {missing_classes}",
        stacklevel=5,
    )
    for missing in missing_classes:
        held_out = np.flatnonzero(y_holdout == missing)
        if not held_out.size:
            raise ValueError(f"no label is {missing}: a model is trained on classes 0, 1, 2, … without a gap")
        position = int(held_out[0])
        y_train = np.append(y_train, y_holdout[position])
        X_train = append_extra_datapoint(to_data=X_train, from_data=X_holdout, index=position)
        lent[missing] = position
    return X_train, y_train, lent


def estimate_py_noise_matrices_and_cv_pred_proba(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    thresholds: Optional[Union[_Array, List[float]]] = None,
    converge_latent_estimates: bool = False,
    py_method: str = "cnt",
    seed: Optional[int] = None,
    clf_kwargs: Dict[str, Any] = {},
    validation_func: Optional[Callable[..., Dict[str, Any]]] = None,
) -> Tuple[_Array, _Array, _Array, _Array, _Array]:
    """All estimates of the noise, and out-of-sample predicted probabilities by cross-validation.

    Parameters are those of :func:`estimate_confident_joint_and_cv_pred_proba` and :func:`estimate_latent`.

    Returns
    -------
    tuple
        Priors (K,), p(given | true) (K, K), p(true | given) (K, K), confident joint (K, K), probabilities (N, K).
    """
    labels = read_once(labels)
    joint, pred_probs = estimate_confident_joint_and_cv_pred_proba(
        X,
        labels,
        clf,
        cv_n_folds=cv_n_folds,
        thresholds=thresholds,
        seed=seed,
        clf_kwargs=clf_kwargs,
        validation_func=validation_func,
    )
    latent = estimate_latent(
        joint, labels, py_method=py_method, converge_latent_estimates=converge_latent_estimates
    )
    return (*latent, joint, pred_probs)


def estimate_cv_predicted_probabilities(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    seed: Optional[int] = None,
    clf_kwargs: Dict[str, Any] = {},
    validation_func: Optional[Callable[..., Dict[str, Any]]] = None,
) -> _Array:
    """Out-of-sample predicted probabilities by cross-validation, shape (N, K).

    Parameters are those of :func:`estimate_confident_joint_and_cv_pred_proba`.
    """
    return estimate_py_noise_matrices_and_cv_pred_proba(
        X,
        labels,
        clf,
        cv_n_folds=cv_n_folds,
        seed=seed,
        clf_kwargs=clf_kwargs,
        validation_func=validation_func,
    )[-1]


def estimate_noise_matrices(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    thresholds: Optional[Union[_Array, List[float]]] = None,
    converge_latent_estimates: bool = True,
    seed: Optional[int] = None,
    clf_kwargs: Dict[str, Any] = {},
    validation_func: Optional[Callable[..., Dict[str, Any]]] = None,
) -> Tuple[_Array, _Array]:
    """p(given | true) and p(true | given), both of shape (K, K), by cross-validation.

    Parameters are those of :func:`estimate_py_noise_matrices_and_cv_pred_proba`.
    """
    estimates = estimate_py_noise_matrices_and_cv_pred_proba(
        X,
        labels,
        clf,
        cv_n_folds=cv_n_folds,
        thresholds=thresholds,
        converge_latent_estimates=converge_latent_estimates,
        seed=seed,
        clf_kwargs=clf_kwargs,
        validation_func=validation_func,
    )
    return estimates[1], estimates[2]


def get_confident_thresholds(labels: Any, pred_probs: _Array, multi_label: bool = False) -> _Array:
    """The confident threshold of every class: its mean probability where it is given.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels; with ``multi_label`` a list with a list of classes per example.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities.
    multi_label : bool
        Whether an example has a set of classes.

    Returns
    -------
    array, shape (K,)
        A class without labels gets 2, which no probability reaches. With ``multi_label`` (K, 2): thresholds for lacking
        and for having the class.
    """
    pred_probs = probability_array(pred_probs)
    if multi_label:
        if not isinstance(labels, list):
            raise AssertionError("labels must be a list of lists with multi_label=True")
        return _native.multilabel_confident_thresholds(labels, pred_probs)
    return _native.get_confident_thresholds(label_array(labels), pred_probs)
