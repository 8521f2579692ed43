"""Scores of sets of classes: one per class, and how those of a row become one.

:mod:`cleanlab_rs.multilabel_classification.rank` is the short way to these scores.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Callable, Dict, Optional, Union

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs.internal.multilabel_utils import _is_multilabel, stack_complement
from cleanlab_rs.rank import (
    get_confidence_weighted_entropy_for_each_label,
    get_normalized_margin_for_each_label,
    get_self_confidence_for_each_label,
)

__all__ = [
    "Aggregator",
    "ClassLabelScorer",
    "MultilabelScorer",
    "exponential_moving_average",
    "get_cross_validated_multilabel_pred_probs",
    "get_label_quality_scores",
    "multilabel_py",
    "softmin",
]


class _Function:
    """A function as the value of an enum's member, which a bare function cannot be."""

    def __init__(self, function: Callable[..., npt.NDArray[np.float64]]) -> None:
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> npt.NDArray[np.float64]:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return self.function.__name__


class ClassLabelScorer(Enum):
    """What the annotation of a single class is scored by, as labels 0 and 1 with two columns of probabilities.

    Examples
    --------
    >>> scorer = ClassLabelScorer.from_str("self_confidence")
    >>> scorer(np.array([0, 1]), np.array([[0.9, 0.1], [0.25, 0.75]]))
    array([0.9 , 0.75])
    """

    SELF_CONFIDENCE = _Function(get_self_confidence_for_each_label)
    """The probability of the given label."""
    NORMALIZED_MARGIN = _Function(get_normalized_margin_for_each_label)
    """How far the probability of the given label is above that of the other."""
    CONFIDENCE_WEIGHTED_ENTROPY = _Function(get_confidence_weighted_entropy_for_each_label)
    """The entropy of the probabilities over the probability of the given label."""

    def __call__(
        self, labels: npt.NDArray[Any], pred_probs: npt.NDArray[Any], **kwargs: Any
    ) -> npt.NDArray[np.float64]:
        """One score in [0, 1] per example; ``adjust_pred_probs=True`` subtracts confident thresholds first."""
        scores: npt.NDArray[np.float64] = self.value(labels, self._adjust_pred_probs(labels, pred_probs, **kwargs))
        return scores

    def _adjust_pred_probs(
        self, labels: npt.NDArray[Any], pred_probs: npt.NDArray[Any], **kwargs: Any
    ) -> npt.NDArray[Any]:
        if kwargs.get("adjust_pred_probs", False) is not True:
            return pred_probs
        if self is ClassLabelScorer.CONFIDENCE_WEIGHTED_ENTROPY:
            raise ValueError(f"adjust_pred_probs cannot be used with {self}")
        from cleanlab_rs.internal.label_quality_utils import _subtract_confident_thresholds

        return _subtract_confident_thresholds(labels, pred_probs)

    @classmethod
    def from_str(cls, method: str) -> "ClassLabelScorer":
        """The scorer of a name: "self_confidence", "normalized_margin" or "confidence_weighted_entropy"."""
        name = method.upper()
        if name not in cls.__members__:
            known = ", ".join(member.lower() for member in cls.__members__)
            raise ValueError(f"there is no scoring method {method!r}; choose one of: {known}")
        return cls[name]


def exponential_moving_average(
    s: npt.ArrayLike, *, alpha: Optional[float] = None, axis: int = 1, **_: Any
) -> npt.NDArray[np.float64]:
    """The moving average of each row's scores from the largest down, in which the lowest weigh most.

    With the scores in descending order, the average starts as the first and becomes
    ``alpha * score + (1 - alpha) * average`` with every further one.

    Parameters
    ----------
    s : array_like, shape (N, K)
        Scores.
    alpha : float, optional
        Weight of every further score, in [0, 1]; by default ``2 / (K + 1)``.
    axis : int, default 1
        The axis of the classes, which is 1.

    Returns
    -------
    numpy.ndarray, shape (N,)

    Examples
    --------
    >>> exponential_moving_average([[0.25, 0.5, 1.0]], alpha=0.5)
    array([0.5])
    """
    _check_axis(axis)
    return _native.aggregate_scores(s, ("exponential_moving_average", alpha))


