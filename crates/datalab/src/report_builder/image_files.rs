//! Image files that the data name. The data may be hostile: nothing outside one folder is read, and only images are.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::report_model::RowImage;

/// A folder with image files.
pub(super) struct ImageFolder {
    /// Without symbolic links.
    folder: PathBuf,
    max_bytes: usize,
}

impl ImageFolder {
    pub(super) fn new(folder: &Path, max_bytes: usize) -> std::io::Result<Self> {
        Ok(Self { folder: fs::canonicalize(folder)?, max_bytes })
    }

    /// The image of that name; an error says why it is not shown.
    pub(super) fn read(&self, name: &str) -> Result<RowImage, &'static str> {
        let relative = Path::new(name);
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if !relative.components().all(plain) {
            return Err("its path leaves the folder");
        }
        let path = fs::canonicalize(self.folder.join(relative)).map_err(|_| "there is no such file")?;
        // A symbolic link can point anywhere.
        if !path.starts_with(&self.folder) {
            return Err("its path leaves the folder");
        }
        let metadata = fs::metadata(&path).map_err(|_| "it cannot be read")?;
        if !metadata.is_file() {
            return Err("it is not a file");
        }
        if metadata.len() > self.max_bytes as u64 {
            return Err("it is too large");
        }
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(|_| "it cannot be read")?;
        file.take(self.max_bytes as u64 + 1).read_to_end(&mut bytes).map_err(|_| "it cannot be read")?;
        if bytes.len() > self.max_bytes {
            return Err("it is too large");
        }
        let media_type = media_type(&bytes).ok_or("it is not a PNG, JPEG, GIF or WebP image")?;
        Ok(RowImage::File { media_type: media_type.to_owned(), base64: STANDARD.encode(&bytes) })
    }
}

/// The media type by the first bytes, whatever the name says.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some("image/gif")
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

/// Whether a text is probably the name of an image file.
pub(super) fn names_an_image(text: &str) -> bool {
    let ending = text.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("png" | "jpg" | "jpeg" | "gif" | "webp"))
}
