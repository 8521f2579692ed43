//! Reading recorded cases.

use ndarray::Array2;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The cases of a recording.
pub(crate) fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let cases: Vec<T> = from(cleanlab_testkit::learning(name));
    assert!(!cases.is_empty());
    cases
}

/// A recorded value.
pub(crate) fn from<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the case has these fields")
}

/// A matrix recorded as a list of rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Vec<Vec<f64>>")]
pub(crate) struct Matrix(pub(crate) Array2<f64>);

impl From<Vec<Vec<f64>>> for Matrix {
    fn from(rows: Vec<Vec<f64>>) -> Self {
        let columns = rows.first().map_or(0, Vec::len);
        Self(Array2::from_shape_vec((rows.len(), columns), rows.concat()).expect("rows are of equal length"))
    }
}

/// The largest absolute difference between two matrices.
pub(crate) fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    assert_eq!(a.dim(), b.dim());
    (a - b).iter().fold(0.0, |largest: f64, difference| largest.max(difference.abs()))
}
