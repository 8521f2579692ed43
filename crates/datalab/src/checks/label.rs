//! Classes that are probably wrong.

mod options;

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs, pairwise_sum};
use cleanlab_count::{ConfidentJoint, get_confident_thresholds};
use cleanlab_dataset::{HealthSource, HealthSummary, health_summary};
use cleanlab_learning::{CleanLearning, CleanLearningInputs, CleanLearningIssues, LogisticRegression};
use cleanlab_neighbors::Metric;
use ndarray::{Array1, Array2};
use rayon::prelude::*;

pub use self::options::LabelCheck;
use crate::check_context::CheckContext;
use crate::column_values::{ColumnValues, IssueTable};
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::inputs::Matrix;
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::Targets;

impl IssueManager for LabelCheck {
    fn issue_name(&self) -> &'static str {
        "label"
    }

    fn description(&self) -> &'static str {
        "Examples whose given label is probably wrong, for instance by a mistake of annotation."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        if !matches!(context.targets(), Targets::Classes { .. }) {
            return Some("labels that are classes".to_owned());
        }
        let has_inputs = context.pred_probs().is_some() || context.features().is_some();
        (!has_inputs).then(|| "pred_probs or features".to_owned())
    }

    fn neighbors_needed(&self, context: &CheckContext<'_>) -> Option<usize> {
        context.pred_probs().is_none().then_some(self.k)
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let Targets::Classes { labels, class_names } = context.targets() else {
            return Err(CheckError::needs("labels that are classes"));
        };
        match context.pred_probs() {
            Some(Matrix::F32(pred_probs)) => self.judge(context, labels, PredProbs::new(pred_probs)?),
            Some(Matrix::F64(pred_probs)) => self.judge(context, labels, PredProbs::new(pred_probs)?),
            None if context.features().is_some() => {
                let pred_probs = self.neighbor_votes(context, labels, class_names.len())?;
                self.judge(context, labels, PredProbs::new(pred_probs)?)
            }
            None => Err(CheckError::needs("pred_probs or features")),
        }
    }
}

impl LabelCheck {
    /// The share of each class among the `k` nearest rows of every row.
    ///
    /// cleanlab has k + 1 neighbours vote, the row itself among them, and takes its vote away again. Its order of
    /// operations decides the last bit, which decides whether a class is confident.
    fn neighbor_votes(
        &self,
        context: &CheckContext<'_>,
        labels: &Labels<'_>,
        n_classes: usize,
    ) -> Result<Array2<f64>, CheckError> {
        let graph = context.feature_graph(self.k, Metric::Euclidean)?;
        let (k, voters, labels) = (self.k as f64, self.k as f64 + 1.0, labels.as_slice());
        let mut pred_probs = Array2::zeros((labels.len(), n_classes));
        let rows = pred_probs.as_slice_mut().unwrap_or_default().par_chunks_mut(n_classes);
        rows.with_min_len(256).enumerate().for_each(|(row, votes)| {
            let own = labels[row] as usize;
            votes[own] = 1.0;
            for &neighbor in graph.indices().row(row) {
                votes[labels[neighbor as usize] as usize] += 1.0;
            }
            for (class, vote) in votes.iter_mut().enumerate() {
                let own_vote = if class == own { 1.0 / voters } else { 0.0 };
                *vote = (*vote / voters - own_vote) * voters / k;
            }
        });
        Ok(pred_probs)
    }

