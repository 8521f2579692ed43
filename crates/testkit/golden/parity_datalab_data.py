"""Datalab's checks of the data as a whole: their order, the shares of classes, missing values, and data values.

Features are drawn so that no two distances are equal, since the reference leaves the order of such neighbours open;
equal distances come in graphs that are given.
"""

from reference_cases import main

import contextlib
import io
from types import SimpleNamespace

import numpy as np
from cleanlab.datalab.internal.issue_manager.data_valuation import DataValuationIssueManager
from cleanlab.datalab.internal.issue_manager.imbalance import ClassImbalanceIssueManager
from cleanlab.datalab.internal.issue_manager.noniid import NonIIDIssueManager
from cleanlab.datalab.internal.issue_manager.null import NullIssueManager
from scipy.sparse import csr_matrix


def size(rng, golden):
    if golden:
        return int(rng.integers(2, 26))
    if rng.random() < 0.1:
        return int(rng.integers(2, 12))
    return int(np.exp(rng.uniform(np.log(12), np.log(20000 if rng.random() < 0.05 else 1500))))


def ordered_features(rng, n, golden):
    """Features that may drift, jump or repeat themselves along the rows."""
    d = int(rng.choice([1, 2, 3, 4, 8, 512] if n < 200 and not golden else [1, 2, 3, 4, 5]))
    x = rng.normal(size=(n, d))
    style = rng.choice(["iid", "drift", "jump", "walk", "period", "clusters"])
    t = np.arange(n)[:, None]
    if style == "drift":
        x += t * rng.choice([1e-3, 1e-2, 1])
    elif style == "jump":
        x[n // 3:] += rng.choice([0.5, 5])
    elif style == "walk":
        x = np.cumsum(x, axis=0)
    elif style == "period":
        x += 3 * np.sin(t * rng.uniform(0.01, 1))
    elif style == "clusters":
        x += 4 * rng.normal(size=(4, d))[rng.integers(0, 4, n)]
    return x


def given_graph(rng, n):
    """Lists of neighbours that no features need to have, with distances that may be equal."""
    k = int(rng.integers(1, min(n, 16)))
    if rng.random() < 0.3:
        near = np.array([[j for j in range(max(0, i - k), min(n, i + k + 1)) if j != i][:k] for i in range(n)])
        indices = near
    else:
        indices = np.array([rng.permutation(np.delete(np.arange(n), i))[:k] for i in range(n)])
    distances = np.sort(np.round(rng.random(indices.shape), int(rng.choice([1, 16]))), axis=1)
    return indices, distances


def csr(indices, distances):
    n, k = indices.shape
    return csr_matrix((distances.ravel(), indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))


class Lab(SimpleNamespace):
    """What an issue manager asks of the audit that it is part of."""

    def get_info(self, name):
        return {}


def audit(manager_of, options=None, labels=None, names=None, **inputs):
    """What an issue manager of Datalab finds, and what else it says."""
    manager = manager_of(Lab(labels=labels, class_names=names, _label_map=dict(enumerate(names or []))),
                         **(options or {}))
    with contextlib.redirect_stdout(io.StringIO()):
        manager.find_issues(**inputs)
    name = manager.issue_name
    return {
        "is_issue": manager.issues[f"is_{name}_issue"].to_numpy(),
        "scores": manager.issues[f"{name}_score"].to_numpy(),
        "score": float(manager.summary["score"].iloc[0]),
    }, manager.info


class NonIID(NonIIDIssueManager):
    """Refuses where the statistic is the same in all orders: the p-value is then what rounding leaves."""

    issue_name = "non_iid"

    def _permutation_test(self, num_permutations):
        self.seen = []
        p_value = super()._permutation_test(num_permutations)
        if np.ptp(self.seen) < 1e-12:
            raise ValueError("the statistic does not depend on the order")
        return p_value

    def _get_statistics(self, neighbor_index_distances):
        statistics = super()._get_statistics(neighbor_index_distances)
        if hasattr(self, "seen"):
            self.seen.append(statistics["ks"])
        return statistics


def non_iid_checks(write, rng, x, p, graph):
    options = [
        {},
        {"k": int(rng.integers(1, 12)), "seed": int(rng.integers(0, 2**32)),
         "num_permutations": int(rng.integers(2, 40)), "significance_threshold": float(rng.choice([0.01, 0.5, 1]))},
        {"metric": str(rng.choice(["cosine", "euclidean"])), "k": 4},
    ]
    if x.shape[1] == 1:
        # The cosine of numbers is 1 or -1.
        options[2]["metric"] = "euclidean"

    def expected(parameters, **inputs):
        found, info = audit(NonIID, parameters, **inputs)
        return {**found, "p-value": float(info["p-value"])}

    for parameters in options:
        write.attempt("non_iid", lambda: expected(parameters, features=x), inputs="features", **parameters)
    write.attempt("non_iid", lambda: expected(options[1], knn_graph=csr(*graph)), inputs="knn_graph", **options[1])
    write.attempt("non_iid", lambda: expected({"k": 3}, pred_probs=p), inputs="pred_probs", k=3)


def data_valuation_checks(write, rng, x, labels, numbers, graph):
    k = int(rng.integers(1, graph[0].shape[1] + 1))
    threshold = float(rng.choice([0.5, 0.45, 0.55]))
    for task, targets in (("classification", labels), ("regression", numbers)):
        for name, inputs, parameters in (
            ("features", {"features": x}, {}),
            ("features", {"features": x}, {"k": k, "threshold": threshold}),
            ("knn_graph", {"knn_graph": csr(*graph)}, {"k": k, "threshold": threshold}),
        ):
            write.attempt("data_valuation", lambda: audit(DataValuationIssueManager, parameters, targets, **inputs)[0],
                          task=task, inputs=name, **parameters)


def class_imbalance_checks(write, rng, n):
    n_names = int(rng.integers(2, 6))
    shares = rng.dirichlet(np.full(n_names, rng.choice([0.1, 1, 100])))
    labels = rng.choice(n_names, n, p=shares)
    if rng.random() < 0.3:
        labels[:] = np.arange(n) % n_names
    if rng.random() < 0.3:
        labels[labels == rng.integers(0, n_names)] = rng.integers(0, n_names)
    for parameters in ({}, {"threshold": float(rng.choice([0, 0.5, 0.9, 1]))}):
        def compute():
            names = [str(name) for name in range(n_names)]
            found, info = audit(ClassImbalanceIssueManager, parameters, labels, names)
            return {**found, "rarest": -1 if info["Rarest Class"] == "NA" else int(info["Rarest Class"])}

        write.attempt("class_imbalance", compute, n_names=n_names, classes=labels, **parameters)


def null_checks(write, rng, n, golden):
    d = int(rng.integers(1, 6 if golden else 40))
    x = rng.normal(size=(n, d))
    style = rng.choice(["none", "few", "rows", "columns", "patterns", "all"])
    if style == "few":
        x[rng.random((n, d)) < 0.05] = np.nan
    elif style == "rows":
        x[rng.random(n) < 0.3] = np.nan
    elif style == "columns":
        x[:, rng.random(d) < 0.4] = np.nan
    elif style == "patterns":
        patterns = rng.random((3, d)) < 0.5
        x[patterns[rng.integers(0, 3, n)]] = np.nan
    elif style == "all":
        x[:] = np.nan
    if rng.random() < 0.2:
        x[rng.random((n, d)) < 0.1] = np.inf

    def compute():
        found, info = audit(NullIssueManager, features=x)
        common = info["most_common_issue"]
        pattern = [] if common["pattern"] == "no_null" else [int(digit) for digit in common["pattern"]]
        return {**found, "pattern": np.array(pattern, dtype=int), "rows": np.array(common["rows_affected"], dtype=int),
                "count": common["count"], "column_impact": np.array(info["column_impact"]),
                "average": float(info["average_null_score"])}

    # Matrices with missing values stand beside the ordinary ones.
    write.attempt("null", compute, missing=np.isnan(x))


def write_case(write, rng, golden):
    n = write.kept_count(size(rng, golden))
    x = ordered_features(rng, n, golden)
    k = int(rng.choice([2, 3, 4, 10]))
    p = rng.dirichlet(np.ones(k), n)
    labels = (x[:, 0] > np.median(x[:, 0])).astype(int)
    flip = rng.random(n) < 0.2
    labels[flip] = 1 - labels[flip]
    labels[:2] = [0, 1]
    numbers = np.round(x[:, 0], int(rng.choice([0, 8])))
    graph = given_graph(rng, n)
    for name, value in (("features", x), ("pred_probs", p), ("labels", labels), ("numbers", numbers),
                        ("graph_indices", graph[0]), ("graph_distances", graph[1])):
        write.input(name, value)
    non_iid_checks(write, rng, x, p, graph)
    data_valuation_checks(write, rng, x, labels, numbers, graph)
    class_imbalance_checks(write, rng, n)
    null_checks(write, rng, n, golden)


if __name__ == "__main__":
    main(__doc__, "datalab-data", write_case)
