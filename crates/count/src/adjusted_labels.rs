//! What the adjusted scores need of every row, without writing the adjusted rows.

use std::ops::Range;

use cleanlab_core::{BLOCK_ROWS, Batch, Float, MOST_SHORT, RowBlock};
use pulp::{Arch, Simd, WithSimd};

use crate::adjusted_probs::{ThresholdAdjustment, ZeroRowSum};
use crate::row_kernels::{larger, largest_other, margin_over};

/// What the scores of a label need of its row of adjusted probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct AdjustedLabel {
    /// The adjusted probability of the given label.
    pub own: f64,
    /// The largest one of any other class.
    pub largest_other: f64,
}

impl AdjustedLabel {
    /// The normalized margin of the adjusted probabilities: (own − largest other + 1) / 2.
    ///
    /// Source: `cleanlab.rank.get_normalized_margin_for_each_label`.
    #[must_use]
    #[inline]
    pub fn margin(self) -> f64 {
        margin_over(self.own, self.largest_other)
    }
}

impl ThresholdAdjustment {
    /// Calls `visit` with the position of each row of a batch and what [`ThresholdAdjustment::adjust_row`] makes of it.
    ///
    /// ```
    /// use cleanlab_core::Batch;
    /// use cleanlab_count::ThresholdAdjustment;
    /// use ndarray::array;
    ///
    /// let adjustment = ThresholdAdjustment::new(array![0.9, 0.5])?;
    /// let mut row = [0.0; 2];
    /// adjustment.adjust_row(&[0.6, 0.4], &mut row)?;
    /// adjustment.adjust_labels(&Batch::new(&[1], &[0.6, 0.4], 2, 0)?, |_, label| {
    ///     assert_eq!(label.map(|label| [label.largest_other, label.own]), Ok(row));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the batch has another number of classes than there are thresholds.
    pub fn adjust_labels<F: Float>(
        &self,
        batch: &Batch<'_, F>,
        visit: impl FnMut(usize, Result<AdjustedLabel, ZeroRowSum>),
    ) {
        assert_eq!(self.thresholds.len(), batch.n_classes(), "one threshold per class");
        Arch::new().dispatch(AdjustLabels { adjustment: self, batch, visit });
    }
}

/// A row is summed in the order of [`cleanlab_core::pairwise_sum`], as NumPy does: each class to one of eight sums by
/// turns, up to 128 classes at a time, and those that are left over one by one.
const LANES: usize = 8;
const LEAF: usize = 128;

/// The classes that are summed at a time, in the order of the classes.
fn leaves(classes: Range<usize>, found: &mut Vec<Range<usize>>) {
    match halves(classes.len()) {
        None => found.push(classes),
        Some(first) => {
            leaves(classes.start..classes.start + first, found);
            leaves(classes.start + first..classes.end, found);
        }
    }
}

/// The sum of a row from those of its leaves.
fn sum_of_leaves(len: usize, sums: &mut impl Iterator<Item = f64>) -> f64 {
    match halves(len) {
        None => sums.next().unwrap_or_default(),
        Some(first) => sum_of_leaves(first, sums) + sum_of_leaves(len - first, sums),
    }
}

/// How many values the first half has, if there are too many for a leaf.
fn halves(len: usize) -> Option<usize> {
    let half = len / 2;
    (len > LEAF).then_some(half - half % LANES)
}

#[inline(always)]
fn sum_of_lanes([a, b, c, d, e, f, g, h]: [f64; LANES]) -> f64 {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

struct AdjustLabels<'a, 'b, F: Float, V> {
    adjustment: &'a ThresholdAdjustment,
    batch: &'a Batch<'b, F>,
    visit: V,
}

impl<F: Float, V: FnMut(usize, Result<AdjustedLabel, ZeroRowSum>)> WithSimd for AdjustLabels<'_, '_, F, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let batch = self.batch;
        if batch.n_classes() > MOST_SHORT {
            return self.adjust_long_rows(simd);
        }
        for (number, block) in RowBlock::of_rows(batch.pred_probs(), batch.n_classes()).enumerate() {
            self.adjust_block(number * BLOCK_ROWS, &block);
        }
        let rest = batch.len() / BLOCK_ROWS * BLOCK_ROWS;
        (rest..batch.len()).for_each(|position| self.adjust_one(position));
    }
}

/// The largest and the second largest values, in lanes.
struct TwoLargest {
    largest: [f64; LANES],
    second: [f64; LANES],
}

impl TwoLargest {
    const NONE: Self = Self { largest: [f64::NEG_INFINITY; LANES], second: [f64::NEG_INFINITY; LANES] };

    #[inline(always)]
    fn see(&mut self, lane: usize, p: f64) {
        let (largest, second) = (self.largest[lane], self.second[lane]);
        self.second[lane] = larger(second, if p > largest { largest } else { p });
        self.largest[lane] = larger(largest, p);
    }

    /// Those of all lanes.
    #[inline(always)]
    fn of_all(&self) -> (f64, f64) {
        let mut found = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for &p in self.largest.iter().chain(&self.second) {
            found = (larger(found.0, p), larger(found.1, if p > found.0 { found.0 } else { p }));
        }
        found
    }
}

