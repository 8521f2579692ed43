//! Data whose order matters: drift, change points, rows that resemble those beside them.

use cleanlab_neighbors::{KnnGraph, KnnGraphOptions, Metric, create_knn_graph};
use ndarray::{Array1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

use super::graph_facts::metric_value;
use crate::check_context::{CheckContext, KeptGraph};
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::inputs::Matrix;
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::Task;

/// Tests whether rows resemble rows near them in the order of the data more than chance allows.
///
/// The distance of two rows here is that of their positions. The Kolmogorov–Smirnov statistic compares the distances of
/// all rows from their nearest neighbours with those of all pairs of rows. The same statistic after
/// `num_permutations` random orders of the rows, smoothed by a Gaussian kernel density with Scott's bandwidth, gives the
/// p-value: the probability of at least the statistic found. It is the score of the whole.
///
/// The score of a row is 1 − tanh(a / m). Here a is the area between the distribution of the distances from its
/// neighbours and that of the distances from all rows, and m the larger of its position and of the number of rows from
/// it to the end. If the p-value is below `significance_threshold`, the one row with the lowest score is flagged, to
/// stand for the whole.
///
/// Neighbours are those of the features or of the given graph; for classification without either, those of the
/// predicted probabilities.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, NonIidCheck, Task};
/// use ndarray::Array2;
///
/// // A sensor that drifts.
/// let features = Array2::from_shape_fn((200, 1), |(row, _)| row as f64 + (row as f64 * 0.7).sin());
/// let mut lab = Datalab::unlabeled(200, Task::Regression)?;
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(NonIidCheck::default()));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// let findings = lab.get_findings("non_iid")?;
/// assert_eq!(findings.num_issues(), 1);
/// assert!(findings.info.number("p-value") < Some(1e-6));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.noniid.NonIIDIssueManager`.
///
/// # Differences
///
/// Where the statistic is the same in all orders, as it is among two rows, or if all rows are neighbours, cleanlab fails
/// or answers with what rounding leaves. Here the p-value is then the limit of a narrow kernel: 1, ½ or 0 as the
/// statistic found is less, equal or greater.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NonIidCheck {
    /// Number of neighbours. All of a graph that has more count. Default 10.
    pub k: usize,
    /// Number of random orders, at least 2. Default 25.
    pub num_permutations: usize,
    /// Seed of the random orders; `None` for others every time. Default `Some(0)`.
    pub seed: Option<u32>,
    /// The p-value below which the data are taken for ordered, in [0, 1]. Default 0.05.
    pub significance_threshold: f64,
    /// The metric of the neighbours. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
}

impl Default for NonIidCheck {
    fn default() -> Self {
        Self { k: 10, num_permutations: 25, seed: Some(0), significance_threshold: 0.05, metric: None }
    }
}

impl NonIidCheck {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets the number of random orders.
    #[must_use]
    pub fn with_num_permutations(mut self, num_permutations: usize) -> Self {
        self.num_permutations = num_permutations;
        self
    }

    /// Sets the seed of the random orders; `None` for others every time.
    #[must_use]
    pub fn with_seed(mut self, seed: Option<u32>) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the p-value below which the data are taken for ordered.
    #[must_use]
    pub fn with_significance_threshold(mut self, significance_threshold: f64) -> Self {
        self.significance_threshold = significance_threshold;
        self
    }

    /// Sets the metric of the neighbours.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    fn graph(&self, context: &CheckContext<'_>) -> Result<KeptGraph, CheckError> {
        match (context.knn_graph(self.k, self.metric), pred_probs_of(context)) {
            // Neighbours by predictions serve this check alone and are not kept.
            (Err(CheckError::MissingInput { .. } | CheckError::GraphTooSmall { .. }), Some(pred_probs)) => {
                let metric = self.metric.unwrap_or_else(|| Metric::default_for(pred_probs.dim().1));
                let options = KnnGraphOptions::default()
                    .with_k(self.k)
                    .with_metric(metric)
                    .with_search(context.neighbor_search());
                let graph = match pred_probs {
                    Matrix::F32(view) => create_knn_graph(view, &options)?,
                    Matrix::F64(view) => create_knn_graph(view, &options)?,
                };
                Ok(KeptGraph { graph: graph.into(), metric: Some(metric) })
            }
            (found, _) => found,
        }
    }
}

fn pred_probs_of<'a>(context: &CheckContext<'a>) -> Option<Matrix<'a>> {
    context.pred_probs().filter(|_| context.task() == Task::Classification)
}

