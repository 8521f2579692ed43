"""Times five-fold cross-validation of logistic regression here and in scikit-learn, in turns in the same run.

Run by `cargo xtask bench logistic-regression`. Both sides have their defaults, standardised features and the same folds.
scikit-learn runs on one thread, with as many threads in its matrix products as there are cores, and with as many
processes; the fastest of the three is compared. Prints the median seconds of both, the median of the ratios with its
range, and the largest difference between the probabilities.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import time
import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

warnings.simplefilter("ignore")


def made(n, p, k):
    return make_classification(n, p, n_informative=p // 2, n_classes=k, flip_y=0.1, random_state=0)


def theirs(x, y, threads, n_jobs):
    with threadpool_limits(limits=threads):
        start = time.perf_counter()
        folds = StratifiedKFold(5)
        pred_probs = cross_val_predict(
            LogisticRegression(), x, y, cv=folds, method="predict_proba", n_jobs=n_jobs
        )
        return time.perf_counter() - start, pred_probs


def compare(arguments, name, x, y):
    x = np.ascontiguousarray(StandardScaler().fit_transform(x))
    np.save(arguments.data / "x.npy", x)
    np.save(arguments.data / "y.npy", y.astype(np.int64))
    ours = subprocess.Popen(
        [arguments.program, arguments.data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert ours.stdout.readline().strip() == "ready"
    cores = os.cpu_count()
    kinds = [(1, 1), (cores, 1), (1, cores)]
    theirs(x, y, 1, cores)  # starts the processes
    times, theirs_times = [], []
    for _ in range(arguments.rounds):
        ours.stdin.write("\n")
        ours.stdin.flush()
        times.append(float(ours.stdout.readline()))
        runs = [theirs(x, y, *kind) for kind in kinds]
        theirs_times.append(min(run[0] for run in runs))
    difference = np.abs(np.load(arguments.data / "pred_probs.npy") - runs[0][1]).max()
    ours.stdin.close()
    ours.wait()
    ratios = [a / b for a, b in zip(theirs_times, times)]
    print(
        f"{name:<34}{statistics.median(times):>9.4f} s{statistics.median(theirs_times):>9.4f} s"
        f"{statistics.median(ratios):>8.1f} ({min(ratios):.1f} to {max(ratios):.1f})".ljust(82) + f"{difference:>12.1e}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds = 2
    arguments.data.mkdir(parents=True, exist_ok=True)
    print(f"{'data':<34}{'ours':>11}{'sklearn':>11}  ratio (range)".ljust(82) + "  largest difference")
    compare(arguments, "digits 1797x64, 10 classes", *load_digits(return_X_y=True))
    compare(arguments, "breast cancer 569x30, 2 classes", *load_breast_cancer(return_X_y=True))
    if not arguments.quick:
        compare(arguments, "made 10,000x50, 10 classes", *made(10_000, 50, 10))
        compare(arguments, "made 50,000x50, 2 classes", *made(50_000, 50, 2))


if __name__ == "__main__":
    main()
