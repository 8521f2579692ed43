"""Data sets with one label per row: counts, scores, filters, noise, folds and the estimators that train a model."""

from reference_cases import FILTER_BY, SCORES, StableArray, main, random_probabilities

import numpy as np
from cleanlab import count, dataset, filter, rank
from cleanlab.benchmarking import noise_generation
from cleanlab.internal import latent_algebra
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split


def random_size(rng, golden):
    if golden:
        return int(rng.integers(2, 40))
    kind = rng.random()
    if kind < 0.05:
        return int(rng.integers(1, 6))
    if kind < 0.93:
        return int(np.exp(rng.uniform(np.log(5), np.log(3000))))
    return int(np.exp(rng.uniform(np.log(3000), np.log(50000))))


def random_data(rng, golden):
    n = random_size(rng, golden)
    k = int(rng.integers(2, 7)) if golden else int(rng.choice([2, 3, 4, 5, 8, 10, 20, 37, 60]))
    if n * k > 600_000:
        k = max(2, 600_000 // n)
    p, labels = random_probabilities(rng, n, k)
    noise = rng.random(n) < rng.choice([0.0, 0.05, 0.2, 0.5])
    labels = np.where(noise, rng.integers(0, k, n), labels)
    shape = rng.random()
    if shape < 0.2:  # an imbalanced data set
        labels = np.where(rng.random(n) < 0.8, labels.min(), labels)
    elif shape < 0.4:  # some classes missing
        gone = rng.random(k) < 0.4
        gone[0] = False
        labels = np.where(gone[labels], 0, labels)
    if rng.random() < 0.2 and n > 2:  # a class with a single row
        only = int(rng.integers(0, k))
        labels = np.where(labels == only, (only + 1) % k, labels)
        labels[int(rng.integers(0, n))] = only
    if len(np.unique(labels)) < 2 and n > 1:
        labels[0] = (labels[0] + 1) % k
    single = bool(rng.random() < 0.25)
    if single:
        p = np.clip(p.astype(np.float32), np.float32(-9e-7), np.float32(1 + 8e-7))
    return labels.astype(np.int64), p, single


def estimates(result):
    py, noise_matrix, inverse_noise_matrix = result[:3]
    named = {"py": py, "noise_matrix": noise_matrix, "inverse_noise_matrix": inverse_noise_matrix}
    return {**named, "confident_joint": result[3]} if len(result) > 3 else named


def count_checks(write, rng, labels, p):
    k = p.shape[1]
    thresholds = write.attempt("get_confident_thresholds", lambda: count.get_confident_thresholds(labels, p))
    given = np.round(rng.random(k), 3)
    raw = None
    for calibrate in (True, False):
        for name, value in (("own", None), ("given", given)):
            joint = write.attempt(
                "compute_confident_joint",
                lambda: count.compute_confident_joint(labels, p, thresholds=value, calibrate=calibrate),
                calibrate=calibrate, **({} if value is None else {"thresholds": value}),
            )
            raw = joint if name == "own" and not calibrate else raw
    write.attempt(
        "off_diagonal_rows",
        lambda: np.asarray(
            count.compute_confident_joint(labels, p, calibrate=False, return_indices_of_off_diagonals=True)[1]
        ),
    )
    if thresholds is not None:
        # The paper's rule, which cleanlab does not offer: the largest among the confident classes.
        confident = p >= thresholds - 1e-6
        true = np.where(confident, p, -np.inf).argmax(axis=1)
        counts = np.zeros((k, k), dtype=int)
        np.add.at(counts, (labels[confident.any(axis=1)], true[confident.any(axis=1)]), 1)
        np.fill_diagonal(counts, counts.diagonal().clip(min=1))
        write.check("compute_confident_joint_paper_rule", counts)
    own = rng.integers(0, 30, (k, k)) * (rng.random((k, k)) < 0.7)
    own += np.diag(rng.integers(1, 60, k))
    write.attempt("calibrate_confident_joint", lambda: count.calibrate_confident_joint(own, labels), confident_joint=own)
    if raw is not None:
        write.attempt("calibrate_raw_confident_joint", lambda: count.calibrate_confident_joint(raw, labels))
    write.attempt("estimate_joint", lambda: count.estimate_joint(labels, p))
    write.attempt("estimate_joint", lambda: count.estimate_joint(labels, p, confident_joint=own), confident_joint=own)
    write.attempt("uncalibrated_joint", lambda: count.estimate_joint(None, p, confident_joint=own), confident_joint=own)
    for method in ("cnt", "eqn", "marginal", "marginal_ps"):
        for converge in (False, True):
            # A noise matrix that is nearly singular amplifies the last bit of its inputs.
            columns = own / np.clip(own.sum(axis=0), 1, None)
            if method == "eqn" and np.linalg.cond(columns) > 100:
                continue
            write.attempt(
                "estimate_latent",
                lambda: estimates(
                    count.estimate_latent(own, labels, py_method=method, converge_latent_estimates=converge)
                ),
                confident_joint=own, py_method=method, converge=converge,
            )
    write.attempt(
        "estimate_py_and_noise_matrices_from_probabilities",
        lambda: estimates(count.estimate_py_and_noise_matrices_from_probabilities(labels, p)),
    )
    for method in ("off_diagonal", "off_diagonal_calibrated"):
        write.attempt("num_label_issues", lambda: count.num_label_issues(labels, p, estimation_method=method),
                      method=method)
    write.attempt(
        "num_label_issues",
        lambda: count.num_label_issues(labels, p, confident_joint=own, estimation_method="off_diagonal_custom"),
        method="off_diagonal_custom", confident_joint=own,
    )
    write.attempt("overall_label_health_score", lambda: dataset.overall_label_health_score(labels, p, verbose=False))
    algebra_checks(write, rng, labels, p)


def algebra_checks(write, rng, labels, p):
    k = p.shape[1]
    noise = rng.dirichlet(np.ones(k), k).T * 0.4 + 0.6 * np.eye(k)
    inverse = rng.dirichlet(np.ones(k), k).T * 0.4 + 0.6 * np.eye(k)
    ps, py = rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k))
    la = latent_algebra
    write.attempt("compute_inv_noise_matrix", lambda: la.compute_inv_noise_matrix(py, noise), py=py, noise_matrix=noise)
    write.attempt("compute_inv_noise_matrix", lambda: la.compute_inv_noise_matrix(py, noise, ps=ps),
                  py=py, noise_matrix=noise, ps=ps)
    write.attempt("compute_noise_matrix_from_inverse", lambda: la.compute_noise_matrix_from_inverse(ps, inverse),
                  ps=ps, inverse_noise_matrix=inverse)
    write.attempt("compute_noise_matrix_from_inverse",
                  lambda: la.compute_noise_matrix_from_inverse(ps, inverse, py=py),
                  ps=ps, inverse_noise_matrix=inverse, py=py)

    def py_and_inverse():
        solved, inverse_noise_matrix = la.compute_py_inv_noise_matrix(ps, noise)
        return {"py": solved, "inverse_noise_matrix": inverse_noise_matrix}

    write.attempt("compute_py_inv_noise_matrix", py_and_inverse, ps=ps, noise_matrix=noise)

    def ps_py_and_inverse():
        counted, solved, inverse_noise_matrix = la.compute_ps_py_inv_noise_matrix(labels, noise)
        return {"ps": counted, "py": solved, "inverse_noise_matrix": inverse_noise_matrix}

    if len(np.unique(labels)) == k:
        write.attempt("compute_ps_py_inv_noise_matrix", ps_py_and_inverse, noise_matrix=noise)
    write.attempt("compute_pyx", lambda: la.compute_pyx(p, noise, inverse),
                  noise_matrix=noise, inverse_noise_matrix=inverse)
    for method in ("cnt", "eqn", "marginal", "marginal_ps"):
        counts = rng.integers(0, 50, k).astype(float)
        write.attempt(
            "compute_py",
            lambda: la.compute_py(ps, noise, inverse, py_method=method, true_labels_class_counts=counts),
            ps=ps, noise_matrix=noise, inverse_noise_matrix=inverse, true_label_counts=counts, py_method=method,
        )


