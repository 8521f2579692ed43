//! Numeric labels as cleanlab 2.9.0 judges them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::pairwise_sum;
use cleanlab_regression::{
    AleatoricUncertainty, CleanLearning, FindLabelIssuesOptions, FittedRegressor, GivenLabelIssues,
    Intercept, LabelQualityMethod, LinearRegression, RegressionError, RegressionSet, Regressor, Uncertainty,
    get_label_quality_scores, r2_score,
};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array1, ArrayView2};

/// The reference's regressor of the same name.
struct MeansBySign;

struct FittedMeans([f64; 2]);

impl Regressor for MeansBySign {
    fn fit(&self, training: &RegressionSet<'_>) -> Result<Box<dyn FittedRegressor>, RegressionError> {
        let mut sides = [Vec::new(), Vec::new()];
        for (row, &label) in training.features().rows().into_iter().zip(training.labels()) {
            sides[usize::from(row[0] > 0.0)].push(label);
        }
        let mean = |labels: Vec<f64>| match labels.len() {
            0 => 0.0,
            n => pairwise_sum(&labels) / n as f64,
        };
        Ok(Box::new(FittedMeans(sides.map(mean))))
    }
}

impl FittedRegressor for FittedMeans {
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError> {
        Ok(features.column(0).mapv(|value| self.0[usize::from(value > 0.0)]))
    }
}

#[test]
fn regression_equals_the_reference() {
    let functions = [
        "regression_label_quality_scores",
        "regression_label_quality_scores_as_installed",
        "r2_score",
        "linear_regression",
        "regression_find_label_issues",
        "regression_fit",
        "get_epistemic_uncertainty",
        "get_aleatoric_uncertainty",
    ];
    run("regression", &functions, |check| {
        answer(check).unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer(check: &Check<'_>) -> Result<Answer, RegressionError> {
    let labels: Array1<f64> = check.case.vector("labels");
    let features = check.case.matrix("features");
    let data = || RegressionSet::new(features.view(), labels.view());
    let seed = || check.number("seed") as u32;
    let close = |values: Array1<f64>| Answer::Close(vec![("", values.to_vec())]);
    let scores = |method| get_label_quality_scores(labels.view(), check.vector("predictions").view(), method);
    Ok(match check.function {
        "regression_label_quality_scores" => close(match check.text("method") {
            "residual" => scores(LabelQualityMethod::Residual)?,
            _ => scores(LabelQualityMethod::Outre)?,
        }),
        "regression_label_quality_scores_as_installed" => {
            Answer::Near(scores(LabelQualityMethod::Outre)?.to_vec(), 1e-6)
        }
        "r2_score" => {
            let weights = check.has("sample_weight").then(|| check.vector("sample_weight"));
            let weights = weights.as_ref().map(|weights| weights.view());
            Answer::Near(vec![r2_score(labels.view(), check.vector("predictions").view(), weights)?], 1e-12)
        }
        "linear_regression" => linear_regression(check)?,
        "regression_find_label_issues" => {
            let found = clean_learning(check).find_label_issues(&data()?, &search_options(check))?;
            let (table, fraction) = (found.table, found.issue_fraction.unwrap());
            let is_issue = table.is_label_issue.iter().map(|&issue| i64::from(issue)).collect();
            let predicted = table.predicted_label.unwrap().to_vec();
            Answer::Parts(vec![
                ("is_label_issue", Answer::Exact(is_issue)),
                (
                    "label_quality",
                    Answer::Near(table.label_quality.unwrap().to_vec(), check.number("tolerance")),
                ),
                ("predicted_label", Answer::Near(predicted, 1e-11)),
                ("issue_fraction", Answer::Near(vec![fraction], 0.0)),
            ])
        }
        "regression_fit" => {
            let mask: Array1<bool> =
                check.integers("label_issues").into_iter().map(|issue| issue != 0).collect();
            let weights = check.vector("sample_weight");
            let weighted = data()?.with_sample_weight(weights.view())?;
            let learning = CleanLearning::new(LinearRegression::default());
            let model = learning.fit_with_label_issues(&weighted, GivenLabelIssues::Mask(mask.view()))?;
            Answer::Parts(vec![
                ("predictions", Answer::Near(model.predict(features.view())?.to_vec(), 1e-10)),
                ("score", Answer::Near(vec![model.score(&data()?)?], 1e-10)),
            ])
        }
        "get_epistemic_uncertainty" => {
            let predictions = check.has("predictions").then(|| check.vector("predictions"));
            let learning = CleanLearning::new(LinearRegression::default())
                .with_seed(seed())
                .with_n_boot(check.number("n_boot") as usize);
            let predictions = predictions.as_ref().map(|predictions| predictions.view());
            Answer::Near(learning.get_epistemic_uncertainty(&data()?, predictions)?.to_vec(), 1e-10)
        }
        "get_aleatoric_uncertainty" => {
            let learning = CleanLearning::new(LinearRegression::default()).with_seed(seed());
            let residuals = check.vector("residuals");
            let uncertainty = learning.get_aleatoric_uncertainty(features.view(), residuals.view())?;
            Answer::Near(vec![uncertainty], 1e-10)
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}

fn linear_regression(check: &Check<'_>) -> Result<Answer, RegressionError> {
    let (features, labels) = (check.case.matrix("features"), check.case.vector("labels"));
    let intercept = if check.flag("fit_intercept") { Intercept::Fitted } else { Intercept::Zero };
    let model = LinearRegression::default().with_intercept(intercept);
    let weights = check.has("sample_weight").then(|| check.vector("sample_weight"));
    let mut data = RegressionSet::new(features.view(), labels.view())?;
    if let Some(weights) = &weights {
        data = data.with_sample_weight(weights.view())?;
    }
    let fitted = model.fit_linear(&data)?;
    let near = |values: Vec<f64>| Answer::Near(values, check.number("tolerance"));
    Ok(Answer::Parts(vec![
        ("coefficients", near(fitted.coefficients().to_vec())),
        ("intercept", near(vec![fitted.intercept()])),
        ("predictions", near(fitted.predict(check.matrix("queries").view())?.to_vec())),
        ("rank", Answer::Exact(vec![fitted.rank() as i64])),
    ]))
}

fn clean_learning(check: &Check<'_>) -> CleanLearning {
    let mut learning = match check.text("regressor") {
        "linear" => CleanLearning::new(LinearRegression::default()),
        _ => CleanLearning::new(MeansBySign),
    }
    .with_seed(check.number("seed") as u32);
    if check.has("cv_n_folds") {
        learning = learning.with_n_splits(check.number("cv_n_folds") as usize);
    }
    if check.has("n_boot") {
        learning = learning.with_n_boot(check.number("n_boot") as usize);
    }
    if check.has("include_aleatoric_uncertainty") {
        learning = learning.with_aleatoric_uncertainty(AleatoricUncertainty::LeftOut);
    }
    learning
}

fn search_options(check: &Check<'_>) -> FindLabelIssuesOptions {
    let mut options = FindLabelIssuesOptions::default();
    if check.has("coarse_search_range") {
        options = options.with_coarse_search_range(check.vector("coarse_search_range").to_vec());
    }
    if check.has("fine_search_size") {
        options = options.with_fine_search_size(check.number("fine_search_size") as usize);
    }
    if check.is_number("uncertainty") {
        options = options.with_uncertainty(Uncertainty::Same(check.number("uncertainty")));
    } else if check.has("uncertainty") {
        options = options.with_uncertainty(Uncertainty::Given(check.vector("uncertainty")));
    }
    options
}
