//! The health score of `cleanlab.dataset`.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::CountError;
use cleanlab_dataset::overall_label_health_score;
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::Array2;

#[test]
fn dataset_equals_the_reference() {
    run("class-labels", &["overall_label_health_score"], |check| {
        let values = check.case.matrix("pred_probs");
        let answer =
            if check.case.is_f32 { answer(check, values.mapv(|p| p as f32)) } else { answer(check, values) };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer<F: Float>(check: &Check<'_>, values: Array2<F>) -> Result<Answer, CountError> {
    let indices = check.case.integers("labels");
    let data = LabeledProbs::new(Labels::new(&indices)?, PredProbs::new(values)?)?;
    Ok(Answer::Close(vec![("", vec![overall_label_health_score(&data)?])]))
}
