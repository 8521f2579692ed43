//! What the labels are, and the labels themselves.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::{ClassNames, Labels};
use cleanlab_multilabel::MultiLabels;
use cleanlab_table::{
    AnyArray, ArrayOptions, Column, ColumnType, LabelOptions, MissingLabels, ReadOptions, Source, Table,
    TableError, read_array, read_labels,
};
use ndarray::{Array1, Ix2};

use crate::arguments::{DataArguments, TaskName};
use crate::printable::{grouped, list, path};
use crate::table_warnings::{dropped_rows_warning, lookalike_classes_warning};

/// Whole numbers of more different values than this, with fewer rows each than [`ROWS_PER_CLASS`], are no classes.
const MOST_NUMBER_CLASSES: usize = 50;
const ROWS_PER_CLASS: usize = 20;

/// The labels of the audited rows.
pub(super) enum Given {
    /// There are none.
    None,
    /// One class per row.
    Classes {
        labels: Labels<'static>,
        /// `None` for class indices that are named after columns of predicted probabilities.
        class_names: Option<ClassNames>,
    },
    /// A number per row.
    Numbers(Array1<f64>),
    /// Any number of classes per row.
    ClassSets { labels: MultiLabels, class_names: ClassNames },
}

/// Labels with the rows that have them.
pub(super) struct GivenRows {
    pub(super) given: Given,
    /// The rows of the file that have a label.
    pub(super) rows: Vec<usize>,
    pub(super) warnings: Vec<String>,
}

/// The labels of a table.
pub(super) fn labels_of_table(table: &Table, label: &str, arguments: &DataArguments) -> Result<GivenRows> {
    let column = table.column(label)?;
    let mut warnings = Vec::new();
    let task = match arguments.task {
        TaskName::Auto if arguments.label_separator.is_some() => TaskName::Multilabel,
        TaskName::Auto => task_of_column(table, column, &mut warnings),
        task => task,
    };
    if task != TaskName::Multilabel && arguments.label_separator.is_some() {
        bail!("--label-separator is for --task multilabel");
    }
    match task {
        TaskName::Regression => numbers_of_column(table, column, arguments, warnings),
        TaskName::Multilabel => class_sets_of_column(table, column, arguments, warnings),
        TaskName::Auto | TaskName::Classification => {
            let options = LabelOptions::default().with_missing(missing(arguments));
            let labels = table.labels(label, &options).map_err(|error| with_way_out(error, arguments))?;
            warnings.extend(dropped_rows_warning(&labels));
            warnings.extend(lookalike_classes_warning(&labels.class_names));
            let class_names = Some(labels.class_names);
            let given = Given::Classes { labels: labels.labels, class_names };
            Ok(GivenRows { given, rows: labels.kept_rows, warnings })
        }
    }
}

fn missing(arguments: &DataArguments) -> MissingLabels {
    if arguments.drop_missing_labels { MissingLabels::Drop } else { MissingLabels::Refuse }
}

fn with_way_out(error: TableError, arguments: &DataArguments) -> anyhow::Error {
    match error {
        error @ TableError::MissingLabels { .. } if !arguments.drop_missing_labels => {
            anyhow::anyhow!("{error} (--drop-missing-labels leaves those rows out)")
        }
        error => error.into(),
    }
}

