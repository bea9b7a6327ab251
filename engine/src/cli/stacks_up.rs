//! Stacks that `scenario up` holds: a file each beside the runs, while their process lives.

use super::stored;
use super::tell::Trouble;
use crate::store::{Home, Process};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::stack::Exports;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// One stack that is up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    /// The script that declares it.
    pub file: String,
    pub pid: u32,
    /// When that process began, in ticks since the machine did: another process of the same number began later.
    began: u64,
    pub env: Exports,
    #[serde(skip)]
    path: PathBuf,
}

/// Where the files are, made if need be: for this user only, since addresses hold passwords.
pub fn folder(home: &Home) -> Result<PathBuf, Trouble> {
    let folder = home.dir().join("up");
    let made = DirBuilder::new()
        .recursive(true)
        .create(home.dir())
        .and_then(|()| match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::set_permissions(&folder, Permissions::from_mode(0o700)),
        });
    made.map_err(|error| Failure::fault(format!("cannot make {}: {error}", folder.display())))?;
    Ok(folder)
}

/// An empty file that only this user can read.
pub fn private_file(path: &Path) -> io::Result<File> {
    // One that is there could be open to others, or be open at others.
    let _ = fs::remove_file(path);
    let mut options = File::options();
    options.write(true).create_new(true).mode(0o600).open(path)
}

/// Tells that this process holds a stack.
pub fn announce(home: &Home, name: &str, file: &str, env: &Exports) -> Result<Entry, Trouble> {
    let me = Process::current();
    let entry = Entry {
        name: name.to_owned(),
        file: file.to_owned(),
        pid: me.pid,
        began: me.began,
        env: env.clone(),
        path: folder(home)?.join(format!("{}.json", me.pid)),
    };
    let text = serde_json::to_string_pretty(&entry).unwrap_or_default();
    // Whole or not at all: others look at it at any time.
    let half = entry.path.with_extension("half");
    private_file(&half)?.write_all(text.as_bytes())?;
    fs::rename(&half, &entry.path)?;
    Ok(entry)
}

/// Refuses a stack of a name that is up already.
pub fn refuse_second(home: &Home, name: &str) -> Result<(), Trouble> {
    let Some(entry) = Entry::all(home)?
        .into_iter()
        .find(|entry| entry.name == name)
    else {
        return Ok(());
    };
    Err(Failure::usage(format!(
        "the stack \"{name}\" is up already, held by process {}",
        entry.pid
    ))
    .hint(format!("`scenario down {name}` ends it"))
    .into())
}

impl Entry {
    /// All whose process lives; what dead ones left is removed.
    pub fn all(home: &Home) -> Result<Vec<Self>, Trouble> {
        let mut all = Vec::new();
        let Ok(files) = fs::read_dir(home.dir().join("up")) else {
            return Ok(all);
        };
        for file in files.flatten() {
            let path = file.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let Ok(mut entry) = serde_json::from_str::<Self>(&text) else {
                continue;
            };
            entry.path = path;
            if entry.lives() {
                all.push(entry);
            } else {
                entry.withdraw();
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Whether its process is the one that announced it.
    pub fn lives(&self) -> bool {
        Process::began_of(self.pid) == Some(self.began)
    }

    /// It is up no more.
    pub fn withdraw(&self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(self.path.with_extension("log"));
    }
}

/// The store that `--store` or the project names.
pub fn home(place: &stored::Place) -> Result<Home, Trouble> {
    let settings = stored::settings(place, crate::config::OutputFlags::default())?;
    Ok(Home::new(&settings.project.store))
}
