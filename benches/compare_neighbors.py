"""Graphs of ten nearest neighbours beside scikit-learn's brute force, faiss's flat index and pynndescent."""

import os

import made_data
import numpy as np
from interleaved import CORES, MATRIX_PRODUCT, DataSet, Peer, Row, main

K = 10
# Rows whose neighbours are compared; a recall of 0.99 is then known to within 0.001 or so.
SAMPLE = 2_000
# For how many neighbours pynndescent has to be asked so that 99 % of the ten nearest are among them: the smallest of
# 11, 15, 20 and 30 that does it.
ASKED_OF_PYNNDESCENT = {"clustered": 15, "unclustered": 20}


def settings(library, threads):
    return [Peer(f"{library} one thread", {"library": library}, 1)] * (1 in threads) + [
        Peer(f"{library} all threads", {"library": library}, CORES)
    ] * (CORES in threads)


def prepare(arrays):
    """pynndescent compiles in its first calls, which are no part of any time."""
    if os.environ.get("NUMBA_NUM_THREADS") == str(CORES):
        few = np.random.default_rng(0).standard_normal((3_000, arrays.features.shape[1])).astype(np.float32)
        for metric in ("cosine", "euclidean"):
            by_pynndescent(few, metric, 15)


def by_sklearn(features, metric):
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=K, metric=metric, algorithm="brute").fit(features).kneighbors()[1]


def by_faiss(features, metric):
    import faiss

    rows = np.ascontiguousarray(features, dtype=np.float32)
    if metric == "cosine":
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    index = (faiss.IndexFlatIP if metric == "cosine" else faiss.IndexFlatL2)(rows.shape[1])
    index.add(rows)
    return index.search(rows, K + 1)[1][:, 1:]


def by_pynndescent(features, metric, asked):
    from pynndescent import NNDescent

    rows = np.ascontiguousarray(features, dtype=np.float32)
    graph = NNDescent(rows, metric=metric, n_neighbors=asked, random_state=0).neighbor_graph
    return graph[0][:, 1 : K + 1]


EXACT = {"scikit-learn": by_sklearn, "faiss": by_faiss}


def knn_graph(arrays, argument, library):
    metric = argument.split()[0]
    if library in EXACT:
        indices = EXACT[library](arrays.features, metric)
    else:
        indices = by_pynndescent(arrays.features, metric, int(library))
    return {"values": indices.ravel().astype(float)}


class Recall:
    """The share of exact neighbours, by distances in f64, of some rows; an exact search may miss one where two
    distances differ in their last digits alone."""

    def __init__(self, least, make, metric):
        self.least, self.make, self.metric = least, make, metric
        self.nearest = None

    def exact(self, features):
        """For each row of the sample its nearest K, in f64 among those that are near in f32."""
        sample = np.linspace(0, len(features) - 1, SAMPLE).astype(int)
        rows = np.ascontiguousarray(features, dtype=np.float32)
        if self.metric == "cosine":
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        squares = (rows**2).sum(axis=1)
        found = []
        for part in np.array_split(sample, SAMPLE // 100):
            rough = squares - 2 * (rows[part] @ rows.T)
            for row, distances in zip(part, rough):
                distances[row] = np.inf
                near = np.argpartition(distances, 5 * K)[: 5 * K]
                exact = self.distances(features[near].astype(float), features[row].astype(float))
                found.append((row, near[np.argsort(exact, kind="stable")[:K]]))
        return found

    def distances(self, rows, row):
        if self.metric == "cosine":
            return -(rows @ row) / np.linalg.norm(rows, axis=1)
        return ((rows - row) ** 2).sum(axis=1)

    def __call__(self, here, there, _):
        if self.nearest is None:
            self.nearest = self.exact(self.make()["features"])
        return self.verdict(here, there)

    def share(self, indices):
        indices = indices.reshape(-1, K)
        right = sum(len(np.intersect1d(near, indices[row])) for row, near in self.nearest)
        return right / (K * len(self.nearest))

    def verdict(self, here, there):
        mine, theirs = self.share(here), self.share(there)
        return mine >= self.least, f"recall {mine:.4f} here, {theirs:.4f} there"


def data_sets():
    everyone = [1, CORES]
    sets = [
        # kind, rows, features, settings of the exact searches; none if only the approximate one is measured
        ("noise", 50_000, 512, everyone),
        ("clustered", 50_000, 512, [CORES]),
        ("unclustered", 50_000, 512, []),
        ("clustered", 200_000, 128, []),
        ("unclustered", 200_000, 128, []),
        ("clustered", 10_000, 64, everyone),
    ]
    for kind, n, p, threads in sets:
        def make(kind=kind, n=n, p=p):
            return made_data.rows_of(kind, n, p)

        rows = []
        for metric in ("cosine", "euclidean"):
            if threads:
                rows.append(exact(metric, make, threads))
            if kind in ASKED_OF_PYNNDESCENT:
                rows.append(approximate(metric, make, ASKED_OF_PYNNDESCENT[kind]))
        yield DataSet(f"{kind}, {n:,} × {p}, f32", make, rows, inputs=("features",), quick=n == 10_000)


def exact(metric, make, threads):
    sklearn, faiss = settings("scikit-learn", threads), settings("faiss", threads)
    return Row(
        f"exact, {metric}",
        "neighbors.exact",
        f"{metric} {K}",
        peer_call="neighbors.knn_graph",
        peers=[*sklearn, *faiss],
        against=[
            ([peer.name for peer in sklearn], {"ratio": 3, "limit": 1.3}),
            ([peer.name for peer in faiss], {"ratio": 1, "limit": 1.3}),
        ],
        limit=MATRIX_PRODUCT,
        agreement=Recall(0.9995, make, metric),
        threads=("one", "all") if 1 in threads else ("all",),
        slow=True,
    )


def approximate(metric, make, asked):
    return Row(
        f"approximate, {metric}",
        "neighbors.approximate",
        f"{metric} {K}",
        peer_call="neighbors.knn_graph",
        peers=[Peer(f"pynndescent n_neighbors={asked}", {"library": str(asked)}, CORES)],
        target={"ratio": 1},
        agreement=Recall(0.99, make, metric),
        threads=("all",),
        slow=True,
    )


CALLS = {"imports": ["sklearn.neighbors", "faiss"], "prepare": prepare, "neighbors.knn_graph": knn_graph}

if __name__ == "__main__":
    main("neighbors", __doc__, __file__, CALLS, data_sets)
