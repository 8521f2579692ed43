"""regression.learn.CleanLearning: what it finds, trains, keeps, prints and refuses."""

from __future__ import annotations

import numpy as np
import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")

from noisy_points import noisy_numbers  # noqa: E402
from sklearn.linear_model import LinearRegression, Ridge  # noqa: E402
from sklearn.neighbors import KNeighborsRegressor  # noqa: E402

from cleanlab_rs.regression.learn import CleanLearning  # noqa: E402

COLUMNS = ["is_label_issue", "label_quality", "given_label", "predicted_label"]


class Recorder(LinearRegression):
    """A regressor that remembers what it was trained on."""

    def fit(self, X, y, sample_weight=None):
        self.X_, self.y_, self.weight_ = X, y, sample_weight
        return super().fit(X, y, sample_weight)


def test_find_label_issues_ranks_wrong_labels_first():
    X, y, wrong = noisy_numbers()
    clean = CleanLearning(seed=0)
    issues = clean.find_label_issues(X, y)
    assert list(issues.columns) == COLUMNS
    assert np.array_equal(np.sort(np.argsort(issues["label_quality"].to_numpy())[: len(wrong)]), wrong)
    assert issues["is_label_issue"][wrong].all()
    assert issues["is_label_issue"].sum() == np.ceil(clean.k * len(y))
    assert issues["label_quality"].between(0, 1).all()


def test_find_label_issues_of_whole_labels_predicts_whole_numbers():
    X, y, _ = noisy_numbers()
    issues = CleanLearning(seed=0).find_label_issues(X, np.round(10 * y).astype(int))
    assert issues["predicted_label"].dtype == int


def test_fit_trains_on_the_rest():
    X, y, _ = noisy_numbers()
    clean = CleanLearning(Recorder(), seed=0)
    assert clean.fit(X, y) is clean
    kept = ~clean.get_label_issues()["is_label_issue"].to_numpy()
    assert np.array_equal(clean.model.X_, X[kept]) and np.array_equal(clean.model.y_, y[kept])
    assert clean.model.weight_ is None
    assert np.abs(clean.predict(X) - X @ [1, 2, -1]).max() < 0.3
    assert clean.score(X[kept], y[kept]) > 0.99


@pytest.mark.parametrize("convert", [np.asarray, list, pd.Series])
def test_fit_own_weights_are_those_of_the_kept_rows(convert):
    X, y, _ = noisy_numbers()
    weights = np.arange(1.0, len(y) + 1)
    clean = CleanLearning(Recorder(), seed=0).fit(X, y, sample_weight=convert(weights))
    assert np.array_equal(clean.model.weight_, weights[~clean.label_issues_mask])


@pytest.mark.parametrize("form", ["table", "mask", "Series"])
def test_fit_given_issues_trains_the_same_model(form):
    X, y, wrong = noisy_numbers()
    mask = np.zeros(len(y), bool)
    mask[wrong] = True
    given = {"table": pd.DataFrame({"is_label_issue": mask, "given_label": y}), "mask": mask, "Series": pd.Series(mask)}
    clean = CleanLearning(Recorder(), seed=0).fit(X, y, label_issues=given[form])
    assert np.array_equal(clean.model.y_, y[~mask])
    assert clean.k is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"label_issues": [True]}, "list"),
        ({"label_issues": np.array([1, 2])}, "int64"),
        ({"label_issues": np.zeros(3, bool)}, "shape"),
        ({"label_issues": pd.DataFrame({"x": [1]})}, "no column"),
        ({"sample_weight": np.ones(3)}, "3 entries"),
        ({"model_kwargs": {"sample_weight": 1}}, "fit\\(\\) itself"),
        ({"find_label_issues_kwargs": {"coarse_search_range": []}}, "empty"),
        ({"find_label_issues_kwargs": {"coarse_search_range": [0.99]}}, "too few"),
        ({"find_label_issues_kwargs": {"fine_search_size": -1}}, "negative"),
        ({"find_label_issues_kwargs": {"uncertainty": np.ones(3)}}, "3 entries"),
    ],
)
def test_fit_unusable_arguments_are_refused(arguments, words):
    X, y, _ = noisy_numbers()
    with pytest.raises(ValueError, match=words):
        CleanLearning(seed=0).fit(X, y, **arguments)


