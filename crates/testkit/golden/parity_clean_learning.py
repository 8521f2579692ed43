"""CleanLearning: label issues from given predictions and noise, and models trained on what is left."""

import functools
import warnings

from reference_cases import FILTER_BY, SCORES, StableArray, main, random_probabilities

import numpy as np
from cleanlab import classification, count
from cleanlab.classification import CleanLearning
from cleanlab.experimental import label_issues_batched
from sklearn.linear_model import LogisticRegression

classification.find_label_issues_batched = functools.partial(
    label_issues_batched.find_label_issues_batched, verbose=False
)

def random_labels(rng, n, k, true):
    labels = np.where(rng.random(n) < rng.choice([0.0, 0.1, 0.3]), rng.integers(0, k, n), true)
    if rng.random() < 0.15 and k > 2:  # a class missing
        labels = np.where(labels == int(rng.integers(0, k)), 0, labels)
    if rng.random() < 0.15:
        labels = np.where(rng.random(n) < 0.7, labels.min(), labels)
    if len(np.unique(labels)) < 2:
        labels[0] = (labels[0] + 1) % k
    return labels.astype(np.int64)


def random_rates(rng, k):
    """Columns sum to 1, and the trace exceeds 1 by far."""
    return rng.dirichlet(np.ones(k), k).T * 0.4 + 0.6 * np.eye(k)


def found(issues):
    return {name: issues[name].to_numpy() for name in issues.columns}


def estimates(learner, solved):
    """What the estimator stored; `py` and the inverse only where they are well defined."""
    named = {"noise_matrix": learner.noise_matrix, "confident_joint": learner.confident_joint}
    if solved and learner.inverse_noise_matrix is not None:
        named["inverse_noise_matrix"] = learner.inverse_noise_matrix
    if solved and learner.py is not None:
        named["py"] = learner.py
    return {name: np.array(value) for name, value in named.items()}


def find_checks(write, rng, labels, p, golden):
    k = p.shape[1]
    own = rng.integers(0, 8, (k, k)) * (rng.random((k, k)) < 0.6) + np.diag(rng.integers(1, 20, k))
    noise, inverse, thresholds = random_rates(rng, k), random_rates(rng, k), np.round(rng.random(k), 3)
    known = [
        {},
        {"thresholds": thresholds},
        {"noise_matrix": noise},
        {"inverse_noise_matrix": inverse},
        {"noise_matrix": noise, "inverse_noise_matrix": inverse},
        {"noise_matrix": noise, "thresholds": thresholds},
    ]
    setups = [{}, {"converge": True}]
    for filter_by in FILTER_BY:
        setups.append({"filter_by": filter_by})
    setups += [
        {"filter_by": str(rng.choice(FILTER_BY[:3])), "min_examples_per_class": int(rng.integers(0, 5))},
        {"filter_by": str(rng.choice(FILTER_BY[:3])), "min_examples_per_class": 0,
         "frac_noise": round(float(rng.random()), 2)},
        {"confident_joint": own, "min_examples_per_class": int(rng.integers(0, 12))},
        {"confident_joint": own, "filter_by": str(rng.choice(FILTER_BY[:3])), "min_examples_per_class": 1},
    ]
    if k == 2:
        setups += [{"pu_learning": c, "min_examples_per_class": m} for c in (0, 1) for m in (1, 10)]
    for setup in setups:
        every = not setup or ("pu_learning" in setup and not golden)
        for given in known if every else [known[int(rng.integers(0, len(known)))]]:
            method, adjust = SCORES[int(rng.integers(0, len(SCORES)))]
            if golden and rng.random() < 0.5:
                continue
            kwargs = {name: value for name, value in setup.items() if name not in ("converge", "pu_learning")}
            if "confident_joint" in kwargs:
                kwargs["confident_joint"] = own.copy()
            learner = CleanLearning(
                converge_latent_estimates=setup.get("converge", False),
                pulearning=setup.get("pu_learning"),
                find_label_issues_kwargs={**kwargs, "n_jobs": 1},
                label_quality_scores_kwargs={"method": method, "adjust_pred_probs": adjust},
            )
            solved = "confident_joint" not in setup or np.linalg.cond(own / own.sum(axis=0)) < 100
            parts = {}

            def find():
                # Learning from positive examples writes into the matrices it is given.
                copies = {name: value.copy() for name, value in given.items()}
                parts.update(found(learner.find_label_issues(labels=labels, pred_probs=p, **copies)))
                parts.update(estimates(learner, solved))
                return parts

            write.attempt(
                "find_label_issues", find, method=method, adjust=adjust,
                parts=Late(parts), **given, **setup,
            )
    low_memory_check(write, labels, p)


class Late:
    """Names of a dictionary that is filled while the reference runs."""

    def __init__(self, parts):
        self.parts = parts


class ExactInspector(label_issues_batched.LabelInspector):
    """cleanlab's batched engine with the exact count of issues that it approximates, and a stable order of ties."""

    exact_count = 0

    def get_num_issues(self, silent=False):
        return self.exact_count

    def get_quality_scores(self):
        return super().get_quality_scores().view(StableArray)


label_issues_batched.LabelInspector = ExactInspector


def low_memory_check(write, labels, p):
    ExactInspector.exact_count = count.num_label_issues(labels, p)
    parts = {}

    def find():
        parts.update(found(CleanLearning(low_memory=True).find_label_issues(labels=labels, pred_probs=p)))
        return parts

    write.attempt("find_label_issues_low_memory", find, parts=Late(parts))


def blobs(rng, n, k, p):
    centres = rng.standard_normal((k, p)) * rng.uniform(0.5, 2.5)
    true = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    features = centres[true] + rng.standard_normal((n, p))
    return (features - features.mean(axis=0)) / features.std(axis=0), true


