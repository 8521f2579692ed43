//! The columns of a table as a matrix of numbers that a classifier can learn from.

use std::collections::BTreeMap;

use arrow_array::{Array, Int64Array, LargeStringArray};
use ndarray::{Array2, Axis};

use crate::column::{Column, Values};
use crate::column_use::{ColumnAction, ColumnUse, SkipReason};
use crate::errors::TableError;
use crate::table::Table;

/// Rows that are turned from columns into rows at a time.
const BLOCK_ROWS: usize = 512;

/// Whether columns of integers that only number the rows are features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum IdentifierColumns {
    /// They are left out: they say nothing about a row, but a classifier can learn labels by heart from them.
    #[default]
    Skip,
    /// They are treated as any other column of numbers.
    Keep,
}

/// What becomes of columns of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FeatureScaling {
    /// They get mean 0 and standard deviation 1, as models need that add columns up or measure distances.
    #[default]
    Standardised,
    /// They stay as they are, which is all the same to trees.
    AsTheyAre,
}

/// Which columns become features, and how.
///
/// ```
/// use cleanlab_table::FeatureOptions;
/// let options = FeatureOptions::default().with_label_column("label").with_exclude(["file"]).with_max_categories(10);
/// assert_eq!((options.max_categories, options.exclude.len()), (10, 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeatureOptions {
    /// The column of labels, which is no feature.
    pub label_column: Option<String>,
    /// Other columns that are no features.
    pub exclude: Vec<String>,
    /// The most different values that a column of text may have: 50 unless set. It must also have fewer of them than
    /// half the number of rows.
    pub max_categories: usize,
    /// What to do with columns that only number the rows.
    pub identifiers: IdentifierColumns,
    /// What becomes of columns of numbers.
    pub scaling: FeatureScaling,
}

impl Default for FeatureOptions {
    fn default() -> Self {
        Self {
            label_column: None,
            exclude: Vec::new(),
            max_categories: 50,
            identifiers: IdentifierColumns::default(),
            scaling: FeatureScaling::default(),
        }
    }
}

impl FeatureOptions {
    /// Sets the column of labels.
    #[must_use]
    pub fn with_label_column(mut self, column: impl Into<String>) -> Self {
        self.label_column = Some(column.into());
        self
    }

    /// Sets the other columns that are no features.
    #[must_use]
    pub fn with_exclude<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.exclude = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the most different values that a column of text may have.
    #[must_use]
    pub fn with_max_categories(mut self, max_categories: usize) -> Self {
        self.max_categories = max_categories;
        self
    }

    /// Sets what to do with columns that only number the rows.
    #[must_use]
    pub fn with_identifiers(mut self, identifiers: IdentifierColumns) -> Self {
        self.identifiers = identifiers;
        self
    }

    /// Sets what becomes of columns of numbers.
    ///
    /// ```
    /// use cleanlab_table::{FeatureOptions, FeatureScaling, ReadOptions, Source, Table};
    /// let table = Table::read(Source::from_bytes("x\n1\n5\n\"\"\n", "t.csv"), &ReadOptions::default())?;
    /// let options = FeatureOptions::default().with_scaling(FeatureScaling::AsTheyAre);
    /// assert_eq!(table.features(&options)?.values.column(0).to_vec(), [1.0, 5.0, 3.0]);
    /// # Ok::<(), cleanlab_table::TableError>(())
    /// ```
    #[must_use]
    pub fn with_scaling(mut self, scaling: FeatureScaling) -> Self {
        self.scaling = scaling;
        self
    }
}

/// A matrix of numbers from the columns of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Features {
    /// The values: rows of the table × features; none is NaN or infinite.
    pub values: Array2<f64>,
    /// The name of every feature: a column's name, or `column=category`.
    pub names: Vec<String>,
    /// What was done with every column of the table, in its order.
    pub columns: Vec<ColumnUse>,
}

