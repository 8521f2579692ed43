//! Stopping on Ctrl-C, and when the system asks for it, without leaving anything half done.
//!
//! Computing has no effect outside the process, so it may end at any moment. Writing is told to stop, and takes away what it
//! has begun; only while finished files get their names does the end wait. What is being printed is printed to its end,
//! unless its reader takes too long.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cleanlab_core::stopping::{StopToken, run_until_told};

/// What a shell expects of a program that a signal ended: 128 and the signal's number.
const OF_SIGNAL: i32 = 128;
const SIGINT: i32 = 2;

/// How long the end waits for the reader of what is printed.
const PATIENCE: Duration = Duration::from_millis(500);

static WRITING: Mutex<()> = Mutex::new(());

static PRINTING: Mutex<()> = Mutex::new(());

static TOLD: LazyLock<StopToken> = LazyLock::new(StopToken::new);

/// Whether the work itself ends when it is told to.
static STOPS_ITSELF: AtomicBool = AtomicBool::new(false);

/// The signal that asked for the end; 0 before.
static ASKED: AtomicI32 = AtomicI32::new(0);

/// From now on Ctrl-C ends the program with status 130, and a request of the system to end with 143 or 129.
pub(crate) fn watch() -> Result<()> {
    ctrlc::set_handler(|| ask(SIGINT)).context("could not watch for Ctrl-C")?;
    watch_requests().context("could not watch for signals")
}

/// Ends the program for the signals of `kill`, of schedulers and of a terminal that is closed too.
#[cfg(unix)]
fn watch_requests() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGTERM};
    // Started with nohup, a program is to go on without its terminal.
    let wanted = [SIGTERM, SIGHUP].into_iter().filter(|&signal| signal != SIGHUP || !is_ignored(signal));
    let mut signals = signal_hook::iterator::Signals::new(wanted)?;
    std::thread::Builder::new().name("signals".into()).spawn(move || signals.forever().for_each(ask))?;
    Ok(())
}

/// Whether a signal was being ignored when the program began; taken as so where the system does not tell.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(not(unix))]
fn watch_requests() -> io::Result<()> {
    Ok(())
}

fn ask(signal: i32) {
    ASKED.store(signal, Ordering::SeqCst);
    TOLD.stop();
    // Held to the end, so that no work begins that the end would interrupt.
    let _written = hold();
    if !STOPS_ITSELF.load(Ordering::SeqCst) {
        end();
    }
}

#[allow(clippy::exit, reason = "the handler runs on a thread of its own; there is no main to return to")]
fn end() -> ! {
    let asked = Instant::now();
    // Held to the end too: what has not begun to be printed is not.
    let _printed = loop {
        match PRINTING.try_lock() {
            Err(TryLockError::WouldBlock) if asked.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(2));
            }
            printed => break printed,
        }
    };
    // On a line of its own, below the ^C of the terminal.
    let _ = writeln!(io::stderr().lock(), "\ninterrupted; nothing was left half written");
    std::process::exit(OF_SIGNAL + ASKED.load(Ordering::SeqCst));
}

/// Holds the end off until the guard is dropped.
pub(crate) fn hold() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints to the end, though the program be asked to end meanwhile.
pub(crate) fn print_whole<T>(print: impl FnOnce() -> T) -> T {
    let _printing = PRINTING.lock().unwrap_or_else(PoisonError::into_inner);
    print()
}

/// Writes results that are taken away again when the program is asked to end before they are whole; then it ends.
pub(crate) fn write_whole<T>(write: impl FnOnce() -> T) -> T {
    let stopping = SelfStopping::begin();
    let written = run_until_told(&TOLD, write);
    stopping.finish();
    // Nothing stops that was not asked to, and then the program has ended.
    written.unwrap_or_else(|_| end())
}

/// Work that asks whether it is to stop; while it lasts, Ctrl-C ends nothing else.
pub(crate) struct SelfStopping(());

impl SelfStopping {
    pub(crate) fn begin() -> Self {
        // Not while the program is about to end.
        let _writing = hold();
        STOPS_ITSELF.store(true, Ordering::SeqCst);
        Self(())
    }

    /// Whether the work is to stop.
    pub(crate) fn is_asked() -> bool {
        ASKED.load(Ordering::SeqCst) != 0
    }

    /// Ends the program if that was asked for, once nothing half written is left.
    #[allow(clippy::unused_self, reason = "what is finished cannot be finished again")]
    pub(crate) fn finish(self) {
        let _writing = hold();
        STOPS_ITSELF.store(false, Ordering::SeqCst);
        if Self::is_asked() {
            end();
        }
    }
}
