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


def _by_name(*checks: type[IssueManager]) -> dict[str, type[IssueManager]]:
    return {check.issue_name: check for check in checks}


_OF_EVERY_TASK = (
    OutlierIssueManager,
    NearDuplicateIssueManager,
    NonIIDIssueManager,
    DataValuationIssueManager,
    NullIssueManager,
)

#: The checks of each task by name, in the order in which they are listed. Checks of one's own are added by `register`.
REGISTRY: dict[Task, dict[str, type[IssueManager]]] = {
    Task.CLASSIFICATION: _by_name(
        OutlierIssueManager,
        LabelIssueManager,
        NearDuplicateIssueManager,
        NonIIDIssueManager,
        ClassImbalanceIssueManager,
        UnderperformingGroupIssueManager,
        DataValuationIssueManager,
        NullIssueManager,
    ),
    Task.REGRESSION: _by_name(RegressionLabelIssueManager, *_OF_EVERY_TASK),
    Task.MULTILABEL: _by_name(MultilabelIssueManager, *_OF_EVERY_TASK),
}

_DEFAULTS = ["null", "label", "outlier", "near_duplicate", "non_iid"]


def issue_manager_of(issue_type: str, task: Task) -> type[IssueManager]:
    """The check of that name.

    Raises
    ------
    ValueError
        If the task has none.
    """
    checks = REGISTRY[task]
    if issue_type not in checks:
        raise ValueError(f"there is no check {issue_type!r} for {task}, only {', '.join(map(repr, checks))}.")
    return checks[issue_type]


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
        raise ValueError(f"only subclasses of IssueManager can be registered, and {cls} is none.")
    checks, name = REGISTRY[Task.from_str(task)], str(cls.issue_name)
    if name in checks:
        print(f"Warning: {cls} takes the place of {checks[name]} as the check {name!r} for {task}.")
    checks[name] = cls
    return cls


def list_possible_issue_types(task: Task) -> list[str]:
    """The names of all checks of a task."""
    return list(REGISTRY.get(task, []))


def list_default_issue_types(task: Task) -> list[str]:
    """The names of the checks that are made unless others are chosen, in the order in which they are made."""
    of_classes = ["class_imbalance", "underperforming_group"] if task.is_classification else []
    return _DEFAULTS + of_classes
