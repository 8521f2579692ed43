//! Labels and predicted probabilities that cannot be used.

use crate::support::{
    LABELS, PROBS, Scene, npy, npy_with_header, pets, probs_csv, probs_csv_with, probs_npy_with,
};

const LABELS_ARGUMENTS: &str = "labels --labels y.txt --pred-probs";

fn refuse_probs(name: &str, content: impl AsRef<[u8]>) -> String {
    Scene::with("y.txt", LABELS).and(name, content).refuse(&format!("{LABELS_ARGUMENTS} {name}"))
}

/// The message has all of these words.
#[track_caller]
fn assert_says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

#[test]
fn nan_probability_is_refused() {
    let message = refuse_probs("p.npy", probs_npy_with(6, 1, f64::NAN));
    assert_says(&message, &["row 6", "column 1", "is NaN", "drop the row"]);
    for nan in ["nan", "NaN", ""] {
        let message = refuse_probs("p.csv", probs_csv_with(6, 1, nan));
        assert_says(&message, &["row 6", "column \"1\"", "fill it in, or drop the row"]);
    }
}

#[test]
fn infinite_probability_is_refused() {
    for (value, text) in [(f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
        let words = ["row 2", "column 0", &format!("is {text},"), "outside [0, 1]"];
        assert_says(&refuse_probs("p.npy", probs_npy_with(2, 0, value)), &words);
        assert_says(&refuse_probs("p.csv", probs_csv_with(2, 0, text)), &words);
    }
}

#[test]
fn infinite_probability_is_refused_though_clipping() {
    let scene = Scene::with("y.txt", LABELS).and("p.npy", probs_npy_with(2, 0, f64::INFINITY));
    let message = scene.refuse(&format!("{LABELS_ARGUMENTS} p.npy --clip"));
    assert_says(&message, &["row 2", "column 0", "is inf"]);
    assert!(!message.contains("clip the values"), "{message}");
}

#[test]
fn probability_out_of_range_is_refused_and_the_way_out_named() {
    let words = ["row 9", "column 1", "1.5", "outside [0, 1]", "--clip"];
    assert_says(&refuse_probs("p.npy", probs_npy_with(9, 1, 1.5)), &words);
    assert_says(&refuse_probs("p.csv", probs_csv_with(9, 1, "1.5")), &words);
    let message = refuse_probs("p.csv", probs_csv_with(0, 1, "-0.000002"));
    assert_says(&message, &["row 0", "column 1", "-0.000002"]);
}

#[test]
fn probability_out_of_range_by_rounding_goes_on() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv_with(0, 1, "-0.0000009"));
    scene.run(&format!("{LABELS_ARGUMENTS} p.csv")).ran();
}

#[test]
fn clip_goes_on_with_a_warning() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv_with(0, 0, "1.5"));
    let run = scene.run(&format!("{LABELS_ARGUMENTS} p.csv --clip --out results")).ran();
    assert_says(&run.stderr, &["warning: 1 probabilities outside [0, 1] were clipped"]);
    assert!(scene.path("results/summary.json").exists());
    let json = scene.run(&format!("{LABELS_ARGUMENTS} p.csv --clip --format json")).ran().json();
    assert!(json["warnings"][0].as_str().unwrap().contains("clipped"), "{json}");
}

#[test]
fn rows_that_do_not_sum_to_1_are_a_warning() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv_with(4, 0, "0.5"));
    let run = scene.run(&format!("{LABELS_ARGUMENTS} p.csv")).ran();
    assert_says(&run.stderr, &["warning: ", "sum to 1"]);
    let quiet = scene.run(&format!("{LABELS_ARGUMENTS} p.csv --quiet")).ran();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn wrong_number_of_rows_is_refused() {
    let message = refuse_probs("p.npy", npy("(9, 2)", &PROBS.concat()[..18]));
    assert_says(&message, &["10 labels", "9 rows of pred_probs"]);
}

#[test]
fn wrong_number_of_columns_is_refused() {
    let scene = Scene::with("y.txt", "a\nb\nc\na\n").and("p.npy", npy("(4, 2)", &PROBS.concat()[..8]));
    let message = scene.refuse(&format!("{LABELS_ARGUMENTS} p.npy"));
    assert_says(&message, &["3 classes", "2 columns", "one column per class", "a, b, c"]);
}

