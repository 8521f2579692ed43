//! Files that are damaged, or made to do harm: every reader gives an error or a value, and asks for little memory.
#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test fails by panicking, and its inputs are short"
)]
#![allow(
    unsafe_code,
    reason = "an allocator that notes what is asked for hands everything on to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::Schema;
use cleanlab_table::{
    ArrayOptions, Content, LabelOptions, ReadOptions, ResultColumn, ResultTable, RowCopy, Source, Table,
    TableError, read_array, read_labels, read_pred_probs, write_to,
};
use ndarray::Array2;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use proptest::prelude::*;

struct Noting;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

fn note(size: usize) {
    // A thread that is ending has no counter any more.
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(size)));
}

// SAFETY: every call is handed on unchanged; noting a size allocates nothing.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// The largest single allocation while something runs.
fn largest_allocation<T>(run: impl FnOnce() -> T) -> (T, usize) {
    LARGEST.set(0);
    let result = run();
    (result, LARGEST.get())
}

const NAMES: [&str; 12] = [
    "f.csv",
    "f.tsv",
    "f.jsonl",
    "f.json",
    "f.parquet",
    "f.arrow",
    "f.arrows",
    "f.npy",
    "f.npz",
    "f.txt",
    "f",
    "f.dat",
];

/// Everything that reads, on the same bytes.
fn read_every_way(name: &str, bytes: &[u8]) {
    let source = || Source::from_bytes(bytes, name);
    let options = ArrayOptions::default();
    if let Ok(table) = Table::read(source(), &ReadOptions::default()) {
        let names: Vec<String> = table.column_names().into_iter().map(str::to_owned).collect();
        for name in names {
            let _ = table.labels(&name, &LabelOptions::default());
        }
        let _ = table.features(&cleanlab_table::FeatureOptions::default());
    }
    let _ = RowCopy::of(source(), &[0], &ReadOptions::default());
    let _ = read_array(source(), &options)
        .map(|array| (array.clone().into_pred_probs(), array.into_labels(name)));
    let _ = read_labels(source(), &options);
    let _ = read_pred_probs(source(), &options);
}

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

/// An NPY file of version 1 with this header and so many bytes of values.
fn npy(header: &str, n_bytes: usize) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + n_bytes, 0);
    bytes
}

#[test]
fn read_array_hostile_headers_allocate_nothing_big() {
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")
    };
    for (descr, shape) in [
        ("<f8", "(268435456,)"),
        ("<f8", "(4611686018427387904, 4)"),
        ("<f8", "(18446744073709551615,)"),
        ("<f4", "(0, 4611686018427387904, 4611686018427387904)"),
        ("<U0", "(1152921504606846976,)"),
        ("|S0", "(4096,)"),
        ("<U4611686018427387904", "(1,)"),
        ("<U18446744073709551615", "(1,)"),
        ("<i8", "(3,)"),
    ] {
        let bytes = npy(&header(descr, shape), 16);
        let (result, largest) =
            largest_allocation(|| read_array(Source::from_bytes(bytes, "a.npy"), &ArrayOptions::default()));
        let error = result.unwrap_err();
        assert!(
            matches!(error, TableError::TooLarge { .. } | TableError::UnsupportedDtype { .. }),
            "{descr} {shape}: {error}"
        );
        assert!(largest < 10_000, "{descr} {shape}: {largest} bytes");
    }
    let bytes = npy(&header("<f8", "(-3, 2)"), 48);
    let error = read_array(Source::from_bytes(bytes, "a.npy"), &ArrayOptions::default()).unwrap_err();
    assert!(matches!(&error, TableError::Damaged { .. }));
    assert!(error.to_string().contains("(-3, 2)"), "{error}");
}

#[test]
fn read_array_very_many_columns_of_no_rows_are_refused() {
    let read = |shape: &str| {
        let bytes = npy(&format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"), 0);
        read_array(Source::from_bytes(bytes, "a.npy"), &ArrayOptions::default())
    };
    assert!(matches!(read("(0, 4611686018427387904)"), Err(TableError::TooLarge { .. })));
    assert!(matches!(read("(0, 2000000)"), Err(TableError::TooLarge { .. })));
    assert_eq!(read("(0, 1000)").unwrap().shape(), [0, 1000]);
}

#[test]
fn read_array_size_mismatch_names_both_sizes() {
    let bytes = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}", 40);
    let error = read_array(Source::from_bytes(bytes, "a.npy"), &ArrayOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.npy declares shape [3, 2] of values of 8 bytes, but 40 bytes follow its header; the file is damaged, \
         truncated or made to exhaust memory"
    );
}

#[test]
fn read_array_header_length_beyond_the_file_is_refused() {
    let mut bytes = b"\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF".to_vec();
    bytes.extend([b' '; 20]);
    let result = read_array(Source::from_bytes(bytes, "a.npy"), &ArrayOptions::default());
    assert!(matches!(result, Err(TableError::TooLarge { .. })));
    let result =
        read_array(Source::from_bytes(b"\x93NUMPY\x09\x00ab".to_vec(), "a.npy"), &ArrayOptions::default());
    assert!(matches!(result, Err(TableError::Damaged { reason, .. }) if reason.contains("version 9")));
}

