//! A block of queries that is compared with all panels.

use pulp::{Simd, WithSimd};

use crate::screening::{PANEL, Screen, ScreenedQuery};

/// Queries whose values lie side by side, so that one register holds one value of each column for all of them.
const GROUP: usize = 6;

/// Queries are padded to a multiple of this: two groups where there are enough registers for their sums.
const PADDED: usize = 2 * GROUP;

/// Values of queries in a block, some 256 KiB: they stay in a core's second-level cache while the panels pass by.
const BLOCK_VALUES: usize = 1 << 16;

/// How many queries are compared with the panels at a time.
pub(crate) fn queries_per_block(columns: usize) -> usize {
    (BLOCK_VALUES / PADDED / columns.max(1)).clamp(2, 20) * PADDED
}

/// The rows that a query has not ruled out.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    lower: f32,
    upper: f32,
    row: u32,
}

/// A query and the rows that it has not ruled out so far.
struct Selection {
    candidates: Vec<Candidate>,
    /// How many candidates there may be before some are ruled out.
    capacity: usize,
    k: usize,
    /// The row that is the query itself, if it is one.
    excluded: Option<usize>,
    slack: f64,
}

impl Selection {
    /// Rules out all candidates that cannot be among the k nearest, and gives the new threshold.
    fn prune(&mut self, uppers: &mut Vec<f32>) -> f32 {
        uppers.clear();
        uppers.extend(self.candidates.iter().map(|candidate| candidate.upper));
        if uppers.len() < self.k {
            return f32::INFINITY;
        }
        let (_, &mut upper, _) = uppers.select_nth_unstable_by(self.k - 1, f32::total_cmp);
        let threshold = ((f64::from(upper) + self.slack) as f32).next_up();
        self.candidates.retain(|candidate| candidate.lower <= threshold);
        self.capacity = self.capacity.max(2 * self.candidates.len());
        threshold
    }
}

/// A block of queries.
pub(crate) struct ScreenedBlock<'s> {
    screen: &'s Screen,
    /// Groups of queries one after the other, each features × [`GROUP`] values.
    values: Vec<f32>,
    /// What each query's product may be off by, over the norm of the row.
    errors: Vec<f32>,
    /// Lower bounds above this are ruled out; NaN, which lets nothing pass, for queries that only pad.
    thresholds: Vec<f32>,
    selections: Vec<Selection>,
    uppers: Vec<f32>,
}

impl<'s> ScreenedBlock<'s> {
    /// Queries, each with the row that is excluded from its answer, if any.
    pub(crate) fn new(screen: &'s Screen, queries: &[(ScreenedQuery, Option<usize>)], k: usize) -> Self {
        let columns = screen.columns();
        let padded = queries.len().div_ceil(PADDED) * PADDED;
        let mut block = Self {
            screen,
            values: vec![0.0; padded * columns],
            errors: vec![0.0; padded],
            thresholds: vec![f32::NAN; padded],
            selections: Vec::with_capacity(queries.len()),
            uppers: Vec::new(),
        };
        for (index, (query, excluded)) in queries.iter().enumerate() {
            let group = index / GROUP * GROUP * columns + index % GROUP;
            for (column, &value) in query.values.iter().enumerate() {
                block.values[group + column * GROUP] = value;
            }
            block.errors[index] = query.error;
            block.thresholds[index] = f32::INFINITY;
            let capacity = (4 * k).max(64);
            block.selections.push(Selection {
                candidates: Vec::with_capacity(capacity),
                capacity,
                k,
                excluded: *excluded,
                slack: query.slack,
            });
        }
        block
    }

    /// Compares the queries with all rows; gives for each the rows that may be among the k nearest.
    pub(crate) fn candidates(mut self) -> Vec<Vec<u32>> {
        pulp::Arch::new().dispatch(Sweep(&mut self));
        let uppers = &mut self.uppers;
        let rows = |mut selection: Selection| {
            selection.prune(uppers);
            selection.candidates.iter().map(|candidate| candidate.row).collect()
        };
        self.selections.into_iter().map(rows).collect()
    }

