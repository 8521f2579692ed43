//! The models that can be trained, by name.

use std::fmt;
use std::sync::Arc;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use cleanlab_learning::{
    Classifier, GaussianNaiveBayes, GradientBoosting, KNearestNeighbors, LogisticRegression, RandomForest,
};
use cleanlab_table::FeatureScaling::{self, AsTheyAre, Standardised};

/// A kind of model.
#[derive(Clone, Copy)]
pub(crate) struct ClassifierKind {
    /// Its name as an option.
    pub(crate) name: &'static str,
    /// Its name in a sentence.
    pub(crate) words: &'static str,
    help: &'static str,
    /// What columns of numbers it learns from.
    pub(crate) scaling: FeatureScaling,
    with_seed: fn(u32) -> Arc<dyn Classifier>,
}

/// Every kind; the first is the default. Trees ask only which value is larger, so they learn from numbers as they are.
/// To naive Bayes scale would be all the same but for the share of the largest variance that it adds to every other.
#[rustfmt::skip]
static KINDS: &[ClassifierKind] = &[
    kind("logistic-regression", "logistic regression", "Fast, linear", Standardised, |_| Arc::new(LogisticRegression::default())),
    kind("naive-bayes", "Gaussian naive Bayes", "Fastest; takes columns for independent", Standardised, |_| Arc::new(GaussianNaiveBayes::default())),
    kind("k-nearest-neighbors", "the five nearest neighbours", "What the five nearest rows are labelled", Standardised, |_| Arc::new(KNearestNeighbors::default())),
    kind("random-forest", "a random forest", "Many trees on random parts of the data", AsTheyAre, |seed| Arc::new(RandomForest::default().with_seed(seed))),
    kind("gradient-boosting", "gradient boosting", "Trees that correct each other; for larger tables", AsTheyAre, |seed| Arc::new(GradientBoosting::default().with_seed(seed))),
];

const fn kind(
    name: &'static str,
    words: &'static str,
    help: &'static str,
    scaling: FeatureScaling,
    with_seed: fn(u32) -> Arc<dyn Classifier>,
) -> ClassifierKind {
    ClassifierKind { name, words, help, scaling, with_seed }
}

impl ClassifierKind {
    /// A recipe for models of this kind.
    pub(crate) fn recipe(&self, seed: u32) -> Arc<dyn Classifier> {
        (self.with_seed)(seed)
    }
}

impl fmt::Debug for ClassifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The name of the default, for the command line.
pub(crate) fn default_name() -> &'static str {
    KINDS[0].name
}

/// Reads the name of a kind.
pub(crate) fn parser() -> impl TypedValueParser<Value = ClassifierKind> {
    let names = KINDS.iter().map(|kind| PossibleValue::new(kind.name).help(kind.help));
    PossibleValuesParser::new(names)
        .map(|name| *KINDS.iter().find(|kind| kind.name == name).unwrap_or(&KINDS[0]))
}
