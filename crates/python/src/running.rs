//! Work with the interpreter's lock released, that Ctrl-C ends and that cannot take the interpreter down.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cleanlab_core::stopping::{StopToken, run_until_told};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::IntoPyErr;

/// How often the interpreter is asked whether the user wants to stop.
const WAKE_UP: Duration = Duration::from_millis(50);

/// Deep trees and long merges fit the main thread's usual stack; rayon's default is a quarter of that.
const STACK_BYTES: usize = 8 << 20;

/// Does `work` on the threads of the package, as many as there are processors (or as `RAYON_NUM_THREADS` says).
///
/// The calling thread lets go of the interpreter and looks after signals meanwhile. Views of NumPy arrays may be
/// borrowed by `work`; Python objects may not.
///
/// # Errors
///
/// What `work` gives, as an exception; that of a signal's handler, mostly `KeyboardInterrupt`; and `RuntimeError` if
/// `work` panics.
pub(crate) fn run<T: Send, E: IntoPyErr + Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, E> + Send,
) -> PyResult<T> {
    run_on(py, None, work)
}

/// As [`run`], on a given number of threads, but no more than [`run`] takes.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn run_on<T: Send, E: IntoPyErr + Send>(
    py: Python<'_>,
    n_threads: Option<usize>,
    work: impl FnOnce() -> Result<T, E> + Send,
) -> PyResult<T> {
    let pool = match n_threads {
        None => thread_pool(0)?,
        Some(n_threads) => {
            let most = thread_pool(0)?;
            if n_threads < most.current_num_threads() { thread_pool(n_threads)? } else { most }
        }
    };
    let token = StopToken::new();
    let (outcome, interruption) = py.detach(|| {
        let (done, is_done) = sync_channel(1);
        let told = &token;
        pool.in_place_scope(|scope| {
            // The sender goes with the work, so that the receiver hears if the work ends without an outcome.
            scope.spawn(move |_| {
                // What a panic leaves half done is dropped with it: `work` owns or borrows it.
                let outcome = catch_unwind(AssertUnwindSafe(|| run_until_told(told, work)));
                // The receiver waits below until this arrives.
                let _ = done.send(outcome);
            });
            let mut interruption = None;
            loop {
                match is_done.recv_timeout(WAKE_UP) {
                    Ok(outcome) => return (Some(outcome), interruption),
                    Err(RecvTimeoutError::Disconnected) => return (None, interruption),
                    Err(RecvTimeoutError::Timeout) if interruption.is_some() => {}
                    Err(RecvTimeoutError::Timeout) => {
                        interruption = signal_received();
                        if interruption.is_some() {
                            token.stop();
                        }
                    }
                }
            }
        })
    });
    match (outcome, interruption) {
        (_, Some(interruption)) => Err(interruption),
        (Some(Ok(Ok(result))), None) => result.map_err(IntoPyErr::into_py_err),
        (Some(Ok(Err(stopped))), None) => Err(stopped.into_py_err()),
        (Some(Err(payload)), None) => Err(panic_error(payload.as_ref())),
        (None, None) => Err(PyRuntimeError::new_err("the work ended without a result")),
    }
}

/// The number of threads that [`run`] works on.
///
/// # Errors
///
/// `RuntimeError` if the system gives no threads.
pub(crate) fn most_threads() -> PyResult<usize> {
    Ok(thread_pool(0)?.current_num_threads())
}

/// What the handler of a signal raised, if one has come.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general enough in its lifetime"
)]
fn signal_received() -> Option<PyErr> {
    Python::attach(|py| py.check_signals()).err()
}

/// Runs a short piece of code that holds the lock, and turns a panic into an exception.
///
/// # Errors
///
/// What `work` gives, and `RuntimeError` if it panics.
pub(crate) fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(panic_error(payload.as_ref())))
}

/// A panic is a mistake in this library, which the caller may report but need not die of.
fn panic_error(payload: &(dyn Any + Send)) -> PyErr {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    PyRuntimeError::new_err(format!("cleanlab_rs has a bug here; please report it: {message}"))
}

/// A pool of threads, and the process that they belong to.
struct Pool {
    process: u32,
    n_threads: usize,
    threads: Arc<ThreadPool>,
}

/// The default pool (0 threads) and the last other one that was asked for. Rayon's own pool would not do: a forked child (`multiprocessing`) has none of its
/// parent's threads, and would wait for them forever.
static POOLS: Mutex<Vec<Pool>> = Mutex::new(Vec::new());

/// The pool of this process with `n_threads` threads; 0 is as many as there are processors.
fn thread_pool(n_threads: usize) -> PyResult<Arc<ThreadPool>> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = process::id();
    let mut at_hand = pools.iter().filter(|pool| pool.process == process && pool.n_threads == n_threads);
    if let Some(pool) = at_hand.next() {
        return Ok(Arc::clone(&pool.threads));
    }
    let builder = ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .stack_size(STACK_BYTES)
        .thread_name(|index| format!("cleanlab_rs-{index}"));
    let threads = builder.build().map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let threads = Arc::new(threads);
    // Pools of a parent process stay in the list: ending them would mean to wake threads that are not here.
    if n_threads != 0 {
        // Calls that still work on the one before hold it, and it ends with the last of them.
        pools.retain(|pool| pool.process != process || pool.n_threads == 0);
    }
    pools.push(Pool { process, n_threads, threads: Arc::clone(&threads) });
    Ok(threads)
}
