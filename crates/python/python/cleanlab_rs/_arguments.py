"""What becomes of arguments before they go to the compiled functions."""

from __future__ import annotations

import itertools
import math
import sys
from typing import Any, Optional, Tuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "as_arrow_array",
    "check_class_names",
    "check_number",
    "checked_inputs",
    "checked_sparse",
    "dense",
    "is_pandas",
    "label_array",
    "num_threads",
    "only_class_zero",
    "probability_array",
    "read_once",
]


def is_pandas(value: Any, *names: str) -> bool:
    """Whether a value is one of these classes of pandas, which is not imported for the answer."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and any(isinstance(value, getattr(pandas, name)) for name in names)


def as_arrow_array(value: Any) -> Optional[npt.NDArray[Any]]:
    """The NumPy array of a column or table of another library (polars, pyarrow and the like), else ``None``.

    Whatever converts itself by ``__array__`` does so; what only speaks Arrow's PyCapsule interface is read by pyarrow
    or polars, whichever is installed.
    """
    if isinstance(value, (str, bytes, list, tuple, set, dict)) or np.isscalar(value) or value is None:
        return None
    # A pyarrow Table's own __array__ mixes its columns into objects; column by column is as fast and keeps numbers.
    columns = getattr(value, "columns", None)
    if hasattr(value, "__arrow_c_stream__") and isinstance(columns, list) and hasattr(value, "num_rows"):
        return np.column_stack([np.asarray(column) for column in columns]) if columns else np.empty((0, 0))
    if hasattr(value, "to_numpy") and hasattr(value, "__arrow_c_stream__"):
        return np.asarray(value.to_numpy())
    if hasattr(value, "__array__"):
        return np.asarray(value)
    if not (hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__")):
        return None
    return _imported_arrow(value)


def _imported_arrow(value: Any) -> Optional[npt.NDArray[Any]]:
    try:
        import pyarrow
    except ImportError:
        pass
    else:
        # Read once, and looked at afterwards: a stream need not give its data a second time.
        is_stream = hasattr(value, "__arrow_c_stream__")
        data: Any = pyarrow.chunked_array(value) if is_stream else pyarrow.chunked_array([pyarrow.array(value)])
        if pyarrow.types.is_struct(data.type):
            return as_arrow_array(pyarrow.Table.from_struct_array(data))
        return np.asarray(data)
    try:
        import polars
    except ImportError:
        return None
    imported: Any = polars.from_arrow(value)
    return np.asarray(imported.to_numpy())


def _refuse_masked(values: Any) -> None:
    """A masked array is as good as any other as long as nothing is masked; nothing here would leave values out."""
    masked_arrays = sys.modules.get("numpy.ma")
    if masked_arrays is not None and isinstance(values, masked_arrays.MaskedArray) and masked_arrays.is_masked(values):
        raise ValueError("the array masks some values; leave these examples out, or fill the values")


#: Sparse features are spread out up to this size. Above it the process might be ended for want of memory.
_LARGEST_SPREAD_OUT = 8 * 2**30


def dense(features: Any) -> Any:
    """Sparse features of SciPy as a matrix with all its zeros; anything else as it is.

    Raises
    ------
    ValueError
        If that takes more than 8 GiB, or the matrix names places outside of its shape.
    """
    if not (hasattr(features, "toarray") and hasattr(features, "nnz")):
        return features
    n_bytes = math.prod(features.shape) * features.dtype.itemsize
    if n_bytes > _LARGEST_SPREAD_OUT:
        shape = " x ".join(map(str, features.shape))
        raise ValueError(
            f"sparse features of {shape} take {n_bytes / 2**30:.1f} GiB with their zeros, but neighbours are searched for "
            "in matrices up to 8 GiB; project them onto some hundred dimensions first, "
            "for example by sklearn.decomposition.TruncatedSVD"
        )
    # A copy: nobody else can change it after it was checked.
    return checked_sparse(features.copy()).toarray()


def checked_sparse(matrix: Any) -> Any:
    """A sparse matrix of SciPy whose places are all within its shape; anything else as it is.

    SciPy does not look: it reads and writes wherever the indices say, also where NumPy sorts or compares matrices that are
    elements of a list or an array of objects.

    Raises
    ------
    ValueError
        If the matrix, or one among the elements, names places outside of its shape.
    """
    if not (hasattr(matrix, "tocoo") and hasattr(matrix, "nnz")):
        _check_elements(matrix)
        return matrix
    if hasattr(matrix, "check_format"):
        # Of a matrix around the same arrays, as the check cuts off what is unused of them.
        same = type(matrix)((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
        same.check_format(full_check=True)
        # SciPy looks at the order of the rows only where there are entries.
        if (np.diff(same.indptr) < 0).any():
            raise ValueError("the sparse features have rows that end before they begin: indptr falls")
        return same
    _check_coordinates(matrix.tocoo())
    return matrix


def _check_elements(values: Any) -> None:
    if isinstance(values, np.ndarray) or is_pandas(values, "Series"):
        if values.dtype != object:
            return
        values = values.ravel().tolist() if isinstance(values, np.ndarray) else values.tolist()
    elif not isinstance(values, (list, tuple)):
        return
    # Of a million elements there are but a few kinds.
    kinds = set(map(type, values))
    if kinds <= {int, float, str, bool}:
        return
    if kinds & {list, tuple}:
        within = (value if isinstance(value, (list, tuple)) else (value,) for value in values)
        values = list(itertools.chain.from_iterable(within))
        kinds = set(map(type, values))
    sparse = tuple(kind for kind in kinds if hasattr(kind, "tocoo") and hasattr(kind, "nnz"))
    if sparse:
        for value in values:
            if isinstance(value, sparse):
                checked_sparse(value)


def _check_coordinates(features: Any) -> None:
    for places, length in zip((features.row, features.col), features.shape):
        if len(places) != len(features.data) or (len(places) and not (places.min() >= 0 and places.max() < length)):
            raise ValueError(f"the sparse features name places outside of their shape {features.shape}")


def label_array(labels: Any) -> npt.NDArray[Any]:
    """Labels as an array of one dimension, whatever they come in.

    Raises
    ------
    ValueError
        For a data frame of more than one column, and for what no array can be made of.
    """
    if is_pandas(labels, "Series"):
        if getattr(labels.dtype, "name", "") == "category" or not isinstance(labels.dtype, np.dtype):
            return _dense(labels)
        values: npt.NDArray[Any] = labels.to_numpy()
        return values
    if is_pandas(labels, "DataFrame"):
        if labels.shape[1] != 1:
            raise ValueError(f"labels must be one column, but the data frame has {labels.shape[1]}")
        return label_array(labels.iloc[:, 0])
    _refuse_masked(labels)
    checked_sparse(labels)
    converted = None if isinstance(labels, (list, np.ndarray, np.generic)) else as_arrow_array(labels)
    if converted is not None:
        return converted
    try:
        return np.asarray(labels)
    except (TypeError, ValueError) as error:
        raise ValueError(f"labels cannot be made an array: {error}") from error


def _dense(column: Any) -> npt.NDArray[Any]:
    """A column of pandas' nullable or categorical types; whole numbers stay whole numbers, text stays text."""
    values: npt.NDArray[Any] = np.asarray(column)
    if values.dtype != object or not len(values):
        return values
    kind = sys.modules["pandas"].api.types.infer_dtype(values, skipna=False)
    return values.astype(np.int64) if kind in ("integer", "boolean") else values


