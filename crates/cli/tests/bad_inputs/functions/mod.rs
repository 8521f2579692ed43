//! Bad inputs of public functions.

#![allow(clippy::too_many_lines, reason = "they are tables of cases")]

mod audits;
mod estimates;
mod generated;
mod inputs;
mod judged;
mod models;
mod nearby;
mod sets_of_classes;
mod tables;

use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use ndarray::{Array2, array};

use crate::answers::{Answered, Answers};

/// The answers to all bad inputs of functions.
pub(crate) fn answers() -> Vec<Answered> {
    let mut answers = Answers::default();
    inputs::ask(&mut answers);
    estimates::ask(&mut answers);
    judged::ask(&mut answers);
    sets_of_classes::ask(&mut answers);
    generated::ask(&mut answers);
    nearby::ask(&mut answers);
    models::ask(&mut answers);
    audits::ask(&mut answers);
    tables::ask(&mut answers);
    answers.0
}

/// Labels that fit [`probs`]; that of row 3 is wrong.
const LABELS: [u32; 6] = [0, 1, 0, 0, 1, 1];

fn probs() -> Array2<f64> {
    array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.1, 0.9], [0.25, 0.75], [0.4, 0.6]]
}

fn good() -> LabeledProbs<'static, f64> {
    paired(&LABELS, probs())
}

/// Labels and probabilities that fit each other.
fn paired(labels: &[u32], probs: Array2<f64>) -> LabeledProbs<'static, f64> {
    let labels = Labels::from_vec(labels.to_vec()).unwrap();
    LabeledProbs::allowing_one_class(labels, PredProbs::new(probs).unwrap()).unwrap()
}
