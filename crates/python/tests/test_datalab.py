"""Audits: which checks are made of what is given, what they find, and what is kept, shown and saved of it."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from cleanlab_rs import Datalab, IssueManager
from cleanlab_rs.datalab.internal import issue_manager as managers
from cleanlab_rs.datalab.internal.issue_manager_factory import REGISTRY, list_default_issue_types, register
from cleanlab_rs.datalab.internal.task import Task

DEFAULTS = ["null", "label", "outlier", "near_duplicate", "non_iid", "class_imbalance", "underperforming_group"]


@pytest.fixture(scope="module")
def points():
    """Features, labels and probabilities of three groups, some labels wrong, one row far off, two almost the same."""
    rng = np.random.default_rng(7)
    true = rng.integers(0, 3, 150)
    features = rng.normal(size=(150, 3)) + 6 * np.eye(3)[true]
    features[7] = 60
    features[9] = features[8] + 1e-7
    labels = np.where(rng.random(150) < 0.1, (true + 1) % 3, true)
    pred_probs = rng.dirichlet(np.ones(3), 150) * 0.3 + 0.7 * np.eye(3)[true]
    return features, np.array(["ant", "bee", "cow"])[labels], pred_probs


@pytest.fixture
def lab(points):
    features, labels, pred_probs = points
    lab = Datalab({"y": labels, "x": features[:, 0]}, label_name="y", verbosity=0)
    lab.find_issues(features=features, pred_probs=pred_probs)
    return lab


def neighbors_of(features, k=10):
    distances = cdist(features, features)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return nearest, np.take_along_axis(distances, nearest, axis=1)


def graph_of(features, k=10):
    nearest, distances = neighbors_of(features, k)
    starts = np.arange(0, nearest.size + 1, k)
    return csr_matrix((distances.ravel(), nearest.ravel(), starts), shape=(len(features),) * 2)


class TestChecks:
    def test_of_features_and_predictions_are_all_made(self, lab):
        assert lab.issue_summary["issue_type"].tolist() == DEFAULTS
        assert lab.issues.shape == (150, 14)
        for name in DEFAULTS:
            assert lab.issues[f"is_{name}_issue"].dtype == bool
            assert lab.issues[f"{name}_score"].between(0, 1).all()
            line = lab.get_issue_summary(name)
            assert line["num_issues"][0] == lab.issues[f"is_{name}_issue"].sum()

    def test_find_what_is_wrong(self, lab, points):
        assert lab.issues["is_outlier_issue"][7]
        assert lab.issues["is_near_duplicate_issue"][[8, 9]].all()
        assert [near.tolist() for near in lab.get_issues("near_duplicate")["near_duplicate_sets"][[8, 9]]] == [[9], [8]]
        wrong = lab.get_issues("label").query("is_label_issue")
        assert len(wrong) and (wrong["given_label"] != wrong["predicted_label"]).all()
        assert set(wrong["predicted_label"]) <= set(points[1])

    @pytest.mark.parametrize(
        "given, made",
        [
            ("pred_probs", ["label", "outlier", "non_iid", "class_imbalance"]),
            ("features", ["null", "label", "outlier", "near_duplicate", "non_iid", "class_imbalance"]),
            ("knn_graph", ["outlier", "near_duplicate", "non_iid", "class_imbalance"]),
        ],
    )
    def test_need_what_they_look_at(self, points, given, made):
        features, labels, pred_probs = points
        inputs = {"pred_probs": pred_probs, "features": features, "knn_graph": graph_of(features)}
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        lab.find_issues(**{given: inputs[given]})
        assert lab.issue_summary["issue_type"].tolist() == made

    def test_without_labels_need_none(self, points):
        lab = Datalab({"x": points[0][:, 0]}, verbosity=0)
        with pytest.warns(UserWarning, match="No labels are there"):
            lab.find_issues(features=points[0])
        assert lab.issue_summary["issue_type"].tolist() == ["null", "outlier", "near_duplicate", "non_iid"]
        assert (lab.has_labels, lab.class_names, len(lab.labels)) == (False, [], 0)

    def test_made_again_replace_their_results(self, lab, points):
        before = lab.get_issues("outlier")["is_outlier_issue"].sum()
        with pytest.warns(UserWarning, match="Overwriting"):
            lab.find_issues(features=points[0], issue_types={"outlier": {"threshold": 0.9}})
        assert lab.get_issues("outlier")["is_outlier_issue"].sum() > before
        assert lab.issue_summary["issue_type"].tolist() == [*(name for name in DEFAULTS if name != "outlier"), "outlier"]

    def test_that_fail_are_announced_and_the_others_made(self, points, capsys):
        features = points[0].copy()
        features[3, 0] = np.nan
        lab = Datalab({"y": points[1]}, label_name="y")
        lab.find_issues(features=features, issue_types={"outlier": {}, "null": {}})
        printed = capsys.readouterr().out
        assert "Error in outlier: " in printed and "NaN" in printed
        assert "Failed to check for these issue types: [OutlierIssueManager]" in printed
        assert lab.issue_summary["issue_type"].tolist() == ["null"]

    def test_that_there_are_not_are_refused(self, lab):
        with pytest.raises(ValueError, match="no check 'foo'"):
            lab.find_issues(issue_types={"foo": {}})
        with pytest.warns(UserWarning, match="names no check"):
            lab.find_issues(issue_types={})

    def test_of_other_lengths_are_refused(self, lab, points):
        with pytest.raises(ValueError, match="`features` has 149 rows, but the data have 150"):
            lab.find_issues(features=points[0][1:])

    def test_leave_what_they_are_given(self, points):
        features, labels, pred_probs = points
        copies = [features.copy(), labels.copy(), pred_probs.copy()]
        types = {"outlier": {"k": 5, "ood_kwargs": {}}, "label": {"clean_learning_kwargs": {"cv_n_folds": 3}}}
        data = {"y": labels}
        lab = Datalab(data, label_name="y", verbosity=0)
        lab.find_issues(features=features, pred_probs=pred_probs, issue_types=types)
        assert types == {"outlier": {"k": 5, "ood_kwargs": {}}, "label": {"clean_learning_kwargs": {"cv_n_folds": 3}}}
        assert list(data) == ["y"]
        for before, after in zip(copies, points):
            np.testing.assert_array_equal(before, after)


class TestValues:
    """Results against their definitions."""

    def test_of_outliers(self, lab, points):
        distances = neighbors_of(points[0])[1].mean(axis=1)
        first, third = np.percentile(distances, [25, 75])
        threshold = third + (1 / 0.37037 - 1) * (third - first)
        found = lab.get_issues("outlier")
        np.testing.assert_allclose(found["outlier_score"], np.exp(-distances / np.median(distances)), atol=1e-9)
        np.testing.assert_array_equal(found["is_outlier_issue"], distances > threshold)
        assert lab.get_info("outlier")["issue_threshold"] == pytest.approx(threshold)

    def test_of_near_duplicates(self, points):
        features = np.repeat(points[0][:60], 2, axis=0) + np.random.default_rng(0).normal(size=(120, 3)) * 0.05
        nearest, distances = neighbors_of(features)
        lab = Datalab({"x": features[:, 0]}, verbosity=0)
        lab.find_issues(features=features, issue_types={"near_duplicate": {"threshold": 0.9}})
        is_near = distances < 0.9 * np.median(distances[:, 0])
        sets = [nearest[row][is_near[row]].tolist() for row in range(120)]
        for row in range(120):
            for other in list(sets[row]):
                if row not in sets[other]:
                    sets[other].append(row)
        found = lab.get_issues("near_duplicate")
        assert [near.tolist() for near in found["near_duplicate_sets"]] == sets
        np.testing.assert_array_equal(found["is_near_duplicate_issue"], [len(near) > 0 for near in sets])

    def test_of_order(self, points):
        """Native code and NumPy give the same, and NumPy's global state goes on as if NumPy had drawn."""
        from cleanlab_rs import _native
        from cleanlab_rs.datalab.internal.issue_manager.noniid import _p_value, _row_scores

        graph = graph_of(points[0])
        neighbors = graph.indices.reshape(150, -1)
        p_value, scores = _native.non_iid((graph.indptr, graph.indices, graph.data), 25, 3)
        np.random.seed(3)
        orders = [np.random.permutation(150) for _ in range(25)]
        after = np.random.random()
        assert p_value == pytest.approx(_p_value(neighbors, iter(orders)), abs=1e-12)
        np.testing.assert_allclose(scores, _row_scores(neighbors), atol=1e-12)
        lab = Datalab({"x": np.arange(150)}, verbosity=0)
        lab.find_issues(knn_graph=graph, issue_types={"non_iid": {"seed": 3}})
        assert np.random.random() == after
        assert lab.get_info("non_iid")["p-value"] == p_value

    def test_of_drift(self):
        features = np.cumsum(np.random.default_rng(1).normal(size=(200, 2)), axis=0)
        lab = Datalab({"x": features[:, 0]}, verbosity=0)
        lab.find_issues(features=features, issue_types={"non_iid": {}})
        assert lab.issues["is_non_iid_issue"].sum() == 1
        assert lab.get_issue_summary("non_iid")["score"][0] < 0.01

    def test_of_a_graph_with_rows_as_their_own_neighbors(self, points):
        nearest, distances = neighbors_of(points[0], 4)
        nearest = np.hstack([np.arange(150)[:, None], nearest])
        distances = np.hstack([np.zeros((150, 1)), distances])
        graph = csr_matrix((distances.ravel(), nearest.ravel(), np.arange(0, 751, 5)), shape=(150, 150))
        lab = Datalab({"x": points[0][:, 0]}, verbosity=0)
        lab.find_issues(knn_graph=graph, issue_types={"non_iid": {}, "near_duplicate": {}, "outlier": {}})
        assert len(lab.issue_summary) == 3
        assert lab.issues["is_near_duplicate_issue"].all()

    def test_of_imbalance(self):
        labels = ["rare"] * 2 + ["often"] * 60 + ["also"] * 60
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        lab.find_issues(issue_types={"class_imbalance": {}})
        assert lab.get_issues("class_imbalance").query("is_class_imbalance_issue").index.tolist() == [0, 1]
        assert lab.get_info("class_imbalance")["Rarest Class"] == "rare"
        assert lab.get_issue_summary("class_imbalance")["score"][0] == pytest.approx(2 / 122)

    def test_of_missing_values(self):
        features = np.array([[1, np.nan, 2], [np.nan] * 3, [1, 2, 3], [4, np.nan, 5]])
        for form in (features, features.astype(object), pd.DataFrame(features)):
            lab = Datalab({"x": range(4)}, verbosity=0)
            lab.find_issues(features=form, issue_types={"null": {}})
            info = lab.get_info("null")
            assert lab.issues["is_null_issue"].tolist() == [False, True, False, False]
            np.testing.assert_allclose(lab.issues["null_score"], [2 / 3, 0, 1, 2 / 3])
            assert info["most_common_issue"] == {"pattern": "010", "rows_affected": [0, 3], "count": 2}
            assert info["column_impact"] == [0.25, 0.75, 0.25]

    def test_of_groups_the_worst_one_is_flagged(self):
        groups = np.repeat([0, 1, 2, -1], [10, 10, 20, 5])
        labels = np.arange(45) % 2
        confidence = np.array([0.3, 0.35, 0.9, 0.0])[groups]
        pred_probs = np.where(np.eye(2)[labels] == 1, confidence[:, None], 1 - confidence[:, None])
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        types = {"underperforming_group": {"cluster_ids": groups, "threshold": 0.9}}
        lab.find_issues(pred_probs=pred_probs, issue_types=types)
        mean = (0.3 * 10 + 0.35 * 10 + 0.9 * 20) / 40
        scores = np.array([0.3 / mean, 0.35 / mean, 1, 1])[groups]
        np.testing.assert_array_equal(lab.issues["is_underperforming_group_issue"], groups == 0)
        np.testing.assert_allclose(lab.issues["underperforming_group_score"], scores)
        assert lab.get_info("underperforming_group")["clustering"]["stats"]["underperforming_cluster_id"] == 0

    def test_of_groups_by_density(self, points):
        from sklearn.cluster import DBSCAN

        features, labels, pred_probs = points
        graph = graph_of(features)
        for options in ({"eps": 1.2}, {"eps": 0.9, "min_samples": 3}, {"eps": 1.2, "leaf_size": 10}):
            lab = Datalab({"y": labels}, label_name="y", verbosity=0)
            types = {"underperforming_group": {"clustering_kwargs": options}}
            lab.find_issues(pred_probs=pred_probs, knn_graph=graph, issue_types=types)
            found = lab.get_info("underperforming_group")["clustering"]["stats"]["cluster_ids"]
            expected = DBSCAN(metric="precomputed", **options).fit_predict(graph.copy())
            np.testing.assert_array_equal(found, expected)

    def test_of_labels_from_neighbors(self, points):
        from sklearn.neighbors import NearestNeighbors

        features, labels, _ = points
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        lab.find_issues(features=features, issue_types={"label": {}})
        nearest = NearestNeighbors(n_neighbors=10).fit(features).kneighbors(return_distance=False)
        numbers = lab.labels
        shares = np.array([np.bincount(numbers[row], minlength=3) / 10 for row in nearest])
        np.testing.assert_allclose(lab.issues["label_score"], shares[np.arange(150), numbers], atol=1e-12)
        assert lab.get_info("label")["find_issues_inputs"] == {"features": True, "pred_probs": False}

    def test_of_labels_from_no_neighbors_are_refused(self, points):
        lab = Datalab({"y": points[1]}, label_name="y", verbosity=0)
        with pytest.raises(ValueError, match="k must be at least 1"):
            managers.LabelIssueManager(lab, k=0).find_issues(features=points[0])

    def test_of_groups_by_options_that_make_no_sense_are_refused(self, points):
        lab = Datalab({"y": points[1]}, label_name="y", verbosity=0)
        for options in ({"eps": -1.0}, {"eps": "wide"}, {"min_samples": 0}):
            manager = managers.UnderperformingGroupIssueManager(lab, clustering_kwargs=options)
            with pytest.raises((TypeError, ValueError)):
                manager.find_issues(pred_probs=points[2], knn_graph=graph_of(points[0]))

    def test_of_numbers(self):
        rng = np.random.default_rng(0)
        predictions = rng.normal(size=100)
        labels = predictions + rng.normal(size=100) * 0.1
        labels[5] += 30
        lab = Datalab({"y": labels}, label_name="y", task="regression", verbosity=0)
        lab.find_issues(pred_probs=predictions)
        found = lab.get_issues("label")
        assert found["is_label_issue"][5]
        np.testing.assert_array_equal(found["predicted_label"], predictions)
        assert lab.list_default_issue_types() == DEFAULTS[:5]

    def test_of_sets_of_classes(self):
        rng = np.random.default_rng(0)
        onehot = rng.random((80, 3)) < 0.4
        pred_probs = np.where(onehot, 0.9, 0.1)
        pred_probs[4] = 1 - pred_probs[4]
        labels = [[["x", "y", "z"][at] for at in np.flatnonzero(row)] for row in onehot]
        lab = Datalab({"y": labels}, label_name="y", task="multilabel", verbosity=0)
        lab.find_issues(pred_probs=pred_probs)
        found = lab.get_issues("label")
        assert found.query("is_label_issue").index.tolist() == [4]
        assert found["given_label"].tolist() == labels
        assert sorted(found["predicted_label"][4] + labels[4]) == ["x", "y", "z"]

    def test_of_values(self, points):
        from cleanlab_rs.data_valuation import data_shapley_knn

        features, labels, _ = points
        graph = graph_of(features)
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        lab.find_issues(knn_graph=graph, issue_types={"data_valuation": {}})
        np.testing.assert_array_equal(
            lab.issues["data_valuation_score"], data_shapley_knn(lab.labels, knn_graph=graph, k=10)
        )

    def test_of_an_identifier(self):
        manager = managers.IdentifierColumnIssueManager(Datalab({"x": range(4)}))
        manager.find_issues(np.array([[3, 1], [5, 9], [4, 1], [6, 4]]))
        assert manager.info == {"identifier_columns": [0], "num_identifier_columns": 1}
        assert manager.summary["score"][0] == 0


