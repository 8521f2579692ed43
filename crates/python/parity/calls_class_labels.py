"""Calls on data with one label a row: count, filter, rank, dataset, noise generation, and the batched filter."""

import numpy as np

from cases import Case, Words, call, calls
from random_data import (
    FILTER_BY,
    PRUNING,
    SCORES,
    chance,
    class_labels,
    class_names,
    class_sets,
    joint_counts,
    noise_matrix,
    one_of,
    pick,
    probabilities,
)


def by_scores(method, adjust):
    """Judges rankings by the last bits of a logarithm or a sum: the same rows, and scores within 1e-12 of each other."""

    def judge(case, theirs, ours):
        from cleanlab.rank import get_label_quality_scores

        theirs, ours = np.asarray(theirs), np.asarray(ours)
        if theirs.dtype != ours.dtype or not np.array_equal(np.sort(theirs), np.sort(ours)):
            return False
        labels = np.asarray(case.inputs["labels"])
        p = np.asarray(case.inputs["pred_probs"], dtype=float)
        if "float32" in case.prelude:
            p = p.astype(np.float32).astype(float)
        scores = get_label_quality_scores(labels, p, method=method, adjust_pred_probs=adjust)
        return bool(np.all(np.abs(scores[theirs] - scores[ours]) <= 1e-12))

    return judge


def score_options(rng):
    method = pick(rng, SCORES)
    adjust = method != "confidence_weighted_entropy" and chance(rng, 0.4)
    return method, adjust


@calls("filter.find_label_issues", weight=4)
def find_label_issues(rng):
    labels, p = class_labels(rng)
    k = p.shape[1]
    filter_by = pick(rng, FILTER_BY)
    options = {"filter_by": filter_by}
    ranking = None
    if chance(rng, 0.4):
        method, adjust = score_options(rng)
        options["return_indices_ranked_by"] = method
        if adjust or chance(rng, 0.3):
            options["rank_by_kwargs"] = {"adjust_pred_probs": adjust}
        ranking = by_scores(method, adjust)
    options |= one_of(
        rng,
        {
            "frac_noise": lambda: round(float(rng.random()), 2),
            "min_examples_per_class": lambda: int(rng.integers(0, 6)),
            "n_jobs": lambda: 1,
        },
    )
    if filter_by in PRUNING and chance(rng, 0.2):
        options["num_to_remove_per_class"] = [int(rng.integers(0, c + 1)) for c in np.bincount(labels, minlength=k)]
    if chance(rng, 0.2):
        options["confident_joint"] = joint_counts(rng, k)
    return call("filter.find_label_issues", {"labels": labels, "pred_probs": p}, options, ranking=ranking)


@calls("filter.find_predicted_neq_given")
def find_predicted_neq_given(rng):
    labels, p = class_labels(rng)
    return call("filter.find_predicted_neq_given", {"labels": labels, "pred_probs": p})


@calls("filter.find_label_issues_using_argmax_confusion_matrix")
def find_label_issues_using_argmax_confusion_matrix(rng):
    labels, p = class_labels(rng, plain=True)
    options = one_of(rng, {"calibrate": lambda: chance(rng, 0.5), "filter_by": lambda: pick(rng, FILTER_BY)})
    path = "filter.find_label_issues_using_argmax_confusion_matrix"
    return call(path, {"labels": labels, "pred_probs": p}, options)


@calls("filter.find_label_issues", "filter.find_predicted_neq_given", "count.compute_confident_joint",
       "count.get_confident_thresholds", "count.num_label_issues", "count.estimate_joint", "count.calibrate_confident_joint")
def forms_for_sets_of_classes(rng):
    labels, _, p = class_sets(rng, plain=True)
    path = pick(rng, forms_for_sets_of_classes.names)
    if path == "count.calibrate_confident_joint":
        counts = rng.integers(1, 30, (p.shape[1], 2, 2))
        return call(path, {"confident_joint": counts, "labels": labels}, {"multi_label": True})
    return call(path, {"labels": labels, "pred_probs": p}, {"multi_label": True})


# count


@calls("count.get_confident_thresholds")
def get_confident_thresholds(rng):
    labels, p = class_labels(rng)
    return call("count.get_confident_thresholds", {"labels": labels, "pred_probs": p})


