//! The directory for what concerns running processes of one user: ledgers, locks, leases.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

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
    fn a_directory_that_others_can_write_to_is_not_used() {
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
