"""find_label_issues beside cleanlab's, with each of its seven methods."""

import made_data
import numpy as np
from interleaved import DEFAULT_JOBS, MEMORY_PASSES, ONE_JOB, DataSet, Row, main, same

METHODS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]


def find_label_issues(arrays, method, n_jobs):
    from cleanlab.filter import find_label_issues

    return find_label_issues(arrays.labels, arrays.pred_probs, filter_by=method, n_jobs=n_jobs)


def data_sets():
    shapes = [
        (50_000, 10, np.float64, 40),
        (1_000_000, 10, np.float64, 40),
        (200_000, 100, np.float64, 40),
        (100_000, 1000, np.float64, 20),
        (100_000, 1000, np.float32, 20),
    ]
    for n, k, dtype, ratio in shapes:
        rows = [
            Row(
                f"`{method}`",
                "labels.find_label_issues",
                method,
                peers=[ONE_JOB, DEFAULT_JOBS],
                target={"ratio": ratio, "limit": 4, "memory": 0.05},
                limit=MEMORY_PASSES,
                agreement=same,
            )
            for method in METHODS
        ]
        name = f"{n:,} × {k:,}, {np.dtype(dtype).name.replace('float', 'f')}"
        yield DataSet(
            name, lambda n=n, k=k, dtype=dtype: made_data.class_labels(n, k, dtype), rows, quick=n == 50_000
        )


if __name__ == "__main__":
    calls = {"imports": ["cleanlab.filter"], "labels.find_label_issues": find_label_issues}
    main("labels", __doc__, __file__, calls, data_sets)
