//! What is wrong is named with its file, its row in the whole data, its column and its value; nothing is half written.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array};
use cleanlab_core::InputError;
use cleanlab_count::EstimationMethod;
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions};
use cleanlab_rank::LabelQualityMethod;
use cleanlab_stream::{
    FileSource, FoundIssues, MemorySource, NpySink, ParquetOptions, ProbabilityRange, ProbsReader,
    ProbsSource, RowBuffer, StreamError, StreamOptions, TableSink, find_label_issues,
    get_confident_thresholds, get_label_quality_scores, num_label_issues,
};
use cleanlab_table::{RowWriter, TableError};
use support::{
    Data, Layout, Npy, texts, write_columns, write_folder, write_labels, write_npy, write_parquet,
};

fn thresholds_of(source: &FileSource) -> Result<ndarray::Array1<f64>, StreamError> {
    get_confident_thresholds(source, &StreamOptions::default().with_batch_rows(100))
}

/// A source of arrays, some values of which are set.
fn arrays(folder: &Path, set: &[(usize, usize, f64)], labels: &[(usize, u32)]) -> FileSource {
    let mut data = Data::new(2000, 3, 1);
    for &(row, class, value) in set {
        data.wide[[row, class]] = value;
    }
    for &(row, label) in labels {
        data.labels[row] = label;
    }
    let [probs, labels] = ["p.npy", "y.npy"].map(|name| folder.join(name));
    write_npy(&probs, &data, Npy::F64);
    write_labels(&labels, &data.labels);
    FileSource::arrays(&probs, &labels).unwrap()
}

#[test]
fn first_bad_value_is_named_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let source = arrays(folder.path(), &[(1234, 2, f64::NAN), (1900, 0, 7.0), (1235, 1, -1.0)], &[]);
    for threads in [1, 2, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let error = pool.install(|| {
            get_confident_thresholds(&source, &StreamOptions::default().with_batch_rows(10)).unwrap_err()
        });
        let StreamError::Input { file, error } = error else { panic!("{error}") };
        assert!(file.ends_with("p.npy"), "{file}");
        assert_eq!(error, InputError::NanProbability { row: 1234, column: 2 });
    }
    let source = arrays(folder.path(), &[(1900, 0, 7.0)], &[]);
    let error = thresholds_of(&source).unwrap_err().to_string();
    assert!(error.contains("p.npy: pred_probs row 1900, column 0 is 7, outside [0, 1]"), "{error}");
}

#[test]
fn label_beyond_the_classes_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let source = arrays(folder.path(), &[], &[(777, 3)]);
    let error = thresholds_of(&source).unwrap_err();
    let expected = InputError::LabelOutOfRange { row: 777, label: 3, n_classes: 3 };
    assert!(matches!(&error, StreamError::Input { error, .. } if *error == expected), "{error}");
}

#[test]
fn negative_label_is_named_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("y.npy");
    let source = arrays(folder.path(), &[], &[]);
    drop(source);
    let mut bytes = std::fs::read(&labels).unwrap();
    let at = bytes.len() - 8 * 10;
    bytes[at..at + 8].copy_from_slice(&(-5_i64).to_le_bytes());
    std::fs::write(&labels, bytes).unwrap();
    let source = FileSource::arrays(folder.path().join("p.npy"), &labels).unwrap();
    let error = thresholds_of(&source).unwrap_err().to_string();
    assert!(error.contains("y.npy: label of row 1990 is -5"), "{error}");
}

#[test]
fn labels_of_one_class_are_refused_where_noise_is_estimated() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<(usize, u32)> = (0..2000).map(|row| (row, 2)).collect();
    let source = arrays(folder.path(), &[], &all);
    let options = StreamOptions::default();
    let refused = |result: Result<FoundIssues, StreamError>| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("every label is class 2"), "{error}");
    };
    for filter_by in FilterBy::ALL {
        let find = FindLabelIssuesOptions::default().with_filter_by(filter_by);
        refused(find_label_issues(&source, &find, &options, &mut Vec::new()));
    }
    assert!(num_label_issues(&source, &EstimationMethod::OffDiagonal, &options).is_err());
    // Scores need no other class.
    get_label_quality_scores(&source, LabelQualityMethod::SelfConfidence, &options, &mut Vec::new()).unwrap();
}

#[test]
fn clip_moves_values_into_range_and_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    let source = arrays(folder.path(), &[(10, 0, 1.5), (1500, 1, -0.25)], &[]);
    let find = FindLabelIssuesOptions::default();
    let options = StreamOptions::default().with_range(ProbabilityRange::Clip);
    let found = find_label_issues(&source, &find, &options, &mut Vec::new()).unwrap();
    assert_eq!(found.n_clipped, 2);
    let source = arrays(folder.path(), &[(10, 0, f64::INFINITY)], &[]);
    assert!(find_label_issues(&source, &find, &options, &mut Vec::new()).is_err());
}

