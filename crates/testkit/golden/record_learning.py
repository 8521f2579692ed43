"""Records splits, trained classifiers and cross-validated estimates for the tests of cleanlab-learning.

Usage: python record_learning.py [FOLDER]     (needs cleanlab 2.9.0 and scikit-learn 1.9; default FOLDER:
../fixtures/learning). Run it with OMP_NUM_THREADS=1, so that sums are added up in one order.

Features are rounded to a few decimals, or are small integers, so that the files stay small and both sides train on the
same numbers. Every case says how far probabilities may be off. At the default tolerance scikit-learn stops early, so
equal probabilities mean that the optimiser took the same steps. On raw features of different scales, several hundred
steps amplify rounding errors; there scikit-learn differs from itself as much when the rows are put in another order.
"""

import json
import pathlib
import sys
import warnings

import cleanlab
import numpy as np
import scipy
import sklearn
from cleanlab import count
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    KFold,
    StratifiedKFold,
    cross_val_predict,
    train_test_split,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

warnings.simplefilter("ignore")
VERSIONS = {
    "cleanlab": cleanlab.__version__,
    "numpy": np.__version__,
    "scikit-learn": sklearn.__version__,
    "scipy": scipy.__version__,
}


def standardised(features, decimals=4):
    return np.round((features - features.mean(axis=0)) / features.std(axis=0), decimals)


def fold_of_row(splits, n):
    folds = np.full(n, -1)
    for fold, (train, test) in enumerate(splits):
        folds[test] = fold
        assert np.array_equal(np.sort(train), train) and np.array_equal(np.sort(test), test)
    return folds.tolist()


def labels_of(kind, n, k, random):
    """Labels with the imbalance that `kind` says."""
    if kind == "balanced":
        return random.permutation(np.arange(n) % k)
    if kind == "sorted":
        return np.sort(np.arange(n) % k)
    if kind == "skewed":
        weights = 0.5 ** np.arange(k)
        labels = random.choice(k, size=n, p=weights / weights.sum())
        labels[random.choice(n, size=2 * k, replace=False)] = np.tile(np.arange(k), 2)
        return labels
    raise ValueError(kind)


def record_splits():
    k_folds, stratified, parts = [], [], []
    for n, n_splits, seed in [(10, 2, None), (11, 5, None), (7, 7, None), (10, 3, 0), (103, 5, 42), (64, 10, 4294967295)]:
        splitter = KFold(n_splits, shuffle=seed is not None, random_state=seed)
        folds = fold_of_row(splitter.split(np.zeros(n)), n)
        k_folds.append({"n": n, "n_splits": n_splits, "seed": seed, "fold_of_row": folds})
    for number, (n, k, n_splits, kind) in enumerate(
        [
            (20, 2, 2, "balanced"),
            (53, 3, 5, "balanced"),
            (53, 3, 5, "sorted"),
            (101, 4, 5, "skewed"),
            (60, 7, 3, "skewed"),
            (40, 5, 10, "skewed"),
        ]
    ):
        labels = labels_of(kind, n, k, np.random.RandomState(number))
        if number == 3:
            labels = labels * 3 + 1  # class numbers with gaps
        for seed in [None, 0, 12345]:
            splitter = StratifiedKFold(n_splits, shuffle=seed is not None, random_state=seed)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                folds = fold_of_row(splitter.split(labels, labels), n)
            stratified.append(
                {
                    "labels": labels.tolist(),
                    "n_splits": n_splits,
                    "seed": seed,
                    "fold_of_row": folds,
                    "warns": any("least populated" in str(w.message) for w in caught),
                }
            )
    for number, (n, k, kind, size) in enumerate(
        [
            (10, 2, None, 0.25),
            (11, 2, None, 4),
            (23, 3, "balanced", 0.3),
            (24, 4, "balanced", 6),
            (50, 5, "skewed", 0.2),
            (31, 6, "skewed", 11),
        ]
    ):
        labels = None if kind is None else labels_of(kind, n, k, np.random.RandomState(100 + number))
        for seed in [0, 7, 2024]:
            train, test = train_test_split(np.arange(n), test_size=size, random_state=seed, stratify=labels)
            parts.append(
                {
                    "n": n,
                    "test_size": size,
                    "seed": seed,
                    "labels": None if labels is None else labels.tolist(),
                    "train": train.tolist(),
                    "test": test.tolist(),
                }
            )
    return {"k_fold": k_folds, "stratified_k_fold": stratified, "train_test_split": parts}


