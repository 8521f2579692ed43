//! The search of all rows among themselves, where every product serves both of its rows.
//!
//! Blocks of rows are compared in pairs, by the lower bounds of [`crate::codes`]. Each row keeps the nearest of those
//! that were measured so far, and those not measured yet whose lower bound is not above the k-th of them. Which rows are
//! measured depends on the order of the pairs; what is nearest in the end does not: of the rows that were compared with
//! a row it has the k nearest. When all pairs of blocks are compared, the answer is exact.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cleanlab_core::Float;
use cleanlab_core::stopping::StopCheck;
use rayon::prelude::*;

use crate::code_products::{CodeProducts, Hit, PANEL};
use crate::codes::{Block, Codes, MOST_CODED_FEATURES, QueryWords, Space};
use crate::partition::Partition;
use crate::search::{Found, Query, Searched, nearer};

/// Fewer groups are as fast, or faster, without codes.
const FEWEST_GROUPS: usize = 1024;

/// With more neighbours, what is kept of them would take more time and memory than the products.
const MOST_NEIGHBORS: usize = 128;

/// Most rows in a block: its codes and those of another fit a core's second-level cache.
const MOST_BLOCK_ROWS: usize = 16 * PANEL;

/// Whether the search by codes is worth it.
pub(crate) fn pays(n_groups: usize, n_features: usize, k: usize) -> bool {
    n_groups >= FEWEST_GROUPS
        && (4..=MOST_CODED_FEATURES).contains(&n_features)
        && k <= MOST_NEIGHBORS.min(n_groups / 8)
}

/// The `k` groups nearest to each group, in order of distance and then of their first rows; `None` where this processor
/// lacks the instructions that make it fast.
pub(crate) fn nearest_by_codes<F: Float>(searched: &Searched<'_, F>, k: usize) -> Option<Vec<Vec<Found>>> {
    let search = SymmetricSearch::new(searched, k, CodeProducts::fast()?, 0);
    search.compare_all();
    Some(search.into_found())
}

/// What the rows of a block have found.
#[derive(Debug)]
pub(crate) struct Nearest {
    /// Lower bounds above this are of no interest; −∞ for rows that fill the last panel.
    thresholds: Vec<f32>,
    pub(crate) rows: Vec<NearestOfRow>,
}

#[derive(Debug)]
pub(crate) struct NearestOfRow {
    /// At most k groups that are measured, in order.
    pub(crate) found: Vec<Found>,
    /// Lower bounds and groups that are not measured yet.
    pending: Vec<(f32, u32)>,
}

impl Nearest {
    fn new(block: &Block, k: usize) -> Self {
        let mut thresholds = vec![f32::NEG_INFINITY; block.padded()];
        thresholds[..block.groups.len()].fill(f32::INFINITY);
        let row = || NearestOfRow { found: Vec::with_capacity(k + 1), pending: Vec::new() };
        Self { thresholds, rows: block.groups.iter().map(|_| row()).collect() }
    }
}

/// Groups that wait to be measured until the nearest of them are.
fn most_pending(k: usize) -> usize {
    (2 * k).max(32)
}

/// A search under way.
pub(crate) struct SymmetricSearch<'s, F: Float> {
    searched: &'s Searched<'s, F>,
    space: Space,
    partition: Partition,
    pub(crate) codes: Codes,
    nearest: Vec<Mutex<Nearest>>,
    products: CodeProducts,
    arch: pulp::Arch,
    k: usize,
}

/// What a task needs again and again.
#[derive(Default)]
struct Scratch {
    queries: QueryWords,
    hits: Vec<Hit>,
}

impl<'s, F: Float> SymmetricSearch<'s, F> {
    pub(crate) fn new(searched: &'s Searched<'s, F>, k: usize, products: CodeProducts, seed: u64) -> Self {
        let space = Space::new(searched);
        let partition = Partition::new(searched, &space, MOST_BLOCK_ROWS, seed);
        let parts: Vec<(usize, &[u32])> =
            partition.parts.iter().map(|part| (part.frame, part.groups.as_slice())).collect();
        let codes = Codes::new(searched, &space, &partition, &parts);
        let nearest = codes.blocks.iter().map(|block| Mutex::new(Nearest::new(block, k))).collect();
        let arch = pulp::Arch::new();
        Self { searched, space, partition, codes, nearest, products, arch, k }
    }

