"""Calls on features: neighbours, outliers, and values of examples."""

import numpy as np

from cases import Case, Words, call, calls
from random_data import chance, class_labels, features, one_of, pick

OUTLIER, KNN, METRIC = "outlier.OutOfDistribution", "internal.neighbor.knn_graph", "internal.neighbor.metric"


def tolerance_of(x):
    """Above 100 rows cleanlab's Euclidean distances are those of a quick formula."""
    return 1e-6 if len(x) > 100 and x.shape[1] <= 3 else 1e-10


@calls(OUTLIER, weight=2)
def outliers_of_features(rng):
    n = int(rng.integers(14, 140))
    d = pick(rng, [1, 2, 3, 4, 8])
    x, other = features(rng, n, d), features(rng, int(rng.integers(1, 12)), d)
    params = one_of(
        rng,
        {
            "k": lambda: int(rng.integers(1, 12)),
            "t": lambda: pick(rng, [1, 2, 0.5]),
        },
    )
    verbose = chance(rng, 0.3)
    steps = pick(
        rng,
        [
            f"scores = ood.fit_score(features=features, verbose={verbose})",
            f"ood.fit(features=features, verbose={verbose})\nscores = ood.score(features=other)",
            "scores = ood.fit_score(features=features, verbose=False), ood.score(features=other)\n"
            "ood.fit(features=other)  # is already fitted\nscores += (ood.score(features=other),)",
            "ood.fit(features=features)\nscores = ood.score(features=features[:3])",
        ],
    )
    code = f"""from cleanlab.outlier import OutOfDistribution
ood = OutOfDistribution({params or ''})
{steps}
result = scores, sorted(ood.params), ood.params["scaling_factor"], ood.params.get("k"), type(ood.params["knn"]).__name__"""
    return Case(OUTLIER, code, {"features": x, "other": other}, tolerance=tolerance_of(x))


@calls(OUTLIER)
def outliers_of_a_given_index(rng):
    x = features(rng, int(rng.integers(20, 90)), 4)
    code = f"""from sklearn.neighbors import NearestNeighbors
from cleanlab.outlier import OutOfDistribution
knn = NearestNeighbors(n_neighbors={int(rng.integers(3, 8))}, metric={pick(rng, ["cosine", "euclidean", "minkowski"])!r}).fit(features)
ood = OutOfDistribution({{"knn": knn, "k": {int(rng.integers(1, 10))}}})
result = ood.score(features=features), ood.score(features=features[:2])"""
    return Case(OUTLIER, code, {"features": x}, tolerance=1e-10)


@calls(OUTLIER, weight=2)
def outliers_of_predictions(rng):
    labels, p = class_labels(rng, plain=True)
    params = one_of(
        rng,
        {
            "adjust_pred_probs": lambda: chance(rng, 0.5),
            "method": lambda: pick(rng, ["entropy", "least_confidence", "gen"]),
            "M": lambda: pick(rng, [2, 5, 100]),
            "gamma": lambda: pick(rng, [0.1, 0.5]),
        },
    )
    given = ", labels=labels" if params.get("adjust_pred_probs", True) or chance(rng, 0.5) else ""
    steps = pick(
        rng,
        [
            f"scores = ood.fit_score(pred_probs=pred_probs{given}, verbose=False)",
            f"ood.fit(pred_probs=pred_probs{given})\nscores = ood.score(pred_probs=pred_probs)",
        ],
    )
    code = f"""from cleanlab.outlier import OutOfDistribution
ood = OutOfDistribution({params or ''})
{steps}
result = scores, ood.params.get("confident_thresholds"), sorted(ood.params)"""
    return Case(OUTLIER, code, {"labels": labels, "pred_probs": p})


@calls("data_valuation.data_shapley_knn", weight=2)
def data_shapley_knn(rng):
    x = distinct(rng, int(rng.integers(14, 140)))
    labels = rng.integers(0, 3, len(x))
    options = one_of(rng, {"k": lambda: int(rng.integers(1, 12)), "metric": lambda: pick(rng, ["cosine", "euclidean"])})
    if chance(rng, 0.4):
        k = options.pop("k", 10)
        options.pop("metric", None)
        code = f"""from cleanlab.data_valuation import data_shapley_knn
from sklearn.neighbors import NearestNeighbors
knn_graph = NearestNeighbors(n_neighbors={k}, metric="cosine").fit(features).kneighbors_graph(mode="distance")
result = data_shapley_knn(labels, knn_graph=knn_graph, k={k})"""
        return Case("data_valuation.data_shapley_knn", code, {"labels": labels, "features": x})
    return call("data_valuation.data_shapley_knn", {"labels": labels, "*features": x}, options)


def distinct(rng, n=None, d=None):
    """Features of which no two rows are at the same distance from a third, so that their order is defined."""
    n = n or int(rng.integers(12, 130))
    return rng.standard_normal((n, d or pick(rng, [2, 3, 4, 8])))


