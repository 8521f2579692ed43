//! JSON: an array of records, one per line.

use std::io::{self, Write};

use serde_json::Value;

use crate::result_table::{ResultColumn, ResultTable};

pub(super) fn write(writer: &mut impl Write, table: &ResultTable) -> io::Result<()> {
    writer.write_all(START)?;
    write_rows(writer, table, b"\n", b",\n")?;
    writer.write_all(END)
}

/// What stands before the records of an array, and after them.
pub(crate) const START: &[u8] = b"[";
pub(crate) const END: &[u8] = b"\n]\n";

/// Writes a record per row, with `first` before the first of them and `between` before the others.
pub(crate) fn write_rows(
    writer: &mut impl Write,
    table: &ResultTable,
    first: &[u8],
    between: &[u8],
) -> io::Result<()> {
    let keys: Vec<String> =
        table.columns().iter().map(|(name, _)| Value::from(name.as_str()).to_string()).collect();
    for row in 0..table.n_rows() {
        writer.write_all(if row == 0 { first } else { between })?;
        writer.write_all(b"{")?;
        for (index, (key, (_, column))) in keys.iter().zip(table.columns()).enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(writer, "{comma}{key}:{}", cell(column, row))?;
        }
        writer.write_all(b"}")?;
    }
    Ok(())
}

/// NaN and the infinities become null.
fn cell(column: &ResultColumn, row: usize) -> Value {
    match column {
        ResultColumn::Integer(values) => Value::from(values[row]),
        ResultColumn::Float(values) => Value::from(values[row]),
        ResultColumn::Boolean(values) => Value::from(values[row]),
        ResultColumn::Text(values) => Value::from(values[row].as_deref()),
        ResultColumn::Category { codes, names } => {
            Value::from(names.get(codes[row] as usize).map(String::as_str))
        }
        ResultColumn::IntegerList(values) => Value::from(values[row].as_slice()),
    }
}
