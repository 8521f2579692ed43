//! Calls that draw noise, all from seed 0.

use anyhow::{Result, bail};
use cleanlab_core::Labels;
use cleanlab_noise_generation::{
    NoiseMatrixOptions, generate_noise_matrix_from_trace_seeded, generate_noisy_labels_seeded,
};
use ndarray::Array1;

use crate::data::Data;
use crate::{Answer, Clock};

pub(crate) fn measure(clock: &mut Clock<'_>, data: &Data, call: &str, argument: &str) -> Result<Answer> {
    let answer = match call {
        "generate_noise_matrix_from_trace" => {
            let n_classes: usize = argument.parse()?;
            let py = Array1::from_elem(n_classes, 1.0 / n_classes as f64);
            let options = NoiseMatrixOptions::default().with_py(py);
            // On average a fifth of each class is mislabelled.
            let trace = 0.8 * n_classes as f64;
            Answer::numbers(
                clock.time(|| Ok(generate_noise_matrix_from_trace_seeded(n_classes, trace, &options, 0)?))?,
            )
        }
        "generate_noisy_labels" => {
            let (labels, matrix) = (data.labels()?, data.noise_matrix()?);
            let noisy =
                clock.time(|| Ok(generate_noisy_labels_seeded(&Labels::new(labels)?, matrix.view(), 0)?))?;
            Answer::numbers(noisy.as_slice().iter().map(|&label| f64::from(label)))
        }
        _ => bail!("no such call: {call}"),
    };
    Ok(answer)
}
