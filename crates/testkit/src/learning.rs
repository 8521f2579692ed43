//! What scikit-learn and cleanlab split, trained and estimated.

use serde_json::Value;

/// The recorded cases of `name`: `splits`, `logistic_regression`, `gaussian_naive_bayes`, `k_nearest_neighbors`,
/// `cross_val_predict` or `noise_estimates`.
///
/// ```
/// let cases = cleanlab_testkit::learning("logistic_regression");
/// assert!(cases[0]["tolerance"].as_f64().is_some());
/// ```
///
/// # Panics
///
/// If there is no such recording.
#[must_use]
pub fn learning(name: &str) -> Value {
    let text = match name {
        "splits" => include_str!("../fixtures/learning/splits.json"),
        "logistic_regression" => include_str!("../fixtures/learning/logistic_regression.json"),
        "gaussian_naive_bayes" => include_str!("../fixtures/learning/gaussian_naive_bayes.json"),
        "k_nearest_neighbors" => include_str!("../fixtures/learning/k_nearest_neighbors.json"),
        "cross_val_predict" => include_str!("../fixtures/learning/cross_val_predict.json"),
        "noise_estimates" => include_str!("../fixtures/learning/noise_estimates.json"),
        _ => panic!("there is no recording called {name}"),
    };
    let mut recording: Value = serde_json::from_str(text).expect("recordings are valid JSON");
    recording["cases"].take()
}
