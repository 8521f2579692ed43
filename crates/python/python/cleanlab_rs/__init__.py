"""Finds what is wrong with a dataset: label errors first, then outliers, duplicates, drift and the rest.

The interface is that of cleanlab 2.9.0 and the answers are the same, an order of magnitude faster:

>>> import cleanlab_rs as cleanlab
>>> issues = cleanlab.filter.find_label_issues(labels, pred_probs)  # doctest: +SKIP

Modules are imported when they are first used, and so are pandas, scikit-learn and datasets.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from . import (
        benchmarking,
        classification,
        count,
        data_valuation,
        dataset,
        datalab,
        experimental,
        filter,
        internal,
        multilabel_classification,
        outlier,
        rank,
        regression,
        typing,
    )
    from .datalab.datalab import Datalab
    from .datalab.internal.issue_manager import IssueManager

__all__ = [
    "Datalab",
    "IssueManager",
    "__version__",
    "benchmarking",
    "classification",
    "count",
    "data_valuation",
    "datalab",
    "dataset",
    "experimental",
    "filter",
    "internal",
    "multilabel_classification",
    "outlier",
    "rank",
    "regression",
    "typing",
]

_CLASSES = {
    "Datalab": ".datalab.datalab",
    "IssueManager": ".datalab.internal.issue_manager",
}

# Modules of cleanlab for tasks that are not here.
_NOT_HERE = ("multiannotator", "object_detection", "segmentation", "token_classification")


class DatalabUnavailable:
    """Stands in for a class whose packages are not installed, and says so when it is used."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise ImportError(self.message)

    def __getattr__(self, name: str) -> Any:
        # Python itself asks for names like these, of any object.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        raise ImportError(f"no {name!r}: {self.message}")


def __getattr__(name: str) -> Any:
    if name in _CLASSES:
        try:
            value = getattr(importlib.import_module(_CLASSES[name], __name__), name)
        except ImportError as error:
            value = DatalabUnavailable(
                f"{name} needs packages that are not installed ({error}); pip install 'cleanlab_rs[datalab]'"
            )
    elif name in __all__:
        value = importlib.import_module(f".{name}", __name__)
    elif name in _NOT_HERE:
        raise AttributeError(f"{__name__} has no {name!r} yet: go on using cleanlab.{name}, which can be installed beside it")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
