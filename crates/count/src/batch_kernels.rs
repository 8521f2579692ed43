//! What is asked of every row of a batch.
//!
//! Each function gives what its counterpart in `row_kernels` gives row by row. Short rows are gone through several at a
//! time, because one alone leaves most of the processor idle.

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::{BLOCK_ROWS, Batch, Float, RowBlock, RowNote, RowNotes, two_largest_of_rows};

use crate::row_kernels::{given_label_is_predicted, margin_over};

/// Flags the rows whose given label is not the predicted class; see [`given_label_is_predicted`].
///
/// ```
/// use cleanlab_core::Batch;
/// use cleanlab_count::flag_unpredicted;
///
/// let batch = Batch::new(&[0, 0], &[0.9, 0.1, 0.2, 0.8], 2, 0)?;
/// let mut flags = [false; 2];
/// flag_unpredicted(&batch, &mut flags);
/// assert_eq!(flags, [false, true]);
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count._reduce_issues`.
///
/// # Panics
///
/// If there are fewer flags than rows.
pub fn flag_unpredicted<F: Float>(batch: &Batch<'_, F>, flags: &mut [bool]) {
    if let Some(notes) = batch.notes() {
        flags.fill(false);
        // All others are predicted as given.
        let is_other = |label: usize, note: RowNote| usize::from(note.predicted_class) != label;
        rows_where(batch, &notes, is_other, |positions| {
            let own = fetched(batch, positions, |_, label| label);
            let largest = fetched(batch, positions, |position, _| notes.predicted_class(position));
            for ((&position, own), largest) in positions.iter().zip(own).zip(largest) {
                let (label, probs) = batch.row(position as usize);
                flags[position as usize] = is_unpredicted(probs, label, own, largest);
            }
        });
        return;
    }
    let largest = largest_of_rows(batch);
    for (((_, label, probs), largest), flag) in batch.iter().zip(largest).zip(flags) {
        *flag = is_unpredicted(probs, label, probs[label].to_f64(), largest.to_f64());
    }
}

/// The opposite of [`given_label_is_predicted`], for a row whose largest probability is known.
#[inline(always)]
fn is_unpredicted<F: Float>(probs: &[F], label: usize, own: f64, largest: f64) -> bool {
    let own = own + FLOATING_POINT_COMPARISON;
    // The order of the classes plays a part in a tie only.
    largest > own || (largest == own && !given_label_is_predicted(probs, label))
}

/// Takes the rows whose given label is the predicted class off a selection.
pub(crate) fn keep_unpredicted<F: Float>(batch: &Batch<'_, F>, selected: &mut [bool]) {
    let notes = batch.notes();
    for (block, selected) in selected.chunks_mut(NOTED_BLOCK).enumerate() {
        let start = block * NOTED_BLOCK;
        let mut positions = [0; NOTED_BLOCK];
        let positions = positions_where(selected.iter().copied(), start, &mut positions);
        let own = fetched(batch, positions, |_, label| label);
        for (&position, own) in positions.iter().zip(own) {
            let (label, probs) = batch.row(position as usize);
            selected[position as usize - start] = match notes.map(|notes| notes.of_row(position as usize)) {
                None => !given_label_is_predicted(probs, label),
                // Mostly the note about the largest probability says enough.
                Some(note) => {
                    let class = usize::from(note.predicted_class);
                    let is_larger = RowNotes::lower_bound(note.largest) > own + FLOATING_POINT_COMPARISON;
                    is_larger || (class != label && is_unpredicted(probs, label, own, probs[class].to_f64()))
                }
            };
        }
    }
}

/// The normalized margin of each row: what [`normalized_margin`](crate::normalized_margin) gives row by row.
///
/// ```
/// use cleanlab_core::Batch;
/// use cleanlab_count::normalized_margins;
///
/// let batch = Batch::new(&[0, 1], &[0.75, 0.25, 0.75, 0.25], 2, 0)?;
/// let mut margins = [0.0; 2];
/// normalized_margins(&batch, &mut margins);
/// assert_eq!(margins, [0.75, 0.25]);
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
///
/// # Source
///
/// `cleanlab.rank.get_normalized_margin_for_each_label`.
///
/// # Panics
///
/// If there are fewer places than rows.
pub fn normalized_margins<F: Float>(batch: &Batch<'_, F>, margins: &mut [f64]) {
    fill_largest_others(batch, margins);
    for ((_, label, probs), margin) in batch.iter().zip(margins) {
        *margin = margin_over(probs[label].to_f64(), *margin);
    }
}

