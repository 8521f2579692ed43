"""Checks of numeric labels, and of what belongs to them."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from .._arguments import read_once

__all__ = [
    "assert_valid_prediction_inputs",
    "assert_valid_regression_inputs",
    "check_dimension_and_datatype",
    "check_missing_values",
]


def assert_valid_prediction_inputs(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, method: str
) -> Tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Labels and predictions as vectors of the same length, without missing values.

    Raises
    ------
    ValueError
        If one of them is empty, no vector, not of numbers or has NaN, or if there is no such method.
    AssertionError
        If their lengths differ.
    """
    labels = check_dimension_and_datatype(labels, text="labels")
    predictions = check_dimension_and_datatype(predictions, text="predictions")
    if labels.shape != predictions.shape:
        raise AssertionError(
            f"there are {len(labels)} labels but {len(predictions)} predictions; give one of each per example"
        )
    check_missing_values(labels, text="labels")
    check_missing_values(predictions, text="predictions")
    if method not in ("residual", "outre"):
        raise ValueError(f"the method is {method!r}, but must be one of: residual, outre")
    return labels, predictions


def assert_valid_regression_inputs(X: Any, y: npt.ArrayLike) -> Tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Features as an array, and labels as a vector of as many numbers without missing values.

    Raises
    ------
    ValueError
        If one of them is not so.
    """
    try:
        features = np.asarray(read_once(X))
    except Exception as error:
        raise ValueError(f"X is a {type(X).__name__}, of which NumPy makes no array") from error
    labels = check_dimension_and_datatype(y, text="y")
    check_missing_values(labels, text="y")
    if len(features) != len(labels):
        raise ValueError(f"X has {len(features)} rows but y has {len(labels)}; both need one entry per example")
    return features, labels


def check_dimension_and_datatype(check_input: npt.ArrayLike, text: str) -> npt.NDArray[Any]:
    """A vector of numbers; axes of length one are dropped.

    Parameters
    ----------
    check_input : array_like
    text : str
        What it is called in errors.

    Raises
    ------
    ValueError
        If it is empty, no vector, or not of numbers.
    """
    try:
        values = np.asarray(read_once(check_input))
    except Exception as error:
        raise ValueError(f"{text} are a {type(check_input).__name__}, of which NumPy makes no array") from error
    if values.size == 0:
        raise ValueError(f"{text} are empty; at least one row is needed")
    values = np.squeeze(values)
    if values.ndim != 1:
        raise ValueError(f"{text} have {values.ndim} dimensions, but need one entry per example")
    if not np.issubdtype(values.dtype, np.number):
        raise ValueError(f"{text} have dtype {values.dtype}, but must be numbers")
    return values


def check_missing_values(check_input: npt.NDArray[Any], text: str) -> None:
    """Refuse NaN.

    Raises
    ------
    ValueError
        With the first row that has one.
    """
    missing = np.isnan(check_input)
    if missing.any():
        raise ValueError(f"{text} of row {int(missing.argmax())} is missing; drop the row or fill it in")
