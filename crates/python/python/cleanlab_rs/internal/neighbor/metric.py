"""Which metric is taken where none is named."""

from __future__ import annotations

from typing import Any, Callable, Optional, Union

import numpy.typing as npt

__all__ = ["HIGH_DIMENSION_CUTOFF", "ROW_COUNT_CUTOFF", "decide_default_metric", "decide_euclidean_metric"]

HIGH_DIMENSION_CUTOFF: int = 3
"""With more features than this the default metric is cosine, else Euclidean."""

ROW_COUNT_CUTOFF: int = 100
"""Up to so many rows the Euclidean metric is named by SciPy's function, above by the text "euclidean".

For the searches of this package that makes no difference: distances are always those of the definition.
"""


def decide_euclidean_metric(features: npt.NDArray[Any]) -> Union[str, Callable[..., float]]:
    """The Euclidean metric as scikit-learn takes it.

    It is :func:`scipy.spatial.distance.euclidean` for up to 100 rows, if SciPy is there, and "euclidean" above.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, p)
    """
    if features.shape[0] > ROW_COUNT_CUTOFF:
        return "euclidean"
    try:
        from scipy.spatial.distance import euclidean
    except ImportError:
        return "euclidean"
    metric: Callable[..., float] = euclidean
    return metric


def decide_default_metric(features: npt.NDArray[Any]) -> Union[str, Callable[..., float]]:
    """The metric for features of which nothing is known: "cosine" for more than three columns, else Euclidean.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, p)

    Examples
    --------
    >>> import numpy as np
    >>> decide_default_metric(np.zeros((5, 4)))
    'cosine'
    """
    if features.shape[1] > HIGH_DIMENSION_CUTOFF:
        return "cosine"
    return decide_euclidean_metric(features)


def native_metric(metric: Any) -> Optional[str]:
    """The name of a metric that this package searches with itself, None for any other one."""
    if isinstance(metric, str):
        return metric if metric in ("cosine", "euclidean") else None
    module = getattr(metric, "__module__", None) or ""
    name = getattr(metric, "__name__", None)
    if isinstance(module, str) and module.startswith("scipy.spatial.") and name in ("cosine", "euclidean"):
        return str(name)
    return None
