//! Where a service lives: a directory of its own, closed to others, with a place for data, logs and configuration.

use super::error::ServiceError;
use crate::files;
use crate::host::attempt::Attempt;
use crate::host::scope::Extent;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The directory that belongs to whom `extent` says.
pub fn of_extent(attempt: &Attempt, extent: Extent) -> PathBuf {
    let identity = attempt.identity();
    let work = attempt.world().run_dir.join("work");
    let dir = match extent {
        Extent::Scenario => identity.work_dir.to_path_buf(),
        Extent::File => work.join(format!("file-{}", slug(identity.file()))),
        Extent::Run => work.join("run"),
    };
    std::path::absolute(&dir).unwrap_or(dir)
}

fn slug(text: &str) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    text.chars().map(plain).take(60).collect()
}

/// Makes a new directory `name` below `parent`; a number is added when there is one.
pub fn make(parent: &Path, name: &str) -> Result<PathBuf, ServiceError> {
    make_dirs(parent)?;
    let mut dir = parent.join(name);
    let mut number = 2;
    loop {
        match DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) => break,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                dir = parent.join(format!("{name}-{number}"));
                number += 1;
            }
            Err(error) => return Err(failed("make the directory", &dir, error)),
        }
    }
    for part in ["data", "log", "config"] {
        make_dirs(&dir.join(part))?;
    }
    Ok(dir)
}

/// Makes a directory and those above it, closed to others.
pub fn make_dirs(dir: &Path) -> Result<(), ServiceError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| failed("make the directory", dir, error))
}

/// Writes a file of a service below its directory.
pub fn write(
    service: &str,
    dir: &Path,
    path: &str,
    content: &[u8],
    mode: Option<u32>,
) -> Result<(), ServiceError> {
    let whole = below(service, dir, path)?;
    if let Some(parent) = whole.parent() {
        make_dirs(parent)?;
    }
    fs::write(&whole, content).map_err(|error| failed("write", &whole, error))?;
    let permissions = fs::Permissions::from_mode(mode.unwrap_or(0o600));
    fs::set_permissions(&whole, permissions)
        .map_err(|error| failed("set the permissions of", &whole, error))
}

/// `path` below `dir`, or why it is not.
pub fn below(service: &str, dir: &Path, path: &str) -> Result<PathBuf, ServiceError> {
    files::below(dir, path).map_err(|why| ServiceError::Outside {
        service: service.to_owned(),
        path: path.to_owned(),
        why,
    })
}

fn failed(what: &'static str, path: &Path, error: io::Error) -> ServiceError {
    ServiceError::Io {
        what,
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn g1_g2_a_directory_is_new_closed_and_divided() {
        let root = tempfile::tempdir().unwrap();
        let first = make(&root.path().join("services"), "db").unwrap();
        let second = make(&root.path().join("services"), "db").unwrap();
        assert_ne!(first, second);
        for part in ["", "data", "log", "config"] {
            assert_eq!(mode(&first.join(part)), 0o700, "{part}");
        }
    }

    #[test]
    fn files_stay_below_and_closed() {
        let root = tempfile::tempdir().unwrap();
        write("db", root.path(), "config/a.toml", b"x", None).unwrap();
        assert_eq!(mode(&root.path().join("config/a.toml")), 0o600);
        write("db", root.path(), "run.sh", b"x", Some(0o700)).unwrap();
        assert_eq!(mode(&root.path().join("run.sh")), 0o700);
        let error = write("db", root.path(), "../x", b"x", None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "file `../x` of service `db` leads out of its directory: it goes up with `..`"
        );
    }
}
