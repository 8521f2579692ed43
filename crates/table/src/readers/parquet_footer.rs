//! A look at the metadata of a Parquet file, before it is decoded.
//!
//! The parquet crate follows groups of columns into each other without end, which exhausts the stack, and makes room for as
//! many children as a group declares. Neither can be caught, so both are looked at here.
//!
//! Source: apache/parquet-format, `parquet.thrift` (`FileMetaData`, `SchemaElement`).

use parquet::file::reader::ChunkReader;

use super::parquet::damaged;
use super::parquet_structures::{self as structures, FILE_METADATA};
use super::thrift::{Kind, MAX_DEPTH, Thrift};
use super::varints::Varints;
use crate::errors::TableError;

const MAGIC: &[u8] = b"PAR1";

/// Four bytes of length and four of magic.
const FOOTER_TAIL: u64 = 8;

/// A list in a list takes three levels.
const MAX_NESTING: usize = 64;

/// Holds the lengths that a file ends with, and all lists of its metadata, against the bytes that are there.
pub(super) fn check_footer<R: ChunkReader>(name: &str, reader: &R, len: u64) -> Result<(), TableError> {
    if len < FOOTER_TAIL + MAGIC.len() as u64 {
        return Err(damaged(name, &format!("it has only {len} bytes")));
    }
    let tail = reader.get_bytes(len - FOOTER_TAIL, FOOTER_TAIL as usize);
    let tail = tail.map_err(|error| damaged(name, &error))?;
    let Some((length, magic)) = tail.split_first_chunk::<4>() else {
        return Err(damaged(name, &"its end is missing"));
    };
    if magic != MAGIC {
        return Err(damaged(name, &"it does not end in PAR1, so its end is missing"));
    }
    let declared = u64::from(u32::from_le_bytes(*length));
    let most = len - FOOTER_TAIL - MAGIC.len() as u64;
    if declared > most {
        return Err(TableError::TooLarge {
            file: name.into(),
            declared: format!("a footer of {declared} bytes"),
            bound: format!("only {most} bytes stand before it"),
        });
    }
    let footer = reader.get_bytes(len - FOOTER_TAIL - declared, declared as usize);
    let footer = footer.map_err(|error| damaged(name, &error))?;
    check_metadata(&footer).map_err(|reason| damaged(name, &reason))
}

fn check_metadata(footer: &[u8]) -> Result<(), &'static str> {
    let broken = "its metadata break off or contradict themselves";
    let start = || Thrift { bytes: Varints { rest: footer } };
    structures::check(&mut start(), FILE_METADATA, Kind::STRUCT).ok_or(broken)?;
    let mut thrift = start();
    let mut field = 0;
    loop {
        match (thrift.next_field(&mut field).ok_or(broken)?, field) {
            (Kind::STOP, _) => return Ok(()),
            (Kind::LIST, 2) => {
                let (_, len) = thrift.list().ok_or(broken)?;
                let mut groups = Groups::default();
                for _ in 0..len {
                    groups.push(n_children(&mut thrift).ok_or(broken)?)?;
                }
            }
            (kind, _) => thrift.skip(kind, MAX_DEPTH).ok_or(broken)?,
        }
    }
}

/// The number of children that an element of the schema declares.
fn n_children(thrift: &mut Thrift<'_>) -> Option<u64> {
    let (mut field, mut n_children) = (0, 0);
    loop {
        match (thrift.next_field(&mut field)?, field) {
            (Kind::STOP, _) => return Some(n_children),
            // Of whatever width, as whole numbers look alike and the parquet crate does not ask.
            (Kind::INT16 | Kind::INT32 | Kind::INT64, 5) => {
                n_children = u64::try_from(thrift.bytes.signed()?).ok()?;
            }
            (kind, _) => thrift.skip(kind, MAX_DEPTH)?,
        }
    }
}

/// The groups that an element of the schema stands in, with the number of children still to come in each.
#[derive(Default)]
struct Groups(Vec<u64>);

/// What a group takes for every child that it declares.
const MOST_CHILDREN: u64 = 1 << 20;

impl Groups {
    fn push(&mut self, n_children: u64) -> Result<(), &'static str> {
        if let Some(left) = self.0.last_mut() {
            *left = left.saturating_sub(1);
        }
        if n_children > MOST_CHILDREN {
            return Err("a group of its columns declares more than a million children");
        }
        self.0.push(n_children);
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        if self.0.len() > MAX_NESTING {
            return Err("its columns are nested more than 64 deep");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metadata with a schema of groups of so many children each.
    fn metadata(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 2, 0x19, 0xFC];
        bytes.extend([0x80 | (children.len() as u8 & 0x7F), (children.len() >> 7) as u8]);
        for &n in children {
            bytes.extend([0x55, 2 * n, 0]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn check_metadata_groups_without_end_are_refused() {
        assert_eq!(check_metadata(&metadata(&[3, 0, 0, 0])), Ok(()));
        assert_eq!(check_metadata(&metadata(&[1; 60])), Ok(()));
        assert!(check_metadata(&metadata(&[1; 65])).is_err_and(|reason| reason.contains("nested")));
        // Many columns beside each other are no nesting.
        let flat = [&[63][..], &[0; 63]].concat();
        assert_eq!(check_metadata(&metadata(&flat)), Ok(()));
    }

    #[test]
    fn check_metadata_more_children_than_there_are_is_refused() {
        let bytes = [0x15, 2, 0x19, 0x1C, 0x55, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0];
        assert!(check_metadata(&bytes).is_err_and(|reason| reason.contains("million")));
        for kind in [0x54, 0x56] {
            let bytes = [0x15, 2, 0x19, 0x1C, kind, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0];
            assert!(check_metadata(&bytes).is_err_and(|reason| reason.contains("million")));
        }
        // The list goes on beyond the end.
        assert!(check_metadata(&metadata(&[1; 3])[..10]).is_err_and(|reason| reason.contains("break off")));
    }
}
