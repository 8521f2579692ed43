"""Which examples have a wrong set of classes, and which of their classes are wrong."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs._arguments import num_threads, probability_array
from cleanlab_rs.internal.multilabel_utils import _LARGEST, int2onehot, stack_complement

__all__ = ["find_label_issues", "find_multilabel_issues_per_class"]

_PRUNING_RULES = ("prune_by_noise_rate", "prune_by_class", "both")


def find_label_issues(
    labels: List[List[int]],
    pred_probs: npt.NDArray[Any],
    return_indices_ranked_by: Optional[str] = None,
    rank_by_kwargs: Dict[str, Any] = {},
    filter_by: str = "prune_by_noise_rate",
    frac_noise: float = 1.0,
    num_to_remove_per_class: Optional[List[int]] = None,
    min_examples_per_class: int = 1,
    confident_joint: Optional[npt.NDArray[Any]] = None,
    n_jobs: Optional[int] = None,
    verbose: bool = False,
    low_memory: bool = False,
) -> npt.NDArray[Any]:
    """Flag the examples of which any class is probably annotated wrongly.

    Parameters
    ----------
    labels : list of lists of int
        The given classes of every example, from 0 to K - 1; lists may be empty.
    pred_probs : array_like, shape (N, K)
        Out-of-sample probability that each example has each class; rows need not sum to 1.
    return_indices_ranked_by : {None, "self_confidence", "normalized_margin", "confidence_weighted_entropy"}
        A score: flagged examples are then returned as indices, those with the lowest score first.
    rank_by_kwargs : dict
        ``{"adjust_pred_probs": True}`` subtracts confident thresholds before the score is computed.
    filter_by : str, default "prune_by_noise_rate"
        The rule, one of those of :func:`cleanlab_rs.filter.find_label_issues`. It is used for each class against the
        rest, but "low_normalized_margin" and "low_self_confidence" flag the examples with the lowest score.
    frac_noise : float, default 1.0
        Which share of the estimated errors to flag, in [0, 1]; for rules that prune.
    num_to_remove_per_class : list of int, optional
        For each class, how many examples to flag instead of the estimate; for rules that prune.
    min_examples_per_class : int, default 1
        Examples that have a class, or lack it, are left alone if they are that many or fewer; for rules that prune.
    confident_joint : array_like, shape (K, 2, 2), optional
        Counts to prune by, see :func:`cleanlab_rs.count.compute_confident_joint` with ``multi_label=True``.
    n_jobs
        Without effect: all processors are used (``RAYON_NUM_THREADS`` limits them), and the result is the same.
    verbose : bool, default False
        Prints for every class how many annotations are flagged.
    low_memory : bool, default False
        Use :func:`cleanlab_rs.experimental.label_issues_batched.find_label_issues_batched` for each class.

    Returns
    -------
    numpy.ndarray
        A mask of shape (N,), or indices of the flagged examples if they are to be ranked.

    Examples
    --------
    >>> labels = [[0], [0, 1], [1], [], [1], [0]]
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.95]])
    >>> find_label_issues(labels, pred_probs, return_indices_ranked_by="self_confidence")
    array([5, 4])
    """
    pred_probs = _given(pred_probs)
    if low_memory:
        _warn_of_unused(
            rank_by_kwargs=(rank_by_kwargs, {}),
            filter_by=(filter_by, "prune_by_noise_rate"),
            num_to_remove_per_class=(num_to_remove_per_class, None),
            confident_joint=(confident_joint, None),
            n_jobs=(n_jobs, None),
            frac_noise=(frac_noise, 1.0),
            min_examples_per_class=(min_examples_per_class, 1),
        )
        found = _issues_in_batches(labels, pred_probs, return_indices_ranked_by, verbose)
        if return_indices_ranked_by is None:
            return np.asarray(np.stack(found, axis=1).any(axis=1))
        from cleanlab_rs.multilabel_classification.rank import get_label_quality_scores

        rows = reduce(np.union1d, found).astype(np.int64)
        scores = get_label_quality_scores(
            labels,
            pred_probs,
            method=return_indices_ranked_by,
            adjust_pred_probs=(rank_by_kwargs or {}).get("adjust_pred_probs", False),
        )
        return rows[np.argsort(scores[rows], kind="stable")]
    if filter_by in ("low_normalized_margin", "low_self_confidence"):
        # These rules have no use for what prunes, and here cleanlab does not tell.
        frac_noise, num_to_remove_per_class = 1.0, None
        _check_labels(labels)
    else:
        num_threads(n_jobs)
    issues: npt.NDArray[Any]
    options = _options(
        pred_probs, filter_by, frac_noise, num_to_remove_per_class, min_examples_per_class, confident_joint
    )
    issues, told = _native.find_multilabel_issues(
        labels, pred_probs, options, _quality(return_indices_ranked_by, rank_by_kwargs)
    )
    _warn(told)
    if verbose:
        per_class, _ = _native.find_multilabel_issues_per_class(labels, pred_probs, options, None)
        _print_counts(per_class.sum(axis=0))
    return issues


def find_multilabel_issues_per_class(
    labels: List[List[int]],
    pred_probs: npt.NDArray[Any],
    return_indices_ranked_by: Optional[str] = None,
    rank_by_kwargs: Dict[str, Any] = {},
    filter_by: str = "prune_by_noise_rate",
    frac_noise: float = 1.0,
    num_to_remove_per_class: Optional[List[int]] = None,
    min_examples_per_class: int = 1,
    confident_joint: Optional[npt.NDArray[Any]] = None,
    n_jobs: Optional[int] = None,
    verbose: bool = False,
    low_memory: bool = False,
) -> Union[npt.NDArray[Any], Tuple[List[npt.NDArray[Any]], List[Any], List[npt.NDArray[Any]]]]:
    """Flag the annotations that are probably wrong: for each class, examples that wrongly have or wrongly lack it.

    Parameters
    ----------
    labels, pred_probs, return_indices_ranked_by, rank_by_kwargs, filter_by, frac_noise, num_to_remove_per_class, \
