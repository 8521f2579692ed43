"""Random calls of both CleanLearning estimators, here and in cleanlab 2.9.0: equal in all that can be seen.

That is the returned tables with their dtypes, every attribute, predictions, scores, what is printed, the categories of
warnings, the class of an exception, and the state of the global stream of NumPy. cleanlab sorts stably here. Left out
are its known differences: labels in lists or data frames together with weights, and a table that it writes into.
"""

from __future__ import annotations

import contextlib
import copy
import io
import warnings

import numpy as np
import pytest

pd = pytest.importorskip("pandas")
cleanlab = pytest.importorskip("cleanlab")
if cleanlab.__version__ != "2.9.0":
    pytest.skip("cleanlab 2.9.0 is the reference", allow_module_level=True)

import cleanlab.classification  # noqa: E402
import cleanlab.regression.learn  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge  # noqa: E402
from sklearn.naive_bayes import GaussianNB  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402

import cleanlab_rs.classification  # noqa: E402
import cleanlab_rs.regression.learn  # noqa: E402

CASES = 60
FILTERS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
RESULTS = [
    "label_issues_df",
    "label_issues_mask",
    "sample_weight",
    "confident_joint",
    "py",
    "ps",
    "num_classes",
    "noise_matrix",
    "inverse_noise_matrix",
    "clf_kwargs",
    "clf_final_kwargs",
    "find_label_issues_kwargs",
    "label_quality_scores_kwargs",
]
REGRESSION_RESULTS = ["label_issues_df", "label_issues_mask", "k"]


@pytest.fixture(autouse=True)
def _stable_sorts(monkeypatch):
    argsort = np.argsort

    def stable(a, axis=-1, kind=None, order=None, **options):
        return argsort(a, axis=axis, kind="stable", order=order)

    monkeypatch.setattr(np, "argsort", stable)


@pytest.mark.parametrize("case", range(CASES))
def test_classification_random_calls_equal_cleanlab(case):
    scenario = classification_scenario(np.random.default_rng([case, 1]))
    compare(
        outcome(cleanlab.classification.CleanLearning, run_classification, scenario),
        outcome(cleanlab_rs.classification.CleanLearning, run_classification, scenario),
    )


@pytest.mark.parametrize("case", range(CASES))
def test_regression_random_calls_equal_cleanlab(case):
    scenario = regression_scenario(np.random.default_rng([case, 0]))
    compare(
        outcome(cleanlab.regression.learn.CleanLearning, run_regression, scenario),
        outcome(cleanlab_rs.regression.learn.CleanLearning, run_regression, scenario),
    )


