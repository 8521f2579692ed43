"""Data sets with a set of classes per row: counts, scores, filters and health, one class against the rest.

Beside what `reference_cases.py` corrects, pandas sorts stably here, and the rows that the two `low_*` methods flag are
ranked by their own scores: cleanlab pairs the ranks of ascending rows with rows in order of another score.
"""

from reference_cases import FILTER_BY, SCORES, main, rank

import numpy as np
import pandas as pd
from cleanlab import count, filter
from cleanlab.internal import multilabel_scorer, multilabel_utils
from cleanlab.multilabel_classification import dataset
from cleanlab.multilabel_classification import filter as multilabel_filter
from cleanlab.multilabel_classification import rank as multilabel_rank

ClassLabelScorer = multilabel_scorer.ClassLabelScorer
# The enum took cleanlab's own function before it was corrected.
ClassLabelScorer.CONFIDENCE_WEIGHTED_ENTROPY.value.f = rank.get_confidence_weighted_entropy_for_each_label

_sort_values = pd.DataFrame.sort_values


def _stable_sort_values(self, by, **kwargs):
    return _sort_values(self, by, **{**kwargs, "kind": "stable"})


pd.DataFrame.sort_values = _stable_sort_values
# The functions of `dataset` do not pass `n_jobs` on; a pool of processes for each class would take most of the time.
filter.psutil_exists = False
filter.multiprocessing.cpu_count = lambda: 1


def random_size(rng, golden):
    if golden:
        return int(rng.integers(2, 25))
    kind = rng.random()
    if kind < 0.08:
        return int(rng.integers(1, 6))
    if kind < 0.95:
        return int(np.exp(rng.uniform(np.log(5), np.log(1500))))
    return int(np.exp(rng.uniform(np.log(1500), np.log(20000))))


