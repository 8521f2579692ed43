//! The header of an NPY file.
//!
//! Source: NumPy enhancement proposal 1, `numpy.lib.format`.

use std::io::Read;

use super::{damaged, read_exact};
use crate::errors::TableError;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Longer headers belong to structured types of very many fields, which are not read; `numpy.load` stops at 10,000.
const MAX_LEN: usize = 64 * 1024;

/// NumPy's own bound.
const MAX_DIMENSIONS: usize = 64;

/// What the lengths along the other axes of an array without values may multiply to.
const MAX_WITHOUT_VALUES: usize = 1 << 20;

/// What an NPY file says of its array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
    /// Number of bytes before the values.
    pub(super) len: u64,
}

/// A data type that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dtype {
    pub(super) kind: Kind,
    /// Number of bytes per value.
    pub(super) size: usize,
    pub(super) big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    UInt,
    Float,
    /// Code points of four bytes.
    Unicode,
    /// Bytes, taken for UTF-8.
    Bytes,
}

impl Header {
    /// Reads the header of an array that takes `len` bytes in all.
    pub(super) fn read(name: &str, reader: &mut impl Read, len: u64) -> Result<Self, TableError> {
        let mut start = [0; 8];
        read_exact(name, reader, &mut start)?;
        if !start.starts_with(MAGIC) {
            return Err(damaged(name, &"it does not begin as an NPY file does"));
        }
        let [.., major, _] = start;
        let (dict_len, before) = match major {
            1 => {
                let mut bytes = [0; 2];
                read_exact(name, reader, &mut bytes)?;
                (usize::from(u16::from_le_bytes(bytes)), 10)
            }
            2 | 3 => {
                let mut bytes = [0; 4];
                read_exact(name, reader, &mut bytes)?;
                (u32::from_le_bytes(bytes) as usize, 12)
            }
            version => {
                return Err(damaged(name, &format!("version {version} of the format is unknown")));
            }
        };
        if dict_len > MAX_LEN || dict_len as u64 > len {
            return Err(TableError::TooLarge {
                file: name.into(),
                declared: format!("a header of {dict_len} bytes"),
                bound: format!("the array takes {len} bytes, and a header at most {MAX_LEN}"),
            });
        }
        let mut dict = vec![0; dict_len];
        read_exact(name, reader, &mut dict)?;
        let dict = String::from_utf8_lossy(&dict);
        let mut header = parse(name, &dict)?;
        header.len = before + dict_len as u64;
        Ok(header)
    }

    /// Number of values, after holding it against the bytes that follow the header.
    pub(super) fn checked_len(&self, name: &str, bytes_present: u64) -> Result<usize, TableError> {
        let product = |lengths: &[usize]| {
            lengths.iter().try_fold(1_usize, |product, &length| product.checked_mul(length))
        };
        // Even where one length is 0, the others must not multiply beyond what an index can hold.
        let nonzero: Vec<usize> = self.shape.iter().copied().filter(|&length| length > 0).collect();
        let bounded = product(&nonzero).is_some_and(|n_values| isize::try_from(n_values).is_ok());
        let n_values = product(&self.shape).filter(|_| bounded);
        // Nothing in the file accounts for the columns of no rows.
        let n_values =
            n_values.filter(|&n_values| n_values > 0 || product(&nonzero) <= Some(MAX_WITHOUT_VALUES));
        let n_bytes = n_values.and_then(|n_values| n_values.checked_mul(self.dtype.size));
        match (n_values, n_bytes) {
            // Values of no bytes would let any number of them pass.
            (Some(n_values), Some(n_bytes)) if n_bytes as u64 == bytes_present && n_bytes >= n_values => {
                Ok(n_values)
            }
            _ => Err(TableError::TooLarge {
                file: name.into(),
                declared: format!("shape {:?} of values of {} bytes", self.shape, self.dtype.size),
                bound: format!("{bytes_present} bytes follow its header"),
            }),
        }
    }
}

