"""The data and the labels of an audit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np

from cleanlab_rs.datalab.internal.columns import (
    Columns,
    DataFormatError,
    DatasetDictError,
    DatasetLoadError,
    Values,
    read_columns,
)
from cleanlab_rs.datalab.internal.task import Task

__all__ = [
    "Data",
    "DataFormatError",
    "DatasetDictError",
    "DatasetLoadError",
    "Label",
    "MultiClass",
    "MultiLabel",
]


class Data:
    """The data of an audit with its labels.

    Parameters
    ----------
    data :
        A dictionary of sequences, a list of dictionaries, a table of pandas, polars, pyarrow or Hugging Face datasets,
        any other object with Arrow's PyCapsule interface, or the path of a file.
    task :
        What the labels are.
    label_name :
        The column of the labels; ``None`` if there are none.

    Notes
    -----
    The labels are copied. The rest of the data is looked at again only where it is asked for.
    """

    def __init__(self, data: Any, task: Task, label_name: str | None = None) -> None:
        self.columns: Columns = read_columns(data)
        self._dataset: Any = None
        label_class = MultiLabel if task.is_multilabel else MultiClass
        self.labels: Label = label_class(
            data=self.columns, label_name=label_name, map_to_int=task.is_classification
        )

    @property
    def _data(self) -> Any:
        """The data as a ``datasets.Dataset`` where that package is there, else as they were given."""
        if self._dataset is None:
            try:
                self._dataset = self.columns.to_dataset()
            except Exception:  # noqa: BLE001 – a table that datasets cannot hold is shown as it was given
                self._dataset = self.columns.table
        return self._dataset

    @property
    def _data_hash(self) -> int:
        return hash(self)

    def __len__(self) -> int:
        return self.columns.n_rows

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Data):
            return hash(self) == hash(other) and self.labels == other.labels
        return False

    def __hash__(self) -> int:
        """A number that depends on names of columns, number of rows and labels, and not on the process."""
        return content_hash(self)

    @property
    def class_names(self) -> list[Any]:
        """The names of the classes, in the order of their numbers."""
        return self.labels.class_names

    @property
    def has_labels(self) -> bool:
        """Whether there are labels that are classes."""
        return self.labels.is_available


def content_hash(data: Data) -> int:
    """A number for names of columns, number of rows and labels that is the same in every process."""
    from hashlib import blake2b

    digest = blake2b(digest_size=7)
    digest.update(repr((data.columns.names, data.columns.n_rows, data.labels.label_name)).encode())
    labels = data.labels.labels
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "biuf":
        digest.update(np.ascontiguousarray(labels).tobytes())
    else:
        digest.update(repr(list(labels)).encode())
    digest.update(repr([str(name) for name in data.labels.class_names]).encode())
    return int.from_bytes(digest.digest(), "little")


class Label(ABC):
    """The labels, with classes as numbers from 0.

    Attributes
    ----------
    labels :
        An array of N class numbers or numbers, or N lists of class numbers.
    label_map : dict
        The name of each class number; empty where labels are no classes.
    """

    labels: Any

    def __init__(self, *, data: Columns, label_name: str | None = None, map_to_int: bool = True) -> None:
        self.label_name = label_name
        self.labels = np.asarray([])
        self.label_map: dict[int, Any] = {}
        if label_name is not None:
            if label_name not in data.names:
                raise ValueError(
                    f"there is no column {label_name!r} of labels in the data, whose columns are {data.names[:20]}."
                )
            self.labels, self.label_map = self._extract_labels(data, label_name, map_to_int)

    def __len__(self) -> int:
        return 0 if self.labels is None else len(self.labels)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Label):
            return False
        if self.label_name != other.label_name or self.label_map != other.label_map:
            return False
        if isinstance(self.labels, list) or isinstance(other.labels, list):
            return bool(self.labels == other.labels)
        return bool(np.array_equal(self.labels, other.labels))

    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, index: Any) -> Any:
        return self.labels[index]

    def __bool__(self) -> bool:
        return self.is_available

    @property
    def class_names(self) -> list[Any]:
        """The names of the classes, in the order of their numbers; empty without classes."""
        return list(self.label_map.values())

    @property
    def is_available(self) -> bool:
        """Whether there are labels that are classes."""
        return len(self) > 0 and len(self.label_map) > 0

    @abstractmethod
    def _extract_labels(self, data: Columns, label_name: str, map_to_int: bool) -> tuple[Any, dict[int, Any]]:
        """The labels and the names of the classes."""


class MultiLabel(Label):
    """A list of classes per row."""

    def __init__(self, data: Columns, label_name: str | None, map_to_int: bool) -> None:
        super().__init__(data=data, label_name=label_name, map_to_int=map_to_int)

    def _extract_labels(
        self, data: Columns, label_name: str, map_to_int: bool
    ) -> tuple[list[list[int]], dict[int, Any]]:
        values = data.values(label_name)
        if isinstance(values, np.ndarray):
            values = values.tolist()
        rows: list[list[Any]] = []
        for row, value in enumerate(values):
            if isinstance(value, np.ndarray):
                value = value.tolist()
            if not isinstance(value, (list, tuple, set, frozenset)):
                raise ValueError(
                    f"the labels of a row must be a list, but those of row {row} are {value!r}."
                )
            rows.append(list(value))
            if any(_is_missing(name) for name in rows[-1]):
                raise TypeError(f"The labels of row {row} are {rows[-1]!r}: one of them is missing.")
        _check_same_kind(((row, name) for row, names in enumerate(rows) for name in names), type(data.table))
        names = np.unique([name for row_names in rows for name in row_names])
        number_of = {name: number for number, name in enumerate(names.tolist())}
        formatted = [[number_of[name] for name in row_names] for row_names in rows]
        return formatted, dict(enumerate(names))


class MultiClass(Label):
    """A class or a number per row."""

    def __init__(self, data: Columns, label_name: str | None, map_to_int: bool) -> None:
        super().__init__(data=data, label_name=label_name, map_to_int=map_to_int)

    def _extract_labels(self, data: Columns, label_name: str, map_to_int: bool) -> tuple[Any, dict[int, Any]]:
        values = data.values(label_name)
        if not map_to_int:
            return _numbers(values), {}
        _check_present(values)
        known = data.class_names(label_name)
        if known is not None:
            numbers = np.asarray(values, dtype=np.int64)
            _check_numbers_of_classes(numbers, len(known))
            return numbers, dict(enumerate(known))
        if isinstance(values, list):
            _check_same_kind(enumerate(values), type(data.table))
        return _numbered(values)


def _numbers(values: Values) -> np.ndarray[Any, Any]:
    """Labels of regression; a number that is missing is NaN."""
    if isinstance(values, list) and any(value is None for value in values):
        numeric = all(value is None or isinstance(value, (int, float)) for value in values)
        if numeric:
            values = [np.nan if value is None else value for value in values]
    array = _widest(np.asarray(values))
    _check_one_dimension(array)
    return array


def _numbered(values: Values) -> tuple[np.ndarray[Any, Any], dict[int, Any]]:
    """Classes as numbers, in the sorted order of their names."""
    if isinstance(values, list) and values and isinstance(values[0], str):
        names = np.unique(list(set(values)))
        number_of = {name: number for number, name in enumerate(names.tolist())}
        numbers = np.fromiter((number_of[value] for value in values), dtype=np.int64, count=len(values))
        return numbers, dict(enumerate(names))
    array = _widest(np.asarray(values))
    _check_one_dimension(array)
    names, numbers = np.unique(array, return_inverse=True)
    return numbers.reshape(-1).astype(np.int64), dict(enumerate(names))


def _widest(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Numbers as Python holds them, so that the same labels give the same names whatever array they come in."""
    if array.dtype.kind == "i" or (array.dtype.kind == "u" and array.dtype.itemsize < 8):
        return array.astype(np.int64, copy=False)
    if array.dtype.kind == "f":
        return array.astype(np.float64, copy=False)
    return array


