"""What an audit has found so far."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from cleanlab_rs.datalab.internal.data import Data
    from cleanlab_rs.datalab.internal.issue_manager import IssueManager

Info = dict[str, Any]


class _InfoStrategy(ABC):
    """How what is known of an issue is put into words of the data: names of classes for their numbers."""

    @staticmethod
    @abstractmethod
    def get_info(data: Data, info: Info, issue_name: str | None = None) -> Info:
        """What is known of one issue, or of all of them."""

    @staticmethod
    def _get_info_helper(info: Info, issue_name: str | None = None) -> Info | None:
        """A copy of what is known of one issue; ``None`` if none is named."""
        if issue_name is None:
            return None
        if issue_name not in info:
            raise ValueError(f"issue_name {issue_name} not found in self.info. These have not been computed yet.")
        found: Info = info[issue_name].copy()
        return found


def _class_names_by_number(data: Data) -> dict[int, Any]:
    if not data.labels.is_available:
        raise ValueError("The labels are not available: no label column was named when the Datalab was made.")
    return data.labels.label_map


class _ClassificationInfoStrategy(_InfoStrategy):
    """One class per row."""

    @staticmethod
    def get_info(data: Data, info: Info, issue_name: str | None = None) -> Info:
        """As :meth:`_InfoStrategy.get_info`."""
        found = _InfoStrategy._get_info_helper(info, issue_name)
        if found is None:
            return info
        if issue_name in ("label", "class_imbalance"):
            names = _class_names_by_number(data)
            by_number = np.asarray([names[number] for number in range(len(names))])
            for key in ("given_label", "predicted_label"):
                if found.get(key) is not None:
                    found[key] = by_number[np.asarray(found[key], dtype=np.int64)]
            found["class_names"] = list(names.values())
        return found


class _RegressionInfoStrategy(_InfoStrategy):
    """A number per row, which needs no other words."""

    @staticmethod
    def get_info(data: Data, info: Info, issue_name: str | None = None) -> Info:
        """As :meth:`_InfoStrategy.get_info`."""
        found = _InfoStrategy._get_info_helper(info, issue_name)
        return info if found is None else found


class _MultilabelInfoStrategy(_InfoStrategy):
    """A list of classes per row."""

    @staticmethod
    def get_info(data: Data, info: Info, issue_name: str | None = None) -> Info:
        """As :meth:`_InfoStrategy.get_info`."""
        found = _InfoStrategy._get_info_helper(info, issue_name)
        if found is None:
            return info
        if issue_name == "label":
            names = _class_names_by_number(data)
            for key in ("given_label", "predicted_label"):
                if found.get(key) is not None:
                    found[key] = [[names.get(number) for number in numbers] for numbers in found[key]]
            found["class_names"] = list(names.values())
        return found


class DataIssues:
    """What an audit has found so far.

    Attributes
    ----------
    issues : pandas.DataFrame
        For every row and every kind of issue whether the row has it, and a score in [0, 1].
    issue_summary : pandas.DataFrame
        For every kind of issue its score and how many rows have it.
    info : dict
        For every kind of issue what else is known, and under ``"statistics"`` what is known of the data.
    """

    def __init__(self, data: Data, strategy: type[_InfoStrategy]) -> None:
        self.issues: pd.DataFrame = pd.DataFrame(index=range(len(data)))
        self.issue_summary: pd.DataFrame = pd.DataFrame(
            columns=["issue_type", "score", "num_issues"]
        ).astype({"score": np.float64, "num_issues": np.int64})
        self.info: dict[str, Info] = {"statistics": get_data_statistics(data)}
        self._data = data
        self._strategy = strategy
        self._columns_of: dict[str, list[Any]] = {}

    def get_info(self, issue_name: str | None = None) -> Info:
        """What else is known of an issue, with classes by their names; of all issues if none is named.

        Raises
        ------
        ValueError
            If that issue has not been looked for.
        """
        return self._strategy.get_info(data=self._data, info=self.info, issue_name=issue_name)

    @property
    def statistics(self) -> Info:
        """What is known of the data as a whole."""
        return self.info["statistics"]

    def get_issues(self, issue_name: str | None = None) -> pd.DataFrame:
        """Flags and scores of one issue with what belongs to them, or of all issues.

        Raises
        ------
        ValueError
            If nothing has been found yet, or that issue has not been looked for.
        """
        if self.issues.empty:
            raise ValueError(
                "No issues available for retrieval: call `find_issues` first. If you have, none of its checks could be "
                "made; what it printed tells why."
            )
        if issue_name is None:
            return self.issues
        columns = self._issue_columns(issue_name)
        if not columns:
            raise ValueError(
                f"No columns found for issue type '{issue_name}': it was not among the checks of `find_issues`, "
                "or that check failed; what `find_issues` printed tells why."
            )
        issues = self.issues[columns]
        info = self.get_info(issue_name)
        extra: dict[str, Any] = {}
        if issue_name == "label":
            extra = {key: info[key] for key in ("given_label", "predicted_label")}
        elif issue_name == "near_duplicate":
            keys = ("near_duplicate_sets", "distance_to_nearest_neighbor")
            extra = {key: info[key] for key in keys if info.get(key) is not None}
        elif issue_name == "class_imbalance":
            extra = {"given_label": info["given_label"]}
        found: pd.DataFrame = issues.assign(**extra)
        return found

    def _issue_columns(self, issue_name: str) -> list[Any]:
        """The columns that the check of that name made, of those that bear the name."""
        known = self._columns_of.get(issue_name)
        bearing = [column for column in self.issues.columns if issue_name in str(column)]
        if known is None:
            others = {column for columns in self._columns_of.values() for column in columns}
            return [column for column in bearing if column not in others]
        return [column for column in bearing if column in known]

    def get_issue_summary(self, issue_name: str | None = None) -> pd.DataFrame:
        """The score of an issue and how many rows have it, or those of all issues.

        Raises
        ------
        ValueError
            If nothing has been found yet, or that issue has not been looked for.
        """
        if self.issue_summary.empty:
            raise ValueError("No issues found in the dataset. Call `find_issues` before calling `get_issue_summary`.")
        if issue_name is None:
            return self.issue_summary
        is_named = self.issue_summary["issue_type"] == issue_name
        if not is_named.any():
            raise ValueError(f"Issue type {issue_name} not found in the summary.")
        line: pd.DataFrame = self.issue_summary[is_named].reset_index(drop=True)
        return line

    def collect_statistics(self, issue_manager: IssueManager | Any) -> None:
        """Keeps what a check found out about the data as a whole."""
        self.info["statistics"].update(issue_manager.info.get("statistics", {}))

    def collect_issues_from_issue_manager(self, issue_manager: IssueManager) -> None:
        """Keeps the results of a check, in place of those of an earlier one of the same name."""
        name = issue_manager.issue_name
        self._update_issues(issue_manager)
        if name in self.issue_summary["issue_type"].values:
            warnings.warn(
                f"Overwriting row in self.issue_summary with row from issue manager {issue_manager}.",
                stacklevel=2,
            )
            self.issue_summary = self.issue_summary[self.issue_summary["issue_type"] != name]
        num_issues = int(issue_manager.issues[f"is_{name}_issue"].sum())
        line = issue_manager.summary.assign(num_issues=num_issues)
        self.issue_summary = pd.concat([self.issue_summary, line], axis=0, ignore_index=True)
        self._update_issue_info(name, issue_manager.info)

    def _update_issues(self, issue_manager: IssueManager) -> None:
        new = issue_manager.issues
        overlapping = [column for column in self.issues.columns if column in new.columns]
        if overlapping:
            warnings.warn(
                f"Overwriting columns {overlapping} in self.issues with columns from issue manager {issue_manager}.",
                stacklevel=3,
            )
            self.issues = self.issues.drop(columns=overlapping)
        self.issues = self.issues.join(new, how="outer")
        self._columns_of[issue_manager.issue_name] = list(new.columns)

    def _update_issue_info(self, issue_name: str, new_info: Info) -> None:
        if issue_name in self.info:
            warnings.warn(f"Overwriting key {issue_name} in self.info", stacklevel=3)
        self.info[issue_name] = new_info

    def collect_issues_from_imagelab(self, imagelab: Any, issue_types: Any) -> None:
        """Keeps what was found in images; here there are none."""

    def set_health_score(self) -> None:
        """Sets the health score of the data: the mean of the scores of all checks."""
        self.info["statistics"]["health_score"] = self.issue_summary["score"].mean()


def get_data_statistics(data: Data) -> Info:
    """What is known of the data before anything is looked for."""
    statistics: Info = {"num_examples": len(data), "multi_label": False, "health_score": None}
    if data.labels.is_available:
        statistics["class_names"] = data.class_names
        statistics["num_classes"] = len(data.class_names)
    return statistics
