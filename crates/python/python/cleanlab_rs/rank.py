"""How good each label is: a score between 0 and 1 for every example, low where the label is probably wrong.

Examples have labels 0, 1, …, K - 1 and predicted probabilities of a model that did not see them in training.
"""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Optional

import numpy as np
import numpy.typing as npt

from . import _native
from ._arguments import check_number, checked_inputs, checked_sparse, label_array, only_class_zero, probability_array, read_once

__all__ = [
    "find_top_issues",
    "get_confidence_weighted_entropy_for_each_label",
    "get_label_quality_ensemble_scores",
    "get_label_quality_scores",
    "get_normalized_margin_for_each_label",
    "get_self_confidence_for_each_label",
    "order_label_issues",
]

_Array = npt.NDArray[Any]


def get_label_quality_scores(
    labels: Any, pred_probs: _Array, *, method: str = "self_confidence", adjust_pred_probs: bool = False
) -> _Array:
    """A score for every label.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels 0, 1, …, K - 1.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities; column k is class k.
    method : {"self_confidence", "normalized_margin", "confidence_weighted_entropy"}
        The probability p of the label itself, (p - largest other + 1) / 2, or ln(1 + x) / x, where x is the normalised
        entropy of the row over p.
    adjust_pred_probs : bool
        Subtracts from every probability the average that its class has where it is given, for models that are sure of
        some classes and not of others. Not with the entropy.

    Returns
    -------
    array of float, shape (N,)
        Scores, lower for worse labels.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.rank import get_label_quality_scores
    >>> get_label_quality_scores([0, 1, 1], np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]))
    array([0.9, 0.8, 0.3])
    """
    labels, pred_probs = checked_inputs(labels, pred_probs, allow_one_class=True)
    return _compute_label_quality_scores(labels, pred_probs, method=method, adjust_pred_probs=adjust_pred_probs)


def _compute_label_quality_scores(
    labels: Any,
    pred_probs: _Array,
    *,
    method: str = "self_confidence",
    adjust_pred_probs: bool = False,
    confident_thresholds: Optional[_Array] = None,
) -> _Array:
    """As :func:`get_label_quality_scores`, of what has been checked, with thresholds of more examples if given."""
    labels = label_array(labels)
    if adjust_pred_probs and confident_thresholds is not None:
        return _native.score_batch(labels, pred_probs, method, True, confident_thresholds)
    return _native.get_label_quality_scores(labels, pred_probs, method, bool(adjust_pred_probs))


def get_label_quality_ensemble_scores(
    labels: Any,
    pred_probs_list: List[_Array],
    *,
    method: str = "self_confidence",
    adjust_pred_probs: bool = False,
    weight_ensemble_members_by: str = "accuracy",
    custom_weights: Optional[_Array] = None,
    log_loss_search_T_values: List[float] = [0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 200.0],
    verbose: bool = True,
) -> _Array:
    """A score for every label from the predictions of several models: the weighted sum of their scores.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels.
    pred_probs_list : list of arrays, each of shape (N, K)
        Out-of-sample predicted probabilities, one matrix per model.
    method, adjust_pred_probs
        As for :func:`get_label_quality_scores`.
    weight_ensemble_members_by : {"accuracy", "uniform", "log_loss_search", "custom"}
        Weighs models by their accuracy, all alike, by exp(-T · log loss) with the best T, or as the caller says.
    custom_weights : array, shape (number of models,), optional
        The weights for "custom".
    log_loss_search_T_values : list of float
        The values of T that "log_loss_search" tries.
    verbose : bool
        Prints the weights.

    Returns
    -------
    array of float, shape (N,)
        Scores, lower for worse labels.
    """
    if not isinstance(pred_probs_list, list):
        raise AssertionError(f"pred_probs_list must be a list, not {type(pred_probs_list).__name__}")
    if not pred_probs_list:
        raise AssertionError("pred_probs_list is empty; give the predictions of at least one model")
    if len(pred_probs_list) == 1:
        warnings.warn(
            "pred_probs_list has a single model; get_label_quality_scores does the same for one", stacklevel=2
        )
    labels = read_once(labels)
    members = [checked_inputs(labels, pred_probs, allow_one_class=False)[1] for pred_probs in pred_probs_list]
    if custom_weights is not None and weight_ensemble_members_by != "custom":
        raise ValueError("custom_weights are given, but weight_ensemble_members_by is not 'custom'")
    if weight_ensemble_members_by == "custom":
        if custom_weights is None:
            raise AssertionError("weight_ensemble_members_by is 'custom', which needs custom_weights")
        if len(custom_weights) != len(members):
            raise AssertionError(f"there are {len(custom_weights)} custom_weights for {len(members)} models")
    if len({pred_probs.dtype for pred_probs in members}) > 1:
        members = [np.asarray(pred_probs, dtype=np.float64) for pred_probs in members]
    labels = label_array(labels)
    scores, weights = _native.get_label_quality_ensemble_scores(
        labels,
        members,
        method,
        bool(adjust_pred_probs),
        weight_ensemble_members_by,
        custom_weights,
        list(log_loss_search_T_values),
    )
    if verbose:
        _print_weights(labels, members, weight_ensemble_members_by, weights)
    return scores


