//! `clean`.

use std::fs;

use insta::assert_snapshot;

use crate::support::{Run, Scene, fixture, issue_rows, listing, pets, pets_with, six_decimals};

const CLEAN: &str = "clean pets.csv --label animal";

fn scene() -> Scene {
    Scene::with("pets.csv", pets())
}

/// The table without some of its rows.
fn pets_without(rows: &[usize]) -> String {
    let lines = pets();
    let kept = lines.lines().enumerate().filter(|(line, _)| !rows.iter().any(|row| row + 1 == *line));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

fn read(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.path(name)).unwrap()
}

#[test]
fn clean_as_text_is_as_before() {
    assert_snapshot!(scene().run(CLEAN).ran().everything());
}

#[test]
fn clean_as_json_is_as_before() {
    assert_snapshot!(six_decimals(&scene().run(&format!("{CLEAN} --format json")).ran().everything()));
}

#[test]
fn clean_as_csv_is_the_removed_rows() {
    assert_snapshot!(six_decimals(&scene().run(&format!("{CLEAN} --format csv")).ran().everything()));
}

#[test]
fn clean_narrow_is_as_before() {
    let scene = scene();
    let mut command = scene.command();
    let run = Run::of(command.args(CLEAN.split(' ')).env("COLUMNS", "48")).ran();
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 48), "{}", run.stdout);
    assert_snapshot!(run.stdout);
}

#[test]
fn out_to_a_folder_writes_kept_rows_weights_and_removed_rows() {
    let scene = scene();
    let run = scene.run(&format!("{CLEAN} --out cleaned --format csv")).ran();
    let files = listing(&scene.path("cleaned"));
    let names: Vec<_> = files.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
    let expected = [
        "kept_rows.csv",
        "removed_rows.csv",
        "removed_rows.json",
        "removed_rows.parquet",
        "sample_weights.csv",
        "summary.json",
    ];
    assert_eq!(names, expected);
    assert_eq!(read(&scene, "cleaned/kept_rows.csv"), pets_without(&[4, 17]));
    assert_eq!(read(&scene, "cleaned/removed_rows.csv"), run.stdout);
    let weights = read(&scene, "cleaned/sample_weights.csv");
    let rows: Vec<usize> =
        weights.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
    assert_eq!(rows, (0..24).filter(|row| ![4, 17].contains(row)).collect::<Vec<_>>());
}

#[test]
fn out_to_a_file_writes_the_kept_rows_alone() {
    let scene = scene();
    scene.run(&format!("{CLEAN} --out kept.csv")).ran();
    assert_eq!(read(&scene, "kept.csv"), pets_without(&[4, 17]));
    assert_eq!(scene.listing().len(), 2);
    // Again, over the earlier one.
    scene.run(&format!("{CLEAN} --out kept.csv --frac-noise 0")).ran();
    assert_eq!(read(&scene, "kept.csv"), pets());
}

#[test]
fn kept_rows_keep_their_text() {
    let table = pets().replace("100,4.0,25,long,cat\n", "0100, 4.00 ,\"25\",\"long\",cat\r\n");
    let scene = Scene::with("pets.csv", &table);
    scene.run(&format!("{CLEAN} --out kept.csv")).ran();
    assert!(read(&scene, "kept.csv").contains("\n0100, 4.00 ,\"25\",\"long\",cat\r\n101,"));
}

#[test]
fn every_format_is_kept() {
    let expected: Vec<usize> = (0..24).filter(|row| ![4, 17].contains(row)).map(|row| 100 + row).collect();
    for (file, kept) in [
        ("pets.tsv", "kept_rows.tsv"),
        ("pets.jsonl", "kept_rows.jsonl"),
        ("pets.parquet", "kept_rows.parquet"),
        ("pets.feather", "kept_rows.arrow"),
        ("pets.arrows", "kept_rows.arrows"),
    ] {
        let scene = Scene::with(file, fs::read(fixture(file)).unwrap());
        scene.run(&format!("clean {file} --label animal --out cleaned")).ran();
        // Nothing in it looks wrong any more, and it has the rows that it should have.
        let audit = format!("audit cleaned/{kept} --label animal --show pet_id --format json");
        let json = scene.run(&audit).ran().json();
        assert_eq!(
            (&json["about"]["n_rows"], issue_rows(&json, "label")),
            (&22.into(), Vec::new()),
            "{file}"
        );
        let all = scene.run(&format!("{audit} --filter-by low-self-confidence --frac-noise 1")).ran();
        assert_eq!(all.json()["about"]["n_rows"], expected.len());
    }
}

