//! Locks that hold between processes of this machine: a file a name, locked while somebody holds it. The system lets go of
//! it when its process ends, whatever happens to that.

use scenario_stdlib::machine::LockFile;
use std::collections::HashMap;
use std::path::PathBuf;

/// The locks this process holds.
#[derive(Debug)]
pub struct Locks {
    /// `None`: there is no place for them, and they hold within this process only.
    folder: Option<PathBuf>,
    /// Told to whoever finds one taken.
    holder: String,
    held: HashMap<String, LockFile>,
}

impl Locks {
    /// Locks in `folder`, taken in the name of `run`.
    pub fn new(folder: Option<PathBuf>, run: &str) -> Self {
        Self {
            folder: folder.map(|folder| folder.join("locks")),
            holder: format!("run {run}, process {}", std::process::id()),
            held: HashMap::new(),
        }
    }

    /// Takes all of `names` or none; says which one is held by whom.
    pub fn take(&mut self, names: &[String]) -> Result<(), String> {
        let mut taken = Vec::new();
        for name in names {
            match self.open(name) {
                Ok(Some(lock)) => taken.push((name.clone(), lock)),
                // Another machine could not be kept away either.
                Ok(None) => {}
                Err(holder) => return Err(format!("\"{name}\" is held by {holder}")),
            }
        }
        self.held.extend(taken);
        Ok(())
    }

    /// Lets go of `names`.
    pub fn release(&mut self, names: &[String]) {
        for name in names {
            self.held.remove(name);
        }
    }

    fn open(&self, name: &str) -> Result<Option<LockFile>, String> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        match LockFile::take(&folder.join(file_name(name)), &self.holder) {
            Err(_) => Ok(None),
            Ok(Ok(lock)) => Ok(Some(lock)),
            Ok(Err(holder)) if holder.is_empty() => Err("another process".into()),
            Ok(Err(holder)) => Err(holder),
        }
    }
}

/// A name of a file for any name of a lock: readable, and never the same for two.
fn file_name(name: &str) -> String {
    let is_plain = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    name.bytes()
        .take(100)
        .map(|byte| match is_plain(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02x}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn c27_all_are_taken_or_none_and_the_holder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let office = |run| Locks::new(Some(folder.path().to_owned()), run);
        let (mut first, mut second) = (office("r1"), office("r2"));
        first.take(&names(&["db"])).unwrap();
        let refused = second.take(&names(&["mail", "db"])).unwrap_err();
        assert!(
            refused.starts_with("\"db\" is held by run r1, process "),
            "{refused}"
        );
        first.take(&names(&["mail"])).unwrap();
        first.release(&names(&["db", "mail"]));
        second.take(&names(&["mail", "db"])).unwrap();
    }

    #[test]
    fn names_of_files_are_harmless_and_differ_as_the_names_do() {
        assert_eq!(file_name("db"), "db");
        assert_eq!(file_name("../x"), "%2e%2e%2fx");
        assert_ne!(file_name("a b"), file_name("a_b"));
    }
}