#[test]
fn different_lengths_are_refused_with_both_files() {
    let folder = tempfile::tempdir().unwrap();
    arrays(folder.path(), &[], &[]);
    write_labels(&folder.path().join("y.npy"), &[0, 1]);
    let error = FileSource::arrays(folder.path().join("p.npy"), folder.path().join("y.npy")).unwrap_err();
    assert!(matches!(error, StreamError::LengthMismatch { labels: 2, rows: 2000, .. }), "{error}");
}

#[test]
fn truncated_array_is_refused_and_shrinking_one_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let source = arrays(folder.path(), &[], &[]);
    let probs = folder.path().join("p.npy");
    let len = std::fs::metadata(&probs).unwrap().len();
    std::fs::File::options().write(true).open(&probs).unwrap().set_len(len - 100).unwrap();
    let error = thresholds_of(&source).unwrap_err();
    assert!(
        matches!(&error, StreamError::Table(TableError::Changed { file }) if file.ends_with("p.npy")),
        "{error}"
    );
    let error = FileSource::arrays(&probs, folder.path().join("y.npy")).unwrap_err();
    assert!(matches!(error, StreamError::Table(TableError::TooLarge { .. })), "{error}");
}

#[test]
fn array_written_to_between_passes_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let source = arrays(folder.path(), &[], &[]);
    let probs = folder.path().join("p.npy");
    let options = StreamOptions::default().with_progress(move |progress| {
        if progress.pass == 2 && progress.rows == progress.n_rows {
            let mut bytes = std::fs::read(&probs).unwrap();
            bytes.push(0);
            std::fs::write(&probs, bytes).unwrap();
        }
        ControlFlow::Continue(())
    });
    let error = num_label_issues(&source, &EstimationMethod::OffDiagonal, &options).unwrap_err();
    assert!(matches!(error, StreamError::Table(TableError::Changed { .. })), "{error}");
}

#[test]
fn truncated_or_mutated_parquet_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.parquet");
    write_parquet(&path, &Data::new(500, 3, 2), 0..500, Layout::Columns64, 100);
    let whole = std::fs::read(&path).unwrap();
    let run = || -> Result<(), StreamError> {
        let source = FileSource::parquet(&path, &ParquetOptions::default())?;
        find_label_issues(
            &source,
            &FindLabelIssuesOptions::default(),
            &StreamOptions::default(),
            &mut Vec::new(),
        )?;
        Ok(())
    };
    for end in (0..whole.len()).step_by(whole.len() / 60) {
        std::fs::write(&path, &whole[..end]).unwrap();
        assert!(run().is_err(), "{end} bytes");
    }
    let mut n_refused = 0;
    for at in (0..whole.len()).step_by(whole.len() / 300) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5A;
        std::fs::write(&path, bytes).unwrap();
        n_refused += usize::from(run().is_err());
    }
    assert!(n_refused > 50, "{n_refused}");
    std::fs::write(&path, whole).unwrap();
    run().unwrap();
}

#[test]
fn missing_value_in_a_folder_names_file_row_and_column() {
    let folder = tempfile::tempdir().unwrap();
    for (number, n) in [(0, 40_usize), (1, 30)] {
        let labels: ArrayRef = Arc::new(Int64Array::from_iter_values((0..n).map(|row| (row % 2) as i64)));
        let column = |p: f64| -> ArrayRef {
            let lacks = |row: usize| number == 1 && row == 7 && p > 0.5;
            Arc::new((0..n).map(|row| if lacks(row) { None } else { Some(p) }).collect::<Float64Array>())
        };
        let columns = vec![("label".into(), labels), ("a".into(), column(0.75)), ("b".into(), column(0.25))];
        write_columns(&folder.path().join(format!("{number}.parquet")), columns, 10);
    }
    let source = FileSource::parquet(folder.path(), &ParquetOptions::default()).unwrap();
    let error = thresholds_of(&source).unwrap_err();
    let StreamError::Table(TableError::MissingValue { file, column, row }) = error else { panic!("{error}") };
    assert!(file.contains(" (its row 47 is row 7 of ") && file.ends_with("1.parquet)"), "{file}");
    assert_eq!((column.as_str(), row), ("a", 47));
}