#[test]
fn standard_input_is_cleaned() {
    let scene = scene();
    let stdin = fs::File::open(scene.path("pets.csv")).unwrap();
    let mut command = scene.command();
    Run::of(command.args(["clean", "-", "--label", "animal", "--out", "kept.csv"]).stdin(stdin)).ran();
    assert_eq!(read(&scene, "kept.csv"), pets_without(&[4, 17]));
}

#[test]
fn rows_without_a_label_are_neither_kept_nor_removed() {
    let scene = Scene::with("pets.csv", pets_with(2, 4, ""));
    let message = scene.refuse(CLEAN);
    assert!(message.contains("row 2") && message.contains("--drop-missing-labels"), "{message}");
    let run = scene.run(&format!("{CLEAN} --drop-missing-labels --out kept.csv")).ran();
    assert!(run.stdout.contains("Kept 21 of 23 rows and removed 2"), "{}", run.stdout);
    assert_eq!(read(&scene, "kept.csv"), pets_without(&[2, 4, 17]));
}

#[test]
fn predictions_of_ones_own_find_the_rows() {
    // Row 8, a cat, is predicted to be a dog.
    let probs: String = pets()
        .lines()
        .skip(1)
        .enumerate()
        .map(|(row, line)| if line.ends_with("cat") == (row == 8) { "0.1,0.9\n" } else { "0.9,0.1\n" })
        .collect();
    let scene = scene().and("p.csv", format!("cat,dog\n{probs}"));
    let run =
        scene.run(&format!("{CLEAN} --pred-probs p.csv --classifier random-forest --out kept.csv")).ran();
    assert!(run.stdout.contains("Judged by the predictions in p.csv."), "{}", run.stdout);
    assert!(run.stdout.contains("Trained on the kept rows, a random"), "{}", run.stdout);
    assert_eq!(read(&scene, "kept.csv"), pets_without(&[8]));
}

#[test]
fn small_classes_are_left_alone() {
    let small: String = pets().lines().take(16).map(|line| format!("{line}\n")).collect();
    let scene = Scene::with("pets.csv", small);
    let run = scene.run(CLEAN).ran();
    assert!(run.stdout.contains("No label looks wrong: all 15 rows are kept."), "{}", run.stdout);
    assert!(run.stderr.contains("--min-examples-per-class"), "{}", run.stderr);
    let run = scene.run(&format!("{CLEAN} --min-examples-per-class 1")).ran();
    assert!(run.stdout.contains("Kept 14 of 15 rows and removed 1"), "{}", run.stdout);
}

#[test]
fn threads_change_no_bit() {
    let outcome = |threads: u32| {
        let scene = scene();
        let run =
            scene.run(&format!("{CLEAN} --classifier random-forest --out cleaned --threads {threads}")).ran();
        let contents = listing(&scene.path("cleaned")).into_iter().map(|(_, content)| content);
        (run, contents.collect::<Vec<_>>())
    };
    assert!(outcome(1) == outcome(3));
}

#[test]
fn bad_input_is_refused_and_nothing_is_written() {
    let cases = [
        ("--folds 13", "lower --folds"),
        ("--exclude weight,height,coat", "no column can be used as a feature"),
    ];
    for (options, words) in cases {
        let message = scene().refuse(&format!("{CLEAN} {options}"));
        assert!(message.contains(words), "{message}");
    }
    let message = scene().and("p.csv", "cat,dog\n0.5,0.5\n").refuse(&format!("{CLEAN} --pred-probs p.csv"));
    assert!(message.contains("p.csv has 1 rows but pets.csv has 24"), "{message}");
}

#[test]
fn out_that_makes_no_sense_is_refused() {
    let scene = scene();
    let before = scene.listing();
    let message = scene.run(&format!("{CLEAN} --out kept.parquet")).message();
    assert!(message.contains("pets.csv, which is CSV, but kept.parquet would be Parquet"), "{message}");
    let message = scene.run(&format!("{CLEAN} --out ./pets.csv")).message();
    assert!(message.contains("./pets.csv is the table itself"), "{message}");
    let message = scene.run(&format!("{CLEAN} --out nowhere/kept.csv")).message();
    assert!(message.starts_with("--out nowhere/kept.csv cannot be written: there is no folder"), "{message}");
    assert_eq!(scene.listing(), before);
}