impl<F: Float, V: FnMut(usize, Result<AdjustedLabel, ZeroRowSum>)> AdjustLabels<'_, '_, F, V> {
    /// Eight rows side by side.
    #[inline(always)]
    fn adjust_block(&mut self, first: usize, block: &RowBlock<'_, F>) {
        let k = self.adjustment.thresholds.len();
        let mut found = TwoLargest::NONE;
        // Of each turn, the sums of all rows.
        let mut turns = [[0.0; BLOCK_ROWS]; LANES];
        let whole = if k < LANES { 0 } else { k - k % LANES };
        for first in (0..whole).step_by(LANES) {
            // Ranges, as the count of `enumerate` is checked for overflow.
            for (sums, turn) in turns.iter_mut().zip(0..LANES) {
                let adjusted = self.adjusted_column(block, first + turn, &mut found);
                for lane in 0..BLOCK_ROWS {
                    sums[lane] += adjusted[lane];
                }
            }
        }
        let [a, b, c, d, e, f, g, h] = turns;
        let mut sums = [0.0; BLOCK_ROWS];
        for lane in 0..BLOCK_ROWS {
            sums[lane] =
                sum_of_lanes([a[lane], b[lane], c[lane], d[lane], e[lane], f[lane], g[lane], h[lane]]);
        }
        for class in whole..k {
            let adjusted = self.adjusted_column(block, class, &mut found);
            for (sum, adjusted) in sums.iter_mut().zip(&adjusted) {
                *sum += adjusted;
            }
        }
        for (&sum, lane) in sums.iter().zip(0..BLOCK_ROWS) {
            self.tell(first + lane, sum, found.largest[lane], found.second[lane]);
        }
    }

    /// Not a closure, which would not be compiled for the processor at hand.
    #[inline(always)]
    fn adjusted_column(
        &self,
        block: &RowBlock<'_, F>,
        class: usize,
        found: &mut TwoLargest,
    ) -> [f64; BLOCK_ROWS] {
        let ThresholdAdjustment { thresholds, largest: added } = self.adjustment;
        let (probs, threshold) = (block.column(class), thresholds[class]);
        let mut adjusted = [0.0; BLOCK_ROWS];
        for lane in 0..BLOCK_ROWS {
            adjusted[lane] = (probs[lane].to_f64() - threshold) + added;
            found.see(lane, adjusted[lane]);
        }
        adjusted
    }

    /// Along each row, with explicit vectors: left to the compiler, this took three times as long.
    #[inline(always)]
    fn adjust_long_rows<S: Simd>(&mut self, simd: S) {
        let (mut leaves_of_row, mut sums) = (Vec::new(), Vec::new());
        leaves(0..self.batch.n_classes(), &mut leaves_of_row);
        for position in 0..self.batch.len() {
            let (_, probs) = self.batch.row(position);
            let mut found = LongRow::new(simd, self.adjustment);
            sums.clear();
            for classes in &leaves_of_row {
                sums.push(found.see_leaf(probs, classes.clone()));
            }
            let sum = sum_of_leaves(probs.len(), &mut sums.iter().copied());
            let (largest, second) = found.two_largest().of_all();
            self.tell(position, sum, largest, second);
        }
    }

    /// A division by a positive sum keeps the order of numbers, so that only two of each row are to be divided.
    #[inline(always)]
    fn tell(&mut self, position: usize, sum: f64, largest: f64, second: f64) {
        if sum <= 0.0 {
            return self.adjust_one(position);
        }
        let ThresholdAdjustment { thresholds, largest: added } = self.adjustment;
        let (class, probs) = self.batch.row(position);
        let own = (probs[class].to_f64() - thresholds[class]) + added;
        let other = if own == largest { second } else { largest };
        (self.visit)(position, Ok(AdjustedLabel { own: own / sum, largest_other: other / sum }));
    }

    fn adjust_one(&mut self, position: usize) {
        let (label, probs) = self.batch.row(position);
        let mut adjusted = vec![0.0; probs.len()];
        let result = self
            .adjustment
            .adjust_row(probs, &mut adjusted)
            .map(|()| AdjustedLabel { own: adjusted[label], largest_other: largest_other(&adjusted, label) });
        (self.visit)(position, result);
    }
}

/// What was found in the leaves of a long row so far, the eight lanes in as many vectors as the processor needs.
struct LongRow<'a, S: Simd> {
    simd: S,
    adjustment: &'a ThresholdAdjustment,
    largest: [S::f64s; LANES],
    second: [S::f64s; LANES],
    /// Of the classes that are left over when the others are dealt with by turns.
    rest: TwoLargest,
}

impl<'a, S: Simd> LongRow<'a, S> {
    #[inline(always)]
    fn new(simd: S, adjustment: &'a ThresholdAdjustment) -> Self {
        let none = [simd.splat_f64s(f64::NEG_INFINITY); LANES];
        Self { simd, adjustment, largest: none, second: none, rest: TwoLargest::NONE }
    }

