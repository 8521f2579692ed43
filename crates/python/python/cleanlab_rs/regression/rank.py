"""How likely numeric labels are right, by what a model predicts for them.

Scores mean most for out-of-sample predictions: those of models that had not seen the label, as cross-validation gives
them. :class:`cleanlab_rs.regression.learn.CleanLearning` trains such models itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleanlab_rs import _native
from cleanlab_rs.internal.regression_utils import assert_valid_prediction_inputs

__all__ = ["get_label_quality_scores"]


def get_label_quality_scores(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, *, method: str = "outre"
) -> npt.NDArray[np.float64]:
    """Score every numeric label: between 0 and 1, low for labels that are likely wrong.

    Parameters
    ----------
    labels : array_like, shape (N,)
        Given labels.
    predictions : array_like, shape (N,)
        Out-of-sample predictions of the labels.
    method : {"outre", "residual"}, default "outre"
        "outre" scores how usual the pair of label and residual is among all examples; "residual" is
        ``exp(-abs(prediction - label))``.

    Returns
    -------
    numpy.ndarray, shape (N,)

    Examples
    --------
    >>> get_label_quality_scores([1, 2, 3, 4], [2, 2, 5, 4.1]).round(4)
    array([0.2162, 0.6259, 0.2028, 0.6259])
    """
    labels, predictions = assert_valid_prediction_inputs(labels=labels, predictions=predictions, method=method)
    return _native.regression_quality_scores(labels, predictions, method)
