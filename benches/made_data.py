"""Data sets that the comparisons draw; the same call always gives the same one."""

import numpy as np


def class_labels(n, k, dtype, members=0, seed=0):
    """A good but overconfident model on labels of which 15 % are wrong; or several models of that kind."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    arrays = {"labels": np.where(rng.random(n) < 0.15, rng.integers(0, k, n), true)}
    names = [f"member_{at}" for at in range(members)] or ["pred_probs"]
    for name in names:
        p = rng.standard_exponential((n, k), dtype=np.float32).astype(dtype)
        p[np.arange(n), true] += (2 * k * rng.random(n)).astype(dtype)
        p /= p.sum(axis=1, keepdims=True)
        arrays[name] = p
    return arrays


def class_sets(n, k, dtype, seed=0):
    """Some three classes a row, of which 5 % are wrong, and a good model."""
    rng = np.random.default_rng(seed)
    true = rng.random((n, k)) < 3 / k
    given = np.where(rng.random((n, k)) < 0.05 * 3 / k, ~true, true)
    p = np.clip(0.6 * true + 0.2 + 0.22 * rng.standard_normal((n, k)), 0.001, 0.999).astype(dtype)
    return {"onehot": given.astype(np.float32), "pred_probs": p}


def audited(n, d, k=10, seed=0):
    """What embeddings look like: 200 clusters of few dimensions, turned into many, with some noise in all of them. A
    cluster belongs to a class, 5 % of the labels are wrong, 1 % of the rows are near duplicates, 0.5 % lie far out.
    """
    rng = np.random.default_rng(seed)
    latent = min(d, 24)
    cluster = rng.integers(0, 200, n)
    z = 4 * rng.standard_normal((200, latent))[cluster] + rng.standard_normal((n, latent))
    far = rng.random(n) < 0.005
    z[far] += 12 * rng.standard_normal((int(far.sum()), latent))
    x = z @ rng.standard_normal((latent, d)) / np.sqrt(latent) + 0.1 * rng.standard_normal((n, d))
    copied = np.flatnonzero(rng.random(n) < 0.01)
    x[copied] = x[rng.integers(0, n, len(copied))] + 1e-6 * rng.standard_normal((len(copied), d))
    true = cluster % k
    labels = np.where(rng.random(n) < 0.05, rng.integers(0, k, n), true)
    p = rng.standard_exponential((n, k))
    p[np.arange(n), true] += 2 * k * rng.random(n)
    return {"features": x, "pred_probs": p / p.sum(axis=1, keepdims=True), "labels": labels}


def rows_of(kind, n, p, dtype=np.float32, seed=0):
    """Features for a search: `noise` alone; or, as embeddings are, a curved surface with some noise: of 16 dimensions and
    `clustered`, or of 10 dimensions and `unclustered`."""
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return {"features": rng.standard_normal((n, p)).astype(dtype)}
    if kind == "clustered":
        at = 2 * rng.standard_normal((50, 16))[rng.integers(0, 50, n)] + rng.standard_normal((n, 16))
        noise = 0.05
    else:
        at = rng.standard_normal((n, 10))
        noise = 0.01
    surface = np.tanh(at @ rng.standard_normal((at.shape[1], p)) / 4)
    return {"features": (surface + noise * rng.standard_normal((n, p))).astype(dtype)}


def valued(n, p, k, seed=0):
    """Ten classes of normally distributed rows, a tenth of the labels wrong."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 10, n)
    x = 3 * rng.normal(size=(10, p))[true] + rng.normal(size=(n, p))
    labels = np.where(rng.random(n) < 0.1, rng.integers(0, 10, n), true)
    return {"features": x, "labels": labels}
