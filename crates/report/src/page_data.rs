//! What a page is given to show: the report, cut to limits, with text that is safe to show.
//!
//! This is between the crate and the script of its page (`assets/`), and no format for others: that is
//! [`crate::render_json`].

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cleanlab_datalab::{
    AuditReport, CheckReport, CheckStatus, ClassNoise, DuplicateSets, FeatureMap, HeatMap, Histogram,
    ReportAbout, ReportCell, ReportRow, RowImage, Scope, Task,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::page_limits::{MAX_CHECKS, PageLimits};
use crate::printable::{escape_for_page, grouped, issue_title};

/// A histogram with more bins is not drawn.
const MAX_BINS: usize = 200;

/// Pictures of these kinds may be shown: none of them can hold a script or a link.
const MEDIA_TYPES: [&str; 6] =
    ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"];

/// A report as its page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct PageData {
    about: Value,
    health: Option<f64>,
    checks: Vec<Value>,
    map: Option<Value>,
    joint: Option<Value>,
    noise: Option<Value>,
    sets: Option<Value>,
    /// Pictures by row: a row is in many tables, and its picture only here.
    images: BTreeMap<usize, Value>,
    /// What was left out for the sake of size.
    notes: Vec<String>,
}

impl PageData {
    pub(crate) fn new(report: &AuditReport, limits: &PageLimits) -> Self {
        let mut shortener =
            Shortener { limits, images: BTreeMap::new(), image_bytes: 0, images_left_out: HashSet::new() };
        let mut notes = Vec::new();
        if report.checks.len() > MAX_CHECKS {
            notes.push(format!(
                "Showing {MAX_CHECKS} of {} checks; the JSON report has them all.",
                grouped(report.checks.len())
            ));
        }
        let n_rows = report.about.n_rows;
        let checks: Vec<Value> =
            report.checks.iter().take(MAX_CHECKS).map(|check| shortener.check(check, n_rows)).collect();
        let sets = report.duplicate_sets.as_ref().map(|sets| shortener.sets(sets));
        let map = report.map.as_ref().map(|map| shortener.map(map, &report.about));
        if !shortener.images_left_out.is_empty() {
            notes.push(format!(
                "{} pictures are left out to keep this page small.",
                grouped(shortener.images_left_out.len())
            ));
        }
        Self {
            about: shortener.about(&report.about),
            health: report.health_score.map(rounded),
            checks,
            map,
            joint: report.joint.as_ref().map(|joint| shortener.joint(joint)),
            noise: shortener.noise(&report.class_noise),
            sets,
            images: shortener.images,
            notes,
        }
    }

    /// The data as JSON that can stand in an element of a page: nothing in it ends the element or begins another.
    pub(crate) fn to_json(&self) -> String {
        // Plain data with names as keys: there is nothing that serialisation could refuse.
        let json = serde_json::to_string(self).expect("the data of a page is plain data");
        let mut escaped = String::with_capacity(json.len());
        for character in json.chars() {
            match character {
                '<' => escaped.push_str("\\u003c"),
                '>' => escaped.push_str("\\u003e"),
                '&' => escaped.push_str("\\u0026"),
                '\u{2028}' => escaped.push_str("\\u2028"),
                '\u{2029}' => escaped.push_str("\\u2029"),
                character => escaped.push(character),
            }
        }
        escaped
    }
}

/// Seven digits, which is more than a page shows.
fn rounded(number: f64) -> f64 {
    format!("{number:.6e}").parse().unwrap_or(number)
}

struct Shortener<'a> {
    limits: &'a PageLimits,
    images: BTreeMap<usize, Value>,
    image_bytes: usize,
    images_left_out: HashSet<usize>,
}

