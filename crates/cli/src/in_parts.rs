//! Labels and predicted probabilities that are read in parts, because they need more memory than they may have.

use std::path::Path;

use anyhow::{Result, bail};
use cleanlab_filter::LabelIssuesWarning;
use cleanlab_stream::{
    Arrangement, FileSource, ParquetOptions, ProbabilityRange, ProbsSource, StreamError, StreamOptions,
};
use cleanlab_table::{ArrayRows, Format, ParquetRows, ReadOptions, Source};

use crate::about::{About, Judge};
use crate::arguments::{ComputeArguments, MemoryArguments};
use crate::class_alignment::alignment;
use crate::printable::path;
use crate::table_warnings::skipped_columns_warning;
use crate::wording::{Wording, tell};

/// What data may take where the system does not tell what is free.
const FIXED_ALLOWANCE: u64 = 2 << 30;

/// The files of labels and predicted probabilities.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GivenFiles<'a> {
    pub(crate) labels: &'a Path,
    /// The column of the labels.
    pub(crate) label: Option<&'a str>,
    pub(crate) pred_probs: &'a Path,
}

/// Data that are read in parts.
pub(crate) struct Parts {
    pub(crate) source: FileSource,
    pub(crate) about: About,
    pub(crate) options: StreamOptions,
}

impl GivenFiles<'_> {
    /// The data, if they are to be read in parts: since they would need too much memory, or can be read in no other way.
    /// Says so in a line on standard error.
    pub(crate) fn in_parts(
        self,
        memory: &MemoryArguments,
        compute: &ComputeArguments,
        quiet: bool,
    ) -> Result<Option<Parts>> {
        let allowed = memory.memory.unwrap_or_else(default_allowance);
        self.check_chosen_columns(&memory.pred_probs_columns)?;
        let Some(reason) = self.reason(memory, allowed) else { return Ok(None) };
        let mut columns = ParquetOptions::default();
        if let Some(label) = self.label {
            columns = columns.with_label(label);
        }
        if !memory.pred_probs_columns.is_empty() {
            columns = columns.with_pred_probs(&memory.pred_probs_columns);
        }
        let source = if self.labels == self.pred_probs {
            FileSource::parquet(self.labels, &columns)
        } else {
            FileSource::files(self.pred_probs, self.labels, &columns)
        };
        let source = source.map_err(|error| match error {
            StreamError::Columns { .. } => anyhow::anyhow!("{error} (--pred-probs-columns does that)"),
            error => error.into(),
        })?;
        let (source, about) = self.arranged(source)?;
        if !quiet {
            tell(&format!("note: {reason}; it is read in parts"));
        }
        let range = if compute.clip { ProbabilityRange::Clip } else { ProbabilityRange::Check };
        let share = usize::try_from(allowed / 2).unwrap_or(usize::MAX);
        let options = StreamOptions::default().with_memory(share).with_range(range);
        Ok(Some(Parts { source, about, options }))
    }

    /// Refuses columns that nothing can be chosen of, and a column that is chosen twice: without them another question
    /// would be answered.
    fn check_chosen_columns(self, chosen: &[String]) -> Result<()> {
        let has_columns = self.pred_probs.is_dir() || is_one_of(self.pred_probs, &[Format::Parquet]);
        if !chosen.is_empty() && !has_columns {
            bail!(
                "--pred-probs-columns chooses columns of a Parquet file or of a folder of them, and {} is neither; leave \
                 the option out",
                path(self.pred_probs)
            );
        }
        match chosen.iter().enumerate().find(|&(at, name)| chosen[..at].contains(name)) {
            Some((_, name)) => bail!("--pred-probs-columns names {name:?} twice; name each column once"),
            None => Ok(()),
        }
    }

    /// Why the data are read in parts, if they are.
    fn reason(self, memory: &MemoryArguments, allowed: u64) -> Option<String> {
        let folder = [self.pred_probs, self.labels].into_iter().find(|file| file.is_dir());
        if let Some(folder) = folder {
            return Some(format!("{} is a folder", path(folder)));
        }
        if self.labels == self.pred_probs && is_one_of(self.labels, &[Format::Parquet]) {
            return Some(format!("{} holds labels and probabilities", path(self.labels)));
        }
        if !is_one_of(self.pred_probs, &[Format::Npy, Format::Parquet]) || self.labels == Path::new("-") {
            return None;
        }
        if !memory.pred_probs_columns.is_empty() {
            return Some(format!("some columns are chosen of {}", path(self.pred_probs)));
        }
        let needed = bytes_in_memory(self.pred_probs)?;
        (needed > allowed).then(|| {
            format!(
                "{} would need about {} of memory, more than the {} that it may have",
                path(self.pred_probs),
                size_text(needed),
                size_text(allowed)
            )
        })
    }

    /// Brings labels and columns together as is done in memory.
    fn arranged(self, source: FileSource) -> Result<(FileSource, About)> {
        let found = alignment(
            source.label_names(),
            source.n_classes(),
            source.column_names(),
            |columns| Ok(source.sum_to_one(columns)?),
            self.pred_probs,
        )?;
        let mut warnings = skipped_columns_warning(source.skipped_columns());
        warnings.extend(found.warnings);
        let columns = found.columns.unwrap_or_else(|| (0..source.n_classes()).collect());
        let (class_names, class_of_name) = (found.class_names.clone(), found.class_of_name);
        let source = source.arranged(Arrangement { columns, class_of_name, class_names })?;
        let about = About {
            source: path(self.labels),
            n_rows: source.n_rows(),
            class_names: found.class_names,
            judge: Judge::Predictions { source: path(self.pred_probs) },
            warnings,
        };
        Ok((source, about))
    }
}

