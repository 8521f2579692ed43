"""One audit of a data set for every kind of issue: :class:`cleanlab_rs.datalab.datalab.Datalab`."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from .._submodules import submodule

if TYPE_CHECKING:
    from . import datalab, internal

__all__ = ["datalab", "internal"]


def __getattr__(name: str) -> ModuleType:
    return submodule(__name__, __all__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
