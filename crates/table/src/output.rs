//! Files that are written whole or not at all.

#![allow(
    clippy::indexing_slicing,
    reason = "what is written are tables of our own, whose columns are of one length"
)]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use cleanlab_core::stopping::StopCheck;
use tempfile::{Builder, NamedTempFile};

use crate::errors::TableError;
use crate::writers::{Content, write_to};

/// A file to write into a folder.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutputFile<'a> {
    /// Its name, without folders.
    pub name: String,
    /// What to write.
    pub content: Content<'a>,
}

impl<'a> OutputFile<'a> {
    /// A file of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, content: Content<'a>) -> Self {
        Self { name: name.into(), content }
    }
}

/// Writes a file: first under a temporary name in the same folder, then, once it is safely on disk, under its own.
///
/// Whatever fails, an older file of that name stays whole, and no temporary file is left. A symbolic link is followed;
/// a device or a pipe is written in place.
///
/// Work that is [told to stop](cleanlab_core::stopping) before the file is in its place stops here, as if it had failed.
///
/// # Example
///
/// ```
/// use cleanlab_table::{Content, write_file};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("report.html");
/// write_file(&path, &Content::Bytes(b"<h1>Fine</h1>"))?;
/// assert_eq!(std::fs::read(&path)?, b"<h1>Fine</h1>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`TableError::Io`] with what the operating system said, [`TableError::CannotEncode`].
pub fn write_file(path: impl AsRef<Path>, content: &Content<'_>) -> Result<(), TableError> {
    let path = path.as_ref();
    let stop = StopCheck::of_this_thread();
    let staged = Staged::write(path, content).inspect_err(|_| stop.stop_if_told())?;
    staged.publish()
}

/// Writes several files into a folder, which is made if need be: all of them under temporary names first, and only when
/// all are safely on disk are they renamed. Gives their paths.
///
/// A failure before the renaming leaves every older file as it was. A failure of the renaming itself, which is rare,
/// can leave some files new and some old, but each of them whole. Work that is [told to
/// stop](cleanlab_core::stopping) before the renaming stops here, as if it had failed.
///
/// # Example
///
/// ```
/// use cleanlab_table::{Content, OutputFile, ResultColumn, ResultTable, write_all};
/// # let folder = tempfile::tempdir()?;
/// let mut table = ResultTable::default();
/// table.push("row", ResultColumn::integers([3, 5]))?;
/// let paths = write_all(
///     folder.path().join("results"),
///     &[
///         OutputFile::new("issues.csv", Content::Csv(&table)),
///         OutputFile::new("issues.parquet", Content::Parquet(&table)),
///     ],
/// )?;
/// assert!(paths[1].ends_with("results/issues.parquet"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`TableError::BadFileName`] when a name holds a folder or comes twice, [`TableError::Io`],
/// [`TableError::CannotEncode`].
pub fn write_all(folder: impl AsRef<Path>, files: &[OutputFile<'_>]) -> Result<Vec<PathBuf>, TableError> {
    let folder = folder.as_ref();
    check_file_names(folder, files)?;
    let stop = StopCheck::of_this_thread();
    let made = !folder.exists();
    fs::create_dir_all(folder).map_err(TableError::io(&folder.display().to_string(), "create"))?;
    let staged = files.iter().map(|file| Staged::write(&folder.join(&file.name), &file.content));
    let written = staged
        .collect::<Result<Vec<_>, _>>()
        .and_then(|staged| staged.into_iter().try_for_each(Staged::publish));
    if written.is_err() && made {
        // Succeeds only where nothing was written, which is when the folder should not stay.
        let _ = fs::remove_dir(folder);
    }
    if written.is_err() {
        stop.stop_if_told();
    }
    written.map(|()| files.iter().map(|file| folder.join(&file.name)).collect())
}

fn check_file_names(folder: &Path, files: &[OutputFile<'_>]) -> Result<(), TableError> {
    for (index, file) in files.iter().enumerate() {
        let mut components = Path::new(&file.name).components();
        let plain = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
        if !plain || files[..index].iter().any(|earlier| earlier.name == file.name) {
            return Err(TableError::BadFileName {
                name: file.name.clone(),
                folder: folder.display().to_string(),
            });
        }
    }
    Ok(())
}

/// A file that is being written, under a temporary name where it can be.
pub(crate) enum Stage {
    Temporary {
        writer: BufWriter<NamedTempFile>,
        target: PathBuf,
        /// Asked by every thread that writes, of the work that began the file.
        stop: StopCheck,
    },
    /// A device or pipe, which takes its content at once.
    InPlace { writer: BufWriter<File> },
}

impl Stage {
    pub(crate) fn create(path: &Path) -> Result<Self, TableError> {
        let name = path.display().to_string();
        let existing = fs::metadata(path).ok();
        match &existing {
            Some(metadata) if metadata.is_dir() => {
                let error = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
                return Err(TableError::io(&name, "write")(error));
            }
            Some(metadata) if !metadata.is_file() => {
                let file = File::options().write(true).open(path).map_err(TableError::io(&name, "write"))?;
                return Ok(Self::InPlace { writer: BufWriter::new(file) });
            }
            _ => {}
        }
        let target = if existing.is_some() {
            fs::canonicalize(path).map_err(TableError::io(&name, "write"))?
        } else {
            path.to_owned()
        };
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = Builder::new();
        builder.prefix(".").suffix(".tmp");
        with_permissions(&mut builder, existing.as_ref());
        let file = builder.tempfile_in(folder.unwrap_or(Path::new(".")));
        let writer = BufWriter::new(file.map_err(TableError::io(&name, "write"))?);
        Ok(Self::Temporary { writer, target, stop: StopCheck::of_this_thread() })
    }

    /// Makes sure that everything is on disk.
    pub(crate) fn finish(self, name: &str) -> Result<Staged, TableError> {
        match self {
            Self::Temporary { writer, target, stop } => {
                // Writing to the disk may take longer than all else, and nobody could stop it.
                check(&stop).map_err(TableError::io(name, "write"))?;
                let file =
                    writer.into_inner().map_err(|error| TableError::io(name, "write")(error.into_error()))?;
                file.as_file().sync_all().map_err(TableError::io(name, "write"))?;
                Ok(Staged::Temporary { file, target })
            }
            Self::InPlace { mut writer } => {
                writer.flush().map_err(TableError::io(name, "write"))?;
                Ok(Staged::InPlace)
            }
        }
    }
}

impl Write for Stage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary { writer, stop, .. } => {
                check(stop)?;
                writer.write(bytes)
            }
            Self::InPlace { writer } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary { writer, .. } => writer.flush(),
            Self::InPlace { writer } => writer.flush(),
        }
    }
}

