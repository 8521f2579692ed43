//! One training and one test part.

use cleanlab_core::RandomState;

use crate::errors::LearningError;
use crate::splits::folds::Split;

/// How many rows are held out.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum TestSize {
    /// This share of the rows, between 0 and 1, rounded up.
    Fraction(f64),
    /// So many rows.
    Rows(usize),
}

/// Which rows are held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestRows<'a> {
    /// The last ones; scikit-learn's `shuffle=False`.
    Last,
    /// Rows drawn at random; scikit-learn's `random_state=seed`.
    Random {
        /// The seed of NumPy's legacy random stream.
        seed: u32,
    },
    /// Rows drawn at random so that every class has about the same share in both parts; scikit-learn's `stratify=labels`.
    Stratified {
        /// The class of every row.
        labels: &'a [u32],
        /// The seed of NumPy's legacy random stream.
        seed: u32,
    },
}

/// Divides `n_rows` rows into rows to train on and rows to test with.
///
/// # Errors
///
/// [`LearningError::InvalidOption`] for a fraction outside (0, 1); [`LearningError::TestSize`] when a part is left
/// empty, or, stratified, has fewer rows than there are classes; stratified also [`LearningError::LabelCount`] and
/// [`LearningError::LonelyClass`].
///
/// # Example
///
/// ```
/// use cleanlab_learning::{TestRows, TestSize, train_test_split};
///
/// let split = train_test_split(5, TestSize::Fraction(0.25), TestRows::Random { seed: 0 })?;
/// assert_eq!((split.train, split.test), (vec![1, 3, 4], vec![2, 0]));
///
/// let labels = [0, 0, 0, 0, 1, 1];
/// let split = train_test_split(6, TestSize::Rows(3), TestRows::Stratified { labels: &labels, seed: 0 })?;
/// assert_eq!(split.test.iter().filter(|&&row| labels[row] == 1).count(), 1);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.model_selection.train_test_split`; the same rows in the same order for the same seed.
pub fn train_test_split(
    n_rows: usize,
    test_size: TestSize,
    test_rows: TestRows<'_>,
) -> Result<Split, LearningError> {
    let n_test = match test_size {
        TestSize::Rows(rows) => rows,
        TestSize::Fraction(fraction) if fraction > 0.0 && fraction < 1.0 => {
            (fraction * n_rows as f64).ceil() as usize
        }
        TestSize::Fraction(value) => {
            return Err(LearningError::InvalidOption {
                option: "test_size",
                value,
                bound: "above 0 and below 1",
            });
        }
    };
    check_parts(n_rows, n_test, 1)?;
    match test_rows {
        TestRows::Last => Ok(Split::new((0..n_rows - n_test).collect(), (n_rows - n_test..n_rows).collect())),
        TestRows::Random { seed } => {
            let mut test = RandomState::new(seed).permutation(n_rows);
            let train = test.split_off(n_test);
            Ok(Split::new(train, test))
        }
        TestRows::Stratified { labels, .. } if labels.len() != n_rows => {
            Err(LearningError::LabelCount { labels: labels.len(), rows: n_rows })
        }
        TestRows::Stratified { labels, seed } => stratified(labels, n_test, &mut RandomState::new(seed)),
    }
}

fn check_parts(rows: usize, test: usize, least: usize) -> Result<(), LearningError> {
    let train = rows.saturating_sub(test);
    if test < least || train < least {
        return Err(LearningError::TestSize { test, train, rows, least });
    }
    Ok(())
}

