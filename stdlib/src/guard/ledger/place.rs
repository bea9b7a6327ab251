//! Directories, told apart by more than their path.

use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::MetadataExt;
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
}
