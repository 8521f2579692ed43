//! Matrices as cleanlab prints them.

use serde::Deserialize;

#[derive(Deserialize)]
struct PrintedMatrices {
    cleanlab: String,
    cases: Vec<PrintedMatrix>,
}

/// A matrix, and what cleanlab prints for it.
#[derive(Debug, Clone, Deserialize)]
pub struct PrintedMatrix {
    /// The function of `cleanlab.internal.util`.
    pub function: String,
    /// The rows; whole numbers for `print_square_matrix`.
    pub matrix: Vec<Vec<f64>>,
    /// The number of decimals, where one was given.
    pub round_places: Option<usize>,
    /// What was printed, except that no zero is negative.
    pub text: String,
}

/// All recorded matrices.
///
/// ```
/// let cases = cleanlab_testkit::printed_matrices();
/// assert!(cases.len() > 40 && cases[0].text.contains("Trace(matrix) = "));
/// ```
///
/// # Panics
///
/// If the fixture is damaged or was not recorded with cleanlab 2.9.0.
#[must_use]
pub fn printed_matrices() -> Vec<PrintedMatrix> {
    let text = include_str!("../fixtures/printed_matrices.json");
    let recorded: PrintedMatrices =
        serde_json::from_str(text).expect("fixture of printed matrices is readable");
    assert_eq!(recorded.cleanlab, "2.9.0");
    recorded.cases
}