def fit_checks(write, rng, golden):
    k = int(rng.integers(2, 4 if golden else 7))
    n = int(rng.integers(12 * k, 15 * k)) if golden else int(rng.integers(12 * k, 120 * k))
    features, true = blobs(rng, n, k, int(rng.integers(1, 3 if golden else 9)))
    noise = rng.random(n) < rng.choice([0.0, 0.1, 0.3])
    labels = np.where(noise, rng.integers(0, k, n), true).astype(np.int64)
    if len(np.unique(labels)) < k:
        return
    tests = int(rng.integers(3, 6 if golden else 60))
    chosen = rng.integers(0, n, tests)
    test_features = features[chosen] + 0.3 * rng.standard_normal((tests, features.shape[1]))
    test_labels, test_weights = true[chosen].astype(np.int64), rng.random(tests) + 0.01
    weights = rng.random(n) + 0.05
    p = rng.dirichlet(np.ones(k), n) * 0.6
    p[np.arange(n), true] += 0.4
    for name, value in (("features", features), ("fit_labels", labels), ("fit_pred_probs", p), ("weights", weights),
                        ("test_features", test_features), ("test_labels", test_labels),
                        ("test_weights", test_weights)):
        write.input(name, value)

    def outcome(learner):
        columns = found(learner.get_label_issues())
        final = {
            "predictions": learner.predict(test_features),
            "score": learner.score(test_features, test_labels),
            "weighted_score": learner.score(test_features, test_labels, sample_weight=test_weights),
        }
        if len(learner.clf.classes_) == k:
            final["pred_proba"] = learner.predict_proba(test_features)
        return {**columns, **final}

    def run(function, learner, fit, **parameters):
        if golden and rng.random() < 0.5:
            return
        parts = {}

        def compute():
            fit(learner)
            parts.update(outcome(learner))
            return parts

        write.attempt(function, compute, parts=Late(parts), n_classes=k, **parameters)

    seed, folds = int(rng.integers(0, 2**32)), int(rng.integers(2, 6))
    c = float(np.round(rng.uniform(0.2, 4.0), 2))
    setups = [
        {},
        {"filter_by": str(rng.choice(FILTER_BY)), "min_examples_per_class": int(rng.integers(0, 11))},
        {"weighted": True},
        {"c": c},
    ]
    for setup in setups:
        kwargs = {name: setup[name] for name in ("filter_by", "min_examples_per_class") if name in setup}
        learner = CleanLearning(LogisticRegression(), seed=seed, cv_n_folds=folds,
                                find_label_issues_kwargs={**kwargs, "n_jobs": 1})

        def fit(learner):
            learner.clf = FinalC(setup["c"]) if "c" in setup else learner.clf
            learner.fit(features, labels, sample_weight=weights if "weighted" in setup else None,
                        clf_final_kwargs={"final": True} if "c" in setup else {})

        run("fit", learner, fit, seed=seed, n_splits=folds, **setup)
    rates = random_rates(rng, k)
    for given in ({}, {"noise_matrix": rates}, {"inverse_noise_matrix": rates}):
        learner = CleanLearning(LogisticRegression(), find_label_issues_kwargs={"n_jobs": 1})
        run("fit_given_pred_probs", learner,
            lambda learner: learner.fit(features, labels, pred_probs=p, **given), **given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = CleanLearning(LogisticRegression()).find_label_issues(labels=labels, pred_probs=p)
    mask = table["is_label_issue"].to_numpy()
    rows = rng.permutation(np.flatnonzero(mask))
    for form, issues in (("table", table), ("mask", mask), ("indices", rows)):
        for with_probs in (False, True):
            given = {"pred_probs": p} if with_probs else {}
            run("fit_given_issues", CleanLearning(LogisticRegression()),
                lambda learner: learner.fit(features, labels, label_issues=issues.copy(), **given),
                form=form, issues=rows, with_probs=with_probs)

    def fit_found(learner):
        learner.fit(features, labels, label_issues=learner.find_label_issues(labels=labels, pred_probs=p))

    run("fit_given_issues", CleanLearning(LogisticRegression()), fit_found,
        form="found", issues=rows)


class FinalC(LogisticRegression):
    """Logistic regression whose final fit uses another strength of the penalty."""

    def __init__(self, final_c=1.0):
        super().__init__()
        self.final_c = final_c

    def fit(self, X, y, sample_weight=None, final=False):
        self.C = self.final_c if final else 1.0
        return super().fit(X, y, sample_weight=sample_weight)


def write_case(write, rng, golden):
    if golden:
        n, k = int(rng.integers(12, 32)), int(rng.integers(2, 4))
    else:
        n, k = int(np.exp(rng.uniform(np.log(8), np.log(3000)))), int(rng.choice([2, 2, 3, 4, 5, 8, 10, 20]))
    pred_probs, true = random_probabilities(rng, n, k)
    labels = random_labels(rng, n, k, true)
    single = bool(rng.random() < 0.25)
    if single:
        pred_probs = np.clip(pred_probs.astype(np.float32), np.float32(-9e-7), np.float32(1 + 8e-7))
    labels, pred_probs = write.kept_classes(*write.kept_rows(labels, pred_probs))
    write.input("labels", labels)
    write.input("pred_probs", pred_probs)
    write.case["dtype"] = "f32" if single else "f64"
    encode = write.encode
    write.encode = lambda value: sorted(value.parts) if isinstance(value, Late) else encode(value)
    find_checks(write, rng, labels, pred_probs.astype(np.float64), golden)
    fit_checks(write, rng, golden)


if __name__ == "__main__":
    main(__doc__, "clean-learning", write_case)
