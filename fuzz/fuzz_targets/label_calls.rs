//! What is asked of labels with predicted probabilities, on drawn data and options.

#![no_main]

use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_count::{
    Calibration, CollisionRule, ConfidentJoint, ConfidentJointOptions, EstimationMethod, LatentOptions,
    PyMethod, compute_confident_joint, estimate_joint, estimate_latent, num_label_issues,
};
use cleanlab_dataset::{HealthSource, Symmetry, find_overlapping_classes, health_summary};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use cleanlab_fuzz::draws;
use cleanlab_rank::{
    EnsembleOptions, EnsembleWeighting, LabelQualityMethod, get_label_quality_ensemble_scores,
    get_label_quality_scores,
};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use ndarray::Array2;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    let _ = calls(&mut bytes);
});

fn calls(bytes: &mut Unstructured<'_>) -> Result<()> {
    let classes = draws::length(bytes, 5)?;
    let rows = draws::length(bytes, 24)?;
    let n_labels = if bytes.ratio(1, 50)? { draws::length(bytes, 24)? } else { rows };
    let labels = draws::labels(bytes, n_labels, classes)?;
    let values = draws::pred_probs(bytes, rows, classes)?;
    if bytes.arbitrary()? {
        asked(bytes, &labels, &values.mapv(|value| value as f32))
    } else {
        asked(bytes, &labels, &values)
    }
}

fn asked<F: cleanlab_core::Float>(
    bytes: &mut Unstructured<'_>,
    labels: &[i64],
    values: &Array2<F>,
) -> Result<()> {
    let Ok(labels) = Labels::new(labels) else { return Ok(()) };
    let Ok(pred_probs) = PredProbs::new(values.view()) else { return Ok(()) };
    let Ok(data) = LabeledProbs::new(labels.borrowed(), pred_probs.borrowed()) else { return Ok(()) };
    let method = draws::one_of(bytes, &LabelQualityMethod::ALL)?;
    let collision = draws::one_of(bytes, &[CollisionRule::LargestOfAll, CollisionRule::LargestOfConfident])?;
    let calibration = draws::one_of(bytes, &[Calibration::ToLabelCounts, Calibration::Uncalibrated])?;
    let mut options = FindLabelIssuesOptions::default()
        .with_filter_by(draws::one_of(bytes, &FilterBy::ALL)?)
        .with_collision(collision)
        .with_min_examples_per_class(bytes.int_in_range(0..=6)?);
    if bytes.ratio(1, 3)? {
        options = options.with_frac_noise(draws::float(bytes)?);
    }
    if bytes.ratio(1, 4)? {
        let n = draws::length(bytes, 6)?;
        let counts = (0..n).map(|_| Ok(u64::from(bytes.arbitrary::<u8>()?)));
        options = options.with_num_to_remove_per_class(counts.collect::<Result<_>>()?);
    }
    let custom = if bytes.ratio(1, 4)? { Some(drawn_joint(bytes)?) } else { None };
    if let Some(Ok(joint)) = &custom {
        options = options.with_confident_joint(joint.clone());
    }
    if let Ok(issues) = find_label_issues(&data, &options) {
        let _ = issues.ranked_by(&data, method);
    }
    let _ = get_label_quality_scores(&data, method);
    let weighting = draws::one_of(bytes, &[0, 1, 2])?;
    let weighting = match weighting {
        0 => EnsembleWeighting::Uniform,
        1 => EnsembleWeighting::Accuracy,
        _ => EnsembleWeighting::log_loss_search(),
    };
    let ensemble = EnsembleOptions::default().with_method(method).with_weighting(weighting);
    let _ = get_label_quality_ensemble_scores(
        &labels,
        &[pred_probs.borrowed(), pred_probs.borrowed()],
        &ensemble,
    );
    let joint_options =
        ConfidentJointOptions::default().with_calibration(calibration).with_collision(collision);
    let counted = compute_confident_joint(&data, &joint_options);
    for method in [EstimationMethod::OffDiagonal, EstimationMethod::OffDiagonalCalibrated] {
        let _ = num_label_issues(&data, &method);
    }
    let _ = health_summary(&HealthSource::Probabilities(&data), Symmetry::default());
    for joint in [counted.ok(), custom.and_then(std::result::Result::ok)].into_iter().flatten() {
        let _ = num_label_issues(&data, &EstimationMethod::OffDiagonalCustom(joint.clone()));
        if labels.max_class() < joint.n_classes() {
            let _ = estimate_joint(&joint, &labels.counts(joint.n_classes()));
        }
        let py_method = draws::one_of(
            bytes,
            &[PyMethod::Counts, PyMethod::Equation, PyMethod::Marginal, PyMethod::MarginalPs],
        )?;
        let _ = estimate_latent(&joint, &labels, &LatentOptions::default().with_py_method(py_method));
        let source = HealthSource::<f64>::ConfidentJoint(&joint);
        let _ = health_summary(&source, Symmetry::default());
        let _ = find_overlapping_classes(&source, Symmetry::default());
    }
    Ok(())
}

fn drawn_joint(
    bytes: &mut Unstructured<'_>,
) -> Result<std::result::Result<ConfidentJoint, cleanlab_count::CountError>> {
    let k = draws::length(bytes, 5)?;
    let mut counts = Array2::zeros((k, k));
    for count in &mut counts {
        *count = match bytes.arbitrary::<u8>()? {
            255 => bytes.arbitrary()?,
            count => u64::from(count),
        };
    }
    Ok(ConfidentJoint::from_counts(counts))
}
