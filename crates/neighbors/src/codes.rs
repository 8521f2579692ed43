//! Rows as 8-bit numbers, with bounds on what these leave out.
//!
//! Rows belong to frames with centres. A row x of the frame with centre a is a + r, and r is rounded to s·q with whole
//! numbers q from −127 to 127. For rows x and y of frames with centres a and b, half the squared distance is
//!
//! t(x, b) + t(y, a) − r(x)·r(y)  with  t(x, b) = ½‖r(x)‖² + r(x)·(a − b) + ¼‖a − b‖²,
//!
//! and the product of r(x) and r(y) differs from that of their codes by at most e(x)·n(y) + n(x)·e(y), where e is the
//! norm of what the code leaves out and n that of the row or its code, whichever is larger. So the product of the codes,
//! which is exact, gives a lower bound of the distance. All that can go wrong by the rounding of `f32` and `f64` is
//! taken off the terms t.

use cleanlab_core::Float;
use cleanlab_core::stopping::StopCheck;
use rayon::prelude::*;

use crate::code_products::{Bounds, GROUP, GroupWords, PANEL, PanelWords};
use crate::metric::Metric;
use crate::partition::Partition;
use crate::screening::{LARGEST_NORM, UNIT_F32, UNIT_F64, middle_and_scale};
use crate::search::Searched;

/// With more features than this the sum of the products of codes could overflow.
pub(crate) const MOST_CODED_FEATURES: usize = 1 << 15;

/// Sums of [`dot`].
const DOT_LANES: usize = 16;

/// What makes distances of rows into distances of codes.
#[derive(Debug)]
pub(crate) struct Space {
    metric: Metric,
    center: Vec<f64>,
    /// A power of two that brings norms near 1.
    scale: f64,
}

impl Space {
    pub(crate) fn new<F: Float>(searched: &Searched<'_, F>) -> Self {
        let (center, scale) =
            middle_and_scale(searched.metric, searched.rows, searched.norms, searched.groups);
        Self { metric: searched.metric, center, scale }
    }

    pub(crate) fn columns(&self) -> usize {
        self.center.len()
    }

    /// Writes the row, centred and scaled. Gives its norm, or `None` for a row that has none or too large a one.
    #[inline(always)]
    pub(crate) fn place<F: Float>(&self, row: &[F], norm: f64, placed: &mut [f64]) -> Option<f64> {
        let divisor = if self.metric == Metric::Cosine { norm } else { 1.0 };
        for ((out, value), center) in placed.iter_mut().zip(row).zip(&self.center) {
            *out = (value.to_f64() / divisor - center) * self.scale;
        }
        let placed = sum_of(placed, |value| value * value).sqrt();
        (placed <= LARGEST_NORM && norm.is_finite()).then_some(placed)
    }

    /// As [`Space::place`], but only about there.
    #[inline]
    pub(crate) fn place_roughly<F: Float>(&self, row: &[F], norm: f64, placed: &mut [f32]) {
        let factor = if self.metric == Metric::Cosine { self.scale / norm } else { self.scale };
        for ((out, value), center) in placed.iter_mut().zip(row).zip(&self.center) {
            *out = (value.to_f64() * factor - center * self.scale) as f32;
        }
    }

    /// An upper bound of half the squared distance in this space of rows that are measured to be at a distance.
    pub(crate) fn threshold(&self, distance: f64) -> f32 {
        let half_square = match self.metric {
            Metric::Euclidean => 0.5 * (distance * self.scale) * (distance * self.scale),
            Metric::Cosine => distance * self.scale * self.scale,
        };
        ((half_square * (1.0 + 8.0 * UNIT_F32)) as f32).next_up()
    }

    /// How much less than the half squared distance of the placed rows the measured one may be, by one row's share.
    fn slack(&self, norm: f64) -> f64 {
        // A distance in f64, halved and squared, is off by at most (p + 12)(‖x‖² + ‖y‖²) units, and for cosine by
        // 4p + 24 more, as its rows have norm 1 before they are centred; all of it twice.
        let columns = self.columns() as f64;
        let unit = if self.metric == Metric::Cosine { self.scale } else { 0.0 };
        2.0 * UNIT_F64 * ((columns + 12.0) * norm * norm + (4.0 * columns + 24.0) * unit * unit)
    }
}

/// The product of two rows in `f32`, in an order that depends on their length alone.
#[inline(always)]
pub(crate) fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; DOT_LANES];
    let (x_blocks, x_rest) = x.as_chunks::<DOT_LANES>();
    let (y_blocks, y_rest) = y.as_chunks::<DOT_LANES>();
    for (x, y) in x_blocks.iter().zip(y_blocks) {
        for lane in 0..DOT_LANES {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f32>() + rest
}

#[inline(always)]
fn sum_of(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            lanes[lane] += term(block[lane]);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&value| term(value)).sum::<f64>()
}

