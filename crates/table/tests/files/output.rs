//! Results written and read back.

use std::fs;

use cleanlab_core::stopping::{StopToken, Stopped, run_until_told};
use cleanlab_table::{
    AnyArray, ArrayOptions, ColumnType, Content, OutputFile, ReadOptions, ResultColumn, ResultTable, Source,
    Table, TableError, read_array, write_all, write_file, write_to,
};
use ndarray::{Array2, array};
use proptest::prelude::*;

fn sample() -> ResultTable {
    let mut table = ResultTable::default();
    table.push("row", ResultColumn::integers([0, 7, i64::MIN])).unwrap();
    table.push("score", ResultColumn::Float(vec![Some(0.1 + 0.2), None, Some(5e-324)])).unwrap();
    table.push("issue", ResultColumn::booleans([true, false, true])).unwrap();
    table
        .push("text", ResultColumn::Text(vec![Some("a,\"b\"\nc".into()), None, Some("naïve".into())]))
        .unwrap();
    table
}

fn written(content: &Content<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_to(&mut bytes, "t", content).unwrap();
    bytes
}

fn file_names(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn write_tables_read_back_the_same() {
    let table = sample();
    for (name, content) in [
        ("t.csv", Content::Csv(&table)),
        ("t.json", Content::Json(&table)),
        ("t.parquet", Content::Parquet(&table)),
    ] {
        let bytes = written(&content);
        let read = Table::read(Source::from_bytes(bytes, name), &ReadOptions::default()).unwrap();
        assert_eq!(read.column_names(), ["row", "score", "issue", "text"], "{name}");
        let types: Vec<ColumnType> = read.columns().iter().map(cleanlab_table::Column::column_type).collect();
        assert_eq!(
            types,
            [ColumnType::Integer, ColumnType::Float, ColumnType::Boolean, ColumnType::Text],
            "{name}"
        );
        let texts = |column: &str| -> Vec<Option<String>> {
            let column = read.column(column).unwrap();
            (0..3).map(|row| column.value_text(row)).collect()
        };
        assert_eq!(texts("row")[2].as_deref(), Some("-9223372036854775808"), "{name}");
        assert_eq!(
            texts("score"),
            [Some("0.30000000000000004".into()), None, Some("5e-324".into())],
            "{name}"
        );
        assert_eq!(texts("text"), [Some("a,\"b\"\nc".into()), None, Some("naïve".into())], "{name}");
    }
}

#[test]
fn write_csv_formulas_in_text_are_disarmed_and_numbers_left() {
    let mut table = ResultTable::default();
    table.push("=name", ResultColumn::texts(["=1+1", "+1", "-1", "@x", "\tx", "\rx", "fine"])).unwrap();
    table
        .push("number", ResultColumn::floats([-1.0, -0.0, 1e21, f64::NAN, f64::INFINITY, 0.1, 2.0]))
        .unwrap();
    let csv = String::from_utf8(written(&Content::Csv(&table))).unwrap();
    assert_eq!(
        csv,
        "'=name,number\n'=1+1,-1.0\n'+1,-0.0\n'-1,1e21\n'@x,\n'\tx,inf\n\"'\rx\",0.1\nfine,2.0\n"
    );
}

#[test]
fn write_json_is_one_record_per_line() {
    let mut table = ResultTable::default();
    table.push("a \"b\"", ResultColumn::Float(vec![Some(1.0), Some(f64::NAN)])).unwrap();
    table.push("t", ResultColumn::texts(["\u{1b}", "=x"])).unwrap();
    let json = String::from_utf8(written(&Content::Json(&table))).unwrap();
    assert_eq!(json, "[\n{\"a \\\"b\\\"\":1.0,\"t\":\"\\u001b\"},\n{\"a \\\"b\\\"\":null,\"t\":\"=x\"}\n]\n");
    assert_eq!(written(&Content::Json(&ResultTable::default())), b"[\n]\n");
}

#[test]
fn write_empty_result_keeps_its_header() {
    let mut table = ResultTable::default();
    table.push("row", ResultColumn::integers([])).unwrap();
    assert_eq!(written(&Content::Csv(&table)), b"row\n");
    let parquet = written(&Content::Parquet(&table));
    let result = Table::read(Source::from_bytes(parquet, "t.parquet"), &ReadOptions::default());
    assert!(matches!(result, Err(TableError::NoRows { n_columns: 1, .. })));
}

#[test]
fn write_npy_reads_back_the_same() {
    let read = |bytes| read_array(Source::from_bytes(bytes, "a.npy"), &ArrayOptions::default()).unwrap();
    let matrix = array![[1.0, f64::NAN, -0.0], [1e-300, 2.0, f64::INFINITY]];
    let bytes = written(&Content::NpyMatrix(matrix.t()));
    assert_eq!(bytes.len() % 64, 48);
    let AnyArray::F64(back) = read(bytes) else { panic!("not floats") };
    assert_eq!(back.shape(), [3, 2]);
    assert!(back.iter().zip(matrix.t().iter()).all(|(a, b)| a.to_bits() == b.to_bits()));
    assert_eq!(read(written(&Content::NpyVector(&[3, -4]))), AnyArray::Int(array![3_i64, -4].into_dyn()));
    let empty = Array2::<f64>::zeros((0, 3));
    assert_eq!(read(written(&Content::NpyMatrix(empty.view()))).shape(), [0, 3]);
}

#[test]
fn push_bad_columns_are_refused() {
    let mut table = sample();
    let error = table.push("short", ResultColumn::integers([1])).unwrap_err();
    assert!(matches!(error, TableError::ColumnLength { found: 1, expected: 3, .. }));
    let error = table.push("row", ResultColumn::integers([1, 2, 3])).unwrap_err();
    assert!(matches!(error, TableError::DuplicateResultColumn { column } if column == "row"));
}

#[test]
fn write_all_failure_leaves_old_files_whole_and_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "old").unwrap();
    fs::create_dir(folder.path().join("b.txt")).unwrap();
    let files =
        [OutputFile::new("a.txt", Content::Bytes(b"new")), OutputFile::new("b.txt", Content::Bytes(b"new"))];
    let error = write_all(folder.path(), &files).unwrap_err();
    assert!(matches!(&error, TableError::Io { action: "write", .. }));
    assert!(error.to_string().ends_with("b.txt: it is a folder"), "{error}");
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"old");
    assert_eq!(file_names(folder.path()), ["a.txt", "b.txt"]);
}

