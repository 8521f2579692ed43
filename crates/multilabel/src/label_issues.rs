//! Which rows have a wrong set of classes, and which of their classes are wrong.

use cleanlab_core::Float;
use cleanlab_count::predicted_class;
use cleanlab_filter::{FilterBy, LabelIssuesWarning};
use cleanlab_rank::{LabelQualityMethod, find_top_issues};
use ndarray::{Array1, Array2};
use rayon::prelude::*;

use crate::aggregation::Aggregator;
use crate::errors::MultilabelError;
use crate::flagged_rows::{checked_options, flag_rows};
use crate::multi_labels::given;
use crate::multilabel_probs::{MultilabelProbs, complement_pair};
use crate::options::FindMultilabelIssuesOptions;
use crate::scores::{MultilabelScoreOptions, RowScorer, get_label_quality_scores};

/// Flagged rows, with what the caller should know about how they were found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MultilabelIssues {
    /// For each row, whether any of its classes is flagged.
    pub mask: Array1<bool>,
    /// What may have kept rows from being flagged, or was ignored.
    pub warnings: Vec<LabelIssuesWarning>,
}

impl MultilabelIssues {
    /// Number of flagged rows.
    #[must_use]
    pub fn n_issues(&self) -> usize {
        self.mask.iter().filter(|&&issue| issue).count()
    }

    /// The flagged rows, in ascending order.
    #[must_use]
    pub fn indices(&self) -> Vec<usize> {
        self.mask.iter().enumerate().filter_map(|(row, &issue)| issue.then_some(row)).collect()
    }

    /// The flagged rows, worst first by their aggregated score; equal scores in order of row. `data` is what they were
    /// flagged in.
    ///
    /// The scores of a row's classes are aggregated by cleanlab's default, an exponential moving average with α = 0.8.
    ///
    /// # Errors
    ///
    /// [`MultilabelError::MaskShape`] when `data` has another number of rows.
    ///
    /// # Source
    ///
    /// `cleanlab.multilabel_classification.filter.find_label_issues(return_indices_ranked_by=…)`.
    ///
    /// # Differences
    ///
    /// With the two `low_…` methods cleanlab returns the rows in an order that belongs to other rows (it pairs the
    /// ranks of ascending rows with rows in order of score), and adjusts probabilities by thresholds of the flagged rows
    /// alone. Here all methods rank alike.
    #[doc(alias = "return_indices_ranked_by")]
    pub fn ranked_by<F: Float>(
        &self,
        data: &MultilabelProbs<'_, F>,
        method: LabelQualityMethod,
    ) -> Result<Vec<usize>, MultilabelError> {
        /// Rows scored at a time.
        const CHUNK: usize = 256;
        if self.mask.len() != data.len() {
            let (found, expected) = (vec![self.mask.len()], vec![data.len()]);
            return Err(MultilabelError::MaskShape { found, expected });
        }
        let scorer = RowScorer::new(data, method)?;
        let rows = self.indices();
        let k = data.n_classes();
        let aggregator = Aggregator::default();
        let aggregator = aggregator.for_classes(k)?;
        let mut scores = vec![0.0; rows.len()];
        scores.par_chunks_mut(CHUNK).zip(rows.par_chunks(CHUNK)).try_for_each(|(out, rows)| {
            let mut of_classes = vec![0.0; rows.len() * k];
            for (&row, of_classes) in rows.iter().zip(of_classes.chunks_exact_mut(k)) {
                scorer.score_row(row, of_classes);
            }
            aggregator.aggregate_rows(&of_classes, 0, out)
        })?;
        let order = find_top_issues(Array1::from(scores).view(), rows.len());
        Ok(order.into_iter().map(|position| rows[position]).collect())
    }
}

/// Flagged annotations, with what the caller should know about how they were found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MultilabelIssuesPerClass {
    /// N × K: whether the row is flagged as wrongly having, or wrongly lacking, the class.
    pub mask: Array2<bool>,
    /// What may have kept annotations from being flagged, or was ignored.
    pub warnings: Vec<LabelIssuesWarning>,
}

