"""Data sets for the tests of both CleanLearning estimators."""

from __future__ import annotations

import numpy as np


def noisy_classes(n_rows: int = 120, n_classes: int = 3, noise: float = 0.15, seed: int = 0):
    """Points around corners of a polygon, their given labels, and their true ones."""
    random = np.random.default_rng(seed)
    true = np.arange(n_rows) % n_classes
    angle = 2 * np.pi * true / n_classes
    X = 8 * np.column_stack([np.cos(angle), np.sin(angle)]) + random.normal(size=(n_rows, 2))
    wrong = random.random(n_rows) < noise
    return X, np.where(wrong, (true + 1) % n_classes, true), true


def noisy_numbers(n_rows: int = 100, seed: int = 0):
    """Features of a linear relation, their given labels, and the rows whose labels are wrong."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n_rows, 3))
    y = X @ [1.0, 2.0, -1.0] + 0.1 * random.normal(size=n_rows)
    wrong = random.choice(n_rows, n_rows // 20, replace=False)
    y[wrong] += 10
    return X, y, np.sort(wrong)


def probabilities(labels: np.ndarray, n_classes: int, seed: int = 0) -> np.ndarray:
    """Predictions that mostly agree with `labels`."""
    random = np.random.default_rng(seed)
    pred_probs = random.dirichlet(np.ones(n_classes), len(labels))
    pred_probs[np.arange(len(labels)), labels] += 1
    return pred_probs / pred_probs.sum(axis=1, keepdims=True)
