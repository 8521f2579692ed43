"""Data of any supported kind as named columns.

A column is read as a NumPy array of numbers or truth values where nothing is missing, else as a list with ``None`` for
what is missing. No kind of table is turned into another one on the way: pandas, polars, pyarrow and datasets are each
needed only for their own.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy as np

Values = Union["np.ndarray[Any, Any]", "list[Any]"]

#: Kinds of NumPy's types that hold one number or truth value per entry.
_PLAIN_KINDS = "biuf"


class DataFormatError(ValueError):
    """The data are of a kind that a Datalab cannot take."""

    def __init__(self, data: Any):
        self.data = data
        super().__init__(
            f"Unsupported data type: {type(data)}\n"
            "Supported types: datasets.Dataset, pandas.DataFrame, dict, list, str, "
            "and tables of polars, pyarrow or anything else with the Arrow PyCapsule interface"
        )


class DatasetDictError(ValueError):
    """Several splits were given in place of one data set."""

    def __init__(self) -> None:
        super().__init__(
            "Please pass a single dataset, not a DatasetDict. Choose one of its splits, for example "
            "`load_dataset('name', split='train')` or `dataset_dict['train']`."
        )


class DatasetLoadError(ValueError):
    """The data are of a supported kind, but cannot be read as a table."""

    def __init__(self, dataset_type: type):
        super().__init__(f"Failed to load dataset from {dataset_type}.\n")

    @classmethod
    def because(cls, dataset_type: type, reason: str) -> DatasetLoadError:
        """The error with the reason in its message."""
        error = cls(dataset_type)
        error.args = (f"{error.args[0]}{reason}",)
        return error


class Columns(ABC):
    """A table: columns of equal length, by name."""

    names: list[str]
    n_rows: int
    _data: Any

    @property
    def table(self) -> Any:
        """The table in the form that it was read from."""
        return self._data

    @abstractmethod
    def values(self, name: str) -> Values:
        """The values of a column."""

    def class_names(self, name: str) -> list[str] | None:
        """The names behind a column of class numbers, where the table knows them."""
        del name
        return None

    @abstractmethod
    def rows(self, rows: list[int], n_columns: int) -> dict[str, list[Any]]:
        """Some rows of the first columns."""

    @abstractmethod
    def to_dataset(self) -> Any:
        """The table as a ``datasets.Dataset``."""


def read_columns(data: Any) -> Columns:
    """The columns of data of any supported kind.

    Raises
    ------
    DataFormatError
        If the kind is not supported.
    DatasetDictError
        For several splits.
    DatasetLoadError
        If columns differ in length, or a file cannot be read.
    """
    datasets = sys.modules.get("datasets")
    if datasets is not None:
        if isinstance(data, datasets.DatasetDict):
            raise DatasetDictError
        if isinstance(data, datasets.Dataset):
            return _DatasetColumns(data)
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        return _PandasColumns(data)
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(data, polars.DataFrame):
        return _PolarsColumns(data)
    if isinstance(data, dict):
        return _DictColumns(data)
    if isinstance(data, list):
        return _RecordColumns(data)
    if isinstance(data, (str, os.PathLike)):
        return _read_path(os.fspath(data))
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return _read_arrow(data)
    raise DataFormatError(data)


class _DictColumns(Columns):
    """A dictionary of sequences."""

    def __init__(self, data: Mapping[str, Any]):
        lengths = {}
        for name, values in data.items():
            try:
                if isinstance(values, (str, bytes, Mapping)):
                    raise TypeError("an entry for every row is needed")
                lengths[name] = len(values)
            except TypeError as error:
                raise DatasetLoadError.because(dict, f"column {name!r} is no sequence but a {type(values)}") from error
        if len(set(lengths.values())) > 1:
            raise DatasetLoadError.because(dict, f"columns differ in length: {_shown(lengths)}")
        self._data = dict(data)
        self.names = list(data)
        self.n_rows = next(iter(lengths.values()), 0)

    def values(self, name: str) -> Values:
        return _values_of(self._data[name], dict)

    def rows(self, rows: list[int], n_columns: int) -> dict[str, list[Any]]:
        pandas = sys.modules.get("pandas")
        found = {}
        for name in self.names[:n_columns]:
            values = self._data[name]
            if pandas is not None and isinstance(values, pandas.Series):
                values = values.array
            found[name] = [values[row] for row in rows]
        return found

    def to_dataset(self) -> Any:
        from datasets import Dataset

        return Dataset.from_dict(self._data)


class _RecordColumns(Columns):
    """A list of dictionaries; the first one names the columns."""

    def __init__(self, data: Sequence[Any]):
        for row, record in enumerate(data):
            if not isinstance(record, Mapping):
                raise DatasetLoadError.because(list, f"row {row} is no dictionary but a {type(record)}")
        self._data = data
        self.names = list(data[0]) if data else []
        self.n_rows = len(data)

    def values(self, name: str) -> Values:
        return _values_of([record.get(name) for record in self._data], list)

    def rows(self, rows: list[int], n_columns: int) -> dict[str, list[Any]]:
        return {name: [self._data[row].get(name) for row in rows] for name in self.names[:n_columns]}

    def to_dataset(self) -> Any:
        from datasets import Dataset

        return Dataset.from_list(self._data)


class _PandasColumns(Columns):
    """A ``pandas.DataFrame``."""

    def __init__(self, data: Any):
        self._data = data
        self.names = [str(name) for name in data.columns]
        self.n_rows = len(data)
        seen: set[str] = set()
        for name in self.names:
            if name in seen:
                raise DatasetLoadError.because(type(data), f"several columns are called {name!r}; rename all but one")
            seen.add(name)

    def values(self, name: str) -> Values:
        return _values_of(self._data.iloc[:, self.names.index(name)], type(self._data))

    def rows(self, rows: list[int], n_columns: int) -> dict[str, list[Any]]:
        chosen = self._data.iloc[rows, :n_columns]
        return {name: chosen.iloc[:, at].tolist() for at, name in enumerate(self.names[:n_columns])}

    def to_dataset(self) -> Any:
        from datasets import Dataset

        return Dataset.from_pandas(self._data)


class _PolarsColumns(Columns):
    """A ``polars.DataFrame``."""

    def __init__(self, data: Any):
        self._data = data
        self.names = list(data.columns)
        self.n_rows = data.height

    def values(self, name: str) -> Values:
        return _polars_values(self._data.get_column(name))

    def rows(self, rows: list[int], n_columns: int) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = self._data[rows, : min(n_columns, len(self.names))].to_dict(as_series=False)
        return found

    def to_dataset(self) -> Any:
        from datasets import Dataset

        return Dataset.from_polars(self._data)


class _ArrowColumns(Columns):
    """A ``pyarrow.Table``."""

    def __init__(self, data: Any):
        self._data = data
        self.names = list(data.column_names)
        self.n_rows = data.num_rows

    def values(self, name: str) -> Values:
        return _arrow_values(self._data.column(name))

    def rows(self, rows: list[int], n_columns: int) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = self._data.select(self.names[:n_columns]).take(rows).to_pydict()
        return found

    def to_dataset(self) -> Any:
        from datasets import Dataset

        return Dataset(self._data)


class _DatasetColumns(Columns):
    """A ``datasets.Dataset``."""

    def __init__(self, data: Any):
        self._data = data
        self.names = list(data.column_names)
        self.n_rows = len(data)

    def values(self, name: str) -> Values:
        # Arrow follows the rows that were selected, and passes by what the user has the rows turned into.
        return _arrow_values(self._data.with_format("arrow", columns=[name])[:].column(name))

    def class_names(self, name: str) -> list[str] | None:
        from datasets import ClassLabel

        feature = self._data.features[name]
        return list(feature.names) if isinstance(feature, ClassLabel) else None

    def rows(self, rows: list[int], n_columns: int) -> dict[str, list[Any]]:
        chosen = self._data.select(rows).with_format("arrow", columns=self.names[:n_columns])
        found: dict[str, list[Any]] = chosen[:].to_pydict()
        return found

    def to_dataset(self) -> Any:
        return self._data


def as_numbers(data: Any) -> Any:
    """A matrix or vector of any kind as a NumPy array; sparse matrices, and ``None``, stay what they are.

    A table of pandas, polars or pyarrow becomes a matrix with a column for each of its own. Of nullable numbers those
    that are missing become NaN.
    """
    if data is None or isinstance(data, np.ndarray) or hasattr(data, "tocsr"):
        return data
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, (pandas.DataFrame, pandas.Series)):
        kinds = data.dtypes if isinstance(data, pandas.DataFrame) else [data.dtype]
        if all(pandas.api.types.is_numeric_dtype(kind) for kind in kinds):
            is_extension = any(not isinstance(kind, np.dtype) for kind in kinds)
            return data.to_numpy(dtype=np.float64, na_value=np.nan) if is_extension else data.to_numpy()
        return data.to_numpy()
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(data, (polars.DataFrame, polars.Series)):
        return data.to_numpy()
    if isinstance(data, (list, tuple)) or hasattr(data, "__array__"):
        return np.asarray(data)
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "column_names"):
        table = _read_arrow(data)
        return np.column_stack([np.asarray(table.values(name)) for name in table.names])
    return np.asarray(data)


def _read_arrow(data: Any) -> Columns:
    """Any table with Arrow's PyCapsule interface, by whichever reader is there."""
    if importlib.util.find_spec("pyarrow") is not None:
        import pyarrow as pa

        if isinstance(data, pa.Table):
            return _ArrowColumns(data)
        if hasattr(data, "__arrow_c_stream__"):
            return _ArrowColumns(pa.RecordBatchReader.from_stream(data).read_all())
        return _ArrowColumns(pa.Table.from_batches([pa.record_batch(data)]))
    if importlib.util.find_spec("polars") is not None:
        import polars as pl

        return _PolarsColumns(pl.DataFrame(data))
    raise ImportError(f"Reading {type(data)} needs pyarrow or polars: `pip install pyarrow`.")


