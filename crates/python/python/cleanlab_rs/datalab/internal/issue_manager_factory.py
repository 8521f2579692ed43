"""Which checks there are, and how others are added."""

from __future__ import annotations

from typing import TypeVar

from cleanlab_rs.datalab.internal.issue_manager import (
    ClassImbalanceIssueManager,
    DataValuationIssueManager,
    IssueManager,
    LabelIssueManager,
    NearDuplicateIssueManager,
    NonIIDIssueManager,
    NullIssueManager,
    OutlierIssueManager,
    UnderperformingGroupIssueManager,
)
from cleanlab_rs.datalab.internal.issue_manager.multilabel.label import MultilabelIssueManager
from cleanlab_rs.datalab.internal.issue_manager.regression.label import RegressionLabelIssueManager
from cleanlab_rs.datalab.internal.task import Task

Manager = TypeVar("Manager", bound=type[IssueManager])

#: The checks of each task by name. Checks of one's own are added by `register`.
REGISTRY: dict[Task, dict[str, type[IssueManager]]] = {
    Task.CLASSIFICATION: {
        "outlier": OutlierIssueManager,
        "label": LabelIssueManager,
        "near_duplicate": NearDuplicateIssueManager,
        "non_iid": NonIIDIssueManager,
        "class_imbalance": ClassImbalanceIssueManager,
        "underperforming_group": UnderperformingGroupIssueManager,
        "data_valuation": DataValuationIssueManager,
        "null": NullIssueManager,
    },
    Task.REGRESSION: {
        "label": RegressionLabelIssueManager,
        "outlier": OutlierIssueManager,
        "near_duplicate": NearDuplicateIssueManager,
        "non_iid": NonIIDIssueManager,
        "data_valuation": DataValuationIssueManager,
        "null": NullIssueManager,
    },
    Task.MULTILABEL: {
        "label": MultilabelIssueManager,
        "outlier": OutlierIssueManager,
        "near_duplicate": NearDuplicateIssueManager,
        "non_iid": NonIIDIssueManager,
        "data_valuation": DataValuationIssueManager,
        "null": NullIssueManager,
    },
}

_DEFAULTS = ["null", "label", "outlier", "near_duplicate", "non_iid"]


class _IssueManagerFactory:
    """Finds the class of a check by its name."""

    @classmethod
    def from_str(cls, issue_type: str, task: Task) -> type[IssueManager]:
        """The check of that name.

        Raises
        ------
        ValueError
            If the task has none.
        """
        if isinstance(issue_type, list):
            raise ValueError("issue_type must be a string, not a list. Try using from_list instead.")
        if task not in REGISTRY:
            raise ValueError(f"Invalid task type: {task}, must be in {list(REGISTRY)}")
        if issue_type not in REGISTRY[task]:
            raise ValueError(
                f"Invalid issue type: {issue_type} for task {task}; there are {list(REGISTRY[task])}"
            )
        return REGISTRY[task][issue_type]

    @classmethod
    def from_list(cls, issue_types: list[str], task: Task) -> list[type[IssueManager]]:
        """The checks of those names."""
        return [cls.from_str(issue_type, task) for issue_type in issue_types]


def register(cls: Manager, task: str = str(Task.CLASSIFICATION)) -> Manager:
    """Adds a check of one's own, so that a Datalab can be asked for it by its name.

    Parameters
    ----------
    cls :
        A class derived from :class:`cleanlab_rs.datalab.internal.issue_manager.IssueManager`.
    task :
        For which task: ``"classification"``, ``"regression"`` or ``"multilabel"``.

    Returns
    -------
    cls :
        The same class, so that this can be a decorator.

    Raises
    ------
    ValueError
        If it is no such class, or there is no such task.

    Examples
    --------
    >>> from cleanlab_rs.datalab.internal.issue_manager import IssueManager
    >>> @register
    ... class Nothing(IssueManager):
    ...     issue_name = "nothing"
    ...     def find_issues(self, **kwargs):
    ...         ...
    """
    if not issubclass(cls, IssueManager):
        raise ValueError(f"Class {cls} must be a subclass of IssueManager")
    name = str(cls.issue_name)
    registered = REGISTRY[Task.from_str(task)]
    if name in registered:
        print(
            f"Warning: Overwriting existing issue manager {name} with {cls} for task {task}."
            "This may cause unexpected behavior."
        )
    registered[name] = cls
    return cls


def list_possible_issue_types(task: Task) -> list[str]:
    """The names of all checks of a task."""
    return list(REGISTRY.get(task, []))


def list_default_issue_types(task: Task) -> list[str]:
    """The names of the checks that are made unless others are chosen, in the order in which they are made."""
    if task in (Task.REGRESSION, Task.MULTILABEL):
        return list(_DEFAULTS)
    return [*_DEFAULTS, "class_imbalance", "underperforming_group"]