/// Source: `sklearn.model_selection.StratifiedShuffleSplit`.
fn stratified(labels: &[u32], n_test: usize, random: &mut RandomState) -> Result<Split, LearningError> {
    let mut by_class: Vec<usize> = (0..labels.len()).collect();
    by_class.sort_by_key(|&row| labels[row]);
    let classes: Vec<&[usize]> = by_class.chunk_by(|&a, &b| labels[a] == labels[b]).collect();
    if let Some(rows) = classes.iter().find(|rows| rows.len() < 2) {
        return Err(LearningError::LonelyClass { class: labels[rows[0]] });
    }
    check_parts(labels.len(), n_test, classes.len())?;
    let sizes: Vec<usize> = classes.iter().map(|rows| rows.len()).collect();
    let train_sizes = approximate_mode(&sizes, labels.len() - n_test, random);
    let remaining: Vec<usize> = sizes.iter().zip(&train_sizes).map(|(all, train)| all - train).collect();
    let test_sizes = approximate_mode(&remaining, n_test, random);
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for ((rows, n_train), n_test) in classes.iter().zip(train_sizes).zip(test_sizes) {
        let order = random.permutation(rows.len());
        let mut drawn = order.into_iter().map(|position| rows[position]);
        train.extend(drawn.by_ref().take(n_train));
        test.extend(drawn.take(n_test));
    }
    random.shuffle(&mut train);
    random.shuffle(&mut test);
    Ok(Split::new(train, test))
}

/// How many of `n_draws` draws without replacement most likely fall to each class; ties are broken at random.
///
/// Source: `sklearn.utils.extmath._approximate_mode`.
fn approximate_mode(class_sizes: &[usize], n_draws: usize, random: &mut RandomState) -> Vec<usize> {
    let total = class_sizes.iter().sum::<usize>() as f64;
    let expected: Vec<f64> = class_sizes.iter().map(|&size| size as f64 / total * n_draws as f64).collect();
    let mut draws: Vec<usize> = expected.iter().map(|expected| expected.floor() as usize).collect();
    let mut missing = n_draws.saturating_sub(draws.iter().sum());
    let remainders: Vec<f64> = expected.iter().map(|expected| expected - expected.floor()).collect();
    let mut distinct = remainders.clone();
    distinct.sort_by(|a, b| b.total_cmp(a));
    distinct.dedup();
    for value in distinct {
        if missing == 0 {
            break;
        }
        let mut tied: Vec<usize> =
            (0..remainders.len()).filter(|&class| remainders[class] == value).collect();
        let chosen = tied.len().min(missing);
        // NumPy's choice without replacement is the start of a permutation, drawn even where all are chosen.
        random.shuffle(&mut tied);
        for &class in &tied[..chosen] {
            draws[class] += 1;
        }
        missing -= chosen;
    }
    draws
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn train_test_split_impossible_sizes_are_refused() {
        let split = |size| train_test_split(4, size, TestRows::Last);
        for fraction in [0.0, 1.0, -0.5, f64::NAN] {
            assert!(matches!(split(TestSize::Fraction(fraction)), Err(LearningError::InvalidOption { .. })));
        }
        for (rows, train) in [(0, 4), (4, 0), (9, 0)] {
            let error = split(TestSize::Rows(rows)).unwrap_err();
            assert!(
                matches!(error, LearningError::TestSize { test, train: t, .. } if (test, t) == (rows, train))
            );
        }
        assert!(matches!(split(TestSize::Fraction(0.9)), Err(LearningError::TestSize { train: 0, .. })));
    }

    #[test]
    fn train_test_split_classes_too_small_to_stratify_are_refused() {
        let split = |labels: &[u32], rows| {
            train_test_split(labels.len(), TestSize::Rows(rows), TestRows::Stratified { labels, seed: 0 })
                .unwrap_err()
        };
        assert!(matches!(split(&[0, 0, 4], 1), LearningError::LonelyClass { class: 4 }));
        assert!(matches!(
            split(&[0, 0, 1, 1], 1),
            LearningError::TestSize { test: 1, train: 3, least: 2, .. }
        ));
        let error = train_test_split(3, TestSize::Rows(1), TestRows::Stratified { labels: &[0, 0], seed: 0 });
        assert!(matches!(error, Err(LearningError::LabelCount { labels: 2, rows: 3 })));
    }

    #[test]
    fn train_test_split_last_keeps_the_order() {
        let split = train_test_split(5, TestSize::Fraction(0.3), TestRows::Last).unwrap();
        assert_eq!((split.train, split.test), (vec![0, 1, 2], vec![3, 4]));
    }
}
