//! A table as the data of an audit.

use cleanlab_table::{Table, Value};

use crate::data_columns::{Cell, DataColumns};

impl DataColumns for Table {
    fn n_rows(&self) -> usize {
        self.n_rows()
    }

    fn column_names(&self) -> Vec<String> {
        self.column_names().into_iter().map(str::to_owned).collect()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.columns().get(column).map(|column| column.value(row)) {
            Some(Value::Boolean(value)) => Cell::Boolean(value),
            Some(Value::Integer(value)) => Cell::Integer(value),
            Some(Value::Float(value)) => Cell::Float(value),
            Some(Value::Text(value)) => Cell::Text(value.into()),
            _ => Cell::Missing,
        }
    }
}
