"""The neighbour graph that checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    """
    knn_graph = _graph_at_hand(find_issues_kwargs, statistics, k)
    kept_metric = statistics.get("knn_metric", metric)
    if knn_graph is not None and not (metric and metric != kept_metric):
        return knn_graph, metric, None
    if features is None:
        raise AssertionError("Features must be provided to compute the knn graph.")
    from cleanlab_rs.internal.neighbor.knn_graph import create_knn_graph_and_index

    knn_graph, index = create_knn_graph_and_index(features, n_neighbors=k, metric=metric)
    return knn_graph, index.metric, index


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
