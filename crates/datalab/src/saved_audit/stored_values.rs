//! Columns, tables and what checks found out, as the manifest tells of them.

use cleanlab_neighbors::KnnGraph;
use serde::{Deserialize, Serialize};

use super::errors::SavedAuditError;
use super::state_files::{StateReader, StateWriter, StoredArray};
use crate::column_values::{ColumnValues, IssueTable};
use crate::info::{Info, InfoValue};

/// How deep named parts may be nested; JSON readers have a limit.
const MAX_DEPTH: usize = 24;

/// A float that JSON may not know.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredFloat {
    Finite(f64),
    Other(NonFinite),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum NonFinite {
    NaN,
    Infinity,
    NegativeInfinity,
}

impl From<f64> for StoredFloat {
    fn from(value: f64) -> Self {
        if value.is_finite() {
            Self::Finite(value)
        } else if value.is_nan() {
            Self::Other(NonFinite::NaN)
        } else if value > 0.0 {
            Self::Other(NonFinite::Infinity)
        } else {
            Self::Other(NonFinite::NegativeInfinity)
        }
    }
}

impl From<StoredFloat> for f64 {
    fn from(value: StoredFloat) -> Self {
        match value {
            StoredFloat::Finite(value) => value,
            StoredFloat::Other(NonFinite::NaN) => Self::NAN,
            StoredFloat::Other(NonFinite::Infinity) => Self::INFINITY,
            StoredFloat::Other(NonFinite::NegativeInfinity) => Self::NEG_INFINITY,
        }
    }
}

/// Texts end to end, where each ends, and which are there at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredTexts {
    utf8: StoredArray,
    ends: StoredArray,
    present: Option<StoredArray>,
}

