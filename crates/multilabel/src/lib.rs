//! Label errors where every row has a set of classes: any number of them, none included.
//!
//! Every class is taken on its own, against the rest: [`find_label_issues`] flags the rows whose set of classes is
//! probably wrong, [`find_multilabel_issues_per_class`] which of the classes are, and [`get_label_quality_scores`] scores
//! every row. Numbers are those of `cleanlab.multilabel_classification` 2.9.0, and of `cleanlab.count` with
//! `multi_label=True`.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_multilabel::{
//!     FindMultilabelIssuesOptions, MultilabelProbs, find_label_issues, find_multilabel_issues_per_class,
//! };
//! use cleanlab_rank::LabelQualityMethod;
//! use ndarray::array;
//!
//! // Which of the tags 0 and 1 six pictures were given, and the probabilities of both by any model.
//! let given = [vec![0], vec![0, 1], vec![1], vec![], vec![1], vec![0]];
//! let pred_probs = array![[0.9, 0.1], [0.8, 0.9], [0.2, 0.8], [0.1, 0.2], [0.9, 0.9], [0.8, 0.95]];
//!
//! let data = MultilabelProbs::from_lists(&given, pred_probs)?;
//! let options = FindMultilabelIssuesOptions::default();
//! let issues = find_label_issues(&data, &options)?;
//! assert_eq!(issues.ranked_by(&data, LabelQualityMethod::SelfConfidence)?, [5, 4]);
//! // Picture 4 lacks tag 0, picture 5 lacks tag 1.
//! assert_eq!(find_multilabel_issues_per_class(&data, &options)?.indices(), [[4], [5]]);
//! # Ok::<(), cleanlab_multilabel::MultilabelError>(())
//! ```
//!
//! # When not to use it
//!
//! Where every row has exactly one class: `cleanlab-filter` knows that they exclude each other and finds more. And for
//! probabilities of a model that had seen the labels in training: the estimates then mean little.

#![forbid(unsafe_code)]

mod aggregation;
mod confident_joint;
mod dataset_health;
mod errors;
mod flagged_rows;
mod label_issues;
mod multi_labels;
mod multilabel_probs;
mod options;
#[allow(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch, and no branch is a vector")]
mod row_passes;
mod scores;

pub use aggregation::{Aggregator, RowFunction, exponential_moving_average, softmin};
pub use confident_joint::{
    MultilabelConfidentJoint, MultilabelConfidentJointOptions, calibrate_confident_joint,
    compute_confident_joint, estimate_joint, estimate_joint_from_probabilities, find_off_diagonal_rows,
    get_confident_thresholds,
};
pub use dataset_health::{
    ClassMultilabelQuality, CommonMultilabelIssue, MultilabelHealthSummary, common_multilabel_issues,
    multilabel_health_summary, overall_multilabel_health_score, rank_classes_by_multilabel_quality,
};
pub use errors::MultilabelError;
pub use label_issues::{
    MultilabelIssues, MultilabelIssuesPerClass, find_label_issues, find_multilabel_issues_per_class,
    find_predicted_neq_given, num_label_issues,
};
pub use multi_labels::{MultiLabels, int2onehot, multilabel_py, onehot2int};
pub use multilabel_probs::{MultilabelProbs, stack_complement};
pub use options::FindMultilabelIssuesOptions;
pub use scores::{MultilabelScoreOptions, get_label_quality_scores, get_label_quality_scores_per_class};
