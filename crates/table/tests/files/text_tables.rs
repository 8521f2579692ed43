//! CSV, TSV and JSON.

use cleanlab_table::{ArrayOptions, ColumnType, Format, ReadOptions, Source, Table, TableError, read_labels};

fn read(name: &str, content: impl Into<Vec<u8>>) -> Result<Table, TableError> {
    Table::read(Source::from_bytes(content, name), &ReadOptions::default())
}

fn error(name: &str, content: impl Into<Vec<u8>>) -> TableError {
    read(name, content).unwrap_err()
}

fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let column = table.column(column).unwrap();
    (0..table.n_rows()).map(|row| column.value_text(row)).collect()
}

fn column_type(cells: &str) -> ColumnType {
    let table = read("t.csv", format!("a,b\n{cells}")).unwrap();
    table.column("a").unwrap().column_type()
}

#[test]
fn read_csv_quotes_mark_and_line_endings_are_understood() {
    let table = read("t.csv", "\u{feff}a,\"b \"\"q\"\"\"\r\n1,\"x,\r\ny\"\r\n2,\"\"\"z\"\"\"\r\n").unwrap();
    assert_eq!(table.column_names(), ["a", "b \"q\""]);
    assert_eq!(texts(&table, "a"), [Some("1".into()), Some("2".into())]);
    assert_eq!(texts(&table, "b \"q\""), [Some("x,\r\ny".into()), Some("\"z\"".into())]);
}

#[test]
fn read_csv_delimiter_comes_from_name_header_or_options() {
    assert_eq!(read("t.tsv", "a,x\tb\n1\t2\n").unwrap().column_names(), ["a,x", "b"]);
    assert_eq!(read("t.csv", "a;b;c\n1,5;2;3\n").unwrap().column_names(), ["a", "b", "c"]);
    assert_eq!(read("t.csv", "a\tb\n1\t2\n").unwrap().column_names(), ["a", "b"]);
    assert_eq!(read("t.csv", "\"a;b;c\",d\n1,2\n").unwrap().column_names(), ["a;b;c", "d"]);
    let options = ReadOptions::default().with_delimiter(b'|');
    let table = Table::read(Source::from_bytes("a|b\n1|2\n", "t.csv"), &options).unwrap();
    assert_eq!(table.column_names(), ["a", "b"]);
    for delimiter in [b'"', b'\n', 0xE9] {
        let options = ReadOptions::default().with_delimiter(delimiter);
        let result = Table::read(Source::from_bytes("a,b\n1,2\n", "t.csv"), &options);
        assert!(matches!(result, Err(TableError::BadDelimiter { .. })));
    }
}

#[test]
fn read_csv_types_come_from_all_rows() {
    assert_eq!(column_type("1,x\n -2 ,x\nNA,x\n"), ColumnType::Integer);
    assert_eq!(column_type("1,x\n2.5,x\n1e-3,x\n"), ColumnType::Float);
    assert_eq!(column_type("9223372036854775808,x\n1,x\n"), ColumnType::Float);
    assert_eq!(column_type("true,x\nFalse,x\n,x\n"), ColumnType::Boolean);
    assert_eq!(column_type(",x\nNaN,x\n"), ColumnType::Float);
    assert_eq!(column_type("true,x\n1,x\n"), ColumnType::Text);
    assert_eq!(column_type("1,x\ntrue,x\n"), ColumnType::Text);
    let numbers = "1,x\n".repeat(20_000);
    assert_eq!(column_type(&format!("{numbers}one,x\n")), ColumnType::Text);
}

#[test]
fn read_csv_missing_values_are_those_of_pandas_unless_told() {
    let content = "a,b\nNA,x\nNone,\nna,y\n n/a ,<NA>\n";
    let table = read("t.csv", content).unwrap();
    assert_eq!(texts(&table, "a"), [None, None, Some("na".into()), None]);
    assert_eq!(table.column("b").unwrap().n_missing(), 2);

    let options = ReadOptions::default().with_missing_values(["?"]);
    let table = Table::read(Source::from_bytes("a,b\nNA,?\n,x\n", "t.csv"), &options).unwrap();
    assert_eq!(texts(&table, "a"), [Some("NA".into()), Some(String::new())]);
    assert_eq!(table.column("b").unwrap().n_missing(), 1);
}

