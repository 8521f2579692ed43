//! Graphs of more rows than fit into memory: parts that fit are searched one after the other.

use std::io;

use cleanlab_core::Float;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::approximate::{ApproximateOptions, FoundBy, FoundGraph, check_options, search_approximately};
use crate::cells::{CELLS_PER_ROW, Cells};
use crate::errors::NeighborsError;
use crate::exact_index::ExactIndex;
use crate::feature_source::FeatureSource;
use crate::features::{LARGEST_FEATURE, LARGEST_ROW_COUNT};
use crate::knn_graph::{KnnGraph, default_k};
use crate::metric::Metric;
use crate::neighbors::Neighbors;
use crate::partition::next_seed;
use crate::probing::random_groups;

/// A search that still misses its target after so many divisions of the rows ends, and says what it has reached.
const MOST_ROUNDS: u64 = 8;

/// A round that finds less than this share more is the last.
const LEAST_GAIN: f64 = 0.001;

/// Cells for each part: where parts meet, cells do.
const CELLS_PER_PART: usize = 12;

/// Fewer rows than this at a time find too few of their neighbours, and too slowly.
const FEWEST_ROWS: usize = 4096;

/// Sampled rows for each cell, by which it is placed.
const SAMPLE_PER_CELL: usize = 40;

/// Rows that one reading takes, where they are scattered.
const ROWS_PER_READING: usize = 256;

/// How [`find_knn_graph_out_of_core`] searches.
///
/// ```
/// use cleanlab_neighbors::OutOfCoreOptions;
/// let options = OutOfCoreOptions::default().with_memory(64 << 20).with_k(5);
/// assert_eq!((options.memory, options.k), (64 << 20, Some(5)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct OutOfCoreOptions {
    /// Number of neighbours. Default: 10, or N − 1 if that is less.
    pub k: Option<usize>,
    /// The metric. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
    /// Bytes of memory that the search may take, the graph that it makes included. Default 1 GiB.
    pub memory: u64,
    /// Seed and recall. By default as [`ApproximateOptions`].
    pub approximate: ApproximateOptions,
}

impl Default for OutOfCoreOptions {
    fn default() -> Self {
        Self { k: None, metric: None, memory: 1 << 30, approximate: ApproximateOptions::default() }
    }
}

impl OutOfCoreOptions {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = Some(k);
        self
    }

    /// Sets the metric.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// Sets how many bytes of memory the search may take.
    #[must_use]
    pub fn with_memory(mut self, memory: u64) -> Self {
        self.memory = memory;
        self
    }

    /// Sets seed and recall.
    #[must_use]
    pub fn with_approximate(mut self, approximate: ApproximateOptions) -> Self {
        self.approximate = approximate;
        self
    }
}

