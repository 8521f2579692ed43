//! What several examples share: their data sets, their wording and their plots.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "it is never published")]

mod audit_tables;
mod detection_scores;
mod digit_sheet;
mod messy_points;
mod multilabel_points;
mod plot_files;
mod quickstart_points;
mod scatter_plot;
mod wording;

pub use audit_tables::{cleanlabs_checks, rows_table, summary_table, worst_rows};
pub use detection_scores::DetectionScores;
pub use digit_sheet::{Digit, DigitSheet};
pub use messy_points::MessyPoints;
pub use multilabel_points::{MultilabelPoints, multilabel_points};
pub use plot_files::plot_file;
pub use quickstart_points::QuickstartPoints;
pub use scatter_plot::ScatterPlot;
pub use wording::{accuracy, heading, listed, share};