/// Parses `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }`.
fn parse(name: &str, dict: &str) -> Result<Header, TableError> {
    let mut parser = Parser { rest: dict };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    let mut entries = || -> Option<()> {
        parser.expect('{')?;
        while !parser.eat('}') {
            match parser.string()? {
                "descr" if descr.is_none() => {
                    parser.expect(':')?;
                    // A list describes a structured type; nothing after it matters.
                    let Some(string) = parser.string() else {
                        descr = Some("of several fields");
                        return None;
                    };
                    descr = Some(string);
                }
                "fortran_order" if fortran_order.is_none() => {
                    parser.expect(':')?;
                    fortran_order = Some(parser.boolean()?);
                }
                "shape" if shape.is_none() => {
                    parser.expect(':')?;
                    shape = Some(parser.shape()?);
                }
                _ => return None,
            }
            if !parser.eat(',') {
                parser.expect('}')?;
                break;
            }
        }
        parser.rest.trim().is_empty().then_some(())
    };
    let parsed = entries();
    let dtype = descr.map(|descr| dtype(name, descr)).transpose()?;
    match (parsed, dtype, fortran_order, shape) {
        (Some(()), Some(dtype), Some(fortran_order), Some(shape)) if shape.len() <= MAX_DIMENSIONS => {
            Ok(Header { dtype, fortran_order, shape, len: 0 })
        }
        _ => {
            let shown = crate::errors::quoted(dict.trim());
            Err(damaged(name, &format!("its header {shown} makes no sense")))
        }
    }
}

fn dtype(name: &str, descr: &str) -> Result<Dtype, TableError> {
    let unsupported = || TableError::UnsupportedDtype { file: name.into(), dtype: descr.into() };
    let big_endian = descr.starts_with('>');
    let rest = descr.strip_prefix(['<', '>', '|', '=']).unwrap_or(descr);
    if rest.starts_with('O') {
        return Err(TableError::ObjectArray { file: name.into(), dtype: descr.into() });
    }
    let mut characters = rest.chars();
    let kind = characters.next().ok_or_else(unsupported)?;
    let size: usize = characters.as_str().parse().map_err(|_| unsupported())?;
    let (kind, size) = match (kind, size) {
        ('b', 1) => (Kind::Bool, 1),
        ('i', 1 | 2 | 4 | 8) => (Kind::Int, size),
        ('u', 1 | 2 | 4 | 8) => (Kind::UInt, size),
        ('f', 2 | 4 | 8) => (Kind::Float, size),
        ('U', characters) => (Kind::Unicode, characters.checked_mul(4).ok_or_else(unsupported)?),
        ('S' | 'a', bytes) => (Kind::Bytes, bytes),
        _ => return Err(unsupported()),
    };
    Ok(Dtype { kind, size, big_endian })
}

/// The few Python literals that a header is made of. `None` where something else stands.
struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn eat(&mut self, expected: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, expected: char) -> Option<()> {
        self.eat(expected).then_some(())
    }

    fn string(&mut self) -> Option<&'a str> {
        let quote = if self.eat('\'') {
            '\''
        } else if self.eat('"') {
            '"'
        } else {
            return None;
        };
        let (string, rest) = self.rest.split_once(quote)?;
        self.rest = rest;
        (!string.contains('\\')).then_some(string)
    }

    fn boolean(&mut self) -> Option<bool> {
        self.rest = self.rest.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Some(value);
            }
        }
        None
    }

    /// A tuple of lengths; `None` also where one is negative or larger than any index.
    fn shape(&mut self) -> Option<Vec<usize>> {
        let mut shape = Vec::new();
        self.expect('(')?;
        while !self.eat(')') {
            self.rest = self.rest.trim_start();
            let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at_checked(end)?;
            shape.push(digits.parse().ok()?);
            // Python 2 wrote long integers with an L.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            if !self.eat(',') {
                self.expect(')')?;
                break;
            }
        }
        Some(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_every_spelling_is_understood() {
        let header = parse("f", "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }   \n").unwrap();
        assert_eq!((header.shape, header.fortran_order), (vec![3, 2], false));
        let header = parse("f", "{\"shape\":(7L,),\"fortran_order\":True,\"descr\":\">u2\"}").unwrap();
        assert_eq!((header.shape, header.fortran_order), (vec![7], true));
        assert!(header.dtype.big_endian);
        assert!(
            parse("f", "{'descr': '|b1', 'fortran_order': False, 'shape': ()}").unwrap().shape.is_empty()
        );
    }

    #[test]
    fn parse_nonsense_is_refused() {
        for dict in [
            "",
            "{}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3, 2)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': 3}",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} exec",
            "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
        ] {
            assert!(matches!(parse("f", dict), Err(TableError::Damaged { .. })), "{dict}");
        }
        let structured = "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}";
        assert!(matches!(parse("f", structured), Err(TableError::UnsupportedDtype { .. })));
    }
}
