"""Every form of data and labels gives the same audit, and what cannot be read is refused."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs import Datalab
from cleanlab_rs.datalab.internal.columns import (
    DataFormatError,
    DatasetDictError,
    DatasetLoadError,
    as_numbers,
    read_columns,
)

LABELS = ["dog", "ant", "dog", "cow", "ant", "dog"]


class OnlyArrow:
    """Nothing but Arrow's interface for capsules."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


def forms():
    numbers = list(range(6))
    yield "dict of lists", lambda: {"y": LABELS, "x": numbers}
    yield "dict of arrays", lambda: {"y": np.array(LABELS), "x": np.arange(6)}
    yield "dict of objects", lambda: {"y": np.array(LABELS, dtype=object), "x": np.arange(6)}
    yield "dict of series", lambda: {"y": pd.Series(LABELS, index=numbers[::-1]), "x": pd.Series(numbers)}
    yield "list", lambda: [{"y": label, "x": number} for label, number in zip(LABELS, numbers)]
    for kind in ("object", "str", "string", "category"):
        yield f"pandas {kind}", lambda kind=kind: pd.DataFrame({"y": pd.Series(LABELS).astype(kind), "x": numbers})
    yield "pandas index", lambda: pd.DataFrame({"y": LABELS, "x": numbers}, index=list("fedcba"))
    yield "ordered categories", lambda: pd.DataFrame(
        {"y": pd.Categorical(LABELS, categories=["dog", "cow", "ant", "elk"], ordered=True), "x": numbers}
    )

    def polars(kind=None):
        pl = pytest.importorskip("polars")
        frame = pl.DataFrame({"y": LABELS, "x": numbers})
        return frame.with_columns(pl.col("y").cast(kind(pl))) if kind else frame

    yield "polars", polars
    yield "polars categories", lambda: polars(lambda pl: pl.Categorical)
    yield "polars enum", lambda: polars(lambda pl: pl.Enum(["dog", "cow", "ant"]))

    def arrow(wrap=lambda table: table):
        return wrap(pytest.importorskip("pyarrow").table({"y": LABELS, "x": numbers}))

    yield "arrow", arrow
    yield "arrow batch", lambda: arrow(lambda table: table.to_batches()[0])
    yield "arrow dictionary", lambda: arrow(lambda table: table.set_column(0, "y", table["y"].dictionary_encode()))
    yield "capsule", lambda: arrow(OnlyArrow)

    def dataset(change=lambda data: data):
        return change(pytest.importorskip("datasets").Dataset.from_dict({"y": LABELS, "x": numbers}))

    yield "dataset", dataset
    yield "dataset of chosen rows", lambda: dataset(lambda data: data.select([5, 4, 3, 2, 1, 0]).select([5, 4, 3, 2, 1, 0]))
    yield "dataset with a format", lambda: dataset(lambda data: data.with_format("numpy"))


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in forms()])
def test_forms_of_data_give_the_same_labels(make):
    lab = Datalab(make(), label_name="y", verbosity=0)
    assert lab.labels.tolist() == [2, 0, 2, 1, 0, 2] and lab.labels.dtype == np.int64
    assert lab.class_names == ["ant", "cow", "dog"]
    assert (lab.label_name, lab.has_labels, lab.info["statistics"]["num_examples"]) == ("y", True, 6)
    lab.find_issues(issue_types={"class_imbalance": {}})
    assert lab.get_issues("class_imbalance")["given_label"].tolist() == LABELS
    lab.find_issues(issue_types={"null": {"features": np.ones((6, 2))}})
    assert len(lab._repr_html_()) > 10_000
    assert lab._data.columns.rows([1, 4], 9) == {"y": ["ant", "ant"], "x": [1, 4]}


