//! Does every kind of harm on request, to show that it is noticed.

#![no_main]

use std::hint::black_box;

use cleanlab_fuzz as _;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match bytes {
    b"panic!" => panic!("as asked"),
    // A panic that someone catches is a panic all the same, unless `cleanlab_table` has promised to catch it.
    b"caught" => drop(std::panic::catch_unwind(|| panic!("as asked"))),
    b"overflow" => {
        black_box(black_box(u32::MAX) + black_box(1));
    }
    b"hang" => loop {
        black_box(());
    },
    b"memory" => {
        // Asked for, and never touched.
        black_box(Vec::<u8>::with_capacity(2_000_000_000));
    }
    b"stack" => {
        black_box(depth(black_box(1)));
    }
    _ => {}
});

fn depth(at: u64) -> u64 {
    let padding = black_box([at; 64]);
    if at == 0 { 0 } else { depth(at + 1) + padding[0] }
}
