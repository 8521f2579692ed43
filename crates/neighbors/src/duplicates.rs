//! Rows that are equal in every feature.

use std::cmp::Ordering;

use cleanlab_core::Float;
use ndarray::{CowArray, Ix2};
use rayon::prelude::*;

use crate::errors::NeighborsError;
use crate::features::{Rows, check_features};

/// The sets of rows that are equal in every feature: two or more rows each, in ascending order, the sets in the order
/// of their first rows.
///
/// 0 and −0 are equal.
///
/// # Errors
///
/// [`NeighborsError::EmptyFeatures`], [`NeighborsError::NonFiniteFeature`] or [`NeighborsError::HugeFeature`].
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::find_exact_duplicates;
/// use ndarray::array;
/// let features = array![[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [5.0, 6.0], [3.0, 4.0]];
/// assert_eq!(find_exact_duplicates(features.view())?, [vec![0, 2], vec![1, 4]]);
/// # Ok::<(), cleanlab_neighbors::NeighborsError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.neighbor.knn_graph._compute_exact_duplicate_sets`.
pub fn find_exact_duplicates<'a, F: Float>(
    features: impl Into<CowArray<'a, F, Ix2>>,
) -> Result<Vec<Vec<usize>>, NeighborsError> {
    let features = check_features(features.into())?;
    let groups = Groups::new(Rows::new(&features));
    let sets = (0..groups.len()).map(|group| groups.members(group)).filter(|members| members.len() > 1);
    Ok(sets.map(|members| members.iter().map(|&row| row as usize).collect()).collect())
}

/// Rows divided into groups of equal ones, numbered in the order of their first rows.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    group_of_row: Vec<u32>,
    /// Rows by group, ascending within each.
    rows: Vec<u32>,
    /// Where each group starts in `rows`, and where the last one ends.
    starts: Vec<usize>,
}

impl Groups {
    pub(crate) fn new<F: Float>(rows: Rows<'_, F>) -> Self {
        let n_rows = rows.len();
        let mut hashed: Vec<(u64, u32)> =
            (0..n_rows as u32).into_par_iter().map(|row| (hash(rows.row(row as usize)), row)).collect();
        hashed.par_sort_unstable();
        // The first row of the group that each row is in.
        let mut first_of_row = vec![0_u32; n_rows];
        for same_hash in hashed.chunk_by_mut(|a, b| a.0 == b.0) {
            let first = same_hash[0].1;
            if same_hash[1..].iter().all(|&(_, row)| rows.row(row as usize) == rows.row(first as usize)) {
                for &mut (_, row) in same_hash {
                    first_of_row[row as usize] = first;
                }
                continue;
            }
            // Rare, unless somebody chose rows whose hashes are equal: in order they take no longer than others.
            same_hash.sort_unstable_by(|a, b| {
                in_order(rows.row(a.1 as usize), rows.row(b.1 as usize)).then(a.1.cmp(&b.1))
            });
            for equal in same_hash.chunk_by(|a, b| rows.row(a.1 as usize) == rows.row(b.1 as usize)) {
                for &(_, row) in equal {
                    first_of_row[row as usize] = equal[0].1;
                }
            }
        }
        Self::from_first_rows(&first_of_row)
    }

    fn from_first_rows(first_of_row: &[u32]) -> Self {
        let mut group_of_row = vec![0; first_of_row.len()];
        let mut starts = vec![0];
        for (row, &first) in first_of_row.iter().enumerate() {
            if first as usize == row {
                group_of_row[row] = starts.len() as u32 - 1;
                starts.push(0);
            } else {
                group_of_row[row] = group_of_row[first as usize];
            }
            starts[group_of_row[row] as usize + 1] += 1;
        }
        for group in 1..starts.len() {
            starts[group] += starts[group - 1];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; first_of_row.len()];
        for (row, &group) in group_of_row.iter().enumerate() {
            rows[next[group as usize]] = row as u32;
            next[group as usize] += 1;
        }
        Self { group_of_row, rows, starts }
    }

