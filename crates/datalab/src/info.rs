//! What a check found out besides a flag and a score per row.

use std::sync::Arc;

use cleanlab_neighbors::KnnGraph;
use ndarray::Array2;

use crate::column_values::{ColumnValues, IssueTable};

/// One thing that a check found out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum InfoValue {
    /// Nothing, said on purpose.
    Null,
    /// Whether or not.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// Many values of one type: one per row, per class, or per column.
    Values(ColumnValues),
    /// A matrix, such as the joint of given and true labels.
    Matrix(Array2<f64>),
    /// A table, such as the classes by label quality.
    Table(IssueTable),
    /// A neighbour graph.
    Graph(Arc<KnnGraph>),
    /// Named parts.
    Map(Info),
}

/// Named things that a check found out, in the order in which they were put in.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Info, InfoValue};
/// let info = Info::default().with("k", InfoValue::Integer(10));
/// assert_eq!(info.get("k"), Some(&InfoValue::Integer(10)));
/// assert_eq!(info.get("t"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Info(Vec<(String, InfoValue)>);

impl Info {
    /// With one more value, or with another in place of that of the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: InfoValue) -> Self {
        self.insert(name, value);
        self
    }

    /// Puts a value in, in place of that of the same name.
    pub fn insert(&mut self, name: impl Into<String>, value: InfoValue) {
        let name = name.into();
        match self.0.iter_mut().find(|(existing, _)| *existing == name) {
            Some((_, existing)) => *existing = value,
            None => self.0.push((name, value)),
        }
    }

    /// The value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&InfoValue> {
        self.0.iter().find(|(existing, _)| existing == name).map(|(_, value)| value)
    }

    /// The number of that name, whole or not.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            InfoValue::Float(value) => Some(*value),
            InfoValue::Integer(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &InfoValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
