"""Counting, rounding, printing and splitting, as several modules need it."""

from __future__ import annotations

import sys
from itertools import compress
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set, Tuple

import numpy as np
import numpy.typing as npt

from .. import _native
from .._arguments import checked_sparse, is_pandas, label_array
from .constants import TINY_VALUE

if TYPE_CHECKING:
    from ..typing import DatasetLike, LabelLike

__all__ = [
    "append_extra_datapoint",
    "clip_noise_rates",
    "clip_values",
    "compress_int_array",
    "confusion_matrix",
    "csr_vstack",
    "estimate_pu_f1",
    "force_two_dimensions",
    "format_labels",
    "get_missing_classes",
    "get_num_classes",
    "get_unique_classes",
    "is_torch_dataset",
    "num_unique_classes",
    "print_inverse_noise_matrix",
    "print_joint_matrix",
    "print_noise_matrix",
    "print_square_matrix",
    "remove_noise_from_class",
    "round_preserving_row_totals",
    "round_preserving_sum",
    "smart_display_dataframe",
    "subset_X_y",
    "subset_data",
    "subset_labels",
    "train_val_split",
    "value_counts",
    "value_counts_fill_missing_classes",
]

# Matrices.


def remove_noise_from_class(noise_matrix: npt.NDArray[Any], class_without_noise: int) -> npt.NDArray[Any]:
    """A noise matrix in which no label of another class is given as ``class_without_noise``.

    Parameters
    ----------
    noise_matrix : array, shape (K, K)
        p(given label = row | true label = column).
    class_without_noise : int
        The class whose given labels are all right.

    Returns
    -------
    array, shape (K, K)
        The diagonal takes what the other entries of its column leave of 1.
    """
    cleaned = np.array(noise_matrix)
    if cleaned.ndim == 0:
        raise TypeError(f"noise_matrix must be a matrix with a row and a column per class, not {noise_matrix!r}")
    if cleaned.ndim == 2 and cleaned.shape[0] != cleaned.shape[1]:
        raise ValueError(f"noise_matrix must have as many rows as columns, but has shape {cleaned.shape}")
    if cleaned.dtype.kind == "f":
        cleaned = cleaned.astype(np.float64, copy=False)
    kept = cleaned[class_without_noise, class_without_noise]
    cleaned[class_without_noise, :] = 0.0
    cleaned[class_without_noise, class_without_noise] = kept
    np.fill_diagonal(cleaned, 1 - (cleaned.sum(axis=0) - np.diag(cleaned)))
    return cleaned


