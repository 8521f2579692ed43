//! Trees that divide rows into leaves of rows that tend to be near each other.
//!
//! A node is divided by which of two of its rows is nearer. Trees of other seeds cut elsewhere.

use rayon::prelude::*;

use crate::partition::next_seed;
use crate::row_codes::RowCodes;
use crate::short_products::{Products, WithProducts, with_products};

/// A division leaves at least this share on either side, or halves are made.
const LEAST_SHARE: usize = 8;

/// Rows that one task compares with the two.
const ROWS_PER_TASK: usize = 2048;

/// All slots of `codes`, leaf by leaf, and where the leaves end.
pub(crate) struct Leaves {
    pub(crate) slots: Vec<u32>,
    pub(crate) ends: Vec<usize>,
}

impl Leaves {
    /// A tree whose leaves have at most `most_rows` rows.
    pub(crate) fn of_tree(codes: &RowCodes, most_rows: usize, seed: u64) -> Self {
        let mut slots: Vec<u32> = (0..codes.len() as u32).collect();
        let mut ends = divide(codes, &mut slots, most_rows, seed);
        let mut end = 0;
        for len in &mut ends {
            end += *len;
            *len = end;
        }
        Self { slots, ends }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn leaf(&self, leaf: usize) -> &[u32] {
        let start = if leaf == 0 { 0 } else { self.ends[leaf - 1] };
        &self.slots[start..self.ends[leaf]]
    }
}

/// Brings the slots into the order of leaves, and gives their lengths.
fn divide(codes: &RowCodes, slots: &mut [u32], most_rows: usize, seed: u64) -> Vec<usize> {
    if slots.len() <= most_rows {
        return vec![slots.len()];
    }
    let n_left = split(codes, slots, seed);
    let (left, right) = slots.split_at_mut(n_left);
    let (mut lens, right) = rayon::join(
        || divide(codes, left, most_rows, next_seed(seed, 1)),
        || divide(codes, right, most_rows, next_seed(seed, 2)),
    );
    lens.extend(right);
    lens
}

/// Brings those nearer to the one row before those nearer to the other; gives how many they are.
fn split(codes: &RowCodes, slots: &mut [u32], seed: u64) -> usize {
    let draw = |step, n: usize| (next_seed(seed, step) % n as u64) as usize;
    let first = draw(3, slots.len());
    let second = (first + 1 + draw(4, slots.len() - 1)) % slots.len();
    let pivots = [slots[first], slots[second]];
    let mut sides = vec![0.0_f32; slots.len()];
    sides
        .par_chunks_mut(ROWS_PER_TASK)
        .zip(slots.par_chunks(ROWS_PER_TASK))
        .for_each(|(sides, slots)| with_products(Sides { codes, pivots, slots, nearer: sides }));
    let n_left = sides.iter().filter(|&&side| side < 0.0).count();
    let least = slots.len() / LEAST_SHARE;
    if n_left >= least.max(1) && slots.len() - n_left >= least.max(1) {
        let (left, right): (Vec<_>, Vec<_>) = slots.iter().zip(&sides).partition(|(_, side)| **side < 0.0);
        let order: Vec<u32> = left.into_iter().chain(right).map(|(&slot, _)| slot).collect();
        slots.copy_from_slice(&order);
        return n_left;
    }
    let mut order: Vec<(f32, u32)> = sides.into_iter().zip(slots.iter().copied()).collect();
    let half = order.len() / 2;
    order.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    order[..half].sort_unstable_by_key(|(_, slot)| *slot);
    order[half..].sort_unstable_by_key(|(_, slot)| *slot);
    slots.iter_mut().zip(order).for_each(|(slot, (_, from))| *slot = from);
    half
}

/// By how much rows are nearer to the one than to the other.
struct Sides<'s> {
    codes: &'s RowCodes,
    pivots: [u32; 2],
    slots: &'s [u32],
    nearer: &'s mut [f32],
}

impl WithProducts for Sides<'_> {
    type Output = ();

    #[inline(always)]
    fn run<P: Products>(self, products: P) {
        let Self { codes, pivots, slots, nearer } = self;
        let rows = pivots.map(|pivot| codes.row(pivot));
        let measures = pivots.map(|pivot| codes.measure(pivot));
        for (&slot, side) in slots.iter().zip(nearer) {
            let own = codes.measure(slot);
            let [first, second] = products.products(codes.row(slot), rows);
            *side = own.squared_distance(measures[0], first) - own.squared_distance(measures[1], second);
        }
    }
}
