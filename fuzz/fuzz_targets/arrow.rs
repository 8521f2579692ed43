//! Arrow IPC: files and streams.

#![no_main]

use cleanlab_fuzz::every_reader::{labels_and_probs, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    table("f.arrow", bytes);
    table("f.arrows", bytes);
    labels_and_probs("f.arrow", bytes);
});
