//! Dividing rows into small parts of rows that are near each other.
//!
//! A part is split in two along the line between the centres of its two halves, until it is small enough for a block.
//! The parts at some depth are frames: codes of rows are relative to the centre of their frame.

use cleanlab_core::Float;
use cleanlab_core::stopping::StopCheck;
use rayon::prelude::*;

use crate::codes::{Space, dot};
use crate::search::Searched;

/// Rows that the two centres of a split are made of.
const SPLIT_SAMPLE: usize = 256;

/// How often the two centres are moved to the middle of what is nearest to them.
const SPLIT_STEPS: usize = 4;

/// A split leaves at least a quarter on either side.
const LEAST_SHARE: usize = 4;

/// Most splits above a frame: every row has a term for each frame.
const MOST_FRAME_SPLITS: u32 = 5;

/// Rows of one block.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) frame: usize,
    pub(crate) groups: Vec<u32>,
}

/// Frames, and parts in an order in which neighbours tend to be close.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) parts: Vec<Part>,
    /// Frames × features.
    centers: Vec<f32>,
    /// Frames × frames: squared distances of their centres.
    apart: Vec<f64>,
    columns: usize,
}

struct Split<'s, F: Float> {
    searched: &'s Searched<'s, F>,
    space: &'s Space,
    most_rows: usize,
    frame_splits: u32,
    stop: StopCheck,
}

/// The parts below a frame, or below several.
enum Tree {
    Frame { center: Vec<f32>, parts: Vec<Vec<u32>> },
    Frames(Vec<Tree>),
}

impl Partition {
    pub(crate) fn new<F: Float>(
        searched: &Searched<'_, F>,
        space: &Space,
        most_rows: usize,
        seed: u64,
    ) -> Self {
        let n_groups = searched.groups.len();
        let columns = space.columns();
        // A frame has some blocks, and terms take no more memory than features.
        let frames = (n_groups / most_rows).min(columns / 2).max(1);
        let frame_splits = frames.ilog2().min(MOST_FRAME_SPLITS);
        let stop = StopCheck::of_this_thread();
        let split = Split { searched, space, most_rows, frame_splits, stop };
        let tree = split.frames((0..n_groups as u32).collect(), seed, 0);
        let mut partition = Self { parts: Vec::new(), centers: Vec::new(), apart: Vec::new(), columns };
        partition.take(tree);
        let n_frames = partition.n_frames();
        partition.apart = (0..n_frames * n_frames)
            .map(|pair| {
                let centers = partition.center(pair / n_frames).iter().zip(partition.center(pair % n_frames));
                centers.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
            })
            .collect();
        partition
    }

    fn take(&mut self, tree: Tree) {
        match tree {
            Tree::Frames(trees) => trees.into_iter().for_each(|tree| self.take(tree)),
            Tree::Frame { center, parts } => {
                let frame = self.n_frames();
                self.centers.extend(center);
                self.parts.extend(parts.into_iter().map(|groups| Part { frame, groups }));
            }
        }
    }

    pub(crate) fn n_frames(&self) -> usize {
        self.centers.len() / self.columns
    }

    pub(crate) fn center(&self, frame: usize) -> &[f32] {
        &self.centers[frame * self.columns..(frame + 1) * self.columns]
    }

    /// The squared distance of two centres.
    pub(crate) fn apart(&self, frame: usize, other: usize) -> f64 {
        self.apart[frame * self.n_frames() + other]
    }
}

