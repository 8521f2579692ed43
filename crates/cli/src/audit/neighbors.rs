//! How neighbours are found, and what is said of it.

use std::sync::Arc;

use anyhow::{Result, bail};
use cleanlab_datalab::NeighborsFound;
use cleanlab_neighbors::FoundBy;

use super::data::AuditData;
use crate::arguments::NeighborsName;
use crate::config::CheckOptions;

/// The number of neighbours that checks look at unless told otherwise.
const DEFAULT_K: usize = 10;

impl AuditData {
    /// Searches for the neighbours of features that stay in their file, and says how they were found.
    pub(super) fn search_file(&mut self, neighbors: NeighborsName, options: &CheckOptions) -> Result<()> {
        let Some(file) = &self.feature_file else { return Ok(()) };
        if neighbors == NeighborsName::Exact {
            bail!(
                "--neighbors exact needs all features in memory, but {}; allow more with --memory",
                file.reason
            );
        }
        let wanted = options.values().filter_map(|options| options.get("k")?.as_u64());
        let k = wanted.map(|k| k as usize).chain([DEFAULT_K]).max().unwrap_or(DEFAULT_K);
        let found = file.search(k.min(self.n_rows().saturating_sub(1)))?;
        let how = match found.found_by {
            FoundBy::ApproximateSearch => approximately(found.recall_sample, found.estimated_recall),
            _ => "exact".to_owned(),
        };
        self.settings.push(("neighbours".to_owned(), format!("{how}; the features were read in parts")));
        self.graph = Some(Arc::new(found.graph));
        Ok(())
    }

    /// Says how the checks found neighbours, if they did.
    pub(super) fn note_neighbors(&mut self, found: Option<NeighborsFound>) {
        if self.graph.is_some() || self.features.is_none() {
            return;
        }
        let how = match found {
            Some(found) if found.found_by == FoundBy::ApproximateSearch => {
                approximately(found.recall_sample, found.estimated_recall)
            }
            _ => "exact".to_owned(),
        };
        self.settings.push(("neighbours".to_owned(), how));
    }
}

fn approximately(recall_sample: usize, estimated_recall: f64) -> String {
    format!(
        "approximate; by a sample of {recall_sample} rows {:.1} % of the nearest are found",
        100.0 * estimated_recall
    )
}
