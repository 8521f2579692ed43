//! NPY and NPZ files, and neighbour graphs.

use super::Case;

const FROM_ARRAYS: &str = "labels --labels y.npy --pred-probs p.npy --threads 1";
const IN_PARTS: &str = "labels --labels y.npy --pred-probs p.npy --threads 1 --memory 64MB";
const FROM_ARCHIVE: &str = "labels --labels y.npy --pred-probs p.npz --threads 1";
const FROM_GRAPH: &str = "audit t.csv --label label --knn-graph g.npz --threads 1";

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> =
        headers().into_iter().map(|(name, bytes)| probs_case(name, bytes, FROM_ARRAYS)).collect();
    for (name, bytes) in headers().into_iter().take(8) {
        cases.push(probs_case(&format!("{name}, in parts"), bytes, IN_PARTS));
    }
    for (name, bytes) in headers().into_iter().skip(4).take(4) {
        let mut case = probs_case(&format!("{name}, as labels"), npy("<f8", "(4, 2)", 64), FROM_ARRAYS);
        case.files[1].1 = bytes;
        cases.push(case);
    }
    for (name, bytes) in archives() {
        let mut case = Case::new(name, "p.npz", bytes, FROM_ARCHIVE);
        case.files.push(("y.npy".to_owned(), npy("<i8", "(4,)", 32)));
        cases.push(case);
    }
    for (name, bytes) in graphs() {
        let mut case = Case::new(name, "g.npz", bytes, FROM_GRAPH);
        case.files.push(("t.csv".to_owned(), b"x,label\n1,cat\n2,dog\n3,cat\n4,dog\n".to_vec()));
        cases.push(case);
    }
    cases
}

fn probs_case(name: &str, bytes: Vec<u8>, arguments: &str) -> Case {
    let mut case = Case::new(format!("npy: {name}"), "p.npy", bytes, arguments);
    case.files.push(("y.npy".to_owned(), npy("<i8", "(4,)", 32)));
    case
}

/// An NPY file with this header and so many bytes of values.
pub(super) fn npy(descr: &str, shape: &str, n_bytes: usize) -> Vec<u8> {
    npy_with(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"), n_bytes)
}

fn npy_with(header: &str, n_bytes: usize) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + n_bytes, 0);
    bytes
}

fn headers() -> Vec<(&'static str, Vec<u8>)> {
    let with_length =
        |version: u8, length: &[u8]| [b"\x93NUMPY".as_slice(), &[version, 0], length, b"{}"].concat();
    vec![
        ("two gigabytes", npy("<f8", "(268435456, 1)", 16)),
        ("a product beyond 64 bits", npy("<f8", "(4611686018427387904, 4)", 16)),
        ("the largest length", npy("<f8", "(18446744073709551615, 2)", 16)),
        ("none of very many", npy("<f4", "(0, 4611686018427387904)", 0)),
        ("values of no bytes", npy("<U0", "(1152921504606846976,)", 0)),
        ("strings of no bytes", npy("|S0", "(4096,)", 0)),
        ("a string of 2^64 bytes", npy("<U4611686018427387904", "(1,)", 16)),
        ("a string of 2^66 bytes", npy("<U18446744073709551615", "(1,)", 16)),
        ("a negative length", npy("<f8", "(-3, 2)", 48)),
        ("a length of 300 digits", npy("<f8", &format!("({}, 2)", "9".repeat(300)), 16)),
        ("a thousand dimensions", npy("<f8", &format!("({})", "1, ".repeat(1000)), 8)),
        ("brackets without end", npy_with(&"(".repeat(60_000), 16)),
        ("one byte too few", npy("<f8", "(4, 2)", 63)),
        ("objects", npy("|O", "(4, 2)", 64)),
        ("columns of other columns", npy("<f8", "(2147483647, 2147483647)", 64)),
        ("a header of 4 GB", with_length(2, &[0xFF; 4])),
        ("a header beyond its end", with_length(1, &[0xFF; 2])),
        ("an unknown version", with_length(9, &[0xFF; 4])),
    ]
}

/// An entry of a zip archive, and what the archive says of it.
struct Entry {
    name: &'static str,
    content: Vec<u8>,
    method: u16,
    unpacked: u32,
    packed: u32,
    /// Sizes of 64 bits: unpacked and packed.
    large: Option<(u64, u64)>,
}

impl Entry {
    fn stored(name: &'static str, content: Vec<u8>) -> Self {
        let len = content.len() as u32;
        Self { name, content, method: 0, unpacked: len, packed: len, large: None }
    }
}