    /// Takes in the lower bounds of some consecutive rows, at least one of which may be among the nearest.
    #[cold]
    #[inline(never)]
    fn offer(&mut self, query: usize, first_row: usize, lowers: &[f32]) {
        for (row, &lower) in (first_row..).zip(lowers) {
            // A bound that is NaN, after the last row, is not taken.
            let selection = &mut self.selections[query];
            if lower <= self.thresholds[query] && selection.excluded != Some(row) {
                let upper = self.screen.upper_bound(row, lower, self.errors[query]);
                selection.candidates.push(Candidate { lower, upper, row: row as u32 });
                if selection.candidates.len() >= selection.capacity {
                    self.thresholds[query] = selection.prune(&mut self.uppers);
                }
            }
        }
    }
}

/// The comparison of all queries of a block with all rows; compiled for every instruction set.
struct Sweep<'b, 's>(&'b mut ScreenedBlock<'s>);

impl WithSimd for Sweep<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Twelve queries × two vectors take 24 of 32 registers, six × two take 12 of 16.
        match S::F32_LANES {
            16 => sweep::<S, 2, 2>(simd, self.0),
            8 => sweep::<S, 1, 4>(simd, self.0),
            4 => sweep::<S, 2, 8>(simd, self.0),
            _ => sweep::<S, 1, PANEL>(simd, self.0),
        }
    }
}

/// `GROUPS` groups of queries at a time; a row of a panel has `VECTORS` vectors.
#[inline(always)]
fn sweep<S: Simd, const GROUPS: usize, const VECTORS: usize>(simd: S, block: &mut ScreenedBlock<'_>) {
    let columns = block.screen.columns();
    let n_groups = block.thresholds.len() / GROUP;
    for (panel_index, (panel, half_squares, norms)) in block.screen.panels().enumerate() {
        let panel = S::as_simd_f32s(panel).0.as_chunks::<VECTORS>().0;
        let half_squares = S::as_simd_f32s(half_squares).0;
        let norms = S::as_simd_f32s(norms).0;
        for first_group in (0..n_groups).step_by(GROUPS) {
            for pair in 0..VECTORS / 2 {
                let sums = {
                    let groups: [&[[f32; GROUP]]; GROUPS] = std::array::from_fn(|group| {
                        let start = (first_group + group) * GROUP * columns;
                        block.values[start..start + GROUP * columns].as_chunks().0
                    });
                    products::<S, GROUPS, VECTORS>(simd, groups, panel, pair)
                };
                for (group, sums) in sums.into_iter().enumerate() {
                    for (lane, sums) in sums.into_iter().enumerate() {
                        let query = (first_group + group) * GROUP + lane;
                        let error = simd.splat_f32s(block.errors[query]);
                        let threshold = simd.splat_f32s(block.thresholds[query]);
                        let lower = |vector: usize| {
                            let at = 2 * pair + vector;
                            let largest_product = simd.mul_add_f32s(error, norms[at], sums[vector]);
                            simd.sub_f32s(half_squares[at], largest_product)
                        };
                        let lowers = [lower(0), lower(1)];
                        let passes = lowers.map(|lower| simd.less_than_or_equal_f32s(lower, threshold));
                        let either = simd.or_m32s(passes[0], passes[1]);
                        if simd.first_true_m32s(either) < S::F32_LANES {
                            let mut bounds = [0.0_f32; PANEL];
                            let vectors = S::as_mut_simd_f32s(&mut bounds[..2 * S::F32_LANES]).0;
                            vectors.copy_from_slice(&lowers);
                            let first_row = panel_index * PANEL + 2 * pair * S::F32_LANES;
                            block.offer(query, first_row, &bounds[..2 * S::F32_LANES]);
                        }
                    }
                }
            }
        }
    }
}

/// The products of some queries with two vectors of rows.
#[inline(always)]
fn products<S: Simd, const GROUPS: usize, const VECTORS: usize>(
    simd: S,
    groups: [&[[f32; GROUP]]; GROUPS],
    panel: &[[S::f32s; VECTORS]],
    pair: usize,
) -> [[[S::f32s; 2]; GROUP]; GROUPS] {
    let mut sums = [[[simd.splat_f32s(0.0); 2]; GROUP]; GROUPS];
    let groups = groups.map(|group| &group[..panel.len()]);
    for (column, rows) in panel.iter().enumerate() {
        let rows = [rows[2 * pair], rows[2 * pair + 1]];
        for (sums, group) in sums.iter_mut().zip(&groups) {
            for (sums, &value) in sums.iter_mut().zip(&group[column]) {
                let value = simd.splat_f32s(value);
                for (sum, &row) in sums.iter_mut().zip(&rows) {
                    *sum = simd.mul_add_f32s(value, row, *sum);
                }
            }
        }
    }
    sums
}
