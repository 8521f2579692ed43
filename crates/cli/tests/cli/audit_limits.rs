//! Limits over every kind of issue, and test cases for pipelines.

use insta::assert_snapshot;

use crate::support::{LABELS, Scene, pets, probs_csv};

const AUDIT: &str = "audit pets.csv --label animal --exclude pet_id --quiet";

#[test]
fn limits_hold_for_every_kind_of_issue() {
    let scene = Scene::with("pets.csv", pets());
    for (limits, status) in [
        ("label>2,null>0,class_imbalance>0%", 0),
        ("null>0,label>1", 1),
        ("label<1", 1),
        ("null<1", 1),
        ("null<0.5", 0),
        ("health<1", 1),
    ] {
        let run = scene.run(&format!("{AUDIT} --fail-on {limits}"));
        assert_eq!(run.status, Some(status), "{limits}: {}", run.stderr);
    }
}

#[test]
fn limits_of_checks_without_a_result_are_an_error() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv());
    let run = scene.run("audit --labels y.txt --pred-probs p.csv --fail-on near_duplicate>0,label>0");
    assert_eq!(run.status, Some(2));
    let words = "error: the limit near_duplicate>0 cannot be held against anything: near_duplicate has no result: it needs";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(run.stderr.contains("limit passed: 1 label issue, more than 0"), "{}", run.stderr);
}

#[test]
fn limits_of_unknown_issues_are_refused_and_the_nearest_named() {
    let run = Scene::with("pets.csv", pets()).run(&format!("{AUDIT} --fail-on near_duplicates>0"));
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("did you mean \"near_duplicate\"?"), "{}", run.stderr);
}

#[test]
fn junit_has_a_case_for_every_check_and_limit() {
    let scene = Scene::with("pets.csv", pets());
    let run = scene.run(&format!(
        "{AUDIT} --issue-types label,null,class_imbalance --fail-on label>1,null>0 --junit audit.xml"
    ));
    assert_eq!(run.status, Some(1));
    assert_snapshot!(std::fs::read_to_string(scene.path("audit.xml")).unwrap());
}

#[test]
fn junit_that_cannot_be_written_is_an_error() {
    let scene = Scene::with("pets.csv", pets());
    let message = scene.run(&format!("{AUDIT} --junit nowhere/audit.xml")).message();
    assert_eq!(message, "--junit nowhere/audit.xml cannot be written: there is no folder nowhere");
}
