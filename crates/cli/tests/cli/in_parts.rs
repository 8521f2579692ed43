//! Data that need more memory than they may have are read in parts: the results are the same.

use std::fs;

use cleanlab_table::{ArrayWriter, Content, ResultColumn, ResultTable, write_file};
use ndarray::Array2;

use crate::support::{Scene, listing};

/// A scene with labels and probabilities as arrays, as Parquet files of their own, together, and in a folder.
fn scene() -> Scene {
    let scene = Scene::new();
    let (n, names) = (3_000_usize, ["cat", "dog", "emu"]);
    let mut state = 12_345_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    let mut labels = Vec::new();
    let mut probs = Array2::zeros((n, 3));
    for mut row in probs.rows_mut() {
        let class = (uniform() * 3.0) as usize;
        labels.push(if uniform() < 0.2 { (uniform() * 3.0) as i64 } else { class as i64 });
        row.mapv_inplace(|_: f64| uniform());
        row[class] += 2.0 * uniform();
        let sum = row.sum();
        row /= sum;
    }
    write_file(scene.path("p.npy"), &Content::NpyMatrix(probs.view())).unwrap();
    write_file(scene.path("y.npy"), &Content::NpyVector(&labels)).unwrap();
    let column = |class: usize| ResultColumn::floats(probs.column(class).iter().copied());
    let given = || ResultColumn::texts(labels.iter().map(|&label| names[label as usize].to_owned()));
    let of = |columns: Vec<(&str, ResultColumn)>| {
        let mut table = ResultTable::default();
        for (name, column) in columns {
            table.push(name, column).unwrap();
        }
        table
    };
    let write = |name: &str, table: &ResultTable| {
        write_file(scene.path(name), &Content::Parquet(table)).unwrap();
    };
    // The columns are in another order than the names of the classes.
    let columns = || vec![("emu", column(2)), ("cat", column(0)), ("dog", column(1))];
    write("p.parquet", &of(columns()));
    write("y.parquet", &of(vec![("species", given())]));
    let ids = ("id", ResultColumn::integers((0..n).map(|row| row as i64)));
    write("all.parquet", &of([vec![ids, ("species", given())], columns()].concat()));
    fs::create_dir(scene.path("parts")).unwrap();
    for (number, start) in (0..n).step_by(700).enumerate() {
        let rows = start..n.min(start + 700);
        let column = |class: usize| ResultColumn::floats(rows.clone().map(|row| probs[[row, class]]));
        let given = ResultColumn::texts(rows.clone().map(|row| names[labels[row] as usize].to_owned()));
        let columns = vec![("emu", column(2)), ("cat", column(0)), ("dog", column(1)), ("species", given)];
        write(&format!("parts/{number:02}.parquet"), &of(columns));
    }
    scene
}

/// What a command writes and prints, once as it is and once with little memory, is the same but for the note.
fn compare(scene: &Scene, arguments: &str) {
    for format in ["text", "json", "csv"] {
        let whole = scene.run(&format!("{arguments} --format {format} --out whole"));
        let parts = scene.run(&format!("{arguments} --format {format} --out parts_of_it --memory 64K"));
        assert_eq!((whole.status, parts.status), (Some(0), Some(0)), "{arguments}: {}", parts.stderr);
        assert_eq!(parts.stdout.replace("parts_of_it", "whole"), whole.stdout, "{arguments}");
        let note = parts.stderr.lines().next().unwrap();
        assert!(note.starts_with("note: ") && note.ends_with("it is read in parts"), "{note}");
        assert!(note.contains("64.0 KiB"), "{note}");
        let others: Vec<&str> = parts.stderr.lines().skip(1).collect();
        assert_eq!(others, whole.stderr.lines().collect::<Vec<_>>(), "{arguments}");
        let files = |name: &str| -> Vec<(String, Vec<u8>)> {
            let files = listing(&scene.path(name)).into_iter();
            files
                .map(|(path, content)| (path.file_name().unwrap().to_string_lossy().into_owned(), content))
                .collect()
        };
        let (whole, parts) = (files("whole"), files("parts_of_it"));
        assert!(!whole.is_empty());
        assert!(whole == parts, "{arguments}: other files");
        fs::remove_dir_all(scene.path("whole")).unwrap();
        fs::remove_dir_all(scene.path("parts_of_it")).unwrap();
    }
}

