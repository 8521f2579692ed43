//! The exact neighbours of a sample of rows, by which an approximate search is judged.

use cleanlab_core::Float;
use rayon::prelude::*;

use crate::row_codes::RowCodes;
use crate::search::{Found, Query, Searched, nearer};
use crate::short_products::{Products, WithProducts, with_products};

/// Sampled rows that one task compares with all others.
const QUERIES: usize = 16;

/// Operations in `f32` that a squared distance takes, and some more, each of which rounds.
const ROUNDING: f32 = 16.0 * f32::EPSILON;

/// A sampled group and its nearest.
#[derive(Debug)]
pub(crate) struct SampledNeighbors {
    pub(crate) slot: u32,
    pub(crate) nearest: Vec<Found>,
}

/// The `k` groups nearest to each of the sampled slots.
pub(crate) fn nearest_of<F: Float>(
    searched: &Searched<'_, F>,
    codes: &RowCodes,
    slots: &[u32],
    k: usize,
) -> Vec<SampledNeighbors> {
    let (largest_error, placeless) = codes.largest_error();
    let arch = pulp::Arch::new();
    let of_slots = |slots: &[u32]| -> Vec<SampledNeighbors> {
        let candidates = with_products(Scan { codes, slots, k, largest_error });
        slots
            .iter()
            .zip(candidates)
            .map(|(&slot, near)| {
                let others: Vec<u32> = if codes.measure(slot).error.is_infinite() {
                    (0..codes.len() as u32).filter(|&other| other != slot).collect()
                } else {
                    near.into_iter().chain(placeless.iter().copied()).collect()
                };
                let mut nearest = Vec::with_capacity(others.len());
                arch.dispatch(MeasureOthers { searched, codes, slot, others: &others, found: &mut nearest });
                nearest.sort_unstable_by(nearer);
                nearest.truncate(k);
                SampledNeighbors { slot, nearest }
            })
            .collect()
    };
    slots.par_chunks(QUERIES).flat_map_iter(of_slots).collect()
}

/// Measures the exact distances of a slot from others, in no order.
pub(crate) struct MeasureOthers<'m, F> {
    pub(crate) searched: &'m Searched<'m, F>,
    pub(crate) codes: &'m RowCodes,
    pub(crate) slot: u32,
    pub(crate) others: &'m [u32],
    pub(crate) found: &'m mut Vec<Found>,
}

impl<F: Float> pulp::NullaryFnOnce for MeasureOthers<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { searched, codes, slot, others, found } = self;
        let own = searched.groups.first(codes.groups[slot as usize] as usize);
        let query = Query { row: searched.rows.row(own), norm: searched.norms[own], own_group: None };
        for &other in others {
            found.push(searched.measure(&query, codes.groups[other as usize]));
        }
    }
}

/// Finds the rows that can be among the nearest, by what the codes leave out at most.
struct Scan<'s> {
    codes: &'s RowCodes,
    slots: &'s [u32],
    k: usize,
    largest_error: f32,
}

/// What a sampled row has found.
#[derive(Default)]
struct Near {
    /// Slots and the squares of their distances in codes.
    candidates: Vec<(f32, u32)>,
    /// The smallest of those, in order.
    smallest: Vec<f32>,
}

impl WithProducts for Scan<'_> {
    type Output = Vec<Vec<u32>>;

    #[inline(always)]
    fn run<P: Products>(self, products: P) -> Self::Output {
        const TILE: usize = 4;
        let Self { codes, slots, k, largest_error } = self;
        let mut found: Vec<Near> = slots.iter().map(|_| Near::default()).collect();
        // Places that are left over repeat the last row, with limits that nothing is within.
        let padded: [u32; QUERIES] = std::array::from_fn(|at| slots[at.min(slots.len() - 1)]);
        let own = padded.map(|slot| codes.measure(slot));
        let own_rows = padded.map(|slot| codes.row(slot));
        let mut limits = [f32::NEG_INFINITY; QUERIES];
        limits[..slots.len()].fill(f32::INFINITY);
        for other in 0..codes.len() as u32 {
            let (row, measure) = (codes.row(other), codes.measure(other));
            if measure.error.is_infinite() {
                continue;
            }
            let mut lower = [0.0; QUERIES];
            for start in (0..QUERIES).step_by(TILE) {
                let sums =
                    products.products(row, std::array::from_fn::<_, TILE, _>(|at| own_rows[start + at]));
                for at in 0..TILE {
                    let own = own[start + at];
                    let rounding = ROUNDING * (own.square + measure.square);
                    lower[start + at] = own.squared_distance(measure, sums[at]) - rounding;
                }
            }
            // Without a branch for each of them.
            let n_near = (0..QUERIES).map(|at| u32::from(lower[at] <= limits[at])).sum::<u32>();
            if n_near == 0 {
                continue;
            }
            for at in 0..slots.len() {
                if lower[at] <= limits[at] && slots[at] != other {
                    let upper = lower[at] + 2.0 * ROUNDING * (own[at].square + measure.square);
                    let near = &mut found[at];
                    near.candidates.push((lower[at], other));
                    let place = near.smallest.partition_point(|&smaller| smaller <= upper);
                    if place < k {
                        near.smallest.insert(place, upper);
                        near.smallest.truncate(k);
                    }
                    if near.smallest.len() == k {
                        // The k-th row is at most this far away, and others may be farther by the errors again.
                        let errors = 2.0 * (own[at].error + largest_error);
                        let farthest = near.smallest[k - 1].max(0.0).sqrt() + errors;
                        limits[at] = farthest * farthest * (1.0 + ROUNDING);
                    }
                }
            }
        }
        found
            .into_iter()
            .zip(limits)
            .map(|(near, limit)| {
                let within = near.candidates.into_iter().filter(|(distance, _)| *distance <= limit);
                within.map(|(_, other)| other).collect()
            })
            .collect()
    }
}