@pytest.mark.parametrize(
    "values, names",
    [
        ([3, 10, 3, 2], [2, 3, 10]),
        (np.array([3, 10, 3, 2], dtype=np.uint8), [2, 3, 10]),
        (np.array([3, 10, 3, 2], dtype=">i2"), [2, 3, 10]),
        (np.array([9, 3, 9, 10, 9, 3, 9, 2])[1::2], [2, 3, 10]),
        (pd.array([3, 10, 3, 2], dtype="Int64"), [2, 3, 10]),
        (pd.Series([3, 10, 3, 2], dtype="category"), [2, 3, 10]),
        ([True, False, True, False], [False, True]),
        (pd.array([True, False, True, False], dtype="boolean"), [False, True]),
        ([1.5, 0.5, 1.5, 2.0], [0.5, 1.5, 2.0]),
        (np.array([1.5, 0.5, 1.5, 2.0], dtype=np.float32), [0.5, 1.5, 2.0]),
        ([np.str_("b"), "a", "b", "10"], ["10", "a", "b"]),
        (("b", "a", "b", "ä"), ["a", "b", "ä"]),
    ],
)
def test_kinds_of_labels_are_classes_in_sorted_order(values, names):
    for data in ({"y": values}, pd.DataFrame({"y": values})):
        lab = Datalab(data, label_name="y")
        assert lab.class_names == names
        given = values.tolist() if hasattr(values, "tolist") else list(values)
        assert [names[number] for number in lab.labels] == given


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["", "a", "b", "10", "2", "\u2028", "é"]), min_size=1, max_size=30))
def test_any_text_is_a_class(values):
    lab = Datalab({"y": values}, label_name="y")
    assert lab.class_names == sorted(set(values))
    assert [lab.class_names[number] for number in lab.labels] == values


def test_class_names_of_a_dataset_keep_their_order():
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"y": datasets.ClassLabel(names=["z", "a", "q"])})
    lab = Datalab(datasets.Dataset.from_dict({"y": [0, 2, 2]}, features=features), label_name="y")
    assert (lab.labels.tolist(), lab.class_names) == ([0, 2, 2], ["z", "a", "q"])
    with pytest.raises(DatasetDictError):
        Datalab(datasets.DatasetDict({"train": datasets.Dataset.from_dict({"y": [0]})}))


def test_numbers_and_sets_of_classes():
    lab = Datalab({"y": np.array([1, 2, 3], dtype=np.float32)}, label_name="y", task="regression")
    assert lab.labels.dtype == np.float64 and lab.class_names == []
    frame = pd.DataFrame({"y": pd.array([1.5, None, 2.5], dtype="Float64")})
    np.testing.assert_array_equal(Datalab(frame, label_name="y", task="regression").labels, [1.5, np.nan, 2.5])
    for rows in ([["b", "a"], [], ["b"]], [{"b", "a"}, set(), {"b"}], [np.array(["b", "a"]), np.array([], str), ("b",)]):
        lab = Datalab({"y": rows}, label_name="y", task="multilabel")
        assert [sorted(row) for row in lab.labels] == [[0, 1], [], [1]] and lab.class_names == ["a", "b"]


@pytest.mark.parametrize("values", [["a", None, "b"], [1, None, 2], [1.0, float("nan"), 2.0], np.array([1, np.nan])])
def test_missing_labels_are_refused_with_their_place(values):
    for data in ({"y": values}, pd.DataFrame({"y": values})):
        with pytest.raises(TypeError, match="1 of . labels are missing, the first in row 1"):
            Datalab(data, label_name="y")


@pytest.mark.parametrize(
    "data, error, message",
    [
        ({"y": [1, 2], "x": [1]}, DatasetLoadError, "differ in length"),
        ({"y": 5}, DatasetLoadError, "no sequence"),
        ({"y": [1, "a"]}, DatasetLoadError, "different kinds: int, str"),
        ({"y": [[1], [2]]}, ValueError, "one label per row"),
        ({"x": [1, 2]}, ValueError, "no column 'y' of labels"),
        ([{"y": 1}, 2], DatasetLoadError, "row 1"),
        ((1, 2), DataFormatError, "Unsupported data type"),
        (None, DataFormatError, "Unsupported data type"),
    ],
)
def test_what_is_no_table_is_refused(data, error, message):
    with pytest.raises(error, match=message):
        Datalab(data, label_name="y")
    assert issubclass(error, ValueError)


