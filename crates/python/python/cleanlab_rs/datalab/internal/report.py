"""The report of an audit as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleanlab_rs.datalab.internal.adapter.constants import DEFAULT_CLEANVISION_ISSUES
from cleanlab_rs.datalab.internal.issue_manager_factory import _IssueManagerFactory

if TYPE_CHECKING:
    import pandas as pd

    from cleanlab_rs.datalab.internal.data_issues import DataIssues
    from cleanlab_rs.datalab.internal.task import Task

_ABOUT_ISSUES = "https://docs.cleanlab.ai/stable/cleanlab/datalab/guide/issue_type_description.html"


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
        if not (self.show_all_issues or summary.empty or summary["num_issues"].sum() > 0):
            return self._get_empty_report()
        summary = summary.sort_values(by="num_issues", ascending=False, kind="stable")
        parts = [
            _IssueManagerFactory.from_str(issue_type=name, task=self.task).report(
                issues=self.data_issues.get_issues(issue_name=name),
                summary=self.data_issues.get_issue_summary(issue_name=name),
                info=self.data_issues.get_info(issue_name=name),
                num_examples=num_examples,
                verbosity=self.verbosity,
                include_description=self.include_description,
            )
            for name in self._get_issue_types(summary)
        ]
        return self._write_summary(summary) + "\n\n\n".join(parts)

    def _get_empty_report(self) -> str:
        text = "No issues found in the data. Good job!"
        if not self.show_summary_score:
            text += (
                "\n\nTry re-running Datalab.report() with `show_summary_score = True` and `show_all_issues = True`."
            )
        return text

    def _write_summary(self, summary: pd.DataFrame) -> str:
        statistics = self.data_issues.get_info("statistics")
        about = f"Dataset Information: num_examples: {statistics['num_examples']}"
        if statistics.get("num_classes") is not None:
            about += f", num_classes: {statistics['num_classes']}"
        if not self.show_all_issues:
            summary = summary[summary["num_issues"] > 0]
        if self.show_summary_score:
            note = "\n\n(Note: A lower score indicates a more severe issue across all examples in the dataset.)"
            table = summary.to_string(index=False) + note
        else:
            table = summary.drop(columns=["score"]).to_string(index=False)
        return (
            f"{about}\n\nHere is a summary of various issues found in your data:\n\n{table}\n\n"
            f"Learn about each issue: {_ABOUT_ISSUES}\n"
            "See which examples in your dataset exhibit each issue via: `datalab.get_issues(<ISSUE_NAME>)`\n\n"
            "Data indices corresponding to top examples of each issue are shown below.\n\n\n"
        )

    def _get_issue_types(self, issue_summary: pd.DataFrame) -> list[str]:
        return [
            name
            for name, num_issues in zip(issue_summary["issue_type"], issue_summary["num_issues"])
            if name not in DEFAULT_CLEANVISION_ISSUES and (self.show_all_issues or num_issues > 0)
        ]