/// Rows that are gone through together by their notes.
const NOTED_BLOCK: usize = 512;

/// Calls `visit` with the positions of the rows that pass a test of their label and note, some hundred rows at a time.
#[inline(always)]
pub(crate) fn rows_where<F: Float>(
    batch: &Batch<'_, F>,
    notes: &RowNotes<'_>,
    test: impl Fn(usize, RowNote) -> bool,
    mut visit: impl FnMut(&[u32]),
) {
    for (block, labels) in batch.labels().chunks(NOTED_BLOCK).enumerate() {
        let start = block * NOTED_BLOCK;
        let noted = labels.iter().zip(notes.slice(start..start + labels.len()).iter());
        let tests = noted.map(|(&label, note)| test(label as usize, note));
        let mut positions = [0; NOTED_BLOCK];
        visit(positions_where(tests, start, &mut positions));
    }
}

/// As [`rows_where`], by a value of each row that was computed before.
#[inline(always)]
pub(crate) fn rows_where_value<F: Float, T: Copy>(
    batch: &Batch<'_, F>,
    values: &[T],
    test: impl Fn(u32, T) -> bool,
    mut visit: impl FnMut(&[u32]),
) {
    let blocks = batch.labels().chunks(NOTED_BLOCK).zip(values.chunks(NOTED_BLOCK));
    for (block, (labels, values)) in blocks.enumerate() {
        let tests = labels.iter().zip(values).map(|(&label, &value)| test(label, value));
        let mut positions = [0; NOTED_BLOCK];
        visit(positions_where(tests, block * NOTED_BLOCK, &mut positions));
    }
}

/// Positions, from `start` on, at which a test of a block holds. Whether it does is often a coin toss, so it is not
/// branched upon; nor is whether positions are beyond their type, as those of a batch are not.
#[inline(always)]
fn positions_where(
    tests: impl Iterator<Item = bool>,
    start: usize,
    positions: &mut [u32; NOTED_BLOCK],
) -> &[u32] {
    let (mut n, first) = (0_usize, start as u32);
    for (holds, offset) in tests.zip(0..NOTED_BLOCK as u32) {
        positions[n & (NOTED_BLOCK - 1)] = first.wrapping_add(offset);
        n = n.wrapping_add(usize::from(holds));
    }
    &positions[..n]
}

/// One probability of each of some rows, those of the classes that `class_of` tells by position and label. Many rows
/// away from one another in memory are fetched at once when nothing else is done meanwhile.
#[inline(always)]
pub(crate) fn fetched<F: Float>(
    batch: &Batch<'_, F>,
    positions: &[u32],
    class_of: impl Fn(usize, usize) -> usize,
) -> [f64; NOTED_BLOCK] {
    let mut values = [0.0; NOTED_BLOCK];
    for (value, &position) in values.iter_mut().zip(positions) {
        let (label, probs) = batch.row(position as usize);
        *value = probs[class_of(position as usize, label)].to_f64();
    }
    values
}

/// The probability of each row's given label. Many rows away from one another in memory are fetched at once when
/// nothing else is done meanwhile.
pub(crate) fn given_probs<F: Float>(batch: &Batch<'_, F>) -> Vec<f64> {
    let rows = batch.pred_probs().chunks_exact(batch.n_classes());
    batch.labels().iter().zip(rows).map(|(&label, probs)| probs[label as usize].to_f64()).collect()
}

/// The largest probability of each row.
pub(crate) fn largest_of_rows<F: Float>(batch: &Batch<'_, F>) -> Vec<F> {
    let mut largest = vec![F::from_f64(0.0); batch.len()];
    let keep = |position, found, _| largest[position] = found;
    two_largest_of_rows(batch.pred_probs(), batch.n_classes(), keep);
    largest
}

/// The largest probability of each row besides that of its given label.
pub(crate) fn largest_others<F: Float>(batch: &Batch<'_, F>) -> Vec<f64> {
    let mut others = vec![0.0; batch.len()];
    fill_largest_others(batch, &mut others);
    others
}

