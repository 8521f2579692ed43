"""Principal components, with the signs that this workspace gives them.

scikit-learn decomposes the centred rows themselves. Components with nearly the same variance are any mixture of each
other: only those are compared whose variance lies apart from that of their neighbours.
"""

from reference_cases import main

import numpy as np
from sklearn.decomposition import PCA

SIGN_TOLERANCE = 1e-9
APART = 1e-3


def random_rows(rng, n, d):
    style = rng.choice(["normal", "clusters", "falling", "duplicates", "scales", "few"])
    x = rng.normal(size=(n, d))
    if style in ("clusters", "duplicates"):
        x = rng.normal(size=(4, d))[rng.integers(0, 4, n)] * 3 + x
    if style == "falling":
        x = (x / np.arange(1, d + 1)) @ rng.normal(size=(d, d))
    elif style == "duplicates":
        x = x[rng.integers(0, max(1, n // 2), n)]
    elif style == "scales":
        x *= 10.0 ** rng.integers(-3, 4, d)
    elif style == "few":
        x = x[:, : max(1, d // 3)] @ rng.normal(size=(max(1, d // 3), d))
    x += rng.choice([0, 5])
    if rng.random() < 0.25:
        return x.astype(np.float32).astype(float), True
    return x, False


def signs(components):
    size = np.abs(components)
    first = np.argmax(size >= size.max(axis=1, keepdims=True) * (1 - SIGN_TOLERANCE), axis=1)
    return np.sign(components[np.arange(len(components)), first])


def write_case(write, rng, golden):
    if golden:
        n, d = int(rng.integers(3, 20)), int(rng.integers(1, 12))
    else:
        n, d = (int(np.exp(rng.uniform(np.log(3), np.log(limit)))) for limit in (600, 300))
    x, single = random_rows(rng, n, d)
    x = write.kept_columns(write.kept_rows(x))
    n, d = x.shape
    write.case["dtype"] = "f32" if single else "f64"
    write.input("features", x)
    pca = PCA(svd_solver="full").fit(x)
    variances = np.append(pca.explained_variance_, 0)
    # A component is defined where the variance falls before and after it.
    falls = -np.diff(variances) > APART * variances[0]
    n_components = int(rng.integers(1, min(n, d) + 1))
    count = min(n_components, int(np.argmin(np.append(falls, False))))
    if count == 0:
        return
    components = pca.components_[:count] * signs(pca.components_[:count])[:, None]
    coordinates = (x - pca.mean_) @ components.T
    write.check(
        "principal_components",
        {"coordinates": coordinates, "explained_variance_ratio": pca.explained_variance_ratio_[:count],
         "components": components, "mean": pca.mean_},
        n_components=n_components, compared=count, size=float(np.abs(x).max()),
    )


if __name__ == "__main__":
    main(__doc__, "principal-components", write_case)
