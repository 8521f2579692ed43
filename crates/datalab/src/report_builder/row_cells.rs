//! The data of a row, and the details of a check, as cells of a table.

use super::options::ReportOptions;
use super::text::{MAX_CELL, MAX_NAME, shortened};
use crate::column_values::ColumnValues;
use crate::data_columns::{Cell, DataColumns};
use crate::report_model::ReportCell;
use crate::targets::Targets;

/// The columns of the data that a report shows, and the labels.
pub(super) struct RowCells<'a> {
    targets: &'a Targets,
    data: Option<&'a dyn DataColumns>,
    names: Vec<String>,
    /// For each name its column of the data.
    columns: Vec<usize>,
}

impl<'a> RowCells<'a> {
    pub(super) fn new(targets: &'a Targets, options: &ReportOptions<'a>, warnings: &mut Vec<String>) -> Self {
        let data = options.inputs.columns;
        let all = data.map(DataColumns::column_names).unwrap_or_default();
        let label = options.label_column.as_deref();
        let label_position = label.and_then(|label| all.iter().position(|name| name == label));
        // The labels are shown even where they come late.
        let mut columns: Vec<usize> = label_position.into_iter().collect();
        let others = (0..all.len()).filter(|&column| Some(column) != label_position);
        columns.extend(others.take(options.max_columns.saturating_sub(columns.len())));
        columns.sort_unstable();
        if columns.len() < all.len() {
            warnings.push(format!("of {} columns {} are shown", all.len(), columns.len()));
        }
        let names = columns.iter().map(|&column| shortened(&all[column], MAX_NAME)).collect();
        Self { targets, data, names, columns }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn label(&self, row: usize) -> Option<String> {
        self.targets.label_text(row).map(|text| shortened(&text, MAX_NAME))
    }

    pub(super) fn cells(&self, row: usize) -> impl Iterator<Item = ReportCell> + '_ {
        let cell = move |&column: &usize| self.data.map(|data| report_cell(data.cell(row, column)));
        self.columns.iter().filter_map(cell)
    }
}

fn report_cell(cell: Cell<'_>) -> ReportCell {
    match cell {
        Cell::Missing => ReportCell::Missing,
        Cell::Boolean(value) => ReportCell::Boolean(value),
        Cell::Integer(value) => ReportCell::Integer(value),
        Cell::Float(value) => float_cell(value),
        Cell::Text(text) => ReportCell::Text(shortened(&text, MAX_CELL)),
    }
}

/// JSON has neither NaN nor infinities.
fn float_cell(value: f64) -> ReportCell {
    if value.is_finite() {
        ReportCell::Float(value)
    } else if value.is_nan() {
        ReportCell::Missing
    } else {
        ReportCell::Text(value.to_string())
    }
}

/// A detail of a check. Lists are of rows, which are numbered as in the file.
pub(super) fn detail_cell(
    values: &ColumnValues,
    entry: usize,
    row_number: impl Fn(usize) -> usize,
) -> ReportCell {
    match values {
        ColumnValues::Booleans(values) => {
            values.get(entry).map_or(ReportCell::Missing, |&v| ReportCell::Boolean(v))
        }
        ColumnValues::Integers(values) => {
            values.get(entry).map_or(ReportCell::Missing, |&v| ReportCell::Integer(v))
        }
        ColumnValues::Floats(values) => values.get(entry).map_or(ReportCell::Missing, |&v| float_cell(v)),
        ColumnValues::IntegerLists(lists) => {
            let list = lists.get(entry).map_or(&[][..], Vec::as_slice);
            if list.is_empty() {
                return ReportCell::Missing;
            }
            // No more than fit, of lists of any length.
            let texts: Vec<String> =
                list.iter().take(MAX_CELL).map(|&row| row_number(row as usize).to_string()).collect();
            ReportCell::Text(shortened(&texts.join(", "), MAX_CELL))
        }
        values => match values.text_at(entry) {
            Some(text) => ReportCell::Text(shortened(&text, MAX_CELL)),
            None => ReportCell::Missing,
        },
    }
}
