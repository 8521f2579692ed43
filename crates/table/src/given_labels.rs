//! Labels that come as a file of their own.

use cleanlab_core::{ClassNames, Labels};

use crate::arrays::{ArrayOptions, read_array_called};
use crate::column::Values;
use crate::errors::TableError;
use crate::format::{Format, detect};
use crate::nearest::nearest_name;
use crate::read_options::ReadOptions;
use crate::readers::text::utf8;
use crate::source::{OpenSource, Source};
use crate::table::Table;

/// Labels as class indices, with the names of the classes where the file has names.
///
/// # Example
///
/// ```
/// use cleanlab_table::{ArrayOptions, Source, read_labels};
///
/// let source = Source::from_bytes("dog\ncat\ndog\n", "labels.txt");
/// let given = read_labels(source, &ArrayOptions::default())?;
/// assert_eq!(given.labels.as_slice(), [1, 0, 1]);
///
/// // The columns of pred_probs may be in another order, and one class may have no label.
/// let columns = ["dog", "emu", "cat"].map(String::from);
/// let given = given.in_order_of(&columns)?;
/// assert_eq!(given.labels.as_slice(), [0, 2, 0]);
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GivenLabels {
    /// The class index of every example.
    pub labels: Labels<'static>,
    /// The names of the classes; `None` where the labels were class indices already.
    pub class_names: Option<ClassNames>,
}

impl GivenLabels {
    /// The labels as indices into these names, such as the header of a file of predicted probabilities.
    ///
    /// Labels that were class indices already stay as they are.
    ///
    /// # Errors
    ///
    /// [`TableError::UnknownClass`] for a class that is not among the names.
    pub fn in_order_of(self, names: &[String]) -> Result<Self, TableError> {
        let Some(class_names) = &self.class_names else {
            return Ok(self);
        };
        let position = |class: &String| {
            let found = names.iter().position(|name| name == class);
            found.map(|index| index as u32).ok_or_else(|| TableError::UnknownClass {
                class: class.clone(),
                nearest: nearest_name(class, names.iter().map(String::as_str)).map(str::to_owned),
                names: names.to_vec(),
            })
        };
        let positions = class_names.as_slice().iter().map(position);
        let positions = positions.collect::<Result<Vec<u32>, _>>()?;
        // Every label is the index of a class, so that none is lost.
        let place = |&label: &u32| positions.get(label as usize).copied();
        let labels = self.labels.as_slice().iter().filter_map(place).collect();
        let labels = Labels::from_vec(labels)
            .map_err(|error| TableError::BadLabels { file: "labels".into(), error })?;
        Ok(Self { labels, class_names: Some(ClassNames::from_ordered(names.to_vec())) })
    }
}

/// Reads labels from an NPY or NPZ file, a table with one column, or a text file (`.txt`) with one label per line.
///
/// Numbers are class indices 0, 1, 2, …, and so are whole floats; strings and booleans are class names, encoded in
/// the order of [`ClassNames`]. [`ArrayOptions::key`] names the array of an archive or the column of a table; without
/// it an archive may hold several arrays if one is called `labels` or `y`. A table has a header line, a text file has
/// none.
///
/// # Errors
///
/// [`TableError::NoHeader`] when the name of the column is itself a label, [`TableError::SeveralColumns`],
/// [`TableError::MissingValue`] for the first row without a label, [`TableError::BadLabels`] for numbers that are no class indices, and those of [`read_array`](crate::read_array) and
/// [`Table::read`].
pub fn read_labels(source: impl Into<Source>, options: &ArrayOptions) -> Result<GivenLabels, TableError> {
    let source = source.into().open()?;
    let name = source.name.clone();
    let format = detect(&name, &source.prefix()?, None)?;
    match format {
        Format::Npy | Format::Npz => {
            read_array_called(source, format, options, &["labels", "y"])?.into_labels(&name)
        }
        _ if is_plain_text(&name) => lines(source),
        _ => column_of(&Table::read_opened(source, format, &ReadOptions::default())?, options),
    }
}

fn is_plain_text(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("txt"))
}

fn lines(source: OpenSource) -> Result<GivenLabels, TableError> {
    let file = source.name.clone();
    let bytes = source.into_bytes()?;
    let lines: Vec<&str> = utf8(&file, &bytes)?.trim_end().lines().map(str::trim).collect();
    if let Some(row) = lines.iter().position(|line| line.is_empty()) {
        return Err(TableError::MissingValue { file, column: "labels".into(), row });
    }
    let bad = |error| TableError::BadLabels { file: file.clone(), error };
    let integers: Result<Vec<i64>, _> = lines.iter().map(|line| line.parse()).collect();
    if let Ok(integers) = integers {
        return Ok(GivenLabels {
            labels: Labels::new(&integers).map(Labels::into_owned).map_err(bad)?,
            class_names: None,
        });
    }
    let encoded = ClassNames::encode_strings(&lines).map_err(bad)?;
    Ok(GivenLabels { labels: encoded.labels, class_names: Some(encoded.class_names) })
}

fn column_of(table: &Table, options: &ArrayOptions) -> Result<GivenLabels, TableError> {
    let column = match (&options.key, table.columns()) {
        (Some(key), _) => table.column(key)?,
        (None, [only]) => only,
        (None, _) => {
            return Err(TableError::SeveralColumns {
                file: table.name().into(),
                columns: table.column_names().into_iter().map(str::to_owned).collect(),
            });
        }
    };
    // Without a header line the first label would be lost. pandas calls a column without a name "0".
    let is_label = |row| column.value_text(row).as_deref() == Some(column.name());
    if options.key.is_none() && column.name() != "0" && (0..table.n_rows()).any(is_label) {
        return Err(TableError::NoHeader { file: table.name().into(), first: vec![column.name().into()] });
    }
    if let Some(row) = (0..table.n_rows()).find(|&row| column.is_missing(row)) {
        return Err(TableError::MissingValue {
            file: table.name().into(),
            column: column.name().into(),
            row,
        });
    }
    let bad = |error| TableError::BadLabels { file: table.name().into(), error };
    let labels = match column.values() {
        Values::Integer(array) => Labels::new(array.values()),
        Values::Float(array) => Labels::new(array.values()),
        _ => {
            let encoded = crate::column_labels::encode(column, &(0..table.n_rows()).collect::<Vec<_>>())?;
            return Ok(GivenLabels { labels: encoded.labels, class_names: Some(encoded.class_names) });
        }
    };
    Ok(GivenLabels { labels: labels.map(Labels::into_owned).map_err(bad)?, class_names: None })
}
