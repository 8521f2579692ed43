//! `health`, `overlap` and `classes`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{LABELS, Run, Scene, listing, pets, probs_csv, probs_csv_with, six_decimals};

fn arrays() -> Scene {
    Scene::with("y.txt", LABELS).and("p.csv", probs_csv())
}

/// A hundred rows of four classes with long names, of which some are taken for one another.
fn fruit() -> Scene {
    let names = ["banana (Cavendish)", "plantain (French Horn)", "pear", "quince"];
    let mut labels = "label\n".to_owned();
    let mut probs = names.join(",") + "\n";
    for row in 0..100 {
        let class = row % 4;
        // A class is taken for the next one the more often, the higher it is.
        let predicted = if row % 25 < 2 * class { (class + 1) % 4 } else { class };
        labels.push_str(names[class]);
        labels.push('\n');
        let cells = (0..4).map(|column| if column == predicted { "0.85" } else { "0.05" });
        probs += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    Scene::with("y.csv", labels).and("p.csv", probs)
}

fn on_fruit(command: &str) -> String {
    let (name, options) = command.split_once(' ').unwrap_or((command, ""));
    fruit().run(&format!("{name} --labels y.csv --pred-probs p.csv {options}")).ran().everything()
}

#[test]
fn health_as_text_is_as_before() {
    assert_snapshot!(on_fruit("health"));
}

#[test]
fn health_as_text_with_intervals_is_as_before() {
    assert_snapshot!(on_fruit("health --intervals"));
}

#[test]
fn health_as_json_is_as_before() {
    let run = arrays().run("health --labels y.txt --pred-probs p.csv --intervals --format json").ran();
    assert_snapshot!(six_decimals(&run.everything()));
}

#[test]
fn health_as_csv_is_as_before() {
    let run = arrays().run("health --labels y.txt --pred-probs p.csv --format csv").ran();
    assert_snapshot!(run.everything());
}

#[test]
fn overlap_as_text_is_as_before() {
    assert_snapshot!(on_fruit("overlap"));
}

#[test]
fn overlap_asymmetric_with_intervals_as_text_is_as_before() {
    assert_snapshot!(on_fruit("overlap --asymmetric --intervals --top 3"));
}

#[test]
fn overlap_as_csv_is_as_before() {
    assert_snapshot!(six_decimals(&on_fruit("overlap --intervals --format csv")));
}

#[test]
fn classes_as_text_is_as_before() {
    assert_snapshot!(on_fruit("classes --top 2"));
}

#[test]
fn narrow_terminals_break_no_row() {
    let mut all = String::new();
    for command in ["health", "overlap", "classes"] {
        let scene = fruit();
        let mut run = scene.command();
        run.args([command, "--labels", "y.csv", "--pred-probs", "p.csv", "--intervals", "--quiet"]);
        let text = Run::of(run.env("COLUMNS", "50")).ran().stdout;
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= 50, "{text}");
        all += &text;
        all += "\n";
    }
    assert_snapshot!(all);
}

#[test]
fn health_of_a_table_is_that_of_its_audit() {
    let scene = Scene::with("pets.csv", pets());
    let audit = scene.run("audit pets.csv --label animal --format json").ran().json();
    let health = scene.run("health pets.csv --label animal --format json").ran().json();
    for (of_audit, of_health) in [("title", "source"), ("n_rows", "rows"), ("class_names", "classes")] {
        assert_eq!(audit["about"][of_audit], health[of_health], "{of_health}");
    }
    let checks = audit["checks"].as_array().unwrap();
    let labels = checks.iter().find(|check| check["issue_type"] == "label").unwrap();
    assert_eq!(labels["score"], health["label_health_score"]);
    assert_eq!(labels["num_issues"], health["label_issues"]);
    assert_eq!(audit["about"]["warnings"], health["warnings"]);
}

#[test]
fn the_three_commands_agree() {
    let scene = fruit();
    let of = |command: &str| {
        scene.run(&format!("{command} --labels y.csv --pred-probs p.csv --format json")).ran().json()
    };
    let health = of("health --intervals");
    assert_eq!(health["classes_by_label_quality"], of("classes --intervals")["classes_by_label_quality"]);
    let (symmetric, asymmetric) = (of("overlap"), of("overlap --asymmetric"));
    let pairs = |json: &Value| json["overlapping_classes"].as_array().unwrap().clone();
    assert_eq!((pairs(&symmetric).len(), pairs(&asymmetric).len()), (6, 12));
    assert_eq!((&symmetric["asymmetric"], &asymmetric["asymmetric"]), (&false.into(), &true.into()));
    for pair in pairs(&asymmetric) {
        let at = |name: &str| usize::try_from(pair[name].as_u64().unwrap()).unwrap();
        let joint = &health["joint"][at("class_index_a")][at("class_index_b")];
        assert_eq!(&pair["joint_probability"], joint);
    }
    let worst = &health["classes_by_label_quality"][0];
    let noise = |name: &str| worst[name].as_f64().unwrap();
    assert!(noise("label_noise_low") < noise("label_noise"));
    assert!(noise("label_noise") < noise("label_noise_high"));
}

