//! The structures of Parquet's metadata, and whether bytes have the types that these ask for.
//!
//! The parquet crate reads a field by its number alone. Where the bytes say that it has another type, it loses its place,
//! and may then take what follows for a collection of billions of elements that take no bytes, over which it counts for
//! seconds. So each field that it knows has to have its type here before it sees the bytes.
//!
//! Source: apache/parquet-format, `parquet.thrift`.

use super::thrift::{Kind, MAX_DEPTH, Thrift};

/// What a field or an element is to be.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Flag,
    Byte,
    /// A whole number of 16, 32 or 64 bits, all of which look alike, as does the number of a variant.
    Whole,
    Double,
    Bytes,
    /// Its fields by their numbers; others may follow. A union is a structure with one of its fields.
    Struct(&'static [(i64, Shape)]),
    List(&'static Shape),
}

use Shape::{Byte, Bytes, Double, Flag, List, Struct, Whole};

pub(super) const FILE_METADATA: Shape = Struct(&[
    (1, Whole),
    (2, List(&SCHEMA_ELEMENT)),
    (3, Whole),
    (4, List(&ROW_GROUP)),
    (5, List(&KEY_VALUE)),
    (6, Bytes),
    (7, List(&COLUMN_ORDER)),
    (8, ENCRYPTION),
    (9, Bytes),
]);

pub(super) const PAGE_HEADER: Shape = Struct(&[
    (1, Whole),
    (2, Whole),
    (3, Whole),
    (4, Whole),
    (5, Struct(&[(1, Whole), (2, Whole), (3, Whole), (4, Whole), (5, STATISTICS)])),
    (6, EMPTY),
    (7, Struct(&[(1, Whole), (2, Whole), (3, Flag)])),
    (
        8,
        Struct(&[
            (1, Whole),
            (2, Whole),
            (3, Whole),
            (4, Whole),
            (5, Whole),
            (6, Whole),
            (7, Flag),
            (8, STATISTICS),
        ]),
    ),
]);

const EMPTY: Shape = Struct(&[]);

const COLUMN_ORDER: Shape = Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]);

const SCHEMA_ELEMENT: Shape = Struct(&[
    (1, Whole),
    (2, Whole),
    (3, Whole),
    (4, Bytes),
    (5, Whole),
    (6, Whole),
    (7, Whole),
    (8, Whole),
    (9, Whole),
    (10, LOGICAL_TYPE),
]);

const LOGICAL_TYPE: Shape = Struct(&[
    (1, EMPTY),
    (2, EMPTY),
    (3, EMPTY),
    (4, EMPTY),
    (5, Struct(&[(1, Whole), (2, Whole)])),
    (6, EMPTY),
    (7, TIME),
    (8, TIME),
    (10, Struct(&[(1, Byte), (2, Flag)])),
    (11, EMPTY),
    (12, EMPTY),
    (13, EMPTY),
    (14, EMPTY),
    (15, EMPTY),
    (16, Struct(&[(1, Byte)])),
    (17, Struct(&[(1, Bytes)])),
    (18, Struct(&[(1, Bytes), (2, Whole)])),
    (19, EMPTY),
]);

const TIME: Shape = Struct(&[(1, Flag), (2, Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]))]);

const ROW_GROUP: Shape = Struct(&[
    (1, List(&COLUMN_CHUNK)),
    (2, Whole),
    (3, Whole),
    (4, List(&Struct(&[(1, Whole), (2, Flag), (3, Flag)]))),
    (5, Whole),
    (6, Whole),
    (7, Whole),
]);

const COLUMN_CHUNK: Shape = Struct(&[
    (1, Bytes),
    (2, Whole),
    (3, COLUMN_METADATA),
    (4, Whole),
    (5, Whole),
    (6, Whole),
    (7, Whole),
    (8, Struct(&[(1, EMPTY), (2, Struct(&[(1, List(&Bytes)), (2, Bytes)]))])),
    (9, Bytes),
]);

const COLUMN_METADATA: Shape = Struct(&[
    (1, Whole),
    (2, List(&Whole)),
    (3, List(&Bytes)),
    (4, Whole),
    (5, Whole),
    (6, Whole),
    (7, Whole),
    (8, List(&KEY_VALUE)),
    (9, Whole),
    (10, Whole),
    (11, Whole),
    (12, STATISTICS),
    (13, List(&Struct(&[(1, Whole), (2, Whole), (3, Whole)]))),
    (14, Whole),
    (15, Whole),
    (16, Struct(&[(1, Whole), (2, List(&Whole)), (3, List(&Whole))])),
    (17, Struct(&[(1, BOX), (2, List(&Whole))])),
]);

