//! How much a packed Parquet page can unpack to, before it is unpacked.
//!
//! The parquet crate makes room for as many bytes as a page header declares, and goes on to the end of a page packed with
//! Gzip or Brotli whatever its header declares. Gzip reaches some thousand times the size of the page, which is allowed
//! anyway; Brotli has no bound.

use std::io::Read;

use parquet::basic::Compression;

/// Whether a page can unpack to as many bytes as it declares, and cannot unpack to any number of others.
pub(super) fn can_unpack_to(codec: Compression, packed: &[u8], declared: u64) -> bool {
    let times = |most: u64| declared <= (packed.len() as u64).saturating_mul(most).saturating_add(SLACK);
    match codec {
        Compression::UNCOMPRESSED => times(1),
        // Three bytes of a copy stand for 64.
        Compression::SNAPPY => times(22),
        // A byte of a length stands for 255.
        Compression::LZ4 | Compression::LZ4_RAW => times(256),
        Compression::ZSTD(_) => zstd_bound(packed).is_some_and(|bound| declared <= bound),
        Compression::BROTLI(_) => brotli_unpacks_to(packed, declared),
        Compression::GZIP(_) => times(1_032),
        // The parquet crate has no decoder for it.
        Compression::LZO => true,
    }
}

/// Whether a page has to be looked at: by its header alone most are harmless.
pub(super) fn is_suspicious(codec: Compression, declared: u64) -> bool {
    matches!(codec, Compression::BROTLI(_)) || declared > SLACK
}

/// A page of the usual size, for which room may be made unseen.
const SLACK: u64 = 1 << 20;

/// What a block of Zstandard unpacks to at most (RFC 8878, section 3.1.1.2.4).
const ZSTD_BLOCK: u64 = 128 << 10;

/// What the blocks of Zstandard frames can unpack to; `None` where they make no sense.
fn zstd_bound(mut packed: &[u8]) -> Option<u64> {
    let mut bound = 0_u64;
    while let Some((magic, rest)) = packed.split_first_chunk::<4>() {
        let magic = u32::from_le_bytes(*magic);
        if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
            let (len, rest) = rest.split_first_chunk::<4>()?;
            packed = rest.get(u32::from_le_bytes(*len) as usize..)?;
            continue;
        }
        let (&descriptor, rest) = rest.split_first().filter(|_| magic == 0xFD2F_B528)?;
        let is_single = descriptor & 0x20 != 0;
        let window_len = usize::from(!is_single);
        let dictionary_len = [0, 1, 2, 4].into_iter().nth(usize::from(descriptor & 3))?;
        let content_len = [usize::from(is_single), 2, 4, 8].into_iter().nth(usize::from(descriptor >> 6))?;
        let mut blocks = rest.get(window_len + dictionary_len + content_len..)?;
        loop {
            let (header, rest) = blocks.split_first_chunk::<3>()?;
            let &[low, middle, high] = header;
            let header = u32::from_le_bytes([low, middle, high, 0]);
            let size = header >> 3;
            let (stored, unpacked) = match header >> 1 & 3 {
                0 => (size, u64::from(size)),
                1 => (1, u64::from(size)),
                2 => (size, ZSTD_BLOCK),
                _ => return None,
            };
            bound = bound.saturating_add(unpacked);
            blocks = rest.get(stored as usize..)?;
            if header & 1 == 1 {
                break;
            }
        }
        let checksum_len = if descriptor & 4 == 0 { 0 } else { 4 };
        packed = blocks.get(checksum_len..)?;
    }
    packed.is_empty().then_some(bound)
}

/// Windows of up to 16 MB are Brotli; larger ones, of up to a gigabyte that is allocated unseen, are an extension that
/// begins with these bits where RFC 7932 (section 9.1) has nothing.
const LARGE_WINDOW: u8 = 0b001_0001;

fn brotli_unpacks_to(packed: &[u8], declared: u64) -> bool {
    if packed.is_empty() && declared == 0 {
        return true;
    }
    if packed.first().is_some_and(|first| first & 0x7F == LARGE_WINDOW) {
        return false;
    }
    let mut unpacked = brotli::Decompressor::new(packed, BUFFER);
    let mut buffer = [0; BUFFER];
    let mut left = declared;
    loop {
        match unpacked.read(&mut buffer) {
            Ok(0) => return left == 0,
            Ok(n) => match left.checked_sub(n as u64) {
                Some(rest) => left = rest,
                None => return false,
            },
            Err(_) => return false,
        }
    }
}

const BUFFER: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::basic::{BrotliLevel, ZstdLevel};
    use std::io::Write;

    #[test]
    fn can_unpack_to_declared_size_is_held_against_the_codec() {
        for (codec, most) in [(Compression::SNAPPY, 22_000), (Compression::LZ4_RAW, 256_000)] {
            assert!(can_unpack_to(codec, &[0; 1000], most + SLACK));
            assert!(!can_unpack_to(codec, &[0; 1000], most + SLACK + 1));
        }
        // A frame of one segment with a block that repeats a byte 1,000 times and one of 3 bytes packed.
        let frame = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0, 0x42, 0x1F, 0, 7, 0x1D, 0, 0, 1, 2, 3];
        let zstd = Compression::ZSTD(ZstdLevel::default());
        assert!(can_unpack_to(zstd, &frame, 1000 + ZSTD_BLOCK));
        assert!(!can_unpack_to(zstd, &frame, 1001 + ZSTD_BLOCK));
        assert!(!can_unpack_to(zstd, &frame[..frame.len() - 1], 10));
        assert!(!can_unpack_to(zstd, b"something else", 10));
    }

    #[test]
    fn can_unpack_to_brotli_bomb_is_refused() {
        let codec = Compression::BROTLI(BrotliLevel::default());
        let mut packed = Vec::new();
        let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 9, 22);
        writer.write_all(&vec![0; 1_000_000]).unwrap();
        drop(writer);
        assert!(packed.len() < 100);
        assert!(can_unpack_to(codec, &packed, 1_000_000));
        assert!(!can_unpack_to(codec, &packed, 999_999));
        assert!(!can_unpack_to(codec, &packed, 1_000_001));
        assert!(can_unpack_to(codec, &[], 0));
        assert!(!can_unpack_to(codec, &packed[..packed.len() / 2], 1_000_000));
        assert!(!can_unpack_to(codec, &[0x11, 30, 0, 0], 1_000_000));
    }
}
