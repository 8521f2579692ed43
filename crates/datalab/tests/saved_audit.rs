//! Saved audits: the same audit comes back, and whatever happens to the folder is found out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use cleanlab_core::stopping::{StopToken, run_until_told};
use cleanlab_core::{ClassNames, Labels, RandomState};
use cleanlab_datalab::{
    CheckContext, CheckError, Checks, ColumnValues, Datalab, FindIssuesOptions, Info, InfoValue, Inputs,
    IssueFindings, IssueManager, IssueTable, ReportOptions, RowKeys, SaveOptions, SavedAudit,
    SavedAuditError, Task, TextColumns,
};
use cleanlab_multilabel::MultiLabels;
use cleanlab_neighbors::KnnGraph;
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

/// A check that gives what it was made with.
struct Given(String, Result<IssueFindings, String>);

impl IssueManager for Given {
    fn issue_name(&self) -> &str {
        &self.0
    }

    fn description(&self) -> &'static str {
        "Made for a test."
    }

    fn neighbors_needed(&self, _: &CheckContext<'_>) -> Option<usize> {
        None
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        if context.features().is_some() {
            // So that a graph is kept.
            context.knn_graph(2, None)?;
        }
        self.1.clone().map_err(CheckError::custom)
    }
}

/// Findings with every kind of column and of info, as the seed has it.
fn findings(n_rows: usize, seed: u32) -> IssueFindings {
    let mut random = RandomState::new(seed);
    let mut special = |row: usize| match (row, seed % 3) {
        (0, 0) => f64::NAN,
        (1, _) => -0.0,
        (2, 1) => f64::INFINITY,
        (3, 2) => f64::MIN_POSITIVE / 4.0,
        _ => random.random_sample() * 1e300,
    };
    let floats: Array1<f64> = (0..n_rows).map(&mut special).collect();
    let scores: Array1<f64> =
        (0..n_rows).map(|row| f64::from((row as u32 * 37 + seed) % 101) / 100.0).collect();
    let texts =
        (0..n_rows).map(|row| (row % 3 != 1).then(|| format!("ü{}\0", "x".repeat(row % 5)))).collect();
    let lists: Vec<Vec<u32>> = (0..n_rows).map(|row| (0..(row as u32 + seed) % 4).collect()).collect();
    let details = IssueTable::new(n_rows)
        .with_column("floats", ColumnValues::Floats(floats.clone()))
        .and_then(|table| table.with_column("a/../b \u{1}", ColumnValues::IntegerLists(lists)))
        .and_then(|table| table.with_column("texts", ColumnValues::Texts(texts)))
        .and_then(|table| {
            let codes = (0..n_rows as u32).map(|row| row % 2).collect();
            table.with_column(
                "kinds",
                ColumnValues::Categories { codes, names: vec!["é".into(), String::new()] },
            )
        })
        .and_then(|table| {
            let integers = (0..n_rows as i64).map(|row| i64::MIN + row).collect();
            table.with_column("integers", ColumnValues::Integers(integers))
        })
        .unwrap();
    let graph =
        KnnGraph::new(array![[1, 2], [0, 2], [1, 0]], array![[0.5, 0.9], [0.5, 0.7], [0.7, 0.9]]).unwrap();
    let part = Info::default().with("null", InfoValue::Null).with("yes", InfoValue::Boolean(true));
    let info = Info::default()
        .with("p-value", InfoValue::Float(special(seed as usize % 5)))
        .with("k", InfoValue::Integer(i64::MAX))
        .with("text", InfoValue::Text("\"quoted\" </script>\u{202e}".into()))
        .with("values", InfoValue::Values(ColumnValues::Booleans(array![true, false])))
        .with("empty", InfoValue::Values(ColumnValues::Texts(vec![])))
        .with("matrix", InfoValue::Matrix(array![[f64::NAN, -0.0], [1e-310, 0.1]]))
        .with("table", InfoValue::Table(IssueTable::new(0)))
        .with("graph", InfoValue::Graph(graph.into()))
        .with("part", InfoValue::Map(part));
    let is_issue = scores.mapv(|score| score < 0.3);
    let mut findings = IssueFindings::of_rows(is_issue, scores).with_score(0.1 + 0.2).with_info(info);
    findings.details = details;
    findings.with_warning("careful")
}

