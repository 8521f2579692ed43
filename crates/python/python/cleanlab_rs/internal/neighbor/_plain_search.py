"""The exact search in compiled code, and an index that needs no scikit-learn."""

from __future__ import annotations

import operator
from typing import Any, Dict, Optional, Tuple

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs._arguments import as_arrow_array, dense
from cleanlab_rs.internal.neighbor.metric import native_metric


class ExactSearch:
    """What an index does with the cosine and the Euclidean metric; with any other one the next base class does it."""

    n_neighbors: int
    metric: Any
    n_features_in_: int
    n_samples_fit_: int
    effective_metric_: Any
    effective_metric_params_: Dict[str, Any]

    def fit(self, X: npt.ArrayLike, y: Any = None) -> Any:
        """Take the rows of `X`, shape (N, p), to search in. They are not copied; `y` has no effect."""
        name = native_metric(self.metric)
        if name is None:
            return super().fit(X, y)  # type: ignore[misc]
        features = as_features(X)
        if features.size == 0:
            raise ValueError(f"features have shape {features.shape}, but need at least one row and one column")
        # Only a sum that is not finite tells to look at every value.
        with np.errstate(over="ignore", invalid="ignore"):
            total = features.sum()
        if not np.isfinite(total) and not np.isfinite(features).all():
            raise ValueError("features have NaN or infinity; fill in or drop values that are not finite")
        self._fit_X = features
        self._index: Any = None
        # What scikit-learn's other methods need to know.
        self._fit_method = "brute"
        self._tree = None
        self.n_samples_fit_, self.n_features_in_ = features.shape
        self.effective_metric_ = name
        self.effective_metric_params_ = {}
        return self

    def kneighbors(
        self, X: Optional[npt.ArrayLike] = None, n_neighbors: Optional[int] = None, return_distance: bool = True
    ) -> Any:
        """The nearest rows of every row of `X`, or of the fitted rows, which then are no neighbours of themselves.

        Parameters
        ----------
        X : array_like, shape (M, p), optional
            Rows to find the neighbours of.
        n_neighbors : int, optional
            Number of neighbours; by default that of the constructor.
        return_distance : bool, default True
            Whether to return the distances too.

        Returns
        -------
        distances : numpy.ndarray, shape (M, n_neighbors)
            Ascending; only if they are asked for.
        indices : numpy.ndarray of int, shape (M, n_neighbors)
            Among rows at the same distance the first come first.
        """
        if native_metric(self.metric) is None:
            return super().kneighbors(X, n_neighbors, return_distance)  # type: ignore[misc]
        self._check_fitted()
        k = self._k(n_neighbors)
        if X is None:
            rows, distances = self.graph_arrays(k)
            indices = rows.astype(np.int64)
        else:
            index, queries = self._index_for(X)
            indices, distances = index.query(queries, k)
        return (distances, indices) if return_distance else indices

    def kneighbors_graph(
        self, X: Optional[npt.ArrayLike] = None, n_neighbors: Optional[int] = None, mode: str = "connectivity"
    ) -> Any:
        """The nearest rows as a :class:`scipy.sparse.csr_matrix`: ones, or distances with ``mode="distance"``."""
        if native_metric(self.metric) is None:
            return super().kneighbors_graph(X, n_neighbors, mode)  # type: ignore[misc]
        if mode not in ("connectivity", "distance"):
            raise ValueError(f"mode is {mode!r}, but must be 'connectivity' or 'distance'")
        from scipy.sparse import csr_matrix

        distances, indices = self.kneighbors(X, n_neighbors)
        n_queries, k = indices.shape
        data = distances.reshape(-1) if mode == "distance" else np.ones(n_queries * k)
        starts = np.arange(0, n_queries * k + 1, k)
        graph = csr_matrix((data, indices.reshape(-1), starts), shape=(n_queries, self.n_samples_fit_))
        # SciPy takes smaller integers where they do; scikit-learn leaves them as they are.
        graph.indptr, graph.indices = starts, indices.reshape(-1)
        return graph

    def graph_arrays(
        self, k: int, correct_exact_duplicates: bool = False
    ) -> Tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """The nearest rows of the fitted rows and their distances, both of shape (N, k)."""
        self._check_fitted()
        return _native.knn_graph(self._fit_X, self._name(), self._k(k), correct_exact_duplicates)

    def mean_distances(self, X: Optional[npt.ArrayLike], k: int) -> npt.NDArray[np.float64]:
        """The mean distance from the `k` nearest rows, of the rows of `X` or of the fitted rows without themselves."""
        self._check_fitted()
        k = self._k(k)
        if X is None:
            return _native.mean_distances(self._fit_X, self._name(), k)
        index, queries = self._index_for(X)
        return index.mean_distances(queries, k)

    def _index_for(self, X: npt.ArrayLike) -> Tuple[_native.ExactIndex, npt.NDArray[Any]]:
        """An index and the queries, with the same type of floats."""
        queries = as_features(X)
        fitted = self._fit_X
        if queries.dtype != fitted.dtype:
            queries, fitted = queries.astype(np.float64, copy=False), fitted.astype(np.float64, copy=False)
        kept = self._index
        if kept is None or kept[0] != fitted.dtype:
            kept = self._index = (fitted.dtype, _native.ExactIndex(fitted, self._name()))
        return kept[1], queries

    def _name(self) -> str:
        return native_metric(self.metric) or "euclidean"

    def _k(self, n_neighbors: Optional[int]) -> int:
        k = operator.index(self.n_neighbors if n_neighbors is None else n_neighbors)
        if k < 1:
            raise ValueError(f"n_neighbors is {k}, but must be at least 1")
        return min(k, 2**62)

    def _check_fitted(self) -> None:
        if not hasattr(self, "_fit_X"):
            raise _not_fitted_error()("this index is not fitted yet; call fit with the rows to search in first")

    def __getstate__(self) -> Dict[str, Any]:
        inherited = getattr(super(), "__getstate__", None)
        state = inherited() if inherited is not None else self.__dict__
        # The index in compiled code is made again when it is needed.
        return {**state, "_index": None} if "_index" in state else dict(state)


