//! Files as a source.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use cleanlab_core::{ClassNames, NamedColumns};
use cleanlab_table::{ArrayOptions, ArrayRows, ParquetRows, ParquetSelection, read_labels};

use crate::errors::StreamError;
use crate::file_reader::{FileReader, LabelsReader, ValuesReader};
use crate::parquet_columns::{ParquetOptions, is_parquet, label_codes, probs_columns};
use crate::source::{ProbsReader, ProbsSource, even_spans};

/// Labels and predicted probabilities in files, which are read in parts on every pass.
///
/// Labels that are numbers are class indices. Text and booleans are names: of the columns of probabilities where these
/// have such names, or else in the order of the names.
///
/// # Example
///
/// See the [crate's page](crate).
#[derive(Debug)]
pub struct FileSource {
    pub(crate) probs: ProbsPart,
    pub(crate) labels: LabelsPart,
    /// The names that labels have, in the order of their codes.
    label_names: Option<ClassNames>,
    /// For each code of a label its class, where that is another one.
    pub(crate) class_of_code: Option<Vec<u32>>,
    column_names: Option<Vec<String>>,
    skipped_columns: Vec<String>,
    pub(crate) class_names: Option<ClassNames>,
    pub(crate) n_classes: usize,
}

#[derive(Debug)]
pub(crate) enum ProbsPart {
    Array(ArrayRows),
    /// Some columns of numbers, in the order of the classes.
    Columns(ParquetSelection, Vec<usize>),
    /// A column of lists.
    List(ParquetSelection, usize),
}

#[derive(Debug)]
pub(crate) enum LabelsPart {
    Array(ArrayRows),
    /// Labels of another format, held as indices: 4 bytes a row.
    Held {
        name: String,
        labels: Vec<u32>,
    },
    /// A column of the files that hold the probabilities.
    Beside {
        column: usize,
        codes: HashMap<String, u32>,
    },
    /// A column of other files.
    Column {
        selection: ParquetSelection,
        column: usize,
        codes: HashMap<String, u32>,
    },
}

