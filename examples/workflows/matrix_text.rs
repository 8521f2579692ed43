//! Matrices of noise in the layout that cleanlab prints them in.

use std::fmt::Write;

use ndarray::ArrayView2;

/// p(given label, true label), given labels down.
pub(crate) fn joint_matrix_text(joint: ArrayView2<'_, f64>) -> String {
    matrix_text(
        joint,
        "Joint Label Noise Distribution Matrix P(given_label, true_label)",
        "p(s,y)",
        ['s', 'y'],
    )
}

/// p(given label | true label), given labels down.
pub(crate) fn noise_matrix_text(noise_matrix: ArrayView2<'_, f64>) -> String {
    matrix_text(
        noise_matrix,
        "Noise Matrix (aka Noisy Channel) P(given_label|true_label)",
        "p(s|y)",
        ['s', 'y'],
    )
}

/// p(true label | given label), true labels down.
pub(crate) fn inverse_noise_matrix_text(inverse: ArrayView2<'_, f64>) -> String {
    matrix_text(inverse, "Inverse Noise Matrix P(true_label|given_label)", "p(y|s)", ['y', 's'])
}

/// A title, columns between tabs with at most two decimals, and the trace.
fn matrix_text(
    matrix: ArrayView2<'_, f64>,
    title: &str,
    corner: &str,
    [row_name, column_name]: [char; 2],
) -> String {
    let k = matrix.ncols();
    let joined = |cells: Vec<String>| cells.join("\t");
    let header = joined((0..k).map(|column| format!("{column_name}={column}")).collect());
    let rule = joined(vec!["---".to_owned(); k]);
    let mut text = format!("\n {title} of shape {:?}\n {corner}\t{header}\n\t{rule}\n", matrix.dim());
    for (row, values) in matrix.rows().into_iter().enumerate() {
        let cells = joined(values.iter().map(|&value| format!("{:?}", rounded(value))).collect());
        let _ = writeln!(text, "{row_name}={row} |\t{cells}");
    }
    let _ = writeln!(text, "\tTrace(matrix) = {:?}", rounded(matrix.diag().sum()));
    text
}

fn rounded(value: f64) -> f64 {
    (100.0 * value).round_ties_even() / 100.0
}
