//! Which classes are annotated worst, and how healthy the labels are as a whole.

use cleanlab_core::Float;
use ndarray::Array2;

use crate::errors::MultilabelError;
use crate::label_issues::{find_label_issues, find_multilabel_issues_per_class};
use crate::multi_labels::MultiLabels;
use crate::multilabel_probs::MultilabelProbs;
use crate::options::FindMultilabelIssuesOptions;

/// How often one class is wrongly given, or wrongly not given.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CommonMultilabelIssue {
    /// The class.
    pub class_index: usize,
    /// Whether the class is given in the rows counted here.
    pub in_given_label: bool,
    /// Whether it should be; always the opposite.
    pub in_suggested_label: bool,
    /// Rows flagged so.
    pub num_examples: usize,
    /// Their share of all rows, in [0, 1].
    pub issue_probability: f64,
}

/// How well one class is annotated.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClassMultilabelQuality {
    /// The class.
    pub class_index: usize,
    /// Rows that are given the class and should not be.
    pub label_issues: usize,
    /// Rows that are not given the class and should be.
    pub inverse_label_issues: usize,
    /// Share of all rows that are given the class and should not be, in [0, 1].
    pub label_noise: f64,
    /// Share of all rows that are not given the class and should be, in [0, 1].
    pub inverse_label_noise: f64,
    /// 1 − `label_noise`.
    pub label_quality_score: f64,
}

/// What [`multilabel_health_summary`] gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MultilabelHealthSummary {
    /// See [`overall_multilabel_health_score`].
    pub overall_multilabel_health_score: f64,
    /// See [`rank_classes_by_multilabel_quality`].
    pub classes_by_multilabel_quality: Vec<ClassMultilabelQuality>,
    /// See [`common_multilabel_issues`].
    pub common_multilabel_issues: Vec<CommonMultilabelIssue>,
}

/// For each class, how many rows are flagged as wrongly having it and as wrongly lacking it; the most frequent first,
/// equals in order of class, having before lacking.
///
/// # Shapes
///
/// Returns 2 K entries.
///
/// # Errors
///
/// As [`find_multilabel_issues_per_class`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultilabelProbs, common_multilabel_issues};
/// use ndarray::array;
///
/// let labels = [vec![0], vec![0, 1], vec![1], vec![], vec![1], vec![0]];
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.9]];
/// let data = MultilabelProbs::from_lists(&labels, pred_probs)?;
/// let common = common_multilabel_issues(&data, &FindMultilabelIssuesOptions::default())?;
/// // One row lacks class 0.
/// assert_eq!((common[0].class_index, common[0].in_given_label, common[0].num_examples), (0, false, 1));
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.dataset.common_multilabel_issues`, with a stable sort.
pub fn common_multilabel_issues<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<Vec<CommonMultilabelIssue>, MultilabelError> {
    let issues = find_multilabel_issues_per_class(data, options)?;
    Ok(common_issues(data.labels(), &issues.mask))
}

fn common_issues(labels: &MultiLabels, mask: &Array2<bool>) -> Vec<CommonMultilabelIssue> {
    // Given or not, for each class.
    let mut counts = vec![[0_usize; 2]; labels.n_classes()];
    for ((row, class), _) in mask.indexed_iter().filter(|(_, issue)| **issue) {
        counts[class][usize::from(labels.contains(row, class))] += 1;
    }
    let of_class = |(class_index, [lacking, having]): (usize, [usize; 2])| {
        [(true, having), (false, lacking)].map(|(in_given_label, num_examples)| CommonMultilabelIssue {
            class_index,
            in_given_label,
            in_suggested_label: !in_given_label,
            num_examples,
            issue_probability: num_examples as f64 / labels.len() as f64,
        })
    };
    let mut common: Vec<_> = counts.into_iter().enumerate().flat_map(of_class).collect();
    common.sort_by_key(|issue| std::cmp::Reverse(issue.num_examples));
    common
}

/// The quality of the annotations of every class, the worst first.
///
/// Ordered by `label_quality_score`; equals in the order in which [`common_multilabel_issues`] first names them.
///
/// # Shapes
///
/// Returns K entries.
///
/// # Errors
///
/// As [`find_multilabel_issues_per_class`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultilabelProbs, rank_classes_by_multilabel_quality};
/// use ndarray::array;
///
/// let labels = [vec![0], vec![0, 1], vec![1], vec![], vec![0, 1], vec![0]];
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.1], [0.8, 0.1]];
/// let data = MultilabelProbs::from_lists(&labels, pred_probs)?;
/// let classes = rank_classes_by_multilabel_quality(&data, &FindMultilabelIssuesOptions::default())?;
/// assert_eq!((classes[0].class_index, classes[0].label_issues), (1, 1));
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.dataset.rank_classes_by_multilabel_quality`, with stable sorts; its argument
/// `joint` is `options.confident_joint`.
///
/// The two counts are cleanlab's: the shares times N, without the fraction. Rounding errors can make them 1 lower than
/// the counts of [`common_multilabel_issues`].
pub fn rank_classes_by_multilabel_quality<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<Vec<ClassMultilabelQuality>, MultilabelError> {
    Ok(ranked_classes(&common_multilabel_issues(data, options)?, data.len()))
}