def rank_checks(write, rng, labels, p):
    for method, adjust in SCORES:
        write.attempt(
            "get_label_quality_scores",
            lambda: rank.get_label_quality_scores(labels, p, method=method, adjust_pred_probs=adjust),
            method=method, adjust=adjust,
        )
    scores = p[np.arange(len(labels)), labels].copy()
    top = int(rng.integers(0, len(labels) + 3))
    write.attempt(
        "find_top_issues", lambda: np.asarray(rank.find_top_issues(scores.view(StableArray), top=top)),
        scores=scores, top=top,
    )
    mask = rng.random(len(labels)) < 0.3
    method, adjust = SCORES[int(rng.integers(0, len(SCORES)))]
    write.attempt(
        "order_label_issues",
        lambda: rank.order_label_issues(mask, labels, p, rank_by=method, rank_by_kwargs={"adjust_pred_probs": adjust}),
        mask=mask, method=method, adjust=adjust,
    )
    members = [p]
    for _ in range(int(rng.integers(0, 3))):
        other = p[rng.permutation(len(p))] if rng.random() < 0.2 else rng.dirichlet(np.ones(p.shape[1]), len(p))
        members.append((np.asarray(p, dtype=np.float64) + other) / 2)
    if p.size > 100_000:
        members = members[:2]
    weights = rng.random(len(members))
    method, adjust = SCORES[int(rng.integers(0, len(SCORES)))]
    for weighting in ("accuracy", "uniform", "log_loss_search", "custom"):
        write.attempt(
            "get_label_quality_ensemble_scores",
            lambda: rank.get_label_quality_ensemble_scores(
                labels, members, method=method, adjust_pred_probs=adjust, weight_ensemble_members_by=weighting,
                custom_weights=weights if weighting == "custom" else None, verbose=False,
            ),
            members=members[1:], method=method, adjust=adjust, weighting=weighting, custom_weights=weights,
        )


