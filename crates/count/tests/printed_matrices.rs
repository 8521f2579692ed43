//! Matrices as cleanlab prints them, and aligned ones.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_count::{CountError, MatrixDisplay, MatrixStyle};
use cleanlab_testkit::printed_matrices;
use ndarray::{Array2, array};

#[test]
fn tabs_print_what_cleanlab_prints() {
    for case in printed_matrices() {
        let k = case.matrix.len();
        let floats = Array2::from_shape_vec((k, k), case.matrix.concat()).unwrap();
        let counts = floats.mapv(|value| value as u64);
        let display = match case.function.as_str() {
            "print_joint_matrix" => MatrixDisplay::joint(floats.view()),
            "print_noise_matrix" => MatrixDisplay::noise_matrix(floats.view()),
            "print_inverse_noise_matrix" => MatrixDisplay::inverse_noise_matrix(floats.view()),
            "print_square_matrix" => MatrixDisplay::counts(counts.view()),
            other => panic!("{other} is not known"),
        };
        let display = display.unwrap().with_decimals(case.round_places.unwrap_or(2));
        assert_eq!(format!("\n{display}\n\n"), case.text, "{}", case.function);
    }
}

/// A joint of 30 classes with little noise.
fn large() -> Array2<f64> {
    Array2::from_shape_fn((30, 30), |(s, y)| if s == y { 0.033 } else { 1e-5 })
}

#[test]
fn aligned_never_exceeds_the_width() {
    let joint = large();
    let names: Vec<String> = (0..30).map(|class| "class ".repeat(1 + class % 3)).collect();
    for width in 20..200 {
        let style = MatrixStyle::Aligned { width, max_classes: 30 };
        let display = MatrixDisplay::joint(joint.view()).unwrap().with_title("").with_style(style);
        for display in [display.clone(), display.with_class_names(names.clone())] {
            let text = display.to_string();
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= width.max(29), "{width}: {text}");
            assert_eq!(display.is_complete(), !text.contains(" …"), "{width}: {text}");
        }
    }
}

#[test]
fn aligned_prints_as_many_classes_as_wanted() {
    let joint = large();
    let style = MatrixStyle::Aligned { width: 80, max_classes: 3 };
    let display = MatrixDisplay::joint(joint.view()).unwrap().with_title("Joint").with_style(style);
    let expected = "Joint
 p(s,y)   y=0   y=1   y=2  …
          ---   ---   ---
 s=0     0.03  0.00  0.00  …
 s=1     0.00  0.03  0.00  …
 s=2     0.00  0.00  0.03  …
 …          …
 Trace 0.99";
    assert_eq!(display.to_string(), expected);
    assert!(!display.is_complete());
}

#[test]
fn aligned_zeros_are_told_from_what_rounds_to_zero() {
    let matrix = array![[0.5, 0.001], [0.0, -1e-9]];
    let style = MatrixStyle::Aligned { width: 80, max_classes: 20 };
    let display = MatrixDisplay::noise_matrix(matrix.view()).unwrap().with_title("Noise").with_style(style);
    let expected = "Noise
 p(s|y)   y=0   y=1
          ---   ---
 s=0     0.50  0.00
 s=1        0  0.00
 Trace 0.50";
    assert_eq!(display.to_string(), expected);
}

#[test]
fn joint_that_is_not_square_or_empty_is_refused() {
    for (rows, columns) in [(2, 3), (0, 0), (0, 2), (3, 0)] {
        let matrix = Array2::zeros((rows, columns));
        assert!(matches!(MatrixDisplay::joint(matrix.view()), Err(CountError::WrongShape { .. })));
        let counts = Array2::zeros((rows, columns));
        assert!(matches!(MatrixDisplay::counts(counts.view()), Err(CountError::WrongShape { .. })));
    }
}

#[test]
fn numbers_that_are_none_are_printed_as_such() {
    let matrix = array![[f64::NAN, f64::INFINITY], [f64::NEG_INFINITY, 1e308]];
    let text = MatrixDisplay::joint(matrix.view()).unwrap().with_decimals(99).to_string();
    assert!(text.contains("s=0 |\tnan\tinf\ns=1 |\t-inf\tinf\n"), "{text}");
}
