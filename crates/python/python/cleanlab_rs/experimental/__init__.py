"""Label errors in data that do not fit into memory."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from .._submodules import submodule

if TYPE_CHECKING:
    from . import label_issues_batched

__all__ = ["label_issues_batched"]


def __getattr__(name: str) -> ModuleType:
    return submodule(__name__, __all__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