def _read_path(path: str) -> Columns:
    """A file, or else a data set of the Hugging Face Hub."""
    if not os.path.exists(path):
        try:
            import datasets

            loaded = datasets.load_dataset(path)
        except Exception as error:
            raise DatasetLoadError.because(str, f"there is no file {path!r}, and no data set of that name") from error
        if isinstance(loaded, datasets.DatasetDict):
            raise DatasetDictError
        return read_columns(loaded)
    ending = os.path.splitext(path)[1].lower()
    try:
        if ending == ".txt":
            with open(path, encoding="utf-8") as lines:
                return _DictColumns({"text": lines.read().splitlines()})
        import pandas as pd

        if ending == ".csv":
            return _PandasColumns(pd.read_csv(path))
        if ending == ".tsv":
            return _PandasColumns(pd.read_csv(path, sep="\t"))
        if ending in (".json", ".jsonl", ".ndjson"):
            return _read_json(path, ending != ".json")
        if ending == ".parquet":
            return _PandasColumns(pd.read_parquet(path))
    except ImportError:
        raise
    except Exception as error:
        raise DatasetLoadError.because(str, f"{path!r} cannot be read: {error}") from error
    raise DatasetLoadError.because(str, f"{path!r} does not end in .txt, .csv, .tsv, .json, .jsonl or .parquet")