    fn judge<F: Float>(
        &self,
        context: &CheckContext<'_>,
        labels: &Labels<'_>,
        pred_probs: PredProbs<'_, F>,
    ) -> Result<IssueFindings, CheckError> {
        let data = LabeledProbs::new(labels.borrowed(), pred_probs)?;
        let noise_matrix = square("noise_matrix", self.noise_matrix.as_deref())?;
        let inverse = square("inverse_noise_matrix", self.inverse_noise_matrix.as_deref())?;
        let mut inputs = CleanLearningInputs::default();
        if let Some(thresholds) = &self.thresholds {
            inputs = inputs.with_thresholds(thresholds.clone().into());
        }
        if let Some(matrix) = &noise_matrix {
            inputs = inputs.with_noise_matrix(matrix.view());
        }
        if let Some(matrix) = &inverse {
            inputs = inputs.with_inverse_noise_matrix(matrix.view());
        }
        let found = self.clean_learning()?.find_label_issues_from_probabilities(&data, &inputs)?;
        let summary = health_summary(&HealthSource::probabilities(&data), self.overlap)?;
        let thresholds = get_confident_thresholds(&data)?;
        Self::findings(context, found, &summary, thresholds)
    }

    fn clean_learning(&self) -> Result<CleanLearning, CheckError> {
        let joint = match &self.confident_joint {
            Some(rows) => {
                let (n, all_square) = (rows.len(), rows.iter().all(|row| row.len() == rows.len()));
                let entries: Vec<u64> = rows.iter().flatten().copied().collect();
                let counts = all_square.then(|| Array2::from_shape_vec((n, n), entries).ok()).flatten();
                let counts = counts.ok_or_else(|| not_square("confident_joint", n))?;
                Some(ConfidentJoint::from_counts(counts)?)
            }
            None => None,
        };
        // The classifier is never trained.
        let mut clean = CleanLearning::new(LogisticRegression::default())
            .with_convergence(self.convergence)
            .with_label_quality(self.label_quality)
            .with_memory_use(self.memory)
            .with_find_label_issues_options(|mut options| {
                options.filter_by = self.filter_by;
                options.frac_noise = self.frac_noise;
                options.num_to_remove_per_class.clone_from(&self.num_to_remove_per_class);
                options.min_examples_per_class = self.min_examples_per_class;
                options.confident_joint = joint;
                options
            });
        if let Some(class) = self.pu_learning {
            clean = clean.with_pu_learning(class);
        }
        Ok(clean)
    }

    fn findings(
        context: &CheckContext<'_>,
        found: CleanLearningIssues,
        summary: &HealthSummary,
        thresholds: Array1<f64>,
    ) -> Result<IssueFindings, CheckError> {
        let n_issues = found.table.n_issues();
        let table = found.table;
        let scores = table.label_quality.unwrap_or_else(|| Array1::ones(table.is_label_issue.len()));
        let average = pairwise_sum(&scores.to_vec()) / scores.len() as f64;
        let names: Vec<String> =
            (0..summary.joint.nrows()).map(|class| context.class_name(class).into_owned()).collect();
        let class = |codes: Array1<u32>| ColumnValues::Categories { codes, names: names.clone() };
        let (joint, py, noise_matrix, inverse_noise_matrix) = match found.noise {
            Some(noise) => (
                InfoValue::Matrix(noise.confident_joint.counts().mapv(|count| count as f64)),
                InfoValue::Values(ColumnValues::Floats(noise.py)),
                InfoValue::Matrix(noise.noise_matrix),
                InfoValue::Matrix(noise.inverse_noise_matrix),
            ),
            // Nothing is estimated where little memory is used.
            None => (InfoValue::Null, InfoValue::Null, InfoValue::Null, InfoValue::Null),
        };
        let from_probabilities = context.pred_probs().is_some();
        let inputs = Info::default()
            .with("features", InfoValue::Boolean(!from_probabilities))
            .with("pred_probs", InfoValue::Boolean(from_probabilities));
        let info = Info::default()
            .with("num_label_issues", InfoValue::Integer(n_issues as i64))
            .with("average_label_quality", InfoValue::Float(average))
            .with("confident_joint", joint)
            .with("classes_by_label_quality", InfoValue::Table(classes_table(summary, &names)?))
            .with("overlapping_classes", InfoValue::Table(overlap_table(summary, &names)?))
            .with("py", py)
            .with("noise_matrix", noise_matrix)
            .with("inverse_noise_matrix", inverse_noise_matrix)
            .with("confident_thresholds", InfoValue::Values(ColumnValues::Floats(thresholds)))
            .with("find_issues_inputs", InfoValue::Map(inputs))
            .with("class_names", InfoValue::Values(texts(names.iter())));
        // A probability may leave [0, 1] within the tolerance of `PredProbs`.
        let scores = scores.mapv_into(|score| score.clamp(0.0, 1.0));
        let mut findings = IssueFindings::of_rows(table.is_label_issue, scores)
            .with_score(summary.overall_label_health_score)
            .with_detail("given_label", class(table.given_label))?
            .with_info(info);
        if let Some(predicted) = table.predicted_label {
            findings = findings.with_detail("predicted_label", class(predicted))?;
        }
        for warning in found.warnings {
            findings = findings.with_warning(warning.to_string());
        }
        Ok(findings)
    }
}

