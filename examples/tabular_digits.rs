//! A table from file to trained model: which labels are wrong, how healthy the data set is, and what cleaning brings to
//! three classifiers.
//!
//! `cargo run --package cleanlab-examples --bin tabular_digits` reads scikit-learn's handwritten digits from
//! `examples/data`, holds a quarter of them out for testing, makes 17% of the other labels wrong with NumPy's stream and
//! seed 0, and writes a plot of flagged digits to `target/examples`.
//!
//! The numbers, but for those of the trees, are those of cleanlab 2.9.0 with scikit-learn's logistic regression. Forest
//! and boosting are this workspace's own, so that other implementations give other numbers.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example")]

use anyhow::{Context, Result};
use cleanlab_core::{Labels, RandomState};
use cleanlab_count::ConfidentJoint;
use cleanlab_dataset::{
    HealthSource, Symmetry, find_overlapping_classes, overall_label_health_score,
    rank_classes_by_label_quality,
};
use cleanlab_examples::{DetectionScores, Digit, DigitSheet, accuracy, heading, listed, plot_file, share};
use cleanlab_learning::{
    Classifier, CleanLearning, CleanLearningInputs, CleanLearningIssues, GivenLabelIssues, GradientBoosting,
    LogisticRegression, RandomForest, TestRows, TestSize, TrainingSet, train_test_split,
};
use cleanlab_noise_generation::{
    MatrixValidity, NoiseMatrixOptions, generate_noise_matrix_from_trace, generate_noisy_labels,
};
use cleanlab_rank::find_top_issues;
use cleanlab_table::{FeatureOptions, LabelOptions, ReadOptions, Source, Table};
use ndarray::{Array1, Array2, Axis};

const DIGITS: &str = include_str!("data/digits.csv");
const LABEL: &str = "digit";
const N_CLASSES: usize = 10;
const LARGEST_PIXEL: f64 = 16.0;
const N_PIXELS: usize = 64;
const TEST_SHARE: f64 = 0.25;
const SEED: u32 = 0;

/// The share of labels of a digit that are given correctly, on average over the digits.
const AVERAGE_TRACE: f64 = 0.8;

/// So many rows are listed, and so many digits shown.
const N_SHOWN: usize = 24;

/// One part of the table.
struct Part {
    /// Its rows in the table.
    rows: Vec<usize>,
    /// One row each, standardised.
    features: Array2<f64>,
    /// What they show.
    digits: Vec<u32>,
}

fn main() -> Result<()> {
    let table = Table::read(Source::from_bytes(DIGITS, "digits.csv"), &ReadOptions::default())?;
    let (train, test) = parts(&table)?;
    let given = noisy_labels(&train.digits)?;
    let is_wrong: Vec<bool> = given.iter().zip(&train.digits).map(|(given, digit)| given != digit).collect();
    println!(
        "{} digits of {} pixels; {} to train on, {} to test with",
        table.n_rows(),
        train.features.ncols(),
        train.digits.len(),
        test.digits.len()
    );
    println!("wrong labels among those to train on: {}", share(is_wrong.iter().copied()));

    let training = TrainingSet::new(train.features.view(), &given, N_CLASSES)?;
    let logistic = LogisticRegression::default().with_c(0.01);
    let clean = CleanLearning::new(logistic.clone());
    let issues = clean.find_label_issues(&training, &CleanLearningInputs::default())?;
    print_issues(&issues, &is_wrong)?;
    let noise = issues.noise.as_ref().context("predictions give noise estimates")?;
    print_health(&noise.confident_joint, &is_wrong)?;

    println!("{}", heading("Training in spite of wrong labels: correct digits of the test set"));
    println!("{:<20}  {:<16}  by CleanLearning", "model", "as it is");
    compare("logistic regression", logistic, &training, Some(&issues), &test)?;
    compare("random forest", RandomForest::default(), &training, None, &test)?;
    compare("gradient boosting", GradientBoosting::default(), &training, None, &test)?;

    write_plot(&train, &issues, &is_wrong)
}

/// Rows to train on and rows to test with, each digit with the same share of both.
fn parts(table: &Table) -> Result<(Part, Part)> {
    let features = table.features(&FeatureOptions::default().with_label_column(LABEL))?.values;
    let digits = table.labels(LABEL, &LabelOptions::default())?.labels;
    let rows = TestRows::Stratified { labels: digits.as_slice(), seed: SEED };
    let split = train_test_split(table.n_rows(), TestSize::Fraction(TEST_SHARE), rows)?;
    let part = |rows: Vec<usize>| Part {
        features: features.select(Axis(0), &rows),
        digits: rows.iter().map(|&row| digits.as_slice()[row]).collect(),
        rows,
    };
    Ok((part(split.train), part(split.test)))
}

