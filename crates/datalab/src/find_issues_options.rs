//! How an audit is made, and who is told how far it has come.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use cleanlab_neighbors::NeighborSearch;

use crate::checks::Checks;

/// How far an audit has come, before each check and after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckProgress<'a> {
    /// Checks that are finished.
    pub done: usize,
    /// Checks that are to be made.
    pub total: usize,
    /// The check that comes next; `None` after the last.
    pub next: Option<&'a str>,
}

/// Is told how far an audit has come, and says whether it goes on.
pub type CheckCallback = Arc<dyn Fn(CheckProgress<'_>) -> ControlFlow<()> + Send + Sync>;

/// How [`Datalab::find_issues`](crate::Datalab::find_issues) works.
///
/// # Example
///
/// Neighbours of very many rows need not be exact:
///
/// ```
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, OutlierCheck, Task};
/// use cleanlab_neighbors::{ApproximateOptions, FoundBy, NeighborSearch};
/// use ndarray::Array2;
///
/// let features = Array2::from_shape_fn((200, 3), |(row, column)| ((row * (column + 3)) % 97) as f64);
/// let mut lab = Datalab::unlabeled(200, Task::Regression)?;
/// let options = FindIssuesOptions::default()
///     .with_checks(Checks::none().with(OutlierCheck::default()))
///     .with_neighbors(NeighborSearch::Approximate(ApproximateOptions::default().with_target_recall(0.95)));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// // Few rows are searched exactly whatever was asked for, and the audit says so.
/// let found = lab.neighbors_found().expect("the check has looked at neighbours");
/// assert_eq!((found.found_by, found.estimated_recall), (FoundBy::ExactSearch, 1.0));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct FindIssuesOptions {
    /// The checks to make. Default: those that are made by default for the task.
    pub checks: Option<Checks>,
    /// Is told how far the work has come. Default: nobody.
    pub progress: Option<CheckCallback>,
    /// How the nearest neighbours of the features are searched for; a graph that is given stays as it is. Default
    /// [`NeighborSearch::Exact`], as cleanlab does.
    pub neighbors: NeighborSearch,
}

impl FindIssuesOptions {
    /// Chooses the checks.
    #[must_use]
    pub fn with_checks(mut self, checks: Checks) -> Self {
        self.checks = Some(checks);
        self
    }

    /// Sets who is told how far the work has come.
    #[must_use]
    pub fn with_progress(mut self, progress: CheckCallback) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Sets how nearest neighbours are searched for.
    #[must_use]
    pub fn with_neighbors(mut self, neighbors: NeighborSearch) -> Self {
        self.neighbors = neighbors;
        self
    }
}

impl fmt::Debug for FindIssuesOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FindIssuesOptions")
            .field("checks", &self.checks)
            .field("neighbors", &self.neighbors)
            .finish_non_exhaustive()
    }
}
