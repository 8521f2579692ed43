//! A check of one's own beside those that are made by default: readings of a sensor that has stuck.
//!
//! `cargo run --package cleanlab-examples --bin custom_issue_manager`

#![allow(clippy::print_stdout, reason = "an example")]

use cleanlab_core::RandomState;
use cleanlab_datalab::{
    CheckContext, CheckError, Checks, ColumnValues, Datalab, FindIssuesOptions, Info, InfoValue, Inputs,
    IssueFindings, IssueManager, Task,
};
use ndarray::{Array1, Array2};

const N: usize = 200;

/// Flags rows of a series whose first feature has not moved for a while.
struct StuckSensor {
    /// Equal readings in a row from which on a sensor is taken for stuck.
    run_length: usize,
}

impl IssueManager for StuckSensor {
    fn issue_name(&self) -> &'static str {
        "stuck_sensor"
    }

    fn description(&self) -> &'static str {
        "Readings that repeat the one before for too long."
    }

    /// A check that is asked for and cannot run fails with this reason; as a default it would just not run.
    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        context.features().is_none().then(|| "features".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let features = context.features_f64().ok_or_else(|| CheckError::needs("features"))?;
        let readings = features.column(0).to_vec();
        let mut run_lengths = Vec::with_capacity(readings.len());
        let mut longest = 0;
        for run in readings.chunk_by(|a, b| a == b) {
            run_lengths.extend(vec![run.len() as i64; run.len()]);
            longest = longest.max(run.len());
        }
        let run_lengths = Array1::from(run_lengths);
        let is_issue = run_lengths.mapv(|length| length as usize >= self.run_length);
        // Scores are between 0 and 1, 0 the worst.
        let scores = run_lengths.mapv(|length| 1.0 / length as f64);
        Ok(IssueFindings::of_rows(is_issue, scores)
            .with_detail("run_length", ColumnValues::Integers(run_lengths))?
            .with_info(Info::default().with("longest_run", InfoValue::Integer(longest as i64))))
    }
}

fn main() -> anyhow::Result<()> {
    // Two sensors; the first sticks for eight readings.
    let mut stream = RandomState::new(3);
    let mut features = Array2::from_shape_simple_fn((N, 2), || stream.standard_normal());
    for row in 121..128 {
        features[[row, 0]] = features[[120, 0]];
    }

    let mut lab = Datalab::unlabeled(N, Task::Regression)?;
    let checks = Checks::cleanlab_defaults(Task::Regression).with(StuckSensor { run_length: 3 });
    lab.find_issues(
        &Inputs::default().with_features(&features),
        &FindIssuesOptions::default().with_checks(checks),
    )?;

    for line in lab.issue_summary() {
        println!("{:<14} {:>3} issues, score {:.4}", line.issue_type, line.num_issues, line.score);
    }
    let found = lab.get_findings("stuck_sensor")?;
    println!("\nstuck: rows {:?}", found.issue_rows());
    println!("longest run: {} readings", found.info.number("longest_run").unwrap_or(0.0));
    for (name, reason) in lab.failed_checks() {
        println!("{name} failed: {reason}");
    }
    Ok(())
}