impl FileSource {
    /// Predicted probabilities and labels as NPY files: a matrix with a row per example and a column per class, and a
    /// vector of class indices. Whole floats and booleans are class indices too.
    ///
    /// # Errors
    ///
    /// [`StreamError::Table`] when a file cannot be read, [`StreamError::LengthMismatch`].
    pub fn arrays(pred_probs: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Self, StreamError> {
        let labels = LabelsPart::Array(ArrayRows::open(labels)?);
        Self::of_parts(ProbsPart::Array(ArrayRows::open(pred_probs)?), labels, None)
    }

    /// Predicted probabilities and labels in files of their own. Probabilities: an NPY file, a Parquet file, or a folder
    /// of Parquet files. Labels: the same, or a file of any other format that [`read_labels`] reads, which is then held
    /// as 4 bytes a row.
    ///
    /// # Errors
    ///
    /// [`StreamError::Table`] when a file cannot be read, [`StreamError::Columns`], [`StreamError::LengthMismatch`].
    pub fn files(
        pred_probs: impl AsRef<Path>,
        labels: impl AsRef<Path>,
        columns: &ParquetOptions,
    ) -> Result<Self, StreamError> {
        let (pred_probs, labels) = (pred_probs.as_ref(), labels.as_ref());
        let (labels, label_names) = labels_of(labels, columns)?;
        let mut source = Self::of_parts(probs_of(pred_probs, columns)?, labels, label_names)?;
        if let ProbsPart::Columns(selection, used) = &source.probs
            && columns.pred_probs.is_none()
        {
            let all = selection.rows().columns().iter().enumerate();
            let unused = all.filter(|(column, _)| !used.contains(column));
            source.skipped_columns = unused.map(|(_, column)| column.name.clone()).collect();
        }
        Ok(source)
    }

    /// Predicted probabilities and labels in the same Parquet file, or folder of Parquet files in the order of their
    /// names.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_count::EstimationMethod;
    /// use cleanlab_stream::{FileSource, ParquetOptions, ProbsSource, StreamOptions, num_label_issues};
    /// # use cleanlab_table::{Content, ResultColumn, ResultTable, write_file};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("pets.parquet");
    /// # let mut table = ResultTable::default();
    /// # table.push("species", ResultColumn::texts(["cat", "cat", "dog", "dog", "dog"].map(String::from)))?;
    /// # table.push("cat", ResultColumn::floats([0.9, 0.8, 0.1, 0.2, 0.95]))?;
    /// # table.push("dog", ResultColumn::floats([0.1, 0.2, 0.9, 0.8, 0.05]))?;
    /// # write_file(&path, &Content::Parquet(&table))?;
    ///
    /// let source = FileSource::parquet(&path, &ParquetOptions::default().with_label("species"))?;
    /// assert_eq!(source.class_names().map(|names| names.as_slice()), Some(&["cat".to_owned(), "dog".into()][..]));
    /// assert_eq!(num_label_issues(&source, &EstimationMethod::OffDiagonal, &StreamOptions::default())?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`FileSource::files`].
    pub fn parquet(path: impl AsRef<Path>, columns: &ParquetOptions) -> Result<Self, StreamError> {
        let rows = ParquetRows::open(path)?;
        let label = rows.column_index(columns.label.as_deref().unwrap_or("label"))?;
        let probs = probs_columns(&rows, columns, Some(label))?;
        let selection = rows.select(&[&probs.0[..], &[label]].concat())?;
        let (codes, label_names) = label_codes(&selection, label)?;
        let part = probs_part(selection, probs);
        Self::of_parts(part, LabelsPart::Beside { column: label, codes }, label_names)
    }

    fn of_parts(
        probs: ProbsPart,
        labels: LabelsPart,
        label_names: Option<ClassNames>,
    ) -> Result<Self, StreamError> {
        let (n_classes, column_names) = match &probs {
            ProbsPart::Array(array) => (array.n_columns(), None),
            ProbsPart::Columns(selection, columns) => {
                let all = selection.rows().columns();
                let names =
                    columns.iter().filter_map(|&column| all.get(column)).map(|column| column.name.clone());
                (columns.len(), Some(names.collect::<Vec<_>>()))
            }
            ProbsPart::List(selection, column) => {
                let mut reader = selection.reader(0..1, 1)?;
                reader.next_batch()?;
                (reader.first_list_len(*column)?, None)
            }
        };
        let mut source = Self {
            probs,
            labels,
            label_names,
            class_of_code: None,
            column_names,
            skipped_columns: Vec::new(),
            class_names: None,
            n_classes,
        };
        let (rows, labels) = (source.n_rows(), source.n_labels());
        if rows != labels {
            let labels_file = source.labels_name().to_owned();
            return Err(StreamError::LengthMismatch {
                labels_file,
                labels,
                file: source.name().into(),
                rows,
            });
        }
        source.name_classes()?;
        Ok(source)
    }

    /// Finds the class of every name of a label.
    fn name_classes(&mut self) -> Result<(), StreamError> {
        let Some(names) = &self.label_names else {
            self.class_names = self.column_names.clone().map(ClassNames::from_ordered);
            return Ok(());
        };
        let columns = self.column_names.clone().unwrap_or_default();
        let lacking = match names.columns_of(&columns) {
            NamedColumns::Every(found) => {
                self.class_of_code = Some(found.into_iter().map(|class| class as u32).collect());
                self.class_names = Some(ClassNames::from_ordered(columns));
                return Ok(());
            }
            NamedColumns::LackingFor(lacking) => lacking,
            _ if names.len() == self.n_classes => {
                self.class_names = Some(names.clone());
                return Ok(());
            }
            _ => vec![0],
        };
        let lacking = lacking.first().and_then(|&class| names.get(class)).unwrap_or_default();
        Err(StreamError::Columns {
            file: self.name().to_owned(),
            reason: format!(
                "the labels have {} classes, but there are {} columns of probabilities, none of them for {lacking:?}; \
                 name the columns after the classes",
                names.len(),
                self.n_classes
            ),
        })
    }

    /// The names that labels have; nothing where they are class indices.
    #[must_use]
    pub fn label_names(&self) -> Option<&ClassNames> {
        self.label_names.as_ref()
    }

    /// The names of the columns of probabilities; nothing for arrays and lists.
    #[must_use]
    pub fn column_names(&self) -> Option<&[String]> {
        self.column_names.as_deref()
    }

    /// The columns of a file of probabilities that are none of them, unless the probabilities were named: those that hold
    /// no numbers with fractions, and pandas' index.
    #[must_use]
    pub fn skipped_columns(&self) -> &[String] {
        &self.skipped_columns
    }

    pub(crate) fn labels_name(&self) -> &str {
        match &self.labels {
            LabelsPart::Array(array) => array.name(),
            LabelsPart::Held { name, .. } => name,
            LabelsPart::Beside { .. } => self.name(),
            LabelsPart::Column { selection, .. } => selection.rows().name(),
        }
    }

    fn n_labels(&self) -> usize {
        match &self.labels {
            LabelsPart::Array(array) => array.n_rows(),
            LabelsPart::Held { labels, .. } => labels.len(),
            LabelsPart::Beside { .. } => self.n_rows(),
            LabelsPart::Column { selection, .. } => selection.rows().n_rows(),
        }
    }

    fn selection(&self) -> Option<&ParquetSelection> {
        match &self.probs {
            ProbsPart::Array(_) => None,
            ProbsPart::Columns(selection, _) | ProbsPart::List(selection, _) => Some(selection),
        }
    }

    pub(crate) fn values_reader(
        &self,
        rows: Range<usize>,
        batch_rows: usize,
    ) -> Result<ValuesReader<'_>, StreamError> {
        let batch_rows = batch_rows.max(1);
        Ok(match (&self.probs, self.selection()) {
            (ProbsPart::Array(array), _) => ValuesReader::Array { reader: array.reader(), rows, batch_rows },
            (_, Some(selection)) => ValuesReader::Parquet { reader: selection.reader(rows, batch_rows)? },
            (_, None) => return Err(StreamError::sink("there is nothing to read")),
        })
    }
}

