//! Stopping on Ctrl-C without leaving anything half done.
//!
//! Computing has no effect outside the process, so it may end at any moment; only while results are being written does
//! the end wait until they are.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};

/// What a shell expects of a program that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

static WRITING: Mutex<()> = Mutex::new(());

/// From now on Ctrl-C ends the program with status 130.
pub(crate) fn watch() -> Result<()> {
    ctrlc::set_handler(|| {
        let _written = hold();
        // On a line of its own, below the ^C of the terminal.
        let _ = writeln!(io::stderr().lock(), "\ninterrupted; nothing was left half written");
        end();
    })
    .context("could not watch for Ctrl-C")
}

#[allow(clippy::exit, reason = "the handler runs on a thread of its own; there is no main to return to")]
fn end() {
    std::process::exit(INTERRUPTED);
}

/// Holds the end off until the guard is dropped.
pub(crate) fn hold() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}
