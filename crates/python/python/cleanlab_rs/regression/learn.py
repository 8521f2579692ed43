"""Training regressors on data some of whose labels are wrong.

:class:`CleanLearning` wraps any regressor with scikit-learn's interface. It predicts every example by cross-validation,
finds the share of labels without which the predictions are best, and trains the regressor on the rest.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .._label_issue_tables import issues_of_numbers
from .._wrapped_model import WrappedModel, as_features, as_labels, as_weights, pd, scipy, takes_sample_weight
from ..internal.constants import TINY_VALUE
from ..internal.regression_utils import assert_valid_regression_inputs
from ..internal.util import train_val_split
from ..internal.validation import labels_to_array

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

__all__ = ["CleanLearning"]

# The R² of a share of rows that leaves too few for the folds: below that of any model.
UNUSABLE = -1e30


class CleanLearning(WrappedModel):
    """A regressor that is trained on the labels that are probably right.

    Parameters
    ----------
    model : estimator, optional
        Any regressor with ``fit`` and ``predict``. It is trained in place: after :meth:`fit` it is the final model. By
        default a linear regression.
    cv_n_folds : int, default 5
        Folds of the cross-validation that predicts each example by a model that has not seen it. At least 2.
    n_boot : int, default 5
        How often the data are predicted anew to see how much the model's predictions vary. 0 leaves that out.
    include_aleatoric_uncertainty : bool, default True
        Whether the spread of the residuals that the model can predict is added to that.
    verbose : bool, default False
        Whether progress is printed.
    seed : int, optional
        Seed of NumPy's global stream, set when the object is made. Folds are drawn from that stream.

    Attributes
    ----------
    label_issues_df : pandas.DataFrame or None
        The table of :meth:`find_label_issues`.
    k : float or None
        Share of the examples whose labels are taken to be wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from cleanlab_rs.regression.learn import CleanLearning
    >>> X = np.linspace(0, 1, 100)[:, None]
    >>> y = 3 * X[:, 0] + 0.01 * np.sin(np.arange(100))
    >>> y[30] = 9
    >>> issues = CleanLearning(seed=0).find_label_issues(X, y)
    >>> int(issues["label_quality"].argmin())
    30
    """

    _model_parameter = "model"

    k: float | None = None

    def __init__(
        self,
        model: Any = None,
        *,
        cv_n_folds: int = 5,
        n_boot: int = 5,
        include_aleatoric_uncertainty: bool = True,
        verbose: bool = False,
        seed: int | None = None,
    ) -> None:
        if model is None:
            from sklearn.linear_model import LinearRegression

            model = LinearRegression()
        for method in ("fit", "predict"):
            if not hasattr(model, method):
                raise ValueError(f"model has no method {method}(), which a regressor needs here: {model!r}")
        if seed is not None:
            np.random.seed(seed=seed)
        if n_boot < 0:
            raise ValueError(f"n_boot is {n_boot} and cannot be negative")
        if cv_n_folds < 2:
            raise ValueError(f"cv_n_folds is {cv_n_folds} and must be at least 2")
        self.model = model
        self.cv_n_folds = cv_n_folds
        self.n_boot = n_boot
        self.include_aleatoric_uncertainty = include_aleatoric_uncertainty
        self.verbose = verbose
        self.seed = seed

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        label_issues: pd.DataFrame | pd.Series | np.ndarray | None = None,
        sample_weight: Any = None,
        find_label_issues_kwargs: dict[str, Any] | None = None,
        model_kwargs: dict[str, Any] | None = None,
        model_final_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Finds label issues, leaves these examples out, and trains the regressor on the rest.

        Parameters
        ----------
        X : array-like of length N
            Features.
        y : array-like of N numbers
            Given labels.
        label_issues : pandas.DataFrame or boolean mask, optional
            Issues that were found before; nothing is searched then. A table needs the column ``is_label_issue``.
        sample_weight : array-like of length N, optional
            Weights of the examples in the final training, for a regressor whose ``fit`` names ``sample_weight``.
        find_label_issues_kwargs : dict, optional
            Options of :meth:`find_label_issues`.
        model_kwargs : dict, optional
            Further arguments of the first predictions' and the final ``model.fit``.
        model_final_kwargs : dict, optional
            Further arguments of the final ``model.fit`` alone.

        Returns
        -------
        CleanLearning
            Itself.

        Raises
        ------
        ValueError
            If the inputs do not fit together, or weights are given in the wrong place or to a regressor that takes
            none.
        """
        if y is None:
            raise ValueError("fit() requires y to be passed, but the target y is None")
        X, y = as_features(X), as_labels(y)
        n_examples = len(_checked(X, y)[1])
        model_kwargs = model_kwargs or {}
        final_kwargs = {**model_kwargs, **(model_final_kwargs or {})}
        if "sample_weight" in final_kwargs:
            raise ValueError("sample_weight cannot be among the arguments of the model: give it to fit() itself")
        if sample_weight is not None:
            if not takes_sample_weight(self.model.fit):
                raise ValueError(f"sample_weight was given, but fit() of {self.model!r} does not take it")
            sample_weight = as_weights(sample_weight)
            if len(sample_weight) != n_examples:
                raise ValueError(f"sample_weight has {len(sample_weight)} entries, but there are {n_examples} examples")

        self._announce_label_issues(given=label_issues is not None)
        if label_issues is None:
            label_issues = self.find_label_issues(X, y, model_kwargs=model_kwargs, **(find_label_issues_kwargs or {}))
        self.label_issues_df = issues_of_numbers(label_issues, labels_to_array(y))
        X_kept, y_kept, kept = self._prune(X, y)
        if sample_weight is not None:
            final_kwargs["sample_weight"] = sample_weight[kept]
            self._say("Fitting final model on the clean data with custom sample_weight ...")
        else:
            self._say("Fitting final model on the clean data ...")
        self.model.fit(X_kept, y_kept, **final_kwargs)
        self._trained = True
        self._say(
            "Label issues stored in label_issues_df DataFrame accessible via: self.get_label_issues(). "
            "Call self.save_space() to delete this potentially large DataFrame attribute."
        )
        return self

    def predict(self, X: Any, *args: Any, **kwargs: Any) -> np.ndarray:
        """Labels, as the trained regressor predicts them; further arguments are those of ``model.predict``.

        Parameters
        ----------
        X : array-like
            Features, as in :meth:`fit`.

        Returns
        -------
        numpy.ndarray
        """
        return self.model.predict(X, *args, **kwargs)  # type: ignore[no-any-return]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The regressor's own score, or its R² if it has none.

        Parameters
        ----------
        X : array-like
            Features of a test set.
        y : array-like
            Its labels, which should be right.
        sample_weight : array-like, optional
            Weights of the examples, for a regressor that takes them.

        Returns
        -------
        float
        """
        from sklearn.metrics import r2_score

        return self._score(r2_score, X, y, sample_weight)

    def find_label_issues(
        self,
        X: Any,
        y: Any,
        *,
        uncertainty: np.ndarray | float | None = None,
        coarse_search_range: Sequence[float] = [0.01, 0.05, 0.1, 0.15, 0.2],  # noqa: B006 (cleanlab's default)
        fine_search_size: int = 3,
        save_space: bool = False,
        model_kwargs: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Finds labels that are probably wrong, and trains nothing that is kept.

        An example scores exp(−r / median r), where r is its absolute residual over the uncertainty of its prediction.
        The share of examples that are flagged is the one whose removal gives the best out-of-sample R².

        Parameters
        ----------
        X : array-like of length N
            Features.
        y : array-like of N numbers
            Given labels.
        uncertainty : float or numpy.ndarray of length N, optional
            Uncertainty of the predictions, in the unit of `y`. By default the sum of
            :meth:`get_epistemic_uncertainty` and :meth:`get_aleatoric_uncertainty`.
        coarse_search_range : sequence of float
            Shares to remove that are tried first, between 0 and 1.
        fine_search_size : int, default 3
            How many shares are tried between the best of these and each of its neighbours.
        save_space : bool, default False
            Whether the table is only returned and not kept.
        model_kwargs : dict, optional
            Further arguments of ``model.fit``.

        Returns
        -------
        pandas.DataFrame
            A row per example: ``is_label_issue`` (bool), ``label_quality`` (0 to 1, the lower the worse),
            ``given_label`` and ``predicted_label``.

        Raises
        ------
        ValueError
            If `X` and `y` do not fit together, there are too few examples for the folds, or nothing is to be searched.
        """
        X, y = _checked(as_features(X), y)
        self._say("Identifying label issues ...")
        predictions = self._predictions_without_worst(
            X, y, model_kwargs or {}, lambda order: self._find_best_k(X, y, order, coarse_search_range, fine_search_size)
        )
        residual = predictions - y
        quality = _label_quality(residual, self._uncertainty_of(X, y, predictions, residual, uncertainty))
        table = self._table_of(y, predictions, quality)
        found = table["is_label_issue"].to_numpy()
        self._say(f"Identified {found.sum()} examples with label issues.")
        if save_space:
            self._say("Not storing label_issues as attributes since save_space was specified.")
        else:
            self._keep_label_issues(table)
            self.label_issues_mask = found
        return table

    def _predictions_without_worst(
        self, X: Any, y: np.ndarray, model_kwargs: dict[str, Any], search: Callable[[np.ndarray], tuple[float, float]]
    ) -> np.ndarray:
        """Out-of-sample predictions of models that do not see the worst labels.

        Sets :attr:`k` to the share that is left out: what `search` finds among the rows from best to worst, or nothing
        where that predicts no better.
        """
        from sklearn.metrics import r2_score

        of_all = self._get_cv_predictions(X, y, model_kwargs=model_kwargs)
        best_first = np.abs(of_all - y).argsort(kind="stable")
        share, r2_without = search(best_first)
        self.k = 0 if r2_score(y, of_all) >= r2_without else share
        return self._get_cv_predictions(X, y, best_first, self.k, model_kwargs=model_kwargs)

    def _uncertainty_of(
        self, X: Any, y: np.ndarray, predictions: np.ndarray, residual: np.ndarray, given: np.ndarray | float | None
    ) -> Any:
        """Uncertainty of the predictions: the given one, or else an estimate."""
        if given is None:
            of_model = self.get_epistemic_uncertainty(X, y, predictions=predictions)
            if not self.include_aleatoric_uncertainty:
                return of_model
            return of_model + self.get_aleatoric_uncertainty(X, residual)
        if isinstance(given, np.ndarray) and len(given) != len(y):
            raise ValueError(f"uncertainty has {len(given)} entries, but there are {len(y)} labels")
        return given

    def _table_of(self, y: np.ndarray, predictions: np.ndarray, quality: np.ndarray) -> pd.DataFrame:
        """A row per example, of which the share :attr:`k` with the lowest quality is flagged."""
        assert self.k is not None
        n_issues = math.ceil(self.k * len(y))
        is_issue = np.zeros(len(y), dtype=bool)
        is_issue[quality.argsort(kind="stable")[:n_issues]] = True
        if y.dtype == int:
            predictions = predictions.astype(int)
        columns = {"label_quality": quality, "given_label": y, "predicted_label": predictions}
        return pd.DataFrame({"is_label_issue": is_issue} | columns)

    def get_epistemic_uncertainty(self, X: Any, y: Any, predictions: Any = None) -> np.ndarray:
        """How much predictions vary with the data that the model is trained on.

        Parameters
        ----------
        X : array-like of length N
            Features.
        y : array-like of N numbers
            Given labels.
        predictions : array-like of N numbers, optional
            Predictions to count along with those of the `n_boot` rounds of two folds each.

        Returns
        -------
        numpy.ndarray of length N
            Standard deviations, in the unit of `y`.
        """
        X, y = _checked(X, y)
        if self.n_boot == 0:
            return np.zeros(len(y))
        rounds = [self._get_cv_predictions(X, y, cv_n_folds=2) for _ in range(self.n_boot)]
        if predictions is not None:
            rounds.append(_checked(X, predictions)[1])
        return np.sqrt(np.var(np.column_stack(rounds), axis=1))  # type: ignore[no-any-return]

    def get_aleatoric_uncertainty(self, X: Any, residual: Any) -> float:
        """How much of the residuals the model can predict.

        Parameters
        ----------
        X : array-like of length N
            Features.
        residual : array-like of N numbers
            Predictions minus labels.

        Returns
        -------
        float
            Standard deviation of the predicted residuals, in the unit of the labels.
        """
        X, residual = _checked(X, residual)
        return np.sqrt(np.var(self._get_cv_predictions(X, residual)))  # type: ignore[no-any-return]

    def save_space(self) -> None:
        """Drops all results but the trained regressor. Predicting goes on as before."""
        self._forget("label_issues_df", "label_issues_mask", "k")

    def _get_cv_predictions(
        self,
        X: np.ndarray,
        y: np.ndarray,
        sorted_index: np.ndarray | None = None,
        k: float = 0,
        *,
        cv_n_folds: int | None = None,
        model_kwargs: dict[str, Any] | None = None,
    ) -> np.ndarray:
        """Out-of-sample predictions; the last share `k` of the rows in `sorted_index` are never trained on.

        These rows are predicted by the models of all folds, on average.
        """
        import sklearn.base
        from sklearn.model_selection import KFold

        n_folds = self.cv_n_folds if cv_n_folds is None else cv_n_folds
        if k < 0 or k > 1:
            raise ValueError(f"k is {k} and must be between 0 and 1")
        if sorted_index is None:
            if k != 0:
                raise ValueError("sorted_index is needed to leave out a share k of the rows")
            sorted_index = np.arange(len(y))
        n_kept = len(sorted_index) - math.ceil(len(sorted_index) * k)
        kept, dropped = sorted_index[:n_kept], sorted_index[n_kept:]
        if len(kept) < n_folds:
            raise ValueError(
                f"{len(kept)} examples are too few for {n_folds} folds: lower cv_n_folds, or leave out fewer (k)"
            )
        predictions = np.zeros(len(y))
        of_dropped = np.zeros((len(dropped), n_folds))
        folds = KFold(n_splits=n_folds, shuffle=True)
        for fold, (train, held_out) in enumerate(folds.split(kept)):
            try:
                model = sklearn.base.clone(self.model)
            except (AttributeError, RuntimeError, TypeError) as error:
                raise ValueError(
                    f"sklearn.base.clone() cannot copy the model {self.model!r}: give it a method get_params()"
                ) from error
            X_train, X_held_out, y_train, _ = train_val_split(X, y, kept[train], kept[held_out])
            model.fit(X_train, y_train, **(model_kwargs or {}))
            predictions[kept[held_out]] = model.predict(X_held_out)
            if k != 0:
                of_dropped[:, fold] = model.predict(X[dropped])
        if k != 0:
            predictions[dropped] = of_dropped.mean(axis=1)
        return predictions

    def _find_best_k(
        self,
        X: np.ndarray,
        y: np.ndarray,
        sorted_index: np.ndarray,
        coarse_search_range: Sequence[float] = [0.01, 0.05, 0.1, 0.15, 0.2],  # noqa: B006
        fine_search_size: int = 3,
    ) -> tuple[float, float]:
        """The share of rows to leave out whose predictions have the highest R², and that R²."""
        if len(coarse_search_range) == 0:
            raise ValueError("coarse_search_range is empty: there is no share to try")
        if len(coarse_search_range) == 1:
            only = coarse_search_range[0]
            if not self._enough_rows(len(y), only):
                raise ValueError(
                    f"{len(y)} examples without a share of {only} are too few for {self.cv_n_folds} folds: "
                    "lower cv_n_folds, or leave out fewer"
                )
            return only, self._r2_without(X, y, sorted_index, only)
        coarse = sorted(coarse_search_range)
        coarse_r2 = [self._r2_without(X, y, sorted_index, share) for share in coarse]
        best = int(np.argmax(coarse_r2))
        if fine_search_size < 0:
            raise ValueError(f"fine_search_size is {fine_search_size} and cannot be negative")
        if fine_search_size > 0:
            fine = [
                share
                for low, high in pairwise(coarse[max(best - 1, 0) : best + 2])
                for share in np.linspace(low, high, fine_search_size + 1, endpoint=False)[1:]
            ]
            fine_r2 = [self._r2_without(X, y, sorted_index, share) for share in fine]
            best_fine = int(np.argmax(fine_r2))
            if not coarse_r2[best] > fine_r2[best_fine]:
                return fine[best_fine], fine_r2[best_fine]
        return coarse[best], coarse_r2[best]

    def _enough_rows(self, n_rows: int, share: float) -> bool:
        return math.floor(n_rows * (1 - share)) >= self.cv_n_folds

    def _r2_without(self, X: np.ndarray, y: np.ndarray, sorted_index: np.ndarray, share: float) -> float:
        from sklearn.metrics import r2_score

        if not self._enough_rows(len(y), share):
            return UNUSABLE
        return r2_score(y, self._get_cv_predictions(X, y, sorted_index, share))  # type: ignore[no-any-return]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Folds are drawn from NumPy's global stream.
        tags.non_deterministic = True
        return tags


def _label_quality(residual: np.ndarray, uncertainty: Any) -> np.ndarray:
    """exp(−r / median r), where r is the absolute residual over the uncertainty."""
    distance = np.abs(residual / (uncertainty + TINY_VALUE))
    typical = max(np.median(distance), TINY_VALUE)
    return np.exp(-distance / typical)  # type: ignore[no-any-return]


def _checked(X: Any, y: Any) -> tuple[Any, np.ndarray]:
    """Features and numeric labels of the same length; sparse features stay sparse."""
    if not scipy.sparse.issparse(X):
        return assert_valid_regression_inputs(X, y)
    _, y = assert_valid_regression_inputs(np.empty(X.shape[0]), y)
    return X, y
