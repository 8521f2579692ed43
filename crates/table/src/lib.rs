//! Tables and arrays read into cleanlab's inputs, and results written.
//!
//! Reads CSV, TSV, JSON lines, JSON, Parquet, Arrow IPC (Feather version 2), NPY and NPZ from a path, standard input or
//! memory. Whatever is in a file, the answer is a value or a [`TableError`] that names the file, the line or row, the
//! column, the value and what to do; never a panic, and never more memory than the file can account for.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_table::{FeatureOptions, LabelOptions, ReadOptions, Source, Table};
//!
//! // A path works the same way: Table::read("pets.csv", …); "-" is standard input.
//! let csv = "weight,coat,animal\n4.1,long,cat\n30,short,dog\n3.9,long,cat\n25,,dog\n28,short,dog\n";
//! let table = Table::read(Source::from_bytes(csv, "pets.csv"), &ReadOptions::default())?;
//!
//! let labels = table.labels("animal", &LabelOptions::default())?;
//! assert_eq!(labels.class_names.as_slice(), ["cat", "dog"]);
//! assert_eq!(labels.labels.as_slice(), [0, 1, 0, 1, 1]);
//!
//! let features = table.features(&FeatureOptions::default().with_label_column("animal"))?;
//! assert_eq!(features.names, ["weight", "coat=long", "coat=short"]);
//! assert_eq!(features.values.dim(), (5, 3));
//!
//! let error = table.labels("animals", &LabelOptions::default()).unwrap_err();
//! assert!(error.to_string().contains("did you mean \"animal\"?"));
//! # Ok::<(), cleanlab_table::TableError>(())
//! ```
//!
//! Labels and predicted probabilities that come as files of their own are read with [`read_labels`] and
//! [`read_pred_probs`]; any NumPy array with [`read_array`]. Results are a [`ResultTable`], written with [`write_file`]
//! or [`write_all`]; rows of the file itself are copied with [`RowCopy`].
//!
//! # When not to use it
//!
//! If your data is in memory already, give it to `cleanlab-core` as it is. Tables are read whole: for files larger than
//! memory use `cleanlab-stream`. [`Table::features`] makes a plain matrix to start with, not the best one: with images,
//! long text or carefully made features, train your own model and give its predicted probabilities.

#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

mod arrays;
mod column;
mod column_labels;
mod column_use;
mod errors;
mod escape;
mod features;
mod format;
mod given_labels;
mod given_pred_probs;
mod limits;
mod nearest;
mod output;
mod panics;
mod positioned;
mod read_options;
mod readers;
mod result_arrow;
mod result_table;
mod row_copy;
mod row_values;
mod row_writers;
mod source;
mod table;
mod writers;

pub use arrays::{AnyArray, ArrayOptions, ArrayReader, ArrayRows, ProbsMatrix, read_array};
pub use column::{CellValue, Column, ColumnType};
pub use column_labels::{ColumnLabels, LabelOptions, MissingLabels};
pub use column_use::{ColumnAction, ColumnUse, SkipReason};
pub use errors::TableError;
pub use escape::{escape_control, escape_control_to};
pub use features::{FeatureOptions, FeatureScaling, Features, IdentifierColumns};
pub use format::Format;
pub use given_labels::{GivenLabels, read_labels};
pub use given_pred_probs::{GivenPredProbs, read_pred_probs};
pub use output::{OutputFile, write_all, write_file};
pub use read_options::{MISSING_VALUES, ReadOptions};
pub use readers::parquet_reader::ParquetReader;
pub use readers::parquet_rows::{ParquetColumn, ParquetColumnKind, ParquetRows, ParquetSelection};
pub use result_table::{ResultColumn, ResultTable};
pub use row_copy::RowCopy;
pub use row_values::RowValues;
pub use row_writers::{ArrayWriter, NpyValue, RowFormat, RowWriter, WrittenFile, publish_all};
pub use source::Source;
pub use table::Table;
pub use writers::{Content, write_to};
