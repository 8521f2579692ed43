"""KNN-Shapley values beside cleanlab's, from a graph that both sides are given and from features."""

import made_data
from interleaved import DataSet, Peer, Row, main, within

K = 10
CLEANLAB = [Peer("cleanlab")]


def with_graph(n, p):
    from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index

    arrays = made_data.valued(n, p, K)
    graph, _ = create_knn_graph_and_index(arrays["features"], n_neighbors=K)
    indices, distances = graph.indices.reshape(n, -1), graph.data.reshape(n, -1)
    return {**arrays, "indices": indices.astype(float), "distances": distances}


def prepare(arrays):
    import numpy as np
    from scipy.sparse import csr_matrix

    n, k = arrays.indices.shape
    starts = np.arange(0, n * k + 1, k)
    arrays.graph = csr_matrix((arrays.distances.ravel(), arrays.indices.ravel().astype(np.int64), starts), (n, n))


def shapley_of_graph(arrays, _):
    from cleanlab.data_valuation import data_shapley_knn

    return data_shapley_knn(arrays.labels, knn_graph=arrays.graph)


def shapley_of_features(arrays, _):
    from cleanlab.data_valuation import data_shapley_knn

    return data_shapley_knn(arrays.labels, features=arrays.features)


def data_sets():
    for n, p in [(2_000, 32), (20_000, 32)]:
        rows = [
            Row(
                "from a graph",
                "neighbors.shapley_of_graph",
                peers=CLEANLAB,
                target={"ratio": 1000} if n == 20_000 else None,
                agreement=within(1e-12),
            ),
            Row(
                "from features",
                "neighbors.shapley_of_features",
                str(K),
                peers=CLEANLAB,
                agreement=within(1e-12),
            ),
        ]
        yield DataSet(
            f"{n:,} × {p}",
            lambda n=n, p=p: with_graph(n, p),
            rows,
            inputs=("features", "labels"),
            quick=n == 2_000,
        )


CALLS = {
    "imports": ["cleanlab.data_valuation"],
    "prepare": prepare,
    "neighbors.shapley_of_graph": shapley_of_graph,
    "neighbors.shapley_of_features": shapley_of_features,
}

if __name__ == "__main__":
    main("data-valuation", __doc__, __file__, CALLS, data_sets)
