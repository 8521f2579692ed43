"""Checks of images by cleanvision, as part of an audit."""

from __future__ import annotations

import warnings
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
            "For now, only huggingface datasets are supported for running cleanvision checks inside cleanlab."
        )
    return Imagelab(hf_dataset=dataset, image_key=image_key)


class ImagelabDataIssuesAdapter(DataIssues):
    """What an audit with images has found so far."""

    def collect_issues_from_imagelab(self, imagelab: Any, issue_types: Any) -> None:
        """Keeps what was found in images, but for what too many of them have."""
        again = [name for name in issue_types if name in set(self.issue_summary["issue_type"])]
        columns = [column for name in again for column in (f"is_{name}_issue", f"{name}_score")]
        if again:
            warnings.warn(f"Overwriting columns {columns} in self.issues with columns from imagelab.", stacklevel=3)
            warnings.warn(f"Overwriting {again} rows in self.issue_summary from imagelab.", stacklevel=3)
            self.issues = self.issues.drop(columns=columns)
            self.issue_summary = self.issue_summary[~self.issue_summary["issue_type"].isin(again)]
        named = [column for name in issue_types for column in (f"is_{name}_issue", f"{name}_score")]
        ordered = [column for column in named if column in imagelab.issues.columns]
        ordered.extend(column for column in imagelab.issues.columns if column not in named)
        new = [column for column in ordered if column not in self.issues.columns]
        self.issues = self.issues.join(imagelab.issues[new], how="outer")
        most = int(IMAGELAB_ISSUES_MAX_PREVALENCE * len(self.issues))
        summary = self.filter_based_on_max_prevalence(imagelab.issue_summary.copy(), most)
        summary = summary.rename({"num_images": "num_issues"}, axis=1)
        self.issue_summary = pd.concat([self.issue_summary, summary], axis=0, ignore_index=True)
        for name in issue_types:
            self._keep_info(name, imagelab.info[name], "imagelab")

    def filter_based_on_max_prevalence(self, issue_summary: pd.DataFrame, max_num: int) -> pd.DataFrame:
        """Leaves out what more than `max_num` images have, and says so."""
        is_frequent = issue_summary["num_images"] > max_num
        if is_frequent.any():
            names = ", ".join(issue_summary.loc[is_frequent, "issue_type"])
            print(
                f"Removing {names} from potential issues in the dataset as it exceeds "
                f"max_prevalence={IMAGELAB_ISSUES_MAX_PREVALENCE}"
            )
        kept: pd.DataFrame = issue_summary[~is_frequent].copy()
        return kept

    def get_info(self, issue_name: str | None = None) -> dict[str, Any]:
        """As of every audit, and for ``"spurious_correlations"``."""
        if issue_name != "spurious_correlations":
            return super().get_info(issue_name)
        found = self.info.get("spurious_correlations")
        if not found:
            raise ValueError("Spurious correlations have not been calculated. Run find_issues() first.")
        return found


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
        correlated = found["correlations_df"]
        correlated = correlated[correlated["score"] < found["threshold"]]
        if correlated.empty:
            return
        properties = correlated["property"].tolist()
        named = correlated.assign(property=[name.replace("_score", "") for name in properties])
        print(
            "\n\n\nSummary of (potentially spurious) correlations between image properties and class labels detected "
            "in the data:\n\n"
            "Lower scores below correspond to images properties that are more strongly correlated with the class "
            f"labels.\n\n\n{named.to_string(index=False)}\n"
        )
        print(
            "Here are the images corresponding to the extreme (minimum and maximum) individual scores for each of the "
            "detected correlated properties:\n\n"
        )
        from cleanvision.utils.viz_manager import VizManager

        issues = self.data_issues.get_issues()
        for name in properties:
            ends = [issues[name].idxmin(), issues[name].idxmax()]
            print(f"Images with minimum and maximum individual scores for {name.replace('_score', '')} issue:\n")
            VizManager.individual_images(
                images=[self.imagelab._dataset[row] for row in ends],
                title_info={"scores": [f"score: {issues.loc[row, name]:.4f}" for row in ends]},
                ncols=2,
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
        of_images = ("image_issue_types", "spurious_correlations")
        others = issue_types and {name: value for name, value in issue_types.items() if name not in of_images}
        super().find_issues(
            pred_probs=pred_probs, features=features, knn_graph=knn_graph, issue_types=others
        )
        self._find_image_issues(issue_types)
        if not issue_types or "spurious_correlations" in issue_types:
            self._find_spurious_correlations((issue_types or {}).get("spurious_correlations") or {})

    def _find_image_issues(self, issue_types: dict[str, Any] | None) -> None:
        if issue_types is None:
            chosen = DEFAULT_CLEANVISION_ISSUES
        else:
            named = issue_types.get("image_issue_types") or {}
            chosen = {name: options or DEFAULT_CLEANVISION_ISSUES[name] for name, options in named.items()}
        if not chosen:
            return
        try:
            if self.verbosity:
                print(f"Finding {', '.join(chosen)} images ...")
            self.imagelab.find_issues(issue_types=chosen, verbose=False)
            self.datalab.data_issues.collect_statistics(self.imagelab)
            self.datalab.data_issues.collect_issues_from_imagelab(self.imagelab, chosen.keys())
        except Exception as error:  # noqa: BLE001 – as of every check that fails
            print(f"Error in checking for image issues: {error}")

    def _find_spurious_correlations(self, options: dict[str, Any]) -> None:
        scored = set(self.imagelab.issues.columns)
        if not any(f"{name}_score" in scored for name in DEFAULT_CLEANVISION_ISSUES):
            print("Skipping spurious correlations check: Image property scores not available.")
            print("To include this check, run find_issues() without parameters to compute all scores.")
            return
        print("Finding spurious correlation issues in the dataset ...")
        defaults = SPURIOUS_CORRELATION_ISSUE["spurious_correlations"]
        try:
            if self.datalab.has_labels:
                self.datalab.data_issues.info["spurious_correlations"] = handle_spurious_correlations(
                    imagelab_issues=self.imagelab.issues,
                    labels=self.datalab.labels,
                    threshold=options.get("threshold", defaults["threshold"]),
                )
        except Exception as error:  # noqa: BLE001 – as of every check that fails
            print(f"Error in checking for spurious correlations: {error}")


def handle_spurious_correlations(
    *, imagelab_issues: pd.DataFrame, labels: Any, threshold: float, **_: Any
) -> dict[str, Any]:
    """How well scores of images predict the labels, and below which score that is too well."""
    scores = imagelab_issues[[column for column in imagelab_issues.columns if column.endswith("_score")]]
    found = SpuriousCorrelations(data=scores, labels=labels).calculate_correlations()
    return {"correlations_df": found, "threshold": threshold}
