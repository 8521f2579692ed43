//! Which checks are made, with which options.

mod class_imbalance;
mod null;

use std::fmt;
use std::sync::Arc;

pub use self::class_imbalance::ClassImbalanceCheck;
pub use self::null::NullCheck;
use crate::errors::DatalabError;
use crate::issue_manager::IssueManager;
use crate::targets::Task;

/// A check, and whether it was asked for by name.
#[derive(Clone)]
pub(crate) struct ChosenCheck {
    pub(crate) manager: Arc<dyn IssueManager>,
    /// A check that was asked for and cannot run has failed; one that is merely a default has not run.
    pub(crate) asked_for: bool,
}

/// Which checks are made, with which options.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Checks, ClassImbalanceCheck, Task};
///
/// // The default checks, one of them with options of its own, one left out.
/// let checks = Checks::default_for(Task::Classification)
///     .with(ClassImbalanceCheck::default().with_threshold(0.2))
///     .without("null");
/// assert!(checks.names().contains(&"class_imbalance"));
///
/// // One check alone.
/// assert_eq!(Checks::none().with(ClassImbalanceCheck::default()).names(), ["class_imbalance"]);
/// ```
///
/// # Source
///
/// The `issue_types` of `Datalab.find_issues`.
#[derive(Clone, Default)]
pub struct Checks(Vec<ChosenCheck>);

impl Checks {
    /// No check.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The checks that are made unless others are chosen, in the order in which they are made.
    #[must_use]
    pub fn default_for(task: Task) -> Self {
        let chosen = registered(task).into_iter().filter(|registered| registered.by_default);
        Self(chosen.map(|registered| ChosenCheck { manager: registered.manager, asked_for: false }).collect())
    }

    /// Adds a check that is asked for, in place of that of the same name.
    #[must_use]
    pub fn with(self, check: impl IssueManager + 'static) -> Self {
        self.with_manager(Arc::new(check))
    }

    /// Adds the check of that name, with its default options.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NoSuchCheck`].
    pub fn with_name(self, task: Task, name: &str) -> Result<Self, DatalabError> {
        let found = registered(task).into_iter().find(|registered| registered.manager.issue_name() == name);
        match found {
            Some(registered) => Ok(self.with_manager(registered.manager)),
            None => Err(DatalabError::NoSuchCheck {
                name: name.to_owned(),
                task,
                possible: list_possible_issue_types(task),
            }),
        }
    }

    /// Leaves a check out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|check| check.manager.issue_name() != name);
        self
    }

    /// The names of the checks, in the order in which they are made.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|check| check.manager.issue_name()).collect()
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &ChosenCheck> {
        self.0.iter()
    }

    fn with_manager(mut self, manager: Arc<dyn IssueManager>) -> Self {
        let chosen = ChosenCheck { manager, asked_for: true };
        match self.0.iter_mut().find(|check| check.manager.issue_name() == chosen.manager.issue_name()) {
            Some(existing) => *existing = chosen,
            None => self.0.push(chosen),
        }
        self
    }
}

impl fmt::Debug for Checks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Checks").field(&self.names()).finish()
    }
}

/// The names of all checks for a task.
///
/// # Source
///
/// `Datalab.list_possible_issue_types`.
#[must_use]
pub fn list_possible_issue_types(task: Task) -> Vec<String> {
    registered(task).iter().map(|registered| registered.manager.issue_name().to_owned()).collect()
}

/// The names of the checks that are made unless others are chosen.
///
/// # Source
///
/// `Datalab.list_default_issue_types`.
#[must_use]
pub fn list_default_issue_types(task: Task) -> Vec<String> {
    Checks::default_for(task).names().into_iter().map(ToOwned::to_owned).collect()
}

struct Registered {
    manager: Arc<dyn IssueManager>,
    by_default: bool,
}

fn registered(task: Task) -> Vec<Registered> {
    fn by_default(check: impl IssueManager + 'static) -> Registered {
        Registered { manager: Arc::new(check), by_default: true }
    }
    match task {
        Task::Classification => {
            vec![by_default(ClassImbalanceCheck::default()), by_default(NullCheck::default())]
        }
        Task::Regression | Task::Multilabel => vec![by_default(NullCheck::default())],
    }
}
