//! What was looked at, and whose predictions it was compared with.

use cleanlab_core::ClassNames;
use serde_json::{Value, json};

use crate::classifiers::ClassifierKind;
use crate::printable::{counted, one_line};

/// What every report begins with.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The file, for headings.
    pub(crate) source: String,
    pub(crate) class_names: ClassNames,
    /// Number of rows with a label.
    pub(crate) n_rows: usize,
    pub(crate) judge: Judge,
    pub(crate) warnings: Vec<String>,
}

/// Whose predictions labels are compared with.
#[derive(Debug, Clone)]
pub(crate) enum Judge {
    /// A model that was cross-validated.
    Model { classifier: ClassifierKind, folds: u32, seed: u32 },
    /// Those in a file.
    Predictions { source: String },
}

impl About {
    /// The first lines of a text.
    pub(crate) fn heading(&self) -> String {
        let judge = match &self.judge {
            Judge::Model { classifier, folds, .. } => {
                format!("{} in {folds}-fold cross-validation", classifier.words)
            }
            Judge::Predictions { source } => format!("the predictions in {source}"),
        };
        let rows = counted(self.n_rows, "row", "rows");
        let classes = counted(self.class_names.len(), "class", "classes");
        format!("{}: {rows}, {classes}\nJudged by {judge}.\n", one_line(&self.source))
    }

    /// The first entries of a JSON object.
    pub(crate) fn json(&self, schema: &str) -> Value {
        let judge = match &self.judge {
            Judge::Model { classifier, folds, seed } => {
                json!({ "classifier": classifier.name, "folds": folds, "seed": seed })
            }
            Judge::Predictions { source } => json!({ "pred_probs": source }),
        };
        json!({
            "schema": schema,
            "source": self.source,
            "rows": self.n_rows,
            "classes": self.class_names.as_slice(),
            "judged_by": judge,
            "warnings": self.warnings,
        })
    }

    /// The name of a class.
    pub(crate) fn class_name(&self, class: usize) -> String {
        self.class_names.get(class).map_or_else(|| class.to_string(), str::to_owned)
    }
}