/// Opens labels in a file of their own; gives their names where they have names.
fn labels_of(path: &Path, columns: &ParquetOptions) -> Result<(LabelsPart, Option<ClassNames>), StreamError> {
    let name = path.display().to_string();
    if path.is_dir() || is_parquet(path) {
        let rows = ParquetRows::open(path)?;
        let column = match (&columns.label, rows.columns()) {
            (Some(label), _) => rows.column_index(label)?,
            (None, [_]) => 0,
            (None, _) => rows.column_index("label")?,
        };
        let selection = rows.select(&[column])?;
        let (codes, names) = label_codes(&selection, column)?;
        return Ok((LabelsPart::Column { selection, column, codes }, names));
    }
    if let Ok(array) = ArrayRows::open(path) {
        let names = ["False", "True"].map(str::to_owned).to_vec();
        let names = array.is_boolean().then(|| ClassNames::from_ordered(names));
        return Ok((LabelsPart::Array(array), names));
    }
    let options = columns.label.iter().fold(ArrayOptions::default(), ArrayOptions::with_key);
    let given = read_labels(path, &options)?;
    let labels = given.labels.as_slice().to_vec();
    Ok((LabelsPart::Held { name, labels }, given.class_names))
}

fn probs_of(path: &Path, columns: &ParquetOptions) -> Result<ProbsPart, StreamError> {
    if !path.is_dir() && !is_parquet(path) {
        return Ok(ProbsPart::Array(ArrayRows::open(path)?));
    }
    let rows = ParquetRows::open(path)?;
    let probs = probs_columns(&rows, columns, None)?;
    let selection = rows.select(&probs.0)?;
    Ok(probs_part(selection, probs))
}

/// Columns of probabilities, or the only one, of lists.
fn probs_part(selection: ParquetSelection, (columns, is_list): (Vec<usize>, bool)) -> ProbsPart {
    match columns.first() {
        Some(&column) if is_list => ProbsPart::List(selection, column),
        _ => ProbsPart::Columns(selection, columns),
    }
}

impl ProbsSource for FileSource {
    fn name(&self) -> &str {
        match &self.probs {
            ProbsPart::Array(array) => array.name(),
            ProbsPart::Columns(selection, _) | ProbsPart::List(selection, _) => selection.rows().name(),
        }
    }

