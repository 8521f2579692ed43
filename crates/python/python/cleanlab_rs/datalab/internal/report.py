"""The report of an audit as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleanlab_rs.datalab.internal.adapter.constants import DEFAULT_CLEANVISION_ISSUES
from cleanlab_rs.datalab.internal.issue_manager_factory import issue_manager_of

if TYPE_CHECKING:
    import pandas as pd

    from cleanlab_rs.datalab.internal.data_issues import DataIssues
    from cleanlab_rs.datalab.internal.task import Task

# The lines of a report are cleanlab's, so that whoever looks for them finds them.
_NOTHING_FOUND = "No issues found in the data. Good job!"
_HOW_TO_SEE_ALL = "Try re-running Datalab.report() with `show_summary_score = True` and `show_all_issues = True`."
_ABOUT_SCORES = "\n\n(Note: A lower score indicates a more severe issue across all examples in the dataset.)"
_HOW_TO_GO_ON = (
    "Learn about each issue: https://docs.cleanlab.ai/stable/cleanlab/datalab/guide/issue_type_description.html\n"
    "See which examples in your dataset exhibit each issue via: `datalab.get_issues(<ISSUE_NAME>)`\n\n"
    "Data indices corresponding to top examples of each issue are shown below.\n\n\n"
)


class Reporter:
    """Writes the report of an audit.

    Parameters
    ----------
    data_issues : DataIssues
        What was found.
    task : Task
        What the labels are.
    verbosity : int
        How much is told of every kind of issue.
    include_description : bool
        Whether kinds of issues are described.
    show_summary_score : bool
        Whether the summary tells scores.
    show_all_issues : bool
        Whether kinds of issues that no row has are shown.
    """

    def __init__(
        self,
        data_issues: DataIssues,
        task: Task,
        verbosity: int = 1,
        include_description: bool = True,
        show_summary_score: bool = False,
        show_all_issues: bool = False,
        **kwargs: Any,
    ):
        self.data_issues = data_issues
        self.task = task
        self.verbosity = verbosity
        self.include_description = include_description
        self.show_summary_score = show_summary_score
        self.show_all_issues = show_all_issues

    def report(self, num_examples: int) -> None:
        """Prints the report.

        Parameters
        ----------
        num_examples :
            How many of the worst rows are shown of every kind of issue.
        """
        print(self.get_report(num_examples=num_examples))

    def get_report(self, num_examples: int) -> str:
        """The report.

        Parameters
        ----------
        num_examples :
            How many of the worst rows are shown of every kind of issue.
        """
        summary = self.data_issues.issue_summary
        if not self.show_all_issues:
            with_issues = summary[summary["num_issues"] > 0]
            if with_issues.empty and not summary.empty:
                return _NOTHING_FOUND if self.show_summary_score else f"{_NOTHING_FOUND}\n\n{_HOW_TO_SEE_ALL}"
            summary = with_issues
        summary = summary.sort_values(by="num_issues", ascending=False, kind="stable")
        names = [name for name in summary["issue_type"] if name not in DEFAULT_CLEANVISION_ISSUES]
        parts = "\n\n\n".join(self._about_issue(name, num_examples) for name in names)
        return f"{self._about_data()}{self._overview(summary)}{_HOW_TO_GO_ON}{parts}"

    def _about_issue(self, name: str, num_examples: int) -> str:
        """What the check itself reports."""
        found = self.data_issues
        return issue_manager_of(name, self.task).report(
            issues=found.get_issues(name),
            summary=found.get_issue_summary(name),
            info=found.get_info(name),
            num_examples=num_examples,
            verbosity=self.verbosity,
            include_description=self.include_description,
        )

    def _about_data(self) -> str:
        """Number of rows, and of classes where there are such."""
        statistics = self.data_issues.statistics
        known = [name for name in ("num_examples", "num_classes") if statistics.get(name) is not None]
        return f"Dataset Information: {', '.join(f'{name}: {statistics[name]}' for name in known)}\n\n"

    def _overview(self, summary: pd.DataFrame) -> str:
        """The summary as a table."""
        shown = summary if self.show_summary_score else summary.drop(columns="score")
        note = _ABOUT_SCORES if self.show_summary_score else ""
        return f"Here is a summary of various issues found in your data:\n\n{shown.to_string(index=False)}{note}\n\n"
