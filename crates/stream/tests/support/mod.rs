//! Data, and files of them.

#![allow(dead_code, reason = "each test uses some of these")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{
    ArrayRef, FixedSizeListArray, Float32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
};
use arrow_schema::Field;
use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_table::ArrayWriter;
use ndarray::Array2;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// Labels of which some are wrong, and predictions, with ties.
pub(crate) struct Data {
    pub(crate) labels: Vec<u32>,
    pub(crate) wide: Array2<f64>,
    pub(crate) narrow: Array2<f32>,
}

impl Data {
    pub(crate) fn new(n: usize, k: usize, seed: u32) -> Self {
        let mut random = RandomState::new(seed);
        let mut uniform = || random.random_sample();
        let mut labels = Vec::new();
        let mut probs = Vec::new();
        for _ in 0..n {
            let class = (uniform() * k as f64) as usize;
            let given = if uniform() < 0.2 { (uniform() * k as f64) as usize } else { class };
            labels.push(given as u32);
            let mut row: Vec<f64> = (0..k).map(|_| -uniform().max(1e-9).ln()).collect();
            row[class] += 3.0 * uniform() * (k as f64).ln();
            let sum: f64 = row.iter().sum();
            // Rounded, so that ties are common, and exact in both types.
            let steps = if uniform() < 0.3 { 16.0 } else { 65_536.0 };
            probs.extend(row.iter().map(|p| (p / sum * steps).round() / steps));
        }
        // Every class has a label, and there is more than one.
        labels[..k.min(n)].iter_mut().zip(0..).for_each(|(label, class)| *label = class);
        let wide = Array2::from_shape_vec((n, k), probs).unwrap();
        Self { labels, narrow: wide.mapv(|p| p as f32), wide }
    }

    pub(crate) fn in_memory(&self) -> LabeledProbs<'_, f64> {
        LabeledProbs::new(Labels::new(&self.labels).unwrap(), PredProbs::new(self.wide.view()).unwrap())
            .unwrap()
    }

    pub(crate) fn in_memory_narrow(&self) -> LabeledProbs<'_, f32> {
        LabeledProbs::new(Labels::new(&self.labels).unwrap(), PredProbs::new(self.narrow.view()).unwrap())
            .unwrap()
    }
}

/// How a matrix is stored as NPY.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Npy {
    F32,
    F64,
    F64BigEndian,
    F32Fortran,
}

pub(crate) fn write_npy(path: &Path, data: &Data, kind: Npy) {
    let (n, k) = data.wide.dim();
    let fortran = if kind == Npy::F32Fortran { "True" } else { "False" };
    let descr = match kind {
        Npy::F32 | Npy::F32Fortran => "<f4",
        Npy::F64 => "<f8",
        Npy::F64BigEndian => ">f8",
    };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({n}, {k}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    match kind {
        Npy::F32 => data.narrow.iter().for_each(|p| bytes.extend(p.to_le_bytes())),
        Npy::F32Fortran => data.narrow.t().iter().for_each(|p| bytes.extend(p.to_le_bytes())),
        Npy::F64 => data.wide.iter().for_each(|p| bytes.extend(p.to_le_bytes())),
        Npy::F64BigEndian => data.wide.iter().for_each(|p| bytes.extend(p.to_be_bytes())),
    }
    std::fs::write(path, bytes).unwrap();
}

pub(crate) fn write_labels(path: &Path, labels: &[u32]) {
    let mut writer = ArrayWriter::create(path, labels.len()).unwrap();
    writer.write(&labels.iter().map(|&label| i64::from(label)).collect::<Vec<_>>()).unwrap();
    writer.finish().unwrap().publish().unwrap();
}

/// How probabilities stand in a Parquet file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Layout {
    Columns32,
    Columns64,
    List32,
    List64,
    FixedList32,
}

impl Layout {
    pub(crate) const ALL: [Self; 5] =
        [Self::Columns32, Self::Columns64, Self::List32, Self::List64, Self::FixedList32];
}

/// Writes rows with an id, a label and probabilities, in row groups of so many rows.
pub(crate) fn write_parquet(
    path: &Path,
    data: &Data,
    rows: std::ops::Range<usize>,
    layout: Layout,
    group_rows: usize,
) {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.clone().map(|row| row as i64)));
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(
        data.labels[rows.clone()].iter().map(|&label| i64::from(label)),
    ));
    let mut columns = vec![("id".to_owned(), ids), ("label".to_owned(), labels)];
    let k = data.wide.ncols();
    let row_of = |row: usize| (0..k).map(move |class| Some(data.wide[[row, class]]));
    match layout {
        Layout::Columns32 => columns.extend((0..k).map(|class| {
            let values = rows.clone().map(|row| data.narrow[[row, class]]);
            (format!("p{class}"), Arc::new(Float32Array::from_iter_values(values)) as ArrayRef)
        })),
        Layout::Columns64 => columns.extend((0..k).map(|class| {
            let values = rows.clone().map(|row| data.wide[[row, class]]);
            (format!("p{class}"), Arc::new(Float64Array::from_iter_values(values)) as ArrayRef)
        })),
        Layout::List32 => {
            let lists = rows.clone().map(|row| Some(row_of(row).map(|p| p.map(|p| p as f32))));
            let lists = ListArray::from_iter_primitive::<Float32Type, _, _>(lists);
            columns.push(("p".into(), Arc::new(lists)));
        }
        Layout::List64 => {
            let lists = ListArray::from_iter_primitive::<Float64Type, _, _>(
                rows.clone().map(|row| Some(row_of(row))),
            );
            columns.push(("p".into(), Arc::new(lists)));
        }
        Layout::FixedList32 => {
            let values = rows.clone().flat_map(row_of).map(|p| p.map(|p| p as f32));
            let values: ArrayRef = Arc::new(values.collect::<Float32Array>());
            let item = Arc::new(Field::new("item", arrow_schema::DataType::Float32, true));
            let lists = FixedSizeListArray::try_new(item, k as i32, values, None).unwrap();
            columns.push(("p".into(), Arc::new(lists)));
        }
    }
    write_columns(path, columns, group_rows);
}

pub(crate) fn write_columns(path: &Path, columns: Vec<(String, ArrayRef)>, group_rows: usize) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .set_data_page_row_count_limit(97)
        .set_write_batch_size(64)
        .build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

pub(crate) fn texts(values: impl IntoIterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// A folder with several files.
pub(crate) fn write_folder(folder: &Path, data: &Data, layout: Layout, n_files: usize) -> PathBuf {
    let path = folder.join(format!("{layout:?}"));
    std::fs::create_dir_all(&path).unwrap();
    let n = data.labels.len();
    let part = n.div_ceil(n_files);
    for (number, start) in (0..n).step_by(part).enumerate() {
        let file = path.join(format!("part-{number:03}.parquet"));
        write_parquet(&file, data, start..n.min(start + part), layout, 150);
    }
    std::fs::write(path.join("_SUCCESS"), "").unwrap();
    std::fs::write(path.join("notes.txt"), "not data").unwrap();
    path
}
