//! Neighbour graphs that were made elsewhere.

#![no_main]

use cleanlab_fuzz as _;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = cleanlab_cli::fuzzed_readers::knn_graph(bytes);
});
