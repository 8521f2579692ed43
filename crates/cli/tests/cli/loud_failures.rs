//! One failure in every check of every task: nobody who looks anywhere can take the audit for a whole one.

use std::fmt::Write as _;
use std::fs;

use cleanlab_datalab::{Task, list_possible_issue_types};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::support::{Scene, pets, workspace};

const TASKS: [Task; 3] = [Task::Classification, Task::Regression, Task::Multilabel];

/// What makes a check fail: an option that it cannot take, or, for checks without any, data that lack what it looks at.
enum Fault {
    Option(&'static str),
    NoTable,
}

/// The fault for a check. A check that is new has to be added here.
fn fault(name: &str) -> Fault {
    match name {
        "null" | "exact_duplicate" | "constant_column" | "identifier_column" => Fault::NoTable,
        "label" => Fault::Option(""),
        "outlier" | "near_duplicate" | "non_iid" | "data_valuation" => Fault::Option("k = 1000"),
        "split_leakage" => Fault::Option("threshold = -1.0"),
        "mixed_type_column" => Fault::Option("max_odd_share = 5.0"),
        "class_imbalance" => Fault::Option("threshold = 2.0"),
        "underperforming_group" => Fault::Option("min_cluster_samples = 1000"),
        _ => panic!("there is no fault for the check {name}"),
    }
}

/// A scene, and the arguments of an audit in which this check and no other fails.
fn audit_with_fault(task: Task, name: &str) -> (Scene, String) {
    let option = match (fault(name), task) {
        (Fault::NoTable, _) => {
            return (arrays(), format!("{} --issue-types default,{name}", of_arrays(task)));
        }
        (Fault::Option(_), Task::Regression) if name == "label" => "n_splits = 1",
        (Fault::Option(_), _) if name == "label" => "frac_noise = 2.0",
        (Fault::Option(option), _) => option,
    };
    let films: String = (0..60).fold("x,z,part,genres\n".to_owned(), |mut text, row| {
        let genres = ["comedy", "drama", "comedy|drama", "|"][row % 4];
        writeln!(text, "{}.5,{:.3},{},{genres}", row * 7 % 11, (row as f64).sin(), ["a", "b"][row % 2])
            .unwrap();
        text
    });
    let more: String =
        (0..40).map(|row| format!("{},{}.25,{},long,cat\n", 200 + row, row * 7 % 13, 20 + row)).collect();
    let scene = Scene::with("pets.csv", pets() + &more)
        .and("films.csv", films)
        .and("fault.toml", format!("[checks.{name}]\n{option}\n"));
    let data = match task {
        Task::Regression => "audit pets.csv --label height --task regression --split coat",
        Task::Multilabel => "audit films.csv --label genres --label-separator | --split part",
        _ => "audit pets.csv --label animal --split coat",
    };
    (scene, format!("{data} --config fault.toml --issue-types default,{name}"))
}

/// Arrays of forty rows, and no table.
fn arrays() -> Scene {
    let lines = |line: &dyn Fn(usize) -> String| (0..40).map(|row| line(row) + "\n").collect::<String>();
    Scene::with("y.txt", lines(&|row| (row % 2).to_string()))
        .and("sets.txt", lines(&|row| ["a", "b", "a|b"][row % 3].to_owned()))
        .and("numbers.txt", lines(&|row| format!("{}.25", row * 37 % 101)))
        .and("p.csv", format!("a,b\n{}", lines(&|row| ["0.75,0.25", "0.125,0.875"][row % 2].to_owned())))
        .and("q.txt", lines(&|row| format!("{}.5", row * 37 % 101)))
}

fn of_arrays(task: Task) -> &'static str {
    match task {
        Task::Regression => "audit --labels numbers.txt --predictions q.txt --task regression",
        Task::Multilabel => "audit --labels sets.txt --label-separator | --pred-probs p.csv",
        _ => "audit --labels y.txt --pred-probs p.csv",
    }
}

