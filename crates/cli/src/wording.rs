//! What the libraries report, in the words of the command: rows of the file, names of classes, its own options.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use cleanlab_core::{ClassNames, InputError};
use cleanlab_filter::LabelIssuesWarning;
use cleanlab_learning::{CleanLearningWarning, CrossValidationWarning, LearningError, SplitWarning};
use cleanlab_table::TableError;

use crate::printable::{list, one_line};

/// Prints a line on standard error; if nobody reads there, nobody misses it.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", one_line(line));
}

/// An error and its causes in one line; causes that a message before them quotes already are left out.
pub(crate) fn error_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            // Writing to a string cannot fail.
            let _ = write!(line, ": {cause}");
        }
    }
    line
}

/// Rows by their numbers in the file, when some were left out, and classes by their names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wording<'a> {
    /// For each row used, its number in the file.
    pub(crate) rows: &'a [usize],
    pub(crate) class_names: &'a ClassNames,
}

impl Wording<'_> {
    fn row(self, row: usize) -> usize {
        self.rows.get(row).copied().unwrap_or(row)
    }

    fn class(self, class: usize) -> String {
        self.class_names.get(class).map_or_else(|| class.to_string(), |name| list(&[name]))
    }

    fn classes(self, classes: impl IntoIterator<Item = usize>) -> String {
        list(&classes.into_iter().map(|class| self.class(class)).collect::<Vec<_>>())
    }

    /// Errors of labels and predicted probabilities.
    pub(crate) fn input_error(self, error: InputError) -> anyhow::Error {
        match error {
            InputError::NanProbability { row, column } => {
                InputError::NanProbability { row: self.row(row), column }.into()
            }
            InputError::ProbabilityOutOfRange { row, column, value, .. } if !value.is_finite() => {
                let row = self.row(row);
                anyhow::anyhow!(
                    "pred_probs row {row}, column {column} is {value}, outside [0, 1]; drop the row or predict it again"
                )
            }
            InputError::ProbabilityOutOfRange { row, column, value, tolerance } => {
                let error =
                    InputError::ProbabilityOutOfRange { row: self.row(row), column, value, tolerance };
                anyhow::anyhow!("{error} (--clip does that)")
            }
            InputError::LabelOutOfRange { row, label, n_classes } => {
                InputError::LabelOutOfRange { row: self.row(row), label, n_classes }.into()
            }
            InputError::OneClass { class } => anyhow::anyhow!(
                "every label is {}; at least 2 classes are needed to tell a wrong label from a right one",
                self.class(class as usize)
            ),
            error => error.into(),
        }
    }

    /// Errors of columns used as features.
    pub(crate) fn table_error(self, error: TableError) -> anyhow::Error {
        match error {
            TableError::InfiniteValue { column, row, value } => {
                let error = TableError::InfiniteValue { column, row: self.row(row), value };
                anyhow::anyhow!("{error} (--exclude does that)")
            }
            error => error.into(),
        }
    }

    /// Errors of cross-validation.
    pub(crate) fn learning_error(self, error: LearningError) -> anyhow::Error {
        match error {
            LearningError::FoldCount { n_splits, rows } => anyhow::anyhow!(
                "{n_splits} folds of {rows} rows, but every fold needs a row; lower --folds, or give \
                 probabilities of your own with --pred-probs"
            ),
            LearningError::ClassesSmallerThanFolds { n_splits, class, members } => anyhow::anyhow!(
                "{n_splits} folds, but the largest class, {}, has only {members} rows; lower --folds, or give \
                 probabilities of your own with --pred-probs",
                self.class(class as usize)
            ),
            LearningError::TooFewRowsForFolds { rows, classes, n_splits } => anyhow::anyhow!(
                "{rows} rows of {classes} classes are fewer than {n_splits} a class, one for each fold; lower --folds, \
                 or give probabilities of your own with --pred-probs"
            ),
            LearningError::NoCleanRows { rows } => anyhow::anyhow!(
                "all {rows} labels look wrong, so that no row is left to train on; lower --frac-noise, or choose \
                 another --filter-by"
            ),
            LearningError::FinalFit { source } => {
                anyhow::anyhow!("final model: {}", error_line(&self.learning_error(*source)))
            }
            LearningError::OneClass { class } => anyhow::anyhow!(
                "every label to train on is {}; at least 2 classes are needed",
                self.class(class as usize)
            ),
            LearningError::Fold { fold, source } => {
                anyhow::anyhow!("fold {fold}: {}", error_line(&self.learning_error(*source)))
            }
            error => error.into(),
        }
    }

    /// Warnings of cross-validation; of many rows that were both trained on and held out, the first.
    pub(crate) fn learning_warnings(self, warnings: &[CrossValidationWarning]) -> Vec<String> {
        let is_borrowed =
            |warning: &&CrossValidationWarning| matches!(warning, CrossValidationWarning::BorrowedRow { .. });
        let n_borrowed = warnings.iter().filter(is_borrowed).count();
        let mut lines: Vec<String> = Vec::new();
        let mut borrowed = 0;
        for warning in warnings {
            let mut line = self.learning_warning(warning);
            if is_borrowed(&warning) {
                borrowed += 1;
                if borrowed > 1 {
                    continue;
                }
                if n_borrowed > 1 {
                    // Writing to a string cannot fail.
                    let _ = write!(line, " (and so for {} more rows)", n_borrowed - 1);
                }
            }
            lines.push(line);
        }
        lines
    }

    fn learning_warning(self, warning: &CrossValidationWarning) -> String {
        match warning {
            CrossValidationWarning::Split(SplitWarning::SmallClass { class, members, n_splits }) => format!(
                "the smallest class, {}, has {members} rows, fewer than the {n_splits} folds; its labels are \
                 judged by models that saw little of it",
                self.class(*class as usize)
            ),
            CrossValidationWarning::AbsentClasses { fold, classes } => format!(
                "fold {fold}: no row to train on has any of the classes {}; their probability is given as 0",
                self.classes(classes.iter().map(|&class| class as usize))
            ),
            CrossValidationWarning::BorrowedRow { fold, class, row } => format!(
                "fold {fold}: row {}, of class {}, was both trained on and held out, because no other fold has that \
                 class; its own prediction is its label",
                self.row(*row),
                self.class(*class as usize)
            ),
            warning => warning.to_string(),
        }
    }

    /// Warnings of cleaning.
    pub(crate) fn clean_learning_warnings(self, warnings: &[CleanLearningWarning]) -> Vec<String> {
        let of_folds = |warning: &CleanLearningWarning| match warning {
            CleanLearningWarning::CrossValidation(warning) => Some(warning.clone()),
            _ => None,
        };
        let mut lines = self.learning_warnings(&warnings.iter().filter_map(of_folds).collect::<Vec<_>>());
        lines.extend(warnings.iter().filter_map(|warning| match warning {
            CleanLearningWarning::CrossValidation(_) => None,
            CleanLearningWarning::Filter(warning) => Some(self.label_warning(warning)),
            CleanLearningWarning::ClassesPrunedAway { classes } => Some(format!(
                "no row is kept of the classes {}, which the final model does not know",
                self.classes(classes.iter().map(|&class| class as usize))
            )),
            warning => Some(warning.to_string()),
        }));
        lines
    }

    /// Warnings of judging labels.
    pub(crate) fn label_warning(self, warning: &LabelIssuesWarning) -> String {
        match warning {
            LabelIssuesWarning::TooFewExamples { classes, min_examples_per_class } => format!(
                "not all label issues may be flagged in classes with {min_examples_per_class} examples or fewer: {} \
                 (--min-examples-per-class)",
                self.classes(classes.iter().copied())
            ),
            LabelIssuesWarning::RowsDoNotSumToOne { n_rows, first_row, first_sum } => {
                LabelIssuesWarning::RowsDoNotSumToOne {
                    n_rows: *n_rows,
                    first_row: self.row(*first_row),
                    first_sum: *first_sum,
                }
                .to_string()
            }
            warning => warning.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_line_says_nothing_twice() {
        let fold = LearningError::Fold {
            fold: 2,
            source: Box::new(LearningError::classifier("the model server does not answer")),
        };
        let error = anyhow::Error::new(fold).context("could not audit t.csv");
        assert_eq!(
            error_line(&error),
            "could not audit t.csv: fold 2: the classifier failed: the model server does not answer"
        );
    }

    #[test]
    fn learning_error_of_a_fold_names_rows_of_the_file_and_classes() {
        let class_names = ClassNames::from_ordered(["cat", "dog\u{1b}"].map(String::from).to_vec());
        let wording = Wording { rows: &[0, 2, 3], class_names: &class_names };
        let source = Box::new(LearningError::OneClass { class: 1 });
        let error = wording.learning_error(LearningError::Fold { fold: 4, source });
        assert_eq!(
            error_line(&error),
            r"fold 4: every label to train on is dog\u{1b}; at least 2 classes are needed"
        );
        let borrowed = CrossValidationWarning::BorrowedRow { fold: 0, class: 0, row: 1 };
        assert!(wording.learning_warning(&borrowed).starts_with("fold 0: row 2, of class cat,"));
    }
}
