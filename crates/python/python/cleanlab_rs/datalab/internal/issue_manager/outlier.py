"""Rows unlike all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import (
    chosen_options,
    flags_and_scores,
    one_label_per_row,
)
from cleanlab_rs.datalab.internal.issue_manager.knn_graph_helpers import (
    knn_exists,
    nearest_of,
    set_knn_graph,
    statistics_with_graph,
)

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab


#: The least distance that counts as usual, so that scores can be divided by it.
_SMALLEST_SCALE = 100 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class _Judged:
    """The rows by one of the two ways."""

    scores: Any
    is_issue: Any
    #: The mean distance above which, or the score below which, rows are flagged.
    limit: float
    knn_graph: Any = None
    index: Any = None


class OutlierIssueManager(IssueManager):
    """Flags rows that are far from their nearest neighbours, or that a model is unsure about.

    With features or a neighbour graph a row scores exp(−t · d / s), d being its mean distance from its neighbours and s
    the `scaling_factor`, and is flagged if d is above Q3 + (1 / threshold − 1) · IQR of all d. With predicted
    probabilities alone it scores what :class:`cleanlab_rs.outlier.OutOfDistribution` gives, and is flagged below
    `threshold` times the median.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    k : int
        Number of neighbours.
    t : int
        How fast scores fall with distance.
    metric : str or callable, optional
        How distances are measured; by the number of features if left out.
    scaling_factor : float, optional
        The distance that counts as usual; the median if left out.
    threshold : float, optional
        How far is too far; the entry of ``DEFAULT_THRESHOLDS`` if left out.
    **kwargs :
        ``ood_kwargs``, options of :class:`cleanlab_rs.outlier.OutOfDistribution`, or entries of its ``params``.
    """

    description: ClassVar[
        str
    ] = """Examples that are very different from the rest of the dataset
    (i.e. potentially out-of-distribution or rare/anomalous instances).
    """
    issue_name: ClassVar[str] = "outlier"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: ["average_ood_score"], 3: []}

    DEFAULT_THRESHOLDS: ClassVar[dict[str, float]] = {"features": 0.37037, "pred_probs": 0.13}

    def __init__(
        self,
        datalab: Datalab,
        k: int = 10,
        t: int = 1,
        metric: Any = None,
        scaling_factor: float | None = None,
        threshold: float | None = None,
        **kwargs: Any,
    ):
        super().__init__(datalab)
        from cleanlab_rs.outlier import OutOfDistribution

        self.k, self.t = k, t
        self.metric = metric
        self.scaling_factor = scaling_factor
        self.threshold = threshold
        options = dict(kwargs.get("ood_kwargs") or {})
        params = options.pop("params", None) or {}
        params = {**params, **chosen_options(kwargs, OutOfDistribution.DEFAULT_PARAM_DICT), "k": k}
        self.ood = OutOfDistribution(params=params, **options)

    def find_issues(self, features: Any = None, pred_probs: Any = None, **kwargs: Any) -> None:
        """Scores every row.

        Parameters
        ----------
        features :
            N × p numbers.
        pred_probs :
            N × K probabilities; looked at only where there is neither a graph nor features.
        """
        statistics = self.datalab.get_info("statistics")
        if features is not None or knn_exists(kwargs, statistics, self.k):
            judged = self._by_distance(features, kwargs, statistics)
        elif pred_probs is not None:
            judged = self._by_confidence(pred_probs)
        else:
            raise ValueError(
                f"there is nothing to find outliers by: no features, no knn_graph of {self.k} or more neighbours, and no "
                "pred_probs."
            )
        self.issues = flags_and_scores(self, judged.is_issue, judged.scores)
        self.summary = self.make_summary(judged.scores.mean())
        self.info = self.collect_info(issue_threshold=judged.limit, knn_graph=judged.knn_graph, knn=judged.index)

    def _by_distance(self, features: Any, given: dict[str, Any], statistics: dict[str, Any]) -> _Judged:
        from cleanlab_rs.internal.outlier import correct_precision_errors, transform_distances_to_scores

        knn_graph, self.metric, index = set_knn_graph(features, given, self.metric, self.k, statistics)
        means = knn_graph.data.reshape(knn_graph.shape[0], -1).mean(axis=1)
        if self.threshold is None:
            self.threshold = self.DEFAULT_THRESHOLDS["features"]
        limit = _largest_usual(means, self.threshold)
        if self.scaling_factor is None:
            self.scaling_factor = max(float(np.median(means)), _SMALLEST_SCALE)
        scores = transform_distances_to_scores(means, t=self.t, scaling_factor=self.scaling_factor)
        if self.metric is not None:
            scores = correct_precision_errors(scores, means, getattr(self.metric, "__name__", self.metric))
        return _Judged(scores, means > limit, limit, knn_graph, index)

    def _by_confidence(self, pred_probs: Any) -> _Judged:
        scores = self.ood.fit_score(pred_probs=pred_probs, labels=one_label_per_row(self.datalab.labels))
        if self.threshold is None:
            self.threshold = self.DEFAULT_THRESHOLDS["pred_probs"]
        if not self.threshold >= 0:
            raise ValueError(f"threshold is a part of the median score and cannot be {self.threshold}.")
        limit = float(self.threshold * np.median(scores))
        return _Judged(scores, scores < limit, limit)

    def collect_info(self, *, issue_threshold: float, knn_graph: Any, knn: Any) -> dict[str, Any]:
        """Thresholds, the fitted parts, nearest neighbours, and the graph for other checks."""
        by_distance = knn_graph is not None
        info: dict[str, Any] = {
            "average_ood_score": self.issues[self.issue_score_key].mean(),
            "threshold": self.threshold,
            "issue_threshold": issue_threshold,
            "ood": self.ood,
            **self.ood.params,
        }
        if by_distance:
            neighbors, distances = nearest_of(knn_graph)
            info["nearest_neighbor"] = neighbors.tolist()
            info["distance_to_nearest_neighbor"] = distances.tolist()
            info.update({name: getattr(self, name) for name in ("k", "metric", "scaling_factor", "t")}, knn=knn)
        info.update(statistics_with_graph(self, knn_graph))
        if self.metric is not None:
            info["statistics"]["knn_metric"] = self.metric
        info["find_issues_inputs"] = {"features": False, "pred_probs": not by_distance, "knn_graph": by_distance}
        return info


def _largest_usual(means: Any, threshold: float) -> float:
    """Q3 + (1 / threshold − 1) · IQR of mean distances; a threshold of 0 flags nothing, also where all are equal.

    Raises
    ------
    ValueError
        Unless the threshold is in [0, 1].
    """
    if not threshold:
        return float("inf")
    if not (isinstance(threshold, (int, float)) and 0 < threshold <= 1):
        raise ValueError(f"threshold must be a number from 0 to 1 where outliers are found by distance, not {threshold!r}.")
    first, third = np.percentile(means, [25, 75])
    return float(third + (1 / threshold - 1) * (third - first))