/// An error where the work is to stop: unlike a panic it passes safely through writers that flush when they are dropped.
pub(crate) fn check(stop: &StopCheck) -> io::Result<()> {
    if stop.is_told() { Err(io::Error::other("stopped before it was written")) } else { Ok(()) }
}

/// A file that is written but not yet in its place.
pub(crate) enum Staged {
    Temporary {
        file: NamedTempFile,
        target: PathBuf,
    },
    /// A device or pipe, which took its content already.
    InPlace,
}

impl Staged {
    pub(crate) fn write(path: &Path, content: &Content<'_>) -> Result<Self, TableError> {
        let name = path.display().to_string();
        let mut stage = Stage::create(path)?;
        write_to(&mut stage, &name, content)?;
        stage.finish(&name)
    }

    pub(crate) fn publish(self) -> Result<(), TableError> {
        let Self::Temporary { file, target } = self else {
            return Ok(());
        };
        let name = target.display().to_string();
        let renamed = file.persist(&target);
        renamed.map_err(|error| TableError::io(&name, "write")(error.error))?;
        sync_folder_of(&target);
        Ok(())
    }
}

/// A temporary file is private; the result gets the permissions of the file it replaces, or those of any new file.
#[cfg(unix)]
fn with_permissions(builder: &mut Builder<'_, '_>, existing: Option<&fs::Metadata>) {
    use std::os::unix::fs::PermissionsExt;
    let permissions = existing.map_or_else(|| fs::Permissions::from_mode(0o666), fs::Metadata::permissions);
    builder.permissions(permissions);
}

#[cfg(not(unix))]
fn with_permissions(_: &mut Builder<'_, '_>, _: Option<&fs::Metadata>) {}

/// Makes the new name last through a power cut. The content is safe already, so a folder that cannot be synchronised,
/// as on some network drives, is no failure.
fn sync_folder_of(target: &Path) {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}
