//! Everything that can be wrong with labels and predicted probabilities.

use thiserror::Error;

/// Why an input was refused: the place, the value, the bound, and what to do.
///
/// ```
/// use cleanlab_core::{InputError, Labels};
/// let error = Labels::new(&[0_i64, -1]).unwrap_err();
/// assert_eq!(error, InputError::NegativeLabel { row: 1, value: "-1".into() });
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum InputError {
    /// There is no label at all.
    #[error("labels are empty; at least one row is needed")]
    NoLabels,
    /// There is no row of predicted probabilities.
    #[error("pred_probs has shape ({rows}, {columns}); at least one row and one column are needed")]
    EmptyPredProbs {
        /// Number of rows found.
        rows: usize,
        /// Number of columns found.
        columns: usize,
    },
    /// The rows of a batch have no numbers of 64 bits.
    #[error(
        "the batch has {rows} rows from row {first_row} on, which end beyond the last row number, 2^64 - 1"
    )]
    RowNumbersEnd {
        /// Number of the first row.
        first_row: u64,
        /// Number of rows.
        rows: usize,
    },
    /// A flat slice cannot be cut into rows of the given width.
    #[error("pred_probs has {len} values, which is not a whole number of rows of {columns} columns")]
    RaggedPredProbs {
        /// Number of values found.
        len: usize,
        /// Number of columns asked for.
        columns: usize,
    },
    /// A label is below zero.
    #[error("label of row {row} is {value}; labels are class indices 0, 1, 2, …: encode the classes first")]
    NegativeLabel {
        /// Row of the label.
        row: usize,
        /// The label found.
        value: String,
    },
    /// A label given as a float is not a whole number, or is not finite.
    #[error(
        "label of row {row} is {value}, which is not a whole number; labels are class indices 0, 1, 2, …"
    )]
    FractionalLabel {
        /// Row of the label.
        row: usize,
        /// The label found.
        value: String,
    },
    /// A label is larger than any class index this library can hold.
    #[error("label of row {row} is {value}; the largest class index is {}", u32::MAX - 1)]
    HugeLabel {
        /// Row of the label.
        row: usize,
        /// The label found.
        value: String,
    },
    /// A label names a class for which `pred_probs` has no column.
    #[error(
        "label of row {row} is {label}, but there are {n_classes} classes: labels must be from 0 to {}; \
         add the missing columns or correct the label",
        .n_classes.saturating_sub(1)
    )]
    LabelOutOfRange {
        /// Row of the label.
        row: usize,
        /// The label found.
        label: u32,
        /// Number of classes, that is, columns of `pred_probs`.
        n_classes: usize,
    },
    /// A predicted probability is NaN.
    #[error("pred_probs row {row}, column {column} is NaN; drop the row or predict it again")]
    NanProbability {
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
    },
    /// A predicted probability lies outside [0, 1] by more than the tolerance.
    #[error(
        "pred_probs row {row}, column {column} is {value}, outside [0, 1] by more than {tolerance:e}; \
         clip the values if they are probabilities up to rounding"
    )]
    ProbabilityOutOfRange {
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
        /// The value found.
        value: f64,
        /// How far outside [0, 1] is still accepted.
        tolerance: f64,
    },
    /// Labels and predicted probabilities have different lengths.
    #[error("there are {labels} labels but {rows} rows of pred_probs; both need one entry per example")]
    LengthMismatch {
        /// Number of labels.
        labels: usize,
        /// Number of rows of `pred_probs`.
        rows: usize,
    },
    /// Two matrices that describe the same examples differ in shape.
    #[error(
        "pred_probs {index} has shape ({rows}, {columns}), but the first has ({first_rows}, {first_columns}); \
         all members of an ensemble need the same rows and classes"
    )]
    ShapeMismatch {
        /// Which member, counted from 0.
        index: usize,
        /// Its number of rows.
        rows: usize,
        /// Its number of columns.
        columns: usize,
        /// Number of rows of member 0.
        first_rows: usize,
        /// Number of columns of member 0.
        first_columns: usize,
    },
    /// There is only one class, so no label can be confused with another.
    #[error("{what}: at least 2 classes are needed to tell a wrong label from a right one")]
    TooFewClasses {
        /// What was found.
        what: String,
    },
    /// All labels are the same.
    #[error(
        "every label is class {class}: at least 2 classes are needed to tell a wrong label from a right one"
    )]
    OneClass {
        /// The class that they all are.
        class: u32,
    },
}

impl InputError {
    /// The same error of rows that are a part of the data, the first of which is row `first_row` of the whole.
    ///
    /// ```
    /// use cleanlab_core::{InputError, Labels};
    /// let error = Labels::new(&[0_i64, -1]).unwrap_err().after_rows(5000);
    /// assert_eq!(error, InputError::NegativeLabel { row: 5001, value: "-1".into() });
    /// ```
    #[must_use]
    pub fn after_rows(mut self, first_row: usize) -> Self {
        if let Self::NegativeLabel { row, .. }
        | Self::FractionalLabel { row, .. }
        | Self::HugeLabel { row, .. }
        | Self::LabelOutOfRange { row, .. }
        | Self::NanProbability { row, .. }
        | Self::ProbabilityOutOfRange { row, .. } = &mut self
        {
            *row += first_row;
        }
        self
    }

    /// The row at fault, where there is one.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        match *self {
            Self::NegativeLabel { row, .. }
            | Self::FractionalLabel { row, .. }
            | Self::HugeLabel { row, .. }
            | Self::LabelOutOfRange { row, .. }
            | Self::NanProbability { row, .. }
            | Self::ProbabilityOutOfRange { row, .. } => Some(row),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_row_name_it_by_its_place_in_the_whole() {
        let value = || String::from("-1");
        let errors = |row: usize| {
            [
                InputError::NegativeLabel { row, value: value() },
                InputError::FractionalLabel { row, value: value() },
                InputError::HugeLabel { row, value: value() },
                InputError::LabelOutOfRange { row, label: 7, n_classes: 2 },
                InputError::NanProbability { row, column: 3 },
                InputError::ProbabilityOutOfRange { row, column: 3, value: 1.5, tolerance: 1e-6 },
            ]
        };
        for (error, later) in errors(2).into_iter().zip(errors(5002)) {
            assert_eq!(error.row(), Some(2));
            let moved = error.after_rows(5000);
            assert_eq!(moved, later);
            assert_eq!(moved.row(), Some(5002));
        }
        let of_no_row = InputError::LengthMismatch { labels: 3, rows: 2 };
        assert_eq!(of_no_row.row(), None);
        assert_eq!(of_no_row.clone().after_rows(5000), of_no_row);
    }
}