impl IssueManager for NonIidCheck {
    fn issue_name(&self) -> &'static str {
        "non_iid"
    }

    fn description(&self) -> &'static str {
        "Whether the order of the rows matters: drift, change points, or rows that resemble those beside them."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        let can_run = context.has_knn_graph(self.k) || pred_probs_of(context).is_some();
        (!can_run).then(|| match context.task() {
            Task::Classification => "features, a knn_graph or pred_probs".to_owned(),
            Task::Regression | Task::Multilabel => "features or a knn_graph".to_owned(),
        })
    }

    fn neighbors_needed(&self, context: &CheckContext<'_>) -> Option<usize> {
        context.has_knn_graph(self.k).then_some(self.k)
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        if !(2..=MOST_PERMUTATIONS).contains(&self.num_permutations) {
            let (option, value) = ("num_permutations", self.num_permutations as f64);
            return Err(CheckError::OptionOutOfRange { option, value, bound: "from 2 to a million" });
        }
        if !(0.0..=1.0).contains(&self.significance_threshold) {
            let (option, value) = ("significance_threshold", self.significance_threshold);
            return Err(CheckError::OptionOutOfRange { option, value, bound: "between 0 and 1" });
        }
        let KeptGraph { graph, metric } = self.graph(context)?;
        let (p_value, scores) = rayon::join(|| self.p_value(&graph), || row_scores(graph.indices()));
        let worst =
            (0..scores.len()).fold(0, |worst, row| if scores[row] < scores[worst] { row } else { worst });
        let is_issue =
            Array1::from_shape_fn(scores.len(), |row| row == worst && p_value < self.significance_threshold);
        let info = Info::default()
            .with("p-value", InfoValue::Float(p_value))
            .with("metric", metric_value(metric))
            .with("k", InfoValue::Integer(self.k as i64));
        Ok(IssueFindings::of_rows(is_issue, scores).with_score(p_value).with_info(info))
    }
}

/// More than anybody waits for.
const MOST_PERMUTATIONS: usize = 1_000_000;

/// Statistics that differ by less do so by rounding.
const SAME_STATISTIC: f64 = 1e-12;

/// Random orders that are held at a time.
const ORDERS_AT_A_TIME: usize = 16;

/// Random orders that one task looks at: what it writes fits a core's second-level cache up to some 50,000 rows.
const ORDERS_PER_TASK: usize = 4;

impl NonIidCheck {
    fn p_value(&self, graph: &KnnGraph) -> f64 {
        let (neighbors, n_rows) = (graph.indices(), graph.n_rows());
        let all_pairs = distances_of_all_pairs(n_rows);
        let all_pairs = all_pairs.as_slice();
        let in_order: Vec<[u32; 1]> = (0..n_rows as u32).map(|row| [row]).collect();
        let mut stream = self.stream();
        let mut found = [0.0];
        let mut statistics = vec![0.0; self.num_permutations];
        for (held, statistics) in statistics.chunks_mut(ORDERS_AT_A_TIME).enumerate() {
            // The next orders are drawn while those before are looked at.
            rayon::scope(|scope| {
                if held == 0 {
                    let (found, in_order) = (&mut found, &in_order);
                    scope.spawn(move |_| *found = ks_statistics(neighbors, in_order, all_pairs));
                }
                for statistics in statistics.chunks_mut(ORDERS_PER_TASK) {
                    let mut positions = vec![[0_u32; ORDERS_PER_TASK]; n_rows];
                    let mut order: Vec<u32> = Vec::with_capacity(n_rows);
                    for at in 0..statistics.len() {
                        order.clear();
                        order.extend(0..n_rows as u32);
                        stream.shuffle(&mut order);
                        positions.iter_mut().zip(&order).for_each(|(to, &position)| to[at] = position);
                    }
                    scope.spawn(move |_| {
                        let found = ks_statistics(neighbors, &positions, all_pairs);
                        statistics.copy_from_slice(&found[..statistics.len()]);
                    });
                }
            });
        }
        smoothed_share_above(found[0], &statistics)
    }

    fn stream(&self) -> cleanlab_core::RandomState {
        use std::hash::{BuildHasher, RandomState};
        // The standard library's hashers are keyed by the operating system's randomness.
        let seed = self.seed.unwrap_or_else(|| RandomState::new().hash_one(0) as u32);
        cleanlab_core::RandomState::new(seed)
    }
}

