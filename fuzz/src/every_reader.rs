//! Everything that reads, on the same bytes. Whether it is a value or an error does not matter here.

use std::collections::{BTreeSet, HashMap};

use cleanlab_table::{
    ArrayOptions, ArrayRows, FeatureOptions, LabelOptions, ParquetColumnKind, ParquetRows, ReadOptions,
    RowCopy, RowValues, Source, Table, TableError, read_array, read_labels, read_pred_probs,
};

use crate::scratch;

/// Reads a table, and takes from it what can be taken.
pub fn table(name: &str, bytes: &[u8]) {
    let options = ReadOptions::default();
    if let Ok(table) = Table::read(Source::from_bytes(bytes, name), &options) {
        for column in table.columns().iter().take(4) {
            let _ = table.labels(column.name(), &LabelOptions::default());
            let _ = (column.value(0), column.value_text(table.n_rows() - 1));
        }
        let _ = table.features(&FeatureOptions::default());
        let _ = table.take_rows(&[0, table.n_rows() - 1]);
    }
    let _ = RowCopy::of(Source::from_bytes(bytes, name), &[0], &options);
}

/// Reads labels and predicted probabilities.
pub fn labels_and_probs(name: &str, bytes: &[u8]) {
    let options = ArrayOptions::default();
    let _ = read_labels(Source::from_bytes(bytes, name), &options);
    let _ = read_pred_probs(Source::from_bytes(bytes, name), &options);
}

/// Reads an array whole.
pub fn array(name: &str, bytes: &[u8]) {
    if let Ok(array) = read_array(Source::from_bytes(bytes, name), &ArrayOptions::default()) {
        let _ = array.clone().into_pred_probs();
        let _ = array.into_labels(name);
    }
}

/// Reads an array in parts, from a file.
pub fn array_in_parts(bytes: &[u8]) {
    const ROWS: usize = 3;
    let Ok(array) = ArrayRows::open(scratch::file("rows.npy", bytes)) else { return };
    let (mut reader, mut values, mut labels) = (array.reader(), RowValues::default(), Vec::new());
    let mut start = 0;
    while start < array.n_rows().min(20 * ROWS) {
        let end = array.n_rows().min(start + ROWS);
        if reader.read_values(start..end, &mut values).is_err() {
            break;
        }
        let _ = reader.read_labels(start..end, &mut labels);
        start = end;
    }
    let _ = reader.read_values(array.n_rows()..array.n_rows() + 1, &mut values);
}

/// Reads a Parquet file in parts, from a file.
pub fn parquet_in_parts(bytes: &[u8]) {
    let _ = parquet_rows(bytes);
}

fn parquet_rows(bytes: &[u8]) -> Result<(), TableError> {
    let rows = ParquetRows::open(scratch::file("rows.parquet", bytes))?;
    let all: Vec<usize> = (0..rows.columns().len()).collect();
    let kinds: Vec<ParquetColumnKind> = rows.columns().iter().map(|column| column.kind).collect();
    let selection = rows.select(&all)?;
    let n_rows = selection.rows().n_rows();
    let _ = (selection.spans(), selection.place_of_row(n_rows - 1));
    let (mut values, mut labels) = (RowValues::default(), Vec::new());
    // From the start, and from the middle of a row group.
    for start in [0, n_rows / 2] {
        let mut reader = selection.reader(start..n_rows, 7)?;
        let mut n_batches = 0;
        while reader.next_batch()? > 0 && n_batches < 8 {
            n_batches += 1;
            for (&column, kind) in all.iter().zip(&kinds) {
                match kind {
                    ParquetColumnKind::FloatList => {
                        let len = reader.first_list_len(column).unwrap_or_default();
                        let _ = reader.list_values(column, len, &mut values);
                    }
                    _ => {
                        let _ = reader.values(&[column], &mut values);
                        let mut names = BTreeSet::new();
                        let _ = reader.add_label_names(column, &mut names);
                        let codes: HashMap<String, u32> = names.into_iter().zip(0..).collect();
                        let _ = reader.labels(column, &codes, &mut labels);
                    }
                }
            }
        }
    }
    Ok(())
}