fn audit(mut lab: Datalab, seed: u32) -> Datalab {
    let n_rows = lab.n_rows();
    let features = Array2::from_shape_fn((n_rows, 2), |(row, axis)| ((row * 31 + axis * 7) % 17) as f64);
    let checks = Checks::none()
        .with(Given("found".into(), Ok(findings(n_rows, seed))))
        .with(Given("../odd/name".into(), Err("it broke \u{1b}[31m".into())));
    let mut inputs = Inputs::default();
    if n_rows > 3 {
        inputs = inputs.with_features(&features);
    }
    lab.find_issues(&inputs, &FindIssuesOptions::default().with_checks(checks)).unwrap();
    lab.find_issues(&Inputs::default(), &FindIssuesOptions::default()).unwrap();
    let ids = TextColumns::default().with_column("id", (0..n_rows).map(|row| format!("#{row}")));
    lab.with_row_numbers((0..n_rows).map(|row| row * 3).collect())
        .and_then(|lab| lab.with_row_keys(RowKeys::from_column(&ids, "id")?))
        .unwrap()
}

fn small_audit() -> Datalab {
    audit(Datalab::unlabeled(6, Task::Classification).unwrap(), 1)
}

/// As text, which tells −0 from 0 and takes NaN for equal to NaN.
fn written(lab: &Datalab) -> String {
    let classes = lab.targets().class_names();
    let labels: Vec<_> =
        (0..lab.n_rows()).map(|row| (lab.targets().label_text(row), lab.row_number(row))).collect();
    format!(
        "{:?} {:?} {labels:?} {:?} {:?} {:?}",
        lab.checks(),
        classes,
        lab.kept_graph(),
        lab.row_keys(),
        lab.targets().task()
    )
}

fn save(lab: &Datalab, folder: &Path) {
    lab.save(folder, &SaveOptions::default()).unwrap();
}

/// All files of a saved audit.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else if path.file_name().unwrap() != ".lock" {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn file_of(folder: &Path, part: &str) -> PathBuf {
    files_of(folder).into_iter().find(|path| path.to_string_lossy().contains(part)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn load_saved_audit_is_the_same_to_the_bit(n_rows in 1_usize..40, seed in 0_u32..1000, kind in 0..4) {
        let labels: Vec<u32> = (0..n_rows as u32).map(|row| (row * seed) % 3).collect();
        let names = ClassNames::from_ordered(vec!["a".into(), "<b>".into(), String::new()]);
        let lab = match kind {
            0 => Datalab::unlabeled(n_rows, Task::Regression),
            1 => Datalab::classification(Labels::from_vec(labels).unwrap(), names),
            2 => Datalab::regression(labels.iter().map(|&label| f64::from(label) / 3.0 - 0.5).collect()),
            _ => {
                let lists: Vec<Vec<u32>> = labels.iter().map(|&label| (0..label).collect()).collect();
                Datalab::multilabel(MultiLabels::from_lists(&lists, 3).unwrap(), names)
            }
        };
        let lab = audit(lab.unwrap(), seed);
        let report = lab.report(&ReportOptions::default()).unwrap();
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("new/audit");
        lab.save(&folder, &SaveOptions::default().with_report(&report)).unwrap();
        let saved = SavedAudit::load(&folder).unwrap();
        prop_assert_eq!(written(&saved.lab), written(&lab));
        prop_assert_eq!(saved.report, Some(report));
        // Nothing is left beside it.
        prop_assert_eq!(fs::read_dir(parent.path().join("new")).unwrap().count(), 1);
    }
}

#[test]
fn save_existing_audit_is_replaced_and_nothing_is_left() {
    let parent = tempfile::tempdir().unwrap();
    // An empty folder is as good as none.
    let folder = parent.path();
    save(&small_audit(), folder);
    let first = files_of(folder).len();
    // What a killed save leaves.
    fs::create_dir(folder.join("state-killed")).unwrap();
    fs::write(folder.join("state-killed/0000_part.npy"), "half").unwrap();
    fs::write(folder.join(".manifest-killed.tmp"), "{").unwrap();
    assert_eq!(written(&Datalab::load(folder).unwrap()), written(&small_audit()));
    let other = audit(Datalab::unlabeled(9, Task::Regression).unwrap(), 5);
    save(&other, folder);
    assert_eq!(written(&Datalab::load(folder).unwrap()), written(&other));
    assert_eq!(files_of(folder).len(), first);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 3);
}

