"""A Datalab in one line and in five."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleanlab_rs.datalab.internal.data_issues import DataIssues
    from cleanlab_rs.datalab.internal.task import Task


class _Displayer:
    """What ``repr`` and ``str`` say of a Datalab."""

    def __init__(self, data_issues: DataIssues, task: Task) -> None:
        self.data_issues = data_issues
        self.task = task

    def _facts(self) -> dict[str, Any]:
        statistics = self.data_issues.get_info("statistics")
        checks_run = not self.data_issues.issues.empty
        found = self.data_issues.issue_summary["num_issues"].sum() if checks_run else "Not checked"
        return {
            "checks_run": checks_run,
            "num_examples": statistics.get("num_examples"),
            "num_classes": statistics.get("num_classes"),
            "issues_identified": found,
        }

    def __repr__(self) -> str:
        facts = self._facts()
        if self.task.is_regression:
            facts.pop("num_classes")
        parts = [f"{name}={value}" for name, value in facts.items() if value is not None]
        return f"Datalab(task={str(self.task).capitalize()}, {', '.join(parts)})"

    def __str__(self) -> str:
        facts = self._facts()
        lines = [
            "Datalab:",
            f"Task: {str(self.task).capitalize()}",
            f"Checks run: {'Yes' if facts['checks_run'] else 'No'}",
            f"Number of examples: {'Unknown' if facts['num_examples'] is None else facts['num_examples']}",
            f"Number of classes: {'Unknown' if facts['num_classes'] is None else facts['num_classes']}",
            f"Issues identified: {facts['issues_identified']}",
        ]
        return "\n".join(lines)
