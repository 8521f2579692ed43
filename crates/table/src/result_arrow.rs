//! Results as Arrow record batches.

#![allow(
    clippy::indexing_slicing,
    reason = "what is written are tables of our own, whose columns are of one length"
)]

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, ListArray, RecordBatch,
    RecordBatchOptions, StringArray, UInt32Array,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use crate::errors::TableError;
use crate::result_table::{ResultColumn, ResultTable};

impl ResultTable {
    /// The table as an Arrow record batch, with nothing lost: `Int64`, `Float64`, `Boolean`, `Utf8`, categories as a
    /// dictionary of `Utf8` with `UInt32` keys, and lists as `List` of `UInt32`.
    ///
    /// # Errors
    ///
    /// [`TableError::CannotEncode`] for a category without a name, or more than 2³¹ bytes of text or entries of lists.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_table::{ResultColumn, ResultTable};
    ///
    /// let mut table = ResultTable::default();
    /// table.push("score", ResultColumn::floats([0.25, 1.0]))?;
    /// table.push("near_duplicates", ResultColumn::IntegerList(vec![vec![1], vec![]]))?;
    /// let batch = table.to_record_batch()?;
    /// assert_eq!((batch.num_rows(), batch.num_columns()), (2, 2));
    /// # Ok::<(), cleanlab_table::TableError>(())
    /// ```
    pub fn to_record_batch(&self) -> Result<RecordBatch, TableError> {
        self.rows_to_record_batch(&self.arrow_schema(), 0..self.n_rows()).map_err(|error| {
            TableError::CannotEncode { file: "results".into(), format: "Arrow", reason: error.to_string() }
        })
    }

    pub(crate) fn arrow_schema(&self) -> SchemaRef {
        let fields = self.columns().iter().map(|(name, column)| Field::new(name, data_type(column), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    pub(crate) fn rows_to_record_batch(
        &self,
        schema: &SchemaRef,
        rows: Range<usize>,
    ) -> Result<RecordBatch, ArrowError> {
        let arrays = self.columns().iter().map(|(_, column)| array(column, rows.clone()));
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        RecordBatch::try_new_with_options(Arc::clone(schema), arrays.collect::<Result<_, _>>()?, &options)
    }
}

fn list_field() -> Field {
    Field::new("item", DataType::UInt32, false)
}

fn data_type(column: &ResultColumn) -> DataType {
    match column {
        ResultColumn::Integer(_) => DataType::Int64,
        ResultColumn::Float(_) => DataType::Float64,
        ResultColumn::Boolean(_) => DataType::Boolean,
        ResultColumn::Text(_) => DataType::Utf8,
        ResultColumn::Category { .. } => DataType::Dictionary(DataType::UInt32.into(), DataType::Utf8.into()),
        ResultColumn::IntegerList(_) => DataType::List(list_field().into()),
    }
}

fn array(column: &ResultColumn, rows: Range<usize>) -> Result<ArrayRef, ArrowError> {
    Ok(match column {
        ResultColumn::Integer(values) => Arc::new(values[rows].iter().copied().collect::<Int64Array>()),
        ResultColumn::Float(values) => Arc::new(values[rows].iter().copied().collect::<Float64Array>()),
        ResultColumn::Boolean(values) => Arc::new(values[rows].iter().copied().collect::<BooleanArray>()),
        ResultColumn::Text(values) => {
            Arc::new(values[rows].iter().map(Option::as_deref).collect::<StringArray>())
        }
        ResultColumn::Category { codes, names } => {
            let codes = UInt32Array::from_iter_values(codes[rows].iter().copied());
            let names = StringArray::from_iter_values(names);
            Arc::new(DictionaryArray::<UInt32Type>::try_new(codes, Arc::new(names))?)
        }
        ResultColumn::IntegerList(lists) => {
            let lists = &lists[rows];
            let n_values: usize = lists.iter().map(Vec::len).sum();
            if i32::try_from(n_values).is_err() {
                return Err(ArrowError::OffsetOverflowError(n_values));
            }
            let ends = OffsetBuffer::from_lengths(lists.iter().map(Vec::len));
            let values = UInt32Array::from_iter_values(lists.iter().flatten().copied());
            Arc::new(ListArray::try_new(list_field().into(), ends, Arc::new(values), None)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::UInt32Type;

    use super::{ResultColumn, ResultTable};
    use crate::TableError;
    use crate::writers::{Content, write_to};

    fn table() -> ResultTable {
        let mut table = ResultTable::default();
        let names = vec!["cat".to_owned(), "=dog".to_owned()];
        table.push("kind", ResultColumn::Category { codes: vec![1, 0, 1], names }).unwrap();
        table.push("near", ResultColumn::IntegerList(vec![vec![2, 7], vec![], vec![0]])).unwrap();
        table
    }

    #[test]
    fn to_record_batch_categories_and_lists_keep_their_types() {
        let batch = table().to_record_batch().unwrap();
        let kinds = batch.column(0).as_dictionary::<UInt32Type>();
        assert_eq!(kinds.keys().values(), &[1, 0, 1]);
        assert_eq!(kinds.values().as_string::<i32>().value(1), "=dog");
        let near = batch.column(1).as_list::<i32>();
        assert_eq!(near.value_offsets(), [0, 2, 2, 3]);
        assert_eq!(near.values().as_primitive::<UInt32Type>().values(), &[2, 7, 0]);
        assert_eq!(ResultTable::default().to_record_batch().unwrap().num_rows(), 0);
    }

    #[test]
    fn to_record_batch_category_without_name_is_refused() {
        let mut table = ResultTable::default();
        table.push("kind", ResultColumn::Category { codes: vec![1], names: vec!["cat".into()] }).unwrap();
        let error = table.to_record_batch().unwrap_err();
        assert!(matches!(error, TableError::CannotEncode { format: "Arrow", .. }), "{error:?}");
    }

    #[test]
    fn write_to_categories_and_lists_are_readable() {
        let written = |content: &Content<'_>| {
            let mut out = Vec::new();
            write_to(&mut out, "out", content).unwrap();
            out
        };
        let csv = String::from_utf8(written(&Content::Csv(&table()))).unwrap();
        assert_eq!(csv, "kind,near\n'=dog,\"[2, 7]\"\ncat,[]\n'=dog,[0]\n");
        let json: serde_json::Value = serde_json::from_slice(&written(&Content::Json(&table()))).unwrap();
        assert_eq!(json[0], serde_json::json!({"kind": "=dog", "near": [2, 7]}));
        let parquet = written(&Content::Parquet(&table()));
        let read = crate::Table::read(
            crate::Source::from_bytes(parquet, "t.parquet"),
            &crate::ReadOptions::default(),
        )
        .unwrap();
        assert_eq!(read.column("kind").unwrap().value_text(0).as_deref(), Some("=dog"));
    }
}
