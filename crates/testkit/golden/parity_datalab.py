"""Audits by Datalab: labels, outliers, near duplicates, underperforming groups, and the neighbour graph they share.

The reference's `Datalab` needs Hugging Face's data sets only to hold the data; its `IssueFinder` and `DataIssues`, which
make the checks and put their results together, are run without. Each data set is audited in one to three calls of `find_issues` with inputs and options at random. The reference runs as
it is installed, except that

* distances are computed by their definition, in the order of additions of this workspace, and neighbours at the same
  distance stand in the order of their indices: the reference leaves both to the processor. A row is its own first
  neighbour where it votes on its own class. For many rows the reference's search is used as it is;
* Euclidean distances have one implementation, named "euclidean", for any number of rows;
* the worst group is the one with the lowest score (D11).
"""

from reference_cases import main, random_probabilities

import contextlib
import io
from types import SimpleNamespace

import cleanlab.datalab.internal.issue_finder as issue_finder
import cleanlab.datalab.internal.issue_manager.label as label_manager
import cleanlab.internal.neighbor.knn_graph as knn_graph_module
import numpy as np
from cleanlab.datalab.internal.data_issues import (
    DataIssues,
    _ClassificationInfoStrategy,
    _MultilabelInfoStrategy,
    _RegressionInfoStrategy,
)
from cleanlab.datalab.internal.issue_manager.underperforming_group import UnderperformingGroupIssueManager
from cleanlab.datalab.internal.task import Task
from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index
from scipy.sparse import csr_matrix
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from parity_neighbors_outlier import random_features

LARGEST_DEFINED = 2500
TOLERANCE = 1e-9
CHECKS = ["label", "outlier", "near_duplicate", "underperforming_group"]

_defaults = issue_finder.list_default_issue_types
issue_finder.list_default_issue_types = lambda task: [name for name in _defaults(task) if name in CHECKS]
knn_graph_module.decide_default_metric = lambda x: "cosine" if x.shape[1] > 3 else "euclidean"


def sum_in_lanes(term, d):
    lanes = [sum_of([term(c) for c in range(lane, d - d % 8, 8)]) for lane in range(8)]
    rest = sum_of([term(c) for c in range(d - d % 8, d)])
    a, b, c, d, e, f, g, h = lanes
    return (((a + b) + (c + d)) + ((e + f) + (g + h))) + rest


def sum_of(terms):
    total = 0.0
    for term in terms:
        total = total + term
    return total


def pairwise_distances(x, y, metric):
    x, y, d = np.asarray(x, dtype=float), np.asarray(y, dtype=float), x.shape[1]
    if metric == "euclidean":
        return np.sqrt(sum_in_lanes(lambda c: (x[:, c, None] - y[None, :, c]) ** 2, d))
    norms = []
    for z in (x, y):
        norm = np.sqrt(sum_in_lanes(lambda c: z[:, c] * z[:, c], d)) * np.ones(len(z))
        norms.append(np.where(norm < 1e-150, np.inf, norm))
    product = sum_in_lanes(lambda c: x[:, c, None] * y[None, :, c], d)
    # The larger norm first, as the crate has it.
    x_norms, y_norms = norms[0][:, None], norms[1][None, :]
    return np.clip(1.0 - product / np.maximum(x_norms, y_norms) / np.minimum(x_norms, y_norms), 0, 2)


def defined_neighbors(knn, x, k, own_first):
    """Distances and indices in the order of distance and then of index."""
    fitted = np.asarray(knn._fit_X)
    metric = "cosine" if knn.metric == "cosine" else "euclidean"
    distances = pairwise_distances(fitted if x is None else np.asarray(x), fitted, metric)
    if x is None:
        np.fill_diagonal(distances, np.inf)
    if own_first:
        np.fill_diagonal(distances, -1)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(distances, indices, axis=1), indices


