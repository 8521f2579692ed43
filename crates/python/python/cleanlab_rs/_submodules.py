"""Modules that are imported when they are first asked for, so that the package is there at once."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType

__all__ = ["submodule"]


def submodule(package: str, names: Sequence[str], name: str) -> ModuleType:
    """The module ``name`` of a package, if it is one of ``names``.

    Raises
    ------
    AttributeError
        For any other name.
    """
    if name not in names:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return importlib.import_module(f".{name}", package)
