"""Noise matrices with a given trace, and labels made wrong by them.

Draws come from NumPy's global stream, ``numpy.random``, and leave it where cleanlab would.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, Callable, Optional, Tuple, TypeVar

import numpy as np
import numpy.typing as npt

from .. import _native
from .._arguments import checked_sparse, read_once

__all__ = [
    "generate_n_rand_probabilities_that_sum_to_m",
    "generate_noise_matrix_from_trace",
    "generate_noisy_labels",
    "noise_matrix_is_valid",
    "randomly_distribute_N_balls_into_K_bins",
]

_Array = npt.NDArray[Any]

_Position = Tuple[_Array, int, Optional[float]]


_Drawn = TypeVar("_Drawn")

# Between reading where the stream is and moving it on, no other thread of this module may read it.
_STREAM = Lock()


_UNSEEDED: Any = object()


def _draw(draw: Callable[[_Position], Tuple[_Drawn, _Position]], seed: Any = _UNSEEDED) -> _Drawn:
    """What ``draw`` draws from NumPy's global stream, which is seeded before if asked for, and moved on behind it."""
    with _STREAM:
        if seed is not _UNSEEDED:
            np.random.seed(seed)
        drawn, (words, following, spare) = draw(_position())
        np.random.set_state(("MT19937", words, following, int(spare is not None), 0.0 if spare is None else spare))
    return drawn


def _position() -> _Position:
    """Where NumPy's global stream is."""
    state: Any = np.random.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":
        raise ValueError(
            f"numpy.random draws from {state['bit_generator']}; noise comes from its legacy stream, MT19937"
        )
    twister = state["state"]
    return twister["key"], int(twister["pos"]), float(state["gauss"]) if state["has_gauss"] else None


