//! Which checks are made, with which options.

mod class_imbalance;
mod constant_column;
mod data_valuation;
mod exact_duplicate;
mod identifier_column;
mod mixed_type_column;
mod non_iid;
mod null;
mod split_leakage;
mod value_kind;

use std::fmt;
use std::sync::Arc;

pub use self::class_imbalance::ClassImbalanceCheck;
pub use self::constant_column::ConstantColumnCheck;
pub use self::data_valuation::DataValuationCheck;
pub use self::exact_duplicate::ExactDuplicateCheck;
pub use self::identifier_column::IdentifierColumnCheck;
pub use self::mixed_type_column::MixedTypeColumnCheck;
pub use self::non_iid::NonIidCheck;
pub use self::null::NullCheck;
pub use self::split_leakage::SplitLeakageCheck;
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

    /// The checks that are made unless others are chosen, in the order in which they are made: cleanlab's defaults, then
    /// those of our own. A check whose input is not given does not run.
    ///
    /// [`Datalab::health_score`](crate::Datalab::health_score) leaves our own out, so that it is cleanlab's either way.
    #[must_use]
    pub fn default_for(task: Task) -> Self {
        Self::chosen(task, |_| true)
    }

    /// The checks that cleanlab makes unless others are chosen, and no others.
    ///
    /// ```
    /// use cleanlab_datalab::{Checks, Task};
    /// let checks = Checks::cleanlab_defaults(Task::Classification);
    /// assert!(checks.names().contains(&"non_iid"));
    /// assert!(!checks.names().contains(&"exact_duplicate"));
    /// ```
    ///
    /// # Source
    ///
    /// `Datalab.list_default_issue_types`.
    #[must_use]
    pub fn cleanlab_defaults(task: Task) -> Self {
        Self::chosen(task, |name| !is_our_own(name))
    }

    fn chosen(task: Task, is_chosen: impl Fn(&str) -> bool) -> Self {
        let chosen = registered(task)
            .into_iter()
            .filter(|registered| registered.by_default && is_chosen(registered.manager.issue_name()));
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
    fn on_request(check: impl IssueManager + 'static) -> Registered {
        Registered { manager: Arc::new(check), by_default: false }
    }
    let mut all = vec![by_default(NullCheck::default()), by_default(NonIidCheck::default())];
    if task == Task::Classification {
        all.push(by_default(ClassImbalanceCheck::default()));
    }
    all.push(on_request(DataValuationCheck::default()));
    // Those of our own; see `is_our_own`.
    all.push(by_default(ExactDuplicateCheck::default()));
    all.push(by_default(SplitLeakageCheck::default()));
    all.push(by_default(IdentifierColumnCheck::default()));
    all.push(by_default(ConstantColumnCheck::default()));
    all.push(by_default(MixedTypeColumnCheck::default()));
    all
}

/// Whether a check is one that cleanlab's Datalab does not make: its score is no part of cleanlab's health score.
pub(crate) fn is_our_own(name: &str) -> bool {
    let ours =
        ["exact_duplicate", "split_leakage", "identifier_column", "constant_column", "mixed_type_column"];
    ours.contains(&name)
}