const BOX: Shape = Struct(&[
    (1, Double),
    (2, Double),
    (3, Double),
    (4, Double),
    (5, Double),
    (6, Double),
    (7, Double),
    (8, Double),
]);

const STATISTICS: Shape = Struct(&[
    (1, Bytes),
    (2, Bytes),
    (3, Whole),
    (4, Whole),
    (5, Bytes),
    (6, Bytes),
    (7, Flag),
    (8, Flag),
    (9, Whole),
]);

const KEY_VALUE: Shape = Struct(&[(1, Bytes), (2, Bytes)]);

const ENCRYPTION: Shape = Struct(&[(1, AES), (2, AES)]);
const AES: Shape = Struct(&[(1, Bytes), (2, Bytes), (3, Flag)]);

impl Shape {
    fn admits(self, kind: Kind) -> bool {
        match self {
            Flag => matches!(kind, Kind::TRUE | Kind::FALSE),
            Byte => kind == Kind::INT8,
            Whole => matches!(kind, Kind::INT16 | Kind::INT32 | Kind::INT64),
            Double => kind == Kind::DOUBLE,
            Bytes => kind == Kind::BINARY,
            Struct(_) => kind == Kind::STRUCT,
            List(_) => kind == Kind::LIST,
        }
    }
}

/// Steps over a value of this kind; `None` where the bytes end, or something in it is not of its shape.
pub(super) fn check(thrift: &mut Thrift<'_>, shape: Shape, kind: Kind) -> Option<()> {
    if !shape.admits(kind) {
        return None;
    }
    match shape {
        Flag | Byte | Whole | Double | Bytes => thrift.skip(kind, MAX_DEPTH),
        List(shape) => {
            let (kind, len) = thrift.list()?;
            (0..len).try_for_each(|_| check(thrift, *shape, kind))
        }
        Struct(fields) => {
            let mut field = 0;
            loop {
                let kind = thrift.next_field(&mut field)?;
                if kind == Kind::STOP {
                    return Some(());
                }
                match fields.iter().find(|(known, _)| *known == field) {
                    Some(&(_, shape)) => check(thrift, shape, kind)?,
                    None => thrift.skip(kind, MAX_DEPTH)?,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::varints::Varints;

    fn is_file_metadata(bytes: &[u8]) -> bool {
        let mut thrift = Thrift { bytes: Varints { rest: bytes } };
        check(&mut thrift, FILE_METADATA, Kind::STRUCT).is_some()
    }

    #[test]
    fn check_fields_of_another_type_are_refused() {
        // version 1, an empty list of columns, no rows.
        assert!(is_file_metadata(&[0x15, 2, 0x19, 0x0C, 0x16, 0, 0]));
        // The version as text, after which the parquet crate takes the text for fields.
        assert!(!is_file_metadata(&[0x18, 4, 0xFB, 0xFF, 0xFF, 0xFF, 0x19, 0x0C, 0x16, 0, 0]));
        // A column whose name is a number.
        assert!(is_file_metadata(&[0x15, 2, 0x19, 0x1C, 0x48, 1, b'a', 0, 0x16, 0, 0]));
        assert!(!is_file_metadata(&[0x15, 2, 0x19, 0x1C, 0x45, 1, 0, 0x16, 0, 0]));
        // A list of columns that are numbers.
        assert!(!is_file_metadata(&[0x15, 2, 0x19, 0x15, 0, 0x16, 0, 0]));
    }

    #[test]
    fn check_orders_of_columns_that_are_no_structures_are_refused() {
        for order in [0x1C, 0x2C, 0x3C, 0x4C] {
            assert!(is_file_metadata(&[0x79, 0x1C, order, 0, 0, 0]));
        }
        // A flag in place of a structure takes no byte, so that what follows is read from another place on.
        for order in [0x11, 0x21, 0x31] {
            assert!(!is_file_metadata(&[0x79, 0x1C, order, 0, 0, 0]));
        }
    }

    #[test]
    fn check_collections_of_booleans_in_unknown_fields_are_refused() {
        // Field 14, which no version has yet: two bytes in a list, and two booleans, over which the parquet crate steps as
        // if they took no bytes.
        assert!(is_file_metadata(&[0xE9, 0x23, 1, 1, 0]));
        assert!(!is_file_metadata(&[0xE9, 0x21, 1, 1, 0]));
        assert!(!is_file_metadata(&[0xEB, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x11, 0]));
        // The number of field 65,537 is read as 1 by what keeps 16 bits of it.
        assert!(!is_file_metadata(&[0x05, 0x82, 0x80, 0x08, 0, 0]));
    }
}