/// A zip archive, whose directory says what the entries say.
fn zip(entries: &[Entry], n_declared: u16) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = bytes.len() as u32;
        let mut extra = Vec::new();
        if let Some((unpacked, packed)) = entry.large {
            extra.extend([1, 0, 16, 0]);
            extra.extend(unpacked.to_le_bytes());
            extra.extend(packed.to_le_bytes());
        }
        let mut common = [45_u16, 0, entry.method, 0, 0x5000].map(u16::to_le_bytes).concat();
        common.extend([crc32(&entry.content), entry.packed, entry.unpacked].map(u32::to_le_bytes).concat());
        common.extend([entry.name.len() as u16, extra.len() as u16].map(u16::to_le_bytes).concat());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(entry.name.as_bytes());
        bytes.extend(&extra);
        bytes.extend(&entry.content);
        directory.extend(b"PK\x01\x02\x2D\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name.as_bytes());
        directory.extend(&extra);
    }
    let start = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([n_declared; 2].map(u16::to_le_bytes).concat());
    bytes.extend([directory.len() as u32, start].map(u32::to_le_bytes).concat());
    bytes.extend([0, 0]);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

/// A deflate stream of so many zeros: a zero, and then copies of the 258 bytes before.
fn deflated_zeros(n_copies: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let mut code = |value: u32, length: u32| bits.extend((0..length).rev().map(|bit| value >> bit & 1 == 1));
    // The last block, of fixed codes; 0; and so often length 258 at distance 1; the end.
    code(0b110, 3);
    code(0b0011_0000, 8);
    for _ in 0..n_copies {
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit))).collect()
}

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let array = || npy("<f8", "(4, 2)", 64);
    let packed = |unpacked: u32, content: Vec<u8>| {
        let packed = content.len() as u32;
        Entry { name: "p.npy", content, method: 8, unpacked, packed, large: None }
    };
    let stored = |change: &dyn Fn(&mut Entry)| {
        let mut entry = Entry::stored("p.npy", array());
        change(&mut entry);
        zip(&[entry], 1)
    };
    vec![
        (
            "npz: 65,535 entries that are not there",
            zip(&[Entry::stored("p.npy", npy("<f8", "(9, 9)", 8))], u16::MAX),
        ),
        ("npz: an entry of 4 GB", stored(&|entry| entry.unpacked = u32::MAX - 1)),
        ("npz: a packed entry beyond the file", stored(&|entry| entry.packed = u32::MAX - 1)),
        (
            "npz: an entry of 2^60 bytes",
            stored(&|entry| {
                (entry.unpacked, entry.packed) = (u32::MAX, u32::MAX);
                entry.large = Some((1 << 60, 1 << 60));
            }),
        ),
        ("npz: an unknown method", stored(&|entry| entry.method = 99)),
        (
            "npz: a shape of 2^60 rows",
            zip(&[Entry::stored("p.npy", npy("<f8", "(1152921504606846976, 2)", 64))], 1),
        ),
        ("npz: a few bytes that unpack to 1 GB", zip(&[packed(1 << 30, deflated_zeros(100))], 1)),
        ("npz: zeros that are no array", zip(&[packed(60 << 20, deflated_zeros(240_000))], 1)),
        ("npz: a bomb under a small size", zip(&[packed(100, deflated_zeros(100_000))], 1)),
    ]
}

fn graphs() -> Vec<(&'static str, Vec<u8>)> {
    let graph = |indptr: Vec<u8>, indices: Vec<u8>, shape: Vec<u8>| {
        let data = npy("<f8", "(4,)", 32);
        let entries =
            [("indptr.npy", indptr), ("indices.npy", indices), ("shape.npy", shape), ("data.npy", data)];
        zip(&entries.map(|(name, content)| Entry::stored(name, content)), 4)
    };
    let numbers = |numbers: &[u64]| {
        let mut bytes = npy("<i8", &format!("({},)", numbers.len()), 0);
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    };
    let (starts, indices, shape) =
        (|| numbers(&[0, 1, 2, 3, 4]), || numbers(&[1, 0, 3, 2]), || numbers(&[4, 4]));
    vec![
        ("graph: 2^40 starts of rows", graph(npy("<i8", "(1099511627776,)", 40), indices(), shape())),
        ("graph: 2^62 indices", graph(starts(), npy("<i4", "(4611686018427387904,)", 16), shape())),
        ("graph: a start beyond the end", graph(numbers(&[0, 1, 2, 3, u64::MAX >> 1]), indices(), shape())),
        ("graph: starts that descend", graph(numbers(&[0, 1 << 62, 0, 1 << 62, 4]), indices(), shape())),
        (
            "graph: a neighbour that is no row",
            graph(starts(), numbers(&[1, 0, u64::from(u32::MAX), 2]), shape()),
        ),
        ("graph: a shape of 2^62 rows", graph(starts(), indices(), numbers(&[1 << 62, 1 << 62]))),
    ]
}
