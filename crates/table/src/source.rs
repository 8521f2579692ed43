//! Where bytes come from: a path, standard input, or memory.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::errors::TableError;
use crate::format::{Format, PREFIX_LEN, detect};
use crate::read_options::ReadOptions;

/// A file to read: a path, standard input, or bytes in memory.
///
/// Everything that reads takes `impl Into<Source>`, so a path is given as it is. The path `-` is standard input.
///
/// ```
/// use cleanlab_table::Source;
/// assert_eq!(Source::from("pets.csv").name(), "pets.csv");
/// assert_eq!(Source::from("-").name(), "standard input");
///
/// // The name tells the format where the content does not, and stands in messages.
/// assert_eq!(Source::from_bytes("a,b\n1,2\n", "pets.csv").name(), "pets.csv");
/// ```
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Path(PathBuf),
    StandardInput,
    Bytes(Bytes),
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::StandardInput => f.write_str("StandardInput"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

impl Source {
    /// The process's standard input, read to its end.
    #[must_use]
    pub fn standard_input() -> Self {
        Self { name: "standard input".into(), kind: Kind::StandardInput }
    }

    /// Bytes in memory, with the name that they would have as a file.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Vec<u8>>, name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: Kind::Bytes(Bytes::from(bytes.into())) }
    }

    /// Everything that a reader gives, with the name that it would have as a file.
    ///
    /// # Errors
    ///
    /// [`TableError::Io`] when the reader fails.
    pub fn from_reader(mut reader: impl Read, name: impl Into<String>) -> Result<Self, TableError> {
        let name = name.into();
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(TableError::io(&name, "read"))?;
        Ok(Self::from_bytes(bytes, name))
    }

    /// The same, read whole into memory: it can be read again, whatever becomes of the file, and copies share it.
    ///
    /// ```
    /// use cleanlab_table::{ReadOptions, Source, Table};
    /// let source = Source::from_bytes("a\n1\n", "t.csv").in_memory()?;
    /// let twice = [source.clone(), source].map(|source| Table::read(source, &ReadOptions::default()));
    /// assert!(twice.iter().all(Result::is_ok));
    /// # Ok::<(), cleanlab_table::TableError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TableError::Io`].
    pub fn in_memory(self) -> Result<Self, TableError> {
        let opened = self.open()?;
        let name = opened.name.clone();
        Ok(Self { name, kind: Kind::Bytes(opened.into_bytes()?) })
    }

    /// The format of what is to be read. Standard input is read to its end for it: read it
    /// [into memory](Source::in_memory) first.
    ///
    /// # Errors
    ///
    /// [`TableError::Io`], [`TableError::EmptyFile`], [`TableError::WrongFormat`] or [`TableError::UnreadableFormat`].
    pub fn format(&self, options: &ReadOptions) -> Result<Format, TableError> {
        let opened = self.clone().open()?;
        detect(&opened.name, &opened.prefix()?, options.format)
    }

    /// The path, or the name given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file, where it is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Path(path) => Some(path),
            Kind::StandardInput | Kind::Bytes(_) => None,
        }
    }

    /// Opens what is to be read. A regular file stays on disk; anything else is read to its end.
    pub(crate) fn open(self) -> Result<OpenSource, TableError> {
        let name = self.name;
        let content = match self.kind {
            Kind::Bytes(bytes) => Content::Bytes(bytes),
            Kind::StandardInput => read_to_end(std::io::stdin().lock(), &name)?,
            Kind::Path(path) => {
                let file = File::open(&path).map_err(TableError::io(&name, "read"))?;
                let metadata = file.metadata().map_err(TableError::io(&name, "read"))?;
                if metadata.is_dir() {
                    return Err(TableError::IsFolder { folder: name });
                }
                if metadata.is_file() {
                    Content::File(file, metadata.len())
                } else {
                    read_to_end(file, &name)?
                }
            }
        };
        Ok(OpenSource { name, content })
    }
}

impl<T: AsRef<Path> + ?Sized> From<&T> for Source {
    fn from(path: &T) -> Self {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Self::standard_input();
        }
        Self { name: path.display().to_string(), kind: Kind::Path(path.to_owned()) }
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::from(&path)
    }
}

fn read_to_end(mut reader: impl Read, name: &str) -> Result<Content, TableError> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(TableError::io(name, "read"))?;
    Ok(Content::Bytes(Bytes::from(bytes)))
}

/// A source whose length is known.
pub(crate) struct OpenSource {
    pub(crate) name: String,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    /// A regular file, read from its start, and its length.
    File(File, u64),
    Bytes(Bytes),
}

impl OpenSource {
    /// The first bytes, as many as the format is told from.
    pub(crate) fn prefix(&self) -> Result<Vec<u8>, TableError> {
        match &self.content {
            Content::Bytes(bytes) => Ok(bytes.iter().take(PREFIX_LEN).copied().collect()),
            Content::File(file, _) => {
                let read = |mut file: &File| {
                    let mut prefix = Vec::new();
                    file.take(PREFIX_LEN as u64).read_to_end(&mut prefix)?;
                    std::io::Seek::rewind(&mut file)?;
                    Ok(prefix)
                };
                read(file).map_err(TableError::io(&self.name, "read"))
            }
        }
    }

    /// The whole content.
    pub(crate) fn into_bytes(self) -> Result<Bytes, TableError> {
        match self.content {
            Content::Bytes(bytes) => Ok(bytes),
            Content::File(mut file, len) => {
                let mut bytes = Vec::new();
                let too_long = || std::io::Error::from(std::io::ErrorKind::OutOfMemory);
                usize::try_from(len)
                    .map_err(|_| too_long())
                    .and_then(|len| bytes.try_reserve_exact(len).map_err(|_| too_long()))
                    .and_then(|()| file.read_to_end(&mut bytes))
                    .map_err(TableError::io(&self.name, "read"))?;
                Ok(Bytes::from(bytes))
            }
        }
    }
}
