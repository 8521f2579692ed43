//! Parquet, whole and in parts.

#![no_main]

use cleanlab_fuzz::every_reader::{labels_and_probs, parquet_in_parts, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    table("f.parquet", bytes);
    labels_and_probs("f.parquet", bytes);
    parquet_in_parts(bytes);
});
