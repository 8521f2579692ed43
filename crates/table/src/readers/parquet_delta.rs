//! A look at Parquet's delta-encoded texts, before they are decoded.
//!
//! Such a page says at its start how many lengths it holds, and the parquet crate allocates that many unseen, where a
//! few bytes can say anything. A text may also begin as the one before it does, so that a page of a few bytes can write
//! the same long text out any number of times.
//!
//! Source: apache/parquet-format, Encodings.md (`DELTA_BINARY_PACKED`, `DELTA_LENGTH_BYTE_ARRAY`, `DELTA_BYTE_ARRAY`).

use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::ChunkReader;
use parquet::file::serialized_reader::SerializedPageReader;

use super::varints::Varints;
use crate::errors::TableError;
use crate::format::Format;
use crate::limits::check_expansion;

/// Refuses a column chunk one of whose pages declares more lengths than values. Only chunks that say they are encoded
/// so are unpacked for this.
pub(super) fn check_delta_lengths<R: ChunkReader + 'static>(
    file: &str,
    reader: &Arc<R>,
    column: &ColumnChunkMetaData,
    file_len: u64,
) -> Result<(), TableError> {
    let damaged = |reason: String| TableError::Damaged { file: file.into(), format: Format::Parquet, reason };
    let n_values = usize::try_from(column.num_values()).unwrap_or_default();
    let mut pages = SerializedPageReader::new(Arc::clone(reader), column, n_values, None)
        .map_err(|error| damaged(error.to_string()))?;
    let mut repeated = 0_u64;
    while let Some(page) = pages.get_next_page().map_err(|error| damaged(error.to_string()))? {
        let Some((encoding, values)) = delta_values(&page, column) else {
            continue;
        };
        let n_values = u64::from(page.num_values());
        let mut values = Varints { rest: values };
        let first = lengths(&mut values, n_values);
        let fine = match encoding {
            // The lengths that texts share with those before them, then the lengths of the rest.
            Encoding::DELTA_BYTE_ARRAY => first.and_then(|shared| {
                repeated = repeated.saturating_add(shared);
                lengths(&mut values, n_values)
            }),
            _ => first,
        };
        if fine.is_none() {
            return Err(damaged("a page of text declares more lengths than values, or is cut".into()));
        }
        check_expansion(file, "text", repeated, file_len)?;
    }
    Ok(())
}

/// The encoding of a data page and its bytes after the levels, where it is of an encoding with lengths in front.
fn delta_values<'a>(page: &'a Page, column: &ColumnChunkMetaData) -> Option<(Encoding, &'a [u8])> {
    let has_levels = column.column_descr().max_def_level() > 0;
    let (encoding, values) = match page {
        Page::DataPage { buf, encoding, def_level_encoding, num_values, .. } => {
            let levels = match def_level_encoding {
                _ if !has_levels => 0,
                #[allow(deprecated, reason = "old files have it")]
                Encoding::BIT_PACKED => (*num_values as usize).div_ceil(8),
                _ => 4 + u32::from_le_bytes(*buf.first_chunk::<4>()?) as usize,
            };
            (*encoding, buf.get(levels..).unwrap_or_default())
        }
        Page::DataPageV2 { buf, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
            let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
            (*encoding, buf.get(levels..).unwrap_or_default())
        }
        Page::DictionaryPage { .. } => return None,
    };
    let is_delta = matches!(encoding, Encoding::DELTA_BYTE_ARRAY | Encoding::DELTA_LENGTH_BYTE_ARRAY);
    is_delta.then_some((encoding, values))
}

/// Reads `DELTA_BINARY_PACKED` numbers and gives the sum of those above 0; `None` where there are more than `most`, or
/// where they are cut.
fn lengths(numbers: &mut Varints<'_>, most: u64) -> Option<u64> {
    let block_size = numbers.unsigned()?;
    let n_blocks = numbers.unsigned().filter(|&n_blocks| n_blocks > 0)?;
    let block_values = (block_size / n_blocks).max(1);
    let mut left = numbers.unsigned().filter(|&count| count <= most)?;
    let mut value = numbers.signed()?;
    let mut sum = if left > 0 { u64::try_from(value).unwrap_or_default() } else { 0 };
    left = left.saturating_sub(1);
    while left > 0 {
        let least = numbers.signed()?;
        let widths = numbers.rest.get(..usize::try_from(n_blocks).ok()?)?;
        numbers.advance(n_blocks)?;
        for &width in widths {
            // Blocks after the last value have no bytes.
            if left == 0 {
                break;
            }
            let block = numbers.rest;
            numbers.advance(u64::from(width).checked_mul(block_values)? / 8)?;
            for index in 0..block_values.min(left) {
                let delta = packed_number(block, index.checked_mul(u64::from(width))?, width)?;
                // As decoders do, which let numbers wrap around.
                value = value.wrapping_add(least).wrapping_add(delta as i64);
                sum = sum.saturating_add(u64::try_from(value).unwrap_or_default());
            }
            left = left.saturating_sub(block_values);
        }
    }
    Some(sum)
}

/// A number of so many bits from a bit on, the lowest first.
fn packed_number(bytes: &[u8], first_bit: u64, width: u8) -> Option<u64> {
    if width == 0 {
        return Some(0);
    }
    let rest = bytes.get(usize::try_from(first_bit / 8).ok()?..)?;
    let n_bytes = (first_bit % 8 + u64::from(width)).div_ceil(8);
    let all = rest.iter().take(usize::try_from(n_bytes).ok()?).rev();
    let all = all.fold(0_u128, |number, &byte| number << 8 | u128::from(byte));
    let mask = u64::MAX.checked_shr(64_u32.checked_sub(u32::from(width))?)?;
    Some((all >> (first_bit % 8)) as u64 & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_more_than_values_are_refused() {
        // Blocks of 128 in 4; 3 values from 5 on; one block of width 1 has 4 bytes, the rest none.
        let bytes = [0x80, 0x01, 4, 3, 10, 0, 1, 0, 0, 0, 0b11, 0, 0, 0, 0xEE];
        let mut numbers = Varints { rest: &bytes };
        // 5, then 5 + 0 + 1 and 6 + 0 + 1.
        assert_eq!(lengths(&mut numbers, 3), Some(5 + 6 + 7));
        assert_eq!(numbers.rest, [0xEE]);
        assert_eq!(lengths(&mut Varints { rest: &bytes }, 2), None);
        assert_eq!(lengths(&mut Varints { rest: &bytes[..12] }, 3), None);
    }

    #[test]
    fn lengths_growing_without_bytes_are_summed() {
        // 128 values from 0 on, each 2 more than the one before, in blocks of no bits.
        let bytes = [0x80, 0x01, 4, 0x80, 0x01, 0, 4, 0, 0, 0, 0];
        assert_eq!(lengths(&mut Varints { rest: &bytes }, 128), Some(127 * 128));
    }

    #[test]
    fn packed_number_of_any_width_is_read() {
        let bytes = [0b1010_0110, 0b0000_0001, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        assert_eq!(packed_number(&bytes, 0, 3), Some(0b110));
        assert_eq!(packed_number(&bytes, 5, 4), Some(0b1101));
        assert_eq!(packed_number(&bytes, 16, 64), Some(u64::MAX));
        assert_eq!(packed_number(&bytes, 0, 0), Some(0));
        assert_eq!(packed_number(&bytes, 0, 65), None);
    }
}
