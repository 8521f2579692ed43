//! The approximate search by descent: neighbours of neighbours are likely to be neighbours.
//!
//! Projection trees give every row some rows to begin with. Then every row introduces those that list it, or that it
//! lists, to each other, as long as that brings nearer ones. What has met once does not meet again: in each round only
//! pairs are compared of which one is new to the list. In the end the exact distances of all that are listed decide.

use cleanlab_core::Float;
use rayon::prelude::*;

use crate::approximate::{ApproximateOptions, FoundBy};
use crate::codes::Space;
use crate::metric::Metric;
use crate::neighbor_lists::{MOST_ENTRIES, NeighborLists, Proposals};
use crate::partition::next_seed;
use crate::probing::{Approximation, random_groups};
use crate::projection_trees::Leaves;
use crate::row_codes::{MOST_FEATURES, RowCodes};
use crate::sampled_neighbors::{MeasureOthers, SampledNeighbors, nearest_of};
use crate::search::{Found, Searched, nearer};
use crate::short_products::{Products, WithProducts, with_products};

/// With fewer groups comparing all of them is as fast.
const FEWEST_GROUPS: usize = 8192;

/// Neighbours of data of more dimensions than this have too few neighbours in common.
const MOST_DIMENSIONS: f64 = 40.0;

/// But where trees find so many of them there are clusters, which a descent does well in.
const LEAST_BEGINNING: f64 = 0.05;

/// Trees that the lists begin with, and rows in a leaf at most. More trees save rounds that cost as much.
const TREES: u64 = 6;
const LEAF_ROWS: usize = 48;

/// Most rows of a list, new and as many old, that are introduced to each other in a round.
const CANDIDATES: usize = 16;

/// A round that changes a smaller share of the entries is the last.
const LEAST_CHANGE: f64 = 0.001;

/// Rounds end by themselves; this is for what nobody foresaw.
const MOST_ROUNDS: u64 = 30;

/// Which part of the gap between the target and 1 is left for chance.
const MARGIN: f64 = 0.5;

/// Rows whose candidates one task compares.
const ROWS_PER_TASK: usize = 128;

/// About the `k` groups nearest to each group; `None` where too few of the nearest are found, or all are found as fast.
pub(crate) fn descend<F: Float>(
    searched: &Searched<'_, F>,
    k: usize,
    options: &ApproximateOptions,
) -> Option<Approximation> {
    let n_groups = searched.groups.len();
    if !(FEWEST_GROUPS..NEW as usize).contains(&n_groups)
        || list_len(k) > MOST_ENTRIES
        || searched.rows.columns() > MOST_FEATURES
    {
        return None;
    }
    let space = Space::new(searched);
    let codes = RowCodes::new(searched, &space, (0..n_groups as u32).collect());
    let tree_seed = |tree| next_seed(next_seed(options.seed, 3), tree);
    let first = Leaves::of_tree(&codes, LEAF_ROWS, tree_seed(0));
    // What is near in the first tree is near in memory from here on.
    let codes = codes.in_order(&first.slots);
    let first = Leaves { slots: (0..n_groups as u32).collect(), ends: first.ends };
    let n_sample = options.recall_sample.min(n_groups);
    let sample = random_groups(n_groups, n_sample, next_seed(options.seed, 2));
    let sample = nearest_of(searched, &codes, &sample, k);
    let mut descent = Descent::new(&codes, k, next_seed(options.seed, 4));
    descent.begin(&first);
    for tree in 1..TREES {
        descent.begin(&Leaves::of_tree(&codes, LEAF_ROWS, tree_seed(tree)));
    }
    if dimensions(searched.metric, &sample) > MOST_DIMENSIONS
        && descent.listed_share(searched, &sample) < LEAST_BEGINNING
    {
        return None;
    }
    let wanted = options.target_recall + MARGIN * (1.0 - options.target_recall);
    let mut estimated_recall = descent.run(searched, &sample, wanted);
    if estimated_recall < options.target_recall {
        let longer = (2 * descent.lists.len()).min(MOST_ENTRIES);
        descent.lists = descent.lists.lengthened(longer);
        estimated_recall = descent.run(searched, &sample, wanted);
    }
    (estimated_recall >= options.target_recall).then(|| Approximation {
        nearest: descent.into_found(searched, k),
        found_by: FoundBy::ApproximateSearch,
        estimated_recall,
        recall_sample: n_sample,
    })
}

