//! Workflow 8: label quality by several models together.

use anyhow::{Context, Result};
use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_examples::{MessyPoints, heading, listed};
use cleanlab_rank::{
    EnsembleOptions, LabelQualityMethod, find_top_issues, get_label_quality_ensemble_scores,
    get_label_quality_scores,
};
use ndarray::{Array1, Array2, s};

/// Recorded, because they come from scikit-learn's forest and boosting; see `examples/data/README.md`.
const PREDICTIONS: &str = include_str!("../data/workflows.csv");

pub(crate) fn run(data: &MessyPoints, pred_probs: &Array2<f64>) -> Result<()> {
    println!("{}", heading("Workflow 8: several models"));
    let recorded = recorded_pred_probs()?;
    let (forest, boosting) = (recorded.slice(s![.., ..4]), recorded.slice(s![.., 4..]));
    let members = [
        ("logistic regression", pred_probs.view()),
        ("random forest", forest),
        ("gradient boosting", boosting),
    ];
    let labels = Labels::new(&data.given_labels)?;
    let score = |pred_probs: PredProbs<'_, f64>| -> Result<Array1<f64>> {
        let labeled = LabeledProbs::new(labels.borrowed(), pred_probs)?;
        Ok(get_label_quality_scores(&labeled, LabelQualityMethod::SelfConfidence)?)
    };

    // Either the mean of the scores of all models, or the score of their mean prediction.
    let list = members.iter().map(|(_, member)| PredProbs::new(*member)).collect::<Result<Vec<_>, _>>()?;
    let combined = get_label_quality_ensemble_scores(&labels, &list, &EnsembleOptions::default())?.scores;
    let mean = (pred_probs + &forest + boosting) / 3.0;
    let of_mean = score(PredProbs::new(mean.view())?)?;
    println!("row  mean of scores  score of mean");
    for row in 0..5 {
        println!("{row:>3}{:>16.6}{:>15.6}", combined[row], of_mean[row]);
    }
    println!(
        "\nthe 20 worst rows by the mean of the scores:\n{}",
        listed(&find_top_issues(combined.view(), 20))
    );

    println!("\nwrong labels among the 50 worst rows:");
    let is_wrong = data.is_wrong();
    let mut lines = Vec::new();
    for (name, member) in members {
        lines.push((name, score(PredProbs::new(member)?)?));
    }
    lines.extend([("mean of scores", combined), ("score of mean", of_mean)]);
    for (name, scores) in lines {
        let found = find_top_issues(scores.view(), 50).into_iter().filter(|&row| is_wrong[row]).count();
        println!("{name:<20}{found:>3}");
    }
    Ok(())
}

/// Four columns of the forest and four of the boosting.
fn recorded_pred_probs() -> Result<Array2<f64>> {
    let values = PREDICTIONS.lines().skip(1).flat_map(|line| line.split(',').skip(2));
    let values = values.map(str::parse::<f64>).collect::<Result<Vec<f64>, _>>()?;
    Array2::from_shape_vec((values.len() / 8, 8), values).context("eight columns of predictions")
}