/// Some rows of one frame.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) frame: usize,
    /// The groups that the rows stand for.
    pub(crate) groups: Vec<u32>,
    /// The panels one after the other, each with an entry for every four features.
    panels: Vec<PanelWords>,
    /// For each frame a term of every row.
    terms: Vec<f32>,
    scales: Vec<f32>,
    errors: Vec<f32>,
    norms: Vec<f32>,
    sums: Vec<i32>,
    /// About the middle of the rows.
    pub(crate) middle: Vec<f32>,
}

/// Queries of a block, in the order in which they are multiplied.
#[derive(Debug, Default)]
pub(crate) struct QueryWords {
    pub(crate) words: Vec<GroupWords>,
    pub(crate) sums: Vec<i32>,
}

/// Blocks of some rows; of all rows, blocks next to each other tend to be close.
#[derive(Debug)]
pub(crate) struct Codes {
    pub(crate) blocks: Vec<Block>,
}

impl Codes {
    pub(crate) fn new<F: Float>(
        searched: &Searched<'_, F>,
        space: &Space,
        partition: &Partition,
        parts: &[(usize, &[u32])],
    ) -> Self {
        let arch = pulp::Arch::new();
        let stop = StopCheck::of_this_thread();
        let block = |&(frame, groups): &(usize, &[u32])| {
            stop.stop_if_told();
            let mut block = Block::empty(partition, frame, groups);
            arch.dispatch(
                #[inline(always)]
                || block.fill(searched, space, partition),
            );
            block
        };
        Self { blocks: parts.par_iter().with_max_len(1).map(block).collect() }
    }
}

impl Block {
    fn empty(partition: &Partition, frame: usize, groups: &[u32]) -> Self {
        let padded = groups.len().div_ceil(PANEL) * PANEL;
        let words = partition.center(frame).len().div_ceil(4);
        Self {
            frame,
            groups: groups.to_vec(),
            panels: vec![[[[128; 4]; 16]; 3]; padded / PANEL * words],
            terms: vec![f32::NAN; padded * partition.n_frames()],
            scales: vec![0.0; padded],
            errors: vec![0.0; padded],
            norms: vec![0.0; padded],
            sums: vec![0; padded],
            middle: partition.center(frame).to_vec(),
        }
    }

    #[inline(always)]
    fn fill<F: Float>(&mut self, searched: &Searched<'_, F>, space: &Space, partition: &Partition) {
        let columns = space.columns();
        let (words, padded) = (columns.div_ceil(4), self.padded());
        let n_frames = partition.n_frames();
        let center = partition.center(self.frame);
        let mut rest = vec![0.0_f64; columns];
        let mut rest_f32 = vec![0.0_f32; columns];
        let mut codes = vec![0.0_f64; columns];
        let mut sum = vec![0.0_f64; columns];
        // A sum of p products in 16 lanes, of factors that are rounded.
        let dot_units = ((columns / DOT_LANES + DOT_LANES + 20) as f64) * UNIT_F32;
        let center_norms: Vec<f64> = (0..n_frames)
            .map(|frame| f64::from(dot(partition.center(frame), partition.center(frame))).sqrt() * 1.001)
            .collect();
        for at in 0..self.groups.len() {
            let row = searched.groups.first(self.groups[at] as usize);
            let placed = space.place(searched.rows.row(row), searched.norms[row], &mut rest);
            let Some(norm) = placed else {
                // Whatever it is compared with may be near.
                for frame in 0..n_frames {
                    self.terms[frame * padded + at] = f32::NEG_INFINITY;
                }
                continue;
            };
            for (rest, center) in rest.iter_mut().zip(center) {
                *rest -= f64::from(*center);
            }
            let largest = rest
                .iter()
                .fold(0.0_f64, |largest, rest| if rest.abs() > largest { rest.abs() } else { largest });
            // As f32, so that codes times scale is what the bound is computed of.
            let scale = f64::from((largest / 127.0) as f32);
            let inverse = if scale > f64::from(f32::MIN_POSITIVE) { 1.0 / scale } else { 0.0 };
            for ((code, rest_f32), (rest, sum)) in
                codes.iter_mut().zip(&mut rest_f32).zip(rest.iter().zip(&mut sum))
            {
                *code = (rest * inverse).round_ties_even().clamp(-127.0, 127.0);
                *rest_f32 = *rest as f32;
                *sum += rest;
            }
            let (panel, lane) = (at / PANEL, at % PANEL);
            let panel = &mut self.panels[panel * words..(panel + 1) * words];
            for (word, codes) in panel.iter_mut().zip(codes.chunks(4)) {
                for (byte, code) in word[lane / 16][lane % 16].iter_mut().zip(codes) {
                    *byte = (*code as i32 + 128) as u8;
                }
            }
            self.sums[at] = codes.iter().map(|&code| code as i32).sum();
            let square = sum_of(&rest, |rest| rest * rest);
            let coded = sum_of(&codes, |code| code * code) * scale * scale;
            for (rest, code) in rest.iter_mut().zip(&codes) {
                *rest -= code * scale;
            }
            let missed = sum_of(&rest, |missed| missed * missed);
            let up = |square: f64| ((square.sqrt() * (1.0 + 1e-9)) as f32).next_up();
            self.scales[at] = scale as f32;
            self.errors[at] = up(missed);
            self.norms[at] = up(square.max(coded));
            let to_own = f64::from(dot(&rest_f32, center));
            for other in 0..n_frames {
                let apart = partition.apart(self.frame, other);
                let (mut along, mut along_error) = (0.0, 0.0);
                if other != self.frame {
                    along = to_own - f64::from(dot(&rest_f32, partition.center(other)));
                    along_error =
                        dot_units * square.sqrt() * (center_norms[self.frame] + center_norms[other]);
                }
                let term = 0.5 * square + along + 0.25 * apart;
                // Twelve operations in f32; what they leave out is measured against this. The square of the codes can
                // be larger than that of the row.
                let size = square.max(coded) + along.abs() + apart;
                let rounding = 24.0 * UNIT_F32 * size + along_error + space.slack(norm);
                let term = ((term - rounding) as f32).next_down();
                self.terms[other * padded + at] = term - smallest(columns);
            }
        }
        let count = self.groups.len() as f64;
        for (middle, sum) in self.middle.iter_mut().zip(sum) {
            *middle += (sum / count) as f32;
        }
    }

