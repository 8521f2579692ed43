//! The account of label health that `cleanlab.dataset` gives.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{ConfidentJoint, CountError};
use cleanlab_dataset::{
    ClassLabelQuality, DatasetError, HealthSource, OverlappingClasses, Symmetry, find_overlapping_classes,
    health_summary, overall_label_health_score, rank_classes_by_label_quality,
};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array2, ShapeBuilder};

#[test]
fn dataset_equals_the_reference() {
    let functions = [
        "overall_label_health_score",
        "overall_label_health_score_of_source",
        "rank_classes_by_label_quality",
        "find_overlapping_classes",
        "health_summary",
    ];
    run("class-labels", &functions, |check| {
        let values = check.case.matrix("pred_probs");
        let answer = if check.case.is_f32 {
            of_source(check, values.mapv(|p| p as f32))
        } else {
            of_source(check, values)
        };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn of_source<F: Float>(check: &Check<'_>, values: Array2<F>) -> Result<Answer, DatasetError> {
    let source = if check.has("source") { check.text("source") } else { "probabilities" };
    match source {
        "joint" => {
            let joint = check.matrix("joint");
            let in_columns = Array2::from_shape_fn(joint.dim().f(), |cell| joint[cell]);
            let joint = if check.flag("column_major") { in_columns } else { joint };
            answer(check, &HealthSource::joint(joint.view(), check.number("num_examples") as u64))
        }
        "confident_joint" => {
            let counts = check.matrix("confident_joint").mapv(|count| count as u64);
            answer(check, &HealthSource::confident_joint(&ConfidentJoint::from_counts(counts)?))
        }
        _ => {
            let indices = check.case.integers("labels");
            let data = Labels::new(&indices)
                .and_then(|labels| LabeledProbs::allowing_one_class(labels, PredProbs::new(values)?));
            answer(check, &HealthSource::probabilities(&data.map_err(CountError::from)?))
        }
    }
}

fn answer<F: Float>(check: &Check<'_>, source: &HealthSource<'_, F>) -> Result<Answer, DatasetError> {
    let symmetry = if check.flag("asymmetric") { Symmetry::Asymmetric } else { Symmetry::Symmetric };
    Ok(match check.function {
        "overall_label_health_score" | "overall_label_health_score_of_source" => {
            close(vec![overall_label_health_score(source)?])
        }
        "rank_classes_by_label_quality" => {
            Answer::Parts(class_columns(&rank_classes_by_label_quality(source)?).into())
        }
        "find_overlapping_classes" => {
            Answer::Parts(pair_columns(&find_overlapping_classes(source, symmetry)?).into())
        }
        "health_summary" => {
            let summary = health_summary(source, symmetry)?;
            let mut parts = vec![
                ("overall_label_health_score", close(vec![summary.overall_label_health_score])),
                ("joint", close(summary.joint.iter().copied().collect())),
            ];
            let columns = [
                "classes_by_label_quality.class_index",
                "classes_by_label_quality.label_issues",
                "classes_by_label_quality.inverse_label_issues",
                "classes_by_label_quality.label_noise",
                "classes_by_label_quality.inverse_label_noise",
                "classes_by_label_quality.label_quality_score",
            ];
            let classes = class_columns(&summary.classes_by_label_quality);
            parts.extend(columns.into_iter().zip(classes.map(|(_, answer)| answer)));
            let columns = [
                "overlapping_classes.class_index_a",
                "overlapping_classes.class_index_b",
                "overlapping_classes.num_overlapping_examples",
                "overlapping_classes.joint_probability",
            ];
            let pairs = pair_columns(&summary.overlapping_classes);
            parts.extend(columns.into_iter().zip(pairs.map(|(_, answer)| answer)));
            Answer::Parts(parts)
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}

fn close(values: Vec<f64>) -> Answer {
    Answer::Close(vec![("", values)])
}

fn class_columns(rows: &[ClassLabelQuality]) -> [(&'static str, Answer); 6] {
    let whole = |value: fn(&ClassLabelQuality) -> u64| {
        Answer::Exact(rows.iter().map(|row| value(row) as i64).collect())
    };
    let real = |value: fn(&ClassLabelQuality) -> f64| close(rows.iter().map(value).collect());
    [
        ("class_index", whole(|row| row.class as u64)),
        ("label_issues", whole(|row| row.label_issues)),
        ("inverse_label_issues", whole(|row| row.inverse_label_issues)),
        ("label_noise", real(|row| row.label_noise)),
        ("inverse_label_noise", real(|row| row.inverse_label_noise)),
        ("label_quality_score", real(|row| row.label_quality_score)),
    ]
}

fn pair_columns(rows: &[OverlappingClasses]) -> [(&'static str, Answer); 4] {
    let whole = |value: fn(&OverlappingClasses) -> u64| {
        Answer::Exact(rows.iter().map(|row| value(row) as i64).collect())
    };
    [
        ("class_index_a", whole(|row| row.class_a as u64)),
        ("class_index_b", whole(|row| row.class_b as u64)),
        ("num_overlapping_examples", whole(|row| row.num_overlapping_examples)),
        ("joint_probability", close(rows.iter().map(|row| row.joint_probability).collect())),
    ]
}
