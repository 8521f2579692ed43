"""Building blocks of the other modules, under the names that cleanlab gives them."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from .._submodules import submodule

if TYPE_CHECKING:
    from . import constants, label_quality_utils, latent_algebra, multilabel_scorer, multilabel_utils, neighbor, outlier, regression_utils, util, validation

__all__ = ["constants", "label_quality_utils", "latent_algebra", "multilabel_scorer", "multilabel_utils", "neighbor", "outlier", "regression_utils", "util", "validation"]


def __getattr__(name: str) -> ModuleType:
    return submodule(__name__, __all__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
