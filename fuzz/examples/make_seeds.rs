//! Small files of every kind for the fuzzer to begin with: `make_seeds FOLDER`, which gets a folder for each target.
//!
//! The corpus that is committed was grown from these and from the fixtures of the table crate.

#![allow(clippy::print_stdout, reason = "a program")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Float64Builder, ListBuilder, StringDictionaryBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int16Array, Int64Array,
    LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray, StructArray,
    TimestampMicrosecondArray, UInt64Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field};
use cleanlab_core::{Accumulator, Batch, ClassNames, Labels};
use cleanlab_count::{
    CollisionRule, IssueCountAccumulator, JointAccumulator, SelectionHistogram, SelectionKey, SelectionPlan,
    SelectionSurvey, ThresholdAccumulator,
};
use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs, SaveOptions, Task};
use ndarray::array;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let mut n_seeds = 0;
    let mut write = |target: &str, name: &str, bytes: &[u8]| -> Result<()> {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        n_seeds += 1;
        Ok(fs::write(folder.join(name), bytes)?)
    };
    for (name, text) in CSV {
        write("csv", name, text.as_bytes())?;
    }
    for (name, text) in JSON {
        write("json", name, text.as_bytes())?;
    }
    for (name, text) in CONFIG {
        write("config", name, text.as_bytes())?;
    }
    for (name, array) in columns()? {
        let batch = RecordBatch::try_from_iter_with_nullable([("x", array, true)])?;
        write("arrow", &format!("{name}_file"), &arrow_file(&batch, None)?)?;
        write("arrow", &format!("{name}_stream"), &arrow_stream(&batch)?)?;
        write("parquet", name, &parquet(&batch, WriterProperties::builder().build())?)?;
    }
    let both = RecordBatch::try_from_iter(columns()?.into_iter().take(5))?;
    for compression in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        write("arrow", &format!("{compression:?}"), &arrow_file(&both, Some(compression))?)?;
    }
    for (name, codec) in [
        ("snappy", Compression::SNAPPY),
        ("gzip", Compression::GZIP(GzipLevel::default())),
        ("brotli", Compression::BROTLI(BrotliLevel::default())),
        ("zstd", Compression::ZSTD(ZstdLevel::default())),
        ("lz4", Compression::LZ4),
        ("lz4_raw", Compression::LZ4_RAW),
    ] {
        for (version, of) in [("v1", WriterVersion::PARQUET_1_0), ("v2", WriterVersion::PARQUET_2_0)] {
            let properties = WriterProperties::builder().set_compression(codec).set_writer_version(of);
            write("parquet", &format!("{name}_{version}"), &parquet(&both, properties.build())?)?;
        }
    }
    for (column, encoding) in [
        ("integer", Encoding::DELTA_BINARY_PACKED),
        ("text", Encoding::DELTA_BYTE_ARRAY),
        ("text", Encoding::DELTA_LENGTH_BYTE_ARRAY),
        ("float", Encoding::BYTE_STREAM_SPLIT),
        ("boolean", Encoding::RLE),
    ] {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_column_encoding(ColumnPath::from(column), encoding)
            .set_writer_version(WriterVersion::PARQUET_2_0);
        write("parquet", &format!("{encoding}_{column}"), &parquet(&both, properties.build())?)?;
    }
    let groups =
        WriterProperties::builder().set_max_row_group_row_count(Some(2)).set_data_page_row_count_limit(1);
    write("parquet", "groups", &parquet(&both, groups.build())?)?;
    for (name, bytes) in accumulators()? {
        write("accumulator", name, &bytes)?;
    }
    for (name, bytes) in audits()? {
        write("saved_audit", name, &bytes)?;
    }
    for target in ["label_calls", "multilabel_calls", "feature_calls", "audit_calls"] {
        for seed in 0..8_u32 {
            let byte = |i: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 97) >> 13) as u8;
            let bytes: Vec<u8> = (0..300 + 50 * seed).map(byte).collect();
            write(target, &format!("drawn_{seed}"), &bytes)?;
        }
    }
    println!("{n_seeds} seeds");
    Ok(())
}

