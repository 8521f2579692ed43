//! Models by name.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::support::{LABELS, Scene, issue_rows, pets, pets_with, probs_csv};

const NAMES: [&str; 5] =
    ["logistic-regression", "naive-bayes", "k-nearest-neighbors", "random-forest", "gradient-boosting"];

/// Three classes in rings around the origin, which no straight line tells apart; every twentieth label is wrong.
fn rings() -> Scene {
    let mut table = "x,y,ring\n".to_owned();
    for row in 0..240_u32 {
        let (class, angle) = (row % 3, f64::from(row) * 0.7);
        let radius = f64::from(1 + 2 * class);
        let label = if row % 20 == 7 { (class + 1) % 3 } else { class };
        writeln!(
            table,
            "{:.3},{:.3},{}",
            radius * angle.cos(),
            radius * angle.sin(),
            ["a", "b", "c"][label as usize]
        )
        .unwrap();
    }
    Scene::with("rings.csv", table)
}

#[test]
fn every_classifier_judges_a_table_and_is_named() {
    let scene = Scene::with("pets.csv", pets());
    let mut headings = String::new();
    for name in NAMES {
        let arguments = format!("audit pets.csv --label animal --classifier {name}");
        let text = scene.run(&arguments).ran().stdout;
        headings += text.lines().nth(1).unwrap();
        headings += "\n";
        assert_eq!(scene.run(&format!("{arguments} --threads 3")).ran().stdout, text);
    }
    assert_snapshot!(headings);
}

#[test]
fn trees_find_what_no_straight_line_tells_apart() {
    let scene = rings();
    for name in ["naive-bayes", "random-forest", "gradient-boosting"] {
        let run = scene.run(&format!("audit rings.csv --label ring --classifier {name} --format json"));
        let json = run.ran().json();
        let rows = issue_rows(&json, "label").into_iter();
        let (right, wrong): (Vec<u64>, Vec<u64>) = rows.partition(|row| row % 20 == 7);
        assert!(right.len() >= 10 && wrong.len() <= 6, "{name}: {right:?}, {wrong:?}");
    }
}

#[test]
fn default_is_logistic_regression() {
    let scene = Scene::with("pets.csv", pets());
    let named = scene.run("health pets.csv --label animal --classifier logistic-regression").ran();
    assert_eq!(scene.run("health pets.csv --label animal"), named);
}

#[test]
fn seed_reaches_the_model() {
    let scene = rings();
    let of = |seed: u32| {
        let run =
            format!("health rings.csv --label ring --classifier random-forest --seed {seed} --format json");
        scene.run(&run).ran().json()["joint"].clone()
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn scale_means_nothing_to_trees() {
    // Powers of two change no bit but the exponents.
    let scaled: String = pets()
        .lines()
        .map(|line| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if let Ok(weight) = cells[1].parse::<f64>() {
                cells[1] = format!("{}", weight * 2.0_f64.powi(40));
            }
            cells.join(",") + "\n"
        })
        .collect();
    let scene = Scene::with("pets.csv", pets()).and("scaled.csv", scaled);
    for name in ["random-forest", "gradient-boosting"] {
        let of = |file: &str| {
            scene.run(&format!("audit {file} --label animal --classifier {name} --format csv")).ran().stdout
        };
        assert_eq!(of("pets.csv"), of("scaled.csv"), "{name}");
    }
}

#[test]
fn huge_and_missing_numbers_are_no_obstacle() {
    let scene = Scene::with("huge.csv", pets_with(0, 1, "1e300")).and("missing.csv", pets_with(0, 1, ""));
    for (name, file) in NAMES.iter().flat_map(|name| [(name, "huge.csv"), (name, "missing.csv")]) {
        let run = scene.run(&format!("audit {file} --label animal --classifier {name}")).ran();
        assert!(run.stdout.contains("of 24 labels"), "{name}: {}", run.stdout);
        assert_eq!(run.stderr.contains("filled with the mean"), file == "missing.csv", "{}", run.stderr);
    }
}

#[test]
fn classifier_mistakes_are_refused() {
    let scene = Scene::with("pets.csv", pets()).and("y.txt", LABELS).and("p.csv", probs_csv());
    let mistakes = [
        "audit pets.csv --label animal --classifier randomforest",
        "audit pets.csv --label animal --classifier naive-bayes --pred-probs p.csv",
        "classes --labels y.txt --pred-probs p.csv --classifier naive-bayes",
    ];
    let all = mistakes.map(|arguments| {
        let run = scene.run(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{arguments}");
        format!("$ cleanlab {arguments}\n{}", run.stderr)
    });
    assert_snapshot!(all.join("\n"));
}
