//! What is asked of rows with a set of classes, on drawn data and options.

#![no_main]

use cleanlab_core::PredProbs;
use cleanlab_filter::FilterBy;
use cleanlab_fuzz::draws;
use cleanlab_multilabel::{
    Aggregator, FindMultilabelIssuesOptions, MultiLabels, MultilabelConfidentJointOptions, MultilabelProbs,
    MultilabelScoreOptions, compute_confident_joint, find_label_issues, find_multilabel_issues_per_class,
    get_label_quality_scores, get_label_quality_scores_per_class, int2onehot, multilabel_health_summary,
    multilabel_py, num_label_issues,
};
use cleanlab_rank::LabelQualityMethod;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    let _ = calls(&mut bytes);
});

fn calls(bytes: &mut Unstructured<'_>) -> Result<()> {
    let classes = draws::length(bytes, 5)?;
    let rows = draws::length(bytes, 16)?;
    let lists: Vec<Vec<i64>> = (0..rows)
        .map(|_| {
            let n = draws::length(bytes, 4)?;
            draws::labels(bytes, n, classes)
        })
        .collect::<Result<_>>()?;
    let values = draws::matrix(bytes, rows, classes)?;
    let Ok(labels) = MultiLabels::from_lists(&lists, classes) else { return Ok(()) };
    let _ = (int2onehot(&labels), multilabel_py(&labels), labels.to_lists());
    let Ok(pred_probs) = PredProbs::new(values.view()) else { return Ok(()) };
    let Ok(data) = MultilabelProbs::new(labels, pred_probs) else { return Ok(()) };
    let mut options = FindMultilabelIssuesOptions::default();
    options.filter_by = draws::one_of(bytes, &FilterBy::ALL)?;
    if bytes.ratio(1, 3)? {
        options.frac_noise = draws::float(bytes)?;
    }
    if let Ok(issues) = find_label_issues(&data, &options) {
        let _ = issues.indices();
    }
    let _ = find_multilabel_issues_per_class(&data, &options);
    let _ = (num_label_issues(&data), multilabel_health_summary(&data, &options));
    let method = draws::one_of(
        bytes,
        &[
            LabelQualityMethod::SelfConfidence,
            LabelQualityMethod::NormalizedMargin,
            LabelQualityMethod::ConfidenceWeightedEntropy,
            LabelQualityMethod::AdjustedSelfConfidence,
        ],
    )?;
    let aggregator = match bytes.int_in_range(0..=3)? {
        0 => Aggregator::softmin(),
        1 => Aggregator::custom(|scores| scores.iter().sum()),
        _ => Aggregator::default(),
    };
    let _ = get_label_quality_scores(
        &data,
        &MultilabelScoreOptions::default().with_method(method).with_aggregator(aggregator),
    );
    let _ = get_label_quality_scores_per_class(&data, method);
    let _ = compute_confident_joint(&data, &MultilabelConfidentJointOptions::default());
    Ok(())
}
