//! From a path in a script to the text of a file.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::data::error::DataError;
use crate::host::suggest::nearest;

/// Bytes of a data file at most. Fixtures are small; what is larger is a slip, and would be held in memory whole.
pub const LIMIT: u64 = 64 * 1024 * 1024;

/// A text and the name it goes by in messages.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as printed.
    pub file: String,
    /// Without a byte order mark.
    pub text: String,
}

/// Reads a text file of at most `limit` bytes. A relative path starts at `folder`, the folder of the script; messages
/// name it as it is written there.
pub fn read_text(folder: &Path, path: &str, limit: u64) -> Result<Source, DataError> {
    let file = path.to_string();
    let full = folder.join(path);
    let bytes = read_bytes(&full, &file, limit)?;
    let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.to_vec(),
        None if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") => {
            return Err(DataError::Utf16 { file });
        }
        None => bytes,
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..byte]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        DataError::NotText {
            file: file.clone(),
            line,
            byte,
        }
    })?;
    Ok(Source { file, text })
}

fn read_bytes(full: &PathBuf, file: &str, limit: u64) -> Result<Vec<u8>, DataError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => DataError::NotFound {
            file: file.to_string(),
            nearest: neighbour(full),
        },
        _ => DataError::Unreadable {
            file: file.to_string(),
            reason: error.to_string(),
        },
    };
    // Asked before opening: opening a named pipe would wait for its writer, and nothing could interrupt that.
    let kind = std::fs::metadata(full).map_err(unreadable)?.file_type();
    if kind.is_dir() {
        return Err(DataError::Folder {
            file: file.to_string(),
        });
    }
    if !kind.is_file() {
        let reason = "it is no regular file".to_string();
        return Err(DataError::Unreadable {
            file: file.to_string(),
            reason,
        });
    }
    let opened = File::open(full).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells "exactly the limit" from "more", also for files without a length.
    opened
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(DataError::TooLarge {
            file: file.to_string(),
            limit,
        });
    }
    Ok(bytes)
}

/// A file in the same folder with nearly the same name.
fn neighbour(full: &Path) -> Option<String> {
    let wrong = full.file_name()?.to_str()?;
    let names: Vec<String> = std::fs::read_dir(full.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    nearest(wrong, names.iter().map(String::as_str)).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).expect("a file");
        }
        folder
    }

    #[test]
    fn a_byte_order_mark_is_not_text() {
        let folder = folder(&[("a.txt", b"\xef\xbb\xbfhello")]);
        assert_eq!(
            read_text(folder.path(), "a.txt", LIMIT)
                .expect("a text")
                .text,
            "hello"
        );
    }

    #[test]
    fn a_missing_file_names_its_neighbour() {
        let folder = folder(&[("users.csv", b"")]);
        let error = read_text(folder.path(), "user.csv", LIMIT).expect_err("missing");
        assert_eq!(error.to_string(), "no such file: user.csv");
        assert_eq!(error.hint().as_deref(), Some("did you mean `users.csv`?"));
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = folder(&[]);
        assert_eq!(
            read_text(folder.path(), ".", LIMIT)
                .expect_err("a folder")
                .to_string(),
            ". is a folder, not a file"
        );
    }

    #[test]
    fn a_device_is_no_file() {
        let error = read_text(Path::new("/"), "dev/zero", LIMIT).expect_err("a device");
        assert_eq!(
            error.to_string(),
            "cannot read dev/zero: it is no regular file"
        );
    }

    #[test]
    fn the_limit_is_the_last_size_that_is_read() {
        let folder = folder(&[("a.txt", b"12345")]);
        assert!(read_text(folder.path(), "a.txt", 5).is_ok());
        let error = read_text(folder.path(), "a.txt", 4).expect_err("too large");
        assert_eq!(error.to_string(), "a.txt has more than 4 bytes");
    }

    #[test]
    fn what_is_not_utf_8_is_told_where() {
        let folder = folder(&[("a.txt", b"one\ntw\xff"), ("b.txt", b"\xff\xfeh\0")]);
        let error = read_text(folder.path(), "a.txt", LIMIT).expect_err("not text");
        assert_eq!(error.to_string(), "a.txt:2: not UTF-8 text, at byte 6");
        let error = read_text(folder.path(), "b.txt", LIMIT).expect_err("UTF-16");
        assert_eq!(error.to_string(), "b.txt is UTF-16 text, not UTF-8");
    }
}