#[test]
fn one_dimension_where_two_are_needed_is_refused() {
    assert_says(&refuse_probs("p.npy", npy("(20,)", &PROBS.concat())), &["pred_probs", "[20]"]);
}

#[test]
fn no_rows_are_refused() {
    let message = refuse_probs("p.npy", npy("(0, 2)", &[]));
    assert_says(&message, &["(0, 2)", "at least one row"]);
}

#[test]
fn audit_pred_probs_of_wrong_shape_are_refused() {
    let audit = "audit pets.csv --label animal --pred-probs";
    let scene = Scene::with("pets.csv", pets())
        .and("rows.npy", npy("(10, 2)", &PROBS.concat()))
        .and("columns.npy", npy("(24, 3)", &[0.25; 72]))
        .and("names.csv", "cat,dog,emu\n".to_owned() + &"0.5,0.25,0.25\n".repeat(24))
        .and("typo.csv", "cat,dgo\n".to_owned() + &"0.5,0.5\n".repeat(24))
        .and("others.csv", "cow,emu,ant\n".to_owned() + &"0.5,0.25,0.25\n".repeat(24));
    assert_says(&scene.refuse(&format!("{audit} rows.npy")), &["rows.npy has 10 rows", "pets.csv has 24"]);
    let message = scene.refuse(&format!("{audit} columns.npy"));
    assert_says(&message, &["columns.npy has 3 columns", "2 classes (cat, dog)", "one column per class"]);
    assert_says(&scene.refuse(&format!("{audit} others.csv")), &["others.csv", "(cat, dog)"]);
    assert_says(
        &scene.refuse(&format!("{audit} typo.csv")),
        &["typo.csv", "no column for the classes dog", "cat, dgo"],
    );
    scene.run(&format!("{audit} names.csv")).ran();
}

#[test]
fn label_out_of_range_is_refused() {
    for (label, words) in [
        ("2", &["row 4", "is 2", "from 0 to 1"][..]),
        ("-1", &["y.txt", "row 4", "is -1", "0, 1, 2, …"]),
        ("4294967295", &["y.txt", "row 4", "is 4294967295"]),
    ] {
        let labels = LABELS.lines().enumerate();
        let labels: Vec<&str> = labels.map(|(row, given)| if row == 4 { label } else { given }).collect();
        let scene = Scene::with("y.txt", labels.join("\n")).and("p.csv", probs_csv());
        assert_says(&scene.refuse(&format!("{LABELS_ARGUMENTS} p.csv")), words);
    }
}

#[test]
fn fractional_label_is_refused() {
    let scene = Scene::with("y.npy", npy("(3,)", &[0.0, 1.0, 0.5])).and("p.csv", probs_csv());
    let message = scene.refuse("labels --labels y.npy --pred-probs p.csv");
    assert_says(&message, &["y.npy", "row 2", "0.5", "not a whole number"]);
}

#[test]
fn missing_label_is_refused() {
    let scene =
        Scene::with("y.txt", "0\n1\n\n0\n").and("y.csv", "y\n0\n1\nNA\n0\n").and("p.csv", probs_csv());
    for file in ["y.txt", "y.csv"] {
        let message = scene.refuse(&format!("labels --labels {file} --pred-probs p.csv"));
        assert_says(&message, &[file, "row 2", "missing"]);
    }
}

#[test]
fn fewer_than_two_classes_are_refused() {
    let message = refuse_probs("p.npy", npy("(10, 1)", &[1.0; 10]));
    assert_says(&message, &["at least 2 classes"]);
}

#[test]
fn labels_of_one_class_are_refused() {
    let scene = Scene::with("y.txt", "0\n".repeat(10)).and("p.csv", probs_csv());
    let message = scene.refuse(&format!("{LABELS_ARGUMENTS} p.csv"));
    assert_says(&message, &["y.txt: every label is 0; at least 2 classes", "at least 2 classes"]);
}