const CSV: [(&str, &str); 9] = [
    ("plain", "id,age,given_label\n1,3.5,cat\n2,NA,dog\n"),
    ("quoted", "a,b\n\"x, \"\"y\"\"\n\",1\n'q',2\n"),
    ("tabs", "a\tb\tc\n1\t2\t\n3\t4\ttrue\n"),
    ("semicolons", "a;b\r\n1,5;x\r\n\r\n2;y\r\n"),
    ("one_column", "x\n\n1\n\n2\n"),
    ("probabilities", "cat,dog\n0.9,0.1\n0.2,0.8\n"),
    ("mark", "\u{feff}a,b\nTrue,1e5\nFALSE,-inf\n"),
    ("unclosed", "a,b\n\"1,2\n3,4\n"),
    ("twice", "a,a\n1,2\n"),
];

const JSON: [(&str, &str); 6] = [
    ("lines", "{\"a\": 1, \"b\": \"x\"}\n{\"a\": 2.5, \"c\": null}\n"),
    ("array", "[{\"a\": true}, {\"a\": [1, {\"b\": 2}]},\n {}]"),
    ("numbers", "{\"a\": 18446744073709551615}\n{\"a\": -1e400}\n{\"a\": 1e-7}\n"),
    ("escapes", "{\"\\u00e9\\n\": \"\\ud83d\\ude00\"}\n"),
    ("probabilities", "{\"cat\": 0.9, \"dog\": 0.1}\n{\"cat\": 0.2, \"dog\": 0.8}\n"),
    ("cut", "[{\"a\": 1"),
];

const CONFIG: [(&str, &str); 4] = [
    ("options", "data = \"pets.csv\"\nlabel = \"species\"\nfail-on = [\"issues>3\"]\nthreads = 2\n"),
    ("checks", "[checks.outlier]\nthreshold = 0.2\n[checks.near_duplicate]\nthreshold = 0.1\n"),
    ("unknown", "lable = \"x\"\n[checks]\noutliers = {}\n"),
    ("values", "a = 1979-05-27T07:32:00Z\nb = [[1], {c = '''x'''}]\n\"d e\".f = inf\n"),
];

fn columns() -> Result<Vec<(&'static str, ArrayRef)>> {
    let mut fixed = FixedSizeBinaryBuilder::new(3);
    let mut lists = ListBuilder::new(Float64Builder::new());
    let mut words = StringDictionaryBuilder::<Int8Type>::new();
    for row in 0..4_u8 {
        fixed.append_value([row; 3])?;
        lists.append_value([Some(0.25), Some(f64::from(row))]);
        words.append_value(["cat", "dog"][usize::from(row % 2)]);
    }
    let inner: ArrayRef = Arc::new(Int16Array::from(vec![1, 2, 3, 4]));
    let structure = StructArray::from(vec![(Arc::new(Field::new("in", DataType::Int16, true)), inner)]);
    Ok(vec![
        ("integer", Arc::new(Int64Array::from(vec![Some(1), None, Some(-3), Some(4)]))),
        ("float", Arc::new(Float64Array::from(vec![0.5, f64::NAN, 1.0, -1e300]))),
        ("boolean", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]))),
        ("text", Arc::new(StringArray::from(vec![Some("cat"), Some("cats"), None, Some("dog")]))),
        ("words", Arc::new(words.finish())),
        ("narrow", Arc::new(Float32Array::from(vec![0.25, 0.75, 0.5, 0.5]))),
        ("large", Arc::new(UInt64Array::from(vec![0, u64::MAX, 2, 3]))),
        ("long", Arc::new(LargeStringArray::from(vec!["a", "", "ccc", "d"]))),
        (
            "views",
            Arc::new(StringViewArray::from(vec!["short", "a text of more than twelve bytes", "", "x"])),
        ),
        ("date", Arc::new(Date32Array::from(vec![Some(0), Some(20_000), None, Some(-5)]))),
        (
            "time",
            Arc::new(TimestampMicrosecondArray::from(vec![0, 1, 2, i64::MAX]).with_timezone("Europe/Berlin")),
        ),
        ("decimal", Arc::new(Decimal128Array::from(vec![1, 2, -3, 4]).with_precision_and_scale(20, 2)?)),
        ("fixed", Arc::new(fixed.finish())),
        ("lists", Arc::new(lists.finish())),
        ("structure", Arc::new(structure)),
        ("nothing", Arc::new(NullArray::new(4))),
    ])
}

