"""Confident thresholds, confident joint, number of label issues and the summary of a data set's health, beside
cleanlab's."""

import made_data
import numpy as np
from interleaved import MEMORY_PASSES, DataSet, Peer, Row, main, same, within

# These functions of cleanlab have no `n_jobs`; the last uses threads of its linear algebra, which has nothing to do.
CLEANLAB = [Peer("cleanlab")]
SHAPES = [
    (50_000, 10, np.float64),
    (1_000_000, 10, np.float64),
    (200_000, 100, np.float64),
    (100_000, 1000, np.float64),
]


def get_confident_thresholds(arrays, _):
    from cleanlab.count import get_confident_thresholds

    return get_confident_thresholds(arrays.labels, arrays.pred_probs)


def compute_confident_joint(arrays, _):
    from cleanlab.count import compute_confident_joint

    return compute_confident_joint(arrays.labels, arrays.pred_probs)


def num_label_issues(arrays, _):
    from cleanlab.count import num_label_issues

    return np.array([num_label_issues(arrays.labels, arrays.pred_probs)])


def health_summary(arrays, _):
    from cleanlab.dataset import health_summary

    summary = health_summary(arrays.labels, arrays.pred_probs, verbose=False)
    return {"values": np.append(summary["overall_label_health_score"], summary["joint"].ravel())}


CALLS = {
    f"labels.{function.__name__}": function
    for function in (get_confident_thresholds, compute_confident_joint, num_label_issues, health_summary)
}


def data_sets():
    for n, k, dtype in SHAPES:
        rows = [
            Row(
                f"`{call.removeprefix('labels.')}`",
                call,
                peers=CLEANLAB,
                target={"ratio": 40, "limit": 3, "memory": 0.05},
                limit=MEMORY_PASSES,
                agreement=same if call.endswith(("_joint", "_issues")) else within(1e-12),
            )
            for call in CALLS
        ]
        yield DataSet(
            f"{n:,} × {k:,}, {np.dtype(dtype).name.replace('float', 'f')}",
            lambda n=n, k=k, dtype=dtype: made_data.class_labels(n, k, dtype),
            rows,
            quick=n == 50_000,
        )


if __name__ == "__main__":
    calls = {"imports": ["cleanlab.count", "cleanlab.dataset"], **CALLS}
    main("counts", __doc__, __file__, calls, data_sets)
