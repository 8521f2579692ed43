"""Numeric labels: quality scores, linear regression, and learning with noisy labels.

Where the reference would compute Euclidean distances as sqrt(|x|^2 - 2xy + |y|^2), whose rounding errors at small
distances depend on the processor, it is told to use a tree, which computes them by their definition. What it gives as
it is installed is recorded as well, to be compared less closely. Calls whose answer hangs on a rounding error are left
out: equal residuals of different models, or two shares of wrong labels whose R² are the same to ten digits.
"""

from reference_cases import main

import numpy as np
from cleanlab.regression import learn, rank
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

CLOSE = 1e-10

_installed_knn = rank.features_to_knn


def _exact_knn(features, **arguments):
    knn = _installed_knn(features, **arguments)
    if knn.metric == "euclidean":
        knn.set_params(algorithm="kd_tree")
        knn.fit(features)
    return knn


class MeansBySign(BaseEstimator):
    """Predicts the mean label of the rows whose first feature has the same sign: many residuals are equal."""

    def fit(self, X, y):
        side = X[:, 0] > 0
        self.means_ = np.array([y[side == s].mean() if (side == s).any() else 0.0 for s in (False, True)])
        return self

    def predict(self, X):
        return self.means_[(X[:, 0] > 0).astype(int)]


def random_data(rng, golden):
    n = int(rng.integers(4, 30)) if golden else int(np.exp(rng.uniform(np.log(4), np.log(600))))
    p = int(rng.integers(1, 4)) if golden else int(rng.choice([1, 2, 3, 5, 10, 30]))
    x = rng.normal(size=(n, p))
    if rng.random() < 0.2:
        x += 10
    if rng.random() < 0.15 and p > 1:  # features that follow from others, or never vary
        x[:, -1] = x[:, 0] * 2 if rng.random() < 0.5 else 3.0
    y = x @ rng.normal(size=p) + rng.choice([0.01, 0.1, 1.0]) * rng.standard_normal(n)
    wrong = rng.random(n) < rng.choice([0, 0.05, 0.2])
    y = np.where(wrong, y + rng.normal(size=n) * 10, y)
    style = rng.random()
    if style < 0.15:
        y = np.round(y)
    elif style < 0.3:
        y = y * 1e4 + 1e5
    elif style < 0.4:
        y = np.exp(np.clip(y, -8, 8))
    elif style < 0.45:
        y = np.full(n, float(rng.integers(0, 3)))
    return x, y


def score_checks(write, rng, labels):
    n = len(labels)
    predictions = labels + rng.normal(size=n) * rng.choice([0.1, 1, 10]) * (labels.std() + 0.1)
    if rng.random() < 0.2:
        predictions = np.round(predictions)
    if rng.random() < 0.1:
        predictions = labels.copy()
    rank.features_to_knn = _exact_knn
    for method in ("outre", "residual"):
        write.attempt("regression_label_quality_scores",
                      lambda: rank.get_label_quality_scores(labels, predictions, method=method),
                      method=method, predictions=predictions)
    rank.features_to_knn = _installed_knn
    write.attempt("regression_label_quality_scores_as_installed",
                  lambda: rank.get_label_quality_scores(labels, predictions), predictions=predictions)
    weights = np.round(rng.random(n), 3)
    write.attempt("r2_score", lambda: r2_score(labels, predictions), predictions=predictions)
    write.attempt("r2_score", lambda: r2_score(labels, predictions, sample_weight=weights), predictions=predictions,
                  sample_weight=weights)


def linear_checks(write, rng, x, y):
    weights = np.round(rng.uniform(0.1, 2, len(x)), 3)
    queries = rng.normal(size=(5, x.shape[1]))
    for fit_intercept in (True, False):
        for weighted in (False, True):
            model = LinearRegression(fit_intercept=fit_intercept)
            model.fit(x, y, sample_weight=weights if weighted else None)
            singular = model.singular_ / max(model.singular_[0], 1e-300)
            if np.any((singular > 1e-8) & (singular < 1e-4)):
                continue  # which directions count is decided by rounding, or the coefficients are
            condition = 1 / singular[singular > 1e-6].min(initial=1)
            expected = {
                "coefficients": model.coef_,
                "intercept": np.array([float(model.intercept_)]),
                "predictions": model.predict(queries),
                "rank": np.array([model.rank_]),
            }
            tolerance = 1e-14 * max(100, 10 * condition) * max(1, np.abs(y).max())
            write.check("linear_regression", expected, fit_intercept=fit_intercept, queries=queries,
                        tolerance=float(tolerance), **({"sample_weight": weights} if weighted else {}))