class DefinedNeighbors(NearestNeighbors):
    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        if len(self._fit_X) > LARGEST_DEFINED:
            return super().kneighbors(X, n_neighbors, return_distance)
        k = n_neighbors or self.n_neighbors
        if k > len(self._fit_X) - (X is None):
            raise ValueError("too many neighbours")
        distances, indices = defined_neighbors(self, X, k, False)
        near = super().kneighbors(X, k)[0]
        assert np.allclose(distances, near, atol=1e-6 * (1 + np.abs(self._fit_X).max())), "another distance"
        return (distances, indices) if return_distance else indices


class OwnFirst(KNeighborsClassifier):
    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        if len(self._fit_X) > LARGEST_DEFINED:
            return super().kneighbors(X, n_neighbors, return_distance)
        k = n_neighbors or self.n_neighbors
        if k > len(self._fit_X):
            raise ValueError("too many neighbours")
        distances, indices = defined_neighbors(self, X, k, True)
        return (distances, indices) if return_distance else indices


knn_graph_module.construct_knn = lambda n_neighbors, metric, **options: DefinedNeighbors(
    n_neighbors=n_neighbors, metric=metric, **options)
label_manager.KNeighborsClassifier = lambda n_neighbors: OwnFirst(n_neighbors=n_neighbors, algorithm="kd_tree")


def _worst_group(self, cluster_ids, unique_cluster_ids, labels, pred_probs):
    confidence = np.asarray(pred_probs, dtype=float)[np.arange(len(labels)), labels]
    overall = confidence[np.isin(cluster_ids, unique_cluster_ids)].mean()
    scores = {}
    for group in sorted(unique_cluster_ids):
        mean = confidence[cluster_ids == group].mean()
        if mean < overall:
            scores[group] = mean / overall
    worst = min(scores, key=scores.get, default=self.NO_UNDERPERFORMING_CLUSTER_ID)
    ratio = scores.get(worst, 1.0)
    return scores, worst if ratio < self.threshold else self.NO_UNDERPERFORMING_CLUSTER_ID, ratio


UnderperformingGroupIssueManager.get_underperforming_clusters = _worst_group


def some(rng, probability, options, ours, theirs, value, their_value=None):
    """Sets an option in the words of both, with this probability."""
    if rng.random() < probability:
        options[0][ours] = value
        place = options[1]
        for key in theirs[:-1]:
            place = place.setdefault(key, {})
        place[theirs[-1]] = value if their_value is None else their_value


def random_k(rng, n):
    return int(rng.integers(1, min(n - 1, 25) + 1))


def neighbor_options(rng, n, options):
    some(rng, 0.4, options, "k", ["k"], random_k(rng, n))
    some(rng, 0.2, options, "metric", ["metric"], str(rng.choice(["cosine", "euclidean"])))


