//! One reader per file format; each gives a [`Table`](crate::Table).

pub(crate) mod arrow_ipc;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod parquet;
mod parquet_codecs;
mod parquet_delta;
mod parquet_footer;
mod parquet_pages;
pub(crate) mod parquet_reader;
pub(crate) mod parquet_rows;
mod parquet_structures;
mod parquet_texts;
pub(crate) mod text;
mod thrift;
mod varints;
