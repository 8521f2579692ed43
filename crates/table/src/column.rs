//! One column of a table, in one of the few types that matter here.

use std::fmt;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, UInt64Array};
use arrow_schema::{ArrowError, DataType};

/// What the values of a column are.
///
/// ```
/// use cleanlab_table::{ColumnType, ReadOptions, Source, Table};
/// let table = Table::read(Source::from_bytes("a,b\n1,x\n2,\n", "t.csv"), &ReadOptions::default())?;
/// assert_eq!(table.column("a")?.column_type(), ColumnType::Integer);
/// assert_eq!(table.column("b")?.column_type(), ColumnType::Text);
/// assert_eq!(table.column("b")?.n_missing(), 1);
/// assert_eq!(table.column("a")?.value_text(1).as_deref(), Some("2"));
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// Whole numbers that fit 64 bits with a sign.
    Integer,
    /// Other numbers; NaN counts as missing.
    Float,
    /// True and false.
    Boolean,
    /// Text; also dates and times of binary files, in ISO 8601 (those with a time zone in UTC).
    Text,
    /// Anything else (lists, structures, bytes): known by name only.
    Unsupported,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Unsupported => "unsupported",
        })
    }
}

/// One value of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum CellValue<'a> {
    /// There is none, or it is of an unsupported type.
    Missing,
    /// A whole number.
    Integer(i64),
    /// Another number, never NaN.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// Text.
    Text(&'a str),
}

/// A named column of a [`Table`](crate::Table).
#[derive(Debug, Clone)]
pub struct Column {
    name: String,
    values: Values,
}

/// The values of a column. Missing values are nulls; a float that is NaN is a null too.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    Integer(Int64Array),
    Float(Float64Array),
    Boolean(BooleanArray),
    Text(LargeStringArray),
    Unsupported { data_type: String, len: usize },
}

impl Column {
    pub(crate) fn new(name: String, values: Values) -> Self {
        Self { name, values }
    }

    /// The name in the header.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the values are.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        match &self.values {
            Values::Integer(_) => ColumnType::Integer,
            Values::Float(_) => ColumnType::Float,
            Values::Boolean(_) => ColumnType::Boolean,
            Values::Text(_) => ColumnType::Text,
            Values::Unsupported { .. } => ColumnType::Unsupported,
        }
    }

    /// Number of rows without a value.
    #[must_use]
    pub fn n_missing(&self) -> usize {
        self.array().map_or(0, Array::null_count)
    }

    /// Whether a row has no value, or does not exist.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        row >= self.len() || self.array().is_some_and(|array| array.is_null(row))
    }

    /// The value of a row: [`CellValue::Missing`] also where the row does not exist or the type is unsupported.
    ///
    /// ```
    /// use cleanlab_table::{CellValue, ReadOptions, Source, Table};
    /// let table = Table::read(Source::from_bytes("a,b\n1,x\n2,\n", "t.csv"), &ReadOptions::default())?;
    /// assert_eq!(table.column("a")?.value(1), CellValue::Integer(2));
    /// assert_eq!(table.column("b")?.value(0), CellValue::Text("x"));
    /// assert_eq!(table.column("b")?.value(1), CellValue::Missing);
    /// # Ok::<(), cleanlab_table::TableError>(())
    /// ```
    #[must_use]
    pub fn value(&self, row: usize) -> CellValue<'_> {
        if self.is_missing(row) {
            return CellValue::Missing;
        }
        match &self.values {
            Values::Integer(array) => CellValue::Integer(array.value(row)),
            Values::Float(array) => CellValue::Float(array.value(row)),
            Values::Boolean(array) => CellValue::Boolean(array.value(row)),
            Values::Text(array) => CellValue::Text(array.value(row)),
            Values::Unsupported { .. } => CellValue::Missing,
        }
    }

    /// The value of a row as text: `None` where it is missing, does not exist or is of an unsupported type.
    ///
    /// Numbers are written so that they read back as the same number.
    #[must_use]
    pub fn value_text(&self, row: usize) -> Option<String> {
        if self.is_missing(row) {
            return None;
        }
        match &self.values {
            Values::Integer(array) => Some(array.value(row).to_string()),
            Values::Float(array) => Some(format!("{:?}", array.value(row))),
            Values::Boolean(array) => Some(array.value(row).to_string()),
            Values::Text(array) => Some(array.value(row).to_owned()),
            Values::Unsupported { .. } => None,
        }
    }

    /// The values as an Arrow array: `Int64`, `Float64`, `Boolean` or `LargeUtf8`; `None` where the type is unsupported.
    #[must_use]
    pub fn to_arrow(&self) -> Option<ArrayRef> {
        match &self.values {
            Values::Integer(array) => Some(Arc::new(array.clone())),
            Values::Float(array) => Some(Arc::new(array.clone())),
            Values::Boolean(array) => Some(Arc::new(array.clone())),
            Values::Text(array) => Some(Arc::new(array.clone())),
            Values::Unsupported { .. } => None,
        }
    }

    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    pub(crate) fn len(&self) -> usize {
        match &self.values {
            Values::Unsupported { len, .. } => *len,
            _ => self.array().map_or(0, Array::len),
        }
    }

    fn array(&self) -> Option<&dyn Array> {
        match &self.values {
            Values::Integer(array) => Some(array),
            Values::Float(array) => Some(array),
            Values::Boolean(array) => Some(array),
            Values::Text(array) => Some(array),
            Values::Unsupported { .. } => None,
        }
    }

    /// The rows at these positions, each of which must exist.
    pub(crate) fn take(&self, rows: &UInt64Array) -> Result<Self, ArrowError> {
        let values = match self.array() {
            Some(array) => Values::of_normal(arrow_select::take::take(array, rows, None)?.as_ref()),
            None => match &self.values {
                Values::Unsupported { data_type, .. } => {
                    Values::Unsupported { data_type: data_type.clone(), len: rows.len() }
                }
                other => other.clone(),
            },
        };
        Ok(Self { name: self.name.clone(), values })
    }
}

