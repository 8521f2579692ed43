"""Labels that are numbers: scores for given predictions (`rank`) and training on the right ones (`learn`)."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from .._submodules import submodule

if TYPE_CHECKING:
    from . import learn, rank

__all__ = ["learn", "rank"]


def __getattr__(name: str) -> ModuleType:
    return submodule(__name__, __all__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