/// Numbers with fractions, and whole numbers of many different values, are regression, all else is classes.
fn task_of_column(table: &Table, column: &Column, warnings: &mut Vec<String>) -> TaskName {
    let is_number = matches!(column.column_type(), ColumnType::Integer | ColumnType::Float);
    if !is_number {
        if column.column_type() == ColumnType::Text && looks_like_lists(table, column) {
            warnings.push(format!(
                "column {} holds lists, so that the task is taken for multilabel; --task says otherwise",
                list(&[column.name()])
            ));
            return TaskName::Multilabel;
        }
        return TaskName::Classification;
    }
    let options = LabelOptions::default().with_missing(MissingLabels::Drop);
    let n_classes = match table.labels(column.name(), &options) {
        Ok(labels) => {
            let n_classes = labels.class_names.len();
            let few_rows_each = labels.labels.len() < ROWS_PER_CLASS * n_classes;
            if n_classes <= MOST_NUMBER_CLASSES || !few_rows_each {
                return TaskName::Classification;
            }
            n_classes
        }
        Err(TableError::TooManyClasses { n_classes, .. }) => n_classes,
        Err(_) => return TaskName::Classification,
    };
    warnings.push(format!(
        "column {} holds numbers of {} different values, so that the task is taken for regression; --task \
         classification takes them for classes",
        list(&[column.name()]),
        grouped(n_classes)
    ));
    TaskName::Regression
}

fn looks_like_lists(table: &Table, column: &Column) -> bool {
    let mut texts = (0..table.n_rows()).filter_map(|row| column.value_text(row)).peekable();
    texts.peek().is_some() && texts.all(|text| json_list(&text).is_some())
}

/// The rows that have a value, and a warning if some are left out.
fn rows_with_value(
    table: &Table,
    column: &Column,
    arguments: &DataArguments,
    warnings: &mut Vec<String>,
) -> Result<Vec<usize>> {
    let (absent, rows): (Vec<usize>, Vec<usize>) =
        (0..table.n_rows()).partition(|&row| column.is_missing(row));
    if let Some(&first_row) = absent.first() {
        if !arguments.drop_missing_labels || rows.is_empty() {
            let error = TableError::MissingLabels {
                column: column.name().into(),
                first_row,
                n_missing: absent.len(),
                n_rows: table.n_rows(),
            };
            return Err(with_way_out(error, arguments));
        }
        let n = absent.len();
        warnings.push(format!("rows without a label were left out: {n}; the first is row {first_row}"));
    }
    Ok(rows)
}

fn numbers_of_column(
    table: &Table,
    column: &Column,
    arguments: &DataArguments,
    mut warnings: Vec<String>,
) -> Result<GivenRows> {
    let rows = rows_with_value(table, column, arguments, &mut warnings)?;
    let number = |&row: &usize| {
        let text = column.value_text(row).unwrap_or_default();
        let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        number.with_context(|| {
            format!(
                "the label of row {row} in column {} is {}, but regression needs finite numbers; correct it, or choose \
                 --task classification",
                list(&[column.name()]),
                list(&[&text])
            )
        })
    };
    let numbers: Vec<f64> = rows.iter().map(number).collect::<Result<_>>()?;
    Ok(GivenRows { given: Given::Numbers(numbers.into()), rows, warnings })
}

fn class_sets_of_column(
    table: &Table,
    column: &Column,
    arguments: &DataArguments,
    mut warnings: Vec<String>,
) -> Result<GivenRows> {
    if column.column_type() == ColumnType::Unsupported {
        bail!(
            "column {} is of a type that is not read; write each list as text, with --label-separator between classes",
            list(&[column.name()])
        );
    }
    // With a separator, or as lists, no class at all can be said; an empty cell is a label that is missing.
    let rows = rows_with_value(table, column, arguments, &mut warnings)?;
    let texts = rows.iter().map(|&row| column.value_text(row).unwrap_or_default());
    let given = class_sets(&texts.collect::<Vec<_>>(), &rows, arguments.label_separator.as_deref())?;
    Ok(GivenRows { given, rows, warnings })
}

