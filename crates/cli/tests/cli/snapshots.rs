//! What is printed, word for word.

use insta::assert_snapshot;

use crate::support::{LABELS, Run, Scene, cleanlab, probs_csv, six_decimals, workspace};

/// What an audit of the digits prints, with six decimals of every number.
fn audit_digits(arguments: &[&str]) -> String {
    let audit = ["audit", "examples/data/digits.csv", "--label", "digit"];
    let run = Run::of(cleanlab().current_dir(workspace()).args(audit).args(arguments)).ran();
    six_decimals(&run.everything())
}

#[test]
fn audit_digits_as_text_is_as_before() {
    assert_snapshot!(audit_digits(&[]));
}

#[test]
fn audit_digits_as_json_is_as_before() {
    assert_snapshot!(audit_digits(&["--format", "json"]));
}

#[test]
fn audit_digits_as_csv_is_as_before() {
    assert_snapshot!(audit_digits(&["--format", "csv"]));
}

#[test]
fn audit_digits_quietly_prints_no_hints() {
    assert_snapshot!(audit_digits(&["--quiet", "--top", "2"]));
}

fn small_arrays(arguments: &str) -> Run {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv());
    scene.run(&format!("labels --labels y.txt --pred-probs p.csv {arguments}")).ran()
}

#[test]
fn labels_small_arrays_as_text_is_as_before() {
    assert_snapshot!(small_arrays("").everything());
}

#[test]
fn labels_small_arrays_as_json_is_as_before() {
    assert_snapshot!(small_arrays("--format json").everything());
}

#[test]
fn labels_small_arrays_as_csv_is_as_before() {
    assert_snapshot!(small_arrays("--format csv").everything());
}

#[test]
fn labels_written_results_are_as_before() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv());
    scene.run("labels --labels y.txt --pred-probs p.csv --out results").ran();
    let read = |name: &str| std::fs::read_to_string(scene.path("results").join(name)).unwrap();
    assert_snapshot!("written_csv", read("label_issues.csv"));
    assert_snapshot!("written_json", read("label_issues.json"));
    assert_snapshot!("written_summary", read("summary.json"));
}

#[test]
fn noise_as_text_is_as_before() {
    assert_snapshot!(Scene::new().run("noise --classes 4 --trace 3.2 --seed 0").ran().everything());
}

#[test]
fn noise_as_json_is_as_before() {
    let run = Scene::new().run("noise --classes 4 --trace 3.2 --seed 0 --format json");
    assert_snapshot!(run.ran().everything());
}

#[test]
fn noise_as_csv_is_as_before() {
    let run = Scene::new().run("noise --classes 4 --trace 3.2 --seed 0 --format csv");
    assert_snapshot!(run.ran().everything());
}

#[test]
fn help_of_each_command_is_as_before() {
    assert_snapshot!("help", Scene::new().run("--help").ran().everything());
    for command in [
        "audit",
        "report",
        "issues",
        "diff",
        "labels",
        "health",
        "overlap",
        "classes",
        "clean",
        "noise",
        "completions",
        "man",
    ] {
        let help = Scene::new().run(&format!("{command} --help")).ran();
        assert_snapshot!(format!("help_{command}"), help.everything());
    }
}

#[test]
fn usage_errors_are_as_before() {
    let mistakes = [
        "",
        "audit",
        "audit pets.csv --label",
        "audit pets.csv --label y --folds 1",
        "audit pets.csv --label y --fail-on label=2%",
        "labels --labels y.npy --pred-probs p.npy --filter-by margin",
        "noise --trace 3",
        "noise --trace 3 --classes 4 --labels y.npy",
        "completions dos",
        "audti",
    ];
    let all: Vec<String> = mistakes
        .iter()
        .map(|arguments| {
            let run = Scene::new().run(arguments);
            assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{arguments}");
            format!("$ cleanlab {arguments}\n{}", run.stderr)
        })
        .collect();
    assert_snapshot!(all.join("\n"));
}