def with_distance(graph, at, distance):
    graph.data[at] = distance
    return graph


def with_neighbor(graph, neighbor):
    graph.indices[25] = neighbor
    return graph


class TestGraph:
    def test_is_shared(self, lab):
        statistics = lab.get_info("statistics")
        assert statistics["weighted_knn_graph"].nnz == 1500
        nearest = lab.get_info("near_duplicate")["nearest_neighbor"]
        assert nearest == lab.get_info("outlier")["nearest_neighbor"]

    def test_with_more_neighbors_takes_the_place_of_the_kept_one(self, lab, points):
        with pytest.warns(UserWarning, match="Overwriting"):
            lab.find_issues(features=points[0], issue_types={"near_duplicate": {"k": 15}})
        assert lab.get_info("statistics")["weighted_knn_graph"].nnz == 15 * 150

    def test_that_is_kept_serves_later_calls(self, lab):
        with pytest.warns(UserWarning, match="Overwriting"):
            lab.find_issues(issue_types={"near_duplicate": {"threshold": 0.5}})
        assert lab.get_info("near_duplicate")["threshold"] == 0.5

    @pytest.mark.parametrize(
        "spoil, message",
        [
            (lambda graph: graph[:, :149], "as many rows as columns"),
            (lambda graph: graph.tocsc(), "csr_matrix"),
            (lambda graph: graph.toarray(), "csr_matrix"),
            (lambda graph: csr_matrix(np.triu(graph.toarray())), "as many neighbours for every row"),
            (lambda graph: csr_matrix((150, 150)), "row 0 has none"),
            (lambda graph: with_distance(graph, 33, np.nan), "row 3 begin with"),
            (lambda graph: with_distance(graph, 39, np.inf), "row 3 begin with"),
            (lambda graph: with_distance(graph, 30, -1.0), "row 3 begin with"),
            (lambda graph: with_distance(graph, 31, 1e9), "row 3 begin with"),
            (lambda graph: with_neighbor(graph, 150), "names row 150 as neighbour of row 2"),
            (lambda graph: with_neighbor(graph, -1), "names row -1 as neighbour of row 2"),
        ],
    )
    def test_that_is_none_is_refused_by_every_check(self, points, capsys, spoil, message):
        features, labels, pred_probs = points
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        checks = ("outlier", "near_duplicate", "non_iid", "data_valuation", "underperforming_group")
        graph = spoil(graph_of(features))
        lab.find_issues(knn_graph=graph, pred_probs=pred_probs, issue_types={check: {} for check in checks})
        printed = capsys.readouterr().out
        assert printed.count(message) == len(checks) and lab.issue_summary.empty
        with pytest.raises(ValueError, match=message):
            managers.OutlierIssueManager(lab).find_issues(knn_graph=graph)

    def test_by_predictions_is_not_kept(self, points):
        lab = Datalab({"y": points[1]}, label_name="y", verbosity=0)
        lab.find_issues(pred_probs=points[2], issue_types={"non_iid": {}})
        assert "weighted_knn_graph" not in lab.get_info("statistics")


