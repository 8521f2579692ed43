//! The rows of a training set that count for something.

use crate::errors::LearningError;
use crate::training_set::TrainingSet;

/// Row and node numbers are 32 bits wide in trees, and a tree has up to two nodes per row.
const MAX_ROWS: usize = 1 << 31;

/// The rows with a positive weight, their weights, and their classes numbered without gaps.
///
/// A row of weight 0 is as though absent, and so is a class all of whose rows have weight 0: trained models are the same
/// as on the remaining rows alone.
pub(crate) struct CountedRows {
    /// Rows of the training set, ascending.
    pub(crate) rows: Vec<u32>,
    /// For each of `rows`, the position of its label in `labels`.
    pub(crate) classes: Vec<u32>,
    /// For each of `rows`, its weight; all 1 where there are none.
    pub(crate) weights: Vec<f64>,
    /// The labels that occur, ascending.
    pub(crate) labels: Vec<u32>,
}

impl CountedRows {
    pub(crate) fn new(training: &TrainingSet<'_>) -> Result<Self, LearningError> {
        check_row_count(training.n_rows())?;
        let weight_of = |row: usize| training.sample_weight().map_or(1.0, |weights| weights[row]);
        let rows: Vec<u32> =
            (0..training.n_rows()).filter(|&row| weight_of(row) > 0.0).map(|row| row as u32).collect();
        let mut position = vec![u32::MAX; training.n_classes()];
        for &row in &rows {
            position[training.labels()[row as usize] as usize] = 0;
        }
        let labels: Vec<u32> =
            (0..training.n_classes() as u32).filter(|&label| position[label as usize] == 0).collect();
        for (class, &label) in labels.iter().enumerate() {
            position[label as usize] = class as u32;
        }
        Ok(Self {
            classes: rows.iter().map(|&row| position[training.labels()[row as usize] as usize]).collect(),
            weights: rows.iter().map(|&row| weight_of(row as usize)).collect(),
            rows,
            labels,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn n_classes(&self) -> usize {
        self.labels.len()
    }

    /// Some of these rows, by their position here. Every class must have one among them.
    pub(crate) fn select(&self, positions: &[usize]) -> Self {
        Self {
            rows: positions.iter().map(|&at| self.rows[at]).collect(),
            classes: positions.iter().map(|&at| self.classes[at]).collect(),
            weights: positions.iter().map(|&at| self.weights[at]).collect(),
            labels: self.labels.clone(),
        }
    }

    pub(crate) fn total_weight(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// Multiplies all weights by the power of two that brings the largest to 1 or up to 2.
    ///
    /// Only ratios of weights matter to a forest; so scaled, sums and squares of them neither overflow nor vanish.
    pub(crate) fn scale_weights(&mut self) {
        // The square of the smallest weight must remain a normal number, or a node of such rows weighs nothing.
        const SMALLEST: f64 = 1e-140;
        let largest = self.weights.iter().copied().fold(0.0, f64::max);
        let scale = PowerOfTwo::new(-exponent(largest));
        for weight in &mut self.weights {
            *weight = scale.times(*weight).max(SMALLEST);
        }
    }
}

/// ⌊log₂ x⌋ of a positive number; of 0, less than that of any other.
pub(crate) fn exponent(x: f64) -> i32 {
    let biased = |x: f64| (x.to_bits() >> 52) as i32 & 0x7ff;
    match biased(x) {
        0 => biased(x * 2.0_f64.powi(64)) - 1023 - 64,
        normal => normal - 1023,
    }
}

/// 2ⁿ for any exponent of a number, in two factors because one alone may overflow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PowerOfTwo {
    factors: [f64; 2],
}

impl PowerOfTwo {
    pub(crate) fn new(n: i32) -> Self {
        Self { factors: [2.0_f64.powi(n / 2), 2.0_f64.powi(n - n / 2)] }
    }

    #[inline]
    pub(crate) fn times(self, x: f64) -> f64 {
        x * self.factors[0] * self.factors[1]
    }

    #[inline]
    pub(crate) fn divide(self, x: f64) -> f64 {
        x / self.factors[0] / self.factors[1]
    }
}

/// A number that separates two values: at least `low` and less than `high`, about half way.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    // Halved before they are added, because the sum may overflow.
    let middle = low / 2.0 + high / 2.0;
    if low <= middle && middle < high { middle } else { low }
}

fn check_row_count(rows: usize) -> Result<(), LearningError> {
    if rows > MAX_ROWS {
        return Err(LearningError::TooManyRows { rows, limit: MAX_ROWS });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn new_rows_and_classes_without_weight_are_left_out() {
        let features = array![[0.0], [1.0], [2.0], [3.0]];
        let weights = array![0.0, 0.5, 0.0, 3.0];
        let data = TrainingSet::new(features.view(), &[0, 3, 2, 1], 5).unwrap();
        let counted = CountedRows::new(&data.with_sample_weight(weights.view()).unwrap()).unwrap();
        assert_eq!(counted.rows, [1, 3]);
        assert_eq!(counted.labels, [1, 3]);
        assert_eq!(counted.classes, [1, 0]);
        assert_eq!(counted.weights, [0.5, 3.0]);
    }

    #[test]
    fn scale_weights_keeps_ratios_at_any_magnitude() {
        for factor in [1.0, 1e300, 1e-300, f64::MIN_POSITIVE, 8.0 * f64::from_bits(1)] {
            let mut counted = CountedRows {
                rows: vec![0, 1],
                classes: vec![0, 0],
                weights: vec![factor, 3.0 * factor],
                labels: vec![0],
            };
            counted.scale_weights();
            assert_eq!(counted.weights[1] / counted.weights[0], 3.0, "{factor:e}");
            assert!((1.0..2.0).contains(&counted.weights[1]));
        }
    }

    #[test]
    fn between_any_magnitude_separates() {
        let smallest = f64::from_bits(1);
        for (low, high) in [
            (1.0, 2.0),
            (1.0, 1.0_f64.next_up()),
            (-f64::MAX, f64::MAX),
            (1e300, f64::MAX),
            (0.0, smallest),
            (smallest, 2.0 * smallest),
            (-smallest, 0.0),
        ] {
            let middle = between(low, high);
            assert!(low <= middle && middle < high, "{low:e} {middle:e} {high:e}");
        }
    }

    #[test]
    fn check_row_count_more_rows_than_numbers_is_refused() {
        assert!(check_row_count(MAX_ROWS).is_ok());
        assert!(matches!(
            check_row_count(MAX_ROWS + 1),
            Err(LearningError::TooManyRows { limit: MAX_ROWS, .. })
        ));
    }
}
