//! NumPy arrays, whole and in parts.

#![no_main]

use cleanlab_fuzz::every_reader::{array, array_in_parts, labels_and_probs};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    array("f.npy", bytes);
    labels_and_probs("f.npy", bytes);
    array_in_parts(bytes);
});
