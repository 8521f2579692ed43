//! Points in the plane of four classes, two of which overlap, and labels of which a fifth is wrong.

use anyhow::Result;
use cleanlab_core::{Labels, RandomState};
use cleanlab_learning::{LearningError, TrainingSet};
use cleanlab_noise_generation::{
    MatrixValidity, NoiseMatrixOptions, generate_noise_matrix_from_trace, generate_noisy_labels,
};
use ndarray::{Array1, Array2, Axis, array, concatenate};

use crate::scatter_plot::ScatterPlot;

/// The data set of the workflows.
#[derive(Debug, Clone)]
pub struct MessyPoints {
    /// 250 points, 250 × 2.
    pub points: Array2<f64>,
    /// As many points for testing; their true labels are those of the others.
    pub test_points: Array2<f64>,
    /// The class that each point was drawn from.
    pub true_labels: Vec<u32>,
    /// The class that each point was given.
    pub given_labels: Vec<u32>,
    /// The class that each point for testing was given.
    pub given_test_labels: Vec<u32>,
    /// p(given label = i | true label = j), by which labels were made wrong.
    pub noise_matrix: Array2<f64>,
}

/// Mean, covariance and number of the points of each class.
const CLASSES: [([f64; 2], [[f64; 2]; 2], usize); 4] = [
    ([3.0, 2.0], [[5.0, -1.5], [-1.5, 1.0]], 100),
    ([7.0, 7.0], [[1.0, 0.5], [0.5, 4.0]], 50),
    ([0.0, 8.0], [[5.0, 1.0], [1.0, 5.0]], 50),
    ([0.0, 10.0], [[3.0, 1.0], [1.0, 1.0]], 50),
];

/// What the classes look like in the pictures.
const COLOURS: [[u8; 3]; 4] = [[106, 61, 154], [40, 110, 200], [58, 181, 138], [232, 190, 24]];

const SEED: u32 = 0;

/// The share of labels of a class that are given correctly, on average over the classes.
const AVERAGE_TRACE: f64 = 0.8;

impl MessyPoints {
    /// Names of the classes.
    pub const NAMES: [&str; 4] = ["purple", "blue", "seafoam green", "yellow"];

    /// Draws the data set from NumPy's legacy stream; it is the same on every machine.
    ///
    /// # Errors
    ///
    /// When the constants above are changed to something that cannot be drawn.
    pub fn draw() -> Result<Self> {
        let mut stream = RandomState::new(SEED);
        let (mut points, mut test_points) = (Array2::zeros((0, 2)), Array2::zeros((0, 2)));
        let mut true_labels = Vec::new();
        for ((mean, covariance, size), class) in CLASSES.into_iter().zip(0..) {
            let covariance = array![covariance[0], covariance[1]];
            for part in [&mut points, &mut test_points] {
                let drawn =
                    stream.multivariate_normal(array![mean[0], mean[1]].view(), covariance.view(), size)?;
                *part = concatenate(Axis(0), &[part.view(), drawn.view()])?;
            }
            true_labels.extend(std::iter::repeat_n(class, size));
        }

        let labels = Labels::new(&true_labels)?;
        let share = |count: u64| count as f64 / labels.len() as f64;
        let py: Array1<f64> = labels.counts(Self::N_CLASSES).into_iter().map(share).collect();
        let options = NoiseMatrixOptions::default().with_validity(MatrixValidity::Learnable { py: Some(py) });
        let mut stream = RandomState::new(SEED);
        let trace = AVERAGE_TRACE * Self::N_CLASSES as f64;
        let noise_matrix = generate_noise_matrix_from_trace(Self::N_CLASSES, trace, &options, &mut stream)?;
        let given_labels = generate_noisy_labels(&labels, noise_matrix.view(), &mut stream)?;
        let given_test_labels = generate_noisy_labels(&labels, noise_matrix.view(), &mut stream)?;
        Ok(Self {
            given_labels: given_labels.as_slice().to_vec(),
            given_test_labels: given_test_labels.as_slice().to_vec(),
            points,
            test_points,
            true_labels,
            noise_matrix,
        })
    }

    /// Number of classes.
    pub const N_CLASSES: usize = CLASSES.len();

    /// For each row, whether the given label is not the true one.
    #[must_use]
    pub fn is_wrong(&self) -> Vec<bool> {
        self.given_labels.iter().zip(&self.true_labels).map(|(given, truly)| given != truly).collect()
    }

    /// The points with their given labels, to learn from.
    ///
    /// # Errors
    ///
    /// None with the data set as it is drawn.
    pub fn training_set(&self) -> Result<TrainingSet<'_>, LearningError> {
        TrainingSet::new(self.points.view(), &self.given_labels, Self::N_CLASSES)
    }

    /// A picture of the points in the colours of their given labels, with circles around some of them.
    #[must_use]
    pub fn plot(&self, title: &str, meaning: &str, circled: &[usize]) -> ScatterPlot {
        let point = |row: usize| [self.points[[row, 0]], self.points[[row, 1]]];
        let mut plot = ScatterPlot::new(title);
        for ((name, colour), class) in Self::NAMES.into_iter().zip(COLOURS).zip(0..) {
            let of_class = (0..self.given_labels.len()).filter(|&row| self.given_labels[row] == class);
            plot = plot.with_coloured_points(name, colour, of_class.map(point).collect());
        }
        plot.with_circles(meaning, circled.iter().map(|&row| point(row)).collect())
    }
}
