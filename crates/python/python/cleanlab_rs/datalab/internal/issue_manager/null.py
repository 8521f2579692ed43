"""Rows without any value."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager


class NullIssueManager(IssueManager):
    """Flags rows of which every feature is missing; a row scores the share of features that it has."""

    description: ClassVar[
        str
    ] = """Examples identified with the null issue correspond to rows that have null/missing values across all feature columns (i.e. the entire row is missing values).
        """
    issue_name: ClassVar[str] = "null"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: ["most_common_issue"]}

    @staticmethod
    def _calculate_null_issues(features: Any) -> tuple[Any, Any, Any]:
        """Which rows are empty, how full every row is, and which values are missing."""
        n_columns = features.shape[1]
        is_missing = np.isnan(features) if features.dtype.kind == "f" else pd.isna(features)
        n_present = n_columns - is_missing.sum(axis=1)
        return n_present == 0, n_present / n_columns, is_missing

    def find_issues(self, features: Any = None, **kwargs: Any) -> None:
        """Looks for missing values.

        Parameters
        ----------
        features :
            N × p values of any type, as an array or a table.
        """
        if features is None:
            raise ValueError("features must be provided to check for null values.")
        if isinstance(features, pd.DataFrame):
            features = features.to_numpy()
        is_empty, scores, is_missing = self._calculate_null_issues(features=features)
        self.issues = pd.DataFrame({f"is_{self.issue_name}_issue": is_empty, self.issue_score_key: scores})
        self.summary = self.make_summary(score=scores.mean())
        self.info = self.collect_info(is_missing)

    @staticmethod
    def _most_common_issue(null_tracker: Any) -> dict[str, dict[str, Any]]:
        """Which columns are missing together most often, and in which rows; of equal ones that of the first row."""
        rows = np.flatnonzero(null_tracker.any(axis=1))
        if not rows.size:
            return {"most_common_issue": {"pattern": "no_null", "rows_affected": [], "count": 0}}
        packed = np.packbits(null_tracker[rows], axis=1)
        keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).reshape(-1)
        _, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        most = counts.max()
        candidates = np.flatnonzero(counts == most)
        common = candidates[np.argmin(first[candidates])]
        pattern = null_tracker[rows[first[common]]]
        return {
            "most_common_issue": {
                "pattern": "".join("1" if missing else "0" for missing in pattern),
                "rows_affected": rows[inverse.reshape(-1) == common].tolist(),
                "count": int(most),
            }
        }

    @staticmethod
    def _column_impact(null_tracker: Any) -> dict[str, list[float]]:
        """The share of rows that each column is missing in."""
        return {"column_impact": null_tracker.mean(axis=0).tolist()}

    def collect_info(self, null_tracker: Any) -> dict[str, Any]:
        """The mean score, which columns are missing together, and how often each is missing."""
        return {
            "average_null_score": self.issues[self.issue_score_key].mean(),
            **self._most_common_issue(null_tracker),
            **self._column_impact(null_tracker),
        }

    @classmethod
    def report(cls, *args: Any, **kwargs: Any) -> str:
        """As of every check, and whether rows have to go before other checks are made."""
        text = super().report(*args, **kwargs)
        issues = kwargs["issues"]
        is_empty = issues[f"is_{cls.issue_name}_issue"].astype(bool)
        n_empty = int(is_empty.sum())
        n_partly = int(((issues[cls.issue_score_key] < 1.0) & ~is_empty).sum())
        if n_empty:
            text += (
                f"\n\nFound {n_empty} examples with null values in all features. "
                "These examples should be removed from the dataset before running other issue managers."
            )
        if n_partly:
            text += (
                f"\n\nFound {n_partly} examples with null values in some features. "
                "Please address these issues before running other issue managers."
            )
        return text
