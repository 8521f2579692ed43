//! Rows copied out of files.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Date32Array, DictionaryArray, Int8Array, ListArray, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{DataType, Field};
use bytes::Bytes;
use cleanlab_table::{Format, ReadOptions, RowCopy, Source, Table, TableError};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

fn copy(name: &str, content: &[u8], rows: &[usize]) -> Result<RowCopy, TableError> {
    RowCopy::of(Source::from_bytes(content, name), rows, &ReadOptions::default())
}

#[track_caller]
fn text(name: &str, content: &str, rows: &[usize]) -> String {
    String::from_utf8(copy(name, content.as_bytes(), rows).unwrap().bytes).unwrap()
}

#[test]
fn of_csv_text_stays_to_the_byte() {
    let csv = "\u{feff}id; name ;x\r\n1;\"a \"\"quoted\"\"\r\nname\";1.50\r\n\r\n 2 ;b;1e3\r\n3;=c;\r\n";
    assert_eq!(
        text("t.csv", csv, &[0, 2]),
        "\u{feff}id; name ;x\r\n1;\"a \"\"quoted\"\"\r\nname\";1.50\r\n3;=c;\r\n"
    );
    assert_eq!(text("t.csv", csv, &[1]), "\u{feff}id; name ;x\r\n 2 ;b;1e3\r\n");
    assert_eq!(text("t.csv", csv, &[]), "\u{feff}id; name ;x\r\n");
    assert_eq!(text("t.tsv", "a\tb\n1\t2\n3\t4", &[1, 0]), "a\tb\n3\t4\n1\t2\n");
    assert_eq!(text("t.csv", "a,b\r1,2\r3,4\r", &[1]), "a,b\r3,4\r");
}

#[test]
fn of_csv_blank_lines_of_one_column_are_rows() {
    let csv = "a\n\n1\n\n\r\n2\n\n";
    let table = Table::read(Source::from_bytes(csv, "t.csv"), &ReadOptions::default()).unwrap();
    assert_eq!(table.n_rows(), 5);
    assert_eq!(text("t.csv", csv, &[0, 1, 2, 3, 4]), "a\n\n1\n\n\r\n2\n");
    assert_eq!(text("t.csv", csv, &[3, 4]), "a\n\r\n2\n");
}

#[test]
fn of_json_lines_and_arrays_keep_every_record() {
    let lines = "{\"b\": 1.50,  \"a\": \"x\"}\n\n{\"a\":\"\\u00e9\"}\r\n{\"c\":[1, {}]}";
    assert_eq!(text("t.jsonl", lines, &[1, 2]), "{\"a\":\"\\u00e9\"}\r\n{\"c\":[1, {}]}");
    assert_eq!(text("t.jsonl", lines, &[2, 0]), "{\"c\":[1, {}]}\n{\"b\": 1.50,  \"a\": \"x\"}\n");
    let array = " [ {\"b\": 1.50,\n \"a\": \"],\"} ,{\"a\":2},\n{\"a\":3}\n]\n";
    assert_eq!(text("t.json", array, &[0, 2]), "[\n{\"b\": 1.50,\n \"a\": \"],\"},\n{\"a\":3}\n]\n");
}

#[test]
fn of_broken_files_is_an_error() {
    for (name, content) in [
        ("t.csv", "a,b\n1\n"),
        ("t.csv", "a,b\n1,\"2\n"),
        ("t.jsonl", "{\"a\":1}\n{\"a\":\n"),
        ("t.json", "[{\"a\":1}"),
        ("t.json", "[{\"a\":1},"),
        ("t.json", "[{\"a\":1}{\"a\":"),
        ("t.parquet", "PAR1PAR1"),
    ] {
        assert!(copy(name, content.as_bytes(), &[0]).is_err(), "{content}");
    }
    assert!(matches!(copy("t.csv", b"a\n1\n", &[1]), Err(TableError::NoSuchRow { row: 1, n_rows: 1 })));
    assert!(matches!(copy("t.json", b"[{\"a\":1}]", &[9]), Err(TableError::NoSuchRow { row: 9, n_rows: 1 })));
    let parquet = parquet_of(&batch());
    assert!(matches!(copy("t.parquet", &parquet, &[4]), Err(TableError::NoSuchRow { row: 4, n_rows: 4 })));
}

