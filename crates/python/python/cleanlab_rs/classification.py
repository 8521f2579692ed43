"""Training classifiers on data some of whose labels are wrong.

:class:`CleanLearning` wraps any classifier with scikit-learn's interface. It predicts every example by
cross-validation, finds the labels that are probably wrong, and trains the classifier on the rest.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from . import filter
from ._arguments import probability_array
from ._label_issue_tables import issues_of_classes
from ._wrapped_model import WrappedModel, as_features, as_labels, as_weights, pd, takes_sample_weight
from .count import (
    compute_confident_joint,
    estimate_cv_predicted_probabilities,
    estimate_latent,
    estimate_py_and_noise_matrices_from_probabilities,
    estimate_py_noise_matrices_and_cv_pred_proba,
)
from .internal.latent_algebra import compute_noise_matrix_from_inverse, compute_py_inv_noise_matrix
from .internal.util import compress_int_array, force_two_dimensions, get_num_classes, value_counts
from .internal.validation import assert_valid_inputs, labels_to_array
from .rank import get_label_quality_scores

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

__all__ = ["CleanLearning"]

# Below this many examples a class is too small for its noise rates to mean anything.
MIN_EXAMPLES_PER_CLASS = 10
# Examples of a class weigh 1 / p(given = k | true = k), at most 1 / this.
LOWEST_DIAGONAL = 1e-3
RESULTS = (
    "label_issues_df",
    "sample_weight",
    "label_issues_mask",
    "find_label_issues_kwargs",
    "label_quality_scores_kwargs",
    "confident_joint",
    "py",
    "ps",
    "num_classes",
    "noise_matrix",
    "inverse_noise_matrix",
    "clf_kwargs",
    "clf_final_kwargs",
)
NO_WEIGHTS = (
    "Cannot utilize sample weights for final training! Why this matters: during final training, sample weights help "
    "account for the amount of removed data in each class. This helps ensure the correct class prior for the learned "
    "model. To use sample weights, you need to either provide the noise_matrix or have previously called "
    "self.find_label_issues() instead of filter.find_label_issues() which computes them for you."
)


class CleanLearning(WrappedModel):
    """A classifier that is trained on the labels that are probably right.

    Parameters
    ----------
    clf : estimator, optional
        Any classifier with ``fit``, ``predict`` and ``predict_proba``. It is trained in place: after :meth:`fit` it is
        the final model. By default a logistic regression; examples of more than one dimension are flattened for it.
    seed : int, optional
        Seed of the folds, and of NumPy's global stream when the object is made. By default the stream goes on.
    cv_n_folds : int, default 5
        Folds of the cross-validation that predicts each example by a model that has not seen it.
    converge_latent_estimates : bool, default False
        Whether the estimated noise rates are iterated until they agree with each other.
    pulearning : {0, 1}, optional
        Of two classes, the one whose given labels have no errors. Ignored for more classes.
    find_label_issues_kwargs : dict
        Options of :func:`cleanlab_rs.filter.find_label_issues`. Here ``min_examples_per_class`` is 10 by default.
    label_quality_scores_kwargs : dict
        Options of :func:`cleanlab_rs.rank.get_label_quality_scores`.
    verbose : bool, default False
        Whether progress is printed.
    low_memory : bool, default False
        Whether issues are found by :mod:`cleanlab_rs.experimental.label_issues_batched`. Noise is then not estimated.

    Attributes
    ----------
    label_issues_df : pandas.DataFrame or None
        The table of :meth:`find_label_issues`, and ``sample_weight`` once the model is trained.
    confident_joint, py, ps, noise_matrix, inverse_noise_matrix : numpy.ndarray or None
        Counts of (given, true) labels, shares of the true and of the given classes, p(given | true) and
        p(true | given); K × K or K.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.classification import CleanLearning
    >>> X = np.repeat([[0.0], [1.0]], 50, axis=0) + np.linspace(0, 0.1, 100)[:, None]
    >>> labels = np.repeat([0, 1], 50)
    >>> labels[7] = 1
    >>> issues = CleanLearning(seed=0).find_label_issues(X, labels)
    >>> np.flatnonzero(issues["is_label_issue"]).tolist()
    [7]
    """

    _model_parameter = "clf"
    # The classifier that was made for lack of another.
    _default_clf: Any = None
    # The options into which find_label_issues() itself put a joint; the next call estimates another.
    _options_with_own_joint: dict[str, Any] | None = None

    sample_weight: pd.Series | None = None
    confident_joint: np.ndarray | None = None
    py: np.ndarray | None = None
    ps: np.ndarray | None = None
    num_classes: int | None = None
    noise_matrix: Any = None
    inverse_noise_matrix: Any = None
    clf_kwargs: dict[str, Any] | None = None
    clf_final_kwargs: dict[str, Any] | None = None

    def __init__(
        self,
        clf: Any = None,
        *,
        seed: int | None = None,
        cv_n_folds: int = 5,
        converge_latent_estimates: bool = False,
        pulearning: int | None = None,
        find_label_issues_kwargs: dict[str, Any] = {},  # noqa: B006 (never changed, and cleanlab's default)
        label_quality_scores_kwargs: dict[str, Any] = {},  # noqa: B006
        verbose: bool = False,
        low_memory: bool = False,
    ) -> None:
        if clf is None:
            from sklearn.linear_model import LogisticRegression

            clf = self._default_clf = LogisticRegression()
        for method in ("fit", "predict_proba", "predict"):
            if not hasattr(clf, method):
                raise ValueError(f"clf has no method {method}(), which a classifier needs here: {clf!r}")
        if seed is not None:
            np.random.seed(seed=seed)
        self.clf = clf
        self.seed = seed
        self.cv_n_folds = cv_n_folds
        self.converge_latent_estimates = converge_latent_estimates
        self.pulearning = pulearning
        self.find_label_issues_kwargs = find_label_issues_kwargs
        self.label_quality_scores_kwargs = label_quality_scores_kwargs
        self.verbose = verbose
        self.low_memory = low_memory

    def fit(
        self,
        X: Any,
        labels: Any = None,
        *,
        pred_probs: np.ndarray | None = None,
        thresholds: Any = None,
        noise_matrix: Any = None,
        inverse_noise_matrix: Any = None,
        label_issues: pd.DataFrame | np.ndarray | None = None,
        sample_weight: Any = None,
        clf_kwargs: dict[str, Any] = {},  # noqa: B006
        clf_final_kwargs: dict[str, Any] = {},  # noqa: B006
        validation_func: Callable[[Any, Any], dict[str, Any]] | None = None,
        y: Any = None,
    ) -> Self:
        """Finds label issues, leaves these examples out, and trains the classifier on the rest.

        Parameters
        ----------
        X : array-like of length N
            Features in any form that the classifier takes and whose rows can be picked by index.
        labels : array-like of N integers in 0 … K-1
            Given labels. `y` is another name for it, for scikit-learn.
        pred_probs : numpy.ndarray of shape (N, K), optional
            Out-of-sample predictions, in place of cross-validation.
        thresholds, noise_matrix, inverse_noise_matrix : optional
            See :meth:`find_label_issues`.
        label_issues : pandas.DataFrame, boolean mask or unique row numbers, optional
            Issues that were found before; nothing is searched then. A table needs the column ``is_label_issue``.
        sample_weight : array-like of length N, optional
            Weights of the examples in the final training. By default 1 / p(given = k | true = k) for a classifier
            whose ``fit`` names ``sample_weight``, so that classes keep their shares.
        clf_kwargs : dict
            Further arguments of every ``clf.fit``.
        clf_final_kwargs : dict
            Further arguments of the final ``clf.fit`` alone.
        validation_func : callable, optional
            Gets the held-out rows (X, labels) of each fold and returns further arguments of ``clf.fit``.

        Returns
        -------
        CleanLearning
            Itself.

        Raises
        ------
        ValueError
            If labels are missing or given twice, or weights are given in the wrong place or to a classifier that
            takes none.
        """
        if labels is not None and y is not None:
            raise ValueError("labels and y are two names for the same argument: give one of them")
        labels = as_labels(y if labels is None else labels)
        if labels is None:
            raise ValueError("fit() requires y to be passed, but the target y is None: give labels")
        if "sample_weight" in clf_kwargs:
            raise ValueError("sample_weight cannot be in clf_kwargs: give it to fit() itself, or in clf_final_kwargs")
        if sample_weight is not None and not takes_sample_weight(self.clf.fit):
            raise ValueError(f"sample_weight was given, but fit() of {self.clf!r} does not take it")
        X = self._flatten(as_features(X))
        self.clf_final_kwargs = {**clf_kwargs, **clf_final_kwargs}

        if label_issues is None:
            self._announce_label_issues(given=False)
            label_issues = self.find_label_issues(
                X,
                labels,
                pred_probs=pred_probs,
                thresholds=thresholds,
                noise_matrix=noise_matrix,
                inverse_noise_matrix=inverse_noise_matrix,
                clf_kwargs=clf_kwargs,
                validation_func=validation_func,
            )
        else:
            assert_valid_inputs(X, labels, pred_probs)
            if self.num_classes is None:
                matrix = inverse_noise_matrix if noise_matrix is None else noise_matrix
                self.num_classes = get_num_classes(labels, pred_probs, matrix)
            self._announce_label_issues(given=True)
        self.label_issues_df = issues_of_classes(label_issues, labels_to_array(labels))
        if "label_quality" not in self.label_issues_df.columns and pred_probs is not None:
            self._say("Computing label quality scores based on given pred_probs ...")
            options = self.label_quality_scores_kwargs or {}
            self.label_issues_df["label_quality"] = get_label_quality_scores(labels, pred_probs, **options)

        X_kept, labels_kept, kept = self._prune(X, labels)
        self._choose_weights(sample_weight, labels_to_array(labels_kept), kept)
        self.clf.fit(X_kept, labels_kept, **self.clf_final_kwargs)
        self._trained = True
        self._say(
            "Label issues stored in label_issues_df DataFrame accessible via: self.get_label_issues(). "
            "Call self.save_space() to delete this potentially large DataFrame attribute."
        )
        return self

    def predict(self, *args: Any, **kwargs: Any) -> np.ndarray:
        """Classes, as the trained classifier predicts them; arguments are those of ``clf.predict``.

        Parameters
        ----------
        X : array-like
            Features, as in :meth:`fit`.

        Returns
        -------
        numpy.ndarray
        """
        args = self._flatten_first("predict", args, kwargs)
        return self.clf.predict(*args, **kwargs)  # type: ignore[no-any-return]

    def predict_proba(self, *args: Any, **kwargs: Any) -> np.ndarray:
        """Probabilities of the classes; arguments are those of ``clf.predict_proba``.

        Parameters
        ----------
        X : array-like
            Features, as in :meth:`fit`.

        Returns
        -------
        numpy.ndarray of shape (N, K)
        """
        args = self._flatten_first("predict_proba", args, kwargs)
        return self.clf.predict_proba(*args, **kwargs)  # type: ignore[no-any-return]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The classifier's own score, or its accuracy if it has none.

        Parameters
        ----------
        X : array-like
            Features of a test set.
        y : array-like
            Its labels, which should be right.
        sample_weight : array-like, optional
            Weights of the examples, for a classifier that takes them.

        Returns
        -------
        float
        """
        from sklearn.metrics import accuracy_score

        return self._score(accuracy_score, self._flatten(X), y, sample_weight)

    def find_label_issues(
        self,
        X: Any = None,
        labels: Any = None,
        *,
        pred_probs: np.ndarray | None = None,
        thresholds: Any = None,
        noise_matrix: Any = None,
        inverse_noise_matrix: Any = None,
        save_space: bool = False,
        clf_kwargs: dict[str, Any] = {},  # noqa: B006
        validation_func: Callable[[Any, Any], dict[str, Any]] | None = None,
    ) -> pd.DataFrame:
        """Finds labels that are probably wrong, and trains nothing that is kept.

        Parameters
        ----------
        X : array-like of length N, optional
            Features; not needed with `pred_probs`.
        labels : array-like of N integers in 0 … K-1
            Given labels.
        pred_probs : numpy.ndarray of shape (N, K), optional
            Out-of-sample predictions, in place of cross-validation.
        thresholds : array-like of length K, optional
            From which probability on an example counts as confidently in a class. By default the mean probability
            of the class among the examples that are given it.
        noise_matrix : numpy.ndarray of shape (K, K), optional
            p(given = row | true = column), if it is known.
        inverse_noise_matrix : numpy.ndarray of shape (K, K), optional
            p(true = row | given = column), if it is known.
        save_space : bool, default False
            Whether the table is only returned and not kept.
        clf_kwargs : dict
            Further arguments of ``clf.fit``.
        validation_func : callable, optional
            See :meth:`fit`.

        Returns
        -------
        pandas.DataFrame
            A row per example: ``is_label_issue`` (bool), ``label_quality`` (0 to 1, the lower the worse),
            ``given_label`` and ``predicted_label``.

        Raises
        ------
        ValueError
            If the trace of a noise matrix is not above 1, there are too few examples for the folds, or the inputs
            do not fit together.
        TypeError
            If `labels` or `X` is of a kind that cannot be used.
        """
        X, labels = self._flatten(as_features(X)), as_labels(labels)
        pred_probs = probability_array(pred_probs)
        assert_valid_inputs(X, labels, pred_probs)
        labels = labels_to_array(labels)
        noise_matrix = _checked_matrix("noise_matrix", noise_matrix)
        inverse_noise_matrix = _checked_matrix("inverse_noise_matrix", inverse_noise_matrix)
        matrix = inverse_noise_matrix if noise_matrix is None else noise_matrix
        self.num_classes = get_num_classes(labels, pred_probs, matrix)
        if pred_probs is None and len(labels) / self.num_classes < self.cv_n_folds:
            raise ValueError(
                f"{len(labels)} examples of {self.num_classes} classes are too few for {self.cv_n_folds} folds: "
                "lower cv_n_folds of CleanLearning() to 2 or 3, or get more data"
            )
        self.ps = value_counts(labels) / float(len(labels))
        self.clf_kwargs = clf_kwargs
        training = {
            "X": X,
            "labels": labels,
            "clf": self.clf,
            "cv_n_folds": self.cv_n_folds,
            "seed": self.seed,
            "clf_kwargs": clf_kwargs,
            "validation_func": validation_func,
        }
        if self.low_memory:
            ignored = {
                "thresholds": thresholds,
                "noise_matrix": noise_matrix,
                "inverse_noise_matrix": inverse_noise_matrix,
            }
            mask, pred_probs = self._find_in_batches(labels, pred_probs, training, ignored)
        else:
            options = self._filter_options()
            pred_probs = self._estimate_noise(
                labels, pred_probs, training, thresholds, noise_matrix, inverse_noise_matrix
            )
            self._apply_pulearning()
            self._share_joint(options)
            self._say("Using predicted probabilities to identify label issues ...")
            mask = filter.find_label_issues(labels, pred_probs, **options)
        assert pred_probs is not None
        quality = get_label_quality_scores(labels, pred_probs, **(self.label_quality_scores_kwargs or {}))
        self._say(f"Identified {np.sum(mask)} examples with label issues.")
        table = pd.DataFrame(
            {
                "is_label_issue": mask,
                "label_quality": quality,
                "given_label": compress_int_array(labels, self.num_classes),
                "predicted_label": compress_int_array(pred_probs.argmax(axis=1), self.num_classes),
            }
        )
        if save_space:
            self._say("Not storing label_issues as attributes since save_space was specified.")
        else:
            self._keep_label_issues(table)
            self.label_issues_mask = table["is_label_issue"]
        return table

    def save_space(self) -> None:
        """Drops all results but the trained classifier. Predicting goes on as before."""
        self._forget(*RESULTS)

    def _flatten(self, X: Any) -> Any:
        """`X` with two dimensions for the default classifier, else as it is."""
        return force_two_dimensions(X) if self.clf is self._default_clf and hasattr(X, "shape") else X

    def _flatten_first(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Positional arguments of a prediction, with `X` taken out of `kwargs` where it is there."""
        if self.clf is not self._default_clf:
            return args
        if not args and "X" not in kwargs:
            raise ValueError(f"{method}() needs the features X")
        X, *others = args or (kwargs.pop("X"),)
        return (self._flatten(X), *others)

    def _filter_options(self) -> dict[str, Any]:
        """Options for the filter, without the joint that an earlier call put among them."""
        options = {"min_examples_per_class": MIN_EXAMPLES_PER_CLASS, **(self.find_label_issues_kwargs or {})}
        for name in ("return_indices_ranked_by", "multi_label"):
            if name in options:
                raise ValueError(f"find_label_issues_kwargs cannot have {name!r}: CleanLearning needs a mask of labels")
        if self._has_own_joint():
            del options["confident_joint"]
        self.confident_joint = options.get("confident_joint")
        self.py = None
        self.find_label_issues_kwargs = options
        return options

    def _estimate_noise(
        self,
        labels: np.ndarray,
        pred_probs: np.ndarray | None,
        training: dict[str, Any],
        thresholds: Any,
        noise_matrix: Any,
        inverse_noise_matrix: Any,
    ) -> np.ndarray:
        """Sets the joint, both noise matrices and `py`, and returns the predictions.

        A joint of the caller's comes before matrices, and these before what is estimated from predictions.
        """
        if self.confident_joint is not None:
            self.py, noise_matrix, _ = estimate_latent(confident_joint=self.confident_joint, labels=labels)
        estimated = noise_matrix is None and inverse_noise_matrix is None
        if noise_matrix is not None:
            self.noise_matrix = noise_matrix
            if inverse_noise_matrix is None:
                self._say("Computing label noise estimates from provided noise matrix ...")
                self.py, self.inverse_noise_matrix = compute_py_inv_noise_matrix(ps=self.ps, noise_matrix=noise_matrix)
        if inverse_noise_matrix is not None:
            self.inverse_noise_matrix = inverse_noise_matrix
            if noise_matrix is None:
                self._say("Computing label noise estimates from provided inverse noise matrix ...")
                self.noise_matrix = compute_noise_matrix_from_inverse(
                    ps=self.ps, inverse_noise_matrix=inverse_noise_matrix
                )
        if estimated and pred_probs is None:
            self._announce_cross_validation()
            self.py, self.noise_matrix, self.inverse_noise_matrix, self.confident_joint, pred_probs = (
                estimate_py_noise_matrices_and_cv_pred_proba(
                    **training,
                    thresholds=thresholds,
                    converge_latent_estimates=self.converge_latent_estimates,
                )
            )
        elif estimated:
            assert pred_probs is not None
            self._say("Computing label noise estimates from provided pred_probs ...")
            self.py, self.noise_matrix, self.inverse_noise_matrix, self.confident_joint = (
                estimate_py_and_noise_matrices_from_probabilities(
                    labels=labels,
                    pred_probs=pred_probs,
                    thresholds=thresholds,
                    converge_latent_estimates=self.converge_latent_estimates,
                )
            )
        if pred_probs is None:
            pred_probs = self._cross_validate(training)
        if self.confident_joint is None:
            self.confident_joint = compute_confident_joint(labels=labels, pred_probs=pred_probs, thresholds=thresholds)
        return pred_probs

    def _announce_cross_validation(self) -> None:
        self._say(
            f"Computing out of sample predicted probabilities via {self.cv_n_folds}-fold cross validation. "
            "May take a while ..."
        )

    def _cross_validate(self, training: dict[str, Any]) -> np.ndarray:
        self._announce_cross_validation()
        return estimate_cv_predicted_probabilities(**training)

    def _find_in_batches(
        self, labels: np.ndarray, pred_probs: np.ndarray | None, training: dict[str, Any], ignored: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mask and predictions, found without the noise being estimated."""
        from .experimental.label_issues_batched import find_label_issues_batched

        if pred_probs is None:
            pred_probs = self._cross_validate(training)
        self._say("Using predicted probabilities to identify label issues ...")
        names = ["find_label_issues_kwargs"] if self.find_label_issues_kwargs else []
        for name in names + [name for name, value in ignored.items() if value is not None]:
            warnings.warn(f"`{name}` is not used when `low_memory=True`.", stacklevel=3)
        return find_label_issues_batched(labels, pred_probs, return_mask=True), pred_probs

    def _apply_pulearning(self) -> None:
        """Takes errors out of the estimates for the class that has none, of two."""
        if self.num_classes != 2 or self.pulearning is None:
            return
        sure, other = self.pulearning, 1 - self.pulearning
        # Copies: these may be the caller's.
        self.noise_matrix = np.array(self.noise_matrix)
        self.inverse_noise_matrix = np.array(self.inverse_noise_matrix)
        self.confident_joint = np.array(self.confident_joint)
        self.noise_matrix[[sure, other], other] = 0, 1
        self.inverse_noise_matrix[[other, sure], sure] = 0, 1
        self.confident_joint[[sure, other], other] = 0, 1

    def _share_joint(self, options: dict[str, Any]) -> None:
        """Puts the joint among the options of the filter."""
        if options.get("confident_joint") is not None:
            options["confident_joint"] = self.confident_joint
        elif "confident_joint" not in options and options.get("filter_by") != "confident_learning":
            # That method counts by itself, and warns of a joint.
            options["confident_joint"] = self.confident_joint
            self._options_with_own_joint = options

    def _has_own_joint(self) -> bool:
        options = self.find_label_issues_kwargs
        return options is not None and options is self._options_with_own_joint and "confident_joint" in options

    def _choose_weights(self, sample_weight: Any, labels: np.ndarray, kept: np.ndarray) -> None:
        """Puts the weights of the examples that are kept, whose labels are `labels`, among the final arguments."""
        assert self.clf_final_kwargs is not None and self.label_issues_df is not None
        takes_weights = takes_sample_weight(self.clf.fit)
        if "sample_weight" in self.clf_final_kwargs:
            self._say("Fitting final model on the clean data with custom sample_weight ...")
        elif sample_weight is not None:
            weights = as_weights(sample_weight)
            if np.shape(weights)[:1] != np.shape(kept):
                raise IndexError(f"sample_weight has shape {np.shape(weights)}, but there are {len(kept)} examples")
            self.clf_final_kwargs["sample_weight"] = weights[kept]
            self._say("Fitting final model on the clean data with custom sample_weight ...")
        elif takes_weights and self.noise_matrix is not None:
            assert self.num_classes is not None
            self._say("Assigning sample weights for final training based on estimated label quality.")
            weights = np.ones(len(labels))
            for k, diagonal in enumerate(np.diagonal(self.noise_matrix)[: self.num_classes]):
                weights[labels == k] = 1.0 / max(diagonal, LOWEST_DIAGONAL)
            weights_of_all = np.zeros(len(kept))
            weights_of_all[kept] = weights
            self.label_issues_df["sample_weight"] = weights_of_all
            self.sample_weight = self.label_issues_df["sample_weight"]
            self.clf_final_kwargs["sample_weight"] = weights
            self._say("Fitting final model on the clean data ...")
        else:
            if takes_weights:
                self._say(NO_WEIGHTS)
            self._say("Fitting final model on the clean data ...")

    def __sklearn_clone__(self) -> Self:
        fresh = super().__sklearn_clone__()
        if self._has_own_joint():
            fresh.find_label_issues_kwargs.pop("confident_joint")
        if self.clf is self._default_clf:
            fresh._default_clf = fresh.clf
        return fresh  # type: ignore[no-any-return]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.seed is None
        return tags


def _checked_matrix(name: str, matrix: Any) -> Any:
    """A noise matrix of the caller's, in double precision."""
    if matrix is not None and np.trace(matrix) <= 1:
        raise ValueError(
            f"the trace of {name} is {np.trace(matrix):.2f} and must be above 1: "
            "with more noise than that nothing can be learned"
        )
    if isinstance(matrix, np.ndarray) and matrix.dtype.kind == "f":
        return matrix.astype(np.float64, copy=False)
    return matrix
