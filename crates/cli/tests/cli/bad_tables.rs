//! Tables that cannot be audited, or only with a warning.

use crate::support::{Scene, issue_rows, issues_of, pets, pets_with};

const AUDIT: &str = "audit pets.csv --label animal";

fn refuse(content: impl AsRef<[u8]>) -> String {
    Scene::with("pets.csv", content).refuse(AUDIT)
}

#[track_caller]
fn assert_says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

#[test]
fn empty_file_is_refused() {
    assert_says(&refuse(""), &["pets.csv is empty", "check"]);
}

#[test]
fn header_without_rows_is_refused() {
    assert_says(&refuse("weight,animal\n"), &["pets.csv has 2 columns but no rows"]);
}

#[test]
fn ragged_line_is_refused() {
    let message = refuse("weight,animal\n1,cat\n2,dog,big\n3,cat\n");
    assert_says(&message, &["pets.csv, line 3: 3 fields where the header has 2", "quote"]);
}

#[test]
fn invalid_utf8_is_refused() {
    let message = refuse(b"weight,animal\n1,cat\n2,d\xf6g\n");
    assert_says(&message, &["pets.csv, line 3", "byte 23", "UTF-8"]);
}

#[test]
fn unknown_column_is_refused_and_the_nearest_named() {
    let scene = Scene::with("pets.csv", pets());
    let message = scene.refuse("audit pets.csv --label animl");
    assert_says(&message, &["no column \"animl\"", "did you mean \"animal\"?", "\"weight\""]);
    for option in ["--exclude", "--show"] {
        let message = scene.refuse(&format!("{AUDIT} {option} wieght"));
        assert_says(&message, &["no column \"wieght\"", "did you mean \"weight\"?"]);
    }
}

#[test]
fn missing_labels_are_refused_and_the_way_out_named() {
    let message = refuse(pets_with(7, 4, ""));
    assert_says(&message, &["\"animal\"", "1 of 24 rows", "row 7", "--drop-missing-labels"]);
}

#[test]
fn drop_missing_labels_goes_on_with_the_rows_of_the_file() {
    let scene = Scene::with("pets.csv", pets_with(2, 4, "NA"));
    let run = scene.run(&format!("{AUDIT} --drop-missing-labels --out results")).ran();
    assert_eq!(
        run.stderr,
        "warning: 1 row without a label was left out, row 2\n\
         warning: \"pet_id\" is left out: it only numbers the rows\n"
    );
    let json = scene.run(&format!("{AUDIT} --drop-missing-labels --format json")).ran().json();
    let mut rows = issue_rows(&json, "label");
    rows.sort_unstable();
    assert_eq!(rows, [4, 17]);
    let ids: Vec<bool> = issues_of(&json, "label")
        .iter()
        .map(|issue| issue["cells"].as_array().unwrap().iter().any(|cell| cell == 104 || cell == 117))
        .collect();
    assert_eq!(ids, [true, true], "{json}");
    let written = std::fs::read_to_string(scene.path("results/label_issues.csv")).unwrap();
    let rows: Vec<&str> = written.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let expected: Vec<String> = (0..24).filter(|row| *row != 2).map(|row| row.to_string()).collect();
    assert_eq!(rows, expected);
}

#[test]
fn drop_missing_labels_keeps_predictions_beside_their_rows() {
    let probs: String = pets()
        .lines()
        .skip(1)
        .enumerate()
        .map(|(row, _)| if row % 2 == 0 { "0.875,0.125\n" } else { "0.125,0.875\n" })
        .collect();
    let scene = Scene::with("pets.csv", pets_with(2, 4, "")).and("p.csv", format!("cat,dog\n{probs}"));
    let audit = format!("{AUDIT} --drop-missing-labels --pred-probs p.csv --format json");
    let json = scene.run(&audit).ran().json();
    assert_eq!(issue_rows(&json, "label"), [4, 17]);
}

#[test]
fn errors_after_dropping_name_the_row_of_the_file() {
    let infinite = pets_with(2, 4, "").replace("109,", "109,inf,40,long,dog\n999,");
    let message = Scene::with("pets.csv", infinite).refuse(&format!("{AUDIT} --drop-missing-labels"));
    assert_says(&message, &["column \"weight\"", "row 9", "inf"]);
    let probs = "0.5,0.5\n".repeat(9) + "0.5,1.5\n" + &"0.5,0.5\n".repeat(14);
    let scene = Scene::with("pets.csv", pets_with(2, 4, "")).and("p.csv", format!("cat,dog\n{probs}"));
    let message = scene.refuse(&format!("{AUDIT} --drop-missing-labels --pred-probs p.csv"));
    assert_says(&message, &["row 9", "column 1", "1.5"]);
}

#[test]
fn only_missing_labels_are_refused_though_dropping() {
    let message =
        Scene::with("pets.csv", "weight,animal\n1,\n2,\n").refuse(&format!("{AUDIT} --drop-missing-labels"));
    assert_says(&message, &["\"animal\"", "2 of 2 rows"]);
    assert!(!message.contains("--drop-missing-labels"), "{message}");
}

#[test]
fn fewer_than_two_classes_are_refused() {
    let message = refuse("weight,animal\n1,cat\n2,cat\n3,cat\n");
    assert_says(&message, &["\"animal\"", "only the class \"cat\"", "at least 2 classes"]);
}