min_examples_per_class, confident_joint, n_jobs, verbose, low_memory
        As in :func:`find_label_issues`. Here every rule is used for each class against the rest.

    Returns
    -------
    numpy.ndarray of bool, shape (N, K)
        The flags, if `return_indices_ranked_by` is None.
    label_issues_list, labels_list, pred_probs_list : lists of length K
        Otherwise: for each class the indices of flagged examples, those with the lowest score first; its labels, 0 and
        1; and its probabilities, shape (N, 2), of lacking and of having the class.

    Examples
    --------
    >>> labels = [[0], [0, 1], [1], [], [1], [0]]
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.95]])
    >>> find_multilabel_issues_per_class(labels, pred_probs).nonzero()
    (array([4, 5]), array([0, 1]))
    """
    issues: Any
    pred_probs = _given(pred_probs)
    if low_memory:
        found = _issues_in_batches(labels, pred_probs, return_indices_ranked_by, verbose)
        issues = found if return_indices_ranked_by is not None else np.stack(found, axis=1)
    else:
        num_threads(n_jobs)
        issues, told = _native.find_multilabel_issues_per_class(
            labels,
            pred_probs,
            _options(
                pred_probs, filter_by, frac_noise, num_to_remove_per_class, min_examples_per_class, confident_joint
            ),
            _quality(return_indices_ranked_by, rank_by_kwargs),
        )
        _warn(told)
        if verbose:
            is_mask = return_indices_ranked_by is None
            _print_counts(issues.sum(axis=0) if is_mask else map(len, issues))
    if return_indices_ranked_by is None:
        flags: npt.NDArray[Any] = issues
        return flags
    labels_list, pred_probs_list = _one_vs_rest(labels, pred_probs)
    return issues, labels_list, pred_probs_list


def _print_counts(counts: Iterable[int]) -> None:
    for index, count in enumerate(counts):
        print(f"Number of label issues found for class {index}: {count}")


def _given(pred_probs: Any) -> Any:
    if pred_probs is None:
        raise ValueError("pred_probs are needed: an array with one row per example and one column per class")
    return probability_array(pred_probs)


def _check_labels(labels: Any) -> None:
    if not isinstance(labels, Iterable) or isinstance(labels, (str, bytes, Mapping)):
        raise TypeError(
            f"labels are a {type(labels).__name__}, but must be a list with a list of class indices for every example"
        )


def _one_vs_rest(
    labels: List[List[int]], pred_probs: npt.NDArray[Any]
) -> Tuple[List[npt.NDArray[Any]], List[npt.NDArray[Any]]]:
    """For each class, its labels 0 and 1 and its two columns of probabilities."""
    pred_probs = np.asarray(pred_probs, dtype=np.float64)
    onehot = int2onehot(labels, pred_probs.shape[1])
    return list(onehot.T), [stack_complement(column) for column in pred_probs.T]


def _issues_in_batches(
    labels: List[List[int]], pred_probs: npt.NDArray[Any], ranked_by: Optional[str], verbose: bool
) -> List[npt.NDArray[Any]]:
    """For each class what the batched search finds: a mask, or indices where they are to be ranked."""
    from cleanlab_rs.experimental.label_issues_batched import find_label_issues_batched

    return [
        find_label_issues_batched(
            labels=given,
            pred_probs=probabilities,
            verbose=verbose,
            quality_score_kwargs={"method": ranked_by} if ranked_by else None,
            return_mask=ranked_by is None,
        )
        for given, probabilities in zip(*_one_vs_rest(labels, pred_probs))
    ]


def _options(
    pred_probs: npt.NDArray[Any],
    filter_by: str,
    frac_noise: float,
    num_to_remove_per_class: Optional[List[int]],
    min_examples_per_class: int,
    confident_joint: Optional[npt.NDArray[Any]],
) -> Tuple[str, float, Optional[List[int]], int, Optional[npt.NDArray[Any]]]:
    """The options as the compiled code takes them."""
    if num_to_remove_per_class is not None:
        given = list(num_to_remove_per_class)
        num_to_remove_per_class = [min(int(number), _LARGEST) for number in given]
        if any(whole != number for whole, number in zip(num_to_remove_per_class, given) if whole < _LARGEST):
            raise ValueError("num_to_remove_per_class has a fraction; whole numbers of examples are needed")
        if any(number < 0 for number in num_to_remove_per_class):
            raise ValueError("num_to_remove_per_class has a negative entry; its entries are numbers of examples")
    return (
        filter_by,
        frac_noise,
        num_to_remove_per_class,
        min(max(int(min_examples_per_class), 0), _LARGEST) if filter_by in _PRUNING_RULES else 1,
        _checked_joint(confident_joint, np.shape(pred_probs)[-1] if np.ndim(pred_probs) else 0),
    )


def _checked_joint(confident_joint: Any, num_classes: int) -> Optional[npt.NDArray[Any]]:
    """The confident joint, or None for one of the old format, which is told to be ignored."""
    if confident_joint is None:
        return None
    joint = np.asarray(confident_joint)
    if joint.shape == (num_classes, num_classes):
        warnings.warn(
            "confident_joint has one row and column per class, the format of single labels, and is ignored; for sets of "
            "classes its shape is (num_classes, 2, 2), as compute_confident_joint(..., multi_label=True) gives it",
            stacklevel=4,
        )
        return None
    if joint.shape != (num_classes, 2, 2):
        raise ValueError(f"confident_joint has shape {joint.shape}, but must have shape ({num_classes}, 2, 2)")
    return joint


def _quality(ranked_by: Optional[str], rank_by_kwargs: Optional[Dict[str, Any]]) -> Optional[Tuple[str, bool]]:
    """The score as the compiled code takes it."""
    if ranked_by is None:
        return None
    kwargs = {} if rank_by_kwargs is None else rank_by_kwargs
    unknown = sorted(set(kwargs) - {"adjust_pred_probs"}, key=str)
    if unknown:
        raise TypeError(f"rank_by_kwargs has {', '.join(map(str, unknown))}, but only adjust_pred_probs is possible")
    return ranked_by, bool(kwargs.get("adjust_pred_probs", False))


def _warn(told: List[str]) -> None:
    for text in told:
        warnings.warn(text, stacklevel=3)


def _warn_of_unused(**arguments: Tuple[Any, Any]) -> None:
    """Tells which arguments differ from their default although they are not used."""
    for name, (given, default) in arguments.items():
        if given is not default and (isinstance(given, np.ndarray) or given != default):
            warnings.warn(f"{name} is not used with low_memory=True", stacklevel=3)
