"""Checks of arguments that several modules share."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any, List, Optional, Union

import numpy as np
import numpy.typing as npt

from .._arguments import checked_sparse, is_pandas, label_array, probability_array, read_once
from .constants import FLOATING_POINT_COMPARISON

if TYPE_CHECKING:
    from ..typing import DatasetLike, LabelLike

__all__ = [
    "assert_indexing_works",
    "assert_nonempty_input",
    "assert_valid_class_labels",
    "assert_valid_inputs",
    "labels_to_array",
    "labels_to_list_multilabel",
]


def assert_valid_inputs(
    X: DatasetLike,
    y: LabelLike,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    multi_label: bool = False,
    allow_missing_classes: bool = True,
    allow_one_class: bool = False,
) -> None:
    """Checks that examples, labels and predicted probabilities are of the right kind and fit each other.

    Parameters
    ----------
    X : examples or None
        Anything with a length that can be indexed by a list. Needed only without ``pred_probs``.
    y : array-like, shape (N,)
        Labels; with ``multi_label`` a list with a list of classes per example.
    pred_probs : array, shape (N, K), optional
        Predicted probabilities, within 1e-6 of [0, 1].
    multi_label : bool
        Whether an example has a set of classes.
    allow_missing_classes : bool
        Whether a class below the largest one may have no label.
    allow_one_class : bool
        Whether all labels may be the same.

    Raises
    ------
    TypeError, ValueError
        Naming what is wrong, and where.
    """
    y = read_once(y)
    if not isinstance(y, (list, np.ndarray, np.generic)) and not is_pandas(y, "Series", "DataFrame"):
        raise TypeError(f"labels must be a list, an array or a column of a data frame, not {type(y).__name__}")
    if not multi_label:
        y = label_array(y)
        assert_valid_class_labels(
            y, allow_missing_classes=allow_missing_classes, allow_one_class=allow_one_class
        )
    if pred_probs is None:
        _assert_valid_examples(X, len(y))
        return
    _assert_valid_probabilities(probability_array(pred_probs), y, multi_label)
    if X is not None:
        warnings.warn("X may be ignored where pred_probs are given, too.", stacklevel=2)


def _assert_valid_examples(X: DatasetLike, n_labels: int) -> None:
    assert_nonempty_input(X)
    n_examples = _count_examples(X)
    if n_examples != n_labels:
        raise ValueError(f"X has {n_examples} examples, but there are {n_labels} labels")
    assert_indexing_works(X, length_X=n_examples)


def _count_examples(X: Any) -> int:
    try:
        return len(X)
    except TypeError:
        # Sparse matrices say that their length is ambiguous.
        pass
    try:
        n_examples: int = X.shape[0]
    except (AttributeError, IndexError, TypeError) as error:
        raise TypeError("X has neither len(X) nor X.shape[0], so its examples cannot be counted") from error
    return n_examples


def _assert_valid_probabilities(pred_probs: Any, y: Any, multi_label: bool) -> None:
    if not isinstance(pred_probs, np.ndarray) or pred_probs.ndim == 0:
        raise TypeError(f"pred_probs must be a numpy array, not {type(pred_probs).__name__}")
    n_rows = len(pred_probs)
    if n_rows != len(y):
        raise ValueError(f"pred_probs has {n_rows} rows, but there are {len(y)} labels")
    if pred_probs.ndim != 2:
        raise ValueError(f"pred_probs must have one row per example and one column per class, not {pred_probs.ndim} axes")
    if multi_label:
        if not isinstance(y, list) or not all(isinstance(classes, list) for classes in y):
            raise AssertionError("labels must be a list with a list of classes per example")
        n_classes = max((max(classes) for classes in y if classes), default=-1) + 1
    else:
        n_classes = y.max() + 1
    if pred_probs.shape[1] < n_classes:
        raise ValueError(
            f"pred_probs has {pred_probs.shape[1]} columns, but the largest label is {n_classes - 1}: "
            f"at least {n_classes} columns are needed"
        )
    if pred_probs.dtype.kind not in "biuf":
        pred_probs = pred_probs.astype(np.float64)
    smallest, largest = pred_probs.min(), pred_probs.max()
    if smallest < -FLOATING_POINT_COMPARISON or largest > 1 + FLOATING_POINT_COMPARISON:
        worst = pred_probs.argmin() if smallest < -FLOATING_POINT_COMPARISON else pred_probs.argmax()
        row, column = np.unravel_index(worst, pred_probs.shape)
        raise ValueError(
            f"pred_probs row {row}, column {column} is {pred_probs[row, column]}; probabilities are between 0 and 1"
        )


def assert_valid_class_labels(
    y: npt.NDArray[Any], allow_missing_classes: bool = True, allow_one_class: bool = False
) -> None:
    """Checks that labels are class indices 0, 1, 2, … in an array of one dimension.

    Raises
    ------
    ValueError
        For another shape, strings, fractions, negative numbers, and fewer than two classes.
    TypeError
        For labels that are no numbers, and for a class without labels where none may be missing.
    """
    if y.ndim != 1:
        raise ValueError(f"labels must have one dimension, but have shape {y.shape}")
    if y.dtype.kind in "US" or (y.dtype.kind == "O" and any(isinstance(label, str) for label in y)):
        raise ValueError("labels are strings; encode the classes as 0, 1, 2, … first")
    if len(y) == 0:
        raise ValueError("labels are empty; at least one row is needed")
    if y.dtype.kind not in "biufO":
        raise TypeError(f"labels must be whole numbers 0, 1, 2, …: the indices of classes, not of dtype {y.dtype}")
    missing = _rows_without_label(y)
    if missing:
        kind = TypeError if y.dtype.kind == "O" else ValueError
        raise kind(f"label of row {missing[0]} is missing; leave out rows without a label ({len(missing)} of {len(y)})")
    if y.dtype.kind not in "biu" and not np.equal(np.mod(y, 1), 0).all():
        raise ValueError("labels must be whole numbers 0, 1, 2, …: the indices of classes")
    smallest, largest = y.min(), y.max()
    if smallest < 0:
        raise ValueError(f"label of row {y.argmin()} is {smallest}; labels are class indices 0, 1, 2, …")
    if not allow_one_class and smallest == largest:
        raise ValueError(f"all labels are {smallest}; at least 2 classes are needed to tell a wrong label")
    if not allow_missing_classes:
        classes = np.unique(y)
        if largest + 1 != len(classes):
            raise TypeError(f"every class from 0 to {largest} needs a label, but the labels have only {classes}")


def _rows_without_label(y: npt.NDArray[Any]) -> List[int]:
    """Where a label is NaN, None or pandas' NA."""
    if y.dtype.kind == "f":
        return np.flatnonzero(np.isnan(y)).tolist()
    if y.dtype.kind != "O":
        return []

    def is_missing(label: Any) -> bool:
        return label is None or type(label).__name__ == "NAType" or (isinstance(label, float) and label != label)

    return [row for row, label in enumerate(y) if is_missing(label)]


