//! Out-of-sample predictions for every row.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use thiserror::Error;

use crate::classifier::{Classifier, FitWarning};
use crate::errors::LearningError;
use crate::splits::{Folds, KFold, Split, SplitWarning, StratifiedKFold};
use crate::training_set::TrainingSet;

/// How rows are divided into folds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Splitter {
    /// Folds of about equal size.
    KFold(KFold),
    /// Folds with about the same share of every class.
    StratifiedKFold(StratifiedKFold),
    /// Folds of the caller's own.
    Folds(Folds),
}

impl Splitter {
    fn split(&self, training: &TrainingSet<'_>) -> Result<Folds, LearningError> {
        match self {
            Self::KFold(k_fold) => k_fold.split(training.n_rows()),
            Self::StratifiedKFold(k_fold) => k_fold.split(training.labels()),
            Self::Folds(folds) if folds.n_rows() != training.n_rows() => {
                Err(LearningError::FoldRows { folds: folds.n_rows(), rows: training.n_rows() })
            }
            Self::Folds(folds) => Ok(folds.clone()),
        }
    }
}

/// What happens when the training rows of a fold lack a class that other rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AbsentClasses {
    /// The fold's predictions of that class are 0, as in scikit-learn.
    #[default]
    PredictZero,
    /// The first held-out row of that class is trained on as well, and its own prediction is replaced by full
    /// confidence in its label, as in cleanlab.
    BorrowHeldOutRow,
}

/// Whether a fold's model may look at the rows that it is going to predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ValidationRows {
    /// It sees the rows of the other folds alone.
    #[default]
    Unused,
    /// [`Classifier::fit_with_validation`] gets the held-out rows with their labels, to stop early or to choose
    /// settings. What it then predicts for them is a little too confident.
    HeldOut,
}

/// How far a cross-validation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Folds that are finished.
    pub done: usize,
    /// Folds in all.
    pub total: usize,
}

/// Told of the progress, at the start and after each fold; breaking off keeps further folds from being started.
///
/// It is called from several threads, but never twice at once.
pub type ProgressCallback = Arc<dyn Fn(Progress) -> ControlFlow<()> + Send + Sync>;

/// A callback that can be printed along with the options it is part of.
#[derive(Clone)]
pub(crate) struct Watcher(pub(crate) ProgressCallback);

impl fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ProgressCallback")
    }
}

/// How [`cross_val_predict`] divides the rows. The defaults are scikit-learn's: five stratified folds, not shuffled.
///
/// ```
/// use cleanlab_learning::{CrossValidationOptions, RowOrder, Splitter, StratifiedKFold};
/// let folds = StratifiedKFold::new(3).with_row_order(RowOrder::Shuffled { seed: 7 });
/// let options = CrossValidationOptions::default().with_splitter(Splitter::StratifiedKFold(folds));
/// assert_eq!(options.splitter, Splitter::StratifiedKFold(folds));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CrossValidationOptions {
    /// How rows are divided into folds.
    pub splitter: Splitter,
    /// What happens when a fold's training rows lack a class.
    pub absent_classes: AbsentClasses,
    /// Whether a fold's model may look at the rows that it is going to predict.
    pub validation: ValidationRows,
    /// Who is told of the progress, if anyone.
    pub(crate) progress: Option<Watcher>,
}

impl Default for CrossValidationOptions {
    fn default() -> Self {
        Self {
            splitter: Splitter::StratifiedKFold(StratifiedKFold::new(5)),
            absent_classes: AbsentClasses::PredictZero,
            validation: ValidationRows::Unused,
            progress: None,
        }
    }
}

impl CrossValidationOptions {
    /// Uses so many stratified folds, not shuffled.
    #[must_use]
    pub fn with_n_splits(self, n_splits: usize) -> Self {
        self.with_splitter(Splitter::StratifiedKFold(StratifiedKFold::new(n_splits)))
    }

    /// Sets how rows are divided into folds.
    #[must_use]
    pub fn with_splitter(mut self, splitter: Splitter) -> Self {
        self.splitter = splitter;
        self
    }

    /// Sets what happens when a fold's training rows lack a class.
    #[must_use]
    pub fn with_absent_classes(mut self, absent_classes: AbsentClasses) -> Self {
        self.absent_classes = absent_classes;
        self
    }

    /// Sets whether a fold's model may look at the rows that it is going to predict.
    #[must_use]
    pub fn with_validation(mut self, validation: ValidationRows) -> Self {
        self.validation = validation;
        self
    }

    /// Has the progress told, and allows to stop.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use std::sync::Arc;
    /// use cleanlab_learning::{
    ///     CrossValidationOptions, LearningError, LogisticRegression, TrainingSet, cross_val_predict,
    /// };
    /// use ndarray::array;
    ///
    /// let features = array![[0.0], [1.0], [2.0], [3.0]];
    /// let data = TrainingSet::new(features.view(), &[0, 1, 0, 1], 2)?;
    /// let stop_at_once = CrossValidationOptions::default()
    ///     .with_n_splits(2)
    ///     .with_progress(Arc::new(|progress| {
    ///         assert_eq!((progress.done, progress.total), (0, 2));
    ///         ControlFlow::Break(())
    ///     }));
    /// let error = cross_val_predict(&LogisticRegression::default(), &data, &stop_at_once).unwrap_err();
    /// assert!(matches!(error, LearningError::Cancelled { done: 0, total: 2 }));
    /// # Ok::<(), LearningError>(())
    /// ```
    #[must_use]
    pub fn with_progress(mut self, progress: ProgressCallback) -> Self {
        self.progress = Some(Watcher(progress));
        self
    }
}