def clip_noise_rates(noise_matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Noise rates inside [0, 0.9999], with columns that sum to 1; the diagonal is only rescaled.

    Parameters
    ----------
    noise_matrix : array, shape (K, K)
        Rates, one column per class that is given.
    """
    if np.ndim(noise_matrix) != 2:
        raise ValueError(f"a noise matrix has rows and columns, but this has {np.ndim(noise_matrix)} axes")
    return _native.clip_noise_rates(noise_matrix)


def clip_values(
    x: npt.NDArray[Any], low: float = 0.0, high: float = 1.0, new_sum: Optional[float] = None
) -> npt.NDArray[Any]:
    """Values inside [``low``, ``high``], rescaled to a sum.

    Parameters
    ----------
    x : array, shape (K,)
        Values.
    low, high : float
        Bounds, before the values are rescaled.
    new_sum : float, optional
        The sum of the result; by default that of ``x``.
    """
    x = checked_sparse(x)
    if len(x.shape) > 1:
        raise TypeError(f"values to be clipped must have one dimension, but have shape {x.shape}")
    return _native.clip_values(x, low, high, float(np.sum(x)) if new_sum is None else new_sum)


def round_preserving_sum(iterable: Any) -> npt.NDArray[Any]:
    """Whole numbers whose total is the rounded total of the values.

    Values are rounded one by one, halves to the even number. Then those that were moved furthest go back by 1 until the
    total is right.

    >>> round_preserving_sum([0.4, 0.4, 0.2])
    array([0, 1, 0])
    """
    return _native.round_preserving_sum(np.asarray(iterable, dtype=float))


def round_preserving_row_totals(confident_joint: Any) -> npt.NDArray[Any]:
    """:func:`round_preserving_sum` of every row of a matrix."""
    return _native.round_preserving_row_totals(np.asarray(confident_joint, dtype=float))


# Counts.


def value_counts(
    x: Any, *, num_classes: Optional[int] = None, multi_label: bool = False
) -> npt.NDArray[Any]:
    """How often each value occurs, in the order of the values.

    Parameters
    ----------
    x : array-like, shape (N,)
        Labels; with ``multi_label`` a list of lists.
    num_classes : int, optional
        Counts the classes 0 to ``num_classes - 1``, also those that do not occur. Labels that are no whole numbers, such
        as text, are counted in their order, and zeros follow.
    multi_label : bool
        Whether each example has a list of labels.

    Raises
    ------
    ValueError
        For a whole number outside 0 to ``num_classes - 1``, and for more different labels than classes.
    """
    x, num_classes = checked_sparse(x), checked_sparse(num_classes)
    values = np.asarray([label for labels in x for label in labels] if multi_label else x)
    if values.size and values.dtype.kind in "bf" and np.all(np.mod(values, 1) == 0):
        values = values.astype(np.int64)
    if num_classes is None:
        return np.unique(values, return_counts=True)[1]
    if values.dtype.kind in "iu":
        if values.size == 0:
            raise ValueError("there is no label to be counted")
        smallest, largest = values.min(), values.max()
        if smallest < 0 or largest >= num_classes:
            worst = smallest if smallest < 0 else largest
            raise ValueError(f"labels must be in 0 to {num_classes - 1}, but there is a label {worst}")
        return np.bincount(values.ravel().astype(np.intp, copy=False), minlength=num_classes).astype(int, copy=False)
    counts = np.unique(values, return_counts=True)[1]
    if len(counts) > num_classes:
        raise ValueError(f"there are {len(counts)} different labels, but num_classes is {num_classes}")
    return np.pad(counts, (0, num_classes - len(counts)))


def value_counts_fill_missing_classes(
    x: Any, num_classes: int, *, multi_label: bool = False
) -> npt.NDArray[Any]:
    """:func:`value_counts` of the classes 0 to ``num_classes - 1``, with 0 for those that do not occur."""
    return value_counts(x, num_classes=num_classes, multi_label=multi_label)


def get_missing_classes(
    labels: Any,
    *,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    num_classes: Optional[int] = None,
    multi_label: bool = False,
) -> List[int]:
    """Classes that no label names, out of as many as ``pred_probs`` has columns or ``num_classes`` says.

    Raises
    ------
    ValueError
        Unless exactly one of the two is given.
    """
    if (pred_probs is None) == (num_classes is None):
        raise ValueError("give either pred_probs or num_classes, and not both")
    if num_classes is None:
        assert pred_probs is not None
        num_classes = pred_probs.shape[1]
    present = get_unique_classes(labels, multi_label=multi_label)
    return sorted(set(range(num_classes)).difference(present))


def get_num_classes(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    label_matrix: Optional[npt.NDArray[Any]] = None,
    multi_label: Optional[bool] = None,
) -> int:
    """Number of classes: the columns of ``pred_probs``, else the rows of a square matrix, else those in the labels."""
    if pred_probs is not None:
        return int(pred_probs.shape[1])
    if label_matrix is not None:
        if label_matrix.shape[0] != label_matrix.shape[1]:
            raise ValueError(f"the matrix must have as many rows as columns, but has shape {label_matrix.shape}")
        return int(label_matrix.shape[0])
    if labels is None:
        raise ValueError("the number of classes follows from labels, pred_probs or a matrix, and all are None")
    return num_unique_classes(labels, multi_label=multi_label)


def num_unique_classes(labels: Any, multi_label: Optional[bool] = None) -> int:
    """Number of different classes in the labels."""
    return len(get_unique_classes(labels, multi_label))


def get_unique_classes(labels: Any, multi_label: Optional[bool] = None) -> Set[Any]:
    """The classes that occur in the labels.

    Parameters
    ----------
    labels : array-like
        Classes, or lists of classes.
    multi_label : bool, optional
        Whether they are lists; by default one looks.
    """
    if isinstance(labels, np.ndarray) and labels.ndim == 1 and labels.dtype.kind in "biuf" and not multi_label:
        return set(np.unique(labels))
    labels = checked_sparse(labels)
    if multi_label is None:
        multi_label = any(isinstance(label, list) for label in labels)
    if multi_label:
        return {label for group in labels for label in group}
    return set(labels)


def format_labels(labels: LabelLike) -> Tuple[npt.NDArray[Any], Dict[int, Any]]:
    """Class indices for labels of any type, and what each index stands for.

    Classes are numbered in their sorted order.

    >>> format_labels(["cat", "dog", "cat"])[1]
    {0: 'cat', 1: 'dog'}
    """
    values = label_array(labels)
    if values.ndim != 1:
        raise ValueError(f"labels must have one dimension, but have shape {values.shape}")
    classes, indices = np.unique(values, return_inverse=True)
    return indices.astype(int, copy=False), dict(enumerate(classes))


def compress_int_array(int_array: Any, num_possible_values: int) -> Any:
    """The same integers in two or four bytes each, if the number of possible values allows it."""
    for name in ("int16", "int32"):
        if num_possible_values < np.iinfo(name).max:
            return checked_sparse(int_array).astype(name) if hasattr(int_array, "astype") else int_array
    return int_array


def estimate_pu_f1(s: Any, prob_s_eq_1: Any) -> float:
    """A stand-in for the F1 score where only some of the positives are labelled (Lee and Liu, 2003).

    Parameters
    ----------
    s : array-like of 0 and 1, shape (N,)
        Whether an example is labelled positive.
    prob_s_eq_1 : array-like, shape (N,)
        Predicted probability of that.
    """
    s, prob_s_eq_1 = checked_sparse(s), checked_sparse(prob_s_eq_1)
    labelled, predicted = np.asarray(s) == 1, np.asarray(prob_s_eq_1) >= 0.5
    recall = np.sum(labelled & predicted) / float(np.sum(s))
    share = np.sum(predicted) / float(len(labelled))
    return recall**2 / (2.0 * share) if share != 0 else float("nan")


def confusion_matrix(true: Any, pred: Any) -> npt.NDArray[Any]:
    """How often each true class (row) is predicted as each class (column), over the classes that occur in either."""
    true, pred = checked_sparse(true), checked_sparse(pred)
    if len(true) != len(pred):
        raise AssertionError(f"there are {len(true)} true and {len(pred)} predicted classes")
    true_classes, rows = np.unique(true, return_inverse=True)
    pred_classes, columns = np.unique(pred, return_inverse=True)
    counts = np.zeros((len(true_classes), len(pred_classes)))
    np.add.at(counts, (rows, columns), 1)
    return counts


# Printing.


def print_square_matrix(
    matrix: Any,
    left_name: str = "s",
    top_name: str = "y",
    title: str = " A square matrix",
    short_title: str = "s,y",
    round_places: int = 2,
) -> None:
    """Prints a matrix with the names of its rows and columns, and its trace.

    Parameters
    ----------
    matrix : array, shape (K, K)
        Counts or probabilities.
    left_name, top_name : str
        What rows and columns stand for.
    title : str
        The line above.
    short_title : str
        The corner of the table, of which six letters are printed.
    round_places : int
        Digits after the point.
    """
    size = len(checked_sparse(matrix))
    values = np.array([matrix]) if np.ndim(matrix) == 1 else np.asarray(matrix)
    header = "".join(f"\t{top_name}={column}" for column in range(size))
    lines = ["", f"{title} of shape {values.shape}", f" {short_title[:6]}{header}", "\t---" * size]
    rounded = values.round(round_places)
    for row in range(size):
        entries = "\t".join(str(value) for value in rounded[row])
        lines.append(f"{left_name}={row} |\t{entries}")
    lines += [f"\tTrace(matrix) = {np.round(np.trace(values), round_places)}", ""]
    print("\n".join(lines))


def print_noise_matrix(noise_matrix: Any, round_places: int = 2) -> None:
    """Prints p(given label | true label), shape (K, K)."""
    title = " Noise Matrix (aka Noisy Channel) P(given_label|true_label)"
    print_square_matrix(noise_matrix, title=title, short_title="p(s|y)", round_places=round_places)


def print_inverse_noise_matrix(inverse_noise_matrix: Any, round_places: int = 2) -> None:
    """Prints p(true label | given label), shape (K, K)."""
    title = " Inverse Noise Matrix P(true_label|given_label)"
    print_square_matrix(
        inverse_noise_matrix,
        left_name="y",
        top_name="s",
        title=title,
        short_title="p(y|s)",
        round_places=round_places,
    )


def print_joint_matrix(joint_matrix: Any, round_places: int = 2) -> None:
    """Prints p(given label, true label), shape (K, K)."""
    title = " Joint Label Noise Distribution Matrix P(given_label, true_label)"
    print_square_matrix(joint_matrix, title=title, short_title="p(s,y)", round_places=round_places)


def smart_display_dataframe(df: Any) -> None:
    """Shows a data frame as a notebook does, and prints it elsewhere."""
    try:
        from IPython.display import display
    except ImportError:
        print(df)
    else:
        display(df)


# Examples of any type.


def is_torch_dataset(X: Any) -> bool:
    """Whether these are a data set of PyTorch, which is not imported for the answer."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(X, torch.utils.data.Dataset)


def _torch_subset(X: Any, positions: Any) -> Any:
    return sys.modules["torch"].utils.data.Subset(X, positions)


# What containers raise that do not know a kind of index; that an index is out of range is another matter.
_NO_SUCH_INDEX = (AttributeError, KeyError, NotImplementedError, TypeError, ValueError)


def train_val_split(
    X: DatasetLike, labels: Any, train_idx: Any, holdout_idx: Any
) -> Tuple[DatasetLike, DatasetLike, LabelLike, LabelLike]:
    """Examples and labels at two lists of positions.

    Returns
    -------
    tuple
        Training examples, held-out examples, training labels, held-out labels.
    """
    try:
        train, holdout = (_rows_at(X, positions) for positions in (train_idx, holdout_idx))
    except (*_NO_SUCH_INDEX, IndexError) as error:
        raise ValueError(
            f"X cannot be indexed by an array of positions ({error}), so it cannot be cross-validated here; "
            "give out-of-sample pred_probs instead"
        ) from error
    return train, holdout, labels[train_idx], labels[holdout_idx]


def _rows_at(X: Any, positions: Any) -> Any:
    if is_torch_dataset(X):
        return _torch_subset(X, positions)
    return X.iloc[positions] if is_pandas(X, "DataFrame", "Series") else checked_sparse(X)[positions]


def subset_X_y(X: DatasetLike, labels: Any, mask: Any) -> Tuple[DatasetLike, LabelLike]:
    """Examples and labels where a mask is true."""
    labels_kept = subset_labels(labels, mask)
    return subset_data(X, mask), labels_kept


def subset_labels(labels: Any, mask: Any) -> Any:
    """Labels where a mask is true; those of a list as a list.

    Raises
    ------
    IndexError
        For a mask of another length than the labels.
    TypeError
        For labels that take no mask.
    """
    if isinstance(labels, (list, tuple)):
        if len(mask) != len(labels):
            raise IndexError(f"the mask has {len(mask)} entries, but there are {len(labels)} labels")
        return list(compress(labels, mask))
    try:
        return labels[mask]
    except _NO_SUCH_INDEX as error:
        raise TypeError(f"labels must be an array, a list or a series of pandas, not {type(labels).__name__}") from error


def subset_data(X: DatasetLike, mask: Any) -> DatasetLike:
    """Examples where a mask is true."""
    if is_torch_dataset(X):
        return _torch_subset(X, np.flatnonzero(mask).tolist())
    try:
        return checked_sparse(X)[mask]
    except (*_NO_SUCH_INDEX, IndexError) as error:
        raise TypeError(f"a {type(X).__name__} cannot be indexed by this mask: X[mask] fails with {error}") from error


def csr_vstack(a: Any, b: Any) -> DatasetLike:
    """Appends the rows of a sparse matrix to another one of as many columns, in place."""
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"rows of {b.shape[1]} columns cannot be appended to rows of {a.shape[1]}")
    more = {"indptr": b.indptr[1:] + a.nnz, "indices": b.indices, "data": b.data}
    for part, values in more.items():
        setattr(a, part, np.append(getattr(a, part), values))
    a._shape = (len(a.indptr) - 1, a.shape[1])
    return a