def filter_checks(write, rng, labels, p):
    n, k = p.shape
    counts = np.bincount(labels, minlength=k)
    own = rng.integers(0, 8, (k, k)) * (rng.random((k, k)) < 0.6) + np.diag(rng.integers(0, 20, k))
    for filter_by in FILTER_BY:
        options = [{}]
        if filter_by in ("prune_by_noise_rate", "prune_by_class", "both"):
            options += [
                {"frac_noise": round(float(rng.random()), 2)},
                {"min_examples_per_class": int(rng.integers(0, 12))},
                {"confident_joint": own, "frac_noise": round(float(rng.random()), 2),
                 "min_examples_per_class": int(rng.integers(0, 4))},
                {"num_to_remove_per_class": [int(rng.integers(0, c + 1)) for c in counts]},
            ]
        for chosen in options:
            write.attempt(
                "find_label_issues",
                lambda: filter.find_label_issues(labels, p, filter_by=filter_by, n_jobs=1, **chosen),
                filter_by=filter_by, **chosen,
            )
        method, adjust = SCORES[int(rng.integers(0, len(SCORES)))]
        write.attempt(
            "find_label_issues_ranked",
            lambda: filter.find_label_issues(
                labels, p, filter_by=filter_by, n_jobs=1, return_indices_ranked_by=method,
                rank_by_kwargs={"adjust_pred_probs": adjust},
            ),
            filter_by=filter_by, method=method, adjust=adjust,
        )
        # cleanlab's confusion matrix lacks classes that are neither given nor predicted.
        if len(np.union1d(labels, p.argmax(axis=1))) == k:
            for calibrate in (True, False):
                write.attempt(
                    "find_label_issues_using_argmax_confusion_matrix",
                    lambda: filter.find_label_issues_using_argmax_confusion_matrix(
                        labels, p, calibrate=calibrate, filter_by=filter_by
                    ),
                    filter_by=filter_by, calibrate=calibrate,
                )
    write.attempt("find_predicted_neq_given", lambda: filter.find_predicted_neq_given(labels, p))