/// Whether a file, which is not standard input, has one of some formats.
fn is_one_of(file: &Path, formats: &[Format]) -> bool {
    file != Path::new("-")
        && Source::from(file).format(&ReadOptions::default()).is_ok_and(|format| formats.contains(&format))
}

impl Parts {
    fn wording(&self) -> Wording<'_> {
        Wording { rows: &[], class_names: &self.about.class_names }
    }

    /// What there is to say of the data, in the words of the command.
    pub(crate) fn warnings(&self, n_clipped: usize, found: &[LabelIssuesWarning]) -> Vec<String> {
        let mut warnings = self.about.warnings.clone();
        if n_clipped > 0 {
            warnings.push(format!("{n_clipped} probabilities outside [0, 1] were clipped"));
        }
        warnings.extend(found.iter().map(|warning| self.wording().label_warning(warning)));
        warnings
    }

    /// An error in the words of the command.
    pub(crate) fn error(&self, error: StreamError) -> anyhow::Error {
        match error {
            StreamError::Input { file, error } => {
                anyhow::anyhow!("{file}: {}", self.wording().input_error(error))
            }
            error => error.into(),
        }
    }
}

/// What an array or a table takes in memory together with what is computed of it; nothing where it cannot be told.
fn bytes_in_memory(file: &Path) -> Option<u64> {
    /// Labels as they are read and as they are used, and the results of a row.
    const ROW: u64 = 64;
    let wide = size_of::<f64>() as u64;
    if let Ok(array) = ArrayRows::open(file) {
        let values = array.n_rows() as u64 * array.n_columns() as u64;
        let stored = std::fs::metadata(file).map_or(values * wide, |metadata| metadata.len());
        return Some(stored.max(values * 4).saturating_add(array.n_rows() as u64 * ROW));
    }
    // The columns of a table, and the matrix that is made of them.
    let rows = ParquetRows::open(file).ok()?;
    let columns = rows.columns().len() as u64;
    Some((rows.n_rows() as u64).saturating_mul(columns * 2 * wide + ROW))
}

/// Half of the memory that is free.
pub(crate) fn default_allowance() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.map_or(FIXED_ALLOWANCE, |kilobytes| kilobytes * 1024 / 2)
}

/// A size to read.
pub(crate) fn size_text(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let unit = UNITS.iter().find(|&&(_, unit)| bytes >= unit);
    unit.map_or_else(
        || format!("{bytes} B"),
        |&(name, unit)| format!("{:.1} {name}", bytes as f64 / unit as f64),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_text_names_the_largest_unit() {
        let sizes = [999, 1536, 512 << 20, 3 << 30].map(size_text);
        assert_eq!(sizes, ["999 B", "1.5 KiB", "512.0 MiB", "3.0 GiB"]);
    }

    #[test]
    fn default_allowance_is_something() {
        assert!(default_allowance() > 1 << 20);
    }
}