fn fill_largest_others<F: Float>(batch: &Batch<'_, F>, others: &mut [f64]) {
    two_largest_of_rows(batch.pred_probs(), batch.n_classes(), |position, largest, second| {
        let (label, probs) = batch.row(position);
        others[position] = if probs[label] == largest { second } else { largest }.to_f64();
    });
}

/// For each row, how many classes reach their cuts, and the last of them.
#[inline(always)]
#[allow(
    clippy::range_zip_with_len,
    reason = "the count of `enumerate` is checked for overflow, after which no index is known to be within bounds"
)]
pub(crate) fn reached_in_block<F: Float>(
    block: &RowBlock<'_, F>,
    cuts: &[F],
) -> ([F; BLOCK_ROWS], [F; BLOCK_ROWS]) {
    // Whole numbers of the same width as the comparisons, and exact.
    let (none, one) = (F::from_f64(0.0), F::from_f64(1.0));
    let (mut counts, mut classes) = ([none; BLOCK_ROWS], [none; BLOCK_ROWS]);
    for (&cut, class) in cuts.iter().zip(0..cuts.len()) {
        let (probs, index) = (block.column(class), F::from_f64(class as f64));
        for lane in 0..BLOCK_ROWS {
            let reached = probs[lane] >= cut;
            counts[lane] = F::from_f64(counts[lane].to_f64() + if reached { one } else { none }.to_f64());
            classes[lane] = if reached { index } else { classes[lane] };
        }
    }
    (counts, classes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confident_joint::{CollisionRule, ConfidentTest};
    use proptest::prelude::*;

    /// Number of classes, labels and probabilities; few different values, so that ties are common.
    fn rows() -> impl Strategy<Value = (usize, Vec<u32>, Vec<f32>)> {
        (2_usize..=70, 1_usize..40, 1_u8..12).prop_flat_map(|(k, n, steps)| {
            let probability = (0..=steps).prop_map(move |p| f32::from(p) / f32::from(steps));
            (Just(k), prop::collection::vec(0..k as u32, n), prop::collection::vec(probability, n * k))
        })
    }

    /// The first class with the largest value among some.
    fn first_largest<F: Float>(values: impl Iterator<Item = (usize, F)>) -> Option<usize> {
        let larger = |best: (usize, F), next: (usize, F)| if next.1 > best.1 { next } else { best };
        values.reduce(larger).map(|(class, _)| class)
    }

    /// Holds every kernel to its definition, row by row.
    fn check<F: Float>(k: usize, labels: &[u32], probs: &[F], cuts: &[f64]) -> Result<(), TestCaseError> {
        let batch = Batch::new(labels, probs, k, 0).unwrap();
        let (largest, others) = (largest_of_rows(&batch), largest_others(&batch));
        let mut unpredicted = vec![false; batch.len()];
        flag_unpredicted(&batch, &mut unpredicted);
        let classes = [CollisionRule::LargestOfAll, CollisionRule::LargestOfConfident]
            .map(|rule| ConfidentTest::<F>::new(cuts, rule).confident_classes(&batch));
        for (row, (_, label, probs)) in batch.iter().enumerate() {
            let wide: Vec<f64> = probs.iter().map(|p| p.to_f64()).collect();
            let maximum = |skip: Option<usize>| {
                let kept = wide.iter().enumerate().filter(|&(class, _)| Some(class) != skip);
                kept.fold(f64::NEG_INFINITY, |largest, (_, &p)| largest.max(p))
            };
            prop_assert_eq!(largest[row].to_f64(), maximum(None));
            prop_assert_eq!(others[row], maximum(Some(label)));
            let raised =
                |class| if class == label { wide[class] + FLOATING_POINT_COMPARISON } else { wide[class] };
            let predicted = first_largest((0..k).map(|class| (class, raised(class))));
            prop_assert_eq!(unpredicted[row], predicted != Some(label));
            let reaches = |class: &usize| wide[*class] >= cuts[*class] - FLOATING_POINT_COMPARISON;
            let of_confident = first_largest((0..k).filter(reaches).map(|class| (class, wide[class])));
            let of_all = match (0..k).filter(reaches).count() {
                0 | 1 => of_confident,
                _ => first_largest(wide.iter().copied().enumerate()),
            };
            prop_assert_eq!(classes[0][row] as usize, of_all.unwrap_or(k));
            prop_assert_eq!(classes[1][row] as usize, of_confident.unwrap_or(k));
        }
        Ok(())
    }

    /// Labels and rows of ten classes, more than are gone through together; many have two classes that are equal, or apart
    /// by just what counts as equal.
    fn rows_of_ten() -> (Vec<u32>, Vec<f64>) {
        let mut state = 88_172_645_463_325_252_u64;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) % below
        };
        let labels = (0..3 * NOTED_BLOCK).map(|_| next(10) as u32).collect();
        let mut probability = |_| {
            let nudge = [0.0, FLOATING_POINT_COMPARISON, -FLOATING_POINT_COMPARISON][next(3) as usize];
            (next(6) as f64 / 8.0 + nudge).max(0.0)
        };
        let probs = (0..30 * NOTED_BLOCK).map(&mut probability).collect();
        (labels, probs)
    }

    /// Holds what is answered about a batch to what is answered about each row.
    fn check_rows_of_ten(batch: &Batch<'_, f64>) {
        let unpredicted: Vec<bool> =
            batch.iter().map(|(_, label, probs)| !given_label_is_predicted(probs, label)).collect();
        assert!(unpredicted.contains(&true) && unpredicted.contains(&false));
        let mut flags = vec![true; batch.len()];
        flag_unpredicted(batch, &mut flags);
        assert_eq!(flags, unpredicted);
        for left_out in [2, 3, 700] {
            let mut selected: Vec<bool> = (0..batch.len()).map(|row| row % left_out != 0).collect();
            let expected: Vec<bool> = selected.iter().zip(&unpredicted).map(|(&s, &u)| s && u).collect();
            keep_unpredicted(batch, &mut selected);
            assert_eq!(selected, expected);
        }
        let mut margins = vec![0.0; batch.len()];
        normalized_margins(batch, &mut margins);
        let each = batch.iter().map(|(_, label, probs)| crate::normalized_margin(probs, label));
        assert_eq!(margins, each.collect::<Vec<_>>());
        let (mut found, mut values) = (Vec::new(), Vec::new());
        rows_where_value(
            batch,
            &given_probs(batch),
            |label, own| label > 4 && own > 0.25,
            |positions| {
                found.extend_from_slice(positions);
                values.extend(fetched(batch, positions, |_, label| label)[..positions.len()].iter().copied());
            },
        );
        let is_wanted = |(_, label, probs): &(u64, usize, &[f64])| *label > 4 && probs[*label] > 0.25;
        let wanted: Vec<_> = batch.iter().filter(is_wanted).collect();
        assert_eq!(found, wanted.iter().map(|&(row, ..)| row as u32).collect::<Vec<_>>());
        assert_eq!(values, wanted.iter().map(|&(_, label, probs)| probs[label]).collect::<Vec<_>>());
    }

    #[test]
    fn batches_of_many_rows_are_answered_as_their_rows_are_with_notes_and_without() {
        use cleanlab_core::{LabeledProbs, Labels, PredProbs};

        let (labels, probs) = rows_of_ten();
        check_rows_of_ten(&Batch::new(&labels, &probs, 10, 0).unwrap());
        let pred_probs = PredProbs::from_slice(&probs, 10).unwrap();
        let data = LabeledProbs::new(Labels::new(&labels).unwrap(), pred_probs).unwrap();
        let mut scratch = Vec::new();
        let noted = data.batch(0..labels.len(), &mut scratch);
        check_rows_of_ten(&noted);
        let notes = noted.notes().unwrap();
        let mut found = Vec::new();
        let is_odd = |label: usize, note: RowNote| (label + usize::from(note.predicted_class)) % 2 == 1;
        rows_where(&noted, &notes, is_odd, |positions| found.extend_from_slice(positions));
        let first_largest = |probs: &[f64]| {
            (1..10).fold(0, |best, class| if probs[class] > probs[best] { class } else { best })
        };
        let expected = noted.iter().filter(|&(_, label, probs)| (label + first_largest(probs)) % 2 == 1);
        assert_eq!(found, expected.map(|(row, ..)| row as u32).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn kernels_equal_their_definitions_for_any_number_of_classes(
            (k, labels, probs) in rows(),
            cuts in prop::collection::vec(0.0..1.2_f64, 70),
        ) {
            check::<f32>(k, &labels, &probs, &cuts[..k])?;
            let wide: Vec<f64> = probs.iter().map(|&p| f64::from(p)).collect();
            check::<f64>(k, &labels, &wide, &cuts[..k])?;
        }
    }
}
