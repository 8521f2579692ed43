"""Times graphs of nearest neighbours of this workspace, scikit-learn's brute force, faiss's flat index and pynndescent
in turns, on the same arrays in the same run.

Run by `cargo xtask bench neighbors`. Prints, per data set, metric and number of threads, the median seconds of each,
their ratio to the exact search here with its range over the rounds, the share of the exact neighbours found, and what
the calls here need at most besides their input, as a share of it.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

K = 10
REFERENCES = ["sklearn", "faiss", "pynndescent"]


def make_data(kind, n, p, dtype, seed=0):
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return rng.standard_normal((n, p)).astype(dtype)
    if kind == "clusters":
        centers = rng.standard_normal((100, p))
        return (centers[rng.integers(0, 100, n)] + rng.standard_normal((n, p))).astype(dtype)
    # As embeddings are: clusters on a curved surface of 16 dimensions, and some noise.
    at = 2 * rng.standard_normal((50, 16))[rng.integers(0, 50, n)] + rng.standard_normal((n, 16))
    surface = np.tanh(at @ rng.standard_normal((16, p)) / 4)
    return (surface + 0.05 * rng.standard_normal((n, p))).astype(dtype)


class Asked:
    """A program that answers a line with a line, on so many threads."""

    def __init__(self, command, threads):
        variables = ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"]
        environment = {**os.environ, **dict.fromkeys(variables, str(threads))}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stdout.readline().strip() == "ready"

    def run(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def serve(path):
    """Answers `library metric` with seconds and, for pynndescent, the recall in a sample."""
    features = np.load(path)
    print("ready", flush=True)
    for line in sys.stdin:
        library, metric = line.split()
        start = time.perf_counter()
        indices = find(library, metric, features)
        seconds = time.perf_counter() - start
        print(seconds, recall(features, metric, indices), flush=True)


def find(library, metric, features):
    if library == "sklearn":
        from sklearn.neighbors import NearestNeighbors

        index = NearestNeighbors(n_neighbors=K, metric=metric, algorithm="brute").fit(features)
        return index.kneighbors()[1]
    if library == "faiss":
        import faiss

        rows = np.ascontiguousarray(features, dtype=np.float32)
        if metric == "cosine":
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        index = (faiss.IndexFlatIP if metric == "cosine" else faiss.IndexFlatL2)(rows.shape[1])
        index.add(rows)
        return index.search(rows, K + 1)[1][:, 1:]
    from pynndescent import NNDescent

    rows = np.ascontiguousarray(features, dtype=np.float32)
    return NNDescent(rows, metric=metric, n_neighbors=K + 1, random_state=0).neighbor_graph[0][:, 1:]


def recall(features, metric, indices, n_sample=200):
    """The share of exact neighbours, by distances in f64, of some rows."""
    sample = np.linspace(0, len(features) - 1, n_sample).astype(int)
    right = 0
    for row in sample:
        x = features[row].astype(np.float64)
        if metric == "cosine":
            distances = -(features @ x) / np.linalg.norm(features, axis=1)
        else:
            distances = ((features - x) ** 2).sum(axis=1)
        distances[row] = np.inf
        right += len(np.intersect1d(np.argpartition(distances, K)[:K], indices[row]))
    return right / (n_sample * K)


def compare(arguments, kind, n, p, dtype, threads, references):
    features = make_data(kind, n, p, dtype)
    path = str(arguments.data / "neighbors.npy")
    np.save(path, features)
    ours = Asked([arguments.program, path], threads)
    theirs = Asked([sys.executable, __file__, "--serve", path], threads)
    size = features.nbytes
    del features
    for metric in arguments.metrics:
        print(f"\n{kind} {n}x{p} {np.dtype(dtype).name}, {size / 1e6:,.0f} MB, {metric}, {threads or 'all'} threads")
        print(f"{'search':<16}{'median':>10}{'time over exact here (range)':>32}{'recall':>10}{'memory':>9}", flush=True)
        seconds = {name: [] for name in ["exact", "approximate", *references]}
        notes = {}
        for library in references:
            if library == "pynndescent":
                theirs.run(f"{library} {metric}")  # compiles
        for _ in range(arguments.rounds):
            for name in seconds:
                if name in ("exact", "approximate"):
                    taken, growth, found, _, found_by = ours.run(f"{name} {metric} {K}")
                    notes[name] = (float(found), f"{100 * float(growth) / size:.0f} %", found_by)
                else:
                    taken, found = theirs.run(f"{name} {metric}")
                    notes[name] = (float(found), "", "")
                seconds[name].append(float(taken))
        for name, taken in seconds.items():
            ratios = [a / b for a, b in zip(taken, seconds["exact"])]
            ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            found, memory, found_by = notes[name]
            print(f"{name:<16}{statistics.median(taken):>8.2f} s{ratio:>32}{found:>10.4f}{memory:>9}  {found_by}", flush=True)
    ours.close()
    theirs.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve")
    parser.add_argument("--program")
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    arguments.data.mkdir(parents=True, exist_ok=True)
    arguments.metrics = ["cosine", "euclidean"]
    processors = os.cpu_count()
    runs = [
        ("noise", 50_000, 512, np.float32, 1, REFERENCES),
        ("surface", 50_000, 512, np.float32, 1, ["faiss"]),
        ("noise", 50_000, 512, np.float32, processors, REFERENCES),
        ("surface", 50_000, 512, np.float32, processors, REFERENCES),
        ("clusters", 50_000, 512, np.float64, processors, REFERENCES),
        ("surface", 200_000, 128, np.float32, processors, ["faiss", "pynndescent"]),
        ("noise", 200_000, 128, np.float32, processors, ["faiss"]),
    ]
    if arguments.quick:
        runs, arguments.rounds = [("surface", 10_000, 64, np.float32, 1, REFERENCES)], 2
    for run in runs:
        compare(arguments, *run)


if __name__ == "__main__":
    main()
