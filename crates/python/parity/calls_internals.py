"""Calls of the documented internals: latent algebra, validation, and what stands in `internal.util`."""

import numpy as np
import pandas as pd
import scipy.sparse

from cases import Case, Words, call, calls
from random_data import chance, class_labels, class_sets, joint_counts, noise_matrix, one_of, pick

ALGEBRA, UTIL, VALIDATION = "internal.latent_algebra", "internal.util", "internal.validation"


@calls(*(f"{ALGEBRA}.{name}" for name in (
    "compute_ps_py_inv_noise_matrix", "compute_py_inv_noise_matrix", "compute_inv_noise_matrix",
    "compute_noise_matrix_from_inverse", "compute_py", "compute_pyx")), weight=3)
def latent_algebra(rng):
    labels, p = class_labels(rng, plain=True)
    k = p.shape[1]
    noise, inverse = noise_matrix(rng, k), noise_matrix(rng, k)
    ps, py = rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k))
    path = pick(rng, latent_algebra.names)
    name = path.rpartition(".")[2]
    if name == "compute_ps_py_inv_noise_matrix":
        return call(path, {"labels": labels, "noise_matrix": noise}, tolerance=1e-11)
    if name == "compute_py_inv_noise_matrix":
        return call(path, {"ps": ps, "noise_matrix": noise}, tolerance=1e-11)
    if name == "compute_inv_noise_matrix":
        return call(path, {"py": py, "noise_matrix": noise}, {"ps": ps} if chance(rng, 0.5) else {})
    if name == "compute_noise_matrix_from_inverse":
        return call(path, {"ps": ps, "inverse_noise_matrix": inverse}, {"py": py} if chance(rng, 0.5) else {})
    if name == "compute_pyx":
        return call(path, {"pred_probs": p, "noise_matrix": noise, "inverse_noise_matrix": inverse}, tolerance=1e-11)
    options = one_of(rng, {"py_method": lambda: pick(rng, ["cnt", "eqn", "marginal", "marginal_ps"])})
    if options.get("py_method") == "marginal" or chance(rng, 0.2):
        options["true_labels_class_counts"] = rng.integers(1, 50, k)
    return call(path, {"ps": ps, "noise_matrix": noise, "inverse_noise_matrix": inverse}, options, tolerance=1e-11)


@calls("internal.label_quality_utils.get_normalized_entropy")
def get_normalized_entropy(rng):
    _, p = class_labels(rng)
    options = one_of(rng, {"min_allowed_prob": lambda: 1e-6})
    return call("internal.label_quality_utils.get_normalized_entropy", {"pred_probs": np.clip(p, 0, 1)}, options)


@calls("internal.numerics.softmax")
def softmax(rng):
    x = rng.standard_normal((int(rng.integers(1, 20)), 4)) * pick(rng, [1, 50])
    options = one_of(
        rng, {"temperature": lambda: pick(rng, [0.1, 2.0]), "axis": lambda: pick(rng, [0, 1]), "shift": lambda: True}
    )
    return call("internal.numerics.softmax", {"x": x}, options)


@calls(f"{VALIDATION}.assert_valid_inputs", weight=2)
def assert_valid_inputs(rng):
    labels, p = class_labels(rng)
    if chance(rng, 0.2):
        sets, _, p = class_sets(rng)
        return call(f"{VALIDATION}.assert_valid_inputs", {"X": p, "labels": sets, "pred_probs": p}, {"multi_label": True})
    x = pick(rng, [None, rng.standard_normal((len(labels), 2))])
    options = one_of(
        rng, {"allow_missing_classes": lambda: chance(rng, 0.5), "allow_one_class": lambda: chance(rng, 0.5)}
    )
    return call(f"{VALIDATION}.assert_valid_inputs", {"X": x, "labels": labels, "pred_probs": p}, options)


@calls(f"{VALIDATION}.assert_valid_class_labels", f"{VALIDATION}.assert_nonempty_input",
       f"{VALIDATION}.assert_indexing_works", f"{VALIDATION}.labels_to_array")
