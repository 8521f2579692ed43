"""Rows unlike all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.knn_graph_helpers import (
    is_preferred,
    knn_exists,
    nearest_of,
    set_knn_graph,
)

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab


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

        ood_kwargs = kwargs.get("ood_kwargs") or {}
        given = {key: kwargs[key] for key in OutOfDistribution.DEFAULT_PARAM_DICT if kwargs.get(key) is not None}
        self.k = k
        self.t = t
        self.metric = metric
        self.scaling_factor = scaling_factor
        self.threshold = threshold
        params = {**(ood_kwargs.get("params") or {}), **given, "k": k}
        self.ood = OutOfDistribution(**{**ood_kwargs, "params": params})
        self._find_issues_inputs = {"features": False, "pred_probs": False, "knn_graph": False}

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
        knn_graph = index = None
        if features is not None or knn_exists(kwargs, statistics, self.k):
            knn_graph, self.metric, index = set_knn_graph(features, kwargs, self.metric, self.k, statistics)
            scores, is_issue, issue_threshold = self._score_with_graph(knn_graph)
            self._find_issues_inputs["knn_graph"] = True
        elif pred_probs is not None:
            scores = self._score_with_pred_probs(pred_probs)
            self._find_issues_inputs["pred_probs"] = True
            if self.threshold is None:
                self.threshold = self.DEFAULT_THRESHOLDS["pred_probs"]
            if not self.threshold >= 0:
                raise ValueError(f"threshold must be non-negative, but got {self.threshold}.")
            issue_threshold = float(self.threshold * np.median(scores))
            is_issue = scores < issue_threshold
        elif kwargs.get("knn_graph") is not None or statistics.get("weighted_knn_graph") is not None:
            raise ValueError(
                "knn_graph is provided, but not sufficiently large to compute the scores based on the provided "
                "hyperparameters."
            )
        else:
            raise ValueError("Either features or pred_probs must be provided.")
        self.issues = pd.DataFrame({f"is_{self.issue_name}_issue": is_issue, self.issue_score_key: scores})
        self.summary = self.make_summary(score=scores.mean())
        self.info = self.collect_info(issue_threshold=issue_threshold, knn_graph=knn_graph, knn=index)

    def _score_with_graph(self, knn_graph: Any) -> tuple[Any, Any, float]:
        from cleanlab_rs.internal.outlier import correct_precision_errors, transform_distances_to_scores

        distances = knn_graph.data.reshape(knn_graph.shape[0], -1)
        self.threshold, issue_threshold, is_issue = self._compute_threshold_and_issue_column_from_distances(
            distances, self.threshold
        )
        means = distances.mean(axis=1)
        if self.scaling_factor is None:
            self.scaling_factor = float(max(np.median(means), 100 * np.finfo(np.float64).eps))
        scores = transform_distances_to_scores(means, t=self.t, scaling_factor=self.scaling_factor)
        if self.metric is not None:
            name = self.metric if isinstance(self.metric, str) else self.metric.__name__
            scores = correct_precision_errors(scores, means, name)
        return scores, is_issue, issue_threshold

    def _compute_threshold_and_issue_column_from_distances(
        self, distances: Any, threshold: float | None = None
    ) -> tuple[float, float, Any]:
        """The threshold, the mean distance above which rows are flagged, and the flags."""
        if threshold is None:
            threshold = self.DEFAULT_THRESHOLDS["features"]
        elif threshold and not (isinstance(threshold, (int, float)) and 0 <= threshold <= 1):
            raise ValueError(
                f"threshold must be a number between 0 and 1, got {threshold} of type {type(threshold)}."
            )
        means = distances.mean(axis=1)
        first, third = np.percentile(means, [25, 75])
        # A threshold of 0 flags nothing, also where all distances are equal.
        issue_threshold = float(third + (1 / threshold - 1) * (third - first)) if threshold else float("inf")
        return threshold, issue_threshold, means > issue_threshold

    def collect_info(self, *, issue_threshold: float, knn_graph: Any, knn: Any) -> dict[str, Any]:
        """Thresholds, the fitted parts, nearest neighbours, and the graph for other checks."""
        info: dict[str, Any] = {
            "average_ood_score": self.issues[self.issue_score_key].mean(),
            "threshold": self.threshold,
            "issue_threshold": issue_threshold,
            "ood": self.ood,
            **self.ood.params,
        }
        if knn_graph is not None:
            neighbors, distances = nearest_of(knn_graph)
            info.update(
                {
                    "k": self.k,
                    "nearest_neighbor": neighbors.tolist(),
                    "distance_to_nearest_neighbor": distances.tolist(),
                    "metric": self.metric,
                    "scaling_factor": self.scaling_factor,
                    "t": self.t,
                    "knn": knn,
                }
            )
        statistics: dict[str, Any] = {}
        if knn_graph is not None and is_preferred(self, knn_graph):
            statistics["weighted_knn_graph"] = knn_graph
        if self.metric is not None:
            statistics["knn_metric"] = self.metric
        return {**info, "statistics": statistics, "find_issues_inputs": self._find_issues_inputs}

    def _score_with_pred_probs(self, pred_probs: Any) -> Any:
        labels = self.datalab.labels
        if not isinstance(labels, np.ndarray):
            raise TypeError(
                "labels must be a numpy array of shape (n_samples,) to use the OutlierIssueManager "
                f"with pred_probs, but got {type(labels)}."
            )
        return self.ood.fit_score(pred_probs=pred_probs, labels=labels)
