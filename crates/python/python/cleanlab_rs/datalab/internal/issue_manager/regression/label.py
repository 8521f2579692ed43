"""Numeric labels that look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import chosen_options, one_label_per_row

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

        options = clean_learning_kwargs or {}
        self.cl = CleanLearning(**options)
        self._has_own_model = "model" in options
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
        # A model of one's own is fitted even where there are predictions of another one.
        is_fitted = self._has_own_model or predictions is None
        if is_fitted and features is None:
            given = "the model of `clean_learning_kwargs` is fitted to" if self._has_own_model else "in place of predictions"
            raise ValueError(f"there are no numeric `features`, which are needed: {given}.")
        labels = one_label_per_row(self.datalab.labels)
        if is_fitted:
            found = find_issues_with_features(features, labels, self.cl, **kwargs)
        else:
            found = find_issues_with_predictions(predictions, labels, **{**kwargs, "threshold": self.threshold})
        found = found.rename(columns={"label_quality": self.issue_score_key})
        self.info = self.collect_info(found)
        self.summary = self.make_summary(self.info["average_label_quality"])
        self.issues = found.drop(columns=["given_label", "predicted_label"])

    def collect_info(self, issues: pd.DataFrame) -> dict[str, Any]:
        """How many labels are flagged, the mean score, and given and predicted labels."""
        flags, scores = issues[f"is_{self.issue_name}_issue"], issues[self.issue_score_key]
        labels = {column: issues[column].tolist() for column in ("given_label", "predicted_label")}
        return {"num_label_issues": int(flags.sum()), "average_label_quality": scores.mean(), **labels}


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

    scores = get_label_quality_scores(labels=y, predictions=predictions, **chosen_options(kwargs, ("method",)))
    columns = {"label_score": scores, "given_label": y, "predicted_label": predictions}
    found: pd.DataFrame = pd.DataFrame({"is_label_issue": scores < threshold * np.median(scores), **columns})
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
    found: pd.DataFrame = cl.find_label_issues(X=features, y=y, **chosen_options(kwargs, _FIND_LABEL_ISSUES_OPTIONS))
    return found
