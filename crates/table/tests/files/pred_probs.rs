//! Files of predicted probabilities.

use cleanlab_table::{
    AnyArray, ArrayOptions, Content, GivenPredProbs, ProbsMatrix, Source, TableError, read_array,
    read_pred_probs, write_to,
};
use ndarray::{Array2, array};

fn read(name: &str, content: impl Into<Vec<u8>>) -> Result<GivenPredProbs, TableError> {
    read_pred_probs(Source::from_bytes(content, name), &ArrayOptions::default())
}

#[test]
fn read_pred_probs_table_uses_columns_of_numbers_in_order() {
    let given = read("p.csv", "file,dog,cat,ok\na,1,0,true\nb,0.25,0.75,false\n").unwrap();
    assert_eq!(given.values, ProbsMatrix::F64(array![[1.0, 0.0], [0.25, 0.75]]));
    assert_eq!(given.column_names.unwrap(), ["dog", "cat"]);
    assert_eq!(given.skipped_columns, ["file", "ok"]);
}

#[test]
fn read_pred_probs_index_of_pandas_is_left_out() {
    let given = read("p.csv", ",0,1\n0,0.5,0.5\n1,0.25,0.75\n").unwrap();
    assert_eq!(given.column_names.unwrap(), ["0", "1"]);
    assert_eq!(given.skipped_columns, ["Unnamed: 0"]);
}

#[test]
fn read_pred_probs_missing_cell_names_row_and_column() {
    let error = read("p.csv", "a,b\n0.5,0.5\n0.1,\n,0.5\n").unwrap_err();
    assert_eq!(error.to_string(), "column \"b\", row 1 of p.csv is missing; fill it in, or drop the row");
}

#[test]
fn read_pred_probs_text_among_numbers_is_refused() {
    let error = read("p.csv", "a,b,c\n0.5,0.25,0.25\n0.5,0.25,high\n0.5,0.5,0\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"c\", row 1 of p.csv is \"high\", but 2 rows of the column are numbers; correct it, or take the column \
         out of the file"
    );
    // Names may look like numbers now and then.
    let given = read("p.csv", "file,a,b\ncat 1,0.5,0.5\n2,0.5,0.5\ndog 3,0.5,0.5\n").unwrap();
    assert_eq!(given.skipped_columns, ["file"]);
}

#[test]
fn read_pred_probs_without_header_is_refused() {
    let error = read("p.csv", "0.9,0.1\n0.2,0.8\n").unwrap_err();
    assert!(matches!(&error, TableError::NoHeader { first, .. } if first == &["0.9", "0.1"]));
    assert!(error.to_string().contains("add a line of class names"), "{error}");
}

#[test]
fn read_pred_probs_no_numbers_is_refused() {
    let error = read("p.csv", "a,b\nx,y\n").unwrap_err();
    assert!(matches!(&error, TableError::NoNumericColumns { columns, .. } if columns == &["a", "b"]));
}

#[test]
fn read_pred_probs_vector_is_refused_with_its_shape() {
    let mut npy = Vec::new();
    write_to(&mut npy, "y.npy", &Content::NpyVector(&[0, 1, 2])).unwrap();
    let error = read("y.npy", npy.clone()).unwrap_err();
    assert!(matches!(&error, TableError::WrongDimensions { shape, .. } if shape == &[3]));
    assert_eq!(
        error.to_string(),
        "pred_probs must be a matrix of examples × classes, but the array has shape [3]"
    );
    let array = read_array(Source::from_bytes(npy, "y.npy"), &ArrayOptions::default()).unwrap();
    assert_eq!(array.into_labels("y.npy").unwrap().labels.as_slice(), [0, 1, 2]);
}

#[test]
fn into_pred_probs_every_type_of_number_is_taken() {
    let expected = ProbsMatrix::F64(array![[1.0, 0.0]]);
    assert_eq!(AnyArray::Bool(array![[true, false]].into_dyn()).into_pred_probs().unwrap(), expected);
    assert_eq!(AnyArray::Int(array![[1_i64, 0]].into_dyn()).into_pred_probs().unwrap(), expected);
    assert_eq!(AnyArray::UInt(array![[1_u64, 0]].into_dyn()).into_pred_probs().unwrap(), expected);
    let text = AnyArray::Text(array![["1".to_owned()]].into_dyn());
    assert!(matches!(text.into_pred_probs(), Err(TableError::NotNumeric { what: "pred_probs" })));
}

#[test]
fn into_labels_every_type_is_taken_and_bad_ones_named() {
    assert_eq!(
        AnyArray::F32(array![2.0_f32, 0.0].into_dyn()).into_labels("y").unwrap().labels.as_slice(),
        [2, 0]
    );
    assert_eq!(
        AnyArray::UInt(array![[2_u64], [0]].into_dyn()).into_labels("y").unwrap().labels.as_slice(),
        [2, 0]
    );
    let booleans = AnyArray::Bool(array![true].into_dyn()).into_labels("y").unwrap();
    assert_eq!(booleans.labels.as_slice(), [1]);
    assert_eq!(booleans.class_names.unwrap().as_slice(), ["False", "True"]);
    let error = AnyArray::F64(array![0.5].into_dyn()).into_labels("y.npy").unwrap_err();
    assert!(error.to_string().starts_with("y.npy: label of row 0 is 0.5"), "{error}");
    let matrix = AnyArray::Int(Array2::<i64>::zeros((2, 2)).into_dyn());
    assert!(matches!(matrix.into_labels("y"), Err(TableError::WrongDimensions { what: "labels", .. })));
}

#[test]
fn read_array_table_is_refused() {
    let result = read_array(Source::from_bytes("a,b\n1,2\n", "p.csv"), &ArrayOptions::default());
    assert!(matches!(result, Err(TableError::NotAnArray { .. })));
}
