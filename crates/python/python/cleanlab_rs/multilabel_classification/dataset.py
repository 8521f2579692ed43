"""Which classes are annotated worst, and how healthy the labels are as a whole, where examples have sets of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, Optional

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs._arguments import probability_array
from cleanlab_rs.multilabel_classification.filter import _checked_joint, _warn, find_label_issues

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "common_multilabel_issues",
    "multilabel_health_summary",
    "overall_multilabel_health_score",
    "rank_classes_by_multilabel_quality",
]


def common_multilabel_issues(
    labels: Any = list,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    class_names: Optional[Iterable[str]] = None,
    confident_joint: Optional[npt.NDArray[Any]] = None,
) -> pd.DataFrame:
    """How often each class is wrongly given, and wrongly not given; the most frequent first.

    Parameters
    ----------
    labels : list of lists of int
        The given classes of every example, from 0 to K - 1.
    pred_probs : array_like, shape (N, K)
        Out-of-sample probability that each example has each class.
    class_names : iterable of str, optional
        Name of every class, in the order of the columns of `pred_probs`.
    confident_joint : array_like, shape (K, 2, 2), optional
        Counts to flag by, see :func:`cleanlab_rs.count.compute_confident_joint` with ``multi_label=True``.

    Returns
    -------
    pandas.DataFrame
        Two rows per class. Columns: "Class Name" if names are given, "Class Index", "In Given Label" and
        "In Suggested Label" (whether examples have the class, and whether they should), "Num Examples", and
        "Issue Probability", their share of all examples.

    Examples
    --------
    >>> labels = [[0], [0, 1], [1], [], [1], [0]]
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.95]])
    >>> common_multilabel_issues(labels, pred_probs)["Num Examples"].tolist()
    [1, 1, 0, 0]
    """
    import pandas as pd

    pred_probs = _given(labels, pred_probs)
    classes, given, counts, shares, told = _native.common_multilabel_issues(
        labels, pred_probs, _checked_joint(confident_joint, pred_probs.shape[-1])
    )
    _warn(told)
    columns: Dict[str, Any] = {}
    if class_names is not None:
        columns["Class Name"] = _names_of(classes, class_names)
    columns["Class Index"] = classes
    columns["In Given Label"] = given
    columns["In Suggested Label"] = ~given
    columns["Num Examples"] = counts
    columns["Issue Probability"] = shares
    return pd.DataFrame(columns)


def rank_classes_by_multilabel_quality(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    class_names: Optional[Iterable[str]] = None,
    joint: Optional[npt.NDArray[Any]] = None,
    confident_joint: Optional[npt.NDArray[Any]] = None,
) -> pd.DataFrame:
    """How well every class is annotated, the worst first.

    Parameters
    ----------
    labels, pred_probs, class_names
        As in :func:`common_multilabel_issues`.
    joint : array_like, shape (K, 2, 2), optional
        Counts to flag by: what other functions call `confident_joint`.
    confident_joint
        Without effect, as in cleanlab.

    Returns
    -------
    pandas.DataFrame
        One row per class. Columns: "Class Name" if names are given, "Class Index"; "Label Issues" and
        "Inverse Label Issues", how many examples wrongly have and wrongly lack the class; "Label Noise" and
        "Inverse Label Noise", their shares of all examples; "Label Quality Score", 1 less the label noise.
    """
    import pandas as pd

    pred_probs = _given(labels, pred_probs)
    classes, issues, inverse_issues, noise, inverse_noise, quality, told = (
        _native.rank_classes_by_multilabel_quality(labels, pred_probs, _checked_joint(joint, pred_probs.shape[-1]))
    )
    _warn(told)
    columns: Dict[str, Any] = {}
    if class_names is not None:
        columns["Class Name"] = _names_of(classes, class_names)
    columns["Class Index"] = classes
    columns["Label Issues"] = issues
    columns["Inverse Label Issues"] = inverse_issues
    columns["Label Noise"] = noise
    columns["Inverse Label Noise"] = inverse_noise
    columns["Label Quality Score"] = quality
    return pd.DataFrame(columns)


def overall_multilabel_health_score(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    confident_joint: Optional[npt.NDArray[Any]] = None,
) -> float:
    """The share of examples whose whole set of classes is estimated to be right, in [0, 1].

    Parameters
    ----------
    labels, pred_probs, confident_joint
        As in :func:`common_multilabel_issues`.

    Examples
    --------
    >>> pred_probs = np.array([[0.9, 0.1], [0.1, 0.9], [0.95, 0.2], [0.8, 0.1]])
    >>> float(overall_multilabel_health_score([[0], [1], [], [0]], pred_probs))
    0.75
    """
    pred_probs = _given(labels, pred_probs)
    issues = find_label_issues(labels=labels, pred_probs=pred_probs, confident_joint=confident_joint)
    score: float = 1.0 - issues.sum() / len(issues)
    return score


def multilabel_health_summary(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    class_names: Optional[Iterable[str]] = None,
    num_examples: Optional[int] = None,
    confident_joint: Optional[npt.NDArray[Any]] = None,
    verbose: bool = True,
) -> Dict[str, Any]:
    """Print and return how healthy the labels are: the classes by quality, the common errors, and one score.

    Parameters
    ----------
    labels, pred_probs, class_names, confident_joint
        As in :func:`common_multilabel_issues`.
    num_examples : int, optional
        Number of examples as it is printed; by default that of `labels`.
    verbose : bool, default True
        Whether to print.

    Returns
    -------
    dict
        "overall_multilabel_health_score", "classes_by_multilabel_quality" and "common_multilabel_issues", what
        :func:`overall_multilabel_health_score`, :func:`rank_classes_by_multilabel_quality` and
        :func:`common_multilabel_issues` return.
    """
    from cleanlab_rs.internal.util import smart_display_dataframe

    pred_probs = _given(labels, pred_probs)
    if num_examples is None:
        num_examples = len(labels)
    if class_names is not None:
        class_names = list(class_names)
    classes = rank_classes_by_multilabel_quality(labels, pred_probs, class_names=class_names)
    common = common_multilabel_issues(labels, pred_probs, class_names=class_names, confident_joint=confident_joint)
    score = overall_multilabel_health_score(labels, pred_probs, confident_joint=confident_joint)
    if verbose:
        width = len(f"|   for your dataset with {num_examples:,} examples ") - 1
        # As cleanlab prints it, which breaks no line after the number of examples.
        print("-" * width)
        print(f"{'|  Generating a Cleanlab Dataset Health Summary':<{width}}|")
        print(f"|   for your dataset with {num_examples:,} examples ", end="")
        print(f"{'|  Note, Cleanlab is not a medical doctor... yet.':<{width}}|")
        print("-" * width + "\n\n", end="")
        print("Overall Class Quality and Noise across your dataset (below)")
        print("-" * 60, "\n", flush=True)
        smart_display_dataframe(classes)
        print("\nCommon multilabel issues are\n" + "-" * 83 + "\n", flush=True)
        smart_display_dataframe(common)
        print()
        print("\nGenerated with <3 from Cleanlab.\n")
    return {
        "overall_multilabel_health_score": score,
        "classes_by_multilabel_quality": classes,
        "common_multilabel_issues": common,
    }


def _given(labels: Any, pred_probs: Optional[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """The probabilities, if they and labels are there."""
    if labels is None or labels is list:
        raise ValueError("labels are needed: a list with a list of class indices for every example")
    if pred_probs is None:
        raise ValueError("pred_probs are needed: an array with one row per example and one column per class")
    pred_probs = np.asarray(probability_array(pred_probs))
    if pred_probs.ndim != 2:
        raise ValueError(f"pred_probs have shape {pred_probs.shape}, but need one row per example and column per class")
    return pred_probs


def _names_of(classes: npt.NDArray[np.int64], class_names: Iterable[str]) -> Any:
    names = class_names if hasattr(class_names, "__getitem__") else list(class_names)
    return [names[index] for index in classes.tolist()]
