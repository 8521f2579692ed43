//! Rows as 16-bit numbers, one after the other, for the distances of a few rows from many places.
//!
//! A row is rounded to its scale times whole numbers q with ‖q‖² < 2³¹, so that the product of any two rows fits a 32-bit
//! sum and is exact. That leaves some 12 bits of each feature, about what a distance by products in `f32` is good for, in
//! half the memory and at twice the speed. Distances are those of the codes: for ordering rows, not for answers.

use cleanlab_core::Float;
use rayon::prelude::*;

use crate::codes::Space;
use crate::search::Searched;

/// Features are filled up with zeros to a multiple of this: one vector of 512 bits.
const STRIDE: usize = 32;

/// The norm of a row in codes: its square, with all that rounding adds, stays below 2³¹.
const CODED_NORM: f64 = 45_000.0;

/// The largest code, with room for rounding: it is a number of 16 bits.
const LARGEST_CODE: f64 = 32_000.0;

/// With more features than this rounding could take the square of the norm beyond 2³¹.
pub(crate) const MOST_FEATURES: usize = 1 << 20;

/// Rows that one task rounds.
const ROWS_PER_TASK: usize = 256;

/// One row of every group of equal rows, in some order; where a row stands in it is its slot.
#[derive(Debug)]
pub(crate) struct RowCodes {
    stride: usize,
    codes: Vec<i16>,
    measures: Vec<Measure>,
    /// The group of each slot.
    pub(crate) groups: Vec<u32>,
}

/// What a row is beside its codes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measure {
    /// What one unit of a code is worth; 0 for a row that has no place.
    pub(crate) scale: f32,
    /// The square of the norm of codes times scale.
    pub(crate) square: f32,
    /// The norm of what the codes leave out; infinite for a row that has no place.
    pub(crate) error: f32,
}

impl RowCodes {
    /// The codes of some groups, in their order.
    pub(crate) fn new<F: Float>(searched: &Searched<'_, F>, space: &Space, groups: Vec<u32>) -> Self {
        let columns = space.columns();
        let stride = columns.next_multiple_of(STRIDE);
        let mut codes = vec![0_i16; groups.len() * stride];
        let mut measures = vec![Measure::default(); groups.len()];
        let arch = pulp::Arch::new();
        codes
            .par_chunks_mut(ROWS_PER_TASK * stride)
            .zip(measures.par_chunks_mut(ROWS_PER_TASK))
            .zip(groups.par_chunks(ROWS_PER_TASK))
            .for_each(|((codes, measures), groups)| {
                arch.dispatch(Encode { searched, space, groups, stride, codes, measures });
            });
        Self { stride, codes, measures, groups }
    }

    /// The same rows in another order, which is that of some of their slots.
    pub(crate) fn in_order(&self, slots: &[u32]) -> Self {
        let mut codes = vec![0_i16; slots.len() * self.stride];
        codes.par_chunks_mut(ROWS_PER_TASK * self.stride).zip(slots.par_chunks(ROWS_PER_TASK)).for_each(
            |(codes, slots)| {
                for (codes, &slot) in codes.chunks_exact_mut(self.stride).zip(slots) {
                    codes.copy_from_slice(self.row(slot));
                }
            },
        );
        Self {
            stride: self.stride,
            codes,
            measures: slots.iter().map(|&slot| self.measure(slot)).collect(),
            groups: slots.iter().map(|&slot| self.groups[slot as usize]).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    #[inline(always)]
    pub(crate) fn row(&self, slot: u32) -> &[i16] {
        &self.codes[slot as usize * self.stride..][..self.stride]
    }

    #[inline(always)]
    pub(crate) fn measure(&self, slot: u32) -> Measure {
        self.measures[slot as usize]
    }

    /// The largest error of a row that has a place, and the slots of those that have none.
    pub(crate) fn largest_error(&self) -> (f32, Vec<u32>) {
        let errors = self.measures.iter().map(|measure| measure.error);
        let largest = errors.filter(|error| error.is_finite()).fold(0.0, f32::max);
        let placeless = (0..self.len() as u32).filter(|&slot| self.measure(slot).error.is_infinite());
        (largest, placeless.collect())
    }
}

impl Measure {
    /// The squared distance of two rows in codes, from the product of their codes.
    #[inline(always)]
    pub(crate) fn squared_distance(self, other: Self, product: i32) -> f32 {
        self.square + other.square - 2.0 * (self.scale * other.scale) * product as f32
    }
}

/// Rounds some rows; a type of its own and not a closure, so that all of it is compiled for the same instructions.
struct Encode<'e, F> {
    searched: &'e Searched<'e, F>,
    space: &'e Space,
    groups: &'e [u32],
    stride: usize,
    codes: &'e mut [i16],
    measures: &'e mut [Measure],
}

impl<F: Float> pulp::NullaryFnOnce for Encode<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { searched, space, groups, stride, codes, measures } = self;
        let mut placed = vec![0.0_f64; space.columns()];
        for ((codes, measure), &group) in codes.chunks_exact_mut(stride).zip(measures).zip(groups) {
            let row = searched.groups.first(group as usize);
            let norm = space.place(searched.rows.row(row), searched.norms[row], &mut placed);
            *measure = encode(norm, &placed, codes);
        }
    }
}

