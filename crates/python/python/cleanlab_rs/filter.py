"""Which labels are wrong.

Examples have labels 0, 1, …, K - 1 and predicted probabilities of a model that did not see them in training. For
examples with several classes each use :mod:`cleanlab_rs.multilabel_classification.filter`.
"""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Optional

import numpy as np
import numpy.typing as npt

from . import _native
from ._arguments import check_number, checked_inputs, num_threads, only_class_zero, probability_array, read_once
from .internal.validation import assert_valid_inputs
from .rank import _adjustment

__all__ = [
    "find_label_issues",
    "find_label_issues_using_argmax_confusion_matrix",
    "find_predicted_neq_given",
]

_Array = npt.NDArray[Any]

_PRUNING = ("prune_by_noise_rate", "prune_by_class", "both")
_OTHERS = ("confident_learning", "predicted_neq_given", "low_normalized_margin", "low_self_confidence")


def find_label_issues(
    labels: Any,
    pred_probs: _Array,
    *,
    return_indices_ranked_by: Optional[str] = None,
    rank_by_kwargs: Optional[Dict[str, Any]] = None,
    filter_by: str = "prune_by_noise_rate",
    frac_noise: float = 1.0,
    num_to_remove_per_class: Optional[List[int]] = None,
    min_examples_per_class: int = 1,
    confident_joint: Optional[_Array] = None,
    n_jobs: Optional[int] = None,
    verbose: bool = False,
    multi_label: bool = False,
) -> _Array:
    """Flags the labels that are probably wrong.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels 0, 1, …, K - 1.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities; column k is class k.
    return_indices_ranked_by : {None, "self_confidence", "normalized_margin", "confidence_weighted_entropy"}
        Returns the flagged rows, worst first by this score, in place of a mask.
    rank_by_kwargs : dict, optional
        ``{"adjust_pred_probs": True}`` to adjust the scores of the ranking.
    filter_by : str
        "prune_by_noise_rate" flags for each pair of classes as many labels as are estimated to be mistaken that way,
        those with the largest margin first; "prune_by_class" as many of each class, those with the lowest probability
        first; "both" what both flag. "confident_learning" flags labels where the model is confident in another class,
        "predicted_neq_given" those where it predicts another. "low_normalized_margin" and "low_self_confidence" flag
        the lowest scores, as many as "confident_learning" does.
    frac_noise : float
        The share, in [0, 1], of the estimated wrong labels to flag. Pruning methods only.
    num_to_remove_per_class : list of int, length K, optional
        How many labels of each class to flag, in place of the estimate. Pruning methods only.
    min_examples_per_class : int
        Classes with this many examples or fewer are left alone, with a warning. Pruning methods only.
    confident_joint : array of int, shape (K, K), optional
        Counts to prune by, as from :func:`cleanlab_rs.count.compute_confident_joint`, in place of those estimated here.
    n_jobs : int, optional
        Number of threads, all by default. The result does not depend on it.
    verbose : bool
        Prints the number of flagged labels.
    multi_label : bool
        Deprecated; see :mod:`cleanlab_rs.multilabel_classification.filter`.

    Returns
    -------
    array
        A mask of shape (N,), or row indices if a ranking is asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.filter import find_label_issues
    >>> labels = np.array([0, 0, 0, 1, 1, 1])
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9], [0.2, 0.8], [0.97, 0.03]])
    >>> find_label_issues(labels, pred_probs)
    array([False, False,  True, False, False,  True])
    >>> find_label_issues(labels, pred_probs, return_indices_ranked_by="self_confidence")
    array([5, 2])
    """
    if filter_by not in _PRUNING + _OTHERS:
        raise AssertionError(f"filter_by is {filter_by!r}; choose one of {', '.join(_PRUNING + _OTHERS)}")
    if pred_probs is None:
        raise ValueError("pred_probs is None; give the predicted probabilities of a model that did not see the examples")
    labels = read_once(labels)
    allow_one_class = only_class_zero(labels)
    if multi_label:
        pred_probs = probability_array(pred_probs)
        assert_valid_inputs(X=None, y=labels, pred_probs=pred_probs, multi_label=True)
        given = labels
    else:
        given, pred_probs = checked_inputs(labels, pred_probs, allow_one_class=allow_one_class)
    prunes = filter_by in _PRUNING
    if not prunes and (frac_noise != 1.0 or num_to_remove_per_class is not None):
        warnings.warn(
            f"frac_noise and num_to_remove_per_class have no effect with filter_by {filter_by!r}", stacklevel=2
        )
    if not prunes and num_to_remove_per_class is not None:
        raise ValueError(
            f"num_to_remove_per_class cannot be used with filter_by {filter_by!r}; choose one of {', '.join(_PRUNING)}"
        )
    if filter_by == "confident_learning" and isinstance(confident_joint, np.ndarray):
        warnings.warn(
            "confident_joint is ignored with filter_by 'confident_learning', which estimates its own",
            stacklevel=2,
        )
    n_threads = num_threads(n_jobs)
    if prunes:
        check_number("frac_noise", frac_noise)
        check_number("min_examples_per_class", min_examples_per_class)
    if multi_label:
        return _find_label_issues_multilabel(
            labels,
            pred_probs,
            return_indices_ranked_by=return_indices_ranked_by,
            rank_by_kwargs=rank_by_kwargs or {},
            filter_by=filter_by,
            frac_noise=frac_noise,
            num_to_remove_per_class=num_to_remove_per_class,
            min_examples_per_class=min_examples_per_class,
            confident_joint=confident_joint,
            n_jobs=n_jobs,
            verbose=verbose,
        )
    if not isinstance(return_indices_ranked_by, (str, type(None))):
        raise ValueError(
            f"return_indices_ranked_by is {return_indices_ranked_by!r}; choose None, self_confidence, normalized_margin or "
            "confidence_weighted_entropy"
        )
    adjust_pred_probs = return_indices_ranked_by is not None and _adjustment(rank_by_kwargs)
    mask, ranked, left_alone = _native.find_label_issues(
        given,
        pred_probs,
        filter_by,
        frac_noise=frac_noise if prunes else 1.0,
        num_to_remove_per_class=num_to_remove_per_class,
        min_examples_per_class=min(max(int(min_examples_per_class), 0), 2**62) if prunes else 1,
        confident_joint=_counts(confident_joint) if prunes else None,
        rank_by=return_indices_ranked_by,
        adjust_pred_probs=adjust_pred_probs,
        allow_one_class=allow_one_class,
        n_jobs=n_threads,
    )
    _warn_of_small_classes(left_alone, filter_by)
    if verbose:
        print(f"Number of label issues found: {np.count_nonzero(mask)}")
    return mask if ranked is None else ranked


