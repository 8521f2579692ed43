"""What the two CleanLearning estimators share: both train a model of the caller's on rows that they choose."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

try:
    import pandas as pd
    import scipy.sparse
    from sklearn.base import BaseEstimator
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise ImportError(
        "CleanLearning needs scikit-learn and pandas, "
        f"and {error.name} is not installed: pip install 'cleanlab_rs[sklearn]'"
    ) from error

from ._arguments import as_arrow_array, checked_sparse
from .internal.util import subset_X_y

if TYPE_CHECKING:
    from collections.abc import Callable

# The packages are here for the modules that need this one, so that what is missing is said in one place.
__all__ = ["WrappedModel", "as_features", "as_labels", "as_weights", "pd", "scipy", "takes_sample_weight"]


class WrappedModel(BaseEstimator):  # type: ignore[misc]
    """An estimator around another one, named by ``_model_parameter``, which it trains in place.

    Results are attributes of the class until they are attributes of the instance, so that a new instance has nothing
    but its parameters, as scikit-learn wants it.
    """

    _model_parameter: str
    _trained = False

    verbose: bool
    label_issues_df: pd.DataFrame | None = None
    label_issues_mask: Any = None

    @property
    def _model(self) -> Any:
        return getattr(self, self._model_parameter)

    @property
    def classes_(self) -> Any:
        """Classes of the trained model."""
        return self._model.classes_

    @property
    def n_features_in_(self) -> Any:
        """Number of features that the trained model saw."""
        return self._model.n_features_in_

    @property
    def feature_names_in_(self) -> Any:
        """Names of the features that the trained model saw."""
        return self._model.feature_names_in_

    def get_label_issues(self) -> pd.DataFrame | None:
        """Table of the last :meth:`find_label_issues` or :meth:`fit`.

        Returns
        -------
        pandas.DataFrame or None
            A row per example. None, with a warning, where there is no table: nothing was computed, or
            :meth:`save_space` dropped it.
        """
        if self.label_issues_df is None:
            warnings.warn("There are no label issues yet: run find_label_issues() or fit() first.", stacklevel=2)
        return self.label_issues_df

    def _say(self, *lines: str) -> None:
        if self.verbose:
            for line in lines:
                print(line)

    def _keep_label_issues(self, table: pd.DataFrame) -> None:
        if self.label_issues_df is not None:
            self._say(
                "Overwriting previously identified label issues stored at self.label_issues_df. "
                "self.get_label_issues() will now return the newly identified label issues. "
            )
        self.label_issues_df = table

    def _announce_label_issues(self, *, given: bool) -> None:
        """Says where the label issues of a fit come from, if there are older ones too."""
        if given:
            self._say("Using provided label_issues instead of finding label issues.")
            if self.label_issues_df is not None:
                self._say(
                    "These will overwrite self.label_issues_df and will be returned by `self.get_label_issues()`. "
                )
        elif self.label_issues_df is not None:
            self._say(
                "If you already ran self.find_label_issues() and don't want to recompute, "
                "you should pass the label_issues in as a parameter to this function next time."
            )

    def _prune(self, X: Any, labels: Any) -> tuple[Any, Any, np.ndarray]:
        """Features and labels of the rows without issues, and the mask of these rows."""
        assert self.label_issues_df is not None
        self.label_issues_mask = self.label_issues_df["is_label_issue"].to_numpy()
        kept = np.invert(self.label_issues_mask)
        try:
            X_kept, labels_kept = subset_X_y(X, labels, kept)
        except TypeError:
            if isinstance(X, (np.ndarray, pd.DataFrame, pd.Series)):
                raise
            # Some tables take row numbers and no masks.
            X_kept, labels_kept = X[np.flatnonzero(kept)], labels[kept]
        self._say(
            f"Pruning {np.sum(self.label_issues_mask)} examples with label issues ...",
            f"Remaining clean data has {len(labels_kept)} examples.",
        )
        return X_kept, labels_kept, kept

    def _score(self, metric: Callable[..., float], X: Any, y: Any, sample_weight: Any) -> float:
        """The model's own score, or `metric` of its predictions where it has none."""
        model = self._model
        if not hasattr(model, "score"):
            return metric(y, model.predict(X), sample_weight=sample_weight)
        weights = {"sample_weight": sample_weight} if takes_sample_weight(model.score) else {}
        return model.score(X, y, **weights)  # type: ignore[no-any-return]

    def _forget(self, *names: str) -> None:
        """Sets attributes to None."""
        if self.label_issues_df is None:
            self._say("self.label_issues_df is already empty")
        for name in names:
            setattr(self, name, None)
        self._say("Deleted non-sklearn attributes such as label_issues_df to save space.")

    def __sklearn_is_fitted__(self) -> bool:
        if self._trained:
            return True
        try:
            check_is_fitted(self._model)
        except (NotFittedError, TypeError):
            return False
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        describe = getattr(self._model, "__sklearn_tags__", None)
        if describe is not None:
            # Rows are passed on as they are. What is a table of distances to the model would lose rows alone.
            tags.input_tags = describe().input_tags
            tags.input_tags.pairwise = False
        return tags


def takes_sample_weight(function: Callable[..., Any]) -> bool:
    """Whether a method of a model names ``sample_weight`` in its signature."""
    return "sample_weight" in inspect.signature(function).parameters


def as_features(X: Any) -> Any:
    """Features as they are, but array-likes without a length as a NumPy array, and sparse ones with rows to pick."""
    if scipy.sparse.issparse(X):
        return checked_sparse(X).tocsr()
    if hasattr(X, "__array__") and not (hasattr(X, "__len__") or hasattr(X, "shape")):
        return np.asarray(X)
    return X


def as_labels(labels: Any) -> Any:
    """Labels as they are, but array-likes of other libraries (polars, pyarrow …) as a NumPy array."""
    known = (list, np.ndarray, np.generic, pd.Series, pd.DataFrame)
    if isinstance(labels, known):
        return labels
    converted = as_arrow_array(labels)
    return labels if converted is None else converted


def as_weights(weights: Any) -> Any:
    """Weights as an array; a Series stays one."""
    return weights if isinstance(weights, pd.Series) else np.asarray(weights)
