//! Directories, told apart by more than their path.

use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A directory as it was when it was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub path: PathBuf,
    device: u64,
    inode: u64,
}

impl Place {
    /// The directory at `path`; links are not followed.
    pub fn of(path: &Path) -> Option<Self> {
        let meta = fs::symlink_metadata(path).ok()?;
        meta.is_dir().then(|| Self {
            path: path.to_owned(),
            device: meta.dev(),
            inode: meta.ino(),
        })
    }

    /// Removes it with all in it, if it is still the same. Whether it was there.
    pub fn remove(&self) -> bool {
        if Self::of(&self.path).as_ref() != Some(self) {
            return false;
        }
        let _ = fs::remove_dir_all(&self.path);
        true
    }
}

/// The user's own directory for what concerns running processes, made if need be. `None` where there is none that nobody
/// else can write to.
pub fn folder() -> Option<PathBuf> {
    let uid = nix::unistd::geteuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let candidates = [
        runtime
            .filter(|path| path.is_absolute())
            .map(|path| path.join("scenario")),
        Some(std::env::temp_dir().join(format!("scenario-{uid}"))),
    ];
    candidates
        .into_iter()
        .flatten()
        .find(|path| is_private(path, uid))
}

fn is_private(path: &Path, uid: u32) -> bool {
    let _ = fs::DirBuilder::new().mode(0o700).create(path);
    fs::symlink_metadata(path)
        .is_ok_and(|meta| meta.is_dir() && meta.uid() == uid && meta.mode() & 0o077 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_directory_of_the_same_name_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        fs::create_dir(&path).unwrap();
        let place = Place::of(&path).unwrap();
        fs::rename(&path, folder.path().join("moved")).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(!place.remove());
        assert!(path.exists());
        fs::remove_dir(&path).unwrap();
        fs::rename(folder.path().join("moved"), &path).unwrap();
        fs::write(path.join("file"), "x").unwrap();
        assert!(place.remove());
        assert!(!path.exists());
    }

    #[test]
    fn a_directory_that_others_can_write_to_holds_no_ledger() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let uid = nix::unistd::geteuid().as_raw();
        assert!(is_private(&folder.path().join("new"), uid));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!is_private(folder.path(), uid));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("new"), &link).unwrap();
        assert!(!is_private(&link, uid));
    }
}