#[test]
fn load_more_checks_can_be_made() {
    let parent = tempfile::tempdir().unwrap();
    save(&small_audit(), parent.path());
    let mut lab = Datalab::load(parent.path()).unwrap();
    let checks = Checks::none().with(Given("later".into(), Ok(findings(6, 2))));
    lab.find_issues(&Inputs::default(), &FindIssuesOptions::default().with_checks(checks)).unwrap();
    assert!(lab.get_findings("later").is_ok() && lab.get_findings("found").is_ok());
}

#[test]
fn load_any_flipped_bit_is_found_and_its_file_named() {
    let (_parent, folder, files) = saved_with_report();
    let files: Vec<PathBuf> = files.into_iter().map(|(path, _)| path).collect();
    let mut random = RandomState::new(7);
    let mut flips = 0;
    for file in &files {
        let whole = fs::read(file).unwrap();
        // Every file, the manifest more often, and in it the checksum at its beginning.
        let is_manifest = file.ends_with("manifest.json");
        let n_flips = if is_manifest { 250 } else { 12 };
        for flip in 0..n_flips {
            let bit = if is_manifest && flip < 100 {
                flip * 8 + flip % 8
            } else {
                random.randint(0, whole.len() as i64 * 8).unwrap() as usize
            };
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(file, &bytes).unwrap();
            match SavedAudit::load(&folder) {
                Err(SavedAuditError::WrongChecksum { path }) => assert_eq!(&path, file),
                other => panic!("bit {bit} of {}: {other:?}", file.display()),
            }
            flips += 1;
        }
        fs::write(file, &whole).unwrap();
    }
    assert!(flips >= 500, "{flips}");
    assert!(SavedAudit::load(&folder).is_ok());
}

#[test]
fn load_truncated_or_longer_file_is_found_and_named() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    save(&small_audit(), &folder);
    for file in files_of(&folder) {
        let whole = fs::read(&file).unwrap();
        let longer = [whole.as_slice(), b"\n"].concat();
        for changed in [&whole[..whole.len() / 2], &whole[..whole.len() - 1], &[], &longer] {
            fs::write(&file, changed).unwrap();
            match SavedAudit::load(&folder) {
                Err(SavedAuditError::WrongLength { path, found, .. }) => {
                    assert_eq!((&path, found), (&file, changed.len() as u64));
                }
                Err(SavedAuditError::WrongChecksum { path }) => {
                    assert!(path == file && file.ends_with("manifest.json"));
                }
                other => panic!("{}: {other:?}", file.display()),
            }
        }
        fs::write(&file, &whole).unwrap();
    }
}

/// How many times something is tried: a few, or as many as the variable says, as `cargo xtask trust` sets it.
fn times(variable: &str, usually: usize) -> usize {
    std::env::var(variable).map_or(usually, |text| text.parse().unwrap())
}

/// A saved audit with its report, its files with what is in them, and room to keep them in.
fn saved_with_report() -> (tempfile::TempDir, PathBuf, Vec<(PathBuf, Vec<u8>)>) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    let lab = small_audit();
    let report = lab.report(&ReportOptions::default()).unwrap();
    lab.save(&folder, &SaveOptions::default().with_report(&report)).unwrap();
    let files = files_of(&folder).into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect();
    (parent, folder, files)
}

