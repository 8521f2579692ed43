"""Sets of classes as lists of class indices, and as one-hot matrices."""

from __future__ import annotations

from typing import Any, Iterable, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs._arguments import checked_sparse

__all__ = ["get_onehot_num_classes", "int2onehot", "onehot2int", "stack_complement"]

_LARGEST = 2**62
"""What the compiled code takes for a number that is too large for everything."""


def _is_multilabel(y: Any) -> bool:
    """Whether `y` is a dense one-hot matrix of two or more columns in which both 0 and 1 occur."""
    if not isinstance(y, np.ndarray) or y.ndim != 2 or y.shape[1] < 2:
        return False
    zeros, ones = y == 0, y == 1
    return bool(zeros.any() and ones.any() and (zeros | ones).all())


def stack_complement(pred_prob_slice: npt.ArrayLike) -> npt.NDArray[Any]:
    """The probabilities ``p`` of one class as two columns, ``1 - p`` and ``p``.

    Parameters
    ----------
    pred_prob_slice : array_like, shape (N,)
        Probabilities that each example has the class.

    Returns
    -------
    numpy.ndarray, shape (N, 2)

    Examples
    --------
    >>> stack_complement([0.25, 1.0])
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    given = np.asarray(pred_prob_slice)
    return np.stack((1 - given, given), axis=1)


def get_onehot_num_classes(
    labels: Iterable[Iterable[int]], pred_probs: Optional[npt.NDArray[Any]] = None
) -> Tuple[npt.NDArray[np.int64], int]:
    """The one-hot matrix of labels, and the number of classes.

    There are as many classes as `pred_probs` has columns, or without it as occur in the labels.

    Returns
    -------
    onehot : numpy.ndarray of int, shape (N, K)
    num_classes : int
    """
    if pred_probs is not None:
        num_classes = int(pred_probs.shape[1])
    else:
        rows = list(labels)
        try:
            num_classes = len({label for row in rows for label in row})
        except TypeError:
            # What is wrong with the rows is told below.
            num_classes = 1
        labels = rows
    return int2onehot(labels, num_classes), num_classes


def int2onehot(labels: Iterable[Iterable[int]], K: int) -> npt.NDArray[np.int64]:
    """Lists of classes as a matrix with 1 for every class that a row has.

    Parameters
    ----------
    labels : list of lists of int
        The classes of every row, from 0 to ``K - 1``; none, some or all of them.
    K : int
        Number of classes.

    Returns
    -------
    numpy.ndarray of int, shape (N, K)

    Examples
    --------
    >>> int2onehot([[0, 2], [], [1]], K=3)
    array([[1, 0, 1],
           [0, 0, 0],
           [0, 1, 0]])
    """
    if checked_sparse(K) < 1:
        raise ValueError(f"K is {K}, but there must be at least one class")
    return _native.int2onehot(labels, min(K, _LARGEST))


def onehot2int(onehot_matrix: npt.ArrayLike) -> List[List[int]]:
    """The classes of every row of a one-hot matrix, as lists in ascending order.

    Parameters
    ----------
    onehot_matrix : array_like of 0 and 1, shape (N, K)

    Returns
    -------
    list of N lists of int

    Examples
    --------
    >>> onehot2int([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    [[0, 2], [], [1]]
    """
    return _native.onehot2int(onehot_matrix)
