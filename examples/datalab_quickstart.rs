//! Audits a data set for every kind of issue at once: wrong labels, outliers, duplicates, drift, imbalance, weak groups.
//!
//! `cargo run --package cleanlab-examples --bin datalab_quickstart` draws 132 points in the plane with NumPy's stream and
//! seed 123, trains logistic regression on them in five folds, audits the points with the predictions, and prints what
//! it finds. Two plots, of what is really wrong and of what was found, are written to `target/examples`.
//!
//! The numbers are those of the quickstart that cleanlab's documentation shows, digit by digit, but for the score of
//! `underperforming_group`, where there are three:
//!
//! | whose | score | why |
//! |---|---|---|
//! | here | 0.890169 | the mean confidence in the given labels is lowest in a group of 8 rows: so much of that of all groups |
//! | cleanlab 2.9.0 | 0.926818 | it compares each group's mean confidence with the ratio of the worst group so far, and so ends at the third worst |
//! | the documentation | 0.901562 | written by an earlier version, which also gave groups other scores |
//!
//! The documentation's text leaves out a step that its numbers show: three rows are given a fourth class, `max`, drawn from
//! the same stream after labels were made wrong. Rows of equal score come in order of their number here.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example")]

use anyhow::{Context, Result};
use cleanlab_core::ClassNames;
use cleanlab_datalab::{ColumnValues, Datalab, FindIssuesOptions, Info, InfoValue, Inputs, IssueTable, Task};
use cleanlab_examples::{
    QuickstartPoints, ScatterPlot, cleanlabs_checks, heading, listed, plot_file, rows_table, summary_table,
    worst_rows,
};
use cleanlab_learning::{CrossValidationOptions, LogisticRegression, TrainingSet, cross_val_predict};

/// What cleanlab 2.9.0 gives as the score of the check of groups.
const CLEANLABS_GROUP_SCORE: f64 = 0.926_818;

const BLACK: [u8; 3] = [0, 0, 0];
const CYAN: [u8; 3] = [0, 190, 210];

fn main() -> Result<()> {
    let data = QuickstartPoints::draw()?;
    let encoded = ClassNames::encode_strings(&data.given_labels)?;
    let wrong = data.wrong_rows();
    let n_classes = encoded.class_names.len();
    println!("{} points of {n_classes} classes; labels made wrong: {}", data.points.nrows(), wrong.len());

    // Predictions for every row by a model that has not seen it.
    let training = TrainingSet::new(data.points.view(), encoded.labels.as_slice(), n_classes)?;
    let five_folds = CrossValidationOptions::default().with_n_splits(5);
    let pred_probs = cross_val_predict(&LogisticRegression::default(), &training, &five_folds)?.pred_probs;

    // The audit: the default checks, without those of our own, so that every line compares with cleanlab's.
    let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
    let inputs = Inputs::default().with_pred_probs(&pred_probs).with_features(&data.points);
    let options = FindIssuesOptions::default().with_checks(cleanlabs_checks(Task::Classification));
    lab.find_issues(&inputs, &options)?;

    println!("{}", heading("What was found"));
    println!("{}", summary_table(&lab));
    println!("cleanlab 2.9.0 scores underperforming_group {CLEANLABS_GROUP_SCORE:.6}");
    for name in ["label", "outlier", "near_duplicate", "class_imbalance"] {
        let line = lab.get_issue_summary(name)?;
        println!("{}", heading(&format!("{name}: {} rows, score {:.4}", line.num_issues, line.score)));
        print!("{}", rows_table(&lab, name, &worst_rows(&lab, name, 5)?)?);
    }
    if let Some(InfoValue::Text(rarest)) = lab.get_info("class_imbalance")?.get("Rarest Class") {
        println!("\nrarest class: {rarest}");
    }
    print_first_rows(&lab)?;

    println!("{}", heading("Labels to look at first"));
    let labels = lab.get_findings("label")?.ranked_issues();
    print!("{}", rows_table(&lab, "label", &labels[..5])?);
    println!("\nall of them:\n{}", listed(&labels));
    println!("{}", heading("Classes, the worst labelled first"));
    print_classes(lab.get_info("label")?)?;
    println!("{}", heading("Near duplicates"));
    let duplicates = lab.get_findings("near_duplicate")?.ranked_issues();
    print!("{}", rows_table(&lab, "near_duplicate", &duplicates)?);

    let plot = data
        .plot("What is wrong with these points")
        .with_circles("wrong label", data.at(wrong))
        .with_crosses("outside", BLACK, data.at(data.outside.clone()))
        .with_crosses("duplicate", CYAN, data.at(data.duplicates));
    write_plot(&plot, "datalab_quickstart_truth.svg")?;
    let plot = data
        .plot("What the audit finds")
        .with_circles("label issue", data.at(labels))
        .with_crosses("outlier", BLACK, data.at(lab.get_findings("outlier")?.issue_rows()))
        .with_crosses("near duplicate", CYAN, data.at(duplicates));
    write_plot(&plot, "datalab_quickstart_found.svg")
}

/// The scores of the first five rows by every check; those with an issue are marked.
fn print_first_rows(lab: &Datalab) -> Result<()> {
    println!("{}", heading("The first rows"));
    let names: Vec<String> = lab.issue_summary().into_iter().map(|line| line.issue_type).collect();
    let width = |name: &str| name.len().max(8) + 2;
    let heads: Vec<String> =
        names.iter().map(|name| format!("{name:>width$}", width = width(name))).collect();
    println!("row{}", heads.concat());
    for row in 0..5 {
        let mut line = String::new();
        for name in &names {
            let findings = lab.get_findings(name)?;
            let mark = if findings.is_issue[row] { "!" } else { "" };
            let score = format!("{mark}{:.6}", findings.scores[row]);
            let padding = width(name).saturating_sub(score.len());
            line.push_str(&" ".repeat(padding));
            line.push_str(&score);
        }
        println!("{row:>3}{line}");
    }
    Ok(())
}

fn print_classes(info: &Info) -> Result<()> {
    let Some(InfoValue::Table(classes)) = info.get("classes_by_label_quality") else {
        anyhow::bail!("the check of labels ranks the classes");
    };
    println!("class  number  issues  inverse issues     noise  inverse noise   quality");
    for row in 0..classes.n_rows() {
        let text = |name| column(classes, name)?.text_at(row).context("a value per class");
        let share = |name| match column(classes, name)? {
            ColumnValues::Floats(values) => Ok(values[row]),
            _ => anyhow::bail!("{name} holds numbers"),
        };
        let counts = format!(
            "{:>6}{:>8}{:>16}",
            text("Class Index")?,
            text("Label Issues")?,
            text("Inverse Label Issues")?
        );
        let shares = format!("{:>10.6}{:>15.6}", share("Label Noise")?, share("Inverse Label Noise")?);
        println!("{:<7}{counts}{shares}{:>10.6}", text("Class Name")?, share("Label Quality Score")?);
    }
    Ok(())
}

fn column<'a>(table: &'a IssueTable, name: &str) -> Result<&'a ColumnValues> {
    table.column(name).with_context(|| format!("the table has the column {name}"))
}

fn write_plot(plot: &ScatterPlot, file: &str) -> Result<()> {
    let path = plot_file(file)?;
    plot.write_svg(&path).context("the plot could not be written")?;
    eprintln!("plot: {}", path.display());
    Ok(())
}
