"""Whether every public name of cleanlab that the package has is called by some maker of cases."""

import inspect
import pathlib
import sys

from cases import MAKERS, OURS, THEIRS

sys.path.append(str(pathlib.Path(__file__).parents[1] / "tools"))
import compare_surface  # noqa: E402

# Values and types that nobody calls, and what a call of something else goes through.
NOT_CALLED = {
    "internal.constants": "values, which the table of the surface compares",
    "typing": "types for annotations",
    "DatalabUnavailable": "stands for Datalab where its packages are not installed",
    "datalab.internal.report.Reporter": "by Datalab.report",
    "datalab.internal.issue_finder.IssueFinder": "by Datalab.find_issues",
    "datalab.internal.data_issues.DataIssues": "by Datalab",
    "datalab.internal.data.Label": "by Data",
    "datalab.internal.data.MultiLabel": "by Data",
    "datalab.internal.data.MultiClass": "by Data",
    "datalab.internal.data.DataFormatError": "raised by Data",
    "datalab.internal.data.DatasetDictError": "raised by Data",
    "datalab.internal.data.DatasetLoadError": "raised by Data",
    "datalab.internal.issue_manager.multilabel.label.MultilabelIssueManager": "by Datalab of sets",
    "datalab.internal.issue_manager.regression.label": "by Datalab of numbers",
    "datalab.internal.issue_manager.knn_graph_helpers": "by the managers that look at neighbours",
}


def uncovered():
    """The names that are neither called nor explained above."""
    covered = {name for maker in MAKERS for name in maker.names}
    covered |= {"Datalab", "IssueManager"}
    for path in compare_surface.MODULES:
        theirs, ours = compare_surface.load(THEIRS, path), compare_surface.load(OURS, path)
        for name, value in compare_surface.public_names(theirs, path):
            whole = f"{path}.{name}" if path else name
            if whole in covered or whole in NOT_CALLED or path in NOT_CALLED:
                continue
            if hasattr(ours, name) and (inspect.isclass(value) or callable(value)):
                yield whole