#[test]
fn read_csv_text_keeps_its_spaces() {
    assert_eq!(texts(&read("t.csv", "a,b\n x ,1\n").unwrap(), "a"), [Some(" x ".into())]);
}

#[test]
fn read_csv_blank_line_is_missing_only_in_a_single_column() {
    assert_eq!(read("t.csv", "a,b\n1,2\n\n\n3,4\n\n").unwrap().n_rows(), 2);
    for (line_end, content) in [("LF", "a\n1\n\n\n2\n\n"), ("CR LF", "a\r\n1\r\n\r\n\r\n2\r\n\r\n")] {
        let table = read("t.csv", content).unwrap();
        assert_eq!(texts(&table, "a"), [Some("1".into()), None, None, Some("2".into())], "{line_end}");
    }
}

#[test]
fn read_csv_ragged_row_names_line_and_counts() {
    let error = error("pets.csv", "a,b\n\"x\ny\",2\n\n3,4,5\n");
    assert!(matches!(error, TableError::RaggedRow { line: 5, found: 3, expected: 2, .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "pets.csv, line 5: 3 fields where the header has 2; quote fields that hold the delimiter"
    );
}

#[test]
fn read_csv_unclosed_quote_names_the_line() {
    let error = error("t.csv", "a,b\n1,2\n3,\"x\n5,6\n");
    assert!(matches!(error, TableError::UnclosedQuote { line: 3, .. }), "{error}");
    assert!(read("t.csv", "a,b\n3,\"x\"\"\"").is_ok());
    assert!(read("t.csv", "a,b\n3,x\"y").is_ok());
}

#[test]
fn read_csv_invalid_utf8_names_line_and_byte() {
    let error = error("t.csv", b"a,b\n1,x\n2,\xE9\n".to_vec());
    assert!(matches!(error, TableError::NotUtf8 { line: 3, byte: 10, .. }), "{error}");
    assert!(error.to_string().contains("save the file with the UTF-8 encoding"));
}

#[test]
fn read_csv_utf16_is_recognised() {
    let error = error("t.csv", b"\xFF\xFEa\0,\0b\0".to_vec());
    assert_eq!(error.to_string(), "t.csv is UTF-16 text; save it with the UTF-8 encoding");
}

#[test]
fn read_csv_empty_file_is_refused() {
    for content in ["", "\n\n", "\u{feff}", "  \r\n"] {
        assert!(matches!(error("t.csv", content), TableError::EmptyFile { .. }), "{content:?}");
    }
}

#[test]
fn read_csv_header_only_is_refused() {
    let error = error("t.csv", "a,b\n");
    assert!(matches!(error, TableError::NoRows { n_columns: 2, .. }));
    assert!(error.to_string().contains("2 columns but no rows"));
}

#[test]
fn read_csv_duplicate_names_are_listed() {
    let error = error("t.csv", "a,b,a,c,b\n1,2,3,4,5\n");
    assert!(matches!(&error, TableError::DuplicateColumns { names, .. } if names == &["a", "b"]));
    assert!(error.to_string().contains(r#"more than one column named "a", "b""#));
}

#[test]
fn read_csv_unnamed_index_gets_the_name_of_pandas() {
    assert_eq!(read("t.csv", ",a\n0,x\n").unwrap().column_names(), ["Unnamed: 0", "a"]);
}

#[test]
fn read_json_lines_keys_keep_their_order() {
    let content = "{\"b\":1,\"a\":\"x\"}\n\n{\"c\":true,\"b\":2.5}\r\n{\"a\":null}\n";
    let table = read("t.jsonl", content).unwrap();
    assert_eq!(table.column_names(), ["b", "a", "c"]);
    assert_eq!(texts(&table, "b"), [Some("1.0".into()), Some("2.5".into()), None]);
    assert_eq!(texts(&table, "a"), [Some("x".into()), None, None]);
    assert_eq!(table.column("c").unwrap().column_type(), ColumnType::Boolean);
}

#[test]
fn read_json_mixed_and_nested_values_become_text() {
    let table = read("t.jsonl", "{\"a\":1,\"n\":{\"z\":1,\"y\":[2]}}\n{\"a\":\"NA\"}\n").unwrap();
    assert_eq!(texts(&table, "a"), [Some("1".into()), Some("NA".into())]);
    assert_eq!(texts(&table, "n"), [Some("{\"z\":1,\"y\":[2]}".into()), None]);
}

#[test]
fn read_json_array_and_lines_are_told_apart_by_content() {
    for name in ["t.json", "t.jsonl", "-"] {
        assert_eq!(read(name, "[\n {\"a\": 1},\n {\"a\": 2}\n]").unwrap().n_rows(), 2, "{name}");
        assert_eq!(read(name, "{\"a\": 1}\n{\"a\": 2}\n").unwrap().n_rows(), 2, "{name}");
    }
    assert_eq!(read("standard input", "a,b\n1,2\n").unwrap().column_names(), ["a", "b"]);
}

#[test]
fn read_json_duplicate_key_last_value_counts() {
    assert_eq!(
        texts(&read("t.jsonl", "{\"a\":1,\"a\":2}\n{\"a\":3}\n").unwrap(), "a")[0].as_deref(),
        Some("2")
    );
}

#[test]
fn read_json_bad_line_is_named() {
    let bad = error("t.jsonl", "{\"a\":1}\n{\"a\":NaN}\n");
    assert!(matches!(bad, TableError::BadJson { line: 2, .. }), "{bad}");
    assert_eq!(
        bad.to_string(),
        "t.jsonl, line 2: expected value at column 6; each record must be one JSON object"
    );
    assert!(matches!(error("t.jsonl", "{\"a\":1}\n[1]\n"), TableError::BadJson { line: 2, .. }));
    assert!(matches!(error("t.jsonl", "{\"a\":1}\n{\"a\":1} x\n"), TableError::BadJson { line: 2, .. }));
    assert!(matches!(error("t.json", "[{\"a\":1},\n3]"), TableError::BadJson { line: 2, .. }));
    assert!(matches!(error("t.json", "[{\"a\":1}"), TableError::BadJson { line: 1, .. }));
    assert!(matches!(error("t.json", "[{}]"), TableError::NoRows { .. }));
}

#[test]
fn read_json_new_key_per_line_is_stopped() {
    let content: String = (0..6_000).map(|row| format!("{{\"key{row}\":1}}\n")).collect();
    assert!(matches!(error("t.jsonl", content), TableError::TooLarge { .. }));
}

#[test]
fn read_wrong_ending_says_what_the_content_is() {
    for (name, content, expected, found) in [
        ("t.parquet", "a,b\n1,2\n", Format::Parquet, "CSV text"),
        ("t.feather", "{\"a\":1}\n", Format::ArrowFile, "JSON text"),
        ("t.csv", "{\"a\":1}\n{\"a\":2}\n", Format::Csv, "JSON text"),
        ("t.jsonl", "a,b\n1,2\n", Format::JsonLines, "CSV text"),
        ("t.npy", "hello", Format::Npy, "plain text"),
        ("t.parquet", "\u{1f}\u{8b}", Format::Parquet, "plain text"),
    ] {
        let error = error(name, content);
        assert!(
            matches!(&error, TableError::WrongFormat { expected: e, found: f, .. } if *e == expected && f == found),
            "{error}"
        );
        assert!(
            error.to_string().contains(&format!("should be {expected}, but its content looks like {found}"))
        );
    }
    let error = error("t.parquet", b"\x1F\x8B\x08\0".to_vec());
    assert!(matches!(&error, TableError::WrongFormat { found, .. } if found == "compressed with gzip"));
}

#[test]
fn read_pickles_are_refused_by_their_names_even_as_text() {
    for name in ["labels.pkl", "labels.PICKLE", "model.joblib", "model.pt"] {
        let source = Source::from_bytes("cos\nsystem\n(S'true'\ntR.", name);
        let error = read_labels(source, &ArrayOptions::default()).unwrap_err();
        assert!(matches!(&error, TableError::UnreadableFormat { .. }), "{error:?}");
        assert!(error.to_string().contains("a pickle by its name, which is never opened"), "{error}");
    }
}

#[test]
fn read_unreadable_content_says_what_to_do() {
    for (content, found) in [
        (&b"\x1F\x8B\x08\0"[..], "compressed with gzip"),
        (b"\x28\xB5\x2F\xFD\0\0", "compressed with zstd"),
        (
            b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.xml",
            "a zip archive without arrays",
        ),
        (b"FEA1\0\0\0\0", "a Feather file of version 1"),
    ] {
        let error = error("t.csv", content.to_vec());
        assert!(
            matches!(&error, TableError::UnreadableFormat { found: f, .. } if f.starts_with(found)),
            "{error}"
        );
    }
}

#[test]
fn read_csv_header_like_a_signature_is_still_csv() {
    assert_eq!(read("t.csv", "PAR1,ORC\n1,2\n").unwrap().column_names(), ["PAR1", "ORC"]);
}

#[test]
fn read_stated_format_must_fit_the_content() {
    let options = ReadOptions::default().with_format(Format::Parquet);
    let result = Table::read(Source::from_bytes("a\n1\n", "t.dat"), &options);
    assert!(matches!(result, Err(TableError::WrongFormat { .. })));
    let options = ReadOptions::default().with_format(Format::Csv);
    let result = Table::read(Source::from_bytes(b"PAR1\0\0\0\0PAR1".to_vec(), "t.dat"), &options);
    assert!(matches!(result, Err(TableError::WrongFormat { found, .. }) if found == "Parquet"));
}

#[test]
fn read_array_file_as_table_says_what_to_give() {
    let error = error("t.npy", b"\x93NUMPY\x01\0".to_vec());
    assert!(matches!(error, TableError::NotATable { format: Format::Npy, .. }));
}

#[test]
fn read_absent_file_names_it() {
    let error = Table::read("no/such/file.csv", &ReadOptions::default()).unwrap_err();
    assert!(matches!(&error, TableError::Io { action: "read", .. }));
    assert!(error.to_string().starts_with("cannot read no/such/file.csv: "), "{error}");
}

#[test]
fn column_wrong_name_suggests_the_nearest() {
    let table = read("t.csv", "id,given_label\n1,x\n").unwrap();
    let error = table.column("givenLabel").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no column \"givenLabel\" (did you mean \"given_label\"?); the columns are \"id\", \"given_label\""
    );
    let error = table.column("zzz\u{1b}[2J").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no column \"zzz\\u{1b}[2J\"; the columns are \"id\", \"given_label\""
    );
}

#[test]
fn take_rows_bad_rows_are_refused() {
    let table = read("t.csv", "a\n1\n2\n").unwrap();
    assert!(matches!(table.take_rows(&[0, 2]), Err(TableError::NoSuchRow { row: 2, n_rows: 2 })));
    assert!(matches!(table.take_rows(&[]), Err(TableError::NoRows { .. })));
}

#[test]
fn read_csv_text_after_numbers_keeps_every_cell_as_it_stands() {
    let table = read("t.csv", "a,b,c\n007,1,true\n,2.50,NA\n1e3, x ,yes\n").unwrap();
    assert_eq!(texts(&table, "a"), [Some("7.0".into()), None, Some("1000.0".into())]);
    assert_eq!(texts(&table, "b"), [Some("1".into()), Some("2.50".into()), Some(" x ".into())]);
    assert_eq!(texts(&table, "c"), [Some("true".into()), None, Some("yes".into())]);
}