#[test]
fn table_with_predictions_is_as_arrays() {
    let table = format!("y\n{LABELS}");
    let scene = arrays().and("t.csv", table);
    let of_table = scene.run("classes t.csv --label y --pred-probs p.csv --format csv").ran();
    assert_eq!(of_table, scene.run("classes --labels y.txt --pred-probs p.csv --format csv"));
}

#[test]
fn intervals_narrow_with_the_level_and_repeat_with_the_seed() {
    let scene = fruit();
    let of = |options: &str| {
        let run = scene
            .run(&format!("health --labels y.csv --pred-probs p.csv --intervals {options} --format json"));
        run.ran().json()
    };
    let width = |json: &Value| {
        json["label_health_score_high"].as_f64().unwrap() - json["label_health_score_low"].as_f64().unwrap()
    };
    let (exact, narrow) = (of(""), of("--level 0.5"));
    assert!(width(&narrow) < width(&exact));
    let bootstrap = "--interval-method bootstrap --resamples 200";
    let one = of(&format!("{bootstrap} --seed 1"));
    assert_eq!(one["intervals"]["method"], "bootstrap");
    assert_eq!(one, of(&format!("{bootstrap} --seed 1 --threads 3")));
    assert_ne!(one["label_health_score_low"], of(&format!("{bootstrap} --seed 2"))["label_health_score_low"]);
}

#[test]
fn out_writes_every_table() {
    let scene = arrays();
    for (command, expected) in [
        (
            "health",
            &[
                "class_label_quality.csv",
                "class_label_quality.json",
                "class_label_quality.parquet",
                "joint.csv",
                "joint.npy",
                "summary.json",
            ][..],
        ),
        (
            "overlap",
            &[
                "overlapping_classes.csv",
                "overlapping_classes.json",
                "overlapping_classes.parquet",
                "summary.json",
            ],
        ),
        (
            "classes",
            &[
                "class_label_quality.csv",
                "class_label_quality.json",
                "class_label_quality.parquet",
                "summary.json",
            ],
        ),
    ] {
        let arguments = format!("{command} --labels y.txt --pred-probs p.csv --out {command}");
        let csv = scene.run(&format!("{arguments} --format csv")).ran().stdout;
        let files = listing(&scene.path(command));
        let names: Vec<_> =
            files.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, expected);
        assert_eq!(files[0].1, csv.as_bytes(), "{command}");
    }
    let joint = std::fs::read_to_string(scene.path("health/joint.csv")).unwrap();
    assert_eq!(joint.lines().next(), Some("given_label,true_label=0,true_label=1"));
}

#[test]
fn bad_input_is_refused_and_nothing_is_written() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv_with(3, 1, "1.5"));
    for command in ["health", "overlap", "classes"] {
        let message = scene.refuse(&format!("{command} --labels y.txt --pred-probs p.csv"));
        assert!(message.contains("row 3, column 1 is 1.5"), "{message}");
        let run = scene.run(&format!("{command} --labels y.txt --pred-probs p.csv --clip")).ran();
        assert!(run.stderr.contains("1 probabilities outside [0, 1] were clipped"), "{}", run.stderr);
    }
    let scene = Scene::with("pets.csv", pets());
    let message = scene.refuse("health pets.csv --label animals");
    assert!(message.contains("did you mean \"animal\"?"), "{message}");
}

#[test]
fn health_fails_on_limits_that_are_passed() {
    let scene = fruit();
    let health = "health --labels y.csv --pred-probs p.csv --fail-on";
    let passed = scene.run(&format!("{health} health<0.99"));
    assert_eq!(passed.status, Some(1));
    assert!(passed.stderr.starts_with("limit passed: the label health score is "), "{}", passed.stderr);
    assert_eq!(scene.run(&format!("{health} health<0.5,label>50%")).ran().stderr, "");
}

#[test]
fn arrays_and_tables_are_not_mixed() {
    let mistakes = [
        "health",
        "health t.csv",
        "health --label y",
        "health t.csv --label y --labels y.npy --pred-probs p.npy",
        "health --labels y.npy",
        "health --labels y.npy --pred-probs p.npy --folds 3",
        "classes --labels y.npy --pred-probs p.npy --level 0.9",
        "classes --labels y.npy --pred-probs p.npy --intervals --level 1",
        "overlap --labels y.npy --pred-probs p.npy --intervals --resamples 5",
    ];
    let all = mistakes.map(|arguments| {
        let run = Scene::new().run(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{arguments}");
        format!("$ cleanlab {arguments}\n{}", run.stderr)
    });
    assert_snapshot!(all.join("\n"));
}
