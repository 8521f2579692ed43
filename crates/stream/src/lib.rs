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
//! # Sources, sinks and passes
//!
//! [`FileSource`] reads NPY files, Parquet files and folders of Parquet files; [`ProbsSource`] can be implemented for
//! anything else that can be read again. Results of rows go to a [`RowSink`]: a file ([`NpySink`], [`TableSink`]), a `Vec`, or
//! a closure. [`StreamOptions`] has the size of batches, a bound on the memory of readers, and a callback that tells how far
//! the work is and may stop it. [`audit_labels`] flags, scores and ranks at once.
//!
//! How often the data are read, with K classes:
//!
//! | question | passes |
//! |---|---|
//! | [`get_label_quality_scores`], plain | 1 |
//! | the same, adjusted | 2 |
//! | [`get_confident_thresholds`], [`find_predicted_neq_given`] | 1 |
//! | [`compute_confident_joint`], [`num_label_issues`], [`health_summary`], noise matrices | 2 |
//! | [`find_label_issues`] by `predicted_neq_given` | 1 |
//! | by `confident_learning` | 2 |
//! | by `prune_by_class`, `low_self_confidence`, `low_normalized_margin` | 4 |
//! | by `prune_by_noise_rate`, `both` | 4; 5 with more than 45 classes |
//! | [`audit_labels`] | as its method, at least 3 |
//!
//! A pass more is made where more rows of a pair of classes are flagged than have a positive margin. Beside a batch and a
//! reader on each thread, methods keep K² numbers or 512 counts per group of rows, and nothing for every row; a ranking of all
//! issues takes 40 bytes for each of them.
//!
//! Files are read at positions and not mapped into memory: one that shrinks meanwhile is an error, not the end of the
//! process. Rows in messages are counted from 0 in the whole data set.
//!
//! # When not to use it
//!
//! When labels and probabilities are in memory anyway, or fit there easily: the functions of the other crates read them
//! fewer times. For neighbours, features and whole audits. Wide Parquet files with a column per class take a page of every
//! column on each thread; a column of lists takes one.

#![forbid(unsafe_code)]

mod arrangement;
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
mod parquet_columns;
mod pass;
mod row_sink;
mod scores;
#[cfg(test)]
mod small_files;
mod source;

pub use arrangement::Arrangement;
pub use counts::{
    CountedHealth, compute_confident_joint, count_health, estimate_joint_from_probabilities,
    estimate_py_and_noise_matrices_from_probabilities, get_confident_thresholds, health_summary,
    num_label_issues, overall_label_health_score,
};
pub use errors::StreamError;
pub use file_sinks::{NpySink, TableSink};
pub use file_source::FileSource;
pub use label_audit::{IssueRow, LabelAudit, LabelAuditOptions, LabelRow, audit_labels};
pub use label_issues::{
    FoundIssues, find_label_issues, find_label_issues_using_argmax_confusion_matrix, find_predicted_neq_given,
};
pub use options::{ProbabilityRange, Progress, ProgressCallback, StreamOptions};
pub use parquet_columns::ParquetOptions;
pub use row_sink::RowSink;
pub use scores::get_label_quality_scores;
pub use source::{MemorySource, ProbsReader, ProbsSource, RowBuffer, RowValues};
