//! Where a path of a script leads, and whether it may. A path stays below its root also when `..`, an absolute path
//! or a symbolic link says otherwise.

use super::error::FileError;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// `path` below `root`, or why it is not. Nothing needs to exist; what exists must not lead out.
pub fn below(root: &Path, path: &str) -> Result<PathBuf, FileError> {
    let outside = |why: &str| FileError::Outside {
        path: path.to_owned(),
        allowed: vec![root.to_owned()],
        why: why.to_owned(),
    };
    if path.trim().is_empty() {
        return Err(FileError::NoPath);
    }
    if path.contains('\0') {
        return Err(outside("it holds a zero byte"));
    }
    let asked = Path::new(path);
    let relative = if asked.is_absolute() {
        asked
            .strip_prefix(root)
            .map_err(|_| outside("it is absolute"))?
    } else {
        asked
    };
    let mut whole = root.to_owned();
    for component in relative.components() {
        match component {
            Component::Normal(name) => whole.push(name),
            Component::CurDir => {}
            Component::ParentDir => return Err(outside("it goes up with `..`")),
            Component::RootDir | Component::Prefix(_) => return Err(outside("it is absolute")),
        }
    }
    if leads_out(root, &whole) {
        return Err(outside("a symbolic link leads elsewhere"));
    }
    Ok(whole)
}

/// Whether some existing part of `path` is a link to a place that is not below `root`.
pub fn leads_out(root: &Path, path: &Path) -> bool {
    let Ok(real_root) = root.canonicalize() else {
        return false;
    };
    let mut part = path;
    loop {
        match (part.canonicalize(), fs::symlink_metadata(part)) {
            (Ok(real), _) => return !real.starts_with(&real_root),
            // A link to nothing: writing through it would create its target.
            (Err(_), Ok(_)) => return true,
            (Err(_), Err(_)) => match part.parent() {
                Some(parent) if parent.starts_with(root) => part = parent,
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(root: &Path, path: &str) -> String {
        match below(root, path) {
            Err(FileError::Outside { why, .. }) => why,
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn paths_below_stay_below() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        assert_eq!(below(root, "a/./b.txt").unwrap(), root.join("a/b.txt"));
        let absolute = root.join("x/y").to_string_lossy().into_owned();
        assert_eq!(below(root, &absolute).unwrap(), root.join("x/y"));
    }

    #[test]
    fn every_way_out_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("own");
        fs::create_dir(&root).unwrap();
        assert_eq!(why(&root, "../other"), "it goes up with `..`");
        assert_eq!(why(&root, "a/../../b"), "it goes up with `..`");
        assert_eq!(why(&root, "/etc/passwd"), "it is absolute");
        assert_eq!(why(&root, "a\0b"), "it holds a zero byte");
        let sibling = format!("{}-sibling/x", root.display());
        assert_eq!(why(&root, &sibling), "it is absolute");
        assert!(matches!(below(&root, " "), Err(FileError::NoPath)));
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_are_refused_and_others_not() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("own");
        fs::create_dir_all(root.join("real")).unwrap();
        symlink(dir.path(), root.join("up")).unwrap();
        symlink(dir.path().join("nothing"), root.join("dangling")).unwrap();
        symlink("real", root.join("inside")).unwrap();
        let link = "a symbolic link leads elsewhere";
        assert_eq!(why(&root, "up"), link);
        assert_eq!(why(&root, "up/new/file"), link);
        assert_eq!(why(&root, "dangling"), link);
        assert!(below(&root, "inside/file").is_ok());
    }
}
