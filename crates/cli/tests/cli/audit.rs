//! The whole audit: which checks are made, what becomes of those that fail, and the reports.

use insta::assert_snapshot;

use crate::support::{LABELS, Run, Scene, issue_rows, npy, pets, pets_with, probs_csv, six_decimals};

fn pets_scene() -> Scene {
    Scene::with("pets.csv", pets())
}

/// Features of ten rows, of which one is NaN.
fn broken_features() -> Vec<u8> {
    let values: Vec<f64> = (0..20).map(|at| if at == 7 { f64::NAN } else { f64::from(at % 7) }).collect();
    npy("(10, 2)", &values)
}

#[test]
fn audit_without_labels_is_as_before() {
    let run = pets_scene().run("audit pets.csv --exclude animal").ran();
    assert_snapshot!(six_decimals(&run.everything()));
}

#[test]
fn checks_that_lack_something_are_not_run_and_say_what() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv());
    let run = scene.run("audit --labels y.txt --pred-probs p.csv").ran();
    assert!(
        run.stdout.contains("Not run: ") && run.stdout.contains("near_duplicate (needs "),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("1 of 10 labels looks wrong"), "{}", run.stdout);
}

#[test]
fn checks_that_are_named_and_cannot_run_are_an_error() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv());
    let run = scene.run("audit --labels y.txt --pred-probs p.csv --issue-types label,near_duplicate");
    assert_eq!(run.status, Some(2));
    assert!(run.stdout.contains("1 check FAILED"), "{}", run.stdout);
    assert!(run.stderr.contains("error: the check near_duplicate failed: it needs "), "{}", run.stderr);
    // What could be checked is there all the same.
    assert!(run.stdout.contains("1 of 10 labels looks wrong"), "{}", run.stdout);
}

#[test]
fn checks_that_fail_are_told_everywhere() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv()).and("x.npy", broken_features());
    let audit = "audit --labels y.txt --pred-probs p.csv --features x.npy";
    let outputs = "--report r.html --junit j.xml --save saved --out results";
    let run = scene.run(&format!("{audit} {outputs}"));
    assert_eq!(run.status, Some(2));
    assert!(run.stdout.contains("FAILED"), "{}", run.stdout);
    assert!(run.stderr.contains("error: the check near_duplicate failed: "), "{}", run.stderr);
    let json = scene.run(&format!("{audit} --format json"));
    assert_eq!(json.status, Some(2));
    let checks = json.json()["checks"].as_array().unwrap().clone();
    let failed = checks.iter().find(|check| check["issue_type"] == "near_duplicate").unwrap();
    assert_eq!(failed["status"], "failed");
    let read = |name: &str| std::fs::read_to_string(scene.path(name)).unwrap();
    assert!(read("r.html").contains("near_duplicate"));
    assert!(read("j.xml").contains("name=\"near_duplicate\"><error message="), "{}", read("j.xml"));
    assert!(read("results/summary.json").contains("\"failed\""));
    let again = scene.run("report saved");
    assert_eq!(again.status, Some(2));
    assert!(again.stdout.contains("FAILED"), "{}", again.stdout);
}

#[test]
fn features_of_a_file_that_are_not_finite_train_no_model() {
    let scene = Scene::with("y.txt", LABELS).and("x.npy", broken_features());
    let run = scene.run("audit --labels y.txt --features x.npy");
    assert_eq!(run.status, Some(2));
    assert!(
        run.stderr.contains("no model was trained") && run.stderr.contains("row 3, column 1"),
        "{}",
        run.stderr
    );
}

