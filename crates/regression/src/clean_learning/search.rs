//! The share of wrong labels without which predictions are best.

use cleanlab_core::RandomState;

use super::cross_validation::{CrossValidation, Plan, n_kept};
use super::{CleanLearning, FindLabelIssuesOptions};
use crate::errors::RegressionError;
use crate::r_squared::r_squared;

/// R² of a share that leaves fewer rows than folds. cleanlab's is −1e30, which predictions can fall below.
const IMPOSSIBLE: f64 = f64::NEG_INFINITY;

/// A share of wrong labels, and R² of the predictions without them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trial {
    pub(super) fraction: f64,
    pub(super) r2: f64,
}

impl CleanLearning {
    /// The best share; `order` has the rows with the largest residuals last.
    pub(super) fn search_fraction(
        &self,
        folds: &CrossValidation<'_, '_>,
        order: &[usize],
        options: &FindLabelIssuesOptions,
        random: &mut RandomState,
    ) -> Result<Trial, RegressionError> {
        let mut coarse = options.coarse_search_range.clone();
        coarse.sort_by(f64::total_cmp);
        if let [fraction] = coarse[..] {
            let (rows, n_splits) = (n_divided(order.len(), fraction), self.n_splits);
            if rows < n_splits {
                return Err(RegressionError::TooFewRows { rows, folds: n_splits });
            }
        }
        let coarse = self.try_fractions(&coarse, folds, order, random)?;
        let best_at = first_best(&coarse);
        let best = coarse[best_at];
        if coarse.len() == 1 || options.fine_search_size == 0 {
            return Ok(best);
        }
        let mut fractions = Vec::new();
        let steps = options.fine_search_size + 1;
        for pair in coarse[best_at.saturating_sub(1)..coarse.len().min(best_at + 2)].windows(2) {
            let [from, to] = [pair[0].fraction, pair[1].fraction];
            let step = (to - from) / steps as f64;
            fractions.extend((1..steps).map(|at| at as f64 * step + from));
        }
        let fine = self.try_fractions(&fractions, folds, order, random)?;
        let best_fine = fine[first_best(&fine)];
        Ok(if best.r2 > best_fine.r2 { best } else { best_fine })
    }

    /// R² without each of these shares. Folds are drawn one share after the other, and only then does the work begin.
    fn try_fractions(
        &self,
        fractions: &[f64],
        folds: &CrossValidation<'_, '_>,
        order: &[usize],
        random: &mut RandomState,
    ) -> Result<Vec<Trial>, RegressionError> {
        let mut plans = Vec::new();
        let mut possible = Vec::new();
        for &fraction in fractions {
            let is_possible = n_divided(order.len(), fraction) >= self.n_splits;
            if is_possible {
                plans.push(Plan::without(order, fraction, self.n_splits, random)?);
            }
            possible.push(is_possible);
        }
        let mut predictions = folds.predict_all(&plans)?.into_iter();
        let labels = folds.data.labels();
        let trial = |(&fraction, is_possible): (&f64, bool)| {
            let predictions = if is_possible { predictions.next() } else { None };
            let r2 =
                predictions.map_or(IMPOSSIBLE, |predictions| r_squared(labels, predictions.view(), None));
            Trial { fraction, r2 }
        };
        Ok(fractions.iter().zip(possible).map(trial).collect())
    }
}

/// How many rows cleanlab counts as left to divide, or really are, if that is fewer by rounding.
fn n_divided(n_rows: usize, fraction: f64) -> usize {
    let counted = (n_rows as f64 * (1.0 - fraction)).floor() as usize;
    counted.min(n_kept(n_rows, fraction))
}

fn first_best(trials: &[Trial]) -> usize {
    let mut best = 0;
    for (at, trial) in trials.iter().enumerate() {
        if trial.r2 > trials[best].r2 {
            best = at;
        }
    }
    best
}
