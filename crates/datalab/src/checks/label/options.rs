//! How the labels of classification are judged.

use cleanlab_count::Convergence;
use cleanlab_dataset::Symmetry;
use cleanlab_filter::FilterBy;
use cleanlab_learning::MemoryUse;
use cleanlab_rank::LabelQualityMethod;
use serde::{Deserialize, Serialize};

/// Flags rows whose class is probably wrong, by confident learning from predicted probabilities.
///
/// Without predicted probabilities they are made from features: the share of each class among the `k` nearest rows by
/// Euclidean distance, without the row itself. The score of a row is that of its label, and the score of the whole the
/// share of labels that are probably right.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, LabelCheck};
/// use ndarray::array;
///
/// let encoded = ClassNames::encode_strings(&["cat", "cat", "dog", "dog", "dog"])?;
/// let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let check = LabelCheck::default().with_min_examples_per_class(1);
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(check));
/// lab.find_issues(&Inputs::default().with_pred_probs(&pred_probs), &options)?;
/// let findings = lab.get_findings("label")?;
/// assert_eq!(findings.issue_rows(), [4]);
/// let predicted = findings.details.column("predicted_label").and_then(|labels| labels.text_at(4));
/// assert_eq!(predicted.as_deref(), Some("cat"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.label.LabelIssueManager`.
///
/// # Differences
///
/// A row always is one of its own k + 1 neighbours; in cleanlab more than k exact duplicates can crowd it out, and then
/// the check may fail. Features that come with classes of which no row has the label are accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LabelCheck {
    /// Number of neighbours that predict a row where only features are given. Default 10.
    pub k: usize,
    /// Which labels are flagged. Default [`FilterBy::PruneByNoiseRate`].
    pub filter_by: FilterBy,
    /// The share of the estimated wrong labels to flag. Default 1.
    pub frac_noise: f64,
    /// How many labels to flag of each class. Default: as estimated.
    pub num_to_remove_per_class: Option<Vec<u64>>,
    /// Classes with no more rows are not flagged by methods that prune. Default 10, as in cleanlab's `CleanLearning`.
    pub min_examples_per_class: u64,
    /// Counts of (given, true) classes, row by row. Default: as estimated.
    pub confident_joint: Option<Vec<Vec<u64>>>,
    /// How labels are scored. Default [`LabelQualityMethod::SelfConfidence`].
    pub label_quality: LabelQualityMethod,
    /// Thresholds of confidence, one per class. Default: as estimated.
    pub thresholds: Option<Vec<f64>>,
    /// P(given | true), row by row: rows are given classes. Default: as estimated.
    pub noise_matrix: Option<Vec<Vec<f64>>>,
    /// P(true | given), row by row: rows are true classes. Default: as estimated.
    pub inverse_noise_matrix: Option<Vec<Vec<f64>>>,
    /// Whether estimates of noise are iterated. Default: not.
    pub convergence: Convergence,
    /// The one of two classes whose labels are never wrong, cleanlab's `pulearning`. Default: none.
    pub pu_learning: Option<u32>,
    /// Whether labels are flagged as cleanlab does with little memory. Default: not.
    pub memory: MemoryUse,
    /// Whether classes that are mistaken for each other are counted together; cleanlab's `asymmetric`. Default: they are.
    pub overlap: Symmetry,
}

impl Default for LabelCheck {
    fn default() -> Self {
        Self {
            k: 10,
            filter_by: FilterBy::default(),
            frac_noise: 1.0,
            num_to_remove_per_class: None,
            min_examples_per_class: 10,
            confident_joint: None,
            label_quality: LabelQualityMethod::default(),
            thresholds: None,
            noise_matrix: None,
            inverse_noise_matrix: None,
            convergence: Convergence::default(),
            pu_learning: None,
            memory: MemoryUse::default(),
            overlap: Symmetry::default(),
        }
    }
}

impl LabelCheck {
    /// Sets the number of neighbours that predict a row where only features are given.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets which labels are flagged.
    #[must_use]
    pub fn with_filter_by(mut self, filter_by: FilterBy) -> Self {
        self.filter_by = filter_by;
        self
    }

    /// Sets the share of the estimated wrong labels to flag.
    #[must_use]
    pub fn with_frac_noise(mut self, frac_noise: f64) -> Self {
        self.frac_noise = frac_noise;
        self
    }

    /// Sets how many labels to flag of each class.
    #[must_use]
    pub fn with_num_to_remove_per_class(mut self, num_to_remove_per_class: Vec<u64>) -> Self {
        self.num_to_remove_per_class = Some(num_to_remove_per_class);
        self
    }

    /// Sets how many rows a class may have and not be flagged.
    #[must_use]
    pub fn with_min_examples_per_class(mut self, min_examples_per_class: u64) -> Self {
        self.min_examples_per_class = min_examples_per_class;
        self
    }

    /// Gives counts of (given, true) classes, row by row.
    #[must_use]
    pub fn with_confident_joint(mut self, confident_joint: Vec<Vec<u64>>) -> Self {
        self.confident_joint = Some(confident_joint);
        self
    }

    /// Sets how labels are scored.
    #[must_use]
    pub fn with_label_quality(mut self, label_quality: LabelQualityMethod) -> Self {
        self.label_quality = label_quality;
        self
    }

    /// Gives thresholds of confidence, one per class.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: Vec<f64>) -> Self {
        self.thresholds = Some(thresholds);
        self
    }

    /// Gives P(given | true), row by row.
    #[must_use]
    pub fn with_noise_matrix(mut self, noise_matrix: Vec<Vec<f64>>) -> Self {
        self.noise_matrix = Some(noise_matrix);
        self
    }

    /// Gives P(true | given), row by row.
    #[must_use]
    pub fn with_inverse_noise_matrix(mut self, inverse_noise_matrix: Vec<Vec<f64>>) -> Self {
        self.inverse_noise_matrix = Some(inverse_noise_matrix);
        self
    }

    /// Sets whether estimates of noise are iterated.
    #[must_use]
    pub fn with_convergence(mut self, convergence: Convergence) -> Self {
        self.convergence = convergence;
        self
    }

    /// Names the one of two classes whose labels are never wrong.
    #[must_use]
    pub fn with_pu_learning(mut self, class_without_errors: u32) -> Self {
        self.pu_learning = Some(class_without_errors);
        self
    }

    /// Sets whether labels are flagged as cleanlab does with little memory.
    #[must_use]
    pub fn with_memory_use(mut self, memory: MemoryUse) -> Self {
        self.memory = memory;
        self
    }

    /// Sets whether classes that are mistaken for each other are counted together.
    #[must_use]
    pub fn with_overlap(mut self, overlap: Symmetry) -> Self {
        self.overlap = overlap;
        self
    }
}