def logistic_case(name, features, labels, *, weights=None, tolerance=1e-9, **options):
    features = np.asarray(features, dtype=float)
    labels = np.asarray(labels)
    model = LogisticRegression(**options).fit(features, labels, sample_weight=weights)
    return {
        "name": name,
        "features": features.tolist(),
        "labels": labels.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "c": options.get("C", 1.0),
        "tol": options.get("tol", 1e-4),
        "max_iter": options.get("max_iter", 100),
        "fit_intercept": options.get("fit_intercept", True),
        "tolerance": tolerance,
        "iterations": int(model.n_iter_[0]),
        "classes": model.classes_.tolist(),
        "coefficients": model.coef_.tolist(),
        "intercepts": model.intercept_.tolist(),
        "pred_probs": model.predict_proba(features).tolist(),
    }


def record_logistic_regressions():
    iris, wine, digits = load_iris(), load_wine(), load_digits()
    random = np.random.RandomState(5)
    some_wine = random.permutation(len(wine.target))[:80]
    wine_features, wine_labels = standardised(wine.data, 3)[some_wine], wine.target[some_wine]
    weights = np.round(random.uniform(0, 3, size=len(wine_labels)), 3)
    weights[::9] = 0.0
    many_labels = np.arange(70) % 12
    many = np.round(random.normal(size=(70, 4)) + random.normal(size=(12, 4))[many_labels], 3)
    hundred = slice(0, 120)
    return [
        logistic_case("iris, standardised, defaults", standardised(iris.data), iris.target),
        logistic_case("iris, standardised, tight", standardised(iris.data), iris.target, tol=1e-10, max_iter=1000),
        logistic_case("iris, raw, tight", iris.data, iris.target, tol=1e-10, max_iter=10000, tolerance=1e-5),
        logistic_case("two classes", standardised(iris.data)[50:], iris.target[50:]),
        logistic_case("two classes, separable, weak penalty", iris.data[:100], iris.target[:100], C=1e4, max_iter=1000),
        logistic_case(
            "two classes, weighted, tight",
            wine_features[wine_labels < 2],
            wine_labels[wine_labels < 2],
            weights=weights[wine_labels < 2],
            tol=1e-10,
            max_iter=1000,
        ),
        logistic_case("wine, weighted, defaults", wine_features, wine_labels, weights=weights),
        logistic_case("wine, weighted, tight", wine_features, wine_labels, weights=weights, tol=1e-10, max_iter=1000),
        logistic_case("wine, stopped early", wine_features, wine_labels, max_iter=5),
        logistic_case("wine, strong penalty, no intercept", wine_features, wine_labels, C=0.01, fit_intercept=False),
        logistic_case("digits, defaults", (digits.data[hundred] - 8) / 4, digits.target[hundred]),
        logistic_case("many classes, numbered with gaps", many, many_labels * 2 + 1, C=10.0, max_iter=500),
        logistic_case("more features than rows", many[:6, :].repeat(3, axis=1) + np.arange(12) / 8, [0, 1, 2, 0, 1, 2]),
    ]


def naive_bayes_case(name, features, labels, *, weights=None, others=(), **options):
    features = np.asarray(features, dtype=float)
    labels = np.asarray(labels)
    model = GaussianNB(**options).fit(features, labels, sample_weight=weights)
    asked = np.vstack([features[::5], *others])
    return {
        "name": name,
        "features": features.tolist(),
        "labels": labels.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "var_smoothing": options.get("var_smoothing", 1e-9),
        "priors": options.get("priors"),
        "classes": model.classes_.tolist(),
        "class_priors": model.class_prior_.tolist(),
        "means": model.theta_.tolist(),
        "variances": model.var_.tolist(),
        "asked": asked.tolist(),
        "pred_probs": model.predict_proba(asked).tolist(),
    }


