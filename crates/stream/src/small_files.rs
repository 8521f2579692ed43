//! Files of a few rows, for the tests inside the crate.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
};
use cleanlab_core::ClassNames;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

pub(crate) fn floats<const N: usize>(values: [f64; N]) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

pub(crate) fn narrow<const N: usize>(values: [f32; N]) -> ArrayRef {
    Arc::new(Float32Array::from_iter_values(values))
}

pub(crate) fn integers<const N: usize>(values: [i64; N]) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub(crate) fn texts<const N: usize>(values: [&str; N]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

pub(crate) fn booleans<const N: usize>(values: [bool; N]) -> ArrayRef {
    Arc::new(BooleanArray::from_iter(values.map(Some)))
}

pub(crate) fn lists<const N: usize>(rows: [[f64; 2]; N]) -> ArrayRef {
    let rows = rows.map(|row| Some(row.map(Some)));
    Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows))
}

/// Writes columns in row groups of so many rows.
pub(crate) fn write_groups<const N: usize>(path: &Path, columns: [(&str, ArrayRef); N], group_rows: usize) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Writes columns into a file of a folder, in one row group.
pub(crate) fn parquet<const N: usize>(folder: &Path, name: &str, columns: [(&str, ArrayRef); N]) -> PathBuf {
    let path = folder.join(name);
    write_groups(&path, columns, 1000);
    path
}

/// Writes an NPY file into a folder: a vector, or a matrix with rows of so many values.
pub(crate) fn npy(folder: &Path, name: &str, descr: &str, shape: &str, values: &[u8]) -> PathBuf {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    let path = folder.join(name);
    let bytes = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Four rows of probabilities of two classes as an NPY file.
pub(crate) fn npy_of_probs(folder: &Path) -> PathBuf {
    let probs = [0.75, 0.25, 0.5, 0.5, 0.25, 0.75, 1.0, 0.0_f64];
    npy(folder, "probs.npy", "<f8", "4, 2", &probs.map(f64::to_le_bytes).concat())
}

pub(crate) fn names(class_names: Option<&ClassNames>) -> Vec<&str> {
    class_names.map_or(Vec::new(), |names| names.as_slice().iter().map(String::as_str).collect())
}
