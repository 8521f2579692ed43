//! Labels with noise, from correct ones.

use std::iter::repeat_n;

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::{InputError, Labels, RandomState};
use ndarray::ArrayView2;

use crate::errors::NoiseError;
use crate::learnability::check_noise_rates;

/// Labels that are wrong as often as a noise matrix says.
///
/// Of the n examples whose true label is j, ⌊n · `noise_matrix[i][j]`⌋ get the label i, for each i other than j; which
/// ones is drawn at random. The counts are not random: the labels have the noise matrix, up to rounding down.
///
/// # Shapes
///
/// N true labels below K; `noise_matrix` is K × K, column j holding p(given label = i | true label = j); the result
/// holds N labels. A class without examples has none to flip.
///
/// # Example
///
/// ```
/// use cleanlab_core::{Labels, RandomState};
/// use cleanlab_noise_generation::generate_noisy_labels;
/// use ndarray::array;
///
/// let true_labels = Labels::new(&[0_u32, 0, 0, 0, 1, 1, 1, 1])?;
/// let noise_matrix = array![[0.75, 0.5], [0.25, 0.5]];
/// let labels = generate_noisy_labels(&true_labels, noise_matrix.view(), &mut RandomState::new(0))?;
/// let flipped = |class| (0..8).filter(|&i| true_labels.as_slice()[i] == class && labels.as_slice()[i] != class).count();
/// assert_eq!((flipped(0), flipped(1)), (1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`NoiseError::NotSquare`], [`NoiseError::TooFewClasses`], [`NoiseError::NoiseRateOutOfRange`],
/// [`NoiseError::ColumnSum`], or [`NoiseError::Input`] with the first label that is no class of the matrix.
///
/// # Differences
///
/// cleanlab fails with a shape error when a class of the matrix has no example, does not check the matrix, and flips
/// no label of a class at all if rounding makes the flips one more than its examples; here all of them are flipped
/// then.
///
/// # Source
///
/// `cleanlab.benchmarking.noise_generation.generate_noisy_labels`.
pub fn generate_noisy_labels(
    true_labels: &Labels<'_>,
    noise_matrix: ArrayView2<'_, f64>,
    random: &mut RandomState,
) -> Result<Labels<'static>, NoiseError> {
    check_noise_rates(noise_matrix)?;
    check_column_sums(noise_matrix)?;
    let n_classes = noise_matrix.nrows();
    check_labels(true_labels, n_classes)?;
    let n = true_labels.len();
    let counts: Vec<usize> = true_labels.counts(n_classes).iter().map(|&count| count as usize).collect();
    // The new labels of each class's examples, class after class.
    let mut given: Vec<u32> =
        (0_u32..).zip(&counts).flat_map(|(class, &count)| repeat_n(class, count)).collect();
    let mut rest = given.as_mut_slice();
    let mut classes = Vec::with_capacity(n_classes);
    for (class, &count) in counts.iter().enumerate() {
        let (examples, others) = rest.split_at_mut(count);
        rest = others;
        let prior = count as f64 / n as f64;
        // In this order of operations, because the product is rounded down.
        let flips = |given: usize| (noise_matrix[[given, class]] * prior * n as f64) as usize;
        let noise: Vec<(u32, usize)> = (0..n_classes)
            .filter(|&given| given != class)
            .map(|given| (given as u32, flips(given)))
            .collect();
        if noise.iter().any(|&(_, flips)| flips > 0) {
            classes.push(ToFlip { examples, noise });
        }
    }
    flip_classes(classes, random)?;
    let mut next: Vec<usize> = counts
        .iter()
        .scan(0, |start, &count| {
            *start += count;
            Some(*start - count)
        })
        .collect();
    let label_of = |&class: &u32| {
        let place = &mut next[class as usize];
        *place += 1;
        given[*place - 1]
    };
    Ok(Labels::from_vec(true_labels.as_slice().iter().map(label_of).collect())?)
}

/// The examples of a class, whose labels are as yet right.
struct ToFlip<'a> {
    examples: &'a mut [u32],
    /// Labels, and how many examples get each.
    noise: Vec<(u32, usize)>,
}

/// From so many examples on, one thread flips labels while another draws.
const PARALLEL_EXAMPLES: usize = 1 << 16;

/// Flips examples of each class to other labels, each label as often as is said. What is drawn follows from what was
/// drawn before, so that only the flips can go on meanwhile.
fn flip_classes(classes: Vec<ToFlip<'_>>, random: &mut RandomState) -> Result<(), NoiseError> {
    let n_examples: usize = classes.iter().map(|class| class.examples.len()).sum();
    let in_parallel = n_examples > PARALLEL_EXAMPLES && rayon::current_num_threads() > 1;
    rayon::in_place_scope(|scope| {
        for ToFlip { examples, noise } in classes {
            let flips = noise.into_iter().flat_map(|(given, flips)| repeat_n(given, flips));
            let Ok(n_examples) = u32::try_from(examples.len()) else {
                let places = random.choice_without_replacement(examples.len(), examples.len())?;
                flips.zip(places).for_each(|(given, place)| examples[place] = given);
                continue;
            };
            let shuffle = random.draw_shuffle(n_examples);
            let flip = move || {
                let mut places: Vec<u32> = (0..n_examples).collect();
                shuffle.apply(&mut places);
                flips.zip(places).for_each(|(given, place)| examples[place as usize] = given);
            };
            if in_parallel { scope.spawn(|_| flip()) } else { flip() }
        }
        Ok(())
    })
}

