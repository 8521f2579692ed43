"""Data whose order matters."""

from __future__ import annotations

import collections
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.knn_graph_helpers import (
    compressed_rows,
    is_free_of_repeats,
    knn_exists,
    set_knn_graph,
    statistics_with_graph,
)

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

#: Statistics that differ by less do so by rounding.
_SAME_STATISTIC = 1e-12


def simplified_kolmogorov_smirnov_test(neighbor_histogram: Any, non_neighbor_histogram: Any) -> float:
    """The largest difference between the cumulative sums of two histograms of equal length that each sum to 1."""
    return float(np.max(np.abs(np.cumsum(neighbor_histogram) - np.cumsum(non_neighbor_histogram))))


class NonIIDIssueManager(IssueManager):
    """Tests whether rows resemble rows near them in the order of the data more than chance allows.

    If they do, the row that shows it most is flagged, to stand for the whole. The score of the data is the p-value.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    metric : str or callable, optional
        How distances are measured; by the number of features if left out.
    k : int
        Number of neighbours.
    num_permutations : int
        With how many random orders that of the data is compared.
    seed : int, optional
        What NumPy's global random state is seeded with before they are drawn; ``None`` goes on with it as it is.
    significance_threshold : float
        The p-value below which the order matters.
    """

    description: ClassVar[
        str
    ] = """Whether the dataset exhibits statistically significant
    violations of the IID assumption like:
    changepoints or shift, drift, autocorrelation, etc.
    The specific violation considered is whether the
    examples are ordered such that almost adjacent examples
    tend to have more similar feature values.
    """
    issue_name: ClassVar[str] = "non_iid"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: ["p-value"], 1: [], 2: []}

    def __init__(
        self,
        datalab: Datalab,
        metric: Any = None,
        k: int = 10,
        num_permutations: int = 25,
        seed: int | None = 0,
        significance_threshold: float = 0.05,
        **_: Any,
    ):
        super().__init__(datalab)
        self.metric = metric
        self.k = k
        self.num_permutations = num_permutations
        self.seed = seed
        self.significance_threshold = significance_threshold
        self.p_value = np.float64("nan")
        # Neighbours by predictions serve this check alone.
        self._keeps_graph = True

    def find_issues(self, features: Any = None, pred_probs: Any = None, **kwargs: Any) -> None:
        """Looks at how far apart neighbours stand in the data.

        Parameters
        ----------
        features :
            N × p numbers.
        pred_probs :
            N × K probabilities, for neighbours where there is neither a graph nor features.
        """
        statistics = self.datalab.get_info("statistics")
        self._keeps_graph = (
            knn_exists(kwargs, statistics, self.k) or features is not None or pred_probs is None
        )
        points = pred_probs if features is None else features
        knn_graph, self.metric, _ = set_knn_graph(points, kwargs, self.metric, self.k, statistics)
        p_value, scores = self._test(knn_graph)
        self.p_value = np.float64(p_value)
        is_issue = np.zeros(len(scores), dtype=bool)
        if self.p_value < self.significance_threshold:
            is_issue[scores.argmin()] = True
        self.issues = pd.DataFrame({f"is_{self.issue_name}_issue": is_issue, self.issue_score_key: scores})
        self.summary = self.make_summary(score=self.p_value)
        self.info = self.collect_info(knn_graph=knn_graph)

    def _test(self, knn_graph: Any) -> tuple[float, Any]:
        """The p-value, and the score of every row."""
        if self.num_permutations < 2:
            raise ValueError(f"num_permutations must be at least 2, but is {self.num_permutations}.")
        if self.seed is not None:
            np.random.seed(self.seed)
        n_rows = knn_graph.shape[0]
        neighbors = knn_graph.indices.reshape(n_rows, -1)
        # NumPy's global state moves on as in cleanlab, also where the orders are drawn again by native code.
        orders = (np.random.permutation(n_rows) for _ in range(self.num_permutations))
        if isinstance(self.seed, (int, np.integer)) and is_free_of_repeats(knn_graph):
            from cleanlab_rs import _native

            found: tuple[float, Any] = _native.non_iid(compressed_rows(knn_graph), self.num_permutations, int(self.seed))
            collections.deque(orders, maxlen=0)
            return found
        return _p_value(neighbors, orders), _row_scores(neighbors)

    def collect_info(self, knn_graph: Any) -> dict[str, Any]:
        """The p-value, and the graph for other checks."""
        shared = statistics_with_graph(self, knn_graph) if self._keeps_graph else {"statistics": {}}
        return {"p-value": self.p_value, "metric": self.metric, "k": self.k, **shared}


def _p_value(neighbors: Any, orders: Any) -> float:
    """The mass above the statistic found of a Gaussian kernel density over those of random orders."""
    n_rows = len(neighbors)
    distances = np.arange(1, n_rows)
    all_pairs = np.cumsum((n_rows - distances) / (n_rows * (n_rows - 1) / 2))
    rows = np.arange(n_rows)

    def statistic(order: Any) -> float:
        apart = np.abs(order[:, None] - order[neighbors])
        sorted_apart = np.append(np.sort(apart, axis=None), n_rows - 1)
        shares = np.arange(len(sorted_apart)) / (len(sorted_apart) - 1)
        return float(np.max(np.abs(shares - all_pairs[sorted_apart - 1])))

    found = statistic(rows)
    statistics = np.array([statistic(order) for order in orders])
    differences = found - statistics
    if np.ptp(statistics) <= _SAME_STATISTIC:
        steps = np.where(differences > _SAME_STATISTIC, 0.0, np.where(differences < -_SAME_STATISTIC, 1.0, 0.5))
        return float(steps.mean())
    bandwidth = statistics.std(ddof=1) * len(statistics) ** -0.2
    shares = [0.5 * math.erfc(difference / (bandwidth * math.sqrt(2))) for difference in differences]
    return float(np.clip(np.mean(shares), 0.0, 1.0))


def _row_scores(neighbors: Any) -> Any:
    """1 − tanh(a / m) for every row.

    a is the area between the distribution of the distances of the row from its neighbours and that of its distances
    from all rows, and m the larger of its position and the number of rows from it to the end.
    """
    n_rows = len(neighbors)
    rows = np.arange(n_rows)[:, None]
    apart = np.sort(np.abs(rows - neighbors), axis=1)
    apart = np.hstack([apart, np.full((n_rows, 1), n_rows - 1)])
    nearer_end = np.minimum(rows, n_rows - 1 - rows)
    farther_end = n_rows - 1 - nearer_end
    # Up to the nearer end there are two rows at each distance, up to the farther end one, beyond none.
    area_to_nearer = nearer_end**2 / (n_rows - 1)
    area_between = 0.5 * (2 * nearer_end / (n_rows - 1) + 1) * (farther_end - nearer_end)
    background = np.where(
        apart <= nearer_end,
        apart**2 / (n_rows - 1),
        np.where(
            apart <= farther_end,
            area_to_nearer + 0.5 * ((apart + 3 * nearer_end) * (apart - nearer_end) / (n_rows - 1)),
            area_to_nearer + area_between + (apart - farther_end),
        ),
    )
    shares = np.arange(apart.shape[1]) / (apart.shape[1] - 1)
    foreground = shares * np.diff(apart, axis=1, prepend=0)
    areas = np.abs(foreground - np.diff(background, axis=1, prepend=0)).sum(axis=1)
    return np.tanh(-areas / np.maximum(rows[:, 0], n_rows - rows[:, 0])) + 1
