"""Classes with few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import flags_and_scores, one_label_per_row

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab


class ClassImbalanceIssueManager(IssueManager):
    """Flags the rows of the rarest class if its share is below `threshold` / K.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.
    threshold : float
        How rare the class is, as a part of its share of 1 / K among K equally large classes.
    """

    description: ClassVar[str] = "Examples belonging to the most under-represented class in the dataset."
    issue_name: ClassVar[str] = "class_imbalance"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: ["Rarest Class"], 1: [], 2: []}

    def __init__(self, datalab: Datalab, threshold: float = 0.1, **_: Any):
        super().__init__(datalab)
        self.threshold = threshold

    def find_issues(self, **kwargs: Any) -> None:
        """Counts the classes."""
        labels = one_label_per_row(self.datalab.labels)
        counts = np.bincount(labels)
        rarest = int(counts.argmin())
        share = counts[rarest] / len(labels)
        is_too_rare = share < self.threshold * (1 / len(self.datalab.class_names))
        is_rarest = labels == rarest
        self.issues = flags_and_scores(self, is_rarest & is_too_rare, np.where(is_rarest, share, 1.0))
        self.summary = self.make_summary(share)
        name = self.datalab._label_map.get(rarest, "NA") if is_too_rare else "NA"
        self.info = self.collect_info(name, labels)

    def collect_info(self, class_name: Any, labels: Any) -> dict[str, Any]:
        """The threshold, the class that is flagged, and the labels."""
        return {"threshold": self.threshold, "Rarest Class": class_name, "given_label": labels}
