//! The values of an NPY file.

use std::io::Read;

use half::f16;
use ndarray::{ArrayD, IxDyn, ShapeBuilder};

use super::any_array::AnyArray;
use super::npy_header::{Dtype, Header, Kind};
use super::{damaged, read_exact};
use crate::errors::TableError;

/// Values are decoded from a buffer of this size straight into the array, so that the array is never held twice.
const BUFFER_LEN: usize = 64 * 1024;

/// Reads an array that takes `len` bytes in all.
pub(super) fn read(name: &str, reader: &mut impl Read, len: u64) -> Result<AnyArray, TableError> {
    let header = Header::read(name, reader, len)?;
    let n_values = header.checked_len(name, len.saturating_sub(header.len))?;
    let values = Values { name, reader, header: &header, n: n_values };
    values.read()
}

struct Values<'a, R> {
    name: &'a str,
    reader: &'a mut R,
    header: &'a Header,
    n: usize,
}

/// Decodes values of a type, of either byte order. The closures are written out so that each is compiled into its loop.
macro_rules! decoded {
    ($values:expr, $type:ty) => {
        if $values.header.dtype.big_endian {
            $values.decode(|bytes| <$type>::from_be_bytes(bytes).into())?
        } else {
            $values.decode(|bytes| <$type>::from_le_bytes(bytes).into())?
        }
    };
}

impl<R: Read> Values<'_, R> {
    fn read(self) -> Result<AnyArray, TableError> {
        let Dtype { kind, size, big_endian: big } = self.header.dtype;
        Ok(match (kind, size) {
            (Kind::Bool, _) => AnyArray::Bool(self.decode(|[byte]: [u8; 1]| byte != 0)?),
            (Kind::Int, 1) => AnyArray::Int(decoded!(self, i8)),
            (Kind::Int, 2) => AnyArray::Int(decoded!(self, i16)),
            (Kind::Int, 4) => AnyArray::Int(decoded!(self, i32)),
            (Kind::Int, _) => AnyArray::Int(decoded!(self, i64)),
            (Kind::UInt, 1) => AnyArray::Int(decoded!(self, u8)),
            (Kind::UInt, 2) => AnyArray::Int(decoded!(self, u16)),
            (Kind::UInt, 4) => AnyArray::Int(decoded!(self, u32)),
            (Kind::UInt, _) => AnyArray::UInt(decoded!(self, u64)),
            (Kind::Float, 2) => AnyArray::F32(decoded!(self, f16)),
            (Kind::Float, 4) => AnyArray::F32(decoded!(self, f32)),
            (Kind::Float, _) => AnyArray::F64(decoded!(self, f64)),
            (Kind::Unicode, _) => AnyArray::Text(self.strings(|name, bytes| unicode(name, bytes, big))?),
            (Kind::Bytes, _) => AnyArray::Text(self.strings(utf8)?),
        })
    }

    fn decode<const SIZE: usize, T>(self, decode: impl Fn([u8; SIZE]) -> T) -> Result<ArrayD<T>, TableError> {
        let mut values = self.reserved(self.n)?;
        let mut buffer = vec![0; BUFFER_LEN.min(self.n * SIZE)];
        let mut left = self.n * SIZE;
        while left > 0 {
            let len = left.min(buffer.len());
            let Some(chunk) = buffer.get_mut(..len) else { break };
            read_exact(self.name, self.reader, chunk)?;
            let (exact, _) = chunk.as_chunks::<SIZE>();
            values.extend(exact.iter().map(|&bytes| decode(bytes)));
            left -= chunk.len();
        }
        self.shaped(values)
    }

    fn strings(
        self,
        decode: impl Fn(&str, &[u8]) -> Result<String, TableError>,
    ) -> Result<ArrayD<String>, TableError> {
        let mut values = self.reserved(self.n)?;
        let mut bytes = vec![0; if self.n > 0 { self.header.dtype.size } else { 0 }];
        for _ in 0..self.n {
            read_exact(self.name, self.reader, &mut bytes)?;
            values.push(decode(self.name, &bytes)?);
        }
        self.shaped(values)
    }

    fn reserved<T>(&self, n_values: usize) -> Result<Vec<T>, TableError> {
        let mut values = Vec::new();
        values.try_reserve_exact(n_values).map_err(|_| TableError::TooLarge {
            file: self.name.into(),
            declared: format!("shape {:?}", self.header.shape),
            bound: "there is not enough memory".into(),
        })?;
        Ok(values)
    }

    fn shaped<T>(&self, values: Vec<T>) -> Result<ArrayD<T>, TableError> {
        let shape = IxDyn(&self.header.shape).set_f(self.header.fortran_order);
        ArrayD::from_shape_vec(shape, values).map_err(|error| damaged(self.name, &error))
    }
}

/// Code points of four bytes, padded with zeros.
fn unicode(name: &str, bytes: &[u8], big_endian: bool) -> Result<String, TableError> {
    let (code_points, _) = bytes.as_chunks::<4>();
    let code_points = code_points
        .iter()
        .map(|&bytes| if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) });
    let text: Option<String> = code_points.map(char::from_u32).collect();
    let text = text.ok_or_else(|| damaged(name, &"a string holds something that is no character"))?;
    Ok(text.trim_end_matches('\0').to_owned())
}

/// Bytes, padded with zeros.
fn utf8(name: &str, bytes: &[u8]) -> Result<String, TableError> {
    let text = std::str::from_utf8(bytes);
    let text =
        text.map_err(|_| damaged(name, &"a string of bytes is not UTF-8; save it as strings of characters"))?;
    Ok(text.trim_end_matches('\0').to_owned())
}
