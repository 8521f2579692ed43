//! Workflow 7: the modules count, filter and rank by themselves.

use anyhow::Result;
use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_count::{EstimationMethod, MatrixDisplay, estimate_joint, num_label_issues};
use cleanlab_examples::{DetectionScores, MessyPoints, accuracy, heading, listed};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use cleanlab_learning::{
    CleanLearning, CleanLearningInputs, CvEstimationOptions, LogisticRegression,
    estimate_py_noise_matrices_and_cv_pred_proba,
};
use cleanlab_rank::{LabelQualityMethod, find_top_issues, get_label_quality_scores};
use ndarray::Array2;

use crate::write_plot;

const METHODS: [FilterBy; 5] = [
    FilterBy::PruneByNoiseRate,
    FilterBy::PruneByClass,
    FilterBy::Both,
    FilterBy::ConfidentLearning,
    FilterBy::PredictedNeqGiven,
];

pub(crate) fn run(data: &MessyPoints, pred_probs: &Array2<f64>) -> Result<()> {
    noise(data)?;
    let labeled = LabeledProbs::new(Labels::new(&data.given_labels)?, PredProbs::new(pred_probs.view())?)?;
    flagged_labels(data, &labeled)?;
    ranked_labels(data, &labeled)
}

fn noise(data: &MessyPoints) -> Result<()> {
    println!("{}", heading("Workflow 7.1: all about the noise, by the module count"));
    let training = data.training_set()?;
    let estimates = estimate_py_noise_matrices_and_cv_pred_proba(
        &LogisticRegression::default(),
        &training,
        &CvEstimationOptions::default(),
    )?;
    let (rows, classes) = estimates.out_of_sample.pred_probs.dim();
    println!("predicted probabilities: {rows} × {classes}");
    let py: Vec<String> = estimates.latent.py.iter().map(|prior| format!("{prior:.3}")).collect();
    println!("py: {}", py.join(" "));
    let counts = Labels::new(&data.given_labels)?.counts(MessyPoints::N_CLASSES);
    let joint = estimate_joint(&estimates.confident_joint, &counts)?;
    println!("\n{}\n", MatrixDisplay::joint(joint.view())?);
    println!("\n{}\n", MatrixDisplay::noise_matrix(estimates.latent.noise_matrix.view())?);
    println!("\n{}\n", MatrixDisplay::inverse_noise_matrix(estimates.latent.inverse_noise_matrix.view())?);

    // What is known about the noise need not be estimated.
    let inputs = CleanLearningInputs::default().with_noise_matrix(data.noise_matrix.view());
    let model = CleanLearning::new(LogisticRegression::default()).fit(&training, &inputs)?;
    let predicted = model.predict(data.test_points.view())?;
    println!("test accuracy, CleanLearning knowing the noise:  {}", accuracy(&predicted, &data.true_labels));
    Ok(())
}

fn flagged_labels(data: &MessyPoints, labeled: &LabeledProbs<'_, f64>) -> Result<()> {
    println!("{}", heading("Workflow 7.2: flagged labels, by the module filter"));
    let flagged_by = |method| {
        let options = FindLabelIssuesOptions::default().with_filter_by(method);
        find_label_issues(labeled, &options)
    };
    let ranked =
        flagged_by(FilterBy::Both)?.ranked_by(labeled, LabelQualityMethod::AdjustedSelfConfidence)?;
    println!("{} rows flagged by both, worst first:\n{}\n", ranked.len(), listed(&ranked));
    let (title, file) = ("The first 20 labels that the filter flags", "workflows_flagged_labels.svg");
    write_plot(data, title, "flagged first", &ranked[..20], file)?;

    let is_wrong = data.is_wrong();
    let mut results = METHODS
        .into_iter()
        .map(|method| Ok((method, DetectionScores::new(&is_wrong, &flagged_by(method)?.mask.to_vec()))))
        .collect::<Result<Vec<_>>>()?;
    results.sort_by(|(_, a), (_, b)| b.f1.total_cmp(&a.f1));
    println!("filter_by            precision    recall        f1  accuracy");
    for (method, scores) in results {
        let DetectionScores { precision, recall, f1, accuracy } = scores;
        println!("{:<20}{precision:>10.6}{recall:>10.6}{f1:>10.6}{accuracy:>10.6}", method.name());
    }
    Ok(())
}

fn ranked_labels(data: &MessyPoints, labeled: &LabeledProbs<'_, f64>) -> Result<()> {
    println!("{}", heading("Workflow 7.3: ranked labels, by the modules rank and count"));
    let n_issues = num_label_issues(labeled, &EstimationMethod::OffDiagonal)? as usize;
    let scores = get_label_quality_scores(labeled, LabelQualityMethod::SelfConfidence)?;
    let worst = find_top_issues(scores.view(), n_issues);
    println!("the {n_issues} worst rows:\n{}", listed(&worst));
    let (title, file) = ("The first 20 labels by rank and count", "workflows_ranked_labels.svg");
    write_plot(data, title, "ranked first", &worst[..20], file)
}
