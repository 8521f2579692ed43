//! Files of cases, good and bad, from what a case says of them.
//!
//! A text is the content. A table says how to make it: `of` another file (`pets.csv`, `y.txt`, `p.csv`, `p.npy`, `p3.csv`,
//! `fixture/…`, or what a command has written), with a `cell` of a CSV file or a `value` of `p.npy` set, a text replaced
//! (`replace`), more text (`append`), or only so many bytes (`cut`); or `bytes` in hexadecimal; or `npy` values with a
//! `shape` and a `dtype`; or `npz` with arrays by name; or a `graph` as SciPy saves it; or `parquet` columns; or `rows`
//! of `columns` of some kind.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use cleanlab_table::{Content, ResultColumn, ResultTable, write_file};
use toml::{Table, Value};

/// Predicted probabilities of `y.txt`.
const PROBS: [[f64; 2]; 10] = [
    [0.9375, 0.0625],
    [0.125, 0.875],
    [0.8125, 0.1875],
    [0.0625, 0.9375],
    [0.0625, 0.9375],
    [0.25, 0.75],
    [0.875, 0.125],
    [0.1875, 0.8125],
    [0.6875, 0.3125],
    [0.375, 0.625],
];

/// Writes a file as it is described, or a known one as it is.
pub(crate) fn write(folder: &Path, name: &str, file: &Value, known: Option<&str>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let content = match (known, file) {
        (Some(known), _) => base(folder, known),
        (None, Value::String(text)) => text.clone().into_bytes(),
        (None, Value::Table(file)) => match file.get("parquet") {
            Some(columns) => {
                let table = result_table(columns.as_table().unwrap());
                return write_file(&path, &Content::Parquet(&table)).unwrap();
            }
            None => made(folder, file),
        },
        (None, other) => panic!("{name} is {other:?}"),
    };
    fs::write(path, content).unwrap();
}

/// A file that cases start from.
fn base(folder: &Path, name: &str) -> Vec<u8> {
    let lines =
        |extra: &str| PROBS.iter().map(|[a, b]| format!("{a},{b}{extra}\n")).collect::<Vec<_>>().concat();
    match name {
        "pets.csv" => fs::read(fixture("pets.csv")).unwrap(),
        "y.txt" => b"0\n1\n0\n0\n1\n1\n0\n1\n0\n1\n".to_vec(),
        "p.csv" => format!("0,1\n{}", lines("")).into_bytes(),
        "p3.csv" => format!("0,1,2\n{}", lines(",0")).into_bytes(),
        "p.npy" => npy("(10, 2)", "<f8", &PROBS.concat()),
        _ => match name.strip_prefix("fixture/") {
            Some(name) => fs::read(fixture(name)).unwrap(),
            None => fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")),
        },
    }
}

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/cli/fixtures", name].iter().collect()
}

fn made(folder: &Path, file: &Table) -> Vec<u8> {
    let text = |key: &str| file.get(key).and_then(Value::as_str);
    let mut content = if let Some(of) = text("of") {
        base(folder, of)
    } else if let Some(bytes) = text("bytes") {
        let digits = |at: usize| u8::from_str_radix(&bytes[at..at + 2], 16).unwrap();
        (0..bytes.len()).step_by(2).map(digits).collect()
    } else if let Some(values) = file.get("npy") {
        npy(text("shape").unwrap(), text("dtype").unwrap_or("<f8"), &numbers(values))
    } else if let Some(arrays) = file.get("npz") {
        let array = |(name, values): (&String, &Value)| {
            let values = numbers(values);
            (name.clone(), npy(&format!("({},)", values.len()), "<f8", &values))
        };
        zip(arrays.as_table().unwrap().iter().map(array).collect())
    } else if let Some(graph) = file.get("graph") {
        sparse_matrix(graph.as_table().unwrap())
    } else {
        rows_of(file).into_bytes()
    };
    if let Some(cell) = file.get("cell").and_then(Value::as_array) {
        content = with_cell(&content, cell);
    }
    if let Some(values) = file.get("value").map(numbers) {
        let mut probs = PROBS;
        for value in values.chunks_exact(3) {
            probs[value[0] as usize][value[1] as usize] = value[2];
        }
        content = npy("(10, 2)", "<f8", &probs.concat());
    }
    if let Some(replace) = file.get("replace").and_then(Value::as_array) {
        let [from, to] = [0, 1].map(|at| replace[at].as_str().unwrap());
        let before = String::from_utf8(content).unwrap();
        assert!(before.contains(from), "{from:?} is not in {before}");
        content = before.replacen(from, to, 1).into_bytes();
    }
    content.extend(text("append").unwrap_or_default().bytes());
    if let Some(cut) = file.get("cut").and_then(Value::as_integer) {
        assert!((cut as usize) < content.len(), "there are only {} bytes", content.len());
        content.truncate(cut as usize);
    }
    content
}