impl MultilabelIssuesPerClass {
    /// For each class, how many rows are flagged.
    #[must_use]
    pub fn n_issues(&self) -> Vec<usize> {
        let flagged = |column: ndarray::ArrayView1<'_, bool>| column.iter().filter(|&&issue| issue).count();
        self.mask.columns().into_iter().map(flagged).collect()
    }

    /// For each class, its flagged rows in ascending order.
    #[must_use]
    pub fn indices(&self) -> Vec<Vec<usize>> {
        let mut rows = vec![Vec::new(); self.mask.ncols()];
        for ((row, class), _) in self.mask.indexed_iter().filter(|(_, issue)| **issue) {
            rows[class].push(row);
        }
        rows
    }

    /// For each class, its flagged rows, worst first by the score of that class; equal scores in order of row. `data`
    /// is what they were flagged in.
    ///
    /// # Errors
    ///
    /// [`MultilabelError::MaskShape`] when `data` has another shape.
    ///
    /// # Source
    ///
    /// `cleanlab.multilabel_classification.filter.find_multilabel_issues_per_class(return_indices_ranked_by=…)`.
    #[doc(alias = "return_indices_ranked_by")]
    pub fn ranked_by<F: Float>(
        &self,
        data: &MultilabelProbs<'_, F>,
        method: LabelQualityMethod,
    ) -> Result<Vec<Vec<usize>>, MultilabelError> {
        if self.mask.dim() != (data.len(), data.n_classes()) {
            let (found, expected) = (self.mask.shape().to_vec(), vec![data.len(), data.n_classes()]);
            return Err(MultilabelError::MaskShape { found, expected });
        }
        let scorer = RowScorer::new(data, method)?;
        let ranked = |(class, rows): (usize, Vec<usize>)| {
            let scores: Array1<f64> = rows.iter().map(|&row| scorer.score(row, class)).collect();
            let order = find_top_issues(scores.view(), rows.len());
            order.into_iter().map(|position| rows[position]).collect()
        };
        Ok(self.indices().into_par_iter().enumerate().map(ranked).collect())
    }
}

/// Flags the rows whose set of classes is probably wrong: those with any class flagged by
/// [`find_multilabel_issues_per_class`].
///
/// The two `Low…` methods flag, instead, the rows with the lowest [`get_label_quality_scores`] at its defaults, as many
/// as `ConfidentLearning` flags.
///
/// # Shapes
///
/// Returns a mask of N flags.
///
/// # Errors
///
/// As [`find_multilabel_issues_per_class`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultilabelProbs, find_label_issues};
/// use cleanlab_rank::LabelQualityMethod;
/// use ndarray::array;
///
/// let labels = [vec![0], vec![0, 1], vec![1], vec![], vec![1], vec![0]];
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.95]];
/// let data = MultilabelProbs::from_lists(&labels, pred_probs)?;
/// let issues = find_label_issues(&data, &FindMultilabelIssuesOptions::default())?;
/// // Row 4 should have class 0 as well, row 5 class 1.
/// assert_eq!(issues.indices(), [4, 5]);
/// assert_eq!(issues.ranked_by(&data, LabelQualityMethod::SelfConfidence)?, [5, 4]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.filter.find_label_issues`, with stable sorts.
///
/// # Differences
///
/// Data in which no row has a class, or every row has all of them, has no issues with the `Low…` methods; cleanlab
/// fails. There is no `low_memory`: beside its result this needs a list of the rows that are predicted otherwise than
/// given.
pub fn find_label_issues<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<MultilabelIssues, MultilabelError> {
    if matches!(options.filter_by, FilterBy::LowNormalizedMargin | FilterBy::LowSelfConfidence) {
        return lowest_scores(data, options);
    }
    let flagged = flag_rows(data, options)?;
    let mut mask = Array1::from_elem(data.len(), false);
    flagged.by_class.iter().flatten().for_each(|&row| mask[row] = true);
    Ok(MultilabelIssues { mask, warnings: flagged.warnings })
}

fn lowest_scores<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<MultilabelIssues, MultilabelError> {
    let warnings = checked_options(data, options)?;
    let n_issues = num_label_issues(data)?;
    let scores = get_label_quality_scores(data, &MultilabelScoreOptions::default())?;
    let mut mask = Array1::from_elem(data.len(), false);
    for row in find_top_issues(scores.view(), n_issues) {
        mask[row] = true;
    }
    Ok(MultilabelIssues { mask, warnings })
}

