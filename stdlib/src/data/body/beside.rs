//! Paths as the rest of the program wants them: from the root of the project.

use std::path::{Component, Path, PathBuf};

/// `path` below `folder`, relative to `project`; as a whole when it is not in there. With forward slashes, and without `.` and `..`.
pub fn beside(folder: &Path, path: &str, project: &Path) -> String {
    let mut whole = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            other => whole.push(other),
        }
    }
    let relative = whole.strip_prefix(project).unwrap_or(&whole);
    match relative.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => relative.to_string_lossy().replace('\\', "/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c2_a_suite_that_is_moved_finds_its_files() {
        let project = Path::new("/work/shop");
        let from = |folder: &str, path: &str| beside(&project.join(folder), path, project);
        assert_eq!(from("scenarios/web", "app.py"), "scenarios/web/app.py");
        assert_eq!(
            from("scenarios/web", "../data/a.csv"),
            "scenarios/data/a.csv"
        );
        assert_eq!(from("scenarios", "./."), "scenarios");
        assert_eq!(from("", "."), ".");
        assert_eq!(from("", "../other/app.py"), "/work/other/app.py");
        assert_eq!(from("", "/etc/hosts"), "/etc/hosts");
    }
}
