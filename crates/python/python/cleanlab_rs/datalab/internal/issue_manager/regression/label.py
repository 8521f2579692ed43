"""Numeric labels that look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

#: Options that `regression.learn.CleanLearning.find_label_issues` takes.
_FIND_LABEL_ISSUES_OPTIONS = (
    "uncertainty",
    "coarse_search_range",
    "fine_search_size",
    "save_space",
    "model_kwargs",
)


class RegressionLabelIssueManager(IssueManager):
    """Flags numbers that are far from what a model predicts.

    A model of one's own in `clean_learning_kwargs` is fitted to the features; else predictions are taken where they are
    given; else :class:`cleanlab_rs.regression.learn.CleanLearning` fits its default to the features.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    clean_learning_kwargs : dict, optional
        Options of ``CleanLearning``.
    threshold : float
        With predictions: labels are flagged whose score is below this part of the median.
    health_summary_parameters : dict, optional
        Not looked at.
    """

    description: ClassVar[
        str
    ] = """Examples whose given label is estimated to be potentially incorrect
    (e.g. due to annotation error) are flagged as having label issues.
    """
    issue_name: ClassVar[str] = "label"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: [], 3: []}

    def __init__(
        self,
        datalab: Datalab,
        clean_learning_kwargs: dict[str, Any] | None = None,
        threshold: float = 0.05,
        health_summary_parameters: dict[str, Any] | None = None,
        **_: Any,
    ):
        super().__init__(datalab)
        from cleanlab_rs.regression.learn import CleanLearning

        self.cl = CleanLearning(**(clean_learning_kwargs or {}))
        self._uses_custom_model = "model" in (clean_learning_kwargs or {})
        self.threshold = threshold

    def find_issues(self, features: Any = None, predictions: Any = None, **kwargs: Any) -> None:
        """Compares the labels with predictions.

        Parameters
        ----------
        features :
            N × p numbers.
        predictions :
            N out-of-sample predictions.
        """
        if features is None and (predictions is None or self._uses_custom_model):
            what = "`features`" if self._uses_custom_model else "`features` or `predictions`"
            raise ValueError(
                f"Regression requires numerical {what} to be passed in as an argument to `find_issues`."
            )
        labels = self.datalab.labels
        if not isinstance(labels, np.ndarray):
            raise TypeError(f"Expected labels to be a numpy array of shape (n_samples,), but got {type(labels)} instead.")
        if features is not None and (self._uses_custom_model or predictions is None):
            found = find_issues_with_features(features=features, y=labels, cl=self.cl, **kwargs)
            issues = found.rename(columns={"label_quality": self.issue_score_key})
        else:
            kwargs["threshold"] = self.threshold
            issues = find_issues_with_predictions(predictions=predictions, y=labels, **kwargs)
        self.summary = self.make_summary(score=issues[self.issue_score_key].mean())
        self.info = self.collect_info(issues=issues)
        self.issues = issues.drop(columns=["given_label", "predicted_label"])

    def collect_info(self, issues: pd.DataFrame) -> dict[str, Any]:
        """How many labels are flagged, the mean score, and given and predicted labels."""
        return {
            "num_label_issues": int(issues[f"is_{self.issue_name}_issue"].sum()),
            "average_label_quality": issues[self.issue_score_key].mean(),
            "given_label": issues["given_label"].tolist(),
            "predicted_label": issues["predicted_label"].tolist(),
        }


def find_issues_with_predictions(predictions: Any, y: Any, threshold: float, **kwargs: Any) -> pd.DataFrame:
    """Flags labels whose score is below `threshold` times the median score.

    Parameters
    ----------
    predictions, y :
        N predictions and labels.
    threshold :
        As a part of the median.
    **kwargs :
        ``method`` of :func:`cleanlab_rs.regression.rank.get_label_quality_scores`; others are passed over.
    """
    from cleanlab_rs.regression.rank import get_label_quality_scores

    options = {"method": kwargs["method"]} if kwargs.get("method") is not None else {}
    scores = get_label_quality_scores(labels=y, predictions=predictions, **options)
    found: pd.DataFrame = pd.DataFrame(
        {
            "is_label_issue": scores < np.median(scores) * threshold,
            "label_score": scores,
            "given_label": y,
            "predicted_label": predictions,
        }
    )
    return found


def find_issues_with_features(features: Any, y: Any, cl: Any, **kwargs: Any) -> pd.DataFrame:
    """Has `cl`, a ``CleanLearning``, find the labels that look wrong.

    Parameters
    ----------
    features, y :
        N × p numbers, and N labels.
    cl :
        The ``CleanLearning``.
    **kwargs :
        Options of its `find_label_issues`; others are passed over.
    """
    options = {
        key: value for key, value in kwargs.items() if key in _FIND_LABEL_ISSUES_OPTIONS and value is not None
    }
    found: pd.DataFrame = cl.find_label_issues(X=features, y=y, **options)
    return found
