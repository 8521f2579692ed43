//! CSV.

use std::io::Write;

use csv::ByteRecord;

use crate::errors::TableError;
use crate::escape::guard_formula;
use crate::result_table::{ResultColumn, ResultTable};

pub(super) fn write(writer: &mut impl Write, name: &str, table: &ResultTable) -> Result<(), TableError> {
    let mut csv = csv::Writer::from_writer(writer);
    write_rows(&mut csv, name, table, true)?;
    csv.flush().map_err(TableError::io(name, "write"))
}

/// Writes the rows of a table, after its header if that is wanted.
pub(crate) fn write_rows(
    csv: &mut csv::Writer<impl Write>,
    name: &str,
    table: &ResultTable,
    with_header: bool,
) -> Result<(), TableError> {
    let failed = |error: csv::Error| TableError::io(name, "write")(error.into());
    let mut record = ByteRecord::new();
    if with_header {
        for (column, _) in table.columns() {
            record.push_field(guard_formula(column).as_bytes());
        }
        csv.write_byte_record(&record).map_err(failed)?;
    }
    for row in 0..table.n_rows() {
        record.clear();
        for (_, column) in table.columns() {
            push_cell(&mut record, column, row);
        }
        csv.write_byte_record(&record).map_err(failed)?;
    }
    Ok(())
}

fn push_cell(record: &mut ByteRecord, column: &ResultColumn, row: usize) {
    match column {
        ResultColumn::Integer(values) => push_number(record, values[row].map(|value| value.to_string())),
        ResultColumn::Float(values) => {
            let value = values[row].filter(|value| !value.is_nan());
            push_number(record, value.map(|value| format!("{value:?}")));
        }
        ResultColumn::Boolean(values) => push_number(record, values[row].map(|value| value.to_string())),
        ResultColumn::Text(values) => {
            let text = values[row].as_deref().unwrap_or_default();
            record.push_field(guard_formula(text).as_bytes());
        }
        ResultColumn::Category { codes, names } => {
            let name = names.get(codes[row] as usize).map_or("", String::as_str);
            record.push_field(guard_formula(name).as_bytes());
        }
        // As JSON and Python write lists.
        ResultColumn::IntegerList(values) => record.push_field(format!("{:?}", values[row]).as_bytes()),
    }
}

fn push_number(record: &mut ByteRecord, value: Option<String>) {
    record.push_field(value.unwrap_or_default().as_bytes());
}
