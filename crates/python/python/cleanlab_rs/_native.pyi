"""The compiled half of the package. Not an interface: the modules of the package are."""

from collections.abc import Sequence
from typing import Any, Final, final

import numpy as np
import numpy.typing as npt

__all__ = [
    "ExactIndex",
    "ThresholdPass",
    "__version__",
    "aggregate_scores",
    "calibrate_confident_joint",
    "checked_knn_graph",
    "clip_noise_rates",
    "clip_values",
    "common_multilabel_issues",
    "compute_confident_joint",
    "compute_inv_noise_matrix",
    "compute_noise_matrix_from_inverse",
    "compute_py",
    "compute_py_inv_noise_matrix",
    "compute_pyx",
    "confident_joint_and_num_label_issues",
    "correct_knn",
    "count_confident_predictions",
    "data_shapley_of_features",
    "data_shapley_of_graph",
    "density_clusters",
    "estimate_latent",
    "exact_duplicates",
    "find_label_issues",
    "find_label_issues_by_argmax_confusion",
    "find_multilabel_issues",
    "find_multilabel_issues_per_class",
    "find_predicted_neq_given",
    "find_top_issues",
    "generate_n_rand_probabilities_that_sum_to_m",
    "generate_noise_matrix_from_trace",
    "generate_noisy_labels",
    "get_confident_thresholds",
    "get_label_quality_ensemble_scores",
    "get_label_quality_scores",
    "given_label_is_predicted",
    "int2onehot",
    "knn_graph",
    "map_coordinates",
    "mean_distances",
    "multilabel_calibrate",
    "multilabel_confident_joint",
    "multilabel_confident_thresholds",
    "multilabel_joint",
    "multilabel_num_label_issues",
    "multilabel_predicted_neq_given",
    "multilabel_quality_scores",
    "multilabel_quality_scores_per_class",
    "noise_matrix_is_valid",
    "non_iid",
    "num_label_issues",
    "onehot2int",
    "onehot_quality_scores_per_class",
    "ood_prediction_scores",
    "order_label_issues",
    "randomly_distribute_n_balls_into_k_bins",
    "rank_classes_by_multilabel_quality",
    "regression_quality_scores",
    "render_report_html",
    "round_preserving_row_totals",
    "round_preserving_sum",
    "score_batch",
    "subtract_confident_thresholds",
]

__version__: Final[str]

# Arguments are arrays, or what `numpy.asarray` makes arrays of.
_Labels = Any
_Matrix = Any
_Vector = Any
_Doubles = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]

# Class labels.

