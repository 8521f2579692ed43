"""Nearest neighbours, outlier scores, and the nearest-neighbour classifier.

Where the reference would compute Euclidean distances as sqrt(|x|^2 - 2xy + |y|^2), whose rounding errors at small
distances depend on the processor, it is told to use a tree, which computes them by their definition. Which of several
neighbours at the same distance it lists is not defined: such places are marked, and only the distance is compared.
"""

from reference_cases import main, random_probabilities

import contextlib
import io

import numpy as np
from cleanlab.internal.neighbor.knn_graph import (
    correct_knn_distances_and_indices,
    create_knn_graph_and_index,
    features_to_knn,
)
from cleanlab.internal.neighbor.metric import decide_default_metric
from cleanlab.internal.outlier import correct_precision_errors, transform_distances_to_scores
from cleanlab.outlier import OutOfDistribution
from sklearn.neighbors import KNeighborsClassifier

TIE = 1e-10


def random_features(rng, n, d):
    style = rng.choice(["normal", "clusters", "grid", "duplicates", "offset", "scales", "tight", "zeros"],
                       p=[0.2, 0.25, 0.15, 0.15, 0.1, 0.05, 0.05, 0.05])
    x = rng.normal(size=(n, d))
    if style in ("clusters", "duplicates"):
        x = rng.normal(size=(5, d))[rng.integers(0, 5, n)] * 4 + x
    if style == "grid":
        x = np.round(x * 2)
    elif style == "duplicates":
        same = rng.random(n) < rng.choice([0.1, 0.5, 0.9])
        x[same] = x[rng.integers(0, max(1, n // 10), same.sum())]
    elif style == "offset":
        x += 10.0 ** rng.integers(0, 4)
    elif style == "scales":
        x *= 10.0 ** rng.integers(-4, 5, d)
    elif style == "tight":
        x = rng.normal(size=d) + 1e-3 * x
    elif style == "zeros":
        x[rng.random(n) < 0.3] = 0
    if rng.random() < 0.25:
        return x.astype(np.float32).astype(float), True
    return x, False


def random_size(rng, golden):
    if golden:
        return int(rng.integers(2, 24)), int(rng.integers(1, 7))
    n = int(rng.integers(2, 8)) if rng.random() < 0.1 else int(np.exp(rng.uniform(np.log(8), np.log(1500))))
    return n, int(rng.choice([1, 2, 3, 4, 5, 8, 16, 17, 40, 100]))


def tied(distances, next_distance):
    """Which neighbours stand at about the same distance as another one, listed or just not."""
    scale = TIE * (1 + np.abs(distances))
    following = np.hstack([distances, next_distance[:, None]])
    close = np.diff(following, axis=1) <= scale
    mask = close.copy()
    mask[:, 1:] |= close[:, :-1]
    return mask


def exact(knn):
    """The same search by a tree, which gives Euclidean distances by their definition."""
    if knn.metric != "cosine":
        knn.set_params(algorithm="ball_tree" if callable(knn.metric) else "kd_tree")
        knn.fit(knn._fit_X)
    return knn


def metric_name(metric):
    return metric if isinstance(metric, str) else "euclidean"


def neighbor_checks(write, rng, x, queries):
    n, d = x.shape
    k = int(rng.integers(1, n))
    if rng.random() < 0.7:
        k = min(k, int(rng.integers(1, 16)))
    for metric in (None, "cosine", "euclidean"):
        name = metric_name(metric or decide_default_metric(x))
        knn = exact(features_to_knn(x, n_neighbors=k, metric=metric))
        distances, indices = knn.kneighbors(None, n_neighbors=k)
        parameters = {"k": k, **({} if metric is None else {"metric": metric})}
        if name == "cosine":
            distances = np.where(distances < 1e-15, 0, distances)
        following = np.full(n, np.inf)
        if k < n - 1:
            following = knn.kneighbors(None, n_neighbors=k + 1)[0][:, -1]
        mask = tied(distances, following)
        corrected_distances, corrected = correct_knn_distances_and_indices(x, distances, indices)
        # A list of duplicates alone is defined, whatever was found before.
        mask = mask & (corrected_distances > 0)
        if name == "cosine":
            mask |= (corrected_distances < 1e-13) & ~(x[corrected] == x[:, None]).all(axis=2)
        write.check("knn_graph", {"distances": corrected_distances, "indices": np.where(mask, -1, corrected)},
                    tied=mask, **parameters)
        distances, indices = knn.kneighbors(queries, n_neighbors=k)
        following = knn.kneighbors(queries, n_neighbors=k + 1)[0][:, -1]
        mask = tied(distances, following)
        write.check("kneighbors", {"distances": distances, "indices": np.where(mask, -1, indices)},
                    tied=mask, queries=queries, **parameters)


def correction_check(write, rng, x):
    """Any graph, such as an approximate search gives, corrected for duplicates."""
    n = len(x)
    k = int(rng.integers(1, min(n, 13)))
    indices = np.array([rng.permutation(np.delete(np.arange(n), i))[:k] for i in range(n)])
    distances = np.sort(rng.random((n, k)), axis=1)
    corrected_distances, corrected = correct_knn_distances_and_indices(x, distances, indices)
    write.check("correct_knn_graph", {"distances": corrected_distances, "indices": corrected},
                given_indices=indices, given_distances=distances)


def outlier_checks(write, rng, x, queries):
    n = len(x)
    k = int(rng.integers(1, n))
    for parameters in ({}, {"k": k}, {"k": min(k, 5), "t": float(rng.choice([0.5, 2, 5]))}):
        knn = exact(features_to_knn(x, n_neighbors=parameters.get("k")))
        distances, indices = knn.kneighbors(None)
        distances, _ = correct_knn_distances_and_indices(features=x, distances=distances, indices=indices)
        average = distances.mean(axis=1)
        metric = metric_name(knn.metric)
        tolerance = 100 * np.finfo(float).epsneg if metric == "cosine" else np.sqrt(100 * np.finfo(float).eps)
        # 1 - cos has a rounding error of some 1e-16 however small it is, and the median of distances scales all scores.
        if metric == "cosine" and np.median(average) < 1e-9:
            continue
        closeness = {"tolerance": 1e-12}
        if metric == "cosine":
            closeness["tolerance"] = float(max(1e-12, 2e-15 * parameters.get("t", 1) / np.median(average)))
        if np.any(np.abs(average - tolerance) < 1e-14):
            continue
        ood = OutOfDistribution(params=parameters)
        if len(x) // 2 > knn.n_neighbors or metric == "cosine":
            # The reference as it stands uses the same search.
            write.attempt("ood_features_fit_score", lambda: ood.fit_score(features=x, verbose=False), **parameters,
                          **closeness)
        else:
            scaling = float(max(np.median(average), 100 * np.finfo(np.float64).eps))
            scores = transform_distances_to_scores(average, parameters.get("t", 1), scaling_factor=scaling)
            write.check("ood_features_fit_score", correct_precision_errors(scores, average, metric), **parameters,
                        **closeness)
            ood.params["knn"], ood.params["scaling_factor"] = knn, scaling
        ood.params["knn"] = exact(ood.params["knn"])
        write.attempt("ood_features_score", lambda: ood.score(features=queries), queries=queries, **parameters,
                      **closeness)


def silent(parameters):
    """The estimator without its advice on the method."""
    with contextlib.redirect_stdout(io.StringIO()):
        return OutOfDistribution(params=parameters)


def prediction_checks(write, rng, golden):
    n, k = (int(rng.integers(1, 12)), 3) if golden else (int(rng.integers(1, 500)), int(rng.choice([2, 3, 10, 120])))
    p, labels = random_probabilities(rng, n, k)
    p = np.clip(p, 0, 1)
    labels = np.where(rng.random(n) < 0.2, rng.integers(0, k, n), labels)
    write.input("pred_probs", p)
    write.input("labels", labels)
    methods = [{"method": "entropy"}, {"method": "least_confidence"}, {"method": "gen"},
               {"method": "gen", "M": int(rng.integers(1, k + 3)), "gamma": float(rng.uniform(0.05, 2))}]
    for parameters in methods:
        for adjust in (True, False):
            ood = silent({**parameters, "adjust_pred_probs": adjust})

            def score():
                scores = ood.fit_score(pred_probs=p, labels=labels if adjust else None, verbose=False)
                if not adjust:
                    return {"scores": scores}
                return {"scores": scores, "confident_thresholds": ood.params["confident_thresholds"]}

            write.attempt("ood_predictions", score, adjust=adjust, **parameters)
        thresholds = np.round(rng.random(k), 3)
        ood = silent({**parameters, "confident_thresholds": thresholds})
        write.attempt("ood_predictions", lambda: {"scores": ood.score(pred_probs=p)},
                      adjust=False, confident_thresholds=thresholds, **parameters)


def classifier_checks(write, rng, x, queries):
    n = len(x)
    classes = int(rng.integers(2, 5))
    labels = rng.integers(0, classes, n)
    write.input("classes", labels)
    for weights in ("uniform", "distance"):
        for metric in ("euclidean", "cosine"):
            k = int(rng.integers(1, min(n, 12) + 1))
            if metric == "cosine":
                clf = KNeighborsClassifier(n_neighbors=k, weights=weights, metric="cosine", algorithm="brute")
            else:
                clf = KNeighborsClassifier(n_neighbors=k, weights=weights, algorithm="kd_tree")
            clf.fit(x, labels)
            distances = clf.kneighbors(queries, n_neighbors=min(k + 1, n))[0]
            # Ties at the last place, and the inverse of a distance that is a rounding error, are not defined.
            usable = np.ones(len(queries), dtype=bool)
            if k < n:
                usable = np.diff(distances, axis=1)[:, -1] > TIE * (1 + distances[:, -1])
            if weights == "distance":
                ordinary = distances > (1e-3 if metric == "cosine" else 1e-8)
                usable &= (ordinary | (distances == 0) & (metric == "euclidean")).all(axis=1)
            if not usable.any():
                continue
            write.attempt("knn_classifier", lambda: full_columns(clf, queries[usable], classes),
                          k=k, weights=weights, metric=metric, queries=queries[usable], n_classes=classes)


def full_columns(clf, queries, classes):
    probabilities = np.zeros((len(queries), classes))
    probabilities[:, clf.classes_] = clf.predict_proba(queries)
    return probabilities


def write_case(write, rng, golden):
    n, d = random_size(rng, golden)
    x, single = random_features(rng, n, d)
    x = write.kept_rows(x)
    queries = random_features(rng, 3 if golden else 20, d)[0]
    if single:
        queries = queries.astype(np.float32).astype(float)
    if rng.random() < 0.5:
        queries[0] = x[0]
    write.case["dtype"] = "f32" if single else "f64"
    write.input("features", x)
    neighbor_checks(write, rng, x, queries)
    correction_check(write, rng, x)
    outlier_checks(write, rng, x, queries)
    prediction_checks(write, rng, golden)
    classifier_checks(write, rng, x, queries)


if __name__ == "__main__":
    main(__doc__, "neighbors-outlier", write_case)