class Superstition(IssueManager):
    """As cleanlab's guide has people write them."""

    description = "Rows with an unlucky number."
    issue_name = "superstition"
    verbosity_levels = {0: [], 1: ["unlucky"], 2: []}

    def find_issues(self, unlucky=13, **_):
        rows = self.datalab.issues.index
        score = np.where((rows % unlucky == 0) & (rows > 0), 0.25, 1.0)
        self.issues = pd.DataFrame(
            {f"is_{self.issue_name}_issue": score < 0.5, self.issue_score_key: score, "superstition_row": rows}
        )
        self.summary = self.make_summary(score=score.mean())
        self.info = self.collect_info(unlucky)

    def collect_info(self, unlucky):
        return {"unlucky": unlucky, "many": list(range(9)), "statistics": {"superstitious": True}}


@pytest.fixture
def registered():
    register(Superstition)
    yield
    REGISTRY[Task.CLASSIFICATION].pop("superstition")


@pytest.mark.usefixtures("registered")
class TestOwnChecks:
    def test_are_made_like_others(self, lab):
        assert "superstition" in lab.list_possible_issue_types()
        assert "superstition" not in lab.list_default_issue_types()
        lab.find_issues(issue_types={"superstition": {"unlucky": 50}})
        found = lab.get_issues("superstition")
        assert found.query("is_superstition_issue").index.tolist() == [50, 100]
        assert list(found.columns) == ["is_superstition_issue", "superstition_score", "superstition_row"]
        assert lab.get_info("superstition")["unlucky"] == 50
        assert lab.get_info("statistics")["superstitious"] is True

    def test_are_reported(self, lab, capsys):
        lab.find_issues(issue_types={"superstition": {}})
        lab.report(num_examples=2, verbosity=1)
        printed = capsys.readouterr().out
        assert "superstition issues" in printed and "Rows with an unlucky number." in printed
        assert "unlucky: 13" in printed
        lab.report(verbosity=3)
        assert "many: [0, 1, 2, 3, '...']" in capsys.readouterr().out

    def test_do_not_mix_with_others_of_a_similar_name(self, lab):
        lab.find_issues(issue_types={"superstition": {}})

        class Position(Superstition):
            issue_name = "position"

        register(Position)
        try:
            lab.find_issues(issue_types={"position": {}})
            assert [name for name in lab.get_issues("position") if "superstition" in name] == []
        finally:
            REGISTRY[Task.CLASSIFICATION].pop("position")

    def test_that_raise_are_passed_over(self, lab, capsys):
        lab.find_issues(issue_types={"superstition": {"unlucky": 0.0}, "null": {"features": np.ones((150, 1))}})
        lab.find_issues(issue_types={"superstition": {"unlucky": "none"}})
        assert "Error in superstition" in capsys.readouterr().out

    def test_are_announced_when_they_take_the_place_of_others(self, capsys):
        register(Superstition)
        assert "takes the place of" in capsys.readouterr().out


