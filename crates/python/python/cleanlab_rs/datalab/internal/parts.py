"""What an audit is put together from, with or without checks of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleanlab_rs.datalab.internal.data_issues import ENTRIES_WITH_CLASSES, DataIssues
from cleanlab_rs.datalab.internal.issue_finder import IssueFinder
from cleanlab_rs.datalab.internal.report import Reporter

if TYPE_CHECKING:
    from cleanlab_rs.datalab.internal.data import Data
    from cleanlab_rs.datalab.internal.task import Task


@dataclass(frozen=True)
class Parts:
    """Where results are kept, and the classes that find and report them."""

    data_issues: DataIssues
    finder: type[IssueFinder]
    reporter: type[Reporter]


def parts_of(imagelab: Any, task: Task, data: Data) -> Parts:
    """The parts of a new audit.

    Parameters
    ----------
    imagelab :
        cleanvision's ``Imagelab``; ``None`` where no images are checked.
    task : Task
        What the labels are.
    data : Data
        What is audited.
    """
    entries = ENTRIES_WITH_CLASSES[task]
    if imagelab is None:
        return Parts(DataIssues(data, entries), IssueFinder, Reporter)
    # cleanvision and what it needs are imported for audits of images alone.
    from cleanlab_rs.datalab.internal.adapter import imagelab as of_images

    return Parts(
        of_images.ImagelabDataIssuesAdapter(data, entries),
        of_images.ImagelabIssueFinderAdapter,
        of_images.ImagelabReporterAdapter,
    )
