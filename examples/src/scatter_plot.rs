//! Points in the plane, coloured by their label, with circles around those that matter.

use std::ops::Range;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

/// The colours of Okabe and Ito, which people who do not see red and green apart can tell; without their reds, which are
/// kept for circles.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(86, 180, 233),
    RGBColor(204, 121, 167),
    RGBColor(140, 129, 20),
    RGBColor(90, 90, 90),
];
pub(crate) const CIRCLE: RGBColor = RGBColor(220, 20, 20);
pub(crate) const TEXT: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(232, 232, 232);
const LINE: RGBColor = RGBColor(150, 150, 150);

const SIZE: (u32, u32) = (1100, 560);
const LEGEND_WIDTH: u32 = 200;
pub(crate) const FONT: &str = "Helvetica, Arial, sans-serif";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The points of one label.
#[derive(Debug, Clone)]
struct Group {
    label: String,
    colour: RGBColor,
    points: Vec<[f64; 2]>,
}

/// A picture of labelled points, written as SVG.
///
/// ```
/// let plot = cleanlab_examples::ScatterPlot::new("Two points")
///     .with_points("cat", vec![[0.0, 1.0]])
///     .with_points("dog", vec![[1.0, 0.0]])
///     .with_circles("wrong", vec![[1.0, 0.0]]);
/// let file = cleanlab_examples::plot_file("two_points.svg")?;
/// plot.write_svg(&file)?;
/// assert!(std::fs::read_to_string(&file)?.starts_with("<svg"));
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ScatterPlot {
    title: String,
    groups: Vec<Group>,
    circles: Vec<(String, Vec<[f64; 2]>)>,
    crosses: Vec<Group>,
    lines: Vec<[[f64; 2]; 2]>,
}

impl ScatterPlot {
    /// An empty picture.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds points of one label; every label has a colour of its own.
    #[must_use]
    pub fn with_points(self, label: impl Into<String>, points: Vec<[f64; 2]>) -> Self {
        let RGBColor(red, green, blue) = COLOURS[self.groups.len() % COLOURS.len()];
        self.with_coloured_points(label, [red, green, blue], points)
    }

    /// Adds points of one label in a colour of red, green and blue.
    #[must_use]
    pub fn with_coloured_points(
        mut self,
        label: impl Into<String>,
        [red, green, blue]: [u8; 3],
        points: Vec<[f64; 2]>,
    ) -> Self {
        self.groups.push(Group { label: label.into(), colour: RGBColor(red, green, blue), points });
        self
    }

    /// Adds red circles around points.
    #[must_use]
    pub fn with_circles(mut self, meaning: impl Into<String>, points: Vec<[f64; 2]>) -> Self {
        self.circles.push((meaning.into(), points));
        self
    }

    /// Adds crosses over points in a colour of red, green and blue.
    #[must_use]
    pub fn with_crosses(
        mut self,
        meaning: impl Into<String>,
        [red, green, blue]: [u8; 3],
        points: Vec<[f64; 2]>,
    ) -> Self {
        self.crosses.push(Group { label: meaning.into(), colour: RGBColor(red, green, blue), points });
        self
    }

    /// Adds a grey line behind the points.
    #[must_use]
    pub fn with_line(mut self, from: [f64; 2], to: [f64; 2]) -> Self {
        self.lines.push([from, to]);
        self
    }

    /// Writes the picture.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write_svg(&self, path: &Path) -> Result<()> {
        let root = SVGBackend::new(path, SIZE).into_drawing_area();
        // Errors of the drawing library hold the backend, which cannot leave this function.
        let described = |error: &dyn std::fmt::Display| anyhow!("{}: {error}", path.display());
        self.draw(&root).map_err(|error| described(&error))?;
        root.present().map_err(|error| described(&error))
    }

    fn draw(&self, root: &Area<'_>) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        root.fill(&WHITE)?;
        let (chart_area, legend_area) = root.split_horizontally(SIZE.0 - LEGEND_WIDTH);
        let mut chart = ChartBuilder::on(&chart_area)
            .caption(&self.title, (FONT, 26).into_font().color(&TEXT))
            .margin(16)
            .x_label_area_size(36)
            .y_label_area_size(44)
            .build_cartesian_2d(self.extent(0), self.extent(1))?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(TEXT)
            .label_style((FONT, 15).into_font().color(&TEXT))
            .x_desc("x")
            .y_desc("y")
            .x_label_formatter(&tick)
            .y_label_formatter(&tick)
            .draw()?;
        let line = |ends: &[[f64; 2]; 2]| PathElement::new(ends.map(|[x, y]| (x, y)).to_vec(), LINE);
        chart.draw_series(self.lines.iter().map(line))?;
        for group in &self.groups {
            chart.draw_series(group.points.iter().map(|&[x, y]| dot((x, y), group.colour)))?;
        }
        for (_, points) in &self.circles {
            chart.draw_series(points.iter().map(|&[x, y]| circle((x, y))))?;
        }
        for group in &self.crosses {
            chart.draw_series(group.points.iter().map(|&[x, y]| cross((x, y), group.colour)))?;
        }
        self.draw_legend(&legend_area)
    }

    fn draw_legend(&self, area: &Area<'_>) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        const STEP: i32 = 30;
        const TOP: i32 = 74;
        let heading = (FONT, 17).into_font().style(FontStyle::Bold).color(&TEXT);
        let text = (FONT, 16).into_font().color(&TEXT);
        area.draw(&Text::new("given label", (8, TOP - 12), heading))?;
        let mut y = TOP + STEP;
        for group in &self.groups {
            area.draw(&dot((18, y), group.colour))?;
            area.draw(&Text::new(group.label.clone(), (36, y - 8), text.clone()))?;
            y += STEP;
        }
        for (meaning, points) in &self.circles {
            y += STEP / 3;
            area.draw(&circle((18, y)))?;
            area.draw(&Text::new(format!("{meaning} ({})", points.len()), (36, y - 8), text.clone()))?;
            y += STEP;
        }
        for group in &self.crosses {
            y += STEP / 3;
            area.draw(&cross((18, y), group.colour))?;
            let words = format!("{} ({})", group.label, group.points.len());
            area.draw(&Text::new(words, (36, y - 8), text.clone()))?;
            y += STEP;
        }
        Ok(())
    }

    /// The range of an axis, with some room at both ends.
    fn extent(&self, axis: usize) -> Range<f64> {
        let groups = self.groups.iter().map(|group| &group.points);
        let circles = self.circles.iter().map(|(_, points)| points);
        let crosses = self.crosses.iter().map(|group| &group.points);
        let points = groups.chain(circles).chain(crosses).flatten();
        // A line that leaves the chart would be bent into it.
        let values = points.chain(self.lines.iter().flatten()).map(|point| point[axis]);
        let (low, high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let room = (0.05 * (high - low)).max(1e-3);
        if low <= high { low - room..high + room } else { 0.0..1.0 }
    }
}

/// At most one decimal.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the drawing library's signature")]
fn tick(value: &f64) -> String {
    format!("{}", (10.0 * value).round() / 10.0 + 0.0)
}

fn dot<P>(at: P, colour: RGBColor) -> Circle<P, i32> {
    Circle::new(at, 5, colour.mix(0.75).filled())
}

fn circle<P>(at: P) -> Circle<P, i32> {
    Circle::new(at, 10, CIRCLE.stroke_width(3))
}

fn cross<P>(at: P, colour: RGBColor) -> Cross<P, i32> {
    Cross::new(at, 7, colour.stroke_width(2))
}
