"""What each example is worth to a model that is trained on it: KNN-Shapley values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Hashable, Optional, Union

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs._arguments import label_array
from cleanlab_rs.internal.neighbor.knn_graph import (
    _configure_num_neighbors,
    create_knn_graph_and_index,
    csr_parts,
)
from cleanlab_rs.internal.neighbor._plain_search import as_features
from cleanlab_rs.internal.neighbor.metric import HIGH_DIMENSION_CUTOFF, native_metric

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["data_shapley_knn"]


def data_shapley_knn(
    labels: npt.NDArray[Any],
    *,
    features: Optional[npt.NDArray[Any]] = None,
    knn_graph: Optional[csr_matrix] = None,
    metric: Optional[Union[str, Callable[..., float]]] = None,
    k: int = 10,
) -> npt.NDArray[np.float64]:
    """Value every example by what it does for a classifier of nearest neighbours.

    An example is worth something where its neighbours have its label, and harms where they have another one. Nothing
    is trained: the Shapley value has a closed form. Memory beside the result is linear in N.

    Parameters
    ----------
    labels : array_like, shape (N,)
        Labels of any kind that are equal or not.
    features : array_like, shape (N, p), optional
        Features to search for neighbours by; needed without a graph.
    knn_graph : scipy.sparse.csr_matrix, shape (N, N), optional
        A graph that was made elsewhere. Every row has the same number of neighbours, other rows than itself, nearest
        first.
    metric : str or callable, optional
        The metric of features; by default cosine for more than three of them, else Euclidean.
    k : int, default 10
        Number of neighbours that count: less than N, and at most those of the graph.

    Returns
    -------
    numpy.ndarray, shape (N,)
        Values between 0 and 1; below 0.5 an example does harm.

    Examples
    --------
    >>> features = np.array([[0.0, 1.0, 2.1, 3.3, 4.7]]).T
    >>> data_shapley_knn(np.array([0, 1, 0, 1, 0]), features=features, k=4)
    array([0.5 , 0.45, 0.5 , 0.45, 0.5 ])
    """
    if knn_graph is None and features is None:
        raise ValueError("either features or a knn_graph are needed")
    if k < 1:
        raise ValueError(f"k is {k}, but must be at least 1")
    codes = _codes(labels)
    if knn_graph is None:
        assert features is not None
        rows = as_features(features)
        name = native_metric(metric) if metric else _default_name(rows)
        if name is not None:
            return _native.data_shapley_of_features(codes, rows, name, _configure_num_neighbors(rows, k))
        knn_graph, _ = create_knn_graph_and_index(rows, n_neighbors=k, metric=metric)
    return _native.data_shapley_of_graph(codes, csr_parts(knn_graph), min(k, 2**62))


def _default_name(features: npt.NDArray[Any]) -> str:
    return "cosine" if features.shape[1] > HIGH_DIMENSION_CUTOFF else "euclidean"


def _codes(labels: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Whole numbers that are equal where labels are; NaN equals nothing."""
    values = label_array(labels)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(f"labels have shape {values.shape}, but need one entry per example")
    if values.dtype.kind in "iub":
        return values.astype(np.int64, copy=False)
    try:
        codes: npt.NDArray[np.int64] = np.unique(values, return_inverse=True)[1].reshape(-1)
    except TypeError:
        # Values that cannot be sorted.
        code_of: Dict[Hashable, int] = {}
        codes = np.array([code_of.setdefault(value, len(code_of)) for value in values.tolist()], dtype=np.int64)
    if values.dtype.kind in "fc":
        missing = np.isnan(values)
        codes[missing] = -1 - np.arange(np.count_nonzero(missing))
    return codes
