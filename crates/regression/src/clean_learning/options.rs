//! How wrong labels are searched for.

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::{check_length, check_not_negative, check_values};
use crate::errors::RegressionError;

/// Whether the aleatoric uncertainty, which lies in the data, is added to the epistemic one, which lies in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AleatoricUncertainty {
    /// It is estimated and added.
    #[default]
    Included,
    /// It is taken for 0.
    LeftOut,
}

/// How uncertain the prediction of each row is.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Uncertainty {
    /// As estimated by [`CleanLearning`](crate::CleanLearning).
    #[default]
    Estimated,
    /// The uncertainty of each row, N values of at least 0.
    Given(Array1<f64>),
    /// The same for every row, at least 0.
    Same(f64),
}

/// How [`CleanLearning::find_label_issues`](crate::CleanLearning::find_label_issues) searches. The defaults are
/// cleanlab's.
///
/// ```
/// use cleanlab_regression::{FindLabelIssuesOptions, Uncertainty};
/// let options = FindLabelIssuesOptions::default().with_uncertainty(Uncertainty::Same(1.0)).with_fine_search_size(5);
/// assert_eq!(options.coarse_search_range, [0.01, 0.05, 0.1, 0.15, 0.2]);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FindLabelIssuesOptions {
    /// How uncertain predictions are. Default: estimated.
    pub uncertainty: Uncertainty,
    /// Shares of wrong labels to try, each between 0 and 1. Default 0.01, 0.05, 0.1, 0.15 and 0.2. A single one is not
    /// refined.
    pub coarse_search_range: Vec<f64>,
    /// How many more shares to try between the best one and each of its neighbours. Default 3.
    pub fine_search_size: usize,
}

impl Default for FindLabelIssuesOptions {
    fn default() -> Self {
        Self {
            uncertainty: Uncertainty::default(),
            coarse_search_range: vec![0.01, 0.05, 0.1, 0.15, 0.2],
            fine_search_size: 3,
        }
    }
}

impl FindLabelIssuesOptions {
    /// Sets how uncertain predictions are.
    #[must_use]
    pub fn with_uncertainty(mut self, uncertainty: Uncertainty) -> Self {
        self.uncertainty = uncertainty;
        self
    }

    /// Sets the shares of wrong labels to try.
    #[must_use]
    pub fn with_coarse_search_range(mut self, fractions: Vec<f64>) -> Self {
        self.coarse_search_range = fractions;
        self
    }

    /// Sets how many more shares to try on either side of the best one.
    #[must_use]
    pub fn with_fine_search_size(mut self, fine_search_size: usize) -> Self {
        self.fine_search_size = fine_search_size;
        self
    }

    pub(super) fn check(&self, n_rows: usize) -> Result<(), RegressionError> {
        match &self.uncertainty {
            Uncertainty::Estimated => {}
            Uncertainty::Given(given) => {
                check_length("uncertainty", given.len(), n_rows)?;
                check_values("uncertainty", given.view())?;
                check_not_negative("uncertainty", given.view())?;
            }
            Uncertainty::Same(value) => {
                if !value.is_finite() || *value < 0.0 {
                    let (option, bound) = ("uncertainty", "finite and at least 0");
                    return Err(RegressionError::InvalidOption { option, value: *value, bound });
                }
            }
        }
        if self.coarse_search_range.is_empty() {
            return Err(RegressionError::NoFractions);
        }
        if self.fine_search_size > MOST_FRACTIONS {
            let (option, value) = ("fine_search_size", self.fine_search_size as f64);
            return Err(RegressionError::InvalidOption { option, value, bound: "at most 10000" });
        }
        match self.coarse_search_range.iter().find(|fraction| !(0.0..=1.0).contains(*fraction)) {
            Some(&value) => {
                let (option, bound) = ("coarse_search_range", "between 0 and 1");
                Err(RegressionError::InvalidOption { option, value, bound })
            }
            None => Ok(()),
        }
    }
}

/// A model is trained for each fold without each of them.
const MOST_FRACTIONS: usize = 10_000;
