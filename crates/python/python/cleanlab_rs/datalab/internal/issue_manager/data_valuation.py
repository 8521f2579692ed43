"""Rows that contribute little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import flags_and_scores
from cleanlab_rs.datalab.internal.issue_manager.knn_graph_helpers import (
    num_neighbors_in_knn_graph,
    set_knn_graph,
    statistics_with_graph,
)

if TYPE_CHECKING:
    import pandas as pd

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
        from cleanlab_rs.data_valuation import data_shapley_knn

        statistics = self.datalab.get_info("statistics")
        knn_graph, self.metric, _ = set_knn_graph(features, kwargs, self.metric, self.k, statistics)
        n_neighbors = num_neighbors_in_knn_graph(knn_graph)
        if n_neighbors < self.k:
            raise ValueError(f"rows of the knn_graph have {n_neighbors} neighbours each, and k is {self.k}.")
        values = data_shapley_knn(_one_number_per_row(self.datalab.labels), knn_graph=knn_graph, k=self.k)
        self.issues = flags_and_scores(self, values < self.threshold, values)
        self.summary = self.make_summary(values.mean())
        self.info = self.collect_info(self.issues, knn_graph)

    def collect_info(self, issues: pd.DataFrame, knn_graph: Any) -> dict[str, Any]:
        """How many rows are flagged, the mean value, and the graph for other checks."""
        info: dict[str, Any] = {
            "num_low_valuation_issues": int(issues[f"is_{self.issue_name}_issue"].sum()),
            "average_data_valuation": issues[self.issue_score_key].mean(),
        }
        info.update({name: getattr(self, name) for name in ("metric", "k", "threshold")})
        info.update(statistics_with_graph(self, knn_graph))
        return info


def _one_number_per_row(labels: Any) -> Any:
    """The labels; of sets of classes one number for each set that there is, in the order in which they come."""
    if not isinstance(labels, list):
        return labels
    number_of: dict[frozenset[int], int] = {}
    return np.array([number_of.setdefault(frozenset(row), len(number_of)) for row in labels])