fn texts<'n>(names: impl Iterator<Item = &'n String>) -> ColumnValues {
    ColumnValues::Texts(names.cloned().map(Some).collect())
}

fn classes_table(summary: &HealthSummary, names: &[String]) -> Result<IssueTable, CheckError> {
    let classes = &summary.classes_by_label_quality;
    let integers =
        |value: &dyn Fn(usize) -> i64| ColumnValues::Integers((0..classes.len()).map(value).collect());
    let floats = |value: &dyn Fn(usize) -> f64| ColumnValues::Floats((0..classes.len()).map(value).collect());
    let table = IssueTable::new(classes.len())
        .with_column("Class Name", texts(classes.iter().map(|class| &names[class.class])))?
        .with_column("Class Index", integers(&|at| classes[at].class as i64))?
        .with_column("Label Issues", integers(&|at| classes[at].label_issues as i64))?
        .with_column("Inverse Label Issues", integers(&|at| classes[at].inverse_label_issues as i64))?
        .with_column("Label Noise", floats(&|at| classes[at].label_noise))?
        .with_column("Inverse Label Noise", floats(&|at| classes[at].inverse_label_noise))?
        .with_column("Label Quality Score", floats(&|at| classes[at].label_quality_score))?;
    Ok(table)
}

fn overlap_table(summary: &HealthSummary, names: &[String]) -> Result<IssueTable, CheckError> {
    let pairs = &summary.overlapping_classes;
    let integers =
        |value: &dyn Fn(usize) -> i64| ColumnValues::Integers((0..pairs.len()).map(value).collect());
    let probabilities = pairs.iter().map(|pair| pair.joint_probability).collect();
    let table = IssueTable::new(pairs.len())
        .with_column("Class Name A", texts(pairs.iter().map(|pair| &names[pair.class_a])))?
        .with_column("Class Name B", texts(pairs.iter().map(|pair| &names[pair.class_b])))?
        .with_column("Class Index A", integers(&|at| pairs[at].class_a as i64))?
        .with_column("Class Index B", integers(&|at| pairs[at].class_b as i64))?
        .with_column("Num Overlapping Examples", integers(&|at| pairs[at].num_overlapping_examples as i64))?
        .with_column("Joint Probability", ColumnValues::Floats(probabilities))?;
    Ok(table)
}

/// Rows of numbers as a matrix.
fn square(option: &'static str, rows: Option<&[Vec<f64>]>) -> Result<Option<Array2<f64>>, CheckError> {
    let Some(rows) = rows else { return Ok(None) };
    let n = rows.len();
    if rows.iter().any(|row| row.len() != n) {
        return Err(not_square(option, n));
    }
    Ok(Some(Array2::from_shape_fn((n, n), |(row, column)| rows[row][column])))
}

fn not_square(option: &'static str, n_rows: usize) -> CheckError {
    let bound = "a square matrix: as many columns in every row as it has rows";
    CheckError::OptionOutOfRange { option, value: n_rows as f64, bound }
}
