"""How noise matrix, inverse noise matrix and the priors of the classes follow from each other.

Throughout, ``noise_matrix[i, j]`` is p(given label = i | true label = j), ``inverse_noise_matrix[i, j]`` is
p(true label = i | given label = j), ``ps`` are the priors of the given labels and ``py`` those of the true ones.
"""

from __future__ import annotations

import warnings
from typing import Any, Optional, Tuple

import numpy as np
import numpy.typing as npt

from .. import _native
from .util import value_counts

__all__ = [
    "compute_inv_noise_matrix",
    "compute_noise_matrix_from_inverse",
    "compute_ps_py_inv_noise_matrix",
    "compute_py",
    "compute_py_inv_noise_matrix",
    "compute_pyx",
]

_Array = npt.NDArray[Any]


def compute_ps_py_inv_noise_matrix(labels: Any, noise_matrix: _Array) -> Tuple[_Array, _Array, _Array]:
    """Priors of given and true labels, and the inverse noise matrix, from given labels and a noise matrix.

    Parameters
    ----------
    labels : array-like, shape (N,)
        Given labels 0, 1, …, K - 1. A class without labels has the prior 0.
    noise_matrix : array, shape (K, K)
        p(given | true); columns sum to 1.

    Returns
    -------
    tuple
        ``ps`` and ``py`` of shape (K,), ``inverse_noise_matrix`` of shape (K, K).
    """
    ps = value_counts(labels, num_classes=len(noise_matrix)) / float(len(labels))
    py, inverse_noise_matrix = compute_py_inv_noise_matrix(ps, noise_matrix)
    return ps, py, inverse_noise_matrix


def compute_py_inv_noise_matrix(ps: Any, noise_matrix: _Array) -> Tuple[_Array, _Array]:
    """Priors of the true labels and the inverse noise matrix, from priors of the given ones and a noise matrix."""
    return _native.compute_py_inv_noise_matrix(ps, noise_matrix)


def compute_inv_noise_matrix(py: Any, noise_matrix: _Array, *, ps: Any = None) -> _Array:
    """p(true | given) from p(given | true).

    Parameters
    ----------
    py : array, shape (K,)
        Priors of the true labels.
    noise_matrix : array, shape (K, K)
        p(given | true).
    ps : array, shape (K,), optional
        Priors of the given labels; by default they follow from the others.
    """
    return _native.compute_inv_noise_matrix(py, noise_matrix, ps)


def compute_noise_matrix_from_inverse(ps: Any, inverse_noise_matrix: _Array, *, py: Any = None) -> _Array:
    """p(given | true) from p(true | given).

    Parameters
    ----------
    ps : array, shape (K,)
        Priors of the given labels.
    inverse_noise_matrix : array, shape (K, K)
        p(true | given).
    py : array, shape (K,), optional
        Priors of the true labels; by default they follow from the others.
    """
    return _native.compute_noise_matrix_from_inverse(ps, inverse_noise_matrix, py)


def compute_py(
    ps: Any,
    noise_matrix: _Array,
    inverse_noise_matrix: _Array,
    *,
    py_method: str = "cnt",
    true_labels_class_counts: Optional[_Array] = None,
) -> _Array:
    """The prior of every true label, inside [1e-6, 1] and summing to 1.

    Parameters
    ----------
    ps : array, shape (K,)
        Priors of the given labels.
    noise_matrix, inverse_noise_matrix : array, shape (K, K)
        p(given | true) and p(true | given).
    py_method : {"cnt", "eqn", "marginal", "marginal_ps"}
        By the ratio of the diagonals, by solving ``noise_matrix @ py = ps``, by the counts of true labels, or as
        ``inverse_noise_matrix @ ps``.
    true_labels_class_counts : array, shape (K,), optional
        Needed for "marginal": column sums of the confident joint.
    """
    shape = np.shape(ps)
    if len(shape) > 2 or (len(shape) == 2 and shape[0] != 1):
        warnings.warn(f"ps has shape {shape}; (K,) or (1, K) is expected", stacklevel=2)
    if py_method == "marginal" and true_labels_class_counts is None:
        raise ValueError("py_method is 'marginal', which needs true_labels_class_counts")
    if len(shape) == 2 and shape[0] == 1:
        ps = np.ravel(ps)
    return _native.compute_py(ps, noise_matrix, inverse_noise_matrix, py_method, true_labels_class_counts)


def compute_pyx(pred_probs: _Array, noise_matrix: _Array, inverse_noise_matrix: _Array) -> _Array:
    """Probabilities of the true labels from predicted probabilities of the given ones.

    Parameters
    ----------
    pred_probs : array, shape (N, K)
        p(given label = column | example).
    noise_matrix, inverse_noise_matrix : array, shape (K, K)
        p(given | true) and p(true | given).

    Returns
    -------
    array, shape (N, K)
        Rows sum to 1.
    """
    if len(np.shape(pred_probs)) != 2:
        raise ValueError(f"pred_probs has shape {np.shape(pred_probs)}; (N, K) is expected")
    return _native.compute_pyx(pred_probs, noise_matrix, inverse_noise_matrix)
