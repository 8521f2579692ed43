//! What several examples share: their data sets and their plots.

mod multilabel_points;
mod plot_files;
mod scatter_plot;

pub use multilabel_points::{MultilabelPoints, multilabel_points};
pub use plot_files::plot_file;
pub use scatter_plot::ScatterPlot;
