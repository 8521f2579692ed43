//! NPZ archives: zip files of NPY files.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::any_array::AnyArray;
use super::npy;
use crate::errors::TableError;
use crate::format::Format;
use crate::limits::check_expansion;
use crate::panics;

/// Reads one array of an archive of `len` bytes.
pub(super) fn read<R: Read + Seek>(
    name: &str,
    reader: R,
    len: u64,
    key: Option<&str>,
    names: &[&str],
) -> Result<AnyArray, TableError> {
    panics::catch(|| read_entry(name, reader, len, key, names))
        .unwrap_or_else(|reason| Err(damaged(name, &reason)))
}

fn damaged(name: &str, reason: &dyn std::fmt::Display) -> TableError {
    TableError::Damaged { file: name.into(), format: Format::Npz, reason: reason.to_string() }
}

fn read_entry<R: Read + Seek>(
    name: &str,
    reader: R,
    len: u64,
    key: Option<&str>,
    names: &[&str],
) -> Result<AnyArray, TableError> {
    let mut archive = ZipArchive::new(reader).map_err(|error| damaged(name, &error))?;
    let key = chosen(name, &archive, key, names)?;
    let entry = archive.by_name(&format!("{key}.npy")).map_err(|error| damaged(name, &error))?;
    let (packed, unpacked) = (entry.compressed_size(), entry.size());
    if packed > len {
        return Err(TableError::TooLarge {
            file: name.into(),
            declared: format!("{packed} bytes for its array {key:?}"),
            bound: format!("the archive has {len} bytes"),
        });
    }
    check_expansion(name, "arrays", unpacked, packed)?;
    let place = format!("{name} (array {key:?})");
    // The declared size bounds what is read, so an entry that unpacks to more gains nothing.
    npy::read(&place, &mut entry.take(unpacked), unpacked)
}

/// The name of the array to read, without its ending.
fn chosen<R: Read + Seek>(
    name: &str,
    archive: &ZipArchive<R>,
    key: Option<&str>,
    names: &[&str],
) -> Result<String, TableError> {
    let mut entries: Vec<String> =
        archive.file_names().filter_map(|entry| entry.strip_suffix(".npy")).map(str::to_owned).collect();
    entries.sort();
    if let Some(key) = key {
        let key = key.strip_suffix(".npy").unwrap_or(key);
        if entries.iter().any(|entry| entry == key) {
            return Ok(key.to_owned());
        }
        return Err(TableError::NoSuchEntry { file: name.into(), key: key.into(), entries });
    }
    if let [only] = &mut entries[..] {
        return Ok(std::mem::take(only));
    }
    if entries.is_empty() {
        return Err(damaged(name, &"it holds no array"));
    }
    let known: Vec<&String> = entries.iter().filter(|entry| names.contains(&entry.as_str())).collect();
    match known[..] {
        [only] => Ok(only.clone()),
        _ => Err(TableError::AmbiguousEntry { file: name.into(), entries }),
    }
}