/// A byte of all of them, by turns of a file that is drawn and of all bytes alike, so that small files get their share.
fn random_byte(files: &[(PathBuf, Vec<u8>)], turn: usize, random: &mut RandomState) -> (usize, usize) {
    let mut below = |end: usize| random.randint(0, end as i64).unwrap() as usize;
    if turn.is_multiple_of(2) {
        let file = below(files.len());
        return (file, below(files[file].1.len()));
    }
    let mut byte = below(files.iter().map(|(_, bytes)| bytes.len()).sum());
    for (file, (_, bytes)) in files.iter().enumerate() {
        if byte < bytes.len() {
            return (file, byte);
        }
        byte -= bytes.len();
    }
    unreachable!("the byte is one of them")
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure is quoted by `cargo xtask trust`")]
fn load_bits_flipped_at_random_are_all_found() {
    let (_parent, folder, files) = saved_with_report();
    let mut random = RandomState::new(11);
    let n_flips = times("CLEANLAB_TRUST_FLIPS", 300);
    for turn in 0..n_flips {
        let (file, byte) = random_byte(&files, turn, &mut random);
        let (path, whole) = &files[file];
        let mut bytes = whole.clone();
        bytes[byte] ^= 1 << random.randint(0, 8).unwrap();
        fs::write(path, &bytes).unwrap();
        match SavedAudit::load(&folder) {
            Err(SavedAuditError::WrongChecksum { path: named }) => assert_eq!(&named, path),
            other => panic!("byte {byte} of {}: {other:?}", path.display()),
        }
        fs::write(path, whole).unwrap();
    }
    assert!(SavedAudit::load(&folder).is_ok());
    println!("trust: {n_flips} of {n_flips} flipped bits were found");
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure is quoted by `cargo xtask trust`")]
fn load_files_cut_off_at_random_are_all_found() {
    let (_parent, folder, files) = saved_with_report();
    let mut random = RandomState::new(12);
    let n_cuts = times("CLEANLAB_TRUST_TRUNCATIONS", 100);
    for turn in 0..n_cuts {
        let (file, length) = random_byte(&files, turn, &mut random);
        let (path, whole) = &files[file];
        fs::write(path, &whole[..length]).unwrap();
        match SavedAudit::load(&folder) {
            Err(SavedAuditError::WrongLength { path: named, found, .. }) => {
                assert_eq!((&named, found), (path, length as u64));
            }
            Err(SavedAuditError::WrongChecksum { path: named }) => {
                assert!(&named == path && path.ends_with("manifest.json"));
            }
            other => panic!("{} cut off at {length}: {other:?}", path.display()),
        }
        fs::write(path, whole).unwrap();
    }
    assert!(SavedAudit::load(&folder).is_ok());
    println!("trust: {n_cuts} of {n_cuts} files cut off were found");
}

#[test]
fn save_the_same_audit_gives_the_same_bytes() {
    let (_one, _, first) = saved_with_report();
    let (_two, _, second) = saved_with_report();
    let contents = |files: &[(PathBuf, Vec<u8>)]| {
        files
            .iter()
            .map(|(path, bytes)| (path.file_name().unwrap().to_owned(), bytes.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(contents(&first), contents(&second));
    assert!(first.iter().any(|(path, _)| path.parent().unwrap().ends_with("state-1")));
}

#[test]
fn save_that_is_told_to_stop_leaves_the_old_audit() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    let stopped = |folder: &Path| {
        let token = StopToken::new();
        token.stop();
        run_until_told(&token, || small_audit().save(folder, &SaveOptions::default())).unwrap_err()
    };
    stopped(&folder);
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    save(&small_audit(), &folder);
    let before = files_of(&folder);
    stopped(&folder);
    assert_eq!(files_of(&folder), before);
    assert_eq!(written(&Datalab::load(&folder).unwrap()), written(&small_audit()));
}

/// Audits that earlier versions saved, in `tests/golden`, and whether rows have keys by their content besides.
const GOLDEN: [(&str, bool); 2] = [("format_1_before_content_keys", false), ("format_1", true)];

/// What the golden audits hold, as today's version makes it.
fn golden_audit(has_content_keys: bool) -> Datalab {
    let lab = small_audit();
    if !has_content_keys {
        return lab;
    }
    let ids = TextColumns::default().with_column("id", (0..lab.n_rows()).map(|row| format!("#{row}")));
    let keys = RowKeys::from_column(&ids, "id").unwrap().with_content(&ids, None);
    lab.with_row_keys(keys).unwrap()
}

/// The folder of a golden audit. One that is not there yet is recorded if `CLEANLAB_RENEW` is set; none is written over.
fn golden_folder(name: &str, has_content_keys: bool) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if !folder.exists() && std::env::var_os("CLEANLAB_RENEW").is_some() {
        let lab = golden_audit(has_content_keys);
        let report = lab.report(&ReportOptions::default()).unwrap();
        lab.save(&folder, &SaveOptions::default().with_report(&report)).unwrap();
    }
    folder
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure is quoted by `cargo xtask trust`")]
fn load_audits_that_earlier_versions_saved() {
    for (name, has_content_keys) in GOLDEN {
        let saved = SavedAudit::load(golden_folder(name, has_content_keys)).unwrap();
        let expected = golden_audit(has_content_keys);
        // Checks and reports change with the versions; what was saved does not.
        let found = |lab: &Datalab| format!("{:?}", lab.get_findings("found").unwrap());
        assert_eq!(found(&saved.lab), found(&expected), "{name}");
        let reason = |lab: &Datalab| {
            let mut failed = lab.failed_checks().map(|(name, reason)| format!("{name}: {reason}"));
            failed.find(|text| text.starts_with("../odd/name")).unwrap()
        };
        assert_eq!(reason(&saved.lab), reason(&expected), "{name}");
        let kept = |lab: &Datalab| format!("{:?} {:?}", lab.kept_graph().unwrap(), lab.row_keys().unwrap());
        assert_eq!(kept(&saved.lab), kept(&expected), "{name}");
        let rows = |lab: &Datalab| (0..lab.n_rows()).map(|row| lab.row_number(row)).collect::<Vec<_>>();
        assert_eq!(rows(&saved.lab), rows(&expected), "{name}");
        assert_eq!(saved.lab.targets().task(), Task::Classification);
        assert!(saved.report.unwrap().checks.iter().any(|check| check.issue_type == "found"), "{name}");
        // And they take further checks and are saved again.
        let again = tempfile::tempdir().unwrap();
        save(&saved.lab, again.path());
        assert_eq!(written(&Datalab::load(again.path()).unwrap()), written(&saved.lab), "{name}");
    }
    println!(
        "trust: {0} of {0} golden audits of earlier versions load with all that they hold",
        GOLDEN.len()
    );
}

#[test]
fn load_more_rows_than_there_can_be_anything_of_are_refused() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    let of = |n_rows| Datalab::unlabeled(n_rows, Task::Classification).unwrap();
    save(&of(1 << 40), &folder);
    let error = Datalab::load(&folder).unwrap_err().to_string();
    assert!(error.contains("more rows than its files have bytes"), "{error}");
    save(&of(1_000_000), &folder);
    assert_eq!(Datalab::load(&folder).unwrap().n_rows(), 1_000_000);
}

#[test]
fn load_missing_renamed_or_further_file_is_found_and_named() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    save(&small_audit(), &folder);
    for file in files_of(&folder) {
        let whole = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let error = SavedAudit::load(&folder).unwrap_err();
        assert!(matches!(&error, SavedAuditError::MissingFile { path } if *path == file), "{error:?}");
        fs::write(&file, &whole).unwrap();
    }
    let scores = file_of(&folder, "found.scores");
    let renamed = scores.with_file_name("renamed.npy");
    fs::rename(&scores, &renamed).unwrap();
    let error = SavedAudit::load(&folder).unwrap_err();
    assert!(matches!(&error, SavedAuditError::UnexpectedFile { path } if *path == renamed), "{error:?}");
    fs::rename(&renamed, &scores).unwrap();

    let notes = folder.join("notes.txt");
    fs::write(&notes, "mine").unwrap();
    let error = SavedAudit::load(&folder).unwrap_err();
    assert!(matches!(&error, SavedAuditError::UnexpectedFile { path } if *path == notes), "{error:?}");
    // Nor is it written over.
    let error = small_audit().save(&folder, &SaveOptions::default()).unwrap_err();
    assert!(
        matches!(&error, SavedAuditError::NotAnAudit { reason, .. } if reason.contains("notes.txt")),
        "{error:?}"
    );
}

#[test]
fn save_folder_of_something_else_is_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "mine").unwrap();
    for folder in [parent.path(), &file] {
        let error = small_audit().save(folder, &SaveOptions::default()).unwrap_err();
        assert!(matches!(error, SavedAuditError::NotAnAudit { .. }), "{error:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    // A manifest of something else.
    let other = parent.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("manifest.json"), "{}").unwrap();
    let error = small_audit().save(&other, &SaveOptions::default()).unwrap_err();
    assert!(matches!(error, SavedAuditError::NotAnAudit { .. }), "{error:?}");
    assert!(matches!(Datalab::load(parent.path().join("none")), Err(SavedAuditError::NotAnAudit { .. })));
    assert!(matches!(Datalab::load(parent.path()), Err(SavedAuditError::MissingFile { .. })));
}

#[test]
fn save_while_another_saves_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    save(&small_audit(), &folder);
    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let error = small_audit().save(&folder, &SaveOptions::default()).unwrap_err();
    assert!(matches!(error, SavedAuditError::Busy { .. }), "{error:?}");
    assert!(Datalab::load(&folder).is_ok());
    lock.unlock().unwrap();
    save(&small_audit(), &folder);
}