#[test]
fn labels_in_parts_writes_the_same_files_and_prints_the_same() {
    let scene = scene();
    for (filter_by, rank_by) in [
        ("prune-by-noise-rate", "self-confidence"),
        ("both", "normalized-margin"),
        ("low-self-confidence", "confidence-weighted-entropy"),
        ("predicted-neq-given", "self-confidence"),
    ] {
        let method = format!("--filter-by {filter_by} --rank-by {rank_by} --threads 2");
        compare(&scene, &format!("labels --labels y.npy --pred-probs p.npy {method}"));
        compare(&scene, &format!("labels --labels y.parquet --pred-probs p.parquet {method}"));
    }
    compare(&scene, "labels --labels y.npy --pred-probs p.npy --clip --top 3 --min-examples-per-class 1050");
}

#[test]
fn health_overlap_and_classes_in_parts_tell_the_same() {
    let scene = scene();
    for command in
        ["health --intervals", "overlap --asymmetric", "classes --intervals --interval-method bootstrap"]
    {
        compare(&scene, &format!("{command} --labels y.npy --pred-probs p.npy"));
        compare(&scene, &format!("{command} --labels y.parquet --pred-probs p.parquet"));
    }
}

#[test]
fn folder_and_single_file_give_what_files_of_their_own_give() {
    let scene = scene();
    let issues = |arguments: &str| {
        let run = scene.run(&format!("labels {arguments} --format csv"));
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        run.stdout
    };
    let expected = issues("--labels y.parquet --pred-probs p.parquet");
    assert!(expected.lines().count() > 100);
    for arguments in [
        "parts --label species",
        "parts --label species --pred-probs p.parquet",
        "all.parquet --label species",
        "all.parquet --label species --pred-probs-columns dog,cat,emu",
        "all.parquet --label species --pred-probs p.parquet",
        "--labels y.parquet --pred-probs parts --pred-probs-columns emu,cat,dog",
    ] {
        assert_eq!(issues(arguments), expected, "{arguments}");
    }
    let health = |arguments: &str| scene.run(&format!("health {arguments} --format csv")).stdout;
    let expected = health("--labels y.parquet --pred-probs p.parquet");
    assert_eq!(health("parts --label species"), expected);
    assert_eq!(health("all.parquet --label species --pred-probs all.parquet"), expected);
    assert_eq!(health("all.parquet --label species --pred-probs-columns cat,emu,dog"), expected);
}

#[test]
fn columns_that_cannot_be_chosen_are_refused() {
    let scene = scene();
    for (arguments, reason) in [
        ("labels --labels y.npy --pred-probs p.npy --pred-probs-columns 0,1", "p.npy is neither"),
        ("labels parts --label species --pred-probs-columns cat,cat,emu", "names \"cat\" twice"),
        ("health all.parquet --label species --pred-probs-columns cat,nonsense,emu", "nonsense"),
        ("health p.npy --label species --pred-probs-columns cat,dog,emu", "p.npy is neither"),
    ] {
        let message = scene.refuse(arguments);
        assert!(message.contains(reason), "{arguments}: {message}");
    }
}

#[test]
fn columns_are_matched_to_names_of_another_form() {
    let scene = scene();
    let (n, probs) =
        (100_usize, |row: usize| if row.is_multiple_of(3) { [0.75, 0.25] } else { [0.125, 0.875] });
    let column = |class: usize| ResultColumn::floats((0..n).map(move |row| probs(row)[class]));
    let write = |name: &str, columns: Vec<(&str, ResultColumn)>| {
        let mut table = ResultTable::default();
        for (name, column) in columns {
            table.push(name, column).unwrap();
        }
        write_file(scene.path(name), &Content::Parquet(&table)).unwrap();
    };
    let is_big = || ResultColumn::booleans((0..n).map(|row| !row.is_multiple_of(3) || row == 6));
    // The column of True is the first one: by position every answer would be inverted.
    write("b.parquet", vec![("big", is_big()), ("true", column(1)), ("false", column(0))]);
    let size = || {
        let name = |row: usize| if !row.is_multiple_of(3) || row == 6 { "big" } else { "small" };
        ResultColumn::texts((0..n).map(|row| name(row).to_owned()))
    };
    write("s.parquet", vec![("size", size()), ("p_small", column(0)), ("p_big", column(1))]);
    let rows = |arguments: &str| {
        let run = scene.run(&format!("labels {arguments} --format csv"));
        assert_eq!((run.status, run.stderr.contains("warning")), (Some(0), false), "{}", run.stderr);
        run.stdout.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rows("b.parquet --label big"), ["6"]);
    assert_eq!(rows("s.parquet --label size"), ["6"]);
}

