//! A cleaned table as text, JSON and files.

use std::path::Path;

use anyhow::Result;
use cleanlab_table::{Content, Format, OutputFile, ResultColumn, ResultTable, RowCopy};
use serde_json::{Value, json};

use crate::about::About;
use crate::arguments::OutputArguments;
use crate::classifiers::ClassifierKind;
use crate::findings::KeyColumn;
use crate::printable::{grouped, json_text, path, score_text};
use crate::report::{Report, objects};
use crate::save::{save, summary_file, table_files};
use cleanlab_report::text_layout::{Grid, wrapped};

/// Which rows were kept, which removed, and what a model trained on the kept ones says of the others.
///
/// Rows are counted among those with a label; `rows` gives their numbers in the file.
pub(crate) struct Cleaned {
    pub(crate) about: About,
    /// The kind of the final model.
    pub(crate) classifier: ClassifierKind,
    pub(crate) rows: Vec<usize>,
    pub(crate) given: Vec<u32>,
    /// The class that each row was predicted to be of by a model that had not seen it.
    pub(crate) suggested: Vec<u32>,
    pub(crate) scores: Vec<f64>,
    /// In the order of the table.
    pub(crate) kept: Vec<usize>,
    /// For each kept row, its weight in the final training, if the model takes weights.
    pub(crate) weights: Option<Vec<f64>>,
    /// The lowest score first.
    pub(crate) removed: Vec<usize>,
    /// For each removed row, what the final model takes it for.
    pub(crate) final_labels: Vec<u32>,
    pub(crate) key_columns: Vec<KeyColumn>,
}

/// What became of one class.
struct CleanedClass {
    name: String,
    n_rows: usize,
    n_removed: usize,
    weight: Option<f64>,
}

impl Cleaned {
    /// The kept rows by their numbers in the file.
    pub(crate) fn kept_row_numbers(&self) -> Vec<usize> {
        self.kept.iter().map(|&row| self.rows[row]).collect()
    }

    /// Writes `kept_rows` in the format of the table, `sample_weights.csv` if there are weights, `removed_rows.csv`,
    /// `.parquet` and `.json`, and `summary.json`, or nothing.
    pub(crate) fn save(&self, folder: &Path, kept: &RowCopy) -> Result<()> {
        let ending = match kept.format {
            Format::Tsv => "tsv",
            Format::JsonLines => "jsonl",
            Format::Json => "json",
            Format::Parquet => "parquet",
            Format::ArrowFile => "arrow",
            Format::ArrowStream => "arrows",
            _ => "csv",
        };
        let removed = self.removed_table()?;
        let weights = self.kept_table()?;
        let summary = json_text(&self.summary())?;
        let [csv, parquet, json] = table_files("removed_rows", &removed);
        let kept_rows = OutputFile::new(format!("kept_rows.{ending}"), Content::Bytes(&kept.bytes));
        let sample_weights = OutputFile::new("sample_weights.csv", Content::Csv(&weights));
        save(folder, &[kept_rows, sample_weights, csv, parquet, json, summary_file(&summary)])
    }

    /// The kept rows with their weights; 1 where the model takes none.
    fn kept_table(&self) -> Result<ResultTable> {
        let weight = |at: usize| self.weights.as_ref().map_or(1.0, |weights| weights[at]);
        let mut table = ResultTable::default();
        table.push("row", ResultColumn::integers(self.kept.iter().map(|&row| self.rows[row] as i64)))?;
        table.push("sample_weight", ResultColumn::floats((0..self.kept.len()).map(weight)))?;
        Ok(table)
    }

    /// The removed rows with what they should have been labelled, the lowest score first.
    fn removed_table(&self) -> Result<ResultTable> {
        let removed = || self.removed.iter().copied();
        let names = |classes: Vec<u32>| {
            ResultColumn::texts(classes.into_iter().map(|class| self.about.class_name(class as usize)))
        };
        let mut table = ResultTable::default();
        table.push("row", ResultColumn::integers(removed().map(|row| self.rows[row] as i64)))?;
        table.push("given_label", names(removed().map(|row| self.given[row]).collect()))?;
        table.push("suggested_label", names(removed().map(|row| self.suggested[row]).collect()))?;
        table.push("label_quality", ResultColumn::floats(removed().map(|row| self.scores[row])))?;
        table.push("final_model_label", names(self.final_labels.clone()))?;
        Ok(table)
    }

    fn classes(&self) -> Vec<CleanedClass> {
        let n_classes = self.about.class_names.len();
        let mut classes: Vec<CleanedClass> = (0..n_classes)
            .map(|class| CleanedClass {
                name: self.about.class_name(class),
                n_rows: 0,
                n_removed: 0,
                weight: None,
            })
            .collect();
        for &class in &self.given {
            classes[class as usize].n_rows += 1;
        }
        for &row in &self.removed {
            classes[self.given[row] as usize].n_removed += 1;
        }
        // All rows of a class weigh the same.
        for (&row, &weight) in self.kept.iter().zip(self.weights.iter().flatten()) {
            classes[self.given[row] as usize].weight = Some(weight);
        }
        classes
    }

