"""KNN-Shapley values from features and from graphs, with classes and with numeric labels.

Which of several neighbours at the same distance the reference lists is not defined: features on which that happens,
other than between exact duplicates, are left out. Graphs are given with their order, and have no such case.
"""

from reference_cases import main

import numpy as np
from cleanlab.data_valuation import data_shapley_knn
from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index
from parity_neighbors_outlier import exact, metric_name, random_features, random_size, tied
from cleanlab.internal.neighbor.metric import decide_default_metric
from cleanlab.internal.neighbor import features_to_knn
from scipy.sparse import csr_matrix


def random_labels(rng, n, x):
    """Classes, some of which follow the features, rounded numbers, or numbers that never repeat."""
    style = rng.choice(["classes", "clusters", "numbers", "distinct", "one"], p=[0.4, 0.3, 0.15, 0.1, 0.05])
    if style == "classes":
        return rng.integers(0, int(rng.integers(2, 8)), n), True
    if style == "clusters":
        labels = (x[:, 0] > np.median(x[:, 0])).astype(int)
        wrong = rng.random(n) < 0.1
        labels[wrong] = rng.integers(0, 3, wrong.sum())
        return labels, True
    if style == "numbers":
        return np.round(rng.normal(size=n), 1), False
    return (rng.normal(size=n), False) if style == "distinct" else (np.zeros(n, dtype=int), True)


def is_defined(x, k, metric):
    """Whether no two of the k + 1 nearest are at the same distance, unless they are exact duplicates of the row."""
    n = len(x)
    knn = exact(features_to_knn(x, n_neighbors=k, metric=metric))
    distances, indices = knn.kneighbors(None, n_neighbors=k)
    following = knn.kneighbors(None, n_neighbors=k + 1)[0][:, -1] if k < n - 1 else np.full(n, np.inf)
    same = (x[indices] == x[:, None]).all(axis=2)
    return not (tied(distances, following) & ~same).any()


def feature_checks(write, rng, x):
    n = len(x)
    for metric in (None, "cosine", "euclidean"):
        k = int(rng.integers(1, min(n, 16)))
        if not is_defined(x, k, metric):
            continue
        labels, _ = random_labels(rng, n, x)
        parameters = {"k": k, **({} if metric is None else {"metric": metric})}
        knn_graph = None
        if metric_name(metric or decide_default_metric(x)) != "cosine" and n > 100:
            # As the reference's graph, but by distances of the definition.
            knn_graph, _ = create_knn_graph_and_index(x, n_neighbors=k, metric="euclidean", algorithm="kd_tree")

        def values():
            if knn_graph is not None:
                return data_shapley_knn(labels, knn_graph=knn_graph, k=k)
            return data_shapley_knn(labels, features=x, metric=metric, k=k)

        write.attempt("data_shapley_knn_features", values, labels=labels, **parameters)


def graph_checks(write, rng, x):
    n = len(x)
    k = int(rng.integers(1, min(n, 17)))
    indices = np.array([rng.permutation(np.delete(np.arange(n), i))[:k] for i in range(n)])
    distances = np.sort(np.round(rng.random((n, k)), int(rng.integers(1, 4))), axis=1)
    write.input("indices", indices)
    write.input("distances", distances)
    graph = csr_matrix((distances.ravel(), indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    for used in sorted({1, k, int(rng.integers(1, k + 1))}) + ([None] if k >= 10 else []):
        labels, as_classes = random_labels(rng, n, x)
        parameters = {} if used is None else {"k": used}
        write.attempt("data_shapley_knn_graph", lambda: data_shapley_knn(labels, knn_graph=graph, **parameters),
                      labels=labels, as_classes=as_classes, **parameters)


def write_case(write, rng, golden):
    n, d = random_size(rng, golden)
    x, single = random_features(rng, n, d)
    x = write.kept_rows(x)
    write.case["dtype"] = "f32" if single else "f64"
    write.input("features", x)
    feature_checks(write, rng, x)
    graph_checks(write, rng, x)


if __name__ == "__main__":
    main(__doc__, "data-valuation", write_case)
