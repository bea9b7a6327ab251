//! What `run`, `list`, `check` and `plan` have in common: settings, files, declarations, and the choice among them.

use super::exit::Exit;
use super::tell::Trouble;
use super::world;
use crate::config::{self, Flags, Invocation, Settings};
use crate::model::{Declared, RunId};
use crate::report::REPORTERS;
use crate::source::discover::{self, DiscoverError, Place, Script};
use crate::source::{Library, Loaded};
use crate::store::{Home, new_run_id};
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The settings of this process.
pub fn settings(flags: &Flags) -> Result<Settings, Trouble> {
    let names: Vec<&str> = REPORTERS.iter().map(|row| row.name).collect();
    let call = Invocation::of_process(flags, &names, fresh_seed())?;
    let settings = config::load(&call)?;
    for warning in &settings.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(settings)
}

/// Six digits: short enough to be typed again.
fn fresh_seed() -> u64 {
    uuid::Uuid::new_v4().as_u128() as u64 % 1_000_000
}

fn not_found(errors: Vec<DiscoverError>) -> Trouble {
    let nothing = errors.iter().all(DiscoverError::is_nothing_selected);
    let news: Vec<Failure> = errors.into_iter().map(Failure::from).collect();
    Trouble {
        exit: if nothing {
            Exit::NothingSelected
        } else {
            Trouble::from(news.clone()).exit
        },
        news,
    }
}

/// The environment as scripts see it.
pub fn environment(settings: &Settings) -> BTreeMap<String, String> {
    let entries = &settings.variables.entries;
    entries
        .iter()
        .map(|(name, entry)| (name.clone(), entry.set.value.clone()))
        .collect()
}

/// Everything a command needs that looks at scripts.
pub struct Prepared {
    pub settings: Settings,
    pub run: RunId,
    pub home: Home,
    pub library: Arc<Library>,
    pub found: Vec<Script>,
    pub files: Vec<Arc<Loaded>>,
}

/// Finds and loads the scripts that `settings` name. `base_url` replaces the configured one.
pub fn prepare(settings: Settings, base_url: Option<String>) -> Result<Prepared, Trouble> {
    let run = new_run_id(Timestamp::now());
    prepare_run(settings, base_url, run)
}

/// Finds and loads scripts for a run of this id.
pub fn prepare_run(
    settings: Settings,
    base_url: Option<String>,
    run: RunId,
) -> Result<Prepared, Trouble> {
    let home = Home::new(&settings.project.store);
    let run_dir = home
        .run_dir(&run)
        .map_err(|error| Failure::fault(error.to_string()))?;
    let place = Place {
        root: &settings.project.root,
        cwd: &settings.project.cwd,
        store: &settings.project.store,
    };
    let found = discover::discover(&place, &settings.select.paths, &settings.project.scripts)
        .map_err(not_found)?;
    let world = Arc::new(world::world(&settings, &run.0, run_dir, base_url));
    let library = Arc::new(Library::new(world, settings.project.modules.clone()));
    let files = load_all(&library, &found)?;
    Ok(Prepared {
        settings,
        run,
        home,
        library,
        found,
        files,
    })
}

/// The name of this machine.
pub fn host() -> String {
    let names = rustix::system::uname();
    names.nodename().to_string_lossy().into_owned()
}

impl Prepared {
    /// All scenarios, in the order of files and lines.
    pub fn declared(&self) -> Vec<Arc<Declared>> {
        self.files
            .iter()
            .flat_map(|loaded| loaded.declared.iter().cloned())
            .collect()
    }
}

/// Loads files on a few threads; all bad news is reported, in the order of the files.
fn load_all(library: &Library, files: &[Script]) -> Result<Vec<Arc<Loaded>>, Trouble> {
    let lanes = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(files.len().div_ceil(16))
        .max(1);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let load_some = || {
        let mut mine = Vec::new();
        loop {
            let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(script) = files.get(index) else {
                return mine;
            };
            mine.push((index, library.load(&script.file)));
        }
    };
    let mut results = if lanes == 1 {
        load_some()
    } else {
        std::thread::scope(|scope| {
            let others: Vec<_> = (0..lanes)
                .map(|_| {
                    std::thread::Builder::new()
                        .stack_size(scenario_stdlib::language::STACK_SIZE)
                        .spawn_scoped(scope, load_some)
                })
                .collect();
            let mut all = Vec::new();
            for lane in others {
                match lane {
                    Ok(lane) => all.extend(lane.join().unwrap_or_default()),
                    Err(_) => all.extend(load_some()),
                }
            }
            all
        })
    };
    results.sort_by_key(|(index, _)| *index);
    let mut news = Vec::new();
    let mut loaded = Vec::new();
    for (_, result) in results {
        match result {
            Ok(file) => loaded.push(file),
            Err(failures) => news.extend(failures),
        }
    }
    if news.is_empty() {
        Ok(loaded)
    } else {
        Err(news.into())
    }
}
