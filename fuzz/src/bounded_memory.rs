//! An allocator that ends the process when more than a gigabyte is asked for.
//!
//! libFuzzer's own limit on allocations needs a sanitizer, and its limit on resident memory does not see memory that is
//! asked for and never touched, which elsewhere ends a process all the same.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all live allocations may take at a time.
pub const MOST_BYTES: usize = 1_000_000_000;

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, bounded.
pub struct BoundedMemory;

fn take(size: usize) {
    let before = LIVE.fetch_add(size, Ordering::Relaxed);
    if before.saturating_add(size) > MOST_BYTES {
        LIVE.store(0, Ordering::Relaxed);
        eprintln!(
            "fuzz: {size} bytes are asked for beside {before} that are held; at most {MOST_BYTES} are allowed"
        );
        std::process::abort();
    }
}

fn give_back(size: usize) {
    LIVE.fetch_sub(size, Ordering::Relaxed);
}

// SAFETY: every call is handed on unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for BoundedMemory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        take(size);
        give_back(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: BoundedMemory = BoundedMemory;
