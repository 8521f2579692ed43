"""Label issues that were found before, in any of the forms in which `fit` of an estimator takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._wrapped_model import pd


def issues_of_classes(label_issues: Any, labels: np.ndarray) -> pd.DataFrame:
    """Issues of labels that are classes as a table of its own: from a table, a mask or row numbers.

    Raises
    ------
    ValueError
        If they are of another kind, or do not fit `labels`.
    """
    if isinstance(label_issues, pd.DataFrame):
        return _checked(label_issues, labels)
    if not isinstance(label_issues, np.ndarray):
        raise ValueError(
            f"label_issues must be a pandas.DataFrame or a numpy.ndarray, not a {type(label_issues).__name__}"
        )
    if label_issues.dtype == bool:
        if label_issues.shape != labels.shape:
            raise ValueError(f"label_issues has the shape {label_issues.shape}, but labels have {labels.shape}")
        return pd.DataFrame({"is_label_issue": label_issues})
    if not np.issubdtype(label_issues.dtype, np.integer):
        raise ValueError(f"label_issues must be booleans or integers, not {label_issues.dtype}")
    if len(np.unique(label_issues)) != len(label_issues):
        raise ValueError(
            "label_issues is of integers, so it must be row numbers, each of them once; a mask must be of booleans"
        )
    mask = np.zeros(len(labels), dtype=bool)
    outside = label_issues[(label_issues >= len(mask)) | (label_issues < -len(mask))]
    if len(outside):
        raise IndexError(f"label_issues names row {outside[0]}, but there are {len(mask)} examples")
    mask[label_issues] = True
    return pd.DataFrame({"is_label_issue": mask})


def issues_of_numbers(label_issues: Any, y: np.ndarray) -> pd.DataFrame:
    """Issues of labels that are numbers as a table of its own: from a table or a mask.

    Raises
    ------
    ValueError
        If they are of another kind, or do not fit `y`.
    """
    if isinstance(label_issues, pd.DataFrame):
        return _checked(label_issues, y)
    if not isinstance(label_issues, (pd.Series, np.ndarray)):
        raise ValueError(
            "label_issues must be a pandas.DataFrame, a pandas.Series or a numpy.ndarray, "
            f"not a {type(label_issues).__name__}"
        )
    if label_issues.dtype != bool:
        raise ValueError(f"label_issues must be booleans, not {label_issues.dtype}")
    if label_issues.shape != y.shape:
        raise ValueError(f"label_issues has the shape {label_issues.shape}, but labels have {y.shape}")
    return pd.DataFrame({"is_label_issue": label_issues, "given_label": y})


def _checked(table: pd.DataFrame, labels: np.ndarray) -> pd.DataFrame:
    if "is_label_issue" not in table.columns:
        raise ValueError(f"label_issues has no column 'is_label_issue', only {list(table.columns)}")
    if len(table) != len(labels):
        raise ValueError(f"label_issues has {len(table)} rows, but there are {len(labels)} labels")
    if "given_label" in table.columns:
        different = np.flatnonzero(table["given_label"].to_numpy() != labels)
        if len(different) > 0:
            raise ValueError(
                f"label_issues belongs to other labels: its 'given_label' differs in {len(different)} rows, "
                f"the first of which is row {different[0]}"
            )
    return table.copy(deep=False)
