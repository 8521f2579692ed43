//! Rules and scores by the names that options give them.

use clap::ValueEnum;
use cleanlab_filter::FilterBy;
use cleanlab_rank::LabelQualityMethod;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FilterByName {
    /// Per pair of classes, the largest margins, as many as the noise estimate says.
    #[default]
    #[value(alias = "prune_by_noise_rate")]
    PruneByNoiseRate,
    /// Per class, the lowest self-confidences, as many as the noise estimate says.
    #[value(alias = "prune_by_class")]
    PruneByClass,
    /// What both of these flag.
    Both,
    /// Rows that are confidently in another class.
    #[value(alias = "confident_learning")]
    ConfidentLearning,
    /// Rows whose predicted class is another one.
    #[value(alias = "predicted_neq_given")]
    PredictedNeqGiven,
    /// The lowest normalized margins.
    #[value(alias = "low_normalized_margin")]
    LowNormalizedMargin,
    /// The lowest self-confidences.
    #[value(alias = "low_self_confidence")]
    LowSelfConfidence,
}

impl From<FilterByName> for FilterBy {
    fn from(name: FilterByName) -> Self {
        match name {
            FilterByName::PruneByNoiseRate => Self::PruneByNoiseRate,
            FilterByName::PruneByClass => Self::PruneByClass,
            FilterByName::Both => Self::Both,
            FilterByName::ConfidentLearning => Self::ConfidentLearning,
            FilterByName::PredictedNeqGiven => Self::PredictedNeqGiven,
            FilterByName::LowNormalizedMargin => Self::LowNormalizedMargin,
            FilterByName::LowSelfConfidence => Self::LowSelfConfidence,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum RankByName {
    /// Predicted probability of the given label.
    #[default]
    #[value(alias = "self_confidence")]
    SelfConfidence,
    /// That minus the largest other probability, rescaled.
    #[value(alias = "normalized_margin")]
    NormalizedMargin,
    /// Entropy of the prediction over self-confidence.
    #[value(alias = "confidence_weighted_entropy")]
    ConfidenceWeightedEntropy,
    /// Self-confidence after subtracting the class thresholds.
    AdjustedSelfConfidence,
    /// Normalized margin after subtracting the class thresholds.
    AdjustedNormalizedMargin,
}

impl From<RankByName> for LabelQualityMethod {
    fn from(name: RankByName) -> Self {
        match name {
            RankByName::SelfConfidence => Self::SelfConfidence,
            RankByName::NormalizedMargin => Self::NormalizedMargin,
            RankByName::ConfidenceWeightedEntropy => Self::ConfidenceWeightedEntropy,
            RankByName::AdjustedSelfConfidence => Self::AdjustedSelfConfidence,
            RankByName::AdjustedNormalizedMargin => Self::AdjustedNormalizedMargin,
        }
    }
}