/// Entries of a list that is to hold `k` neighbours in the end: some more lead to others.
fn list_len(k: usize) -> usize {
    k + k.div_ceil(2) + 2
}

/// How many dimensions the data seem to have, by how fast neighbours become more with distance: the maximum likelihood
/// estimate of Levina and Bickel (NIPS 2004), averaged as `MacKay` and Ghahramani have it.
fn dimensions(metric: Metric, sample: &[SampledNeighbors]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for sampled in sample {
        let Some((farthest, nearer)) = sampled.nearest.split_last() else {
            continue;
        };
        for found in nearer.iter().filter(|found| found.distance > 0.0) {
            sum += (farthest.distance / found.distance).ln();
            count += 1.0;
        }
    }
    // Distances by angle grow with the square of the way.
    if metric == Metric::Cosine { 2.0 * count / sum } else { count / sum }
}

struct Descent<'d> {
    codes: &'d RowCodes,
    lists: NeighborLists,
    seed: u64,
}

/// For each slot those that are introduced to each other there.
struct Candidates {
    slots: Vec<u32>,
    n_new: Vec<u8>,
    n_old: Vec<u8>,
}

impl<'d> Descent<'d> {
    fn new(codes: &'d RowCodes, k: usize, seed: u64) -> Self {
        Self { codes, lists: NeighborLists::new(codes.len(), list_len(k)), seed }
    }

    /// Pairs of rows that are compared before lists take what came of it: what is proposed takes little memory then.
    fn pairs_at_a_time(&self) -> usize {
        (8 * self.lists.n_slots()).min(1 << 21)
    }

    /// Compares the rows of each leaf of a tree.
    fn begin(&mut self, leaves: &Leaves) {
        let leaf_len = leaves.slots.len().div_ceil(leaves.len());
        let pairs = leaf_len * leaf_len / 2;
        let per_round = (self.pairs_at_a_time() / pairs.max(1)).max(1);
        let n_rounds = leaves.len().div_ceil(per_round);
        for round in 0..n_rounds {
            // Leaves from everywhere, so that all parts of the lists have something to take.
            let leaves_of_round: Vec<usize> = (round..leaves.len()).step_by(n_rounds).collect();
            let found: Vec<Proposals> = leaves_of_round
                .par_chunks(16)
                .map(|some| {
                    let mut proposals = Proposals::new(&self.lists);
                    let members = some.iter().map(|&leaf| (leaves.leaf(leaf), leaves.leaf(leaf).len()));
                    with_products(Introduce {
                        codes: self.codes,
                        lists: &self.lists,
                        members,
                        proposals: &mut proposals,
                    });
                    proposals
                })
                .collect();
            self.lists.take(&found);
        }
    }

    /// Rounds of introductions until the wanted share of the neighbours is listed, or nothing much changes any more; gives
    /// the share.
    fn run<F: Float>(&mut self, searched: &Searched<'_, F>, sample: &[SampledNeighbors], wanted: f64) -> f64 {
        for step in 0..MOST_ROUNDS {
            let changed = self.step(step);
            let share = self.listed_share(searched, sample);
            if share >= wanted || changed < LEAST_CHANGE {
                return share;
            }
        }
        self.listed_share(searched, sample)
    }

