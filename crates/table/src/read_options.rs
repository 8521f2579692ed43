//! How files are read.

use crate::format::Format;

/// How a table is read; the defaults suit files whose names and contents agree.
///
/// ```
/// use cleanlab_table::{Format, ReadOptions};
/// let options = ReadOptions::default().with_format(Format::Csv).with_delimiter(b'|');
/// assert_eq!(options.delimiter, Some(b'|'));
/// // A class that is really called "NA" needs a list without it.
/// let options = ReadOptions::default().with_missing_values(["", "?"]);
/// assert_eq!(options.missing_values, ["", "?"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The format, where the name does not tell it or tells it wrongly. `None`: by content, then by ending.
    pub format: Option<Format>,
    /// What separates the fields of CSV. `None`: a tab for TSV; for CSV whichever of comma, semicolon and tab the
    /// header has most of.
    pub delimiter: Option<u8>,
    /// The cells of CSV that count as missing, compared after trimming spaces: by default those of
    /// [`MISSING_VALUES`].
    pub missing_values: Vec<String>,
}

/// The cells of CSV that count as missing by default: those of pandas' `read_csv`.
pub const MISSING_VALUES: [&str; 19] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
];

impl Default for ReadOptions {
    fn default() -> Self {
        Self { format: None, delimiter: None, missing_values: MISSING_VALUES.map(str::to_owned).to_vec() }
    }
}

impl ReadOptions {
    /// Sets the format.
    #[must_use]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the delimiter of CSV.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Sets the cells of CSV that count as missing.
    #[must_use]
    pub fn with_missing_values<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
        self.missing_values = values.into_iter().map(Into::into).collect();
        self
    }
}
