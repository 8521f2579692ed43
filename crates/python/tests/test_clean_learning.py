"""classification.CleanLearning: what it finds, trains, keeps, prints and refuses."""

from __future__ import annotations

import copy

import numpy as np
import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")

from noisy_points import noisy_classes, probabilities  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.naive_bayes import GaussianNB  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402

from cleanlab_rs import count, filter, rank  # noqa: E402
from cleanlab_rs.classification import CleanLearning  # noqa: E402

COLUMNS = ["is_label_issue", "label_quality", "given_label", "predicted_label"]


class Recorder(GaussianNB):
    """A classifier that remembers what it was trained on."""

    def fit(self, X, y, sample_weight=None, **others):
        self.X_, self.y_, self.weight_, self.others_ = X, y, sample_weight, others
        return super().fit(X, y, sample_weight)


def test_find_label_issues_flags_the_wrong_labels():
    X, labels, true = noisy_classes()
    issues = CleanLearning(seed=0).find_label_issues(X, labels)
    assert list(issues.columns) == COLUMNS
    assert [str(issues[name].dtype) for name in COLUMNS] == ["bool", "float64", "int16", "int16"]
    flagged = issues["is_label_issue"].to_numpy()
    assert np.array_equal(flagged, labels != true)
    assert np.array_equal(issues["given_label"], labels)
    assert np.array_equal(issues["predicted_label"][flagged], true[flagged])


def test_find_label_issues_is_what_the_modules_give():
    X, labels, _ = noisy_classes(noise=0.3)
    model = LogisticRegression()
    clean = CleanLearning(model, seed=3)
    issues = clean.find_label_issues(X, labels)
    py, noise_matrix, inverse, joint, pred_probs = count.estimate_py_noise_matrices_and_cv_pred_proba(
        X, labels, clf=model, seed=3
    )
    mask = filter.find_label_issues(labels, pred_probs, confident_joint=joint, min_examples_per_class=10)
    assert np.array_equal(issues["is_label_issue"], mask)
    assert np.array_equal(issues["label_quality"], rank.get_label_quality_scores(labels, pred_probs))
    for kept, computed in [
        (clean.py, py),
        (clean.noise_matrix, noise_matrix),
        (clean.inverse_noise_matrix, inverse),
        (clean.confident_joint, joint),
    ]:
        assert np.array_equal(kept, computed)
    assert np.array_equal(clean.ps, np.bincount(labels) / len(labels))
    assert clean.num_classes == 3


def test_fit_trains_on_the_rest_with_weights_of_the_noise():
    X, labels, _ = noisy_classes()
    clean = CleanLearning(Recorder(), seed=0)
    assert clean.fit(X, labels) is clean
    table = clean.get_label_issues()
    kept = ~table["is_label_issue"].to_numpy()
    assert np.array_equal(clean.clf.X_, X[kept])
    assert np.array_equal(clean.clf.y_, labels[kept])
    weights = 1 / np.maximum(np.diagonal(clean.noise_matrix), 1e-3)
    assert np.array_equal(clean.clf.weight_, weights[labels[kept]])
    assert np.array_equal(table["sample_weight"], np.where(kept, weights[labels], 0))
    assert clean.sample_weight is table["sample_weight"] or np.array_equal(clean.sample_weight, table["sample_weight"])


def test_fit_without_sample_weight_in_the_signature_gives_none():
    X, labels, _ = noisy_classes()
    clean = CleanLearning(KNeighborsClassifier(3), seed=0).fit(X, labels)
    assert "sample_weight" not in clean.get_label_issues()
    with pytest.raises(ValueError, match="sample_weight"):
        clean.fit(X, labels, sample_weight=np.ones(len(labels)))


@pytest.mark.parametrize("convert", [np.asarray, list, pd.Series, lambda labels: pd.DataFrame({"y": labels})])
def test_fit_labels_in_any_container_give_the_same_weights(convert):
    X, labels, _ = noisy_classes()
    expected = CleanLearning(Recorder(), seed=0).fit(X, labels)
    clean = CleanLearning(Recorder(), seed=0).fit(X, convert(labels))
    pd.testing.assert_frame_equal(clean.get_label_issues(), expected.get_label_issues())
    assert np.array_equal(clean.clf.weight_, expected.clf.weight_)


