"""Times KNN-Shapley values here and in cleanlab 2.9.0, in turns in the same run.

Run by `cargo xtask bench data-valuation`: from a graph of the ten nearest neighbours that both sides are given, and from
features. cleanlab holds two N x N matrices. Prints the median seconds of both, the median of the ratios with its range,
and the largest difference between the values.
"""

import argparse
import pathlib
import statistics
import subprocess
import time

import numpy as np
from cleanlab.data_valuation import data_shapley_knn
from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index


def made(n, p, k):
    rng = np.random.default_rng(0)
    true = rng.integers(0, 10, n)
    x = 3 * rng.normal(size=(10, p))[true] + rng.normal(size=(n, p))
    wrong = rng.random(n) < 0.1
    labels = np.where(wrong, rng.integers(0, 10, n), true)
    graph, _ = create_knn_graph_and_index(x, n_neighbors=k)
    return x, labels, graph


def compare(arguments, n, p):
    x, labels, graph = made(n, p, 10)
    np.save(arguments.data / "features.npy", x)
    np.save(arguments.data / "labels.npy", labels.astype(np.int64))
    np.save(arguments.data / "indices.npy", graph.indices.reshape(n, -1).astype(float))
    np.save(arguments.data / "distances.npy", graph.data.reshape(n, -1))
    ours = subprocess.Popen(
        [arguments.program, arguments.data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert ours.stdout.readline().strip() == "ready"
    for source in ("graph", "features"):
        times, theirs = [], []
        for _ in range(arguments.rounds):
            ours.stdin.write(source + "\n")
            ours.stdin.flush()
            times.append(float(ours.stdout.readline()))
            start = time.perf_counter()
            values = data_shapley_knn(labels, **({"knn_graph": graph} if source == "graph" else {"features": x}))
            theirs.append(time.perf_counter() - start)
        ratios = [a / b for a, b in zip(theirs, times)]
        difference = np.abs(np.load(arguments.data / "values.npy")[:, 0] - values).max()
        print(
            f"{f'{n:,} x {p}, from {source}':<32}{1000 * statistics.median(times):>10.2f} ms"
            f"{statistics.median(theirs):>9.3f} s{statistics.median(ratios):>10.0f}"
            f" ({min(ratios):.0f} to {max(ratios):.0f})".ljust(84) + f"{difference:>10.1e}",
            flush=True,
        )
    ours.stdin.close()
    ours.wait()


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
    print(f"{'data':<32}{'ours':>13}{'cleanlab':>11}  ratio (range)".ljust(82) + "  difference")
    compare(arguments, 2_000, 32)
    if not arguments.quick:
        compare(arguments, 20_000, 32)


if __name__ == "__main__":
    main()
