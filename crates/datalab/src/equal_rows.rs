//! Rows that are equal in every value.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::check_context::CheckContext;
use crate::checked_columns::is_missing;
use crate::data_columns::{Cell, DataColumns};
use crate::inputs::Matrix;

/// Rows that one task looks at at least.
const TASK_ROWS: usize = 1024;

/// The sets of two or more rows that are equal: in all features, or without features in all columns but those of the
/// label and of the split. Rows ascend, sets in their first rows. `None` if there are neither.
///
/// Missing values equal each other, but a row of nothing else equals none.
pub(crate) fn equal_rows(context: &CheckContext<'_>) -> Option<Vec<Vec<usize>>> {
    let n_rows = context.n_rows();
    if let Some(features) = context.features() {
        return Some(match features {
            Matrix::F32(view) => {
                equal_rows_of(view.view(), |value| u64::from((value + 0.0).to_bits()), f32::is_nan)
            }
            Matrix::F64(view) => equal_rows_of(view.view(), |value| (value + 0.0).to_bits(), f64::is_nan),
        });
    }
    let columns = context.columns()?;
    let compared = compared_columns(context, columns);
    (!compared.is_empty()).then(|| {
        let cell = |row: usize, column: usize| columns.cell(row, column);
        let hash = |row: usize| {
            let mut hasher = DefaultHasher::new();
            let mut any = false;
            for &column in &compared {
                any |= hash_cell(&cell(row, column), &mut hasher);
            }
            any.then(|| hasher.finish())
        };
        let equal =
            |a: usize, b: usize| compared.iter().all(|&column| same_cell(&cell(a, column), &cell(b, column)));
        sets(n_rows, hash, equal)
    })
}

/// Whether [`equal_rows`] has something to compare.
pub(crate) fn can_compare_rows(context: &CheckContext<'_>) -> bool {
    context.features().is_some()
        || context.columns().is_some_and(|columns| !compared_columns(context, columns).is_empty())
}

/// The columns that tell rows apart: all but those of the label and of the split.
fn compared_columns(context: &CheckContext<'_>, columns: &dyn DataColumns) -> Vec<usize> {
    let inputs = context.inputs();
    let left_out = [inputs.label_column, inputs.split_column];
    let names = columns.column_names();
    (0..names.len()).filter(|&column| !left_out.contains(&Some(names[column].as_str()))).collect()
}

fn equal_rows_of<F: Copy + Sync>(
    features: ArrayView2<'_, F>,
    bits: impl Fn(F) -> u64 + Sync,
    is_missing: impl Fn(F) -> bool + Sync,
) -> Vec<Vec<usize>> {
    let values = |row: usize| {
        // There are many ways to write NaN, and one is enough here.
        let (bits, is_missing) = (&bits, &is_missing);
        features
            .row(row)
            .into_iter()
            .map(move |&value| if is_missing(value) { u64::MAX } else { bits(value) })
    };
    let hash = |row: usize| {
        let mut hasher = DefaultHasher::new();
        let mut any = false;
        for bits in values(row) {
            any |= bits != u64::MAX;
            bits.hash(&mut hasher);
        }
        any.then(|| hasher.finish())
    };
    sets(features.nrows(), hash, |a, b| values(a).eq(values(b)))
}

/// Sets of equal rows; rows without a hash are in none.
fn sets(
    n_rows: usize,
    hash: impl Fn(usize) -> Option<u64> + Sync,
    equal: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let hashes: Vec<Option<u64>> = (0..n_rows).into_par_iter().with_min_len(TASK_ROWS).map(&hash).collect();
    // Rows with equal hashes are compared, so that hashes have no influence on the result.
    let mut sets: Vec<Vec<usize>> = Vec::new();
    let mut sets_of_hash: HashMap<u64, Vec<usize>> = HashMap::with_capacity(n_rows);
    for (row, hash) in hashes.into_iter().enumerate() {
        let Some(hash) = hash else { continue };
        let candidates = sets_of_hash.entry(hash).or_default();
        if let Some(&set) = candidates.iter().find(|&&set| equal(sets[set][0], row)) {
            sets[set].push(row);
        } else {
            candidates.push(sets.len());
            sets.push(vec![row]);
        }
    }
    sets.retain(|set| set.len() > 1);
    sets
}

/// Whether there is a value.
fn hash_cell(cell: &Cell<'_>, hasher: &mut impl Hasher) -> bool {
    match cell {
        Cell::Missing => 0_u8.hash(hasher),
        Cell::Boolean(value) => (1_u8, value).hash(hasher),
        Cell::Integer(value) => (2_u8, value).hash(hasher),
        Cell::Float(value) if value.is_nan() => 0_u8.hash(hasher),
        Cell::Float(value) => (3_u8, (value + 0.0).to_bits()).hash(hasher),
        Cell::Text(value) => (4_u8, value).hash(hasher),
    }
    !is_missing(cell)
}

fn same_cell(a: &Cell<'_>, b: &Cell<'_>) -> bool {
    a == b || is_missing(a) && is_missing(b)
}
