//! Columns and files of labels.

use cleanlab_core::InputError;
use cleanlab_table::{
    ArrayOptions, LabelOptions, MissingLabels, ReadOptions, Source, Table, TableError, read_labels,
};

fn table(column: &[&str]) -> Table {
    let content = format!("y,x\n{}", column.iter().map(|cell| format!("{cell},0\n")).collect::<String>());
    Table::read(Source::from_bytes(content, "t.csv"), &ReadOptions::default()).unwrap()
}

fn labels(column: &[&str]) -> Result<cleanlab_table::ColumnLabels, TableError> {
    table(column).labels("y", &LabelOptions::default())
}

#[test]
fn labels_classes_are_ordered_as_numpy_orders_them() {
    let integers = labels(&["10", "9", "-1", "10"]).unwrap();
    assert_eq!(integers.class_names.as_slice(), ["-1", "9", "10"]);
    assert_eq!(integers.labels.as_slice(), [2, 1, 0, 2]);
    let floats = labels(&["1.5", "10", "2"]).unwrap();
    assert_eq!(floats.class_names.as_slice(), ["1.5", "2.0", "10.0"]);
    let booleans = labels(&["true", "false"]).unwrap();
    assert_eq!(booleans.class_names.as_slice(), ["False", "True"]);
    let texts = labels(&["émü", "b", "B", "a"]).unwrap();
    assert_eq!(texts.class_names.as_slice(), ["B", "a", "b", "émü"]);
    assert_eq!((texts.kept_rows, texts.missing_rows), (vec![0, 1, 2, 3], vec![]));
}

#[test]
fn labels_missing_rows_are_refused_or_dropped() {
    let table = table(&["a", "", "b", "NA", "a"]);
    let error = table.labels("y", &LabelOptions::default()).unwrap_err();
    assert!(matches!(error, TableError::MissingLabels { first_row: 1, n_missing: 2, n_rows: 5, .. }));
    assert!(
        error.to_string().starts_with("column \"y\" has no label in 2 of 5 rows, first in row 1; "),
        "{error}"
    );

    let options = LabelOptions::default().with_missing(MissingLabels::Drop);
    let labels = table.labels("y", &options).unwrap();
    assert_eq!(labels.labels.as_slice(), [0, 1, 0]);
    assert_eq!((labels.kept_rows.clone(), labels.missing_rows), (vec![0, 2, 4], vec![1, 3]));
    assert_eq!(table.take_rows(&labels.kept_rows).unwrap().n_rows(), 3);
}

#[test]
fn labels_all_missing_is_refused_even_when_dropping() {
    let options = LabelOptions::default().with_missing(MissingLabels::Drop);
    let error = table(&["", "NA"]).labels("y", &options).unwrap_err();
    assert!(matches!(error, TableError::MissingLabels { n_missing: 2, n_rows: 2, .. }));
}

#[test]
fn labels_one_class_is_refused() {
    let error = labels(&["cat", "cat"]).unwrap_err();
    assert!(matches!(&error, TableError::TooFewClasses { class, .. } if class == "cat"));
    assert!(error.to_string().starts_with("column \"y\" has only the class \"cat\"; "), "{error}");
}

#[test]
fn labels_numbers_to_predict_are_recognised() {
    let prices: Vec<String> = (0..60).map(|row| format!("{}.5", row % 30 * 7)).collect();
    let prices: Vec<&str> = prices.iter().map(String::as_str).collect();
    assert!(labels(&prices).is_ok());
    let error = labels(&prices[..40]).unwrap_err();
    assert!(
        matches!(&error, TableError::TooManyClasses { n_classes: 30, n_rows: 40, limit: 20, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("it looks like numbers to predict (regression)"), "{error}");
    let options = LabelOptions::default().with_max_classes(30);
    assert!(table(&prices[..40]).labels("y", &options).is_ok());
}

#[test]
fn labels_free_text_is_recognised() {
    let names: Vec<String> = (0..51).map(|row| format!("file{row}.png")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(labels(&names[..50]).is_ok());
    let error = labels(&names).unwrap_err();
    assert!(matches!(error, TableError::TooManyClasses { n_classes: 51, limit: 50, .. }));
    assert!(error.to_string().contains("free text"), "{error}");
}

#[test]
fn labels_unknown_column_lists_the_columns() {
    let error = table(&["a", "b"]).labels("label", &LabelOptions::default()).unwrap_err();
    assert!(
        matches!(&error, TableError::NoSuchColumn { nearest: None, columns, .. } if columns == &["y", "x"])
    );
}

fn from_file(name: &str, content: &str) -> Result<cleanlab_table::GivenLabels, TableError> {
    read_labels(Source::from_bytes(content, name), &ArrayOptions::default())
}

#[test]
fn read_labels_text_file_has_no_header() {
    let indices = from_file("y.txt", "2\n0\n1\n").unwrap();
    assert_eq!((indices.labels.as_slice(), indices.class_names), (&[2, 0, 1][..], None));
    let names = from_file("y.TXT", "dog\r\ncat\r\ndog\r\n\r\n").unwrap();
    assert_eq!(names.labels.as_slice(), [1, 0, 1]);
    let error = from_file("y.txt", "dog\n\ncat\n").unwrap_err();
    assert!(matches!(error, TableError::MissingValue { row: 1, .. }));
    assert!(matches!(from_file("y.txt", ""), Err(TableError::EmptyFile { .. })));
}

#[test]
fn read_labels_table_of_one_column_is_read() {
    let indices = from_file("y.csv", "label\n2\n0\n").unwrap();
    assert_eq!((indices.labels.as_slice(), indices.class_names), (&[2, 0][..], None));
    let names = from_file("y.jsonl", "{\"y\":true}\n{\"y\":false}\n").unwrap();
    assert_eq!(names.class_names.unwrap().as_slice(), ["False", "True"]);
    assert_eq!(from_file("y.csv", "label\n2.0\n0.0\n").unwrap().labels.as_slice(), [2, 0]);
}

#[test]
fn read_labels_bad_values_are_named() {
    let error = from_file("y.csv", "label\n1\n-1\n").unwrap_err();
    assert!(
        matches!(&error, TableError::BadLabels { error: InputError::NegativeLabel { row: 1, .. }, .. }),
        "{error}"
    );
    assert!(error.to_string().starts_with("y.csv: label of row 1 is -1"), "{error}");
    let error = from_file("y.csv", "label\n1\n\n2\n").unwrap_err();
    assert!(matches!(&error, TableError::MissingValue { column, row: 1, .. } if column == "label"));
    assert!(matches!(from_file("y.csv", "label\n0.5\n1\n"), Err(TableError::BadLabels { .. })));
}

#[test]
fn read_labels_several_columns_need_a_name() {
    let content = "id,label\n7,1\n8,0\n";
    let error = from_file("y.csv", content).unwrap_err();
    assert!(matches!(&error, TableError::SeveralColumns { columns, .. } if columns == &["id", "label"]));
    let options = ArrayOptions::default().with_key("label");
    let given = read_labels(Source::from_bytes(content, "y.csv"), &options).unwrap();
    assert_eq!(given.labels.as_slice(), [1, 0]);
}

#[test]
fn in_order_of_unknown_class_is_named() {
    let columns = ["cat", "bird"].map(str::to_owned);
    let error = from_file("y.txt", "cat\nbirds\n").unwrap().in_order_of(&columns).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no class \"birds\" (did you mean \"bird\"?) among the columns \"cat\", \"bird\""
    );
    let indices = from_file("y.txt", "1\n0\n").unwrap();
    assert_eq!(indices.clone().in_order_of(&columns).unwrap(), indices);
}
