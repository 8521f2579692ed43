"""How unlike the rest of the data each example is: outlier scores from features or from predicted probabilities."""

from __future__ import annotations

import warnings
from typing import Any, Dict, Optional, Tuple

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs._arguments import probability_array
from cleanlab_rs.internal.outlier import correct_precision_errors, transform_distances_to_scores

__all__ = ["OutOfDistribution"]


class OutOfDistribution:
    """Scores how typical examples are: between 0 and 1, low for outliers.

    With features an example is an outlier when its nearest neighbours are far away. With predicted probabilities it is
    one when the model cannot decide between the classes.

    Parameters
    ----------
    params : dict, optional
        For features:

        - ``k`` : int, how many neighbours count; by default 10, or those of ``knn``.
        - ``t`` : float, default 1, how fast scores fall with the distance.
        - ``knn`` : an index with the interface of :class:`sklearn.neighbors.NearestNeighbors`, fitted to other examples;
          :meth:`score` can be called at once then. By default one is made of the features, with cosine distances for
          more than three of them, else with Euclidean ones.

        For predicted probabilities:

        - ``method`` : "entropy" (the default; 1 less the entropy over its largest value), "least_confidence" (the largest
          probability) or "gen" (generalised entropy of the ``M`` largest values, with exponent ``gamma``).
        - ``adjust_pred_probs`` : bool, default True, whether confident thresholds of the classes are subtracted first.
        - ``confident_thresholds`` : numpy.ndarray of shape (K,), thresholds that are known already.
        - ``M`` : int, default 100, and ``gamma`` : float, default 0.1, for "gen".

    Attributes
    ----------
    params : dict
        These parameters; fitting adds ``knn`` and ``scaling_factor``, what distances are divided by, or
        ``confident_thresholds``.

    Examples
    --------
    >>> features = np.array([[0.0, 0.1], [0.1, 0.0], [0.0, 0.0], [0.1, 0.1], [9.0, 9.0]])
    >>> ood = OutOfDistribution({"k": 2})
    >>> int(ood.fit_score(features=features, verbose=False).argmin())
    4
    >>> bool(ood.score(features=np.array([[3.0, 3.0]]))[0] < 0.01)
    True
    """

    OUTLIER_PARAMS = {"k", "t", "knn"}
    OOD_PARAMS = {"confident_thresholds", "adjust_pred_probs", "method", "M", "gamma"}
    DEFAULT_PARAM_DICT: Dict[str, Any] = {
        "k": None,
        "t": 1,
        "knn": None,
        "method": "entropy",
        "adjust_pred_probs": True,
        "confident_thresholds": None,
        "M": 100,
        "gamma": 0.1,
    }

    def __init__(self, params: Optional[Dict[str, Any]] = None) -> None:
        self._assert_valid_params(params, self.DEFAULT_PARAM_DICT)
        self.params: Dict[str, Any] = {**self.DEFAULT_PARAM_DICT, **(params or {})}
        if self.params["adjust_pred_probs"] and self.params["method"] == "gen":
            print(
                "CAUTION: GEN method is not recommended for use with adjusted pred_probs. "
                "To use GEN, we recommend setting: params['adjust_pred_probs'] = False"
            )
        self.params["scaling_factor"] = None

    def fit_score(
        self,
        *,
        features: Optional[npt.NDArray[Any]] = None,
        pred_probs: Optional[npt.NDArray[Any]] = None,
        labels: Optional[npt.ArrayLike] = None,
        verbose: bool = True,
    ) -> npt.NDArray[Any]:
        """Fit to examples and score them.

        Parameters
        ----------
        features, pred_probs, labels, verbose
            As in :meth:`fit`.

        Returns
        -------
        numpy.ndarray, shape (N,)
            Scores between 0 and 1, low for outliers.
        """
        scores = self._shared_fit(features=features, pred_probs=pred_probs, labels=labels, verbose=verbose)
        if scores is None:
            return self.score(features=features, pred_probs=pred_probs)
        return scores

    def fit(
        self,
        *,
        features: Optional[npt.NDArray[Any]] = None,
        pred_probs: Optional[npt.NDArray[Any]] = None,
        labels: Optional[npt.ArrayLike] = None,
        verbose: bool = True,
    ) -> None:
        """Fit to examples, from either `features` or `pred_probs`.

        What was fitted, or given to the constructor, is kept with a warning.

        Parameters
        ----------
        features : array_like, shape (N, p), optional
            Numbers that describe each example, such as embeddings.
        pred_probs : array_like, shape (N, K), optional
            Out-of-sample predicted probabilities.
        labels : array_like of int, shape (N,), optional
            Given labels, from 0 to K - 1; needed with `pred_probs` that are to be adjusted.
        verbose : bool, default True
            Whether to print what is fitted.
        """
        self._shared_fit(features=features, pred_probs=pred_probs, labels=labels, verbose=verbose)

    def score(
        self, *, features: Optional[npt.NDArray[Any]] = None, pred_probs: Optional[npt.NDArray[Any]] = None
    ) -> npt.NDArray[Any]:
        """Score examples by what was fitted.

        An example that equals a fitted one has it as a neighbour.

        Parameters
        ----------
        features : array_like, shape (M, p), optional
        pred_probs : array_like, shape (M, K), optional
            One of the two.

        Returns
        -------
        numpy.ndarray, shape (M,)
            Scores between 0 and 1, low for outliers.
        """
        self._assert_valid_inputs(features, pred_probs)
        if features is not None:
            if self.params["knn"] is None:
                raise ValueError("no features were fitted yet; call fit or fit_score with features first")
            return self._get_ood_features_scores(features, **self._get_params(self.OUTLIER_PARAMS))[0]
        if self.params["confident_thresholds"] is None and self.params["adjust_pred_probs"]:
            raise ValueError(
                "no pred_probs were fitted yet, whose thresholds are needed as params['adjust_pred_probs'] is True; call "
                "fit or fit_score with pred_probs and labels first"
            )
        assert pred_probs is not None
        return _get_ood_predictions_scores(pred_probs, **self._get_params(self.OOD_PARAMS))[0]

    def _get_params(self, param_keys: Any) -> Dict[str, Any]:
        return {name: value for name, value in self.params.items() if name in param_keys}

    @staticmethod
    def _assert_valid_params(params: Optional[Dict[str, Any]], param_keys: Any) -> None:
        unknown = sorted(set(params or ()) - set(param_keys), key=str)
        if unknown:
            raise ValueError(f"params has unknown keys {unknown}; possible are {list(param_keys)}")

    @staticmethod
    def _assert_valid_inputs(features: Any, pred_probs: Any) -> None:
        if features is None and pred_probs is None:
            raise ValueError("either features or pred_probs are needed")
        if features is not None and pred_probs is not None:
            raise ValueError("features and pred_probs cannot both be used; give one of them")
        if features is not None and np.ndim(features) != 2:
            raise ValueError(
                f"features have shape {np.shape(features)}, but need one row per example and column per feature"
            )

    def _shared_fit(
        self,
        *,
        features: Optional[npt.NDArray[Any]] = None,
        pred_probs: Optional[npt.NDArray[Any]] = None,
        labels: Optional[npt.ArrayLike] = None,
        verbose: bool = True,
    ) -> Optional[npt.NDArray[Any]]:
        """Fits, and returns the scores; None where it was fitted before."""
        self._assert_valid_inputs(features, pred_probs)
        if features is not None:
            if self.params["knn"] is not None:
                warnings.warn(
                    "an index was fitted or given before and is kept: call score(), or make a new OutOfDistribution",
                    UserWarning,
                    stacklevel=3,
                )
                return None
            if verbose:
                print("Fitting OOD estimator based on provided features ...")
            scores, self.params["knn"] = self._get_ood_features_scores(
                features, **self._get_params(self.OUTLIER_PARAMS)
            )
            return scores
        if self.params["confident_thresholds"] is not None:
            warnings.warn(
                "confident thresholds were fitted or given before and are kept: call score(), or make a new "
                "OutOfDistribution",
                UserWarning,
                stacklevel=3,
            )
            return None
        if verbose:
            print("Fitting OOD estimator based on provided pred_probs ...")
        assert pred_probs is not None
        scores, thresholds = _get_ood_predictions_scores(
            pred_probs, labels=labels, **self._get_params(self.OOD_PARAMS)
        )
        if thresholds is None:
            warnings.warn(
                "with these params there is nothing to fit: score() can be called at once", UserWarning, stacklevel=3
            )
        else:
            self.params["confident_thresholds"] = thresholds
        return scores

    def _get_ood_features_scores(
        self,
        features: Optional[npt.NDArray[Any]] = None,
        knn: Any = None,
        k: Optional[int] = None,
        t: float = 1,
    ) -> Tuple[npt.NDArray[Any], Any]:
        """Scores of the rows of `features` by an index, or by one that is made of them, and that index."""
        fits = knn is None
        if isinstance(k, (float, np.floating)):
            raise TypeError(f"k is {k}, but must be a whole number, or None for the default")
        if fits:
            from cleanlab_rs.internal.neighbor.knn_graph import features_to_knn

            knn = features_to_knn(features, n_neighbors=k)
        most = knn.n_neighbors
        if k is None or fits:
            k = most
        elif k > most:
            warnings.warn(
                f"k is {k}, but the index was made for {most} neighbours: k={most} is used", UserWarning, stacklevel=4
            )
            k = most
        mean_distances = _mean_distances(knn, None if fits else features, k)
        if self.params["scaling_factor"] is None:
            smallest = 100 * np.finfo(np.float64).eps
            self.params["scaling_factor"] = float(max(np.median(mean_distances), smallest))
        scaling_factor = self.params["scaling_factor"]
        if not isinstance(scaling_factor, float):
            raise ValueError(f"the scaling factor is a {type(scaling_factor).__name__}, but must be a float")
        scores = transform_distances_to_scores(mean_distances, t, scaling_factor)
        metric = knn.metric if isinstance(knn.metric, str) else knn.metric.__name__
        power = knn.p if metric == "minkowski" else None
        return correct_precision_errors(scores, mean_distances, metric, p=power), knn