def validation(rng):
    labels, _ = class_labels(rng, plain=chance(rng, 0.5))
    path = pick(rng, validation.names)
    if path.endswith("class_labels"):
        return call(path, {"labels": labels}, one_of(rng, {"allow_missing_classes": lambda: chance(rng, 0.5)}))
    return call(path, {"labels": labels})


@calls(f"{VALIDATION}.labels_to_array")
def labels_to_array(rng):
    labels, _ = class_labels(rng, plain=True)
    value = pick(rng, [pd.Series(labels), pd.DataFrame({"label": labels}), labels.tolist(), np.int64(3), "text", labels])
    return call(f"{VALIDATION}.labels_to_array", {"y": value} if not isinstance(value, np.int64) else {"y": Words("np.int64(3)")})


@calls(f"{VALIDATION}.labels_to_list_multilabel")
def labels_to_list_multilabel(rng):
    labels, onehot, _ = class_sets(rng, n=8)
    value = pick(rng, [labels, onehot, [tuple(row) for row in labels], labels[0]])
    return call(f"{VALIDATION}.labels_to_list_multilabel", {"y": value})


@calls(*(f"{UTIL}.{name}" for name in (
    "value_counts", "value_counts_fill_missing_classes", "get_missing_classes", "get_num_classes",
    "num_unique_classes", "get_unique_classes", "format_labels", "compress_int_array")), weight=3)
def counts_of_classes(rng):
    labels, p = class_labels(rng)
    path = pick(rng, counts_of_classes.names)
    name = path.rpartition(".")[2]
    k = p.shape[1]
    if name == "value_counts":
        return call(path, {"labels": labels}, one_of(rng, {"num_classes": lambda: k}))
    if name == "value_counts_fill_missing_classes":
        return call(path, {"labels": labels, "num_classes": k})
    if name == "get_missing_classes":
        return call(path, {"labels": labels}, pick(rng, [{"pred_probs": p}, {"num_classes": k}]))
    if name == "get_num_classes":
        return call(path, {}, pick(rng, [{"labels": labels, "pred_probs": p}, {"labels": labels},
                                         {"label_matrix": joint_counts(rng, k)}]))
    if name == "format_labels":
        value = pick(rng, [labels, np.array([f"c{at}" for at in labels]), [f"c{at}" for at in labels],
                           pd.Series([f"c{at}" for at in labels]), labels * 3])
        return call(path, {"labels": value})
    if name == "compress_int_array":
        return call(path, {"int_array": labels, "num_possible_values": pick(rng, [10, 40_000, 2**40])})
    if chance(rng, 0.3):
        return call(path, {"labels": class_sets(rng)[0]}, {"multi_label": True})
    return call(path, {"labels": labels})


@calls(*(f"{UTIL}.{name}" for name in (
    "remove_noise_from_class", "clip_noise_rates", "clip_values", "round_preserving_sum",
    "round_preserving_row_totals", "estimate_pu_f1", "confusion_matrix")), weight=3)
def small_arithmetic(rng):
    labels, p = class_labels(rng, plain=True)
    k = p.shape[1]
    path = pick(rng, small_arithmetic.names)
    name = path.rpartition(".")[2]
    if name == "remove_noise_from_class":
        return call(path, {"noise_matrix": noise_matrix(rng, k)}, {"class_without_noise": int(rng.integers(0, k))})
    if name == "clip_noise_rates":
        return call(path, {"noise_matrix": rng.dirichlet(np.full(k, 0.3), k).T})
    if name == "clip_values":
        options = one_of(rng, {"low": lambda: 0.1, "high": lambda: 0.8, "new_sum": lambda: 1.0})
        return call(path, {"x": rng.random(k)}, options)
    if name == "round_preserving_sum":
        values = rng.random(k) * 10
        return call(path, {"iterable": pick(rng, [values, values.tolist(), np.round(values * 2) / 2])})
    if name == "round_preserving_row_totals":
        return call(path, {"confident_joint": np.round(rng.random((k, k)) * 8) / 4})
    if name == "estimate_pu_f1":
        return call(path, {"labels": labels == 0, "prob_s_eq_1": p[:, 0].copy()})
    return call(path, {"true": labels, "pred": p.argmax(axis=1)})


