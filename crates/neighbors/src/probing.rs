//! The approximate search of rows of many dimensions, among which a descent gets stuck: comparing only blocks of rows that
//! are close to each other.
//!
//! The blocks of the symmetric search hold rows that are near each other, and each is compared with the m blocks whose
//! middles are nearest to its own. How large m has to be is read from the exact neighbours of a random sample of rows;
//! how well it did, from those of another sample. While that is too little m doubles, in the end to all pairs.

use cleanlab_core::Float;
use rayon::prelude::*;

use crate::approximate::{ApproximateOptions, FoundBy};
use crate::code_products::CodeProducts;
use crate::descent::descend;
use crate::partition::next_seed;
use crate::search::{Found, Searched};
use crate::symmetric_search::{SymmetricSearch, pays};

/// Where more than this share of all pairs would be compared, all are.
const MOST_PAIRS: f64 = 0.6;

/// Which part of the gap between the target and 1 is left for chance.
const MARGIN: f64 = 0.25;

/// What the search has found.
pub(crate) struct Approximation {
    /// The groups near to each group.
    pub(crate) nearest: Vec<Vec<Found>>,
    pub(crate) found_by: FoundBy,
    pub(crate) estimated_recall: f64,
    pub(crate) recall_sample: usize,
}

/// About the `k` groups nearest to each group, in order of distance and then of their first rows; `None` where all are
/// found as fast.
pub(crate) fn nearest_about<F: Float>(
    searched: &Searched<'_, F>,
    k: usize,
    options: &ApproximateOptions,
) -> Option<Approximation> {
    if !pays(searched.groups.len(), searched.rows.columns(), k) {
        return None;
    }
    let probe = || probe(searched, k, CodeProducts::fast().unwrap_or(CodeProducts::Portable), options);
    descend(searched, k, options).or_else(probe)
}

fn probe<F: Float>(
    searched: &Searched<'_, F>,
    k: usize,
    products: CodeProducts,
    options: &ApproximateOptions,
) -> Option<Approximation> {
    let search = SymmetricSearch::new(searched, k, products, options.seed);
    let mut block_of_group = vec![0_u32; searched.groups.len()];
    for (block, part) in search.codes.blocks.iter().enumerate() {
        part.groups.iter().for_each(|&group| block_of_group[group as usize] = block as u32);
    }
    let n_sample = options.recall_sample.min(searched.groups.len());
    let sample = |stream| {
        let groups = random_groups(searched.groups.len(), n_sample, next_seed(options.seed, stream));
        search.nearest_of(&groups, &block_of_group)
    };
    let ranks = ranks_of_blocks(&search);
    let mut depth = depth_for(&sample(1), &ranks, &block_of_group, options.target_recall);
    let n_blocks = ranks.len();
    let test = sample(2);
    search.compare_within_all();
    let mut compared = 0;
    loop {
        let pairs: Vec<(usize, usize)> = (0..n_blocks)
            .flat_map(|a| (a + 1..n_blocks).map(move |b| (a, b)))
            .filter(|&(a, b)| {
                let rank = ranks[a][b].min(ranks[b][a]) as usize;
                compared < rank && rank <= depth
            })
            .collect();
        let all_pairs = n_blocks * (n_blocks - 1) / 2;
        if pairs.len() as f64 > MOST_PAIRS * all_pairs as f64 {
            depth = n_blocks;
        }
        if depth >= n_blocks - 1 {
            return exact(search, &ranks, compared, products);
        }
        search.compare_pairs(pairs);
        let estimated_recall = recall(&search, &test, &block_of_group);
        if estimated_recall >= options.target_recall {
            return Some(Approximation {
                nearest: search.into_found(),
                found_by: FoundBy::ApproximateSearch,
                estimated_recall,
                recall_sample: n_sample,
            });
        }
        (compared, depth) = (depth, 2 * depth);
    }
}

/// Compares what is left; `None` if another exact search is faster.
fn exact<F: Float>(
    search: SymmetricSearch<'_, F>,
    ranks: &[Vec<u32>],
    compared: usize,
    products: CodeProducts,
) -> Option<Approximation> {
    if matches!(products, CodeProducts::Portable) {
        return None;
    }
    let n_blocks = ranks.len();
    let pairs = (0..n_blocks).flat_map(|a| (a + 1..n_blocks).map(move |b| (a, b)));
    search.compare_pairs(pairs.filter(|&(a, b)| ranks[a][b].min(ranks[b][a]) as usize > compared).collect());
    Some(Approximation {
        nearest: search.into_found(),
        found_by: FoundBy::ExactSearch,
        estimated_recall: 1.0,
        recall_sample: 0,
    })
}

