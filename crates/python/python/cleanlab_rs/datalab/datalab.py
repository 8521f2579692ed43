"""One audit of a data set for every kind of issue.

A :class:`Datalab` takes data with labels, and what a model makes of them (probabilities, features or neighbours), and
looks for wrong labels, outliers, near duplicates, drift, imbalance and more.
"""

from __future__ import annotations

import os
import warnings
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import cleanlab_rs
from cleanlab_rs.datalab.internal.adapter.constants import DEFAULT_CLEANVISION_ISSUES
from cleanlab_rs.datalab.internal.columns import as_numbers
from cleanlab_rs.datalab.internal.data import Data
from cleanlab_rs.datalab.internal.display import _Displayer
from cleanlab_rs.datalab.internal.issue_manager_factory import (
    list_default_issue_types as _list_default_issue_types,
)
from cleanlab_rs.datalab.internal.issue_manager_factory import (
    list_possible_issue_types as _list_possible_issue_types,
)
from cleanlab_rs.datalab.internal.parts import parts_of
from cleanlab_rs.datalab.internal.result_formats import in_format
from cleanlab_rs.datalab.internal.serialize import read_audit, write_audit
from cleanlab_rs.datalab.internal.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Datalab"]


class Datalab:
    """An audit of a data set.

    Parameters
    ----------
    data :
        A dictionary of sequences, a list of dictionaries, a table of pandas, polars, pyarrow or Hugging Face datasets,
        any other object with Arrow's PyCapsule interface, or the path of a file (.csv, .tsv, .json, .jsonl, .txt,
        .parquet).
    task : {"classification", "regression", "multilabel"}
        Whether labels are classes, numbers or lists of classes.
    label_name : str, optional
        The column of the labels. Without labels, what can be checked without is.
    image_key : str, optional
        The column of images of a ``datasets.Dataset``, for checks of images by the package cleanvision.
    verbosity : int
        0 announces nothing; higher numbers have reports tell more, up to 4.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs import Datalab
    >>> lab = Datalab({"y": ["cat", "dog", "cat", "dog"]}, label_name="y", verbosity=0)
    >>> lab.find_issues(features=np.array([[0.1, 0.2], [0.9, 0.8], [np.nan, np.nan], [1.0, 0.7]]), issue_types={"null": {}})
    >>> lab.get_issues("null")["is_null_issue"].tolist()
    [False, False, True, False]
    """

    def __init__(
        self,
        data: Any,
        task: str = "classification",
        label_name: str | None = None,
        image_key: str | None = None,
        verbosity: int = 1,
    ) -> None:
        self.verbosity = verbosity
        self.cleanlab_version = cleanlab_rs.__version__
        self.task = Task.from_str(task)
        self.label_name = label_name
        self._data = Data(data, self.task, label_name)
        self._imagelab: Any = None
        if image_key:
            from cleanlab_rs.datalab.internal.adapter.imagelab import create_imagelab

            self._imagelab = create_imagelab(dataset=data, image_key=image_key)
        self._parts = parts_of(self._imagelab, self.task, self._data)
        self.data_issues = self._parts.data_issues
        self._last_features: Any = None

    @property
    def _label_map(self) -> dict[int, Any]:
        return self._data.labels.label_map

    def __repr__(self) -> str:
        return repr(_Displayer(data_issues=self.data_issues, task=self.task))

    def __str__(self) -> str:
        return str(_Displayer(data_issues=self.data_issues, task=self.task))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_last_features": None}

    @property
    def data(self) -> Any:
        """The data, as a ``datasets.Dataset`` where that package is installed, else as they were given."""
        return self._data._data

    @property
    def _data_hash(self) -> int:
        return self._data._data_hash

    @property
    def labels(self) -> Any:
        """The labels: N class numbers from 0, N numbers, or N lists of class numbers."""
        return self._data.labels.labels

    @property
    def has_labels(self) -> bool:
        """Whether there are labels that are classes."""
        return self._data.has_labels

    @property
    def class_names(self) -> list[Any]:
        """The names of the classes, in the order of their numbers; empty without classes."""
        return self._data.class_names

    def find_issues(
        self,
        *,
        pred_probs: Any = None,
        features: Any = None,
        knn_graph: Any = None,
        issue_types: dict[str, Any] | None = None,
    ) -> None:
        """Looks for issues, and adds what it finds to what is known.

        The more is given, the more can be checked. A check that fails is announced and passed over; the others are made.

        Parameters
        ----------
        pred_probs :
            N × K out-of-sample probabilities of the classes in their sorted order; for numeric labels N predictions.
        features :
            N × p numbers: features or embeddings, where NaN marks what is missing.
        knn_graph : scipy.sparse.csr_matrix, optional
            N × N distances from the k nearest rows, k entries in every row in ascending order, rows themselves left
            out. Taken in place of what the features would give.
        issue_types : dict, optional
            The checks to make, each with a dictionary of its options, such as ``{"outlier": {"k": 5}}``. By default those
            of `list_default_issue_types` that have what they need.

        Raises
        ------
        ValueError
            If there is no such check, or an input has another number of rows than the data.
        """
        if issue_types is not None and not issue_types:
            warnings.warn("`issue_types` names no check, so that none is made; None stands for the default ones.", stacklevel=2)
            return
        if issue_types is not None and not isinstance(issue_types, Mapping):
            raise TypeError(f"issue_types must be a dict of checks and their options, as {{'outlier': {{}}}}, not {issue_types!r}")
        for name, options in (issue_types or {}).items():
            if not isinstance(options, Mapping):
                raise TypeError(f"the options of the check {name!r} must be a dict, as {{}}, not {options!r}")
        self._remember(features)
        pred_probs, features = as_numbers(pred_probs), as_numbers(features)
        for name, value in (("pred_probs", pred_probs), ("features", features), ("knn_graph", knn_graph)):
            self._check_length(name, value)
        self._parts.finder(self, self.task, self.verbosity).find_issues(
            pred_probs=pred_probs, features=features, knn_graph=knn_graph, issue_types=issue_types
        )
        if self.verbosity:
            found = self.data_issues.issue_summary["num_issues"].sum()
            print(f"\nAudit complete. {found} issues found in the dataset.")

    def _check_length(self, name: str, value: Any) -> None:
        n_rows = len(self._data)
        shape = np.shape(value) if value is not None else ()
        if n_rows and shape and shape[0] != n_rows:
            raise ValueError(f"`{name}` has {shape[0]} rows, but the data have {n_rows}.")

    def _remember(self, features: Any) -> None:
        """Keeps hold of features for the map of a page, for as long as somebody else keeps them."""
        if features is not None:
            try:
                self._last_features = weakref.ref(features)
            except TypeError:
                self._last_features = None

    def report(
        self,
        *,
        num_examples: int = 5,
        verbosity: int | None = None,
        include_description: bool = True,
        show_summary_score: bool = False,
        show_all_issues: bool = False,
    ) -> None:
        """Prints what was found, the most frequent kind of issue first, with the worst rows of each.

        Parameters
        ----------
        num_examples :
            How many rows are shown of each kind.
        verbosity :
            How much is told of each kind, 0 to 4; that of the Datalab if left out.
        include_description :
            Whether kinds of issues are described.
        show_summary_score :
            Whether the summary tells the score of each kind.
        show_all_issues :
            Whether kinds are shown that no row has.
        """
        if self.data_issues.issue_summary.empty:
            print("Please specify some `issue_types` in datalab.find_issues() to see a report.\n")
            return
        reporter = self._parts.reporter(
            self.data_issues,
            task=self.task,
            imagelab=self._imagelab,
            verbosity=self.verbosity if verbosity is None else verbosity,
            include_description=include_description,
            show_summary_score=show_summary_score,
            show_all_issues=show_all_issues,
        )
        reporter.report(num_examples)

    def to_html(self, path: str | os.PathLike[str], *, title: str = "data", features: Any = None) -> None:
        """Writes what was found as one page that needs no network and no other file.

        Parameters
        ----------
        path :
            Where the page is written.
        title :
            The name of the data.
        features :
            N × p numbers for a map of the rows; those last given to `find_issues`, if they still exist, if left out.
        """
        page = self._page(title=title, features=features)
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)

    def _page(self, *, title: str, features: Any = None, n_worst_rows: int = 100, n_points: int = 3000) -> str:
        from cleanlab_rs.datalab.internal.page import render_page

        if features is None and self._last_features is not None:
            features = self._last_features()
        return render_page(
            self, title=title, features=as_numbers(features), n_worst_rows=n_worst_rows, n_points=n_points
        )

    def _repr_html_(self) -> str:
        from cleanlab_rs.datalab.internal.page import framed

        if self.data_issues.issue_summary.empty:
            return framed(None, str(self))
        return framed(self._page(title="data", n_worst_rows=20, n_points=1000), str(self))

    @property
    def issues(self) -> pd.DataFrame:
        """For every row and every kind of issue whether the row has it, and a score in [0, 1], lower for worse rows."""
        return self.data_issues.issues

    @issues.setter
    def issues(self, issues: pd.DataFrame) -> None:
        self.data_issues.issues = issues

    @property
    def issue_summary(self) -> pd.DataFrame:
        """For every kind of issue the score of the data, and how many rows have it.

        Scores can be compared between data sets, not between kinds of issues.
        """
        return self.data_issues.issue_summary

    @issue_summary.setter
    def issue_summary(self, issue_summary: pd.DataFrame) -> None:
        self.data_issues.issue_summary = issue_summary

    @property
    def info(self) -> dict[str, dict[str, Any]]:
        """For every kind of issue what else was found out, and under ``"statistics"`` what is known of the data."""
        return self.data_issues.info

    @info.setter
    def info(self, info: dict[str, dict[str, Any]]) -> None:
        self.data_issues.info = info

    def get_issues(self, issue_name: str | None = None, *, result_format: str = "pandas") -> Any:
        """For every row whether it has an issue, and a score in [0, 1], lower for worse rows.

        Parameters
        ----------
        issue_name :
            The kind of issue, which adds columns such as given and predicted label; all kinds if left out.
        result_format : {"pandas", "polars", "arrow"}
            What the table is made of.

        Raises
        ------
        ValueError
            If there is no such kind, or it has not been looked for.
        """
        possible = self.list_possible_issue_types()
        if issue_name is not None and issue_name not in possible:
            raise ValueError(f"there is no check {issue_name!r}, only {', '.join(map(repr, possible))}.")
        return in_format(self.data_issues.get_issues(issue_name), result_format)

    def get_issue_summary(self, issue_name: str | None = None, *, result_format: str = "pandas") -> Any:
        """The score of the data regarding a kind of issue, and how many rows have it.

        Parameters
        ----------
        issue_name :
            The kind of issue; all kinds if left out.
        result_format : {"pandas", "polars", "arrow"}
            What the table is made of.

        Raises
        ------
        ValueError
            If it has not been looked for.
        """
        return in_format(self.data_issues.get_issue_summary(issue_name=issue_name), result_format)

    def get_info(self, issue_name: str | None = None) -> dict[str, Any]:
        """What else was found out about a kind of issue; about all kinds if left out.

        Raises
        ------
        ValueError
            If it has not been looked for.
        """
        return self.data_issues.get_info(issue_name)

    def list_possible_issue_types(self) -> list[str]:
        """The names of all checks that can be asked for."""
        return [*_list_possible_issue_types(self.task), *self._checks_of_images()]

    def list_default_issue_types(self) -> list[str]:
        """The names of the checks that are made unless others are chosen."""
        return [*_list_default_issue_types(self.task), *self._checks_of_images()]

    def _checks_of_images(self) -> list[str]:
        return [] if self._imagelab is None else list(DEFAULT_CLEANVISION_ISSUES)

    def save(self, path: str, force: bool = False) -> None:
        """Writes the audit into a folder, data included.

        Parameters
        ----------
        path :
            The folder.
        force :
            Whether what is there is written over.

        Raises
        ------
        FileExistsError
            If there is something at `path`, unless `force` is set.
        """
        write_audit(self, path, force=force)
        print(f"Saved Datalab to folder: {path}")

    @staticmethod
    def load(path: str, data: Any = None, *, trusted: bool = False) -> Datalab:
        """Reads an audit that was saved. No code that is hidden in it is run.

        Parameters
        ----------
        path :
            The folder.
        data :
            The data again, to take the place of those that were saved.
        trusted :
            Whether objects of any class may be read, such as those that checks of your own leave in `info`. Reading them
            runs code that the audit names: set it for what you saved yourself.

        Raises
        ------
        ValueError
            If there is no folder, `data` are others than those that were saved, or something in the audit is of a class
            that audits are not made of.
        """
        datalab = read_audit(path, data, trusted=trusted)
        print(f"Datalab loaded from folder: {path}")
        return datalab
