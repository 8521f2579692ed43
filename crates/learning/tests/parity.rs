//! Folds of scikit-learn and cross-validated predictions of cleanlab, for the same seeds, and `CleanLearning`.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{ConfidentJoint, Convergence};
use cleanlab_filter::FilterBy;
use cleanlab_learning::{
    CleanLearning, CleanLearningInputs, CleanLearningIssues, CvEstimationOptions, FittedClassifier,
    FittedCleanLearning, GivenLabelIssues, KFold, KNearestNeighbors, LearningError, LogisticRegression,
    MemoryUse, Metric, NeighborWeights, RowOrder, StratifiedKFold, TestRows, TestSize, TrainingSet,
    estimate_confident_joint_and_cv_pred_proba, train_test_split,
};
use cleanlab_rank::LabelQualityMethod;
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array1, Array2};

#[test]
fn learning_equals_the_reference() {
    let functions =
        ["k_fold", "stratified_k_fold", "train_test_split", "estimate_confident_joint_and_cv_pred_proba"];
    run("class-labels", &functions, |check| {
        answer(check).unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer(check: &Check<'_>) -> Result<Answer, LearningError> {
    let whole = |name| check.number(name) as usize;
    let labels: Vec<u32> = check.case.integers("labels").into_iter().map(|label| label as u32).collect();
    let row_order = if check.has("seed") {
        RowOrder::Shuffled { seed: check.number("seed") as u32 }
    } else {
        RowOrder::Kept
    };
    let folds =
        |fold_of_row: &[u32]| Answer::Exact(fold_of_row.iter().map(|&fold| i64::from(fold)).collect());
    let rows = |rows: Vec<usize>| Answer::Exact(rows.into_iter().map(|row| row as i64).collect());
    Ok(match check.function {
        "k_fold" => {
            folds(KFold::new(whole("n_splits")).with_row_order(row_order).split(labels.len())?.fold_of_row())
        }
        "stratified_k_fold" => folds(
            StratifiedKFold::new(whole("n_splits")).with_row_order(row_order).split(&labels)?.fold_of_row(),
        ),
        "train_test_split" => {
            let seed = check.number("seed") as u32;
            let test_rows = if check.flag("stratified") {
                TestRows::Stratified { labels: &labels, seed }
            } else {
                TestRows::Random { seed }
            };
            let split = train_test_split(labels.len(), TestSize::Rows(whole("test_rows")), test_rows)?;
            Answer::Parts(vec![("train", rows(split.train)), ("test", rows(split.test))])
        }
        "estimate_confident_joint_and_cv_pred_proba" => {
            let features = check.matrix("features");
            let n_classes = labels.iter().max().map_or(0, |&label| label as usize + 1);
            let training = TrainingSet::new(features.view(), &labels, n_classes)?;
            let options = CvEstimationOptions::default()
                .with_n_splits(whole("n_splits"))
                .with_seed(check.number("seed") as u32);
            let estimate = estimate_confident_joint_and_cv_pred_proba(
                &LogisticRegression::default(),
                &training,
                &options,
            )?;
            let counts = estimate.confident_joint.counts().iter().map(|&count| count as i64).collect();
            Answer::Parts(vec![
                ("confident_joint", Answer::Exact(counts)),
                (
                    "pred_probs",
                    Answer::Near(estimate.out_of_sample.pred_probs.iter().copied().collect(), 1e-6),
                ),
            ])
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}

#[test]
fn nearest_neighbors_equal_the_reference() {
    run("neighbors-outlier", &["knn_classifier"], |check| {
        neighbor_answer(check).unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn neighbor_answer(check: &Check<'_>) -> Result<Answer, LearningError> {
    let features = check.case.matrix("features");
    let labels: Vec<u32> = check.case.integers("classes").into_iter().map(|class| class as u32).collect();
    let data = TrainingSet::new(features.view(), &labels, check.number("n_classes") as usize)?;
    let weights = match check.text("weights") {
        "distance" => NeighborWeights::Distance,
        _ => NeighborWeights::Uniform,
    };
    let metric = if check.text("metric") == "cosine" { Metric::Cosine } else { Metric::Euclidean };
    let model = KNearestNeighbors::default()
        .with_n_neighbors(check.number("k") as usize)
        .with_weights(weights)
        .with_metric(metric)
        .fit_model(&data)?;
    let pred_probs = model.predict_proba(check.matrix("queries").view())?;
    Ok(Answer::Close(vec![("", pred_probs.iter().copied().collect())]))
}

#[test]
fn clean_learning_equals_the_reference() {
    let functions = ["find_label_issues", "find_label_issues_low_memory"];
    run("clean-learning", &functions, |check| {
        let values = check.case.matrix("pred_probs");
        let answer = if check.case.is_f32 {
            find_answer(check, values.mapv(|p| p as f32))
        } else {
            find_answer(check, values)
        };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

#[test]
fn clean_learning_fit_equals_the_reference() {
    run("clean-learning", &["fit", "fit_given_pred_probs", "fit_given_issues"], |check| {
        fit_answer(check).unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn labels(check: &Check<'_>, name: &str) -> Vec<u32> {
    check.case.integers(name).into_iter().map(|label| label as u32).collect()
}

/// What is known beforehand, from the parameters of a call.
struct Given {
    thresholds: Option<Array1<f64>>,
    noise_matrix: Option<Array2<f64>>,
    inverse_noise_matrix: Option<Array2<f64>>,
}

impl Given {
    fn of(check: &Check<'_>) -> Self {
        Self {
            thresholds: check.has("thresholds").then(|| check.vector("thresholds")),
            noise_matrix: check.has("noise_matrix").then(|| check.matrix("noise_matrix")),
            inverse_noise_matrix: check
                .has("inverse_noise_matrix")
                .then(|| check.matrix("inverse_noise_matrix")),
        }
    }

    fn inputs(&self) -> CleanLearningInputs<'_> {
        let mut inputs = CleanLearningInputs::default();
        inputs.thresholds.clone_from(&self.thresholds);
        inputs.noise_matrix = self.noise_matrix.as_ref().map(|matrix| matrix.view());
        inputs.inverse_noise_matrix = self.inverse_noise_matrix.as_ref().map(|matrix| matrix.view());
        inputs
    }
}

fn recipe(check: &Check<'_>) -> Result<CleanLearning, LearningError> {
    let mut recipe = CleanLearning::new(LogisticRegression::default());
    if check.flag("converge") {
        recipe = recipe.with_convergence(Convergence::Iterate);
    }
    if check.has("pu_learning") {
        recipe = recipe.with_pu_learning(check.number("pu_learning") as u32);
    }
    if check.has("n_splits") {
        recipe = recipe.with_n_splits(check.number("n_splits") as usize);
    }
    if check.has("seed") {
        recipe = recipe.with_seed(check.number("seed") as u32);
    }
    if check.has("c") {
        recipe = recipe.with_final_classifier(LogisticRegression::default().with_c(check.number("c")));
    }
    if check.has("method") {
        recipe = recipe.with_label_quality(match (check.text("method"), check.flag("adjust")) {
            ("self_confidence", false) => LabelQualityMethod::SelfConfidence,
            ("self_confidence", true) => LabelQualityMethod::AdjustedSelfConfidence,
            ("normalized_margin", false) => LabelQualityMethod::NormalizedMargin,
            ("normalized_margin", true) => LabelQualityMethod::AdjustedNormalizedMargin,
            _ => LabelQualityMethod::ConfidenceWeightedEntropy,
        });
    }
    let confident_joint = if check.has("confident_joint") {
        let counts = check.matrix("confident_joint").mapv(|count| count as u64);
        Some(ConfidentJoint::from_counts(counts)?)
    } else {
        None
    };
    Ok(recipe.with_find_label_issues_options(|mut options| {
        if check.has("filter_by") {
            let name = check.text("filter_by");
            let filter_by = FilterBy::ALL.into_iter().find(|method| method.name() == name);
            options = options.with_filter_by(filter_by.expect("a known method"));
        }
        if check.has("frac_noise") {
            options = options.with_frac_noise(check.number("frac_noise"));
        }
        if check.has("min_examples_per_class") {
            let least = check.number("min_examples_per_class") as u64;
            options = options.with_min_examples_per_class(least);
        }
        match confident_joint {
            Some(confident_joint) => options.with_confident_joint(confident_joint),
            None => options,
        }
    }))
}

fn exact<T: Copy + Into<i64>>(values: impl IntoIterator<Item = T>) -> Answer {
    Answer::Exact(values.into_iter().map(Into::into).collect())
}

fn close(values: &Array1<f64>) -> Answer {
    Answer::Close(vec![("", values.to_vec())])
}

fn close_matrix(values: &Array2<f64>) -> Answer {
    Answer::Close(vec![("", values.iter().copied().collect())])
}

/// The columns and estimates that the reference has too; those it has and this workspace lacks are mismatches.
fn parts_of(check: &Check<'_>, issues: &CleanLearningIssues) -> Vec<(&'static str, Answer)> {
    let table = &issues.table;
    let mut parts = vec![
        ("is_label_issue", exact(table.is_label_issue.iter().map(|&issue| i64::from(issue)))),
        ("given_label", exact(table.given_label.iter().copied())),
    ];
    if let Some(predicted) = &table.predicted_label {
        parts.push(("predicted_label", exact(predicted.iter().copied())));
    }
    if let Some(quality) = &table.label_quality {
        parts.push(("label_quality", close(quality)));
    }
    if let Some(weight) = &table.sample_weight {
        parts.push(("sample_weight", close(weight)));
    }
    if let Some(noise) = &issues.noise {
        parts.push(("noise_matrix", close_matrix(&noise.noise_matrix)));
        parts.push(("inverse_noise_matrix", close_matrix(&noise.inverse_noise_matrix)));
        parts.push(("py", close(&noise.py)));
        let counts = noise.confident_joint.counts();
        parts.push(("confident_joint", exact(counts.iter().map(|&count| count as i64))));
    }
    let wanted = check.texts("parts");
    parts.retain(|(name, _)| wanted.iter().any(|wanted| wanted == name));
    parts
}

fn complete(check: &Check<'_>, parts: Vec<(&'static str, Answer)>) -> Answer {
    let missing: Vec<String> =
        check.texts("parts").into_iter().filter(|name| !parts.iter().any(|(part, _)| part == name)).collect();
    if missing.is_empty() { Answer::Parts(parts) } else { Answer::Failed(format!("no {missing:?}")) }
}

fn find_answer<F: Float>(check: &Check<'_>, values: Array2<F>) -> Result<Answer, LearningError> {
    let labels = check.case.integers("labels");
    let data = LabeledProbs::new(Labels::new(&labels)?, PredProbs::new(values)?)?;
    let mut recipe = recipe(check)?;
    if check.function == "find_label_issues_low_memory" {
        recipe = recipe.with_memory_use(MemoryUse::Low);
    }
    let given = Given::of(check);
    let issues = recipe.find_label_issues_from_probabilities(&data, &given.inputs())?;
    Ok(complete(check, parts_of(check, &issues)))
}

fn fit_answer(check: &Check<'_>) -> Result<Answer, LearningError> {
    let (features, pred_probs) = (check.case.matrix("features"), check.case.matrix("fit_pred_probs"));
    let (labels, n_classes) = (labels(check, "fit_labels"), check.number("n_classes") as usize);
    let weights = check.case.vector("weights");
    let mut data = TrainingSet::new(features.view(), &labels, n_classes)?;
    if check.flag("weighted") {
        data = data.with_sample_weight(weights.view())?;
    }
    let recipe = recipe(check)?;
    let given = Given::of(check);
    let mut inputs = given.inputs();
    if check.function == "fit_given_pred_probs" || check.flag("with_probs") {
        inputs = inputs.with_pred_probs(PredProbs::new(pred_probs.view())?);
    }
    let fitted = match check.function {
        "fit_given_issues" => {
            let indices: Vec<usize> = check.integers("issues").into_iter().map(|row| row as usize).collect();
            let with_probs =
                CleanLearningInputs::default().with_pred_probs(PredProbs::new(pred_probs.view())?);
            let found = recipe.find_label_issues(&data, &with_probs)?;
            let table = found.table.clone();
            let issues = match check.text("form") {
                "found" => GivenLabelIssues::Found(&found),
                "table" => GivenLabelIssues::Table(&table),
                "mask" => GivenLabelIssues::Mask(found.table.is_label_issue.view()),
                _ => GivenLabelIssues::Indices(&indices),
            };
            recipe.fit_with_label_issues(&data, issues, &inputs)?
        }
        _ => recipe.fit(&data, &inputs)?,
    };
    outcome(check, &fitted)
}

/// Predictions and scores, and the issues: where a model made the probabilities, to what an optimiser leaves open.
fn outcome(check: &Check<'_>, fitted: &FittedCleanLearning) -> Result<Answer, LearningError> {
    let mut parts = parts_of(check, fitted.issues());
    if check.function == "fit" {
        for (name, answer) in &mut parts {
            if let (&mut "label_quality", Answer::Close(values)) = (name, &mut *answer) {
                *answer = Answer::Near(values[0].1.clone(), MODEL_TOLERANCE);
            }
        }
    }
    let test_features = check.case.matrix("test_features");
    let test_labels = labels(check, "test_labels");
    let test_weights = check.case.vector("test_weights");
    let test = TrainingSet::new(test_features.view(), &test_labels, check.number("n_classes") as usize)?;
    parts.push(("predictions", exact(fitted.predict(test_features.view())?)));
    parts.push(("score", Answer::Close(vec![("", vec![fitted.score(&test)?])])));
    let weighted = fitted.score(&test.with_sample_weight(test_weights.view())?)?;
    parts.push(("weighted_score", Answer::Close(vec![("", vec![weighted])])));
    if check.texts("parts").iter().any(|part| part == "pred_proba") {
        let pred_probs = fitted.predict_proba(test_features.view())?;
        parts.push(("pred_proba", Answer::Near(pred_probs.iter().copied().collect(), MODEL_TOLERANCE)));
    }
    Ok(complete(check, parts))
}

/// How far probabilities of logistic regression on standardised features may be from scikit-learn's.
const MODEL_TOLERANCE: f64 = 1e-9;
