//! A look at the page headers of a Parquet file, before its pages are unpacked.
//!
//! A page header says how much memory its page unpacks to, and the parquet crate allocates that much unseen.
//!
//! Source: apache/parquet-format, `parquet.thrift` (`PageHeader`); Thrift compact protocol.

use bytes::Bytes;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::ChunkReader;

use super::varints::Varints;
use crate::errors::TableError;
use crate::format::Format;
use crate::limits::check_expansion;

/// Headers are a few dozen bytes, unless they hold long statistics; then the window grows.
const WINDOW: u64 = 1024;

/// Structures in a page header nest three deep.
const MAX_DEPTH: usize = 16;

/// `DELTA_LENGTH_BYTE_ARRAY` and `DELTA_BYTE_ARRAY`.
const DELTA_LENGTHS: [i64; 2] = [6, 7];

/// What the page headers of a column chunk say.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Number of bytes that the pages unpack to.
    pub(super) unpacked: u64,
    /// Number of bytes that a reader holds at a time: the largest page, packed and unpacked, and the dictionary.
    pub(super) held: u64,
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
    let (mut at, mut seen) = (start, 0);
    let (mut largest, mut dictionary) = (0, 0);
    let mut pages = Pages::default();
    while at < end && seen < n_values {
        let (header, header_len) = read_header(reader, at, end)
            .ok_or_else(|| damaged(format!("the page header at byte {at} cannot be read")))?;
        let body = at + header_len;
        let (Ok(compressed), Ok(uncompressed), Ok(values)) = (
            u64::try_from(header.compressed_size),
            u64::try_from(header.uncompressed_size),
            u64::try_from(header.n_values),
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
            dictionary = uncompressed;
        }
        pages.has_delta_lengths |= header.has_delta_lengths;
        check_expansion(file, "pages", pages.unpacked, file_len)?;
        if !header.is_dictionary {
            seen += values;
        }
        at = body + compressed;
    }
    pages.held = largest + dictionary;
    Ok(pages)
}

fn read_header<R: ChunkReader>(reader: &R, at: u64, end: u64) -> Option<(PageHeader, u64)> {
    let mut window = WINDOW;
    loop {
        let len = window.min(end - at);
        let bytes: Bytes = reader.get_bytes(at, len as usize).ok()?;
        let mut thrift = Thrift { bytes: Varints { rest: &bytes } };
        if let Some(header) = PageHeader::read(&mut thrift) {
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

/// A type of the compact protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind(u8);

impl Kind {
    const STOP: Self = Self(0);
    const TRUE: Self = Self(1);
    const FALSE: Self = Self(2);
    const INT8: Self = Self(3);
    const INT16: Self = Self(4);
    const INT32: Self = Self(5);
    const INT64: Self = Self(6);
    const DOUBLE: Self = Self(7);
    const BINARY: Self = Self(8);
    const LIST: Self = Self(9);
    const SET: Self = Self(10);
    const MAP: Self = Self(11);
    const STRUCT: Self = Self(12);
    const UUID: Self = Self(13);
}

/// Just enough of the compact protocol to step over a structure; `None` where the bytes end or make no sense.
struct Thrift<'a> {
    bytes: Varints<'a>,
}

impl Thrift<'_> {
    /// The type of the next field, whose number is added to the last one's; [`Kind::STOP`] ends a structure.
    fn next_field(&mut self, field: &mut i64) -> Option<Kind> {
        let byte = self.bytes.byte()?;
        if byte == 0 {
            return Some(Kind::STOP);
        }
        *field = match byte >> 4 {
            0 => self.bytes.signed()?,
            delta => field.checked_add(i64::from(delta))?,
        };
        Some(Kind(byte & 0x0F)).filter(|&kind| kind != Kind::STOP)
    }

    fn skip(&mut self, kind: Kind, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            Kind::TRUE | Kind::FALSE => Some(()),
            Kind::INT8 => self.bytes.advance(1),
            Kind::INT16 | Kind::INT32 | Kind::INT64 => self.bytes.unsigned().map(drop),
            Kind::DOUBLE => self.bytes.advance(8),
            Kind::UUID => self.bytes.advance(16),
            Kind::BINARY => {
                let len = self.bytes.unsigned()?;
                self.bytes.advance(len)
            }
            Kind::LIST | Kind::SET => {
                let head = self.bytes.byte()?;
                let len = match head >> 4 {
                    15 => self.bytes.unsigned()?,
                    len => u64::from(len),
                };
                (0..len).try_for_each(|_| self.skip_element(Kind(head & 0x0F), depth))
            }
            Kind::MAP => {
                let len = self.bytes.unsigned()?;
                if len == 0 {
                    return Some(());
                }
                let kinds = self.bytes.byte()?;
                (0..len).try_for_each(|_| {
                    self.skip_element(Kind(kinds >> 4), depth)?;
                    self.skip_element(Kind(kinds & 0x0F), depth)
                })
            }
            Kind::STRUCT => {
                let mut field = 0;
                loop {
                    let kind = self.next_field(&mut field)?;
                    if kind == Kind::STOP {
                        break;
                    }
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    /// Unlike a field, an element that is a boolean takes a byte.
    fn skip_element(&mut self, kind: Kind, depth: usize) -> Option<()> {
        match kind {
            Kind::TRUE | Kind::FALSE => self.bytes.advance(1),
            _ => self.skip(kind, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_header_of_a_data_page_gives_its_sizes() {
        // type 0, sizes 100 and 60, crc skipped over, data_page_header { 25 values, encoding 0 }.
        let bytes = [0x15, 0, 0x15, 0xC8, 1, 0x15, 120, 0x15, 2, 0x1C, 0x15, 50, 0x15, 0, 0, 0, 0xAA];
        let mut thrift = Thrift { bytes: Varints { rest: &bytes } };
        let expected = PageHeader {
            uncompressed_size: 100,
            compressed_size: 60,
            n_values: 25,
            is_dictionary: false,
            has_delta_lengths: false,
        };
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
}
