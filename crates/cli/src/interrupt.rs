//! Stopping on Ctrl-C without leaving anything half done.
//!
//! Computing has no effect outside the process, so it may end at any moment; only while results are being written does
//! the end wait until they are. Where results are written while they are made, the work is told to stop, and takes away
//! what it has begun.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};

/// What a shell expects of a program that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

static WRITING: Mutex<()> = Mutex::new(());

/// Whether the work itself ends when it is told to.
static STOPS_ITSELF: AtomicBool = AtomicBool::new(false);

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C ends the program with status 130.
pub(crate) fn watch() -> Result<()> {
    ctrlc::set_handler(|| {
        ASKED.store(true, Ordering::SeqCst);
        if !STOPS_ITSELF.load(Ordering::SeqCst) {
            let _written = hold();
            end();
        }
    })
    .context("could not watch for Ctrl-C")
}

#[allow(clippy::exit, reason = "the handler runs on a thread of its own; there is no main to return to")]
fn end() {
    // On a line of its own, below the ^C of the terminal.
    let _ = writeln!(io::stderr().lock(), "\ninterrupted; nothing was left half written");
    std::process::exit(INTERRUPTED);
}

/// Holds the end off until the guard is dropped.
pub(crate) fn hold() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Work that asks whether it is to stop; while it lasts, Ctrl-C ends nothing else.
pub(crate) struct SelfStopping(());

impl SelfStopping {
    pub(crate) fn begin() -> Self {
        STOPS_ITSELF.store(true, Ordering::SeqCst);
        Self(())
    }

    /// Whether the work is to stop.
    pub(crate) fn is_asked() -> bool {
        ASKED.load(Ordering::SeqCst)
    }

    /// Ends the program if that was asked for, once nothing half written is left.
    #[allow(clippy::unused_self, reason = "what is finished cannot be finished again")]
    pub(crate) fn finish(self) {
        STOPS_ITSELF.store(false, Ordering::SeqCst);
        if Self::is_asked() {
            end();
        }
    }
}