fn ranked_classes(common: &[CommonMultilabelIssue], n_rows: usize) -> Vec<ClassMultilabelQuality> {
    let counted_back = |share: f64| (share * n_rows as f64) as usize;
    let mut position = vec![None; common.len() / 2];
    let mut classes: Vec<ClassMultilabelQuality> = Vec::with_capacity(position.len());
    for issue in common {
        let class_index = issue.class_index;
        let at = *position[class_index].get_or_insert(classes.len());
        if at == classes.len() {
            classes.push(ClassMultilabelQuality {
                class_index,
                label_issues: 0,
                inverse_label_issues: 0,
                label_noise: 0.0,
                inverse_label_noise: 0.0,
                label_quality_score: 1.0,
            });
        }
        let class = &mut classes[at];
        if issue.in_given_label {
            class.label_issues = counted_back(issue.issue_probability);
            class.label_noise = issue.issue_probability;
            class.label_quality_score = 1.0 - issue.issue_probability;
        } else {
            class.inverse_label_issues = counted_back(issue.issue_probability);
            class.inverse_label_noise = issue.issue_probability;
        }
    }
    classes.sort_by(|a, b| a.label_quality_score.total_cmp(&b.label_quality_score));
    classes
}

/// The share of rows whose whole set of classes is estimated to be right: 1 − issues / N, in [0, 1].
///
/// # Errors
///
/// As [`find_label_issues`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultilabelProbs, overall_multilabel_health_score};
/// use ndarray::array;
///
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![], vec![], vec![0]], array![[0.9], [0.1], [0.95], [0.8]])?;
/// assert_eq!(overall_multilabel_health_score(&data, &FindMultilabelIssuesOptions::default())?, 0.75);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.dataset.overall_multilabel_health_score`.
pub fn overall_multilabel_health_score<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<f64, MultilabelError> {
    Ok(1.0 - find_label_issues(data, options)?.n_issues() as f64 / data.len() as f64)
}

/// The overall health score, the quality of every class, and the most common issues.
///
/// # Errors
///
/// As [`find_multilabel_issues_per_class`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultilabelProbs, multilabel_health_summary};
/// use ndarray::array;
///
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![], vec![], vec![0]], array![[0.9], [0.1], [0.95], [0.8]])?;
/// let summary = multilabel_health_summary(&data, &FindMultilabelIssuesOptions::default())?;
/// assert_eq!(summary.overall_multilabel_health_score, 0.75);
/// assert_eq!(summary.classes_by_multilabel_quality[0].inverse_label_issues, 1);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.dataset.multilabel_health_summary`.
///
/// # Differences
///
/// A confident joint of the caller's serves all three parts; cleanlab leaves it out of the ranking of the classes.
/// Nothing is printed.
pub fn multilabel_health_summary<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<MultilabelHealthSummary, MultilabelError> {
    let common = common_multilabel_issues(data, options)?;
    Ok(MultilabelHealthSummary {
        overall_multilabel_health_score: overall_multilabel_health_score(data, options)?,
        classes_by_multilabel_quality: ranked_classes(&common, data.len()),
        common_multilabel_issues: common,
    })
}
