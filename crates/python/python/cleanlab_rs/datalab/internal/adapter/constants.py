"""Which checks of images are made, and how."""

from __future__ import annotations

from typing import Any

SPURIOUS_CORRELATION_ISSUE: dict[str, dict[str, Any]] = {"spurious_correlations": {"threshold": 0.3}}

DEFAULT_CLEANVISION_ISSUES: dict[str, dict[str, Any]] = {
    "dark": {},
    "light": {},
    "low_information": {"threshold": 0.15},
    "odd_aspect_ratio": {},
    "odd_size": {},
    "grayscale": {},
    "blurry": {},
}

#: What more than this share of the images has is no issue of single images.
IMAGELAB_ISSUES_MAX_PREVALENCE = 0.1
