//! How well wrong labels were found, where the true ones are known.

/// Precision, recall and the like of flagged rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectionScores {
    /// The share of flagged rows that are wrong.
    pub precision: f64,
    /// The share of wrong rows that are flagged.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// The share of rows that are wrong and flagged, or neither.
    pub accuracy: f64,
}

impl DetectionScores {
    /// Compares flags with the truth, row by row; what is divided by zero is 0.
    ///
    /// ```
    /// let wrong = [true, true, false, false];
    /// let scores = cleanlab_examples::DetectionScores::new(&wrong, &[true, false, false, false]);
    /// assert_eq!((scores.precision, scores.recall, scores.accuracy), (1.0, 0.5, 0.75));
    /// ```
    #[must_use]
    pub fn new(is_wrong: &[bool], is_flagged: &[bool]) -> Self {
        let count = |wanted: [bool; 2]| {
            let pairs = is_wrong.iter().zip(is_flagged);
            pairs.filter(|&(&wrong, &flagged)| [wrong, flagged] == wanted).count() as f64
        };
        let [found, missed, false_alarms] = [[true, true], [true, false], [false, true]].map(count);
        let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Self {
            precision: ratio(found, found + false_alarms),
            recall: ratio(found, found + missed),
            f1: ratio(2.0 * found, 2.0 * found + missed + false_alarms),
            accuracy: ratio(found + count([false, false]), is_wrong.len() as f64),
        }
    }
}
