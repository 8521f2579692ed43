"""The functions for sets of classes beside cleanlab's, on the same lists and arrays."""

import made_data
import numpy as np
from compare_labels import METHODS
from interleaved import DEFAULT_JOBS, ONE_JOB, DataSet, Peer, Row, main, same, within

TARGET = {"ratio": 40}
MODULES = ["filter", "multilabel_classification.filter", "multilabel_classification.rank"]


def prepare(arrays):
    arrays.labels = [np.flatnonzero(row).tolist() for row in arrays.onehot]


def find_label_issues(arrays, method, n_jobs):
    from cleanlab.filter import find_label_issues

    return find_label_issues(arrays.labels, arrays.pred_probs, filter_by=method, multi_label=True, n_jobs=n_jobs)


def find_label_issues_ranked(arrays, method, n_jobs):
    from cleanlab.filter import find_label_issues

    ranked = "self_confidence"
    return find_label_issues(
        arrays.labels,
        arrays.pred_probs,
        filter_by=method,
        multi_label=True,
        n_jobs=n_jobs,
        return_indices_ranked_by=ranked,
    )


def find_multilabel_issues_per_class(arrays, method, n_jobs):
    from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class

    return find_multilabel_issues_per_class(arrays.labels, arrays.pred_probs, filter_by=method, n_jobs=n_jobs)


def get_label_quality_scores(arrays, _):
    from cleanlab.multilabel_classification.rank import get_label_quality_scores

    return get_label_quality_scores(arrays.labels, arrays.pred_probs)


def rows(dtype, methods):
    jobs = [ONE_JOB, DEFAULT_JOBS]
    for method in methods:
        yield Row(
            f"`{method}`", "multilabel.find_label_issues", method, peers=jobs, target=TARGET, agreement=same
        )
    for work, call in [
        ("`prune_by_noise_rate`, ranked", "multilabel.find_label_issues_ranked"),
        ("`prune_by_noise_rate` per class", "multilabel.find_multilabel_issues_per_class"),
    ]:
        yield Row(work, call, "prune_by_noise_rate", peers=jobs, agreement=same)
    # From f32 cleanlab computes these in f32.
    tolerance = 1e-12 if dtype == np.float64 else 1e-6
    yield Row(
        "scores", "multilabel.get_label_quality_scores", peers=[Peer("cleanlab")], agreement=within(tolerance)
    )


def data_sets():
    for n, k, dtype, methods in [
        (50_000, 20, np.float64, METHODS),
        (50_000, 20, np.float32, METHODS),
        (200_000, 100, np.float32, METHODS[:1]),
    ]:
        yield DataSet(
            f"{n:,} × {k}, {np.dtype(dtype).name.replace('float', 'f')}",
            lambda n=n, k=k, dtype=dtype: made_data.class_sets(n, k, dtype),
            list(rows(dtype, methods)),
            quick=dtype == np.float64,
        )


CALLS = {
    "imports": [f"cleanlab.{module}" for module in MODULES],
    "prepare": prepare,
    "multilabel.find_label_issues": find_label_issues,
    "multilabel.find_label_issues_ranked": find_label_issues_ranked,
    "multilabel.find_multilabel_issues_per_class": find_multilabel_issues_per_class,
    "multilabel.get_label_quality_scores": get_label_quality_scores,
}

if __name__ == "__main__":
    main("multilabel", __doc__, __file__, CALLS, data_sets)
