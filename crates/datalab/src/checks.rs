//! Which checks are made, with which options.

mod class_imbalance;
mod constant_column;
mod data_valuation;
mod density_clusters;
mod exact_duplicate;
mod graph_facts;
mod identifier_column;
mod label;
mod mixed_type_column;
mod multilabel_label;
mod near_duplicate;
mod non_iid;
mod null;
mod order_statistics;
mod outlier;
mod regression_label;
mod split_leakage;
mod underperforming_group;
mod value_kind;

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use self::class_imbalance::ClassImbalanceCheck;
pub use self::constant_column::ConstantColumnCheck;
pub use self::data_valuation::DataValuationCheck;
pub use self::exact_duplicate::ExactDuplicateCheck;
pub use self::identifier_column::IdentifierColumnCheck;
pub use self::label::LabelCheck;
pub use self::mixed_type_column::MixedTypeColumnCheck;
pub use self::multilabel_label::{ClassAggregation, MultilabelLabelCheck};
pub use self::near_duplicate::NearDuplicateCheck;
pub use self::non_iid::NonIidCheck;
pub use self::null::NullCheck;
pub use self::outlier::{OutlierCheck, ProbabilityAdjustment};
pub use self::regression_label::RegressionLabelCheck;
pub use self::split_leakage::SplitLeakageCheck;
pub use self::underperforming_group::{ClusteringOptions, UnderperformingGroupCheck};
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

    /// All checks that there are for a task. None of them counts as asked for: what it lacks is no failure.
    ///
    /// ```
    /// use cleanlab_datalab::{Checks, Task, list_possible_issue_types};
    /// let names = list_possible_issue_types(Task::Regression);
    /// assert_eq!(Checks::all_for(Task::Regression).names(), names);
    /// ```
    #[must_use]
    pub fn all_for(task: Task) -> Self {
        let all = registered(task).into_iter();
        Self(all.map(|registered| ChosenCheck { manager: registered.manager, asked_for: false }).collect())
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
        self.with_json(task, name, &Value::Object(Map::new()))
    }

    /// Adds the check of that name, with options by the names of the fields of its struct; those that are left out keep
    /// their defaults. An empty object and `null` leave out all.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NoSuchCheck`]; [`DatalabError::CheckOptions`] with the name of the first option that there is
    /// not, or that has a value of the wrong type.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_datalab::{Checks, Task};
    /// use serde_json::json;
    /// let options = json!({"k": 5, "metric": "euclidean"});
    /// let checks = Checks::none().with_json(Task::Classification, "outlier", &options)?;
    /// assert_eq!(checks.names(), ["outlier"]);
    ///
    /// let typo = json!({"k": 5, "treshold": 0.2});
    /// let error = Checks::none().with_json(Task::Classification, "outlier", &typo).unwrap_err();
    /// assert!(error.to_string().contains("treshold"));
    /// # Ok::<(), cleanlab_datalab::DatalabError>(())
    /// ```
    pub fn with_json(self, task: Task, name: &str, options: &Value) -> Result<Self, DatalabError> {
        let found = registered(task).into_iter().find(|registered| registered.manager.issue_name() == name);
        let Some(registered) = found else {
            let (name, possible) = (name.to_owned(), list_possible_issue_types(task));
            return Err(DatalabError::NoSuchCheck { name, task, possible });
        };
        let manager = (registered.read)(options)
            .map_err(|reason| DatalabError::CheckOptions { name: name.to_owned(), reason })?;
        Ok(self.with_manager(manager))
    }

    /// Gives a check that is chosen other options, as [`Checks::with_json`] reads them; whether it counts as asked for
    /// stays as it is.
    ///
    /// ```
    /// use cleanlab_datalab::{Checks, Task};
    /// use serde_json::json;
    /// let task = Task::Classification;
    /// let checks = Checks::default_for(task).configured(task, "outlier", &json!({"k": 5}))?;
    /// assert_eq!(checks.names(), Checks::default_for(task).names());
    /// assert!(Checks::none().configured(task, "outlier", &json!({"k": 5})).is_err());
    /// # Ok::<(), cleanlab_datalab::DatalabError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Checks::with_json`], also where the check is not among those chosen.
    pub fn configured(mut self, task: Task, name: &str, options: &Value) -> Result<Self, DatalabError> {
        let read = Self::none().with_json(task, name, options)?.0.pop();
        let chosen = self.0.iter_mut().find(|check| check.manager.issue_name() == name);
        match (read, chosen) {
            (Some(read), Some(chosen)) => chosen.manager = read.manager,
            _ => {
                let possible = self.names().into_iter().map(ToOwned::to_owned).collect();
                return Err(DatalabError::NoSuchCheck { name: name.to_owned(), task, possible });
            }
        }
        Ok(self)
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
    /// Makes the check with options, or says which of them is wrong.
    read: fn(&Value) -> Result<Arc<dyn IssueManager>, String>,
}

fn by_default<C: IssueManager + Default + DeserializeOwned + 'static>() -> Registered {
    Registered { manager: Arc::new(C::default()), by_default: true, read: read_options::<C> }
}

fn on_request<C: IssueManager + Default + DeserializeOwned + 'static>() -> Registered {
    Registered { by_default: false, ..by_default::<C>() }
}

/// The checks of a task: those made by default in the order in which cleanlab makes them, its others, and our own.
fn registered(task: Task) -> Vec<Registered> {
    let mut checks = vec![by_default::<NullCheck>()];
    checks.push(match task {
        Task::Classification => by_default::<LabelCheck>(),
        Task::Regression => by_default::<RegressionLabelCheck>(),
        Task::Multilabel => by_default::<MultilabelLabelCheck>(),
    });
    checks.extend([
        by_default::<OutlierCheck>(),
        by_default::<NearDuplicateCheck>(),
        by_default::<NonIidCheck>(),
    ]);
    if task == Task::Classification {
        checks.extend([by_default::<ClassImbalanceCheck>(), by_default::<UnderperformingGroupCheck>()]);
    }
    checks.push(on_request::<DataValuationCheck>());
    // Those of `is_our_own`.
    checks.extend([
        by_default::<ExactDuplicateCheck>(),
        by_default::<SplitLeakageCheck>(),
        by_default::<IdentifierColumnCheck>(),
        by_default::<ConstantColumnCheck>(),
        by_default::<MixedTypeColumnCheck>(),
    ]);
    checks
}

/// Whether a check is one that cleanlab's Datalab does not make: its score is no part of cleanlab's health score.
pub(crate) fn is_our_own(name: &str) -> bool {
    let ours =
        ["exact_duplicate", "split_leakage", "identifier_column", "constant_column", "mixed_type_column"];
    ours.contains(&name)
}

fn read_options<C: IssueManager + DeserializeOwned + 'static>(
    options: &Value,
) -> Result<Arc<dyn IssueManager>, String> {
    let no_options = Value::Object(Map::new());
    let options = if options.is_null() { &no_options } else { options };
    let Some(fields) = options.as_object() else {
        return Err(format!("they are {options}, but must be an object of names and values"));
    };
    C::deserialize(options).map(|check| Arc::new(check) as Arc<dyn IssueManager>).map_err(|error| {
        // All options have defaults, so that the one at fault fails alone.
        let fault = fields.iter().find_map(|(name, value)| {
            let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
            C::deserialize(&alone).err().map(|error| format!("{name}: {error}"))
        });
        fault.unwrap_or_else(|| error.to_string())
    })
}
