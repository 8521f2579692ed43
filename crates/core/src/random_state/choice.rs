//! Permutations, and choosing with and without replacement.

use super::{RandomError, RandomState};
use crate::summation::pairwise_sum;

/// How far from 1 probabilities may sum: the square root of the machine epsilon, as in `RandomState.choice`.
const SUM_TOLERANCE: f64 = 1.490_116_119_384_765_6e-8;

/// Draws of a shuffle that are made together, and then carried out.
const SHUFFLED_TOGETHER: u32 = 4096;

/// A shuffle that has been drawn: see [`RandomState::draw_shuffle`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shuffle {
    /// With which element each is swapped, from the last one down to the second.
    drawn: Vec<u32>,
}

impl Shuffle {
    /// Puts elements in the order that was drawn.
    ///
    /// # Panics
    ///
    /// If there are not as many as it was drawn for.
    pub fn apply<T>(&self, values: &mut [T]) {
        assert_eq!(values.len().saturating_sub(1), self.drawn.len(), "a shuffle of as many elements");
        swap_down_from(self.drawn.len(), &self.drawn, values);
    }
}

/// Swaps elements, from the one at `last` down, each with the one that was drawn for it.
fn swap_down_from<T>(last: usize, drawn: &[u32], values: &mut [T]) {
    for (steps, &chosen) in drawn.iter().enumerate() {
        values.swap(last - steps, chosen as usize);
    }
}