impl<F: Float> Split<'_, F> {
    fn frames(&self, groups: Vec<u32>, seed: u64, depth: u32) -> Tree {
        if depth == self.frame_splits || groups.len() <= self.most_rows {
            let center = self.mean(&self.sample(&groups, seed));
            return Tree::Frame { center, parts: self.parts(groups, seed) };
        }
        let (left, right) = self.halves(groups, seed);
        let (left, right) = rayon::join(
            || self.frames(left, next_seed(seed, 1), depth + 1),
            || self.frames(right, next_seed(seed, 2), depth + 1),
        );
        Tree::Frames(vec![left, right])
    }

    fn parts(&self, groups: Vec<u32>, seed: u64) -> Vec<Vec<u32>> {
        if groups.len() <= self.most_rows {
            return vec![groups];
        }
        let (left, right) = self.halves(groups, seed);
        let (mut left, right) =
            rayon::join(|| self.parts(left, next_seed(seed, 1)), || self.parts(right, next_seed(seed, 2)));
        left.extend(right);
        left
    }

    /// Some of the rows, placed, one after the other.
    fn sample(&self, groups: &[u32], seed: u64) -> Vec<f32> {
        let columns = self.space.columns();
        let n_rows = SPLIT_SAMPLE.min(groups.len());
        let mut sample = Vec::with_capacity(n_rows * columns);
        let mut placed = vec![0.0; columns];
        for at in 0..n_rows {
            let start = at * groups.len() / n_rows;
            let len = (at + 1) * groups.len() / n_rows - start;
            let row = groups[start + (next_seed(seed, at as u64 + 3) % len as u64) as usize];
            let row = self.searched.groups.first(row as usize);
            if self.space.place(self.searched.rows.row(row), self.searched.norms[row], &mut placed).is_some()
            {
                sample.extend(placed.iter().map(|&value| value as f32));
            }
        }
        sample
    }

    fn mean(&self, rows: &[f32]) -> Vec<f32> {
        let columns = self.space.columns();
        let mut sum = vec![0.0_f64; columns];
        for row in rows.chunks_exact(columns) {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        let count = (rows.len() / columns).max(1) as f64;
        sum.into_iter().map(|sum| (sum / count) as f32).collect()
    }

    fn halves(&self, mut groups: Vec<u32>, seed: u64) -> (Vec<u32>, Vec<u32>) {
        let columns = self.space.columns();
        let sample = self.sample(&groups, seed);
        let rows: Vec<&[f32]> = sample.chunks_exact(columns).collect();
        let mut centers = [vec![0.0; columns], vec![0.0; columns]];
        if rows.len() > 1 {
            // Any row, and the one farthest from it.
            let first = rows[(next_seed(seed, 0) % rows.len() as u64) as usize];
            let far = |row: &[f32]| row.iter().zip(first).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
            let second = rows.iter().max_by(|a, b| far(a).total_cmp(&far(b))).copied().unwrap_or(first);
            centers = [first.to_vec(), second.to_vec()];
        }
        for _ in 0..SPLIT_STEPS {
            let (way, middle) = way_between(&centers);
            let (left, right): (Vec<&[f32]>, Vec<&[f32]>) =
                rows.iter().partition(|row| dot(row, &way) < middle);
            if left.is_empty() || right.is_empty() {
                break;
            }
            centers = [self.mean(&left.concat()), self.mean(&right.concat())];
        }
        let (way, middle) = way_between(&centers);
        let mut along: Vec<(f32, u32)> = groups
            .par_iter()
            .with_min_len(256)
            .map_init(
                || vec![0.0; columns],
                |placed, &group| {
                    self.stop.stop_if_told();
                    let row = self.searched.groups.first(group as usize);
                    let norm = self.searched.norms[row];
                    self.space.place_roughly(self.searched.rows.row(row), norm, placed);
                    (dot(placed, &way), group)
                },
            )
            .collect();
        let order = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let n_left = along.iter().filter(|(value, _)| *value < middle).count();
        let least = groups.len() / LEAST_SHARE;
        let n_left = if n_left < least || n_left > groups.len() - least { groups.len() / 2 } else { n_left };
        along.select_nth_unstable_by(n_left, order);
        groups.clear();
        groups.extend(along.iter().map(|(_, group)| *group));
        let mut right = groups.split_off(n_left);
        groups.sort_unstable();
        right.sort_unstable();
        (groups, right)
    }
}

/// The way from the first to the second centre, and how far along it their middle is.
fn way_between(centers: &[Vec<f32>; 2]) -> (Vec<f32>, f32) {
    let way: Vec<f32> = centers[0].iter().zip(&centers[1]).map(|(a, b)| b - a).collect();
    let middle: Vec<f32> = centers[0].iter().zip(&centers[1]).map(|(a, b)| 0.5 * (a + b)).collect();
    let at = dot(&middle, &way);
    (way, at)
}

/// `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) fn next_seed(seed: u64, step: u64) -> u64 {
    let mut mixed = seed.wrapping_add((step + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