def append_extra_datapoint(to_data: Any, from_data: Any, index: int) -> DatasetLike:
    """Examples with one more at their end, which is taken from another collection of the same type."""
    if type(from_data) is not type(to_data):
        raise ValueError(
            f"an example of a {type(from_data).__name__} cannot be appended to a {type(to_data).__name__}"
        )
    if is_pandas(to_data, "DataFrame", "Series"):
        import pandas as pd

        return pd.concat([to_data, from_data.iloc[[index]]], ignore_index=True)
    if isinstance(to_data, np.ndarray):
        return np.vstack([to_data, from_data[index]])
    if isinstance(to_data, list):
        return [*to_data, from_data[index]]
    scipy_sparse = sys.modules.get("scipy.sparse")
    if scipy_sparse is not None and scipy_sparse.issparse(to_data):
        more = checked_sparse(from_data).tocsr()[[index]]
        return scipy_sparse.vstack([checked_sparse(to_data), more], format=to_data.format)
    try:
        return to_data.append(from_data[index])
    except _NO_SUCH_INDEX as error:
        raise TypeError("an example cannot be appended to X: X.append(X[i]) must work") from error


def force_two_dimensions(X: Any) -> DatasetLike:
    """Examples of more than two axes, such as pictures, with one row of values each."""
    if X is not None and len(X.shape) > 2:
        X = X.reshape((len(X), -1))
    return X


def _shares(counts: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Counts divided by their total, which is taken for at least 1e-100."""
    if counts.dtype.kind == "f":
        counts = counts.astype(np.float64, copy=False)
    shares: npt.NDArray[Any] = counts / max(float(np.sum(counts)), TINY_VALUE)
    return shares
