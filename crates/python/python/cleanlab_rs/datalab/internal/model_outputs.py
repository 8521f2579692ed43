"""Which argument of a check the output of a model is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np


@dataclass
class ModelOutput(ABC):
    """The output of a model for every row, and the name that checks know it by."""

    data: Any
    argument: ClassVar[str] = "pred_probs"

    @abstractmethod
    def validate(self) -> None:
        """Checks shape and range.

        Raises
        ------
        ValueError
            If something is wrong.
        """

    def collect(self) -> Any:
        """The output as checks take it."""
        return self.data


def _check_probabilities(pred_probs: Any) -> None:
    if np.ndim(pred_probs) != 2:
        raise ValueError(f"pred_probs must be a 2D array, but have {np.ndim(pred_probs)} dimensions.")
    least, most = np.min(pred_probs), np.max(pred_probs)
    if not (least >= 0 and most <= 1):
        raise ValueError(f"Expected pred_probs to be between 0 and 1, but they are between {least} and {most}.")


class MultiClassPredProbs(ModelOutput):
    """Probabilities of classes of which each row has one."""

    def validate(self) -> None:
        """Checks that each row is a distribution."""
        _check_probabilities(self.data)
        if not np.allclose(np.sum(self.data, axis=1), 1):
            raise ValueError("pred_probs must sum to 1 for each row for multi-class classification")


class RegressionPredictions(ModelOutput):
    """Predicted numbers."""

    argument: ClassVar[str] = "predictions"

    def validate(self) -> None:
        """Checks that there is one number per row."""
        if np.ndim(self.data) != 1:
            raise ValueError("pred_probs must be a 1D array for regression")


class MultiLabelPredProbs(ModelOutput):
    """Probabilities of classes that do not exclude each other."""

    def validate(self) -> None:
        """Checks shape and range."""
        _check_probabilities(self.data)