def assert_nonempty_input(X: Any) -> None:
    """Checks that there are examples at all."""
    if X is None:
        raise ValueError("there are neither examples (X) nor pred_probs; give either")


def assert_indexing_works(
    X: DatasetLike, idx: Optional[List[int]] = None, length_X: Optional[int] = None
) -> None:
    """Checks that a list of positions can be taken out of ``X``.

    Parameters
    ----------
    X : examples
        A data frame, an array, a sparse matrix, a PyTorch data set, …
    idx : list of int, optional
        Positions to try; by default the first and the last.
    length_X : int, optional
        Number of examples, as not every ``X`` has a length; 2 by default.

    Raises
    ------
    TypeError
        If it cannot be done.
    """
    if idx is None:
        idx = [0, (2 if length_X is None else length_X) - 1]
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(X, torch.utils.data.Dataset):
        return
    rows = X.iloc if is_pandas(X, "DataFrame", "Series") else checked_sparse(X)
    try:
        rows[idx]
    except Exception as error:  # Whatever a container of the caller's raises, it is the cause of this.
        raise TypeError(
            "X cannot be indexed by a list of positions; X[[0, 1]] must work, or X.iloc[[0, 1]] for a data frame"
        ) from error


def labels_to_array(y: Union[LabelLike, np.generic]) -> npt.NDArray[Any]:
    """Labels from a list, an array, or a column of a data frame, as an array.

    Raises
    ------
    ValueError
        For a data frame of several columns, and for what no array can be made of.
    """
    return label_array(y)


def labels_to_list_multilabel(y: List[Any]) -> List[List[int]]:
    """The classes of each example, if they are lists in a list.

    Raises
    ------
    ValueError
        If they are anything else.
    """
    if not isinstance(y, list):
        raise ValueError(f"labels must be a list of lists, not {type(y).__name__}")
    for row, classes in enumerate(y):
        if not isinstance(classes, list):
            raise ValueError(f"labels of row {row} must be a list of classes, not {type(classes).__name__}")
    return y