def noise_checks(write, rng):
    k = int(rng.integers(2, 12))
    seed = int(rng.integers(0, 2**32))
    valid = bool(rng.random() < 0.5)
    py = rng.dirichlet(np.full(k, 20.0))
    trace = float(np.round(rng.uniform(0.55 * k if valid else 0.2 * k, 0.98 * k), 3))
    if valid and trace <= 1:
        trace = 1.1
    options = {"frac_zero_noise_rates": float(rng.choice([0.0, 0.0, 0.3, 0.6]))}
    if k == 2 and options["frac_zero_noise_rates"] >= 0.5:
        trace = max(trace, 1.05)  # below 1 cleanlab's matrix has negative entries
    if rng.random() < 0.3:
        options["min_noise_rate"] = 0.001
    drawn = write.attempt(
        "generate_noise_matrix_from_trace",
        lambda: noise_generation.generate_noise_matrix_from_trace(
            k, trace, py=py, valid_noise_matrix=valid, seed=seed, max_iter=200, **options
        ),
        k=k, trace=trace, py=py, valid=valid, seed=seed, max_iter=200, **options,
    ) if rng.random() < 0.9 else None
    if drawn is not None:
        true = np.concatenate([np.arange(k), rng.integers(0, k, int(rng.integers(1, 800)))])
        np.random.seed(seed % 1000)
        write.attempt(
            "generate_noisy_labels", lambda: noise_generation.generate_noisy_labels(true, drawn),
            true_labels=true, noise_matrix=drawn, seed=seed % 1000,
        )
        write.attempt(
            "noise_matrix_is_valid", lambda: bool(noise_generation.noise_matrix_is_valid(drawn, py)),
            noise_matrix=drawn, py=py,
        )
    n = int(rng.integers(1, 12))
    m = float(np.round(rng.uniform(0.1, 0.9) * n, 3))
    np.random.seed(seed)
    write.attempt(
        "generate_n_rand_probabilities_that_sum_to_m",
        lambda: noise_generation.generate_n_rand_probabilities_that_sum_to_m(n, m), n=n, m=m, seed=seed,
    )
    balls, bins = int(rng.integers(0, 60)), int(rng.integers(1, 9))
    np.random.seed(seed)
    write.attempt(
        "randomly_distribute_N_balls_into_K_bins",
        lambda: noise_generation.randomly_distribute_N_balls_into_K_bins(balls, bins),
        balls=balls, bins=bins, seed=seed,
    )


def learning_checks(write, rng, labels, golden):
    n = len(labels)
    splits = int(rng.integers(2, 7))
    seed = int(rng.integers(0, 2**32))

    def fold_of_row(folds):
        fold = np.empty(n, dtype=np.int64)
        for number, (_, test) in enumerate(folds.split(np.zeros((n, 1)), labels)):
            fold[test] = number
        return fold

    for name, kind in (("k_fold", KFold), ("stratified_k_fold", StratifiedKFold)):
        write.attempt(name, lambda: fold_of_row(kind(splits)), n_splits=splits)
        write.attempt(name, lambda: fold_of_row(kind(splits, shuffle=True, random_state=seed)),
                      n_splits=splits, seed=seed)
    test_rows = int(rng.integers(1, max(2, n)))
    for stratified in (False, True):

        def split():
            train, test = train_test_split(np.arange(n), test_size=test_rows, random_state=seed,
                                           stratify=labels if stratified else None)
            return {"train": train, "test": test}

        write.attempt("train_test_split", split, test_rows=test_rows, seed=seed, stratified=stratified)
    # Models are trained on small data alone: the point is the folds and the rule for absent classes.
    if (n <= 400 or golden) and len(np.unique(labels)) == labels.max() + 1:
        features = rng.standard_normal((n, int(rng.integers(1, 6)))) + 0.7 * labels[:, None]
        features = (features - features.mean(axis=0)) / features.std(axis=0)

        def estimate():
            joint, pred_probs = count.estimate_confident_joint_and_cv_pred_proba(
                features, labels, cv_n_folds=splits, seed=seed
            )
            return {"confident_joint": joint, "pred_probs": pred_probs}

        write.attempt("estimate_confident_joint_and_cv_pred_proba", estimate,
                      features=features, n_splits=splits, seed=seed)


