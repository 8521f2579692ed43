//! How a report is made.

use std::path::Path;

use ndarray::ArrayView2;

use crate::inputs::Inputs;

/// Which picture a report shows of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RowImages {
    /// Finds out by itself: a column whose values are names of image files, if [`ReportOptions::image_folder`] is given;
    /// or else columns named `pixel0`, `pixel1`, … or `pixel_0_0`, `pixel_0_1`, …, at least 16 of them, with numbers
    /// between 0 and 255.
    #[default]
    Detect,
    /// None.
    Off,
    /// The files that a column names.
    Files {
        /// The column.
        column: String,
    },
    /// Shades of grey in columns of the data, row by row from the top.
    PixelColumns {
        /// The columns.
        columns: Vec<String>,
        /// Pixels per line.
        width: usize,
    },
    /// Shades of grey in the features, row by row from the top.
    Features {
        /// Pixels per line.
        width: usize,
    },
}

/// How [`Datalab::report`](crate::Datalab::report) makes a report.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{ReportOptions, RowImages};
/// let options = ReportOptions::default().with_title("pets").with_row_images(RowImages::Off);
/// assert_eq!((options.n_worst_rows, options.max_map_points), (100, 3000));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ReportOptions<'a> {
    /// The name of the data set. Default `data`.
    pub title: String,
    /// The column with the labels.
    pub label_column: Option<String>,
    /// How the audit was made, in words.
    pub settings: Vec<(String, String)>,
    /// What a reader should know.
    pub warnings: Vec<String>,
    /// What the audit looked at: features make the map, columns the cells of the rows.
    pub inputs: Inputs<'a>,
    /// Worst rows per check. Default 100; fewer where their cells are many and long.
    pub n_worst_rows: usize,
    /// Columns of the data per table. Default 20.
    pub max_columns: usize,
    /// Points of the map. Default 3000: as many rows with an issue as fit, then an even sample of the others.
    pub max_map_points: usize,
    /// Where the rows are on the map, N × 2, in place of the principal components of the features.
    pub map_coordinates: Option<ArrayView2<'a, f64>>,
    /// Which picture is shown of a row.
    pub row_images: RowImages,
    /// The folder that names of image files are relative to. No file outside of it is read.
    pub image_folder: Option<&'a Path>,
    /// Bytes of an image file; larger ones are not shown. Default 100,000.
    pub max_image_bytes: usize,
    /// Seed of the sample of the map. Default 0.
    pub seed: u32,
}

impl Default for ReportOptions<'_> {
    fn default() -> Self {
        Self {
            title: "data".to_owned(),
            label_column: None,
            settings: Vec::new(),
            warnings: Vec::new(),
            inputs: Inputs::default(),
            n_worst_rows: 100,
            max_columns: 20,
            max_map_points: 3000,
            map_coordinates: None,
            row_images: RowImages::Detect,
            image_folder: None,
            max_image_bytes: 100_000,
            seed: 0,
        }
    }
}

impl<'a> ReportOptions<'a> {
    /// The same for a shorter time; array views do not shorten by themselves.
    pub(super) fn reborrow(&self) -> ReportOptions<'_> {
        ReportOptions {
            title: self.title.clone(),
            label_column: self.label_column.clone(),
            settings: self.settings.clone(),
            warnings: self.warnings.clone(),
            inputs: self.inputs.reborrow(),
            map_coordinates: self.map_coordinates.map(ArrayView2::reborrow),
            row_images: self.row_images.clone(),
            n_worst_rows: self.n_worst_rows,
            max_columns: self.max_columns,
            max_map_points: self.max_map_points,
            image_folder: self.image_folder,
            max_image_bytes: self.max_image_bytes,
            seed: self.seed,
        }
    }

    /// Names the data set.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Names the column with the labels.
    #[must_use]
    pub fn with_label_column(mut self, label_column: impl Into<String>) -> Self {
        self.label_column = Some(label_column.into());
        self
    }

    /// Adds how the audit was made.
    #[must_use]
    pub fn with_setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Adds what a reader should know.
    #[must_use]
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Gives what the audit looked at.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Inputs<'a>) -> Self {
        self.inputs = inputs;
        self
    }

    /// Sets the number of worst rows per check.
    #[must_use]
    pub fn with_n_worst_rows(mut self, n_worst_rows: usize) -> Self {
        self.n_worst_rows = n_worst_rows;
        self
    }

    /// Sets the number of columns of the data.
    #[must_use]
    pub fn with_max_columns(mut self, max_columns: usize) -> Self {
        self.max_columns = max_columns;
        self
    }

    /// Sets the number of points of the map; 0 for no map.
    #[must_use]
    pub fn with_max_map_points(mut self, max_map_points: usize) -> Self {
        self.max_map_points = max_map_points;
        self
    }

    /// Sets where the rows are on the map.
    #[must_use]
    pub fn with_map_coordinates(mut self, coordinates: ArrayView2<'a, f64>) -> Self {
        self.map_coordinates = Some(coordinates);
        self
    }

    /// Sets which picture is shown of a row.
    #[must_use]
    pub fn with_row_images(mut self, row_images: RowImages) -> Self {
        self.row_images = row_images;
        self
    }

    /// Sets the folder that names of image files are relative to.
    #[must_use]
    pub fn with_image_folder(mut self, image_folder: &'a Path) -> Self {
        self.image_folder = Some(image_folder);
        self
    }

    /// Sets the largest image file that is shown.
    #[must_use]
    pub fn with_max_image_bytes(mut self, max_image_bytes: usize) -> Self {
        self.max_image_bytes = max_image_bytes;
        self
    }

    /// Sets the seed of the sample of the map.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }
}
