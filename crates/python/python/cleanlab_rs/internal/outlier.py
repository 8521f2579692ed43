"""From distances to outlier scores."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .._arguments import checked_sparse

__all__ = ["correct_precision_errors", "transform_distances_to_scores"]

_SMALLEST_SCALE = 1e-6


def transform_distances_to_scores(
    avg_distances: npt.NDArray[Any], t: float, scaling_factor: float
) -> npt.NDArray[Any]:
    """Scores ``exp(-t * distance / scaling_factor)``: between 0 and 1, low for examples far from their neighbours.

    Parameters
    ----------
    avg_distances : numpy.ndarray, shape (N,)
        Mean distance of every example from its nearest neighbours.
    t : float
        How fast scores fall with the distance.
    scaling_factor : float
        What distances are divided by, such as their median; less than 1e-6 counts as 1e-6.

    Returns
    -------
    numpy.ndarray, shape (N,)

    Examples
    --------
    >>> transform_distances_to_scores(np.array([0.0, 1.0]), t=1, scaling_factor=1.0).round(4)
    array([1.    , 0.3679])
    """
    avg_distances = checked_sparse(avg_distances)
    scale = max(scaling_factor, _SMALLEST_SCALE)
    scores: npt.NDArray[Any] = np.exp(-t * avg_distances / scale)
    return scores


def correct_precision_errors(
    scores: npt.NDArray[Any],
    avg_distances: npt.NDArray[Any],
    metric: str,
    C: int = 100,
    p: Optional[int] = None,
) -> npt.NDArray[Any]:
    """Set the score to 1, in place, where a distance may be what rounding leaves of 0.

    Parameters
    ----------
    scores : numpy.ndarray, shape (N,)
        Scores, which are changed and returned.
    avg_distances : numpy.ndarray, shape (N,)
        Mean distance of every example from its nearest neighbours.
    metric : str
        "cosine", "euclidean" or "minkowski"; with any other metric nothing is changed.
    C : int, default 100
        How many units of rounding count as 0.
    p : int, optional
        The power of "minkowski", which needs it.

    Returns
    -------
    numpy.ndarray, shape (N,)
    """
    avg_distances, scores = checked_sparse(avg_distances), checked_sparse(scores)
    units = np.finfo(np.float64)
    if metric == "cosine":
        smallest = C * units.epsneg
    elif metric == "euclidean":
        smallest = np.sqrt(C * units.eps)
    elif metric == "minkowski":
        if p is None:
            raise ValueError("the metric 'minkowski' needs its power p")
        smallest = (C * units.eps) ** (1 / p)
    else:
        return scores
    scores[avg_distances < smallest] = 1
    return scores