/// Predictions of models that had not seen the rows they predict.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CrossValidated {
    /// The probability of each class for each row, N × K.
    pub pred_probs: Array2<f64>,
    /// What dividing, training and predicting have to report, fold by fold.
    pub warnings: Vec<CrossValidationWarning>,
}

/// Something about a cross-validation that a user should know, though predictions came out of it.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CrossValidationWarning {
    /// From the division into folds.
    #[error(transparent)]
    Split(SplitWarning),
    /// The training rows of a fold lack classes, which are predicted with probability 0.
    #[error(
        "fold {fold}: no training row has any of the classes {classes:?}; their probability is given as 0"
    )]
    AbsentClasses {
        /// The fold, counted from 0.
        fold: usize,
        /// The classes, in ascending order.
        classes: Vec<u32>,
    },
    /// The only rows of a class are in one fold, so that one of them was also trained on.
    #[error(
        "fold {fold}: row {row}, of class {class}, was both trained on and held out, because no other fold has \
         that class; its own prediction is its label"
    )]
    BorrowedRow {
        /// The fold, counted from 0.
        fold: usize,
        /// The class.
        class: u32,
        /// The row.
        row: usize,
    },
    /// From the training of a fold's model.
    #[error("fold {fold}: {warning}")]
    Fit {
        /// The fold, counted from 0.
        fold: usize,
        /// What the training reports.
        warning: FitWarning,
    },
}

