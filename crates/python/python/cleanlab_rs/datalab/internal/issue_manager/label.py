"""Labels that look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import chosen_options, one_label_per_row

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
#: What is known of the data as a whole that a summary of their health can do with.
_KNOWN_OF_DATA = ("num_examples", "joint", "confident_joint", "multi_label", "asymmetric")
#: What ``CleanLearning`` keeps of the noise that it estimated.
_FITTED_NOISE = ("py", "noise_matrix", "inverse_noise_matrix", "confident_joint")


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
        known = health_summary_parameters or self._known_of_data()
        self.health_summary_parameters: dict[str, Any] = chosen_options(known, known)
        self._compared_with = "pred_probs"

    def _known_of_data(self) -> dict[str, Any]:
        """What the audit can tell the summary before the labels are looked at."""
        statistics = self.datalab.get_info("statistics")
        known = {name: statistics.get(name) for name in _KNOWN_OF_DATA}
        return {"labels": self.datalab.labels, "class_names": self.datalab.class_names, "verbose": False, **known}

    def find_issues(self, pred_probs: Any = None, features: Any = None, **kwargs: Any) -> None:
        """Compares the labels with what a model predicts.

        Parameters
        ----------
        pred_probs :
            N × K out-of-sample probabilities.
        features :
            N × p numbers; without `pred_probs`, neighbours predict the labels.
        """
        from cleanlab_rs.count import get_confident_thresholds

        labels = self.datalab.labels
        if pred_probs is None:
            if features is None:
                raise ValueError("there is nothing to compare the labels with: neither `pred_probs` nor `features`.")
            self._compared_with = "features"
            pred_probs = self._predict_from_neighbors(features, one_label_per_row(labels))
        options = chosen_options(kwargs, _FIND_LABEL_ISSUES_OPTIONS)
        found = self.cl.find_label_issues(labels=labels, pred_probs=pred_probs, **options)
        found = found.rename(columns={"label_quality": self.issue_score_key})
        health = self.get_health_summary(pred_probs)
        self.summary = self.make_summary(health["overall_label_health_score"])
        self.info = self.collect_info(found, health, get_confident_thresholds(labels, pred_probs))
        # Given and predicted labels stand in `info`, from where they are asked for by names of classes.
        self.issues = found.drop(columns=["given_label", "predicted_label"])

    def _predict_from_neighbors(self, features: Any, labels: Any) -> Any:
        """The share of each class among the k + 1 nearest rows, the row itself taken off again."""
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
        known = self.health_summary_parameters
        # A joint that is known already takes the place of the labels and probabilities.
        for sufficient in (("confident_joint",), ("joint", "num_examples")):
            if all(name in known for name in sufficient):
                parameters = {name: known[name] for name in sufficient}
                break
        else:
            parameters = {"labels": self.datalab.labels, "pred_probs": pred_probs}
        parameters["class_names"] = known.get("class_names", self.datalab.class_names)
        summary: dict[str, Any] = health_summary(**parameters, **chosen_options(known, ("asymmetric", "verbose")))
        return summary

    def collect_info(
        self, issues: pd.DataFrame, summary_dict: dict[str, Any], confident_thresholds: Any
    ) -> dict[str, Any]:
        """Given and predicted labels, how healthy the labels are, and the noise that was estimated."""
        info: dict[str, Any] = {
            "num_label_issues": int(issues[f"is_{self.issue_name}_issue"].sum()),
            "average_label_quality": issues[self.issue_score_key].mean(),
        }
        for column in ("given_label", "predicted_label"):
            info[column] = issues[column].tolist()
        info["confident_joint"] = summary_dict["joint"]
        for table in ("classes_by_label_quality", "overlapping_classes"):
            info[table] = summary_dict[table]
        fitted = vars(self.cl)
        info.update({name: fitted[name] for name in _FITTED_NOISE if name in fitted})
        info["confident_thresholds"] = np.asarray(confident_thresholds).tolist()
        info["find_issues_inputs"] = {name: name == self._compared_with for name in ("features", "pred_probs")}
        return info