def _print_weights(labels: _Array, members: List[_Array], weighting: str, weights: List[float]) -> None:
    print(f"Weighting scheme for ensemble: {weighting}")
    if weighting == "accuracy":
        print("Ensemble members will be weighted by their relative accuracy")
    elif weighting == "log_loss_search":
        print(
            "Ensemble members will be weighted by log-loss between their predicted probabilities and given labels"
        )
    else:
        return
    for index, (pred_probs, weight) in enumerate(zip(members, weights)):
        if weighting == "accuracy":
            accuracy = np.mean(~_native.find_predicted_neq_given(labels, pred_probs))
            print(f"  Model {index} accuracy : {accuracy}")
        print(f"  Model {index} weight   : {weight}")


def find_top_issues(quality_scores: _Array, *, top: Optional[int] = 10) -> _Array:
    """The positions of the lowest scores, lowest first; equal scores in order of position.

    Parameters
    ----------
    quality_scores : array, shape (N,)
        Scores.
    top : int, optional
        How many; ``None`` for all.
    """
    scores = np.asarray(read_once(quality_scores))
    if top is not None:
        check_number("top", top)
    if top is None or top > len(scores):
        top = len(scores)
    if scores.ndim == 1 and scores.dtype.kind in "biuf" and top >= 0:
        return _native.find_top_issues(scores, top)
    # Of a copy: NumPy's sort runs out of bounds where another thread changes what it sorts.
    return np.array(checked_sparse(scores)).argsort(kind="stable")[:top]


def order_label_issues(
    label_issues_mask: _Array,
    labels: Any,
    pred_probs: _Array,
    *,
    rank_by: str = "self_confidence",
    rank_by_kwargs: Dict[str, Any] = {},
) -> _Array:
    """The rows that a mask flags, worst label first.

    Parameters
    ----------
    label_issues_mask : array of bool, shape (N,)
        Which labels are wrong, as from :func:`cleanlab_rs.filter.find_label_issues`.
    labels, pred_probs
        As for :func:`get_label_quality_scores`.
    rank_by : {"self_confidence", "normalized_margin", "confidence_weighted_entropy"}
        The score to order by.
    rank_by_kwargs : dict
        ``{"adjust_pred_probs": True}`` to adjust them.

    Returns
    -------
    array of int
        Row indices.
    """
    labels = read_once(labels)
    allow_one_class = only_class_zero(labels)
    labels, pred_probs = checked_inputs(labels, pred_probs, allow_one_class=allow_one_class)
    adjust_pred_probs = _adjustment(rank_by_kwargs)
    mask = np.asarray(read_once(label_issues_mask))
    if mask.dtype != bool:
        scores = _native.get_label_quality_scores(labels, pred_probs, rank_by, adjust_pred_probs)
        rows: _Array = np.arange(len(labels))[mask]
        ranked: _Array = rows[np.argsort(scores[mask], kind="stable")]
        return ranked
    if mask.shape != (len(labels),):
        raise IndexError(f"the mask has shape {mask.shape}, but there are {len(labels)} labels")
    return _native.order_label_issues(mask, labels, pred_probs, rank_by, adjust_pred_probs, allow_one_class)


def _adjustment(rank_by_kwargs: Optional[Dict[str, Any]]) -> bool:
    """The one option that a ranking has; any other is a TypeError."""
    options = dict(rank_by_kwargs or {})
    adjust_pred_probs = bool(options.pop("adjust_pred_probs", False))
    if options:
        unknown = ", ".join(map(repr, options))
        raise TypeError(f"rank_by_kwargs has {unknown}, but only 'adjust_pred_probs' is possible")
    return adjust_pred_probs


def get_self_confidence_for_each_label(labels: Any, pred_probs: _Array) -> _Array:
    """The predicted probability of every given label.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities.

    Returns
    -------
    array of float, shape (N,)
        Scores, lower for worse labels.
    """
    return _compute_label_quality_scores(labels, probability_array(pred_probs), method="self_confidence")


def get_normalized_margin_for_each_label(labels: Any, pred_probs: _Array) -> _Array:
    """(p - largest other + 1) / 2 for every given label with the predicted probability p.

    Parameters and results are those of :func:`get_self_confidence_for_each_label`.
    """
    return _compute_label_quality_scores(labels, probability_array(pred_probs), method="normalized_margin")


def get_confidence_weighted_entropy_for_each_label(labels: Any, pred_probs: _Array) -> _Array:
    """ln(1 + x) / x for every given label, where x is the normalised entropy of its row over its probability.

    Parameters and results are those of :func:`get_self_confidence_for_each_label`. A prediction that is certain and
    right scores 1.
    """
    return _compute_label_quality_scores(
        labels, probability_array(pred_probs), method="confidence_weighted_entropy"
    )