def test_files(tmp_path):
    frame = pd.DataFrame({"x": range(6), "y": LABELS})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_json(tmp_path / "a.json", orient="records")
    frame.to_json(tmp_path / "b.json", orient="records", lines=True)
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    names = ["a.csv", "a.tsv", "a.json", "b.json", "a.jsonl"]
    for name in names:
        assert Datalab(str(tmp_path / name), label_name="y").labels.tolist() == [2, 0, 2, 1, 0, 2]
    assert Datalab(tmp_path / "a.csv", label_name="y").class_names == ["ant", "cow", "dog"]
    (tmp_path / "a.txt").write_text("\n".join(LABELS))
    assert Datalab(str(tmp_path / "a.txt"), label_name="text").class_names == ["ant", "cow", "dog"]
    (tmp_path / "a.xyz").write_text("?")
    (tmp_path / "bad.json").write_text("{")
    for name in ("a.xyz", "bad.json"):
        with pytest.raises(DatasetLoadError):
            Datalab(str(tmp_path / name))


def test_json_of_columns_and_of_one_record(tmp_path):
    path = tmp_path / "a.json"
    for text, n_rows in (('{"a": [1, 2], "b": ["x", "y"]}', 2), ('{"a": 1, "b": "xyz"}', 1), ('[{"a": 1}]', 1), ("{}", 1)):
        path.write_text(text)
        assert read_columns(str(path)).n_rows == n_rows
    for text in ('{"a": [1, 2, 3], "b": [1, 2]}', '{"a": [1, 2], "b": 3}', "3", "[3]"):
        path.write_text(text)
        with pytest.raises(DatasetLoadError):
            read_columns(str(path))


@pytest.mark.parametrize("labels", [["a", 1, "b"], [1, "b", "c"]])
def test_names_of_which_some_are_text_are_refused_with_their_place(labels):
    with pytest.raises(DatasetLoadError, match="the label of row 1 is"):
        Datalab(pd.DataFrame({"y": pd.Series(labels, dtype=object)}), label_name="y")
    with pytest.raises(DatasetLoadError, match="the label of row 1 is"):
        Datalab({"y": [[label] for label in labels]}, label_name="y", task="multilabel")


@pytest.mark.parametrize("number", [-1, 2])
def test_numbers_that_no_class_has_are_refused_with_their_place(number):
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"y": [0, 1, number]})
    # As data sets are read that were written with labels left out; a cast would refuse them.
    table = data.data.table
    features = datasets.Features({"y": datasets.ClassLabel(names=["yes", "no"])})
    data = datasets.Dataset(table, info=datasets.DatasetInfo(features=features))
    with pytest.raises(ValueError, match=f"the label of row 2 is {number}"):
        Datalab(data, label_name="y")


def test_later_changes_of_the_data_do_not_change_labels():
    labels = np.arange(4)
    lab = Datalab({"y": labels}, label_name="y")
    labels[:] = 0
    assert lab.labels.tolist() == [0, 1, 2, 3]


def test_features_and_predictions_of_any_form():
    values = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.6, 0.4]])
    frame = pd.DataFrame(values, columns=["a", "b"])
    nullable = frame.astype("Float64")
    nullable.iloc[0, 0] = pd.NA
    for form in (values, values.tolist(), frame, np.asfortranarray(values), values[:, ::-1][:, ::-1]):
        np.testing.assert_array_equal(as_numbers(form), values)
    np.testing.assert_array_equal(as_numbers(nullable)[0], [np.nan, 0.1])
    pl = pytest.importorskip("polars")
    np.testing.assert_array_equal(as_numbers(pl.DataFrame(values)), values)
    pa = pytest.importorskip("pyarrow")
    np.testing.assert_array_equal(as_numbers(OnlyArrow(pa.Table.from_pandas(frame))), values)
    assert as_numbers(None) is None
    lab = Datalab({"y": [0, 1, 0, 0]}, label_name="y", verbosity=0)
    lab.find_issues(features=pl.DataFrame(values), issue_types={"null": {}, "outlier": {"k": 2}})
    assert lab.issue_summary["issue_type"].tolist() == ["null", "outlier"]