class NearestNeighbors(ExactSearch):
    """An index with the interface of :class:`sklearn.neighbors.NearestNeighbors`, where that is not installed.

    Parameters
    ----------
    n_neighbors : int, default 5
        Number of neighbours to search for.
    metric : str, default "euclidean"
        "cosine" or "euclidean".
    """

    def __init__(self, *, n_neighbors: int = 5, metric: Any = "euclidean") -> None:
        if native_metric(metric) is None:
            raise ValueError(f"the metric {metric!r} needs scikit-learn; without it there are 'cosine' and 'euclidean'")
        self.n_neighbors = n_neighbors
        self.metric = metric

    def get_params(self, deep: bool = True) -> Dict[str, Any]:
        """The arguments of the constructor by name."""
        return {"n_neighbors": self.n_neighbors, "metric": self.metric}

    def set_params(self, **params: Any) -> "NearestNeighbors":
        """Change arguments of the constructor."""
        for name, value in params.items():
            if name not in ("n_neighbors", "metric"):
                raise ValueError(f"there is no parameter {name!r}; there are n_neighbors and metric")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        return f"NearestNeighbors(metric={self.metric!r}, n_neighbors={self.n_neighbors})"


def as_features(X: npt.ArrayLike) -> npt.NDArray[Any]:
    """Features as a matrix of single or double floats."""
    X = dense(X)
    converted = as_arrow_array(X)
    features = np.asarray(X) if converted is None else converted
    if features.dtype.kind not in "fiubO":
        raise ValueError(f"features have dtype {features.dtype}, but must be numbers")
    if features.ndim != 2:
        raise ValueError(f"features have shape {features.shape}, but need one row per example and column per feature")
    if features.dtype in (np.float32, np.float64):
        return features
    return features.astype(np.float64)


def _not_fitted_error() -> Any:
    try:
        from sklearn.exceptions import NotFittedError
    except ImportError:
        return NotFittedSearchError
    return NotFittedError


class NotFittedSearchError(ValueError, AttributeError):
    """An index was searched in before it was fitted, and scikit-learn's exception for that is not installed."""
