"""What every check has in common."""

from __future__ import annotations

import json
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Container
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

#: Entries of a list that a report shows.
_SHOWN_ENTRIES = 4
#: Rows of a table that a report shows.
_SHOWN_ROWS = 5


class IssueManagerMeta(ABCMeta):
    """Looks at a class of checks when it is defined, and names its scores after the issue."""

    issue_name: str
    issue_score_key: str

    def __new__(
        mcs, name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], **options: Any
    ) -> IssueManagerMeta:
        # Those that stand for several kinds of issues, IssueManager first, say so by ABC among their bases.
        if ABC not in bases:
            if "issue_name" not in namespace:
                raise TypeError(f"{name} finds no issue: give the class an `issue_name`.")
            _check_levels(name, namespace.get("verbosity_levels", {}))
            namespace = {**namespace, "issue_score_key": f"{namespace['issue_name']}_score"}
        return super().__new__(mcs, name, bases, namespace, **options)


def _check_levels(name: str, levels: dict[int, list[str]]) -> None:
    """Refuses levels of verbosity that are no lists of names."""
    for level, shown in levels.items():
        if not (isinstance(shown, list) and all(isinstance(entry, str) for entry in shown)):
            raise ValueError(
                f"`verbosity_levels` of {name} must hold lists of entries of `info`, but level {level} is {shown!r}."
            )


