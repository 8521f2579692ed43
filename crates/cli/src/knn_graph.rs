//! A neighbour graph that was made elsewhere: a sparse matrix as `scipy.sparse.save_npz` writes it.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use cleanlab_neighbors::KnnGraph;
use cleanlab_table::{AnyArray, ArrayOptions, Source, read_array};

use crate::printable::path;

/// Reads a graph and checks it: `data`, `indices` and `indptr` of compressed rows, and `shape`.
pub(crate) fn read_knn_graph(file: &Path) -> Result<Arc<KnnGraph>> {
    // Several arrays are read from the same bytes.
    knn_graph_of(&Source::from(file).in_memory()?, file)
}

/// The graph in an archive that is in memory; `file` stands in messages.
pub(crate) fn knn_graph_of(source: &Source, file: &Path) -> Result<Arc<KnnGraph>> {
    let array = |key: &str| read_array(source.clone(), &ArrayOptions::default().with_key(key));
    if let Ok(AnyArray::Text(format)) = array("format")
        && let Some(format) = format.first()
        && format.trim_end_matches('\0') != "csr"
    {
        bail!("{} is a sparse matrix in {format:?} form; save graph.tocsr() instead", path(file));
    }
    let indices = whole_numbers(array("indices")?, file, "indices")?;
    let row_starts = whole_numbers(array("indptr")?, file, "indptr")?;
    let shape = whole_numbers(array("shape")?, file, "shape")?;
    let distances: Vec<f64> = match array("data")? {
        AnyArray::F64(values) => values.into_iter().collect(),
        AnyArray::F32(values) => values.into_iter().map(f64::from).collect(),
        AnyArray::Int(values) => values.into_iter().map(|value| value as f64).collect(),
        AnyArray::UInt(values) => values.into_iter().map(|value| value as f64).collect(),
        AnyArray::Bool(_) | AnyArray::Text(_) => {
            bail!("data of {} are no distances; save the graph with mode='distance'", path(file))
        }
        _ => bail!("data of {} are of a type that is not known here", path(file)),
    };
    let n_rows = row_starts.len().saturating_sub(1);
    if shape != [n_rows as u64, n_rows as u64] {
        bail!(
            "the shape of {} is {shape:?}, but its rows are {n_rows}; a neighbour graph has a row and a column per row \
             of the data",
            path(file)
        );
    }
    let row_starts: Vec<usize> = row_starts.iter().map(|&start| start as usize).collect();
    let too_large = |index: &u64| u32::try_from(*index).is_err();
    if let Some(index) = indices.iter().find(|index| too_large(index)) {
        bail!("indices of {} have {index}, but its rows are {n_rows}", path(file));
    }
    let indices: Vec<u32> = indices.iter().map(|&index| index as u32).collect();
    let graph = KnnGraph::from_csr(&row_starts, &indices, &distances);
    graph.map(Arc::new).with_context(|| format!("{} is no neighbour graph", path(file)))
}

fn whole_numbers(array: AnyArray, file: &Path, name: &str) -> Result<Vec<u64>> {
    match array {
        AnyArray::UInt(values) => Ok(values.into_iter().collect()),
        AnyArray::Int(values) => {
            let negative = values.iter().find(|&&value| value < 0);
            if let Some(value) = negative {
                bail!("{name} of {} have {value}; they count from 0", path(file));
            }
            Ok(values.into_iter().map(|value| value as u64).collect())
        }
        _ => bail!("{name} of {} are no whole numbers; save the graph in CSR form", path(file)),
    }
}