fn numbers(values: &Value) -> Vec<f64> {
    let number =
        |value: &Value| value.as_float().or_else(|| value.as_integer().map(|value| value as f64)).unwrap();
    values.as_array().unwrap().iter().map(number).collect()
}

/// A CSV file with one cell set; rows are counted from 0 below the header.
fn with_cell(csv: &[u8], cell: &[Value]) -> Vec<u8> {
    let [row, column] = [0, 1].map(|at| cell[at].as_integer().unwrap() as usize);
    let mut text = String::new();
    for (line, content) in std::str::from_utf8(csv).unwrap().lines().enumerate() {
        let mut cells: Vec<&str> = content.split(',').collect();
        if line == row + 1 {
            cells[column] = cell[2].as_str().unwrap();
        }
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    text.into_bytes()
}

/// A table as CSV, with columns of some kind.
fn rows_of(file: &Table) -> String {
    let n_rows = file["rows"].as_integer().unwrap();
    let columns = file["columns"].as_table().unwrap();
    let mut text = columns.keys().cloned().collect::<Vec<_>>().join(",") + "\n";
    for row in 0..n_rows {
        let cell = |kind: &Value| match kind.as_str().unwrap() {
            "wave" => format!("{:.4}", (row as f64 * 1.7).sin()),
            "number" => format!("{}.5", row * 37 % 1000),
            "text" => format!("text {row}"),
            "class" => ["a", "b"][row as usize % 2].to_owned(),
            "one" => "1.5".to_owned(),
            "huge" => format!("{}1.{}e308", if row % 2 == 0 { "" } else { "-" }, row % 7),
            "few" => format!("{}.5", row % 5),
            kind => panic!("there is no kind {kind}"),
        };
        writeln!(text, "{}", columns.values().map(cell).collect::<Vec<_>>().join(",")).unwrap();
    }
    text
}

fn result_table(columns: &Table) -> ResultTable {
    let mut table = ResultTable::default();
    for (name, values) in columns {
        let values = values.as_array().unwrap();
        let column = match values[0] {
            Value::String(_) => {
                ResultColumn::Text(values.iter().map(|value| value.as_str().map(str::to_owned)).collect())
            }
            Value::Integer(_) => ResultColumn::Integer(values.iter().map(Value::as_integer).collect()),
            _ => ResultColumn::Float(values.iter().map(Value::as_float).collect()),
        };
        table.push(name, column).unwrap();
    }
    table
}

/// An array as NumPy writes it, whatever its shape and type promise.
fn npy(shape: &str, dtype: &str, values: &[f64]) -> Vec<u8> {
    let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    for value in values {
        match dtype {
            "<i4" => bytes.extend((*value as i32).to_le_bytes()),
            "<i8" => bytes.extend((*value as i64).to_le_bytes()),
            "<U1" => bytes.extend((*value as u32).to_le_bytes()),
            _ => bytes.extend(value.to_le_bytes()),
        }
    }
    bytes
}

/// A neighbour graph as `scipy.sparse.save_npz` writes it.
fn sparse_matrix(graph: &Table) -> Vec<u8> {
    let values = |key: &str| graph.get(key).map(numbers);
    let (starts, indices) = (values("starts").unwrap(), values("indices").unwrap());
    let n_rows = starts.len() as f64 - 1.0;
    let shape = values("shape").unwrap_or_else(|| vec![n_rows, n_rows]);
    let array = |name: &str, dtype: &str, values: &[f64]| {
        (name.to_owned(), npy(&format!("({},)", values.len()), dtype, values))
    };
    zip(vec![
        array("indices", "<i4", &indices),
        array("indptr", "<i4", &starts),
        array("shape", "<i8", &shape),
        array("data", "<f8", &values("data").unwrap()),
    ])
}

/// Files by name, stored as they are.
fn zip(files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let n_files = files.len() as u16;
    for (name, content) in files {
        let name = format!("{name}.npy");
        let mut about = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        about.extend(crc32(&content).to_le_bytes());
        about.extend([content.len() as u32; 2].map(u32::to_le_bytes).concat());
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        directory.extend([0; 10]);
        directory.extend((bytes.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(about);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
    }
    let start = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend([n_files; 2].map(u16::to_le_bytes).concat());
    bytes.extend([directory.len() as u32, start].map(u32::to_le_bytes).concat());
    bytes.extend([0, 0]);
    bytes
}

/// The checksum of ZIP.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}