@calls(f"{KNN}.features_to_knn", "internal.neighbor.features_to_knn")
def features_to_knn(rng):
    x = distinct(rng)
    options = one_of(rng, {"n_neighbors": lambda: int(rng.integers(1, 11)), "metric": lambda: pick(rng, ["cosine", "euclidean"])})
    settings = "".join(f", {name}={value!r}" for name, value in options.items())
    path = pick(rng, features_to_knn.names)
    module = path.rpartition(".")[0]
    code = f"""from cleanlab.{module} import features_to_knn
knn = features_to_knn(features{settings})
result = knn.n_neighbors, getattr(knn.metric, "__name__", knn.metric), knn.kneighbors(), knn.kneighbors(features[:3]), knn.kneighbors_graph(mode="distance")"""
    return Case(path, code, {"features": x}, tolerance=tolerance_of(x))


@calls(f"{KNN}.create_knn_graph_and_index", f"{KNN}.construct_knn_graph_from_index", weight=2)
def knn_graphs(rng):
    x = distinct(rng)
    options = one_of(
        rng,
        {
            "n_neighbors": lambda: int(rng.integers(1, 11)),
            "metric": lambda: pick(rng, ["cosine", "euclidean"]),
            "correct_exact_duplicates": lambda: True,
        },
    )
    settings = "".join(f", {name}={value!r}" for name, value in options.items())
    path = pick(rng, knn_graphs.names)
    if path.endswith("index") and "construct" in path:
        options.pop("correct_exact_duplicates", None)
        settings = "".join(f", {name}={value!r}" for name, value in options.items())
        code = f"""from cleanlab.internal.neighbor.knn_graph import construct_knn_graph_from_index, features_to_knn
knn = features_to_knn(features{settings})
result = construct_knn_graph_from_index(knn), construct_knn_graph_from_index(knn, correction_features=features)"""
    else:
        code = f"""from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index
graph, knn = create_knn_graph_and_index(features{settings})
result = graph, knn.n_neighbors, getattr(knn.metric, "__name__", knn.metric)"""
    return Case(path, code, {"features": x}, tolerance=tolerance_of(x))


@calls(f"{KNN}.correct_knn_graph", f"{KNN}.correct_knn_distances_and_indices",
       f"{KNN}.correct_knn_distances_and_indices_with_exact_duplicate_sets_inplace")
def corrections(rng):
    x = distinct(rng, n=int(rng.integers(15, 60)), d=3)
    for _ in range(int(rng.integers(1, 4))):
        x[rng.integers(0, len(x), 2)] = x[int(rng.integers(0, len(x)))]
    path = pick(rng, corrections.names)
    k = int(rng.integers(2, 9))
    head = f"""from sklearn.neighbors import NearestNeighbors
import cleanlab.internal.neighbor.knn_graph as graphs
knn = NearestNeighbors(n_neighbors={k}, algorithm="brute").fit(features)
distances, indices = knn.kneighbors()
"""
    tail = {
        "correct_knn_graph": 'result = graphs.correct_knn_graph(features, knn.kneighbors_graph(mode="distance"))',
        "correct_knn_distances_and_indices": "result = graphs.correct_knn_distances_and_indices(features, distances, indices)",
    }.get(path.rpartition(".")[2])
    tail = tail or (
        "_, first, count = np.unique(features, axis=0, return_inverse=True, return_counts=True)\n"
        "sets = [np.flatnonzero(first.ravel() == at) for at in np.flatnonzero(count > 1)]\n"
        "graphs.correct_knn_distances_and_indices_with_exact_duplicate_sets_inplace(distances, indices, sets)\n"
        "result = distances, indices"
    )
    return Case(path, head + tail, {"features": x}, tolerance=1e-10)


@calls(f"{METRIC}.decide_euclidean_metric", f"{METRIC}.decide_default_metric", "internal.neighbor.search.construct_knn")
def metrics(rng):
    x = features(rng)
    path = pick(rng, metrics.names)
    if path.endswith("construct_knn"):
        code = f"""from cleanlab.internal.neighbor.search import construct_knn
knn = construct_knn({int(rng.integers(1, 6))}, {pick(rng, ["cosine", "euclidean"])!r}).fit(features)
result = knn.n_neighbors, knn.metric, type(knn).__name__"""
    else:
        module, _, function = path.rpartition(".")
        code = f"""from cleanlab.{module} import {function}
metric = {function}(features)
result = getattr(metric, "__name__", metric), callable(metric)"""
    return Case(path, code, {"features": x})


@calls("internal.outlier.transform_distances_to_scores", "internal.outlier.correct_precision_errors")
def distances_to_scores(rng):
    distances = rng.random(int(rng.integers(1, 40))) * pick(rng, [1.0, 1e-9, 1e-15])
    if chance(rng, 0.5):
        options = {"t": pick(rng, [1, 2]), "scaling_factor": pick(rng, [0.0, 0.3, 2.0])}
        return call("internal.outlier.transform_distances_to_scores", {"avg_distances": distances}, options)
    options = {"metric": pick(rng, ["cosine", "euclidean", "minkowski", "other"])}
    options |= one_of(rng, {"p": lambda: 2, "C": lambda: 10})
    scores = Words("np.exp(-avg_distances)")
    code = f"""from cleanlab.internal.outlier import correct_precision_errors
result = correct_precision_errors({scores}, avg_distances, {', '.join(f'{name}={value!r}' for name, value in options.items())})"""
    return Case("internal.outlier.correct_precision_errors", code, {"avg_distances": distances})
