//! Label health as text, JSON and tables.

use std::path::Path;

use anyhow::Result;
use cleanlab_count::MatrixDisplay;
use cleanlab_dataset::{ClassNoiseIntervals, Interval, IntervalMethod, Symmetry};
use cleanlab_table::{Content, OutputFile, ResultColumn, ResultTable};
use serde_json::{Value, json};

use crate::about::About;
use crate::arguments::OutputArguments;
use crate::fail_on::Totals;
use crate::health::{Assessment, Intervals};
use crate::matrix_text::matrix_text;
use crate::printable::{grouped, json_text, path, score_text};
use crate::report::{Report, objects};
use crate::save::{save, summary_file, table_files};
use cleanlab_report::text_layout::{Grid, wrapped};

/// What the columns of [`Assessment::class_grid`] mean.
const LEGEND: &str = "Label issues carry the label of the class but belong to another one; inverse issues belong to the \
                      class but carry another label. Noise is their share, quality 1 minus label noise.";

impl Intervals {
    /// `95 %`.
    fn level(&self) -> String {
        format!("{} %", (self.options.level * 1e4).round() / 100.0)
    }

    fn json(&self) -> Value {
        let method = match self.options.method {
            IntervalMethod::Bootstrap => "bootstrap",
            _ => "exact",
        };
        json!({
            "level": self.options.level,
            "method": method,
            "resamples": self.options.n_resamples,
            "seed": self.options.seed,
        })
    }
}

/// The limits with three decimals, or more where the upper one would lose its first two digits.
fn limits(interval: Interval) -> String {
    let decimals = match interval.high {
        0.0 | 0.01.. => 3,
        0.001.. => 4,
        0.000_1.. => 5,
        _ => 6,
    };
    format!("{:.decimals$}–{:.decimals$}", interval.low, interval.high)
}

/// The limits in whole examples.
fn whole_limits(interval: Interval) -> String {
    format!("{}–{}", grouped(interval.low.round() as usize), grouped(interval.high.round() as usize))
}

/// Adds the lower and upper limits as two columns.
fn push_limits(table: &mut ResultTable, name: &str, intervals: &[Interval]) -> Result<()> {
    table.push(format!("{name}_low"), ResultColumn::floats(intervals.iter().map(|of| of.low)))?;
    table.push(format!("{name}_high"), ResultColumn::floats(intervals.iter().map(|of| of.high)))?;
    Ok(())
}

impl Assessment {
    /// One row per class, the worst labelled first.
    fn class_table(&self) -> Result<ResultTable> {
        let rows = &self.summary.classes_by_label_quality;
        let mut table = ResultTable::default();
        table.push(
            "class_name",
            ResultColumn::texts(rows.iter().map(|row| self.about.class_name(row.class))),
        )?;
        table.push("class_index", ResultColumn::integers(rows.iter().map(|row| row.class as i64)))?;
        table.push("label_issues", ResultColumn::integers(rows.iter().map(|row| row.label_issues as i64)))?;
        table.push(
            "inverse_label_issues",
            ResultColumn::integers(rows.iter().map(|row| row.inverse_label_issues as i64)),
        )?;
        table.push("label_noise", ResultColumn::floats(rows.iter().map(|row| row.label_noise)))?;
        table.push(
            "inverse_label_noise",
            ResultColumn::floats(rows.iter().map(|row| row.inverse_label_noise)),
        )?;
        table.push(
            "label_quality_score",
            ResultColumn::floats(rows.iter().map(|row| row.label_quality_score)),
        )?;
        if let Some(intervals) = &self.intervals {
            let of = |interval: fn(&ClassNoiseIntervals) -> Interval| {
                intervals.found.classes_by_label_quality.iter().map(interval).collect::<Vec<_>>()
            };
            push_limits(&mut table, "label_noise", &of(|class| class.label_noise))?;
            push_limits(&mut table, "inverse_label_noise", &of(|class| class.inverse_label_noise))?;
            let quality = |class: &ClassNoiseIntervals| Interval {
                low: 1.0 - class.label_noise.high,
                high: 1.0 - class.label_noise.low,
            };
            push_limits(&mut table, "label_quality_score", &of(quality))?;
        }
        Ok(table)
    }