#[test]
fn label_column_beside_an_array_of_labels_is_refused() {
    let scene = scene();
    let run = scene.run("labels --labels y.npy --label species --pred-probs p.npy");
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("cannot be used with '--label <COLUMN>'"), "{}", run.stderr);
    let message = scene.refuse("audit parts --label species");
    assert!(message.contains("parts is a folder, and one file is read here"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_request_to_end_leaves_nothing_half_written() {
    use std::process::{Command, Stdio};

    let scene = scene();
    for (turns, signal, status) in [(200, "-TERM", 143), (2_000, "-HUP", 129), (20_000, "-TERM", 143)] {
        let before = scene.listing().len();
        let mut command = scene.command();
        command.args(["labels", "--labels", "y.npy", "--pred-probs", "p.npy", "--out", "results"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        for _ in 0..turns {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::yield_now();
        }
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        let ended = child.wait_with_output().unwrap();
        if ended.stderr.ends_with(b"nothing was left half written\n") {
            assert_eq!(ended.status.code(), Some(status));
        }
        let n_files = scene.listing().len() - before;
        assert!([0, 5].contains(&n_files), "{turns}: {:?}", scene.listing());
        let _ = fs::remove_dir_all(scene.path("results"));
    }
}

#[test]
fn note_is_not_printed_quietly_or_when_memory_suffices() {
    let scene = scene();
    let run = |more: &str| scene.run(&format!("labels --labels y.npy --pred-probs p.npy {more}")).stderr;
    assert_eq!(run("--memory 64K --quiet"), "");
    assert_eq!(run("--memory 1G"), "");
    assert!(run("--memory 64K").starts_with("note: p.npy would need about"));
}

#[test]
fn bad_value_in_parts_is_refused_and_nothing_is_written() {
    let scene = scene();
    let mut bytes = fs::read(scene.path("p.npy")).unwrap();
    let at = bytes.len() - 8 * 4;
    bytes[at..at + 8].copy_from_slice(&1.5_f64.to_le_bytes());
    fs::write(scene.path("p.npy"), bytes).unwrap();
    let message = scene.refuse("labels --labels y.npy --pred-probs p.npy --memory 64K --quiet");
    assert!(message.contains("p.npy: pred_probs row 2998, column 2 is 1.5"), "{message}");
    assert!(message.contains("--clip does that"), "{message}");
}

#[test]
fn results_inside_the_data_are_refused() {
    let scene = scene();
    let run = scene.run("labels parts --label species --out parts/results");
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("whose files are read; give another folder"), "{}", run.stderr);
}

#[test]
fn shorter_labels_are_refused_with_both_names() {
    let scene = scene();
    let mut writer = ArrayWriter::create(scene.path("short.npy"), 2).unwrap();
    writer.write(&[0_i64, 1]).unwrap();
    writer.finish().unwrap().publish().unwrap();
    let message = scene.refuse("labels --labels short.npy --pred-probs p.npy --memory 64K");
    assert!(message.contains("short.npy has 2 labels, but p.npy has 3000 rows"), "{message}");
}

#[cfg(unix)]
#[test]
fn interrupted_in_parts_leaves_all_files_or_none() {
    use std::process::{Command, Stdio};

    let scene = scene();
    for turns in [0, 100, 1_000, 10_000, 50_000] {
        let before = scene.listing().len();
        let mut command = scene.command();
        command.args(["labels", "parts", "--label", "species", "--out", "results"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..turns {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::yield_now();
        }
        if child.try_wait().unwrap().is_none() {
            assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        }
        child.wait().unwrap();
        let n_files = scene.listing().len() - before;
        assert!([0, 5].contains(&n_files), "{turns}: {:?}", scene.listing());
        let _ = fs::remove_dir_all(scene.path("results"));
    }
}

/// A table, predictions for it, and features of which some rows are the same as others and some point elsewhere.
fn scene_of_features() -> Scene {
    let scene = Scene::new();
    let (n, p) = (12_000_usize, 48);
    let mut state = 99_u64;
    let mut uniform = || {
        // Not a congruence alone, whose rows lie on a lattice: the audit would find that they are not drawn at random.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f64 / f64::from(1 << 24)
    };
    let mut features = Array2::from_shape_fn((n, p), |(row, column)| {
        let of_class = if column < 6 { 3.0 * (row % 3) as f64 } else { 0.0 };
        of_class + uniform() + uniform() + uniform()
    });
    for copy in 0..20 {
        let original = features.row(7 * copy).to_owned();
        features.row_mut(11_900 + copy).assign(&original);
    }
    for far in 0..5 {
        for (column, value) in features.row_mut(11_990 + far).iter_mut().enumerate() {
            *value = if column * (far + 3) % 7 < 3 { -2.0 } else { 2.0 };
        }
    }
    write_file(scene.path("x.npy"), &Content::NpyMatrix(features.view())).unwrap();
    let probs = Array2::from_shape_fn((n, 3), |(row, class)| if row % 3 == class { 0.8 } else { 0.1 });
    write_file(scene.path("p.npy"), &Content::NpyMatrix(probs.view())).unwrap();
    let lines: String = (0..n).map(|row| format!("{row},{}\n", ["cat", "dog", "emu"][row % 3])).collect();
    fs::write(scene.path("t.csv"), format!("id,species\n{lines}")).unwrap();
    scene
}

const FEATURE_AUDIT: &str = "audit t.csv --label species --pred-probs p.npy --features x.npy";

#[test]
fn features_left_in_their_file_give_the_same_duplicates_and_outliers() {
    let scene = scene_of_features();
    let flagged = |out: &str, column: &str| -> Vec<usize> {
        let text = fs::read_to_string(scene.path(out).join("issues.csv")).unwrap();
        let mut lines = text.lines();
        let at = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
        lines
            .enumerate()
            .filter(|(_, line)| line.split(',').nth(at) == Some("true"))
            .map(|(row, _)| row)
            .collect()
    };
    let whole = scene.run(&format!("{FEATURE_AUDIT} --out whole"));
    let parts = scene.run(&format!("{FEATURE_AUDIT} --memory 12M --out in_parts"));
    assert_eq!((whole.status, parts.status), (Some(0), Some(0)), "{}", parts.stderr);
    assert!(parts.stdout.contains("the features were read in parts"), "{} {}", parts.stdout, parts.stderr);
    let copies: Vec<usize> = (0..20).map(|copy| 7 * copy).chain(11_900..11_920).collect();
    for out in ["whole", "in_parts"] {
        let found = flagged(out, "is_near_duplicate_issue");
        assert!(copies.iter().all(|row| found.contains(row)), "{out}: {found:?}");
        let found = flagged(out, "is_outlier_issue");
        assert!((11_990..11_995).all(|row| found.contains(&row)), "{out}: {found:?}");
    }
    let duplicates = |out| flagged(out, "is_near_duplicate_issue");
    assert_eq!(duplicates("whole"), duplicates("in_parts"));
    for column in ["is_label_issue", "is_non_iid_issue"] {
        assert_eq!(flagged("whole", column), flagged("in_parts", column), "{column}");
    }
}

#[test]
fn features_in_parts_are_refused_an_exact_search_and_too_little_memory() {
    let scene = scene_of_features();
    let message = scene.refuse(&format!("{FEATURE_AUDIT} --memory 12M --neighbors exact"));
    assert!(message.contains("--neighbors exact needs all features in memory"), "{message}");
    let message = scene.refuse(&format!("{FEATURE_AUDIT} --memory 1M"));
    assert!(message.contains("the neighbours of 12000 rows need at least"), "{message}");
    assert!(message.contains("allow it with --memory"), "{message}");
}