def random_data(rng, golden):
    n = random_size(rng, golden)
    k = int(rng.integers(1, 5)) if golden else int(rng.choice([1, 2, 3, 5, 8, 20, 70], p=[0.05, 0.2, 0.22, 0.22, 0.2, 0.08, 0.03]))
    if n * k > 40_000:
        k = max(2, 40_000 // n)
    true = rng.random((n, k)) < rng.choice([0.02, 0.15, 0.5, 0.9])
    style = rng.choice(["uniform", "peaked", "ties", "coarse", "extreme", "edges", "half", "equal"],
                       p=[0.1, 0.3, 0.15, 0.12, 0.1, 0.1, 0.08, 0.05])
    p = rng.random((n, k))
    if style in ("peaked", "edges"):
        weight = rng.uniform(0.2, 0.95)
        p = (1 - weight) * p + weight * true
    elif style == "ties":
        p = np.clip(rng.integers(-2, 5, (n, k)) + 4 * true + rng.integers(0, 2, (n, k)), 0, 8) / 8.0
    elif style == "coarse":
        p = np.round(np.clip(0.6 * p + 0.4 * true, 0, 1) * 20) / 20
    elif style == "extreme":
        near = rng.choice([0, 1e-300, 1e-16, 1e-12, 1e-9, 1e-7], (n, k))
        p = np.where(true, 1 - near, near)
    elif style == "half":
        p = 0.5 + rng.choice([-1e-6, -5e-7, -1e-16, 0, 1.2e-16, 5e-7, 1e-6, 2e-6], (n, k))
    elif style == "equal":
        p = np.full((n, k), rng.choice([0.0, 0.3, 0.5, 1.0]))
    if style == "edges":
        p = np.clip(p + rng.choice([-9e-7, 0, 9e-7], (n, k)), -9e-7, 1 + 9e-7)
    onehot = np.where(rng.random((n, k)) < rng.choice([0.0, 0.05, 0.2, 0.5]), ~true, true)
    shape = rng.random()
    if shape < 0.2:  # classes that never occur, or always
        onehot[:, rng.random(k) < 0.3] = False
        onehot[:, rng.random(k) < 0.15] = True
    elif shape < 0.3:  # a class of a single row
        only = int(rng.integers(0, k))
        onehot[:, only] = False
        onehot[int(rng.integers(0, n)), only] = True
    onehot[rng.random(n) < rng.choice([0.0, 0.1])] = False  # rows without any class
    single = bool(rng.random() < 0.25)
    if single:
        p = np.clip(p.astype(np.float32), np.float32(-9e-7), np.float32(1 + 8e-7))
    return onehot, p, single


def ragged(lists):
    """Lists as their lengths and their values one after another."""
    lengths = np.array([len(entries) for entries in lists])
    values = np.concatenate([np.asarray(entries, dtype=np.int64) for entries in lists] or [np.zeros(0, dtype=np.int64)])
    return {"lengths": lengths, "values": values}


def count_checks(write, rng, labels, onehot, p, own):
    k = p.shape[1]
    write.attempt("multilabel.get_confident_thresholds",
                  lambda: count.get_confident_thresholds(labels, p, multi_label=True))
    given = np.round(rng.random(2), 3)
    for calibrate in (True, False):
        for value in (None, given):
            write.attempt(
                "multilabel.compute_confident_joint",
                lambda: count.compute_confident_joint(labels, p, thresholds=value, calibrate=calibrate, multi_label=True),
                calibrate=calibrate, **({} if value is None else {"thresholds": value}),
            )
    write.attempt(
        "multilabel.off_diagonal_rows",
        lambda: ragged(count.compute_confident_joint(
            labels, p, calibrate=False, multi_label=True, return_indices_of_off_diagonals=True
        )[1]),
    )
    if onehot.any(axis=0).all():  # cleanlab counts only the classes that occur
        write.attempt("multilabel.calibrate_confident_joint",
                      lambda: count.calibrate_confident_joint(own, labels, multi_label=True), confident_joint=own)
    write.attempt("multilabel.estimate_joint", lambda: count.estimate_joint(labels, p, multi_label=True))
    write.attempt("multilabel.estimate_joint",
                  lambda: count.estimate_joint(labels, p, confident_joint=own, multi_label=True), confident_joint=own)
    write.attempt("multilabel.num_label_issues", lambda: int(count.num_label_issues(labels, p, multi_label=True)))
    write.attempt("multilabel.multilabel_py", lambda: multilabel_scorer.multilabel_py(onehot.astype(int)))
    write.attempt("multilabel.stack_complement", lambda: multilabel_utils.stack_complement(p[:, 0]))
    write.attempt("multilabel.onehot2int", lambda: ragged(multilabel_utils.onehot2int(onehot.astype(int))))
    write.attempt("multilabel.int2onehot", lambda: multilabel_utils.int2onehot(labels, K=k))


def aggregators(rng):
    return [
        ("default", {}),
        ("ema", {"alpha": round(float(rng.random()), 3)}),
        ("ema", {"alpha": None}),
        ("softmin", {"temperature": float(rng.choice([1e-9, 0.02, 0.1, 1.0]))}),
        ("min", {}),
        ("mean", {}),
    ]


def rank_checks(write, rng, labels, p):
    kinds = aggregators(rng)
    methods = {"ema": "exponential_moving_average", "softmin": "softmin", "min": np.min, "mean": np.mean}
    for at, (method, adjust) in enumerate(SCORES):
        write.attempt(
            "multilabel.get_label_quality_scores_per_class",
            lambda: multilabel_rank.get_label_quality_scores_per_class(
                labels, p, method=method, adjust_pred_probs=adjust
            ),
            method=method, adjust=adjust,
        )
        for name, parameters in kinds if at == 0 else [kinds[0], kinds[int(rng.integers(1, len(kinds)))]]:
            kwargs = {} if name == "default" else {"aggregator_kwargs": {"method": methods[name], **parameters}}
            write.attempt(
                "multilabel.get_label_quality_scores",
                lambda: multilabel_rank.get_label_quality_scores(
                    labels, p, method=method, adjust_pred_probs=adjust, **kwargs
                ),
                method=method, adjust=adjust, aggregator=name, **parameters,
            )
    scores = np.round(rng.random((int(rng.integers(1, 12)), int(rng.integers(1, 40)))), int(rng.integers(1, 17)))
    for name, parameters in kinds[1:4]:
        write.attempt(
            "multilabel.aggregate",
            lambda: multilabel_scorer.Aggregator(methods[name], **parameters)(scores),
            scores=scores, aggregator=name, **parameters,
        )


def scores_of(labels, p, method, adjust):
    scorer = multilabel_scorer.MultilabelScorer(base_scorer=ClassLabelScorer.from_str(method))
    onehot = multilabel_utils.int2onehot(labels, K=p.shape[1])
    return multilabel_scorer.get_label_quality_scores(
        onehot, p, method=scorer, base_scorer_kwargs={"adjust_pred_probs": adjust}
    )


def filter_checks(write, rng, labels, onehot, p, own):
    n = len(labels)
    find, per_class = multilabel_filter.find_label_issues, multilabel_filter.find_multilabel_issues_per_class
    for filter_by in FILTER_BY:
        options = [{}]
        if filter_by in ("prune_by_noise_rate", "prune_by_class", "both"):
            options += [
                {"frac_noise": round(float(rng.random()), 2)},
                {"min_examples_per_class": int(rng.integers(0, 12))},
                {"confident_joint": own, "frac_noise": round(float(rng.random()), 2),
                 "min_examples_per_class": int(rng.integers(0, 4))},
                {"num_to_remove_per_class": [int(rng.integers(0, c + 1)) for c in onehot.sum(axis=0)]},
            ]
        for chosen in options:
            write.attempt("multilabel.find_label_issues",
                          lambda: np.asarray(find(labels, p, filter_by=filter_by, n_jobs=1, **chosen)),
                          filter_by=filter_by, **chosen)
            write.attempt("multilabel.find_multilabel_issues_per_class",
                          lambda: per_class(labels, p, filter_by=filter_by, n_jobs=1, **chosen),
                          filter_by=filter_by, **chosen)
        method, adjust = SCORES[int(rng.integers(0, len(SCORES)))]
        ranking = {"return_indices_ranked_by": method, "rank_by_kwargs": {"adjust_pred_probs": adjust}}

        def ranked():
            if filter_by.startswith("low"):
                rows = np.flatnonzero(find(labels, p, filter_by=filter_by, n_jobs=1))
                return rows[np.argsort(scores_of(labels, p, method, adjust)[rows])]
            return np.asarray(find(labels, p, filter_by=filter_by, n_jobs=1, **ranking), dtype=np.int64)

        write.attempt("multilabel.find_label_issues_ranked", ranked, filter_by=filter_by, method=method, adjust=adjust)
        method, adjust = SCORES[int(rng.integers(0, 2))]
        ranking_per_class = {"return_indices_ranked_by": method, "rank_by_kwargs": {"adjust_pred_probs": adjust}}
        write.attempt(
            "multilabel.find_multilabel_issues_per_class_ranked",
            lambda: ragged(per_class(labels, p, filter_by=filter_by, n_jobs=1, **ranking_per_class)[0]),
            filter_by=filter_by, method=method, adjust=adjust,
        )
    write.attempt("multilabel.find_predicted_neq_given",
                  lambda: filter.find_predicted_neq_given(labels, p, multi_label=True))


def common(frame):
    return {
        "class_index": frame["Class Index"].to_numpy(dtype=np.int64),
        "in_given_label": frame["In Given Label"].to_numpy(dtype=bool),
        "in_suggested_label": frame["In Suggested Label"].to_numpy(dtype=bool),
        "num_examples": frame["Num Examples"].to_numpy(dtype=np.int64),
        "issue_probability": frame["Issue Probability"].to_numpy(dtype=np.float64),
    }


def classes(frame):
    return {
        "class_index": frame["Class Index"].to_numpy(dtype=np.int64),
        "label_issues": frame["Label Issues"].to_numpy(dtype=np.int64),
        "inverse_label_issues": frame["Inverse Label Issues"].to_numpy(dtype=np.int64),
        "label_noise": frame["Label Noise"].to_numpy(dtype=np.float64),
        "inverse_label_noise": frame["Inverse Label Noise"].to_numpy(dtype=np.float64),
        "label_quality_score": frame["Label Quality Score"].to_numpy(dtype=np.float64),
    }


def dataset_checks(write, labels, p, own):
    for chosen in ({}, {"confident_joint": own}):
        write.attempt("multilabel.common_multilabel_issues",
                      lambda: common(dataset.common_multilabel_issues(labels, p, **chosen)), **chosen)
        joint = {"joint": own} if chosen else {}
        write.attempt("multilabel.rank_classes_by_multilabel_quality",
                      lambda: classes(dataset.rank_classes_by_multilabel_quality(labels, p, **joint)), **chosen)
        write.attempt("multilabel.overall_multilabel_health_score",
                      lambda: float(dataset.overall_multilabel_health_score(labels, p, **chosen)), **chosen)

    def summary():
        found = dataset.multilabel_health_summary(labels, p, verbose=False)
        return {
            "overall": float(found["overall_multilabel_health_score"]),
            **{f"class_{key}": value for key, value in classes(found["classes_by_multilabel_quality"]).items()},
            **{f"common_{key}": value for key, value in common(found["common_multilabel_issues"]).items()},
        }

    write.attempt("multilabel.multilabel_health_summary", summary)


def write_case(write, rng, golden):
    onehot, pred_probs, single = random_data(rng, golden)
    onehot, pred_probs = write.kept_columns(*write.kept_rows(onehot, pred_probs))
    write.input("onehot", onehot)
    write.input("pred_probs", pred_probs)
    write.case["dtype"] = "f32" if single else "f64"
    # cleanlab computes in float32, so it gets the same numbers widened.
    p = pred_probs.astype(np.float64)
    labels = [np.flatnonzero(row).tolist() for row in onehot]
    own = rng.integers(0, 12, (p.shape[1], 2, 2)) * (rng.random((p.shape[1], 2, 2)) < 0.8)
    own += rng.integers(0, 30, (p.shape[1], 1, 1)) * np.eye(2, dtype=np.int64)
    count_checks(write, rng, labels, onehot, p, own)
    rank_checks(write, rng, labels, p)
    filter_checks(write, rng, labels, onehot, p, own)
    dataset_checks(write, labels, p, own)


if __name__ == "__main__":
    main(__doc__, "multilabel", write_case)