/// Predicts every row by a model that was trained on the other folds.
///
/// Folds are trained in parallel on the current rayon pool; the result does not depend on its size.
///
/// # Shapes
///
/// N training rows of K classes give N × K probabilities, rows in the order of the data. Columns of classes that do not
/// occur are 0.
///
/// # Errors
///
/// [`LearningError::WeightsUnsupported`]; what dividing the rows gives; [`LearningError::Fold`] with the first fold at
/// fault when training or predicting fails, or when the classifier returns a matrix of another shape or values that are
/// not probabilities; [`LearningError::Cancelled`].
///
/// # Example
///
/// ```
/// use cleanlab_learning::{CrossValidationOptions, LogisticRegression, TrainingSet, cross_val_predict};
/// use ndarray::array;
///
/// let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1], 2)?;
/// let options = CrossValidationOptions::default().with_n_splits(3);
/// let out_of_sample = cross_val_predict(&LogisticRegression::default(), &data, &options)?;
/// assert_eq!(out_of_sample.pred_probs.dim(), (6, 2));
/// assert!(out_of_sample.pred_probs[[0, 0]] > 0.8);
/// assert!(out_of_sample.warnings.is_empty());
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.model_selection.cross_val_predict(method="predict_proba")`.
pub fn cross_val_predict(
    classifier: &dyn Classifier,
    training: &TrainingSet<'_>,
    options: &CrossValidationOptions,
) -> Result<CrossValidated, LearningError> {
    if training.sample_weight().is_some() && !classifier.supports_sample_weight() {
        return Err(LearningError::WeightsUnsupported);
    }
    let folds = options.splitter.split(training)?;
    let run = Run {
        classifier,
        training,
        absent_classes: options.absent_classes,
        validation: options.validation,
        present: training.label_counts().iter().map(|&count| count > 0).collect(),
    };
    let conductor = Conductor::new(folds.n_splits(), options.progress.as_ref());
    let outcomes: Vec<Option<Result<FoldOutcome, LearningError>>> = (0..folds.n_splits())
        .into_par_iter()
        .with_max_len(1)
        .map(|fold| conductor.conduct(fold, || run.fold(fold, folds.split(fold))))
        .collect();
    let mut result = CrossValidated {
        pred_probs: Array2::zeros((training.n_rows(), training.n_classes())),
        warnings: folds.warnings().iter().cloned().map(CrossValidationWarning::Split).collect(),
    };
    let mut stopped = false;
    for (fold, outcome) in outcomes.into_iter().enumerate() {
        let Some(outcome) = outcome else {
            stopped = true;
            continue;
        };
        let outcome = outcome.map_err(|error| error.in_fold(fold))?;
        for (&row, probabilities) in outcome.test.iter().zip(outcome.pred_probs.rows()) {
            result.pred_probs.row_mut(row).assign(&probabilities);
        }
        result.warnings.extend(outcome.warnings);
    }
    if stopped {
        return Err(LearningError::Cancelled { done: conductor.done(), total: folds.n_splits() });
    }
    Ok(result)
}

/// What one fold gives.
struct FoldOutcome {
    test: Vec<usize>,
    pred_probs: Array2<f64>,
    warnings: Vec<CrossValidationWarning>,
}

/// What all folds share.
struct Run<'a, 'd> {
    classifier: &'a dyn Classifier,
    training: &'a TrainingSet<'d>,
    absent_classes: AbsentClasses,
    validation: ValidationRows,
    /// Whether each class occurs at all.
    present: Vec<bool>,
}

impl Run<'_, '_> {
    fn fold(&self, fold: usize, split: Split) -> Result<FoldOutcome, LearningError> {
        let Split { mut train, test } = split;
        let mut warnings = Vec::new();
        let absent = self.absent_from(&train);
        // Position among the held-out rows, and class, of each borrowed row.
        let mut borrowed = Vec::new();
        match self.absent_classes {
            AbsentClasses::PredictZero if !absent.is_empty() => {
                warnings.push(CrossValidationWarning::AbsentClasses { fold, classes: absent });
            }
            AbsentClasses::PredictZero => {}
            AbsentClasses::BorrowHeldOutRow => {
                for class in absent {
                    let held_out = test.iter().position(|&row| self.training.labels()[row] == class);
                    if let Some(position) = held_out {
                        let row = test[position];
                        train.push(row);
                        borrowed.push((position, class));
                        warnings.push(CrossValidationWarning::BorrowedRow { fold, class, row });
                    }
                }
            }
        }
        let rows = self.training.select(&train);
        let fitted = match self.validation {
            ValidationRows::Unused => self.classifier.fit(&rows.as_training_set()?)?,
            ValidationRows::HeldOut => {
                let validation = self.training.without_sample_weight().select(&test);
                self.classifier
                    .fit_with_validation(&rows.as_training_set()?, &validation.as_training_set()?)?
            }
        };
        warnings.extend(
            fitted.warnings().iter().cloned().map(|warning| CrossValidationWarning::Fit { fold, warning }),
        );
        let held_out = self.training.features().select(ndarray::Axis(0), &test);
        let mut pred_probs = fitted.predict_proba(held_out.view())?;
        check_predictions(pred_probs.view(), &test, self.training.n_classes())?;
        for (position, class) in borrowed {
            let mut row = pred_probs.row_mut(position);
            row.fill(0.0);
            row[class as usize] = 1.0;
        }
        Ok(FoldOutcome { test, pred_probs, warnings })
    }

    /// Classes that occur, but not among these rows.
    fn absent_from(&self, rows: &[usize]) -> Vec<u32> {
        let mut absent = self.present.clone();
        for &row in rows {
            absent[self.training.labels()[row] as usize] = false;
        }
        (0..).zip(absent).filter(|&(_, absent)| absent).map(|(class, _)| class).collect()
    }
}

/// Whether what a classifier returned for these rows are probabilities of the right classes.
pub(crate) fn check_predictions(
    pred_probs: ArrayView2<'_, f64>,
    rows: &[usize],
    n_classes: usize,
) -> Result<(), LearningError> {
    if pred_probs.dim() != (rows.len(), n_classes) {
        return Err(LearningError::PredictedShape {
            rows: pred_probs.nrows(),
            columns: pred_probs.ncols(),
            expected_rows: rows.len(),
            expected_columns: n_classes,
        });
    }
    let range = -FLOATING_POINT_COMPARISON..=1.0 + FLOATING_POINT_COMPARISON;
    for ((position, column), &value) in pred_probs.indexed_iter() {
        if !range.contains(&value) {
            return Err(LearningError::NotAProbability { row: rows[position], column, value });
        }
    }
    Ok(())
}

/// Decides which folds still run, and tells of the progress.
struct Conductor<'a> {
    total: usize,
    watcher: Option<&'a Watcher>,
    /// Folds finished, and whether to go on.
    state: Mutex<(usize, bool)>,
    /// The lowest fold that failed: later ones need not run, earlier ones must, so that the error is always the same.
    failed: AtomicUsize,
}

impl<'a> Conductor<'a> {
    fn new(total: usize, watcher: Option<&'a Watcher>) -> Self {
        let go_on = watcher.is_none_or(|watcher| (watcher.0)(Progress { done: 0, total }).is_continue());
        Self { total, watcher, state: Mutex::new((0, go_on)), failed: AtomicUsize::new(usize::MAX) }
    }

    fn done(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Runs a fold unless it is of no use any more.
    fn conduct<T>(
        &self,
        fold: usize,
        run: impl FnOnce() -> Result<T, LearningError>,
    ) -> Option<Result<T, LearningError>> {
        let go_on = self.state.lock().unwrap_or_else(PoisonError::into_inner).1;
        if !go_on || self.failed.load(Ordering::Relaxed) < fold {
            return None;
        }
        let result = run();
        if result.is_err() {
            self.failed.fetch_min(fold, Ordering::Relaxed);
        } else {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.0 += 1;
            if let Some(watcher) = self.watcher {
                let progress = Progress { done: state.0, total: self.total };
                state.1 &= (watcher.0)(progress).is_continue();
            }
        }
        Some(result)
    }
}
