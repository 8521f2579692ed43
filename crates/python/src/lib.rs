//! What the Python package `cleanlab_rs` calls: conversions between NumPy arrays and the crates of this workspace.
//!
//! No algorithm is in here. Arguments become the inputs of the crates (`arrays`), the work runs with the interpreter's
//! lock released and can be interrupted (`running`), and errors become Python's exceptions (`errors`). What cleanlab's
//! interface adds to that, such as names of columns, is in Python, beside this crate in `python/cleanlab_rs`.
//!
//! # A one-minute example
//!
//! ```text
//! >>> import numpy as np
//! >>> from cleanlab_rs.filter import find_label_issues
//! >>> pred_probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9], [0.2, 0.8], [0.97, 0.03]])
//! >>> find_label_issues([0, 0, 0, 1, 1, 1], pred_probs, return_indices_ranked_by="self_confidence")
//! array([5, 2])
//! ```
//!
//! # When not to use it
//!
//! From Rust: use the crates below, or the facade `cleanlab`. And from Python the module `_native` is not an interface,
//! the modules of `cleanlab_rs` are.

#![forbid(unsafe_code)]

mod arrays;
mod batched;
mod class_labels;
mod data_valuation;
mod datalab;
mod errors;
mod label_quality;
mod multilabel;
mod neighbors;
mod noise;
mod outlier;
mod regression;
mod running;

use pyo3::prelude::*;

/// The compiled half of `cleanlab_rs`; use the modules of that package instead.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    batched::register(module)?;
    class_labels::register(module)?;
    data_valuation::register(module)?;
    datalab::register(module)?;
    label_quality::register(module)?;
    multilabel::register(module)?;
    neighbors::register(module)?;
    noise::register(module)?;
    outlier::register(module)?;
    regression::register(module)?;
    Ok(())
}
