//! Matrices of classes for a terminal.

use cleanlab_core::ClassNames;
use cleanlab_count::{MatrixDisplay, MatrixStyle};

use crate::printable::cell;
use crate::printable::grouped;
use cleanlab_report::text_layout::wrapped;

/// No more classes than this are printed, however wide the terminal is: nobody reads a larger matrix.
const MOST_CLASSES: usize = 20;

/// A matrix below its title, with as many decimals as there is room for, from four down to two.
pub(crate) fn matrix_text(
    matrix: MatrixDisplay<'_>,
    title: &str,
    class_names: &ClassNames,
    width: usize,
) -> String {
    let n_classes = class_names.len();
    let names: Vec<String> = if *class_names == ClassNames::indices(n_classes) {
        Vec::new()
    } else {
        class_names.as_slice().iter().map(|name| cell(name)).collect()
    };
    let style = MatrixStyle::Aligned { width, max_classes: MOST_CLASSES };
    let matrix = matrix.with_title(wrapped(title, width) + "\n").with_class_names(names).with_style(style);
    let with_decimals = |decimals| matrix.clone().with_decimals(decimals);
    if let Some(complete) = [4, 3, 2].map(with_decimals).into_iter().find(MatrixDisplay::is_complete) {
        return complete.to_string();
    }
    let note =
        format!("(Not all of {} classes are shown; --format json and --out have them.)", grouped(n_classes));
    // Among many classes every rate is small.
    let decimals = if n_classes > MOST_CLASSES { 4 } else { 2 };
    format!("{}\n\n{}", with_decimals(decimals), wrapped(&note, width))
}
