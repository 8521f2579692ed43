"""Times and scores the tree classifiers of this workspace and of scikit-learn in turns, in the same run.

Run by `cargo xtask bench trees`. Each round draws another quarter of the rows to test on and another seed, trains both
sides on the rest, and asks both for the probabilities of the test rows. scikit-learn runs on one and on two threads, and
the faster of the two is compared with two threads of ours. Prints, per data set, the median seconds of both, the median
of the ratios with its range, and the means of accuracy and log loss of both, with the standard error of the mean
difference.
"""

import argparse
import math
import pathlib
import statistics
import subprocess
import time
import warnings

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
)
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

warnings.simplefilter("ignore")

MODELS = {
    "random_forest": lambda seed, threads: RandomForestClassifier(random_state=seed, n_jobs=threads),
    "gradient_boosting": lambda seed, threads: HistGradientBoostingClassifier(random_state=seed),
}


def data_sets(arguments):
    for load in (load_digits, load_breast_cancer, load_wine, load_iris):
        yield load.__name__.removeprefix("load_"), *load(return_X_y=True)
    if arguments.label_errors:
        for labels in sorted(arguments.label_errors.glob("*_test_set_original_labels.npy")):
            name = labels.name.removesuffix("_test_set_original_labels.npy")
            pred_probs = np.load(labels.with_name(f"{name}_test_set_pyx.npy"))
            yield f"{name} pred_probs", pred_probs.astype(float), np.load(labels).astype(int)
    for n, p, k in [(20_000, 20, 5), (100_000, 20, 2)] if not arguments.quick else []:
        features, labels = make_classification(
            n, p, n_informative=10, n_redundant=5, n_classes=k, flip_y=0.05, random_state=0
        )
        yield f"made {n}x{p}, {k} classes", features, labels


class Ours:
    def __init__(self, program, folder):
        self.process = subprocess.Popen(
            [program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"RAYON_NUM_THREADS": "2"}
        )

    def run(self, model, seed):
        self.process.stdin.write(f"{model} {seed}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def theirs(model, seed, threads, x, y, x_test):
    with threadpool_limits(limits=threads, user_api="openmp"):
        start = time.perf_counter()
        pred_probs = MODELS[model](seed, threads).fit(x, y).predict_proba(x_test)
        return time.perf_counter() - start, pred_probs


def compare(arguments, ours, model, name, features, labels):
    times, theirs_times, ratios = [], [], []
    scores = {"ours": [], "theirs": []}
    rounds = arguments.rounds if len(labels) > 15_000 else arguments.rounds * arguments.small_factor
    for seed in range(rounds):
        x, x_test, y, y_test = train_test_split(features, labels, test_size=0.25, random_state=seed, stratify=labels)
        for file, array in [("x", x), ("y", y), ("x_test", x_test)]:
            np.save(arguments.data / f"{file}.npy", np.ascontiguousarray(array))
        seconds = ours.run(model, seed)
        pred_probs = np.load(arguments.data / "pred_probs.npy")
        runs = [theirs(model, seed, threads, x, y, x_test) for threads in (1, 2)]
        fastest = min(run[0] for run in runs)
        times.append(seconds)
        theirs_times.append(fastest)
        ratios.append(fastest / seconds)
        for side, probs in [("ours", pred_probs), ("theirs", runs[0][1])]:
            scores[side].append(((probs.argmax(axis=1) == y_test).mean(), log_loss(y_test, probs)))
    means = {side: np.mean(values, axis=0) for side, values in scores.items()}
    differences = np.subtract(scores["ours"], scores["theirs"])
    errors = differences.std(axis=0, ddof=1) / math.sqrt(rounds)
    print(
        f"{model:<18}{name:<28}{statistics.median(times):>8.4f} s{statistics.median(theirs_times):>9.4f} s"
        f"{statistics.median(ratios):>7.1f} ({min(ratios):.1f} to {max(ratios):.1f})".ljust(86)
        + f"{means['ours'][0]:>8.4f} / {means['theirs'][0]:.4f} ({differences.mean(axis=0)[0]:+.4f} ± {errors[0]:.4f})"
        f"{means['ours'][1]:>9.4f} / {means['theirs'][1]:.4f} ({differences.mean(axis=0)[1]:+.4f} ± {errors[1]:.4f})",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--small-factor", type=int, default=4, help="data sets below 15,000 rows get so many times the rounds")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--label-errors", type=pathlib.Path, help="a clone of github.com/cleanlab/label-errors' data")
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    parser.add_argument("--only", default="", help="data sets whose name contains this")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.small_factor = 2, 1
    arguments.data.mkdir(parents=True, exist_ok=True)
    ours = Ours(arguments.program, arguments.data)
    print(
        f"{'model':<18}{'data':<28}{'ours':>10}{'sklearn':>11}  ratio (range)".ljust(86)
        + "  accuracy ours / sklearn (difference)    log loss ours / sklearn (difference)"
    )
    for data_set in (each for each in data_sets(arguments) if arguments.only in each[0]):
        for model in arguments.models:
            compare(arguments, ours, model, *data_set)
    ours.close()


if __name__ == "__main__":
    main()