impl Shortener<'_> {
    fn text(&self, text: &str) -> String {
        match text.char_indices().nth(self.limits.chars) {
            None => escape_for_page(text),
            Some((end, _)) => {
                let n_chars = grouped(text.chars().count());
                format!("{}… ({n_chars} characters)", escape_for_page(&text[..end]))
            }
        }
    }

    fn texts(&self, texts: &[String]) -> Vec<String> {
        let mut kept: Vec<String> =
            texts.iter().take(self.limits.lines).map(|text| self.text(text)).collect();
        if texts.len() > kept.len() {
            kept.push(format!(
                "And {} more, which are in the JSON report.",
                grouped(texts.len() - kept.len())
            ));
        }
        kept
    }

    fn pairs(&self, pairs: &[(String, String)]) -> Vec<(String, String)> {
        let pairs = pairs.iter().take(self.limits.lines);
        pairs.map(|(name, value)| (self.text(name), self.text(value))).collect()
    }

    fn about(&self, about: &ReportAbout) -> Value {
        let task = match about.task {
            Task::Classification => "Classification",
            Task::Regression => "Regression",
            Task::Multilabel => "Multi-label classification",
            _ => "",
        };
        json!({
            "title": self.text(&about.title),
            "task": task,
            "label": about.label_column.as_ref().map(|name| self.text(name)),
            "rows": about.n_rows,
            "classes": about.class_names.len(),
            "madeBy": self.text(&about.made_by),
            "settings": self.pairs(&about.settings),
            "warnings": self.texts(&about.warnings),
        })
    }

    fn check(&mut self, check: &CheckReport, n_rows: usize) -> Value {
        let (status, reason) = match &check.status {
            CheckStatus::Failed { reason } => ("failed", Some(self.text(reason))),
            CheckStatus::NotRun { needs } => ("not_run", Some(self.text(needs))),
            _ => ("found", None),
        };
        let of_columns = check.scope == Scope::Columns;
        let checked = if check.n_checked == 0 && !of_columns { n_rows } else { check.n_checked };
        let table = &check.worst;
        let shown = &table.rows[..table.rows.len().min(self.limits.rows)];
        let n_columns = table.columns.len().min(self.limits.columns);
        let columns: Vec<String> = table.columns[..n_columns].iter().map(|name| self.text(name)).collect();
        let rows: Vec<Value> = shown.iter().map(|row| self.row(row, n_columns, of_columns)).collect();
        json!({
            "type": self.text(&check.issue_type),
            "title": self.text(&issue_title(&check.issue_type)),
            "description": self.text(&check.description),
            "status": status,
            "reason": reason,
            "ofColumns": of_columns,
            "score": check.score.map(rounded),
            "count": check.num_issues,
            "checked": checked,
            "facts": self.pairs(&check.facts),
            "warnings": self.texts(&check.warnings),
            "histogram": check.histogram.as_ref().and_then(histogram),
            "columns": columns,
            "allColumns": table.columns.len(),
            "details": table.n_details.min(n_columns),
            "rows": rows,
        })
    }

    /// Row, whether it has the issue, score, label, then the cells.
    fn row(&mut self, row: &ReportRow, n_columns: usize, of_columns: bool) -> Value {
        if !of_columns {
            self.keep_image(row);
        }
        let cells: Vec<Value> = row.cells.iter().take(n_columns).map(|cell| self.cell(cell)).collect();
        json!([
            row.row,
            u8::from(row.is_issue),
            rounded(row.score),
            row.label.as_ref().map(|label| self.text(label)),
            cells
        ])
    }

    fn cell(&self, cell: &ReportCell) -> Value {
        match cell {
            ReportCell::Boolean(value) => json!(value),
            // Beyond this a browser's numbers lose digits.
            ReportCell::Integer(value) if value.unsigned_abs() > 1 << 53 => json!(value.to_string()),
            ReportCell::Integer(value) => json!(value),
            ReportCell::Float(value) if value.is_finite() => json!(rounded(*value)),
            ReportCell::Float(value) => json!(value.to_string()),
            ReportCell::Text(text) => json!(self.text(text)),
            _ => Value::Null,
        }
    }

    fn keep_image(&mut self, row: &ReportRow) {
        let Some(image) = row.image.as_ref().filter(|_| !self.images.contains_key(&row.row)) else {
            return;
        };
        let value = match image {
            RowImage::Gray { width, pixels } => {
                if *width == 0 || pixels.is_empty() || !pixels.len().is_multiple_of(*width) {
                    return;
                }
                json!({ "width": width, "pixels": STANDARD.encode(pixels) })
            }
            RowImage::File { media_type, base64 } => {
                let Some(media_type) = MEDIA_TYPES.into_iter().find(|known| known == media_type) else {
                    return;
                };
                if !base64.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)) {
                    return;
                }
                json!({ "url": format!("data:{media_type};base64,{base64}") })
            }
            _ => return,
        };
        let bytes = value.to_string().len();
        if self.image_bytes + bytes > self.limits.image_bytes {
            self.images_left_out.insert(row.row);
        } else {
            self.image_bytes += bytes;
            self.images.insert(row.row, value);
        }
    }

    fn sets(&mut self, sets: &DuplicateSets) -> Value {
        let n_columns = sets.columns.len().min(self.limits.columns);
        let mut shown = Vec::new();
        for set in sets.sets.iter().take(self.limits.sets) {
            let rows = set.rows.iter().take(self.limits.set_rows);
            let rows: Vec<Value> = rows.map(|row| self.row(row, n_columns, false)).collect();
            shown.push(json!({
                "rows": rows,
                "total": set.n_total,
                "exact": set.exact,
                "conflict": set.conflicting_labels,
            }));
        }
        let columns: Vec<String> = sets.columns[..n_columns].iter().map(|name| self.text(name)).collect();
        json!({
            "columns": columns,
            "allColumns": sets.columns.len(),
            "sets": shown,
            "total": sets.n_total,
        })
    }

    fn map(&self, map: &FeatureMap, about: &ReportAbout) -> Value {
        let points: Vec<_> = map
            .points
            .iter()
            .filter(|point| point.x.is_finite() && point.y.is_finite())
            .take(self.limits.points)
            .collect();
        let extent = |of: &dyn Fn(usize) -> f64| {
            (0..points.len()).map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        // A screen has fewer than ten thousand dots across.
        let scaled = |of: &dyn Fn(usize) -> f64| -> Vec<u32> {
            let (low, high) = extent(of);
            // Halves, because the difference of the largest numbers is infinite.
            let range = high / 2.0 - low / 2.0;
            let scale = |value: f64| if range > 0.0 { (value / 2.0 - low / 2.0) / range } else { 0.5 };
            (0..points.len()).map(|at| (scale(of(at)) * 10_000.0).round() as u32).collect()
        };
        let names: Vec<String> =
            about.class_names.iter().take(self.limits.classes).map(|name| self.text(name)).collect();
        // A map of equal scales: only with both extents does a page know the shape of the cloud.
        let (x_low, x_high) = extent(&|at| points[at].x);
        let (y_low, y_high) = extent(&|at| points[at].y);
        let aspect = (x_high / 2.0 - x_low / 2.0) / (y_high / 2.0 - y_low / 2.0);
        json!({
            "x": scaled(&|at| points[at].x),
            "y": scaled(&|at| points[at].y),
            "aspect": aspect.is_finite().then(|| rounded(aspect)),
            "row": points.iter().map(|point| point.row).collect::<Vec<_>>(),
            "label": points.iter().map(|point| point.label.map(rounded)).collect::<Vec<_>>(),
            "issues": points.iter().map(|point| &point.issues).collect::<Vec<_>>(),
            "text": points.iter().map(|point| self.text(&point.text)).collect::<Vec<_>>(),
            "types": map.issue_types.iter().map(|name| self.text(&issue_title(name))).collect::<Vec<_>>(),
            "names": names,
            "isNumber": about.task == Task::Regression,
            "total": map.n_total,
            "variance": map.explained_variance.map(rounded),
        })
    }

    fn joint(&self, joint: &HeatMap) -> Value {
        let n = joint.names.len().min(self.limits.joint_classes);
        let names: Vec<String> = joint.names[..n].iter().map(|name| self.text(name)).collect();
        let row = |row: &Vec<f64>| row.iter().take(n).map(|&value| rounded(value)).collect::<Vec<_>>();
        json!({
            "names": names,
            "values": joint.values.iter().take(n).map(row).collect::<Vec<_>>(),
            "total": joint.n_total,
        })
    }

    fn noise(&self, classes: &[ClassNoise]) -> Option<Value> {
        let row = |class: &ClassNoise| {
            json!([
                self.text(&class.class_name),
                class.label_issues,
                class.inverse_label_issues,
                rounded(class.label_noise),
                rounded(class.inverse_label_noise),
                rounded(class.label_quality)
            ])
        };
        let rows: Vec<Value> = classes.iter().take(self.limits.classes).map(row).collect();
        (!rows.is_empty()).then(|| json!({ "rows": rows, "total": classes.len() }))
    }
}

fn histogram(histogram: &Histogram) -> Option<Value> {
    let Histogram { edges, fine, issues, threshold, .. } = histogram;
    let fits = fine.len() == issues.len() && edges.len() == fine.len() + 1 && !fine.is_empty();
    let ascends = edges.iter().all(|edge| edge.is_finite()) && edges.windows(2).all(|pair| pair[0] < pair[1]);
    (fits && ascends && fine.len() <= MAX_BINS).then(|| {
        json!({
            "edges": edges.iter().map(|&edge| rounded(edge)).collect::<Vec<_>>(),
            "fine": fine,
            "issues": issues,
            "threshold": threshold.map(rounded),
        })
    })
}
