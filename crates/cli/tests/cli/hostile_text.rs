//! Names in files that would steer a terminal, hide text or compute something in a spreadsheet.

use std::fmt::Write as _;

use crate::support::{Run, Scene};

/// Names of classes, and what may not come out of a terminal.
const NAMES: [&str; 8] = [
    "\u{1b}[31mred\u{1b}[0m",
    "bell\u{7}\u{9b}31m\u{7f}",
    "\u{202e}gnp.tac\u{202c}",
    "two\n\rlines",
    "=1+1",
    "@x",
    "+x",
    "-x",
];

fn csv_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A table with these classes, a dozen rows of each, and predictions that call one row of each class the next one.
fn scene(extra_column: &str) -> Scene {
    let mut table = format!("{},label\n", csv_quoted(extra_column));
    let mut probs = NAMES.map(csv_quoted).join(",") + "\n";
    for (class, name) in NAMES.iter().enumerate() {
        for row in 0..12 {
            writeln!(table, "{},{}", csv_quoted(&format!("{name}{row}")), csv_quoted(name)).unwrap();
            let predicted = if row == 0 { (class + 1) % NAMES.len() } else { class };
            let cells: Vec<&str> =
                (0..NAMES.len()).map(|column| if column == predicted { "0.93" } else { "0.01" }).collect();
            writeln!(probs, "{}", cells.join(",")).unwrap();
        }
    }
    Scene::with("t.csv", table).and("p.csv", probs)
}

const AUDIT: &str = "audit t.csv --label label --pred-probs p.csv";

#[track_caller]
fn assert_no_control(text: &str) {
    let raw = |character: char| {
        (character.is_control() && character != '\n') || ('\u{202a}'..='\u{202e}').contains(&character)
    };
    let found: Vec<char> = text.chars().filter(|character| raw(*character)).collect();
    assert!(found.is_empty(), "{found:?} in {text}");
}

