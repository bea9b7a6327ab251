//! A stack that is up already, held by `scenario up` or another run: found by the environment, used when it is the right
//! one, and never ended from here.

use super::description::Description;
use super::error::StackError;
use super::exports::{self, Exports};
use super::folder::Folder;
use super::up::Up;
use crate::guard::{Guard, lives_in};
use crate::host::attempt::Attempt;
use crate::service::running::Service;
use crate::service::spec::Spec;
use crate::service::start::Unstarted;
use crate::service::template::Facts;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is done about a stack that is up already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// The scenario has one of its own.
    #[default]
    Ignore,
    /// It is used if the environment names it.
    Attach,
    /// It is used, and nothing is started if there is none.
    Require,
}

/// What `state.json` says, as far as it matters here.
#[derive(Deserialize)]
struct Written {
    name: String,
    state: String,
    run: String,
    services: BTreeMap<String, WrittenService>,
    #[serde(default)]
    exports: Exports,
}

#[derive(Deserialize)]
struct WrittenService {
    pid: Option<i32>,
    state: String,
    url: Option<String>,
    ports: BTreeMap<String, u16>,
    dir: PathBuf,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// The stack of this description that the environment names, if it does.
pub fn find(attempt: &Attempt, description: &Arc<Description>) -> Result<Option<Up>, Unstarted> {
    if description.existing == Existing::Ignore {
        return Ok(None);
    }
    let env = &attempt.world().env;
    let own = exports::folder_variable(&description.name);
    let own = env.get(&own).filter(|dir| !dir.is_empty());
    let any = env.get(exports::FOLDER).filter(|dir| !dir.is_empty());
    let found = match (own, any) {
        (Some(dir), _) => Some((Path::new(dir), read(Path::new(dir), description)?)),
        // It may be that of another stack, which is no reason to refuse this one.
        (None, Some(dir)) => read(Path::new(dir), description)
            .ok()
            .filter(|written| written.name == description.name)
            .map(|written| (Path::new(dir), written)),
        (None, None) => None,
    };
    let Some((dir, written)) = found else {
        return match description.existing {
            Existing::Require => Err(StackError::NoneNamed {
                stack: description.name.clone(),
                variable: exports::folder_variable(&description.name),
            }
            .into()),
            _ => Ok(None),
        };
    };
    check(description, dir, &written)?;
    take(attempt, description, dir, written).map(Some)
}

fn read(dir: &Path, description: &Description) -> Result<Written, StackError> {
    let path = dir.join("state.json");
    let wrong = |why: String| StackError::Unreadable {
        stack: description.name.clone(),
        path: path.clone(),
        why,
    };
    let text = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))
}

/// Refuses one that is another, or is not up any more.
fn check(description: &Description, dir: &Path, written: &Written) -> Result<(), StackError> {
    let declared: Vec<&str> = description
        .services
        .iter()
        .map(|spec| spec.name.as_str())
        .collect();
    let there: Vec<&str> = written.services.keys().map(String::as_str).collect();
    if written.name != description.name || declared != there {
        return Err(StackError::Another {
            stack: description.name.clone(),
            declared: declared.join(", "),
            found: written.name.clone(),
            there: there.join(", "),
            dir: dir.to_owned(),
        });
    }
    let is_gone = |(_, service): &(&String, &WrittenService)| {
        let lives = |pid: i32| lives_in(pid, &written.run);
        // What does its work and ends is done.
        service.state != "done" && !service.pid.is_some_and(lives)
    };
    let gone = written
        .services
        .iter()
        .find(is_gone)
        .map(|(name, _)| name.clone());
    if written.state != "up" || gone.is_some() {
        return Err(StackError::Gone {
            stack: description.name.clone(),
            service: gone,
            dir: dir.to_owned(),
        });
    }
    Ok(())
}

fn take(
    attempt: &Attempt,
    description: &Arc<Description>,
    dir: &Path,
    mut written: Written,
) -> Result<Up, Unstarted> {
    let guard = Guard::of(attempt.world())?;
    let services = description.services.iter().filter_map(|spec| {
        let found = written.services.remove(&spec.name)?;
        let facts = facts(spec, found);
        Some(Service::of_another(
            spec.clone(),
            facts,
            guard.clone(),
            attempt.clone(),
            &written.run,
        ))
    });
    let services: Vec<Service> = services.collect();
    attempt
        .block_on(async { services.iter().for_each(Service::read_along) })
        .map_err(Unstarted::Stopped)?;
    Ok(Up::new(
        description,
        Folder::of(dir),
        services,
        written.exports,
        true,
    ))
}

/// What others may know of it, with its ports in the order the script gives them.
fn facts(spec: &Spec, found: WrittenService) -> Facts {
    let place = |name: &str| spec.ports.iter().position(|wish| wish.name == name);
    let mut ports: Vec<(String, u16)> = found.ports.into_iter().collect();
    ports.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
    Facts {
        name: spec.name.clone(),
        url: found.url,
        ports,
        pid: found.pid,
        dir: found.dir,
        values: found.values,
    }
}