/// The classes of each row.
fn class_sets(texts: &[String], rows: &[usize], separator: Option<&str>) -> Result<Given> {
    let mut lists: Vec<Vec<String>> = Vec::with_capacity(texts.len());
    for (text, &row) in texts.iter().zip(rows) {
        let classes = match (json_list(text), separator) {
            (Some(classes), _) => classes,
            (None, Some(separator)) => {
                let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
                parts.map(str::to_owned).collect()
            }
            // Not one class with brackets in its name.
            (None, None) if text.trim_start().starts_with('[') => bail!(
                "the label of row {row} is {}, which is no list of texts and numbers; write it as [\"cat\", \"dog\"]",
                list(&[text])
            ),
            (None, None) => vec![text.trim().to_owned()],
        };
        let mut seen = classes.clone();
        seen.sort_unstable();
        if let Some([twice, _]) = seen.array_windows().find(|[first, second]| first == second) {
            bail!("row {row} has the class {} twice; name every class once", list(&[twice]));
        }
        lists.push(classes);
    }
    let separated = lists.iter().any(|classes| classes.len() != 1);
    if !separated {
        bail!(
            "every row has exactly one class; tell with --label-separator what stands between the classes of a row, or \
             choose --task classification"
        );
    }
    let mut names: Vec<&String> = lists.iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    // In the order of the classes of columns: numbers by value, text by code points.
    let encoded = match names.iter().map(|name| name.parse()).collect::<Result<Vec<i64>, _>>() {
        Ok(numbers) => ClassNames::encode_integers(&numbers)?,
        Err(_) => ClassNames::encode_strings(&names)?,
    };
    let class_names = encoded.class_names;
    let index = |name: &String| {
        let found = names.binary_search(&name).ok().map(|at| encoded.labels.as_slice()[at]);
        found.unwrap_or_default()
    };
    let indices: Vec<Vec<u32>> = lists.iter().map(|classes| classes.iter().map(index).collect()).collect();
    let labels = MultiLabels::from_lists(&indices, class_names.len())?;
    Ok(Given::ClassSets { labels, class_names })
}

/// The entries of a list in JSON.
fn json_list(text: &str) -> Option<Vec<String>> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    let values: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    let entry = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        _ => None,
    };
    values.into_iter().map(entry).collect()
}

/// Labels that are a file of their own.
pub(super) fn labels_of_file(file: &Path, arguments: &DataArguments) -> Result<GivenRows> {
    let mut warnings = Vec::new();
    let source = Source::from(file).in_memory()?;
    let task = match arguments.task {
        TaskName::Auto if arguments.label_separator.is_some() => TaskName::Multilabel,
        TaskName::Auto => task_of_array(&source, file, &mut warnings),
        task => task,
    };
    let given = match task {
        TaskName::Regression => {
            let numbers = numbers_of(source, file)?;
            if let Some(row) = numbers.iter().position(|number| !number.is_finite()) {
                bail!("label of row {row} in {} is {}; fill it in or drop the row", path(file), numbers[row]);
            }
            Given::Numbers(numbers)
        }
        TaskName::Multilabel => class_sets_of_file(source, file, arguments.label_separator.as_deref())?,
        TaskName::Auto | TaskName::Classification => {
            let given = read_labels(source, &ArrayOptions::default())?;
            Given::Classes { labels: given.labels, class_names: given.class_names }
        }
    };
    let n_rows = match &given {
        Given::None => 0,
        Given::Classes { labels, .. } => labels.len(),
        Given::Numbers(numbers) => numbers.len(),
        Given::ClassSets { labels, .. } => labels.len(),
    };
    Ok(GivenRows { given, rows: (0..n_rows).collect(), warnings })
}

/// Arrays of fractions are regression, matrices are sets of classes, all else is classes.
fn task_of_array(source: &Source, file: &Path, warnings: &mut Vec<String>) -> TaskName {
    let Ok(array) = read_array(source.clone(), &ArrayOptions::default()) else {
        return TaskName::Classification;
    };
    let is_matrix = matches!(array.shape(), [_, columns] if *columns > 1);
    let has_fractions = match &array {
        AnyArray::F32(values) => values.iter().any(|value| value.is_finite() && value.fract() != 0.0),
        AnyArray::F64(values) => values.iter().any(|value| value.is_finite() && value.fract() != 0.0),
        _ => false,
    };
    match (is_matrix, has_fractions) {
        (true, _) => TaskName::Multilabel,
        (false, true) => {
            warnings.push(format!(
                "{} holds numbers with fractions, so that the task is taken for regression",
                path(file)
            ));
            TaskName::Regression
        }
        (false, false) => TaskName::Classification,
    }
}

