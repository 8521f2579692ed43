"""The neighbour graph that checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from cleanlab_rs.datalab.internal.issue_manager import IssueManager


def num_neighbors_in_knn_graph(knn_graph: csr_matrix) -> int:
    """How many neighbours each row of a graph has."""
    return int(knn_graph.nnz // knn_graph.shape[0])


def _graph_at_hand(arguments: dict[str, Any], statistics: dict[str, Any], k: int) -> csr_matrix | None:
    """The graph that was given, or else a kept one with enough neighbours."""
    given = arguments.get("knn_graph")
    if given is not None:
        return given
    kept = statistics.get("weighted_knn_graph")
    return kept if kept is not None and num_neighbors_in_knn_graph(kept) >= k else None


def knn_exists(kwargs: dict[str, Any], statistics: dict[str, Any], k_needed: int) -> bool:
    """Whether a graph was given, or one with enough neighbours is kept."""
    return _graph_at_hand(kwargs, statistics, k_needed) is not None


def set_knn_graph(
    features: Any,
    find_issues_kwargs: dict[str, Any],
    metric: Any,
    k: int,
    statistics: dict[str, Any],
) -> tuple[csr_matrix, Any, Any]:
    """The graph for a check, its metric, and the index it was made with if it had to be made.

    A graph that was given comes first, then a kept one with at least k neighbours. Another metric than that of the kept
    graph, or no graph, has the features searched.

    Raises
    ------
    AssertionError
        If features are needed and there are none.
    ValueError
        If the graph that was given, or is kept, is none of nearest neighbours.
    """
    knn_graph = _graph_at_hand(find_issues_kwargs, statistics, k)
    kept_metric = statistics.get("knn_metric", metric)
    if knn_graph is not None and not (metric and metric != kept_metric):
        check_knn_graph(knn_graph)
        return knn_graph, metric, None
    if features is None:
        raise AssertionError("There are no features to search for neighbours, and no graph of them that would do.")
    from cleanlab_rs.internal.neighbor.knn_graph import create_knn_graph_and_index

    knn_graph, index = create_knn_graph_and_index(features, n_neighbors=k, metric=metric)
    return knn_graph, index.metric, index


def check_knn_graph(knn_graph: csr_matrix) -> None:
    """Refuses what is no graph of nearest neighbours: checks read its arrays as matrices of N rows and k columns.

    Raises
    ------
    ValueError
        Unless it is an N × N matrix of compressed rows that all have k entries, k > 0: finite distances, not negative
        and in ascending order, from rows that there are.
    """
    if getattr(knn_graph, "format", None) != "csr":
        raise ValueError(f"knn_graph must be a scipy.sparse.csr_matrix, but is a {type(knn_graph)}.")
    n_rows = knn_graph.shape[0]
    if knn_graph.shape != (n_rows, n_rows):
        raise ValueError(f"knn_graph must have as many rows as columns, but has shape {knn_graph.shape}.")
    lengths = np.diff(knn_graph.indptr)
    n_neighbors = int(lengths[0]) if n_rows else 0
    if n_neighbors < 1:
        raise ValueError("knn_graph must have a neighbour at least for every row, but row 0 has none.")
    uneven = np.flatnonzero(lengths != n_neighbors)
    if uneven.size:
        raise ValueError(
            f"knn_graph must have as many neighbours for every row, but row 0 has {n_neighbors} and row {uneven[0]} has "
            f"{lengths[uneven[0]]}; a distance of 0 has to be stored too."
        )
    n_entries = n_rows * n_neighbors
    if knn_graph.indptr[0] != 0 or not knn_graph.data.size == knn_graph.indices.size == n_entries:
        raise ValueError("the arrays of knn_graph are longer or shorter than its rows are together.")
    indices = knn_graph.indices
    if indices.min() < 0 or indices.max() >= n_rows:
        wrong = int(np.flatnonzero((indices < 0) | (indices >= n_rows))[0])
        raise ValueError(
            f"knn_graph names row {indices[wrong]} as neighbour of row {wrong // n_neighbors}, but has {n_rows} rows."
        )
    distances = knn_graph.data.reshape(n_rows, n_neighbors)
    is_wrong = ~(np.isfinite(distances[:, -1]) & (distances[:, 0] >= 0))
    is_wrong |= ~(distances[:, 1:] >= distances[:, :-1]).all(axis=1)
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        raise ValueError(
            "distances of knn_graph must be finite, not negative and in ascending order within each row, but those of "
            f"row {row} begin with {distances[row, :5].tolist()}."
        )


def is_free_of_repeats(knn_graph: csr_matrix) -> bool:
    """Whether no row of a graph lists itself, or another row twice, as native code wants it."""
    neighbors = np.sort(knn_graph.indices.reshape(knn_graph.shape[0], -1), axis=1)
    lists_itself = neighbors == np.arange(len(neighbors))[:, None]
    return not (lists_itself.any() or (neighbors[:, 1:] == neighbors[:, :-1]).any())


def compressed_rows(knn_graph: csr_matrix) -> tuple[Any, Any, Any]:
    """A graph as native code takes it: where rows start, neighbours, and distances."""
    return knn_graph.indptr, knn_graph.indices, knn_graph.data


def nearest_of(knn_graph: csr_matrix) -> tuple[Any, Any]:
    """The nearest neighbour of every row, and how far it is."""
    n_rows = knn_graph.shape[0]
    return knn_graph.indices.reshape(n_rows, -1)[:, 0], knn_graph.data.reshape(n_rows, -1)[:, 0]


def statistics_with_graph(manager: IssueManager, knn_graph: csr_matrix | None) -> dict[str, dict[str, Any]]:
    """What a check adds to the statistics: its graph, if that is new, larger or of another metric."""
    statistics: dict[str, Any] = {}
    if knn_graph is not None and is_preferred(manager, knn_graph):
        statistics["weighted_knn_graph"] = knn_graph
        metric = getattr(manager, "metric", None)
        if metric is not None:
            statistics["knn_metric"] = metric
    return {"statistics": statistics}


def is_preferred(manager: IssueManager, knn_graph: csr_matrix) -> bool:
    """Whether a graph takes the place of the kept one."""
    known = manager.datalab.get_info("statistics")
    kept = known.get("weighted_knn_graph")
    if kept is None or knn_graph.nnz > kept.nnz:
        return True
    return bool(getattr(manager, "metric", None) != known.get("knn_metric"))
