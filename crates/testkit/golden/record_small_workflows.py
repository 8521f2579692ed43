"""Records what cleanlab says in the two small examples, examples/count_and_rank.rs and examples/filter_only.rs.

Usage: python record_small_workflows.py [FOLDER]     (needs cleanlab 2.9.0; default FOLDER: examples)

Writes `tests/expected/count_and_rank.txt` and `tests/expected/filter_only.txt`, what the examples are to print. NumPy's
sorts are made stable (by `reference_cases`).
"""

import pathlib
import sys
import unittest.mock

import reference_cases  # noqa: F401  (makes sorts stable, so it comes before cleanlab)

import cleanlab
import numpy as np
from cleanlab import count, filter, rank
from cleanlab.benchmarking.noise_generation import generate_noise_matrix_from_trace, generate_noisy_labels

N, K = 3000, 3


def matrix(values):
    """Three decimals, in the layout of Rust's ndarray."""
    rows = ["[" + ", ".join(f"{value:.3f}" for value in row) + "]" for row in values]
    return "[" + ",\n ".join(rows) + "]"


def count_and_rank():
    np.random.seed(0)
    true = np.arange(N) % K
    pred_probs = np.array([np.random.dirichlet([0.4] * K) for _ in range(N)]) * 0.3
    pred_probs[np.arange(N), true] += 0.7
    # The stream goes on, where cleanlab would begin a new one.
    with unittest.mock.patch("numpy.random.seed"):
        noise_matrix = generate_noise_matrix_from_trace(
            K, trace=2.4, py=np.full(K, 1 / K), valid_noise_matrix=True
        )
    given = generate_noisy_labels(true, noise_matrix)
    confident_joint = count.compute_confident_joint(given, pred_probs)
    _, estimated, _ = count.estimate_latent(confident_joint, given)
    print(f"noise matrix, as it is:\n{matrix(noise_matrix)}\n")
    print(f"noise matrix, as estimated:\n{matrix(estimated)}\n")
    wrong = given != true
    print(f"wrong labels: {wrong.sum()}, estimated: {count.num_label_issues(given, pred_probs)}")
    scores = rank.get_label_quality_scores(given, pred_probs, method="normalized_margin")
    worst = np.argsort(scores)[: wrong.sum()]
    print(f"of the {wrong.sum()} worst-scored rows, {wrong[worst].sum()} are wrong")


def filter_only():
    pred_probs = np.array(
        [
            [0.92, 0.06, 0.02],
            [0.85, 0.10, 0.05],
            [0.04, 0.93, 0.03],
            [0.10, 0.80, 0.10],
            [0.12, 0.85, 0.03],
            [0.02, 0.03, 0.95],
            [0.05, 0.05, 0.90],
            [0.96, 0.02, 0.02],
        ]
    )
    given = np.array([0, 0, 1, 1, 0, 2, 2, 2])
    for method in reference_cases.FILTER_BY:
        found = np.where(filter.find_label_issues(given, pred_probs, filter_by=method, n_jobs=1))[0]
        print(f"{method:<24} flags rows {[int(row) for row in found]}")


def main():
    assert cleanlab.__version__ == "2.9.0"
    folder = pathlib.Path(__file__).resolve().parents[3] / "examples"
    folder = (pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else folder) / "tests/expected"
    for example in (count_and_rank, filter_only):
        with (folder / f"{example.__name__}.txt").open("w") as sys.stdout:
            example()


if __name__ == "__main__":
    main()
