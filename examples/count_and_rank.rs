//! A workflow of one's own from `cleanlab-count` and `cleanlab-rank`: how much noise there is between which classes, and
//! which rows to look at first, with a data set whose noise is known.
//!
//! `cargo run --package cleanlab-examples --bin count_and_rank`

#![allow(clippy::print_stdout, reason = "an example")]

use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_count::{
    ConfidentJointOptions, EstimationMethod, LatentOptions, compute_confident_joint, estimate_latent,
    num_label_issues,
};
use cleanlab_noise_generation::{
    MatrixValidity, NoiseMatrixOptions, generate_noise_matrix_from_trace, generate_noisy_labels,
};
use cleanlab_rank::{LabelQualityMethod, find_top_issues, get_label_quality_scores};
use ndarray::{Array1, Array2};

const N: usize = 3000;
const K: usize = 3;

fn main() -> anyhow::Result<()> {
    // True labels, a model that mostly knows them, and labels that somebody got wrong at known rates.
    let mut stream = RandomState::new(0);
    let true_labels: Vec<u32> = (0..N).map(|row| (row % K) as u32).collect();
    let mut pred_probs = Array2::zeros((N, K));
    for (mut row, &label) in pred_probs.rows_mut().into_iter().zip(&true_labels) {
        row.assign(&Array1::from(stream.dirichlet(&[0.4; K])?));
        row *= 0.3;
        row[label as usize] += 0.7;
    }
    let mut options = NoiseMatrixOptions::default();
    options.validity = MatrixValidity::Learnable { py: Some(Array1::from_elem(K, 1.0 / K as f64)) };
    let noise_matrix = generate_noise_matrix_from_trace(K, 2.4, &options, &mut stream)?;
    let given_labels = generate_noisy_labels(&Labels::new(&true_labels)?, noise_matrix.view(), &mut stream)?;

    // What can be told from the given labels and the predictions alone.
    let data = LabeledProbs::new(given_labels.borrowed(), PredProbs::new(pred_probs.view())?)?;
    let confident_joint = compute_confident_joint(&data, &ConfidentJointOptions::default())?;
    let latent = estimate_latent(&confident_joint, data.labels(), &LatentOptions::default())?;
    println!("noise matrix, as it is:\n{noise_matrix:.3}\n");
    println!("noise matrix, as estimated:\n{:.3}\n", latent.noise_matrix);

    let wrong = |row: usize| given_labels.as_slice()[row] != true_labels[row];
    let n_wrong = (0..N).filter(|&row| wrong(row)).count();
    println!(
        "wrong labels: {n_wrong}, estimated: {}",
        num_label_issues(&data, &EstimationMethod::OffDiagonal)?
    );

    let scores = get_label_quality_scores(&data, LabelQualityMethod::NormalizedMargin)?;
    let worst = find_top_issues(scores.view(), n_wrong);
    let found = worst.iter().filter(|&&row| wrong(row)).count();
    println!("of the {n_wrong} worst-scored rows, {found} are wrong");
    Ok(())
}
