//! Neighbours that are searched for before the checks, where the search is not the exact one that checks make.

use std::sync::Arc;

use cleanlab_neighbors::{FoundBy, KnnGraphOptions, NeighborSearch, find_knn_graph};
use cleanlab_table::ProbsMatrix;

use super::data::AuditData;
use crate::arguments::NeighborsName;
use crate::config::CheckOptions;

/// The number of neighbours that checks look at unless told otherwise.
const DEFAULT_K: usize = 10;

impl AuditData {
    /// Searches for neighbours if an approximate search is wanted, and says how they were found.
    ///
    /// Features that are refused here are refused by every check that needs them, which then says so itself.
    pub(super) fn search_neighbors(&mut self, neighbors: NeighborsName, options: &CheckOptions) {
        let n_rows = self.n_rows();
        let Some(features) = &self.features else { return };
        if self.graph.is_some() {
            return;
        }
        let approximately = match neighbors {
            NeighborsName::Exact => false,
            NeighborsName::Approximate => true,
            NeighborsName::Auto => n_rows > NeighborSearch::AUTO_EXACT_ROWS,
        };
        if !approximately {
            self.settings.push(("neighbours".to_owned(), "exact".to_owned()));
            return;
        }
        let wanted = options.values().filter_map(|options| options.get("k")?.as_u64());
        let k = wanted.map(|k| k as usize).chain([DEFAULT_K]).max().unwrap_or(DEFAULT_K);
        let search =
            KnnGraphOptions::default().with_k(k.min(n_rows.saturating_sub(1))).with_search(neighbors.into());
        let found = match features {
            ProbsMatrix::F32(matrix) => find_knn_graph(matrix.view(), &search),
            ProbsMatrix::F64(matrix) => find_knn_graph(matrix.view(), &search),
        };
        let Ok(found) = found else { return };
        let how = match found.found_by {
            FoundBy::ApproximateSearch => format!(
                "approximate; by a sample of {} rows {:.1} % of the nearest are found",
                found.recall_sample,
                100.0 * found.estimated_recall
            ),
            _ => "exact, since an approximate search would not have found enough of them".to_owned(),
        };
        self.settings.push(("neighbours".to_owned(), how));
        self.graph = Some(Arc::new(found.graph));
    }
}