/// Lists end to end, and where each ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredLists {
    values: StoredArray,
    ends: StoredArray,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredColumn {
    Booleans(StoredArray),
    Integers(StoredArray),
    Floats(StoredArray),
    Texts(StoredTexts),
    Categories { codes: StoredArray, names: StoredTexts },
    IntegerLists(StoredLists),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredTable {
    n_rows: usize,
    columns: Vec<(String, StoredColumn)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredGraph {
    indices: StoredArray,
    distances: StoredArray,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredInfoValue {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(StoredFloat),
    Text(String),
    Values(StoredColumn),
    Matrix(StoredArray),
    Table(StoredTable),
    Graph(StoredGraph),
    Map(StoredInfo),
}

pub(super) type StoredInfo = Vec<(String, StoredInfoValue)>;

impl StateWriter {
    pub(super) fn texts<'t>(
        &mut self,
        what: &str,
        texts: impl ExactSizeIterator<Item = Option<&'t str>> + Clone,
    ) -> Result<StoredTexts, SavedAuditError> {
        let all: String = texts.clone().flatten().collect();
        let ends = ends(texts.clone().map(|text| text.map_or(0, str::len)));
        let present = if texts.clone().all(|text| text.is_some()) {
            None
        } else {
            Some(self.vector(&format!("{what}.present"), texts.map(|text| text.is_some()))?)
        };
        Ok(StoredTexts {
            utf8: self.vector(&format!("{what}.utf8"), all.bytes())?,
            ends: self.vector(&format!("{what}.ends"), ends.into_iter())?,
            present,
        })
    }

    pub(super) fn lists(&mut self, what: &str, lists: &[Vec<u32>]) -> Result<StoredLists, SavedAuditError> {
        let values: Vec<u32> = lists.iter().flatten().copied().collect();
        let ends = ends(lists.iter().map(Vec::len));
        Ok(StoredLists {
            values: self.vector(&format!("{what}.values"), values.into_iter())?,
            ends: self.vector(&format!("{what}.ends"), ends.into_iter())?,
        })
    }

    pub(super) fn column(
        &mut self,
        what: &str,
        values: &ColumnValues,
    ) -> Result<StoredColumn, SavedAuditError> {
        Ok(match values {
            ColumnValues::Booleans(values) => {
                StoredColumn::Booleans(self.vector(what, values.iter().copied())?)
            }
            ColumnValues::Integers(values) => {
                StoredColumn::Integers(self.vector(what, values.iter().copied())?)
            }
            ColumnValues::Floats(values) => StoredColumn::Floats(self.vector(what, values.iter().copied())?),
            ColumnValues::Texts(texts) => {
                StoredColumn::Texts(self.texts(what, texts.iter().map(Option::as_deref))?)
            }
            ColumnValues::Categories { codes, names } => StoredColumn::Categories {
                codes: self.vector(what, codes.iter().copied())?,
                names: self.texts(&format!("{what}.names"), names.iter().map(|name| Some(name.as_str())))?,
            },
            ColumnValues::IntegerLists(lists) => StoredColumn::IntegerLists(self.lists(what, lists)?),
        })
    }

    pub(super) fn table(&mut self, what: &str, table: &IssueTable) -> Result<StoredTable, SavedAuditError> {
        let columns = table.columns().iter();
        let columns = columns
            .map(|(name, values)| Ok((name.clone(), self.column(&format!("{what}.{name}"), values)?)))
            .collect::<Result<_, SavedAuditError>>()?;
        Ok(StoredTable { n_rows: table.n_rows(), columns })
    }

    pub(super) fn graph(&mut self, what: &str, graph: &KnnGraph) -> Result<StoredGraph, SavedAuditError> {
        Ok(StoredGraph {
            indices: self.matrix(&format!("{what}.indices"), graph.indices())?,
            distances: self.matrix(&format!("{what}.distances"), graph.distances())?,
        })
    }

    pub(super) fn info(
        &mut self,
        what: &str,
        info: &Info,
        depth: usize,
    ) -> Result<StoredInfo, SavedAuditError> {
        if depth > MAX_DEPTH {
            let reason = format!("{what} has parts nested more than {MAX_DEPTH} deep");
            return Err(SavedAuditError::CannotSave { reason });
        }
        info.iter()
            .map(|(name, value)| {
                let what = format!("{what}.{name}");
                let stored = match value {
                    InfoValue::Null => StoredInfoValue::Null,
                    InfoValue::Boolean(value) => StoredInfoValue::Boolean(*value),
                    InfoValue::Integer(value) => StoredInfoValue::Integer(*value),
                    InfoValue::Float(value) => StoredInfoValue::Float((*value).into()),
                    InfoValue::Text(text) => StoredInfoValue::Text(text.clone()),
                    InfoValue::Values(values) => StoredInfoValue::Values(self.column(&what, values)?),
                    InfoValue::Matrix(matrix) => StoredInfoValue::Matrix(self.matrix(&what, matrix.view())?),
                    InfoValue::Table(table) => StoredInfoValue::Table(self.table(&what, table)?),
                    InfoValue::Graph(graph) => StoredInfoValue::Graph(self.graph(&what, graph)?),
                    InfoValue::Map(part) => StoredInfoValue::Map(self.info(&what, part, depth + 1)?),
                };
                Ok((name.to_owned(), stored))
            })
            .collect()
    }
}

fn ends(lengths: impl Iterator<Item = usize>) -> Vec<u64> {
    let mut end = 0;
    lengths
        .map(|length| {
            end += length as u64;
            end
        })
        .collect()
}

impl StateReader<'_> {
    /// The stretches between ends, which must ascend to the last of `n_values`.
    fn stretches(
        &mut self,
        ends: &StoredArray,
        n_values: usize,
    ) -> Result<Vec<std::ops::Range<usize>>, SavedAuditError> {
        let path = self.path(&ends.file);
        let ends: Vec<u64> = self.vector(ends)?;
        let ascend = ends.is_sorted();
        if !ascend || ends.last().copied().unwrap_or(0) != n_values as u64 {
            return Err(SavedAuditError::invalid(&path, "its ends do not ascend to the number of values"));
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        Ok(starts.zip(&ends).map(|(start, &end)| start as usize..end as usize).collect())
    }

    pub(super) fn texts(&mut self, stored: &StoredTexts) -> Result<Vec<Option<String>>, SavedAuditError> {
        let path = self.path(&stored.utf8.file);
        let utf8: Vec<u8> = self.vector(&stored.utf8)?;
        let stretches = self.stretches(&stored.ends, utf8.len())?;
        let present = stored.present.as_ref().map(|array| self.vector::<bool>(array)).transpose()?;
        if present.as_ref().is_some_and(|present| present.len() != stretches.len()) {
            return Err(self.invalid("texts and whether they are there differ in number"));
        }
        let not_text = || SavedAuditError::invalid(&path, "it is not text");
        let all = String::from_utf8(utf8).map_err(|_| not_text())?;
        stretches
            .into_iter()
            .enumerate()
            .map(|(index, stretch)| {
                let text = all.get(stretch).ok_or_else(not_text)?;
                let is_present = present.as_ref().is_none_or(|present| present.get(index) == Some(&true));
                Ok(is_present.then(|| text.to_owned()))
            })
            .collect()
    }

    /// Texts that are all there.
    pub(super) fn names(&mut self, stored: &StoredTexts) -> Result<Vec<String>, SavedAuditError> {
        let texts = self.texts(stored)?.into_iter().collect::<Option<_>>();
        texts.ok_or_else(|| self.invalid("a name is missing"))
    }

    pub(super) fn lists(&mut self, stored: &StoredLists) -> Result<Vec<Vec<u32>>, SavedAuditError> {
        let values: Vec<u32> = self.vector(&stored.values)?;
        let stretches = self.stretches(&stored.ends, values.len())?;
        Ok(stretches.into_iter().map(|stretch| values.get(stretch).unwrap_or_default().to_vec()).collect())
    }

    pub(super) fn column(&mut self, stored: &StoredColumn) -> Result<ColumnValues, SavedAuditError> {
        Ok(match stored {
            StoredColumn::Booleans(array) => ColumnValues::Booleans(self.array(array)?),
            StoredColumn::Integers(array) => ColumnValues::Integers(self.array(array)?),
            StoredColumn::Floats(array) => ColumnValues::Floats(self.array(array)?),
            StoredColumn::Texts(texts) => ColumnValues::Texts(self.texts(texts)?),
            StoredColumn::Categories { codes, names } => {
                ColumnValues::Categories { codes: self.array(codes)?, names: self.names(names)? }
            }
            StoredColumn::IntegerLists(lists) => ColumnValues::IntegerLists(self.lists(lists)?),
        })
    }

    pub(super) fn table(&mut self, stored: &StoredTable) -> Result<IssueTable, SavedAuditError> {
        let mut table = IssueTable::new(stored.n_rows);
        for (name, column) in &stored.columns {
            let values = self.column(column)?;
            table = table.with_column(name, values).map_err(|error| self.invalid(error.to_string()))?;
        }
        Ok(table)
    }

    pub(super) fn graph(&mut self, stored: &StoredGraph) -> Result<KnnGraph, SavedAuditError> {
        let indices = self.matrix(&stored.indices)?;
        let distances = self.matrix(&stored.distances)?;
        let path = self.path(&stored.indices.file);
        KnnGraph::new(indices, distances).map_err(|error| SavedAuditError::invalid(&path, error.to_string()))
    }

    pub(super) fn info(&mut self, stored: &StoredInfo) -> Result<Info, SavedAuditError> {
        let mut info = Info::default();
        for (name, value) in stored {
            let value = match value {
                StoredInfoValue::Null => InfoValue::Null,
                StoredInfoValue::Boolean(value) => InfoValue::Boolean(*value),
                StoredInfoValue::Integer(value) => InfoValue::Integer(*value),
                StoredInfoValue::Float(value) => InfoValue::Float((*value).into()),
                StoredInfoValue::Text(text) => InfoValue::Text(text.clone()),
                StoredInfoValue::Values(column) => InfoValue::Values(self.column(column)?),
                StoredInfoValue::Matrix(array) => InfoValue::Matrix(self.matrix(array)?),
                StoredInfoValue::Table(table) => InfoValue::Table(self.table(table)?),
                StoredInfoValue::Graph(graph) => InfoValue::Graph(self.graph(graph)?.into()),
                StoredInfoValue::Map(part) => InfoValue::Map(self.info(part)?),
            };
            info.insert(name, value);
        }
        Ok(info)
    }
}