def record_naive_bayes():
    iris, wine, digits = load_iris(), load_wine(), load_digits()
    random = np.random.RandomState(6)
    some_wine = random.permutation(len(wine.target))[:60]
    wine_features, wine_labels = wine.data[some_wine], wine.target[some_wine]
    weights = np.round(random.uniform(0, 3, size=len(wine_labels)), 3)
    weights[::7] = 0.0
    one_class_without_weight = np.where(wine_labels == 1, 0.0, 1.0 + weights)
    some_iris = random.permutation(len(iris.target))[:50]
    iris_features, iris_labels = iris.data[some_iris], iris.target[some_iris]
    far = [[9.0, 9.0, 9.0, 9.0], [0.0, -3.0, 0.0, 2.0]]
    return [
        naive_bayes_case("iris", iris_features, iris_labels, others=far),
        naive_bayes_case("iris, weighted", iris_features, iris_labels, weights=weights[:50], others=far),
        naive_bayes_case("wine, raw", wine_features, wine_labels),
        naive_bayes_case("wine, weighted", wine_features, wine_labels, weights=weights),
        naive_bayes_case("wine, priors", wine_features, wine_labels, priors=[0.25, 0.0, 0.75]),
        naive_bayes_case("wine, smoothed", wine_features, wine_labels, var_smoothing=1e-3),
        naive_bayes_case("wine, a class without weight", wine_features, wine_labels, weights=one_class_without_weight),
        naive_bayes_case("digits, constant features", digits.data[:60, :30], digits.target[:60]),
        naive_bayes_case("numbered with gaps, one row per class", iris_features[:4], [1, 3, 4, 8]),
        naive_bayes_case("more features than rows", wine_features[:6].repeat(2, axis=1), wine_labels[:6]),
        naive_bayes_case("one class", iris_features[:8], [2] * 8),
    ]


def neighbors_case(name, features, labels, asked, **options):
    """Rows at the k-th distance that are no neighbours leave the answer open; what was asked about them is left out."""
    features, labels, asked = np.asarray(features, dtype=float), np.asarray(labels), np.asarray(asked, dtype=float)
    k = options["n_neighbors"]
    # A tree computes Euclidean distances by their definition.
    algorithm = "brute" if options["metric"] == "cosine" else "kd_tree"
    model = KNeighborsClassifier(algorithm=algorithm, **options).fit(features, labels)
    if k < len(features):
        distances, _ = model.kneighbors(asked, n_neighbors=k + 1)
        asked = asked[distances[:, k] - distances[:, k - 1] > 1e-9 * (1 + distances[:, k])]
    assert len(asked) > 0
    return {
        "name": name,
        "features": features.tolist(),
        "labels": labels.tolist(),
        **options,
        "classes": model.classes_.tolist(),
        "asked": asked.tolist(),
        "pred_probs": model.predict_proba(asked).tolist(),
        "predicted": model.predict(asked).tolist(),
    }


def record_nearest_neighbors():
    iris, wine, digits = load_iris(), load_wine(), load_digits()
    random = np.random.RandomState(11)
    some_iris = random.permutation(len(iris.target))[:70]
    iris_features, iris_labels = iris.data[some_iris], iris.target[some_iris]
    others = iris.data[random.permutation(len(iris.target))[:20]]
    wine_features = standardised(wine.data, 2)
    pixels, numbers = digits.data[:80, :24], digits.target[:80]
    cases = []
    for weights in ("uniform", "distance"):
        for metric in ("euclidean", "cosine"):
            options = {"weights": weights, "metric": metric}
            far = wine_features[1::9] + 0.25
            cases += [
                neighbors_case(f"wine, {metric}, {weights}", wine_features[::3], wine.target[::3], far,
                               n_neighbors=5, **options),
                neighbors_case(f"all rows, {metric}, {weights}", iris_features[:9], iris_labels[:9],
                               others[:4] + [0.5, 0.25, 0, 0], n_neighbors=9, **options),
                neighbors_case(f"digits, {metric}, {weights}", pixels, numbers, digits.data[200:220, :24],
                               n_neighbors=3, **options),
            ]
        cases += [
            # Some of the rows asked about are training rows, at distance 0.
            neighbors_case(f"iris, rows asked about again, {weights}", iris_features, iris_labels,
                           np.vstack([iris_features[:6], others]), n_neighbors=7, weights=weights, metric="euclidean"),
            neighbors_case(f"numbered with gaps, {weights}", iris_features[:8], [1, 3, 4, 8, 8, 3, 3, 1], others[:5],
                           n_neighbors=4, weights=weights, metric="euclidean"),
            neighbors_case(f"one class, {weights}", iris_features[:6], [2] * 6, others[:3],
                           n_neighbors=2, weights=weights, metric="euclidean"),
            neighbors_case(f"more features than rows, {weights}", pixels[:5], numbers[:5], pixels[10:16],
                           n_neighbors=3, weights=weights, metric="euclidean"),
        ]
    return cases


