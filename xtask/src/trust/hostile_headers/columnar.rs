//! Parquet and Arrow files.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::Case;
use super::thrift::Struct;
use crate::process::workspace_root;

const AUDIT_PARQUET: &str = "audit t.parquet --label x --threads 1";
const AUDIT_ARROW: &str = "audit t.arrow --label x --threads 1";

/// Codecs and types by their numbers in `parquet.thrift`.
const UNCOMPRESSED: i32 = 0;
const SNAPPY: i32 = 1;
const GZIP: i32 = 2;
const BROTLI: i32 = 4;
const ZSTD: i32 = 6;
const LZ4_RAW: i32 = 7;
const INT64: i32 = 2;
const BYTE_ARRAY: i32 = 6;
const FIXED: i32 = 7;

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases: Vec<Case> = footers()
        .into_iter()
        .chain(pages())
        .map(|(name, bytes)| Case::new(format!("parquet: {name}"), "t.parquet", bytes, AUDIT_PARQUET))
        .collect();
    for (name, bytes) in arrow()? {
        cases.push(Case::new(format!("arrow: {name}"), "t.arrow", bytes, AUDIT_ARROW));
    }
    Ok(cases)
}

fn parquet(body: &[u8], footer: &[u8]) -> Vec<u8> {
    [b"PAR1", body, footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

fn element(name: &str, n_children: i32) -> Struct {
    Struct::default().i32(3, 0).text(4, name).i32(5, n_children)
}

fn metadata(schema: &[Struct], n_rows: i64) -> Struct {
    Struct::default().i32(1, 1).structures(2, schema).i64(3, n_rows)
}

/// A file of one column `x` with one page.
struct OneColumn {
    physical: i32,
    type_length: i32,
    repetition: i32,
    codec: i32,
    n_values: i64,
    chunk_bytes: Option<i64>,
    page: Struct,
    values: Vec<u8>,
}

impl OneColumn {
    fn new(codec: i32, unpacked: i32, values: &[u8]) -> Self {
        let header = Struct::default().i32(1, 4).i32(2, 0).i32(3, 3).i32(4, 3);
        let page =
            Struct::default().i32(1, 0).i32(2, unpacked).i32(3, values.len() as i32).structure(5, header);
        let values = values.to_vec();
        Self {
            physical: INT64,
            type_length: 0,
            repetition: 0,
            codec,
            n_values: 4,
            chunk_bytes: None,
            page,
            values,
        }
    }

    fn file(self) -> Vec<u8> {
        let body = [self.page.end(), self.values].concat();
        let bytes = self.chunk_bytes.unwrap_or(body.len() as i64);
        let column = Struct::default()
            .i32(1, self.physical)
            .list(2, 5, 1, &[0])
            .list(3, 8, 1, &[1, b'x'])
            .i32(4, self.codec)
            .i64(5, self.n_values)
            .i64(6, bytes)
            .i64(7, bytes)
            .i64(9, 4);
        let chunk = Struct::default().i64(2, 4).structure(3, column);
        let group = Struct::default().structures(1, &[chunk]).i64(2, bytes).i64(3, 4);
        let leaf = Struct::default()
            .i32(1, self.physical)
            .i32(2, self.type_length)
            .i32(3, self.repetition)
            .text(4, "x");
        let footer = metadata(&[element("r", 1), leaf], 4).structures(4, &[group]);
        parquet(&body, &footer.end())
    }
}

fn footers() -> Vec<(&'static str, Vec<u8>)> {
    let root = || element("r", 1);
    let mut too_long = parquet(&[], &metadata(&[root()], 0).end());
    let at = too_long.len() - 8;
    too_long[at..at + 4].fill(0xFF);
    let nested: Vec<Struct> = (0..100_000).map(|_| root()).collect();
    let list = |id: u8, kind: u8, length: u64| {
        parquet(&[], &metadata(&[element("r", 0)], 0).list(id, kind, length, &[0; 8]).end())
    };
    vec![
        ("a footer of 4 GB", too_long),
        ("columns nested without end", parquet(&[], &metadata(&nested, 4).end())),
        ("two billion children", parquet(&[], &metadata(&[element("r", i32::MAX)], 4).end())),
        ("two billion row groups", list(4, 12, 1 << 31)),
        ("2^62 notes", list(5, 12, 1 << 62)),
        (
            "a name of 2^62 bytes",
            parquet(&[], &metadata(&[element("r", 0)], 0).text_of_length(6, "x", 1 << 62).end()),
        ),
        ("2^62 rows without row groups", parquet(&[], &metadata(&[element("r", 0)], 1 << 62).end())),
        ("a negative number of rows", parquet(&[], &metadata(&[element("r", 0)], -1).end())),
    ]
}

fn pages() -> Vec<(&'static str, Vec<u8>)> {
    const SIXTY: i32 = 60 << 20;
    let changed = |change: &dyn Fn(&mut OneColumn)| {
        let mut file = OneColumn::new(UNCOMPRESSED, 32, &[1; 32]);
        change(&mut file);
        file.file()
    };
    // Frames of one block each that repeats a byte 131,072 times.
    let zstd: Vec<u8> =
        (0..600).flat_map(|_| [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x03, 0x00, 0x10, 0x00]).collect();
    let dictionary = Struct::default().i32(1, i32::MAX).i32(2, 0);
    vec![
        ("a page of 2 GB", OneColumn::new(SNAPPY, i32::MAX, &[1; 32]).file()),
        ("60 MB in Snappy that are not there", OneColumn::new(SNAPPY, SIXTY, &[1; 32]).file()),
        (
            "60 MB in Gzip that are not there",
            OneColumn::new(GZIP, SIXTY, b"\x1F\x8B\x08\0\0\0\0\0\0\0").file(),
        ),
        (
            "60 MB in Brotli that are not there",
            OneColumn::new(BROTLI, SIXTY, &[0x1B, 0xFF, 0xFF, 0xFF]).file(),
        ),
        ("a Brotli window of a gigabyte", OneColumn::new(BROTLI, 32, &[0x11, 0x1E, 0, 0, 0, 0]).file()),
        ("60 MB in LZ4 that are not there", OneColumn::new(LZ4_RAW, SIXTY, &[1; 32]).file()),
        ("60 MB in Zstandard that are not there", OneColumn::new(ZSTD, SIXTY, &zstd[..10]).file()),
        ("75 MB of zeros in Zstandard", OneColumn::new(ZSTD, 75 << 20, &zstd).file()),
        ("a negative page", OneColumn::new(SNAPPY, -1, &[1; 32]).file()),
        ("a column of 2^62 bytes", changed(&|file| file.chunk_bytes = Some(1 << 62))),
        ("values of 2 GB each", changed(&|file| (file.physical, file.type_length) = (FIXED, i32::MAX))),
        ("2^60 values in lists", changed(&|file| (file.repetition, file.n_values) = (2, 1 << 60))),
        ("more values than rows", changed(&|file| file.n_values = 1 << 60)),
        (
            "a dictionary of two billion texts",
            changed(&|file| {
                file.physical = BYTE_ARRAY;
                file.page =
                    Struct::default().i32(1, 2).i32(2, 32).i32(3, 32).structure(7, dictionary.clone());
            }),
        ),
    ]
}

/// What pandas wrote, with other sizes in it.
fn arrow() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let file = workspace_root().join("crates/table/tests/fixtures/pandas.feather");
    let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
    let number = |at: usize| -> Result<usize> {
        let bytes = bytes.get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>());
        Ok(u32::from_le_bytes(*bytes.context("the fixture is too short")?) as usize)
    };
    // A mark, a length, the metadata: first the schema, then a batch whose first buffer begins with its unpacked size.
    ensure!(number(8)? == u32::MAX as usize, "the fixture is no Arrow file of version 2");
    let schema_len = number(12)?;
    let batch = 16 + schema_len;
    ensure!(number(batch)? == u32::MAX as usize, "the fixture has no batch after its schema");
    let body = batch + 8 + number(batch + 4)?;
    let end = bytes.len() - 10;
    let with = |at: usize, value: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        bytes
    };
    Ok(vec![
        ("a footer of 4 GB", with(end, &[0xFF; 4])),
        ("a schema of 2 GB", with(12, &0x7FFF_FFF8_u32.to_le_bytes())),
        ("a schema of 4 GB", with(12, &[0xFF; 4])),
        ("a batch of 2 GB", with(batch + 4, &0x7FFF_FFF8_u32.to_le_bytes())),
        ("a buffer that unpacks to 2^62 bytes", with(body, &(1_i64 << 62).to_le_bytes())),
        ("a buffer that unpacks to 100 MB", with(body, &100_000_000_i64.to_le_bytes())),
        ("a buffer of a negative size", with(body, &(-7_i64).to_le_bytes())),
        ("a schema of zeros", with(16, &vec![0; schema_len])),
    ])
}