    fn file_of_row(&self, row: usize) -> String {
        self.selection().map_or_else(|| self.name().to_owned(), |selection| selection.place_of_row(row))
    }

    fn file_of_label(&self, row: usize) -> String {
        let selection = match &self.labels {
            LabelsPart::Array(_) | LabelsPart::Held { .. } => None,
            LabelsPart::Beside { .. } => self.selection(),
            LabelsPart::Column { selection, .. } => Some(selection),
        };
        selection.map_or_else(|| self.labels_name().to_owned(), |selection| selection.place_of_row(row))
    }

    fn n_rows(&self) -> usize {
        match &self.probs {
            ProbsPart::Array(array) => array.n_rows(),
            ProbsPart::Columns(selection, _) | ProbsPart::List(selection, _) => selection.rows().n_rows(),
        }
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn class_names(&self) -> Option<&ClassNames> {
        self.class_names.as_ref()
    }

    fn spans(&self, batch_rows: usize) -> Vec<Range<usize>> {
        const BATCHES: usize = 8;
        match (self.selection(), &self.labels) {
            (Some(selection), _) | (None, LabelsPart::Column { selection, .. }) => selection.spans(),
            (None, _) => even_spans(0..self.n_rows(), batch_rows.saturating_mul(BATCHES)),
        }
    }

    fn reader_memory(&self) -> usize {
        let labels = match &self.labels {
            LabelsPart::Column { selection, .. } => selection.reader_memory(),
            _ => 0,
        };
        labels.saturating_add(self.selection().map_or(0, ParquetSelection::reader_memory))
    }

    fn reader(
        &self,
        rows: Range<usize>,
        batch_rows: usize,
    ) -> Result<Box<dyn ProbsReader + '_>, StreamError> {
        let labels = match &self.labels {
            LabelsPart::Array(array) => LabelsReader::Array(array.reader()),
            LabelsPart::Held { labels, .. } => LabelsReader::Held(labels),
            LabelsPart::Beside { column, codes } => LabelsReader::Beside(*column, codes),
            LabelsPart::Column { selection, column, codes } => LabelsReader::Column {
                reader: Box::new(selection.reader(rows.clone(), batch_rows)?),
                column: *column,
                codes,
                read: Vec::new(),
                waiting: Vec::new(),
            },
        };
        let values = self.values_reader(rows.clone(), batch_rows)?;
        Ok(Box::new(FileReader { source: self, values, labels, next_row: rows.start }))
    }

