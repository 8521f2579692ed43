"""Graphs of ten nearest neighbours beside scikit-learn's brute force, faiss's flat index and pynndescent."""

import os

import made_data
import numpy as np
from interleaved import CORES, MATRIX_PRODUCT, DataSet, Peer, Row, main

K = 10
SAMPLE = 200


def settings(library, threads):
    return [Peer(f"{library} one thread", {"library": library}, 1)] * (1 in threads) + [
        Peer(f"{library} all threads", {"library": library}, CORES)
    ] * (CORES in threads)


def prepare(arrays):
    """pynndescent compiles in its first calls, which are no part of any time."""
    if os.environ.get("NUMBA_NUM_THREADS") == str(CORES):
        few = np.random.default_rng(0).standard_normal((3_000, arrays.features.shape[1])).astype(np.float32)
        for metric in ("cosine", "euclidean"):
            by_pynndescent(few, metric)


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


def by_pynndescent(features, metric):
    from pynndescent import NNDescent

    rows = np.ascontiguousarray(features, dtype=np.float32)
    return NNDescent(rows, metric=metric, n_neighbors=K + 1, random_state=0).neighbor_graph[0][:, 1:]


LIBRARIES = {"scikit-learn": by_sklearn, "faiss": by_faiss, "pynndescent": by_pynndescent}


def knn_graph(arrays, argument, library):
    indices = LIBRARIES[library](arrays.features, argument.split()[0])
    return {"values": indices.ravel().astype(float)}


class Recall:
    """The share of exact neighbours, by distances in f64, of some rows; an exact search may miss one where two
    distances differ in their last digits alone."""

    def __init__(self, least, features, metric):
        self.least, self.features, self.metric = least, features, metric
        self.nearest = None

    def exact(self, features):
        """For each row of the sample the distance of its K-th neighbour, and all distances."""
        sample = np.linspace(0, len(features) - 1, SAMPLE).astype(int)
        norms = np.linalg.norm(features, axis=1) if self.metric == "cosine" else None
        found = []
        for row in sample:
            x = features[row].astype(np.float64)
            if self.metric == "cosine":
                distances = -(features @ x) / norms
            else:
                distances = ((features - x) ** 2).sum(axis=1)
            distances[row] = np.inf
            found.append((row, np.argpartition(distances, K)[:K]))
        return found

    def __call__(self, here, there, _):
        if self.nearest is None:
            self.nearest = self.exact(self.features())
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
        # kind, rows, features, type, settings of the flat indices, whether scikit-learn takes part
        ("noise", 50_000, 512, np.float32, everyone, True),
        ("surface", 50_000, 512, np.float32, [CORES], True),
        ("clusters", 50_000, 512, np.float64, [CORES], True),
        ("surface", 200_000, 128, np.float32, [CORES], False),
        ("noise", 200_000, 128, np.float32, [CORES], False),
        ("surface", 10_000, 64, np.float32, everyone, True),
    ]
    for kind, n, p, dtype, threads, with_sklearn in sets:
        def make(kind=kind, n=n, p=p, dtype=dtype):
            return made_data.rows_of(kind, n, p, dtype)

        rows = []
        for metric in ("cosine", "euclidean"):
            rows += rows_of(metric, make, threads, with_sklearn, 3 if n < 100_000 else 1)
        yield DataSet(
            f"{kind}, {n:,} × {p}, {np.dtype(dtype).name.replace('float', 'f')}",
            make,
            rows,
            inputs=("features",),
            quick=n == 10_000,
        )


def rows_of(metric, make, threads, with_sklearn, limit_ratio):
    def features():
        return make()["features"]

    kinds = ("one", "all") if 1 in threads else ("all",)
    sklearn = settings("scikit-learn", threads) if with_sklearn else []
    faiss = settings("faiss", threads)
    pynndescent = settings("pynndescent", [CORES])
    against = [([peer.name for peer in faiss], {"ratio": 1, "limit": 1.3})]
    if sklearn:
        against.insert(0, ([peer.name for peer in sklearn], {"ratio": limit_ratio, "limit": 1.3}))
    yield Row(
        f"exact, {metric}",
        "neighbors.exact",
        f"{metric} {K}",
        peer_call="neighbors.knn_graph",
        peers=[*sklearn, *faiss],
        against=against,
        limit=MATRIX_PRODUCT,
        agreement=Recall(0.9995, features, metric),
        threads=kinds,
        slow=True,
    )
    yield Row(
        f"approximate, {metric}",
        "neighbors.approximate",
        f"{metric} {K}",
        peer_call="neighbors.knn_graph",
        peers=pynndescent,
        target={"ratio": 1},
        agreement=Recall(0.99, features, metric),
        threads=("all",),
        slow=True,
    )


CALLS = {"imports": ["sklearn.neighbors", "faiss"], "prepare": prepare, "neighbors.knn_graph": knn_graph}

if __name__ == "__main__":
    main("neighbors", __doc__, __file__, CALLS, data_sets)