/// Changes the manifest and its checksum, as one would who tampers with it.
fn tamper(folder: &Path, change: impl Fn(String) -> String) {
    let path = folder.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let rest = change(text.splitn(3, '\n').nth(2).unwrap().to_owned());
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&rest);
    let checksum = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    fs::write(&path, format!("{{\n  \"sha256\": \"{checksum}\",\n{rest}")).unwrap();
}

#[test]
fn load_manifest_of_a_newer_version_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    save(&small_audit(), &folder);
    tamper(&folder, |text| text);
    assert!(Datalab::load(&folder).is_ok());
    tamper(&folder, |text| text.replace("\"format_version\": 1", "\"format_version\": 2, \"more\": [1]"));
    let error = Datalab::load(&folder).unwrap_err();
    assert!(matches!(error, SavedAuditError::NewerVersion { found: 2, supported: 1, .. }), "{error:?}");
}

#[test]
fn load_tampered_manifest_with_a_right_checksum_is_no_way_out() {
    let changes: [(&str, &str); 7] = [
        // Out of the folder, or into another state.
        ("\"state\": \"state-", "\"state\": \"state-/../../state-"),
        ("\"state\": \"state-", "\"state\": \"other-"),
        ("\"n_rows\": 6", "\"n_rows\": 7"),
        ("\"dtype\": \"|b1\"", "\"dtype\": \"<f8\""),
        ("_found.scores.npy\",\n      \"bytes\"", "_found.scorez.npy\",\n      \"bytes\""),
        ("\"score\": 0.30000000000000004", "\"score\": 1.5"),
        ("\"rows\"", "\"diagonals\""),
    ];
    for (from, to) in changes {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("audit");
        save(&small_audit(), &folder);
        tamper(&folder, |text| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            changed
        });
        let error = Datalab::load(&folder).unwrap_err();
        let named = match &error {
            SavedAuditError::Invalid { path, .. }
            | SavedAuditError::UnexpectedFile { path }
            | SavedAuditError::MissingFile { path } => path,
            error => panic!("{from}: {error:?}"),
        };
        assert!(named.starts_with(&folder), "{error:?}");
    }
}

