//! What is to be learnt from the data: the given labels.

use cleanlab_core::{ClassNames, Labels};
use cleanlab_multilabel::MultiLabels;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// The kind of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Task {
    /// One class per row.
    Classification,
    /// A number per row.
    Regression,
    /// Any number of classes per row.
    Multilabel,
}

/// The given labels.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Targets {
    /// There are none.
    Unlabeled {
        /// The task that predictions are for.
        task: Task,
        /// Number of rows.
        n_rows: usize,
    },
    /// One class per row.
    Classes {
        /// The class of each row.
        labels: Labels<'static>,
        /// The names of the classes.
        class_names: ClassNames,
    },
    /// A number per row, all finite.
    Numbers(Array1<f64>),
    /// Any number of classes per row.
    ClassSets {
        /// The classes of each row.
        labels: MultiLabels,
        /// The names of the classes.
        class_names: ClassNames,
    },
}

impl Targets {
    /// The task.
    #[must_use]
    pub fn task(&self) -> Task {
        match self {
            Self::Unlabeled { task, .. } => *task,
            Self::Classes { .. } => Task::Classification,
            Self::Numbers(_) => Task::Regression,
            Self::ClassSets { .. } => Task::Multilabel,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Unlabeled { n_rows, .. } => *n_rows,
            Self::Classes { labels, .. } => labels.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::ClassSets { labels, .. } => labels.len(),
        }
    }

    /// The names of the classes, where there are classes.
    #[must_use]
    pub fn class_names(&self) -> Option<&ClassNames> {
        match self {
            Self::Classes { class_names, .. } | Self::ClassSets { class_names, .. } => Some(class_names),
            Self::Unlabeled { .. } | Self::Numbers(_) => None,
        }
    }

    /// The given label of a row as text.
    #[must_use]
    pub fn label_text(&self, row: usize) -> Option<String> {
        let name = |names: &ClassNames, class: usize| {
            names.get(class).map_or_else(|| class.to_string(), ToOwned::to_owned)
        };
        match self {
            Self::Unlabeled { .. } => None,
            Self::Classes { labels, class_names } => {
                labels.as_slice().get(row).map(|&class| name(class_names, class as usize))
            }
            Self::Numbers(numbers) => numbers.get(row).map(ToString::to_string),
            Self::ClassSets { labels, class_names } => (row < labels.len()).then(|| {
                let names: Vec<String> =
                    labels.classes_of(row).map(|class| name(class_names, class)).collect();
                names.join(", ")
            }),
        }
    }
}
