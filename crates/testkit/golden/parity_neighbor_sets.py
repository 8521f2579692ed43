"""Near-duplicate sets of graphs, and the clusters that they form.

cleanlab makes the sets; it has no clusters, so those are SciPy's connected components of the sets.
"""

from reference_cases import main

import numpy as np
from cleanlab.datalab.internal.issue_manager.duplicate import NearDuplicateIssueManager
from cleanlab.internal.constants import EPSILON
from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index
from parity_neighbors_outlier import random_features, random_size
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components


def random_graph(rng, n, x):
    k = int(rng.integers(1, min(n, 13)))
    if rng.random() < 0.7:
        graph, _ = create_knn_graph_and_index(x, n_neighbors=k)
        # In row order, as it is used.
        return graph.indices.reshape(n, -1).astype(int), graph.data.reshape(n, -1)
    indices = np.array([rng.permutation(np.delete(np.arange(n), i))[:k] for i in range(n)])
    distances = np.sort(np.round(rng.random((n, k)) ** 2, int(rng.integers(1, 5))), axis=1)
    return indices, distances


def write_case(write, rng, golden):
    n, d = random_size(rng, golden)
    n = write.kept_count(n)
    x, _ = random_features(rng, n, d)
    indices, distances = random_graph(rng, n, x)
    # Rounding can leave cosine distances of parallel rows out of order by an ulp.
    distances = np.maximum.accumulate(np.maximum(distances, 0), axis=1)
    k = indices.shape[1]
    graph = csr_matrix((distances.ravel(), indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    write.input("indices", indices)
    write.input("distances", distances)
    median = max(np.median(distances[:, 0]), EPSILON)
    for threshold in (0.0, 0.13, 1.0, float(rng.choice([0.01, 0.5, 2, 1000]))):
        sets = NearDuplicateIssueManager._neighbors_within_radius(graph, threshold, median)
        lengths = np.array([len(near) for near in sets])
        members = np.concatenate(sets).astype(int)
        rows = np.repeat(np.arange(n), lengths)
        joined = csr_matrix((np.ones(len(rows)), (rows, members)), shape=(n, n))
        _, component = connected_components(joined, directed=False)
        # Clusters numbered in the order of their first rows, -1 for rows that none is near.
        numbers = {}
        clusters = [numbers.setdefault(component[i], len(numbers)) if lengths[i] else -1 for i in range(n)]
        write.check("neighbors_within_radius",
                    {"lengths": lengths, "members": members, "clusters": np.array(clusters)},
                    radius=float(threshold * median))


if __name__ == "__main__":
    main(__doc__, "neighbor-sets", write_case)