    fn class_grid(&self, classes: &[CleanedClass]) -> Grid {
        let mut grid = Grid::default();
        grid.text("class", classes.iter().map(|class| class.name.clone()));
        grid.number("rows", classes.iter().map(|class| grouped(class.n_rows)));
        grid.number("removed", classes.iter().map(|class| grouped(class.n_removed)));
        grid.number("kept", classes.iter().map(|class| grouped(class.n_rows - class.n_removed)));
        if self.weights.is_some() {
            let weight =
                |class: &CleanedClass| class.weight.map_or("–".to_owned(), |weight| format!("{weight:.3}"));
            grid.number("weight of a row", classes.iter().map(weight));
        }
        grid
    }

    fn removed_grid(&self, shown: usize) -> Grid {
        let removed = || self.removed[..shown].iter().copied();
        let name = |class: u32| self.about.class_name(class as usize);
        let mut grid = Grid::default();
        grid.number("row", removed().map(|row| self.rows[row].to_string()));
        grid.text("given", removed().map(|row| name(self.given[row])));
        grid.text("suggested", removed().map(|row| name(self.suggested[row])));
        grid.text("final model", self.final_labels[..shown].iter().map(|&class| name(class)));
        grid.number("score", removed().map(|row| score_text(self.scores[row])));
        for column in &self.key_columns {
            grid.text(&column.name, removed().map(|row| column.values[row].clone().unwrap_or_default()));
            grid.spare();
        }
        grid
    }

    /// Number of removed rows that the final model takes for what was suggested.
    fn n_agreed(&self) -> usize {
        let agree = |(&row, &class): (&usize, &u32)| self.suggested[row] == class;
        self.removed.iter().zip(&self.final_labels).filter(|&pair| agree(pair)).count()
    }

    /// Everything but the rows.
    fn summary(&self) -> Value {
        let class = |class: &CleanedClass| {
            json!({
                "class_name": class.name,
                "rows": class.n_rows,
                "removed_rows": class.n_removed,
                "kept_rows": class.n_rows - class.n_removed,
                "sample_weight": class.weight,
            })
        };
        let mut object = self.about.json("cleanlab-clean/1");
        object["final_classifier"] = json!(self.classifier.name);
        object["kept_rows"] = json!(self.kept.len());
        object["removed_rows"] = json!(self.removed.len());
        object["final_model_agrees"] = json!(self.n_agreed());
        object["by_class"] = self.classes().iter().map(class).collect();
        object
    }
}

impl Report for Cleaned {
    fn about(&self) -> &About {
        &self.about
    }

    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>> {
        let (n_rows, n_removed) = (self.given.len(), self.removed.len());
        let shown = n_removed.min(output.top);
        let mut parts = Vec::new();
        if shown > 0 {
            let which = if shown < n_removed {
                format!("The {shown} most suspicious of {} removed rows:", grouped(n_removed))
            } else {
                "Removed rows, most suspicious first:".to_owned()
            };
            parts.push(wrapped(&which, width));
            parts.push(self.removed_grid(shown).into_text(width));
        }
        let mut classes = self.classes();
        // Those that lost most, where not all can be shown.
        classes.sort_by_key(|class| std::cmp::Reverse(class.n_removed));
        classes.truncate(output.top);
        if !classes.is_empty() {
            let which = if classes.len() < self.about.class_names.len() {
                "Classes that lost most rows:"
            } else {
                "Classes, those that lost most rows first:"
            };
            parts.push(wrapped(which, width));
            parts.push(self.class_grid(&classes).into_text(width));
        }
        let share = 100.0 * n_removed as f64 / n_rows as f64;
        let total = if n_removed == 0 {
            format!("No label looks wrong: all {} rows are kept.", grouped(n_rows))
        } else {
            format!(
                "Kept {} of {} rows and removed {} ({share:.1} %). Trained on the kept rows, {} agrees with {} of {} \
                 suggested labels.",
                grouped(self.kept.len()),
                grouped(n_rows),
                grouped(n_removed),
                self.classifier.words,
                grouped(self.n_agreed()),
                grouped(n_removed)
            )
        };
        parts.push(wrapped(&total, width));
        if !output.quiet {
            let hint = match &output.out {
                None => "The kept rows, their weights and the removed rows are written with --out DIR, the kept rows \
                         alone with --out FILE."
                    .to_owned(),
                Some(out) if out.is_dir() => {
                    format!("The kept rows, their weights and the removed rows are in {}.", path(out))
                }
                Some(out) => format!("The kept rows are in {}.", path(out)),
            };
            parts.push(wrapped(&hint, width));
        }
        Ok(parts)
    }

    fn json(&self) -> Result<Value> {
        let mut object = self.summary();
        object["removed"] = objects(&self.removed_table()?);
        object["kept"] = objects(&self.kept_table()?);
        Ok(object)
    }

    /// The removed rows.
    fn csv(&self) -> Result<ResultTable> {
        self.removed_table()
    }
}
