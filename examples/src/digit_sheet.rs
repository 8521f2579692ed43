//! Handwritten digits side by side, with circles around those with wrong labels.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::scatter_plot::{CIRCLE, FONT, TEXT};

const COLUMNS: usize = 8;
const SIDE: usize = 8;
const PIXEL: i32 = 9;
const CELL: (i32, i32) = (136, 150);
const MARGIN: i32 = 16;
const TITLE_HEIGHT: i32 = 64;
const LEGEND_HEIGHT: i32 = 50;

/// One digit and its labels.
#[derive(Debug, Clone)]
pub struct Digit {
    /// How dark each of the 8 × 8 pixels is, in [0, 1]; row by row.
    pub pixels: Vec<f64>,
    /// The label that it was given.
    pub given: u32,
    /// The label that a model predicts.
    pub predicted: u32,
    /// Whether the given label is wrong.
    pub is_wrong: bool,
}

/// A picture of digits, written as SVG.
///
/// ```
/// use cleanlab_examples::{Digit, DigitSheet, plot_file};
/// let digit = Digit { pixels: vec![0.5; 64], given: 3, predicted: 8, is_wrong: true };
/// let file = plot_file("one_digit.svg")?;
/// DigitSheet::new("A digit").with_digit(digit).write_svg(&file)?;
/// assert!(std::fs::read_to_string(&file)?.starts_with("<svg"));
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct DigitSheet {
    title: String,
    digits: Vec<Digit>,
}

impl DigitSheet {
    /// An empty picture.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), digits: Vec::new() }
    }

    /// Adds a digit, from left to right and from top to bottom.
    #[must_use]
    pub fn with_digit(mut self, digit: Digit) -> Self {
        self.digits.push(digit);
        self
    }

    /// Writes the picture.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write_svg(&self, path: &Path) -> Result<()> {
        let root = SVGBackend::new(path, self.size()).into_drawing_area();
        // Errors of the drawing library hold the backend, which cannot leave this function.
        let described = |error: &dyn std::fmt::Display| anyhow!("{}: {error}", path.display());
        self.draw(&root).map_err(|error| described(&error))?;
        root.present().map_err(|error| described(&error))
    }

    fn size(&self) -> (u32, u32) {
        let rows = self.digits.len().div_ceil(COLUMNS) as i32;
        let width = 2 * MARGIN + COLUMNS as i32 * CELL.0;
        let height = TITLE_HEIGHT + rows * CELL.1 + LEGEND_HEIGHT;
        (width.unsigned_abs(), height.unsigned_abs())
    }

    fn draw(
        &self,
        root: &DrawingArea<SVGBackend<'_>, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        use plotters::style::text_anchor::{HPos, Pos, VPos};

        root.fill(&WHITE)?;
        let (width, height) = self.size();
        let centred = Pos::new(HPos::Center, VPos::Center);
        let title = (FONT, 26).into_font().color(&TEXT).pos(centred);
        root.draw(&Text::new(self.title.as_str(), (width as i32 / 2, TITLE_HEIGHT / 2), title))?;
        let text = (FONT, 15).into_font().color(&TEXT);
        for (position, digit) in self.digits.iter().enumerate() {
            let (column, row) = ((position % COLUMNS) as i32, (position / COLUMNS) as i32);
            let centre = (MARGIN + column * CELL.0 + CELL.0 / 2, TITLE_HEIGHT + row * CELL.1 + 60);
            draw_pixels(root, centre, &digit.pixels)?;
            if digit.is_wrong {
                root.draw(&circle(centre, 54))?;
            }
            let words = format!("given {}, model {}", digit.given, digit.predicted);
            root.draw(&Text::new(words, (centre.0, centre.1 + 70), text.clone().pos(centred)))?;
        }
        let y = height as i32 - LEGEND_HEIGHT / 2;
        let n_wrong = self.digits.iter().filter(|digit| digit.is_wrong).count();
        let words = format!("label really wrong ({n_wrong}); the others are false alarms");
        root.draw(&circle((MARGIN + 24, y), 10))?;
        root.draw(&Text::new(words, (MARGIN + 44, y), text.pos(Pos::new(HPos::Left, VPos::Center))))
    }
}

fn draw_pixels(
    root: &DrawingArea<SVGBackend<'_>, Shift>,
    centre: (i32, i32),
    pixels: &[f64],
) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let half = SIDE as i32 * PIXEL / 2;
    for (position, &darkness) in pixels.iter().enumerate() {
        let left = centre.0 - half + (position % SIDE) as i32 * PIXEL;
        let top = centre.1 - half + (position / SIDE) as i32 * PIXEL;
        let grey = (240.0 - 210.0 * darkness.clamp(0.0, 1.0)).round() as u8;
        let corners = [(left, top), (left + PIXEL, top + PIXEL)];
        root.draw(&Rectangle::new(corners, RGBColor(grey, grey, grey).filled()))?;
    }
    Ok(())
}

fn circle(centre: (i32, i32), radius: i32) -> Circle<(i32, i32), i32> {
    Circle::new(centre, radius, CIRCLE.stroke_width(3))
}