/// For each block how many others are at most as far away as each block, by their middles.
fn ranks_of_blocks<F: Float>(search: &SymmetricSearch<'_, F>) -> Vec<Vec<u32>> {
    let blocks = &search.codes.blocks;
    let ranks_of = |block: usize| {
        let far = |other: usize| -> f32 {
            let middles = blocks[block].middle.iter().zip(&blocks[other].middle);
            middles.map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let mut others: Vec<(f32, usize)> =
            (0..blocks.len()).filter(|&other| other != block).map(|other| (far(other), other)).collect();
        others.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut ranks = vec![0; blocks.len()];
        for (rank, (_, other)) in (1..).zip(others) {
            ranks[other] = rank;
        }
        ranks
    };
    (0..blocks.len()).into_par_iter().map(ranks_of).collect()
}

/// The smallest number of blocks to compare with each that have the wanted share of the neighbours, and some more.
fn depth_for(
    sample: &[(u32, Vec<Found>)],
    ranks: &[Vec<u32>],
    block_of_group: &[u32],
    target_recall: f64,
) -> usize {
    let block_of = |group: u32| block_of_group[group as usize] as usize;
    let mut needed: Vec<u32> = sample
        .iter()
        .flat_map(|(group, found)| found.iter().map(|other| (block_of(*group), block_of(other.group))))
        .map(|(a, b)| ranks[a][b].min(ranks[b][a]))
        .collect();
    needed.sort_unstable();
    let share = target_recall + MARGIN * (1.0 - target_recall);
    let at = (share * needed.len() as f64).ceil() as usize;
    needed.get(at.min(needed.len()).saturating_sub(1)).copied().unwrap_or_default().max(1) as usize
}

/// The share of the exact neighbours that were found, or others at the same distance in their place.
fn recall<F: Float>(
    search: &SymmetricSearch<'_, F>,
    test: &[(u32, Vec<Found>)],
    block_of_group: &[u32],
) -> f64 {
    let (mut right, mut wanted) = (0, 0);
    for (group, exact) in test {
        let farthest = exact.last().map_or(0.0, |last| last.distance);
        let found = search.found_of(*group, block_of_group);
        right += found.iter().filter(|other| other.distance <= farthest).count();
        wanted += exact.len();
    }
    right as f64 / wanted as f64
}

/// Different groups in ascending order, as the seed has it.
pub(crate) fn random_groups(n_groups: usize, n_sample: usize, seed: u64) -> Vec<u32> {
    // One of each of as many stretches of about the same length.
    let start = |at: usize| at * n_groups / n_sample;
    let draw = |at: usize| {
        let len = (start(at + 1) - start(at)) as u64;
        start(at) as u32 + (next_seed(seed, at as u64) % len) as u32
    };
    (0..n_sample).map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duplicates::Groups;
    use crate::features::Rows;
    use crate::metric::Metric;
    use cleanlab_core::RandomState;
    use ndarray::{Array2, CowArray, Ix2};

    #[test]
    fn probe_with_any_instructions_finds_the_same() {
        let mut random = RandomState::new(3);
        let values = Array2::from_shape_fn((2500, 10), |(row, column)| {
            if column < 2 {
                random.standard_normal()
            } else {
                ((row * column) % 11) as f64 + 0.1 * random.random_sample()
            }
        });
        let features: CowArray<'_, f64, Ix2> = values.view().into();
        let rows = Rows::new(&features);
        let groups = Groups::new(rows);
        let norms = vec![1.0; rows.len()];
        let searched = Searched { metric: Metric::Euclidean, rows, norms: &norms, groups: &groups };
        let options = ApproximateOptions::default().with_target_recall(0.5);
        let nearest = |products| {
            let found = probe(&searched, 5, products, &options).expect("few pairs are needed");
            assert_eq!(found.found_by, FoundBy::ApproximateSearch);
            let found = found.nearest.into_iter().flatten();
            found.map(|found| (found.group, found.distance.to_bits())).collect::<Vec<_>>()
        };
        if let Some(fast) = CodeProducts::fast() {
            assert_eq!(nearest(fast), nearest(CodeProducts::Portable));
        }
        assert_eq!(nearest(CodeProducts::Portable).len(), 5 * groups.len());
    }
}