impl RandomState {
    /// Puts the elements in a random order, all orders equally likely.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// let mut letters = ['a', 'b', 'c', 'd'];
    /// RandomState::new(0).shuffle(&mut letters);
    /// assert_eq!(letters, ['c', 'd', 'b', 'a']);
    /// ```
    ///
    /// # Source
    ///
    /// `RandomState.shuffle`: Fisher–Yates from the last element down.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        let Ok(mut last) = u32::try_from(values.len().saturating_sub(1)) else {
            for last in (1..values.len()).rev() {
                values.swap(last, self.twister.next_up_to(last as u64) as usize);
            }
            return;
        };
        let mut drawn = Vec::new();
        while last > 0 {
            let count = last.min(SHUFFLED_TOGETHER);
            self.twister.next_up_to_each(last, count as usize, &mut drawn);
            swap_down_from(last as usize, &drawn, values);
            last -= count;
        }
    }

    /// The draws of a [`RandomState::shuffle`] of so many elements, to be carried out later or on another thread.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// let mut letters = ['a', 'b', 'c', 'd'];
    /// RandomState::new(0).draw_shuffle(4).apply(&mut letters);
    /// assert_eq!(letters, ['c', 'd', 'b', 'a']);
    /// ```
    #[must_use]
    pub fn draw_shuffle(&mut self, len: u32) -> Shuffle {
        let mut drawn = Vec::new();
        let last = len.saturating_sub(1);
        self.twister.next_up_to_each(last, last as usize, &mut drawn);
        Shuffle { drawn }
    }

    /// The numbers 0, 1, …, `n` − 1 in a random order.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// assert_eq!(RandomState::new(0).permutation(6), [5, 2, 1, 3, 0, 4]);
    /// ```
    #[must_use]
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..n).collect();
        self.shuffle(&mut numbers);
        numbers
    }

    /// `size` numbers below `population`, each drawn from all of them.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// // numpy.random.RandomState(0).choice(5, size=4)
    /// assert_eq!(RandomState::new(0).choice_with_replacement(5, 4)?, [4, 0, 3, 3]);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::EmptyPopulation`] when something is to be drawn from nothing.
    #[doc(alias = "choice")]
    pub fn choice_with_replacement(
        &mut self,
        population: usize,
        size: usize,
    ) -> Result<Vec<usize>, RandomError> {
        if size > 0 && population == 0 {
            return Err(RandomError::EmptyPopulation { size });
        }
        let mut draw = || self.twister.next_up_to(population as u64 - 1) as usize;
        Ok((0..size).map(|_| draw()).collect())
    }

    /// `size` different numbers below `population`: the start of a [`RandomState::permutation`] of all of them.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// // numpy.random.RandomState(0).choice(10, size=3, replace=False)
    /// assert_eq!(RandomState::new(0).choice_without_replacement(10, 3)?, [2, 8, 4]);
    /// assert!(RandomState::new(0).choice_without_replacement(2, 3).is_err());
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::SampleTooLarge`] when `size` exceeds `population`.
    #[doc(alias = "choice")]
    pub fn choice_without_replacement(
        &mut self,
        population: usize,
        size: usize,
    ) -> Result<Vec<usize>, RandomError> {
        if size > population {
            return Err(RandomError::SampleTooLarge { size, population });
        }
        let mut chosen = self.permutation(population);
        chosen.truncate(size);
        Ok(chosen)
    }

    /// `size` numbers below the length of `probabilities`, each i drawn with the i-th probability.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// // numpy.random.RandomState(0).choice(3, size=4, p=[0.1, 0.5, 0.4])
    /// assert_eq!(RandomState::new(0).weighted_choice_with_replacement(&[0.1, 0.5, 0.4], 4)?, [1, 2, 2, 1]);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::EmptyPopulation`], [`RandomError::InvalidProbability`] or [`RandomError::ProbabilitySum`].
    #[doc(alias = "choice")]
    pub fn weighted_choice_with_replacement(
        &mut self,
        probabilities: &[f64],
        size: usize,
    ) -> Result<Vec<usize>, RandomError> {
        check_probabilities(probabilities, size)?;
        let cumulative = cumulative_shares(probabilities);
        Ok((0..size).map(|_| position(&cumulative, self.random_sample())).collect())
    }

    /// `size` different numbers below the length of `probabilities`; the larger the probability, the likelier.
    ///
    /// Draws as many as are missing, keeps each new number once, sets the probabilities of those to 0, and repeats.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// // numpy.random.RandomState(0).choice(4, size=3, replace=False, p=[0.1, 0.5, 0.3, 0.1])
    /// let mut random = RandomState::new(0);
    /// assert_eq!(random.weighted_choice_without_replacement(&[0.1, 0.5, 0.3, 0.1], 3)?, [1, 2, 3]);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RandomState::weighted_choice_with_replacement`], [`RandomError::SampleTooLarge`], and
    /// [`RandomError::TooFewPositive`] when fewer than `size` probabilities are above 0.
    #[doc(alias = "choice")]
    pub fn weighted_choice_without_replacement(
        &mut self,
        probabilities: &[f64],
        size: usize,
    ) -> Result<Vec<usize>, RandomError> {
        check_probabilities(probabilities, size)?;
        let population = probabilities.len();
        if size > population {
            return Err(RandomError::SampleTooLarge { size, population });
        }
        let positive = probabilities.iter().filter(|&&p| p > 0.0).count();
        if size > positive {
            return Err(RandomError::TooFewPositive { size, positive });
        }
        let mut remaining = probabilities.to_vec();
        let mut chosen = Vec::with_capacity(size);
        while chosen.len() < size {
            let cumulative = cumulative_shares(&remaining);
            // All draws of a round are made before the first is kept: the stream depends on it.
            let drawn: Vec<usize> =
                (chosen.len()..size).map(|_| position(&cumulative, self.random_sample())).collect();
            for number in drawn {
                // A probability of 0 spans no part of [0, 1), so this is a number drawn twice in this round.
                if remaining[number] > 0.0 {
                    remaining[number] = 0.0;
                    chosen.push(number);
                }
            }
        }
        Ok(chosen)
    }
}

fn check_probabilities(probabilities: &[f64], size: usize) -> Result<(), RandomError> {
    if probabilities.is_empty() {
        return Err(RandomError::EmptyPopulation { size });
    }
    for (index, &value) in probabilities.iter().enumerate() {
        if !value.is_finite() || value < 0.0 {
            return Err(RandomError::InvalidProbability { index, value });
        }
    }
    let sum = pairwise_sum(probabilities);
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(RandomError::ProbabilitySum { sum, tolerance: SUM_TOLERANCE });
    }
    Ok(())
}

/// Running totals, divided by the last one.
fn cumulative_shares(weights: &[f64]) -> Vec<f64> {
    let mut total = 0.0;
    let mut totals: Vec<f64> = weights
        .iter()
        .map(|weight| {
            total += weight;
            total
        })
        .collect();
    for share in &mut totals {
        *share /= total;
    }
    totals
}