fn parquet(batch: &RecordBatch, properties: WriterProperties) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
    writer.write(batch)?;
    writer.close()?;
    Ok(bytes)
}

fn arrow_file(batch: &RecordBatch, compression: Option<CompressionType>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let options = IpcWriteOptions::default().try_with_compression(compression)?;
    let mut writer = FileWriter::try_new_with_options(&mut bytes, &batch.schema(), options)?;
    writer.write(batch)?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

fn arrow_stream(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema())?;
    writer.write(batch)?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

fn accumulators() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let batch = Batch::new(&[0, 1, 1], &[0.9, 0.1, 0.2, 0.8, 0.7, 0.3], 2, 0)?;
    let mut thresholds = ThresholdAccumulator::new(2);
    thresholds.update(&batch)?;
    let bytes = thresholds.to_bytes();
    let thresholds = array![0.5, 0.6];
    let mut joint = JointAccumulator::new(&thresholds, CollisionRule::default());
    joint.update(&batch)?;
    let mut counts = IssueCountAccumulator::new(&thresholds, CollisionRule::default());
    counts.update(&batch)?;
    let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 1), (1, 1)]);
    let mut histogram = SelectionHistogram::new(&plan);
    histogram.update(&batch)?;
    let mut survey = SelectionSurvey::new(SelectionKey::LowSelfConfidence, 2);
    survey.update(&batch)?;
    Ok(vec![
        ("thresholds", bytes),
        ("joint", joint.to_bytes()),
        ("counts", counts.to_bytes()),
        ("histogram", histogram.to_bytes()),
        ("survey", survey.to_bytes()),
    ])
}

/// Saved audits as the target takes them: what the manifest says, the report, and values.
fn audits() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let names = ClassNames::from_ordered(["cat", "dog"].map(str::to_owned).to_vec());
    let mut labeled = Datalab::classification(Labels::new(&[0, 1, 0, 1, 1, 0])?.into_owned(), names)?;
    let probs = array![[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7], [0.4, 0.6], [0.8, 0.2]];
    let features = array![[0.0, 1.0], [0.1, 1.0], [5.0, 2.0], [0.0, 1.0], [f64::NAN, 1.0], [0.5, 0.5]];
    labeled.find_issues(
        &Inputs::default().with_pred_probs(&probs).with_features(&features),
        &FindIssuesOptions::default(),
    )?;
    let mut unlabeled = Datalab::unlabeled(3, Task::Classification)?;
    let features = array![[1.0, f64::NAN], [f64::NAN, f64::NAN], [1.0, 2.0]];
    unlabeled.find_issues(&Inputs::default().with_features(&features), &FindIssuesOptions::default())?;
    let bare = Datalab::regression(array![0.5, 1.5, f64::MAX])?;
    let folder = cleanlab_fuzz::scratch::folder();
    let mut audits = Vec::new();
    for (name, lab) in [("labeled", labeled), ("unlabeled", unlabeled), ("bare", bare)] {
        let place = folder.join(name);
        let report = lab.report(&Default::default())?;
        lab.save(&place, &SaveOptions::default().with_report(&report))?;
        let manifest: serde_json::Value = serde_json::from_slice(&fs::read(place.join("manifest.json"))?)?;
        let audit = serde_json::to_vec(&manifest["audit"])?;
        let report = serde_json::to_vec(&report)?;
        audits.push((name, [audit.as_slice(), &report, &[1, 0, 0, 0, 0, 0, 0, 0]].join(&b"\n---\n"[..])));
    }
    fs::remove_dir_all(folder)?;
    Ok(audits)
}