@calls("count.compute_confident_joint", weight=2)
def compute_confident_joint(rng):
    labels, p = class_labels(rng)
    options = one_of(
        rng,
        {
            "thresholds": lambda: np.round(rng.random(p.shape[1]), 3),
            "calibrate": lambda: chance(rng, 0.5),
            "return_indices_of_off_diagonals": lambda: chance(rng, 0.5),
        },
    )
    return call("count.compute_confident_joint", {"labels": labels, "pred_probs": p}, options)


@calls("count.num_label_issues")
def num_label_issues(rng):
    labels, p = class_labels(rng)
    method = pick(rng, ["off_diagonal", "off_diagonal_calibrated", "off_diagonal_custom"])
    options = {"estimation_method": method}
    if method == "off_diagonal_custom" or chance(rng, 0.2):
        options["confident_joint"] = joint_counts(rng, p.shape[1])
    return call("count.num_label_issues", {"labels": labels, "pred_probs": p}, options)


@calls("count.calibrate_confident_joint")
def calibrate_confident_joint(rng):
    labels, p = class_labels(rng, plain=chance(rng, 0.7))
    return call("count.calibrate_confident_joint", {"confident_joint": joint_counts(rng, p.shape[1]), "labels": labels})


@calls("count.estimate_joint")
def estimate_joint(rng):
    labels, p = class_labels(rng)
    arguments = {"labels": labels, "pred_probs": p}
    options = {}
    if chance(rng, 0.5):
        options["confident_joint"] = joint_counts(rng, p.shape[1])
        if chance(rng, 0.3):
            arguments["labels"] = Words("None")
    return call("count.estimate_joint", arguments, options)


METHODS = ["cnt", "eqn", "marginal", "marginal_ps"]


@calls("count.estimate_latent")
def estimate_latent(rng):
    labels, p = class_labels(rng, plain=True)
    counts = joint_counts(rng, p.shape[1], least=30)
    options = one_of(
        rng, {"py_method": lambda: pick(rng, METHODS), "converge_latent_estimates": lambda: chance(rng, 0.5)}
    )
    return call("count.estimate_latent", {"confident_joint": counts, "labels": labels}, options, tolerance=1e-11)


@calls("count.estimate_py_and_noise_matrices_from_probabilities")
def estimate_py_and_noise_matrices_from_probabilities(rng):
    labels, p = class_labels(rng, plain=True)
    options = one_of(
        rng,
        {
            "thresholds": lambda: np.round(0.5 * rng.random(p.shape[1]), 3),
            "converge_latent_estimates": lambda: chance(rng, 0.5),
            "py_method": lambda: pick(rng, ["cnt", "marginal", "marginal_ps"]),
            "calibrate": lambda: chance(rng, 0.5),
        },
    )
    path = "count.estimate_py_and_noise_matrices_from_probabilities"
    return call(path, {"labels": labels, "pred_probs": p}, options, tolerance=1e-11)


# rank


@calls("rank.get_label_quality_scores", weight=2)
def get_label_quality_scores(rng):
    labels, p = class_labels(rng)
    method, adjust = score_options(rng)
    options = {"method": method} | ({"adjust_pred_probs": adjust} if chance(rng, 0.7) else {})
    return call("rank.get_label_quality_scores", {"labels": labels, "pred_probs": p}, options)


@calls("rank.get_self_confidence_for_each_label", "rank.get_normalized_margin_for_each_label",
       "rank.get_confidence_weighted_entropy_for_each_label", weight=2)
def scores_for_each_label(rng):
    labels, p = class_labels(rng)
    return call(pick(rng, scores_for_each_label.names), {"labels": labels, "pred_probs": p})


@calls("rank.get_label_quality_ensemble_scores", weight=2)
def get_label_quality_ensemble_scores(rng):
    labels, p = class_labels(rng, plain=True)
    members = [p] + [probabilities(rng, *p.shape, plain=True)[0] for _ in range(int(rng.integers(1, 3)))]
    method, adjust = score_options(rng)
    weighting = pick(rng, ["accuracy", "uniform", "log_loss_search", "custom"])
    options = {"method": method, "adjust_pred_probs": adjust, "weight_ensemble_members_by": weighting}
    if weighting == "custom":
        options["custom_weights"] = rng.random(len(members))
    options |= one_of(rng, {"verbose": lambda: chance(rng, 0.5)})
    arguments = {"labels": labels, "pred_probs_list": members}
    return call("rank.get_label_quality_ensemble_scores", arguments, options, tolerance=1e-11)