def _counts(confident_joint: Optional[_Array]) -> Optional[_Array]:
    """A confident joint as whole numbers, which is what it counts."""
    if confident_joint is None:
        return None
    counts = np.asarray(confident_joint)
    if counts.dtype.kind == "f":
        whole = counts.astype(np.int64)
        if not np.array_equal(whole, counts):
            raise ValueError("confident_joint must hold counts, but has a fraction; multiply a joint by N and round")
        return whole
    return counts


def _warn_of_small_classes(classes: List[int], filter_by: str) -> None:
    for method in ("prune_by_class", "prune_by_noise_rate") if filter_by == "both" else (filter_by,):
        for class_index in classes:
            warnings.warn(
                f"Labels of class {class_index} are not looked at by {method!r}: it has too few examples "
                "(min_examples_per_class)",
                stacklevel=3,
            )


def _find_label_issues_multilabel(labels: Any, pred_probs: _Array, **options: Any) -> _Array:
    if not isinstance(labels, list):
        raise TypeError(f"labels must be a list of lists with multi_label=True, not {type(labels).__name__}")
    warnings.warn(
        "multi_label is deprecated here; use cleanlab_rs.multilabel_classification.filter.find_label_issues",
        DeprecationWarning,
        stacklevel=3,
    )
    from .multilabel_classification.filter import find_label_issues as find_multilabel_issues

    issues: _Array = find_multilabel_issues(labels, pred_probs, **options)
    return issues


def find_predicted_neq_given(labels: Any, pred_probs: _Array, *, multi_label: bool = False) -> _Array:
    """Flags the labels that the model does not predict: a baseline that believes every prediction.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels; with ``multi_label`` a list with a list of classes per example.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities.
    multi_label : bool
        Whether each class is predicted for itself, where its probability exceeds one half.

    Returns
    -------
    array of bool, shape (N,)
        A mask.
    """
    if not multi_label:
        return _native.find_predicted_neq_given(*checked_inputs(labels, pred_probs, allow_one_class=False))
    pred_probs = probability_array(pred_probs)
    assert_valid_inputs(X=None, y=labels, pred_probs=pred_probs, multi_label=True)
    if not isinstance(labels, list):
        raise TypeError(f"labels must be a list of lists with multi_label=True, not {type(labels).__name__}")
    return _native.multilabel_predicted_neq_given(labels, pred_probs)


def find_label_issues_using_argmax_confusion_matrix(
    labels: Any, pred_probs: _Array, *, calibrate: bool = True, filter_by: str = "prune_by_noise_rate"
) -> _Array:
    """Flags labels by the confusion matrix of given and predicted classes, in place of the confident joint.

    Parameters
    ----------
    labels, pred_probs
        As for :func:`find_label_issues`.
    calibrate : bool
        Whether the matrix is scaled to the numbers of labels.
    filter_by : str
        As for :func:`find_label_issues`.

    Returns
    -------
    array of bool, shape (N,)
        A mask.
    """
    labels, pred_probs = checked_inputs(labels, pred_probs, allow_one_class=False)
    if filter_by not in _PRUNING + _OTHERS:
        raise AssertionError(f"filter_by is {filter_by!r}; choose one of {', '.join(_PRUNING + _OTHERS)}")
    if filter_by == "confident_learning":
        warnings.warn("filter_by 'confident_learning' makes no use of the confusion matrix", stacklevel=2)
    mask, left_alone = _native.find_label_issues_by_argmax_confusion(
        labels, pred_probs, bool(calibrate), filter_by
    )
    _warn_of_small_classes(left_alone, filter_by)
    return mask
