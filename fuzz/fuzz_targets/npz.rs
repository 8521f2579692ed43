//! Archives of NumPy arrays.

#![no_main]

use cleanlab_fuzz::every_reader::{array, labels_and_probs};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    array("f.npz", bytes);
    labels_and_probs("f.npz", bytes);
});
