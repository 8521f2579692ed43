//! Outputs never take the place of inputs, or of each other.

use std::fs;

use crate::support::{LABELS, PROBS, Scene, npy, pets, probs_csv};

const AUDIT: &str = "audit pets.csv --label animal --id pet_id --quiet";

/// Runs the command, which must refuse with these words and change nothing.
#[track_caller]
fn refused(scene: &Scene, arguments: &str, words: &[&str]) {
    let before = scene.listing();
    let message = scene.run(arguments).message();
    for word in words {
        assert!(message.contains(word), "{arguments}: {message}");
    }
    assert_eq!(scene.listing(), before, "{arguments}");
}

#[test]
fn outputs_that_are_inputs_are_refused() {
    let scene = Scene::with("pets.csv", pets()).and("issues.csv", pets()).and("options.json", "");
    let audit = "audit --label animal --config options.json";
    refused(&scene, &format!("{AUDIT} --junit ./pets.csv"), &["--junit ./pets.csv", "the table pets.csv"]);
    refused(
        &scene,
        "audit issues.csv --label animal --out .",
        &["--out ./issues.csv", "the table issues.csv"],
    );
    refused(&scene, &format!("{audit} pets.csv --report nowhere/../options.json"), &["--report", "--config"]);
    let arrays = Scene::with("y.txt", LABELS).and("label_issues.csv", probs_csv());
    let labels = "labels --labels y.txt --pred-probs label_issues.csv --out .";
    refused(&arrays, labels, &["--out", "--pred-probs"]);
}

#[cfg(unix)]
#[test]
fn outputs_that_are_links_to_inputs_are_refused() {
    let scene = Scene::with("pets.csv", pets());
    std::os::unix::fs::symlink("pets.csv", scene.path("link.xml")).unwrap();
    fs::hard_link(scene.path("pets.csv"), scene.path("hard.xml")).unwrap();
    for name in ["link.xml", "hard.xml"] {
        refused(&scene, &format!("{AUDIT} --junit {name}"), &["--junit", "the table"]);
    }
}

#[test]
fn outputs_that_are_each_other_are_refused() {
    let scene = Scene::with("pets.csv", pets());
    fs::create_dir(scene.path("results")).unwrap();
    for (outputs, words) in [
        ("--report r.json --junit ./r.json", ["--report r.json", "--junit ./r.json"]),
        ("--report results/summary.json --out results", ["--report results/summary.json", "--out"]),
        ("--out results --save results/audit", ["--save results/audit", "--out results"]),
        ("--out results/here --save results", ["--out results/here", "--save results"]),
        ("--out results --save results", ["--out results", "--save results"]),
        ("--report results/r.html --save results", ["--report results/r.html", "--save results"]),
        ("--report results/no/r.html", ["--report results/no/r.html", "there is no folder results/no"]),
        ("--junit results", ["--junit results", "is a folder"]),
    ] {
        refused(&scene, &format!("{AUDIT} {outputs}"), &words);
    }
}

#[test]
fn saved_audits_hold_nothing_else() {
    let scene = Scene::with("pets.csv", pets());
    scene.run(&format!("{AUDIT} --save saved")).ran();
    refused(&scene, "report saved --report saved/manifest.json", &["--report saved/manifest.json"]);
    refused(&scene, &format!("{AUDIT} --report saved/r.html"), &["--report saved/r.html", "saved audit"]);
    refused(&scene, &format!("{AUDIT} --save saved/more"), &["--save saved/more", "saved audit"]);
    scene.run(&format!("{AUDIT} --save saved --report r.html --junit j.xml --out results")).ran();
}

#[test]
fn ids_must_differ_and_splits_be_few() {
    let twice = pets().replacen("\n103,", "\n101,", 1);
    let scene = Scene::with("pets.csv", pets()).and("twice.csv", twice);
    refused(&scene, "audit twice.csv --label animal --id pet_id", &["101 in both rows 1 and 3", "--id"]);
    refused(&scene, "audit pets.csv --label animal --id animal", &["--id and --label"]);
    refused(&scene, "audit pets.csv --label animal --split animal", &["--split and --label"]);
    refused(&scene, "audit pets.csv --label animal --split weight", &["weight of --split", "fractions"]);
    refused(&scene, &format!("{AUDIT} --issue-types split_leakage"), &["needs --split COLUMN"]);
}

#[test]
fn diff_finds_rows_by_content_where_only_one_audit_has_ids() {
    let header_and_reversed: String = {
        let text = pets();
        let (header, rows) = text.split_once('\n').unwrap();
        let rows: Vec<&str> = rows.lines().rev().collect();
        format!("{header}\n{}\n", rows.join("\n"))
    };
    let scene = Scene::with("pets.csv", pets()).and("turned.csv", header_and_reversed);
    scene.run(&format!("{AUDIT} --save old")).ran();
    scene.run("audit turned.csv --label animal --quiet --save new").ran();
    let json = scene.run("diff old new --format json").ran().json();
    assert_eq!((&json["matched_by"], &json["n_matched"]), (&"content".into(), &24.into()));
    assert_eq!(json["labels_changed"], 0);
    scene.run("audit pets.csv --label weight --task regression --quiet --save other").ran();
    refused(&scene, "diff old other", &["audit of classification", "one of regression"]);
}

#[test]
fn small_tables_have_too_few_rows_for_some_checks() {
    let scene = Scene::with("y.txt", LABELS)
        .and("p.csv", probs_csv())
        .and("x.npy", npy("(10, 2)", &PROBS.concat()))
        .and("none.npy", npy("(10, 0)", &[]));
    let audit = "audit --labels y.txt --pred-probs p.csv --features";
    let run = scene.run(&format!("{audit} x.npy")).ran();
    assert!(run.stdout.contains("near_duplicate (needs more than 10"), "{}", run.stdout);
    let asked = scene.run(&format!("{audit} x.npy --issue-types near_duplicate"));
    assert_eq!(asked.status, Some(2));
    assert!(asked.stderr.contains("[checks.near_duplicate]"), "{}", asked.stderr);
    refused(&scene, &format!("{audit} none.npy"), &["none.npy", "[10, 0]"]);
}

#[test]
fn predictions_in_another_order_are_told() {
    let columns = PROBS.iter().flat_map(|[a, b]| [*b, *a]).collect::<Vec<f64>>();
    let scene = Scene::with("y.txt", LABELS).and("p.npy", npy("(10, 2)", &columns));
    let run = scene.run("audit --labels y.txt --pred-probs p.npy");
    assert!(run.stderr.contains("agree with 10 % of the labels"), "{}", run.stderr);
}