/// As [`generate_noisy_labels`], on a stream of its own that `seed` starts.
///
/// ```
/// use cleanlab_core::Labels;
/// use cleanlab_noise_generation::generate_noisy_labels_seeded;
/// use ndarray::array;
///
/// let true_labels = Labels::new(&[0_u32, 0, 1, 1])?;
/// let labels = generate_noisy_labels_seeded(&true_labels, array![[0.5, 0.0], [0.5, 1.0]].view(), 3)?;
/// assert_eq!(labels.counts(2), [1, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`generate_noisy_labels`].
pub fn generate_noisy_labels_seeded(
    true_labels: &Labels<'_>,
    noise_matrix: ArrayView2<'_, f64>,
    seed: u32,
) -> Result<Labels<'static>, NoiseError> {
    generate_noisy_labels(true_labels, noise_matrix, &mut RandomState::new(seed))
}

fn check_column_sums(noise_matrix: ArrayView2<'_, f64>) -> Result<(), NoiseError> {
    let tolerance = FLOATING_POINT_COMPARISON;
    for (column, rates) in noise_matrix.columns().into_iter().enumerate() {
        let sum = rates.sum();
        if (sum - 1.0).abs() > tolerance {
            return Err(NoiseError::ColumnSum { column, sum, tolerance });
        }
    }
    Ok(())
}

fn check_labels(labels: &Labels<'_>, n_classes: usize) -> Result<(), NoiseError> {
    let mut rows = labels.as_slice().iter().enumerate();
    match rows.find(|(_, label)| **label as usize >= n_classes) {
        Some((row, &label)) => Err(InputError::LabelOutOfRange { row, label, n_classes }.into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn noisy(true_labels: &[u32], noise_matrix: &Array2<f64>) -> Result<Vec<u32>, NoiseError> {
        let labels = generate_noisy_labels_seeded(&Labels::new(true_labels)?, noise_matrix.view(), 0)?;
        Ok(labels.as_slice().to_vec())
    }

    #[test]
    fn generate_noisy_labels_class_without_examples_flips_none_of_it() {
        let matrix = array![[0.5, 0.0, 0.5], [0.5, 1.0, 0.0], [0.0, 0.0, 0.5]];
        let labels = noisy(&[0, 0, 2, 2], &matrix).unwrap();
        let count = |rows: &[u32], label| rows.iter().filter(|&&found| found == label).count();
        assert_eq!((count(&labels[..2], 0), count(&labels[..2], 1)), (1, 1));
        assert_eq!((count(&labels[2..], 0), count(&labels[2..], 2)), (1, 1));
    }

    #[test]
    fn generate_noisy_labels_identity_changes_nothing() {
        assert_eq!(noisy(&[2, 0, 1, 1], &Array2::eye(3)), Ok(vec![2, 0, 1, 1]));
    }

    #[test]
    fn generate_noisy_labels_rates_above_one_by_rounding_flip_every_example() {
        let mut true_labels = vec![0; 1_200_000];
        true_labels[7] = 1;
        let labels = noisy(&true_labels, &array![[-9e-7, 0.0], [1.0 + 9e-7, 1.0]]).unwrap();
        assert!(labels.iter().all(|&label| label == 1));
    }

    #[test]
    fn generate_noisy_labels_bad_input_is_named() {
        assert_eq!(
            noisy(&[0, 1], &array![[0.9, 0.2], [0.2, 0.8]]),
            Err(NoiseError::ColumnSum { column: 0, sum: 1.1, tolerance: 1e-6 })
        );
        assert_eq!(noisy(&[0, 1], &array![[0.9, 0.2]]), Err(NoiseError::NotSquare { rows: 1, columns: 2 }));
        assert_eq!(noisy(&[0, 0], &array![[1.0]]), Err(NoiseError::TooFewClasses { n_classes: 1 }));
        assert!(matches!(
            noisy(&[0, 1], &array![[f64::NAN, 0.2], [0.2, 0.8]]),
            Err(NoiseError::NoiseRateOutOfRange { row: 0, column: 0, .. })
        ));
        assert_eq!(
            noisy(&[0, 1, 2], &Array2::eye(2)),
            Err(NoiseError::Input(InputError::LabelOutOfRange { row: 2, label: 2, n_classes: 2 }))
        );
    }
}