def test_data_are_given_back_as_a_dataset():
    datasets = pytest.importorskip("datasets")
    lab = Datalab({"y": LABELS}, label_name="y")
    assert isinstance(lab.data, datasets.Dataset) and lab.data.column_names == ["y"]


def test_nothing_else_is_imported_than_what_is_needed():
    code = (
        "import sys, cleanlab_rs\n"
        "heavy = {'pandas', 'sklearn', 'scipy', 'datasets', 'polars', 'pyarrow'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "lab = cleanlab_rs.Datalab({'y': ['a', 'b']}, label_name='y', verbosity=0)\n"
        "lab.find_issues(issue_types={'class_imbalance': {}})\n"
        "assert not {'sklearn', 'scipy', 'datasets', 'polars'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_columns_are_read_only_when_asked_for():
    class Guarded(list):
        def __iter__(self):
            raise AssertionError("this column was not asked for")

    columns = read_columns({"y": [1, 2], "x": Guarded([1, 2])})
    assert columns.names == ["y", "x"] and columns.values("y").tolist() == [1, 2]


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_sparse_features_are_audited_like_dense_ones(form):
    sparse = scipy.sparse.random(80, 9, density=0.4, random_state=0)
    labels = np.random.default_rng(0).integers(0, 3, 80)
    found = []
    for features in (sparse.asformat(form), sparse.toarray()):
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        lab.find_issues(features=features)
        found.append(lab)
    there = set(found[0].get_issue_summary()["issue_type"])
    assert {"label", "null", "outlier", "near_duplicate", "non_iid"} <= there
    pd.testing.assert_frame_equal(found[0].get_issues(), found[1].get_issues())


def test_sparse_features_that_would_not_fit_are_refused_with_a_way_out():
    from cleanlab_rs.internal.neighbor.knn_graph import features_to_knn

    with pytest.raises(ValueError, match="TruncatedSVD"):
        features_to_knn(scipy.sparse.csr_matrix((200_000, 50_000)))


@pytest.mark.parametrize("form", ["csr", "csc", "bsr", "coo"])
def test_sparse_features_with_places_outside_of_their_shape_are_refused(form):
    from cleanlab_rs._arguments import dense

    features = scipy.sparse.random(40, 9, density=0.4, random_state=0, format=form)
    (features.row if form == "coo" else features.indices)[3] = 10**6
    with pytest.raises(ValueError):
        dense(features)
    if form != "coo":
        features = scipy.sparse.random(40, 9, density=0.4, random_state=0, format=form)
        features.indptr[2] = 10**6
        with pytest.raises(ValueError):
            dense(features)
        # Without entries SciPy's own check looks at the last row alone.
        features = type(features)((40, 9))
        features.indptr[2] = 10**6
        with pytest.raises(ValueError, match="indptr falls"):
            dense(features)


def test_columns_of_the_same_name_are_refused():
    frame = pd.DataFrame([[0, 1], [1, 0]] * 10, columns=["y", "y"])
    with pytest.raises(ValueError, match="several columns are called 'y'"):
        Datalab(frame, label_name="y")


def test_options_that_no_check_has_are_told_and_options_that_are_none_refused():
    lab = Datalab({"y": [0, 1] * 20}, label_name="y", verbosity=0)
    features = np.random.default_rng(0).random((40, 3))
    with pytest.warns(UserWarning, match="no option 'treshold', which is ignored; did you mean 'threshold'"):
        lab.find_issues(features=features, issue_types={"outlier": {"treshold": 0.5}})
    with pytest.raises(TypeError, match="issue_types must be a dict"):
        lab.find_issues(features=features, issue_types=["outlier"])
    with pytest.raises(TypeError, match="options of the check 'outlier'"):
        lab.find_issues(features=features, issue_types={"outlier": None})


@pytest.mark.parametrize(("labels", "error"), [([None, 1, 0], TypeError), (pd.Series([0, pd.NA, 1], dtype="Int64"), ValueError)])
def test_labels_that_are_missing_are_told_by_their_row(labels, error):
    from cleanlab_rs.filter import find_label_issues

    with pytest.raises(error, match=r"label of row [01] is missing"):
        find_label_issues(labels, np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