impl Table {
    /// The columns as features, fitted to this table's rows.
    ///
    /// Numbers and booleans are standardised, unless they are to stay as they are: x ↦ (x − mean) / std, with the
    /// population's standard deviation; missing ones become the mean first. Constant columns become zeros. Text with few different values becomes one feature
    /// of 0 and 1 per value, in the order of code points; a missing value is 0 in all of them. Other text is left out,
    /// and so are columns that only number the rows. The result does not depend on the machine.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_table::{FeatureOptions, ReadOptions, Source, Table};
    ///
    /// let csv = "age,coat,label\n1,long,cat\n3,short,dog\n1,short,dog\n3,long,cat\n2,long,cat\n";
    /// let table = Table::read(Source::from_bytes(csv, "pets.csv"), &ReadOptions::default())?;
    /// let features = table.features(&FeatureOptions::default().with_label_column("label"))?;
    /// assert_eq!(features.names, ["age", "coat=long", "coat=short"]);
    /// assert_eq!(features.values.row(4).to_vec(), [0.0, 1.0, 0.0]);
    /// # Ok::<(), cleanlab_table::TableError>(())
    /// ```
    ///
    /// # Shapes
    ///
    /// N rows × as many columns as there are names.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchColumn`] for a label or excluded column that does not exist, [`TableError::InfiniteValue`]
    /// for the first infinite number, [`TableError::NoFeatures`] when no column varies.
    pub fn features(&self, options: &FeatureOptions) -> Result<Features, TableError> {
        for name in options.label_column.iter().chain(&options.exclude) {
            self.column(name)?;
        }
        let mut made = Vec::new();
        let mut columns = Vec::with_capacity(self.columns().len());
        for column in self.columns() {
            let action = if options.label_column.as_deref() == Some(column.name()) {
                ColumnAction::Label
            } else if options.exclude.iter().any(|name| name == column.name()) {
                ColumnAction::Excluded
            } else {
                make_features(column, options, &mut made)?
            };
            columns.push(ColumnUse { column: column.name().to_owned(), action });
        }
        if !columns.iter().any(|column| column.action.is_informative()) {
            return Err(TableError::NoFeatures {
                reasons: columns.iter().map(ToString::to_string).collect(),
            });
        }
        let mut values = Array2::zeros((self.n_rows(), made.len()));
        // Block by block, so that the rows being filled stay in the cache.
        for (block, mut rows) in values.axis_chunks_iter_mut(Axis(0), BLOCK_ROWS).enumerate() {
            for (feature, mut out) in made.iter().zip(rows.columns_mut()) {
                let from = feature.values.iter().skip(block * BLOCK_ROWS);
                out.iter_mut().zip(from).for_each(|(out, &value)| *out = value);
            }
        }
        let names = made.into_iter().map(|feature| feature.name).collect();
        Ok(Features { values, names, columns })
    }
}

struct Feature {
    name: String,
    values: Vec<f64>,
}

fn make_features(
    column: &Column,
    options: &FeatureOptions,
    made: &mut Vec<Feature>,
) -> Result<ColumnAction, TableError> {
    let skipped = |reason| Ok(ColumnAction::Skipped { reason });
    if let Values::Unsupported { data_type, .. } = column.values() {
        return skipped(SkipReason::Unsupported { data_type: data_type.clone() });
    }
    if column.n_missing() == column.len() {
        return skipped(SkipReason::AllMissing);
    }
    let numbers: Vec<Option<f64>> = match column.values() {
        Values::Integer(array) => {
            if options.identifiers == IdentifierColumns::Skip && is_identifier(array) {
                return skipped(SkipReason::Identifier);
            }
            array.iter().map(|value| value.map(|value| value as f64)).collect()
        }
        Values::Float(array) => array.iter().collect(),
        Values::Boolean(array) => array.iter().map(|value| value.map(f64::from)).collect(),
        Values::Text(array) => return Ok(one_hot(column.name(), array, options, made)),
        Values::Unsupported { .. } => Vec::new(),
    };
    number_feature(column, &numbers, options.scaling, made)
}

/// Rows that a column must have before rising from row to row is no accident.
const RISING_ROWS: usize = 20;

/// Whether every row has a value, all different, and either without gaps between them (1, 2, 3, … in any order) or
/// rising from each row to the next, as the numbers of rows do when some were taken out.
pub(crate) fn is_identifier(array: &Int64Array) -> bool {
    let (Some(&low), Some(&high)) = (array.values().iter().min(), array.values().iter().max()) else {
        return false;
    };
    let n_rows = array.len();
    if array.null_count() > 0 || n_rows < 2 {
        return false;
    }
    if n_rows >= RISING_ROWS && array.values().array_windows().all(|[one, next]| one < next) {
        return true;
    }
    if high.checked_sub(low) != i64::try_from(n_rows - 1).ok() {
        return false;
    }
    let mut seen = vec![false; n_rows];
    array.values().iter().all(|value| {
        let place = usize::try_from(value.saturating_sub(low)).ok().and_then(|place| seen.get_mut(place));
        place.is_some_and(|seen| !std::mem::replace(seen, true))
    })
}

