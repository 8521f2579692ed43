"""Labels that are numbers: scores for given predictions (`rank`) and training on the right ones (`learn`)."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import learn, rank

__all__ = ["learn", "rank"]


def __getattr__(name: str) -> ModuleType:
    # `learn` imports scikit-learn and pandas, which takes a second.
    if name in __all__:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
