//! What makes a row the same row in two versions of a data set.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data_columns::{Cell, DataColumns};
use crate::errors::DatalabError;

/// Bytes of a checksum that tell rows apart: two of a billion rows are the same by chance once in 10²⁰ data sets.
const KEY_BYTES: usize = 16;

/// Where the keys of rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowKeySource {
    /// The values of a column.
    Column(String),
    /// What is in the row, other than the label.
    Content,
}

/// A text for every row, by which [`diff`](crate::diff) finds the row in another version of the data set.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{RowKeys, TextColumns};
/// let columns = TextColumns::default().with_column("id", ["a7", "b3"]).with_column("y", ["cat", "dog"]);
/// assert_eq!(RowKeys::from_column(&columns, "id")?.as_slice(), ["a7", "b3"]);
///
/// // A row with another label is still the same row.
/// let relabelled = TextColumns::default().with_column("id", ["a7", "b3"]).with_column("y", ["dog", "dog"]);
/// assert_eq!(RowKeys::from_content(&columns, Some("y")), RowKeys::from_content(&relabelled, Some("y")));
/// assert_ne!(RowKeys::from_content(&columns, None), RowKeys::from_content(&relabelled, None));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKeys {
    source: RowKeySource,
    keys: Vec<String>,
    /// Keys by content beside those of a column.
    content: Option<Vec<String>>,
}

impl RowKeys {
    /// The values of a column as keys; rows without a value have the empty key. Equal keys stand for rows in their order.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NoSuchColumn`].
    pub fn from_column(columns: &dyn DataColumns, name: &str) -> Result<Self, DatalabError> {
        let names = columns.column_names();
        let Some(column) = names.iter().position(|existing| existing == name) else {
            return Err(DatalabError::NoSuchColumn { name: name.to_owned(), columns: names });
        };
        let keys = (0..columns.n_rows()).map(|row| columns.cell(row, column).to_text().unwrap_or_default());
        Ok(Self { source: RowKeySource::Column(name.to_owned()), keys: keys.collect(), content: None })
    }

    /// Checksums of the rows' values as keys, with the names of their columns; the label column is left out, so that a
    /// corrected label does not make another row.
    #[must_use]
    pub fn from_content(columns: &dyn DataColumns, label_column: Option<&str>) -> Self {
        let names = columns.column_names();
        let mut order: Vec<usize> =
            (0..names.len()).filter(|&column| Some(names[column].as_str()) != label_column).collect();
        // Columns in another order are the same data.
        order.sort_by(|&a, &b| names[a].cmp(&names[b]));
        let key = |row: usize| -> String {
            let mut checksum = Sha256::new();
            let mut part = |kind: u8, bytes: &[u8]| {
                checksum.update([kind]);
                checksum.update((bytes.len() as u64).to_le_bytes());
                checksum.update(bytes);
            };
            for &column in &order {
                part(0, names[column].as_bytes());
                match columns.cell(row, column) {
                    Cell::Missing => part(1, &[]),
                    Cell::Boolean(value) => part(2, &[u8::from(value)]),
                    // Whole numbers are the same whether or not a column has others beside them.
                    Cell::Integer(value) => part(3, &(value as f64).to_bits().to_le_bytes()),
                    Cell::Float(value) => part(3, &(value + 0.0).to_bits().to_le_bytes()),
                    Cell::Text(text) => part(4, text.as_bytes()),
                }
            }
            hex(&checksum.finalize()[..KEY_BYTES])
        };
        Self { source: RowKeySource::Content, keys: (0..columns.n_rows()).map(key).collect(), content: None }
    }

    /// Keeps keys as of [`RowKeys::from_content`] beside those of a column, so that rows are found again in an audit that
    /// has no keys of the same column.
    ///
    /// ```
    /// use cleanlab_datalab::{RowKeys, TextColumns};
    /// let columns = TextColumns::default().with_column("id", ["a7", "b3"]);
    /// let by_content = RowKeys::from_content(&columns, None);
    /// let keys = RowKeys::from_column(&columns, "id")?.with_content(&columns, None);
    /// assert_eq!(keys.content(), Some(by_content.as_slice()));
    /// # Ok::<(), cleanlab_datalab::DatalabError>(())
    /// ```
    #[must_use]
    pub fn with_content(mut self, columns: &dyn DataColumns, label_column: Option<&str>) -> Self {
        if self.source != RowKeySource::Content {
            self.content = Some(Self::from_content(columns, label_column).keys);
        }
        self
    }

    pub(crate) fn from_parts(source: RowKeySource, keys: Vec<String>, content: Option<Vec<String>>) -> Self {
        Self { source, keys, content }
    }

    /// The keys by content, one per row, if there are any.
    #[must_use]
    pub fn content(&self) -> Option<&[String]> {
        match self.source {
            RowKeySource::Content => Some(&self.keys),
            RowKeySource::Column(_) => self.content.as_deref(),
        }
    }

    /// Where the keys come from.
    #[must_use]
    pub fn source(&self) -> &RowKeySource {
        &self.source
    }

    /// The keys, one per row.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.keys
    }
}

/// Bytes as text, two digits each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