    /// Compares every block with itself.
    pub(crate) fn compare_within_all(&self) {
        let n_blocks = self.codes.blocks.len();
        let stop = StopCheck::of_this_thread();
        (0..n_blocks).into_par_iter().with_max_len(1).for_each_init(Scratch::default, |scratch, block| {
            stop.stop_if_told();
            let mut nearest = self.lock(block);
            let block = &self.codes.blocks[block];
            self.compare_one_way(block, &mut nearest, block, scratch);
        });
    }

    /// Compares all pairs of blocks.
    pub(crate) fn compare_all(&self) {
        self.compare_within_all();
        let n_blocks = self.codes.blocks.len();
        for distance in 1..=n_blocks / 2 {
            for round in rounds(n_blocks, distance) {
                self.compare_round(round);
            }
        }
        self.measure_all_pending();
    }

    /// Compares pairs of different blocks, in rounds in which no block stands twice.
    pub(crate) fn compare_pairs(&self, mut pairs: Vec<(usize, usize)>) {
        let mut last_round = vec![0; self.codes.blocks.len()];
        for round in 1.. {
            if pairs.is_empty() {
                break;
            }
            let (this, later): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|&(a, b)| {
                let is_free = last_round[a] < round && last_round[b] < round;
                if is_free {
                    (last_round[a], last_round[b]) = (round, round);
                }
                is_free
            });
            self.compare_round(this);
            pairs = later;
        }
        self.measure_all_pending();
    }

    fn compare_round(&self, round: Vec<(usize, usize)>) {
        let stop = StopCheck::of_this_thread();
        round.into_par_iter().with_max_len(1).for_each_init(Scratch::default, |scratch, (a, b)| {
            stop.stop_if_told();
            self.compare(a, b, scratch);
        });
    }

    fn measure_all_pending(&self) {
        let stop = StopCheck::of_this_thread();
        (0..self.codes.blocks.len()).into_par_iter().with_max_len(1).for_each(|block| {
            stop.stop_if_told();
            self.measure_pending_of(&self.codes.blocks[block], &mut self.lock(block));
        });
    }

    fn measure_pending_of(&self, block: &Block, nearest: &mut Nearest) {
        let rows = nearest.rows.iter_mut().zip(&mut nearest.thresholds);
        for (&group, (row, threshold)) in block.groups.iter().zip(rows) {
            self.measure_pending(group, row, threshold, 0);
        }
    }

    /// The exact nearest of some groups, in no particular order.
    pub(crate) fn nearest_of(&self, groups: &[u32], block_of_group: &[u32]) -> Vec<(u32, Vec<Found>)> {
        let mut by_frame = vec![Vec::new(); self.partition.n_frames()];
        for &group in groups {
            by_frame[self.codes.blocks[block_of_group[group as usize] as usize].frame].push(group);
        }
        let parts: Vec<(usize, &[u32])> = by_frame
            .iter()
            .enumerate()
            .flat_map(|(frame, groups)| groups.chunks(PANEL).map(move |part| (frame, part)))
            .collect();
        let sample = Codes::new(self.searched, &self.space, &self.partition, &parts);
        let found = |scratch: &mut Scratch, block: &Block| -> Vec<(u32, Vec<Found>)> {
            let mut nearest = Nearest::new(block, self.k);
            for other in &self.codes.blocks {
                self.compare_one_way(block, &mut nearest, other, scratch);
            }
            self.measure_pending_of(block, &mut nearest);
            block.groups.iter().copied().zip(nearest.rows.into_iter().map(|row| row.found)).collect()
        };
        sample.blocks.par_iter().with_max_len(1).map_init(Scratch::default, found).flatten_iter().collect()
    }

    /// The nearest of a group among those it was compared with.
    pub(crate) fn found_of(&self, group: u32, block_of_group: &[u32]) -> Vec<Found> {
        let block = block_of_group[group as usize] as usize;
        let at = self.codes.blocks[block].groups.iter().position(|&other| other == group);
        at.map(|at| self.lock(block).rows[at].found.clone()).unwrap_or_default()
    }

    pub(crate) fn into_found(self) -> Vec<Vec<Found>> {
        let mut found = vec![Vec::new(); self.searched.groups.len()];
        for (block, nearest) in self.codes.blocks.iter().zip(self.nearest) {
            let nearest = nearest.into_inner().unwrap_or_else(PoisonError::into_inner);
            for (&group, row) in block.groups.iter().zip(nearest.rows) {
                found[group as usize] = row.found;
            }
        }
        found
    }

    /// No two tasks of a round use the same block, so that nobody waits here.
    fn lock(&self, block: usize) -> MutexGuard<'_, Nearest> {
        self.nearest[block].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the rows of one block see those of another, or of the same.
    fn compare_one_way(&self, block: &Block, nearest: &mut Nearest, other: &Block, scratch: &mut Scratch) {
        block.query_words(&mut scratch.queries);
        let none = [f32::NEG_INFINITY; PANEL];
        for panel in 0..other.n_panels() {
            scratch.hits.clear();
            let rows = other.bounds(block.frame, &none).of_panel_terms(panel);
            self.products.hits(
                (&scratch.queries.words, &scratch.queries.sums),
                block.bounds(other.frame, &nearest.thresholds),
                other.panel(panel),
                rows,
                &mut scratch.hits,
            );
            for hit in &scratch.hits {
                let group = other.groups[hit.row as usize + panel * PANEL];
                if group != block.groups[hit.query as usize] {
                    self.offer(block, nearest, hit.query as usize, group, hit.lower);
                }
            }
        }
    }

    fn compare(&self, a: usize, b: usize, scratch: &mut Scratch) {
        let (mut near_a, mut near_b) = (self.lock(a), self.lock(b));
        let (a, b) = (&self.codes.blocks[a], &self.codes.blocks[b]);
        a.query_words(&mut scratch.queries);
        for panel in 0..b.n_panels() {
            scratch.hits.clear();
            self.products.hits(
                (&scratch.queries.words, &scratch.queries.sums),
                a.bounds(b.frame, &near_a.thresholds),
                b.panel(panel),
                b.bounds(a.frame, &near_b.thresholds).of_panel(panel),
                &mut scratch.hits,
            );
            for hit in &scratch.hits {
                let (query, row) = (hit.query as usize, hit.row as usize + panel * PANEL);
                self.offer(a, &mut near_a, query, b.groups[row], hit.lower);
                self.offer(b, &mut near_b, row, a.groups[query], hit.lower);
            }
        }
    }

    #[inline]
    fn offer(&self, block: &Block, nearest: &mut Nearest, row: usize, group: u32, lower: f32) {
        let threshold = &mut nearest.thresholds[row];
        if lower <= *threshold {
            let of_row = &mut nearest.rows[row];
            of_row.pending.push((lower, group));
            let most = most_pending(self.k);
            if of_row.pending.len() >= most {
                self.measure_pending(block.groups[row], of_row, threshold, most / 2);
            }
        }
    }

    /// Measures pending groups, those with the smallest bounds first, until at most `rest` may still be near.
    fn measure_pending(&self, group: u32, row: &mut NearestOfRow, threshold: &mut f32, rest: usize) {
        let own = self.searched.groups.first(group as usize);
        let query = Query {
            row: self.searched.rows.row(own),
            norm: self.searched.norms[own],
            own_group: Some(group as usize),
        };
        row.pending.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let measure = |group| {
            self.arch.dispatch(
                #[inline(always)]
                || self.searched.measure(&query, group),
            )
        };
        loop {
            let ruled_out = row.pending.partition_point(|pending| pending.0 > *threshold);
            if row.pending.len() - ruled_out <= rest {
                row.pending.drain(..ruled_out);
                return;
            }
            let Some((_, group)) = row.pending.pop() else {
                return;
            };
            let found = measure(group);
            let at = row.found.partition_point(|other| nearer(other, &found).is_lt());
            if at < self.k {
                row.found.insert(at, found);
                row.found.truncate(self.k);
            }
            if row.found.len() == self.k {
                *threshold = self.space.threshold(row.found[self.k - 1].distance);
            }
        }
    }
}

/// All pairs of blocks that are so far apart in a circle, in rounds in which no block stands twice.
fn rounds(n_blocks: usize, distance: usize) -> [Vec<(usize, usize)>; 3] {
    let mut rounds = [const { Vec::new() }; 3];
    if 2 * distance == n_blocks {
        rounds[0] = (0..distance).map(|a| (a, a + distance)).collect();
        return rounds;
    }
    // Steps of this length make circles; along one, pairs go to the rounds by turns.
    let mut seen = vec![false; n_blocks];
    for start in 0..n_blocks {
        let mut circle = Vec::new();
        let mut at = start;
        while !std::mem::replace(&mut seen[at], true) {
            let next = (at + distance) % n_blocks;
            circle.push((at, next));
            at = next;
        }
        let last_of_odd = if circle.len() % 2 == 1 { circle.len().wrapping_sub(1) } else { usize::MAX };
        for (step, pair) in circle.into_iter().enumerate() {
            rounds[if step == last_of_odd { 2 } else { step % 2 }].push(pair);
        }
    }
    rounds
}
