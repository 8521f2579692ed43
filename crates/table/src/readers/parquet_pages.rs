//! A look at the page headers of a Parquet file, before its pages are unpacked.
//!
//! A page header says how much memory its page unpacks to, and the parquet crate allocates that much unseen.
//!
//! Source: apache/parquet-format, `parquet.thrift` (`PageHeader`); Thrift compact protocol.

use bytes::Bytes;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::ChunkReader;

use super::parquet_codecs::{can_unpack_to, is_suspicious};
use super::parquet_structures::{self as structures, PAGE_HEADER};
use super::thrift::{Kind, MAX_DEPTH, Thrift};
use super::varints::Varints;
use crate::errors::TableError;
use crate::format::Format;
use crate::limits::check_expansion;

/// Headers are a few dozen bytes, unless they hold long statistics; then the window grows.
const WINDOW: u64 = 1024;

/// `DELTA_LENGTH_BYTE_ARRAY` and `DELTA_BYTE_ARRAY`.
const DELTA_LENGTHS: [i64; 2] = [6, 7];

/// What the page headers of a column chunk say.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Number of bytes that the pages unpack to.
    pub(super) unpacked: u64,
    /// Number of bytes that a reader holds at a time: the largest page, packed and unpacked, and the dictionary.
    pub(super) held: u64,
    /// Number of bytes that the dictionary unpacks to.
    pub(super) dictionary: u64,
    /// Whether one holds text with delta-encoded lengths.
    pub(super) has_delta_lengths: bool,
}

/// Walks over the pages of a column chunk.
pub(super) fn check_pages<R: ChunkReader>(
    file: &str,
    reader: &R,
    column: &ColumnChunkMetaData,
    file_len: u64,
) -> Result<Pages, TableError> {
    let damaged = |reason: String| TableError::Damaged { file: file.into(), format: Format::Parquet, reason };
    let (start, len) = column.byte_range();
    let end = start.saturating_add(len).min(file_len);
    let n_values = u64::try_from(column.num_values()).unwrap_or_default();
    let mut at = start;
    let mut largest = 0;
    let mut pages = Pages::default();
    let codec = column.compression();
    // To the end, though the values may be there before: the parquet crate looks at what follows the last page, too.
    while at < end {
        let (header, header_len) = read_header(reader, at, end)
            .ok_or_else(|| damaged(format!("the page header at byte {at} cannot be read")))?;
        let body = at + header_len;
        let (Ok(compressed), Ok(uncompressed), Ok(values), Ok(levels)) = (
            u64::try_from(header.compressed_size),
            u64::try_from(header.uncompressed_size),
            u64::try_from(header.n_values),
            u64::try_from(header.levels_len),
        ) else {
            return Err(damaged(format!("the page at byte {at} has a negative size")));
        };
        if compressed > end - body {
            return Err(TableError::TooLarge {
                file: file.into(),
                declared: format!("a page of {compressed} bytes at byte {body}"),
                bound: format!("its column ends at byte {end}"),
            });
        }
        if !header.is_not_compressed && is_suspicious(codec, uncompressed) {
            let packed = reader.get_bytes(body, compressed as usize);
            let packed = packed.map_err(|error| damaged(error.to_string()))?;
            // Levels that stand before the values are not packed.
            let values = packed.get(levels as usize..).unwrap_or_default();
            if !can_unpack_to(codec, values, uncompressed.saturating_sub(levels)) {
                return Err(damaged(format!(
                    "the page at byte {at} cannot unpack to the {uncompressed} bytes that it declares"
                )));
            }
        }
        // Each value of a dictionary takes a byte at least.
        let most = if header.is_dictionary { uncompressed } else { n_values };
        if values > most {
            return Err(damaged(format!(
                "the page at byte {at} declares {values} values where {most} are possible"
            )));
        }
        pages.unpacked += uncompressed;
        largest = largest.max(uncompressed + compressed);
        if header.is_dictionary {
            pages.dictionary = uncompressed;
        }
        pages.has_delta_lengths |= header.has_delta_lengths;
        check_expansion(file, "pages", pages.unpacked, file_len)?;
        at = body + compressed;
    }
    pages.held = largest + pages.dictionary;
    Ok(pages)
}