@calls("rank.find_top_issues")
def find_top_issues(rng):
    scores = np.round(rng.random(int(rng.integers(1, 60))), pick(rng, [1, 6]))
    return call("rank.find_top_issues", {"quality_scores": scores}, one_of(rng, {"top": lambda: int(rng.integers(0, 70))}))


@calls("rank.order_label_issues")
def order_label_issues(rng):
    labels, p = class_labels(rng)
    mask = rng.random(len(labels)) < 0.4
    method, adjust = score_options(rng)
    options = {"rank_by": method, "rank_by_kwargs": {"adjust_pred_probs": adjust}}
    arguments = {"label_issues_mask": mask, "labels": labels, "pred_probs": p}
    return call("rank.order_label_issues", arguments, options, ranking=by_scores(method, adjust))


# dataset


def health_source(rng):
    labels, p = class_labels(rng, plain=True)
    k, n = p.shape[1], len(labels)
    counts = joint_counts(rng, k)
    source = pick(rng, ["probabilities", "probabilities", "confident joint", "joint", "both"])
    if source == "probabilities":
        return k, {"*labels": labels, "*pred_probs": p}
    if source == "confident joint":
        return k, {"*labels": labels, "*confident_joint": counts}
    if source == "joint":
        return k, {"*joint": counts / counts.sum(), "*num_examples": n}
    return k, {"*labels": labels, "*pred_probs": p, "*confident_joint": counts}


@calls("dataset.rank_classes_by_label_quality")
def rank_classes_by_label_quality(rng):
    k, source = health_source(rng)
    return call("dataset.rank_classes_by_label_quality", source, {"class_names": class_names(rng, k)})


@calls("dataset.find_overlapping_classes")
def find_overlapping_classes(rng):
    k, source = health_source(rng)
    options = {"class_names": class_names(rng, k)} | one_of(rng, {"asymmetric": lambda: chance(rng, 0.5)})
    return call("dataset.find_overlapping_classes", source, options)


@calls("dataset.overall_label_health_score")
def overall_label_health_score(rng):
    _, source = health_source(rng)
    return call("dataset.overall_label_health_score", source, one_of(rng, {"verbose": lambda: chance(rng, 0.5)}))


@calls("dataset.health_summary")
def health_summary(rng):
    k, source = health_source(rng)
    options = {"class_names": class_names(rng, k)}
    options |= one_of(rng, {"asymmetric": lambda: chance(rng, 0.5), "verbose": lambda: chance(rng, 0.5)})
    return call("dataset.health_summary", source, options)


# benchmarking.noise_generation

NOISE = "benchmarking.noise_generation"


@calls(f"{NOISE}.noise_matrix_is_valid")
def noise_matrix_is_valid(rng):
    k = int(rng.integers(2, 6))
    matrix = noise_matrix(rng, k) if chance(rng, 0.5) else rng.dirichlet(np.ones(k), k).T
    options = one_of(rng, {"verbose": lambda: chance(rng, 0.5)})
    return call(f"{NOISE}.noise_matrix_is_valid", {"noise_matrix": matrix, "py": rng.dirichlet(np.ones(k))}, options)


@calls(f"{NOISE}.generate_noisy_labels")
def generate_noisy_labels(rng):
    k = int(rng.integers(2, 6))
    true = np.concatenate([np.repeat(np.arange(k), 4), rng.integers(0, k, int(rng.integers(0, 200)))])
    return call(f"{NOISE}.generate_noisy_labels", {"true_labels": true, "noise_matrix": noise_matrix(rng, k)})


@calls(f"{NOISE}.generate_noise_matrix_from_trace", weight=2)
def generate_noise_matrix_from_trace(rng):
    k = int(rng.integers(2, 7))
    trace = round(float(rng.uniform(max(0.55 * k, 1.1), 0.95 * k)), 3)
    options = {"py": rng.dirichlet(np.full(k, 20.0)), "max_iter": 100} | one_of(
        rng,
        {
            "valid_noise_matrix": lambda: chance(rng, 0.5),
            "frac_zero_noise_rates": lambda: pick(rng, [0.0, 0.2, 0.4]),
            "seed": lambda: pick(rng, [0, 7, 2**32 - 1]),
            "max_noise_rate": lambda: 0.9,
            "min_noise_rate": lambda: 0.0001,
        },
    )
    return call(f"{NOISE}.generate_noise_matrix_from_trace", {"K": k, "trace": trace}, options)


