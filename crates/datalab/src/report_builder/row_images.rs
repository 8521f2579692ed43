//! The picture of a row.

use super::image_files::{ImageFolder, names_an_image};
use super::options::{ReportOptions, RowImages};
use super::pixel_columns::{PixelColumns, find_pixel_columns};
use super::size_budget::Share;
use crate::data_columns::{Cell, DataColumns};
use crate::inputs::Matrix;
use crate::report_model::RowImage;

/// Rows that are looked at to find out what a column holds.
const PROBED_ROWS: usize = 500;
/// Pixels of a picture of numbers, at most.
const MAX_PIXELS: usize = 64 * 64;

/// Where the pictures of rows come from.
pub(super) struct ImageSource<'a> {
    source: Source<'a>,
    n_left_out: usize,
    /// Why the first file is not shown, and how many are not.
    not_shown: Option<(String, usize)>,
}

enum Source<'a> {
    None,
    Files { folder: ImageFolder, data: &'a dyn DataColumns, column: usize },
    Pixels { data: &'a dyn DataColumns, pixels: PixelColumns, white: f64 },
    Features { features: Matrix<'a>, width: usize, white: f64 },
}

impl<'a> ImageSource<'a> {
    pub(super) fn new(options: &ReportOptions<'a>, warnings: &mut Vec<String>) -> Self {
        let source = source(options).unwrap_or_else(|reason| {
            warnings.push(format!("no pictures are shown: {reason}"));
            Source::None
        });
        Self { source, n_left_out: 0, not_shown: None }
    }

    /// The picture of a row, if there is one and room for it.
    pub(super) fn image(&mut self, row: usize, share: &mut Share) -> Option<RowImage> {
        let image = match &self.source {
            Source::None => return None,
            Source::Files { folder, data, column } => {
                let name = data.cell(row, *column).to_text()?;
                match folder.read(name.trim()) {
                    Ok(image) => image,
                    Err(reason) => {
                        let known = self.not_shown.take();
                        let (first, n) = known.unwrap_or_else(|| {
                            (format!("{}: {reason}", super::text::shortened(&name, super::text::MAX_NAME)), 0)
                        });
                        self.not_shown = Some((first, n + 1));
                        return None;
                    }
                }
            }
            Source::Pixels { data, pixels, white } => {
                let values = pixels.columns.iter().map(|&column| number(&data.cell(row, column)));
                gray(values, pixels.width, *white)
            }
            Source::Features { features, width, white } => match features {
                Matrix::F32(view) => gray(view.row(row).iter().map(|&v| f64::from(v)), *width, *white),
                Matrix::F64(view) => gray(view.row(row).iter().copied(), *width, *white),
            },
        };
        let bytes = match &image {
            RowImage::Gray { pixels, .. } => 4 * pixels.len() + 40,
            RowImage::File { base64, .. } => base64.len() + 60,
        };
        if share.take(bytes) {
            return Some(image);
        }
        self.n_left_out += 1;
        None
    }

    /// What is to be said of the pictures that are not shown.
    pub(super) fn into_warning(self) -> impl Iterator<Item = String> {
        let not_shown =
            self.not_shown.map(|(first, n)| format!("{n} pictures are not shown; the first is {first}"));
        let left_out = (self.n_left_out > 0)
            .then(|| format!("{} pictures are left out, to keep the report small", self.n_left_out));
        not_shown.into_iter().chain(left_out)
    }
}

fn source<'a>(options: &ReportOptions<'a>) -> Result<Source<'a>, String> {
    let data = options.inputs.columns;
    let names = data.map(DataColumns::column_names).unwrap_or_default();
    let position = |column: &str| {
        let found = names.iter().position(|name| name == column);
        data.zip(found).ok_or_else(|| format!("there is no column {column:?}"))
    };
    let files = |data: &'a dyn DataColumns, column: usize| -> Result<Source<'a>, String> {
        let path = options.image_folder.ok_or("the folder with the images is not given")?;
        let folder = ImageFolder::new(path, options.max_image_bytes)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Source::Files { folder, data, column })
    };
    match &options.row_images {
        RowImages::Off => Ok(Source::None),
        RowImages::Files { column } => {
            let (data, column) = position(column)?;
            files(data, column)
        }
        RowImages::PixelColumns { columns, width } => {
            let found: Result<Vec<_>, String> = columns.iter().map(|column| position(column)).collect();
            let columns: Vec<usize> = found?.into_iter().map(|(_, column)| column).collect();
            let data = data.ok_or("there are no columns")?;
            check_shape(columns.len(), *width)?;
            let pixels = PixelColumns { columns, width: *width };
            let white = white_of_columns(data, &pixels).ok_or("pixels are not numbers between 0 and 255")?;
            Ok(Source::Pixels { data, pixels, white })
        }
        RowImages::Features { width } => {
            let features = options.inputs.features.ok_or("there are no features")?;
            check_shape(features.dim().1, *width)?;
            let white = match features {
                Matrix::F32(view) => white_of(view.iter().map(|&value| f64::from(value))),
                Matrix::F64(view) => white_of(view.iter().copied()),
            };
            let white = white.ok_or("features are not numbers between 0 and 255")?;
            Ok(Source::Features { features, width: *width, white })
        }
        RowImages::Detect => {
            let Some(data) = data else {
                return Ok(Source::None);
            };
            if options.image_folder.is_some()
                && let Some(column) = (0..names.len()).find(|&column| holds_image_names(data, column))
            {
                return files(data, column);
            }
            let pixels = find_pixel_columns(&names).filter(|pixels| pixels.columns.len() <= MAX_PIXELS);
            let found = pixels.and_then(|pixels| {
                let white = white_of_columns(data, &pixels)?;
                Some(Source::Pixels { data, pixels, white })
            });
            Ok(found.unwrap_or(Source::None))
        }
    }
}