def test_classes_of_checks_are_looked_at_when_they_are_defined():
    with pytest.raises(TypeError, match="issue_name"):

        class Nameless(IssueManager):
            def find_issues(self):
                pass

    with pytest.raises(ValueError, match="lists"):

        class Wordy(IssueManager):
            issue_name = "wordy"
            verbosity_levels = {0: "much"}

            def find_issues(self):
                pass

    with pytest.raises(ValueError, match="subclass"):
        register(dict)
    with pytest.raises(ValueError, match="Invalid task"):
        register(Superstition, task="guessing")
    with pytest.raises(ValueError, match="between 0 and 1"):
        Superstition.make_summary(score=1.5)


class TestResults:
    def test_that_are_not_there_are_refused(self, lab):
        new = Datalab({"y": ["a", "b"]}, label_name="y")
        for ask in (new.get_issues, new.get_issue_summary, lambda: new.get_info("label")):
            with pytest.raises(ValueError):
                ask()
        with pytest.raises(ValueError, match="no check 'foo'"):
            lab.get_issues("foo")
        with pytest.raises(ValueError, match="No columns found"):
            lab.get_issues("data_valuation")
        with pytest.raises(ValueError, match="not in the summary"):
            lab.get_issue_summary("data_valuation")

    @pytest.mark.parametrize("result_format", ["polars", "arrow"])
    def test_as_other_tables(self, lab, result_format):
        pytest.importorskip({"polars": "polars", "arrow": "pyarrow"}[result_format])
        for name in [None, *DEFAULTS]:
            table, frame = lab.get_issues(name, result_format=result_format), lab.get_issues(name)
            rows = table.to_dicts() if result_format == "polars" else table.to_pylist()
            assert len(rows) == 150 and list(rows[0]) == list(frame.columns)
            assert [row[frame.columns[1]] for row in rows] == frame.iloc[:, 1].tolist()
        summary = lab.get_issue_summary(result_format=result_format)
        assert summary.shape == (7, 3)
        with pytest.raises(ValueError, match="result_format"):
            lab.get_issues(result_format="excel")

    def test_health_is_the_mean_of_scores(self, lab):
        assert lab.info["statistics"]["health_score"] == lab.issue_summary["score"].mean()

    def test_can_be_set(self, lab):
        lab.issues = lab.issues.iloc[:, :2]
        lab.issue_summary = lab.issue_summary.iloc[:1]
        lab.info = {"statistics": {}}
        assert (lab.issues.shape, len(lab.issue_summary), list(lab.info)) == ((150, 2), 1, ["statistics"])

    def test_in_words(self, lab):
        new = Datalab({"y": ["a", "b", "a"]}, label_name="y")
        assert repr(new) == (
            "Datalab(task=Classification, checks_run=False, num_examples=3, num_classes=2, issues_identified=Not checked)"
        )
        assert str(lab).splitlines()[:3] == ["Datalab:", "Task: Classification", "Checks run: Yes"]


