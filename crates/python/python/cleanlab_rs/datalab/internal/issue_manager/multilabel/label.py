"""Sets of classes that look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import chosen_options, flags_and_scores

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

#: Options of `multilabel_classification.filter.find_label_issues`.
_FIND_LABEL_ISSUES_OPTIONS = (
    "filter_by",
    "frac_noise",
    "num_to_remove_per_class",
    "min_examples_per_class",
    "confident_joint",
    "n_jobs",
    "verbose",
    "low_memory",
)
#: Options of `multilabel_classification.rank.get_label_quality_scores`.
_SCORE_OPTIONS = ("method", "adjust_pred_probs", "aggregator_kwargs")
#: Classes with a higher probability are predicted.
_LEAST_PREDICTED = 0.5

class MultilabelIssueManager(IssueManager):
    """Flags rows of which a class seems to be missing or too much.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    """

    description: ClassVar[
        str
    ] = """Examples whose given label(s) are estimated to be potentially incorrect
    (e.g. due to annotation error) are flagged as having label issues.
    """
    issue_name: ClassVar[str] = "label"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: [], 3: []}

    def __init__(self, datalab: Datalab, **_: Any):
        super().__init__(datalab)

    def find_issues(self, pred_probs: Any, **kwargs: Any) -> None:
        """Compares the labels with what a model predicts.

        Parameters
        ----------
        pred_probs :
            N × K out-of-sample probabilities of each class on its own.
        """
        from cleanlab_rs.internal.multilabel_utils import onehot2int
        from cleanlab_rs.multilabel_classification.filter import find_label_issues
        from cleanlab_rs.multilabel_classification.rank import get_label_quality_scores

        labels = self.datalab.labels
        if not isinstance(labels, list):
            raise TypeError(f"this check needs a list of classes per row, but the labels are a {type(labels).__name__}.")
        given = {"labels": labels, "pred_probs": pred_probs}
        is_issue = find_label_issues(**given, **chosen_options(kwargs, _FIND_LABEL_ISSUES_OPTIONS))
        scores = get_label_quality_scores(**given, **chosen_options(kwargs, _SCORE_OPTIONS))
        self.issues = flags_and_scores(self, is_issue, scores)
        self.summary = self.make_summary(scores.mean())
        self.info = self.collect_info(labels, onehot2int(np.asarray(pred_probs) > _LEAST_PREDICTED))

    def collect_info(
        self, given_labels: list[list[int]], predicted_labels: list[list[int]]
    ) -> dict[str, Any]:
        """Given and predicted classes."""
        return {"given_label": given_labels, "predicted_label": predicted_labels}