fn noisy_labels(digits: &[u32]) -> Result<Vec<u32>> {
    let labels = Labels::new(digits)?;
    let share = |count: u64| count as f64 / labels.len() as f64;
    let py: Array1<f64> = labels.counts(N_CLASSES).into_iter().map(share).collect();
    let options = NoiseMatrixOptions::default().with_validity(MatrixValidity::Learnable { py: Some(py) });
    let mut stream = RandomState::new(SEED);
    let trace = AVERAGE_TRACE * N_CLASSES as f64;
    let noise_matrix = generate_noise_matrix_from_trace(N_CLASSES, trace, &options, &mut stream)?;
    Ok(generate_noisy_labels(&labels, noise_matrix.view(), &mut stream)?.as_slice().to_vec())
}

fn print_issues(issues: &CleanLearningIssues, is_wrong: &[bool]) -> Result<()> {
    println!("{}", heading("Which labels are wrong"));
    let table = &issues.table;
    println!("flagged: {}", table.n_issues());
    let scores = DetectionScores::new(is_wrong, &table.is_label_issue.to_vec());
    println!("precision  {:.6}\nrecall     {:.6}", scores.precision, scores.recall);
    println!("f1         {:.6}\naccuracy   {:.6}", scores.f1, scores.accuracy);
    let quality = table.label_quality.as_ref().context("cross-validation scores the labels")?;
    let worst = find_top_issues(quality.view(), N_SHOWN);
    println!("\nthe {N_SHOWN} rows of lowest label quality:\n{}", listed(&worst));
    println!("wrong among them: {}", worst.iter().filter(|&&row| is_wrong[row]).count());
    Ok(())
}

fn print_health(confident_joint: &ConfidentJoint, is_wrong: &[bool]) -> Result<()> {
    println!("{}", heading("How healthy the data set is"));
    let source = HealthSource::confident_joint(confident_joint);
    println!("label health: {:.4}", overall_label_health_score(&source)?);
    println!("labels that are right: {}\n", share(is_wrong.iter().map(|wrong| !wrong)));
    println!("digit  issues  inverse issues  noise rate  quality");
    for digit in rank_classes_by_label_quality(&source)? {
        println!(
            "{:>5}{:>8}{:>16}{:>12.4}{:>9.4}",
            digit.class,
            digit.label_issues,
            digit.inverse_label_issues,
            digit.label_noise,
            digit.label_quality_score
        );
    }
    println!("\ndigits  rows  joint probability");
    for pair in find_overlapping_classes(&source, Symmetry::Symmetric)?.into_iter().take(5) {
        let digits = format!("{}, {}", pair.class_a, pair.class_b);
        println!("{digits:<6}{:>6}{:>19.4}", pair.num_overlapping_examples, pair.joint_probability);
    }
    Ok(())
}

/// A model trained on the labels as they are, and one by [`CleanLearning`], which finds the issues unless they are given.
fn compare(
    name: &str,
    classifier: impl Classifier + Clone + 'static,
    training: &TrainingSet<'_>,
    issues: Option<&CleanLearningIssues>,
    test: &Part,
) -> Result<()> {
    let plain = classifier.fit(training)?.predict(test.features.view())?;
    let (clean, inputs) = (CleanLearning::new(classifier), CleanLearningInputs::default());
    let model = match issues {
        Some(issues) => clean.fit_with_label_issues(training, GivenLabelIssues::Found(issues), &inputs)?,
        None => clean.fit(training, &inputs)?,
    };
    let cleaned = accuracy(&model.predict(test.features.view())?, &test.digits);
    println!("{name:<20}  {:<16}  {cleaned}", accuracy(&plain, &test.digits));
    Ok(())
}

/// Flagged digits, evenly spread from the worst to the least bad.
fn write_plot(train: &Part, issues: &CleanLearningIssues, is_wrong: &[bool]) -> Result<()> {
    let table = &issues.table;
    let quality = table.label_quality.as_ref().context("cross-validation scores the labels")?;
    let predicted = table.predicted_label.as_ref().context("cross-validation predicts the labels")?;
    let mut flagged = table.indices();
    flagged.sort_by(|&a, &b| quality[a].total_cmp(&quality[b]));
    let title = format!("{N_SHOWN} of {} flagged digits, the most suspicious first", flagged.len());
    let mut sheet = DigitSheet::new(title);
    for position in 0..N_SHOWN {
        let row = flagged[position * flagged.len() / N_SHOWN];
        sheet = sheet.with_digit(Digit {
            pixels: pixels(train.rows[row])?,
            given: table.given_label[row],
            predicted: predicted[row],
            is_wrong: is_wrong[row],
        });
    }
    let path = plot_file("tabular_digits_flagged.svg")?;
    sheet.write_svg(&path).context("the plot could not be written")?;
    eprintln!("plot: {}", path.display());
    Ok(())
}

/// The pixels of a row of the table, in [0, 1].
fn pixels(row: usize) -> Result<Vec<f64>> {
    // Below the heading, and before the digit.
    let line = DIGITS.lines().nth(row + 1).context("there is a line for every row")?;
    let values = line.split(',').take(N_PIXELS).map(str::parse::<f64>);
    Ok(values.map(|value| value.map(|value| value / LARGEST_PIXEL)).collect::<Result<_, _>>()?)
}