@calls(f"{NOISE}.generate_n_rand_probabilities_that_sum_to_m")
def generate_n_rand_probabilities_that_sum_to_m(rng):
    n = int(rng.integers(1, 12))
    m = round(float(rng.uniform(0.1, 0.9) * n), 3)
    options = one_of(rng, {"max_prob": lambda: 0.97, "min_prob": lambda: 0.01})
    return call(f"{NOISE}.generate_n_rand_probabilities_that_sum_to_m", {"n": n, "m": m}, options)


@calls(f"{NOISE}.randomly_distribute_N_balls_into_K_bins")
def randomly_distribute_balls(rng):
    balls, bins = int(rng.integers(0, 60)), int(rng.integers(1, 9))
    options = {}
    if chance(rng, 0.4):
        options = {"max_balls_per_bin": balls // bins + 5, "min_balls_per_bin": min(1, balls // bins)}
    return call(f"{NOISE}.randomly_distribute_N_balls_into_K_bins", {"N": balls, "K": bins}, options)


# experimental.label_issues_batched

BATCHED = "experimental.label_issues_batched"


@calls(f"{BATCHED}.find_label_issues_batched", weight=2)
def find_label_issues_batched(rng):
    labels, p = class_labels(rng, plain=True)
    method, adjust = score_options(rng)
    options = {"verbose": False} | one_of(
        rng,
        {
            "batch_size": lambda: int(rng.integers(5, 300)),
            "return_mask": lambda: chance(rng, 0.5),
            "quality_score_kwargs": lambda: {"method": method},
            "num_issue_kwargs": lambda: {"estimation_method": pick(rng, ["off_diagonal", "off_diagonal_calibrated"])},
        },
    )
    arguments = {"*labels": labels, "*pred_probs": p}
    return call(f"{BATCHED}.find_label_issues_batched", arguments, options, ranking=by_scores(method, False))


@calls(f"{BATCHED}.find_label_issues_batched")
def find_label_issues_batched_of_files(rng):
    labels, p = class_labels(rng, plain=True)
    code = """import os, tempfile
from cleanlab.experimental.label_issues_batched import find_label_issues_batched
with tempfile.TemporaryDirectory() as folder:
    files = [os.path.join(folder, name) for name in ("labels.npy", "pred_probs.npy")]
    for file, array in zip(files, (labels, pred_probs)):
        np.save(file, array)
    whole = find_label_issues_batched(labels_file=files[0], pred_probs_file=files[1], batch_size=SIZE, verbose=False)
    maps = [np.load(file, mmap_mode="r") for file in files]
    mapped = find_label_issues_batched(labels=maps[0], pred_probs=maps[1], batch_size=SIZE, verbose=False, return_mask=True)
    maps = None
result = whole, np.asarray(mapped)""".replace("SIZE", str(int(rng.integers(5, 300))))
    return Case(f"{BATCHED}.find_label_issues_batched", code, {"labels": labels, "pred_probs": p})


@calls(f"{BATCHED}.LabelInspector", f"{BATCHED}.split_arr")
def label_inspector(rng):
    labels, p = class_labels(rng, plain=True)
    if chance(rng, 0.2):
        return call(f"{BATCHED}.split_arr", {"arr": labels, "chunksize": int(rng.integers(1, 30))})
    method = pick(rng, ["off_diagonal", "off_diagonal_calibrated"])
    score = pick(rng, SCORES)
    code = f"""from cleanlab.experimental.label_issues_batched import LabelInspector
inspector = LabelInspector(num_class={p.shape[1]}, store_results={chance(rng, 0.8)}, verbose=False, n_jobs=1,
    quality_score_kwargs={{"method": {score!r}}}, num_issue_kwargs={{"estimation_method": {method!r}}})
size = {int(rng.integers(5, 300))}
for at in range(0, len(labels), size):
    inspector.update_confident_thresholds(labels[at : at + size], pred_probs[at : at + size])
thresholds = inspector.get_confident_thresholds()
scores = [inspector.score_label_quality(labels[at : at + size], pred_probs[at : at + size])
          for at in range(0, len(labels), size)]
number = inspector.get_num_issues(silent=True)
result = thresholds, scores, number"""
    return Case(f"{BATCHED}.LabelInspector", code, {"labels": labels, "pred_probs": p})
