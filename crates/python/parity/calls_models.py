"""Calls that train models: `CleanLearning` and the estimators of `count` that cross-validate."""

import numpy as np

from cases import Case, calls
from random_data import FILTER_BY, SCORES, chance, joint_counts, noise_matrix, one_of, pick, separated

CLEAN = "classification.CleanLearning"
MODELS = [
    "from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression()",
    "from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression(C=0.3)",
    "from sklearn.neighbors import KNeighborsClassifier\nmodel = KNeighborsClassifier(5)",
    "from sklearn.naive_bayes import GaussianNB\nmodel = GaussianNB()",
    "from sklearn.tree import DecisionTreeClassifier\nmodel = DecisionTreeClassifier(max_depth=3, random_state=0)",
    "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
    "from sklearn.linear_model import LogisticRegression\nmodel = make_pipeline(StandardScaler(), LogisticRegression())",
]
STATE = ("confident_joint", "py", "ps", "noise_matrix", "inverse_noise_matrix", "num_classes", "sample_weight",
         "label_issues_mask")


def data(rng):
    k = pick(rng, [2, 3, 4])
    return separated(rng, int(rng.integers(14 * k, 40 * k)), int(rng.integers(1, 5)), k)


@calls(CLEAN, weight=6)
def clean_learning(rng):
    x, labels = data(rng)
    k = int(labels.max()) + 1
    p = rng.dirichlet(np.ones(k), len(labels))
    p[np.arange(len(labels)), labels] += 1.5
    p /= p.sum(axis=1, keepdims=True)
    options = {"seed": int(rng.integers(0, 1000))} | one_of(
        rng,
        {
            "cv_n_folds": lambda: pick(rng, [2, 3]),
            "converge_latent_estimates": lambda: chance(rng, 0.5),
            "find_label_issues_kwargs": lambda: {"filter_by": pick(rng, FILTER_BY), "n_jobs": 1},
            "label_quality_scores_kwargs": lambda: {"method": pick(rng, SCORES)},
            "verbose": lambda: chance(rng, 0.3),
            "low_memory": lambda: chance(rng, 0.3),
        },
    )
    if k == 2 and chance(rng, 0.2):
        options["pulearning"] = pick(rng, [0, 1])
    options.setdefault("find_label_issues_kwargs", {"n_jobs": 1})
    if options.get("low_memory"):
        options.pop("find_label_issues_kwargs")
    settings = ", ".join(f"{name}={value!r}" for name, value in options.items())
    inputs = {"X": x, "labels": labels}
    way = pick(rng, ["find", "find given", "fit", "fit given", "fit issues", "fit mask", "fit indices", "default", "matrix"])
    steps = {
        "find": "found = cl.find_label_issues(X, labels)\n",
        "find given": "found = cl.find_label_issues(labels=labels, pred_probs=pred_probs)\n",
        "fit": "cl.fit(X, labels)\nfound = cl.predict(X), cl.predict_proba(X), cl.score(X, labels)\n",
        "fit given": "cl.fit(X, labels, pred_probs=pred_probs)\nfound = cl.predict(X), cl.score(X, labels)\n",
        "fit issues": "issues = cl.find_label_issues(X, labels)\ncl.fit(X, labels, label_issues=issues)\nfound = cl.predict(X)\n",
        "fit mask": "cl.fit(X, labels, label_issues=np.arange(len(labels)) % 9 == 0)\nfound = cl.predict(X)\n",
        "fit indices": "cl.fit(X, labels, label_issues=np.arange(0, len(labels), 11))\nfound = cl.predict(X)\n",
        "default": "found = cl.fit(X, y=labels).predict(X)\n",
        "matrix": "found = cl.find_label_issues(labels=labels, pred_probs=pred_probs, noise_matrix=noise_matrix)\n",
    }[way]
    if "pred_probs" in steps:
        inputs["pred_probs"] = p
    if way == "matrix":
        inputs["noise_matrix"] = noise_matrix(rng, k)
    model = "model = None" if way == "default" else pick(rng, MODELS)
    state = ", ".join(f"cl.{name}" for name in STATE)
    code = f"""{model}
from cleanlab.classification import CleanLearning
cl = CleanLearning(model, {settings})
{steps}result = found, cl.get_label_issues(), [{state}], sorted(cl.get_params(deep=False))"""
    if chance(rng, 0.3):
        code += "\ncl.save_space()\nresult += (cl.get_label_issues(), cl.confident_joint)"
    return Case(CLEAN, code, inputs, tolerance=1e-9, notes=way)