/// Flags the annotations that are probably wrong: for each class, the rows that wrongly have it or wrongly lack it.
///
/// Every class is treated as data with two classes, as [`MultilabelProbs::one_vs_rest`] gives it, and filtered as by
/// [`cleanlab_filter::find_label_issues`].
///
/// # Shapes
///
/// Returns a mask of N × K flags.
///
/// # Errors
///
/// [`FilterError::FracNoise`], [`FilterError::NotAPruningMethod`] or [`FilterError::NumToRemoveLength`] (in
/// [`MultilabelError::Filter`]), or [`MultilabelError::WrongShape`] for an option out of its bounds.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultilabelProbs, find_multilabel_issues_per_class};
/// use ndarray::array;
///
/// let labels = [vec![0], vec![0, 1], vec![1], vec![], vec![1], vec![0]];
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.95]];
/// let data = MultilabelProbs::from_lists(&labels, pred_probs)?;
/// let issues = find_multilabel_issues_per_class(&data, &FindMultilabelIssuesOptions::default())?;
/// assert_eq!(issues.indices(), [[4], [5]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.filter.find_multilabel_issues_per_class`, with stable sorts.
///
/// # Differences
///
/// A class that every row has, or that no row has, works with every method; cleanlab fails for some.
///
/// [`FilterError::FracNoise`]: cleanlab_filter::FilterError::FracNoise
/// [`FilterError::NotAPruningMethod`]: cleanlab_filter::FilterError::NotAPruningMethod
/// [`FilterError::NumToRemoveLength`]: cleanlab_filter::FilterError::NumToRemoveLength
pub fn find_multilabel_issues_per_class<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<MultilabelIssuesPerClass, MultilabelError> {
    let flagged = flag_rows(data, options)?;
    let mut mask = Array2::from_elem((data.len(), data.n_classes()), false);
    for (class, rows) in flagged.by_class.iter().enumerate() {
        for &row in rows {
            mask[[row, class]] = true;
        }
    }
    Ok(MultilabelIssuesPerClass { mask, warnings: flagged.warnings })
}

/// Flags every row of which any class is predicted otherwise than given: p > 1/2 for a class that it lacks, p ≤ 1/2
/// for one that it has.
///
/// # Shapes
///
/// Returns N flags.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultilabelProbs, find_predicted_neq_given};
/// use ndarray::array;
///
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![1]], array![[0.9, 0.6], [0.1, 0.9]])?;
/// assert_eq!(find_predicted_neq_given(&data), array![true, false]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.filter.find_predicted_neq_given(multi_label=True)`.
///
/// # Differences
///
/// A class that every row has, or that no row has, works; cleanlab fails.
#[must_use]
pub fn find_predicted_neq_given<F: Float>(data: &MultilabelProbs<'_, F>) -> Array1<bool> {
    let view = data.pred_probs().view();
    let mut mask = vec![false; data.len()];
    mask.par_chunks_mut(1024).enumerate().for_each(|(chunk, out)| {
        for (offset, out) in out.iter_mut().enumerate() {
            let row = chunk * 1024 + offset;
            let words = data.labels().words_of(row);
            *out = view.row(row).iter().enumerate().any(|(class, &p)| {
                let probs = complement_pair(p);
                predicted_class(&probs) != given(words, class)
            });
        }
    });
    Array1::from(mask)
}

/// Estimates how many rows have a wrong set of classes: those that `ConfidentLearning` flags.
///
/// # Errors
///
/// None for valid data.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultilabelProbs, num_label_issues};
/// use ndarray::array;
///
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![], vec![]], array![[0.9], [0.1], [0.95]])?;
/// assert_eq!(num_label_issues(&data)?, 1);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.num_label_issues(multi_label=True)`.
pub fn num_label_issues<F: Float>(data: &MultilabelProbs<'_, F>) -> Result<usize, MultilabelError> {
    let options = FindMultilabelIssuesOptions::default().with_filter_by(FilterBy::ConfidentLearning);
    Ok(find_label_issues(data, &options)?.n_issues())
}