#[test]
fn columns_that_cannot_be_told_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.parquet");
    let floats = || -> ArrayRef { Arc::new(Float64Array::from_iter_values([0.5, 0.5])) };
    let names = || texts(["x".to_owned(), "y".to_owned()]);
    let refused = |columns: Vec<(&str, ArrayRef)>, options: &ParquetOptions| {
        write_columns(&path, columns.into_iter().map(|(name, array)| (name.to_owned(), array)).collect(), 10);
        FileSource::parquet(&path, options).unwrap_err().to_string()
    };
    let default = ParquetOptions::default();
    let error = refused(vec![("y", names()), ("a", floats()), ("b", floats())], &default);
    assert!(error.contains("there is no column \"label\""), "{error}");
    let error = refused(vec![("label", names()), ("a", floats())], &default);
    assert!(error.contains("neither a column of lists nor two of numbers"), "{error}");
    let error = refused(vec![("label", names()), ("x", floats()), ("b", floats())], &default);
    assert!(error.contains("none of them for \"y\""), "{error}");
    let chosen = ParquetOptions::default().with_pred_probs(["label", "a"]);
    let error = refused(vec![("label", names()), ("a", floats())], &chosen);
    assert!(error.contains("column \"label\" holds no numbers"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    let error = FileSource::parquet(empty.path(), &default).unwrap_err();
    assert!(matches!(error, StreamError::Table(TableError::NoParquetFiles { .. })), "{error}");
}

#[test]
fn bad_rows_of_a_folder_are_named_with_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut data = Data::new(300, 3, 5);
    data.labels[260] = 3;
    let parts = write_folder(folder.path(), &data, Layout::Columns64, 3);
    let error = thresholds_of(&FileSource::parquet(&parts, &ParquetOptions::default()).unwrap()).unwrap_err();
    let expected = "(its row 260 is row 60 of ";
    assert!(error.to_string().contains(expected), "{error}");
    // The labels are at fault, not the probabilities.
    write_npy(&folder.path().join("p.npy"), &data, Npy::F64);
    let source = FileSource::files(folder.path().join("p.npy"), &parts, &ParquetOptions::default()).unwrap();
    let error = thresholds_of(&source).unwrap_err().to_string();
    assert!(error.contains(expected) && !error.contains("p.npy"), "{error}");
    data.labels[260] = 0;
    data.wide[[130, 1]] = f64::NAN;
    let parts = write_folder(folder.path(), &data, Layout::Columns64, 3);
    let error = thresholds_of(&FileSource::parquet(&parts, &ParquetOptions::default()).unwrap()).unwrap_err();
    assert!(error.to_string().contains("(its row 130 is row 30 of "), "{error}");
}

#[test]
fn folder_of_different_columns_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (number, name) in ["b", "c"].into_iter().enumerate() {
        let labels: ArrayRef = Arc::new(Int64Array::from_iter_values([0, 1]));
        let p = || -> ArrayRef { Arc::new(Float64Array::from_iter_values([0.5, 0.5])) };
        let columns = vec![("label".into(), labels), ("a".into(), p()), (name.into(), p())];
        write_columns(&folder.path().join(format!("{number}.parquet")), columns, 10);
    }
    let error = FileSource::parquet(folder.path(), &ParquetOptions::default()).unwrap_err();
    assert!(
        matches!(&error, StreamError::Table(TableError::DifferentColumns { file, .. }) if file.ends_with("1.parquet"))
    );
    assert!(error.to_string().contains("its column 3 is c (Float), there it is b (Float)"), "{error}");
}

#[test]
fn names_of_labels_find_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.parquet");
    let data = Data::new(400, 3, 9);
    let names = ["emu", "cat", "dog"];
    let labels = texts(data.labels.iter().map(|&label| names[label as usize].to_owned()));
    let mut columns = vec![("label".to_owned(), labels)];
    for (class, name) in names.iter().enumerate() {
        let p: ArrayRef = Arc::new(Float64Array::from_iter_values(data.wide.column(class).iter().copied()));
        columns.push(((*name).to_owned(), p));
    }
    write_columns(&path, columns, 64);
    let source = FileSource::parquet(&path, &ParquetOptions::default()).unwrap();
    assert_eq!(source.class_names().unwrap().as_slice(), names.map(String::from));
    assert_eq!(source.label_names().unwrap().as_slice(), ["cat", "dog", "emu"]);
    let expected = cleanlab_count::get_confident_thresholds(&data.in_memory()).unwrap();
    assert_eq!(thresholds_of(&source).unwrap(), expected);
}

