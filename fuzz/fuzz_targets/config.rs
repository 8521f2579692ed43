//! Files of options.

#![no_main]

use cleanlab_fuzz as _;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = cleanlab_cli::fuzzed_readers::config(text);
});