def filter_options(rng, options, place, k, n):
    filter_by = str(rng.choice(["prune_by_noise_rate", "prune_by_class", "both", "confident_learning",
                                "predicted_neq_given", "low_normalized_margin", "low_self_confidence"]))
    some(rng, 0.4, options, "filter_by", place + ["filter_by"], filter_by)
    prunes = options[0].get("filter_by", "prune_by_noise_rate") in ("prune_by_noise_rate", "prune_by_class", "both")
    some(rng, 0.3, options, "frac_noise", place + ["frac_noise"], float(rng.uniform(0, 1)))
    some(rng, 0.4, options, "min_examples_per_class", place + ["min_examples_per_class"], int(rng.integers(0, 8)))
    if prunes:
        counts = [int(count) for count in rng.integers(0, n // 4 + 1, k)]
        some(rng, 0.1, options, "num_to_remove_per_class", place + ["num_to_remove_per_class"], counts)


def score_options(rng, options, place):
    names = {"self_confidence": ("self_confidence", False), "normalized_margin": ("normalized_margin", False),
             "adjusted_self_confidence": ("self_confidence", True),
             "adjusted_normalized_margin": ("normalized_margin", True)}
    if rng.random() < 0.3:
        name = str(rng.choice(list(names)))
        options[0]["label_quality"] = name
        target = options[1]
        for key in place:
            target = target.setdefault(key, {})
        target["method"], target["adjust_pred_probs"] = names[name]


def random_noise_matrix(rng, k):
    matrix = rng.dirichlet(np.ones(k), k).T
    return np.round(0.3 * matrix + 0.7 * np.eye(k), 6)


def random_options(rng, name, task, n, k, d, golden):
    """Options of a check as (our JSON, the reference's keywords)."""
    options = ({}, {})
    if name == "label" and task == "classification":
        some(rng, 0.3, options, "k", ["k"], random_k(rng, n))
        place = ["clean_learning_kwargs", "find_label_issues_kwargs"]
        filter_options(rng, options, place, k, n)
        score_options(rng, options, ["clean_learning_kwargs", "label_quality_scores_kwargs"])
        some(rng, 0.1, options, "convergence", ["clean_learning_kwargs", "converge_latent_estimates"], "iterate", True)
        some(rng, 0.15, options, "thresholds", ["thresholds"], [float(t) for t in np.round(rng.uniform(0.2, 0.9, k), 3)])
        noise = random_noise_matrix(rng, k)
        which = str(rng.choice(["noise_matrix", "inverse_noise_matrix"]))
        some(rng, 0.15, options, which, [which], noise.tolist(), noise)
    elif name == "label" and task == "regression":
        seed = int(rng.integers(0, 100))
        options[0]["seed"] = seed
        options[1]["clean_learning_kwargs"] = {"seed": seed}
        some(rng, 0.3, options, "threshold", ["threshold"], float(rng.uniform(0, 1)))
        some(rng, 0.3, options, "label_quality", ["method"], "residual")
        some(rng, 0.3, options, "n_boot", ["clean_learning_kwargs", "n_boot"], int(rng.integers(0, 3)))
        some(rng, 0.2, options, "n_splits", ["clean_learning_kwargs", "cv_n_folds"], int(rng.integers(2, 5)))
        some(rng, 0.2, options, "uncertainty", ["uncertainty"], float(rng.uniform(0.1, 2)))
        some(rng, 0.2, options, "fine_search_size", ["fine_search_size"], int(rng.integers(0, 4)))
    elif name == "label":
        filter_options(rng, options, [], k, n)
        score_options(rng, options, [])
        if rng.random() < 0.3:
            softmin = rng.random() < 0.5
            value = float(np.round(rng.uniform(0.05, 1), 3))
            kind, parameter = ("softmin", "temperature") if softmin else ("exponential_moving_average", "alpha")
            options[0]["aggregation"] = {kind: {parameter: value}}
            options[1]["aggregator_kwargs"] = {"method": kind, parameter: value}
    elif name == "outlier":
        neighbor_options(rng, n, options)
        some(rng, 0.3, options, "threshold", ["threshold"], float(rng.uniform(0.05, 1)))
        some(rng, 0.3, options, "t", ["t"], int(rng.integers(1, 4)))
        some(rng, 0.2, options, "scaling_factor", ["scaling_factor"], float(rng.uniform(0.01, 3)))
    elif name == "near_duplicate":
        neighbor_options(rng, n, options)
        some(rng, 0.4, options, "threshold", ["threshold"], float(rng.choice([-0.5, 0.0, 0.5, 1.0, 1.5])))
    elif name == "underperforming_group":
        neighbor_options(rng, n, options)
        some(rng, 0.6, options, "threshold", ["threshold"], float(rng.uniform(0.1, 1)))
        some(rng, 0.5, options, "min_cluster_samples", ["min_cluster_samples"], int(rng.integers(1, 12)))
        if rng.random() < 0.6:
            clustering = {"eps": float(rng.choice([0.01, 0.1, 0.3, 1.0, 4.0])), "min_samples": int(rng.integers(1, 8))}
            options[0]["clustering"] = clustering
            options[1]["clustering_kwargs"] = dict(clustering)
    return options


class Case:
    """The arrays of a data set."""

    def __init__(self, write, rng, golden):
        self.write, self.rng, self.golden = write, rng, golden
        self.task = str(rng.choice(["classification", "regression", "multilabel"], p=[0.6, 0.2, 0.2]))
        large = not golden and rng.random() < 0.01
        if golden:
            self.n, d = int(rng.integers(12, 40)), int(rng.choice([2, 3, 4, 9]))
        elif large:
            self.n, d = int(rng.integers(LARGEST_DEFINED + 1, 20001)), int(rng.choice([3, 16]))
        else:
            self.n = int(np.exp(rng.uniform(np.log(20), np.log(1000))))
            d = int(rng.choice([2, 3, 4, 8, 17, 64, 512], p=[0.15, 0.15, 0.2, 0.2, 0.15, 0.13, 0.02]))
        self.n = write.kept_count(self.n)
        self.k = int(rng.integers(2, 6))
        self.features, single = random_features(rng, self.n, d)
        if large:
            self.features, single = rng.normal(size=(self.n, d)), False
        if rng.random() < 0.15:
            self.features[:, int(rng.integers(0, d))] = 1.5
        write.case["dtype"] = "f32" if single else "f64"
        write.input("features", self.features.astype(np.float32) if single else self.features)
        getattr(self, self.task)()
        self.graphs = []
        for number in range(2):
            graph_k = int(rng.integers(1, min(self.n - 1, 15) + 1))
            graph, _ = create_knn_graph_and_index(self.features, n_neighbors=graph_k)
            # As the search gives it, with other distances.
            graph = csr_matrix((graph.data * rng.uniform(0.5, 2), graph.indices, graph.indptr), shape=graph.shape)
            self.graphs.append(graph)
            if not large:
                write.input(f"graph_{number}_indices", graph.indices.reshape(self.n, -1).astype(np.int64))
                write.input(f"graph_{number}_distances", graph.data.reshape(self.n, -1))
        self.large = large
        self.clusters = rng.integers(-1, int(rng.integers(1, 6)), self.n)
        write.input("cluster_ids", self.clusters)

    def classification(self):
        rng, n = self.rng, self.n
        probabilities, true = random_probabilities(rng, n, self.k)
        self.pred_probs = [np.clip(probabilities, 0, 1), np.clip(random_probabilities(rng, n, self.k)[0], 0, 1)]
        labels = np.where(rng.random(n) < 0.2, rng.integers(0, self.k, n), true)
        if rng.random() < 0.2:
            labels[labels == int(rng.integers(0, self.k))] = 0
        elif rng.random() < 0.15 and n > 30:
            labels = np.where(rng.random(n) < 0.9, 0, labels)
        self.labels = labels
        for number, matrix in enumerate(self.pred_probs):
            self.write.input(f"pred_probs_{number}", matrix)
        self.write.input("labels", labels)
        self.names = [f"class {k}" for k in range(self.k)]

    def regression(self):
        rng, n = self.rng, self.n
        self.labels = np.round(self.features[:, 0] + rng.normal(size=n), int(rng.integers(1, 9)))
        self.labels[rng.random(n) < 0.05] += 10
        self.predictions = [self.labels + rng.normal(size=n) * 0.5, rng.normal(size=n)]
        for number, values in enumerate(self.predictions):
            self.write.input(f"predictions_{number}", values)
        self.write.input("labels", self.labels)
        self.names = []

    def multilabel(self):
        rng, n = self.rng, self.n
        truth = rng.random((n, self.k)) < 0.4
        truth[np.arange(self.k) % n, np.arange(self.k)] = True
        onehot = truth ^ (rng.random((n, self.k)) < 0.1)
        onehot[np.arange(self.k) % n, np.arange(self.k)] = True
        self.pred_probs = [np.clip(np.where(truth, 0.8, 0.2) + rng.normal(size=truth.shape) * 0.2, 0, 1),
                           rng.random(truth.shape)]
        for number, matrix in enumerate(self.pred_probs):
            self.write.input(f"pred_probs_{number}", matrix)
        self.write.input("labels", onehot.astype(np.int64))
        self.labels = [np.flatnonzero(row).tolist() for row in onehot]
        self.names = list(range(self.k))

    def random_call(self):
        """A call as this workspace's test reads it, and as keywords of the reference."""
        rng = self.rng
        call, keywords = {}, {}
        if rng.random() < 0.7:
            call["features"], keywords["features"] = True, self.features
        number = int(rng.integers(0, 2))
        if rng.random() < 0.7:
            call["predictions"] = number
            keywords["pred_probs"] = self.predictions[number] if self.task == "regression" else self.pred_probs[number]
        if rng.random() < 0.2 and not self.large:
            call["graph"], keywords["knn_graph"] = number, self.graphs[number]
        if rng.random() < 0.6:
            names = [name for name in CHECKS if name != "underperforming_group" or self.task == "classification"]
            chosen = [names[i] for i in rng.permutation(len(names))[: int(rng.integers(1, len(names) + 1))]]
            checks, issue_types = [], {}
            d = self.features.shape[1]
            for name in chosen:
                ours, theirs = random_options(rng, name, self.task, self.n, self.k, d, self.golden)
                if name == "outlier" and "metric" in ours and "features" not in call and "graph" not in call:
                    # The reference keeps the metric of a graph that was never made.
                    ours.pop("metric"), theirs.pop("metric")
                if name == "underperforming_group" and "features" not in call and "graph" not in call:
                    # The reference leaves the check out without a word where there is only the graph of a former call.
                    ours.pop("metric", None), theirs.pop("metric", None)
                if name == "underperforming_group" and rng.random() < 0.2:
                    call["clusters"], theirs["cluster_ids"] = True, self.clusters
                checks.append([name, ours])
                issue_types[name] = theirs
            call["checks"], keywords["issue_types"] = checks, issue_types
        elif self.task == "regression" and "features" in call and "predictions" not in call:
            # The defaults would draw folds from the global stream.
            call["checks"] = [["outlier", {}], ["near_duplicate", {}]]
            keywords["issue_types"] = {"outlier": {}, "near_duplicate": {}}
        return call, keywords


STRATEGIES = {"classification": _ClassificationInfoStrategy, "regression": _RegressionInfoStrategy,
              "multilabel": _MultilabelInfoStrategy}


class Lab:
    """What issue managers ask of a Datalab, which is what it hands on to these two."""

    def __init__(self, case):
        self.task = Task.from_str(case.task)
        self.labels, self.class_names = case.labels, case.names
        self.has_labels = True
        self._label_map = dict(enumerate(case.names))
        labels = SimpleNamespace(is_available=bool(case.names), label_map=self._label_map)
        self.data_issues = DataIssues(Columns(case.n, labels, case.names), STRATEGIES[case.task])
        self.finder = issue_finder.IssueFinder(datalab=self, task=self.task, verbosity=0)

    def get_info(self, name):
        return self.data_issues.get_info(name)

    def find_issues(self, **inputs):
        """Which checks succeeded in this call."""
        before = dict(self.data_issues.info)
        with contextlib.redirect_stdout(io.StringIO()):
            self.finder.find_issues(**inputs)
        info = self.data_issues.info
        return [name for name in CHECKS if name in info and info[name] is not before.get(name)]


class Columns(SimpleNamespace):
    """What is known of the data themselves."""

    def __init__(self, n, labels, class_names):
        super().__init__(n=n, labels=labels, class_names=class_names)

    def __len__(self):
        return self.n


def common(lab, name):
    issues, summary = lab.data_issues.issues, lab.data_issues.get_issue_summary(name)
    scores = issues[f"{name}_score"].to_numpy(dtype=float)
    return {"flags": issues[f"is_{name}_issue"].to_numpy(), "scores": scores,
            "summary": np.array([summary["score"][0]]), "count": int(summary["num_issues"][0])}


def label_parts(lab, task):
    info, parts = lab.data_issues.info["label"], common(lab, "label")
    if task == "multilabel":
        for key in ("given_label", "predicted_label"):
            parts[key + "_lengths"] = np.array([len(row) for row in info[key]])
            parts[key] = np.array([int(k) for row in info[key] for k in row], dtype=np.int64)
        return parts
    given, predicted = np.asarray(info["given_label"]), np.asarray(info["predicted_label"])
    if task == "regression":
        given, predicted = given.astype(float), predicted.astype(float)
    parts.update(given_label=given, predicted_label=predicted, average=np.array([info["average_label_quality"]]))
    if task == "classification":
        for key in ("confident_joint", "py", "noise_matrix", "inverse_noise_matrix", "confident_thresholds"):
            parts[key] = np.asarray(info[key], dtype=float).ravel()
        classes = info["classes_by_label_quality"].sort_values("Class Index")
        parts["class_issues"] = classes[["Label Issues", "Inverse Label Issues"]].to_numpy().ravel()
        parts["class_noise"] = classes[["Label Noise", "Inverse Label Noise", "Label Quality Score"]].to_numpy().ravel()
        overlap = info["overlapping_classes"].sort_values(["Class Index A", "Class Index B"])
        parts["overlap_counts"] = overlap["Num Overlapping Examples"].to_numpy()
        parts["overlap"] = overlap["Joint Probability"].to_numpy()
    return parts


def outlier_parts(lab):
    info, parts = lab.data_issues.info["outlier"], common(lab, "outlier")
    parts["numbers"] = np.array([info["average_ood_score"], info["threshold"], info["issue_threshold"]], dtype=float)
    if "nearest_neighbor" in info:
        parts["nearest_neighbor"] = np.array(info["nearest_neighbor"])
        parts["distances"] = np.array(info["distance_to_nearest_neighbor"])
        parts["scale"] = np.array([info["scaling_factor"], info["t"]], dtype=float)
    return parts


def near_duplicate_parts(lab):
    info, parts = lab.data_issues.info["near_duplicate"], common(lab, "near_duplicate")
    sets = info["near_duplicate_sets"]
    parts["set_lengths"] = np.array([len(one) for one in sets])
    parts["sets"] = np.concatenate(sets).astype(np.int64)
    parts["nearest_neighbor"] = np.array(info["nearest_neighbor"])
    parts["distances"] = np.array(info["distance_to_nearest_neighbor"])
    parts["numbers"] = np.array([info["median_distance_to_nearest_neighbor"], info["threshold"]], dtype=float)
    return parts


def group_parts(lab):
    info, parts = lab.data_issues.info["underperforming_group"], common(lab, "underperforming_group")
    stats = info["clustering"]["stats"]
    parts["clusters"] = np.asarray(stats["cluster_ids"]).astype(np.int64)
    parts["stats"] = np.array([stats["n_clusters"], int(stats["underperforming_cluster_id"])])
    return parts


def statistics_parts(lab):
    statistics = lab.get_info("statistics")
    graph = statistics.get("weighted_knn_graph")
    if graph is None:
        return {"graph": np.array([0, 0])}
    metric = statistics.get("knn_metric")
    code = 0 if metric is None else 1 if metric == "cosine" else 2
    return {"graph": np.array([graph.nnz // graph.shape[0], code]), "distances": graph.data}


def write_case(write, rng, golden):
    write.case["tolerance"] = TOLERANCE
    case = Case(write, rng, golden)
    lab = Lab(case)
    calls = []
    for number in range(int(rng.integers(1, 4))):
        call, keywords = case.random_call()
        calls.append(call)
        parameters = {"task": case.task, "n_classes": case.k, "calls": calls, "call": number}
        succeeded = lab.find_issues(**keywords)
        for name in succeeded:
            parts = {"label": lambda: label_parts(lab, case.task), "outlier": lambda: outlier_parts(lab),
                     "near_duplicate": lambda: near_duplicate_parts(lab),
                     "underperforming_group": lambda: group_parts(lab)}[name]()
            if any(value.dtype.kind == "f" and not np.isfinite(value).all() for value in parts.values()
                   if isinstance(value, np.ndarray)):
                continue
            write.check(f"datalab_{name}", parts, **parameters)
        write.check("datalab_statistics", statistics_parts(lab), **parameters)


if __name__ == "__main__":
    main(__doc__, "datalab", write_case)
