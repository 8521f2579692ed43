"""Times find_label_issues of this workspace and of cleanlab 2.9.0 in turns, on the same arrays in the same run.

Run by `cargo xtask bench`. Prints, per shape, element type and method, the median seconds of both, their ratio with its
range over the rounds, the memory that each needed besides its input and result, and whether both flagged the same number
of labels. Before each clock starts, its side reads the array once, so that it does not pay for the other side's use of the
caches; and this workspace's array lies in large pages where the system has them, as NumPy's does. cleanlab's sorts are unstable, so that where many classes tie it may flag a few other labels than it does with
stable sorts, whose answers this workspace gives; `cargo xtask parity` compares with those.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import threading
import time
import warnings

import numpy as np
from cleanlab.filter import find_label_issues

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
    """A good but overconfident model on labels of which 15 % are wrong."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    labels = np.where(rng.random(n) < 0.15, rng.integers(0, k, n), true)
    p = rng.standard_exponential((n, k), dtype=np.float32).astype(dtype)
    p[np.arange(n), true] += (2 * k * rng.random(n)).astype(dtype)
    p /= p.sum(axis=1, keepdims=True)
    return labels, p


def resident(field):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def peak_growth(work):
    """Runs `work` and returns its result, seconds, and the largest growth of this process's memory meanwhile, its result apart."""
    before = resident("VmRSS:")
    largest, done = [before], threading.Event()

    def watch():
        while not done.wait(0.005):
            largest[0] = max(largest[0], resident("VmRSS:"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return result, seconds, max(0, largest[0] - before - result.nbytes)


class Ours:
    def __init__(self, program, labels, pred_probs):
        self.process = subprocess.Popen(
            [program, labels, pred_probs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"},
        )
        assert self.process.stdout.readline().strip() == "ready"

    def run(self, method):
        self.process.stdin.write(method + "\n")
        self.process.stdin.flush()
        seconds, growth, issues = self.process.stdout.readline().split()
        return float(seconds), int(growth), int(issues)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(arguments, n, k, dtype):
    labels, p = make_data(n, k, dtype)
    name = f"{n}x{k} {np.dtype(dtype).name}"
    paths = [arguments.data / "labels.npy", arguments.data / "pred_probs.npy"]
    for path, array in zip(paths, (labels, p)):
        np.save(path, array)
    ours = Ours(arguments.program, *map(str, paths))
    print(f"\n{name}: {p.nbytes / 1e6:,.0f} MB")
    jobs = [1, None] if arguments.all_jobs else [1]
    head = "".join(f"{'cleanlab n_jobs=' + (str(j) if j else 'default'):>26}" for j in jobs)
    print(f"{'filter_by':<24}{'ours':>10}{head}{'ratio (range)':>26}{'memory, % of input':>24}  issues")
    for method in METHODS:
        times = {"ours": [], **{j: [] for j in jobs}}
        grown = theirs_grown = 0
        for _ in range(arguments.rounds):
            seconds, growth, issues = ours.run(method)
            times["ours"].append(seconds)
            grown = max(grown, growth)
            for job in jobs:
                p.sum()
                mask, seconds, growth = peak_growth(
                    lambda: find_label_issues(labels, p, filter_by=method, n_jobs=job)
                )
                times[job].append(seconds)
                theirs_grown = max(theirs_grown, growth)
        best = [min(times[j][i] for j in jobs) for i in range(arguments.rounds)]
        ratios = [theirs / mine for theirs, mine in zip(best, times["ours"])]
        medians = "".join(f"{statistics.median(times[j]):>24.3f} s" for j in jobs)
        ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        memory = f"{100 * grown / p.nbytes:.1f} / {100 * theirs_grown / p.nbytes:.0f}"
        agree = "same" if issues == mask.sum() else f"{issues} / {mask.sum()}"
        print(f"{method:<24}{statistics.median(times['ours']):>8.4f} s{medians}{ratio:>26}{memory:>24}  {agree}")
    ours.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--all-jobs", action="store_true")
    arguments = parser.parse_args()
    arguments.data.mkdir(parents=True, exist_ok=True)
    shapes = [(50_000, 10), (1_000_000, 10), (100_000, 1000)]
    if arguments.quick:
        shapes, arguments.rounds = shapes[:1], 2
    for n, k in shapes:
        for dtype in (np.float64, np.float32):
            compare(arguments, n, k, dtype)


if __name__ == "__main__":
    main()