/// The first position whose cumulative share exceeds `u`.
fn position(cumulative: &[f64], u: f64) -> usize {
    cumulative.partition_point(|&share| share <= u)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut values: Vec<usize>) -> Vec<usize> {
        values.sort_unstable();
        values
    }

    proptest! {
        #[test]
        fn permutation_any_length_holds_every_number_once(seed: u32, n in 0_usize..500) {
            let permuted = RandomState::new(seed).permutation(n);
            prop_assert_eq!(sorted(permuted), (0..n).collect::<Vec<_>>());
        }

        #[test]
        fn shuffle_any_values_keeps_elements(seed: u32, values in prop::collection::vec(0_usize..9, 0..200)) {
            let mut shuffled = values.clone();
            RandomState::new(seed).shuffle(&mut shuffled);
            prop_assert_eq!(sorted(shuffled), sorted(values));
        }

        #[test]
        fn weighted_choice_without_replacement_any_weights_draws_each_once(
            seed: u32,
            weights in prop::collection::vec(0.0..1.0_f64, 1..40),
        ) {
            let total: f64 = weights.iter().sum();
            prop_assume!(total > 0.0);
            let p: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
            let positive: Vec<usize> = (0..p.len()).filter(|&i| p[i] > 0.0).collect();
            let drawn = RandomState::new(seed).weighted_choice_without_replacement(&p, positive.len()).unwrap();
            prop_assert_eq!(sorted(drawn), positive);
        }
    }

    #[test]
    fn shuffle_every_order_is_equally_likely() {
        let mut random = RandomState::new(3);
        let mut counts = std::collections::HashMap::new();
        for _ in 0..24_000 {
            *counts.entry(random.permutation(4)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 24);
        // Six standard deviations of a binomial count around 1000.
        assert!(counts.values().all(|&count| (810..1190).contains(&count)));
    }

    #[test]
    fn weighted_choice_bad_probabilities_are_named() {
        let mut random = RandomState::new(0);
        assert_eq!(
            random.weighted_choice_with_replacement(&[0.5, -0.5, 1.0], 1),
            Err(RandomError::InvalidProbability { index: 1, value: -0.5 })
        );
        assert!(matches!(
            random.weighted_choice_with_replacement(&[0.5, f64::NAN], 1),
            Err(RandomError::InvalidProbability { index: 1, .. })
        ));
        assert!(matches!(
            random.weighted_choice_without_replacement(&[0.5, 0.4], 1),
            Err(RandomError::ProbabilitySum { .. })
        ));
        assert_eq!(
            random.weighted_choice_without_replacement(&[0.5, 0.5, 0.0], 3),
            Err(RandomError::TooFewPositive { size: 3, positive: 2 })
        );
        assert_eq!(
            random.weighted_choice_without_replacement(&[1.0], 2),
            Err(RandomError::SampleTooLarge { size: 2, population: 1 })
        );
        assert_eq!(
            random.weighted_choice_with_replacement(&[], 0),
            Err(RandomError::EmptyPopulation { size: 0 })
        );
    }

    #[test]
    fn choice_from_nothing_is_refused_unless_nothing_is_asked() {
        let mut random = RandomState::new(0);
        assert_eq!(random.choice_with_replacement(0, 1), Err(RandomError::EmptyPopulation { size: 1 }));
        assert_eq!(random.choice_with_replacement(0, 0), Ok(Vec::new()));
        assert_eq!(random.choice_without_replacement(0, 0), Ok(Vec::new()));
    }

    #[test]
    fn draw_shuffle_applied_is_a_shuffle() {
        let (mut shuffled, mut applied) = ([0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7]);
        RandomState::new(2).shuffle(&mut shuffled);
        RandomState::new(2).draw_shuffle(8).apply(&mut applied);
        assert_eq!(applied, shuffled);
        assert_ne!(applied, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn check_probabilities_allows_what_numpy_does() {
        assert_eq!(check_probabilities(&[1.0 + SUM_TOLERANCE], 1), Ok(()));
        assert!(check_probabilities(&[1.0 + 2.0 * SUM_TOLERANCE], 1).is_err());
    }
}
