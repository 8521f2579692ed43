//! Stopping long work from another thread.
//!
//! A caller that may have to give up, such as an interpreter whose user pressed Ctrl-C, runs the work by
//! [`run_until_told`] and keeps a clone of the [`StopToken`]. The passes of this crate look at the token once per chunk of
//! rows and unwind when it says so; nothing is left half done but values that nobody gets to see.
//!
//! The token belongs to the thread that the work was started on, and follows it into the rayon tasks of [`fold_rows`]
//! and [`fill_rows`]. Code with tasks of its own takes a [`StopCheck`] before it starts them and asks that, never
//! [`stop_if_told`]: a rayon thread may be in the middle of somebody else's task.
//!
//! [`fold_rows`]: crate::fold_rows
//! [`fill_rows`]: crate::fill_rows

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

thread_local! {
    /// The token of the work that this thread is doing.
    static CURRENT: RefCell<Option<StopToken>> = const { RefCell::new(None) };
}

/// Tells work that was started by [`run_until_told`] to stop; clones tell the same work.
///
/// ```
/// use cleanlab_core::stopping::{StopToken, Stopped, run_until_told, stop_if_told};
///
/// let token = StopToken::new();
/// assert_eq!(run_until_told(&token, || { stop_if_told(); 7 }), Ok(7));
/// token.stop();
/// assert_eq!(run_until_told(&token, || { stop_if_told(); 7 }), Err(Stopped));
/// ```
#[derive(Debug, Clone, Default)]
pub struct StopToken {
    told: Arc<AtomicBool>,
}

impl StopToken {
    /// A token that does not tell to stop yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the work to stop; it does so at the end of the chunks that it is busy with.
    pub fn stop(&self) {
        self.told.store(true, Ordering::Relaxed);
    }

    /// Whether the work was told to stop.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }
}

/// The work was told to stop before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("stopped before the work was done")]
#[allow(clippy::exhaustive_structs, reason = "that a call was stopped is all there is to say")]
pub struct Stopped;

/// What unwinds from the place that noticed up to [`run_until_told`].
struct Unwinding;

/// Runs `work`, and gives up when `token` tells to.
///
/// Of nested calls the innermost token counts.
///
/// # Errors
///
/// [`Stopped`] if the work noticed that it was told to; work that was done before that gives its result.
///
/// # Panics
///
/// As `work` does.
pub fn run_until_told<T>(token: &StopToken, work: impl FnOnce() -> T) -> Result<T, Stopped> {
    // What `work` borrows is only seen again by a caller that gets its result.
    let work = AssertUnwindSafe(|| with_current(Some(token.clone()), work));
    catch_unwind(work)
        .or_else(|payload| if payload.is::<Unwinding>() { Err(Stopped) } else { resume_unwind(payload) })
}

/// Stops here if this thread works for a [`run_until_told`] whose token says so; else does nothing.
///
/// Not for rayon tasks; see [`StopCheck`].
pub fn stop_if_told() {
    StopCheck::of_this_thread().stop_if_told();
}

/// The token of the work that a thread is doing, to be asked from rayon tasks of that work.
///
/// ```
/// use cleanlab_core::stopping::StopCheck;
/// let check = StopCheck::of_this_thread();
/// check.stop_if_told(); // Nobody can tell this thread to stop.
/// ```
#[derive(Debug, Clone, Default)]
pub struct StopCheck {
    token: Option<StopToken>,
}

impl StopCheck {
    /// The token that the calling thread works under, if any.
    #[must_use]
    pub fn of_this_thread() -> Self {
        Self { token: CURRENT.with_borrow(Clone::clone) }
    }

    /// Stops here if the work was told to: unwinds up to its [`run_until_told`].
    #[inline]
    pub fn stop_if_told(&self) {
        if self.is_told() {
            resume_unwind(Box::new(Unwinding));
        }
    }

