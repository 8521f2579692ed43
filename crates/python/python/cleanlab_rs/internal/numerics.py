"""Numerical functions."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .constants import EPSILON

__all__ = ["softmax"]


def softmax(
    x: npt.NDArray[Any], temperature: float = 1.0, axis: Optional[int] = None, shift: bool = False
) -> npt.NDArray[Any]:
    """Exponentials of ``x / temperature``, divided by their sum.

    Parameters
    ----------
    x : array
        Values of any shape.
    temperature : float
        Lower ones put more weight on the largest value; at least 1e-6 is used.
    axis : int, optional
        The axis that sums to 1; by default all values together do.
    shift : bool
        Subtracts the largest value first, so that large values do not overflow.

    Returns
    -------
    array
        Shares of the shape of ``x``.
    """
    scaled = x / max(temperature, EPSILON)
    if shift:
        scaled = scaled - scaled.max(axis=axis, keepdims=True)
    weights = np.exp(scaled)
    shares: npt.NDArray[Any] = weights / weights.sum(axis=axis, keepdims=True)
    return shares
