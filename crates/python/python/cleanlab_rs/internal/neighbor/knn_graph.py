"""Graphs of nearest neighbours, and their correction for exact duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple, Union, cast

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs.internal.neighbor._plain_search import as_features
from cleanlab_rs.internal.neighbor.metric import decide_default_metric
from cleanlab_rs.internal.neighbor.search import construct_knn, is_exact_search

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = [
    "DEFAULT_K",
    "construct_knn_graph_from_index",
    "correct_knn_distances_and_indices",
    "correct_knn_distances_and_indices_with_exact_duplicate_sets_inplace",
    "correct_knn_graph",
    "create_knn_graph_and_index",
    "features_to_knn",
]

DEFAULT_K = 10
"""Number of neighbours where none is given: this, or all other rows if there are fewer."""


def features_to_knn(
    features: Optional[npt.ArrayLike],
    *,
    n_neighbors: Optional[int] = None,
    metric: Optional[Union[str, Callable[..., float]]] = None,
    **sklearn_knn_kwargs: Any,
) -> Any:
    """An index of the rows of `features`.

    Parameters
    ----------
    features : array_like, shape (N, p)
        Rows to search in.
    n_neighbors : int, optional
        Number of neighbours, less than N; by default 10, or N - 1 if that is less.
    metric : str or callable, optional
        By default cosine for more than three features, else Euclidean.
    **sklearn_knn_kwargs
        Further arguments of :class:`sklearn.neighbors.NearestNeighbors`, whose search is used then.

    Returns
    -------
    NearestNeighbors
        Fitted; see :func:`cleanlab_rs.internal.neighbor.search.construct_knn`.

    Examples
    --------
    >>> features_to_knn(np.eye(100, 5))
    NearestNeighbors(metric='cosine', n_neighbors=10)
    """
    if features is None:
        raise ValueError("features are needed where no index is given")
    rows = as_features(features)
    metric = metric or decide_default_metric(rows)
    knn = construct_knn(_configure_num_neighbors(rows, n_neighbors), metric, **sklearn_knn_kwargs)
    return knn.fit(rows)


def construct_knn_graph_from_index(
    knn: Any, correction_features: Optional[npt.NDArray[Any]] = None
) -> csr_matrix:
    """The graph of the rows that an index was fitted to.

    Parameters
    ----------
    knn : NearestNeighbors
        A fitted index: anything whose ``kneighbors(X=None)`` returns distances and indices.
    correction_features : numpy.ndarray, shape (N, p), optional
        The fitted rows, if exact duplicates are to be put first.

    Returns
    -------
    scipy.sparse.csr_matrix, shape (N, N)
        The distances of every row from its neighbours, nearest first.
    """
    if is_exact_search(knn):
        indices, distances = knn.graph_arrays(knn.n_neighbors)
    else:
        distances, indices = knn.kneighbors(X=None, return_distance=True)
    if correction_features is not None:
        distances, indices = correct_knn_distances_and_indices(correction_features, distances, indices)
    return _csr(distances, indices)


def create_knn_graph_and_index(
    features: Optional[npt.ArrayLike],
    *,
    n_neighbors: Optional[int] = None,
    metric: Optional[Union[str, Callable[..., float]]] = None,
    correct_exact_duplicates: bool = True,
    **sklearn_knn_kwargs: Any,
) -> Tuple[csr_matrix, Any]:
    """The graph of the rows of `features`, and the index that it was found with.

    Parameters
    ----------
    features, n_neighbors, metric, **sklearn_knn_kwargs
        As in :func:`features_to_knn`.
    correct_exact_duplicates : bool, default True
        Whether rows that are equal come first among each other's neighbours, at distance 0.

    Returns
    -------
    knn_graph : scipy.sparse.csr_matrix, shape (N, N)
    knn : NearestNeighbors

    Examples
    --------
    >>> features = np.array([[0.701, 0.701], [0.900, 0.436], [0.000, 1.000]])
    >>> graph, knn = create_knn_graph_and_index(features, n_neighbors=1)
    >>> graph.indices.tolist()
    [1, 0, 0]
    """
    knn = features_to_knn(features, n_neighbors=n_neighbors, metric=metric, **sklearn_knn_kwargs)
    if is_exact_search(knn):
        indices, distances = knn.graph_arrays(knn.n_neighbors, correct_exact_duplicates)
        return _csr(distances, indices), knn
    graph = construct_knn_graph_from_index(knn)
    if correct_exact_duplicates:
        # The index was made of them, so that they are there.
        graph = correct_knn_graph(as_features(cast(npt.ArrayLike, features)), graph)
    return graph, knn


def correct_knn_graph(features: npt.NDArray[Any], knn_graph: csr_matrix) -> csr_matrix:
    """A graph with exact duplicates put first, at distance 0.

    Parameters
    ----------
    features : array_like, shape (N, p)
        The rows that the graph is of.
    knn_graph : scipy.sparse.csr_matrix, shape (N, N)
        A graph that was made elsewhere. Every row has the same number of neighbours, other rows than itself, nearest
        first.

    Returns
    -------
    scipy.sparse.csr_matrix, shape (N, N)
        A new graph; the given one stays as it is.
    """
    indices, distances = _native.checked_knn_graph(csr_parts(knn_graph))
    corrected_indices, corrected_distances = _native.correct_knn(features, indices, distances)
    return _csr(corrected_distances, corrected_indices)


def correct_knn_distances_and_indices(
    features: npt.NDArray[Any],
    distances: npt.NDArray[Any],
    indices: npt.NDArray[Any],
    exact_duplicate_sets: Optional[List[npt.NDArray[Any]]] = None,
) -> Tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Distances and indices of neighbours with exact duplicates put first, at distance 0.

    Parameters
    ----------
    features : array_like, shape (N, p)
        The rows that were searched in.
    distances : numpy.ndarray, shape (N, k)
        Ascending in every row.
    indices : numpy.ndarray of int, shape (N, k)
        The neighbours of every row, which are other rows.
    exact_duplicate_sets : list of arrays of int, optional
        The rows that are equal, if that is known already.

    Returns
    -------
    distances, indices : numpy.ndarray, shape (N, k)
        New arrays.

    Examples
    --------
    >>> features = np.array([[0, 0], [0, 0], [1, 1]])
    >>> correct_knn_distances_and_indices(features, np.array([[1.5], [0.0], [1.5]]), np.array([[2], [0], [0]]))[1]
    array([[1],
           [0],
           [0]])
    """
    if exact_duplicate_sets is None:
        corrected_indices, corrected_distances = _native.correct_knn(features, indices, distances)
        return corrected_distances, corrected_indices.astype(np.asarray(indices).dtype, copy=False)
    distances, indices = np.array(distances), np.array(indices)
    correct_knn_distances_and_indices_with_exact_duplicate_sets_inplace(distances, indices, exact_duplicate_sets)
    return distances, indices