    /// Number of rows, with those that fill the last panel.
    pub(crate) fn padded(&self) -> usize {
        self.scales.len()
    }

    pub(crate) fn n_panels(&self) -> usize {
        self.padded() / PANEL
    }

    pub(crate) fn panel(&self, panel: usize) -> &[PanelWords] {
        let words = self.panels.len() / self.n_panels();
        &self.panels[panel * words..(panel + 1) * words]
    }

    /// Bounds of all rows against rows of a frame.
    pub(crate) fn bounds<'b>(&'b self, frame: usize, thresholds: &'b [f32]) -> Bounds<'b> {
        Bounds {
            terms: &self.terms[frame * self.padded()..(frame + 1) * self.padded()],
            scales: &self.scales,
            errors: &self.errors,
            norms: &self.norms,
            thresholds,
        }
    }

    /// The rows as queries.
    pub(crate) fn query_words(&self, queries: &mut QueryWords) {
        queries.words.clear();
        for group in 0..self.padded() / GROUP {
            let first = group * GROUP;
            queries.words.extend(self.panel(first / PANEL).iter().map(|rows| -> GroupWords {
                std::array::from_fn(|lane| {
                    let at = first % PANEL + lane;
                    // Flipping the highest bit takes 128 off.
                    i32::from_le_bytes(rows[at / 16][at % 16].map(|code| code ^ 0x80))
                })
            }));
        }
        queries.sums.clear();
        queries.sums.extend(&self.sums);
    }
}

/// Bounds what is lost where values are too small for an `f32`: per feature less than its smallest normal number
/// times a value below [`LARGEST_NORM`].
fn smallest(columns: usize) -> f32 {
    columns as f32 * 8.0 * f32::MIN_POSITIVE * LARGEST_NORM as f32
}

impl<'b> Bounds<'b> {
    /// Those of the rows of one panel.
    pub(crate) fn of_panel(self, panel: usize) -> Self {
        let part = |values: &'b [f32]| &values[panel * PANEL..(panel + 1) * PANEL];
        Self { thresholds: part(self.thresholds), ..self.of_panel_terms(panel) }
    }

    /// As [`Bounds::of_panel`], with the thresholds as they are.
    pub(crate) fn of_panel_terms(self, panel: usize) -> Self {
        let part = |values: &'b [f32]| &values[panel * PANEL..(panel + 1) * PANEL];
        Self {
            terms: part(self.terms),
            scales: part(self.scales),
            errors: part(self.errors),
            norms: part(self.norms),
            thresholds: self.thresholds,
        }
    }
}
