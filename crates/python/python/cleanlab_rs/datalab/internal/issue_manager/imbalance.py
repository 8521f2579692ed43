"""Classes with few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager

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
        labels = self.datalab.labels
        if not isinstance(labels, np.ndarray):
            raise TypeError(f"Expected labels to be a numpy array of shape (n_samples,), but got {type(labels)} instead.")
        shares = np.bincount(labels) / len(labels)
        rarest = int(np.argmin(shares))
        exists = shares[rarest] < self.threshold * (1 / len(self.datalab.class_names))
        flagged = rarest if exists else -1
        self.issues = pd.DataFrame(
            {
                f"is_{self.issue_name}_issue": labels == flagged,
                self.issue_score_key: np.where(labels == rarest, shares[rarest], 1),
            }
        )
        self.summary = self.make_summary(score=shares[rarest])
        self.info = self.collect_info(class_name=self.datalab._label_map.get(flagged, "NA"), labels=labels)

    def collect_info(self, class_name: Any, labels: Any) -> dict[str, Any]:
        """The threshold, the class that is flagged, and the labels."""
        return {"threshold": self.threshold, "Rarest Class": class_name, "given_label": labels}
