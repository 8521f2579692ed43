//! Telling file formats apart, by content first and by name second.

use std::fmt;

use crate::errors::TableError;

/// A file format that is read.
///
/// The content decides where it is unmistakable (Parquet, Arrow, NPY and NPZ begin with a signature); the ending of the
/// name decides between text formats. A name that promises a binary format whose signature is absent is an error.
///
/// ```
/// use cleanlab_table::Format;
/// assert_eq!(Format::of_ending("scores.v2.PARQUET"), Some(Format::Parquet));
/// assert_eq!(Format::of_ending("notes"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values (`.csv`); semicolons and tabs are recognised from the header.
    Csv,
    /// Tab-separated values (`.tsv`, `.tab`).
    Tsv,
    /// One JSON object per line (`.jsonl`, `.ndjson`).
    JsonLines,
    /// An array of JSON objects, or one object per line (`.json`).
    Json,
    /// Apache Parquet (`.parquet`, `.pq`).
    Parquet,
    /// An Arrow IPC file or Feather version 2 (`.arrow`, `.feather`, `.ipc`).
    ArrowFile,
    /// An Arrow IPC stream (`.arrows`).
    ArrowStream,
    /// One NumPy array (`.npy`).
    Npy,
    /// An archive of NumPy arrays (`.npz`).
    Npz,
}

impl Format {
    /// The format that the ending of a file name stands for, in any case of letters.
    #[must_use]
    pub fn of_ending(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        Some(match ending.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "jsonl" | "ndjson" => Self::JsonLines,
            "json" => Self::Json,
            "parquet" | "pq" => Self::Parquet,
            "arrow" | "feather" | "ipc" => Self::ArrowFile,
            "arrows" => Self::ArrowStream,
            "npy" => Self::Npy,
            "npz" => Self::Npz,
            _ => return None,
        })
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::JsonLines | Self::Json)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::JsonLines => "JSON lines",
            Self::Json => "JSON",
            Self::Parquet => "Parquet",
            Self::ArrowFile => "Arrow IPC (Feather)",
            Self::ArrowStream => "Arrow IPC stream",
            Self::Npy => "NPY",
            Self::Npz => "NPZ",
        })
    }
}

/// How many bytes of a file [`detect`] wants to see, where there are as many.
pub(crate) const PREFIX_LEN: usize = 4096;

pub(crate) const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

const SAVE_AS_UTF8: &str = "save it with the UTF-8 encoding";
const UNPACK: &str = "unpack it first, for example gunzip -c FILE | …, or zstd -dc FILE | …";

/// The format of a file from its first bytes, its name, and what the caller says it is.
pub(crate) fn detect(file: &str, prefix: &[u8], stated: Option<Format>) -> Result<Format, TableError> {
    let expected = stated.or_else(|| Format::of_ending(file));
    let unreadable = |found: &str, hint| {
        Err(TableError::UnreadableFormat { file: file.into(), found: found.into(), hint })
    };
    if prefix.is_empty() {
        return Err(TableError::EmptyFile { file: file.into() });
    }
    match signature(prefix) {
        Signature::Known(found) => match stated {
            Some(expected) if !same_family(expected, found) => {
                Err(TableError::WrongFormat { file: file.into(), expected, found: found.to_string() })
            }
            _ => Ok(found),
        },
        Signature::Unreadable(found, hint) => match expected {
            Some(expected) if !expected.is_text() => {
                Err(TableError::WrongFormat { file: file.into(), expected, found: found.into() })
            }
            _ => unreadable(found, hint),
        },
        Signature::None => match expected {
            Some(expected) => {
                let looks = text_looks(prefix);
                let fits = match expected {
                    Format::Csv | Format::Tsv => looks != TextLooks::JsonObject,
                    Format::JsonLines | Format::Json => looks != TextLooks::Other,
                    _ => false,
                };
                if fits {
                    return Ok(expected);
                }
                Err(TableError::WrongFormat {
                    file: file.into(),
                    expected,
                    found: looks.describe(prefix).into(),
                })
            }
            None if is_pickle_ending(file) => {
                unreadable("a pickle by its name, which is never opened", "save it as NPY, CSV or Parquet")
            }
            None => Ok(match text_looks(prefix) {
                TextLooks::JsonObject => Format::JsonLines,
                TextLooks::JsonArray => Format::Json,
                TextLooks::MaybeJson | TextLooks::Other => Format::Csv,
            }),
        },
    }
}