class IssueManager(ABC, metaclass=IssueManagerMeta):
    """A kind of issue, and how it is found.

    To add a kind of your own, derive a class, name it, find it, and register it:

    Examples
    --------
    >>> import pandas as pd
    >>> from cleanlab_rs.datalab.internal.issue_manager_factory import register
    >>> @register
    ... class Short(IssueManager):
    ...     description = "Texts of few words."
    ...     issue_name = "short"
    ...     def find_issues(self, texts, **kwargs):
    ...         score = [min(len(text.split()) / 5, 1) for text in texts]
    ...         is_issue = [value < 0.5 for value in score]
    ...         self.issues = pd.DataFrame({"is_short_issue": is_issue, self.issue_score_key: score})
    ...         self.summary = self.make_summary(score=self.issues[self.issue_score_key].mean())
    ...         self.info = self.collect_info()
    ...     def collect_info(self):
    ...         return {"num_short": int(self.issues["is_short_issue"].sum())}

    It is then made by ``lab.find_issues(issue_types={"short": {"texts": texts}})``: the values of ``issue_types`` are
    handed to both the constructor and `find_issues`.

    Parameters
    ----------
    datalab : Datalab
        The audit that the check belongs to.

    Attributes
    ----------
    issues : pandas.DataFrame
        Set by `find_issues`: ``is_<name>_issue`` and ``<name>_score`` for every row, the score in [0, 1] and lower for
        worse rows.
    summary : pandas.DataFrame
        Set by `find_issues`: what `make_summary` gives.
    info : dict
        Set by `find_issues`: what else was found out. What stands under ``"statistics"`` is shared with other checks.
    """

    description: ClassVar[str] = ""
    issue_name: ClassVar[str]
    issue_score_key: ClassVar[str]
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: [], 3: []}

    def __init__(self, datalab: Datalab, **_: Any):
        self.datalab = datalab
        self.info: dict[str, Any] = {}
        self.issues: pd.DataFrame = pd.DataFrame()
        self.summary: pd.DataFrame = pd.DataFrame()

    def __repr__(self) -> str:
        return self.__class__.__name__

    @abstractmethod
    def find_issues(self, *args: Any, **kwargs: Any) -> None:
        """Finds the rows that have the issue, and sets ``issues``, ``summary`` and ``info``."""
        raise NotImplementedError

    def collect_info(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What ``info`` becomes; called by `find_issues`."""
        raise NotImplementedError

    @classmethod
    def make_summary(cls, score: float) -> pd.DataFrame:
        """One line with the name of the issue and the score of the data as a whole.

        Raises
        ------
        ValueError
            If the score is not in [0, 1].
        """
        if not 0 <= score <= 1:
            raise ValueError(f"the score of the data must be between 0 and 1, but is {score}.")
        summary: pd.DataFrame = pd.DataFrame({"issue_type": [cls.issue_name], "score": [score]})
        return summary

    @classmethod
    def report(
        cls,
        issues: pd.DataFrame,
        summary: pd.DataFrame,
        info: dict[str, Any],
        num_examples: int = 5,
        verbosity: int = 0,
        include_description: bool = False,
        info_to_omit: list[str] | None = None,
    ) -> str:
        """The part of a report that is about this issue.

        Parameters
        ----------
        issues, summary, info :
            The results, as a Datalab's ``get_issues``, ``get_issue_summary`` and ``get_info`` give them.
        num_examples :
            How many of the worst rows are shown.
        verbosity :
            Up to which of the `verbosity_levels` entries of `info` are shown; one more than the last shows all.
        include_description :
            Whether the issue is described.
        info_to_omit :
            Entries of `info` that are never shown.
        """
        levels = cls.verbosity_levels
        show_all = max(levels) + 1
        if verbosity not in levels and verbosity != show_all:
            raise ValueError(
                f"there is no verbosity {verbosity} for {cls.issue_name} issues, only {list(levels)}, and {show_all} for all."
            )
        if issues.empty:
            print("No issues found")
        worst = issues.sort_values(by=cls.issue_score_key, ascending=True, kind="stable").index[:num_examples]
        parts = [f"{' ' + cls.issue_name + ' issues ':-^60}\n\n"]
        if include_description and cls.description:
            first_part = cls.description.split("\n\n", maxsplit=1)[0]
            parts.append(f"About this issue:\n\t{cls.description if verbosity else first_part}\n\n")
        parts.append(
            f"Number of examples with this issue: {issues[f'is_{cls.issue_name}_issue'].sum()}\n"
            f"Overall dataset quality in terms of this issue: {summary['score'].loc[0]:.4f}\n\n"
            "Examples representing most severe instances of this issue:\n"
        )
        parts.append(issues.loc[worst].to_string())

        omitted = set(issues.columns).union(info_to_omit or [])
        shown = [key for keys in list(levels.values())[: verbosity + 1] for key in keys]
        if verbosity == show_all:
            shown.extend(info)
        shown = [key for key in dict.fromkeys(shown) if key not in omitted]
        if shown:
            parts.append("\n\nAdditional Information: ")
            parts.extend(_fact(key, info[key]) for key in shown if key != "statistics")
        return "".join(parts)


def flags_and_scores(manager: IssueManager, is_issue: Any, scores: Any) -> pd.DataFrame:
    """The table of a check: for every row whether it has the issue, and its score."""
    table: pd.DataFrame = pd.DataFrame({f"is_{manager.issue_name}_issue": is_issue, manager.issue_score_key: scores})
    return table


def chosen_options(options: dict[str, Any], names: Container[str]) -> dict[str, Any]:
    """The options of those names that are set."""
    return {name: value for name, value in options.items() if name in names and value is not None}


def one_label_per_row(labels: Any) -> np.ndarray[Any, Any]:
    """Labels that are an array.

    Raises
    ------
    TypeError
        For sets of classes.
    """
    if not isinstance(labels, np.ndarray):
        raise TypeError(f"this check needs one label per row, an array, but the labels are a {type(labels).__name__}.")
    return labels


def _fact(name: str, value: Any) -> str:
    """An entry of ``info`` as a report shows it."""
    if isinstance(value, dict):
        return f"\n{name}:\n{json.dumps(value, indent=4, default=_shortened)}"
    if isinstance(value, pd.DataFrame):
        rest = f"\n... (total {len(value)} rows)" if len(value) > _SHOWN_ROWS else ""
        return f"\n{name}:\n{value.head(_SHOWN_ROWS).to_string()}{rest}"
    return f"\n{name}: {_shortened(value)}"


def _shortened(value: Any) -> str:
    """Text for a value, with no more than the first entries of a long list."""
    if hasattr(value, "shape") or hasattr(value, "ndim"):
        array = np.array(value)
        if array.ndim > 1:
            with np.printoptions(threshold=_SHOWN_ENTRIES):
                return f"array of shape {array.shape}\n{array}"
        value = array.tolist()
    if isinstance(value, list):
        if all(isinstance(entry, list) for entry in value):
            return _shortened_lists(value)
        if len(value) > _SHOWN_ENTRIES:
            value = [*value[:_SHOWN_ENTRIES], "..."]
    return str(value)


def _shortened_lists(lists: list[list[Any]]) -> str:
    """Lists of equal length are shown as a matrix, others one after the other."""
    if not lists:
        return str(lists)
    if len({len(entry) for entry in lists}) == 1:
        return _shortened(np.array(lists, dtype=object))
    shown: list[Any] = list(lists[:_SHOWN_ENTRIES])
    return str([*shown, "..."] if len(lists) > _SHOWN_ENTRIES else shown)
