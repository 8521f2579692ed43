//! The order of the values of every feature, found once for all trees.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

/// For every feature, the rank of each row's value among the distinct values of the feature, counted from 0.
///
/// Trees see features through these alone. They are whole numbers, which are quick to sort, and equal exactly where the
/// values are equal.
pub(super) struct RankedFeatures {
    columns: Vec<Vec<u32>>,
}

impl RankedFeatures {
    /// Ranks of some rows, in the order given.
    pub(super) fn new(features: ArrayView2<'_, f64>, rows: &[u32]) -> Self {
        let columns = (0..features.ncols())
            .into_par_iter()
            .map_init(Vec::new, |values, feature| {
                let column = features.index_axis(Axis(1), feature);
                values.clear();
                values.extend((0..).zip(rows).map(|(at, &row)| (ordered_bits(column[row as usize]), at)));
                ranks(values)
            })
            .collect();
        Self { columns }
    }

    pub(super) fn n_features(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn column(&self, feature: u32) -> &[u32] {
        &self.columns[feature as usize]
    }
}

/// Bits that are ordered as the finite numbers are; those of 0 and −0 are equal.
fn ordered_bits(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn ranks(values: &mut [(u64, u32)]) -> Vec<u32> {
    values.sort_unstable();
    let mut ranks = vec![0; values.len()];
    let mut rank = 0;
    for (at, &(value, row)) in values.iter().enumerate() {
        if at > 0 && values[at - 1].0 != value {
            rank += 1;
        }
        ranks[row as usize] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn new_equal_values_have_equal_ranks_at_any_magnitude() {
        let tiny = f64::from_bits(1);
        let features =
            array![[0.0, 5.0], [-0.0, 5.0], [tiny, 5.0], [-1e300, 5.0], [f64::MAX, 5.0], [-tiny, 5.0]];
        let ranked = RankedFeatures::new(features.view(), &[0, 1, 2, 3, 4, 5]);
        assert_eq!(ranked.column(0), [2, 2, 3, 0, 4, 1]);
        assert_eq!(ranked.column(1), [0; 6]);
        assert_eq!(RankedFeatures::new(features.view(), &[4, 0, 1]).column(0), [1, 0, 0]);
    }
}
