//! How much memory the texts of a Parquet file take once each row has its own.
//!
//! A dictionary says a long text once, and rows that refer to it take a few bits each; every batch of rows is written out
//! whole before its size can be looked at. So the longest text bounds the number of rows in a batch.

use std::sync::Arc;

use parquet::basic::Type;
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::ChunkReader;
use parquet::file::serialized_reader::SerializedPageReader;

use super::parquet::damaged;
use super::parquet_delta::check_delta_lengths;
use super::parquet_pages::Pages;
use crate::errors::TableError;
use crate::limits::check_expansion;

/// What the texts of a batch may take: large enough that ordinary batches are not cut, and soon gone.
const MOST_BATCH_BYTES: u64 = 64 << 20;

/// Shorter dictionaries cannot make any batch too large.
const SHORT_DICTIONARY: u64 = 2 << 10;

/// What is known of the texts in the columns that are read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TextBounds {
    /// The longest in a dictionary.
    longest: u64,
}

impl TextBounds {
    /// Looks at the texts of a column chunk whose pages have been looked at.
    pub(super) fn look_at<R: ChunkReader + 'static>(
        &mut self,
        file: &str,
        reader: &Arc<R>,
        column: &ColumnChunkMetaData,
        pages: &Pages,
        file_len: u64,
    ) -> Result<(), TableError> {
        if pages.has_delta_lengths {
            check_delta_lengths(file, reader, column, file_len)?;
        }
        if column.column_type() != Type::BYTE_ARRAY || pages.dictionary <= SHORT_DICTIONARY {
            return Ok(());
        }
        let longest = longest_text(file, reader, column)?;
        if column.column_descr().max_rep_level() > 0 {
            // A row has any number of these.
            let n_values = u64::try_from(column.num_values()).unwrap_or(u64::MAX);
            check_expansion(file, "lists of text", longest.saturating_mul(n_values), file_len)?;
        }
        self.longest = self.longest.max(longest);
        Ok(())
    }

    /// The longer of what is known of two sets of columns.
    pub(super) fn or(self, other: Self) -> Self {
        Self { longest: self.longest.max(other.longest) }
    }

    /// How many rows are read at a time where so many are wanted.
    pub(super) fn batch_rows(self, wanted: usize) -> usize {
        let most = MOST_BATCH_BYTES / self.longest.max(1);
        wanted.min(usize::try_from(most).unwrap_or(usize::MAX)).max(1)
    }
}

/// The length of the longest text in the dictionary of a column chunk.
fn longest_text<R: ChunkReader + 'static>(
    file: &str,
    reader: &Arc<R>,
    column: &ColumnChunkMetaData,
) -> Result<u64, TableError> {
    let n_values = usize::try_from(column.num_values()).unwrap_or_default();
    let pages = SerializedPageReader::new(Arc::clone(reader), column, n_values, None);
    let page = pages.and_then(|mut pages| pages.get_next_page()).map_err(|error| damaged(file, &error))?;
    let Some(Page::DictionaryPage { buf, .. }) = page else { return Ok(0) };
    let mut longest = 0;
    let mut rest: &[u8] = &buf;
    // Each text has its length before it, in four bytes.
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        longest = longest.max(u64::from(length));
        // What goes beyond the end is for the decoder to refuse.
        rest = usize::try_from(length).ok().and_then(|length| after.get(length..)).unwrap_or_default();
    }
    Ok(longest.min(buf.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_rows_long_texts_make_small_batches() {
        assert_eq!(TextBounds::default().batch_rows(5000), 5000);
        assert_eq!(TextBounds { longest: 64 }.batch_rows(5000), 5000);
        assert_eq!(TextBounds { longest: 1 << 20 }.batch_rows(5000), 64);
        assert_eq!(TextBounds { longest: 1 << 40 }.batch_rows(5000), 1);
    }
}