def classification_scenario(random):
    n_classes = int(random.integers(2, 6))
    n = int(random.integers(2 * n_classes, 160))
    true = random.integers(0, n_classes, n)
    X = random.normal(size=(n, 2)) + 3 * np.column_stack([np.cos(true), np.sin(true)])
    labels = np.where(random.random(n) < random.choice([0, 0.1, 0.4]), random.integers(0, n_classes, n), true)
    if random.random() < 0.1:
        labels = np.where(labels == n_classes - 1, 0, labels)
    pred_probs = random.dirichlet(np.full(n_classes, random.choice([0.3, 1])), n)
    pred_probs[np.arange(n), true] += random.choice([0, 1, 2])
    pred_probs /= pred_probs.sum(axis=1, keepdims=True)
    models = [
        None,
        LogisticRegression(),
        GaussianNB(),
        KNeighborsClassifier(3),
        make_pipeline(StandardScaler(), LogisticRegression()),
        DecisionTreeClassifier(max_depth=3),
    ]
    # A model without weights, for lists: with weights cleanlab gives every example of a list the weight 1.
    as_list = random.random() < 0.15
    init = drawn(
        random,
        seed=(0.8, lambda: int(random.integers(100))),
        cv_n_folds=(0.4, lambda: int(random.integers(2, 5))),
        converge_latent_estimates=(0.2, lambda: True),
        pulearning=(0.3, lambda: int(random.integers(0, 2))),
        verbose=(0.5, lambda: True),
        find_label_issues_kwargs=(
            0.6,
            lambda: drawn(
                random,
                filter_by=(0.7, lambda: str(random.choice(FILTERS))),
                min_examples_per_class=(0.2, lambda: int(random.integers(0, 5))),
                frac_noise=(0.1, lambda: 0.5),
                multi_label=(0.05, lambda: True),
                confident_joint=(
                    0.1,
                    lambda: random.integers(1, 20, (n_classes, n_classes)) + 30 * np.eye(n_classes, dtype=int),
                ),
            ),
        ),
        label_quality_scores_kwargs=(
            0.3,
            lambda: {
                "method": str(random.choice(["self_confidence", "normalized_margin"])),
                "adjust_pred_probs": bool(random.integers(2)),
            },
        ),
    )
    noise = 0.3 * random.dirichlet(np.ones(n_classes), n_classes).T + 0.7 * np.eye(n_classes)
    too_noisy = np.full((n_classes, n_classes), 1 / n_classes)
    find = drawn(
        random,
        pred_probs=(0.5, lambda: pred_probs),
        thresholds=(0.15, lambda: random.random(n_classes)),
        noise_matrix=(0.15, lambda: noise if random.random() < 0.9 else too_noisy),
        inverse_noise_matrix=(0.15, lambda: noise.T / noise.T.sum(axis=0)),
    )
    flags = random.random(n) < 0.1
    given = [
        flags,
        random.choice(n, min(3, n), replace=False),
        pd.DataFrame({"is_label_issue": flags, "given_label": labels}),
        pd.DataFrame({"is_label_issue": flags}),
        pd.DataFrame({"other": [1]}),
        [1, 2],
        random.random(n),
    ]
    fit = find | drawn(
        random,
        sample_weight=(0.2, lambda: random.random(n)),
        clf_final_kwargs=(0.1, lambda: {"sample_weight": np.ones(n)}),
        label_issues=(0.3, lambda: given[random.integers(len(given))]),
    )
    forms = [X, X, pd.DataFrame(X, columns=["a", "b"]), X.reshape(n, 2, 1)]
    return {
        "X": forms[random.integers(len(forms))],
        "labels": labels.tolist() if as_list else (labels, pd.Series(labels))[random.integers(2)],
        "model": models[3] if as_list else models[random.integers(len(models))],
        "init": init,
        "find": find,
        "fit": fit,
        "mode": random.choice(["find", "fit", "both"]),
    }


def run_classification(estimator, X, labels, model, init, find, fit, mode):
    clean, seen = estimator(model, **init), []
    if mode != "fit":
        seen.append(clean.find_label_issues(None if "pred_probs" in find else X, labels, **find))
        seen.append(results(clean, RESULTS))
    if mode == "both":
        fit = fit | {"label_issues": seen[0].copy()}
    if mode != "find":
        assert clean.fit(X, labels, **fit) is clean
        seen += [results(clean, RESULTS), clean.predict(X), clean.predict_proba(X), clean.score(X, labels)]
        seen += [repr(clean), clean.get_label_issues()]
    clean.save_space()
    clean.get_label_issues()
    return [*seen, results(clean, RESULTS)]