def softmin(
    s: npt.ArrayLike, *, temperature: float = 0.1, axis: int = 1, **_: Any
) -> npt.NDArray[np.float64]:
    """The mean of each row's scores, weighted by ``exp((1 - score) / temperature)``: close to the lowest of them.

    Parameters
    ----------
    s : array_like, shape (N, K)
        Scores.
    temperature : float, default 0.1
        The lower, the closer to the minimum; below 1e-6 it counts as 1e-6.
    axis : int, default 1
        The axis of the classes, which is 1.

    Returns
    -------
    numpy.ndarray, shape (N,)

    Examples
    --------
    >>> softmin([[0.5, 0.5]])
    array([0.5])
    """
    _check_axis(axis)
    return _native.aggregate_scores(s, ("softmin", max(temperature, 0.0)))


def _check_axis(axis: int) -> None:
    if axis not in (1, -1):
        raise ValueError(f"axis is {axis}, but scores are aggregated along axis 1, that of the classes")


class Aggregator:
    """How the scores of a row's classes become one.

    Parameters
    ----------
    method : str or callable
        A key of :attr:`possible_methods`, or a function that takes all scores, shape (N, K), and the keyword ``axis=1``
        and returns N scores, such as :func:`numpy.min`.
    **kwargs
        Further keyword arguments for the function.

    Examples
    --------
    >>> Aggregator("exponential_moving_average", alpha=0.5)(np.array([[0.25, 0.5, 1.0]]))
    array([0.5])
    >>> Aggregator(np.min)(np.array([[0.25, 0.5, 1.0]]))
    array([0.25])
    """

    possible_methods: Dict[str, Callable[..., npt.NDArray[np.float64]]] = {
        "exponential_moving_average": exponential_moving_average,
        "softmin": softmin,
    }

    def __init__(self, method: Union[str, Callable[..., Any]], **kwargs: Any) -> None:
        if isinstance(method, str):
            if method not in self.possible_methods:
                known = ", ".join(self.possible_methods)
                raise ValueError(f"there is no aggregation method {method!r}; give a function, or one of: {known}")
            method = self.possible_methods[method]
        self._validate_method(method)
        self.method: Callable[..., Any] = method
        self.kwargs = kwargs

    @staticmethod
    def _validate_method(method: Any) -> None:
        if not callable(method):
            raise TypeError(f"the aggregation method is a {type(method).__name__}, but must be a name or callable")

    @staticmethod
    def _validate_scores(scores: Any) -> None:
        if not isinstance(scores, np.ndarray) or scores.ndim != 2:
            found = f"an array of shape {scores.shape}" if isinstance(scores, np.ndarray) else f"{type(scores)}"
            raise ValueError(f"scores must be an array with one row per example and one column per class, not {found}")

    def __call__(self, scores: npt.NDArray[Any], **kwargs: Any) -> npt.NDArray[np.float64]:
        """One score for every row of `scores`, shape (N, K); keyword arguments go before those of the constructor."""
        self._validate_scores(scores)
        aggregated: npt.NDArray[np.float64] = self.method(scores, **{**self.kwargs, **kwargs, "axis": 1})
        return aggregated

    def __repr__(self) -> str:
        return f"Aggregator(method={self.method.__name__}, kwargs={self.kwargs})"