def correct_knn_distances_and_indices_with_exact_duplicate_sets_inplace(
    distances: npt.NDArray[Any], indices: npt.NDArray[Any], exact_duplicate_sets: List[npt.NDArray[Any]]
) -> None:
    """Put exact duplicates first, at distance 0, in arrays that are changed.

    A row's duplicates lead its list in ascending order; neighbours that are not duplicates follow as they stood, as
    many as there is room for. Of more than k duplicates every row lists the first k, other than itself.

    Parameters
    ----------
    distances : numpy.ndarray, shape (N, k)
    indices : numpy.ndarray of int, shape (N, k)
    exact_duplicate_sets : list of arrays of int
        Sets of rows that are equal, two or more each.
    """
    k = distances.shape[1]
    for duplicates in exact_duplicate_sets:
        members = np.asarray(duplicates)
        # No row lists more than k of them, beside itself.
        first = np.sort(members)[: k + 1]
        for row in members:
            equal = first[first != row][:k]
            others = np.flatnonzero(~np.isin(indices[row], members))[: k - len(equal)]
            rest_indices, rest_distances = indices[row, others], distances[row, others]
            indices[row, : len(equal)], distances[row, : len(equal)] = equal, 0
            end = len(equal) + len(others)
            indices[row, len(equal) : end], distances[row, len(equal) : end] = rest_indices, rest_distances


def _compute_exact_duplicate_sets(features: npt.ArrayLike) -> List[npt.NDArray[np.int64]]:
    """The sets of rows that are equal in every feature, two or more rows each, in ascending order."""
    return _native.exact_duplicates(features)


def _configure_num_neighbors(features: npt.NDArray[Any], k: Optional[int]) -> int:
    """The number of neighbours to search for among the rows of `features`."""
    n_rows = features.shape[0]
    if k is not None and k >= n_rows:
        raise ValueError(f"k is {k}, but must be less than the number of rows, {n_rows}")
    if k is not None and k < 0:
        raise ValueError(f"k is {k}, but must be at least 1")
    return k or min(DEFAULT_K, n_rows - 1)


def csr_parts(graph: Any) -> Tuple[Any, Any, Any]:
    """The three arrays of a sparse matrix in compressed rows."""
    try:
        return graph.indptr, graph.indices, graph.data
    except AttributeError:
        message = f"the graph is a {type(graph).__name__}, but must be a scipy.sparse.csr_matrix"
        raise TypeError(message) from None


def _csr(distances: npt.NDArray[Any], indices: npt.NDArray[Any]) -> csr_matrix:
    from scipy.sparse import csr_matrix

    n_rows, k = distances.shape
    starts = np.arange(0, n_rows * k + 1, k, dtype=np.int32 if n_rows * k < 2**31 else np.int64)
    return csr_matrix((distances.reshape(-1), indices.reshape(-1), starts), shape=(n_rows, n_rows))