impl Values {
    /// The values of chunks that [`normalised`] made, one after the other.
    pub(crate) fn concatenated(chunks: &[ArrayRef]) -> Result<Self, ArrowError> {
        // Types can differ where unsigned numbers fit 64 signed bits in some chunks only.
        let is_float = |chunk: &ArrayRef| chunk.data_type() == &DataType::Float64;
        let is_integer = |chunk: &ArrayRef| chunk.data_type() == &DataType::Int64;
        if chunks.iter().any(is_float) && chunks.iter().any(is_integer) {
            let floats = chunks.iter().map(|chunk| arrow_cast::cast(chunk, &DataType::Float64));
            return Self::concatenated(&floats.collect::<Result<Vec<_>, _>>()?);
        }
        if chunks.is_empty() {
            return Ok(Self::Float(Float64Array::new_null(0)));
        }
        let references: Vec<&dyn Array> = chunks.iter().map(AsRef::as_ref).collect();
        Ok(Self::of_normal(arrow_select::concat::concat(&references)?.as_ref()))
    }

    fn of_normal(array: &dyn Array) -> Self {
        match array.data_type() {
            DataType::Int64 => Self::Integer(array.as_primitive::<Int64Type>().clone()),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>().clone()),
            DataType::Boolean => Self::Boolean(array.as_boolean().clone()),
            DataType::LargeUtf8 => Self::Text(array.as_string::<i64>().clone()),
            other => Self::Unsupported { data_type: other.to_string(), len: array.len() },
        }
    }
}

/// Whether a column of this Arrow type is read; any other is known by name only.
pub(crate) fn is_supported(data_type: &DataType) -> bool {
    use DataType as T;
    match data_type {
        T::Dictionary(_, values) => !matches!(**values, T::Dictionary(..)) && is_supported(values),
        T::Null
        | T::Boolean
        | T::Utf8
        | T::LargeUtf8
        | T::Utf8View
        | T::Date32
        | T::Date64
        | T::Time32(_)
        | T::Time64(_)
        | T::Timestamp(..) => true,
        other => other.is_numeric(),
    }
}

const UTC: &str = "+00:00";

/// An Arrow array of a supported type as `Int64`, `Float64`, `Boolean` or `LargeUtf8`.
pub(crate) fn normalised(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    use DataType as T;
    let target = match array.data_type() {
        T::Dictionary(_, values) => return normalised(&arrow_cast::cast(array, values)?),
        // Instants are stored as UTC; the zone is only how they are shown, and its rules are not at hand here.
        T::Timestamp(unit, Some(zone)) if zone.as_ref() != UTC => {
            let instants = arrow_cast::cast(array, &T::Int64)?;
            return normalised(&arrow_cast::cast(&instants, &T::Timestamp(*unit, Some(UTC.into())))?);
        }
        T::Null => return Ok(all_missing(array.len())),
        T::Boolean => T::Boolean,
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 => T::Int64,
        T::UInt64 => {
            let fits = |value: u64| i64::try_from(value).is_ok();
            if array.as_primitive::<UInt64Type>().iter().flatten().all(fits) { T::Int64 } else { T::Float64 }
        }
        other if other.is_numeric() => T::Float64,
        _ => T::LargeUtf8,
    };
    let values = arrow_cast::cast(array, &target)?;
    if target != T::Float64 {
        return Ok(values);
    }
    let floats = values.as_primitive::<Float64Type>();
    if floats.values().iter().any(|value| value.is_nan()) {
        let missing_as_null = floats.iter().map(|value| value.filter(|value| !value.is_nan()));
        return Ok(Arc::new(missing_as_null.collect::<Float64Array>()));
    }
    Ok(values)
}

fn all_missing(len: usize) -> ArrayRef {
    Arc::new(Float64Array::new_null(len))
}
