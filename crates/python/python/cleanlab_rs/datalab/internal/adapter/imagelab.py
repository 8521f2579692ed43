"""Checks of images by cleanvision, as part of an audit."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cleanlab_rs.datalab.internal.adapter.constants import (
    DEFAULT_CLEANVISION_ISSUES,
    IMAGELAB_ISSUES_MAX_PREVALENCE,
    SPURIOUS_CORRELATION_ISSUE,
)
from cleanlab_rs.datalab.internal.data_issues import DataIssues
from cleanlab_rs.datalab.internal.issue_finder import IssueFinder
from cleanlab_rs.datalab.internal.report import Reporter
from cleanlab_rs.datalab.internal.spurious_correlation import SpuriousCorrelations

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab
    from cleanlab_rs.datalab.internal.task import Task


# The lines of a report are cleanlab's, so that whoever looks for them finds them.
_ABOUT_CORRELATIONS = (
    "\n\n\nSummary of (potentially spurious) correlations between image properties and class labels detected in the data:"
    "\n\nLower scores below correspond to images properties that are more strongly correlated with the class labels.\n\n\n"
)
_ABOUT_EXTREMES = (
    "Here are the images corresponding to the extreme (minimum and maximum) individual scores for each of the detected "
    "correlated properties:\n\n"
)
#: What of `issue_types` is about images.
_OF_IMAGES = ("image_issue_types", "spurious_correlations")


def create_imagelab(dataset: Any, image_key: str | None) -> Any:
    """cleanvision's ``Imagelab`` for a column of images; ``None`` if no column is named.

    Raises
    ------
    ImportError
        If cleanvision or datasets are missing.
    ValueError
        If the data are no ``datasets.Dataset``.
    """
    if not image_key:
        return None
    try:
        from cleanvision import Imagelab
        from datasets import Dataset
    except ImportError as error:
        raise ImportError(
            "Checks of images need the packages cleanvision and datasets: `pip install cleanvision datasets`."
        ) from error
    if not isinstance(dataset, Dataset):
        raise ValueError(
            f"images are read from a column of a Hugging Face datasets.Dataset, and the data are a {type(dataset)}."
        )
    return Imagelab(hf_dataset=dataset, image_key=image_key)


class ImagelabDataIssuesAdapter(DataIssues):
    """What an audit with images has found so far."""

    def collect_issues_from_imagelab(self, imagelab: Any, issue_types: Any) -> None:
        """Keeps what was found in images, but for what too many of them have."""
        names = list(issue_types)
        columns = [column for name in names for column in (f"is_{name}_issue", f"{name}_score")]
        known = self.issue_summary["issue_type"].isin(names)
        if known.any():
            again = self.issue_summary.loc[known, "issue_type"].tolist()
            warnings.warn(f"Overwriting what is known of {again}, by the results of imagelab.", stacklevel=3)
            self.issues = self.issues.drop(columns=[column for column in columns if column in self.issues.columns])
        # Those that were asked for in their order, then what cleanvision found on earlier calls.
        in_order = dict.fromkeys([*(column for column in columns if column in imagelab.issues), *imagelab.issues])
        new = [column for column in in_order if column not in self.issues.columns]
        self.issues = self.issues.join(imagelab.issues[new], how="outer")
        found = self.filter_based_on_max_prevalence(
            imagelab.issue_summary, int(IMAGELAB_ISSUES_MAX_PREVALENCE * len(self.issues))
        )
        lines = [self.issue_summary[~known], found.rename(columns={"num_images": "num_issues"})]
        self.issue_summary = pd.concat(lines, ignore_index=True)
        for name in names:
            self._keep_info(name, imagelab.info[name], "imagelab")

    def filter_based_on_max_prevalence(self, issue_summary: pd.DataFrame, max_num: int) -> pd.DataFrame:
        """Leaves out what more than `max_num` images have, and says so."""
        is_usual = issue_summary["num_images"] > max_num
        kept: pd.DataFrame = issue_summary[~is_usual]
        if is_usual.any():
            left_out = issue_summary.loc[is_usual, "issue_type"]
            print(
                f"More than {IMAGELAB_ISSUES_MAX_PREVALENCE:.0%} of the images are {', '.join(left_out)}: that is how they "
                "are, and no issue."
            )
        return kept

    def get_info(self, issue_name: str | None = None) -> dict[str, Any]:
        """As of every audit, and for ``"spurious_correlations"``."""
        if issue_name == "spurious_correlations":
            if not self.info.get(issue_name):
                raise ValueError("no correlations with properties of images are known: `find_issues` looks for them.")
            return self.info[issue_name]
        return super().get_info(issue_name)


class ImagelabReporterAdapter(Reporter):
    """Writes the report of an audit with images."""

    def __init__(self, data_issues: DataIssues, imagelab: Any, task: Task, **kwargs: Any):
        super().__init__(data_issues=data_issues, task=task, **kwargs)
        self.imagelab = imagelab

    def report(self, num_examples: int) -> None:
        """Prints the report, and shows images."""
        super().report(num_examples)
        print("\n\n")
        self.imagelab.report(
            num_images=num_examples,
            max_prevalence=IMAGELAB_ISSUES_MAX_PREVALENCE,
            print_summary=False,
            verbosity=0,
            show_id=True,
        )
        if "spurious_correlations" in self.data_issues.info:
            self._report_correlations(self.data_issues.get_info("spurious_correlations"))

    def _report_correlations(self, found: dict[str, Any]) -> None:
        """Prints the properties that tell too much of the class, and shows the images at their ends."""
        table: pd.DataFrame = found["correlations_df"]
        table = table[table["score"] < found["threshold"]]
        if table.empty:
            return
        shown = table.assign(property=table["property"].str.replace("_score", ""))
        print(f"{_ABOUT_CORRELATIONS}{shown.to_string(index=False)}\n")
        print(_ABOUT_EXTREMES)
        from cleanvision.utils.viz_manager import VizManager

        issues = self.data_issues.get_issues()
        for column, name in zip(table["property"], shown["property"]):
            print(f"Images with minimum and maximum individual scores for {name} issue:\n")
            scores = issues[column]
            rows = [scores.idxmin(), scores.idxmax()]
            VizManager.individual_images(
                images=[self.imagelab._dataset[row] for row in rows],
                title_info={"scores": [f"score: {scores[row]:.4f}" for row in rows]},
                ncols=len(rows),
                cell_size=(2, 2),
            )


class ImagelabIssueFinderAdapter(IssueFinder):
    """Makes the checks of an audit, those of images after the others."""

    def __init__(self, datalab: Datalab, task: Task, verbosity: int = 1):
        super().__init__(datalab, task, verbosity)
        self.imagelab = datalab._imagelab

    def find_issues(
        self,
        *,
        pred_probs: Any = None,
        features: Any = None,
        knn_graph: Any = None,
        issue_types: dict[str, Any] | None = None,
    ) -> None:
        """As of every audit; ``"image_issue_types"`` and ``"spurious_correlations"`` are about images."""
        others = issue_types and {name: options for name, options in issue_types.items() if name not in _OF_IMAGES}
        super().find_issues(pred_probs=pred_probs, features=features, knn_graph=knn_graph, issue_types=others)
        asked = issue_types or {}
        of_images = DEFAULT_CLEANVISION_ISSUES if issue_types is None else asked.get("image_issue_types") or {}
        if of_images:
            chosen = {name: options or DEFAULT_CLEANVISION_ISSUES[name] for name, options in of_images.items()}
            self._announcing("image issues", self._look_at_images, chosen)
        if asked and "spurious_correlations" not in asked:
            return
        if not any(f"{name}_score" in self.imagelab.issues for name in DEFAULT_CLEANVISION_ISSUES):
            print("Spurious correlations are not looked for: no property of images has been scored yet.")
            return
        print("Finding spurious correlation issues in the dataset ...")
        if self.datalab.has_labels:
            options = {**SPURIOUS_CORRELATION_ISSUE["spurious_correlations"], **(asked.get("spurious_correlations") or {})}
            self._announcing("spurious correlations", self._look_for_correlations, options)

    @staticmethod
    def _announcing(what: str, look: Callable[[dict[str, Any]], None], options: dict[str, Any]) -> None:
        """Makes a check, and prints what fails, as of every check."""
        try:
            look(options)
        except Exception as error:  # noqa: BLE001 – whatever fails, the other checks are made
            print(f"Error in checking for {what}: {error}")

    def _look_at_images(self, chosen: dict[str, Any]) -> None:
        if self.verbosity:
            print(f"Finding {', '.join(chosen)} images ...")
        self.imagelab.find_issues(issue_types=chosen, verbose=False)
        self.datalab.data_issues.collect_statistics(self.imagelab)
        self.datalab.data_issues.collect_issues_from_imagelab(self.imagelab, chosen)

    def _look_for_correlations(self, options: dict[str, Any]) -> None:
        found = handle_spurious_correlations(
            imagelab_issues=self.imagelab.issues, labels=self.datalab.labels, **options
        )
        self.datalab.data_issues.info["spurious_correlations"] = found


def handle_spurious_correlations(
    *, imagelab_issues: pd.DataFrame, labels: Any, threshold: float, **_: Any
) -> dict[str, Any]:
    """How well scores of images predict the labels, and below which score that is too well."""
    scores = imagelab_issues.filter(regex="_score$")
    return {"correlations_df": SpuriousCorrelations(scores, labels).calculate_correlations(), "threshold": threshold}
