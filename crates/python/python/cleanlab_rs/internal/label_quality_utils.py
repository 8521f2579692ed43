"""What label quality scores are made of."""

from __future__ import annotations

import warnings
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .. import _native
from .._arguments import checked_sparse

__all__ = ["get_normalized_entropy"]


def _subtract_confident_thresholds(
    labels: Any,
    pred_probs: npt.NDArray[Any],
    multi_label: bool = False,
    confident_thresholds: Optional[npt.NDArray[Any]] = None,
) -> npt.NDArray[Any]:
    """Probabilities by how far they exceed the confident threshold of their class; rows sum to 1.

    Parameters
    ----------
    labels : array-like, shape (N,)
        Given labels, of which the thresholds are made unless they are given.
    pred_probs : array, shape (N, K)
        Predicted probabilities.
    multi_label : bool
        Whether ``labels`` are lists of classes.
    confident_thresholds : array, shape (K,), optional
        One threshold per class.
    """
    if confident_thresholds is None:
        if labels is None:
            raise ValueError("confident_thresholds are computed from labels; give one or the other")
        from ..count import get_confident_thresholds

        confident_thresholds = get_confident_thresholds(labels, pred_probs, multi_label=multi_label)
    return _native.subtract_confident_thresholds(pred_probs, confident_thresholds)


def get_normalized_entropy(
    pred_probs: npt.NDArray[Any], min_allowed_prob: Optional[float] = None
) -> npt.NDArray[Any]:
    """The entropy of every row, divided by the largest possible one.

    Parameters
    ----------
    pred_probs : array, shape (N, K)
        Probabilities in [0, 1].
    min_allowed_prob : float, optional
        Deprecated, and not needed: 0 · log 0 is 0.

    Returns
    -------
    array, shape (N,)
        0 for a certain prediction, 1 for an undecided one.
    """
    pred_probs = np.asarray(pred_probs)
    if pred_probs.dtype.kind in "iubf":
        pred_probs = pred_probs.astype(np.float64, copy=False)
    if pred_probs.ndim != 2 or pred_probs.dtype.kind != "f":
        raise ValueError("pred_probs must be numbers, with one row per example and one column per class")
    if np.any(pred_probs < 0) or np.any(pred_probs > 1):
        raise ValueError("pred_probs must lie in [0, 1]")
    if min_allowed_prob is not None:
        warnings.warn("min_allowed_prob is not needed and will be removed", DeprecationWarning, stacklevel=2)
        pred_probs = np.clip(pred_probs, checked_sparse(min_allowed_prob), None)
    is_positive = pred_probs > 0
    logarithms = np.log(pred_probs, out=np.zeros(pred_probs.shape, pred_probs.dtype), where=is_positive)
    entropy: npt.NDArray[Any] = -np.sum(pred_probs * logarithms, axis=1) / np.log(pred_probs.shape[1])
    return entropy