#[test]
fn issue_types_choose_the_checks() {
    let scene = pets_scene();
    let names = |arguments: &str| {
        let json =
            scene.run(&format!("audit pets.csv --label animal --format json {arguments}")).ran().json();
        let checks = json["checks"].as_array().unwrap().clone();
        let mut names: Vec<String> =
            checks.iter().map(|check| check["issue_type"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("--issue-types label,null"), ["label", "null"]);
    assert_eq!(names("--issue-types class-imbalance"), ["class_imbalance"]);
    let default = names("");
    assert_eq!(names("--issue-types default"), default);
    let all = names("--issue-types all");
    assert!(all.contains(&"data_valuation".to_owned()) && !default.contains(&"data_valuation".to_owned()));
    let cleanlab = names("--issue-types cleanlab");
    assert_eq!(cleanlab.len(), 7, "{cleanlab:?}");
    let typo = scene.run("audit pets.csv --label animal --issue-types outliers").message();
    assert!(typo.contains("no issue type \"outliers\"; did you mean \"outlier\"?"), "{typo}");
}

#[test]
fn missing_values_are_seen_before_they_are_filled_in() {
    let empty: String = pets().lines().next().unwrap().to_owned() + "\n";
    let rows: String = pets().lines().skip(1).map(|line| format!("{line}\n")).collect();
    let table = empty + &rows.replacen("100,4.0,25,long,cat", ",,,,cat", 1);
    assert!(table.contains(",,,,cat"));
    let scene = Scene::with("pets.csv", table);
    let json = scene.run("audit pets.csv --label animal --format json").ran().json();
    assert_eq!(issue_rows(&json, "null"), [0]);
    let warned = scene.run("audit pets.csv --label animal").ran();
    assert!(warned.stderr.contains("missing numbers were filled with the mean"), "{}", warned.stderr);
}

#[test]
fn report_is_written_by_its_ending() {
    let scene = pets_scene();
    let audit = "audit pets.csv --label animal --exclude pet_id --report";
    for (name, begins) in [("r.html", "<!doctype html>"), ("r.txt", "pets.csv: 24 rows"), ("r.json", "{")] {
        let run = scene.run(&format!("{audit} {name}")).ran();
        assert!(run.stdout.contains(&format!("The report is in {name}.")), "{}", run.stdout);
        let text = std::fs::read_to_string(scene.path(name)).unwrap();
        assert!(text.starts_with(begins), "{name}: {text}");
    }
    let json = std::fs::read_to_string(scene.path("r.json")).unwrap();
    assert_eq!(scene.run(&format!("{audit} r.json --format json")).ran().stdout.trim_end(), json.trim_end());
    let refused = scene.run(&format!("{audit} r.pdf"));
    assert_eq!(refused.status, Some(2));
    assert!(refused.stderr.contains("must end in .html, .txt or .json"), "{}", refused.stderr);
}

#[test]
fn audit_as_csv_has_a_line_per_issue() {
    let run = pets_scene().run("audit pets.csv --label animal --exclude pet_id --format csv").ran();
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next(), Some("issue_type,row,column,score,given_label,predicted_label"));
    assert_eq!(lines.filter(|line| line.starts_with("label,")).count(), 2, "{}", run.stdout);
}

#[test]
fn colour_is_for_terminals_or_by_force() {
    let scene = pets_scene();
    let audit = ["audit", "pets.csv", "--label", "animal", "--exclude", "pet_id"];
    let plain = Run::of(scene.command().args(audit)).ran();
    assert!(!plain.stdout.contains('\u{1b}'));
    let forced = Run::of(scene.command().args(audit).env("CLICOLOR_FORCE", "1")).ran();
    assert!(forced.stdout.contains("\u{1b}[1mpets.csv: 24 rows"), "{}", forced.stdout);
}

#[test]
fn split_column_is_no_feature_and_must_be_there() {
    let table: String = pets()
        .lines()
        .enumerate()
        .map(|(at, line)| {
            format!("{line},{}\n", ["part", "train", "test"][usize::from(at > 0) * (1 + at % 2)])
        })
        .collect();
    let scene = Scene::with("pets.csv", table);
    scene.run("audit pets.csv --label animal --exclude pet_id --split part").ran();
    let message = scene.run("audit pets.csv --label animal --split prt").message();
    assert!(message.contains("did you mean \"part\"?"), "{message}");
}

#[test]
fn knn_graph_is_read_or_refused() {
    let scene = pets_scene().and("graph.npz", pets()).and("x.npy", npy("(3, 1)", &[1.0, 2.0, 3.0]));
    let refused = scene.run("audit pets.csv --label animal --knn-graph graph.npz").message();
    assert!(refused.contains("graph.npz"), "{refused}");
    let rows = scene.run("audit pets.csv --label animal --features x.npy").message();
    assert!(rows.contains("x.npy has 3 rows but pets.csv has 24"), "{rows}");
}

#[test]
fn neighbours_are_approximate_on_request() {
    let scene = pets_scene();
    let run = scene
        .run("audit pets.csv --label animal --exclude pet_id --neighbors approximate --format json")
        .ran();
    let settings = run.json()["about"]["settings"].to_string();
    assert!(settings.contains("neighbours"), "{settings}");
    let exact =
        scene.run("audit pets.csv --label animal --exclude pet_id --neighbors exact --format json").ran();
    assert!(exact.json()["about"]["settings"].to_string().contains("\"exact\""));
}

#[test]
fn null_cell_in_one_column_is_no_issue() {
    let scene = Scene::with("pets.csv", pets_with(3, 1, ""));
    let json = scene.run("audit pets.csv --label animal --format json").ran().json();
    assert!(issue_rows(&json, "null").is_empty());
}
