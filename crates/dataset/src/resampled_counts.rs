//! Counts of given and true labels, and what they could as well have been.
//!
//! Every quantity of this crate is a function of counts: how many examples have each label, and how many of those are
//! confidently of each class. So to resample the examples it is enough to resample the counts, and of those only the
//! ones that a quantity reads. Each quantity has a random stream of its own: it does not depend on which thread takes
//! it, nor on which others are asked for.

use cleanlab_core::{Float, LabeledProbs, RandomState};
use cleanlab_count::{
    Calibration, ConfidentJoint, ConfidentJointOptions, CountError, compute_confident_joint,
};
use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::errors::DatasetError;
use crate::health_source::HealthSource;
use crate::interval_options::{Interval, IntervalMethod, IntervalOptions};
use crate::proportion_intervals::{HALF, Stream, clopper_pearson, gamma, percentiles, proportion, share};

pub(crate) struct ResampledCounts<'o> {
    options: &'o IntervalOptions,
    n_examples: u64,
    label_counts: Vec<u64>,
    /// Axis 0 the given label, axis 1 the true label.
    counts: Array2<u64>,
    /// Sums of the rows of `counts`.
    row_totals: Vec<u64>,
    /// Whether every example is counted, so that the shares of cells are plain proportions.
    is_complete: bool,
    /// One row of shares of the given labels per resample; empty while nothing needs it.
    label_shares: Array2<f64>,
}

