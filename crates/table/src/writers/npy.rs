//! NPY, version 1 of the format.

use std::io::{self, Write};

use ndarray::ArrayView2;

/// The values begin at a multiple of this, so that they can be mapped into memory.
const ALIGNMENT: usize = 64;

pub(super) fn write_matrix(writer: &mut impl Write, matrix: &ArrayView2<'_, f64>) -> io::Result<()> {
    let (rows, columns) = matrix.dim();
    write_header(writer, "<f8", &format!("({rows}, {columns})"))?;
    write_values(writer, matrix.iter().map(|value| value.to_le_bytes()))
}

pub(super) fn write_vector(writer: &mut impl Write, vector: &[i64]) -> io::Result<()> {
    write_header(writer, "<i8", &format!("({},)", vector.len()))?;
    write_values(writer, vector.iter().map(|value| value.to_le_bytes()))
}

pub(crate) fn write_header(writer: &mut impl Write, descr: &str, shape: &str) -> io::Result<()> {
    let mut dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    // Ten bytes stand before the header, and a line feed ends it.
    let used = 10 + dict.len() + 1;
    dict.extend(std::iter::repeat_n(' ', used.next_multiple_of(ALIGNMENT) - used));
    dict.push('\n');
    writer.write_all(b"\x93NUMPY\x01\x00")?;
    writer.write_all(&(dict.len() as u16).to_le_bytes())?;
    writer.write_all(dict.as_bytes())
}

pub(crate) fn write_values(
    writer: &mut impl Write,
    values: impl Iterator<Item = impl AsRef<[u8]>>,
) -> io::Result<()> {
    let mut writer = io::BufWriter::with_capacity(64 * 1024, writer);
    for value in values {
        writer.write_all(value.as_ref())?;
    }
    writer.flush()
}
