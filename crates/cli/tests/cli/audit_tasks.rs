//! Labels of every kind.

use std::fmt::Write as _;

use crate::support::{Scene, issue_rows, npy, pets};

/// Houses whose price is their size, but for that of row 7.
fn houses() -> String {
    let mut table = "size,rooms,price\n".to_owned();
    for row in 0..120_u32 {
        let price = f64::from(row * 3) + f64::from(row % 7) / 10.0;
        let price = if row == 7 { 5000.5 } else { price };
        writeln!(table, "{},{},{price}", row, row % 5).unwrap();
    }
    table
}

/// Films with one or two genres that their numbers tell.
fn films(separator: &str) -> String {
    let mut table = "a,b,genres\n".to_owned();
    for row in 0..120_u32 {
        let (is_first, is_second) = (row % 2 == 0, row % 3 == 0);
        let names = [("drama", is_first), ("comedy", is_second || !is_first)];
        let names: Vec<&str> = names.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
        let noise = f64::from(row % 11) / 20.0;
        let a = f64::from(u32::from(is_first)) * 5.0 + noise;
        let b = f64::from(u32::from(is_second || !is_first)) * 5.0 - noise;
        writeln!(table, "{a},{b},{}", names.join(separator)).unwrap();
    }
    table
}

#[test]
fn numbers_are_regression_and_said_so() {
    let scene = Scene::with("houses.csv", houses());
    let run = scene.run("audit houses.csv --label price --format json").ran();
    let json = run.json();
    assert_eq!(json["about"]["task"], "regression");
    assert_eq!(issue_rows(&json, "label")[0], 7);
    let warning = json["about"]["warnings"].to_string();
    assert!(warning.contains("taken for regression; --task classification"), "{warning}");
    let named = scene.run("audit houses.csv --label price --task regression --format json").ran().json();
    let left_out = "\"size\" is left out: it only numbers the rows";
    assert_eq!(named["about"]["warnings"], serde_json::json!([left_out]));
    let refused = scene.run("audit houses.csv --label price --task classification").message();
    assert!(refused.contains("different values"), "{refused}");
}

#[test]
fn predictions_of_numbers_are_used() {
    let predictions: String = (0..120).map(|row| format!("{}\n", row * 3)).collect();
    let scene = Scene::with("houses.csv", houses()).and("p.txt", predictions).and("short.txt", "1\n2\n");
    let audit = "audit houses.csv --label price --task regression --predictions";
    let json = scene.run(&format!("{audit} p.txt --format json")).ran().json();
    assert_eq!(issue_rows(&json, "label")[0], 7);
    let short = scene.run(&format!("{audit} short.txt")).message();
    assert!(short.contains("short.txt has 2 rows but houses.csv has 120"), "{short}");
    let classes = Scene::with("pets.csv", pets()).and("p.txt", "1\n");
    let refused = classes.run("audit pets.csv --label animal --predictions p.txt").message();
    assert!(refused.contains("--pred-probs"), "{refused}");
}

#[test]
fn labels_that_are_no_numbers_are_no_regression() {
    let message =
        Scene::with("pets.csv", pets()).run("audit pets.csv --label animal --task regression").message();
    assert!(message.contains("row 0") && message.contains("finite numbers"), "{message}");
}

#[test]
fn separated_classes_are_sets_of_classes() {
    for separator in ["|", "; "] {
        let scene = Scene::with("films.csv", films(separator));
        let mut command = scene.command();
        command.args([
            "audit",
            "films.csv",
            "--label",
            "genres",
            "--format",
            "json",
            "--label-separator",
            separator,
        ]);
        let json = crate::support::Run::of(&mut command).ran().json();
        assert_eq!(json["about"]["task"], "multilabel");
        assert_eq!(json["about"]["class_names"], serde_json::json!(["comedy", "drama"]));
    }
}

#[test]
fn lists_in_json_are_sets_of_classes() {
    let table = films("|").lines().enumerate().fold(String::new(), |text, (at, line)| {
        let (rest, genres) = line.rsplit_once(',').unwrap();
        let quoted: Vec<String> = genres.split('|').map(|name| format!("\"\"{name}\"\"")).collect();
        if at == 0 { format!("{line}\n") } else { format!("{text}{rest},\"[{}]\"\n", quoted.join(",")) }
    });
    let json =
        Scene::with("films.csv", table).run("audit films.csv --label genres --format json").ran().json();
    assert_eq!(json["about"]["task"], "multilabel");
    assert_eq!(json["about"]["class_names"], serde_json::json!(["comedy", "drama"]));
}

#[test]
fn class_named_twice_in_a_row_is_refused() {
    let scene = Scene::with("t.csv", "x,y\n1,a|b\n2,a|a\n3,b\n");
    let message = scene.run("audit t.csv --label y --label-separator |").message();
    assert!(message.contains("row 1 has the class a twice"), "{message}");
    let single =
        Scene::with("t.csv", "x,y\n1,a\n2,b\n").run("audit t.csv --label y --task multilabel").message();
    assert!(single.contains("--label-separator"), "{single}");
}

#[test]
fn list_with_something_else_in_it_is_refused() {
    // It was one class by the name of the whole list.
    let lists =
        "{\"x\": 1, \"y\": [\"cat\", \"dog\"]}\n{\"x\": 2, \"y\": [\"dog\", null]}\n{\"x\": 3, \"y\": []}\n";
    let message = Scene::with("t.jsonl", lists).run("audit t.jsonl --label y --task multilabel").message();
    assert!(message.contains("the label of row 1 is [\"dog\",null], which is no list of texts"), "{message}");
}

#[test]
fn empty_separator_of_labels_is_refused() {
    // It would stand between all letters, and letters would be the classes.
    let scene = Scene::with("t.csv", "x,y\n1,cat|dog\n2,dog\n3,cat\n");
    let run = scene.run("audit t.csv --label y --label-separator=");
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("--label-separator") && run.stderr.contains("it is empty"), "{}", run.stderr);
}

#[test]
fn arrays_without_a_table_are_audited() {
    let labels: Vec<f64> = (0..60).map(|row| f64::from(row % 2)).collect();
    let features: Vec<f64> = (0..60)
        .flat_map(|row| [f64::from(row % 2) * 4.0 + f64::from(row) / 100.0, f64::from(row % 7)])
        .collect();
    let scene = Scene::with("y.npy", npy("(60,)", &labels)).and("x.npy", npy("(60, 2)", &features));
    let run = scene.run("audit --labels y.npy --features x.npy").ran();
    assert!(
        run.stdout.starts_with("y.npy: 60 rows, 2 classes\nJudged by logistic regression"),
        "{}",
        run.stdout
    );
    let alone = scene.run("audit --features x.npy").ran();
    assert!(alone.stdout.starts_with("x.npy: 60 rows"), "{}", alone.stdout);
    let numbers: Vec<f64> = features.iter().step_by(2).copied().collect();
    let scene = scene.and("n.npy", npy("(60,)", &numbers));
    let json = scene.run("audit --labels n.npy --features x.npy --format json").ran().json();
    assert_eq!(json["about"]["task"], "regression");
}