/// Numbers that one step of [`encode`] rounds.
const LANES: usize = 8;

/// Added to a number below 2⁵¹ and taken off again, it leaves the nearest whole number.
const ROUNDER: f64 = (3_u64 << 51) as f64;

#[inline(always)]
fn encode(norm: Option<f64>, placed: &[f64], codes: &mut [i16]) -> Measure {
    let Some(norm) = norm else {
        return Measure { scale: 0.0, square: 0.0, error: f32::INFINITY };
    };
    let largest = placed.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let scale = f64::from((norm / CODED_NORM).max(largest / LARGEST_CODE) as f32);
    if scale < f64::from(f32::MIN_POSITIVE) {
        return Measure { scale: 0.0, square: 0.0, error: (norm as f32).next_up() };
    }
    let inverse = 1.0 / scale;
    let (mut square, mut missed) = ([0.0_f64; LANES], [0.0_f64; LANES]);
    let mut round = |codes: &mut [i16; LANES], values: &[f64; LANES]| {
        for lane in 0..LANES {
            let rounded = (values[lane] * inverse + ROUNDER) - ROUNDER;
            codes[lane] = rounded as i32 as i16;
            square[lane] += rounded * rounded;
            let rest = values[lane] - rounded * scale;
            missed[lane] += rest * rest;
        }
    };
    let (blocks, rest) = placed.as_chunks::<LANES>();
    let (code_blocks, _) = codes.as_chunks_mut::<LANES>();
    let mut last = [0.0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    for (codes, values) in code_blocks.iter_mut().zip(blocks.iter().chain(std::iter::once(&last))) {
        round(codes, values);
    }
    let (square, missed): (f64, f64) = (square.iter().sum(), missed.iter().sum());
    Measure {
        scale: scale as f32,
        square: (square * scale * scale) as f32,
        error: ((missed.sqrt() * (1.0 + 1e-9)) as f32).next_up(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encode_any_direction_fits_and_keeps_the_row() {
        // All of the norm in one feature, in two, and in many.
        for n_features in [1, 2, 7, 300] {
            let placed: Vec<f64> =
                (0..300).map(|at| if at < n_features { -1.5 - f64::from(at) } else { 0.0 }).collect();
            let norm = placed.iter().map(|value| value * value).sum::<f64>().sqrt();
            let mut codes = vec![0; 320];
            let measure = encode(Some(norm), &placed, &mut codes);
            let square: i64 = codes.iter().map(|&code| i64::from(code) * i64::from(code)).sum();
            assert!(square < 1 << 31, "{square}");
            let missed: f64 = placed
                .iter()
                .zip(&codes)
                .map(|(value, &code)| (value - f64::from(code) * f64::from(measure.scale)).powi(2))
                .sum();
            assert!(missed.sqrt() <= f64::from(measure.error) && measure.error < 1e-3 * norm as f32);
            assert!((f64::from(measure.square) - norm * norm).abs() < 1e-3 * norm * norm);
        }
    }

    #[test]
    fn encode_a_row_without_a_place_or_a_length_is_all_zeros() {
        let mut codes = vec![0; 32];
        let nowhere = encode(None, &[1.0; 4], &mut codes);
        assert!(nowhere.error.is_infinite() && nowhere.square == 0.0);
        let middle = encode(Some(0.0), &[0.0; 4], &mut codes);
        assert!(middle.error.is_finite() && middle.square == 0.0);
        assert!(codes.iter().all(|&code| code == 0));
    }
}