    /// Whether the work was told to stop, for who has to clean up before it does.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.token.as_ref().is_some_and(StopToken::is_told)
    }

    /// Runs a part of the work on whatever thread this is, so that passes within it notice the token too.
    pub fn within<T>(&self, part: impl FnOnce() -> T) -> T {
        with_current(self.token.clone(), part)
    }
}

/// Runs `work` with another current token, and puts the one before back, also when `work` unwinds.
fn with_current<T>(token: Option<StopToken>, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<StopToken>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _restore = Restore(CURRENT.replace(token));
    work()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabeledProbs, Labels, PredProbs, fill_rows, fold_batches};
    use ndarray::Array2;

    #[test]
    fn stop_if_told_outside_of_any_work_does_nothing() {
        stop_if_told();
    }

    #[test]
    fn run_until_told_panic_of_the_work_goes_on() {
        let panicked = catch_unwind(|| run_until_told(&StopToken::new(), || panic!("a bug")));
        assert_eq!(panicked.unwrap_err().downcast_ref::<&str>(), Some(&"a bug"));
    }

    #[test]
    fn run_until_told_restores_the_token_before() {
        let (outer, inner) = (StopToken::new(), StopToken::new());
        inner.stop();
        let result = run_until_told(&outer, || {
            assert_eq!(run_until_told(&inner, stop_if_told), Err(Stopped));
            stop_if_told();
            outer.stop();
            stop_if_told();
        });
        assert_eq!(result, Err(Stopped));
        stop_if_told();
    }

    #[test]
    fn stop_check_within_reaches_another_thread() {
        let token = StopToken::new();
        let result = run_until_told(&token, || {
            let check = StopCheck::of_this_thread();
            token.stop();
            rayon::join(|| check.within(stop_if_told), || ())
        });
        assert_eq!(result.map(|_| ()), Err(Stopped));
    }

    /// Rows in many chunks, so that passes over them use all threads.
    fn many_rows() -> LabeledProbs<'static, f64> {
        let labels = Labels::from_vec((0..200_000).map(|row| row % 2).collect()).unwrap();
        LabeledProbs::new(labels, PredProbs::new(Array2::from_elem((200_000, 2), 0.5)).unwrap()).unwrap()
    }

    #[test]
    fn passes_told_in_their_first_chunk_stop_before_the_last() {
        let data = many_rows();
        let token = StopToken::new();
        let fill = || fill_rows(&data, &mut vec![0_u8; data.len()], |_, _| token.stop());
        assert_eq!(run_until_told(&token, fill), Err(Stopped));

        let token = StopToken::new();
        let fold = || fold_batches(&data, || (), |(), _| token.stop(), |(), ()| ());
        assert_eq!(run_until_told(&token, fold), Err(Stopped));
    }

    #[test]
    fn passes_nested_in_a_pass_stop_too() {
        let data = many_rows();
        let token = StopToken::new();
        let nested = |(): &mut (), _: &crate::Batch<'_, f64>| {
            token.stop();
            stop_if_told();
            unreachable!("the pass goes on although it was told to stop");
        };
        assert_eq!(run_until_told(&token, || fold_batches(&data, || (), nested, |(), ()| ())), Err(Stopped));

        let token = StopToken::new();
        let nested = |_: &crate::Batch<'_, f64>, _: &mut [u8]| {
            token.stop();
            stop_if_told();
            unreachable!("the pass goes on although it was told to stop");
        };
        let fill = || fill_rows(&data, &mut vec![0_u8; data.len()], nested);
        assert_eq!(run_until_told(&token, fill), Err(Stopped));
    }

    #[test]
    fn passes_that_nobody_stops_give_their_result() {
        let data = many_rows();
        let count = |rows: &mut usize, batch: &crate::Batch<'_, f64>| *rows += batch.len();
        let rows = run_until_told(&StopToken::new(), || {
            fold_batches(&data, || 0, count, |rows, more| *rows += more)
        });
        assert_eq!(rows, Ok(200_000));
    }
}
