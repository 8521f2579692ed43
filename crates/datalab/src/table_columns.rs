//! Tables as the data of an audit, and results as tables that can be written.

use cleanlab_table::{CellValue, ResultColumn, ResultTable, Table, TableError};

use crate::column_values::{ColumnValues, IssueTable};
use crate::data_columns::{Cell, DataColumns};

/// A table as the data of an audit; nothing is copied.
///
/// ```
/// use cleanlab_datalab::{Cell, DataColumns};
/// use cleanlab_table::{ReadOptions, Source, Table};
/// let table = Table::read(Source::from_bytes("id,name\n7,ann\n8,\n", "t.csv"), &ReadOptions::default())?;
/// assert_eq!(table.cell(0, 0), Cell::Integer(7));
/// assert_eq!(table.cell(0, 1), Cell::Text("ann".into()));
/// assert_eq!(table.cell(1, 1), Cell::Missing);
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
impl DataColumns for Table {
    fn n_rows(&self) -> usize {
        Table::n_rows(self)
    }

    fn column_names(&self) -> Vec<String> {
        self.columns().iter().map(|column| column.name().to_owned()).collect()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.columns().get(column).map_or(CellValue::Missing, |column| column.value(row)) {
            CellValue::Integer(value) => Cell::Integer(value),
            CellValue::Float(value) => Cell::Float(value),
            CellValue::Boolean(value) => Cell::Boolean(value),
            CellValue::Text(text) => Cell::Text(text.into()),
            _ => Cell::Missing,
        }
    }
}

impl IssueTable {
    /// The table in a form that is written to CSV, JSON or Parquet, or becomes an Arrow record batch
    /// ([`ResultTable::to_record_batch`]); nothing is lost.
    ///
    /// # Errors
    ///
    /// None that a table can cause: names are distinct and lengths equal.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_datalab::{ColumnValues, IssueTable};
    /// use cleanlab_table::{Content, write_to};
    ///
    /// let lists = ColumnValues::IntegerLists(vec![vec![1], vec![0], vec![]]);
    /// let table = IssueTable::new(3).with_column("near_duplicate_sets", lists)?;
    /// let mut csv = Vec::new();
    /// write_to(&mut csv, "issues.csv", &Content::Csv(&table.to_result_table()?))?;
    /// assert_eq!(String::from_utf8(csv)?, "near_duplicate_sets\n[1]\n[0]\n[]\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_result_table(&self) -> Result<ResultTable, TableError> {
        let mut table = ResultTable::default();
        for (name, values) in self.columns() {
            table.push(name, result_column(values))?;
        }
        Ok(table)
    }
}

fn result_column(values: &ColumnValues) -> ResultColumn {
    match values {
        ColumnValues::Booleans(values) => ResultColumn::booleans(values.iter().copied()),
        ColumnValues::Integers(values) => ResultColumn::integers(values.iter().copied()),
        ColumnValues::Floats(values) => ResultColumn::floats(values.iter().copied()),
        ColumnValues::Texts(texts) => ResultColumn::Text(texts.clone()),
        ColumnValues::Categories { codes, names } => {
            ResultColumn::Category { codes: codes.to_vec(), names: names.clone() }
        }
        ColumnValues::IntegerLists(lists) => ResultColumn::IntegerList(lists.clone()),
    }
}
