//! Calls that train models.

use anyhow::{Result, bail};
use cleanlab_learning::{
    Classifier, CleanLearning, CleanLearningInputs, CrossValidationOptions, GradientBoosting,
    LogisticRegression, RandomForest, TrainingSet, cross_val_predict,
};

use crate::data::Data;
use crate::{Answer, Clock};

pub(crate) fn measure(clock: &mut Clock<'_>, data: &Data, call: &str, argument: &str) -> Result<Answer> {
    let (features, labels) = (data.features_f64()?, data.labels()?);
    let n_classes = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
    let training = || anyhow::Ok(TrainingSet::new(features.view(), labels, n_classes)?);
    match call {
        "cross_val_predict" => {
            let options = CrossValidationOptions::default();
            let held_out = clock
                .time(|| Ok(cross_val_predict(&LogisticRegression::default(), &training()?, &options)?))?;
            Ok(Answer::numbers(held_out.pred_probs))
        }
        "clean_learning" => {
            let clean = CleanLearning::new(LogisticRegression::default()).with_seed(0);
            let issues =
                clock.time(|| Ok(clean.find_label_issues(&training()?, &CleanLearningInputs::default())?))?;
            Ok(Answer::mask(&issues.table.is_label_issue))
        }
        "random_forest" | "gradient_boosting" => {
            let seed: u32 = argument.parse()?;
            let classifier: Box<dyn Classifier> = match call {
                "random_forest" => Box::new(RandomForest::default().with_seed(seed)),
                _ => Box::new(GradientBoosting::default().with_seed(seed)),
            };
            let test_features = data.test_features()?;
            let pred_probs =
                clock.time(|| Ok(classifier.fit(&training()?)?.predict_proba(test_features.view())?))?;
            Ok(Answer::numbers(pred_probs))
        }
        _ => bail!("no such call: {call}"),
    }
}