    /// One round of introductions; gives the share of entries that it changed.
    fn step(&mut self, step: u64) -> f64 {
        let most = CANDIDATES;
        let candidates = self.candidates(next_seed(self.seed, step));
        let per_round = self.pairs_at_a_time() / (most * most);
        let n_slots = self.lists.n_slots();
        let n_tasks = n_slots.div_ceil(ROWS_PER_TASK);
        let n_rounds = n_slots.div_ceil(per_round);
        let mut taken = 0;
        for round in 0..n_rounds {
            let tasks: Vec<usize> = (round..n_tasks).step_by(n_rounds).collect();
            let found: Vec<Proposals> = tasks
                .into_par_iter()
                .map(|task| {
                    let mut proposals = Proposals::new(&self.lists);
                    let slots = task * ROWS_PER_TASK..n_slots.min((task + 1) * ROWS_PER_TASK);
                    with_products(Introduce {
                        codes: self.codes,
                        lists: &self.lists,
                        members: slots.map(|slot| candidates.of(slot)),
                        proposals: &mut proposals,
                    });
                    proposals
                })
                .collect();
            taken += self.lists.take(&found);
        }
        taken as f64 / (n_slots * self.lists.len()) as f64
    }

    fn candidates(&mut self, seed: u64) -> Candidates {
        let (lists, most) = (&self.lists, CANDIDATES);
        let n_slots = lists.n_slots();
        let listed_by = ListedBy::new(lists);
        let mut slots = vec![0; n_slots * 2 * most];
        let mut n_new = vec![0_u8; n_slots];
        let mut n_old = vec![0_u8; n_slots];
        slots
            .par_chunks_mut(2 * most)
            .zip(&mut n_new)
            .zip(&mut n_old)
            .enumerate()
            .with_min_len(64)
            .for_each_init(
                || [Vec::new(), Vec::new()],
                |chosen, (slot, ((slots, n_new), n_old))| {
                    chosen.iter_mut().for_each(Vec::clear);
                    let [new, old] = chosen;
                    let forward = lists.list(slot).map(|entry| (entry.slot, entry.is_new));
                    for (other, is_new) in forward.chain(listed_by.of(slot)) {
                        let (a, b) = ((slot as u32).min(other), (slot as u32).max(other));
                        let place = next_seed(seed, (u64::from(a) << 32) | u64::from(b)) >> 32;
                        if is_new { new.push((place as u32, other)) } else { old.push((place as u32, other)) }
                    }
                    let take = |chosen: &mut Vec<(u32, u32)>| {
                        // A pair that lists each other stands twice, side by side.
                        if chosen.len() > 2 * most {
                            chosen.select_nth_unstable(2 * most);
                            chosen.truncate(2 * most);
                        }
                        chosen.sort_unstable();
                        chosen.dedup();
                        chosen.truncate(most);
                    };
                    take(new);
                    take(old);
                    old.retain(|entry| !new.contains(entry));
                    for (slot, (_, from)) in slots.iter_mut().zip(new.iter().chain(old.iter())) {
                        *slot = *from;
                    }
                    (*n_new, *n_old) = (new.len() as u8, old.len() as u8);
                },
            );
        let candidates = Candidates { slots, n_new, n_old };
        self.lists.settle(|slot, other| {
            let (members, n_new) = candidates.of(slot);
            members[..n_new].contains(&other)
        });
        candidates
    }

    /// The share of the sampled rows' neighbours that are listed, or others at the same distance in their place.
    fn listed_share<F: Float>(&self, searched: &Searched<'_, F>, sample: &[SampledNeighbors]) -> f64 {
        let (codes, arch) = (self.codes, pulp::Arch::new());
        let (mut listed, mut wanted) = (0, 0);
        let mut found = Vec::new();
        for SampledNeighbors { slot, nearest } in sample {
            let others: Vec<u32> = self.lists.list(*slot as usize).map(|entry| entry.slot).collect();
            found.clear();
            arch.dispatch(MeasureOthers { searched, codes, slot: *slot, others: &others, found: &mut found });
            let farthest = nearest.last().map_or(0.0, |last| last.distance);
            let near = found.iter().filter(|other| other.distance <= farthest).count();
            listed += near.min(nearest.len());
            wanted += nearest.len();
        }
        listed as f64 / wanted as f64
    }

