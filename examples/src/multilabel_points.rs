//! Points in the plane that belong to one, two or three of three classes, and labels of which some are wrong.

use anyhow::{Context, Result};
use cleanlab_core::{Labels, RandomState};
use cleanlab_noise_generation::{
    MatrixValidity, NoiseMatrixOptions, generate_noise_matrix_from_trace, generate_noisy_labels,
};
use ndarray::{Array1, Array2, array};

/// The data set of the multi-label quickstart.
#[derive(Debug, Clone)]
pub struct MultilabelPoints {
    /// 280 points.
    pub points: Vec<[f64; 2]>,
    /// The classes that each belongs to.
    pub true_labels: Vec<Vec<u32>>,
    /// The classes that each was given; some sets are wrong.
    pub given_labels: Vec<Vec<u32>>,
}

/// Mean, covariance and number of the points of each class.
const CLASSES: [([f64; 2], [[f64; 2]; 2], usize); 3] = [
    ([-5.0, 3.5], [[3.0, -1.5], [-1.5, 1.0]], 100),
    ([0.0, 2.0], [[5.0, -1.5], [-1.5, 1.0]], 80),
    ([-3.0, 6.0], [[3.0, -1.5], [-1.5, 1.0]], 100),
];

/// Left, bottom, right and top of each box, and the classes of the points in it; later boxes win.
const BOXES: [([f64; 4], &[u32]); 4] = [
    ([-3.5, 0.0, -1.5, 1.7], &[0, 1]),
    ([-1.0, 3.0, 2.0, 4.0], &[1, 2]),
    ([-5.0, 2.0, -3.0, 4.0], &[0, 2]),
    ([-3.0, 2.0, -1.0, 4.0], &[0, 1, 2]),
];

const SEED: u32 = 1;

/// The share of sets of classes that are given correctly, on average over the different sets.
const AVERAGE_TRACE: f64 = 0.9;

/// Draws the data set from NumPy's legacy stream; it is the same on every machine.
///
/// # Errors
///
/// When the constants above are changed to something that cannot be drawn.
pub fn multilabel_points() -> Result<MultilabelPoints> {
    let mut stream = RandomState::new(SEED);
    let (mut points, mut true_labels) = (Vec::new(), Vec::new());
    for (class, (mean, covariance, size)) in CLASSES.into_iter().enumerate() {
        let mut draw = || -> Result<Array2<f64>> {
            let covariance = array![covariance[0], covariance[1]];
            Ok(stream.multivariate_normal(Array1::from(mean.to_vec()).view(), covariance.view(), size)?)
        };
        points.extend(draw()?.rows().into_iter().map(|row| [row[0], row[1]]));
        draw()?; // As many points for a test set, which is not used; but the stream goes on behind them.
        true_labels.extend(std::iter::repeat_n(vec![class as u32], size));
    }
    for ([left, bottom, right, top], classes) in BOXES {
        for ([x, y], label) in points.iter().zip(&mut true_labels) {
            if (left..=right).contains(x) && (bottom..=top).contains(y) {
                *label = classes.to_vec();
            }
        }
    }

    // Every set of classes that occurs counts as one label, and is mistaken for the others at drawn rates.
    let mut sets: Vec<Vec<u32>> = Vec::new();
    for label in &true_labels {
        if !sets.contains(label) {
            sets.push(label.clone());
        }
    }
    let set_of = |label| sets.iter().position(|set| set == label).context("every set is listed");
    let indices = true_labels.iter().map(set_of).collect::<Result<Vec<_>>>()?;
    let indices = Labels::new(&indices)?;
    let share = |count: u64| count as f64 / indices.len() as f64;
    let py: Array1<f64> = indices.counts(sets.len()).into_iter().map(share).collect();
    let options = NoiseMatrixOptions::default().with_validity(MatrixValidity::Learnable { py: Some(py) });
    let mut stream = RandomState::new(SEED);
    let trace = AVERAGE_TRACE * sets.len() as f64;
    let noise_matrix = generate_noise_matrix_from_trace(sets.len(), trace, &options, &mut stream)?;
    let noisy = generate_noisy_labels(&indices, noise_matrix.view(), &mut stream)?;
    let given_labels = noisy.as_slice().iter().map(|&set| sets[set as usize].clone()).collect();
    Ok(MultilabelPoints { points, true_labels, given_labels })
}
