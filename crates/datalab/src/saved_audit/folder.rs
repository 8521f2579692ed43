//! The folder of a saved audit: how one state takes the place of another.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::Builder;

use super::errors::SavedAuditError;
use super::manifest::Manifest;
use super::state_files::{StateReader, StateWriter, is_plain_name};
use super::{SaveOptions, SavedAudit};
use crate::datalab::Datalab;

const MANIFEST: &str = "manifest.json";
const LOCK: &str = ".lock";
const STATE_PREFIX: &str = "state-";
const MANIFEST_DRAFT_PREFIX: &str = ".manifest-";
/// Far more than any manifest takes.
const MAX_MANIFEST_BYTES: u64 = 256 << 20;
/// How often a reader begins again because a save has taken its state away.
const MAX_RETRIES: usize = 20;

pub(super) fn save(lab: &Datalab, folder: &Path, options: SaveOptions<'_>) -> Result<(), SavedAuditError> {
    match fs::metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => {
            let reason = "it is not a folder".to_owned();
            Err(SavedAuditError::NotAnAudit { folder: folder.to_owned(), reason })
        }
        Ok(_) if !is_empty(folder)? => replace(lab, folder, options),
        Ok(_) => {
            create(lab, &fs::canonicalize(folder).map_err(SavedAuditError::io("read", folder))?, options)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(lab, folder, options),
        Err(error) => Err(SavedAuditError::io("read", folder)(error)),
    }
}

/// Refuses what [`save`] refuses, without writing anything.
pub(super) fn check(folder: &Path) -> Result<(), SavedAuditError> {
    match fs::metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => {
            let reason = "it is not a folder".to_owned();
            Err(SavedAuditError::NotAnAudit { folder: folder.to_owned(), reason })
        }
        Ok(_) if !is_empty(folder)? => check_is_audit(folder),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(SavedAuditError::io("read", folder)(error)),
    }
}

pub(super) fn is_audit(folder: &Path) -> bool {
    read_manifest(&folder.join(MANIFEST)).is_ok_and(|bytes| Manifest::is_one(&bytes))
}

fn is_empty(folder: &Path) -> Result<bool, SavedAuditError> {
    let mut entries = fs::read_dir(folder).map_err(SavedAuditError::io("read", folder))?;
    Ok(entries.next().is_none())
}

/// Makes the whole folder beside its place, and renames it.
fn create(lab: &Datalab, folder: &Path, options: SaveOptions<'_>) -> Result<(), SavedAuditError> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(SavedAuditError::io("create", parent))?;
    // Removes itself should anything fail.
    let mut builder = Builder::new();
    builder.prefix(".cleanlab-audit-").suffix(".tmp");
    with_permissions(&mut builder, 0o777);
    let draft = builder.tempdir_in(parent).map_err(SavedAuditError::io("create a folder in", parent))?;
    write_state(lab, draft.path(), options)?;
    if folder.exists() {
        // Not every system renames over an empty folder.
        fs::remove_dir(folder).map_err(SavedAuditError::io("replace", folder))?;
    }
    fs::rename(draft.path(), folder).map_err(SavedAuditError::io("create", folder))?;
    // There is nothing left to remove.
    let _ = draft.keep();
    sync_folder(parent)
}

/// Adds a state to an audit and makes it the current one.
fn replace(lab: &Datalab, folder: &Path, options: SaveOptions<'_>) -> Result<(), SavedAuditError> {
    check_is_audit(folder)?;
    let lock_path = folder.join(LOCK);
    let lock = File::options().create(true).append(true).open(&lock_path);
    let lock = lock.map_err(SavedAuditError::io("create", &lock_path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(SavedAuditError::Busy { folder: folder.to_owned() }),
        // Not every file system has locks; saving is worth more than two savers being kept apart.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(SavedAuditError::io("lock", &lock_path)(error)),
    }
    // What killed saves have left would take the room of the new state.
    let current = current_state(folder);
    if let Some(current) = &current {
        remove_leftovers(folder, current);
    }
    let state = write_state(lab, folder, options)?;
    remove_leftovers(folder, &state);
    Ok(())
}

fn current_state(folder: &Path) -> Option<String> {
    let path = folder.join(MANIFEST);
    Some(Manifest::from_bytes(&path, &read_manifest(&path).ok()?).ok()?.state)
}

/// Writes a state into the folder, then the manifest that makes it current; gives the state's name.
fn write_state(lab: &Datalab, folder: &Path, options: SaveOptions<'_>) -> Result<String, SavedAuditError> {
    let name = format!("{STATE_PREFIX}{}", number_of_next_state(folder)?);
    let mut builder = Builder::new();
    builder.prefix(&name).rand_bytes(0);
    with_permissions(&mut builder, 0o777);
    // Removes itself should anything fail.
    let state = builder.tempdir_in(folder).map_err(SavedAuditError::io("create a folder in", folder))?;
    let mut writer = StateWriter::new(state.path().to_owned());
    let audit = writer.audit(lab, options.report)?;
    sync_folder(state.path())?;
    sync_folder(folder)?;
    let manifest = Manifest::new(&name, writer.files, audit).to_text()?;

    let path = folder.join(MANIFEST);
    let mut builder = Builder::new();
    builder.prefix(MANIFEST_DRAFT_PREFIX).suffix(".tmp");
    with_permissions(&mut builder, 0o666);
    let mut draft = builder.tempfile_in(folder).map_err(SavedAuditError::io("create a file in", folder))?;
    draft.write_all(manifest.as_bytes()).map_err(SavedAuditError::io("write", draft.path()))?;
    draft.as_file().sync_all().map_err(SavedAuditError::io("write", draft.path()))?;
    draft.persist(&path).map_err(|error| SavedAuditError::io("write", &path)(error.error))?;
    // From here on the state is the current one, whatever else fails.
    let _ = state.keep();
    sync_folder(folder)?;
    Ok(name)
}

/// States are numbered, so that the same audit is saved as the same bytes. A number comes again only in a folder that was
/// emptied, so that no reader mistakes a state for the one before.
fn number_of_next_state(folder: &Path) -> Result<u64, SavedAuditError> {
    let mut next = 1;
    for entry in fs::read_dir(folder).map_err(SavedAuditError::io("read", folder))? {
        let name = entry.map_err(SavedAuditError::io("read", folder))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(STATE_PREFIX)?.parse::<u64>().ok());
        next = next.max(number.unwrap_or(0).saturating_add(1));
    }
    Ok(next)
}

