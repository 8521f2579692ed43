//! Wrong labels, scores and health of data larger than memory: the functions of `cleanlab-count`, `-rank`, `-filter` and
//! `-dataset` over files, with the same answers to the last bit.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_filter::FindLabelIssuesOptions;
//! use cleanlab_stream::{FileSource, NpySink, ProbsSource, StreamOptions, find_label_issues};
//! # use cleanlab_table::{Content, write_file};
//! # let folder = tempfile::tempdir()?;
//! # let [pred_probs, labels, mask] = ["pred_probs.npy", "labels.npy", "mask.npy"].map(|name| folder.path().join(name));
//! # let matrix = ndarray::array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
//! # write_file(&pred_probs, &Content::NpyMatrix(matrix.view()))?;
//! # write_file(&labels, &Content::NpyVector(&[0, 0, 1, 1, 1]))?;
//!
//! let source = FileSource::arrays(&pred_probs, &labels)?;
//! let mut sink = NpySink::create(&mask, source.n_rows())?;
//! let find = FindLabelIssuesOptions::default();
//! let found = find_label_issues(&source, &find, &StreamOptions::default(), &mut sink)?;
//! sink.publish()?;
//! assert_eq!(found.n_issues, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not to use it
//!
//! When labels and probabilities are in memory anyway, or fit there easily: the functions of the other crates read them
//! fewer times. For neighbours, features and whole audits.

mod counts;
mod errors;
mod file_reader;
mod file_sinks;
mod file_source;
mod label_audit;
mod label_issues;
mod label_steps;
mod options;
mod ordered_rows;
mod pass;
mod row_sink;
mod scores;
mod source;

pub use counts::{
    CountedHealth, compute_confident_joint, count_health, estimate_joint_from_probabilities,
    estimate_py_and_noise_matrices_from_probabilities, get_confident_thresholds, health_summary,
    num_label_issues, overall_label_health_score,
};
pub use errors::StreamError;
pub use file_sinks::{NpySink, TableSink};
pub use file_source::{Arrangement, FileSource, ParquetOptions};
pub use label_audit::{IssueRow, LabelAudit, LabelAuditOptions, LabelRow, audit_labels};
pub use label_issues::{
    FoundIssues, find_label_issues, find_label_issues_using_argmax_confusion_matrix, find_predicted_neq_given,
};
pub use options::{ProbabilityRange, Progress, ProgressCallback, StreamOptions};
pub use row_sink::RowSink;
pub use scores::get_label_quality_scores;
pub use source::{MemorySource, ProbsReader, ProbsSource, RowBuffer, RowValues};