    /// Number of groups.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn group_of(&self, row: usize) -> usize {
        self.group_of_row[row] as usize
    }

    /// The rows of a group, ascending.
    pub(crate) fn members(&self, group: usize) -> &[u32] {
        &self.rows[self.starts[group]..self.starts[group + 1]]
    }

    /// The first row of a group.
    pub(crate) fn first(&self, group: usize) -> usize {
        self.rows[self.starts[group]] as usize
    }

    /// Whether no two rows are equal.
    pub(crate) fn all_distinct(&self) -> bool {
        self.len() == self.n_rows()
    }
}

/// By the first value that differs; all are finite.
fn in_order<F: Float>(a: &[F], b: &[F]) -> Ordering {
    a.partial_cmp(b).unwrap_or(Ordering::Equal)
}

/// Equal rows have equal hashes; which others do has no influence on any result.
fn hash<F: Float>(row: &[F]) -> u64 {
    // The multiplier of Knuth's MMIX, and a finish so that low bits depend on all.
    let mixed = row.iter().fold(row.len() as u64, |hash, value| {
        // Adding 0 makes −0 equal to 0.
        (hash.rotate_left(23) ^ (value.to_f64() + 0.0).to_bits()).wrapping_mul(0x5851_F42D_4C95_7F2D)
    });
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn find_exact_duplicates_zero_of_either_sign_is_equal() {
        let features = array![[0.0_f32], [1.0], [-0.0]];
        assert_eq!(find_exact_duplicates(features.view()).unwrap(), [[0, 2]]);
    }

    #[test]
    fn groups_of_rows_with_equal_hashes_are_those_of_their_values() {
        // Any first value, and the second one that leads to the same hash; every row three times.
        let mixed =
            |first: f64| (2_u64.rotate_left(23) ^ first.to_bits()).wrapping_mul(0x5851_F42D_4C95_7F2D);
        let target = mixed(1.0).rotate_left(23) ^ 2.0_f64.to_bits();
        let row = |at: usize| {
            let first = 1.0 + (at % 500) as f64 / 512.0;
            [first, f64::from_bits(mixed(first).rotate_left(23) ^ target)]
        };
        let rows: Vec<[f64; 2]> = (0..1500).map(row).collect();
        let finite: Vec<[f64; 2]> = rows.into_iter().filter(|row| row[1].is_finite()).collect();
        assert!(finite.iter().all(|row| hash(row) == hash(&finite[0])));
        let n_distinct = finite.len() / 3;
        assert!(n_distinct > 400);
        let expected: Vec<Vec<usize>> =
            (0..n_distinct).map(|first| (0..3).map(|time| first + time * n_distinct).collect()).collect();
        let features: Array2<f64> = finite.into();
        // Not through the function, as some are beyond what distances can be measured of.
        let groups = Groups::new(Rows::new(&features.view().into()));
        let members = |group| groups.members(group).iter().map(|&row| row as usize).collect();
        assert_eq!((0..groups.len()).map(members).collect::<Vec<Vec<usize>>>(), expected);
    }

    #[test]
    fn groups_of_random_rows_are_those_of_their_values() {
        let values: Array2<f64> = Array2::from_shape_fn((500, 2), |(i, j)| ((i * i * 7 + j * 13) % 9) as f64);
        let groups = Groups::new(Rows::new(&values.view().into()));
        let distinct: std::collections::BTreeSet<String> =
            values.rows().into_iter().map(|row| row.to_string()).collect();
        assert_eq!(groups.len(), distinct.len());
        for group in 0..groups.len() {
            let members = groups.members(group);
            assert!(members.is_sorted());
            assert!(members.iter().all(|&row| values.row(row as usize) == values.row(groups.first(group))));
            assert!(members.iter().all(|&row| groups.group_of(row as usize) == group));
        }
        assert!((1..groups.len()).all(|group| groups.first(group - 1) < groups.first(group)));
    }
}