impl<'o> ResampledCounts<'o> {
    pub(crate) fn of_source<F: Float>(
        source: &HealthSource<'_, F>,
        options: &'o IntervalOptions,
    ) -> Result<Self, DatasetError> {
        match source {
            HealthSource::Probabilities(data) => {
                let raw = ConfidentJointOptions::default().with_calibration(Calibration::Uncalibrated);
                Self::of_labels(data, &compute_confident_joint(data, &raw)?, options)
            }
            HealthSource::Counted(counts) => {
                source.checked_joint()?;
                Self::new(counts.label_counts.clone(), counts.confident_joint.counts().to_owned(), options)
            }
            HealthSource::Joint { .. } => {
                let n = source.num_examples() as f64;
                let counts = source.checked_joint()?.mapv(|p| (p * n).round_ties_even() as u64);
                // Rounded, they may be more than there are examples.
                let sum = counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count));
                sum.ok_or(CountError::TooManyCounts { what: "joint" })?;
                Self::complete(counts, options)
            }
            HealthSource::ConfidentJoint(confident_joint) => {
                source.checked_joint()?;
                Self::complete(confident_joint.counts().to_owned(), options)
            }
        }
    }

    /// Counts of confident examples among labels that are all known.
    pub(crate) fn of_labels<F: Float>(
        data: &LabeledProbs<'_, F>,
        confident_joint: &ConfidentJoint,
        options: &'o IntervalOptions,
    ) -> Result<Self, DatasetError> {
        Self::new(data.label_counts(), confident_joint.counts().to_owned(), options)
    }

    fn complete(counts: Array2<u64>, options: &'o IntervalOptions) -> Result<Self, DatasetError> {
        Self::new(counts.sum_axis(Axis(1)).to_vec(), counts, options)
    }

    fn new(
        label_counts: Vec<u64>,
        counts: Array2<u64>,
        options: &'o IntervalOptions,
    ) -> Result<Self, DatasetError> {
        let n_examples = label_counts.iter().sum();
        if n_examples == 0 {
            return Err(DatasetError::NoExamples);
        }
        let row_totals = counts.sum_axis(Axis(1)).to_vec();
        let is_complete = row_totals == label_counts;
        let label_shares = Array2::zeros((0, label_counts.len()));
        Ok(Self { options, n_examples, label_counts, counts, row_totals, is_complete, label_shares })
    }

    /// Resamples how many examples have each label, which pairs and columns share.
    pub(crate) fn with_label_shares(mut self) -> Self {
        let k = self.label_counts.len();
        let mut shares = vec![0.0; self.options.n_resamples * k];
        shares.par_chunks_mut(k).enumerate().for_each(|(resample, shares)| {
            let mut stream = Stream::LabelShares.start(self.options, resample, 0);
            for (share, &count) in shares.iter_mut().zip(&self.label_counts) {
                *share = gamma(&mut stream, count as f64);
            }
            let total: f64 = shares.iter().sum();
            for share in shares {
                *share /= total;
            }
        });
        // The shape is that of the vector by construction.
        self.label_shares = Array2::from_shape_vec((self.options.n_resamples, k), shares).unwrap_or_default();
        self
    }

    pub(crate) fn n_examples(&self) -> u64 {
        self.n_examples
    }

    pub(crate) fn n_classes(&self) -> usize {
        self.label_counts.len()
    }

    fn proportion(&self, count: u64, total: u64, id: usize) -> Interval {
        proportion(self.options, count, total, id)
    }

    /// The share of wrong labels among the examples that are labelled as a class.
    pub(crate) fn label_noise(&self, class: usize) -> Interval {
        if self.label_counts[class] == 0 {
            return Interval::UNKNOWN_SHARE;
        }
        let total = self.row_totals[class];
        self.proportion(total - self.counts[[class, class]], total, class)
    }

    /// The share of wrong labels among the examples that are of a class.
    pub(crate) fn inverse_label_noise(&self, class: usize) -> Interval {
        let right = self.counts[[class, class]];
        let column = self.counts.column(class);
        let wrong = column.sum() - right;
        if self.is_complete && self.options.method == IntervalMethod::Exact {
            return self.proportion(wrong, wrong + right, class);
        }
        let others = || (0..self.n_classes()).filter(|&given| given != class);
        let right_share = self.label_share(class) * self.share_of_row(class, right);
        if wrong == 0 {
            let most = others().map(|given| self.most_unseen(given)).fold(0.0, f64::max);
            let high = if most + right_share > 0.0 { most / (most + right_share) } else { 1.0 };
            return Interval { low: 0.0, high };
        }
        let one_example = others().map(|given| self.share_of_one(given)).fold(0.0, f64::max);
        let seen: Vec<usize> = others().filter(|&given| column[given] > 0).collect();
        let draws = self.draws(Stream::InverseNoise, class, 0, |stream, label_shares| {
            let mut draw_of = |given: usize, count: u64| {
                let rest = self.row_totals[given] - count;
                label_shares[given] * share(stream, count as f64, rest as f64)
            };
            let right = draw_of(class, right);
            let wrong: f64 = seen.iter().map(|&given| draw_of(given, column[given])).sum();
            let wrong = wrong + gamma(stream, HALF) * one_example;
            wrong / (wrong + right)
        });
        self.percentiles(draws)
    }

    /// The joint probability of given and true labels, summed over one or two cells off the diagonal.
    pub(crate) fn joint_probability(&self, cells: &[(usize, usize)]) -> Interval {
        let (given, truth) = cells[0];
        let id = given * self.n_classes() + truth;
        let total: u64 = cells.iter().map(|&cell| self.counts[cell]).sum();
        if self.is_complete && self.options.method == IntervalMethod::Exact {
            return self.proportion(total, self.n_examples, id);
        }
        if total == 0 {
            let most = cells.iter().map(|&(given, _)| self.most_unseen(given)).fold(0.0, f64::max);
            return Interval { low: 0.0, high: most };
        }
        let draws = self.draws(Stream::Pair, id, cells.len(), |stream, label_shares| {
            let draw = |&(given, truth): &(usize, usize)| {
                let count = self.counts[[given, truth]];
                let rest = (self.row_totals[given] - count) as f64;
                label_shares[given] * share(stream, count as f64 + HALF, rest + HALF)
            };
            cells.iter().map(draw).sum()
        });
        self.percentiles(draws)
    }

    /// The share of wrong labels among all: 1 − trace of the calibrated joint.
    pub(crate) fn issue_share(&self) -> Interval {
        let classes = 0..self.n_classes();
        let wrong = |given: usize| self.row_totals[given] - self.counts[[given, given]];
        let total: u64 = classes.clone().map(wrong).sum();
        if self.is_complete && self.options.method == IntervalMethod::Exact {
            return self.proportion(total, self.n_examples, 0);
        }
        if total == 0 {
            let most = classes.map(|given| self.most_unseen(given)).fold(0.0, f64::max);
            return Interval { low: 0.0, high: most };
        }
        let one_example = classes.clone().map(|given| self.share_of_one(given)).fold(0.0, f64::max);
        let draws = self.draws(Stream::Issues, 0, 0, |stream, label_shares| {
            let mut sum = gamma(stream, HALF) * one_example;
            for given in classes.clone().filter(|&given| wrong(given) > 0) {
                let right = self.counts[[given, given]] as f64;
                sum += label_shares[given] * share(stream, wrong(given) as f64, right);
            }
            sum.min(1.0)
        });
        self.percentiles(draws)
    }

    /// The share of examples that have a label.
    fn label_share(&self, given: usize) -> f64 {
        self.label_counts[given] as f64 / self.n_examples as f64
    }

    fn share_of_row(&self, given: usize, count: u64) -> f64 {
        count as f64 / self.row_totals[given].max(1) as f64
    }

    /// The joint probability that a single counted example with this label stands for.
    fn share_of_one(&self, given: usize) -> f64 {
        self.label_share(given) * self.share_of_row(given, 1)
    }

    /// The largest joint probability of a label with a class that none of its examples were counted in.
    fn most_unseen(&self, given: usize) -> f64 {
        self.label_share(given) * clopper_pearson(0, self.row_totals[given], self.options.tail()).high
    }

    /// One value for each resample; `draw` gets the stream of the quantity and the shares of the given labels.
    fn draws(
        &self,
        purpose: Stream,
        first_id: usize,
        second_id: usize,
        mut draw: impl FnMut(&mut RandomState, &[f64]) -> f64,
    ) -> Vec<f64> {
        let mut stream = purpose.start(self.options, first_id, second_id);
        let k = self.n_classes();
        let shares = self.label_shares.as_slice().unwrap_or_default();
        let of_resample = |resample: usize| shares.get(resample * k..(resample + 1) * k).unwrap_or_default();
        (0..self.options.n_resamples).map(|resample| draw(&mut stream, of_resample(resample))).collect()
    }

    fn percentiles(&self, draws: Vec<f64>) -> Interval {
        percentiles(self.options, draws)
    }
}