@calls(*(f"{UTIL}.{name}" for name in (
    "print_square_matrix", "print_noise_matrix", "print_inverse_noise_matrix", "print_joint_matrix")), weight=2)
def printed_matrices(rng):
    k = int(rng.integers(1, 6))
    path = pick(rng, printed_matrices.names)
    options = one_of(rng, {"round_places": lambda: int(rng.integers(0, 5))})
    if path.endswith("square_matrix"):
        options |= one_of(rng, {"left_name": lambda: "row", "top_name": lambda: "col", "title": lambda: "a title",
                                "short_title": lambda: "r,c"})
    matrix = pick(rng, [rng.random((k, k)), joint_counts(rng, k), joint_counts(rng, k) / 100])
    return call(path, {"matrix": matrix}, options)


@calls(*(f"{UTIL}.{name}" for name in (
    "train_val_split", "subset_X_y", "subset_labels", "subset_data", "is_torch_dataset", "csr_vstack",
    "append_extra_datapoint", "force_two_dimensions", "smart_display_dataframe")), weight=3)
def parts_of_data(rng):
    n = int(rng.integers(4, 20))
    x = rng.standard_normal((n, 2))
    labels = rng.integers(0, 3, n)
    frame = pd.DataFrame(x, columns=["a", "b"])
    mask = rng.random(n) < 0.5
    table = pick(rng, [x, frame, scipy.sparse.csr_matrix(x)])
    path = pick(rng, parts_of_data.names)
    name = path.rpartition(".")[2]
    if name == "train_val_split":
        return call(path, {"X": table, "labels": labels, "train_idx": np.flatnonzero(mask), "holdout_idx": np.flatnonzero(~mask)})
    if name == "subset_X_y":
        return call(path, {"X": table, "labels": labels, "mask": mask})
    if name == "subset_labels":
        return call(path, {"labels": pick(rng, [labels, labels.tolist(), pd.Series(labels)]), "mask": mask})
    if name == "subset_data":
        return call(path, {"X": table, "mask": mask})
    if name == "is_torch_dataset":
        return call(path, {"X": table})
    if name == "append_extra_datapoint":
        return call(path, {"to_data": table, "from_data": pick(rng, [table, table, x]), "index": int(rng.integers(0, n))})
    if name == "force_two_dimensions":
        value = pick(rng, [x, rng.standard_normal((n, 2, 3)), frame, x[:, 0].copy()])
        return call(path, {"X": value})
    if name == "smart_display_dataframe":
        return call(path, {"df": frame}, prints=True)
    # Under a name that is not spoiled: SciPy writes past the end of a matrix that does not fit the other.
    code = """import scipy.sparse
from cleanlab.internal.util import csr_vstack
result = csr_vstack(scipy.sparse.csr_matrix(dense), scipy.sparse.csr_matrix(dense[:2])).toarray()"""
    return Case(path, code, {"dense": x})


@calls("internal.regression_utils.assert_valid_prediction_inputs", "internal.regression_utils.assert_valid_regression_inputs",
       "internal.regression_utils.check_dimension_and_datatype", "internal.regression_utils.check_missing_values")
def regression_inputs(rng):
    y = rng.standard_normal(int(rng.integers(1, 12)))
    path = pick(rng, regression_inputs.names)
    if path.endswith("prediction_inputs"):
        return call(path, {"y": y, "predictions": y + 1, "method": pick(rng, ["outre", "residual", "other"])})
    if path.endswith("regression_inputs"):
        return call(path, {"X": rng.standard_normal((len(y), 2)), "y": y})
    return call(path, {"y": y, "text": "labels"})