/// Columns of types that are no plain numbers or text, one of them a list.
fn batch() -> RecordBatch {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
        Some(vec![Some(4)]),
    ]);
    let columns: [(&str, ArrayRef); 5] = [
        ("small", Arc::new(Int8Array::from(vec![Some(1), None, Some(3), Some(4)]))),
        ("day", Arc::new(Date32Array::from(vec![19_000, 19_001, 19_002, 19_003]))),
        ("kind", Arc::new(DictionaryArray::<Int32Type>::from_iter(["cat", "dog", "cat", "emu"]))),
        ("text", Arc::new(StringArray::from(vec!["a", "", "c", "d"]))),
        ("list", Arc::new(list)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn parquet_of(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn of_parquet_every_column_keeps_its_type() {
    let copied = copy("t.parquet", &parquet_of(&batch()), &[0, 3]).unwrap();
    assert_eq!(copied.format, Format::Parquet);
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(Bytes::from(copied.bytes)).unwrap().build().unwrap();
    let read: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let expected = [batch().slice(0, 1), batch().slice(3, 1)];
    let expected = arrow_select::concat::concat_batches(&batch().schema(), &expected).unwrap();
    assert_eq!(read[0].schema(), batch().schema());
    assert_eq!(read, [expected]);
}

#[test]
fn of_arrow_with_several_batches_and_dictionaries() {
    let fields =
        [Field::new("kind", DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), true)];
    let schema = Arc::new(arrow_schema::Schema::new(fields.to_vec()));
    let of = |values: [&str; 2]| {
        let kinds: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::from_iter(values));
        RecordBatch::try_new(Arc::clone(&schema), vec![kinds]).unwrap()
    };
    let mut stream = Vec::new();
    let mut writer = StreamWriter::try_new(&mut stream, &schema).unwrap();
    for batch in [of(["cat", "dog"]), of(["emu", "cat"])] {
        writer.write(&batch).unwrap();
    }
    writer.finish().unwrap();
    let copied = copy("t.arrows", &stream, &[1, 2]).unwrap();
    assert_eq!(copied.format, Format::ArrowStream);
    let read = |name: &str, bytes: Vec<u8>| {
        let table = Table::read(Source::from_bytes(bytes, name), &ReadOptions::default()).unwrap();
        (0..table.n_rows()).map(|row| table.columns()[0].value_text(row).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(read("t.arrows", copied.bytes), ["dog", "emu"]);

    let mut file = Vec::new();
    let mut writer = FileWriter::try_new(&mut file, &schema).unwrap();
    writer.write(&of(["cat", "dog"])).unwrap();
    writer.finish().unwrap();
    let copied = copy("t.feather", &file, &[1]).unwrap();
    assert_eq!(copied.format, Format::ArrowFile);
    assert_eq!(read("t.arrow", copied.bytes), ["dog"]);
}

#[test]
fn of_every_row_of_a_fixture_gives_its_table_again() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures"].iter().collect();
    let mut n_tables = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(table) = Table::read(&path, &ReadOptions::default()) else { continue };
        let rows: Vec<usize> = (0..table.n_rows()).collect();
        let copied = RowCopy::of(&path, &rows, &ReadOptions::default()).unwrap();
        let options = ReadOptions::default().with_format(copied.format);
        let again = Table::read(Source::from_bytes(copied.bytes, &name), &options).unwrap();
        let cells = |table: &Table| {
            let cells = |column: &cleanlab_table::Column| {
                let values = rows.iter().map(|&row| column.value_text(row));
                (column.name().to_owned(), column.column_type(), values.collect::<Vec<_>>())
            };
            table.columns().iter().map(cells).collect::<Vec<_>>()
        };
        assert_eq!(cells(&again), cells(&table), "{name}");
        n_tables += 1;
    }
    assert_eq!(n_tables, 4);
}

proptest! {
    #[test]
    fn of_csv_copies_the_rows_that_are_read(
        cells in prop::collection::vec(("[a-c\",;\r\n é]{0,6}", "[a-c\",;\r\n é]{0,6}"), 1..8),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        quote_all in any::<bool>(),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        last_end in any::<bool>(),
    ) {
        let quoted = |cell: &str| {
            let plain = !quote_all && !cell.contains(['"', ',', ';', '\r', '\n']) && !cell.is_empty();
            if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
        };
        let lines: Vec<String> = cells.iter().map(|(a, b)| format!("{},{}", quoted(a), quoted(b))).collect();
        let mut csv = format!("first,second{end}{}", lines.join(end));
        if last_end {
            csv += end;
        }
        let table = Table::read(Source::from_bytes(csv.as_str(), "t.csv"), &ReadOptions::default()).unwrap();
        prop_assert_eq!(table.n_rows(), cells.len());
        let rows: Vec<usize> = picks.iter().map(|pick| pick.index(cells.len())).collect();
        let picked = text("t.csv", &csv, &rows);
        let body: Vec<&str> = rows.iter().map(|&row| lines[row].as_str()).collect();
        let mut expected = format!("first,second{end}");
        for line in body {
            expected += line;
            expected += end;
        }
        // The last line of the file may have no end, or one of our own where it is not the last any more.
        let same = |text: &str| text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(same(&picked), same(&expected));
    }
}