#[test]
fn sink_that_fails_ends_the_work_with_its_error() {
    let data = Data::new(5000, 3, 4);
    let data = data.in_memory();
    let mut n_taken = 0;
    let mut sink = |_: usize, scores: &[f64]| {
        n_taken += scores.len();
        if n_taken > 1000 { Err(StreamError::sink("the disk is full")) } else { Ok(()) }
    };
    let options = StreamOptions::default().with_batch_rows(100);
    let method = LabelQualityMethod::SelfConfidence;
    let error = get_label_quality_scores(&MemorySource(&data), method, &options, &mut sink).unwrap_err();
    assert_eq!(error.to_string(), "results could not be stored: the disk is full");
    assert!(n_taken <= 1100);
}

#[test]
fn stopped_work_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let data = Data::new(5000, 3, 4);
    let data = data.in_memory();
    let options = StreamOptions::default().with_batch_rows(100).with_progress(|progress| {
        if progress.rows > 2000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let mut array = NpySink::create(out.join("scores.npy"), 5000).unwrap();
    let mut table =
        TableSink::scores(["a.csv", "a.json", "a.jsonl", "a.parquet"].map(|name| out.join(name))).unwrap();
    let method = LabelQualityMethod::SelfConfidence;
    for result in [
        get_label_quality_scores(&MemorySource(&data), method, &options, &mut array),
        get_label_quality_scores(&MemorySource(&data), method, &options, &mut table),
    ] {
        assert!(matches!(result, Err(StreamError::Cancelled)));
    }
    assert!(array.publish().is_err(), "rows are lacking");
    drop(table);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn progress_counts_passes_and_rows() {
    let data = Data::new(3000, 3, 4);
    let data = data.in_memory();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let options = StreamOptions::default().with_progress(move |progress| {
        if progress.rows == progress.n_rows {
            told.lock().unwrap().push((progress.pass, progress.n_passes));
        }
        ControlFlow::Continue(())
    });
    let find = FindLabelIssuesOptions::default();
    let found = find_label_issues(&MemorySource(&data), &find, &options, &mut Vec::new()).unwrap();
    assert_eq!(found.n_passes, 4);
    assert_eq!(*seen.lock().unwrap(), [(1, 4), (2, 4), (3, 4), (4, 4)]);
}

#[test]
fn source_that_gives_wrong_rows_is_refused() {
    struct Wrong(usize);
    impl ProbsSource for Wrong {
        fn name(&self) -> &'static str {
            "wrong"
        }
        fn n_rows(&self) -> usize {
            10
        }
        fn n_classes(&self) -> usize {
            2
        }
        fn reader(
            &self,
            _: std::ops::Range<usize>,
            _: usize,
        ) -> Result<Box<dyn ProbsReader + '_>, StreamError> {
            Ok(Box::new(Rows(self.0)))
        }
    }
    struct Rows(usize);
    impl ProbsReader for Rows {
        fn read(&mut self, buffer: &mut RowBuffer) -> Result<(), StreamError> {
            buffer.labels = vec![0; self.0];
            buffer.pred_probs = cleanlab_stream::RowValues::F64(vec![0.5; 2 * 10]);
            Ok(())
        }
    }
    for n in [0, 9, 11] {
        let error = get_confident_thresholds(&Wrong(n), &StreamOptions::default()).unwrap_err();
        assert!(matches!(error, StreamError::WrongRows { .. }), "{n}: {error}");
    }
}

#[test]
fn written_tables_equal_those_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let n = 2 * RowWriter::PART_ROWS + 11;
    let scores: Vec<f64> = (0..n).map(|row| (row % 977) as f64 / 976.0).collect();
    let mut whole = cleanlab_table::ResultTable::default();
    whole.push("row", cleanlab_table::ResultColumn::integers((0..n).map(|row| row as i64))).unwrap();
    whole.push("label_quality", cleanlab_table::ResultColumn::floats(scores.iter().copied())).unwrap();
    let paths = ["s.csv", "s.json", "s.parquet"].map(|name| folder.path().join(name));
    let mut sink = TableSink::scores(&paths).unwrap();
    for (number, part) in scores.chunks(1001).enumerate() {
        cleanlab_stream::RowSink::write(&mut sink, number * 1001, part).unwrap();
    }
    sink.publish().unwrap();
    let contents = [
        cleanlab_table::Content::Csv(&whole),
        cleanlab_table::Content::Json(&whole),
        cleanlab_table::Content::Parquet(&whole),
    ];
    for (path, content) in paths.iter().zip(contents) {
        let mut expected = Vec::new();
        cleanlab_table::write_to(&mut expected, "whole", &content).unwrap();
        assert!(std::fs::read(path).unwrap() == expected, "{}", path.display());
    }
}