/// The graph of about the nearest neighbours of every row, of features that need not fit into memory.
///
/// Centres are placed among a sample of the rows, and rows are sorted into the cells of the two nearest. As many cells
/// that are near each other as fit into memory are a part; parts are read and searched one after the other, as by
/// [`approximate_knn_graph`](crate::approximate_knn_graph), and each row keeps the nearest of what it has found in its
/// parts. Distances are exact. The recall is estimated from the exact neighbours of a sample of rows; while it is below
/// the target, all is repeated with other centres, eight times at most and as long as it gains something. Whether the
/// target was met is for the caller to look at: `estimated_recall` says what was reached.
///
/// Features are read 2 + 2 times for one division (in order for the exact neighbours and the sorting; every row in two
/// parts), and the memory is the graph (N × k × 12 bytes), 8 bytes per row for the cells, and a part. The graph is the
/// same for the same seed and memory on any number of threads. Neighbours at the same distance are in order of their
/// index; exact duplicates are not put before others at distance 0.
///
/// # Shapes
///
/// N × p features give N × k neighbours.
///
/// # Errors
///
/// [`NeighborsError::MemoryTooSmall`] with the bytes that are needed; [`NeighborsError::ReadFeatures`]; as
/// [`approximate_knn_graph`](crate::approximate_knn_graph) for features and options.
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::{FoundBy, OutOfCoreOptions, find_knn_graph_out_of_core};
/// use ndarray::Array2;
///
/// let features = Array2::from_shape_fn((30_000, 8), |(row, column)| ((row * (column + 3)) % 1009) as f32);
/// let options = OutOfCoreOptions::default().with_memory(20 << 20);
/// let found = find_knn_graph_out_of_core(&features.view(), &options)?;
/// assert_eq!(found.graph.indices().dim(), (30_000, 10));
/// assert!(found.estimated_recall > 0.9);
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// The division with overlap is that of Subramanya and others, `DiskANN`, `NeurIPS` 2019, section 3.3.
///
/// # Differences
///
/// cleanlab has no search of features that do not fit into memory.
pub fn find_knn_graph_out_of_core<S: FeatureSource>(
    source: &S,
    options: &OutOfCoreOptions,
) -> Result<FoundGraph, NeighborsError> {
    check_options(&options.approximate)?;
    let (n_rows, columns) = (source.n_rows(), source.n_features());
    if n_rows == 0 || columns == 0 {
        return Err(NeighborsError::EmptyFeatures { rows: n_rows, columns });
    }
    if n_rows > LARGEST_ROW_COUNT {
        return Err(NeighborsError::TooManyRows { rows: n_rows, bound: LARGEST_ROW_COUNT });
    }
    if n_rows == 1 {
        return Err(NeighborsError::TooFewRows { rows: n_rows });
    }
    let k = options.k.unwrap_or_else(|| default_k(n_rows));
    if k == 0 || k >= n_rows {
        return Err(NeighborsError::NeighborCount { k, largest: n_rows - 1 });
    }
    let metric = options.metric.unwrap_or_else(|| Metric::default_for(columns));
    let part_rows = rows_of_a_part::<S::Value>(n_rows, columns, k, options.memory)?;
    let search = Search { source, metric, k, columns, part_rows, options: &options.approximate };
    if part_rows >= n_rows {
        let mut values = vec![S::Value::from_f64(0.0); n_rows * columns];
        read(source, 0..n_rows, &mut values)?;
        let features = Array2::from_shape_vec((n_rows, columns), values)
            .map_err(|_| NeighborsError::EmptyFeatures { rows: n_rows, columns })?;
        return search_approximately(&ExactIndex::new(features, metric)?, k, &options.approximate);
    }
    search.run()
}

/// How many rows can be searched at a time.
fn rows_of_a_part<F: Float>(
    n_rows: usize,
    columns: usize,
    k: usize,
    memory: u64,
) -> Result<usize, NeighborsError> {
    let (n, columns, k) = (n_rows as u64, columns as u64, k as u64);
    // The graph, and where each row belongs with what sorts it; what no 64 bits hold no memory does.
    let whole = n.saturating_mul(12 * k + 4 * CELLS_PER_ROW as u64 + 4);
    // A row, and its codes twice while they are put in order; its list, those it is introduced to and what is proposed to
    // it, or later what it has found.
    let row = columns.saturating_mul(size_of::<F>() as u64 + 4).saturating_add(254 + 50 * k);
    let fewest = (FEWEST_ROWS as u64).max(16 * (k + 1)).min(n);
    let needed = whole.saturating_add(fewest.saturating_mul(row)).saturating_add(FIXED_BYTES);
    if memory < needed {
        return Err(NeighborsError::MemoryTooSmall { needed, found: memory });
    }
    Ok(((memory - whole - FIXED_BYTES) / row) as usize)
}

/// What does not depend on the data: stacks and buffers of threads.
const FIXED_BYTES: u64 = 4 << 20;

struct Search<'s, S> {
    source: &'s S,
    metric: Metric,
    k: usize,
    columns: usize,
    /// Rows of a part at most.
    part_rows: usize,
    options: &'s ApproximateOptions,
}

/// Rows whose exact neighbours are known.
struct Sample {
    rows: Vec<u32>,
    /// How far the k-th of them is.
    farthest: Vec<f64>,
}

