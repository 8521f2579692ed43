//! Turning a panic of a decoder into a value.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static INSTALL: Once = Once::new();

/// Runs a decoder that is known to panic on damaged files; a panic becomes its message.
///
/// The process's panic hook is wrapped once so that such a panic is not printed; panics of any other thread, or outside
/// of this function, are reported by the hook that was there before. Needs `panic = "unwind"`, Rust's default.
pub(crate) fn catch<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    if !std::thread::panicking() {
        INSTALL.call_once(|| {
            let previous = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if !QUIET.with(Cell::get) {
                    previous(info);
                }
            }));
        });
    }
    let was_quiet = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(decode));
    QUIET.set(was_quiet);
    result.map_err(|payload| {
        let message = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
        message.map_or_else(|| "the decoder failed".into(), |text| format!("the decoder failed: {text}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catch_panic_becomes_its_message() {
        assert_eq!(catch(|| 7), Ok(7));
        assert_eq!(catch(|| panic!("page {}", 3)), Err::<(), _>("the decoder failed: page 3".into()));
    }
}