def _whole(number: Any) -> Any:
    """A whole number that comes as a float, as an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def noise_matrix_is_valid(noise_matrix: Any, py: Any, *, verbose: bool = False) -> bool:
    """Whether labels with this noise can be learned from: given label k is most often right for each true class k.

    Parameters
    ----------
    noise_matrix : array, shape (K, K)
        p(given label = row | true label = column).
    py : array, shape (K,)
        Priors of the true labels.
    verbose : bool
        Prints what is compared for every class.

    Returns
    -------
    bool
        ``True`` if p(given = k) p(true = k) < p(given = k, true = k) for every k.
    """
    is_valid = _native.noise_matrix_is_valid(noise_matrix, py)
    if verbose:
        _print_learnability(np.asarray(noise_matrix, dtype=float), np.asarray(py, dtype=float))
    return is_valid


def _print_learnability(noise_matrix: _Array, py: _Array) -> None:
    total = 10_000.0
    joint = noise_matrix * py
    ps = noise_matrix @ py
    for k, both in enumerate(joint.diagonal()):
        right = total * both
        given_only, true_only = total * joint[k].sum() - right, total * joint[:, k].sum() - right
        neither = total - given_only - true_only - right
        product = given_only * true_only / right
        print(
            f"E1E2/C {round(product)} E1 {round(given_only)} E2 {round(true_only)} C {round(right)} | "
            f"{round(product + given_only + true_only + right)} | {round(product)} < {round(neither)}"
        )
        print(round(ps[k] * py[k]), "<", round(both), ":", ps[k] * py[k] < both)
        if not ps[k] * py[k] < both:
            return


def generate_noisy_labels(true_labels: Any, noise_matrix: Any) -> _Array:
    """Labels that are wrong as often as a noise matrix says.

    Parameters
    ----------
    true_labels : array-like of int, shape (N,)
        Correct labels 0, 1, …, K - 1.
    noise_matrix : array, shape (K, K)
        p(given label = row | true label = column); columns sum to 1.

    Returns
    -------
    array, shape (N,)
        Given labels, of the type of ``true_labels``.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.benchmarking.noise_generation import generate_noisy_labels
    >>> np.random.seed(3)
    >>> labels = generate_noisy_labels([0, 0, 1, 1], np.array([[0.5, 0.0], [0.5, 1.0]]))
    >>> int((labels == 1).sum())
    3
    """
    true_labels = np.asarray(read_once(true_labels))
    labels = _draw(lambda position: _native.generate_noisy_labels(true_labels, noise_matrix, position))
    return labels.astype(true_labels.dtype, copy=False)


def generate_noise_matrix_from_trace(
    K: int,
    trace: float,
    *,
    max_trace_prob: float = 1.0,
    min_trace_prob: float = 1e-5,
    max_noise_rate: float = 1 - 1e-5,
    min_noise_rate: float = 0.0,
    valid_noise_matrix: bool = True,
    py: Any = None,
    frac_zero_noise_rates: float = 0.0,
    seed: Optional[int] = 0,
    max_iter: int = 10000,
) -> Optional[_Array]:
    """A random noise matrix with a given trace.

    Parameters
    ----------
    K : int
        Number of classes, at least 2.
    trace : float
        Sum of the diagonal, at most K; the lower, the more noise.
    max_trace_prob, min_trace_prob : float
        Bounds of the diagonal.
    max_noise_rate, min_noise_rate : float
        Bounds of the other entries.
    valid_noise_matrix : bool
        Only a matrix that :func:`noise_matrix_is_valid` accepts will do.
    py : array, shape (K,), optional
        Priors of the true labels; needed for a valid matrix of more than two classes.
    frac_zero_noise_rates : float
        The share of the entries off the diagonal that are 0.
    seed : int, optional
        Seeds NumPy's global stream first; ``None`` seeds it from the operating system.
    max_iter : int
        How many matrices are tried.

    Returns
    -------
    array, shape (K, K), or None
        p(given label = row | true label = column); ``None`` if no try gave one.
    """
    K, trace = checked_sparse(K), checked_sparse(trace)
    if valid_noise_matrix and trace <= 1:
        raise ValueError(f"trace is {trace}; a valid noise matrix has a trace above 1")
    if valid_noise_matrix and py is None and K > 2:
        raise ValueError(f"py is missing; with {K} classes it decides which noise matrices are valid")
    if K <= 1:
        raise ValueError(f"K is {K}; at least 2 classes are needed")
    if max_iter < 1:
        return None

    def draw(position: _Position) -> Tuple[Optional[_Array], _Position]:
        return _native.generate_noise_matrix_from_trace(
            K,
            trace,
            position,
            max_trace_prob=max_trace_prob,
            min_trace_prob=min_trace_prob,
            max_noise_rate=max_noise_rate,
            min_noise_rate=min_noise_rate,
            learnable=bool(valid_noise_matrix),
            py=py,
            frac_zero_noise_rates=frac_zero_noise_rates,
            max_iter=max_iter,
        )

    return _draw(draw, seed)


def generate_n_rand_probabilities_that_sum_to_m(
    n: int, m: float, *, max_prob: float = 1.0, min_prob: float = 0.0
) -> _Array:
    """``n`` random probabilities inside bounds that sum to ``m``.

    Raises
    ------
    ValueError
        If the bounds leave no room for the sum.
    """
    if checked_sparse(n) == 0:
        return np.array([])
    return _draw(
        lambda position: _native.generate_n_rand_probabilities_that_sum_to_m(n, m, max_prob, min_prob, position)
    )


def randomly_distribute_N_balls_into_K_bins(
    N: int, K: int, *, max_balls_per_bin: Optional[int] = None, min_balls_per_bin: Optional[int] = None
) -> _Array:
    """Puts ``N`` balls into ``K`` bins at random and returns how many are in each.

    Parameters
    ----------
    N, K : int
        Numbers of balls and bins.
    max_balls_per_bin, min_balls_per_bin : int, optional
        Bounds of the number in a bin. Where all bins are full, the rest of the balls is left over.
    """
    N, K = checked_sparse(N), checked_sparse(K)
    if N < 0 or K < 0:
        raise ValueError(f"there are {N} balls and {K} bins; neither number can be negative")
    if N == 0:
        return np.zeros(K, dtype=int)
    fewest = 0 if min_balls_per_bin is None else _whole(min_balls_per_bin)
    return _draw(
        lambda position: _native.randomly_distribute_n_balls_into_k_bins(
            _whole(N), K, _whole(max_balls_per_bin), fewest, position
        )
    )