#[test]
fn truncated_npy_is_refused() {
    let whole = probs_npy_with(0, 0, 0.5);
    for length in [7, 9, 40, whole.len() - 1] {
        let message = refuse_probs("p.npy", &whole[..length]);
        assert!(message.starts_with("p.npy "), "{message}");
        let tells = ["write the file again", "truncated", "rename the file"];
        assert!(tells.iter().any(|tell| message.contains(tell)), "{message}");
    }
}

#[test]
fn hostile_npy_header_is_refused() {
    let header = |shape: &str| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    for shape in [
        "(1000000000000, 1000)",
        "(18446744073709551615, 18446744073709551615)",
        "(9223372036854775807, 2)",
        "(4294967296, 4294967296)",
    ] {
        let message = refuse_probs("p.npy", npy_with_header(&header(shape), &[0; 64]));
        assert_says(&message, &["p.npy"]);
        assert!(message.contains("declares") || message.contains("not a readable NPY file"), "{message}");
    }
    let deep = format!("{{'descr': {}, }}", "(".repeat(20_000));
    assert_says(&refuse_probs("p.npy", npy_with_header(&deep, &[0; 64])), &["p.npy has dtype", "save it as"]);
    for nonsense in ["", "{", "{'descr': '<f8'}", "{'shape': (1e9, 2)}", "__import__('os')"] {
        let message = refuse_probs("p.npy", npy_with_header(nonsense, &[0; 64]));
        assert_says(&message, &["p.npy is not a readable NPY file", "write the file again"]);
    }
}

#[test]
fn python_objects_are_refused() {
    let objects = std::fs::read(crate::support::fixture("objects.npy")).unwrap();
    assert_says(&refuse_probs("p.npy", &objects), &["p.npy holds Python objects", "save it again"]);
}

#[test]
fn file_of_another_format_than_its_ending_is_refused() {
    for (name, content) in [
        ("p.npy", probs_csv().into_bytes()),
        ("p.npz", probs_csv().into_bytes()),
        ("p.parquet", probs_csv().into_bytes()),
        ("p.feather", b"\x1f\x8b compressed".to_vec()),
    ] {
        assert_says(
            &refuse_probs(name, content),
            &[name, "should be", "but its content looks like", "rename"],
        );
    }
}

#[test]
fn probabilities_without_a_header_are_refused() {
    let csv = probs_csv();
    let (_, without) = csv.split_once('\n').unwrap();
    assert_says(&refuse_probs("p.csv", without), &["p.csv", "header", "add a line of class names"]);
}

#[test]
fn labels_and_probabilities_both_from_standard_input_are_refused() {
    let message = Scene::new().refuse("labels --labels - --pred-probs -");
    assert_says(&message, &["standard input", "--labels", "--pred-probs"]);
    let message = Scene::new().refuse("audit - --label y --pred-probs -");
    assert_says(&message, &["standard input", "--pred-probs"]);
}

#[test]
fn method_out_of_range_is_refused() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv());
    for share in ["nan", "-1", "1.5"] {
        let run = scene.run(&format!("{LABELS_ARGUMENTS} p.csv --frac-noise={share} --out fresh"));
        assert_eq!(run.status, Some(2));
        assert_says(&run.stderr, &[share, "--frac-noise", "between 0 and 1"]);
        assert!(!scene.path("fresh").exists());
    }
}

#[test]
fn noise_out_of_range_is_refused() {
    let scene = Scene::with("y.txt", "0\n4294967294\n");
    for (arguments, words) in [
        ("--classes 1 --trace 1", &["1 classes", "at least 2"][..]),
        ("--classes 0 --trace 1", &["0 classes", "at least 2"]),
        ("--classes 3 --trace nan", &["trace is NaN", "at most 3"]),
        ("--classes 3 --trace 0.5", &["trace is 0.5"]),
        ("--classes 3 --trace 2 --min-noise-rate nan", &["min_noise_rate"]),
        ("--classes 1000000000 --trace 2", &["1,000,000,000 classes", "at most"]),
        ("--labels y.txt --trace 2", &["4,294,967,295 classes", "at most"]),
    ] {
        assert_says(&scene.refuse(&format!("noise {arguments}")), words);
    }
}