class TestReport:
    def test_has_a_summary_and_the_worst_rows(self, lab, capsys):
        lab.report(num_examples=3)
        printed = capsys.readouterr().out
        assert printed.startswith("Dataset Information: num_examples: 150, num_classes: 3\n\nHere is a summary of")
        assert "----------------------- label issues -----------------------" in printed
        assert "Overall dataset quality in terms of this issue: " in printed
        assert "class_imbalance issues" not in printed
        worst = lab.get_issues("outlier").sort_values("outlier_score", kind="stable").head(3)
        assert worst.to_string() in printed

    def test_of_everything(self, lab, capsys):
        lab.report(show_all_issues=True, show_summary_score=True, verbosity=3, include_description=False)
        printed = capsys.readouterr().out
        assert all(f" {name} issues " in printed for name in DEFAULTS)
        assert "About this issue" not in printed
        assert "A lower score indicates a more severe issue" in printed
        assert '"algorithm": "DBSCAN"' in printed

    def test_of_nothing(self, capsys):
        lab = Datalab({"y": [0, 1] * 5}, label_name="y", verbosity=0)
        lab.report()
        assert "Please specify some `issue_types`" in capsys.readouterr().out
        lab.find_issues(issue_types={"class_imbalance": {}})
        lab.report()
        assert "No issues found in the data. Good job!" in capsys.readouterr().out

    def test_of_missing_values_tells_what_to_do(self, capsys):
        lab = Datalab({"x": range(3)}, verbosity=1)
        lab.find_issues(features=np.array([[np.nan] * 2, [1, np.nan], [1, 2]]), issue_types={"null": {}})
        lab.report(verbosity=2)
        printed = capsys.readouterr().out
        assert "Found 1 examples with null values in all features." in printed
        assert "Found 1 examples with null values in some features." in printed

    def test_verbosity_that_there_is_not(self, lab):
        with pytest.raises(ValueError, match="no verbosity 9"):
            lab.report(verbosity=9)


