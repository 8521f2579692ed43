"""Rows without any value."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs._arguments import dense
from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import flags_and_scores


class NullIssueManager(IssueManager):
    """Flags rows of which every feature is missing; a row scores the share of features that it has."""

    description: ClassVar[
        str
    ] = """Examples identified with the null issue correspond to rows that have null/missing values across all feature columns (i.e. the entire row is missing values).
        """
    issue_name: ClassVar[str] = "null"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: ["most_common_issue"]}

    def find_issues(self, features: Any = None, **kwargs: Any) -> None:
        """Looks for missing values.

        Parameters
        ----------
        features :
            N × p values of any type, as an array or a table.
        """
        if features is None:
            raise ValueError("there are no `features` to look for missing values in.")
        is_missing = _missing_in(features.to_numpy() if isinstance(features, pd.DataFrame) else dense(features))
        n_columns = is_missing.shape[1]
        n_present = n_columns - is_missing.sum(axis=1)
        scores = n_present / n_columns
        self.issues = flags_and_scores(self, n_present == 0, scores)
        self.summary = self.make_summary(scores.mean())
        self.info = self.collect_info(is_missing)

    def collect_info(self, null_tracker: Any) -> dict[str, Any]:
        """The mean score, which columns are missing together, and how often each is missing."""
        return {
            "average_null_score": self.issues[self.issue_score_key].mean(),
            "most_common_issue": _commonest_pattern(null_tracker),
            "column_impact": null_tracker.mean(axis=0).tolist(),
        }

    @classmethod
    def report(cls, *args: Any, **kwargs: Any) -> str:
        """As of every check, and whether rows have to go before other checks are made."""
        issues = kwargs["issues"]
        is_empty = issues[f"is_{cls.issue_name}_issue"].astype(bool)
        is_partly_empty = ~is_empty & (issues[cls.issue_score_key] < 1)
        advice = (
            (is_empty, "all features. These examples should be removed from the dataset before running other issue managers."),
            (is_partly_empty, "some features. Please address these issues before running other issue managers."),
        )
        parts = [
            f"\n\nFound {rows.sum()} examples with null values in {what_to_do}" for rows, what_to_do in advice if rows.any()
        ]
        return super().report(*args, **kwargs) + "".join(parts)


def _missing_in(features: Any) -> Any:
    """Which values of a matrix are missing."""
    return np.isnan(features) if features.dtype.kind == "f" else pd.isna(features)


def _commonest_pattern(is_missing: Any) -> dict[str, Any]:
    """Which columns are missing together most often, and in which rows; of equal ones that of the first row."""
    rows = np.flatnonzero(is_missing.any(axis=1))
    if not rows.size:
        return {"pattern": "no_null", "rows_affected": [], "count": 0}
    # Each row as one value: the bits of its columns.
    packed = np.packbits(is_missing[rows], axis=1)
    patterns = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).reshape(-1)
    _, first, pattern_of, counts = np.unique(patterns, return_index=True, return_inverse=True, return_counts=True)
    commonest = min(np.flatnonzero(counts == counts.max()), key=lambda pattern: first[pattern])
    columns = is_missing[rows[first[commonest]]]
    return {
        "pattern": "".join(map(str, columns.astype(int))),
        "rows_affected": rows[pattern_of.reshape(-1) == commonest].tolist(),
        "count": int(counts[commonest]),
    }
