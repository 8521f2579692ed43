//! Columns of a table that are named for a role, and whether they can have it.

use std::collections::HashMap;

use anyhow::{Result, bail};
use cleanlab_table::{Column, ColumnType, Table};

use crate::arguments::DataArguments;
use crate::printable::{grouped, list};

/// No data set has more splits.
const MOST_SPLITS: usize = 100;

/// Refuses columns that cannot name rows or tell splits apart; `rows` are those that are audited.
pub(super) fn check_roles(table: &Table, arguments: &DataArguments, rows: &[usize]) -> Result<()> {
    for (option, name) in [("--id", &arguments.id), ("--split", &arguments.split)] {
        if let (Some(name), Some(label)) = (name, &arguments.label)
            && name == label
        {
            bail!("{option} and --label both name column {}; give {option} another one", list(&[name]));
        }
    }
    if let Some(name) = &arguments.id {
        check_id(table.column(name)?, rows)?;
    }
    if let Some(name) = &arguments.split {
        check_split(table.column(name)?, rows)?;
    }
    Ok(())
}

/// Rows of the same name could not be told apart.
fn check_id(column: &Column, rows: &[usize]) -> Result<()> {
    const WAY_OUT: &str = "give --id a column that names every row, or leave it out: rows are then found by what is \
                           in them";
    let name = list(&[column.name()]);
    let mut first_rows: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    for &row in rows {
        let Some(value) = column.value_text(row).filter(|value| !value.trim().is_empty()) else {
            bail!("column {name} of --id has no value in row {row}; {WAY_OUT}");
        };
        if let Some(first) = first_rows.get(&value) {
            bail!("column {name} of --id has {} in both rows {first} and {row}; {WAY_OUT}", list(&[&value]));
        }
        first_rows.insert(value, row);
    }
    Ok(())
}

/// A column of measurements would make every row a split.
fn check_split(column: &Column, rows: &[usize]) -> Result<()> {
    const WAY_OUT: &str = "give --split a column that tells splits such as train and test apart";
    let name = list(&[column.name()]);
    if column.column_type() == ColumnType::Float {
        bail!("column {name} of --split holds numbers with fractions; {WAY_OUT}");
    }
    let mut values: Vec<String> = rows.iter().filter_map(|&row| column.value_text(row)).collect();
    values.sort_unstable();
    values.dedup();
    if values.len() > MOST_SPLITS {
        bail!(
            "column {name} of --split has {} different values, more than {MOST_SPLITS}; {WAY_OUT}",
            grouped(values.len())
        );
    }
    Ok(())
}