    /// The `k` nearest of each list, by exact distances, for each group.
    fn into_found<F: Float>(self, searched: &Searched<'_, F>, k: usize) -> Vec<Vec<Found>> {
        let arch = pulp::Arch::new();
        let (largest_error, _) = self.codes.largest_error();
        let of_slots: Vec<Vec<Found>> = (0..self.codes.len())
            .into_par_iter()
            .with_min_len(64)
            .map_init(Vec::new, |others, slot| {
                // Those behind the k-th may be nearer than their codes tell, but only so much.
                let limit = self.lists.list(slot).nth(k - 1).map_or(f32::INFINITY, |last| {
                    let errors = 2.0 * (self.codes.measure(slot as u32).error + largest_error);
                    (last.distance.sqrt() + errors).powi(2) * (1.0 + 1e-6)
                });
                let near = self.lists.list(slot).take_while(|entry| entry.distance <= limit);
                others.clear();
                others.extend(near.map(|entry| entry.slot));
                let mut found = Vec::with_capacity(others.len());
                let (codes, slot) = (self.codes, slot as u32);
                arch.dispatch(MeasureOthers { searched, codes, slot, others, found: &mut found });
                found.sort_unstable_by(nearer);
                found.truncate(k);
                found
            })
            .collect();
        let mut of_groups = vec![Vec::new(); of_slots.len()];
        for (&group, found) in self.codes.groups.iter().zip(of_slots) {
            of_groups[group as usize] = found;
        }
        of_groups
    }
}

impl Candidates {
    /// All candidates of a slot, and how many of them, the first, are new.
    fn of(&self, slot: usize) -> (&[u32], usize) {
        let (n_new, n_old) = (usize::from(self.n_new[slot]), usize::from(self.n_old[slot]));
        (&self.slots[slot * 2 * CANDIDATES..][..n_new + n_old], n_new)
    }
}

/// For each slot those that list it.
struct ListedBy {
    /// Entries of all lists together are more than 32 bits can count from some 250 million slots on.
    starts: Vec<usize>,
    by: Vec<u32>,
}

/// Marks an entry as new; slots are below it.
const NEW: u32 = 1 << 31;

impl ListedBy {
    fn new(lists: &NeighborLists) -> Self {
        let n_slots = lists.n_slots();
        let mut starts = vec![0_usize; n_slots + 2];
        for slot in 0..n_slots {
            lists.list(slot).for_each(|entry| starts[entry.slot as usize + 2] += 1);
        }
        for slot in 0..n_slots {
            starts[slot + 2] += starts[slot + 1];
        }
        let mut by = vec![0; starts[n_slots + 1]];
        for slot in 0..n_slots {
            for entry in lists.list(slot) {
                let at = &mut starts[entry.slot as usize + 1];
                by[*at] = slot as u32 | if entry.is_new { NEW } else { 0 };
                *at += 1;
            }
        }
        Self { starts, by }
    }

    fn of(&self, slot: usize) -> impl Iterator<Item = (u32, bool)> {
        let by = &self.by[self.starts[slot]..self.starts[slot + 1]];
        by.iter().map(|&by| (by & !NEW, by & NEW != 0))
    }
}

/// Compares the first members of each set with all that come behind them.
struct Introduce<'i, I> {
    codes: &'i RowCodes,
    lists: &'i NeighborLists,
    members: I,
    proposals: &'i mut Proposals,
}

impl<'i, I: Iterator<Item = (&'i [u32], usize)>> WithProducts for Introduce<'i, I> {
    type Output = ();

    #[inline(always)]
    fn run<P: Products>(self, products: P) {
        let Self { codes, lists, members, proposals } = self;
        for (members, n_first) in members {
            for (at, &slot) in members[..n_first].iter().enumerate() {
                let (row, own) = (codes.row(slot), codes.measure(slot));
                let (tiles, rest) = members[at + 1..].as_chunks::<4>();
                for tile in tiles {
                    let sums = products.products(row, tile.map(|other| codes.row(other)));
                    for (sum, &other) in sums.into_iter().zip(tile) {
                        let distance = own.squared_distance(codes.measure(other), sum);
                        proposals.propose(lists, distance, slot, other);
                    }
                }
                for &other in rest {
                    let [sum] = products.products(row, [codes.row(other)]);
                    let distance = own.squared_distance(codes.measure(other), sum);
                    proposals.propose(lists, distance, slot, other);
                }
            }
        }
    }
}
