"""CleanLearning beside cleanlab's, and five folds of logistic regression beside scikit-learn's, both at their
defaults."""

import functools

import numpy as np
from interleaved import CORES, DataSet, Peer, Row, main, same, within

# One process with one thread or all of them in its matrix products, or as many processes as there are cores.
ONE_THREAD = Peer("scikit-learn one thread", {"n_jobs": 1}, 1)
SETTINGS = [
    ONE_THREAD,
    Peer("scikit-learn all threads", {"n_jobs": 1}, CORES),
    Peer("scikit-learn n_jobs=all", {"n_jobs": CORES}, CORES),
]
CLEAN_LEARNING = [Peer("cleanlab one thread", {}, 1), Peer("cleanlab all threads", {}, CORES)]


def cross_val_predict(arrays, _, n_jobs):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    return cross_val_predict(
        LogisticRegression(),
        arrays.features,
        arrays.labels,
        cv=StratifiedKFold(5),
        method="predict_proba",
        n_jobs=n_jobs,
    )


def clean_learning(arrays, _):
    from cleanlab.classification import CleanLearning
    from sklearn.linear_model import LogisticRegression

    found = CleanLearning(LogisticRegression(), seed=0).find_label_issues(arrays.features, arrays.labels)
    return {"values": found["is_label_issue"].to_numpy()}


def standardised(load):
    from sklearn.preprocessing import StandardScaler

    x, y = load()
    return {"features": np.ascontiguousarray(StandardScaler().fit_transform(x)), "labels": y.astype(np.int64)}


def made(n, p, k):
    from sklearn.datasets import make_classification

    return make_classification(n, p, n_informative=p // 2, n_classes=k, flip_y=0.1, random_state=0)


def data_sets():
    from sklearn.datasets import load_breast_cancer, load_digits

    folds = Row(
        "logistic regression, 5 folds",
        "model.cross_val_predict",
        peers=SETTINGS,
        agreement=within(1e-9),
    )
    cleaning = Row(
        "`CleanLearning`, logistic regression",
        "model.clean_learning",
        peers=CLEAN_LEARNING,
        target={"ratio": 3},
        agreement=same,
    )
    for name, load, rows in [
        ("digits, 1,797 × 64, 10 classes", functools.partial(load_digits, return_X_y=True), [cleaning, folds]),
        ("breast cancer, 569 × 30", functools.partial(load_breast_cancer, return_X_y=True), [folds]),
        ("made, 10,000 × 50, 10 classes", functools.partial(made, 10_000, 50, 10), [cleaning, folds]),
        ("made, 50,000 × 50, 2 classes", functools.partial(made, 50_000, 50, 2), [folds]),
    ]:
        yield DataSet(
            name,
            functools.partial(standardised, load),
            rows,
            inputs=("features", "labels"),
            quick=name.startswith(("digits", "breast")),
        )


if __name__ == "__main__":
    imports = ["cleanlab.classification", "sklearn.linear_model", "sklearn.model_selection"]
    calls = {"imports": imports, "model.cross_val_predict": cross_val_predict, "model.clean_learning": clean_learning}
    main("learning", __doc__, __file__, calls, data_sets)
