//! Which rows each method flags in which class: one pass for all classes, then a selection in each class.
//!
//! A method of `cleanlab-filter` that prunes takes the n most suspicious rows and finally drops those whose given label
//! is the predicted one. With two classes both follow from a single probability: whoever is dropped is less suspicious
//! than whoever is not. So here only rows that would not be dropped are ever looked at, and mostly all of them are
//! taken or only few are to be ordered. The same holds of the lowest scores: there are never more issues than rows with
//! a score of at most one half.

use std::cmp::Ordering;

use cleanlab_core::Float;
use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_count::{Calibration, normalized_margin};
use cleanlab_filter::{FilterBy, FilterError, FindLabelIssuesOptions, LabelIssuesWarning, PruneCounts};
use rayon::prelude::*;

use crate::confident_joint::one_vs_rest_joint;
use crate::errors::MultilabelError;
use crate::multilabel_probs::{MultilabelProbs, complement_pair};
use crate::options::FindMultilabelIssuesOptions;
use crate::row_passes::{
    Annotations, ConfidentTest, LANES, LabelCounts, confident_thresholds, each_set, fold_annotations,
    rows_where,
};

/// The flagged rows of every class, each once, in no order.
pub(crate) struct FlaggedRows {
    pub(crate) by_class: Vec<Vec<usize>>,
    pub(crate) warnings: Vec<LabelIssuesWarning>,
}

pub(crate) fn flag_rows<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<FlaggedRows, MultilabelError> {
    let mut warnings = checked_options(data, options)?;
    let by_class = match options.filter_by {
        FilterBy::PruneByNoiseRate | FilterBy::PruneByClass | FilterBy::Both => {
            let pruned = pruned_rows(data, options)?;
            let classes: Vec<usize> =
                (0..data.n_classes()).filter(|&class| pruned[class].left_alone).collect();
            if !classes.is_empty() {
                let min_examples_per_class = options.min_examples_per_class;
                warnings.push(LabelIssuesWarning::TooFewExamples { classes, min_examples_per_class });
            }
            pruned.into_iter().map(|pruned| pruned.rows).collect()
        }
        FilterBy::LowNormalizedMargin => lowest_rows(data, |probs, given| normalized_margin(&probs, given)),
        FilterBy::LowSelfConfidence => lowest_rows(data, |probs, given| probs[given]),
        FilterBy::PredictedNeqGiven => rows_where(data, Annotations::predicted_otherwise),
        // `FilterBy` is open; what it has besides is confident learning.
        _ => {
            let test = ConfidentTest::new(confident_thresholds(data).view());
            rows_where(
                data,
                #[inline(always)]
                |annotations| test.issues(annotations),
            )
        }
    };
    Ok(FlaggedRows { by_class, warnings })
}

pub(crate) fn checked_options<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<Vec<LabelIssuesWarning>, MultilabelError> {
    let filter_by = options.filter_by;
    let mut warnings = Vec::new();
    if !(0.0..=1.0).contains(&options.frac_noise) {
        return Err(FilterError::FracNoise { value: options.frac_noise }.into());
    }
    if let Some(num_to_remove) = &options.num_to_remove_per_class {
        let (found, expected) = (num_to_remove.len(), data.n_classes());
        if !filter_by.prunes_by_counts() {
            return Err(FilterError::NotAPruningMethod { filter_by }.into());
        }
        if found != expected {
            return Err(FilterError::NumToRemoveLength { found, expected }.into());
        }
    }
    if let Some(confident_joint) = &options.confident_joint {
        confident_joint.check_classes(data.n_classes())?;
    }
    if !filter_by.prunes_by_counts() {
        let ignored = [
            ("frac_noise", options.frac_noise != 1.0),
            ("confident_joint", options.confident_joint.is_some()),
        ];
        warnings.extend(ignored.into_iter().filter_map(|(option, given)| {
            given.then_some(LabelIssuesWarning::OptionIgnored { option, filter_by })
        }));
    }
    Ok(warnings)
}

/// What a pass before pruning collects.
#[derive(Clone)]
struct Suspects {
    /// For each block of classes.
    counts: Vec<LabelCounts>,
    /// For each class, the rows without (0) and with it (1) that are predicted otherwise.
    rows: Vec<[Vec<usize>; 2]>,
}

#[derive(Default)]
struct PrunedClass {
    rows: Vec<usize>,
    left_alone: bool,
}

fn pruned_rows<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &FindMultilabelIssuesOptions,
) -> Result<Vec<PrunedClass>, MultilabelError> {
    let test = match options.confident_joint {
        Some(_) => None,
        None => Some(ConfidentTest::new(confident_thresholds(data).view())),
    };
    let k = data.n_classes();
    let n_blocks = k.div_ceil(LANES);
    let Suspects { counts, mut rows } = fold_annotations(
        data,
        || Suspects {
            counts: vec![LabelCounts::default(); n_blocks],
            rows: vec![Default::default(); n_blocks * LANES],
        },
        #[inline(always)]
        |suspects: &mut Suspects, annotations| {
            if let Some(test) = &test {
                let confident = test.confident_labels(annotations);
                suspects.counts[annotations.block].count(annotations.given, confident);
            }
            each_set(annotations.predicted_otherwise(), |lane| {
                let given = usize::from(annotations.given[lane]);
                suspects.rows[annotations.class(lane)][given].push(annotations.row);
            });
        },
        |suspects, theirs| {
            suspects.counts.iter_mut().zip(&theirs.counts).for_each(|(counts, theirs)| counts.merge(theirs));
            let lists = suspects.rows.as_flattened_mut().iter_mut();
            lists.zip(theirs.rows.into_iter().flatten()).for_each(|(rows, theirs)| rows.extend(theirs));
        },
    );
    rows.truncate(k);
    let estimated;
    let confident_joint = if let Some(confident_joint) = &options.confident_joint {
        confident_joint
    } else {
        let counts: Vec<_> = (0..k).map(|class| counts[class / LANES].of_lane(class % LANES)).collect();
        estimated = one_vs_rest_joint(&counts, Calibration::ToLabelCounts, data.labels())?;
        &estimated
    };
    let prune = |(class, [lacking, having]): (usize, [Vec<usize>; 2])| {
        let label_counts = data.labels().binary_counts(class).to_vec();
        let of_class = confident_joint.of_class(class)?;
        let counts = PruneCounts::new(&of_class, label_counts, &binary_options(options, class))?;
        let left_alone = !counts.classes_left_alone().is_empty();
        let mut rows = select(data, class, 0, lacking, &counts, options.filter_by);
        rows.extend(select(data, class, 1, having, &counts, options.filter_by));
        Ok(PrunedClass { rows, left_alone })
    };
    rows.into_par_iter().enumerate().map(prune).collect()
}