fn check_shape(n_pixels: usize, width: usize) -> Result<(), String> {
    if width == 0 || n_pixels == 0 || !n_pixels.is_multiple_of(width) {
        return Err(format!("{n_pixels} pixels do not make lines of {width}"));
    }
    if n_pixels > MAX_PIXELS {
        return Err(format!("{n_pixels} pixels are more than {MAX_PIXELS}"));
    }
    Ok(())
}

fn probed_rows(n_rows: usize) -> impl Iterator<Item = usize> {
    (0..n_rows).step_by(n_rows.div_ceil(PROBED_ROWS).max(1))
}

fn holds_image_names(data: &dyn DataColumns, column: usize) -> bool {
    let mut any = false;
    probed_rows(data.n_rows()).all(|row| match data.cell(row, column) {
        Cell::Missing => true,
        Cell::Text(text) => {
            any = true;
            names_an_image(text.trim())
        }
        _ => false,
    }) && any
}

fn white_of_columns(data: &dyn DataColumns, pixels: &PixelColumns) -> Option<f64> {
    let values = probed_rows(data.n_rows())
        .flat_map(|row| pixels.columns.iter().map(move |&column| number(&data.cell(row, column))));
    white_of(values)
}

/// The value that is white, by the largest that occurs: shades go to 1, to 16 or to 255.
fn white_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut largest = 0.0_f64;
    for value in values {
        if !(0.0..=255.0).contains(&value) {
            return None;
        }
        largest = largest.max(value);
    }
    [1.0, 16.0, 255.0].into_iter().find(|&white| largest <= white)
}

fn number(cell: &Cell<'_>) -> f64 {
    match cell {
        Cell::Integer(value) => *value as f64,
        Cell::Float(value) => *value,
        Cell::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
        Cell::Missing | Cell::Boolean(_) => f64::NAN,
    }
}

fn gray(values: impl Iterator<Item = f64>, width: usize, white: f64) -> RowImage {
    // A conversion of NaN gives 0, and of what is out of range the nearest shade.
    RowImage::Gray { width, pixels: values.map(|value| (value / white * 255.0).round() as u8).collect() }
}
