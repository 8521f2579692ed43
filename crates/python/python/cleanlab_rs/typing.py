"""Types of arguments, for annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Union

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DatasetLike", "FeatureArray", "LabelLike", "Metric"]

LabelLike = Union["list[Any]", "npt.NDArray[Any]", "pd.Series[Any]", "pd.DataFrame"]
"""Labels: a list, an array, or a column of a data frame."""

DatasetLike = Any
"""Examples of any kind that can be indexed and has a length."""

FeatureArray = npt.NDArray[np.generic]
"""A matrix of numbers, one row per example."""

Metric = Union[str, Callable[..., float]]
"""A measure of distance: its name, such as "cosine" or "euclidean", or a function of two vectors."""