    /// The first so many classes of the table, to read.
    fn class_grid(&self, shown: usize) -> Grid {
        let rows = &self.summary.classes_by_label_quality[..shown];
        let mut grid = Grid::default();
        grid.text("class", rows.iter().map(|row| self.about.class_name(row.class)));
        grid.number("issues", rows.iter().map(|row| grouped(row.label_issues as usize)));
        grid.head_above("label");
        grid.number("issues", rows.iter().map(|row| grouped(row.inverse_label_issues as usize)));
        grid.head_above("inverse");
        grid.number("noise", rows.iter().map(|row| score_text(row.label_noise)));
        grid.head_above("label");
        let intervals = |interval: fn(&ClassNoiseIntervals) -> Interval| {
            let found = self.intervals.as_ref()?;
            let of_rows = found.found.classes_by_label_quality[..shown].iter();
            Some((found.level(), of_rows.map(move |class| limits(interval(class))).collect::<Vec<_>>()))
        };
        if let Some((level, cells)) = intervals(|class| class.label_noise) {
            grid.number("interval", cells);
            grid.head_above(&level);
        }
        grid.number("noise", rows.iter().map(|row| score_text(row.inverse_label_noise)));
        grid.head_above("inverse");
        grid.spare();
        if let Some((level, cells)) = intervals(|class| class.inverse_label_noise) {
            grid.number("interval", cells);
            grid.head_above(&level);
            grid.spare();
        }
        grid.number("quality", rows.iter().map(|row| score_text(row.label_quality_score)));
        grid.head_above("label");
        grid.spare();
        grid
    }

    /// The classes in text, with a heading.
    fn class_parts(&self, output: &OutputArguments, width: usize) -> Vec<String> {
        let n_classes = self.summary.classes_by_label_quality.len();
        let shown = n_classes.min(output.top);
        if shown == 0 {
            return Vec::new();
        }
        let which = if shown < n_classes {
            format!("The {shown} worst labelled of {} classes:", grouped(n_classes))
        } else {
            "Classes by label quality, the worst labelled first:".to_owned()
        };
        let mut parts = vec![wrapped(&which, width), self.class_grid(shown).into_text(width)];
        if !output.quiet {
            parts.push(wrapped(LEGEND, width));
        }
        parts
    }

    /// One row per pair of classes, the most often mistaken first.
    fn pair_table(&self) -> Result<ResultTable> {
        let rows = &self.summary.overlapping_classes;
        let mut table = ResultTable::default();
        let names = |classes: Vec<usize>| {
            ResultColumn::texts(classes.into_iter().map(|class| self.about.class_name(class)))
        };
        table.push("class_name_a", names(rows.iter().map(|row| row.class_a).collect()))?;
        table.push("class_name_b", names(rows.iter().map(|row| row.class_b).collect()))?;
        table.push("class_index_a", ResultColumn::integers(rows.iter().map(|row| row.class_a as i64)))?;
        table.push("class_index_b", ResultColumn::integers(rows.iter().map(|row| row.class_b as i64)))?;
        table.push(
            "num_overlapping_examples",
            ResultColumn::integers(rows.iter().map(|row| row.num_overlapping_examples as i64)),
        )?;
        table
            .push("joint_probability", ResultColumn::floats(rows.iter().map(|row| row.joint_probability)))?;
        if let Some(intervals) = &self.intervals {
            let found = &intervals.found.overlapping_classes;
            let n = self.summary.num_examples as f64;
            let examples: Vec<Interval> = found.iter().map(|interval| interval.scaled(n)).collect();
            push_limits(&mut table, "num_overlapping_examples", &examples)?;
            push_limits(&mut table, "joint_probability", found)?;
        }
        Ok(table)
    }

    /// The first so many pairs of the table, to read.
    fn pair_grid(&self, shown: usize) -> Grid {
        let rows = &self.summary.overlapping_classes[..shown];
        let n = self.summary.num_examples as f64;
        let heads = match self.summary.symmetry {
            Symmetry::Asymmetric => ["labelled", "but of class"],
            _ => ["class a", "class b"],
        };
        let mut grid = Grid::default();
        grid.text(heads[0], rows.iter().map(|row| self.about.class_name(row.class_a)));
        grid.text(heads[1], rows.iter().map(|row| self.about.class_name(row.class_b)));
        grid.number("rows", rows.iter().map(|row| grouped(row.num_overlapping_examples as usize)));
        if let Some(intervals) = &self.intervals {
            let found = &intervals.found.overlapping_classes[..shown];
            let head = format!("{} interval", intervals.level());
            grid.number(&head, found.iter().map(|interval| whole_limits(interval.scaled(n))));
        }
        grid.number("probability", rows.iter().map(|row| score_text(row.joint_probability)));
        grid.spare();
        if let Some(intervals) = &self.intervals {
            let found = &intervals.found.overlapping_classes[..shown];
            grid.number(&format!("{} interval", intervals.level()), found.iter().copied().map(limits));
            grid.spare();
        }
        grid
    }

