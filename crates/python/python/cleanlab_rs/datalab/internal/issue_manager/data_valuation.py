"""Rows that contribute little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.knn_graph_helpers import (
    num_neighbors_in_knn_graph,
    set_knn_graph,
    statistics_with_graph,
)

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab


class DataValuationIssueManager(IssueManager):
    """Flags rows whose KNN-Shapley value, moved from [−1, 1] to [0, 1], is below `threshold`.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    metric : str or callable, optional
        How distances are measured; by the number of features if left out.
    threshold : float, optional
        The value below which rows are flagged; ``DEFAULT_THRESHOLD`` if left out.
    k : int
        Number of neighbours.
    """

    # "\times" and "\text" begin with a tab, as where cleanlab prints them.
    description: ClassVar[
        str
    ] = """
    Examples that contribute minimally to a model's training
    receive lower valuation scores.
    Since the original knn-shapley value is in [-1, 1], we transform it to [0, 1] by:

    .. math::
        0.5 \times (\text{shapley} + 1)

    here shapley is the original knn-shapley value.
    """
    issue_name: ClassVar[str] = "data_valuation"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: [], 3: ["average_data_valuation"]}

    DEFAULT_THRESHOLD: ClassVar[float] = 0.5

    def __init__(
        self, datalab: Datalab, metric: Any = None, threshold: float | None = None, k: int = 10, **kwargs: Any
    ):
        super().__init__(datalab)
        self.metric = metric
        self.k = k
        self.threshold = self.DEFAULT_THRESHOLD if threshold is None else threshold

    def find_issues(self, features: Any = None, **kwargs: Any) -> None:
        """Values every row.

        Parameters
        ----------
        features :
            N × p numbers; not needed where there is a graph.
        """
        labels = self.datalab.labels
        if isinstance(labels, list):
            # Equal sets of classes are equal labels.
            number_of: dict[frozenset[int], int] = {}
            labels = np.array([number_of.setdefault(frozenset(row), len(number_of)) for row in labels])
        from cleanlab_rs.data_valuation import data_shapley_knn

        statistics = self.datalab.get_info("statistics")
        knn_graph, self.metric, _ = set_knn_graph(features, kwargs, self.metric, self.k, statistics)
        n_neighbors = num_neighbors_in_knn_graph(knn_graph)
        if self.k > n_neighbors:
            raise ValueError(
                f"The provided knn graph has {n_neighbors} neighbors, which is less than the required {self.k} neighbors."
            )
        scores = data_shapley_knn(labels, knn_graph=knn_graph, k=self.k)
        self.issues = pd.DataFrame(
            {f"is_{self.issue_name}_issue": scores < self.threshold, self.issue_score_key: scores}
        )
        self.summary = self.make_summary(score=scores.mean())
        self.info = self.collect_info(issues=self.issues, knn_graph=knn_graph)

    def collect_info(self, issues: pd.DataFrame, knn_graph: Any) -> dict[str, Any]:
        """How many rows are flagged, the mean value, and the graph for other checks."""
        return {
            "num_low_valuation_issues": int(issues[f"is_{self.issue_name}_issue"].sum()),
            "average_data_valuation": issues[self.issue_score_key].mean(),
            "metric": self.metric,
            "k": self.k,
            "threshold": self.threshold,
            **statistics_with_graph(self, knn_graph),
        }