fn number_feature(
    column: &Column,
    numbers: &[Option<f64>],
    scaling: FeatureScaling,
    made: &mut Vec<Feature>,
) -> Result<ColumnAction, TableError> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (row, value) in numbers.iter().enumerate() {
        let Some(value) = *value else { continue };
        if value.is_infinite() {
            return Err(TableError::InfiniteValue { column: column.name().into(), row, value });
        }
        (low, high) = (low.min(value), high.max(value));
    }
    let n_missing = column.n_missing();
    let name = column.name().to_owned();
    if low == high {
        let values = vec![0.0; numbers.len()];
        made.push(Feature { name, values });
        return Ok(ColumnAction::Constant { n_missing });
    }
    // Squares must neither overflow nor vanish; a power of two changes no other bit.
    let largest = low.abs().max(high.abs());
    let scale = if (1e-100..1e100).contains(&largest) { 1.0 } else { power_of_two_near(largest) };
    let scaled = |value: f64| value / scale;
    let present: Vec<f64> = numbers.iter().flatten().map(|&value| scaled(value)).collect();
    let mean = cleanlab_core::pairwise_sum(&present) / present.len() as f64;
    if scaling == FeatureScaling::AsTheyAre {
        let mean = mean * scale;
        let values = numbers.iter().map(|value| value.unwrap_or(mean)).collect();
        made.push(Feature { name, values });
        return Ok(ColumnAction::Unscaled { mean, n_missing });
    }
    let squares: Vec<f64> = present.iter().map(|value| (value - mean) * (value - mean)).collect();
    // A missing number is the mean, so it adds nothing.
    let std = (cleanlab_core::pairwise_sum(&squares) / numbers.len() as f64).sqrt();
    let standardised = |value: &Option<f64>| value.map_or(0.0, |value| (scaled(value) - mean) / std);
    let values: Vec<f64> = numbers.iter().map(standardised).collect();
    if !values.iter().all(|value| value.is_finite()) {
        // The numbers differ, but by less than their squares can tell.
        let values = vec![0.0; numbers.len()];
        made.push(Feature { name, values });
        return Ok(ColumnAction::Constant { n_missing });
    }
    made.push(Feature { name, values });
    Ok(ColumnAction::Standardised { mean: mean * scale, std: std * scale, n_missing })
}

fn power_of_two_near(value: f64) -> f64 {
    // The largest exponent of a float is 1023; one less keeps the quotient of the smallest values exact enough.
    2.0_f64.powi(value.log2().clamp(-1000.0, 1000.0) as i32)
}

fn one_hot(
    name: &str,
    array: &LargeStringArray,
    options: &FeatureOptions,
    made: &mut Vec<Feature>,
) -> ColumnAction {
    let n_rows = array.len();
    let limit = options.max_categories.min(n_rows.saturating_sub(1) / 2);
    let mut categories: BTreeMap<&str, usize> = BTreeMap::new();
    for value in array.iter().flatten() {
        categories.insert(value, 0);
        if categories.len() > limit {
            return ColumnAction::Skipped { reason: SkipReason::TooManyCategories { limit } };
        }
    }
    let n_missing = array.null_count();
    if categories.len() < 2 && n_missing == 0 {
        return ColumnAction::Skipped { reason: SkipReason::ConstantText };
    }
    let first = made.len();
    for (index, (category, position)) in categories.iter_mut().enumerate() {
        *position = first + index;
        made.push(Feature { name: format!("{name}={category}"), values: vec![0.0; n_rows] });
    }
    for (row, value) in array.iter().enumerate() {
        let feature = value.and_then(|value| made.get_mut(*categories.get(value)?));
        if let Some(value) = feature.and_then(|feature| feature.values.get_mut(row)) {
            *value = 1.0;
        }
    }
    ColumnAction::OneHot {
        categories: categories.keys().map(|&category| category.to_owned()).collect(),
        n_missing,
    }
}