#[test]
fn labels_that_are_no_classes_are_refused() {
    let scene = Scene::with("pets.csv", "weight,animal\n".to_owned() + &numbers(200));
    let message = scene.refuse(&format!("{AUDIT} --task classification"));
    assert_says(&message, &["\"animal\"", "200 different values", "choose another label column"]);
}

fn numbers(n: usize) -> String {
    (0..n).map(|row| format!("{row},{}.5\n", row * 37 % 1000)).collect::<Vec<_>>().concat()
}

#[test]
fn infinite_feature_is_refused() {
    for infinite in ["inf", "-inf", "Infinity", "1e999"] {
        let message = refuse(pets_with(11, 1, infinite));
        assert_says(&message, &["column \"weight\"", "row 11", "inf", "exclude the column"]);
    }
}

#[test]
fn nan_feature_is_missing_and_goes_on() {
    // NaN stands for a gap, which becomes the mean of its column: no error, but worth telling.
    let scene = Scene::with("gap.csv", pets_with(11, 1, "")).and("nan.csv", pets_with(11, 1, "NaN"));
    let gap = scene.run("audit gap.csv --label animal --format csv").ran();
    let nan = scene.run("audit nan.csv --label animal --format csv").ran();
    assert_eq!(gap, nan);
    assert_says(
        &nan.stderr,
        &["warning: missing numbers were filled with the mean of their column: weight (1)\n"],
    );
}

#[test]
fn no_usable_feature_is_refused() {
    let message = refuse("id,animal\n1,cat\n2,dog\n3,cat\n4,dog\n");
    assert_says(&message, &["no column can be used as a feature", "\"id\""]);
}

#[test]
fn fewer_rows_than_folds_are_refused() {
    let message = refuse("weight,animal\n1,cat\n2,dog\n1.5,cat\n");
    assert_says(&message, &["5 folds", "--folds"]);
    let scene = Scene::with("pets.csv", pets());
    assert_says(&scene.refuse(&format!("{AUDIT} --folds 4294967295")), &["4294967295 folds", "--folds"]);
}

#[test]
fn class_with_fewer_rows_than_folds_is_a_warning() {
    let rare = pets() + "124,99.0,99,long,emu\n125,98.0,98,long,emu\n";
    let run = Scene::with("pets.csv", rare).run(AUDIT).ran();
    assert_says(&run.stderr, &["warning: the smallest class, emu, has 2 rows, fewer than the 5 folds"]);
}

#[test]
fn class_that_is_not_among_the_rows_to_train_on_is_a_warning() {
    // The only dog is held out in some fold, and there are only cats to train on.
    let cats: String = (0..9).map(|row| format!("{row}.5,cat\n")).collect::<Vec<_>>().concat();
    let run = Scene::with("pets.csv", format!("weight,animal\n{cats}40.5,dog\n")).run(AUDIT).ran();
    assert_says(&run.stderr, &["warning: the smallest class, dog, has 1 rows", "of class dog,"]);
}

#[test]
fn file_of_another_format_than_its_ending_is_refused() {
    for name in ["pets.parquet", "pets.feather", "pets.jsonl"] {
        let message = Scene::with(name, pets()).refuse(&format!("audit {name} --label animal"));
        assert_says(&message, &[name, "should be", "but its content looks like", "rename"]);
    }
    assert_says(&refuse(b"\x1f\x8b\x08 compressed"), &["pets.csv is compressed with gzip", "gunzip"]);
}

#[test]
fn truncated_parquet_is_refused() {
    let whole = std::fs::read(crate::support::fixture("pets.parquet")).unwrap();
    for length in [12, whole.len() / 2, whole.len() - 1] {
        let scene = Scene::with("pets.parquet", &whole[..length]);
        let message = scene.refuse("audit pets.parquet --label animal");
        assert_says(&message, &["pets.parquet is not a readable Parquet file", "write the file again"]);
    }
}

#[test]
fn array_where_a_table_is_needed_is_refused() {
    let array = std::fs::read(crate::support::fixture("probs_float64_c.npy")).unwrap();
    let message = Scene::with("pets.npy", array).refuse("audit pets.npy --label animal");
    assert_says(&message, &["pets.npy is NPY", "no named columns", "give a CSV, JSON or Parquet file"]);
}

#[test]
fn folder_where_a_file_is_needed_is_refused() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("pets.csv")).unwrap();
    assert_says(&scene.refuse(AUDIT), &["pets.csv is a folder"]);
}

#[test]
fn nul_byte_is_refused() {
    let scene = Scene::with("pets.csv", format!("{}\0", pets()));
    let message = scene.refuse(AUDIT);
    assert_says(&message, &["pets.csv, line", "NUL", "UTF-8"]);
}

#[test]
fn stray_text_among_numbers_is_a_warning() {
    let table =
        "x,y\n".to_owned() + &(0..24).map(|row| format!("{}.5,{}\n", row % 2, row % 2)).collect::<String>();
    let scene = Scene::with("t.csv", table.replacen("1.5,", "abc,", 1));
    let run = scene.run("audit t.csv --label y").ran();
    assert_says(&run.stderr, &["column x", "not numbers: 1", "the first is abc, in row 1"]);
}

#[test]
fn classes_that_look_alike_are_a_warning() {
    let scene = Scene::with("pets.csv", pets().replacen(",cat", ",Cat", 1));
    let run = scene.run(AUDIT).ran();
    assert_says(&run.stderr, &["\"Cat\", \"cat\"", "differ only in case or spaces"]);
}
