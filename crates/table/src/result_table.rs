//! Results by row, to be written as a file.

use crate::errors::TableError;

/// Named columns of results, all of the same length.
///
/// # Example
///
/// ```
/// use cleanlab_table::{Content, ResultColumn, ResultTable, write_to};
///
/// let mut table = ResultTable::default();
/// table.push("row", ResultColumn::integers([0, 1]))?;
/// table.push("score", ResultColumn::floats([0.25, 1.0]))?;
/// table.push("suggestion", ResultColumn::Text(vec![Some("cat".into()), None]))?;
///
/// let mut csv = Vec::new();
/// write_to(&mut csv, "issues.csv", &Content::Csv(&table))?;
/// assert_eq!(String::from_utf8_lossy(&csv), "row,score,suggestion\n0,0.25,cat\n1,1.0,\n");
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultTable {
    columns: Vec<(String, ResultColumn)>,
}

/// A column of results; `None` is a missing value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ResultColumn {
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// Other numbers; NaN is written as missing in CSV and JSON.
    Float(Vec<Option<f64>>),
    /// True and false.
    Boolean(Vec<Option<bool>>),
    /// Text.
    Text(Vec<Option<String>>),
    /// One of a few names per row.
    Category {
        /// For each row, an index into `names`.
        codes: Vec<u32>,
        /// The names.
        names: Vec<String>,
    },
    /// Any number of whole numbers per row. CSV and JSON hold them as a list in brackets.
    IntegerList(Vec<Vec<u32>>),
}

impl ResultColumn {
    /// Whole numbers, none missing.
    #[must_use]
    pub fn integers(values: impl IntoIterator<Item = i64>) -> Self {
        Self::Integer(values.into_iter().map(Some).collect())
    }

    /// Numbers, none missing.
    #[must_use]
    pub fn floats(values: impl IntoIterator<Item = f64>) -> Self {
        Self::Float(values.into_iter().map(Some).collect())
    }

    /// Booleans, none missing.
    #[must_use]
    pub fn booleans(values: impl IntoIterator<Item = bool>) -> Self {
        Self::Boolean(values.into_iter().map(Some).collect())
    }

    /// Text, none missing.
    #[must_use]
    pub fn texts<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Self {
        Self::Text(values.into_iter().map(|value| Some(value.into())).collect())
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Integer(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Boolean(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Category { codes, .. } => codes.len(),
            Self::IntegerList(values) => values.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ResultTable {
    /// Adds a column at the right.
    ///
    /// # Errors
    ///
    /// [`TableError::ColumnLength`] when it is longer or shorter than those before, and
    /// [`TableError::DuplicateResultColumn`] when one of them has the name.
    pub fn push(&mut self, name: impl Into<String>, column: ResultColumn) -> Result<(), TableError> {
        let name = name.into();
        if self.columns.iter().any(|(known, _)| *known == name) {
            return Err(TableError::DuplicateResultColumn { column: name });
        }
        if !self.columns.is_empty() && column.len() != self.n_rows() {
            return Err(TableError::ColumnLength {
                column: name,
                found: column.len(),
                expected: self.n_rows(),
            });
        }
        self.columns.push((name, column));
        Ok(())
    }

    /// Number of rows; there may be none.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// The columns with their names, from left to right.
    #[must_use]
    pub fn columns(&self) -> &[(String, ResultColumn)] {
        &self.columns
    }
}