impl<S: FeatureSource> Search<'_, S> {
    fn run(&self) -> Result<FoundGraph, NeighborsError> {
        let n_rows = self.source.n_rows();
        let mut neighbors = Neighbors::zeros(n_rows, self.k);
        neighbors.indices.fill(u32::MAX);
        neighbors.distances.fill(f64::INFINITY);
        let sample = self.sample()?;
        let mut estimated_recall = 0.0;
        for round in 0..MOST_ROUNDS {
            let before = estimated_recall;
            self.search_parts(next_seed(self.options.seed, round), &mut neighbors)?;
            estimated_recall = sample.recall(&neighbors);
            if estimated_recall >= self.options.target_recall || estimated_recall < before + LEAST_GAIN {
                break;
            }
        }
        Ok(FoundGraph {
            graph: KnnGraph::from_checked(neighbors),
            found_by: FoundBy::ApproximateSearch,
            estimated_recall,
            recall_sample: sample.rows.len(),
        })
    }

    /// Rows that are read at a time in order.
    fn chunks(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let (n_rows, len) = (self.source.n_rows(), (self.part_rows / 4).max(1));
        (0..n_rows).step_by(len).map(move |start| start..n_rows.min(start + len))
    }

    /// Exact neighbours of some rows; checks all features on the way.
    fn sample(&self) -> Result<Sample, NeighborsError> {
        let n_rows = self.source.n_rows();
        let n_sample = self.options.recall_sample.min(n_rows).min(self.part_rows / 4);
        let rows = random_groups(n_rows, n_sample, next_seed(self.options.seed, 100));
        let queries = self.scattered(&rows)?;
        let queries = ArrayView2::from_shape((rows.len(), self.columns), &queries)
            .map_err(|_| NeighborsError::EmptyFeatures { rows: rows.len(), columns: self.columns })?;
        let mut nearest: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
        let mut values = Vec::new();
        for chunk in self.chunks() {
            values.resize(chunk.len() * self.columns, S::Value::from_f64(0.0));
            read(self.source, chunk.clone(), &mut values)?;
            check(&values, self.columns, chunk.start)?;
            let Ok(features) = ArrayView2::from_shape((chunk.len(), self.columns), &values) else { continue };
            let found =
                ExactIndex::new(features, self.metric)?.query(queries, (self.k + 1).min(chunk.len()))?;
            for (at, (&row, nearest)) in rows.iter().zip(&mut nearest).enumerate() {
                let others = found.indices.row(at).into_iter().zip(found.distances.row(at));
                let others = others.filter(|(index, _)| **index as usize + chunk.start != row as usize);
                nearest.extend(others.map(|(_, distance)| *distance));
                nearest.sort_unstable_by(f64::total_cmp);
                nearest.truncate(self.k);
            }
        }
        let farthest = nearest.iter().map(|nearest| nearest.last().copied().unwrap_or(0.0)).collect();
        Ok(Sample { rows, farthest })
    }

    /// Divides the rows, and has those of each part find each other.
    fn search_parts(&self, seed: u64, neighbors: &mut Neighbors) -> Result<(), NeighborsError> {
        let n_rows = self.source.n_rows();
        let n_parts = (CELLS_PER_ROW * n_rows).div_ceil(self.part_rows);
        let most_sampled = (self.part_rows / 2).min(n_rows);
        let n_cells = (CELLS_PER_PART * n_parts).clamp(2, most_sampled.max(2));
        let n_sample = (SAMPLE_PER_CELL * n_cells).min(most_sampled);
        let sample = self.scattered(&random_groups(n_rows, n_sample, next_seed(seed, 1)))?;
        let cells = Cells::new(self.metric, &sample, self.columns, n_cells, next_seed(seed, 2));
        drop(sample);
        let mut cells_of_rows = vec![[0_u32; CELLS_PER_ROW]; n_rows];
        let mut values = Vec::new();
        for chunk in self.chunks() {
            values.resize(chunk.len() * self.columns, S::Value::from_f64(0.0));
            read(self.source, chunk.clone(), &mut values)?;
            cells.of_rows(&values, &mut cells_of_rows[chunk]);
        }
        drop(values);
        for (part, cells) in self.parts(&cells, &cells_of_rows).into_iter().enumerate() {
            let in_part = |of_row: &[u32; CELLS_PER_ROW]| of_row.iter().any(|cell| cells.contains(cell));
            let rows: Vec<u32> =
                (0..n_rows as u32).filter(|&row| in_part(&cells_of_rows[row as usize])).collect();
            // Cells that are too large for a part, of rows that are all alike, are searched in pieces.
            let n_pieces = rows.len().div_ceil(self.part_rows).max(1);
            for piece in rows.chunks(rows.len().div_ceil(n_pieces).max(1)) {
                self.search_part(piece, next_seed(seed, 3 + part as u64), neighbors)?;
            }
        }
        Ok(())
    }

    /// Cells that make a part together.
    fn parts(&self, cells: &Cells, cells_of_rows: &[[u32; CELLS_PER_ROW]]) -> Vec<std::ops::Range<u32>> {
        let mut counts = vec![0_usize; cells.len()];
        for cell in cells_of_rows.iter().flatten() {
            counts[*cell as usize] += 1;
        }
        let mut parts = Vec::new();
        let (mut start, mut n_rows) = (0, 0);
        for (cell, count) in (0..).zip(counts) {
            // A row may be counted for two cells, and has to have k others beside it.
            if n_rows >= 2 * (self.k + 1) && n_rows + count > self.part_rows {
                parts.push(start..cell);
                (start, n_rows) = (cell, 0);
            }
            n_rows += count;
        }
        let end = cells.len() as u32;
        match parts.last_mut() {
            Some(last) if n_rows < 2 * (self.k + 1) => last.end = end,
            _ => parts.push(start..end),
        }
        parts
    }

    fn search_part(&self, rows: &[u32], seed: u64, neighbors: &mut Neighbors) -> Result<(), NeighborsError> {
        if rows.len() < 2 {
            return Ok(());
        }
        let values = self.scattered(rows)?;
        let features = Array2::from_shape_vec((rows.len(), self.columns), values)
            .map_err(|_| NeighborsError::EmptyFeatures { rows: rows.len(), columns: self.columns })?;
        let options =
            ApproximateOptions { seed, recall_sample: self.options.recall_sample.min(100), ..*self.options };
        let k = self.k.min(rows.len() - 1);
        let found = search_approximately(&ExactIndex::new(features, self.metric)?, k, &options)?.graph;
        let mut merged: Vec<(f64, u32)> = Vec::new();
        for (at, &row) in rows.iter().enumerate() {
            let (mut indices, mut distances) =
                (neighbors.indices.row_mut(row as usize), neighbors.distances.row_mut(row as usize));
            merged.clear();
            merged.extend(distances.iter().copied().zip(indices.iter().copied()));
            merged.extend(found.neighbors(at).map(|(other, distance)| (distance, rows[other])));
            merged.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            // A neighbour that is found again is at the same distance.
            merged.dedup();
            let places = indices.iter_mut().zip(distances.iter_mut());
            places.zip(&merged).for_each(|((index, distance), found)| (*distance, *index) = *found);
        }
        Ok(())
    }

    /// Rows from anywhere, one after the other.
    fn scattered(&self, rows: &[u32]) -> Result<Vec<S::Value>, NeighborsError> {
        let mut values = vec![S::Value::from_f64(0.0); rows.len() * self.columns];
        rows.par_chunks(ROWS_PER_READING)
            .zip(values.par_chunks_mut(ROWS_PER_READING * self.columns))
            .try_for_each(|(rows, values)| {
                let mut at = 0;
                for run in rows.chunk_by(|a, b| a + 1 == *b) {
                    let start = run[0] as usize;
                    let to = &mut values[at * self.columns..(at + run.len()) * self.columns];
                    read(self.source, start..start + run.len(), to)?;
                    at += run.len();
                }
                Ok(())
            })?;
        Ok(values)
    }
}