@calls(CLEAN)
def in_scikit_learn(rng):
    x, labels = data(rng)
    code = pick(
        rng,
        [
            """from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from cleanlab.classification import CleanLearning
cl = clone(CleanLearning(LogisticRegression(), seed=3, find_label_issues_kwargs={"n_jobs": 1}))
result = cross_val_score(cl, X, labels, cv=3), cl.get_params()["clf__C"]""",
            """from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from cleanlab.classification import CleanLearning
search = GridSearchCV(CleanLearning(LogisticRegression(), seed=1, find_label_issues_kwargs={"n_jobs": 1}),
                      {"clf__C": [0.1, 1.0], "cv_n_folds": [2, 3]}, cv=2).fit(X, labels)
result = search.best_params_, search.best_score_, search.predict(X)""",
            """import pickle
from sklearn.linear_model import LogisticRegression
from cleanlab.classification import CleanLearning
cl = CleanLearning(LogisticRegression(), seed=2, find_label_issues_kwargs={"n_jobs": 1}).fit(X, labels)
result = pickle.loads(pickle.dumps(cl)).predict_proba(X)""",
            """from sklearn.linear_model import LogisticRegression
from cleanlab.classification import CleanLearning
weights = np.linspace(0.1, 2, len(labels))
cl = CleanLearning(LogisticRegression(), seed=2, find_label_issues_kwargs={"n_jobs": 1})
cl.fit(X, labels, sample_weight=weights, clf_kwargs={}, clf_final_kwargs={})
result = cl.predict_proba(X), cl.score(X, labels, sample_weight=weights)""",
            """import pandas as pd
from cleanlab.classification import CleanLearning
frame = pd.DataFrame(X, index=np.arange(len(X)) + 5)
cl = CleanLearning(seed=2, find_label_issues_kwargs={"n_jobs": 1})
found = cl.find_label_issues(frame, pd.Series(labels, index=frame.index))
# Another object: a second call on the same one prunes by the joint of the first in cleanlab.
cl = CleanLearning(seed=2, find_label_issues_kwargs={"n_jobs": 1})
result = found, cl.fit(frame, labels.tolist()).predict(frame)""",
        ],
    )
    return Case(CLEAN, code, {"X": x, "labels": labels}, tolerance=1e-9, notes="in scikit-learn")


NAMES = ["estimate_confident_joint_and_cv_pred_proba", "estimate_py_noise_matrices_and_cv_pred_proba",
         "estimate_cv_predicted_probabilities", "estimate_noise_matrices"]


@calls(*(f"count.{name}" for name in NAMES), weight=3)
def cross_validated_estimates(rng):
    x, labels = data(rng)
    name = pick(rng, NAMES)
    options = {"seed": int(rng.integers(0, 2**31))} | one_of(rng, {"cv_n_folds": lambda: pick(rng, [2, 3, 4])})
    if name == NAMES[0] and chance(rng, 0.3):
        options["calibrate"] = False
    if name in (NAMES[1], NAMES[3]) and chance(rng, 0.3):
        options["converge_latent_estimates"] = chance(rng, 0.5)
    if chance(rng, 0.2):
        options.pop("seed")  # NumPy's global generator then
    settings = "".join(f", {option}={value!r}" for option, value in options.items())
    model = pick(rng, ["", ", clf=model"])
    code = f"""{pick(rng, MODELS)}
from cleanlab.count import {name}
result = {name}(X, labels{model}{settings})"""
    return Case(f"count.{name}", code, {"X": x, "labels": labels}, tolerance=1e-9)
