//! The exact search: screening in blocks, and distances in `f64` of what is left.

use std::cmp::Ordering;

use cleanlab_core::Float;
use cleanlab_core::stopping::StopCheck;
use rayon::prelude::*;

use crate::duplicates::Groups;
use crate::features::Rows;
use crate::metric::Metric;
use crate::screened_block::{ScreenedBlock, queries_per_block};
use crate::screening::Screen;

/// A group of equal rows and its distance from a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) distance: f64,
    pub(crate) group: u32,
}

/// What is searched in: one row of every group of equal rows.
pub(crate) struct Searched<'f, F> {
    pub(crate) metric: Metric,
    pub(crate) rows: Rows<'f, F>,
    /// What [`Metric::norm`] gives for each row.
    pub(crate) norms: &'f [f64],
    pub(crate) groups: &'f Groups,
}

/// A row to find the neighbours of.
pub(crate) struct Query<'q, F> {
    pub(crate) row: &'q [F],
    pub(crate) norm: f64,
    /// The group that the row itself is in, if it is to be left out.
    pub(crate) own_group: Option<usize>,
}

/// Whether measuring all distances is about as fast as ruling rows out.
pub(crate) fn measures_all(n_groups: usize, n_features: usize, k: usize) -> bool {
    // Found by trial: the fewer rows are ruled out, and the cheaper a distance, the less it pays.
    let fewest_ruled_out = if n_features <= 16 { n_groups / 8 } else { n_groups / 2 };
    n_groups < 64 || k > fewest_ruled_out
}

/// For each of `n_queries` queries the `k` nearest groups (all, if there are fewer), in order of distance and then of
/// their first rows, as made into something by `finish`.
pub(crate) fn nearest_groups<'q, F: Float, T: Send>(
    searched: &Searched<'_, F>,
    screen: Option<&Screen>,
    n_queries: usize,
    query: impl Fn(usize) -> Query<'q, F> + Sync,
    k: usize,
    finish: impl Fn(usize, &[Found]) -> T + Sync,
) -> Vec<T> {
    let block_len = queries_per_block(searched.rows.columns());
    let stop = StopCheck::of_this_thread();
    let blocks: Vec<Vec<T>> = (0..n_queries.div_ceil(block_len))
        .into_par_iter()
        .map_init(Vec::new, |found, block| {
            stop.stop_if_told();
            let block = block * block_len..n_queries.min((block + 1) * block_len);
            let queries: Vec<Query<'q, F>> = block.clone().map(&query).collect();
            let candidates = candidates_of(searched, screen, &queries, k);
            let answer = |((index, query), candidates): ((usize, &Query<'q, F>), Option<Vec<u32>>)| {
                found.clear();
                match candidates {
                    Some(groups) => {
                        found.extend(groups.into_iter().map(|group| searched.measure(query, group)));
                    }
                    None => found.extend(
                        (0..searched.groups.len() as u32)
                            .filter(|&group| query.own_group != Some(group as usize))
                            .map(|group| searched.measure(query, group)),
                    ),
                }
                keep_nearest(found, k);
                finish(index, found)
            };
            block.zip(&queries).zip(candidates).map(answer).collect()
        })
        .collect();
    blocks.into_iter().flatten().collect()
}

/// The groups that a query has to be measured against; `None` where those are all.
fn candidates_of<F: Float>(
    searched: &Searched<'_, F>,
    screen: Option<&Screen>,
    queries: &[Query<'_, F>],
    k: usize,
) -> Vec<Option<Vec<u32>>> {
    let Some(screen) = screen else {
        return queries.iter().map(|_| None).collect();
    };
    let prepared: Vec<_> = queries.iter().map(|query| screen.query(query.row, query.norm)).collect();
    let is_screened: Vec<bool> = prepared.iter().map(Option::is_some).collect();
    let screened: Vec<_> = prepared
        .into_iter()
        .zip(queries)
        .filter_map(|(prepared, query)| Some((prepared?, query.own_group)))
        .collect();
    debug_assert!(k <= searched.groups.len());
    let mut candidates = ScreenedBlock::new(screen, &screened, k).candidates().into_iter();
    is_screened.into_iter().map(|is_screened| if is_screened { candidates.next() } else { None }).collect()
}

impl<F: Float> Searched<'_, F> {
    #[inline(always)]
    pub(crate) fn measure(&self, query: &Query<'_, F>, group: u32) -> Found {
        let row = self.groups.first(group as usize);
        let distance = self.metric.distance((query.row, query.norm), (self.rows.row(row), self.norms[row]));
        Found { distance, group }
    }
}

/// Leaves the `k` nearest groups in order.
fn keep_nearest(found: &mut Vec<Found>, k: usize) {
    if found.len() > k {
        found.select_nth_unstable_by(k, nearer);
        found.truncate(k);
    }
    found.sort_unstable_by(nearer);
}

/// The order of neighbours: by distance, then by their rows, which is the order in which groups are numbered.
pub(crate) fn nearer(a: &Found, b: &Found) -> Ordering {
    a.distance.total_cmp(&b.distance).then(a.group.cmp(&b.group))
}
