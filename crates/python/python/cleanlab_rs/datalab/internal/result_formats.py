"""Results as tables of pandas, polars or Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

RESULT_FORMATS = ("pandas", "polars", "arrow")


def in_format(table: pd.DataFrame, result_format: str) -> Any:
    """A data frame, or the same as ``polars.DataFrame`` or ``pyarrow.Table``. Rows keep their order.

    Raises
    ------
    ValueError
        If there is no such format.
    ImportError
        If the package that it needs is missing.
    """
    if result_format == "pandas":
        return table
    if result_format not in RESULT_FORMATS:
        raise ValueError(f"result_format is {result_format!r}, but must be one of {RESULT_FORMATS}.")
    columns = {str(name): _plain(table[name]) for name in table.columns}
    if result_format == "polars":
        import polars as pl

        return pl.DataFrame(columns)
    import pyarrow as pa

    return pa.table(columns)


def _plain(values: pd.Series) -> Any:
    """A column as an array of numbers, or as a list of what Python knows."""
    array = values.to_numpy()
    if array.dtype.kind in "biuf":
        return array
    return [value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value for value in array]
