//! CSV and TSV.

#![no_main]

use cleanlab_fuzz::every_reader::{labels_and_probs, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    table("f.csv", bytes);
    labels_and_probs("f.csv", bytes);
    labels_and_probs("f.txt", bytes);
});