def _mean_distances(knn: Any, features: Optional[npt.NDArray[Any]], k: int) -> npt.NDArray[Any]:
    """The mean distance of every row from its `k` nearest in the index."""
    from cleanlab_rs.internal.neighbor.search import is_exact_search

    if is_exact_search(knn):
        if features is not None and not hasattr(knn, "n_samples_fit_"):
            knn.fit(features)
        exact: npt.NDArray[Any] = knn.mean_distances(features, k)
        return exact
    try:
        distances, _ = knn.kneighbors(features)
    except (ValueError, AttributeError) as error:
        # scikit-learn need not be there to define this.
        if type(error).__name__ != "NotFittedError":
            raise
        knn.fit(features)
        distances, _ = knn.kneighbors(features)
    means: npt.NDArray[Any] = np.asarray(distances)[:, :k].mean(axis=1)
    return means


def _get_ood_predictions_scores(
    pred_probs: npt.NDArray[Any],
    *,
    labels: Any = None,
    confident_thresholds: Optional[npt.NDArray[Any]] = None,
    adjust_pred_probs: bool = True,
    method: str = "entropy",
    M: int = 100,
    gamma: float = 0.1,
) -> Tuple[npt.NDArray[np.float64], Optional[npt.NDArray[Any]]]:
    """Scores from probabilities, and the thresholds by which they were adjusted, or that were given."""
    if (confident_thresholds is not None or labels is not None) and not adjust_pred_probs:
        warnings.warn(
            "labels and confident_thresholds have no effect, as params['adjust_pred_probs'] is False",
            UserWarning,
            stacklevel=4,
        )
    if adjust_pred_probs and confident_thresholds is None:
        if labels is None:
            raise ValueError("labels are needed, unless params['adjust_pred_probs'] is False")
        from cleanlab_rs.count import get_confident_thresholds
        from cleanlab_rs.internal.validation import assert_valid_inputs, labels_to_array

        labels = labels_to_array(labels)
        assert_valid_inputs(X=None, y=labels, pred_probs=pred_probs)
        confident_thresholds = get_confident_thresholds(labels, pred_probs)
    if method == "gen" and M < 1:
        raise ValueError(f"params['M'] is {M}, but must be at least 1")
    if method == "gen" and np.shape(pred_probs)[-1] < M:
        warnings.warn(
            f"the method 'gen' is meant for {M} classes and more; params['M'] can be set to fewer",
            UserWarning,
            stacklevel=4,
        )
    scores = _native.ood_prediction_scores(
        probability_array(pred_probs), (method, min(M, 2**62), gamma), confident_thresholds if adjust_pred_probs else None
    )
    return scores, confident_thresholds
