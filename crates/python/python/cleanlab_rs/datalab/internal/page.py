"""What was found as a page: the model of a report, which native code renders."""

from __future__ import annotations

import html
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import cleanlab_rs
from cleanlab_rs import _native
from cleanlab_rs._arguments import dense
from cleanlab_rs.datalab.internal.issue_manager_factory import REGISTRY

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

#: The format of the model, `REPORT_FORMAT_VERSION` of the crate cleanlab-datalab.
_FORMAT_VERSION = 1
_N_BINS = 20
_N_COLUMNS = 20
_N_CLASSES_OF_JOINT = 30
_N_CLASSES_OF_NOISE = 200
_N_SETS = 50
_N_ROWS_OF_SET = 10
_N_CHARACTERS = 200
_LARGEST_INTEGER = 2**63 - 1

#: What of the ``info`` of our own checks is told as a fact, and how it is called.
_FACTS = {
    "class_imbalance": {"Rarest Class": "Rarest class"},
    "data_valuation": {"average_data_valuation": "Average value"},
    "label": {"average_label_quality": "Average label quality"},
    "near_duplicate": {"median_distance_to_nearest_neighbor": "Median distance of nearest neighbours"},
    "non_iid": {"p-value": "p-value"},
    "null": {},
    "outlier": {"issue_threshold": "Threshold"},
    "underperforming_group": {"threshold": "Threshold"},
}
#: Facts of other checks: as many as there is room for.
_N_FACTS = 8

Model = dict[str, Any]


def render_page(lab: Datalab, *, title: str, features: Any, n_worst_rows: int, n_points: int) -> str:
    """The page of an audit."""
    model = report_model(lab, title=title, features=features, n_worst_rows=n_worst_rows, n_points=n_points)
    page: str = _native.render_report_html(json.dumps(model))
    return page


def framed(page: str | None, text: str) -> str:
    """A page in a frame of a notebook, where its styles and scripts stay by themselves; else the text."""
    if page is None:
        return f"<pre>{html.escape(text)}</pre>"
    return (
        '<iframe sandbox="allow-scripts" style="width: 100%; height: 640px; border: 1px solid #8888" '
        f'title="Audit" srcdoc="{html.escape(page)}"></iframe>'
    )


def report_model(
    lab: Datalab, *, title: str, features: Any = None, n_worst_rows: int = 100, n_points: int = 3000
) -> Model:
    """The model of a report, as the crate cleanlab-report reads it."""
    return _ReportBuilder(lab, n_worst_rows).model(title, features, n_points)


