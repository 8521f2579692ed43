"""How healthy the labels of a data set are: per class, per pair of classes, and as a whole.

Every function takes labels and predicted probabilities, or a joint or confident joint that is known already. For
examples with several classes each use :mod:`cleanlab_rs.multilabel_classification.dataset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, NamedTuple, Optional

import numpy as np
import numpy.typing as npt

from ._arguments import check_class_names, read_once
from .count import _joint_and_num_label_issues, estimate_joint, num_label_issues
from .internal.constants import EPSILON

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "find_overlapping_classes",
    "health_summary",
    "overall_label_health_score",
    "rank_classes_by_label_quality",
]

# What columns are called that count by the given label, and those that count by the true one; and the axis of a joint
# over which they are summed.
_DIRECTIONS = (("", 1), ("Inverse ", 0))


class _KnownNoise(NamedTuple):
    """How labels are known to be wrong: a joint of given and true labels, and the number of examples behind it."""

    joint: npt.NDArray[np.float64]
    num_examples: Any

    def examples(self, shares: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
        """Numbers of examples, for shares of them."""
        return (shares * self.num_examples).round().astype(int)  # type: ignore[no-any-return]

    def shares_of_wrong(self, axis: int) -> Any:
        """For each class the share of all examples that are in it by one label and not by the other, and in it at all."""
        in_class = self.joint.sum(axis=axis)
        return in_class - self.joint.diagonal(), in_class


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
    labels = read_once(labels)
    joint = _joint(labels, pred_probs, joint, confident_joint)
    noise = _KnownNoise(_as_doubles(joint), _num_examples(labels) if num_examples is None else num_examples)
    counts, rates = {}, {}
    for direction, axis in _DIRECTIONS:
        wrong, in_class = noise.shares_of_wrong(axis)
        counts[f"{direction}Label Issues"] = noise.examples(wrong)
        rates[f"{direction}Label Noise"] = wrong / np.clip(in_class, EPSILON, None)
    scores = 1 - rates["Label Noise"]
    columns: Dict[str, Any] = {"Class Index": np.arange(len(noise.joint)), **counts, **rates}
    columns["Label Quality Score"] = scores
    worst_first = scores.argsort(kind="stable")
    if class_names is None:
        return pd.DataFrame({name: values[worst_first] for name, values in columns.items()}, copy=False)
    check_class_names(class_names, len(noise.joint), ValueError)
    table = pd.DataFrame(columns)
    table.insert(0, "Class Name", class_names)
    return table.iloc[worst_first].reset_index(drop=True)  # type: ignore[no-any-return]


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
    labels = read_once(labels)
    joint = _joint(labels, pred_probs, joint, confident_joint)
    if num_examples is None:
        num_examples = _num_examples(labels, confident_joint)
    noise = _KnownNoise(_as_doubles(joint), num_examples)
    every_pair = np.ones((len(noise.joint), len(noise.joint)), dtype=bool)
    if asymmetric:
        overlap = noise.joint
        pairs = np.nonzero(every_pair & ~np.eye(len(every_pair), dtype=bool))
    else:
        overlap = noise.joint + noise.joint.T
        pairs = np.nonzero(np.triu(every_pair, k=1))
    most_first = np.argsort(-overlap[pairs], kind="stable")
    pairs = tuple(classes[most_first] for classes in pairs)
    shares = overlap[pairs]
    columns: Dict[str, Any] = {}
    if class_names is not None:
        check_class_names(class_names, len(noise.joint), IndexError)
        for side, classes in zip("AB", pairs):
            columns[f"Class Name {side}"] = [class_names[index] for index in classes]
    columns |= {f"Class Index {side}": classes for side, classes in zip("AB", pairs)}
    columns |= {"Num Overlapping Examples": noise.examples(shares), "Joint Probability": shares}
    return pd.DataFrame(columns, copy=False)


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
    labels = read_once(labels)
    total = _num_examples(labels, confident_joint) if num_examples is None else num_examples
    if labels is not None and pred_probs is not None:
        return _score(num_label_issues(labels, pred_probs, confident_joint=confident_joint), total, verbose)
    score = _as_doubles(_joint(labels, pred_probs, joint, confident_joint)).trace()
    wrong = (total * (1 - score)).round().astype(int)
    if verbose:
        _print_score(score, wrong, total)
    return score  # type: ignore[no-any-return]


def _score(wrong: int, total: int, verbose: bool) -> float:
    """The score of so many wrong labels, printed if that is wanted."""
    score = 1 - wrong / total
    if verbose:
        _print_score(score, wrong, total)
    return score


def _print_score(score: float, wrong: int, total: int) -> None:
    share = f"about {1 - score:.0%} ({wrong:,} of the {total:,}) labels in your dataset have potential issues"
    print(f" * Overall, {share}.")
    print(f" ** The overall label health score for this dataset is: {score:.2f}.")


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
    _refuse_multi_label(multi_label, "multilabel_health_summary")
    say = print if verbose else _say_nothing
    show = _show if verbose else _say_nothing
    labels = read_once(labels)
    wrong: Any = None
    if joint is None and confident_joint is None and labels is not None and pred_probs is not None:
        joint, wrong = _joint_and_num_label_issues(labels, pred_probs)
    else:
        joint = _joint(labels, pred_probs, joint, confident_joint)
    total = _num_examples(labels) if num_examples is None else num_examples
    known: Dict[str, Any] = {"num_examples": total, "confident_joint": confident_joint}
    summary: Dict[str, Any] = {"overall_label_health_score": None, "joint": joint}

    say(_banner(total, len(joint)))
    summary["classes_by_label_quality"] = rank_classes_by_label_quality(
        labels, pred_probs, class_names=class_names, joint=joint, **known
    )
    say("Overall Class Quality and Noise across your dataset (below)", "-" * 60 + " \n", sep="\n", flush=True)
    show(summary["classes_by_label_quality"])
    summary["overlapping_classes"] = find_overlapping_classes(
        labels, pred_probs, asymmetric=asymmetric, class_names=class_names, joint=joint, **known
    )
    say("\nClass Overlap. In some cases, you may want to merge classes in the top rows (below)")
    say("-" * 83 + "\n", flush=True)
    show(summary["overlapping_classes"])
    say()
    if wrong is not None:
        summary["overall_label_health_score"] = _score(wrong, total, verbose)
    else:
        # Without the joint: where there are no labels, it is made of the confident joint once more, as in cleanlab.
        summary["overall_label_health_score"] = overall_label_health_score(labels, pred_probs, verbose=verbose, **known)
    say("\nGenerated with <3 from Cleanlab.\n")
    return summary


def _say_nothing(*_: Any, **__: Any) -> None:
    pass


def _show(table: pd.DataFrame) -> None:
    from .internal.util import smart_display_dataframe

    smart_display_dataframe(table)


def _banner(num_examples: int, num_classes: int) -> str:
    """The head of the summary, as wide as its longest line."""
    longest = f"|   for your dataset with {num_examples:,} examples and {num_classes:,} classes.  |"
    width, rule = len(longest) - 1, "-" * len(longest)
    title = "|  Generating a Cleanlab Dataset Health Summary".ljust(width) + "|"
    note = "|  Note, Cleanlab is not a medical doctor... yet.".ljust(width) + "|"
    return "\n".join([rule, title, longest, note, rule, ""])


def _joint(labels: Any, pred_probs: Any, joint: Any, confident_joint: Any) -> Any:
    """The joint that is given, else the one that follows from the rest."""
    return estimate_joint(labels, pred_probs, confident_joint=confident_joint) if joint is None else joint


def _as_doubles(joint: Any) -> npt.NDArray[np.float64]:
    shares = np.asarray(joint)
    if shares.dtype.kind not in "biuf" or shares.ndim == 0:
        raise TypeError(f"joint must be a matrix of numbers, not {type(joint).__name__} of dtype {shares.dtype}")
    if shares.ndim != 2 or shares.shape[0] != shares.shape[1]:
        raise ValueError(f"joint must have a row and a column per class, but has shape {shares.shape}")
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