/// Whether a file is named as pickles are. Those of the oldest protocol are text, which would do for names of classes.
fn is_pickle_ending(file: &str) -> bool {
    const ENDINGS: [&str; 7] = ["pkl", "pickle", "p", "joblib", "pt", "pth", "dill"];
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Both Arrow forms go by the same endings, and so do NumPy's.
fn same_family(a: Format, b: Format) -> bool {
    use Format::{ArrowFile, ArrowStream, Npy, Npz};
    a == b || matches!((a, b), (ArrowFile, ArrowStream) | (ArrowStream, ArrowFile) | (Npy, Npz) | (Npz, Npy))
}

enum Signature {
    Known(Format),
    Unreadable(&'static str, &'static str),
    None,
}

fn signature(prefix: &[u8]) -> Signature {
    const KNOWN: [(&[u8], Format); 4] = [
        (b"PAR1", Format::Parquet),
        (b"ARROW1", Format::ArrowFile),
        (b"\xFF\xFF\xFF\xFF", Format::ArrowStream),
        (b"\x93NUMPY", Format::Npy),
    ];
    const UNREADABLE: [(&[u8], &str, &str); 11] = [
        (b"\x1F\x8B", "compressed with gzip", UNPACK),
        (b"\x28\xB5\x2F\xFD", "compressed with zstd", UNPACK),
        (b"BZh", "compressed with bzip2", UNPACK),
        (b"\xFD7zXZ", "compressed with xz", UNPACK),
        (b"PARE", "an encrypted Parquet file", "save it without encryption"),
        (b"FEA1", "a Feather file of version 1", "save it as Feather version 2 or Parquet"),
        (b"Obj\x01", "an Avro file", "save it as Parquet"),
        (b"ORC", "an ORC file", "save it as Parquet"),
        (b"\x89HDF", "an HDF5 file", "save it as Parquet or NPY"),
        (b"\xFF\xFE", "UTF-16 text", SAVE_AS_UTF8),
        (b"\xFE\xFF", "UTF-16 text", SAVE_AS_UTF8),
    ];
    // A header of CSV may begin with "PAR1" or "ORC" too, but it holds no control characters below tab.
    let is_text = !prefix.iter().any(|&byte| byte < b'\t');
    let matches = |magic: &[u8]| prefix.starts_with(magic) && !(is_text && magic.is_ascii());
    if let Some((_, format)) = KNOWN.iter().find(|(magic, _)| matches(magic)) {
        return Signature::Known(*format);
    }
    match UNREADABLE.iter().find(|(magic, ..)| matches(magic)) {
        Some((_, found, hint)) => Signature::Unreadable(found, hint),
        _ if prefix.starts_with(b"PK\x03\x04") && first_entry_is_array(prefix) => {
            Signature::Known(Format::Npz)
        }
        _ if prefix.starts_with(b"PK\x05\x06") => {
            Signature::Unreadable("an empty zip archive", "save the arrays again")
        }
        _ if prefix.starts_with(b"PK\x03\x04") => Signature::Unreadable(
            "a zip archive without arrays, such as an Excel workbook",
            "save it as CSV, or unpack it first",
        ),
        _ => Signature::None,
    }
}

/// Whether the name in the first local header of a zip archive ends in `.npy`.
fn first_entry_is_array(prefix: &[u8]) -> bool {
    let Some(&[low, high]) = prefix.get(26..28) else {
        return false;
    };
    let len = usize::from(u16::from_le_bytes([low, high]));
    prefix.get(30..30 + len).is_some_and(|name| name.ends_with(b".npy"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextLooks {
    /// The first line is one whole JSON object.
    JsonObject,
    /// It begins as an array of objects does.
    JsonArray,
    /// It begins with a brace or bracket, but may be CSV all the same.
    MaybeJson,
    Other,
}

impl TextLooks {
    fn describe(self, prefix: &[u8]) -> &'static str {
        match self {
            Self::JsonObject | Self::JsonArray => "JSON text",
            _ if prefix.contains(&0) || std::str::from_utf8(prefix.get(..64).unwrap_or(prefix)).is_err() => {
                "binary data of another kind"
            }
            _ if text_has_delimiter(prefix) => "CSV text",
            _ => "plain text",
        }
    }
}

fn text_has_delimiter(prefix: &[u8]) -> bool {
    let header = prefix.split(|&byte| byte == b'\n').next().unwrap_or_default();
    header.iter().any(|byte| b",;\t".contains(byte))
}

fn text_looks(prefix: &[u8]) -> TextLooks {
    let text = prefix.strip_prefix(UTF8_MARK).unwrap_or(prefix).trim_ascii_start();
    let after_first = || text.get(1..).unwrap_or_default().trim_ascii_start().first().copied();
    match text.first() {
        Some(b'{') => {
            let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let whole = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
            let long_first_line = line.len() == text.len() && prefix.len() >= PREFIX_LEN;
            let begins_with_key = matches!(after_first(), Some(b'"' | b'}') | None);
            if whole || (long_first_line && begins_with_key) {
                TextLooks::JsonObject
            } else {
                TextLooks::MaybeJson
            }
        }
        Some(b'[') if matches!(after_first(), Some(b'{')) => TextLooks::JsonArray,
        Some(b'[') => TextLooks::MaybeJson,
        _ => TextLooks::Other,
    }
}