#[test]
fn write_all_new_folder_is_made_with_all_files() {
    let folder = tempfile::tempdir().unwrap();
    let table = sample();
    let files = [
        OutputFile::new("t.csv", Content::Csv(&table)),
        OutputFile::new("t.parquet", Content::Parquet(&table)),
    ];
    let paths = write_all(folder.path().join("x/y"), &files).unwrap();
    assert!(paths.iter().all(|path| path.is_file()));
    assert_eq!(file_names(&folder.path().join("x/y")), ["t.csv", "t.parquet"]);
}

#[test]
fn write_all_bad_names_are_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("new");
    for names in [&["a", "a"][..], &["../a"], &["x/a"], &["/a"], &[""], &[".."]] {
        let files: Vec<OutputFile<'_>> =
            names.iter().map(|name| OutputFile::new(*name, Content::Bytes(b""))).collect();
        assert!(matches!(write_all(&target, &files), Err(TableError::BadFileName { .. })), "{names:?}");
    }
    assert!(!target.exists());
}

#[test]
fn write_file_absent_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = write_file(folder.path().join("no/such.csv"), &Content::Bytes(b"x")).unwrap_err();
    assert!(
        matches!(&error, TableError::Io { action: "write", error, .. } if error.kind() == std::io::ErrorKind::NotFound)
    );
}

#[cfg(unix)]
#[test]
fn write_file_link_and_permissions_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    fs::write(&target, "old").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    write_file(&link, &Content::Bytes(b"new")).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(target_os = "linux")]
#[test]
fn write_file_full_device_is_an_error_and_stays_a_device() {
    use std::os::unix::fs::FileTypeExt;
    for content in [Content::Bytes(&[0; 10_000]), Content::Csv(&sample()), Content::Parquet(&sample())] {
        let error = write_file("/dev/full", &content).unwrap_err();
        assert!(
            matches!(&error, TableError::Io { error, .. } if error.kind() == std::io::ErrorKind::StorageFull),
            "{error}"
        );
    }
    assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
}

proptest! {
    #[test]
    fn write_csv_any_floats_read_back_the_same(values in prop::collection::vec(any::<f64>(), 1..50)) {
        let mut table = ResultTable::default();
        let finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        prop_assume!(!finite.is_empty());
        table.push("x", ResultColumn::floats(finite.clone())).unwrap();
        for (name, content) in [("t.csv", Content::Csv(&table)), ("t.json", Content::Json(&table))] {
            let read = Table::read(Source::from_bytes(written(&content), name), &ReadOptions::default()).unwrap();
            for (row, value) in finite.iter().enumerate() {
                let text = read.column("x").unwrap().value_text(row).unwrap();
                prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
            }
        }
    }
}

#[test]
fn write_that_is_told_to_stop_leaves_what_was_there() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("results");
    let table = sample();
    let files = [
        OutputFile::new("t.csv", Content::Csv(&table)),
        OutputFile::new("t.json", Content::Json(&table)),
        OutputFile::new("t.parquet", Content::Parquet(&table)),
    ];
    let token = StopToken::new();
    token.stop();
    let stopped = run_until_told(&token, || write_all(&folder, &files));
    assert!(matches!(stopped, Err(Stopped)));
    assert!(!folder.exists());
    write_all(&folder, &files).unwrap();
    let before = fs::read(folder.join("t.parquet")).unwrap();
    let none = ResultTable::default();
    for content in
        [Content::Csv(&none), Content::Json(&none), Content::Parquet(&none), Content::Bytes(b"new")]
    {
        let stopped = run_until_told(&token, || write_file(folder.join("t.parquet"), &content));
        assert!(matches!(stopped, Err(Stopped)));
        assert_eq!(fs::read(folder.join("t.parquet")).unwrap(), before);
    }
    assert_eq!(file_names(&folder), ["t.csv", "t.json", "t.parquet"]);
}