@pytest.mark.parametrize("name", ["array", "list", "Series"])
def test_fit_own_weights_are_used_for_the_final_model(name):
    X, labels, _ = noisy_classes()
    weights = np.arange(1.0, len(labels) + 1)
    given = {"array": weights, "list": weights.tolist(), "Series": pd.Series(weights)}[name]
    clean = CleanLearning(Recorder(), seed=0).fit(X, labels, sample_weight=given)
    kept = ~clean.get_label_issues()["is_label_issue"].to_numpy()
    assert np.array_equal(clean.clf.weight_, weights[kept])
    assert "sample_weight" not in clean.get_label_issues()


def test_fit_final_arguments_come_after_those_of_every_fit():
    X, labels, _ = noisy_classes()
    seen = []

    class Noting(Recorder):
        def fit(self, X, y, sample_weight=None, **others):
            seen.append(others)
            return super().fit(X, y, sample_weight, **others)

    clean = CleanLearning(Noting(), seed=0, cv_n_folds=2)
    clean.fit(X, labels, clf_kwargs={"a": 1, "b": 1}, clf_final_kwargs={"b": 2})
    assert seen == [{"a": 1, "b": 1}] * 2 + [{"a": 1, "b": 2}]


def test_fit_validation_func_gets_the_held_out_rows():
    X, labels, _ = noisy_classes()
    sizes = []

    def validate(X_held_out, labels_held_out):
        sizes.append((len(X_held_out), len(labels_held_out)))
        return {"held_out": len(X_held_out)}

    CleanLearning(Recorder(), seed=0, cv_n_folds=4).fit(X, labels, validation_func=validate)
    assert sizes == [(30, 30)] * 4


@pytest.mark.parametrize("form", ["table", "mask", "indices", "small integers"])
def test_fit_given_issues_trains_the_same_model(form):
    X, labels, _ = noisy_classes()
    first = CleanLearning(Recorder(), seed=0)
    table = first.find_label_issues(X, labels)
    mask = table["is_label_issue"].to_numpy()
    rows = np.flatnonzero(mask)
    given = {"table": table, "mask": mask, "indices": rows, "small integers": rows.astype(np.int16)}[form]
    before = copy.deepcopy(given)
    clean = first.fit(X, labels, label_issues=given)
    assert np.array_equal(clean.clf.y_, labels[~mask])
    assert "sample_weight" in clean.get_label_issues()
    if form == "table":
        pd.testing.assert_frame_equal(given, before)
    else:
        assert np.array_equal(given, before)


def test_fit_given_issues_and_predictions_scores_the_labels():
    X, labels, _ = noisy_classes()
    pred_probs = probabilities(labels, 3)
    with pytest.warns(UserWarning, match="X may be ignored"):
        clean = CleanLearning(seed=0).fit(X, labels, label_issues=np.array([1, 4]), pred_probs=pred_probs)
    table = clean.get_label_issues()
    assert np.array_equal(table["label_quality"], rank.get_label_quality_scores(labels, pred_probs))
    assert np.flatnonzero(table["is_label_issue"]).tolist() == [1, 4]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pd.DataFrame({"other": np.zeros(120)}), "no column"),
        (pd.DataFrame({"is_label_issue": np.zeros(3, bool)}), "3 rows"),
        (pd.DataFrame({"is_label_issue": np.zeros(120, bool), "given_label": np.full(120, 7)}), "row 0"),
        (np.zeros(3, bool), "shape"),
        (np.zeros(120), "float64"),
        (np.array([1, 1]), "each of them once"),
        ([True, False], "list"),
    ],
)
def test_fit_unusable_issues_are_refused(given, words):
    X, labels, _ = noisy_classes()
    with pytest.raises(ValueError, match=words):
        CleanLearning(seed=0).fit(X, labels, label_issues=given)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "y is None"),
        ({"labels": [0, 1], "y": [0, 1]}, "two names"),
        ({"y": [0, 1] * 60, "clf_kwargs": {"sample_weight": 1}}, "clf_kwargs"),
        ({"y": [0, 1] * 60, "noise_matrix": np.full((2, 2), 0.5)}, "trace of noise_matrix"),
        ({"y": [0, 1] * 60, "inverse_noise_matrix": np.full((2, 2), 0.5)}, "trace of inverse_noise_matrix"),
    ],
)
def test_fit_unusable_arguments_are_refused(arguments, words):
    X, _, _ = noisy_classes()
    with pytest.raises(ValueError, match=words):
        CleanLearning(seed=0).fit(X, **arguments)