impl Sample {
    fn recall(&self, neighbors: &Neighbors) -> f64 {
        let near = |(&row, &farthest): (&u32, &f64)| {
            neighbors.distances.row(row as usize).iter().filter(|&&distance| distance <= farthest).count()
        };
        let found: usize = self.rows.iter().zip(&self.farthest).map(near).sum();
        found as f64 / (self.rows.len() * neighbors.distances.ncols()) as f64
    }
}

fn read<S: FeatureSource>(
    source: &S,
    rows: std::ops::Range<usize>,
    values: &mut [S::Value],
) -> Result<(), NeighborsError> {
    let first = rows.start;
    source
        .read_rows(rows, values)
        .map_err(|error: io::Error| NeighborsError::ReadFeatures { row: first, reason: error.to_string() })
}

fn check<F: Float>(values: &[F], columns: usize, first_row: usize) -> Result<(), NeighborsError> {
    let is_bad = |value: &F| {
        let size = value.to_f64().abs();
        size.is_nan() || size > LARGEST_FEATURE
    };
    let Some(at) = values.par_iter().position_first(is_bad) else { return Ok(()) };
    let (row, column, value) = (first_row + at / columns, at % columns, values[at].to_f64());
    if value.is_finite() {
        return Err(NeighborsError::HugeFeature { row, column, value, bound: LARGEST_FEATURE });
    }
    Err(NeighborsError::NonFiniteFeature { row, column, value })
}