fn read_header<R: ChunkReader>(reader: &R, at: u64, end: u64) -> Option<(PageHeader, u64)> {
    let mut window = WINDOW;
    loop {
        let len = window.min(end - at);
        let bytes: Bytes = reader.get_bytes(at, len as usize).ok()?;
        let mut thrift = Thrift { bytes: Varints { rest: &bytes } };
        if let Some(header) = PageHeader::read(&mut thrift) {
            let mut again = Thrift { bytes: Varints { rest: &bytes } };
            structures::check(&mut again, PAGE_HEADER, Kind::STRUCT)?;
            return Some((header, len - thrift.bytes.rest.len() as u64));
        }
        if len == end - at {
            return None;
        }
        window *= 16;
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct PageHeader {
    uncompressed_size: i64,
    compressed_size: i64,
    n_values: i64,
    /// Levels that stand before the values and are not compressed.
    levels_len: i64,
    is_not_compressed: bool,
    is_dictionary: bool,
    has_delta_lengths: bool,
}

impl PageHeader {
    fn read(thrift: &mut Thrift<'_>) -> Option<Self> {
        let mut header = Self::default();
        let mut field = 0;
        loop {
            let kind = thrift.next_field(&mut field)?;
            if kind == Kind::STOP {
                break;
            }
            match (field, kind) {
                (2, Kind::INT32) => header.uncompressed_size = thrift.bytes.signed()?,
                (3, Kind::INT32) => header.compressed_size = thrift.bytes.signed()?,
                // data_page_header, dictionary_page_header, data_page_header_v2: the first field counts values, the
                // second of the first two and the fourth of the last is the encoding.
                (5 | 7 | 8, Kind::STRUCT) => {
                    header.is_dictionary |= field == 7;
                    let mut inner = 0;
                    loop {
                        let kind = thrift.next_field(&mut inner)?;
                        if kind == Kind::STOP {
                            break;
                        }
                        match (inner, kind) {
                            (1, Kind::INT32) => header.n_values = header.n_values.max(thrift.bytes.signed()?),
                            (2 | 4, Kind::INT32) => {
                                let is_encoding = (inner == 4) == (field == 8);
                                let encoding = thrift.bytes.signed()?;
                                header.has_delta_lengths |= is_encoding && DELTA_LENGTHS.contains(&encoding);
                            }
                            // Only data_page_header_v2 has levels of a length of their own, and this flag.
                            (5 | 6, Kind::INT32) => {
                                header.levels_len = header.levels_len.saturating_add(thrift.bytes.signed()?);
                            }
                            (7, Kind::FALSE) if field == 8 => header.is_not_compressed = true,
                            _ => thrift.skip(kind, MAX_DEPTH)?,
                        }
                    }
                }
                _ => thrift.skip(kind, MAX_DEPTH)?,
            }
        }
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::basic::Type as PhysicalType;
    use parquet::schema::types::{ColumnDescriptor, ColumnPath, Type};

    use super::*;

    #[test]
    fn read_header_of_a_data_page_gives_its_sizes() {
        // type 0, sizes 100 and 60, crc skipped over, data_page_header { 25 values, encoding 0 }.
        let bytes = [0x15, 0, 0x15, 0xC8, 1, 0x15, 120, 0x15, 2, 0x1C, 0x15, 50, 0x15, 0, 0, 0, 0xAA];
        let mut thrift = Thrift { bytes: Varints { rest: &bytes } };
        let expected =
            PageHeader { uncompressed_size: 100, compressed_size: 60, n_values: 25, ..PageHeader::default() };
        assert_eq!(PageHeader::read(&mut thrift), Some(expected));
        assert_eq!(thrift.bytes.rest, [0xAA]);
    }

    #[test]
    fn read_header_nested_without_end_is_refused() {
        let mut thrift = Thrift { bytes: Varints { rest: &[0x1C; 1000] } };
        assert_eq!(PageHeader::read(&mut thrift), None);
        let mut thrift = Thrift { bytes: Varints { rest: &[0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F] } };
        assert_eq!(PageHeader::read(&mut thrift), None);
    }

    #[test]
    fn check_pages_what_follows_the_last_page_of_a_column_is_no_page() {
        // type 0, sizes 1 and 1, data_page_header { 25 values, encodings 0 }, and the byte of the page.
        let page = [0x15, 0, 0x15, 2, 0x15, 2, 0x2C, 0x15, 50, 0x15, 0, 0x15, 0, 0x15, 0, 0, 0, 0xAA];
        // A field that no header has: a list of two billion numbers, none of which is there.
        let list = [0xF9, 0xF7, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        let kind = Type::primitive_type_builder("a", PhysicalType::DOUBLE).build().unwrap();
        let described = Arc::new(ColumnDescriptor::new(Arc::new(kind), 0, 0, ColumnPath::new(Vec::new())));
        let check = |bytes: &[u8]| {
            let column = ColumnChunkMetaData::builder(Arc::clone(&described))
                .set_num_values(25)
                .set_data_page_offset(0)
                .set_total_compressed_size(bytes.len() as i64)
                .build()
                .unwrap();
            check_pages("f", &Bytes::copy_from_slice(bytes), &column, bytes.len() as u64)
        };
        assert_eq!(check(&page).unwrap().unpacked, 1);
        assert!(matches!(
            check(&[&page[..], &list].concat()),
            Err(TableError::Damaged { reason, .. }) if reason.contains("at byte 18")
        ));
    }
}