def test_find_label_issues_too_few_rows_for_the_folds_are_refused():
    X, labels, _ = noisy_classes(n_rows=12)
    with pytest.raises(ValueError, match="5 folds"):
        CleanLearning(seed=0).find_label_issues(X, labels)


@pytest.mark.parametrize("name", ["return_indices_ranked_by", "multi_label"])
def test_find_label_issues_options_that_give_no_mask_are_refused(name):
    X, labels, _ = noisy_classes()
    with pytest.raises(ValueError, match=name):
        CleanLearning(find_label_issues_kwargs={name: True}).find_label_issues(X, labels)


@pytest.mark.parametrize("missing", ["fit", "predict", "predict_proba"])
def test_init_without_a_method_is_refused(missing):
    methods = {name: lambda self: None for name in ("fit", "predict", "predict_proba") if name != missing}
    with pytest.raises(ValueError, match=missing):
        CleanLearning(type("Incomplete", (), methods)())


def test_inputs_are_left_as_they_are():
    X, labels, _ = noisy_classes(n_classes=2)
    joint = np.array([[50, 10], [5, 55]])
    matrices = [np.array([[0.9, 0.2], [0.1, 0.8]]), np.array([[0.8, 0.1], [0.2, 0.9]])]
    options = {"confident_joint": joint}
    before = copy.deepcopy((X, labels, joint, matrices, options))
    CleanLearning(seed=0, pulearning=1, find_label_issues_kwargs=options).fit(X, labels)
    CleanLearning(seed=0, pulearning=1).fit(X, labels, noise_matrix=matrices[0], inverse_noise_matrix=matrices[1])
    np.testing.assert_equal((X, labels, joint, matrices, options), before)


def test_pulearning_takes_errors_out_of_one_class():
    X, labels, _ = noisy_classes(n_classes=2, noise=0.2)
    clean = CleanLearning(seed=0, pulearning=1)
    clean.find_label_issues(X, labels)
    assert clean.noise_matrix[:, 0].tolist() == [1, 0]
    assert clean.inverse_noise_matrix[:, 1].tolist() == [0, 1]
    assert clean.confident_joint[:, 0].tolist() == [1, 0]


def test_second_call_estimates_anew():
    X, labels, _ = noisy_classes()
    more_X, more_labels, _ = noisy_classes(n_classes=4, seed=1)
    clean = CleanLearning(seed=0)
    clean.find_label_issues(X, labels)
    assert clean.find_label_issues_kwargs["confident_joint"] is clean.confident_joint
    table = clean.find_label_issues(more_X, more_labels)
    pd.testing.assert_frame_equal(table, CleanLearning(seed=0).find_label_issues(more_X, more_labels))
    assert clean.confident_joint.shape == (4, 4)


def test_joint_of_the_callers_is_used_every_time():
    X, labels, _ = noisy_classes()
    joint = np.array([[30, 5, 5], [5, 30, 5], [5, 5, 30]])
    clean = CleanLearning(seed=0, find_label_issues_kwargs={"confident_joint": joint})
    first = clean.find_label_issues(X, labels)
    assert np.array_equal(clean.confident_joint, joint)
    pd.testing.assert_frame_equal(clean.find_label_issues(X, labels), first)


def test_save_space_drops_results_and_keeps_the_model():
    X, labels, true = noisy_classes()
    clean = CleanLearning(seed=0).fit(X, labels)
    predicted = clean.predict(X)
    clean.save_space()
    with pytest.warns(UserWarning, match="no label issues"):
        assert clean.get_label_issues() is None
    assert clean.noise_matrix is None and clean.clf_final_kwargs is None and clean.find_label_issues_kwargs is None
    assert np.array_equal(clean.predict(X), predicted)
    assert clean.score(X, true) > 0.9
    clean.fit(X, labels)
    assert np.array_equal(clean.predict(X), predicted)


