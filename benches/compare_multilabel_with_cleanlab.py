"""Times the functions for sets of classes of this workspace and of cleanlab 2.9.0 in turns, on the same lists and
arrays in the same run.

Run by `cargo xtask bench multilabel`. Prints, per shape and function, the median seconds of both, their ratio with its
range over the rounds, and whether both found the same.
"""

import argparse
import pathlib
import statistics
import subprocess
import time
import warnings

import numpy as np
from cleanlab.multilabel_classification.filter import find_label_issues, find_multilabel_issues_per_class
from cleanlab.multilabel_classification.rank import get_label_quality_scores

warnings.simplefilter("ignore")

METHODS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]


def make_data(n, k, dtype, seed=0):
    """Some three classes a row, of which 5 % are wrong, and a good model."""
    rng = np.random.default_rng(seed)
    true = rng.random((n, k)) < 3 / k
    given = np.where(rng.random((n, k)) < 0.05 * 3 / k, ~true, true)
    p = np.clip(0.6 * true + 0.2 + 0.22 * rng.standard_normal((n, k)), 0.001, 0.999).astype(dtype)
    return given, p


class Ours:
    def __init__(self, program, onehot, pred_probs):
        self.process = subprocess.Popen(
            [program, onehot, pred_probs], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline().strip() == "ready"

    def run(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        seconds, answer = self.process.stdout.readline().split()
        return float(seconds), float(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def theirs(request, labels, p):
    name, _, rest = request.partition(" ")
    if name == "scores":
        return float(get_label_quality_scores(labels, p).sum())
    if name == "per_class":
        return float(find_multilabel_issues_per_class(labels, p, n_jobs=1).sum())
    if rest == "ranked":
        return len(find_label_issues(labels, p, filter_by=name, n_jobs=1, return_indices_ranked_by="self_confidence"))
    return float(np.sum(find_label_issues(labels, p, filter_by=name, n_jobs=1)))


def compare(arguments, n, k, dtype):
    given, p = make_data(n, k, dtype)
    labels = [np.flatnonzero(row).tolist() for row in given]
    paths = [arguments.data / "onehot.npy", arguments.data / "multilabel_pred_probs.npy"]
    for path, array in zip(paths, (given.astype(np.float32), p)):
        np.save(path, array)
    ours = Ours(arguments.program, *map(str, paths))
    print(f"\n{n}x{k} {np.dtype(dtype).name}: {p.nbytes / 1e6:,.0f} MB")
    print(f"{'function':<30}{'ours':>12}{'cleanlab':>12}{'ratio (range)':>28}  result")
    for request in [*METHODS, "prune_by_noise_rate ranked", "per_class", "scores"]:
        mine, other = [], []
        for _ in range(arguments.rounds):
            seconds, answer = ours.run(request)
            mine.append(seconds)
            start = time.perf_counter()
            expected = theirs(request, labels, p)
            other.append(time.perf_counter() - start)
        ratios = [b / a for a, b in zip(mine, other)]
        ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        agree = "same" if abs(answer - expected) <= 1e-6 * max(1, abs(expected)) else f"{answer} / {expected}"
        print(f"{request:<30}{statistics.median(mine):>10.4f} s{statistics.median(other):>10.3f} s{ratio:>28}  {agree}")
    ours.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    arguments.data.mkdir(parents=True, exist_ok=True)
    shapes = [(50_000, 20, np.float64), (50_000, 20, np.float32), (200_000, 100, np.float32)]
    if arguments.quick:
        shapes, arguments.rounds = shapes[:1], 2
    for n, k, dtype in shapes:
        compare(arguments, n, k, dtype)


if __name__ == "__main__":
    main()