#[test]
fn read_array_large_file_is_held_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.npy");
    let matrix = Array2::from_elem((40_000, 10), 0.5);
    cleanlab_table::write_file(&path, &Content::NpyMatrix(matrix.view())).unwrap();
    let (array, largest) = largest_allocation(|| read_array(&path, &ArrayOptions::default()).unwrap());
    assert_eq!(array.shape(), [40_000, 10]);
    assert_eq!(largest, 40_000 * 10 * 8);
}

#[test]
fn read_parquet_footer_longer_than_the_file_is_refused() {
    let mut bytes = fixture("pandas.parquet");
    let at = bytes.len() - 8;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let (result, largest) =
        largest_allocation(|| Table::read(Source::from_bytes(bytes, "t.parquet"), &ReadOptions::default()));
    let error = result.unwrap_err();
    assert!(matches!(&error, TableError::TooLarge { .. }));
    assert!(error.to_string().contains("a footer of 4294967295 bytes"), "{error}");
    assert!(largest < 100_000, "{largest} bytes");
}

#[test]
fn read_truncated_binary_files_say_that_the_end_is_missing() {
    for name in ["pandas.parquet", "pandas.feather"] {
        let bytes = fixture(name);
        let error = Table::read(Source::from_bytes(&bytes[..bytes.len() - 1], name), &ReadOptions::default())
            .unwrap_err();
        assert!(matches!(&error, TableError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("its end is missing"), "{error}");
    }
    for name in ["pandas.parquet", "pandas.feather", "pandas.arrows", "strings.npy", "both.npz"] {
        let bytes = fixture(name);
        for len in 0..bytes.len() {
            if len % 7 == 0 {
                read_every_way(name, &bytes[..len]);
            }
        }
    }
}

#[test]
fn read_parquet_of_one_value_repeated_is_read_but_not_without_bound() {
    let mut table = ResultTable::default();
    table.push("x", ResultColumn::integers(std::iter::repeat_n(7, 1_000_000))).unwrap();
    let mut bytes = Vec::new();
    write_to(&mut bytes, "t", &Content::Parquet(&table)).unwrap();
    assert!(bytes.len() < 20_000);
    let read = Table::read(Source::from_bytes(bytes, "t.parquet"), &ReadOptions::default()).unwrap();
    assert_eq!(read.n_rows(), 1_000_000);
}

/// A Parquet file of one column of text, all rows of which refer to the same long text.
fn parquet_of_a_long_text(n_rows: usize, n_bytes: usize) -> Vec<u8> {
    let text = StringArray::from(vec!["x".repeat(n_bytes)]);
    let keys = Int32Array::from(vec![0; n_rows]);
    let column: ArrayRef = Arc::new(DictionaryArray::new(keys, Arc::new(text)));
    let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_page_size_limit(64 << 20)
        .set_statistics_enabled(EnabledStatistics::None);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn read_parquet_long_text_in_every_row_is_refused_before_it_is_written_out() {
    let bytes = parquet_of_a_long_text(20_000, 50_000);
    assert!(bytes.len() < 60_000);
    let (result, largest) =
        largest_allocation(|| Table::read(Source::from_bytes(bytes, "t.parquet"), &ReadOptions::default()));
    assert!(matches!(result, Err(TableError::TooLarge { .. })));
    assert!(largest <= 160 << 20, "{largest} bytes");
    // The same in a few rows is no harm.
    let bytes = parquet_of_a_long_text(100, 50_000);
    let table = Table::read(Source::from_bytes(bytes, "t.parquet"), &ReadOptions::default()).unwrap();
    assert_eq!(table.column("x").unwrap().value_text(99).unwrap().len(), 50_000);
}

/// A Parquet file of a million equal numbers in one page.
fn parquet_of_one_page(codec: Compression) -> Vec<u8> {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![7; 1_000_000]));
    let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(codec)
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(64 << 20)
        .set_data_page_row_count_limit(1 << 30)
        .set_write_batch_size(1 << 30);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn read_parquet_page_that_declares_more_than_its_codec_can_hold_is_refused() {
    for codec in [
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::GZIP(GzipLevel::default()),
    ] {
        let mut bytes = parquet_of_one_page(codec);
        let read = |bytes: &[u8]| {
            largest_allocation(|| {
                Table::read(Source::from_bytes(bytes, "t.parquet"), &ReadOptions::default())
            })
        };
        assert_eq!(read(&bytes).0.unwrap().n_rows(), 1_000_000, "{codec}");
        // The page header follows the signature: its type, then the size that it unpacks to, a number of four bytes.
        assert_eq!((bytes[4], bytes[5], bytes[6], bytes[10] & 0x80), (0x15, 0, 0x15, 0), "{codec}");
        bytes[7..11].copy_from_slice(&[0xFE, 0xFF, 0xFF, 0x3F]);
        let (result, largest) = read(&bytes);
        assert!(matches!(result, Err(TableError::Damaged { .. })), "{codec}");
        // Brotli is unpacked, and not kept, until it turns out to hold something else.
        let most = if matches!(codec, Compression::BROTLI(_)) { 20 << 20 } else { 1 << 20 };
        assert!(largest <= most, "{codec}: {largest} bytes");
    }
}

/// A Parquet file that has only a footer.
fn parquet_with_footer(footer: &[u8]) -> Vec<u8> {
    [b"PAR1", footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

#[test]
fn read_parquet_columns_nested_without_end_are_refused() {
    // Version 1 and a schema of 100,000 groups, each the only child of the one before it, all called "a".
    let mut footer = vec![0x15, 2, 0x19, 0xFC, 0xA0, 0x8D, 0x06];
    footer.extend([0x35, 0, 0x18, 1, b'a', 0x15, 2, 0].repeat(100_000));
    footer.push(0);
    let file = || Source::from_bytes(parquet_with_footer(&footer), "t.parquet");
    let error = Table::read(file(), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("nested more than 64 deep"), "{error}");
    assert!(RowCopy::of(file(), &[0], &ReadOptions::default()).is_err());
}

#[test]
fn read_parquet_group_of_very_many_children_is_refused_before_there_is_room_for_them() {
    let footer = [0x15, 2, 0x19, 0x1C, 0x48, 1, b'a', 0x15, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0];
    let file = Source::from_bytes(parquet_with_footer(&footer), "t.parquet");
    let (result, largest) = largest_allocation(|| Table::read(file, &ReadOptions::default()));
    assert!(matches!(result, Err(TableError::Damaged { reason, .. }) if reason.contains("million children")));
    assert!(largest < 100_000, "{largest} bytes");
}

#[test]
fn read_arrow_rows_without_columns_are_refused_beyond_bound() {
    let options = RecordBatchOptions::new().with_row_count(Some(1 << 40));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    let error = Table::read(Source::from_bytes(bytes, "t.arrows"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, TableError::TooLarge { .. }), "{error}");
}

#[test]
fn read_csv_many_names_twice_are_refused_in_time() {
    let names: Vec<String> = (0..100_000).map(|i| format!("{i},{i}")).collect();
    let csv = format!("{}\n", names.join(","));
    let error = Table::read(Source::from_bytes(csv, "t.csv"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, TableError::DuplicateColumns { names, .. } if names.len() == 100_000));
}

/// What a mutation does to a file: bytes are set at places, and the end may be cut.
fn mutated(
    mut bytes: Vec<u8>,
    changes: &[(prop::sample::Index, u8)],
    cut: Option<prop::sample::Index>,
) -> Vec<u8> {
    for (place, value) in changes {
        let place = place.index(bytes.len());
        bytes[place] = *value;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

fn interesting_byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), Just(0), Just(0x7F), Just(0x80), Just(0xFF)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn read_arbitrary_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), name in 0..NAMES.len()) {
        read_every_way(NAMES[name], &bytes);
    }

    #[test]
    fn read_arbitrary_bytes_after_a_signature_never_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        signature in 0..6_usize,
        closed in any::<bool>(),
    ) {
        let signature: &[u8] =
            [b"PAR1".as_slice(), b"ARROW1\0\0", b"\xFF\xFF\xFF\xFF", b"\x93NUMPY\x01\0", b"PK\x03\x04", b"{\"a\":"][signature];
        let end = if closed { &signature[..signature.len().min(6)] } else { b"" };
        read_every_way("f", &[signature, &bytes, end].concat());
    }

    #[test]
    fn read_arbitrary_text_never_panics(text in "[a-c0-9.,;\t\"\r\n{}\\[\\]: é-]{0,200}", name in 0..NAMES.len()) {
        read_every_way(NAMES[name], text.as_bytes());
    }

    #[test]
    fn read_mutated_files_never_panics_and_allocates_little(
        name in 0..9_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), interesting_byte()), 1..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let name = [
            "pandas.parquet", "delta.parquet", "pandas.feather", "pandas.arrows", "strings.npy", "bytes.npy",
            "big_endian_fortran.npy", "only.npz", "both.npz",
        ][name];
        let bytes = mutated(fixture(name), &changes, cut);
        let ((), largest) = largest_allocation(|| read_every_way(name, &bytes));
        // What a small file may unpack to, and as much again for a buffer that doubles.
        prop_assert!(largest <= 128 << 20, "{} bytes", largest);
    }

    #[test]
    fn read_csv_any_cells_keep_their_shape(cells in prop::collection::vec("[ -~é\n]{0,6}", 2..40)) {
        let mut table = ResultTable::default();
        table.push("row", ResultColumn::integers(0..cells.len() as i64)).unwrap();
        table.push("text", ResultColumn::texts(cells.clone())).unwrap();
        let mut csv = Vec::new();
        write_to(&mut csv, "t.csv", &Content::Csv(&table)).unwrap();
        let read = Table::read(Source::from_bytes(csv, "t.csv"), &ReadOptions::default()).unwrap();
        prop_assert_eq!(read.n_rows(), cells.len());
    }
}