class TestPage:
    def test_stands_on_its_own(self, lab, tmp_path):
        lab.to_html(tmp_path / "report.html", title="<b>ants & bees")
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>") and "<b>ants" not in page and len(page) < 2_000_000
        assert "default-src 'none'" in page and "src=" not in page

    def test_shows_what_was_found(self, lab, points):
        from cleanlab_rs.datalab.internal.page import report_model

        model = report_model(lab, title="points", features=points[0])
        checks = {check["issue_type"]: check for check in model["checks"]}
        assert set(checks) == set(DEFAULTS)
        worst = checks["outlier"]["worst"]["rows"][0]
        assert (worst["row"], worst["is_issue"], worst["label"]) == (7, True, points[1][7])
        assert worst["cells"] == [points[0][7, 0]]
        assert sum(checks["null"]["histogram"]["fine"]) == 150
        assert model["joint"]["names"] == ["ant", "bee", "cow"]
        assert np.sum(model["joint"]["values"]) == pytest.approx(1, abs=1e-3)
        assert len(model["map"]["points"]) == 150 and len(model["class_noise"]) == 3
        assert [[row["row"] for row in found["rows"]] for found in model["duplicate_sets"]["sets"]].count([8, 9]) == 1

    def test_of_a_notebook_is_a_frame(self, lab):
        assert lab._repr_html_().startswith('<iframe sandbox="allow-scripts"')
        assert Datalab({"y": ["<i>", "b"]}, label_name="y")._repr_html_().startswith("<pre>Datalab:")

    def test_of_any_task_and_odd_data(self, tmp_path):
        numbers = Datalab({"y": [0.5, 1.5, 9.0] * 5, "t": ["a", None, b"\xff"] * 5}, label_name="y", task="regression", verbosity=0)
        numbers.find_issues(pred_probs=np.ones(15))
        sets = Datalab({"y": [["a"], [], ["a", "b"]] * 5}, label_name="y", task="multilabel", verbosity=0)
        sets.find_issues(pred_probs=np.full((15, 2), 0.4))
        for at, lab in enumerate((numbers, sets)):
            lab.to_html(tmp_path / f"{at}.html")
            assert (tmp_path / f"{at}.html").stat().st_size > 10_000


