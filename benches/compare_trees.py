"""Random forest and gradient boosting, their time and accuracy, beside scikit-learn's.

Each round draws other rows to test on and another seed, so every round has arrays and processes of its own. The
classifiers draw differently: what is compared is the mean of accuracy and log loss over the rounds.
"""

import math
import pathlib
import statistics

import numpy as np
from interleaved import CORES, Comparison, DataSet, Peer, Row, answer_here, arguments_of, record, serve, show

THREADS = [
    Peer("scikit-learn one thread", {"threads": 1}, 1),
    Peer("scikit-learn all threads", {"threads": CORES}, CORES),
]
MODELS = ["random_forest", "gradient_boosting"]
# Data sets below this many rows get more rounds: their accuracy varies more and their times are short.
SMALL, SMALL_FACTOR = 15_000, 4


def fit(arrays, argument, threads):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

    model, seed = argument.split()
    if model == "random_forest":
        classifier = RandomForestClassifier(random_state=int(seed), n_jobs=threads)
    else:
        classifier = HistGradientBoostingClassifier(random_state=int(seed))
    return classifier.fit(arrays.features, arrays.labels).predict_proba(arrays.test_features)


def prepare(arrays):
    """Imports, and starts the threads."""
    few = type("Few", (), {})()
    few.features, few.labels, few.test_features = arrays.features[:200], arrays.labels[:200], arrays.features[:10]
    for model in MODELS:
        fit(few, f"{model} 0", CORES)


def data_sets(arguments):
    from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_classification

    for load in (load_digits, load_breast_cancer, load_wine, load_iris):
        if not arguments.quick or load is load_iris:
            yield load.__name__.removeprefix("load_").replace("_", " "), *load(return_X_y=True)
    if arguments.label_errors:
        for labels in sorted(arguments.label_errors.glob("*_test_set_original_labels.npy")):
            name = labels.name.removesuffix("_test_set_original_labels.npy")
            pred_probs = np.load(labels.with_name(f"{name}_test_set_pyx.npy"))
            yield f"{name} pred_probs", pred_probs.astype(float), np.load(labels).astype(int)
    for n, p, k in [(20_000, 20, 5), (100_000, 20, 2)] if not arguments.quick else []:
        features, labels = make_classification(
            n, p, n_informative=10, n_redundant=5, n_classes=k, flip_y=0.05, random_state=0
        )
        yield f"made, {n:,} × {p}, {k} classes", features, labels


def scores(path, n_classes, wanted):
    pred_probs = np.load(path).reshape(-1, n_classes)
    chosen = np.clip(pred_probs[np.arange(len(wanted)), wanted], np.finfo(float).eps, 1)
    return float((pred_probs.argmax(axis=1) == wanted).mean()), float(-np.log(chosen).mean())


def measure(arguments, name, features, labels):
    """A line for each classifier, on one thread and on all."""
    from sklearn.model_selection import train_test_split

    rounds = arguments.rounds * (1 if arguments.quick or len(labels) > SMALL else SMALL_FACTOR)
    lines = {}
    differences = {model: [] for model in MODELS}
    for seed in range(rounds):
        x, x_test, y, y_test = train_test_split(features, labels, test_size=0.25, random_state=seed, stratify=labels)
        arrays = {"features": x, "labels": y.astype(np.int64), "test_features": x_test}
        arrays = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
        data_set = DataSet(name, lambda arrays=arrays: arrays, [], inputs=("features", "labels"))
        once = type(arguments)(**{**vars(arguments), "rounds": 1})
        comparison = Comparison(once, __file__, data_set)
        for model in MODELS:
            work = model.replace("_", " ")
            row = Row(work, f"model.{model}", str(seed), "fit", f"{model} {seed}", THREADS, memory=False)
            for line in comparison.measure(row):
                known = lines.setdefault((model, line["threads"]), line)
                if known is not line:
                    known["here"] += line["here"]
                    for peer, seconds in line["peers"].items():
                        known["peers"][peer] += seconds
            n_classes = int(labels.max()) + 1
            mine = scores(comparison.answer(answer_here("all")), n_classes, y_test)
            theirs = scores(comparison.answer(THREADS[0].name), n_classes, y_test)
            differences[model].append(np.subtract(mine, theirs))
        comparison.close()
    for (model, _), line in lines.items():
        mean = np.mean(differences[model], axis=0)
        error = np.std(differences[model], axis=0, ddof=1) / math.sqrt(rounds)
        # Four standard errors below, and by more than a hundredth, is worse than chance makes it.
        line["agrees"] = bool(mean[0] > -max(0.01, 4 * error[0]))
        line["agreement"] = (
            f"accuracy {mean[0]:+.4f} ± {error[0]:.4f}, log loss {mean[1]:+.4f} ± {error[1]:.4f}"
        )
        show(line)
    return list(lines.values())


def main():
    parser = arguments_of(__doc__)
    parser.add_argument("--label-errors", type=pathlib.Path, help="the predictions of cleanlab/label-errors")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, {"fit": fit, "prepare": prepare})
        return
    arguments.group = "trees"
    if arguments.quick:
        arguments.rounds = 2
    lines = []
    for name, features, labels in data_sets(arguments):
        lines += measure(arguments, name, features, labels)
        record(arguments.json, "trees", arguments.rounds, lines)


if __name__ == "__main__":
    main()
