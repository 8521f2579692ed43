//! The columns that checks of columns look at.

use crate::check_context::CheckContext;
use crate::data_columns::{Cell, DataColumns};
use crate::inputs::Matrix;

/// The data's own columns, or without them the features.
pub(crate) struct CheckedColumns<'a> {
    pub(crate) names: Vec<String>,
    pub(crate) n_rows: usize,
    source: Source<'a>,
}

enum Source<'a> {
    Data(&'a dyn DataColumns),
    Features(Matrix<'a>),
}

impl<'a> CheckedColumns<'a> {
    pub(crate) fn of(context: &CheckContext<'a>) -> Option<Self> {
        let n_rows = context.n_rows();
        if let Some(columns) = context.columns() {
            return Some(Self { names: columns.column_names(), n_rows, source: Source::Data(columns) });
        }
        let features = context.features()?;
        let names = (0..features.dim().1).map(|column| format!("feature {column}")).collect();
        Some(Self { names, n_rows, source: Source::Features(features) })
    }

    /// A feature that is a whole number is an integer: features have no types of their own.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let value = match &self.source {
            Source::Data(columns) => return columns.cell(row, column),
            Source::Features(Matrix::F32(view)) => f64::from(view[[row, column]]),
            Source::Features(Matrix::F64(view)) => view[[row, column]],
        };
        // Above 2⁵³ neighbouring whole numbers are not told apart.
        let is_whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
        if is_whole { Cell::Integer(value as i64) } else { Cell::Float(value) }
    }

    /// The values of a column.
    pub(crate) fn cells(&self, column: usize) -> impl Iterator<Item = Cell<'_>> {
        (0..self.n_rows).map(move |row| self.cell(row, column))
    }
}

/// Whether a cell holds nothing: no value, or one that is no number.
pub(crate) fn is_missing(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Missing) || matches!(cell, Cell::Float(value) if value.is_nan())
}
