//! Predictions for every row by models that had not seen it.

use cleanlab_core::{RandomState, pairwise_sum};
use cleanlab_learning::{Folds, KFold, Split};
use ndarray::{Array1, ArrayView1, Axis};
use rayon::prelude::*;

use crate::errors::RegressionError;
use crate::regression_set::{LARGEST_VALUE, RegressionSet};
use crate::regressor::Regressor;

/// Which rows are divided into which folds, and which rows no model is trained on.
pub(super) struct Plan {
    /// Rows that are trained on and held out in turn.
    rows: Vec<usize>,
    /// Folds of positions in `rows`.
    folds: Folds,
    /// Rows that every model predicts; their prediction is the mean.
    left_out: Vec<usize>,
}

impl Plan {
    /// All rows, in their own order.
    pub(super) fn all_rows(
        n_rows: usize,
        n_splits: usize,
        random: &mut RandomState,
    ) -> Result<Self, RegressionError> {
        Self::new((0..n_rows).collect(), Vec::new(), n_splits, random)
    }

    /// All but the last ones of `order`, so many that their share is at least `fraction`.
    pub(super) fn without(
        order: &[usize],
        fraction: f64,
        n_splits: usize,
        random: &mut RandomState,
    ) -> Result<Self, RegressionError> {
        let (kept, left_out) = order.split_at(n_kept(order.len(), fraction));
        Self::new(kept.to_vec(), left_out.to_vec(), n_splits, random)
    }

    fn new(
        rows: Vec<usize>,
        left_out: Vec<usize>,
        n_splits: usize,
        random: &mut RandomState,
    ) -> Result<Self, RegressionError> {
        if rows.len() < n_splits {
            return Err(RegressionError::TooFewRows { rows: rows.len(), folds: n_splits });
        }
        // scikit-learn's shuffled KFold, with the stream that all of cleanlab's folds share.
        let fold_at = KFold::new(n_splits).split(rows.len())?;
        let mut fold_of_row = vec![0; rows.len()];
        for (&fold, position) in fold_at.fold_of_row().iter().zip(random.permutation(rows.len())) {
            fold_of_row[position] = fold;
        }
        Ok(Self { rows, folds: Folds::from_test_folds(fold_of_row)?, left_out })
    }
}

/// How many of `n_rows` rows are left when a share of `fraction` is left out.
pub(super) fn n_kept(n_rows: usize, fraction: f64) -> usize {
    n_rows.saturating_sub((n_rows as f64 * fraction).ceil() as usize)
}

/// A regressor and the data it is trained on.
pub(super) struct CrossValidation<'r, 'd> {
    pub(super) regressor: &'r dyn Regressor,
    pub(super) data: RegressionSet<'d>,
}

/// What one fold predicts: rows of its own, and those that no fold trains on.
struct FoldPredictions {
    held_out: Vec<usize>,
    predictions: Array1<f64>,
    left_out: Array1<f64>,
}

impl CrossValidation<'_, '_> {
    /// The prediction of every row.
    pub(super) fn predict(&self, plan: &Plan) -> Result<Array1<f64>, RegressionError> {
        Ok(self.predict_all(std::slice::from_ref(plan))?.remove(0))
    }

    /// The predictions of every row, once for each plan. All folds of all plans run side by side.
    pub(super) fn predict_all(&self, plans: &[Plan]) -> Result<Vec<Array1<f64>>, RegressionError> {
        let tasks: Vec<(usize, usize)> = plans
            .iter()
            .enumerate()
            .flat_map(|(plan, Plan { folds, .. })| (0..folds.n_splits()).map(move |fold| (plan, fold)))
            .collect();
        let outcomes: Vec<Result<FoldPredictions, RegressionError>> = tasks
            .par_iter()
            .with_max_len(1)
            .map(|&(plan, fold)| {
                let plan = &plans[plan];
                self.fold(plan, plan.folds.split(fold)).map_err(|error| error.in_fold(fold))
            })
            .collect();
        let mut outcomes = outcomes.into_iter();
        plans.iter().map(|plan| self.gather(plan, outcomes.by_ref().take(plan.folds.n_splits()))).collect()
    }

    fn gather(
        &self,
        plan: &Plan,
        outcomes: impl Iterator<Item = Result<FoldPredictions, RegressionError>>,
    ) -> Result<Array1<f64>, RegressionError> {
        let mut predictions = Array1::zeros(self.data.n_rows());
        let mut left_out = vec![Vec::new(); plan.left_out.len()];
        for outcome in outcomes {
            let outcome = outcome?;
            for (&row, &prediction) in outcome.held_out.iter().zip(&outcome.predictions) {
                predictions[row] = prediction;
            }
            for (all, &prediction) in left_out.iter_mut().zip(&outcome.left_out) {
                all.push(prediction);
            }
        }
        for (&row, all) in plan.left_out.iter().zip(left_out) {
            predictions[row] = pairwise_sum(&all) / all.len() as f64;
        }
        Ok(predictions)
    }

    fn fold(&self, plan: &Plan, split: Split) -> Result<FoldPredictions, RegressionError> {
        let rows_at = |positions: &[usize]| positions.iter().map(|&at| plan.rows[at]).collect::<Vec<_>>();
        let model = self.regressor.fit(&self.data.select(&rows_at(&split.train)).as_set()?)?;
        let predict = |rows: &[usize]| -> Result<Array1<f64>, RegressionError> {
            if rows.is_empty() {
                return Ok(Array1::zeros(0));
            }
            let predictions = model.predict(self.data.features().select(Axis(0), rows).view())?;
            check_predictions(predictions.view(), rows)?;
            Ok(predictions)
        };
        let held_out = rows_at(&split.test);
        Ok(FoldPredictions { predictions: predict(&held_out)?, left_out: predict(&plan.left_out)?, held_out })
    }
}

/// Whether there is one finite prediction for each of these rows.
pub(super) fn check_predictions(
    predictions: ArrayView1<'_, f64>,
    rows: &[usize],
) -> Result<(), RegressionError> {
    if predictions.len() != rows.len() {
        return Err(RegressionError::PredictionCount { found: predictions.len(), expected: rows.len() });
    }
    let bound = LARGEST_VALUE;
    match rows.iter().zip(predictions).find(|(_, value)| !(-bound..=bound).contains(*value)) {
        Some((&row, &value)) => Err(RegressionError::InvalidValue { what: "prediction", row, value, bound }),
        None => Ok(()),
    }
}
