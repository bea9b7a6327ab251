//! Where a program is on this machine: in the `PATH` of the run, or where its package hides it.

use super::error::ExecError;
use crate::host::world::World;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The first of `names` that is there, with its whole path. Folders in `places` may be patterns, relative to the project;
/// of several versions the newest is taken.
pub fn find(world: &World, names: &[String], places: &[String]) -> Option<PathBuf> {
    let path = world.env.get("PATH").map_or("", String::as_str);
    let mut folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    for place in places {
        let pattern = world.project.join(place);
        let Ok(found) = glob::glob(&pattern.to_string_lossy()) else {
            continue;
        };
        let mut found: Vec<PathBuf> = found.flatten().collect();
        found.sort_by_key(|folder| std::cmp::Reverse(numbers(folder)));
        folders.extend(found);
    }
    names.iter().find_map(|name| {
        let candidates = folders.iter().map(|folder| folder.join(name));
        let found = candidates.into_iter().find(|path| is_program(path))?;
        Some(std::path::absolute(&found).unwrap_or(found))
    })
}

/// That none of `names` is there, and what to do.
pub fn missing(names: &[String], places: &[String], package: Option<String>) -> ExecError {
    ExecError::NotInstalled {
        names: names.to_vec(),
        places: places.to_vec(),
        package,
    }
}

/// The numbers in a path, which are its version if it has one.
fn numbers(path: &Path) -> Vec<u64> {
    path.to_string_lossy()
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::failure::Failure;

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn machine() -> (tempfile::TempDir, World) {
        let dir = tempfile::tempdir().unwrap();
        for (file, mode) in [
            ("bin/redis", 0o755),
            ("bin/notes", 0o644),
            ("pg/9/bin/initdb", 0o755),
            ("pg/15/bin/initdb", 0o755),
        ] {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = dir.path().join("bin").to_string_lossy().into_owned();
        let world = World {
            env: [("PATH".to_owned(), path)].into(),
            project: dir.path().to_owned(),
            ..World::default()
        };
        (dir, world)
    }

    #[test]
    fn path_comes_first_then_the_newest_of_the_places() {
        let (dir, world) = machine();
        let find = |names: &[&str]| find(&world, &texts(names), &texts(&["pg/*/bin"]));
        assert_eq!(find(&["redis"]), Some(dir.path().join("bin/redis")));
        assert_eq!(find(&["initdb"]), Some(dir.path().join("pg/15/bin/initdb")));
        assert_eq!(find(&["valkey", "redis"]), find(&["redis"]));
        assert_eq!(find(&["notes"]), None);
    }

    #[test]
    fn a_missing_program_is_one_sentence_and_its_package() {
        let words = texts(&["mongod", "ferretdb"]);
        let one: Failure = missing(&words[..1], &[], Some("mongodb-org".into())).into();
        assert_eq!(
            one.render(),
            "`mongod` is not on this machine: not in PATH\n  hint: apt-get install mongodb-org"
        );
        let two = missing(&words, &texts(&["/opt/*/bin"]), None);
        assert_eq!(
            two.to_string(),
            "neither `mongod` nor `ferretdb` is on this machine: not in PATH, nor in /opt/*/bin"
        );
    }
}