def noisy_blobs(n, k, p, noise, seed, spread=1.6):
    random = np.random.RandomState(seed)
    true_labels = np.arange(n) % k
    features = np.round(random.normal(size=(n, p)) + spread * random.normal(size=(k, p))[true_labels], 3)
    flipped = random.uniform(size=n) < noise
    labels = np.where(flipped, random.randint(0, k, size=n), true_labels)
    return features, labels


def record_cross_validations():
    cases = []
    for name, n, k, n_splits, rare in [
        ("plain", 60, 3, 5, 0),
        ("binary", 40, 2, 4, 0),
        ("class of two members", 50, 4, 5, 2),
        ("class of one member", 50, 4, 5, 1),
    ]:
        features, labels = noisy_blobs(n, k, 3, 0.15, len(cases))
        if rare:
            labels[labels == k - 1] = 0
            labels[10 : 10 + rare] = k - 1
        folds = StratifiedKFold(n_splits)
        pred_probs = cross_val_predict(LogisticRegression(), features, labels, cv=folds, method="predict_proba")
        cases.append(
            {
                "name": name,
                "features": features.tolist(),
                "labels": labels.tolist(),
                "n_classes": k,
                "n_splits": n_splits,
                "tolerance": 1e-9,
                "pred_probs": pred_probs.tolist(),
            }
        )
    return cases


def record_estimates():
    cases = []
    for name, n, k, rare, options in [
        ("defaults", 90, 3, 0, {"seed": 0}),
        ("binary", 80, 2, 0, {"seed": 1, "cv_n_folds": 3}),
        ("class of one member", 70, 4, 1, {"seed": 2}),
        ("two classes of one member", 70, 4, 2, {"seed": 5}),
        ("iterated", 90, 3, 0, {"seed": 3, "converge_latent_estimates": True}),
        ("equation", 90, 3, 0, {"seed": 4, "py_method": "eqn"}),
        ("thresholds given", 90, 3, 0, {"seed": 6, "thresholds": [0.4, 0.6, 0.5]}),
    ]:
        features, labels = noisy_blobs(n, k, 3, 0.2, 50 + len(cases))
        for lonely in range(rare):
            labels[labels == k - 1 - lonely] = 0
            labels[7 + lonely] = k - 1 - lonely
        py, noise_matrix, inverse, confident_joint, pred_probs = count.estimate_py_noise_matrices_and_cv_pred_proba(
            features, labels, **options
        )
        shared = {key: value for key, value in options.items() if key in ("seed", "cv_n_folds", "thresholds")}
        iterated = count.estimate_noise_matrices(features, labels, **shared)
        cases.append(
            {
                "name": name,
                "features": features.tolist(),
                "labels": labels.tolist(),
                "n_classes": k,
                "seed": options["seed"],
                "n_splits": options.get("cv_n_folds", 5),
                "converge": options.get("converge_latent_estimates", False),
                "py_method": options.get("py_method", "cnt"),
                "thresholds": options.get("thresholds"),
                "tolerance": 1e-9,
                "pred_probs": pred_probs.tolist(),
                "confident_joint": confident_joint.tolist(),
                "py": py.tolist(),
                "noise_matrix": noise_matrix.tolist(),
                "inverse_noise_matrix": inverse.tolist(),
                "iterated_noise_matrix": iterated[0].tolist(),
                "iterated_inverse_noise_matrix": iterated[1].tolist(),
            }
        )
    return cases


def main():
    default = pathlib.Path(__file__).parent.parent / "fixtures" / "learning"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for name, cases in [
        ("splits", record_splits()),
        ("logistic_regression", record_logistic_regressions()),
        ("gaussian_naive_bayes", record_naive_bayes()),
        ("k_nearest_neighbors", record_nearest_neighbors()),
        ("cross_val_predict", record_cross_validations()),
        ("noise_estimates", record_estimates()),
    ]:
        text = json.dumps({"versions": VERSIONS, "cases": cases}, separators=(",", ":"))
        (folder / f"{name}.json").write_text(text.replace("},{", "},\n{") + "\n")


if __name__ == "__main__":
    main()
