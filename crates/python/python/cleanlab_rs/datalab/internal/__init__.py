"""The parts of a Datalab; those that people build on are ``issue_manager`` and ``issue_manager_factory``."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from ..._submodules import submodule

if TYPE_CHECKING:
    from . import data, data_issues, issue_finder, issue_manager, issue_manager_factory, report, serialize, task

__all__ = ["data", "data_issues", "issue_finder", "issue_manager", "issue_manager_factory", "report", "serialize", "task"]


def __getattr__(name: str) -> ModuleType:
    return submodule(__name__, __all__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
