//! Times the functions for sets of classes on request, for a script that runs them in turns with cleanlab.
//!
//! `time_multilabel_issues ONEHOT.npy PRED_PROBS.npy` reads the arrays, makes lists of classes, and prints `ready`. Then
//! it reads a line at a time: the name of a `filter_by` method, or that name and `ranked`, or `scores`, or `per_class`.
//! It answers each with the seconds that the call took, checks of the lists and the matrix included, and with a number
//! to compare: the issues found, or the sum of the scores.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::io::{self, BufRead};
use std::time::Instant;

use anyhow::{Context, Result};
use cleanlab_core::Float;
use cleanlab_filter::FilterBy;
use cleanlab_multilabel::{
    FindMultilabelIssuesOptions, MultilabelProbs, MultilabelScoreOptions, find_label_issues,
    find_multilabel_issues_per_class, get_label_quality_scores,
};
use cleanlab_rank::LabelQualityMethod;
use cleanlab_table::{ArrayOptions, ProbsMatrix, read_pred_probs};
use ndarray::ArrayView2;

fn main() -> Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [onehot, pred_probs] = paths.as_slice() else {
        anyhow::bail!("usage: time_multilabel_issues ONEHOT.npy PRED_PROBS.npy");
    };
    let lists = match read_pred_probs(onehot, &ArrayOptions::default())?.values {
        ProbsMatrix::F32(onehot) => lists_of(onehot.view()),
        ProbsMatrix::F64(onehot) => lists_of(onehot.view()),
    };
    let pred_probs = read_pred_probs(pred_probs, &ArrayOptions::default())?.values;
    println!("ready");
    for line in io::stdin().lock().lines() {
        let request = line?;
        let start = Instant::now();
        let answer = match &pred_probs {
            ProbsMatrix::F32(matrix) => answer(&lists, matrix.view(), &request)?,
            ProbsMatrix::F64(matrix) => answer(&lists, matrix.view(), &request)?,
        };
        println!("{} {answer}", start.elapsed().as_secs_f64());
    }
    Ok(())
}

fn lists_of<F: Float>(onehot: ArrayView2<'_, F>) -> Vec<Vec<u32>> {
    let list = |row: ndarray::ArrayView1<'_, F>| {
        let given = row.iter().enumerate().filter(|(_, entry)| entry.to_f64() > 0.5);
        given.map(|(class, _)| class as u32).collect()
    };
    onehot.rows().into_iter().map(list).collect()
}

fn answer<F: Float>(lists: &[Vec<u32>], matrix: ArrayView2<'_, F>, request: &str) -> Result<f64> {
    let data = MultilabelProbs::from_lists(lists, matrix)?;
    let (name, rest) = request.split_once(' ').unwrap_or((request, ""));
    if name == "scores" {
        return Ok(get_label_quality_scores(&data, &MultilabelScoreOptions::default())?.sum());
    }
    if name == "per_class" {
        let issues = find_multilabel_issues_per_class(&data, &FindMultilabelIssuesOptions::default())?;
        return Ok(issues.n_issues().iter().sum::<usize>() as f64);
    }
    let filter_by = FilterBy::ALL.into_iter().find(|method| method.name() == name);
    let options =
        FindMultilabelIssuesOptions::default().with_filter_by(filter_by.context("no such filter_by")?);
    let issues = find_label_issues(&data, &options)?;
    let n_issues = match rest {
        "ranked" => issues.ranked_by(&data, LabelQualityMethod::SelfConfidence)?.len(),
        _ => issues.n_issues(),
    };
    Ok(n_issues as f64)
}