    fn json(&self, schema: &str) -> Value {
        let mut object = self.about.json(schema);
        if let Some(intervals) = &self.intervals {
            object["intervals"] = intervals.json();
        }
        object
    }
}

/// Adds where the results are, or how to get them.
fn push_hint(parts: &mut Vec<String>, output: &OutputArguments, what: &str, width: usize) {
    if output.quiet {
        return;
    }
    let hint = match &output.out {
        None => format!("{what} is written with --out DIR."),
        Some(folder) => format!("{what} is in {}.", path(folder)),
    };
    parts.push(wrapped(&hint, width));
}

/// `cleanlab health`.
pub(crate) struct HealthReport(pub(crate) Assessment);

impl HealthReport {
    /// What limits are held against.
    pub(crate) fn totals(&self) -> Totals {
        let summary = &self.0.summary;
        Totals::of_labels(
            summary.num_label_issues as usize,
            self.0.about.n_rows,
            summary.overall_label_health_score,
        )
    }

    /// Writes `class_label_quality.csv`, `.parquet` and `.json`, `joint.npy` and `.csv`, and `summary.json`, or
    /// nothing.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let classes = self.0.class_table()?;
        let [csv, parquet, json] = table_files("class_label_quality", &classes);
        let joint = &self.0.summary.joint;
        let joint_table = self.joint_table()?;
        let summary = json_text(&self.summary())?;
        let joint_files = [
            OutputFile::new("joint.npy", Content::NpyMatrix(joint.view())),
            OutputFile::new("joint.csv", Content::Csv(&joint_table)),
        ];
        let [joint_npy, joint_csv] = joint_files;
        save(folder, &[csv, parquet, json, joint_npy, joint_csv, summary_file(&summary)])
    }

    /// A row per given label and a column per true label.
    fn joint_table(&self) -> Result<ResultTable> {
        let about = &self.0.about;
        let mut table = ResultTable::default();
        table.push("given_label", ResultColumn::texts(about.class_names.as_slice().to_vec()))?;
        for (class, column) in self.0.summary.joint.columns().into_iter().enumerate() {
            let name = format!("true_label={}", about.class_name(class));
            table.push(name, ResultColumn::floats(column.to_vec()))?;
        }
        Ok(table)
    }

    /// Everything but the tables.
    fn summary(&self) -> Value {
        let Assessment { summary, intervals, .. } = &self.0;
        let mut object = self.0.json("cleanlab-health/1");
        object["label_issues"] = json!(summary.num_label_issues);
        object["label_health_score"] = json!(summary.overall_label_health_score);
        if let Some(Intervals { found, .. }) = intervals {
            object["label_issues_low"] = json!(found.num_label_issues.low);
            object["label_issues_high"] = json!(found.num_label_issues.high);
            object["label_health_score_low"] = json!(found.overall_label_health_score.low);
            object["label_health_score_high"] = json!(found.overall_label_health_score.high);
        }
        object
    }
}

impl Report for HealthReport {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>> {
        let Assessment { summary, intervals, about } = &self.0;
        let (mut score_interval, mut issue_interval) = (String::new(), String::new());
        if let Some(intervals) = intervals {
            let (level, found) = (intervals.level(), &intervals.found);
            score_interval = format!(" ({level} interval {})", limits(found.overall_label_health_score));
            issue_interval = format!(", {level} interval {}", whole_limits(found.num_label_issues));
        }
        let share = 100.0 * summary.num_label_issues as f64 / about.n_rows as f64;
        let totals = format!(
            "Label health score: {:.3}{score_interval}\nEstimated label issues: {} of {} rows ({share:.1} %{issue_interval})",
            summary.overall_label_health_score,
            grouped(summary.num_label_issues as usize),
            grouped(about.n_rows),
        );
        let mut parts = vec![wrapped(&totals, width)];
        parts.extend(self.0.class_parts(output, width));
        let title = "Joint distribution of given (s) and true (y) labels:";
        let joint = MatrixDisplay::joint(summary.joint.view())?;
        parts.push(matrix_text(joint, title, &about.class_names, width));
        push_hint(&mut parts, output, "All of this with every digit", width);
        Ok(parts)
    }