    /// The sum of a leaf.
    #[inline(always)]
    fn see_leaf<F: Float>(&mut self, probs: &[F], classes: Range<usize>) -> f64 {
        let (simd, added) = (self.simd, self.adjustment.largest);
        let (probs, probs_of_rest) = probs[classes.clone()].as_chunks::<LANES>();
        let (thresholds, thresholds_of_rest) = self.adjustment.thresholds[classes].as_chunks::<LANES>();
        let mut sums = [simd.splat_f64s(0.0); LANES];
        for (probs, thresholds) in probs.iter().zip(thresholds) {
            let mut wide = [0.0; LANES];
            for lane in 0..LANES {
                wide[lane] = probs[lane].to_f64();
            }
            let (probs, thresholds) = (S::as_simd_f64s(&wide).0, S::as_simd_f64s(thresholds).0);
            for vector in 0..LANES / S::F64_LANES {
                let lowered = simd.sub_f64s(probs[vector], thresholds[vector]);
                let adjusted = simd.add_f64s(lowered, simd.splat_f64s(added));
                let (largest, second) = (self.largest[vector], self.second[vector]);
                sums[vector] = simd.add_f64s(sums[vector], adjusted);
                self.second[vector] = simd.max_f64s(second, simd.min_f64s(largest, adjusted));
                self.largest[vector] = simd.max_f64s(largest, adjusted);
            }
        }
        let mut sum = sum_of_lanes(lanes_of::<S>(&sums));
        for (lane, (p, threshold)) in probs_of_rest.iter().zip(thresholds_of_rest).enumerate() {
            let adjusted = (p.to_f64() - threshold) + added;
            sum += adjusted;
            self.rest.see(lane, adjusted);
        }
        sum
    }

    #[inline(always)]
    fn two_largest(&self) -> TwoLargest {
        let mut found =
            TwoLargest { largest: lanes_of::<S>(&self.largest), second: lanes_of::<S>(&self.second) };
        for lane in 0..LANES {
            found.see(lane, self.rest.largest[lane]);
            found.see(lane, self.rest.second[lane]);
        }
        found
    }
}

#[inline(always)]
fn lanes_of<S: Simd>(vectors: &[S::f64s; LANES]) -> [f64; LANES] {
    let mut lanes = [0.0; LANES];
    let values: &[f64] = pulp::bytemuck::cast_slice(vectors);
    lanes.copy_from_slice(&values[..LANES]);
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn labels_of_any_row_equal_its_adjusted_row(
            k in 2_usize..300,
            labels in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
            // Few different values, so that ties are common.
            steps in prop::collection::vec(0_u8..10, 300 * 20),
            thresholds in prop::collection::vec(0.0..1.0_f64, 300),
        ) {
            let labels: Vec<u32> = labels.iter().map(|label| label.index(k) as u32).collect();
            let probs: Vec<f64> = steps[..labels.len() * k].iter().map(|&step| f64::from(step) / 9.0).collect();
            let adjustment = ThresholdAdjustment::new(Array1::from(thresholds[..k].to_vec())).unwrap();
            let batch = Batch::new(&labels, &probs, k, 0).unwrap();
            let mut n_visited = 0;
            adjustment.adjust_labels(&batch, |position, found| {
                n_visited += 1;
                let (label, probs) = batch.row(position);
                let mut row = vec![0.0; k];
                let expected = adjustment
                    .adjust_row(probs, &mut row)
                    .map(|()| AdjustedLabel { own: row[label], largest_other: largest_other(&row, label) });
                assert_eq!(found, expected, "row {position} of {k} classes");
            });
            prop_assert_eq!(n_visited, labels.len());
        }
    }

    #[test]
    fn margin_is_that_of_the_adjusted_probabilities() {
        assert_eq!(AdjustedLabel { own: 0.75, largest_other: 0.25 }.margin(), 0.75);
        assert_eq!(AdjustedLabel { own: 0.25, largest_other: 0.5 }.margin(), 0.375);
    }

    #[test]
    fn labels_of_rows_without_a_sum_are_refused_and_of_others_are_shares_of_it() {
        for k in [3, 8, 20, 300] {
            // Low thresholds, so that what is subtracted twice would still leave sums above 0.
            let adjustment = ThresholdAdjustment::new(Array1::from_elem(k, 1e-3)).unwrap();
            let mut probs = vec![0.0; 9 * k];
            (1..9).for_each(|row| probs[row * k + 1] = 0.5);
            (1..9).for_each(|row| probs[row * k + 2] = 0.25);
            let batch = Batch::new(&[1; 9], &probs, k, 0).unwrap();
            let mut found = Vec::new();
            adjustment.adjust_labels(&batch, |_, label| found.push(label));
            assert!(found[0].is_err(), "{k} classes");
            for label in &found[1..] {
                let label = label.as_ref().unwrap();
                approx::assert_relative_eq!(label.own, 2.0 / 3.0, max_relative = 1e-12);
                approx::assert_relative_eq!(label.largest_other, 1.0 / 3.0, max_relative = 1e-12);
            }
        }
    }
}