def get_confident_thresholds(labels: _Labels, pred_probs: _Matrix) -> _Doubles: ...
def compute_confident_joint(
    labels: _Labels, pred_probs: _Matrix, thresholds: _Vector | None, calibrate: bool, off_diagonals: bool
) -> tuple[_Integers, _Integers | None]: ...
def calibrate_confident_joint(joint: _Matrix, counts: _Vector) -> _Integers: ...
def num_label_issues(labels: _Labels, pred_probs: _Matrix, calibrated: bool) -> int: ...
def confident_joint_and_num_label_issues(labels: _Labels, pred_probs: _Matrix) -> tuple[_Integers, int]: ...
def estimate_latent(
    joint: _Matrix, counts: _Vector, method: str, converge: bool
) -> tuple[_Doubles, _Doubles, _Doubles]: ...
def given_label_is_predicted(labels: _Labels, pred_probs: _Matrix) -> _Mask: ...
def find_label_issues(
    labels: _Labels,
    pred_probs: _Matrix,
    filter_by: str,
    *,
    frac_noise: float = 1.0,
    num_to_remove_per_class: _Vector | None = None,
    min_examples_per_class: int = 1,
    confident_joint: _Matrix | None = None,
    rank_by: str | None = None,
    adjust_pred_probs: bool = False,
    allow_one_class: bool = False,
    n_jobs: int | None = None,
) -> tuple[_Mask, _Integers | None, list[int]]: ...
def find_predicted_neq_given(labels: _Labels, pred_probs: _Matrix) -> _Mask: ...
def find_label_issues_by_argmax_confusion(
    labels: _Labels, pred_probs: _Matrix, calibrate: bool, filter_by: str
) -> tuple[_Mask, list[int]]: ...
def get_label_quality_scores(
    labels: _Labels, pred_probs: _Matrix, method: str, adjust_pred_probs: bool
) -> _Doubles: ...
def get_label_quality_ensemble_scores(
    labels: _Labels,
    pred_probs_list: Sequence[_Matrix],
    method: str,
    adjust_pred_probs: bool,
    weighting: str,
    custom_weights: _Vector | None = None,
    temperatures: Sequence[float] | None = None,
) -> tuple[_Doubles, list[float]]: ...
def order_label_issues(
    label_issues_mask: _Vector,
    labels: _Labels,
    pred_probs: _Matrix,
    rank_by: str,
    adjust_pred_probs: bool,
    allow_one_class: bool,
) -> _Integers: ...
def find_top_issues(quality_scores: _Vector, top: int) -> _Integers: ...
def subtract_confident_thresholds(pred_probs: _Matrix, thresholds: _Vector) -> _Doubles: ...
def round_preserving_sum(values: _Vector) -> _Integers: ...
def round_preserving_row_totals(values: _Matrix) -> _Integers: ...
def clip_noise_rates(noise_matrix: _Matrix) -> _Doubles: ...
def clip_values(values: _Vector, low: float, high: float, new_sum: float) -> _Doubles: ...
def compute_py(
    ps: _Vector,
    noise_matrix: _Matrix,
    inverse_noise_matrix: _Matrix,
    method: str,
    true_label_counts: _Vector | None,
) -> _Doubles: ...
def compute_inv_noise_matrix(priors: _Vector, noise_matrix: _Matrix, ps: _Vector | None) -> _Doubles: ...
def compute_noise_matrix_from_inverse(
    ps: _Vector, inverse_noise_matrix: _Matrix, priors: _Vector | None
) -> _Doubles: ...
def compute_py_inv_noise_matrix(ps: _Vector, noise_matrix: _Matrix) -> tuple[_Doubles, _Doubles]: ...
def compute_pyx(pred_probs: _Matrix, noise_matrix: _Matrix, inverse_noise_matrix: _Matrix) -> _Doubles: ...

# Batches.

@final
class ThresholdPass:
    def __new__(cls, n_classes: int) -> ThresholdPass: ...
    @staticmethod
    def from_bytes(state: bytes) -> ThresholdPass: ...
    def update(self, labels: _Labels, pred_probs: _Matrix) -> None: ...
    def thresholds(self) -> _Doubles: ...
    def label_counts(self) -> _Doubles: ...
    def to_bytes(self) -> bytes: ...

def score_batch(
    labels: _Labels, pred_probs: _Matrix, method: str, adjust_pred_probs: bool, thresholds: _Vector
) -> _Doubles: ...
def count_confident_predictions(
    labels: _Labels, pred_probs: _Matrix, thresholds: _Vector
) -> tuple[_Doubles, _Doubles]: ...

# Noise. A position is the state of NumPy's legacy stream: its words, the next of them, and a spare normal draw.

_Position = tuple[_Vector, int, float | None]
_NewPosition = tuple[npt.NDArray[np.uint32], int, float | None]

def noise_matrix_is_valid(noise_matrix: _Matrix, py: _Vector) -> bool: ...
def generate_noisy_labels(
    true_labels: _Labels, noise_matrix: _Matrix, position: _Position
) -> tuple[_Integers, _NewPosition]: ...
def generate_noise_matrix_from_trace(
    n_classes: int,
    trace: float,
    position: _Position,
    *,
    max_trace_prob: float,
    min_trace_prob: float,
    max_noise_rate: float,
    min_noise_rate: float,
    learnable: bool,
    py: _Vector | None,
    frac_zero_noise_rates: float,
    max_iter: int,
) -> tuple[_Doubles | None, _NewPosition]: ...
def generate_n_rand_probabilities_that_sum_to_m(
    n: int, m: float, max_prob: float, min_prob: float, position: _Position
) -> tuple[_Doubles, _NewPosition]: ...
def randomly_distribute_n_balls_into_k_bins(
    n_balls: int,
    n_bins: int,
    max_balls_per_bin: int | None,
    min_balls_per_bin: int,
    position: _Position,
) -> tuple[_Integers, _NewPosition]: ...

# Sets of classes. `options` are (filter_by, frac_noise, num_to_remove_per_class, min_examples_per_class,
# confident_joint), `quality` is (method, adjust_pred_probs), `aggregation` is (name, parameter).

_ClassLists = Any
_FilterOptions = tuple[str, float, Sequence[int] | None, int, _Matrix | None]
_Quality = tuple[str, bool]
_Aggregation = tuple[str, float | None]

