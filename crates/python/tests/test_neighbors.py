"""Indexes, graphs, outlier scores and values of examples."""

import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from cleanlab_rs.data_valuation import data_shapley_knn
from cleanlab_rs.internal.neighbor import features_to_knn, knn_graph, metric, search
from cleanlab_rs.internal.neighbor._plain_search import NearestNeighbors as PlainSearch
from cleanlab_rs.internal.outlier import correct_precision_errors
from cleanlab_rs.outlier import OutOfDistribution


@st.composite
def features(draw, fewest=2):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = rng.normal(size=(draw(st.integers(fewest, 60)), draw(st.integers(1, 6))))
    if draw(st.booleans()):
        rows = rows[rng.integers(0, len(rows), len(rows))]
    return rows.astype(draw(st.sampled_from([np.float64, np.float32])))


def nearest(rows, name, k):
    """The mean distance of every row from its k nearest others, by definition."""
    distances = cdist(rows.astype(float), rows.astype(float), name)
    equal = (rows[:, None] == rows[None]).all(axis=2)
    distances[equal] = 0
    np.fill_diagonal(distances, np.inf)
    return np.sort(distances, axis=1)[:, :k]


@settings(deadline=None, max_examples=60)
@given(features(), st.data())
def test_graph_has_the_nearest_of_all_distances(rows, data):
    k = data.draw(st.integers(1, len(rows) - 1))
    graph, knn = knn_graph.create_knn_graph_and_index(rows, n_neighbors=k)
    name = "cosine" if rows.shape[1] > 3 else "euclidean"
    np.testing.assert_allclose(graph.data.reshape(-1, k), nearest(rows, name, k), rtol=0, atol=1e-12)
    assert graph.shape == (len(rows), len(rows)) and graph.indices.dtype == np.int32
    graph.check_format(full_check=True)
    distances, indices = knn.kneighbors()
    np.testing.assert_array_equal(distances, graph.data.reshape(-1, k))
    assert indices.dtype == np.int64
    queried, positions = knn.kneighbors(rows)
    np.testing.assert_allclose(queried[:, 0], 0, atol=1e-7)
    assert (rows[positions[:, 0]] == rows).all() or name == "cosine"
    means = knn.mean_distances(None, k)
    np.testing.assert_allclose(means, distances.mean(axis=1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(knn.mean_distances(rows, k), queried.mean(axis=1), rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(features(fewest=3), st.data())
def test_correction_by_features_and_by_sets_agree(rows, data):
    k = data.draw(st.integers(1, len(rows) - 1))
    name = data.draw(st.sampled_from(["cosine", "euclidean"]))
    knn = features_to_knn(rows, n_neighbors=k, metric=name)
    # A graph that has overlooked duplicates: neighbours are found among other features.
    graph = knn_graph.construct_knn_graph_from_index(features_to_knn(np.arange(len(rows))[:, None], n_neighbors=k))
    corrected = knn_graph.correct_knn_graph(rows, graph)
    distances, indices = graph.data.reshape(-1, k), graph.indices.reshape(-1, k)
    by_sets = knn_graph.correct_knn_distances_and_indices(
        rows, distances, indices, knn_graph._compute_exact_duplicate_sets(rows)
    )
    by_features = knn_graph.correct_knn_distances_and_indices(rows, distances, indices)
    for (found_distances, found_indices) in (by_sets, by_features):
        np.testing.assert_array_equal(found_distances.reshape(-1), corrected.data)
        np.testing.assert_array_equal(found_indices.reshape(-1), corrected.indices)
    np.testing.assert_array_equal(
        knn_graph.create_knn_graph_and_index(rows, n_neighbors=k, metric=name)[0].data,
        knn_graph.construct_knn_graph_from_index(knn, correction_features=rows).data,
    )


def test_index_is_a_scikit_learn_estimator():
    from sklearn.base import clone
    from sklearn.exceptions import NotFittedError
    from sklearn.neighbors import NearestNeighbors

    rows = np.random.default_rng(0).normal(size=(120, 5))
    knn = features_to_knn(rows)
    assert isinstance(knn, NearestNeighbors) and repr(knn) == "NearestNeighbors(metric='cosine', n_neighbors=10)"
    reference = NearestNeighbors(n_neighbors=10, metric="cosine").fit(rows)
    np.testing.assert_allclose(knn.kneighbors(rows[:4])[0], reference.kneighbors(rows[:4])[0], atol=1e-7)
    graph, expected = (index.kneighbors_graph(mode="distance").toarray() for index in (knn, reference))
    np.testing.assert_allclose(graph, expected, rtol=0, atol=1e-12)
    radius, expected_radius = (index.radius_neighbors(rows[:4], radius=0.5)[1] for index in (knn, reference))
    assert [sorted(found) for found in radius] == [sorted(found) for found in expected_radius]
    with pytest.raises(NotFittedError):
        clone(knn).kneighbors(rows)
    copy = pickle.loads(pickle.dumps(knn))
    np.testing.assert_array_equal(copy.kneighbors(rows[:4])[0], knn.kneighbors(rows[:4])[0])
    other = clone(knn).set_params(metric="manhattan").fit(rows)
    np.testing.assert_array_equal(
        other.kneighbors()[0], NearestNeighbors(n_neighbors=10, metric="manhattan").fit(rows).kneighbors()[0]
    )


def test_index_without_scikit_learn_finds_the_same():
    rows = np.random.default_rng(0).normal(size=(30, 5))
    plain, other = PlainSearch(n_neighbors=3, metric="cosine").fit(rows), features_to_knn(rows, n_neighbors=3)
    for found, expected in zip(plain.kneighbors(rows[:4]), other.kneighbors(rows[:4])):
        np.testing.assert_array_equal(found, expected)
    assert repr(plain) == repr(other)
    assert plain.set_params(n_neighbors=2).get_params() == {"n_neighbors": 2, "metric": "cosine"}
    assert pickle.loads(pickle.dumps(plain)).kneighbors()[1].shape == (30, 2)
    with pytest.raises(ValueError, match="fitted"):
        PlainSearch().kneighbors(rows)
    with pytest.raises(ValueError, match="scikit-learn"):
        PlainSearch(metric="manhattan")


def test_other_metrics_are_left_to_scikit_learn():
    rows = np.random.default_rng(0).normal(size=(30, 5))
    knn = features_to_knn(rows, metric="manhattan", algorithm="brute")
    assert not search.is_exact_search(knn) and knn.metric == "manhattan"
    graph, _ = knn_graph.create_knn_graph_and_index(rows, n_neighbors=4, metric="manhattan")
    np.testing.assert_allclose(graph.data.reshape(-1, 4), nearest(rows, "cityblock", 4))
    assert metric.decide_default_metric(rows[:, :2]) is not None
    assert metric.decide_default_metric(np.zeros((101, 2))) == "euclidean"


@pytest.mark.parametrize(
    ("rows", "k"),
    [
        (np.zeros((3, 2)), 3),
        (np.zeros((3, 2)), -1),
        (np.zeros((1, 2)), None),
        (np.zeros((3, 0)), 1),
        (np.array([[0.0], [np.nan], [1.0]]), 1),
        (np.array([[0.0], [1e300], [1.0]]), 1),
        (np.zeros(3), 1),
    ],
)
def test_bad_features_are_refused(rows, k):
    with pytest.raises(ValueError):
        knn_graph.create_knn_graph_and_index(rows, n_neighbors=k)


def csr(indptr, indices, data, n_rows=3):
    """A sparse matrix that nobody has checked."""
    graph = csr_matrix((n_rows, n_rows))
    graph.indptr, graph.indices, graph.data = (np.array(part) for part in (indptr, indices, data))
    return graph


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (csr([0, 2, 1, 3], [1, 2, 0], [0.1, 0.2, 0.1]), "starts at entry 2 but ends at 1"),
        (csr([0, 1, 2, 3], [1, 0, 3], [0.1, 0.1, 0.1]), "row 3"),
        (csr([0, 1, 2, 3], [1, 0, 2**40], [0.1, 0.1, 0.1]), "3 rows"),
        (csr([0, 1, 2, 3], [1, 0, -1], [0.1, 0.1, 0.1]), "-1"),
        (csr([0, 1, 2, 3], [1, 0, 2], [0.1, 0.1, 0.1]), "own neighbour"),
        (csr([0, 1, 3, 4], [1, 0, 2, 0], [0.1] * 4), "same number"),
        (csr([0, -1, 2, 3], [1, 0, 0], [0.1] * 3), "negative"),
        (csr([0, 1, 2, 9], [1, 0, 0], [0.1] * 3), "neighbours"),
        (csr([0, 1, 2, 3], [1, 0], [0.1] * 3), "indices"),
        (csr([0, 1, 2, 3], [1, 0, 0], [0.1] * 2), "distances"),
        (csr([0, 1, 2, 3], [1, 0, 0], [0.1, np.nan, 0.1]), "distances are finite"),
        (csr([0, 2, 4, 6], [1, 2, 0, 2, 1, 0], [0.2, 0.1, 0.1, 0.1, 0.1, 0.1]), "sort each row"),
        (csr([0, 2, 4, 6], [1, 1, 0, 2, 1, 0], [0.1] * 6), "more than once"),
        (csr([], [], []), "0 rows"),
        (csr([0], [], []), "0 rows"),
    ],
)
def test_malformed_graphs_are_refused(graph, expected):
    with pytest.raises(ValueError, match=expected):
        data_shapley_knn(np.array([0, 1, 0]), knn_graph=graph, k=1)
    with pytest.raises(ValueError, match=expected):
        knn_graph.correct_knn_graph(np.zeros((3, 1)), graph)


def test_graph_of_other_kinds_is_refused():
    with pytest.raises(TypeError, match="csr_matrix"):
        data_shapley_knn(np.array([0, 1, 0]), knn_graph=np.zeros((3, 3)), k=1)


def shapley(labels, indices, k):
    """By the recursion of the paper."""
    values = np.zeros((len(labels), len(labels)))
    for value, neighbors, label in zip(values, indices, labels):
        matches = [float(labels[neighbor] == label) for neighbor in neighbors]
        for j in range(k - 2, -1, -1):
            value[neighbors[j]] = value[neighbors[j + 1]] + matches[j] - matches[j + 1]
    return 0.5 * ((values / k).mean(axis=0) + 1)


@settings(deadline=None, max_examples=40)
@given(features(fewest=4), st.data())
def test_values_are_those_of_the_recursion(rows, data):
    k = data.draw(st.integers(1, len(rows) - 1))
    kind = data.draw(st.sampled_from(["int", "float", "nan", "text", "object", "bool"]))
    labels = np.arange(len(rows)) ** 2 % 3
    labels = {
        "int": labels,
        "float": labels / 4,
        "nan": np.where(labels == 1, np.nan, labels),
        "text": np.array(["a", "b", "c"])[labels],
        "object": np.array([0, "b", None], dtype=object)[labels],
        "bool": labels == 0,
    }[kind]
    graph, _ = knn_graph.create_knn_graph_and_index(rows, n_neighbors=k)
    expected = shapley(labels, graph.indices.reshape(-1, k), k)
    np.testing.assert_allclose(data_shapley_knn(labels, features=rows, k=k), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(data_shapley_knn(labels, knn_graph=graph, k=k), expected, rtol=0, atol=1e-12)


def test_values_of_nothing_to_search_by_are_refused():
    labels = np.array([0, 1, 0, 1])
    for options in ({}, {"features": np.zeros((4, 2)), "k": 4}, {"features": np.zeros((4, 2)), "k": 0}):
        with pytest.raises(ValueError):
            data_shapley_knn(labels, **options)
    with pytest.raises(ValueError):
        data_shapley_knn(labels[:3], features=np.zeros((4, 2)), k=2)
    with pytest.raises(ValueError):
        data_shapley_knn(np.zeros((4, 2)), features=np.zeros((4, 2)), k=2)


@settings(deadline=None, max_examples=40)
@given(features(fewest=3), st.data())
def test_outlier_scores_are_those_of_the_formula(rows, data):
    k = data.draw(st.integers(1, len(rows) - 1))
    t = data.draw(st.sampled_from([1, 3]))
    ood = OutOfDistribution({"k": k, "t": t})
    scores = ood.fit_score(features=rows, verbose=False)
    name = "cosine" if rows.shape[1] > 3 else "euclidean"
    means = nearest(rows, name, k).mean(axis=1)
    scale = max(np.median(means), 100 * np.finfo(float).eps)
    assert ood.params["scaling_factor"] == pytest.approx(scale, abs=1e-12)
    expected = correct_precision_errors(np.exp(-t * means / max(scale, 1e-6)), means, name)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-7)
    assert ood.score(features=rows).shape == scores.shape


def test_outlier_index_of_the_callers_own_is_used():
    class Approximate:
        n_neighbors, metric = 2, "cosine"

        def kneighbors(self, rows):
            return np.array([[0.5, 1.0]] * len(rows)), np.zeros((len(rows), 2), dtype=int)

    ood = OutOfDistribution({"knn": Approximate(), "k": 1})
    np.testing.assert_allclose(ood.score(features=np.zeros((3, 4))), np.exp(-1.0))
    with pytest.warns(UserWarning, match="k=2 is used"):
        OutOfDistribution({"knn": Approximate(), "k": 5}).score(features=np.zeros((3, 4)))
    with pytest.warns(UserWarning, match="kept"):
        ood.fit(features=np.zeros((3, 4)))


def test_outlier_scores_of_probabilities_adjust_by_thresholds():
    rng = np.random.default_rng(0)
    pred_probs, labels = rng.dirichlet(np.ones(3), 50), rng.integers(0, 3, 50)
    ood = OutOfDistribution()
    scores = ood.fit_score(pred_probs=pred_probs, labels=labels, verbose=False)
    thresholds = ood.params["confident_thresholds"]
    adjusted = pred_probs - thresholds + thresholds.max()
    adjusted /= adjusted.sum(axis=1, keepdims=True)
    entropy = -(adjusted * np.log(adjusted)).sum(axis=1) / np.log(3)
    np.testing.assert_allclose(scores, 1 - entropy, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(ood.score(pred_probs=pred_probs), scores)
    plain = OutOfDistribution({"adjust_pred_probs": False, "method": "least_confidence"})
    np.testing.assert_array_equal(plain.score(pred_probs=pred_probs), pred_probs.max(axis=1))
    with pytest.warns(UserWarning, match="nothing to fit"):
        plain.fit(pred_probs=pred_probs, verbose=False)


def test_outlier_arguments_that_do_not_fit_are_refused(capsys):
    pred_probs = np.full((4, 2), 0.5)
    for params in ({"neighbors": 3}, {"scaling_factor": 1.0}):
        with pytest.raises(ValueError, match="unknown"):
            OutOfDistribution(params)
    ood = OutOfDistribution()
    for arguments in (
        {},
        {"features": pred_probs, "pred_probs": pred_probs},
        {"features": np.zeros(3)},
        {"pred_probs": pred_probs},
    ):
        with pytest.raises(ValueError):
            ood.fit(**arguments)
        with pytest.raises(ValueError):
            ood.score(**arguments)
    with pytest.raises(ValueError, match="features"):
        ood.score(features=pred_probs)
    with pytest.raises(ValueError, match="guess"):
        OutOfDistribution({"method": "guess", "adjust_pred_probs": False}).score(pred_probs=pred_probs)
    capsys.readouterr()
    OutOfDistribution({"method": "gen"})
    assert "CAUTION" in capsys.readouterr().out
    ood.fit(features=np.arange(6.0).reshape(3, 2))
    assert capsys.readouterr().out == "Fitting OOD estimator based on provided features ...\n"


def test_fitted_outlier_model_is_pickled():
    rows = np.random.default_rng(0).normal(size=(30, 4))
    ood = OutOfDistribution({"k": 3})
    ood.fit(features=rows, verbose=False)
    scores = ood.score(features=rows[:5])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(ood)).score(features=rows[:5]), scores)


def test_search_ends_within_a_second_of_an_interruption():
    rows = np.random.default_rng(0).normal(size=(40_000, 32))
    sent = []

    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.5, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            knn_graph.create_knn_graph_and_index(rows)
    assert time.monotonic() - sent[0] < 1


@pytest.mark.parametrize("k", [20, 2**40, 2**70])
def test_more_neighbours_than_rows_are_refused(k):
    rows = np.random.default_rng(0).normal(size=(20, 5))
    knn, labels = features_to_knn(rows), np.arange(20) % 2
    graph, _ = knn_graph.create_knn_graph_and_index(rows)
    for call in (
        lambda: knn.kneighbors(None, k),
        lambda: knn.kneighbors(rows, k + 1),
        lambda: features_to_knn(rows, n_neighbors=k),
        lambda: data_shapley_knn(labels, features=rows, k=k),
        lambda: data_shapley_knn(labels, knn_graph=graph, k=k),
    ):
        with pytest.raises(ValueError):
            call()


def test_graph_that_does_not_fit_into_memory_is_refused():
    rows = np.arange(3e7)[:, None]
    with pytest.raises(MemoryError, match="rows"):
        knn_graph.create_knn_graph_and_index(rows, n_neighbors=2 * 10**7)
