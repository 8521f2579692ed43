//! Rows held out, and the decision to stop when their loss no longer falls.

use rayon::prelude::*;

use super::log_loss::loss;
use super::{EarlyStopping, GradientBoosting, add_trees};
use crate::counted_rows::CountedRows;
use crate::decision_tree::FlatTree;
use crate::errors::LearningError;
use crate::splits::{TestRows, TestSize, train_test_split};
use crate::training_set::TrainingSet;

/// Positions among the counted rows, ascending.
pub(super) struct HoldOut {
    pub(super) training: Vec<usize>,
    pub(super) validation: Vec<usize>,
}

impl HoldOut {
    /// The rows to train on and to hold out, if training may stop early.
    pub(super) fn new(
        options: &GradientBoosting,
        counted: &CountedRows,
    ) -> Result<Option<Self>, LearningError> {
        match options.early_stopping {
            EarlyStopping::Never => Ok(None),
            EarlyStopping::Always => Self::split(options, counted).map(Some),
            EarlyStopping::Auto if counted.len() <= EarlyStopping::AUTO_ROWS => Ok(None),
            // Nobody asked for it, so that it is no error if it cannot be: a class may have a single row.
            EarlyStopping::Auto => Ok(Self::split(options, counted).ok()),
        }
    }

    fn split(options: &GradientBoosting, counted: &CountedRows) -> Result<Self, LearningError> {
        let labels: Vec<u32> = counted.classes.iter().map(|&class| counted.labels[class as usize]).collect();
        let size = TestSize::Fraction(options.validation_fraction);
        let rows = TestRows::Stratified { labels: &labels, seed: options.seed };
        let split = train_test_split(counted.len(), size, rows)?;
        let mut is_validation = vec![false; counted.len()];
        split.test.iter().for_each(|&row| is_validation[row] = true);
        let mut trained = vec![false; counted.n_classes()];
        split.train.iter().for_each(|&row| trained[counted.classes[row] as usize] = true);
        // A class of two rows may have been held out whole. What is not trained has an infinite loss for ever.
        let (validation, training) =
            (0..counted.len()).partition(|&row| is_validation[row] && trained[counted.classes[row] as usize]);
        Ok(Self { training, validation })
    }
}

/// Rows in a block: all trees of an iteration pass over it while it is in the cache.
const BLOCK: usize = 256;

/// The rows held out, and the losses so far.
pub(super) struct Validation {
    /// Row by row.
    features: Vec<f64>,
    n_features: usize,
    rows: CountedRows,
    /// Row by row.
    logits: Vec<f64>,
    n_outputs: usize,
    losses: Vec<f64>,
    n_iter_no_change: usize,
    tolerance: f64,
}

impl Validation {
    /// `baseline` holds the logits before the first tree.
    pub(super) fn new(
        options: &GradientBoosting,
        training: &TrainingSet<'_>,
        rows: CountedRows,
        baseline: &[f64],
    ) -> Self {
        let features = training.features();
        let mut validation = Self {
            features: rows.rows.iter().flat_map(|&row| features.row(row as usize)).copied().collect(),
            n_features: training.n_features(),
            logits: baseline.repeat(rows.len()),
            n_outputs: baseline.len(),
            rows,
            losses: Vec::new(),
            n_iter_no_change: options.n_iter_no_change,
            tolerance: options.tolerance,
        };
        validation.add(&[]);
        validation
    }

    /// Adds the trees of an iteration, and tells whether to stop: none of the last `n_iter_no_change` losses is below the
    /// one before them by more than the tolerance.
    pub(super) fn add(&mut self, trees: &[FlatTree]) -> bool {
        let n_outputs = self.n_outputs;
        if n_outputs == 0 {
            return true;
        }
        let losses: Vec<f64> = self
            .logits
            .par_chunks_mut(BLOCK * n_outputs)
            .zip(self.features.par_chunks(BLOCK * self.n_features))
            .zip(self.rows.classes.par_chunks(BLOCK).zip(self.rows.weights.par_chunks(BLOCK)))
            .map(|((logits, features), (classes, weights))| {
                add_trees(trees, features, logits, n_outputs);
                let rows = logits.chunks_exact(n_outputs).zip(classes.iter().zip(weights));
                rows.map(|(logits, (&class, weight))| weight * loss(logits, class as usize)).sum()
            })
            .collect();
        self.losses.push(losses.iter().sum::<f64>() / self.rows.total_weight());
        should_stop(&self.losses, self.n_iter_no_change, self.tolerance)
    }
}

fn should_stop(losses: &[f64], n_iter_no_change: usize, tolerance: f64) -> bool {
    let Some((earlier, recent)) = losses.len().checked_sub(n_iter_no_change).map(|at| losses.split_at(at))
    else {
        return false;
    };
    earlier.last().is_some_and(|reference| recent.iter().all(|loss| *loss >= reference - tolerance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_stop_waits_for_so_many_losses_without_progress() {
        assert!(!should_stop(&[1.0], 2, 0.0));
        assert!(!should_stop(&[1.0, 1.0], 2, 0.0));
        assert!(should_stop(&[1.0, 1.0, 1.0], 2, 0.0));
        assert!(!should_stop(&[1.0, 1.0, 0.9], 2, 0.0));
        assert!(should_stop(&[1.0, 1.0, 0.9], 2, 0.2));
        assert!(should_stop(&[9.0, 1.0, 2.0, 1.5], 2, 0.0));
        assert!(!should_stop(&[9.0, 2.0, 1.0, 1.5], 2, 0.0));
    }

    #[test]
    fn split_class_held_out_whole_is_trained_on() {
        // Ten classes of two rows and one of 40: of 42 rows held out, each small class has one or two.
        let counted = CountedRows {
            rows: (0..60).collect(),
            classes: (0..60).map(|row| (row / 2).min(10)).collect(),
            weights: vec![1.0; 60],
            labels: (0..11).collect(),
        };
        let options = GradientBoosting::default().with_validation_fraction(0.7);
        let mut given_back = 0;
        for seed in 0..20 {
            let split = HoldOut::split(&options.clone().with_seed(seed), &counted).unwrap();
            assert_eq!(split.training.len() + split.validation.len(), 60);
            for class in 0..11 {
                assert!(split.training.iter().any(|&row| counted.classes[row] == class));
            }
            given_back += 42 - split.validation.len();
        }
        assert!(given_back > 0);
    }
}