/// Temporary files are private; these become the result, which is as open as any new file.
#[cfg(unix)]
fn with_permissions(builder: &mut Builder<'_, '_>, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn with_permissions(_: &mut Builder<'_, '_>, _: u32) {}

/// Makes new names in a folder last through a power cut.
fn sync_folder(folder: &Path) -> Result<(), SavedAuditError> {
    if !cfg!(unix) {
        return Ok(());
    }
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        // Some network drives know nothing of it.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced.map_err(SavedAuditError::io("synchronise", folder)),
    }
}

/// What a save leaves in the folder, whether or not it comes to its end.
fn is_ours(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name == MANIFEST || name == LOCK || is_leftover(name))
}

fn is_leftover(name: &str) -> bool {
    name.starts_with(STATE_PREFIX) || name.starts_with(MANIFEST_DRAFT_PREFIX)
}

/// Refuses a folder with a file that is not ours, or without a manifest.
fn check_is_audit(folder: &Path) -> Result<(), SavedAuditError> {
    let refused = |reason: String| SavedAuditError::NotAnAudit { folder: folder.to_owned(), reason };
    for entry in fs::read_dir(folder).map_err(SavedAuditError::io("read", folder))? {
        let name = entry.map_err(SavedAuditError::io("read", folder))?.file_name();
        if !is_ours(&name) {
            return Err(refused(format!("{} is in it", name.display())));
        }
    }
    if is_audit(folder) { Ok(()) } else { Err(refused(format!("it has no {MANIFEST} of an audit"))) }
}

/// Removes states that are not current, and drafts. What cannot be removed is only a waste of room.
fn remove_leftovers(folder: &Path, current: &str) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name != current && is_leftover(name)) {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let _ = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
}

fn read_manifest(path: &Path) -> Result<Vec<u8>, SavedAuditError> {
    let metadata = fs::metadata(path).map_err(SavedAuditError::read(path))?;
    if !metadata.is_file() || metadata.len() > MAX_MANIFEST_BYTES {
        return Err(SavedAuditError::invalid(path, "it is no file or too large"));
    }
    let file = File::open(path).map_err(SavedAuditError::read(path))?;
    let mut bytes = Vec::new();
    file.take(MAX_MANIFEST_BYTES).read_to_end(&mut bytes).map_err(SavedAuditError::read(path))?;
    Ok(bytes)
}

pub(super) fn load(folder: &Path) -> Result<SavedAudit, SavedAuditError> {
    if !folder.is_dir() {
        let reason = "there is no such folder".to_owned();
        return Err(SavedAuditError::NotAnAudit { folder: folder.to_owned(), reason });
    }
    let path = folder.join(MANIFEST);
    let mut bytes = read_manifest(&path)?;
    for _ in 0..MAX_RETRIES {
        let loaded = load_state(folder, &path, &bytes);
        if loaded.is_ok() {
            return loaded;
        }
        // A save since then has put another state in the place of this one.
        let again = read_manifest(&path)?;
        if again == bytes {
            return loaded;
        }
        bytes = again;
    }
    load_state(folder, &path, &bytes)
}

fn load_state(folder: &Path, path: &Path, bytes: &[u8]) -> Result<SavedAudit, SavedAuditError> {
    let manifest = Manifest::from_bytes(path, bytes)?;
    if !manifest.state.starts_with(STATE_PREFIX) || !is_plain_name(&manifest.state) {
        return Err(SavedAuditError::invalid(
            path,
            format!("{:?} is not the name of a state", manifest.state),
        ));
    }
    for entry in fs::read_dir(folder).map_err(SavedAuditError::io("read", folder))? {
        let entry = entry.map_err(SavedAuditError::io("read", folder))?;
        if !is_ours(&entry.file_name()) {
            return Err(SavedAuditError::UnexpectedFile { path: entry.path() });
        }
    }
    let mut reader = StateReader::new(folder.join(&manifest.state), path, &manifest.files)?;
    let loaded = reader.audit(&manifest.audit)?;
    reader.finish()?;
    Ok(SavedAudit { lab: loaded.lab, report: loaded.report, made_by: manifest.made_by })
}