/// For d = 1, 2, …, N − 1 the share of all pairs of rows that are at most d apart.
fn distances_of_all_pairs(n_rows: usize) -> Vec<f64> {
    let n_pairs = (n_rows as f64) * (n_rows as f64 - 1.0) / 2.0;
    let shares = (1..n_rows).map(|distance| (n_rows - distance) as f64 / n_pairs);
    shares
        .scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        })
        .collect()
}

/// In each of M orders the largest difference between the distribution of the distances between neighbours, each row
/// standing at its `positions`, and that of all pairs. Counting distances takes the place of sorting them.
fn ks_statistics<const M: usize>(
    neighbors: ArrayView2<'_, u32>,
    positions: &[[u32; M]],
    all_pairs: &[f64],
) -> [f64; M] {
    let mut counts = vec![[0_u32; M]; positions.len()];
    for (list, own) in neighbors.axis_iter(Axis(0)).zip(positions) {
        for &neighbor in list {
            let other = &positions[neighbor as usize];
            for at in 0..M {
                counts[own[at].abs_diff(other[at]) as usize][at] += 1;
            }
        }
    }
    let total = neighbors.len() as f64;
    let Some((&last_share, shares)) = all_pairs.split_last() else {
        return [0.0; M];
    };
    // Counts are far below 2⁵³, so that their sums are exact.
    let mut n_nearer = [0.0_f64; M];
    let mut statistics = [0.0_f64; M];
    for (counts, &share) in counts[1..].iter().zip(shares) {
        for at in 0..M {
            let count = f64::from(counts[at]);
            // As the reference does, the distribution is looked at just before each distance, not at it.
            let below = (n_nearer[at] / total - share).abs();
            let above = ((n_nearer[at] + (count - 1.0)) / total - share).abs();
            let larger = if above > below { above } else { below };
            if count > 0.0 && larger > statistics[at] {
                statistics[at] = larger;
            }
            n_nearer[at] += count;
        }
    }
    // There is one more distance at the end.
    let last = &counts[counts.len() - 1];
    for at in 0..M {
        let below = (n_nearer[at] / total - last_share).abs();
        let above = ((n_nearer[at] + f64::from(last[at])) / total - last_share).abs();
        statistics[at] = statistics[at].max(below).max(above);
    }
    statistics
}

/// The mass above `found` of a Gaussian kernel density over `statistics`, as `scipy.stats.gaussian_kde` makes it.
fn smoothed_share_above(found: f64, statistics: &[f64]) -> f64 {
    let n = statistics.len() as f64;
    let mean = cleanlab_core::pairwise_sum(statistics) / n;
    let squares: Vec<f64> = statistics.iter().map(|value| (value - mean) * (value - mean)).collect();
    let variance = cleanlab_core::pairwise_sum(&squares) / (n - 1.0);
    let largest = statistics.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let smallest = statistics.iter().copied().fold(f64::INFINITY, f64::min);
    let differ = largest - smallest > SAME_STATISTIC;
    // Scott's rule in one dimension.
    let bandwidth = variance.sqrt() * n.powf(-0.2);
    let shares: Vec<f64> = statistics
        .iter()
        .map(|value| match found - value {
            difference if differ => 0.5 * erfc(difference / (bandwidth * std::f64::consts::SQRT_2)),
            difference if difference > SAME_STATISTIC => 0.0,
            difference if difference < -SAME_STATISTIC => 1.0,
            _ => 0.5,
        })
        .collect();
    (cleanlab_core::pairwise_sum(&shares) / n).clamp(0.0, 1.0)
}

fn row_scores(neighbors: ArrayView2<'_, u32>) -> Array1<f64> {
    let n_rows = neighbors.nrows();
    let scores: Vec<f64> = (0..n_rows)
        .into_par_iter()
        .with_min_len(1024)
        .map_init(
            || (Vec::new(), Vec::new()),
            |(distances, areas), row| {
                distances.clear();
                distances.extend(neighbors.row(row).iter().map(|&neighbor| row.abs_diff(neighbor as usize)));
                distances.sort_unstable();
                distances.push(n_rows - 1);
                row_score(row, n_rows, distances, areas)
            },
        )
        .collect();
    scores.into()
}

