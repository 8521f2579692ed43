"""Labels that look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cleanlab_rs.datalab.internal.issue_manager import IssueManager

if TYPE_CHECKING:
    import pandas as pd

    from cleanlab_rs.datalab.datalab import Datalab

#: Options that `CleanLearning.find_label_issues` takes.
_FIND_LABEL_ISSUES_OPTIONS = (
    "thresholds",
    "noise_matrix",
    "inverse_noise_matrix",
    "save_space",
    "clf_kwargs",
    "validation_func",
)


class LabelIssueManager(IssueManager):
    """Flags labels that :class:`cleanlab_rs.classification.CleanLearning` takes for wrong.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    k : int
        Number of neighbours that predict the labels where there are features and no predictions.
    clean_learning_kwargs : dict, optional
        Options of ``CleanLearning``.
    health_summary_parameters : dict, optional
        Options of :func:`cleanlab_rs.dataset.health_summary`.
    """

    description: ClassVar[
        str
    ] = """Examples whose given label is estimated to be potentially incorrect
    (e.g. due to annotation error) are flagged as having label issues.
    """
    issue_name: ClassVar[str] = "label"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {
        0: [],
        1: [],
        2: [],
        3: ["classes_by_label_quality", "overlapping_classes"],
    }

    def __init__(
        self,
        datalab: Datalab,
        k: int = 10,
        clean_learning_kwargs: dict[str, Any] | None = None,
        health_summary_parameters: dict[str, Any] | None = None,
        **_: Any,
    ):
        super().__init__(datalab)
        from cleanlab_rs.classification import CleanLearning

        self.cl = CleanLearning(**(clean_learning_kwargs or {}))
        self.k = k
        self.health_summary_parameters: dict[str, Any] = dict(health_summary_parameters or {})
        self._find_issues_inputs = {"features": False, "pred_probs": False}
        self._reset()

    @staticmethod
    def _process_find_label_issues_kwargs(**kwargs: Any) -> dict[str, Any]:
        """The options that are meant for ``CleanLearning.find_label_issues``."""
        return {
            key: value
            for key, value in kwargs.items()
            if key in _FIND_LABEL_ISSUES_OPTIONS and value is not None
        }

    def _reset(self) -> None:
        """Takes what the summary needs from the audit, unless options were given."""
        parameters = self.health_summary_parameters
        if not parameters:
            statistics = self.datalab.get_info("statistics")
            parameters = {
                "labels": self.datalab.labels,
                "class_names": list(self.datalab._label_map.values()),
                "num_examples": statistics.get("num_examples"),
                "joint": statistics.get("joint"),
                "confident_joint": statistics.get("confident_joint"),
                "multi_label": statistics.get("multi_label"),
                "asymmetric": statistics.get("asymmetric"),
                "verbose": False,
            }
        self.health_summary_parameters = {key: value for key, value in parameters.items() if value is not None}

    def find_issues(self, pred_probs: Any = None, features: Any = None, **kwargs: Any) -> None:
        """Compares the labels with what a model predicts.

        Parameters
        ----------
        pred_probs :
            N × K out-of-sample probabilities.
        features :
            N × p numbers; without `pred_probs`, neighbours predict the labels.
        """
        labels = self.datalab.labels
        if pred_probs is None:
            if features is None:
                raise ValueError("Either pred_probs or features must be provided to find label issues.")
            pred_probs = self._predict_from_neighbors(features, labels)
            self._find_issues_inputs["features"] = True
        else:
            self._find_issues_inputs["pred_probs"] = True
        from cleanlab_rs.count import get_confident_thresholds

        self.health_summary_parameters["pred_probs"] = pred_probs
        options = self._process_find_label_issues_kwargs(**kwargs)
        issues = self.cl.find_label_issues(labels=labels, pred_probs=pred_probs, **options)
        issues = issues.rename(columns={"label_quality": self.issue_score_key})
        health = self.get_health_summary(pred_probs=pred_probs)
        self.summary = self.make_summary(score=health["overall_label_health_score"])
        thresholds = get_confident_thresholds(labels=labels, pred_probs=pred_probs)
        self.issues = issues
        self.info = self.collect_info(issues=issues, summary_dict=health, confident_thresholds=thresholds)
        self.issues = issues.drop(columns=["given_label", "predicted_label"])

    def _predict_from_neighbors(self, features: Any, labels: Any) -> Any:
        """The share of each class among the k + 1 nearest rows, the row itself taken off again."""
        if not isinstance(labels, np.ndarray):
            raise TypeError(f"Expected labels to be a numpy array of shape (n_samples,), but got {type(labels)} instead.")
        if self.k < 1:
            raise ValueError(f"k must be at least 1 for neighbours to predict the labels, but is {self.k}.")
        from cleanlab_rs.internal.neighbor.knn_graph import create_knn_graph_and_index

        knn_graph, _ = create_knn_graph_and_index(
            features, n_neighbors=self.k, metric="euclidean", correct_exact_duplicates=False
        )
        n_rows, n_classes = len(labels), max(len(self.datalab.class_names), int(labels.max()) + 1)
        neighbors = knn_graph.indices.reshape(n_rows, -1)
        rows = np.arange(n_rows)
        cells = (rows[:, None] * n_classes + labels[neighbors]).reshape(-1)
        counts = np.bincount(cells, minlength=n_rows * n_classes).reshape(n_rows, n_classes).astype(float)
        own = np.zeros_like(counts)
        own[rows, labels] = 1
        # In the steps in which cleanlab takes them, so that equal shares round to equal numbers or do not as there.
        shares = (counts + own) / (self.k + 1)
        return (shares - 1 / (self.k + 1) * own) * (self.k + 1) / self.k

    def get_health_summary(self, pred_probs: Any) -> dict[str, Any]:
        """How healthy the labels are."""
        from cleanlab_rs.dataset import health_summary
        from cleanlab_rs.internal.validation import assert_valid_inputs

        assert_valid_inputs(X=None, y=self.datalab.labels, pred_probs=pred_probs)
        summary: dict[str, Any] = health_summary(**self._get_summary_parameters(pred_probs))
        return summary

    def _get_summary_parameters(self, pred_probs: Any) -> dict[str, Any]:
        """The options of the summary: a joint that is known already in place of probabilities."""
        known = self.health_summary_parameters
        if "confident_joint" in known:
            parameters = {"confident_joint": known["confident_joint"]}
        elif "joint" in known and "num_examples" in known:
            parameters = {key: known[key] for key in ("joint", "num_examples")}
        else:
            parameters = {"pred_probs": pred_probs, "labels": self.datalab.labels}
        parameters["class_names"] = known["class_names"]
        parameters.update({key: known[key] for key in ("asymmetric", "verbose") if key in known})
        return parameters

    def collect_info(
        self, issues: pd.DataFrame, summary_dict: dict[str, Any], confident_thresholds: Any
    ) -> dict[str, Any]:
        """Given and predicted labels, how healthy the labels are, and the noise that was estimated."""
        fitted = vars(self.cl)
        noise = {
            key: fitted[key]
            for key in ("py", "noise_matrix", "inverse_noise_matrix", "confident_joint")
            if key in fitted
        }
        return {
            "num_label_issues": int(issues[f"is_{self.issue_name}_issue"].sum()),
            "average_label_quality": issues[self.issue_score_key].mean(),
            "given_label": issues["given_label"].tolist(),
            "predicted_label": issues["predicted_label"].tolist(),
            "confident_joint": summary_dict["joint"],
            "classes_by_label_quality": summary_dict["classes_by_label_quality"],
            "overlapping_classes": summary_dict["overlapping_classes"],
            **noise,
            "confident_thresholds": np.asarray(confident_thresholds).tolist(),
            "find_issues_inputs": self._find_issues_inputs,
        }
