//! Files as pandas, pyarrow and NumPy write them; `fixtures/make.py` made them.

use std::path::PathBuf;

use cleanlab_table::{
    AnyArray, ArrayOptions, ColumnType, ProbsMatrix, ReadOptions, Table, TableError, read_array, read_labels,
    read_pred_probs,
};
use ndarray::array;

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect()
}

fn read_fixture(name: &str) -> Result<AnyArray, TableError> {
    read_array(fixture(name), &ArrayOptions::default())
}

fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let column = table.column(column).unwrap();
    (0..table.n_rows()).map(|row| column.value_text(row)).collect()
}

fn some<const N: usize>(values: [&str; N]) -> Vec<Option<String>> {
    values.into_iter().map(|value| Some(value.to_owned())).collect()
}

#[test]
fn read_pandas_files_every_type_arrives() {
    use ColumnType::{Boolean, Float, Integer, Text, Unsupported};
    for name in ["pandas.parquet", "pandas.feather", "pandas.arrows"] {
        let table = Table::read(fixture(name), &ReadOptions::default()).unwrap();
        assert_eq!(
            table.column_names(),
            [
                "id", "unsigned", "half", "flag", "nullable", "label", "text", "when", "zoned", "day",
                "list", "money"
            ],
            "{name}"
        );
        let types: Vec<ColumnType> =
            table.columns().iter().map(cleanlab_table::Column::column_type).collect();
        let expected =
            [Integer, Integer, Float, Boolean, Integer, Text, Text, Text, Text, Text, Unsupported, Float];
        assert_eq!(types, expected, "{name}");
        assert_eq!(texts(&table, "id"), some(["7", "8", "9"]));
        assert_eq!(texts(&table, "half"), [Some("0.5".into()), None, Some("-2.0".into())]);
        assert_eq!(texts(&table, "flag"), some(["true", "false", "true"]));
        assert_eq!(texts(&table, "nullable"), [Some("1".into()), None, Some("3".into())]);
        assert_eq!(texts(&table, "label"), some(["dog", "cat", "dog"]));
        assert_eq!(texts(&table, "text"), [Some("a".into()), None, Some("é, \"q\"".into())]);
        assert_eq!(texts(&table, "when")[1].as_deref(), Some("2024-01-01T01:00:00"));
        assert_eq!(texts(&table, "zoned")[1].as_deref(), Some("2024-01-01T00:00:00Z"));
        assert_eq!(texts(&table, "day"), some(["2024-01-01", "2024-01-02", "2024-01-03"]));
        assert_eq!(texts(&table, "money"), some(["1.25", "2.5", "3.75"]));
    }
}

#[test]
fn read_delta_encoded_parquet_arrives() {
    let table = Table::read(fixture("delta.parquet"), &ReadOptions::default()).unwrap();
    assert_eq!(texts(&table, "id"), some(["7", "8", "9"]));
    assert_eq!(texts(&table, "text")[2].as_deref(), Some("é, \"q\""));
}

#[test]
fn read_unsupported_column_is_named_when_used() {
    let table = Table::read(fixture("pandas.parquet"), &ReadOptions::default()).unwrap();
    let error = table.labels("list", &cleanlab_table::LabelOptions::default()).unwrap_err();
    assert!(matches!(error, TableError::UnsupportedColumn { .. }));
    assert!(error.to_string().starts_with("column \"list\" has type List("), "{error}");
}

#[test]
fn read_array_strings_of_both_kinds_are_read() {
    let AnyArray::Text(text) = read_fixture("strings.npy").unwrap() else { panic!("not text") };
    assert_eq!(text, array!["dog", "émü", "dog"].mapv(str::to_owned).into_dyn());
    let AnyArray::Text(text) = read_fixture("bytes.npy").unwrap() else { panic!("not text") };
    assert_eq!(text, array!["dog", "cat"].mapv(str::to_owned).into_dyn());
}

#[test]
fn read_array_byte_order_and_layout_are_honoured() {
    let array = read_fixture("big_endian_fortran.npy").unwrap();
    assert_eq!(array, AnyArray::F32(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].into_dyn()));
    assert_eq!(read_fixture("half.npy").unwrap(), AnyArray::F32(array![[0.5, 0.25]].into_dyn()));
}

#[test]
fn read_array_objects_are_never_unpickled() {
    let error = read_fixture("objects.npy").unwrap_err();
    assert!(matches!(&error, TableError::ObjectArray { dtype, .. } if dtype == "|O"));
    assert!(error.to_string().contains("never unpickled; save it again as numbers or strings"), "{error}");
}

#[test]
fn read_array_structured_dtype_is_refused() {
    assert!(matches!(read_fixture("structured.npy"), Err(TableError::UnsupportedDtype { .. })));
}

#[test]
fn read_array_npz_chooses_or_lists_its_arrays() {
    assert_eq!(read_fixture("only.npz").unwrap().shape(), [2, 2]);

    let error = read_fixture("several.npz").unwrap_err();
    assert!(matches!(&error, TableError::AmbiguousEntry { entries, .. } if entries == &["a", "b"]));
    assert!(error.to_string().ends_with(r#"name one of "a", "b""#), "{error}");

    let chosen = read_array(fixture("several.npz"), &ArrayOptions::default().with_key("a")).unwrap();
    assert_eq!(chosen.shape(), [2]);

    let error = read_array(fixture("several.npz"), &ArrayOptions::default().with_key("c")).unwrap_err();
    assert!(matches!(&error, TableError::NoSuchEntry { key, .. } if key == "c"));
}

#[test]
fn read_labels_and_pred_probs_one_archive_serves_both() {
    let labels = read_labels(fixture("both.npz"), &ArrayOptions::default()).unwrap();
    assert_eq!((labels.labels.as_slice(), labels.class_names), (&[1, 0][..], None));
    let given = read_pred_probs(fixture("both.npz"), &ArrayOptions::default()).unwrap();
    assert_eq!(given.values, ProbsMatrix::F64(array![[0.25, 0.75], [0.5, 0.5]]));
    assert_eq!(given.column_names, None);
}

#[test]
fn read_labels_strings_become_class_names() {
    let given = read_labels(fixture("strings.npy"), &ArrayOptions::default()).unwrap();
    assert_eq!(given.labels.as_slice(), [0, 1, 0]);
    assert_eq!(given.class_names.unwrap().as_slice(), ["dog", "émü"]);
}
