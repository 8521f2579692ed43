//! The data themselves, as far as checks and reports look at them.

use std::borrow::Cow;

/// One value of the data.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// There is none.
    Missing,
    /// Whether or not.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text, or anything else as text.
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    /// As text; `None` where there is no value.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Missing => None,
            Self::Boolean(value) => Some(value.to_string()),
            Self::Integer(value) => Some(value.to_string()),
            Self::Float(value) => Some(value.to_string()),
            Self::Text(value) => Some(value.clone().into_owned()),
        }
    }
}

/// Rows and named columns of whatever holds the data; nothing is copied.
///
/// With the feature `table`, a `cleanlab_table::Table` is one.
pub trait DataColumns: Send + Sync {
    /// Number of rows.
    fn n_rows(&self) -> usize;

    /// The names of the columns.
    fn column_names(&self) -> Vec<String>;

    /// A value. Rows and columns are counted from 0.
    fn cell(&self, row: usize, column: usize) -> Cell<'_>;
}

/// Columns of text in memory.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Cell, DataColumns, TextColumns};
/// let columns = TextColumns::default().with_column("name", ["ann", "bob"]);
/// assert_eq!(columns.n_rows(), 2);
/// assert_eq!(columns.cell(1, 0), Cell::Text("bob".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextColumns {
    columns: Vec<(String, Vec<String>)>,
}

impl TextColumns {
    /// With one more column. Where columns differ in length, the short ones are missing values at their ends.
    #[must_use]
    pub fn with_column<S: Into<String>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        self.columns.push((name.into(), values.into_iter().map(Into::into).collect()));
        self
    }
}

impl DataColumns for TextColumns {
    fn n_rows(&self) -> usize {
        self.columns.iter().map(|(_, values)| values.len()).max().unwrap_or(0)
    }

    fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let value = self.columns.get(column).and_then(|(_, values)| values.get(row));
        value.map_or(Cell::Missing, |text| Cell::Text(text.as_str().into()))
    }
}