#[test]
fn failure_of_every_check_is_told_everywhere() {
    let kept = workspace().join("target/trust/loud_failures");
    let _ = fs::remove_dir_all(&kept);
    fs::create_dir_all(&kept).unwrap();
    let checks = |task: Task| list_possible_issue_types(task).into_iter().map(move |name| (task, name));
    let checks: Vec<(Task, String)> = TASKS.into_iter().flat_map(checks).collect();
    let tell = |(task, name): &(Task, String)| {
        let (scene, arguments) = audit_with_fault(*task, name);
        let page = is_told(&scene, &arguments, name);
        let file = format!("{task:?}-{name}.html").to_lowercase();
        fs::write(kept.join(&file), page).unwrap();
        json!({ "task": format!("{task:?}"), "check": name, "page": file })
    };
    let told: Vec<Value> = checks.par_iter().map(tell).collect();
    assert!(told.len() > 30, "{told:?}");
    fs::write(kept.join("failures.json"), Value::from(told).to_string()).unwrap();
}

/// Looks everywhere that an audit can be looked at, and gives the page.
fn is_told(scene: &Scene, arguments: &str, name: &str) -> String {
    let outputs = "--report r.html --junit r.xml --out results --save kept";
    let run = scene.run(&format!("{arguments} {outputs}"));
    let what = format!("{arguments}\n{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.status, Some(2), "{what}");
    // The terminal: first what failed, then a table with the word in it; and where errors are looked for.
    let failures = "1 check FAILED and has no result: this audit is not complete.";
    let start: Vec<&str> = run.stdout.lines().skip_while(|line| *line != failures).take(2).collect();
    assert!(start.len() == 2 && start[1].starts_with(&format!("{name}: ")), "{what}");
    let row = run.stdout.lines().find(|line| line.trim_start().starts_with(&format!("{name} ")));
    assert!(row.is_some_and(|row| row.contains("FAILED")), "{what}");
    let reason = run
        .stderr
        .split(&format!("error: the check {name} failed: "))
        .nth(1)
        .unwrap_or_else(|| panic!("{what}"));
    assert_eq!(run.stderr.matches("error: ").count(), 1, "{what}");
    let reason = reason.lines().next().unwrap().split("; another k is set").next().unwrap();
    assert!(!reason.is_empty(), "{what}");

    let status_of = |report: &Value| {
        let checks = report["checks"].as_array().unwrap();
        let failed: Vec<&Value> = checks.iter().filter(|check| check["status"] == "failed").collect();
        assert_eq!(failed.len(), 1, "{report}");
        assert_eq!((&failed[0]["issue_type"], &failed[0]["reason"]), (&json!(name), &json!(reason)));
        assert_eq!(failed[0]["score"], Value::Null, "a check that failed has no score");
        assert!(checks.iter().any(|check| check["status"] == "found"), "the others have results");
    };
    for quiet in ["", " --quiet"] {
        let json = scene.run(&format!("{arguments} --format json{quiet}"));
        assert_eq!(json.status, Some(2), "{arguments}");
        assert!(json.stderr.contains(&format!("error: the check {name} failed: ")), "{}", json.stderr);
        status_of(&json.json());
    }
    let csv = scene.run(&format!("{arguments} --format csv --quiet"));
    assert_eq!(csv.status, Some(2));
    assert!(csv.stderr.contains(&format!("error: the check {name} failed: ")), "{}", csv.stderr);

    let read = |file: &str| fs::read_to_string(scene.path(file)).unwrap();
    let junit = read("r.xml");
    let case = format!("<testcase classname=\"cleanlab.checks\" name=\"{name}\"><error message=");
    assert!(junit.contains("errors=\"1\"") && junit.contains(&case), "{junit}");
    let summary = read("results/summary.json");
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let checks = summary["checks"].as_array().unwrap_or_else(|| panic!("{summary}"));
    let failed: Vec<&Value> = checks.iter().filter(|check| check["status"] == "failed").collect();
    assert!(failed.len() == 1 && failed[0]["issue_type"] == name, "{summary}");

    // For as long as the audit is looked at.
    let again = scene.run("report kept");
    assert!(again.status == Some(2) && again.stdout.contains("FAILED"), "{}", again.stdout);
    assert!(again.stderr.contains(&format!("error: the check {name} failed: ")), "{}", again.stderr);
    let again = scene.run("report kept --format json");
    assert_eq!(again.status, Some(2));
    status_of(&again.json());
    // A limit of the check that has no result cannot be kept.
    let limited = scene.run(&format!("{arguments} --quiet --fail-on {name}>1000000"));
    assert_eq!(limited.status, Some(2));
    assert!(limited.stderr.contains("cannot be held against anything"), "{}", limited.stderr);

    let page = read("r.html");
    assert!(page.contains("\"status\":\"failed\""), "{arguments}");
    page
}
