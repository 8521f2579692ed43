"""Label errors in data that do not fit into memory, batch by batch.

What is flagged are the labels with the lowest quality, as many as the model is confidently against.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from .. import _native
from .._arguments import check_number, label_array
from ..internal.constants import CLIPPING_LOWER_BOUND
from ..rank import _compute_label_quality_scores, find_top_issues

__all__ = ["LabelInspector", "find_label_issues_batched", "split_arr"]

_Array = npt.NDArray[Any]


def find_label_issues_batched(
    labels: Any = None,
    pred_probs: Optional[_Array] = None,
    *,
    labels_file: Optional[str] = None,
    pred_probs_file: Optional[str] = None,
    batch_size: int = 10000,
    n_jobs: Optional[int] = 1,
    verbose: bool = True,
    quality_score_kwargs: Optional[Dict[str, Any]] = None,
    num_issue_kwargs: Optional[Dict[str, Any]] = None,
    return_mask: bool = False,
) -> _Array:
    """The rows whose labels are probably wrong, in ascending order.

    Parameters
    ----------
    labels : array-like of int, shape (N,)
        Given labels, in memory or memory-mapped; or ``labels_file``.
    pred_probs : array, shape (N, K)
        Out-of-sample predicted probabilities, in memory or memory-mapped; or ``pred_probs_file``.
    labels_file, pred_probs_file : str
        Paths of ``.npy`` files, which are memory-mapped.
    batch_size : int
        Rows that are looked at together.
    n_jobs : int, optional
        Accepted for cleanlab's sake; batches use all threads.
    verbose : bool
        Shows progress, if tqdm is installed.
    quality_score_kwargs : dict, optional
        Arguments of :func:`cleanlab_rs.rank.get_label_quality_scores`.
    num_issue_kwargs : dict, optional
        ``{"estimation_method": "off_diagonal_calibrated"}`` for another estimate of the number of wrong labels.
    return_mask : bool
        Returns a mask of shape (N,) in place of row indices.

    Returns
    -------
    array
        Row indices, or a mask.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.experimental.label_issues_batched import find_label_issues_batched
    >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]])
    >>> find_label_issues_batched(np.array([0, 0, 1, 1, 1]), pred_probs, batch_size=2, verbose=False)
    array([4])
    """
    labels = _given_or_mapped(labels, labels_file, "labels")
    pred_probs = _given_or_mapped(pred_probs, pred_probs_file, "pred_probs")
    if verbose and pred_probs_file is not None:
        print(f"mmap-loaded numpy arrays have: {len(pred_probs)} examples, {pred_probs.shape[1]} classes")
    if len(labels) != len(pred_probs):
        raise ValueError(f"there are {len(labels)} labels, but {len(pred_probs)} rows of pred_probs")
    inspector = LabelInspector(
        num_class=pred_probs.shape[1],
        verbose=verbose,
        n_jobs=n_jobs,
        quality_score_kwargs=quality_score_kwargs,
        num_issue_kwargs=num_issue_kwargs,
    )
    batches = _Batches(labels, pred_probs, batch_size, verbose)
    for _, some_labels, some_probs in batches.shown("number of examples processed for estimating thresholds"):
        inspector.update_confident_thresholds(some_labels, some_probs)
    for _, some_labels, some_probs in batches.shown("number of examples processed for checking labels"):
        inspector.score_label_quality(some_labels, some_probs)
    mask = np.zeros(len(labels), dtype=bool)
    mask[inspector.get_label_issues()] = True
    for first, some_labels, some_probs in batches:
        # Rows that are not flagged need not be read a third time.
        rows = np.flatnonzero(mask[first : first + len(some_labels)])
        if len(rows):
            predicted = _native.given_label_is_predicted(label_array(some_labels)[rows], some_probs[rows])
            mask[first + rows[predicted]] = False
    return mask if return_mask else np.flatnonzero(mask)


def _given_or_mapped(values: Any, path: Optional[str], name: str) -> Any:
    if path is not None:
        if values is not None:
            raise ValueError(f"give either {name} or {name}_file, and not both")
        if not isinstance(path, (str, os.PathLike)):
            raise ValueError(f"{name}_file must be the path of a .npy file, not {type(path).__name__}")
        try:
            return np.load(path, mmap_mode="r")
        except (ValueError, EOFError) as error:
            raise type(error)(f"{name}_file is {path}, which is no .npy file of numbers: {error}") from error
    if values is None:
        raise ValueError(f"{name} are missing; give {name} or {name}_file")
    if isinstance(values, (list, tuple)) and name == "pred_probs":
        raise AttributeError(f"pred_probs is a {type(values).__name__}; give an array or a memory map, or pred_probs_file")
    return values


class _Batches:
    """Consecutive rows: the index of the first, labels and probabilities."""

    def __init__(self, labels: Any, pred_probs: Any, batch_size: int, verbose: bool) -> None:
        check_number("batch_size", batch_size)
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
        self.labels, self.pred_probs = labels, pred_probs
        self.batch_size, self.verbose = batch_size, verbose

    def __iter__(self) -> Iterator[Tuple[int, Any, Any]]:
        for first in range(0, len(self.labels), self.batch_size):
            rows = slice(first, first + self.batch_size)
            yield first, self.labels[rows], self.pred_probs[rows, :]

    def shown(self, title: str) -> Iterator[Tuple[int, Any, Any]]:
        """The same with a bar of progress, if one is wanted and tqdm is installed."""
        bar = None
        if self.verbose:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                pass
            else:
                bar = tqdm(desc=title, total=len(self.labels))
        try:
            for batch in self:
                yield batch
                if bar is not None:
                    bar.update(self.batch_size)
        finally:
            if bar is not None:
                bar.close()


class LabelInspector:
    """Finds wrong labels in batches that the caller reads.

    First :meth:`update_confident_thresholds` sees all batches, then :meth:`score_label_quality` does, in any order;
    then :meth:`get_label_issues` and its siblings tell the result.

    Parameters
    ----------
    num_class : int
        Number of classes.
    store_results : bool
        Keeps the score of every label, which :meth:`get_label_issues` needs.
    verbose : bool
        Prints numbers of examples.
    quality_score_kwargs, num_issue_kwargs : dict, optional
        As for :func:`find_label_issues_batched`.
    n_jobs : int, optional
        Accepted for cleanlab's sake; batches use all threads.

    Attributes
    ----------
    confident_thresholds : array, shape (K,)
        Thresholds of the examples so far; 2 for a class without labels.
    examples_per_class : array, shape (K,)
        Number of examples so far with each label.
    examples_processed_thresh, examples_processed_quality : int
        Number of examples that each of the two passes has seen.
    """

    def __init__(
        self,
        *,
        num_class: int,
        store_results: bool = True,
        verbose: bool = True,
        quality_score_kwargs: Optional[Dict[str, Any]] = None,
        num_issue_kwargs: Optional[Dict[str, Any]] = None,
        n_jobs: Optional[int] = 1,
    ) -> None:
        self.num_class = num_class
        self.store_results = store_results
        self.verbose = verbose
        self.quality_score_kwargs = {} if quality_score_kwargs is None else quality_score_kwargs
        self.num_issue_kwargs = {} if num_issue_kwargs is None else num_issue_kwargs
        self.n_jobs = n_jobs
        self.off_diagonal_calibrated = self.num_issue_kwargs.get("estimation_method") == "off_diagonal_calibrated"
        self.examples_processed_thresh = 0
        self.examples_processed_quality = 0
        self._thresholds = _native.ThresholdPass(num_class)
        self._scores: List[_Array] = []
        # Of the labels of each class: those where the model is confident in some class, and in another class.
        self.class_counts = np.zeros(num_class)
        self.normalization = np.zeros(num_class)
        self.prune_counts = np.zeros(num_class)

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_thresholds": self._thresholds.to_bytes()}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state, _thresholds=_native.ThresholdPass.from_bytes(state["_thresholds"]))

    @property
    def confident_thresholds(self) -> _Array:
        """The threshold of every class, 0 before the first batch."""
        if self.examples_processed_thresh < 1:
            return np.zeros(self.num_class)
        return self._thresholds.thresholds()

    @property
    def examples_per_class(self) -> _Array:
        """Number of examples with each label, of those that the thresholds were made of."""
        return self._thresholds.label_counts()

    @property
    def prune_count(self) -> int:
        """Number of labels so far where the model is confident in another class."""
        return self.prune_counts.sum().astype(int)  # type: ignore[no-any-return]

    @property
    def label_quality_scores(self) -> List[float]:
        """The scores so far."""
        return [float(score) for scores in self._scores for score in scores]

    def get_confident_thresholds(self, silent: bool = False) -> _Array:
        """The confident threshold of every class.

        Parameters
        ----------
        silent : bool
            Prints nothing, even if the inspector is verbose.

        Raises
        ------
        ValueError
            Before the first batch.
        """
        if self.examples_processed_thresh < 1:
            raise ValueError("there are no thresholds yet; call update_confident_thresholds() first")
        if self.verbose and not silent:
            print(
                "Total number of examples used to estimate confident thresholds: "
                f"{self.examples_processed_thresh}"
            )
        return self.confident_thresholds

    def get_num_issues(self, silent: bool = False) -> int:
        """The estimated number of wrong labels among those that were scored.

        Parameters
        ----------
        silent : bool
            Prints nothing, even if the inspector is verbose.

        Raises
        ------
        ValueError
            Before the first batch.
        """
        self._assert_scored()
        if self.verbose and not silent:
            self._print_scored()
        if not self.off_diagonal_calibrated:
            return self.prune_count
        calibrated = self.prune_counts * self.class_counts / np.clip(self.normalization, CLIPPING_LOWER_BOUND, None)
        return np.rint(calibrated.sum()).astype(int)  # type: ignore[no-any-return]

    def get_quality_scores(self) -> _Array:
        """The scores of all batches, in the order in which they were seen.

        Raises
        ------
        ValueError
            If results are not stored.
        """
        self._assert_stored("the scores are what score_label_quality() returned")
        return np.concatenate(self._scores) if self._scores else np.array([])

    def get_label_issues(self) -> _Array:
        """The positions of the worst labels, worst first, as many as are estimated to be wrong.

        Raises
        ------
        ValueError
            If results are not stored, and before the first batch.
        """
        self._assert_stored("take the get_num_issues() lowest scores yourself")
        self._assert_scored()
        if self.verbose:
            self._print_scored()
        return find_top_issues(self.get_quality_scores(), top=self.get_num_issues(silent=True))

    def update_confident_thresholds(self, labels: Any, pred_probs: _Array) -> None:
        """Takes a batch into the thresholds.

        Parameters
        ----------
        labels : array-like of int, shape (n,)
            Given labels of the batch.
        pred_probs : array, shape (n, K)
            Predicted probabilities of the batch.
        """
        labels = self._checked(labels, pred_probs)
        if len(labels):
            self._thresholds.update(labels, pred_probs)
        self.examples_processed_thresh += len(labels)

    def score_label_quality(
        self, labels: Any, pred_probs: _Array, *, update_num_issues: bool = True
    ) -> _Array:
        """Scores the labels of a batch.

        Parameters
        ----------
        labels : array-like of int, shape (n,)
            Given labels of the batch.
        pred_probs : array, shape (n, K)
            Predicted probabilities of the batch.
        update_num_issues : bool
            Whether the batch counts in the number of wrong labels.

        Returns
        -------
        array of float, shape (n,)
            Scores, lower for worse labels.
        """
        labels = self._checked(labels, pred_probs)
        thresholds = self.get_confident_thresholds(silent=True)
        if not len(labels):
            return np.array([])
        scores = _compute_label_quality_scores(
            labels, pred_probs, confident_thresholds=thresholds, **self.quality_score_kwargs
        )
        if update_num_issues:
            self._count_issues(labels, pred_probs, thresholds, **self.num_issue_kwargs)
        self.examples_processed_quality += len(labels)
        if self.store_results:
            self._scores.append(scores)
        return scores

    def _count_issues(self, labels: _Array, pred_probs: _Array, thresholds: _Array, **options: Any) -> None:
        confident, off_label = _native.count_confident_predictions(labels, pred_probs, thresholds)
        self.normalization += confident
        self.prune_counts += off_label
        self.class_counts += np.bincount(labels.astype(np.intp), minlength=self.num_class)

    def _checked(self, labels: Any, pred_probs: Any) -> _Array:
        given = label_array(labels)
        if len(given) != pred_probs.shape[0]:
            raise ValueError(f"the batch has {len(given)} labels, but {pred_probs.shape[0]} rows of pred_probs")
        if pred_probs.shape[1] != self.num_class:
            raise ValueError(f"pred_probs has {pred_probs.shape[1]} columns, but num_class is {self.num_class}")
        return given

    def _assert_scored(self) -> None:
        if self.examples_processed_quality < 1:
            raise ValueError("no label has been scored yet; call score_label_quality() first")

    def _assert_stored(self, instead: str) -> None:
        if not self.store_results:
            raise ValueError(f"results are kept with store_results=True only; {instead}")

    def _print_scored(self) -> None:
        print(f"Total number of examples whose labels have been evaluated: {self.examples_processed_quality}")


def split_arr(arr: _Array, chunksize: int) -> List[_Array]:
    """An array in pieces of ``chunksize`` rows, the last of which may be shorter."""
    return np.split(arr, np.arange(chunksize, arr.shape[0], chunksize), axis=0)