def _read_json(path: str, only_lines: bool) -> Columns:
    """A list of records, a dictionary of columns, or a record per line."""
    import json

    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not only_lines:
        try:
            data = json.loads(text)
        except json.JSONDecodeError:
            only_lines = True
    if not only_lines:
        if isinstance(data, dict) and any(isinstance(values, list) for values in data.values()):
            return _DictColumns(data)
        return _RecordColumns(data if isinstance(data, list) else [data])
    return _RecordColumns([json.loads(line) for line in text.splitlines() if line.strip()])


def _values_of(values: Any, source: type) -> Values:
    """A column that stands in a dictionary or a data frame."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(values, (pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray)):
        return _pandas_values(values)
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(values, polars.Series):
        return _polars_values(values)
    if not isinstance(values, np.ndarray):
        if hasattr(values, "__array__"):
            values = np.asarray(values)
        elif isinstance(values, (list, tuple)):
            return _list_values(list(values), source)
        elif hasattr(values, "to_pylist"):
            return _list_values(values.to_pylist(), source)
        else:
            return _list_values([values[row] for row in range(len(values))], source)
    if values.dtype.kind in _PLAIN_KINDS:
        return np.array(values)
    return _list_values(values.tolist(), source)


def _pandas_values(values: Any) -> Values:
    import pandas as pd

    missing = pd.isna(values)
    if not bool(np.any(np.asarray(missing))):
        if pd.api.types.is_bool_dtype(values.dtype) and not isinstance(values.dtype, pd.CategoricalDtype):
            return np.array(values, dtype=bool)
        if pd.api.types.is_numeric_dtype(values.dtype):
            return np.array(values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values))
        return list(values.tolist())
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        return np.array(values)
    return [None if is_missing else value for value, is_missing in zip(values.tolist(), np.asarray(missing))]


def _polars_values(values: Any) -> Values:
    if values.null_count() == 0 and (values.dtype.is_numeric() or str(values.dtype) == "Boolean"):
        array = np.array(values.to_numpy())
        return array if array.dtype.kind in _PLAIN_KINDS else list(values.to_list())
    return list(values.to_list())


def _arrow_values(values: Any) -> Values:
    import pyarrow as pa

    kind = values.type
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    if plain and values.null_count == 0:
        return np.array(values.to_numpy())
    return list(values.to_pylist())


def _list_values(values: list[Any], source: type) -> Values:
    """A list as an array where it holds numbers alone. Text beside numbers is no column."""
    kinds = set(map(type, values))
    has_missing = type(None) in kinds
    kinds.discard(type(None))
    truths = {kind for kind in kinds if issubclass(kind, (bool, np.bool_))}
    texts = {kind for kind in kinds if issubclass(kind, (str, bytes))}
    numbers = {kind for kind in kinds if issubclass(kind, (int, float, np.integer, np.floating))} - truths
    if kinds and sum(map(bool, (truths, texts, numbers, kinds - truths - texts - numbers))) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise DatasetLoadError.because(source, f"a column holds values of different kinds: {names}")
    if has_missing or not (truths or numbers):
        return values
    array = np.asarray(values)
    return array if array.dtype.kind in _PLAIN_KINDS else values


def _shown(lengths: dict[str, int]) -> str:
    parts = [f"{name!r} has {length}" for name, length in list(lengths.items())[:5]]
    return ", ".join(parts) + (", …" if len(lengths) > 5 else "")
