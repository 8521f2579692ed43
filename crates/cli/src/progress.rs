//! Progress on a terminal, nothing in a pipe.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use cleanlab_datalab::{CheckCallback, CheckProgress};
use cleanlab_learning::{Progress, ProgressCallback};
use indicatif::{ProgressBar, ProgressStyle};

use crate::interrupt::SelfStopping;

/// A line on standard error that says what is being done; silent in a pipe or when asked to be.
#[derive(Clone)]
pub(crate) struct Reporter(ProgressBar);

impl Reporter {
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// Starts a step that is not measured.
    pub(crate) fn step(&self, message: &'static str) {
        style(&self.0, "{spinner} {msg} {elapsed}");
        self.0.set_message(message);
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }

    /// A callback that shows the folds of a cross-validation.
    pub(crate) fn folds(&self) -> ProgressCallback {
        let bar = self.0.clone();
        style(&bar, "{spinner} {msg} {wide_bar} {pos} of {len} folds {elapsed}");
        bar.set_message("cross-validating");
        Arc::new(move |progress: Progress| {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
            ControlFlow::Continue(())
        })
    }

    /// A callback that shows how far data are read that are read in parts, and stops on Ctrl-C.
    pub(crate) fn passes(
        &self,
    ) -> impl Fn(cleanlab_stream::Progress) -> ControlFlow<()> + Send + Sync + 'static {
        let bar = self.0.clone();
        style(&bar, "{spinner} {msg} {wide_bar} {percent} % {elapsed}");
        bar.set_message("reading in parts");
        move |progress: cleanlab_stream::Progress| {
            bar.set_length((progress.n_passes * progress.n_rows) as u64);
            bar.set_position(((progress.pass - 1) * progress.n_rows + progress.rows) as u64);
            if SelfStopping::is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }

    /// A callback that shows the checks of an audit.
    pub(crate) fn checks(&self) -> CheckCallback {
        let bar = self.0.clone();
        style(&bar, "{spinner} {msg} {wide_bar} {pos} of {len} checks {elapsed}");
        Arc::new(move |progress: CheckProgress<'_>| {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(progress.next.map_or_else(String::new, |name| format!("checking {name}")));
            ControlFlow::Continue(())
        })
    }
}

fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}
