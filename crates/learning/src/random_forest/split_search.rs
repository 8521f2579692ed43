//! The best split of a node by one feature.

/// A row of the tree that is being grown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Position among the counted rows.
    pub(super) row: u32,
    pub(super) class: u32,
    /// Its weight, times how often it was drawn.
    pub(super) weight: f64,
}

/// The rows of a node, and what they add up to.
#[derive(Clone, Copy)]
pub(super) struct NodeRows<'a> {
    pub(super) samples: &'a [Sample],
    /// The weight of every class.
    pub(super) totals: &'a [f64],
    /// The classes whose weight is not 0.
    pub(super) classes: &'a [u32],
    /// The sum of `totals`, and of their squares.
    pub(super) weight: f64,
    pub(super) squares: f64,
    pub(super) min_samples_leaf: usize,
}

/// What a feature has to offer to a node.
pub(super) enum Offer {
    /// All values are equal.
    Constant,
    /// No split leaves enough rows on both sides.
    Nothing,
    /// Rows whose rank is at most `rank` go left; the larger the score, the purer both sides.
    Split { score: f64, rank: u32 },
}

/// Buffers that all searches of a thread share.
#[derive(Default)]
pub(super) struct SearchBuffers {
    /// Rank and position in the node, the rank in the upper half.
    keys: Vec<u64>,
    sorted: Vec<u64>,
    /// The weight of every class at every rank, and the number of rows there.
    weights_at_rank: Vec<f64>,
    rows_at_rank: Vec<u32>,
    /// The weight of every class on the left of a sweep, 0 between two searches.
    left: Vec<f64>,
}

impl SearchBuffers {
    pub(super) fn best_split(&mut self, node: NodeRows<'_>, ranks: &[u32]) -> Offer {
        self.keys.clear();
        let (mut lowest, mut highest) = (u32::MAX, 0);
        self.keys.extend(node.samples.iter().zip(0_u64..).map(|(sample, at)| {
            let rank = ranks[sample.row as usize];
            lowest = lowest.min(rank);
            highest = highest.max(rank);
            u64::from(rank) << 32 | at
        }));
        if lowest == highest {
            return Offer::Constant;
        }
        self.left.resize(node.totals.len(), 0.0);
        let n_ranks = (highest - lowest) as usize + 1;
        let offer = if n_ranks.saturating_mul(node.totals.len()) <= 2 * node.samples.len() {
            self.search_counts(node, lowest, n_ranks)
        } else {
            sort_by_rank(&mut self.keys, &mut self.sorted, lowest, highest);
            self.search_sorted(node)
        };
        // Only where it can have changed: with many classes most nodes have few of them.
        for &class in node.classes {
            self.left[class as usize] = 0.0;
        }
        offer
    }

    /// For few distinct values and many rows: adds up the weights at every value, without sorting.
    fn search_counts(&mut self, node: NodeRows<'_>, lowest: u32, n_ranks: usize) -> Offer {
        let n_classes = node.totals.len();
        self.weights_at_rank.clear();
        self.weights_at_rank.resize(n_ranks * n_classes, 0.0);
        self.rows_at_rank.clear();
        self.rows_at_rank.resize(n_ranks, 0);
        for (key, sample) in self.keys.iter().zip(node.samples) {
            let rank = ((key >> 32) as u32 - lowest) as usize;
            self.weights_at_rank[rank * n_classes + sample.class as usize] += sample.weight;
            self.rows_at_rank[rank] += 1;
        }
        let mut sweep = Sweep::new(node);
        let mut n_left = 0;
        for ((rank, &rows), weights) in
            (lowest..).zip(&self.rows_at_rank).zip(self.weights_at_rank.chunks_exact(n_classes))
        {
            if rows == 0 {
                continue;
            }
            for ((left, &total), &weight) in self.left.iter_mut().zip(node.totals).zip(weights) {
                sweep.move_left(left, total, weight);
            }
            n_left += rows as usize;
            if n_left + node.min_samples_leaf > node.samples.len() {
                break;
            }
            if n_left >= node.min_samples_leaf {
                sweep.consider(rank);
            }
        }
        sweep.offer()
    }