class Recorder:
    """Notes what an answer hangs on while the reference runs."""

    def __init__(self, regressor, **arguments):
        self.learning = learn.CleanLearning(regressor, **arguments)
        self.r2, self.first = [], None
        predict = self.learning._get_cv_predictions

        def noted(*args, **kwargs):
            predictions = predict(*args, **kwargs)
            self.first = predictions if self.first is None else self.first
            return predictions

        self.learning._get_cv_predictions = noted

    def __enter__(self):
        def noted(*args, **kwargs):
            self.r2.append(r2_score(*args, **kwargs))
            return self.r2[-1]

        learn.r2_score = noted
        return self

    def __exit__(self, *_):
        learn.r2_score = r2_score

    def is_defined(self, y, table, n_coarse, ties):
        residuals = np.sort(np.abs(self.first - y))
        gaps = np.diff(residuals)
        if not ties and np.any(gaps <= CLOSE * (1 + residuals[-1])):
            return False
        # Which of the coarse shares is best also decides how many more are tried, and so what is drawn afterwards.
        for r2 in (np.sort(self.r2), np.sort(self.r2[1 : 1 + n_coarse])):
            if len(r2) > 1 and r2[-1] - r2[-2] <= CLOSE * (1 + abs(r2[-1])):
                return False
        quality = np.sort(table["label_quality"].to_numpy())
        n_issues = int(table["is_label_issue"].sum())
        if 0 < n_issues < len(y) and 0 < quality[n_issues] - quality[n_issues - 1] <= CLOSE:
            return False
        if not ties and 0 < n_issues < len(y) and quality[n_issues] == quality[n_issues - 1] > 0:
            return False
        return True

    def closeness(self, y):
        """Residuals have the rounding errors of labels, and are divided by uncertainties that may be small."""
        return float(1e-12 * (1 + np.abs(y).max() / max(np.median(np.abs(self.first - y)), 1e-10)))


def columns(learning, table):
    return {
        "is_label_issue": table["is_label_issue"].to_numpy(),
        "label_quality": table["label_quality"].to_numpy(),
        "predicted_label": table["predicted_label"].to_numpy(),
        "issue_fraction": np.array([float(learning.k)]),
    }


def learning_checks(write, rng, x, y, golden):
    if np.linalg.matrix_rank(x - x.mean(axis=0), tol=1e-3) < min(x.shape[1], len(x) - 1) or x.shape[1] * 2 > len(x):
        linear = False  # rounding errors decide between models that predict the same
    else:
        linear = True
    seed = int(rng.integers(0, 2**32))
    variants = [
        {},
        {"cv_n_folds": int(rng.integers(2, 8)), "n_boot": int(rng.integers(0, 4))},
        {"include_aleatoric_uncertainty": False, "n_boot": int(rng.integers(1, 4))},
    ]
    searches = [
        {},
        {"coarse_search_range": [float(np.round(rng.random() * 0.5, 3))]},
        {"coarse_search_range": [0.3, 0.02, 0.0, 0.9], "fine_search_size": int(rng.integers(0, 5))},
        {"uncertainty": float(np.round(rng.uniform(0.1, 3), 2))},
        {"uncertainty": np.round(rng.uniform(0.1, 3, len(y)), 3)},
    ]
    for variant in variants if not golden else [variants[int(rng.integers(0, 3))]]:
        for regressor in ("linear", "means_by_sign"):
            if regressor == "linear" and not linear:
                continue
            search = searches[int(rng.integers(0, len(searches)))]
            ties = regressor == "means_by_sign"

            def find():
                make = LinearRegression if regressor == "linear" else MeansBySign
                with Recorder(make(), seed=seed, **variant) as recorder:
                    table = recorder.learning.find_label_issues(x, y, **search)
                if not recorder.is_defined(y, table, len(search.get("coarse_search_range", range(5))), ties):
                    return None
                closeness.append(recorder.closeness(y))
                return columns(recorder.learning, table)

            closeness = []
            found = write.attempt("regression_find_label_issues", find, regressor=regressor, seed=seed, **variant,
                                  **search)
            if found is not None:
                write.case["checks"][-1]["parameters"]["tolerance"] = closeness[0]
            if found is not None and regressor == "linear" and not found["is_label_issue"].all():
                weights = np.round(rng.uniform(0.1, 2, len(y)), 3)

                def fit():
                    learning = learn.CleanLearning(seed=seed)
                    learning.fit(x, y, label_issues=found["is_label_issue"], sample_weight=weights)
                    return {"predictions": learning.predict(x), "score": np.array([learning.score(x, y)])}

                write.attempt("regression_fit", fit, label_issues=found["is_label_issue"], sample_weight=weights)
    if linear:
        predictions = y + rng.normal(size=len(y))
        n_boot = int(rng.integers(1, 5))
        for given in (None, predictions):
            write.attempt(
                "get_epistemic_uncertainty",
                lambda: learn.CleanLearning(seed=seed, n_boot=n_boot).get_epistemic_uncertainty(x, y, given),
                seed=seed, n_boot=n_boot, **({} if given is None else {"predictions": given}),
            )
        write.attempt(
            "get_aleatoric_uncertainty",
            lambda: np.array([learn.CleanLearning(seed=seed).get_aleatoric_uncertainty(x, predictions - y)]),
            seed=seed, residuals=predictions - y,
        )


def write_case(write, rng, golden):
    x, y = write.kept_rows(*random_data(rng, golden))
    x = write.kept_columns(x)
    write.input("features", x)
    write.input("labels", y)
    score_checks(write, rng, y)
    linear_checks(write, rng, x, y)
    learning_checks(write, rng, x, y, golden)


if __name__ == "__main__":
    main(__doc__, "regression", write_case)
