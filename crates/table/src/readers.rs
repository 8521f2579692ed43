//! One reader per file format; each gives a [`Table`](crate::Table).

pub(crate) mod arrow_ipc;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod parquet;
mod parquet_delta;
mod parquet_pages;
pub(crate) mod parquet_rows;
pub(crate) mod text;
mod varints;
