"""What an audit has found so far."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.task import Task

if TYPE_CHECKING:
    from cleanlab_rs.datalab.internal.data import Data
    from cleanlab_rs.datalab.internal.issue_manager import IssueManager

Info = dict[str, Any]

_LABELS = ("given_label", "predicted_label")

#: For every task, the issues of whose ``info`` some entries hold numbers of classes, and these entries. Who asks for them
#: gets the names of the classes.
ENTRIES_WITH_CLASSES: dict[Task, dict[str, tuple[str, ...]]] = {
    Task.CLASSIFICATION: {"label": _LABELS, "class_imbalance": _LABELS},
    Task.REGRESSION: {},
    Task.MULTILABEL: {"label": _LABELS},
}

#: For every issue the entries of its ``info`` that stand beside flags and scores, where there are such.
_SHOWN_ENTRIES: dict[str, tuple[str, ...]] = {
    "label": _LABELS,
    "class_imbalance": ("given_label",),
    "near_duplicate": ("near_duplicate_sets", "distance_to_nearest_neighbor"),
}


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

    Parameters
    ----------
    data : Data
        What is audited.
    strategy : mapping
        The issues of whose ``info`` some entries hold numbers of classes, and these entries.
    """

    def __init__(self, data: Data, strategy: Mapping[str, tuple[str, ...]]) -> None:
        self._data = data
        self._entries_with_classes = strategy
        self.info: dict[str, Info] = {"statistics": get_data_statistics(data)}
        self.issues: pd.DataFrame = pd.DataFrame(index=pd.RangeIndex(len(data)))
        no_lines = {"issue_type": np.array([], object), "score": np.array([], float), "num_issues": np.array([], np.int64)}
        self.issue_summary: pd.DataFrame = pd.DataFrame(no_lines)
        self._columns_of: dict[str, list[Any]] = {}

    def get_info(self, issue_name: str | None = None) -> Info:
        """What else is known of an issue, with classes by their names; of all issues if none is named.

        Raises
        ------
        ValueError
            If that issue has not been looked for.
        """
        if issue_name is None:
            return self.info
        if issue_name not in self.info:
            raise ValueError(f"nothing is known of {issue_name!r}: there are {', '.join(map(repr, self.info))}.")
        found = dict(self.info[issue_name])
        entries = self._entries_with_classes.get(issue_name)
        if entries is not None:
            labels = self._data.labels
            if not labels.is_available:
                raise ValueError("there are no classes: no label column was named when the Datalab was made.")
            for entry in entries:
                if found.get(entry) is not None:
                    found[entry] = _names_of(found[entry], labels.label_map, several=isinstance(labels.labels, list))
            found["class_names"] = labels.class_names
        return found

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
        info = self.get_info(issue_name)
        shown = {entry: info[entry] for entry in _SHOWN_ENTRIES.get(issue_name, ()) if info.get(entry) is not None}
        found: pd.DataFrame = self.issues[columns].assign(**shown)
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
        summary = self.issue_summary
        if summary.empty:
            raise ValueError("there is no summary, as no check has been completed: call `find_issues` first, or see what it printed.")
        if issue_name is None:
            return summary
        lines: pd.DataFrame = summary.loc[summary["issue_type"] == issue_name].reset_index(drop=True)
        if lines.empty:
            raise ValueError(f"{issue_name!r} is not in the summary, which has {summary['issue_type'].tolist()}.")
        return lines

    def collect_statistics(self, issue_manager: IssueManager | Any) -> None:
        """Keeps what a check found out about the data as a whole."""
        self.info["statistics"].update(issue_manager.info.get("statistics", {}))

    def collect_issues_from_issue_manager(self, issue_manager: IssueManager) -> None:
        """Keeps the results of a check, in place of those of an earlier one of the same name."""
        name, new = issue_manager.issue_name, issue_manager.issues
        replaced = self.issues.columns.intersection(new.columns)
        if len(replaced):
            _warn_of_replaced("columns of `issues`", list(replaced), issue_manager)
        self.issues = self.issues.drop(columns=replaced).join(new, how="outer")
        self._columns_of[name] = list(new.columns)

        is_old = self.issue_summary["issue_type"] == name
        if is_old.any():
            _warn_of_replaced("line of `issue_summary`", name, issue_manager)
        line = issue_manager.summary.assign(num_issues=int(new[f"is_{name}_issue"].sum()))
        self.issue_summary = pd.concat([self.issue_summary[~is_old], line], ignore_index=True)
        self._keep_info(name, issue_manager.info, issue_manager)

    def _keep_info(self, issue_name: str, info: Info, source: Any) -> None:
        if issue_name in self.info:
            _warn_of_replaced("entry of `info`", issue_name, source)
        self.info[issue_name] = info

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


def _names_of(numbers: Any, names: dict[int, Any], *, several: bool) -> Any:
    """The names of the classes of all rows: an array, or a list of lists if a row can have several."""
    if several:
        return [[names.get(number) for number in row] for row in numbers]
    in_order = np.asarray([names[number] for number in range(len(names))])
    named = in_order[np.asarray(numbers, dtype=np.int64)]
    # Texts as wide as the longest that is there.
    return np.asarray(named.tolist()) if named.dtype.kind == "U" and named.size else named


def _warn_of_replaced(what: str, names: Any, source: Any) -> None:
    warnings.warn(f"Overwriting {what}: {names}, by the results of {source}.", stacklevel=3)