class MultilabelScorer:
    """Scores of sets of classes: every class on its own, and then one for every row.

    Parameters
    ----------
    base_scorer : ClassLabelScorer, default ClassLabelScorer.SELF_CONFIDENCE
        What the annotation of each class is scored by.
    aggregator : Aggregator or callable
        How the scores of a row's classes become one; by default the exponential moving average with ``alpha=0.8``.
    strict : bool, default True
        Whether labels and probabilities are checked first.

    Examples
    --------
    >>> labels = np.array([[0, 1, 0], [1, 0, 1]])
    >>> pred_probs = np.array([[0.1, 0.9, 0.1], [0.4, 0.1, 0.9]])
    >>> MultilabelScorer()(labels, pred_probs)
    array([0.9, 0.5])
    >>> MultilabelScorer(ClassLabelScorer.NORMALIZED_MARGIN, aggregator=np.min)(labels, pred_probs)
    array([0.9, 0.4])
    """

    def __init__(
        self,
        base_scorer: ClassLabelScorer = ClassLabelScorer.SELF_CONFIDENCE,
        aggregator: Union[Aggregator, Callable[..., Any]] = Aggregator(exponential_moving_average, alpha=0.8),
        *,
        strict: bool = True,
    ) -> None:
        self.base_scorer = base_scorer
        self.aggregator = aggregator if isinstance(aggregator, Aggregator) else Aggregator(aggregator)
        self.strict = strict

    def __call__(
        self,
        labels: npt.NDArray[Any],
        pred_probs: npt.NDArray[Any],
        base_scorer_kwargs: Optional[Dict[str, Any]] = None,
        **aggregator_kwargs: Any,
    ) -> npt.NDArray[np.float64]:
        """One score in [0, 1] per row, from one-hot `labels` and `pred_probs`, both of shape (N, K)."""
        if self.strict:
            self._validate_labels_and_pred_probs(labels, pred_probs)
        scores = self.get_class_label_quality_scores(labels, pred_probs, base_scorer_kwargs)
        return self.aggregate(scores, **aggregator_kwargs)

    def aggregate(self, class_label_quality_scores: npt.NDArray[Any], **kwargs: Any) -> npt.NDArray[np.float64]:
        """One score per row from scores of shape (N, K)."""
        return self.aggregator(class_label_quality_scores, **kwargs)

    def get_class_label_quality_scores(
        self,
        labels: npt.NDArray[Any],
        pred_probs: npt.NDArray[Any],
        base_scorer_kwargs: Optional[Dict[str, Any]] = None,
    ) -> npt.NDArray[np.float64]:
        """One score per row and class, shape (N, K)."""
        kwargs = base_scorer_kwargs or {}
        if isinstance(self.base_scorer, ClassLabelScorer):
            adjusted = kwargs.get("adjust_pred_probs", False) is True
            return _native.onehot_quality_scores_per_class(
                labels, pred_probs, (self.base_scorer.name.lower(), adjusted)
            )
        columns = [
            self.base_scorer(given, stack_complement(probabilities), **kwargs)
            for given, probabilities in zip(labels.T, pred_probs.T)
        ]
        return np.stack(columns, axis=1)

    @staticmethod
    def _validate_labels_and_pred_probs(labels: Any, pred_probs: Any) -> None:
        if not isinstance(labels, np.ndarray):
            raise TypeError(f"labels are a {type(labels).__name__}, but must be a one-hot NumPy array")
        if not _is_multilabel(labels):
            raise ValueError("labels must be a one-hot matrix of two or more columns in which both 0 and 1 occur")
        if labels.shape != pred_probs.shape:
            raise ValueError(
                f"labels have shape {labels.shape} and pred_probs {pred_probs.shape}; both need one row per example and "
                "one column per class"
            )


def get_label_quality_scores(
    labels: npt.NDArray[Any],
    pred_probs: npt.NDArray[Any],
    *,
    method: MultilabelScorer = MultilabelScorer(),
    base_scorer_kwargs: Optional[Dict[str, Any]] = None,
    **aggregator_kwargs: Any,
) -> npt.NDArray[np.float64]:
    """What `method` makes of one-hot `labels` and `pred_probs`, both of shape (N, K): one score in [0, 1] per row."""
    return method(labels, pred_probs, base_scorer_kwargs=base_scorer_kwargs, **aggregator_kwargs)


def multilabel_py(y: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The share of rows that lack each class, and the share that have it.

    Parameters
    ----------
    y : numpy.ndarray of 0 and 1, shape (N, K)
        One-hot labels.

    Returns
    -------
    numpy.ndarray, shape (K, 2)

    Examples
    --------
    >>> multilabel_py(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    lacking = np.count_nonzero(y == 0, axis=0) / y.shape[0]
    return np.stack((lacking, 1 - lacking), axis=1)


def _get_split_generator(labels: npt.NDArray[Any], cv: Any) -> Any:
    """The folds of `cv`, which sees every distinct set of classes as a class of its own."""
    set_of_row = np.unique(labels, axis=0, return_inverse=True)[1].reshape(-1)
    return cv.split(X=set_of_row, y=set_of_row)


def get_cross_validated_multilabel_pred_probs(
    X: Any, labels: npt.NDArray[Any], *, clf: Any, cv: Any
) -> npt.NDArray[np.float64]:
    """Out-of-sample probabilities of a multi-label classifier, by cross-validation.

    For the splitter every distinct set of classes is a class of its own, so that stratified splitters work.

    Parameters
    ----------
    X : array_like, shape (N, p)
        Features.
    labels : numpy.ndarray of 0 and 1, shape (N, K)
        One-hot labels.
    clf : scikit-learn classifier
        A multi-label classifier with ``predict_proba``, such as ``OneVsRestClassifier``.
    cv : scikit-learn splitter
        Divides the rows into folds.

    Returns
    -------
    numpy.ndarray, shape (N, K)
        Rows need not sum to 1.
    """
    from sklearn.model_selection import cross_val_predict

    pred_probs: npt.NDArray[np.float64] = cross_val_predict(
        clf, X, labels, cv=_get_split_generator(labels, cv), method="predict_proba"
    )
    return pred_probs