def probability_array(pred_probs: Any) -> Any:
    """Tables of other libraries than pandas as arrays; everything else as it is, to be judged by its type."""
    return read_once(pred_probs)


def read_once(values: Any) -> Any:
    """Columns and tables of other libraries than pandas as arrays, as a stream can be read only once.

    Everything else stays as it is.
    """
    if isinstance(values, np.ndarray):
        _refuse_masked(values)
        return values
    if isinstance(values, np.generic) or is_pandas(values, "DataFrame", "Series"):
        return values
    converted = as_arrow_array(values)
    return values if converted is None else converted


def checked_inputs(
    labels: Any, pred_probs: Any, *, allow_one_class: bool
) -> Tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Labels and probabilities as arrays of the right kind and shape.

    Arrays of numbers are not read here: the compiled functions check every value once, and in parallel.
    """
    labels, pred_probs = read_once(labels), probability_array(pred_probs)
    if not (
        isinstance(labels, np.ndarray)
        and labels.ndim == 1
        and labels.dtype.kind in "biuf"
        and isinstance(pred_probs, np.ndarray)
        and pred_probs.ndim == 2
        and pred_probs.dtype.kind == "f"
        and len(labels) == len(pred_probs) > 0
    ):
        from .internal.validation import assert_valid_inputs

        assert_valid_inputs(X=None, y=labels, pred_probs=pred_probs, allow_one_class=allow_one_class)
    return label_array(labels), pred_probs


def only_class_zero(labels: Any) -> bool:
    """Whether all labels are the class 0, in an array, a series or a list of Python's integers.

    In a data set that has not been cleaned yet that is the one case where a single class is allowed.
    """
    if isinstance(labels, list):
        # Mostly the first label tells.
        is_zero = bool(labels) and isinstance(labels[0], int) and labels[0] == 0 and labels.count(0) == len(labels)
        return is_zero and all(isinstance(label, int) for label in labels)
    if not isinstance(labels, np.ndarray):
        if not is_pandas(labels, "Series"):
            return False
        labels = label_array(labels)
    return labels.ndim == 1 and len(labels) > 0 and labels.dtype.kind in "biuf" and not labels.any()


def check_number(name: str, value: Any) -> None:
    """Refuses what is no number of Python's or NumPy's.

    Raises
    ------
    TypeError
        Naming the argument and what it is.
    """
    if not isinstance(value, (int, float, np.number, np.bool_)) and not _is_scalar_array(value):
        raise TypeError(f"{name} must be a number, not {value!r:.80} of type {type(value).__name__}")


def _is_scalar_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "biuf"


def check_class_names(class_names: Any, num_classes: int, error: type[Exception]) -> None:
    """Refuses names that are fewer than the classes; a single value stands for all of them, as in pandas."""
    if isinstance(class_names, (list, tuple, np.ndarray)) and len(class_names) < num_classes:
        raise error(f"class_names has {len(class_names)} names for {num_classes} classes; give one per class")


def num_threads(n_jobs: Optional[int]) -> Optional[int]:
    """How many threads ``n_jobs`` asks for; ``None`` for all."""
    if n_jobs is None:
        return None
    check_number("n_jobs", n_jobs)
    if not n_jobs >= 1:
        raise AssertionError(f"n_jobs is {n_jobs}; it must be at least 1")
    return int(n_jobs)
