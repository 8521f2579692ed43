"""The parts of an audit, with or without checks of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleanlab_rs.datalab.internal.data_issues import (
    DataIssues,
    _ClassificationInfoStrategy,
    _InfoStrategy,
    _MultilabelInfoStrategy,
    _RegressionInfoStrategy,
)
from cleanlab_rs.datalab.internal.issue_finder import IssueFinder
from cleanlab_rs.datalab.internal.report import Reporter
from cleanlab_rs.datalab.internal.task import Task

if TYPE_CHECKING:
    from cleanlab_rs.datalab.internal.data import Data

_STRATEGIES: dict[Task, type[_InfoStrategy]] = {
    Task.CLASSIFICATION: _ClassificationInfoStrategy,
    Task.REGRESSION: _RegressionInfoStrategy,
    Task.MULTILABEL: _MultilabelInfoStrategy,
}


def issue_finder_factory(imagelab: Any) -> type[IssueFinder]:
    """The class that makes the checks."""
    if imagelab:
        from cleanlab_rs.datalab.internal.adapter.imagelab import ImagelabIssueFinderAdapter

        return ImagelabIssueFinderAdapter
    return IssueFinder


def report_factory(imagelab: Any) -> type[Reporter]:
    """The class that writes the report."""
    if imagelab:
        from cleanlab_rs.datalab.internal.adapter.imagelab import ImagelabReporterAdapter

        return ImagelabReporterAdapter
    return Reporter


class _DataIssuesBuilder:
    """Makes what keeps the results of an audit."""

    def __init__(self, data: Data):
        self.data = data
        self.imagelab: Any = None
        self.task: Task = Task.CLASSIFICATION

    def set_imagelab(self, imagelab: Any) -> _DataIssuesBuilder:
        """Sets the checks of images, if there are any."""
        self.imagelab = imagelab
        return self

    def set_task(self, task: Task) -> _DataIssuesBuilder:
        """Sets what the labels are."""
        self.task = task
        return self

    def build(self) -> DataIssues:
        """What keeps the results."""
        kept: type[DataIssues] = DataIssues
        if self.imagelab:
            from cleanlab_rs.datalab.internal.adapter.imagelab import ImagelabDataIssuesAdapter

            kept = ImagelabDataIssuesAdapter
        return kept(self.data, _STRATEGIES.get(self.task, _ClassificationInfoStrategy))
