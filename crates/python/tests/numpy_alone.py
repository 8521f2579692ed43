"""What must work where NumPy is all there is. Run by `cargo xtask python` in an environment of its own, not by pytest."""

import importlib.util
import sys

import numpy as np

import cleanlab_rs

HEAVY = ["pandas", "sklearn", "scipy", "datasets", "polars", "pyarrow", "matplotlib", "tqdm", "torch"]

for name in HEAVY:
    assert importlib.util.find_spec(name) is None, f"{name} is installed, so that nothing is shown here"

from cleanlab_rs.count import compute_confident_joint, get_confident_thresholds, num_label_issues  # noqa: E402
from cleanlab_rs.filter import find_label_issues  # noqa: E402
from cleanlab_rs.outlier import OutOfDistribution  # noqa: E402
from cleanlab_rs.rank import get_label_quality_scores  # noqa: E402

rng = np.random.default_rng(0)
true = rng.integers(0, 3, 300)
labels = np.where(rng.random(300) < 0.1, rng.integers(0, 3, 300), true)
pred_probs = rng.dirichlet(np.ones(3), 300)
pred_probs[np.arange(300), true] += 2
pred_probs /= pred_probs.sum(axis=1, keepdims=True)

issues = find_label_issues(labels, pred_probs)
assert issues.dtype == bool and 0 < issues.sum() < 100
assert num_label_issues(labels, pred_probs) > 0
assert compute_confident_joint(labels, pred_probs).sum() == 300
assert get_confident_thresholds(labels, pred_probs).shape == (3,)
assert get_label_quality_scores(labels, pred_probs).shape == (300,)
scores = OutOfDistribution().fit_score(pred_probs=pred_probs, labels=labels, verbose=False)
assert scores.shape == (300,)
loaded = [name for name in HEAVY if name in sys.modules]
assert not loaded, f"{loaded} were loaded"
print(f"cleanlab_rs {cleanlab_rs.__version__} with NumPy {np.__version__} alone: {issues.sum()} label issues")
