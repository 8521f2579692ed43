"""Both CleanLearning estimators inside scikit-learn's tools, and scikit-learn's own checks on them."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

pytest.importorskip("pandas")
sklearn = pytest.importorskip("sklearn")

from noisy_points import noisy_classes, noisy_numbers  # noqa: E402
from sklearn.base import BaseEstimator, clone  # noqa: E402
from sklearn.ensemble import BaggingClassifier  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.svm import SVC  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402
from sklearn.utils.validation import check_is_fitted  # noqa: E402

from cleanlab_rs import classification  # noqa: E402
from cleanlab_rs.regression import learn  # noqa: E402

# What cleanlab's interface makes impossible, by the name of the check.
BOTH = {
    "check_estimators_overwrite_params": "the model that is given is trained in place",
    "check_dont_overwrite_parameters": "results are attributes without an underscore",
    "check_do_not_raise_errors_in_init_or_set_params": "a model without the methods needed is refused at once",
    "check_parameters_default_constructible": "a default model is made at once",
    "check_dtype_object": "labels must be numbers; the message is not the one asked for",
    "check_fit2d_1sample": "a single example is refused with other words",
}
LABELS_FROM_0 = "its labels are not numbered from 0, as they must be here"
CLASSIFICATION = BOTH | {
    "check_fit_score_takes_y": "the second argument is called labels",
    "check_estimators_dtypes": LABELS_FROM_0,
    "check_sample_weights_pandas_series": LABELS_FROM_0,
    "check_sample_weights_not_an_array": LABELS_FROM_0,
    "check_sample_weights_shape": LABELS_FROM_0,
    "check_sample_weights_not_overwritten": LABELS_FROM_0,
    "check_fit2d_1feature": LABELS_FROM_0,
    "check_sample_weight_equivalence_on_dense_data": "weights are for the final model, not for finding issues",
    "check_sample_weight_equivalence_on_sparse_data": "weights are for the final model, not for finding issues",
    "check_complex_data": "complex labels are refused with another exception",
    "check_estimators_nan_inf": "labels are fractions",
    "check_estimator_sparse_array": LABELS_FROM_0,
    "check_estimator_sparse_matrix": LABELS_FROM_0,
}
REGRESSION = BOTH | {
    "check_sample_weight_equivalence_on_dense_data": "weights are for the final model, not for finding issues",
    "check_sample_weight_equivalence_on_sparse_data": "weights are for the final model, not for finding issues",
    "check_fit_idempotent": "folds come from NumPy's global stream",
}
MUST_PASS = {
    "check_estimator_cloneable",
    "check_no_attributes_set_in_init",
    "check_estimators_fit_returns_self",
    "check_estimators_pickle",
    "check_fit_check_is_fitted",
    "check_get_params_invariance",
    "check_set_params",
    "check_dict_unchanged",
    "check_n_features_in",
    "check_n_features_in_after_fitting",
    "check_readonly_memmap_input",
    "check_sample_weights_list",
    "check_f_contiguous_array_estimator",
}


class Names(BaseEstimator):
    """A classifier that is no ClassifierMixin, has no score, and keeps its state in names of its own."""

    def __init__(self, depth=3):
        self.depth = depth

    def fit(self, X, y):
        self.tree = DecisionTreeClassifier(max_depth=self.depth, random_state=0).fit(X, y)
        return self

    def predict(self, X):
        return self.tree.predict(X)

    def predict_proba(self, X):
        return self.tree.predict_proba(X)


@pytest.mark.skipif(
    tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 6), reason="check_estimator returns no results before 1.6"
)
@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (classification.CleanLearning(LogisticRegression(), seed=0, cv_n_folds=2), CLASSIFICATION),
        (learn.CleanLearning(LinearRegression(), seed=0, cv_n_folds=2, n_boot=1), REGRESSION),
    ],
    ids=["classification", "regression"],
)
def test_check_estimator_fails_only_where_the_interface_differs(estimator, expected):
    from sklearn.utils.estimator_checks import check_estimator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, expected_failed_checks=expected, on_fail=None, on_skip=None)
    failed = {result["check_name"]: result["exception"] for result in results if result["status"] == "failed"}
    assert not failed
    passed = {result["check_name"] for result in results if result["status"] == "passed"}
    known = {result["check_name"] for result in results}
    assert MUST_PASS & known <= passed


@pytest.mark.parametrize("wrapped", [LogisticRegression(), Names(), SVC(probability=True, random_state=0)])
def test_clone_is_untrained_and_equal(wrapped):
    X, labels, _ = noisy_classes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        clean = classification.CleanLearning(wrapped, seed=0, cv_n_folds=3).fit(X, labels)
        copy = clone(clean)
        assert copy.label_issues_df is None and not hasattr(copy, "classes_")
        assert copy.find_label_issues_kwargs == {"min_examples_per_class": 10}
        assert copy.get_params()["cv_n_folds"] == 3
        assert np.array_equal(copy.fit(X, labels).predict(X), clean.predict(X))


def test_clone_of_the_default_flattens_too():
    X, labels, _ = noisy_classes()
    copy = clone(classification.CleanLearning(seed=0))
    assert copy.fit(X.reshape(-1, 2, 1), labels).predict(X.reshape(-1, 1, 2)).shape == labels.shape


def test_pipeline_with_the_estimator_last():
    X, labels, true = noisy_classes()
    pipeline = make_pipeline(StandardScaler(), classification.CleanLearning(LogisticRegression(), seed=0))
    assert pipeline.fit(X, labels).score(X, true) > 0.9
    assert pipeline.predict_proba(X).shape == (len(X), 3)
    assert pipeline.classes_.tolist() == [0, 1, 2]
    X, y, _ = noisy_numbers()
    pipeline = make_pipeline(StandardScaler(), learn.CleanLearning(Ridge(), seed=0)).fit(X, y)
    assert pipeline.predict(X).shape == y.shape


def test_pipeline_inside_the_estimator():
    X, labels, true = noisy_classes()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    clean = classification.CleanLearning(model, seed=0).fit(X, labels)
    assert clean.score(X, true) > 0.9
    assert clean.n_features_in_ == 2


def test_grid_search_sets_parameters_of_both():
    X, labels, true = noisy_classes()
    search = GridSearchCV(
        classification.CleanLearning(LogisticRegression(), seed=0),
        {"clf__C": [0.01, 1.0], "cv_n_folds": [2, 3], "find_label_issues_kwargs": [{}, {"filter_by": "both"}]},
        cv=3,
    ).fit(X, labels)
    assert set(search.best_params_) == {"clf__C", "cv_n_folds", "find_label_issues_kwargs"}
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.score(X, true) > 0.9


def test_grid_search_of_the_regressor():
    X, y, _ = noisy_numbers()
    search = GridSearchCV(learn.CleanLearning(Ridge(), n_boot=1), {"model__alpha": [0.1, 1.0]}, cv=3).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_cross_val_score_and_predict():
    X, labels, true = noisy_classes()
    clean = classification.CleanLearning(LogisticRegression(), seed=0)
    assert cross_val_score(clean, X, labels, cv=3).shape == (3,)
    assert cross_val_predict(clean, X, labels, cv=3, method="predict_proba").shape == (len(X), 3)
    assert np.mean(cross_val_predict(clean, X, labels, cv=3) == true) > 0.9


def test_joblib_processes_get_the_estimator():
    joblib = pytest.importorskip("joblib")
    X, labels, _ = noisy_classes()
    clean = classification.CleanLearning(LogisticRegression(), seed=0)
    alone = clone(clean).fit(X, labels).predict_proba(X)
    tasks = (joblib.delayed(_fit_predict)(clone(clean), X, labels) for _ in range(2))
    for parallel in joblib.Parallel(n_jobs=2)(tasks):
        assert np.array_equal(parallel, alone)


def _fit_predict(clean, X, labels):
    return clean.fit(X, labels).predict_proba(X)


@pytest.mark.parametrize("package", ["pickle", "joblib"])
def test_pickle_keeps_model_and_results(package, tmp_path):
    X, labels, _ = noisy_classes()
    clean = classification.CleanLearning(LogisticRegression(), seed=0).fit(X, labels)
    if package == "pickle":
        copy = pickle.loads(pickle.dumps(clean))
    else:
        joblib = pytest.importorskip("joblib")
        joblib.dump(clean, tmp_path / "clean.joblib")
        copy = joblib.load(tmp_path / "clean.joblib")
    assert np.array_equal(copy.predict_proba(X), clean.predict_proba(X))
    assert copy.get_label_issues().equals(clean.get_label_issues())
    check_is_fitted(copy)
    more_X, more_labels, _ = noisy_classes(n_classes=4)
    assert copy.find_label_issues(more_X, more_labels)["given_label"].nunique() == 4


def test_meta_estimators_take_the_estimator():
    X, labels, true = noisy_classes(n_rows=240)
    bagging = BaggingClassifier(classification.CleanLearning(LogisticRegression()), n_estimators=2, random_state=0)
    assert bagging.fit(X, labels).score(X, true) > 0.9


def test_check_is_fitted_follows_the_final_model():
    X, labels, _ = noisy_classes()
    from sklearn.exceptions import NotFittedError

    for model in (LogisticRegression(), Names()):
        clean = classification.CleanLearning(model, seed=0)
        with pytest.raises(NotFittedError):
            check_is_fitted(clean)
        clean.find_label_issues(X, labels)
        with pytest.raises(NotFittedError):
            check_is_fitted(clean)
        check_is_fitted(clean.fit(X, labels))


def test_feature_names_are_those_of_the_model():
    pandas = pytest.importorskip("pandas")
    X, labels, _ = noisy_classes()
    X = pandas.DataFrame(X, columns=["a", "b"])
    clean = classification.CleanLearning(LogisticRegression(), seed=0).fit(X, labels)
    assert clean.feature_names_in_.tolist() == ["a", "b"]


def test_html_is_shown_in_notebooks():
    assert "CleanLearning" in classification.CleanLearning(LogisticRegression())._repr_html_()
