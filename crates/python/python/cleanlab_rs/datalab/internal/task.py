"""The kinds of labels that a Datalab audits."""

from __future__ import annotations

from enum import Enum


class Task(Enum):
    """What the labels are: one class per row, a number, or a set of classes."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    MULTILABEL = "multilabel"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def from_str(cls, task_str: str) -> Task:
        """The task of that name.

        Raises
        ------
        ValueError
            If there is none.

        Examples
        --------
        >>> Task.from_str("regression").is_regression
        True
        """
        by_name = {task.value: task for task in cls}
        if not isinstance(task_str, str) or task_str not in by_name:
            raise ValueError(f"Invalid task: {task_str}. Datalab only supports {list(by_name)}.")
        return by_name[task_str]

    @property
    def is_classification(self) -> bool:
        """Whether each row has one class."""
        return self is Task.CLASSIFICATION

    @property
    def is_regression(self) -> bool:
        """Whether labels are numbers."""
        return self is Task.REGRESSION

    @property
    def is_multilabel(self) -> bool:
        """Whether each row has a set of classes."""
        return self is Task.MULTILABEL
