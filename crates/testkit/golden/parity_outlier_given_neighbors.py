"""Outlier scores from an index or a graph of the caller's, with scaling factors of the caller's, and the issue rule.

The graph goes through the issue manager of cleanlab's Datalab, which is given an empty audit.
"""

from reference_cases import main

import numpy as np
from cleanlab.datalab.internal.issue_manager.outlier import OutlierIssueManager
from cleanlab.internal.neighbor import features_to_knn
from cleanlab.outlier import OutOfDistribution
from parity_neighbors_outlier import exact, random_features, random_size
from scipy.sparse import csr_matrix


class EmptyAudit:
    """As much of a Datalab as the issue manager asks for."""

    labels = None

    def get_info(self, name):
        return {}


def index_checks(write, rng, x, queries):
    n = len(x)
    most = int(rng.integers(1, min(n, 20)))
    for metric in ("cosine", "euclidean"):
        knn = exact(features_to_knn(x, n_neighbors=most, metric=metric))
        k, t = int(rng.integers(1, most + 1)), float(rng.choice([0.5, 1, 3]))
        ood = OutOfDistribution(params={"knn": knn, "k": k, "t": t})
        if rng.random() < 0.5:
            ood.params["scaling_factor"] = float(rng.choice([1e-9, 0.01, 0.5, 10]))
        scores = ood.score(features=queries)
        scaling = ood.params["scaling_factor"]
        distances = knn.kneighbors(queries)[0][:, :k].mean(axis=1)
        tolerance = 100 * np.finfo(float).epsneg if metric == "cosine" else np.sqrt(100 * np.finfo(float).eps)
        # The last bit of such a distance decides whether it counts as 0.
        if np.any((np.abs(distances - tolerance) < 1e-14) | (metric == "cosine") & (distances < 1e-13)):
            continue
        closeness = float(max(1e-12, 2e-15 * t / max(scaling, 1e-6))) if metric == "cosine" else 1e-12
        write.check("ood_given_index", scores, queries=queries, metric=metric, k=k, t=t, scaling_factor=scaling,
                    tolerance=closeness)


def graph_checks(write, rng, x):
    n = len(x)
    k = int(rng.integers(1, min(n, 17)))
    indices = np.array([rng.permutation(np.delete(np.arange(n), i))[:k] for i in range(n)])
    distances = np.sort(rng.random((n, k)) ** rng.choice([1, 4]) * rng.choice([1e-15, 1e-8, 1, 50]), axis=1)
    if rng.random() < 0.2:
        distances[:] = 0.25
    write.input("indices", indices)
    write.input("distances", distances)
    graph = csr_matrix((distances.ravel(), indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    for metric in (None, "cosine", "euclidean"):
        parameters = {"t": float(rng.choice([0.5, 1, 3]))}
        if metric:
            parameters["metric"] = metric
        if rng.random() < 0.3:
            parameters["scaling_factor"] = float(rng.choice([1e-9, 0.01, 0.5, 10]))
        if rng.random() < 0.6:
            parameters["threshold"] = float(rng.choice([0.1, 0.37037, 0.8, 1]))
        manager = OutlierIssueManager(EmptyAudit(), k=k, **parameters)
        manager.find_issues(knn_graph=graph)
        write.check(
            "ood_given_graph",
            {"scores": manager.issues["outlier_score"].to_numpy(),
             "flagged": manager.issues["is_outlier_issue"].to_numpy(),
             "issue_threshold": np.array([manager.info["issue_threshold"]]),
             "scaling_factor": np.array([manager.scaling_factor])},
            **{"threshold": 0.37037, **parameters},
        )


def write_case(write, rng, golden):
    n, d = random_size(rng, golden)
    x, single = random_features(rng, n, d)
    x = write.kept_rows(x)
    queries = random_features(rng, 3 if golden else 20, d)[0]
    if single:
        queries = queries.astype(np.float32).astype(float)
    write.case["dtype"] = "f32" if single else "f64"
    write.input("features", x)
    index_checks(write, rng, x, queries)
    graph_checks(write, rng, x)


if __name__ == "__main__":
    main(__doc__, "outlier-given-neighbors", write_case)
