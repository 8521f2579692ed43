//! Data sets drawn from bytes: mostly sound, sometimes with every value that a caller might get wrong.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use ndarray::Array2;

/// A float: mostly a probability, now and then anything.
pub fn float(bytes: &mut Unstructured<'_>) -> Result<f64> {
    const EDGES: [f64; 12] = [
        0.0,
        -0.0,
        1.0,
        0.5,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE,
        f64::MAX,
        -1.0,
        1.0 + 1e-7,
        5e-324,
    ];
    Ok(match bytes.arbitrary::<u8>()? {
        kind @ 0..12 => EDGES[usize::from(kind)],
        12 => bytes.arbitrary()?,
        kind => f64::from(kind) / 255.0,
    })
}

/// Rows of probabilities that sum to 1, unless a value is drawn that spoils it.
pub fn pred_probs(bytes: &mut Unstructured<'_>, rows: usize, classes: usize) -> Result<Array2<f64>> {
    let mut values = matrix(bytes, rows, classes)?;
    for mut row in values.rows_mut() {
        let sum = row.sum();
        if sum > 0.0 && sum.is_finite() && row.iter().all(|&value| value >= 0.0) {
            row /= sum;
        }
    }
    Ok(values)
}

/// A matrix of any floats.
pub fn matrix(bytes: &mut Unstructured<'_>, rows: usize, columns: usize) -> Result<Array2<f64>> {
    let mut values = Array2::zeros((rows, columns));
    for value in &mut values {
        *value = float(bytes)?;
    }
    Ok(values)
}

/// Whole numbers below a bound, and rarely beyond it.
pub fn labels(bytes: &mut Unstructured<'_>, n: usize, classes: usize) -> Result<Vec<i64>> {
    let label = |_| match bytes.arbitrary::<u8>()? {
        255 => bytes.arbitrary(),
        254 => Ok(-1),
        value => Ok(i64::from(value) % classes.max(1) as i64),
    };
    (0..n).map(label).collect()
}

/// One of some values.
pub fn one_of<T: Copy>(bytes: &mut Unstructured<'_>, values: &[T]) -> Result<T> {
    bytes.choose(values).copied()
}

/// A length, mostly short.
pub fn length(bytes: &mut Unstructured<'_>, most: usize) -> Result<usize> {
    bytes.int_in_range(0..=most)
}