def test_find_label_issues_save_space_keeps_no_table():
    X, labels, _ = noisy_classes()
    clean = CleanLearning(seed=0)
    assert clean.find_label_issues(X, labels, save_space=True) is not None
    assert clean.label_issues_df is None and clean.label_issues_mask is None
    assert clean.confident_joint is not None


def test_low_memory_warns_of_what_it_ignores():
    X, labels, true = noisy_classes()
    clean = CleanLearning(seed=0, low_memory=True, find_label_issues_kwargs={"filter_by": "both"})
    with pytest.warns(UserWarning) as seen:
        table = clean.find_label_issues(X, labels, thresholds=np.full(3, 0.5))
    words = " ".join(str(warning.message) for warning in seen)
    assert "`find_label_issues_kwargs`" in words and "`thresholds`" in words
    assert np.mean(table["is_label_issue"] == (labels != true)) > 0.95
    assert clean.noise_matrix is None


def test_default_classifier_flattens_examples():
    X, labels, _ = noisy_classes()
    flat, deep = CleanLearning(seed=0).fit(X, labels), CleanLearning(seed=0).fit(X.reshape(-1, 2, 1), labels)
    assert np.array_equal(flat.predict_proba(X), deep.predict_proba(X=X.reshape(-1, 1, 2)))
    with pytest.raises(ValueError, match="X"):
        flat.predict()


def test_seed_sets_the_global_stream():
    np.random.seed(5)
    expected = np.random.random()
    CleanLearning(seed=5)
    assert np.random.random() == expected


def test_no_seed_draws_folds_from_the_global_stream():
    X, labels, _ = noisy_classes(noise=0.4)
    np.random.seed(1)
    first = CleanLearning().find_label_issues(X, labels)
    np.random.seed(1)
    pd.testing.assert_frame_equal(CleanLearning().find_label_issues(X, labels), first)
    assert not CleanLearning().find_label_issues(X, labels).equals(first)


def test_verbose_says_what_happens(capsys):
    X, labels, _ = noisy_classes()
    CleanLearning(seed=0, verbose=True).fit(X, labels)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "Computing", "Using", "Identified", "Pruning", "Remaining", "Assigning", "Fitting", "Label"
    ]  # fmt: skip
    CleanLearning(seed=0).fit(X, labels)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", ["csr", "DataFrame", "polars", "lists of objects"])
def test_features_of_any_kind_are_split(kind):
    X, labels, true = noisy_classes()
    model = LogisticRegression()
    if kind == "csr":
        sparse = pytest.importorskip("scipy.sparse")
        X = sparse.csr_matrix(X)
    elif kind == "DataFrame":
        X = pd.DataFrame(X, columns=["a", "b"])
    elif kind == "polars":
        X = pytest.importorskip("polars").DataFrame(X, schema=["a", "b"])
    else:
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer

        X = np.array([{"a": a, "b": b} for a, b in X], dtype=object)
        model = make_pipeline(FunctionTransformer(lambda rows: [[row["a"], row["b"]] for row in rows]), model)
    clean = CleanLearning(model, seed=0).fit(X, labels)
    assert clean.score(X, true) > 0.9
    assert np.array_equal(clean.get_label_issues()["is_label_issue"], labels != true)


def test_score_of_a_model_without_score_is_its_accuracy():
    X, labels, true = noisy_classes()

    class NoScore:
        def __init__(self):
            self.inner = GaussianNB()

        def get_params(self, deep=False):
            return {}

        def fit(self, X, y):
            self.inner.fit(X, y)

        def predict(self, X):
            return self.inner.predict(X)

        def predict_proba(self, X):
            return self.inner.predict_proba(X)

    clean = CleanLearning(NoScore(), seed=0).fit(X, labels)
    assert clean.score(X, true) == np.mean(clean.predict(X) == true)


def test_repr_has_the_estimated_joint_after_fit():
    X, labels, _ = noisy_classes()
    clean = CleanLearning(LogisticRegression(), seed=0)
    assert repr(clean) == "CleanLearning(clf=LogisticRegression(), seed=0)"
    assert "'confident_joint': array(" in repr(clean.fit(X, labels))
