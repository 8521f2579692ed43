"""Noise matrices and noisy labels beside cleanlab's, drawn from the same seed."""

import numpy as np
from interleaved import DataSet, Peer, Row, main, same, within

CLEANLAB = [Peer("cleanlab")]
TARGET = {"ratio": 10}


def generate_noise_matrix_from_trace(_, n_classes):
    from cleanlab.benchmarking.noise_generation import generate_noise_matrix_from_trace

    k = int(n_classes)
    return generate_noise_matrix_from_trace(k, 0.8 * k, py=np.full(k, 1 / k), seed=0)


def generate_noisy_labels(arrays, _):
    from cleanlab.benchmarking.noise_generation import generate_noisy_labels

    np.random.seed(0)
    return generate_noisy_labels(arrays.labels, arrays.noise_matrix)


def noisy(n, k):
    rng = np.random.default_rng(0)
    matrix = rng.dirichlet(np.ones(k), k).T * 0.2 + 0.8 * np.eye(k)
    return {"labels": rng.integers(0, k, n), "noise_matrix": matrix}


def data_sets():
    for k in (10, 100, 1000):
        work = Row(
            "`generate_noise_matrix_from_trace`",
            "noise.generate_noise_matrix_from_trace",
            str(k),
            peers=CLEANLAB,
            target=TARGET,
            agreement=within(1e-12),
            memory=False,
        )
        yield DataSet(f"{k:,} classes", dict, [work], inputs=(), quick=k == 10)
    for n, k in [(50_000, 10), (1_000_000, 10), (1_000_000, 100)]:
        work = Row(
            "`generate_noisy_labels`",
            "noise.generate_noisy_labels",
            peers=CLEANLAB,
            target=TARGET,
            agreement=same,
        )
        yield DataSet(
            f"{n:,} labels of {k} classes", lambda n=n, k=k: noisy(n, k), [work], inputs=("labels",), quick=n == 50_000
        )


CALLS = {
    "imports": ["cleanlab.benchmarking.noise_generation"],
    "noise.generate_noise_matrix_from_trace": generate_noise_matrix_from_trace,
    "noise.generate_noisy_labels": generate_noisy_labels,
}

if __name__ == "__main__":
    main("noise", __doc__, __file__, CALLS, data_sets)
