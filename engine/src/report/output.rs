//! Where a report goes. A stream is written as things happen; a document appears whole, in one step, at the end.

use super::error::cannot_write;
use std::fs::{self, File, OpenOptions};
use std::io::{self, LineWriter, Write};
use std::path::{Path, PathBuf};

/// The place a reporter writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Stdout,
    File(PathBuf),
}

impl Output {
    /// Opens it for line after line. A file is created now, and emptied.
    pub fn stream(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match self {
            Self::Stdout => Box::new(io::stdout()),
            Self::File(path) => {
                make_parent(path)?;
                let file = File::create(path)?;
                Box::new(Named {
                    path: path.clone(),
                    inner: LineWriter::new(file),
                })
            }
        })
    }

    /// Makes sure that it can be written later: better to hear of it now than after an hour.
    pub fn try_out(&self) -> io::Result<()> {
        let Self::File(path) = self else {
            return Ok(());
        };
        make_parent(path)?;
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if is_device(path) {
            return OpenOptions::new().write(true).open(path).map(drop);
        }
        let temporary = beside(path);
        File::create(&temporary)?;
        fs::remove_file(&temporary)
    }

    /// Writes a whole document. A file is complete or as it was before, never half.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()
            }
            Self::File(path) => replace(path, bytes).map_err(|error| name(path, error)),
        }
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_parent(path)?;
    if is_device(path) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    // A symbolic link stays one; what it points at is replaced.
    let target = fs::canonicalize(path);
    let path = target.as_deref().unwrap_or(path);
    let temporary = beside(path);
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn make_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::create_dir_all(parent),
        _ => Ok(()),
    }
}

/// `/dev/stdout`, a pipe: to be written, never to be replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// A name in the same directory, so that renaming does not cross file systems.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn name(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), cannot_write(path, &error))
}

/// A stream to a file whose errors say which file.
struct Named<W> {
    path: PathBuf,
    inner: W,
}

impl<W: Write> Write for Named<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes);
        written.map_err(|error| name(&self.path, error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush().map_err(|error| name(&self.path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_replaces_the_old_one_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reports/junit.xml");
        let output = Output::File(path.clone());
        output.try_out().unwrap();
        assert!(!path.exists());
        output.write(b"old").unwrap();
        output.write(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_found_at_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let below_a_file = Output::File(dir.path().join("file/junit.xml"));
        assert!(below_a_file.try_out().is_err());
        assert!(below_a_file.stream().is_err());
        let directory = Output::File(dir.path().to_owned());
        assert_eq!(
            directory.try_out().unwrap_err().kind(),
            io::ErrorKind::IsADirectory
        );
    }

    #[test]
    fn a_device_is_written_and_not_replaced() {
        let null = Path::new("/dev/null");
        if !null.exists() {
            return;
        }
        let output = Output::File(null.to_owned());
        output.try_out().unwrap();
        output.write(b"x").unwrap();
        assert!(is_device(null));
    }

    #[test]
    fn a_full_disk_names_the_file() {
        let full = Path::new("/dev/full");
        if !full.exists() {
            return;
        }
        let mut stream = Output::File(full.to_owned()).stream().unwrap();
        let error = stream.write_all(b"line\n").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("cannot write /dev/full: "), "{text}");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