def regression_scenario(random):
    n = int(random.integers(8, 120))
    X = random.normal(size=(n, 3))
    y = X @ [1, 2, -1] + 0.1 * random.normal(size=n)
    y[random.random(n) < 0.1] += 5
    if random.random() < 0.2:
        y = np.round(y).astype(int)
    flags = random.random(n) < 0.1
    given = [
        flags,
        pd.Series(flags),
        pd.DataFrame({"is_label_issue": flags, "given_label": y}),
        pd.DataFrame({"other": [1]}),
        [1, 2],
        random.random(n),
        np.append(flags, True),
    ]
    searches = [[], [0.1], [0.3, 0.05], [0.01, 0.02, 0.5, 0.9], [0.2, 1.5]]
    models = [None, LinearRegression(), Ridge(), make_pipeline(StandardScaler(), Ridge())]
    return {
        "X": X if random.random() < 0.7 else pd.DataFrame(X, columns=list("abc")),
        "y": [y, pd.Series(y), y.tolist()][random.integers(3)],
        "model": models[random.integers(len(models))],
        "init": drawn(
            random,
            seed=(0.9, lambda: int(random.integers(100))),
            cv_n_folds=(0.4, lambda: int(random.integers(1, 5))),
            n_boot=(0.4, lambda: int(random.integers(-1, 4))),
            include_aleatoric_uncertainty=(0.3, lambda: False),
            verbose=(0.5, lambda: True),
        ),
        "find": drawn(
            random,
            uncertainty=(0.2, lambda: [0.3, random.random(n), random.random(n + 1)][random.integers(3)]),
            coarse_search_range=(0.4, lambda: searches[random.integers(len(searches))]),
            fine_search_size=(0.4, lambda: int(random.integers(-1, 4))),
            save_space=(0.2, lambda: True),
        ),
        "fit": drawn(
            random,
            sample_weight=(0.3, lambda: random.random(n if random.random() < 0.8 else n + 1)),
            label_issues=(0.3, lambda: given[random.integers(len(given))]),
            find_label_issues_kwargs=(0.1, lambda: {"fine_search_size": 0}),
        ),
        "mode": random.choice(["find", "fit", "both"]),
    }


def run_regression(estimator, X, y, model, init, find, fit, mode):
    clean, seen = estimator(model, **init), []
    if mode != "fit":
        seen += [clean.find_label_issues(X, y, **find), results(clean, REGRESSION_RESULTS)]
        seen += [clean.get_epistemic_uncertainty(X, y), clean.get_aleatoric_uncertainty(X, 0.1 * np.asarray(y))]
    if mode != "find":
        clean.fit(X, y, **fit)
        seen += [results(clean, REGRESSION_RESULTS), clean.predict(X), clean.score(X, y), repr(clean)]
    clean.save_space()
    return [*seen, results(clean, REGRESSION_RESULTS)]


def drawn(random, **options):
    """A dictionary of the options whose chance comes up."""
    return {name: make() for name, (chance, make) in options.items() if random.random() < chance}


def results(clean, names):
    return {name: copy.deepcopy(getattr(clean, name)) for name in names}


def outcome(estimator, run, scenario):
    """What a call gives, prints and warns of, and where it leaves NumPy's global stream."""
    np.random.seed(0)
    printed = io.StringIO()
    with warnings.catch_warnings(record=True) as seen, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            given = run(estimator, **copy.deepcopy(scenario))
        except Exception as error:
            given = type(error)
    categories = sorted({warning.category.__name__ for warning in seen})
    _, words, *position = np.random.get_state()
    return given, printed.getvalue(), categories, (words.tobytes(), position)


def compare(expected, seen):
    given, *others = expected
    if isinstance(given, type):
        assert given is seen[0]
        assert others[0] == seen[1]
        return
    assert others == list(seen[1:])
    assert_equal(given, seen[0], "")


def assert_equal(expected, seen, place):
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(seen, expected, rtol=1e-12, atol=1e-12, obj=place)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(seen, expected, rtol=1e-12, atol=1e-12, obj=place)
    elif isinstance(expected, np.ndarray):
        assert isinstance(seen, np.ndarray) and seen.dtype == expected.dtype, place
        np.testing.assert_allclose(seen, expected, rtol=1e-12, atol=1e-12, err_msg=place)
    elif isinstance(expected, float):
        assert seen == pytest.approx(expected, rel=1e-10, abs=1e-12, nan_ok=True), place
    elif isinstance(expected, dict):
        assert set(expected) == set(seen), place
        for name, value in expected.items():
            assert_equal(value, seen[name], f"{place}.{name}")
    elif isinstance(expected, list):
        assert len(expected) == len(seen), place
        for number, (value, other) in enumerate(zip(expected, seen, strict=True)):
            assert_equal(value, other, f"{place}[{number}]")
    else:
        assert seen == expected, place