    fn json(&self) -> Result<Value> {
        let mut object = self.summary();
        object["classes_by_label_quality"] = objects(&self.0.class_table()?);
        object["joint"] = self.0.summary.joint.rows().into_iter().map(|row| json!(row.to_vec())).collect();
        Ok(object)
    }

    fn csv(&self) -> Result<ResultTable> {
        self.0.class_table()
    }
}

/// `cleanlab classes`.
pub(crate) struct ClassesReport(pub(crate) Assessment);

impl ClassesReport {
    /// Writes `class_label_quality.csv`, `.parquet` and `.json`, and `summary.json`, or nothing.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let classes = self.0.class_table()?;
        let [csv, parquet, json] = table_files("class_label_quality", &classes);
        let summary = json_text(&self.0.json("cleanlab-classes/1"))?;
        save(folder, &[csv, parquet, json, summary_file(&summary)])
    }
}

impl Report for ClassesReport {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>> {
        let mut parts = self.0.class_parts(output, width);
        push_hint(&mut parts, output, "Every class with every digit", width);
        Ok(parts)
    }

    fn json(&self) -> Result<Value> {
        let mut object = self.0.json("cleanlab-classes/1");
        object["classes_by_label_quality"] = objects(&self.0.class_table()?);
        Ok(object)
    }

    fn csv(&self) -> Result<ResultTable> {
        self.0.class_table()
    }
}

/// `cleanlab overlap`.
pub(crate) struct OverlapReport(pub(crate) Assessment);

impl OverlapReport {
    /// Writes `overlapping_classes.csv`, `.parquet` and `.json`, and `summary.json`, or nothing.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let pairs = self.0.pair_table()?;
        let [csv, parquet, json] = table_files("overlapping_classes", &pairs);
        let summary = json_text(&self.summary())?;
        save(folder, &[csv, parquet, json, summary_file(&summary)])
    }

    fn summary(&self) -> Value {
        let mut object = self.0.json("cleanlab-overlap/1");
        object["asymmetric"] = json!(self.0.summary.symmetry == Symmetry::Asymmetric);
        object
    }
}

impl Report for OverlapReport {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>> {
        let summary = &self.0.summary;
        let pairs = &summary.overlapping_classes;
        let n_overlapping = pairs.iter().filter(|pair| pair.joint_probability > 0.0).count();
        let shown = n_overlapping.min(output.top);
        let mut parts = Vec::new();
        if shown > 0 {
            let plural = if shown == 1 { "" } else { "s" };
            let heading = match (summary.symmetry, shown < n_overlapping) {
                (Symmetry::Asymmetric, true) => {
                    format!("The {shown} label{plural} most often given to another class:")
                }
                (Symmetry::Asymmetric, false) => {
                    "Labels given to another class, the most frequent first:".to_owned()
                }
                (_, true) => {
                    format!("The {shown} pair{plural} of classes most often mistaken for each other:")
                }
                (_, false) => "Classes mistaken for each other, the most frequent first:".to_owned(),
            };
            parts.push(wrapped(&heading, width));
            parts.push(self.0.pair_grid(shown).into_text(width));
        }
        let which = match summary.symmetry {
            Symmetry::Asymmetric => "ordered pairs",
            _ => "pairs",
        };
        let total =
            format!("{} of {} {which} of classes overlap.", grouped(n_overlapping), grouped(pairs.len()));
        parts.push(wrapped(&total, width));
        push_hint(&mut parts, output, "Every pair with every digit", width);
        Ok(parts)
    }

    fn json(&self) -> Result<Value> {
        let mut object = self.summary();
        object["overlapping_classes"] = objects(&self.0.pair_table()?);
        Ok(object)
    }

    fn csv(&self) -> Result<ResultTable> {
        self.0.pair_table()
    }
}