class TestSaved:
    def test_audits_come_back(self, lab, tmp_path, capsys):
        path = str(tmp_path / "lab")
        lab.save(path)
        loaded = Datalab.load(path)
        assert "Saved Datalab to folder" in capsys.readouterr().out
        pd.testing.assert_frame_equal(loaded.issues, lab.issues)
        pd.testing.assert_frame_equal(loaded.issue_summary, lab.issue_summary)
        np.testing.assert_array_equal(loaded.labels, lab.labels)
        assert {"datalab.pkl", "issues.csv", "summary.csv"} <= {entry.name for entry in (tmp_path / "lab").iterdir()}
        with pytest.raises(FileExistsError):
            lab.save(path)
        lab.save(path, force=True)
        with pytest.raises(ValueError, match="no folder"):
            Datalab.load(str(tmp_path / "nowhere"))

    def test_audits_take_the_same_data_and_no_other(self, lab, points, tmp_path):
        features, labels, _ = points
        lab.save(str(tmp_path / "lab"))
        Datalab.load(str(tmp_path / "lab"), data={"y": labels, "x": features[:, 0]})
        with pytest.raises(ValueError, match="others than those"):
            Datalab.load(str(tmp_path / "lab"), data={"y": labels[::-1], "x": features[:, 0]})
        with pytest.raises(ValueError, match="saved with 150 rows of data, and there are 9"):
            Datalab.load(str(tmp_path / "lab"), data={"y": labels[:9], "x": features[:9, 0]})

    def test_audits_can_be_pickled_and_continued(self, lab):
        again = pickle.loads(pickle.dumps(lab))
        again.find_issues(issue_types={"data_valuation": {}})
        assert len(again.issue_summary) == 8


def test_defaults_of_tasks():
    assert [list_default_issue_types(task) for task in Task] == [DEFAULTS, DEFAULTS[:5], DEFAULTS[:5]]
    assert set(REGISTRY[Task.REGRESSION]) == {*DEFAULTS[:5], "data_valuation"}
    with pytest.raises(ValueError, match="Invalid task: guessing"):
        Datalab({"y": [0, 1]}, task="guessing")
