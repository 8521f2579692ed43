//! Points of a square and a few outside of it, three classes by the sum of their coordinates, and labels of which some
//! are wrong.

use anyhow::Result;
use cleanlab_core::{Labels, RandomState};
use cleanlab_learning::{TestRows, TestSize, train_test_split};
use cleanlab_noise_generation::{
    MatrixValidity, NoiseMatrixOptions, generate_noise_matrix_from_trace, generate_noisy_labels,
};
use ndarray::Array2;

use crate::scatter_plot::ScatterPlot;

/// The data set of the Datalab quickstart.
#[derive(Debug, Clone)]
pub struct QuickstartPoints {
    /// 132 points.
    pub points: Array2<f64>,
    /// Which of low, mid and high each is, as an index into [`QuickstartPoints::TRUE_NAMES`].
    pub true_labels: Vec<u32>,
    /// What each was given: `low`, `mid`, `high`, or `max`, which nothing is.
    pub given_labels: Vec<&'static str>,
    /// The points that lie outside of the square.
    pub outside: Vec<usize>,
    /// Two points that are one.
    pub duplicates: [usize; 2],
}

/// The sums of coordinates at which mid and high begin.
const BOUNDS: [f64; 2] = [3.3, 6.6];

/// The last of them comes twice, almost.
const OUTSIDE: [[f64; 2]; 5] = [[-1.5, 3.0], [-1.75, 6.5], [1.5, 7.2], [2.5, -2.0], [5.5, 7.0]];

const SEED: u32 = 123;
const N_DRAWN: usize = 250;
const SIDE: f64 = 5.0;

/// How far the last point outside and its near duplicate are apart at most, in each coordinate.
const NEAR: f64 = 1e-6;

/// The share of labels of a class that are given correctly, on average over the classes.
const AVERAGE_TRACE: f64 = 0.9;

/// So many rows are given a class of their own.
const N_MAX: usize = 3;

impl QuickstartPoints {
    /// Names of the true classes.
    pub const TRUE_NAMES: [&str; 3] = ["low", "mid", "high"];

    /// Draws the data set from NumPy's legacy stream; it is the same on every machine.
    ///
    /// # Errors
    ///
    /// When the constants above are changed to something that cannot be drawn.
    pub fn draw() -> Result<Self> {
        let mut stream = RandomState::new(SEED);
        let drawn: Vec<[f64; 2]> =
            (0..N_DRAWN).map(|_| [SIDE * stream.random_sample(), SIDE * stream.random_sample()]).collect();
        let half = train_test_split(N_DRAWN, TestSize::Fraction(0.5), TestRows::Random { seed: SEED })?;
        let mut points: Vec<[f64; 2]> = half.train.iter().map(|&row| drawn[row]).collect();

        let outside: Vec<usize> = (points.len()..=points.len() + OUTSIDE.len()).collect();
        points.extend(OUTSIDE);
        let [x, y] = OUTSIDE[OUTSIDE.len() - 1];
        points.push([x + NEAR * stream.random_sample(), y + NEAR * stream.random_sample()]);
        let duplicate = stream.randint(0, points.len() as i64)? as usize;
        points.push(points[duplicate]);
        let duplicates = [duplicate, points.len() - 1];

        let true_labels: Vec<u32> =
            points.iter().map(|[x, y]| BOUNDS.iter().map(|&bound| u32::from(x + y >= bound)).sum()).collect();
        let given_labels = given_labels(&true_labels)?;
        let points = Array2::from_shape_fn((points.len(), 2), |(row, column)| points[row][column]);
        Ok(Self { points, true_labels, given_labels, outside, duplicates })
    }

    /// The rows whose given label is a wrong one of low, mid and high.
    #[must_use]
    pub fn wrong_rows(&self) -> Vec<usize> {
        let is_wrong = |&row: &usize| {
            let given = self.given_labels[row];
            given != Self::TRUE_NAMES[self.true_labels[row] as usize] && given != "max"
        };
        (0..self.given_labels.len()).filter(is_wrong).collect()
    }
}

/// Makes labels wrong, and gives three rows the class `max`, from one stream of random numbers.
fn given_labels(true_labels: &[u32]) -> Result<Vec<&'static str>> {
    let labels = Labels::new(true_labels)?;
    let n_classes = QuickstartPoints::TRUE_NAMES.len();
    let share = |count: u64| count as f64 / labels.len() as f64;
    let py = labels.counts(n_classes).into_iter().map(share).collect();
    let options = NoiseMatrixOptions::default().with_validity(MatrixValidity::Learnable { py: Some(py) });
    let mut stream = RandomState::new(SEED);
    let trace = AVERAGE_TRACE * n_classes as f64;
    let noise_matrix = generate_noise_matrix_from_trace(n_classes, trace, &options, &mut stream)?;
    let noisy = generate_noisy_labels(&labels, noise_matrix.view(), &mut stream)?;
    let names = noisy.as_slice().iter().map(|&class| QuickstartPoints::TRUE_NAMES[class as usize]);
    let mut given: Vec<&'static str> = names.collect();
    for _ in 0..N_MAX {
        let row = stream.randint(0, given.len() as i64)? as usize;
        given[row] = "max";
    }
    Ok(given)
}

impl QuickstartPoints {
    /// A picture of the points in the colours of their given labels, and of the bounds of the true classes.
    #[must_use]
    pub fn plot(&self, title: &str) -> ScatterPlot {
        let mut plot = ScatterPlot::new(title);
        for (bound, [from, to]) in BOUNDS.into_iter().zip([[-0.7, 4.0], [0.0, 5.5]]) {
            plot = plot.with_line([from, bound - from], [to, bound - to]);
        }
        for name in ["low", "mid", "high", "max"] {
            let rows = (0..self.given_labels.len()).filter(|&row| self.given_labels[row] == name);
            plot = plot.with_points(name, self.at(rows));
        }
        plot
    }

    /// The points of some rows.
    #[must_use]
    pub fn at(&self, rows: impl IntoIterator<Item = usize>) -> Vec<[f64; 2]> {
        rows.into_iter().map(|row| [self.points[[row, 0]], self.points[[row, 1]]]).collect()
    }
}
