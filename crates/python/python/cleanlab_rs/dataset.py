"""How healthy the labels of a data set are: per class, per pair of classes, and as a whole.

Every function takes labels and predicted probabilities, or a joint or confident joint that is known already. For
examples with several classes each use :mod:`cleanlab_rs.multilabel_classification.dataset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

import numpy as np
import numpy.typing as npt

from .count import estimate_joint, num_label_issues
from .internal.constants import EPSILON

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "find_overlapping_classes",
    "health_summary",
    "overall_label_health_score",
    "rank_classes_by_label_quality",
]


def rank_classes_by_label_quality(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    class_names: Any = None,
    num_examples: Optional[int] = None,
    joint: Optional[npt.NDArray[Any]] = None,
    confident_joint: Optional[npt.NDArray[Any]] = None,
    multi_label: bool = False,
) -> pd.DataFrame:
    """The classes, worst labelled first.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels 0, 1, …, K - 1.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities.
    class_names : sequence of str, length K, optional
        Names to show beside the class indices.
    num_examples : int, optional
        Needed without ``labels``.
    joint : array, shape (K, K), optional
        Joint distribution of given and true labels, in place of labels and probabilities.
    confident_joint : array, shape (K, K), optional
        Counts of given and true labels, as from :func:`cleanlab_rs.count.compute_confident_joint`.
    multi_label : bool
        Not supported here.

    Returns
    -------
    pandas.DataFrame
        Columns "Class Name" (if there are names), "Class Index", "Label Issues" (labels of this class that are wrong),
        "Inverse Label Issues" (examples of this class that are labelled otherwise), "Label Noise", "Inverse Label
        Noise" (the same as shares) and "Label Quality Score" (1 - label noise).
    """
    import pandas as pd

    _refuse_multi_label(multi_label, "rank_classes_by_multilabel_quality")
    if joint is None:
        joint = estimate_joint(labels, pred_probs, confident_joint=confident_joint)
    if num_examples is None:
        num_examples = _num_examples(labels)
    joint = _as_joint(joint)
    given, true, right = joint.sum(axis=1), joint.sum(axis=0), joint.diagonal()
    noise = (given - right) / np.clip(given, EPSILON, None)
    table = pd.DataFrame(
        {
            "Class Index": np.arange(len(joint)),
            "Label Issues": ((given - right) * num_examples).round().astype(int),
            "Inverse Label Issues": ((true - right) * num_examples).round().astype(int),
            "Label Noise": noise,
            "Inverse Label Noise": (true - right) / np.clip(true, EPSILON, None),
            "Label Quality Score": 1 - noise,
        }
    )
    if class_names is not None:
        table.insert(loc=0, column="Class Name", value=class_names)
    return table.sort_values(by="Label Quality Score", kind="stable").reset_index(drop=True)


def find_overlapping_classes(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    asymmetric: bool = False,
    class_names: Any = None,
    num_examples: Optional[int] = None,
    joint: Optional[npt.NDArray[Any]] = None,
    confident_joint: Optional[npt.NDArray[Any]] = None,
    multi_label: bool = False,
) -> pd.DataFrame:
    """Pairs of classes, those that are mistaken for each other most often first.

    Parameters
    ----------
    asymmetric : bool
        Tells examples of class B that are labelled A from those the other way round.
    labels, pred_probs, class_names, num_examples, joint, confident_joint, multi_label
        As for :func:`rank_classes_by_label_quality`.

    Returns
    -------
    pandas.DataFrame
        Columns "Class Name A", "Class Name B" (if there are names), "Class Index A", "Class Index B" (given and true
        label where the pair is ordered), "Num Overlapping Examples" and "Joint Probability".
    """
    import pandas as pd

    _refuse_multi_label(multi_label, "common_multilabel_issues")
    if joint is None:
        joint = estimate_joint(labels, pred_probs, confident_joint=confident_joint)
    if num_examples is None:
        num_examples = _num_examples(labels, confident_joint)
    joint = _as_joint(joint)
    if asymmetric:
        rows, columns = np.nonzero(~np.eye(len(joint), dtype=bool))
        shares = joint[rows, columns]
    else:
        rows, columns = np.triu_indices(len(joint), k=1)
        shares = joint[rows, columns] + joint[columns, rows]
    table = pd.DataFrame(
        {
            "Class Index A": rows,
            "Class Index B": columns,
            "Num Overlapping Examples": (shares * num_examples).round().astype(int),
            "Joint Probability": shares,
        }
    )
    if class_names is not None:
        table.insert(loc=0, column="Class Name A", value=[class_names[row] for row in rows])
        table.insert(loc=1, column="Class Name B", value=[class_names[column] for column in columns])
    return table.sort_values(by="Joint Probability", ascending=False, kind="stable").reset_index(drop=True)


def overall_label_health_score(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    num_examples: Optional[int] = None,
    confident_joint: Optional[npt.NDArray[Any]] = None,
    joint: Optional[npt.NDArray[Any]] = None,
    multi_label: bool = False,
    verbose: bool = True,
) -> float:
    """The share of labels that are right.

    Parameters
    ----------
    verbose : bool
        Prints it, with the number of wrong labels.
    labels, pred_probs, num_examples, joint, confident_joint, multi_label
        As for :func:`rank_classes_by_label_quality`.

    Returns
    -------
    float
        From 0 (all labels wrong) to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.dataset import overall_label_health_score
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]])
    >>> float(overall_label_health_score([0, 0, 1, 1, 1], pred_probs, verbose=False))
    0.8
    """
    _refuse_multi_label(multi_label, "overall_multilabel_health_score")
    if num_examples is None:
        num_examples = _num_examples(labels, confident_joint)
    if pred_probs is None or labels is None:
        if joint is None:
            joint = estimate_joint(labels, pred_probs, confident_joint=confident_joint)
        score = _as_joint(joint).trace()
        num_issues = (num_examples * (1 - score)).round().astype(int)
    else:
        num_issues = num_label_issues(labels, pred_probs, confident_joint=confident_joint)
        score = 1 - num_issues / num_examples
    if verbose:
        print(
            f" * Overall, about {1 - score:.0%} ({num_issues:,} of the {num_examples:,}) labels in your dataset have "
            f"potential issues.\n ** The overall label health score for this dataset is: {score:.2f}."
        )
    return score  # type: ignore[no-any-return]


def health_summary(
    labels: Any = None,
    pred_probs: Optional[npt.NDArray[Any]] = None,
    *,
    asymmetric: bool = False,
    class_names: Any = None,
    num_examples: Optional[int] = None,
    joint: Optional[npt.NDArray[Any]] = None,
    confident_joint: Optional[npt.NDArray[Any]] = None,
    multi_label: bool = False,
    verbose: bool = True,
) -> Dict[str, Any]:
    """All of the above at once, printed and returned.

    Parameters
    ----------
    labels, pred_probs, asymmetric, class_names, num_examples, joint, confident_joint, multi_label, verbose
        As for :func:`rank_classes_by_label_quality`, :func:`find_overlapping_classes` and
        :func:`overall_label_health_score`.

    Returns
    -------
    dict
        "overall_label_health_score", "joint", "classes_by_label_quality" and "overlapping_classes".
    """
    from .internal.util import smart_display_dataframe

    _refuse_multi_label(multi_label, "multilabel_health_summary")
    if joint is None:
        joint = estimate_joint(labels, pred_probs, confident_joint=confident_joint)
    if num_examples is None:
        num_examples = _num_examples(labels)
    if verbose:
        print(_banner(num_examples, len(joint)))
    classes = rank_classes_by_label_quality(
        labels,
        pred_probs,
        class_names=class_names,
        num_examples=num_examples,
        joint=joint,
        confident_joint=confident_joint,
    )
    if verbose:
        print("Overall Class Quality and Noise across your dataset (below)")
        print("-" * 60, "\n", flush=True)
        smart_display_dataframe(classes)
    overlaps = find_overlapping_classes(
        labels,
        pred_probs,
        asymmetric=asymmetric,
        class_names=class_names,
        num_examples=num_examples,
        joint=joint,
        confident_joint=confident_joint,
    )
    if verbose:
        title = "Class Overlap. In some cases, you may want to merge classes in the top rows (below)"
        print(f"\n{title}\n{'-' * 83}\n", flush=True)
        smart_display_dataframe(overlaps)
        print()
    score = overall_label_health_score(
        labels, pred_probs, num_examples=num_examples, confident_joint=confident_joint, verbose=verbose
    )
    if verbose:
        print("\nGenerated with <3 from Cleanlab.\n")
    return {
        "overall_label_health_score": score,
        "joint": joint,
        "classes_by_label_quality": classes,
        "overlapping_classes": overlaps,
    }


def _banner(num_examples: int, num_classes: int) -> str:
    """The head of the summary, as wide as its longest line."""
    longest = f"|   for your dataset with {num_examples:,} examples and {num_classes:,} classes.  |"
    width, rule = len(longest) - 1, "-" * len(longest)
    title = "|  Generating a Cleanlab Dataset Health Summary".ljust(width) + "|"
    note = "|  Note, Cleanlab is not a medical doctor... yet.".ljust(width) + "|"
    return "\n".join([rule, title, longest, note, rule, ""])


def _as_joint(joint: Any) -> npt.NDArray[np.float64]:
    shares = np.asarray(joint)
    if shares.dtype.kind not in "biuf":
        raise TypeError(f"joint must hold numbers, but has dtype {shares.dtype}")
    return shares.astype(np.float64, copy=False)


def _refuse_multi_label(multi_label: bool, instead: str) -> None:
    if multi_label:
        raise ValueError(f"for sets of classes call multilabel_classification.dataset.{instead}")


def _num_examples(labels: Any = None, confident_joint: Optional[npt.NDArray[Any]] = None) -> Any:
    if labels is not None:
        return len(labels)
    if confident_joint is None:
        raise ValueError("the number of examples is unknown; give labels, num_examples or a confident_joint")
    return np.sum(confident_joint)