fn whole(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

#[test]
fn text_shows_hostile_names_escaped() {
    let run = scene("\u{1b}]0;title\u{7}").run(&format!("{AUDIT} --top 100")).ran();
    assert_no_control(&whole(&run));
    for shown in [r"\u{1b}[31mred", r"bell\u{7}\u{9b}31m", r"\u{202e}gnp.tac", r"two\u{a}\u{d}lines"] {
        assert!(run.stdout.contains(shown), "{shown} is not in {}", run.stdout);
    }
    assert_eq!(run.stdout.lines().filter(|line| line.contains("0.0100")).count(), NAMES.len());
}

#[test]
fn health_shows_hostile_names_escaped() {
    let scene = scene("key");
    for command in ["health", "overlap", "classes"] {
        let run = scene.run(&format!("{command} t.csv --label label --pred-probs p.csv --out results")).ran();
        assert_no_control(&whole(&run));
        assert!(run.stdout.contains(r"two\u{a}\u{d}lines"), "{}", run.stdout);
        for (path, content) in crate::support::listing(&scene.path("results")) {
            let is_csv = path.extension().is_some_and(|ending| ending == "csv");
            let text = String::from_utf8_lossy(&content);
            assert!(!is_csv || (text.contains("'=1+1") && !text.contains("\n=1+1")), "{text}");
        }
    }
}

#[test]
fn clean_shows_hostile_names_escaped_and_keeps_their_text() {
    let mut table = "x,label\n".to_owned();
    for (class, name) in NAMES.iter().enumerate() {
        for row in 0..12 {
            // One row of each class lies where another class does.
            let x = if row == 0 { 10 * ((class + 3) % NAMES.len()) } else { 10 * class };
            writeln!(table, "{}.{row},{}", x, csv_quoted(name)).unwrap();
        }
    }
    let scene = Scene::with("t.csv", table);
    let clean = "clean t.csv --label label --classifier naive-bayes --out results";
    let run = scene.run(clean).ran();
    assert_no_control(&whole(&run));
    assert!(run.stdout.contains(r"two\u{a}\u{d}lines"), "{}", run.stdout);
    let removed = std::fs::read_to_string(scene.path("results/removed_rows.csv")).unwrap();
    assert!(removed.contains(",'=1+1,") && !removed.contains(",=1+1"), "{removed}");
    // What is kept is the user's own text.
    let kept = std::fs::read_to_string(scene.path("results/kept_rows.csv")).unwrap();
    assert!(kept.contains(",\"=1+1\"\n") && kept.contains("\u{1b}[31mred"), "{kept}");
}

#[test]
fn errors_and_warnings_show_hostile_names_escaped() {
    let scene = scene("\u{1b}]0;title\u{7}")
        .and("narrow.csv", "\"a\u{1b}[2J\",b\n0.5,0.5\n")
        .and("long.csv", "\"a\u{1b}[2J\",b\n".to_owned() + &"0.5,0.5\n".repeat(96));
    for arguments in [
        "audit t.csv --label lable",
        "audit t.csv --label label",
        "audit t.csv --label label --pred-probs narrow.csv",
        "audit t.csv --label label --pred-probs long.csv",
        "labels --labels t.csv --pred-probs p.csv",
    ] {
        let message = scene.run(arguments).message();
        assert_no_control(&message);
    }
    let named = Run::of(scene.command().args(["audit", "no\u{1b}[2J\u{202e}\nsuch.csv", "--label", "y"]));
    assert_no_control(&named.message());
    let label = Run::of(scene.command().args(["audit", "t.csv", "--label", "y\u{1b}[2J\u{9b}"]));
    assert_no_control(&label.message());
}

#[cfg(unix)]
#[test]
fn file_name_that_is_hostile_is_shown_escaped() {
    let name = "\u{1b}[2J\u{202e}pets\n.csv";
    let scene = Scene::with(name, crate::support::pets());
    let run =
        Run::of(scene.command().args(["audit", name, "--label", "animal", "--out", "o\u{1b}[2J"])).ran();
    assert_no_control(&whole(&run));
    assert!(run.stdout.starts_with(r"\u{1b}[2J\u{202e}pets\u{a}.csv: 24 rows"), "{}", run.stdout);
}

#[test]
fn csv_marks_formulas_as_text() {
    let scene = scene("key");
    let printed = scene.run(&format!("{AUDIT} --format csv --out results")).ran().stdout;
    let written = std::fs::read_to_string(scene.path("results/label_issues.csv")).unwrap();
    for csv in [&printed, &written] {
        for guarded in [",'=1+1,", ",'@x,", ",'+x,", ",'-x\n"] {
            assert!(csv.contains(guarded), "{guarded:?} is not in {csv}");
        }
        for raw in [",=1+1", ",@x", ",+x", ",-x"] {
            assert!(!csv.contains(raw), "{raw:?} is in {csv}");
        }
    }
}

#[test]
fn json_gives_hostile_names_back_as_they_were() {
    let scene = scene("key");
    let run = scene.run(&format!("{AUDIT} --format json --out results")).ran();
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{7}') && !run.stdout.contains('\r'));
    let json = run.json();
    let mut classes: Vec<&str> =
        json["about"]["class_names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let mut names = NAMES.to_vec();
    classes.sort_unstable();
    names.sort_unstable();
    assert_eq!(classes, names);
    let written = std::fs::read_to_string(scene.path("results/label_issues.json")).unwrap();
    assert!(!written.contains('\u{1b}'));
    serde_json::from_str::<serde_json::Value>(&written).unwrap();
}

#[test]
fn noise_shows_hostile_names_escaped() {
    let labels: String = NAMES.iter().map(|name| format!("{}\n", csv_quoted(name)).repeat(3)).collect();
    let scene = Scene::with("y.csv", format!("label\n{labels}"));
    let run = scene.run("noise --labels y.csv --trace 6.4 --out noisy").ran();
    assert_no_control(&whole(&run));
    for name in ["noise_matrix.csv", "noisy_labels.csv"] {
        let csv = std::fs::read_to_string(scene.path("noisy").join(name)).unwrap();
        assert!(csv.contains("'=1+1") && !csv.contains("\n=1+1"), "{csv}");
    }
}