/// Numbers from an array, a text file or a table with one column.
pub(super) fn numbers_of(source: Source, file: &Path) -> Result<Array1<f64>> {
    let array = match read_array(source.clone(), &ArrayOptions::default()) {
        Ok(array) => array,
        Err(TableError::NotAnArray { .. }) => return numbers_of_table(source, file),
        Err(error) => return Err(error.into()),
    };
    let n_rows = array.shape().first().copied().unwrap_or(0);
    if array.shape().iter().product::<usize>() != n_rows {
        bail!("{} has the shape {:?}; one number per row is needed", path(file), array.shape());
    }
    Ok(match array {
        AnyArray::F64(values) => values.into_iter().collect(),
        AnyArray::F32(values) => values.into_iter().map(f64::from).collect(),
        AnyArray::Int(values) => values.into_iter().map(|value| value as f64).collect(),
        AnyArray::UInt(values) => values.into_iter().map(|value| value as f64).collect(),
        _ => bail!("{} holds no numbers", path(file)),
    })
}

/// The lines of a text file, or the only column of a table.
fn lines_of(source: Source, file: &Path) -> Result<Vec<String>> {
    if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("txt")) {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", path(file)))?;
        return Ok(text.trim_end().lines().map(str::to_owned).collect());
    }
    let table = Table::read(source, &ReadOptions::default())?;
    let [column] = table.columns() else {
        bail!("{} has {} columns; one is needed", path(file), table.columns().len());
    };
    Ok((0..table.n_rows()).map(|row| column.value_text(row).unwrap_or_default()).collect())
}

fn numbers_of_table(source: Source, file: &Path) -> Result<Array1<f64>> {
    let number = |(row, text): (usize, String)| {
        let number = text.trim().parse::<f64>();
        number.map_err(|_| anyhow::anyhow!("row {row} of {} is {}, no number", path(file), list(&[&text])))
    };
    lines_of(source, file)?.into_iter().enumerate().map(number).collect()
}

fn class_sets_of_file(source: Source, file: &Path, separator: Option<&str>) -> Result<Given> {
    let array = match read_array(source.clone(), &ArrayOptions::default()) {
        Ok(array) => array,
        Err(TableError::NotAnArray { .. }) => {
            let texts = lines_of(source, file)?;
            let rows: Vec<usize> = (0..texts.len()).collect();
            return class_sets(&texts, &rows, separator);
        }
        Err(error) => return Err(error.into()),
    };
    let shape = array.shape().to_vec();
    let numbers: ndarray::ArrayD<i64> = match array {
        AnyArray::Int(values) => values,
        AnyArray::UInt(values) => values.mapv(|value| i64::try_from(value).unwrap_or(i64::MAX)),
        AnyArray::Bool(values) => values.mapv(i64::from),
        AnyArray::F64(values) => values.mapv(|value| if value.fract() == 0.0 { value as i64 } else { -1 }),
        AnyArray::F32(values) => values.mapv(|value| if value.fract() == 0.0 { value as i64 } else { -1 }),
        _ => bail!("{} holds no matrix of 0 and 1", path(file)),
    };
    let onehot = numbers.into_dimensionality::<Ix2>().map_err(|_| {
        anyhow::anyhow!(
            "{} has the shape {shape:?}; sets of classes are a matrix of 0 and 1, a row per row and a column per class",
            path(file)
        )
    })?;
    let labels = MultiLabels::from_onehot(onehot.view())?;
    let class_names = ClassNames::indices(onehot.ncols());
    Ok(Given::ClassSets { labels, class_names })
}
