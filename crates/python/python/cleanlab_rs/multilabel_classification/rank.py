"""How likely the set of classes of every example is right, and every class of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Dict, List

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs.multilabel_classification.filter import _check_labels, _given

__all__ = ["get_label_quality_scores", "get_label_quality_scores_per_class"]


def get_label_quality_scores(
    labels: List[List[int]],
    pred_probs: npt.NDArray[Any],
    *,
    method: str = "self_confidence",
    adjust_pred_probs: bool = False,
    aggregator_kwargs: Dict[str, Any] = {"method": "exponential_moving_average", "alpha": 0.8},
) -> npt.NDArray[np.float64]:
    """Score every example's set of classes: between 0 and 1, low for sets that are likely wrong.

    Every class is scored on its own, against the rest; the scores of an example are then aggregated.

    Parameters
    ----------
    labels : list of lists of int
        The given classes of every example, from 0 to K - 1.
    pred_probs : array_like, shape (N, K)
        Out-of-sample probability that each example has each class; rows need not sum to 1.
    method : {"self_confidence", "normalized_margin", "confidence_weighted_entropy"}, default "self_confidence"
        What the annotation of each class is scored by.
    adjust_pred_probs : bool, default False
        Whether confident thresholds are subtracted from the probabilities first; not for the entropy.
    aggregator_kwargs : dict
        ``"method"`` is ``"exponential_moving_average"``, ``"softmin"`` or a function, see
        :class:`cleanlab_rs.internal.multilabel_scorer.Aggregator`; what else it holds goes to that function, such as
        ``alpha`` or ``temperature``.

    Returns
    -------
    numpy.ndarray, shape (N,)

    Examples
    --------
    >>> pred_probs = np.array([[0.1, 0.9, 0.1], [0.4, 0.1, 0.9]])
    >>> get_label_quality_scores([[1], [0, 2]], pred_probs)
    array([0.9, 0.5])
    """
    pred_probs = _given(pred_probs)
    quality = (method, _is_true(adjust_pred_probs))
    aggregation = _native_aggregation(aggregator_kwargs)
    _check_labels(labels)
    if aggregation is not None:
        return _native.multilabel_quality_scores(labels, pred_probs, quality, aggregation)
    from cleanlab_rs.internal.multilabel_scorer import Aggregator

    aggregator = Aggregator(**aggregator_kwargs)
    return aggregator(_native.multilabel_quality_scores_per_class(labels, pred_probs, quality))


def get_label_quality_scores_per_class(
    labels: List[List[int]],
    pred_probs: npt.NDArray[Any],
    *,
    method: str = "self_confidence",
    adjust_pred_probs: bool = False,
) -> npt.NDArray[np.float64]:
    """Score every annotation: how likely it is right that an example has a class, or lacks it.

    Parameters
    ----------
    labels, pred_probs, method, adjust_pred_probs
        As in :func:`get_label_quality_scores`.

    Returns
    -------
    numpy.ndarray, shape (N, K)
        Scores between 0 and 1, low for annotations that are likely wrong.

    Examples
    --------
    >>> get_label_quality_scores_per_class([[1], [0]], np.array([[0.25, 0.5], [0.75, 0.0]]))
    array([[0.75, 0.5 ],
           [0.75, 1.  ]])
    """
    quality = (method, _is_true(adjust_pred_probs))
    _check_labels(labels)
    return _native.multilabel_quality_scores_per_class(labels, _given(pred_probs), quality)


def _is_true(flag: Any) -> bool:
    # Anything but True leaves probabilities as they are, as in cleanlab.
    return flag is True


def _native_aggregation(aggregator_kwargs: Dict[str, Any]) -> Any:
    """What the compiled code takes for an aggregation, or None where only Python can do it."""
    if not aggregator_kwargs:
        return ("exponential_moving_average", 0.8)
    if not isinstance(aggregator_kwargs, Mapping):
        raise TypeError(f"aggregator_kwargs is a {type(aggregator_kwargs).__name__}, but must be a dict")
    method = aggregator_kwargs.get("method")
    if method == "exponential_moving_average":
        return (method, aggregator_kwargs.get("alpha"))
    if method == "softmin":
        return (method, max(aggregator_kwargs.get("temperature", 0.1), 0.0))
    return None
