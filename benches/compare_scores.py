"""Label quality scores of one model and of an ensemble of five, beside cleanlab's."""

import made_data
import numpy as np
from interleaved import MEMORY_PASSES, DataSet, Peer, Row, main, within

CLEANLAB = [Peer("cleanlab")]
SCORES = [
    "self_confidence",
    "normalized_margin",
    "confidence_weighted_entropy",
    "self_confidence adjusted",
    "normalized_margin adjusted",
]
# A bound of its own, as logarithms cost more than reading.
SECONDS_PER_PROBABILITY = 2e-9


def get_label_quality_scores(arrays, argument):
    from cleanlab.rank import get_label_quality_scores

    method, _, adjusted = argument.partition(" ")
    return get_label_quality_scores(
        arrays.labels, arrays.pred_probs, method=method, adjust_pred_probs=bool(adjusted)
    )


def get_label_quality_ensemble_scores(arrays, _):
    from cleanlab.rank import get_label_quality_ensemble_scores

    return get_label_quality_ensemble_scores(arrays.labels, arrays.members, verbose=False)


def row(score, n, k):
    entropy = score == "confidence_weighted_entropy"
    return Row(
        f"`{score.split()[0]}`{' adjusted' * score.endswith(' adjusted')}",
        "labels.get_label_quality_scores",
        score,
        peers=CLEANLAB,
        target={"ratio": 15, "limit": 1} if entropy else {"ratio": 30, "limit": 3, "memory": 0.05},
        limit="2 ns per probability" if entropy else MEMORY_PASSES,
        limit_seconds=SECONDS_PER_PROBABILITY * n * k if entropy else None,
        agreement=within(1e-12),
    )


def data_sets():
    for n, k in [(50_000, 10), (1_000_000, 10), (200_000, 100), (100_000, 1000)]:
        yield DataSet(
            f"{n:,} × {k:,}, f64",
            lambda n=n, k=k: made_data.class_labels(n, k, np.float64),
            [row(score, n, k) for score in SCORES],
            quick=n == 50_000,
        )
    ensemble = Row(
        "ensemble of 5 by accuracy",
        "labels.get_label_quality_ensemble_scores",
        peers=CLEANLAB,
        target={"ratio": 30, "limit": 3, "memory": 0.05},
        limit=MEMORY_PASSES,
        agreement=within(1e-12),
    )
    for n, k in [(50_000, 10), (1_000_000, 10), (100_000, 100)]:
        yield DataSet(
            f"5 of {n:,} × {k:,}, f64",
            lambda n=n, k=k: made_data.class_labels(n, k, np.float64, members=5),
            [ensemble],
            inputs=("member",),
            quick=n == 50_000,
        )


CALLS = {
    "imports": ["cleanlab.rank"],
    "labels.get_label_quality_scores": get_label_quality_scores,
    "labels.get_label_quality_ensemble_scores": get_label_quality_ensemble_scores,
}

if __name__ == "__main__":
    main("scores", __doc__, __file__, CALLS, data_sets)
