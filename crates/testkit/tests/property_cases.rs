//! How many inputs a law is tried on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{TestRunner, contextualize_config};

/// `PROPTEST_CASES` goes before what a test asks for, as `cargo xtask trust properties --long` needs.
#[test]
fn cases_asked_for_in_the_environment_are_the_cases_tried() {
    let asked_for = std::env::var("PROPTEST_CASES").map_or(3, |cases| cases.parse().unwrap());
    let tried = Cell::new(0_u32);
    // What `proptest!` makes of the line `#![proptest_config(ProptestConfig::with_cases(3))]`.
    let config = contextualize_config(ProptestConfig::with_cases(3));
    let mut runner = TestRunner::new(config);
    let law = |_: u8| {
        tried.set(tried.get() + 1);
        Ok(())
    };
    runner.run(&any::<u8>(), law).unwrap();
    assert_eq!(tried.get(), asked_for);
}