def find_multilabel_issues(
    labels: _ClassLists, pred_probs: _Matrix, options: _FilterOptions, ranked_by: _Quality | None = None
) -> tuple[Any, list[str]]: ...
def find_multilabel_issues_per_class(
    labels: _ClassLists, pred_probs: _Matrix, options: _FilterOptions, ranked_by: _Quality | None = None
) -> tuple[Any, list[str]]: ...
def multilabel_quality_scores(
    labels: _ClassLists, pred_probs: _Matrix, quality: _Quality, aggregation: _Aggregation
) -> _Doubles: ...
def multilabel_quality_scores_per_class(
    labels: _ClassLists, pred_probs: _Matrix, quality: _Quality
) -> _Doubles: ...
def onehot_quality_scores_per_class(onehot: _Matrix, pred_probs: _Matrix, quality: _Quality) -> _Doubles: ...
def aggregate_scores(scores: _Matrix, aggregation: _Aggregation) -> _Doubles: ...
def common_multilabel_issues(
    labels: _ClassLists, pred_probs: _Matrix, confident_joint: _Matrix | None = None
) -> tuple[_Integers, _Mask, _Integers, _Doubles, list[str]]: ...
def rank_classes_by_multilabel_quality(
    labels: _ClassLists, pred_probs: _Matrix, confident_joint: _Matrix | None = None
) -> tuple[_Integers, _Integers, _Integers, _Doubles, _Doubles, _Doubles, list[str]]: ...
def multilabel_predicted_neq_given(labels: _ClassLists, pred_probs: _Matrix) -> _Mask: ...
def multilabel_num_label_issues(labels: _ClassLists, pred_probs: _Matrix) -> int: ...
def multilabel_confident_thresholds(labels: _ClassLists, pred_probs: _Matrix) -> _Doubles: ...
def multilabel_confident_joint(
    labels: _ClassLists,
    pred_probs: _Matrix,
    thresholds: _Matrix | None = None,
    calibrate: bool = True,
    with_rows: bool = False,
) -> tuple[_Integers, list[_Integers] | None]: ...
def multilabel_calibrate(confident_joint: _Matrix, labels: _ClassLists) -> _Integers: ...
def multilabel_joint(
    labels: _ClassLists, pred_probs: _Matrix, confident_joint: _Matrix | None = None
) -> _Doubles: ...
def int2onehot(labels: _ClassLists, n_classes: int) -> _Integers: ...
def onehot2int(onehot: _Matrix) -> list[list[int]]: ...

# Neighbours, outliers, values of examples. A graph is a sparse matrix of scipy's; graphs come back as their arrays.

_Graph = Any
_GraphArrays = tuple[npt.NDArray[np.int32], _Doubles]

@final
class ExactIndex:
    def __new__(cls, features: _Matrix, metric: str) -> ExactIndex: ...
    def query(self, queries: _Matrix, k: int) -> tuple[_Integers, _Doubles]: ...
    def mean_distances(self, queries: _Matrix, k: int) -> _Doubles: ...

def knn_graph(
    features: _Matrix, metric: str, k: int, correct_exact_duplicates: bool
) -> _GraphArrays: ...
def mean_distances(features: _Matrix, metric: str, k: int) -> _Doubles: ...
def exact_duplicates(features: _Matrix) -> list[_Integers]: ...
def correct_knn(features: _Matrix, neighbors: _Matrix, distances: _Matrix) -> _GraphArrays: ...
def checked_knn_graph(graph: _Graph) -> _GraphArrays: ...
def ood_prediction_scores(
    pred_probs: _Matrix, method: Any, confident_thresholds: _Vector | None = None
) -> _Doubles: ...
def data_shapley_of_graph(codes: _Vector, graph: _Graph, k: int) -> _Doubles: ...
def data_shapley_of_features(codes: _Vector, features: _Matrix, metric: str, k: int) -> _Doubles: ...
def regression_quality_scores(labels: _Vector, predictions: _Vector, method: str) -> _Doubles: ...

# Datalab.

def non_iid(graph: _Graph, num_permutations: int, seed: int) -> tuple[float, _Doubles]: ...
def density_clusters(graph: _Graph, eps: float, min_samples: int) -> _Integers: ...
def map_coordinates(features: _Matrix) -> tuple[_Doubles, list[float]]: ...
def render_report_html(report: str) -> str: ...