def stable_table(table):
    return {name.lower().replace(" ", "_"): table[name].to_numpy() for name in table.columns}


def health(summary):
    """The parts of a summary, each column under a name of its own."""
    parts = {"overall_label_health_score": summary["overall_label_health_score"], "joint": summary["joint"]}
    for name in ("classes_by_label_quality", "overlapping_classes"):
        parts.update({f"{name}.{column}": value for column, value in stable_table(summary[name]).items()})
    return parts


def dataset_checks(write, rng, labels, p, golden):
    k = p.shape[1]
    own = rng.integers(0, 30, (k, k)) * (rng.random((k, k)) < 0.7) + np.diag(rng.integers(0, 60, k))
    own[0, 0] += 1
    joint = own / own.sum() if rng.random() < 0.5 else rng.dirichlet(np.full(k * k, 0.3)).reshape(k, k)
    examples = int(rng.integers(1, 5000))
    column_major = bool(rng.random() < 0.3)
    joint_layout = np.asfortranarray(joint) if column_major else joint
    total = int(own.sum())
    # Where cleanlab wants the number of examples though it could count them, it gets it.
    sources = [
        ("probabilities", {"labels": labels, "pred_probs": p}, {}, {}),
        ("joint", {"joint": joint_layout, "num_examples": examples}, {},
         {"joint": joint, "num_examples": examples, "column_major": column_major}),
        ("confident_joint", {"confident_joint": own}, {"num_examples": total}, {"confident_joint": own}),
    ]
    for source, given, count_too, parameters in sources:
        write.attempt(
            "rank_classes_by_label_quality",
            lambda: stable_table(dataset.rank_classes_by_label_quality(**given, **count_too)),
            source=source, **parameters,
        )
        for asymmetric in [bool(rng.random() < 0.5)] if golden else [False, True]:
            write.attempt(
                "find_overlapping_classes",
                lambda: stable_table(dataset.find_overlapping_classes(asymmetric=asymmetric, **given)),
                source=source, asymmetric=asymmetric, **parameters,
            )
        write.attempt(
            "overall_label_health_score_of_source",
            lambda: float(dataset.overall_label_health_score(verbose=False, **given)),
            source=source, **parameters,
        )
        # Of a joint cleanlab cannot make a summary.
        if source == "joint" or (golden and rng.random() < 0.5):
            continue
        asymmetric = bool(rng.random() < 0.5)
        write.attempt(
            "health_summary",
            lambda: health(dataset.health_summary(asymmetric=asymmetric, verbose=False, **given, **count_too)),
            source=source, asymmetric=asymmetric, **parameters,
        )


def write_case(write, rng, golden):
    labels, pred_probs, single = random_data(rng, golden)
    labels, pred_probs = write.kept_classes(*write.kept_rows(labels, pred_probs))
    write.input("labels", labels)
    write.input("pred_probs", pred_probs)
    write.case["dtype"] = "f32" if single else "f64"
    # cleanlab averages in float32, so it gets the same numbers widened.
    p = pred_probs.astype(np.float64)
    count_checks(write, rng, labels, p)
    rank_checks(write, rng, labels, p)
    filter_checks(write, rng, labels, p)
    noise_checks(write, rng)
    learning_checks(write, rng, labels, golden)
    dataset_checks(write, rng, labels, p, golden)


if __name__ == "__main__":
    main(__doc__, "class-labels", write_case)