class _ReportBuilder:
    """Makes the model of a report."""

    def __init__(self, lab: Datalab, n_worst_rows: int):
        self.lab = lab
        self.n_worst_rows = n_worst_rows
        self.warnings: list[str] = []
        summary = lab.issue_summary.sort_values(by="num_issues", ascending=False, kind="stable")
        flagged = {f"is_{name}_issue" for name in summary["issue_type"]} & set(lab.issues.columns)
        lines: list[Model] = [dict(zip(summary.columns, line)) for line in summary.itertuples(index=False, name=None)]
        self.summary = [line for line in lines if f"is_{line['issue_type']}_issue" in flagged]
        self.column_names: list[str] = []
        self.cells: dict[int, list[Any]] = {}

    def model(self, title: str, features: Any, n_points: int) -> Model:
        """The whole."""
        tables = {line["issue_type"]: self._worst(line["issue_type"]) for line in self.summary}
        sets = self._duplicate_sets()
        shown = [*tables.values(), *(rows[:_N_ROWS_OF_SET] for rows in sets[:_N_SETS])]
        self._read_cells([row for rows in shown for row in rows])
        checks = [self._check(line, tables[line["issue_type"]]) for line in self.summary]
        health = self.lab.info["statistics"].get("health_score")
        return {
            "format_version": _FORMAT_VERSION,
            "health_score": _finite(health),
            "checks": checks,
            "map": self._map(features, n_points),
            "joint": self._joint(),
            "class_noise": self._class_noise(),
            "duplicate_sets": self._sets_model(sets),
            "about": {
                "title": title,
                "task": str(self.lab.task),
                "label_column": self.lab.label_name,
                "n_rows": len(self.lab._data),
                "class_names": [str(name) for name in self.lab.class_names],
                "made_by": f"cleanlab_rs {cleanlab_rs.__version__}",
                "settings": [],
                "warnings": self.warnings,
            },
        }

    def _columns_of(self, name: str) -> tuple[Any, Any]:
        """Flags and scores of a kind of issue."""
        issues = self.lab.issues
        flags = issues[f"is_{name}_issue"].to_numpy() == True  # noqa: E712 – rows without a result are not flagged
        scores = np.asarray(issues.get(f"{name}_score", np.ones(len(issues))), dtype=float)
        return flags, np.clip(np.nan_to_num(scores, nan=1.0), 0.0, 1.0)

    def _worst(self, name: str) -> list[int]:
        """The rows to show: those with the issue first, then by score."""
        flags, scores = self._columns_of(name)
        order = np.lexsort((scores, ~flags))
        n_shown = min(self.n_worst_rows, max(int(flags.sum()), 10))
        rows: list[int] = order[:n_shown].tolist()
        return rows

    def _read_cells(self, rows: list[int]) -> None:
        """Reads the data of the rows that are shown."""
        shown = [row for row in sorted(set(rows)) if row < len(self.lab._data)]
        try:
            columns = self.lab._data.columns.rows(shown, _N_COLUMNS)
        except Exception as error:  # noqa: BLE001 – a page without the data is better than none
            self.warnings.append(f"the data of the rows cannot be shown: {error}")
            return
        columns = {name: values for name, values in columns.items() if name != self.lab.label_name}
        self.column_names = [str(name) for name in columns]
        for at, row in enumerate(shown):
            self.cells[row] = [_cell(values[at]) for values in columns.values()]

    def _row(self, row: int, is_issue: Any, score: Any, details: list[Any]) -> Model:
        cells = self.cells.get(row, [None] * len(self.column_names))
        return {
            "row": row,
            "is_issue": bool(is_issue),
            "score": float(score),
            "label": self._label(row),
            "cells": [*details, *cells],
            "image": None,
        }

    def _label(self, row: int) -> str | None:
        """The given label in words."""
        labels, names = self.lab.labels, self.lab._label_map
        if labels is None or row >= len(labels):
            return None
        label = labels[row]
        if isinstance(label, list):
            return ", ".join(str(names.get(number, number)) for number in label)
        return str(names.get(int(label), label)) if names else str(label)

    def _check(self, line: Model, rows: list[int]) -> Model:
        name = line["issue_type"]
        flags, scores = self._columns_of(name)
        edges = np.linspace(0.0, 1.0, _N_BINS + 1)
        manager = REGISTRY.get(self.lab.task, {}).get(name)
        details = self._details(name)
        return {
            "issue_type": name,
            "description": " ".join(getattr(manager, "description", "").split()),
            "status": "found",
            "scope": "rows",
            "score": _finite(line["score"]),
            "num_issues": int(line["num_issues"]),
            "n_checked": len(flags),
            "facts": self._facts(name),
            "warnings": [],
            "histogram": {
                "edges": edges.tolist(),
                "fine": np.histogram(scores[~flags], edges)[0].tolist(),
                "issues": np.histogram(scores[flags], edges)[0].tolist(),
                "threshold": None,
            },
            "worst": {
                "columns": [*details, *self.column_names],
                "n_details": len(details),
                "n_total": int(flags.sum()),
                "rows": [
                    self._row(row, flags[row], scores[row], [_cell(values[row]) for values in details.values()])
                    for row in rows
                ],
            },
        }

    def _details(self, name: str) -> dict[str, Any]:
        """What a check tells of every row besides flag and score. The given label has its own place."""
        try:
            table = self.lab.data_issues.get_issues(name)
        except (KeyError, ValueError):
            return {}
        left_out = (f"is_{name}_issue", f"{name}_score", "given_label")
        return {
            str(column): table[column].tolist() for column in table.columns if column not in left_out
        }

    def _facts(self, name: str) -> list[tuple[str, str]]:
        info = self.lab.info.get(name, {})
        known = _FACTS.get(name)
        if known is None:
            plain = [key for key, value in info.items() if isinstance(value, (bool, int, float, str, np.generic))]
            known = {key: str(key) for key in plain[:_N_FACTS]}
        return [(shown, _in_words(info[key])) for key, shown in known.items() if key in info and info[key] != "NA"]

    def _joint(self) -> Model | None:
        """The joint distribution of given and true labels."""
        confident = np.asarray(self.lab.info.get("label", {}).get("confident_joint", ()), dtype=float)
        names = [str(name) for name in self.lab.class_names]
        if confident.ndim != 2 or confident.shape != (len(names), len(names)) or not np.isfinite(confident).all():
            return None
        counts = np.bincount(self.lab.labels, minlength=len(names))
        sums = confident.sum(axis=1)
        factors = np.divide(counts / max(counts.sum(), 1), sums, out=np.zeros(len(names)), where=sums > 0)
        joint = confident * factors[:, None]
        shown = np.arange(len(names))
        if len(names) > _N_CLASSES_OF_JOINT:
            noise = joint.sum(axis=0) + joint.sum(axis=1) - 2 * np.diag(joint)
            shown = np.sort(np.argsort(-noise, kind="stable")[:_N_CLASSES_OF_JOINT])
        return {
            "names": [names[number] for number in shown],
            "values": joint[np.ix_(shown, shown)].round(5).tolist(),
            "n_total": len(names),
        }

    def _class_noise(self) -> list[Model]:
        """The noise of every class, worst first."""
        table: pd.DataFrame | None = self.lab.info.get("label", {}).get("classes_by_label_quality")
        columns = {
            "class_name": "Class Name",
            "label_issues": "Label Issues",
            "inverse_label_issues": "Inverse Label Issues",
            "label_noise": "Label Noise",
            "inverse_label_noise": "Inverse Label Noise",
            "label_quality": "Label Quality Score",
        }
        if table is None or any(column not in table.columns for column in columns.values()):
            return []
        table = table.sort_values(by="Label Quality Score", kind="stable").head(_N_CLASSES_OF_NOISE)
        values = table[list(columns.values())].itertuples(index=False, name=None)
        lines: list[Model] = [dict(zip(columns, line)) for line in values]
        for line in lines:
            line["class_name"] = str(line["class_name"])
            for key in ("label_issues", "inverse_label_issues"):
                line[key] = int(line[key])
            for key in ("label_noise", "inverse_label_noise", "label_quality"):
                line[key] = _finite(line[key]) or 0.0
        return lines

    def _duplicate_sets(self) -> list[list[int]]:
        """Rows that are near duplicates of each other, directly or through others, the largest sets first."""
        near = self.lab.info.get("near_duplicate", {}).get("near_duplicate_sets") or []
        seen: set[int] = set()
        sets = []
        for first in range(len(near)):
            if first in seen or not len(near[first]):
                continue
            seen.add(first)
            found, reached = [], [first]
            while reached:
                row = reached.pop()
                found.append(row)
                for other in map(int, near[row]):
                    if other not in seen:
                        seen.add(other)
                        reached.append(other)
            sets.append(sorted(found))
        return sorted(sets, key=len, reverse=True)

    def _sets_model(self, sets: list[list[int]]) -> Model | None:
        if "near_duplicate" not in self.lab.info:
            return None
        flags, scores = self._columns_of("near_duplicate")
        distances = self.lab.info["near_duplicate"].get("distance_to_nearest_neighbor", [])
        models = [
            {
                "rows": [self._row(row, flags[row], scores[row], []) for row in rows[:_N_ROWS_OF_SET]],
                "n_total": len(rows),
                "exact": all(distances[row] == 0 for row in rows) if len(distances) else False,
                "conflicting_labels": len({self._label(row) for row in rows}) > 1,
            }
            for rows in sets[:_N_SETS]
        ]
        return {"columns": self.column_names, "sets": models, "n_total": len(sets)}

    def _map(self, features: Any, n_points: int) -> Model | None:
        """The rows in two dimensions: as many with an issue as fit, then an even sample of the others."""
        n_rows = len(self.lab.issues)
        if features is None or len(shape := np.shape(features)) != 2 or shape[0] != n_rows or n_rows < 2:
            return None
        try:
            features = dense(features)
            features = np.asarray(features, dtype=None if features.dtype.kind == "f" else float)
            coordinates, shares = _native.map_coordinates(features)
        except (TypeError, ValueError) as error:
            self.warnings.append(f"there is no map: {error}")
            return None
        names = [line["issue_type"] for line in self.summary]
        flags = np.column_stack([self._columns_of(name)[0] for name in names]) if names else np.zeros((n_rows, 0), bool)
        flagged = np.flatnonzero(flags.any(axis=1))[:n_points]
        others = np.flatnonzero(~flags.any(axis=1))
        n_others = min(len(others), n_points - len(flagged))
        sample = others[np.linspace(0, len(others) - 1, n_others).astype(int)] if n_others else others[:0]
        labels = self.lab.labels
        points = [
            {
                "x": _short(coordinates[row, 0]),
                "y": _short(coordinates[row, 1]) if coordinates.shape[1] > 1 else 0.0,
                "row": row,
                "label": _finite(labels[row]) if isinstance(labels, np.ndarray) and row < len(labels) else None,
                "issues": np.flatnonzero(flags[row]).tolist(),
                "text": (self._label(row) or "")[:80],
            }
            for row in [*flagged.tolist(), *sample.tolist()]
        ]
        shares = [float(share) for share in shares[:2]]
        return {
            "points": points,
            "issue_types": names,
            "n_total": n_rows,
            "explained_variance": shares + [0.0] * (2 - len(shares)),
        }


def _finite(value: Any) -> float | None:
    """A number; ``None`` for what is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _short(value: Any) -> float:
    """A number of as many digits as a map shows."""
    return float(f"{value:.5g}")


def _in_words(value: Any) -> str:
    """A fact in words of a page."""
    return f"{float(value):.4g}" if isinstance(value, (float, np.floating)) else str(value)[:_N_CHARACTERS]


def _cell(value: Any) -> Any:
    """A value as a table of a page shows it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_INTEGER else str(value)
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = str(value[:20]) if isinstance(value, list) else str(value)
    return text if len(text) <= _N_CHARACTERS else text[: _N_CHARACTERS - 1] + "…"
