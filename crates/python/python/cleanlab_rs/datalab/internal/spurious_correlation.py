"""Properties of images that tell the class by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass
class SpuriousCorrelations:
    """How well each property of images predicts the labels on its own.

    Parameters
    ----------
    data : pandas.DataFrame
        N × P scores of properties.
    labels : array
        N class numbers.
    properties_of_interest : list of str, optional
        The columns to look at; all if left out.
    """

    data: pd.DataFrame
    labels: Any
    properties_of_interest: list[str] | None = None

    def __post_init__(self) -> None:
        n_rows, n_labels = len(self.data), len(self.labels)
        if n_rows != n_labels:
            raise ValueError(f"there must be a label for every row of properties, but {n_rows} rows have {n_labels}.")
        names = self.data.columns if self.properties_of_interest is None else self.properties_of_interest
        wrong = [name for name in names if not isinstance(name, str)]
        if wrong:
            raise TypeError(f"properties are called by text, but there are {wrong[:5]}.")
        self.properties_of_interest = list(names)

    def calculate_correlations(self) -> pd.DataFrame:
        """A score in [0, 1] for every property, lower where it tells more of the class."""
        names = self.properties_of_interest or []
        # Whoever always names the most frequent class is right as often as that class comes.
        baseline = float(np.bincount(self.labels).max() / len(self.labels))
        scores = [self.calculate_spurious_correlation(name, baseline) for name in names]
        found: pd.DataFrame = pd.DataFrame({"property": names, "score": scores})
        return found

    def calculate_spurious_correlation(self, property_of_interest: str, baseline_accuracy: float) -> float:
        """The score of one property."""
        values = self.data[property_of_interest].to_numpy().reshape(-1, 1)
        return relative_room_for_improvement(baseline_accuracy, _train_and_eval(values, self.labels))


def _train_and_eval(X: Any, y: Any, cv: int = 5) -> float:
    """The mean accuracy of naive Bayes in cross-validation."""
    from sklearn.model_selection import cross_val_score
    from sklearn.naive_bayes import GaussianNB

    # A property that does not vary within a class has a variance of 0, which naive Bayes divides by.
    with np.errstate(all="ignore"):
        return float(np.mean(cross_val_score(GaussianNB(), X, y, cv=cv, scoring="accuracy")))


def relative_room_for_improvement(
    baseline_accuracy: float, mean_accuracy: float, eps: float = 1e-8
) -> float:
    """(1 − accuracy) / (1 − baseline), at most 1.

    Parameters
    ----------
    baseline_accuracy, mean_accuracy :
        In [0, 1].
    eps :
        Takes the place of 1 − baseline where that is 0.
    """
    room = 1 - baseline_accuracy
    return min(1, (1 - mean_accuracy) / (room if baseline_accuracy != 1 else room + eps))
