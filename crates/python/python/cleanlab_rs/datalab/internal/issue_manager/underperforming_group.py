"""Groups of rows that a model does poorly on."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.duplicate import _not_below_zero
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import flags_and_scores, one_label_per_row
from cleanlab_rs.datalab.internal.issue_manager.knn_graph_helpers import (
    compressed_rows,
    is_free_of_repeats,
    nearest_of,
    set_knn_graph,
    statistics_with_graph,
)

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

CLUSTERING_ALGO = "DBSCAN"
CLUSTERING_PARAMS_DEFAULT = {"metric": "precomputed"}

#: Options of DBSCAN that native code knows, with their defaults. The others choose how a search goes, not its result.
_CLUSTERING_DEFAULTS: dict[str, Any] = {"eps": 0.5, "min_samples": 5}


class UnderperformingGroupIssueManager(IssueManager):
    """Flags the group of similar rows in which the given labels are least probable to the model.

    A group scores the mean probability of the given labels of its rows, divided by that of all rows in groups; the
    group with the lowest score is flagged if that is below `threshold`.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    metric : str or callable, optional
        How distances are measured; by the number of features if left out.
    threshold : float
        The score below which a group is flagged.
    k : int
        Number of neighbours.
    clustering_kwargs : dict
        Options of ``sklearn.cluster.DBSCAN``, such as ``eps`` and ``min_samples``.
    min_cluster_samples : int
        Groups with fewer rows are left out.
    """

    description: ClassVar[
        str
    ] = """An underperforming group refers to a cluster of similar examples
    (i.e. a slice) in the dataset for which the ML model predictions
    are particularly poor (loss evaluation over this subpopulation is high).
    """
    issue_name: ClassVar[str] = "underperforming_group"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: ["threshold"]}
    OUTLIER_CLUSTER_LABELS: ClassVar[tuple[int, ...]] = (-1,)
    NO_UNDERPERFORMING_CLUSTER_ID: ClassVar[int] = min(OUTLIER_CLUSTER_LABELS) - 1

    def __init__(
        self,
        datalab: Datalab,
        metric: Any = None,
        threshold: float = 0.1,
        k: int = 10,
        clustering_kwargs: dict[str, Any] = {},  # noqa: B006 – cleanlab's default, and never changed
        min_cluster_samples: int = 5,
        **_: Any,
    ):
        super().__init__(datalab)
        self.metric = metric
        self.threshold = _not_below_zero(threshold)
        self.k = k
        self.clustering_kwargs = clustering_kwargs
        self.min_cluster_samples = min_cluster_samples

    def find_issues(
        self, pred_probs: Any, features: Any = None, cluster_ids: Any = None, **kwargs: Any
    ) -> None:
        """Finds the groups, and how well the model does on each.

        Parameters
        ----------
        pred_probs :
            N × K probabilities.
        features :
            N × p numbers; not needed where there is a graph or `cluster_ids`.
        cluster_ids :
            The group of every row, −1 for rows in none, in place of groups found here.
        """
        labels = one_label_per_row(self.datalab.labels)
        knn_graph = None
        if cluster_ids is None:
            statistics = self.datalab.get_info("statistics")
            knn_graph, self.metric, _ = set_knn_graph(features, kwargs, self.metric, self.k, statistics)
            groups = np.asarray(self.perform_clustering(knn_graph))
        else:
            groups = np.asarray(cluster_ids)
            if self.clustering_kwargs:
                warnings.warn("`cluster_ids` are given, so that `clustering_kwargs` are not looked at.", stacklevel=2)
        large = self.filter_cluster_ids(groups)
        if not large.size:
            raise ValueError(f"no group has {self.min_cluster_samples} rows or more, so that there is none to judge.")
        score_of, worst, lowest = self.get_underperforming_clusters(groups, large, labels, np.asarray(pred_probs))
        # Rows in no group, in a small one, or in one that does well score 1.
        scores = pd.Series(groups).map(score_of).fillna(1.0).to_numpy(dtype=float)
        self.issues = flags_and_scores(self, groups == worst, scores)
        self.summary = self.make_summary(lowest)
        self.info = self.collect_info(knn_graph, len(large), groups, knn_graph is not None, worst)

    def perform_clustering(self, knn_graph: Any) -> Any:
        """The group of every row, −1 for rows in none, by density over the distances of a graph."""
        options = {key: value for key, value in self.clustering_kwargs.items() if value is not None}
        if set(options) <= set(_CLUSTERING_DEFAULTS) and is_free_of_repeats(knn_graph):
            from cleanlab_rs import _native

            return _native.density_clusters(compressed_rows(knn_graph), **{**_CLUSTERING_DEFAULTS, **options})
        from inspect import signature

        from sklearn.cluster import DBSCAN

        known = signature(DBSCAN).parameters
        options = {key: value for key, value in options.items() if key in known}
        return DBSCAN(**{**options, "metric": "precomputed"}).fit_predict(knn_graph.copy())

    def filter_cluster_ids(self, cluster_ids: Any) -> Any:
        """The groups that are large enough, in ascending order.

        Raises
        ------
        ValueError
            For ids below −1.
        """
        grouped = cluster_ids[~np.isin(cluster_ids, self.OUTLIER_CLUSTER_LABELS)]
        if grouped.size and grouped.min() < 0:
            raise ValueError(f"cluster_ids must be -1 or more, but there is {grouped.min()}.")
        ids, counts = np.unique(grouped, return_counts=True)
        return ids[counts >= self.min_cluster_samples]

    def get_underperforming_clusters(
        self, cluster_ids: Any, unique_cluster_ids: Any, labels: Any, pred_probs: Any
    ) -> tuple[dict[int, float], int, float]:
        """The scores of groups that do worse than all together, the one to flag, and the lowest score.

        Of equally bad groups the one with the lowest id is flagged; −2 stands for none.
        """
        from cleanlab_rs.rank import get_self_confidence_for_each_label

        is_grouped = np.isin(cluster_ids, unique_cluster_ids)
        confidence = get_self_confidence_for_each_label(labels[is_grouped], pred_probs[is_grouped])
        mean = confidence.mean()
        ids = cluster_ids[is_grouped]
        order = np.argsort(np.array(ids), kind="stable")
        starts = np.searchsorted(ids[order], unique_cluster_ids)
        scores: dict[int, float] = {}
        for group, values in zip(unique_cluster_ids, np.split(confidence[order], starts[1:])):
            performance = values.mean()
            if performance < mean:
                scores[group] = max(float(performance / mean), 0.0)
        ratio = min(scores.values(), default=1.0)
        worst = min((group for group, score in scores.items() if score == ratio), default=None)
        if worst is None or not ratio < self.threshold:
            worst = self.NO_UNDERPERFORMING_CLUSTER_ID
        return scores, worst, ratio

    def collect_info(
        self,
        knn_graph: Any,
        n_clusters: int,
        cluster_ids: Any,
        performed_clustering: bool,
        worst_cluster_id: int,
    ) -> dict[str, Any]:
        """Nearest neighbours, the groups, and the graph for other checks."""
        info: dict[str, Any] = {"k": self.k, "metric": self.metric, "threshold": self.threshold}
        if knn_graph is not None:
            neighbors, distances = nearest_of(knn_graph)
            info["nearest_neighbor"] = neighbors.tolist()
            info["distance_to_nearest_neighbor"] = distances.tolist()
        info.update(statistics_with_graph(self, knn_graph))
        info["clustering"] = {
            "algorithm": CLUSTERING_ALGO if performed_clustering else None,
            "params": dict(CLUSTERING_PARAMS_DEFAULT) if performed_clustering else {},
            "stats": {
                "n_clusters": n_clusters,
                "cluster_ids": cluster_ids,
                "underperforming_cluster_id": worst_cluster_id,
            },
        }
        return info
