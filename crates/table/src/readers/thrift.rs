//! Just enough of Thrift's compact protocol to look at what a Parquet file says of itself.
//!
//! Source: apache/thrift, `doc/specs/thrift-compact-protocol.md`.

use super::varints::Varints;

/// Structures that Parquet knows nest fewer deep.
pub(super) const MAX_DEPTH: usize = 16;

/// A type of the compact protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(u8);

impl Kind {
    pub(super) const STOP: Self = Self(0);
    pub(super) const TRUE: Self = Self(1);
    pub(super) const FALSE: Self = Self(2);
    pub(super) const INT8: Self = Self(3);
    pub(super) const INT16: Self = Self(4);
    pub(super) const INT32: Self = Self(5);
    pub(super) const INT64: Self = Self(6);
    pub(super) const DOUBLE: Self = Self(7);
    pub(super) const BINARY: Self = Self(8);
    pub(super) const LIST: Self = Self(9);
    pub(super) const SET: Self = Self(10);
    pub(super) const MAP: Self = Self(11);
    pub(super) const STRUCT: Self = Self(12);
    pub(super) const UUID: Self = Self(13);
}

/// Just enough of the compact protocol to step over a structure; `None` where the bytes end or make no sense.
pub(super) struct Thrift<'a> {
    pub(super) bytes: Varints<'a>,
}

impl Thrift<'_> {
    /// The type of the next field, whose number is added to the last one's; [`Kind::STOP`] ends a structure. Numbers have
    /// 16 bits.
    pub(super) fn next_field(&mut self, field: &mut i64) -> Option<Kind> {
        let byte = self.bytes.byte()?;
        if byte == 0 {
            return Some(Kind::STOP);
        }
        *field = match byte >> 4 {
            0 => self.bytes.signed()?,
            delta => field.checked_add(i64::from(delta))?,
        };
        i16::try_from(*field).ok()?;
        Some(Kind(byte & 0x0F)).filter(|&kind| kind != Kind::STOP)
    }

    pub(super) fn skip(&mut self, kind: Kind, depth: usize) -> Option<()> {
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
                let (kind, len) = self.list()?;
                (0..len).try_for_each(|_| self.skip_element(kind, depth))
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

    /// The type of the elements of a list and their number.
    pub(super) fn list(&mut self) -> Option<(Kind, u64)> {
        let head = self.bytes.byte()?;
        let len = match head >> 4 {
            15 => self.bytes.unsigned()?,
            len => u64::from(len),
        };
        Some((Kind(head & 0x0F), len))
    }

    /// Steps over an element. An element that is a boolean takes a byte, unlike a field, and the parquet crate steps over
    /// it as over a field: as many as are declared, out of nothing. Parquet has no collections of them here.
    fn skip_element(&mut self, kind: Kind, depth: usize) -> Option<()> {
        match kind {
            Kind::TRUE | Kind::FALSE => None,
            _ => self.skip(kind, depth),
        }
    }
}
