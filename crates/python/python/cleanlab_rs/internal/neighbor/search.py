"""Indexes to search for nearest neighbours in."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Callable, Union


from cleanlab_rs.internal.neighbor.metric import native_metric

if TYPE_CHECKING:
    from cleanlab_rs.internal.neighbor._plain_search import ExactSearch

__all__ = ["construct_knn"]


def construct_knn(
    n_neighbors: int, metric: Union[str, Callable[..., float]], **knn_kwargs: Any
) -> ExactSearch:
    """An index that is not fitted yet, with the interface of :class:`sklearn.neighbors.NearestNeighbors`.

    With the cosine and the Euclidean metric it searches exactly and in parallel in compiled code, and is a subclass of
    scikit-learn's where that is installed. With any other metric, or further arguments, it is scikit-learn's own.

    Parameters
    ----------
    n_neighbors : int
        Number of neighbours to search for.
    metric : str or callable
        How far apart two rows are.
    **knn_kwargs
        Further arguments of :class:`sklearn.neighbors.NearestNeighbors`.

    Returns
    -------
    NearestNeighbors
        It has the methods ``fit(X)``, ``kneighbors(X=None)`` and ``kneighbors_graph(X=None)``.

    Examples
    --------
    >>> import numpy as np
    >>> knn = construct_knn(1, "euclidean").fit(np.array([[0.0], [1.0], [5.0]]))
    >>> knn.kneighbors(return_distance=False).tolist()
    [[1], [0], [1]]
    """
    knn: ExactSearch
    if knn_kwargs or native_metric(metric) is None:
        from sklearn.neighbors import NearestNeighbors as SklearnSearch

        knn = SklearnSearch(n_neighbors=n_neighbors, metric=metric, **knn_kwargs)
        return knn
    knn = _search_class()(n_neighbors=n_neighbors, metric=metric)
    return knn


def is_exact_search(knn: Any) -> bool:
    """Whether this package searches in the index itself."""
    from cleanlab_rs.internal.neighbor._plain_search import ExactSearch

    return isinstance(knn, ExactSearch)


def _search_class() -> Any:
    if importlib.util.find_spec("sklearn") is None:
        from cleanlab_rs.internal.neighbor import _plain_search

        return _plain_search.NearestNeighbors
    from cleanlab_rs.internal.neighbor import _sklearn_search

    return _sklearn_search.NearestNeighbors
