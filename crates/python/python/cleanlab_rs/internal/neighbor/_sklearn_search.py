"""The exact search in compiled code as a scikit-learn estimator."""

from __future__ import annotations

from sklearn.neighbors import NearestNeighbors as _NearestNeighbors

from cleanlab_rs.internal.neighbor._plain_search import ExactSearch


class NearestNeighbors(ExactSearch, _NearestNeighbors):  # type: ignore[misc]
    """:class:`sklearn.neighbors.NearestNeighbors`, which searches in compiled code with the cosine and Euclidean metric.

    With these metrics the search is exact and uses all processors, distances are those of the definition, and among
    rows at the same distance the first come first. With any other metric it is scikit-learn's.
    """