/// The score of a row from the sorted distances from its neighbours, followed by the largest possible distance.
fn row_score(row: usize, n_rows: usize, distances: &[usize], areas: &mut Vec<f64>) -> f64 {
    let background = Background::new(row, n_rows);
    let k = (distances.len() - 1) as f64;
    let (mut before, mut area_before) = (0.0, 0.0);
    areas.clear();
    areas.extend(distances.iter().enumerate().map(|(n_nearer, &distance)| {
        let (at, area) = (distance as f64, background.area_up_to(distance));
        let foreground = n_nearer as f64 / k * (at - before);
        let difference = (foreground - (area - area_before)).abs();
        (before, area_before) = (at, area);
        difference
    }));
    let largest = row.max(n_rows - row) as f64;
    (-(cleanlab_core::pairwise_sum(areas) / largest)).tanh() + 1.0
}

/// The distribution of the distances of a row from all others: two rows at each distance up to the nearer end, one at
/// each up to the farther end, none beyond.
struct Background {
    nearer_end: usize,
    farther_end: usize,
    n_others: f64,
    area_to_nearer_end: f64,
    area_between_ends: f64,
}

impl Background {
    fn new(row: usize, n_rows: usize) -> Self {
        let nearer_end = row.min(n_rows - 1 - row);
        let farther_end = n_rows - 1 - nearer_end;
        let n_others = (n_rows - 1) as f64;
        let share_to_nearer_end = (2 * nearer_end) as f64 / n_others;
        Self {
            nearer_end,
            farther_end,
            n_others,
            area_to_nearer_end: (nearer_end * nearer_end) as f64 / n_others,
            area_between_ends: 0.5 * (share_to_nearer_end + 1.0) * (farther_end - nearer_end) as f64,
        }
    }

    /// The area below the cumulative distribution.
    fn area_up_to(&self, distance: usize) -> f64 {
        let Self { nearer_end, farther_end, n_others, .. } = *self;
        if distance <= nearer_end {
            (distance * distance) as f64 / n_others
        } else if distance <= farther_end {
            let twice = (distance + 3 * nearer_end) * (distance - nearer_end);
            self.area_to_nearer_end + 0.5 * (twice as f64 / n_others)
        } else {
            self.area_to_nearer_end + self.area_between_ends + (distance - farther_end) as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    /// The reference's formula, with a sort.
    fn ks_by_sorting(neighbors: ArrayView2<'_, u32>, positions: &[u32], all_pairs: &[f64]) -> f64 {
        let mut distances: Vec<usize> = neighbors
            .indexed_iter()
            .map(|((row, _), &neighbor)| positions[row].abs_diff(positions[neighbor as usize]) as usize)
            .collect();
        distances.sort_unstable();
        distances.push(positions.len() - 1);
        let total = (distances.len() - 1) as f64;
        let differences =
            distances.iter().enumerate().map(|(at, &d)| (at as f64 / total - all_pairs[d - 1]).abs());
        differences.fold(0.0, f64::max)
    }

    #[test]
    fn smoothed_share_above_equal_statistics_is_the_limit_of_a_narrow_kernel() {
        let shares = [0.4, 0.5, 0.6].map(|found| smoothed_share_above(found, &[0.5; 5]));
        assert_eq!(shares, [1.0, 0.5, 0.0]);
    }

    #[test]
    fn ks_statistic_of_rows_beside_each_other_is_that_of_one_distance() {
        let neighbors = array![[1], [0], [3], [2]];
        let all_pairs = distances_of_all_pairs(4);
        // Half of the pairs are one apart, and just before the end all neighbours are.
        assert_eq!(ks_statistics(neighbors.view(), &[[0], [1], [2], [3]], &all_pairs), [0.5]);
    }

    proptest! {
        #[test]
        fn ks_statistic_by_counting_equals_that_by_sorting(
            n_rows in 2_usize..40, k in 1_usize..6, seed in any::<u32>(),
        ) {
            let mut stream = cleanlab_core::RandomState::new(seed);
            let k = k.min(n_rows - 1);
            let lists = ndarray::Array2::from_shape_fn((n_rows, k), |(row, _)| {
                let other = stream.randint(0, n_rows as i64 - 1).unwrap() as usize;
                (if other < row { other } else { other + 1 }) as u32
            });
            let orders: [Vec<u32>; 3] = std::array::from_fn(|_| {
                stream.permutation(n_rows).into_iter().map(|row| row as u32).collect()
            });
            let positions: Vec<[u32; 3]> = (0..n_rows).map(|row| orders.each_ref().map(|o| o[row])).collect();
            let all_pairs = distances_of_all_pairs(n_rows);
            let counted = ks_statistics(lists.view(), &positions, &all_pairs);
            prop_assert_eq!(counted, orders.each_ref().map(|o| ks_by_sorting(lists.view(), o, &all_pairs)));
        }
    }
}