@pytest.mark.parametrize(
    "arguments", [{"n_boot": -1}, {"cv_n_folds": 1}, {"model": object()}], ids=["n_boot", "cv_n_folds", "model"]
)
def test_init_unusable_parameters_are_refused(arguments):
    with pytest.raises(ValueError):
        CleanLearning(**arguments)


def test_fit_weights_for_a_model_without_them_are_refused():
    X, y, _ = noisy_numbers()
    with pytest.raises(ValueError, match="does not take"):
        CleanLearning(KNeighborsRegressor(3)).fit(X, y, sample_weight=np.ones(len(y)))


def test_uncertainty_given_is_used():
    X, y, _ = noisy_numbers()
    np.random.seed(0)
    small = CleanLearning().find_label_issues(X, y, uncertainty=0.5)
    np.random.seed(0)
    rows = CleanLearning().find_label_issues(X, y, uncertainty=np.full(len(y), 0.5))
    pd.testing.assert_frame_equal(small, rows)


def test_uncertainties_have_their_shapes():
    X, y, _ = noisy_numbers()
    clean = CleanLearning(seed=0)
    epistemic = clean.get_epistemic_uncertainty(X, y)
    assert epistemic.shape == y.shape and (epistemic > 0).all()
    assert clean.get_aleatoric_uncertainty(X, y - X @ [1, 2, -1]) >= 0
    assert not CleanLearning(n_boot=0).get_epistemic_uncertainty(X, y).any()


def test_folds_come_from_the_global_stream():
    X, y, _ = noisy_numbers()
    first = CleanLearning(seed=4).find_label_issues(X, y)
    pd.testing.assert_frame_equal(CleanLearning(seed=4).find_label_issues(X, y), first)
    np.random.seed(4)
    pd.testing.assert_frame_equal(CleanLearning().find_label_issues(X, y), first)


@pytest.mark.parametrize("kind", ["csr", "DataFrame"])
def test_features_of_any_kind_give_the_same_issues(kind):
    X, y, _ = noisy_numbers()
    features = pytest.importorskip("scipy.sparse").csr_matrix(X) if kind == "csr" else pd.DataFrame(X).add_prefix("x")
    # Ridge takes another solver for sparse features, so only the flags are equal.
    solver = Ridge(alpha=1e-6, solver="sparse_cg", tol=1e-12)
    expected = CleanLearning(solver, seed=0).fit(X, y)
    clean = CleanLearning(Ridge(alpha=1e-6, solver="sparse_cg", tol=1e-12), seed=0).fit(features, y)
    assert np.array_equal(clean.label_issues_mask, expected.label_issues_mask)
    np.testing.assert_allclose(clean.predict(features), expected.predict(X), rtol=1e-6)


def test_save_space_drops_results_and_keeps_the_model():
    X, y, _ = noisy_numbers()
    clean = CleanLearning(seed=0).fit(X, y)
    predicted = clean.predict(X)
    clean.save_space()
    assert clean.label_issues_df is None and clean.label_issues_mask is None and clean.k is None
    with pytest.warns(UserWarning, match="no label issues"):
        clean.get_label_issues()
    assert np.array_equal(clean.predict(X), predicted)


def test_verbose_says_what_happens(capsys):
    X, y, _ = noisy_numbers()
    CleanLearning(seed=0, verbose=True).fit(X, y, sample_weight=np.ones(len(y)))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "Identifying", "Identified", "Pruning", "Remaining", "Fitting", "Label"
    ]  # fmt: skip
