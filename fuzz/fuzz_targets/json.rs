//! JSON lines, and JSON arrays of records.

#![no_main]

use cleanlab_fuzz::every_reader::{labels_and_probs, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    table("f.json", bytes);
    table("f.jsonl", bytes);
    labels_and_probs("f.jsonl", bytes);
});
