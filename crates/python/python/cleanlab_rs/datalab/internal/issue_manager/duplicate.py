"""Rows that are almost the same."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.knn_graph_helpers import (
    nearest_of,
    set_knn_graph,
    statistics_with_graph,
)

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

#: The median distance counts as at least this much, so that the threshold is above 0.
_SMALLEST_MEDIAN = 1e-6


def _not_below_zero(threshold: float) -> float:
    """A threshold, or 0 with a warning if it is negative."""
    if threshold < 0:
        warnings.warn(f"threshold is {threshold}; it counts as 0, which flags nothing.", stacklevel=4)
        return 0
    return threshold


class NearDuplicateIssueManager(IssueManager):
    """Flags rows that are closer to another one than `threshold` times the median distance of nearest neighbours.

    A row scores 1 − exp(−d / m), d being the distance from its nearest neighbour and m the median of all d.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    metric : str or callable, optional
        How distances are measured; by the number of features if left out.
    threshold : float
        How close is too close, as a part of the median.
    k : int
        Number of neighbours.
    """

    description: ClassVar[
        str
    ] = """A (near) duplicate issue refers to two or more examples in
    a dataset that are extremely similar to each other, relative
    to the rest of the dataset.  The examples flagged with this issue
    may be exactly duplicated, or lie atypically close together when
    represented as vectors (i.e. feature embeddings).
    """
    issue_name: ClassVar[str] = "near_duplicate"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: ["threshold"]}

    def __init__(self, datalab: Datalab, metric: Any = None, threshold: float = 0.13, k: int = 10, **_: Any):
        super().__init__(datalab)
        self.metric = metric
        self.threshold = _not_below_zero(threshold)
        self.k = k
        self.near_duplicate_sets: list[Any] = []

    def find_issues(self, features: Any = None, **kwargs: Any) -> None:
        """Looks at the neighbours of every row.

        Parameters
        ----------
        features :
            N × p numbers; not needed where there is a graph.
        """
        statistics = self.datalab.get_info("statistics")
        knn_graph, self.metric, _ = set_knn_graph(features, kwargs, self.metric, self.k, statistics)
        _, nearest = nearest_of(knn_graph)
        median = max(np.median(nearest), _SMALLEST_MEDIAN)
        self.near_duplicate_sets = self._neighbors_within_radius(knn_graph, self.threshold, median)
        scores = _compute_scores_with_exp_transform(nearest, temperature=1.0 / median)
        self.issues = pd.DataFrame(
            {
                f"is_{self.issue_name}_issue": np.fromiter(map(len, self.near_duplicate_sets), int) > 0,
                self.issue_score_key: scores,
            }
        )
        self.summary = self.make_summary(score=scores.mean())
        self.info = self.collect_info(knn_graph=knn_graph, median_nn_distance=median)

    @staticmethod
    def _neighbors_within_radius(knn_graph: Any, threshold: float, median: float) -> list[Any]:
        """For every row those closer than `threshold` · `median`, nearest first, then those it is so close to."""
        n_rows = knn_graph.shape[0]
        is_near = knn_graph.data.reshape(n_rows, -1) < threshold * median
        neighbors = knn_graph.indices[is_near.reshape(-1)]
        n_near = is_near.sum(axis=1)
        rows = np.repeat(np.arange(n_rows), n_near)
        # A row that another one lists, and that does not list it, gets it at the end of its own list.
        listed = rows * n_rows + neighbors
        mutual = neighbors.astype(np.int64) * n_rows + rows
        is_missing = ~np.isin(mutual, listed)
        added_to, added = neighbors[is_missing], rows[is_missing]
        near: list[Any] = np.split(neighbors, np.cumsum(n_near)[:-1])
        if not added.size:
            return near
        first = np.sort(np.unique(mutual[is_missing], return_index=True)[1])
        order = first[np.argsort(added_to[first], kind="stable")]
        added_to, added = added_to[order], added[order]
        starts = np.flatnonzero(np.append(True, added_to[1:] != added_to[:-1]))
        for row, others in zip(added_to[starts].tolist(), np.split(added, starts[1:])):
            near[row] = np.concatenate([near[row], others])
        return near

    def collect_info(self, knn_graph: Any, median_nn_distance: float) -> dict[str, Any]:
        """The sets, nearest neighbours, and the graph for other checks."""
        neighbors, distances = nearest_of(knn_graph)
        return {
            "average_near_duplicate_score": self.issues[self.issue_score_key].mean(),
            "near_duplicate_sets": self.near_duplicate_sets,
            "metric": self.metric,
            "k": self.k,
            "threshold": self.threshold,
            "nearest_neighbor": neighbors.tolist(),
            "distance_to_nearest_neighbor": distances.tolist(),
            "median_distance_to_nearest_neighbor": median_nn_distance,
            **statistics_with_graph(self, knn_graph),
        }


def _compute_scores_with_exp_transform(nn_distances: Any, temperature: float) -> Any:
    """1 − exp(−distance · temperature), and 0 for distances that are 0 but for rounding.

    Raises
    ------
    ValueError
        Unless the temperature is above 0.
    """
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, but is {temperature}.")
    scores = 1 - np.exp(-temperature * nn_distances)
    scores[np.isclose(nn_distances, 0)] = 0
    return scores
