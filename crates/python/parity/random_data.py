"""The data that calls are made on: small, and of every shape that labels and probabilities come in."""

import numpy as np

SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
FILTER_BY = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
PRUNING = FILTER_BY[:3]


def chance(rng, share):
    return bool(rng.random() < share)


def pick(rng, values):
    return values[int(rng.integers(0, len(values)))]


def one_of(rng, options):
    """Some of the options, each with its value drawn by a function: about half of them."""
    return {name: draw() for name, draw in options.items() if chance(rng, 0.5)}


def rows(rng, most=200):
    return int(np.exp(rng.uniform(np.log(6), np.log(most))))


def probabilities(rng, n, k, plain=False):
    true = rng.integers(0, k, n)
    style = "peaked" if plain else pick(rng, ["dirichlet", "peaked", "peaked", "ties", "coarse", "extreme", "edges", "equal"])
    p = rng.dirichlet(np.full(k, pick(rng, [0.3, 1.0, 5.0])), n)
    if style in ("peaked", "edges"):
        weight = rng.uniform(0.2, 0.9)
        p = (1 - weight) * p
        p[np.arange(n), true] += weight
    elif style == "ties":
        p = rng.integers(0, 9, (n, k)) / 8.0
        p[np.arange(n), true] = rng.integers(4, 9, n) / 8.0
        p /= np.maximum(p.sum(axis=1, keepdims=True), 1e-3)
    elif style == "coarse":
        p = np.round(p * 20) / 20
    elif style == "extreme":
        p = np.full((n, k), 1e-12)
        p[np.arange(n), true] = 1 - rng.choice([0, 1e-12, 1e-9, 1e-7], n)
    elif style == "equal":
        p = np.full((n, k), 1.0 / k)
    if style == "edges":
        p = np.clip(p + rng.choice([-9e-7, 0, 9e-7], (n, k)), -9e-7, 1 + 9e-7)
    return p, true


def class_labels(rng, plain=False, n=None, k=None):
    """Labels and predicted probabilities. `plain` ones have every class several times and no extreme values."""
    k = k or pick(rng, [2, 3, 4, 5, 10])
    n = max(n or rows(rng), 3 * k if plain else 4)
    p, true = probabilities(rng, n, k, plain)
    labels = np.where(rng.random(n) < pick(rng, [0.05, 0.2, 0.5]), rng.integers(0, k, n), true)
    if plain:
        labels[: 3 * k] = np.tile(np.arange(k), 3)
    elif chance(rng, 0.2):
        labels = np.where(labels == rng.integers(0, k), 0, labels)
    if len(np.unique(labels)) < 2:
        labels[0] = (labels[0] + 1) % k
    return labels.astype(np.int64), p


def joint_counts(rng, k, least=0):
    counts = rng.integers(0, 20, (k, k)) * (rng.random((k, k)) < 0.7)
    return counts + np.diag(rng.integers(max(least, 1), 60, k))


def noise_matrix(rng, k):
    """Columns sum to 1: P(given | true)."""
    return rng.dirichlet(np.ones(k), k).T * 0.4 + 0.6 * np.eye(k)


def class_names(rng, k):
    return [f"class {chr(97 + at)}" for at in range(k)] if chance(rng, 0.5) else None


def class_sets(rng, n=None, k=None, plain=False):
    """Sets of classes as lists, the same as a matrix, and the probability of each class."""
    k = k or pick(rng, [2, 3, 5])
    n = n or rows(rng, 120)
    true = rng.random((n, k)) < pick(rng, [0.2, 0.5])
    onehot = np.where(rng.random((n, k)) < 0.1, ~true, true)
    # Where no row, or every row, has a class, cleanlab fails.
    for at in range(k):
        onehot[at % n, at] = True
        onehot[(at + 1) % n, at] = False
    weight = rng.uniform(0.3, 0.9)
    p = (1 - weight) * rng.random((n, k)) + weight * true
    if not plain and chance(rng, 0.3):
        p = np.round(p * 8) / 8
    labels = [np.flatnonzero(row).tolist() for row in onehot]
    return labels, onehot.astype(np.int64), p


def features(rng, n=None, d=None):
    n = n or rows(rng, 150)
    d = d or pick(rng, [1, 2, 3, 4, 8, 20])
    x = 2 * rng.standard_normal((4, d))[rng.integers(0, 4, n)] + rng.standard_normal((n, d))
    if n > 12 and chance(rng, 0.2):  # exact duplicates
        x[rng.integers(0, n, 3)] = x[0]
    return x


def separated(rng, n, d, k):
    """Features on which a model can be trained, and labels of which some are wrong."""
    true = np.concatenate([np.tile(np.arange(k), 6), rng.integers(0, k, max(0, n - 6 * k))])
    centres = rng.standard_normal((k, d)) * 2
    x = centres[true] + rng.standard_normal((len(true), d))
    labels = np.where(rng.random(len(true)) < 0.1, rng.integers(0, k, len(true)), true)
    labels[: 6 * k] = np.tile(np.arange(k), 6)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x, labels.astype(np.int64)


def numeric_labels(rng, n=None):
    n = n or rows(rng, 150)
    d = int(rng.integers(1, 5))
    x = rng.standard_normal((n, d))
    y = x @ rng.standard_normal(d) + 0.3 * rng.standard_normal(n)
    wrong = rng.random(n) < 0.08
    y[wrong] += 5 * rng.standard_normal(int(wrong.sum()))
    return x, y
