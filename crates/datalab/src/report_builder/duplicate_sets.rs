//! Sets of rows that are near duplicates of each other.

use std::collections::BTreeMap;

use petgraph::unionfind::UnionFind;

use super::{Builder, size_budget};
use crate::column_values::ColumnValues;
use crate::data_columns::DataColumns;
use crate::inputs::Matrix;
use crate::issue_manager::{IssueFindings, Scope};
use crate::report_model::{DuplicateSet, DuplicateSets, ReportRow};

/// Sets that are shown.
const MAX_SETS: usize = 50;
/// Rows of a set that are shown.
const MAX_SET_ROWS: usize = 8;
/// What the details with the duplicates of a row are called, after the kind of duplicate.
const SETS_SUFFIX: &str = "duplicate_sets";

/// The connected components of what the checks of duplicates say, the largest first.
pub(super) fn duplicate_sets(builder: &mut Builder<'_>) -> Option<DuplicateSets> {
    let lab = builder.lab;
    let found = lab.checks().iter().filter_map(|record| record.findings());
    let linking: Vec<(&IssueFindings, &Vec<Vec<u32>>)> = found
        .filter(|findings| findings.scope == Scope::Rows)
        .filter_map(|findings| Some((findings, lists_of(findings)?)))
        .collect();
    if linking.is_empty() {
        return None;
    }
    let sets = components(lab.n_rows(), linking.iter().map(|(_, lists)| *lists));
    let score = |row: usize| linking.iter().map(|(findings, _)| findings.scores[row]).fold(1.0, f64::min);
    let mut cell_share = builder.cell_budget.share();
    let mut image_share = builder.image_budget.share();
    let mut shown = Vec::new();
    for set in sets.iter().take(MAX_SETS) {
        let rows: Vec<(usize, Vec<_>)> =
            set.iter().take(MAX_SET_ROWS).map(|&row| (row, builder.cells.cells(row).collect())).collect();
        let bytes: usize = rows.iter().map(|(_, cells)| size_budget::cells_bytes(cells)).sum();
        if !cell_share.take(bytes) {
            break;
        }
        let rows = rows.into_iter().map(|(row, cells)| ReportRow {
            row: lab.row_number(row),
            is_issue: true,
            score: score(row),
            label: builder.cells.label(row),
            cells,
            image: builder.images.image(row, &mut image_share),
        });
        shown.push(DuplicateSet {
            rows: rows.collect(),
            n_total: set.len(),
            exact: all_equal(builder, set),
            conflicting_labels: labels_differ(builder, set),
        });
    }
    builder.cell_budget.give_back(cell_share);
    builder.image_budget.give_back(image_share);
    Some(DuplicateSets { columns: builder.cells.names().to_vec(), sets: shown, n_total: sets.len() })
}

fn lists_of(findings: &IssueFindings) -> Option<&Vec<Vec<u32>>> {
    findings.details.columns().iter().find_map(|(name, values)| match values {
        ColumnValues::IntegerLists(lists) if name.ends_with(SETS_SUFFIX) => Some(lists),
        _ => None,
    })
}

/// Rows that are linked directly or through others; sets of one row are none.
fn components<'a>(n_rows: usize, links: impl Iterator<Item = &'a Vec<Vec<u32>>>) -> Vec<Vec<usize>> {
    let mut sets = UnionFind::<usize>::new(n_rows);
    for lists in links {
        for (row, list) in lists.iter().enumerate().take(n_rows) {
            for &other in list.iter().filter(|&&other| (other as usize) < n_rows) {
                sets.union(row, other as usize);
            }
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for row in 0..n_rows {
        members.entry(sets.find(row)).or_default().push(row);
    }
    let mut sets: Vec<Vec<usize>> = members.into_values().filter(|set| set.len() > 1).collect();
    sets.sort_by_key(|set| (usize::MAX - set.len(), set[0]));
    sets
}

/// Whether all rows are the same, in their features or else in their columns other than the labels.
fn all_equal(builder: &Builder<'_>, set: &[usize]) -> bool {
    fn same<T: PartialEq>(features: &ndarray::ArrayView2<'_, T>, set: &[usize]) -> bool {
        set.iter().all(|&row| features.row(row) == features.row(set[0]))
    }
    let inputs = &builder.options.inputs;
    match (inputs.features, inputs.columns) {
        (Some(Matrix::F32(features)), _) => same(&features, set),
        (Some(Matrix::F64(features)), _) => same(&features, set),
        (None, Some(columns)) => {
            let label = builder.options.label_column.as_deref();
            let names = columns.column_names();
            let mut compared = (0..names.len()).filter(|&column| Some(names[column].as_str()) != label);
            let equal = |data: &dyn DataColumns, column| {
                set.iter().all(|&row| data.cell(row, column) == data.cell(set[0], column))
            };
            compared.all(|column| equal(columns, column))
        }
        (None, None) => false,
    }
}

fn labels_differ(builder: &Builder<'_>, set: &[usize]) -> bool {
    let targets = builder.lab.targets();
    let first = targets.label_text(set[0]);
    set.iter().any(|&row| targets.label_text(row) != first)
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn components_linked_through_others_are_one_set_largest_first() {
        let lists = vec![vec![3], vec![2], vec![], vec![4], vec![], vec![99]];
        assert_eq!(components(6, [&lists].into_iter()), [vec![0, 3, 4], vec![1, 2]]);
        assert!(components(2, [&vec![vec![], vec![]]].into_iter()).is_empty());
    }
}