#[test]
fn load_array_declared_larger_than_its_file_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    save(&small_audit(), &folder);
    tamper(&folder, |text| {
        let shape = text.find("\"shape\": [").unwrap();
        let digit = shape + text[shape..].find(|c: char| c.is_ascii_digit()).unwrap();
        format!("{}99999999999999{}", &text[..digit], &text[digit..])
    });
    let error = Datalab::load(&folder).unwrap_err();
    assert!(
        matches!(&error, SavedAuditError::Invalid { reason, .. } if reason.contains("not the array")),
        "{error:?}"
    );
}

#[test]
fn save_parts_nested_without_end_are_refused() {
    let mut info = Info::default();
    for _ in 0..200 {
        info = Info::default().with("part", InfoValue::Map(info));
    }
    let mut lab = Datalab::unlabeled(1, Task::Regression).unwrap();
    let found = IssueFindings::of_rows(array![false], array![1.0]).with_info(info);
    let checks = Checks::none().with(Given("deep".into(), Ok(found)));
    lab.find_issues(&Inputs::default(), &FindIssuesOptions::default().with_checks(checks)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let error = lab.save(parent.path().join("audit"), &SaveOptions::default()).unwrap_err();
    assert!(matches!(error, SavedAuditError::CannotSave { .. }), "{error:?}");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
}