    fn search_sorted(&mut self, node: NodeRows<'_>) -> Offer {
        let mut sweep = Sweep::new(node);
        let keys = &self.keys[..=node.samples.len() - node.min_samples_leaf];
        for (at, pair) in keys.windows(2).enumerate() {
            let sample = node.samples[pair[0] as u32 as usize];
            let class = sample.class as usize;
            sweep.move_left(&mut self.left[class], node.totals[class], sample.weight);
            let (rank, next) = ((pair[0] >> 32) as u32, (pair[1] >> 32) as u32);
            if rank != next && at + 1 >= node.min_samples_leaf {
                sweep.consider(rank);
            }
        }
        sweep.offer()
    }
}

/// Rows move from the right side to the left one, in the order of their values.
///
/// Impurity is least where Σ wₗₖ² / Wₗ + Σ wᵣₖ² / Wᵣ is largest, and a row changes those sums at its own class alone.
struct Sweep {
    weight: f64,
    left_weight: f64,
    left_squares: f64,
    right_squares: f64,
    best: Option<(f64, u32)>,
}

impl Sweep {
    fn new(node: NodeRows<'_>) -> Self {
        Self {
            weight: node.weight,
            left_weight: 0.0,
            left_squares: 0.0,
            right_squares: node.squares,
            best: None,
        }
    }

    /// Moves a weight of a class that has `left` on the left so far and `total` on both sides.
    #[inline]
    fn move_left(&mut self, left: &mut f64, total: f64, weight: f64) {
        self.left_squares += weight * (2.0 * *left + weight);
        self.right_squares -= weight * (2.0 * (total - *left) - weight);
        self.left_weight += weight;
        *left += weight;
    }

    /// The score of the split at this rank, if it is the best so far; of equal ones the first stays.
    #[inline]
    fn consider(&mut self, rank: u32) {
        let right_weight = self.weight - self.left_weight;
        // A side cannot score more than its weight. Where weights differ by many orders of magnitude, what is left on
        // the right after all the subtractions may be a rounding error, even a negative one, and must not.
        let left = (self.left_squares / self.left_weight).min(self.left_weight);
        let right =
            if right_weight > 0.0 { (self.right_squares / right_weight).min(right_weight) } else { 0.0 };
        let score = left + right;
        if self.best.is_none_or(|(best, _)| score > best) {
            self.best = Some((score, rank));
        }
    }

    fn offer(self) -> Offer {
        self.best.map_or(Offer::Nothing, |(score, rank)| Offer::Split { score, rank })
    }
}

/// Below this many keys a comparison sort is as quick.
const RADIX_KEYS: usize = 256;