def _check_one_dimension(array: np.ndarray[Any, Any]) -> None:
    if array.ndim != 1:
        raise ValueError(f"there must be one label per row, but the labels have shape {array.shape}.")


def _check_present(values: Values) -> None:
    """Refuses labels that are missing: there is no class to put them in."""
    if isinstance(values, np.ndarray):
        is_missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
        missing = np.flatnonzero(is_missing.reshape(len(values), -1).any(axis=1)).tolist()
    else:
        missing = [row for row, value in enumerate(values) if _is_missing(value)]
    if missing:
        raise TypeError(
            f"{len(missing)} of {len(values)} labels are missing, the first in row {missing[0]}. "
            "Leave these rows out, or give them a class of their own."
        )


def _check_numbers_of_classes(numbers: np.ndarray[Any, Any], n_classes: int) -> None:
    """Refuses numbers that no class has, such as the −1 that stands for no label."""
    wrong = np.flatnonzero((numbers < 0) | (numbers >= n_classes))
    if wrong.size:
        raise ValueError(
            f"the label of row {wrong[0]} is {numbers[wrong[0]]}, but the {n_classes} classes of the column have the "
            f"numbers 0 to {n_classes - 1}. Leave such rows out, or give them a class of their own."
        )


def _check_same_kind(names: Iterable[tuple[int, Any]], source: type) -> None:
    """Refuses names of classes, each with its row, of which some are text and others not: they have no common order."""
    first: tuple[int, Any] | None = None
    for row, name in names:
        if first is None:
            first = (row, name)
        elif isinstance(name, str) != isinstance(first[1], str):
            raise DatasetLoadError.because(
                source, f"the label of row {row} is {name!r}, but that of row {first[0]} {first[1]!r}: only one is text"
            )


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)