    fn check_unchanged(&self) -> Result<(), StreamError> {
        if let ProbsPart::Array(array) = &self.probs {
            array.check_unchanged()?;
        }
        if let Some(selection) = self.selection() {
            selection.check_unchanged()?;
        }
        match &self.labels {
            LabelsPart::Array(array) => array.check_unchanged()?,
            LabelsPart::Column { selection, .. } => selection.check_unchanged()?,
            LabelsPart::Held { .. } | LabelsPart::Beside { .. } => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::small_files::{floats, integers, names, npy, npy_of_probs, parquet, texts};

    /// Labels, an id and the probabilities of two classes.
    fn table(folder: &Path, name: &str, labels: [&str; 4], classes: [&str; 2]) -> PathBuf {
        let [a, b] = [[0.75, 0.5, 0.25, 1.0], [0.25, 0.5, 0.75, 0.0]].map(floats);
        let ids = integers([7, 8, 9, 10]);
        parquet(folder, name, [("label", texts(labels)), ("id", ids), (classes[0], a), (classes[1], b)])
    }

    #[test]
    fn names_of_labels_are_those_of_columns_or_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let open = |labels, classes| {
            FileSource::parquet(
                table(folder.path(), "a.parquet", labels, classes),
                &ParquetOptions::default(),
            )
        };
        let source = open(["cat", "dog", "cat", "dog"], ["dog", "cat"]).unwrap();
        assert_eq!(names(source.label_names()), ["cat", "dog"]);
        assert_eq!(source.class_of_code, Some(vec![1, 0]));
        assert_eq!(names(source.class_names()), ["dog", "cat"]);
        assert_eq!(source.column_names().unwrap(), ["dog", "cat"]);
        let source = open(["cat", "dog", "cat", "dog"], ["a", "b"]).unwrap();
        assert_eq!((names(source.class_names()), &source.class_of_code), (vec!["cat", "dog"], &None));
        for labels in [["cat", "dog", "emu", "dog"], ["cat", "cat", "cat", "cat"]] {
            let error = open(labels, ["a", "b"]).unwrap_err().to_string();
            assert!(
                error.contains("there are 2 columns of probabilities, none of them for \"cat\""),
                "{error}"
            );
        }
        let error = open(["cat", "dog", "cat", "dog"], ["cat", "b"]).unwrap_err().to_string();
        assert!(error.contains("none of them for \"dog\""), "{error}");
    }

    #[test]
    fn files_tell_their_places_columns_and_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let parts = path("parts");
        std::fs::create_dir(&parts).unwrap();
        for name in ["0.parquet", "1.parquet"] {
            table(&parts, name, ["a", "b", "a", "b"], ["a", "b"]);
        }
        let default = ParquetOptions::default();
        let beside = FileSource::parquet(&parts, &default).unwrap();
        assert_eq!((beside.n_rows(), beside.n_labels(), beside.n_classes()), (8, 8, 2));
        assert_eq!(beside.spans(1), [0..4, 4..8]);
        assert!(beside.reader_memory() > 1);
        assert_eq!(beside.labels_name(), beside.name());
        for place in [beside.file_of_row(5), beside.file_of_label(5)] {
            assert!(place.contains("(its row 5 is row 1 of ") && place.ends_with("1.parquet)"), "{place}");
        }
        // Labels and probabilities of the same files, taken for files of their own.
        let own = FileSource::files(&parts, &parts, &default).unwrap();
        assert_eq!(own.skipped_columns(), ["label", "id"]);
        // The same columns, by one reader or by two.
        assert_eq!(own.reader_memory(), beside.reader_memory());
        let chosen = FileSource::files(&parts, &parts, &default.clone().with_pred_probs(["a", "b"])).unwrap();
        assert!(chosen.skipped_columns().is_empty());
        // Probabilities in an array, and labels of every kind beside it.
        let probs = npy_of_probs(folder.path());
        let numbers =
            npy(folder.path(), "y.npy", "<i8", "4,", &[0, 1, 1, 0_i64].map(i64::to_le_bytes).concat());
        let truths = npy(folder.path(), "t.npy", "|b1", "4,", &[1, 0, 1, 0]);
        let only = parquet(folder.path(), "y.parquet", [("y", texts(["x", "w", "x", "w"]))]);
        let list = path("y.csv");
        std::fs::write(&list, "y\n0\n1\n0\n1\n").unwrap();
        for (labels, label_names) in
            [(numbers, vec![]), (truths, vec!["False", "True"]), (only, vec!["w", "x"]), (list, vec![])]
        {
            let source = FileSource::files(&probs, &labels, &default).unwrap();
            assert_eq!(source.labels_name(), labels.display().to_string());
            assert_eq!(source.file_of_label(3), labels.display().to_string());
            assert_eq!(source.file_of_row(3), probs.display().to_string());
            assert_eq!((source.n_labels(), source.n_classes(), source.column_names()), (4, 2, None));
            assert_eq!(names(source.label_names()), label_names);
            assert!(source.check_unchanged().is_ok());
            let bytes = std::fs::read(&labels).unwrap();
            std::fs::write(&labels, [&bytes[..], b"0\n"].concat()).unwrap();
            let is_held = matches!(source.labels, LabelsPart::Held { .. });
            assert_eq!(source.check_unchanged().is_ok(), is_held, "{}", labels.display());
            let error = FileSource::files(&probs, parts.as_path(), &default).unwrap_err();
            assert!(matches!(error, StreamError::LengthMismatch { labels: 8, rows: 4, .. }), "{error}");
        }
        table(&parts, "0.parquet", ["a", "b", "a", "b"], ["a", "c"]);
        assert!(beside.check_unchanged().is_err() && own.check_unchanged().is_err());
    }
}
