//! Columns of results: one value per row, of one type each.

use ndarray::Array1;

use crate::errors::DatalabError;

/// The values of a column, one per row.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnValues {
    /// Whether or not.
    Booleans(Array1<bool>),
    /// Whole numbers.
    Integers(Array1<i64>),
    /// Numbers; NaN where there is none.
    Floats(Array1<f64>),
    /// Text; `None` where there is none.
    Texts(Vec<Option<String>>),
    /// One of a few names per row.
    Categories {
        /// For each row, an index into `names`.
        codes: Array1<u32>,
        /// The names.
        names: Vec<String>,
    },
    /// Any number of whole numbers per row, such as the rows that it is a near duplicate of.
    IntegerLists(Vec<Vec<u32>>),
}

impl ColumnValues {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Booleans(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Floats(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Categories { codes, .. } => codes.len(),
            Self::IntegerLists(values) => values.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row as text; `None` where there is none, or no such row.
    #[must_use]
    pub fn text_at(&self, row: usize) -> Option<String> {
        match self {
            Self::Booleans(values) => values.get(row).map(ToString::to_string),
            Self::Integers(values) => values.get(row).map(ToString::to_string),
            Self::Floats(values) => values.get(row).filter(|value| !value.is_nan()).map(ToString::to_string),
            Self::Texts(values) => values.get(row).cloned().flatten(),
            Self::Categories { codes, names } => names.get(*codes.get(row)? as usize).cloned(),
            Self::IntegerLists(values) => {
                let texts: Vec<String> = values.get(row)?.iter().map(ToString::to_string).collect();
                Some(texts.join(" "))
            }
        }
    }
}

/// Named columns of equal length.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{ColumnValues, IssueTable};
/// use ndarray::array;
///
/// let table = IssueTable::new(2).with_column("score", ColumnValues::Floats(array![0.5, 1.0]))?;
/// assert_eq!(table.column("score"), Some(&ColumnValues::Floats(array![0.5, 1.0])));
/// assert!(table.with_column("short", ColumnValues::Floats(array![0.5])).is_err());
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IssueTable {
    n_rows: usize,
    columns: Vec<(String, ColumnValues)>,
}

impl IssueTable {
    /// A table without columns.
    #[must_use]
    pub fn new(n_rows: usize) -> Self {
        Self { n_rows, columns: Vec::new() }
    }

    /// The table with one more column, or with another in place of that of the same name.
    ///
    /// # Errors
    ///
    /// [`DatalabError::ColumnLength`] unless the column has one value per row.
    pub fn with_column(
        mut self,
        name: impl Into<String>,
        values: ColumnValues,
    ) -> Result<Self, DatalabError> {
        self.insert(name, values)?;
        Ok(self)
    }

    /// Puts a column in, in place of that of the same name.
    ///
    /// # Errors
    ///
    /// As [`IssueTable::with_column`].
    pub fn insert(&mut self, name: impl Into<String>, values: ColumnValues) -> Result<(), DatalabError> {
        let name = name.into();
        if values.len() != self.n_rows {
            return Err(DatalabError::ColumnLength { name, found: values.len(), expected: self.n_rows });
        }
        match self.columns.iter_mut().find(|(existing, _)| *existing == name) {
            Some((_, existing)) => *existing = values,
            None => self.columns.push((name, values)),
        }
        Ok(())
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Names and values, in order.
    #[must_use]
    pub fn columns(&self) -> &[(String, ColumnValues)] {
        &self.columns
    }

    /// The values of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnValues> {
        self.columns.iter().find(|(existing, _)| existing == name).map(|(_, values)| values)
    }
}
