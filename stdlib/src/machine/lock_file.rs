//! A file that stands for a name while somebody holds it. The lock is held by a descriptor: the system lets go of it when
//! its process ends, whatever happens to that.

use rustix::fs::{FlockOperation, flock};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// One that is held; free again when this is dropped.
#[derive(Debug)]
pub struct LockFile {
    _file: File,
}

impl LockFile {
    /// Takes the file at `path`, made with its directory if need be, in the name of `holder`. The inner error is what
    /// the one who has it calls himself; empty if he has not said so yet.
    pub fn take(path: &Path, holder: &str) -> io::Result<Result<Self, String>> {
        if let Some(folder) = path.parent() {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(0o700).create(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.mode(0o600).open(path)?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Ok(Err(holder.trim().to_owned()));
        }
        // For people only: a full disk must not keep anybody from holding it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()));
        Ok(Ok(Self { _file: file }))
    }

    /// Whether somebody holds the file at `path`.
    pub fn is_held(path: &Path) -> bool {
        File::open(path)
            .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_by_one_who_is_named_until_he_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locks").join("db");
        assert!(!LockFile::is_held(&path));
        let first = LockFile::take(&path, "the first of all").unwrap().unwrap();
        assert!(LockFile::is_held(&path));
        assert_eq!(
            LockFile::take(&path, "second").unwrap().unwrap_err(),
            "the first of all"
        );
        drop(first);
        assert!(!LockFile::is_held(&path));
        let second = LockFile::take(&path, "second").unwrap().unwrap();
        assert_eq!(
            LockFile::take(&path, "third").unwrap().unwrap_err(),
            "second"
        );
        drop(second);
    }
}