/// Sorts by the upper half, all of which lies between `lowest` and `highest`; equal ranks by position.
fn sort_by_rank(keys: &mut Vec<u64>, scratch: &mut Vec<u64>, lowest: u32, highest: u32) {
    // So many bits at a time that the counters stay in the first-level cache.
    const MOST_BITS: u32 = 11;
    if keys.len() < RADIX_KEYS {
        keys.sort_unstable();
        return;
    }
    let bits = 32 - (highest - lowest).leading_zeros();
    let digit_bits = bits.div_ceil(bits.div_ceil(MOST_BITS));
    let mut counts = [0_u32; 1 << MOST_BITS];
    scratch.clear();
    scratch.resize(keys.len(), 0);
    let mut shift = 0;
    while shift < bits {
        let digit =
            |key: u64| (((key >> 32) as u32 - lowest) >> shift) as usize & ((1 << digit_bits) - 1) & 0x7ff;
        counts[..1 << digit_bits].fill(0);
        for &key in keys.iter() {
            counts[digit(key)] += 1;
        }
        let mut start = 0;
        for count in &mut counts[..1 << digit_bits] {
            start += std::mem::replace(count, start);
        }
        for &key in keys.iter() {
            let place = &mut counts[digit(key)];
            scratch[*place as usize] = key;
            *place += 1;
        }
        std::mem::swap(keys, scratch);
        shift += digit_bits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision_tree::SplitMix64;

    #[test]
    fn sort_by_rank_any_size_and_range_sorts() {
        let mut random = SplitMix64::new(3, 0);
        for (n, range) in [(5, 9), (300, 2), (300, 3000), (4000, 1 << 23), (5000, u32::MAX as usize)] {
            let lowest = (u32::MAX as usize - range) as u32 / 2;
            let ranks: Vec<u32> = (0..n).map(|_| lowest + random.below(range) as u32).collect();
            let mut keys: Vec<u64> =
                ranks.iter().zip(0_u64..).map(|(&rank, at)| u64::from(rank) << 32 | at).collect();
            let mut expected = keys.clone();
            expected.sort_unstable();
            let (lowest, highest) = (*ranks.iter().min().unwrap(), *ranks.iter().max().unwrap());
            sort_by_rank(&mut keys, &mut Vec::new(), lowest, highest);
            assert_eq!(keys, expected, "{n} {range}");
        }
    }

    /// Both ways to search agree with trying every split.
    #[test]
    fn best_split_counted_or_sorted_is_the_purest() {
        let mut random = SplitMix64::new(5, 0);
        for round in 0..200 {
            let (n, n_classes) = (2 + random.below(40), 1 + random.below(4));
            let ranks: Vec<u32> = (0..n).map(|_| 7 + random.below(1 + round % 9) as u32).collect();
            let samples: Vec<Sample> = (0..n as u32)
                .map(|row| Sample {
                    row,
                    class: random.below(n_classes) as u32,
                    weight: (1 + random.below(8)) as f64 / 4.0,
                })
                .collect();
            let min_samples_leaf = 1 + random.below(3).min(n / 2 - 1);
            let sums = |keep: &dyn Fn(&Sample) -> bool| {
                let mut totals = vec![0.0; n_classes];
                for sample in samples.iter().filter(|sample| keep(sample)) {
                    totals[sample.class as usize] += sample.weight;
                }
                totals
            };
            let score =
                |totals: &[f64]| totals.iter().map(|w| w * w).sum::<f64>() / totals.iter().sum::<f64>();
            let mut best: Option<(f64, u32)> = None;
            for rank in 7..16 {
                let on_left = |sample: &Sample| ranks[sample.row as usize] <= rank;
                let n_left = samples.iter().filter(|&sample| on_left(sample)).count();
                if n_left < min_samples_leaf || n - n_left < min_samples_leaf || !ranks.contains(&rank) {
                    continue;
                }
                let both = score(&sums(&on_left)) + score(&sums(&|sample| !on_left(sample)));
                if best.is_none_or(|(best, _)| both > best + 1e-12) {
                    best = Some((both, rank));
                }
            }
            let totals = sums(&|_| true);
            let node = NodeRows {
                samples: &samples,
                totals: &totals,
                classes: &(0..n_classes as u32).collect::<Vec<_>>(),
                weight: totals.iter().sum(),
                squares: totals.iter().map(|w| w * w).sum(),
                min_samples_leaf,
            };
            match (SearchBuffers::default().best_split(node, &ranks), best) {
                (Offer::Constant, _) => assert!(ranks.iter().all(|&rank| rank == ranks[0])),
                (Offer::Nothing, None) => {}
                (Offer::Split { score: found, rank }, Some((best, expected))) => {
                    assert!((found - best).abs() < 1e-9);
                    let tied = rank != expected;
                    assert!(!tied || (found - best).abs() < 1e-9);
                }
                _ => panic!("one found a split where the other did not"),
            }
        }
    }
}