fn binary_options(options: &FindMultilabelIssuesOptions, class: usize) -> FindLabelIssuesOptions {
    let binary = FindLabelIssuesOptions::default()
        .with_frac_noise(options.frac_noise)
        .with_min_examples_per_class(options.min_examples_per_class);
    match &options.num_to_remove_per_class {
        Some(num_to_remove) => binary.with_num_to_remove_per_class(vec![num_to_remove[class], 0]),
        None => binary,
    }
}

/// The rows to flag among those that lack a class (`given` 0) or have it (1) and are predicted otherwise.
fn select<F: Float>(
    data: &MultilabelProbs<'_, F>,
    class: usize,
    given: usize,
    rows: Vec<usize>,
    counts: &PruneCounts,
    filter_by: FilterBy,
) -> Vec<usize> {
    let view = data.pred_probs().view();
    let column = view.column(class);
    let by_margin = |rows| {
        let key = |row: usize| {
            let probs = complement_pair(column[row]);
            probs[1 - given] - probs[given]
        };
        largest(rows, counts.n_confused(given, 1 - given), key)
    };
    let by_self_confidence =
        |rows| largest(rows, counts.n_wrong(given), |row| -complement_pair(column[row])[given]);
    match filter_by {
        FilterBy::PruneByNoiseRate => by_margin(rows),
        FilterBy::PruneByClass => by_self_confidence(rows),
        _ => {
            let mut by_both = by_margin(rows.clone());
            let mut others = by_self_confidence(rows);
            others.sort_unstable();
            by_both.retain(|row| others.binary_search(row).is_ok());
            by_both
        }
    }
}

/// The `n` rows with the largest keys; equal keys go to the earlier row.
fn largest(mut rows: Vec<usize>, n: u64, key: impl Fn(usize) -> f64) -> Vec<usize> {
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    if n >= rows.len() || n == 0 {
        rows.truncate(n);
        return rows;
    }
    let mut keyed: Vec<(f64, usize)> = rows.into_iter().map(|row| (key(row), row)).collect();
    keyed.select_nth_unstable_by(n - 1, largest_first);
    keyed.truncate(n);
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// Larger keys first, then earlier rows. −0 and 0 are the same key.
fn largest_first(a: &(f64, usize), b: &(f64, usize)) -> Ordering {
    (b.0 + 0.0).total_cmp(&(a.0 + 0.0)).then(a.1.cmp(&b.1))
}

/// For each class, the rows with the lowest scores, as many as are confidently the other way than given.
fn lowest_rows<F: Float>(
    data: &MultilabelProbs<'_, F>,
    score: impl Fn([f64; 2], usize) -> f64 + Sync,
) -> Vec<Vec<usize>> {
    /// Whoever is an issue has a score below one half.
    const HIGHEST: f64 = 0.5;
    /// Number of issues, and the candidates with their keys.
    type Scored = (u64, Vec<(f64, usize)>);
    let test = ConfidentTest::new(confident_thresholds(data).view());
    let mut scored = fold_annotations(
        data,
        || vec![Scored::default(); data.n_classes().next_multiple_of(LANES)],
        #[inline(always)]
        |scored: &mut Vec<Scored>, annotations| {
            // Nearly all that are at most one half are predicted otherwise: a cheap first test.
            let [without, with] = annotations.probs;
            let given = annotations.given;
            let low = std::array::from_fn(|lane| {
                (if given[lane] { with[lane] } else { without[lane] }) <= HIGHEST + FLOATING_POINT_COMPARISON
            });
            let issues = test.issues(annotations);
            each_set(low, |lane| {
                let (n_issues, candidates) = &mut scored[annotations.class(lane)];
                let score = score(annotations.pair(lane), usize::from(given[lane]));
                if score <= HIGHEST {
                    *n_issues += u64::from(issues[lane]);
                    candidates.push((-score, annotations.row));
                }
            });
        },
        |scored, theirs| {
            for ((n_issues, candidates), (more, others)) in scored.iter_mut().zip(theirs) {
                *n_issues += more;
                candidates.extend(others);
            }
        },
    );
    scored.truncate(data.n_classes());
    let lowest = |(n_issues, mut candidates): Scored| {
        let n = usize::try_from(n_issues).unwrap_or(usize::MAX);
        if n > 0 && n < candidates.len() {
            candidates.select_nth_unstable_by(n - 1, largest_first);
        }
        candidates.truncate(n);
        candidates.into_iter().map(|(_, row)| row).collect()
    };
    scored.into_par_iter().map(lowest).collect()
}
