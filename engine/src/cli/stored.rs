//! Stored runs, for the commands that look at them.

use super::prepare;
use super::tell::Trouble;
use crate::config::{Flags, OutputFlags, SettingFlags, Settings};
use crate::model::{Event, RunId};
use crate::store::{Home, Life, Store, StoreError};
use scenario_stdlib::host::failure::Failure;

/// Where the runs are.
#[derive(clap::Args)]
pub struct Place {
    /// Folder of runs and their artifacts
    #[arg(long, value_name = "DIR")]
    store: Option<String>,
}

/// Settings as far as looking at runs needs them.
pub fn settings(place: &Place, output: OutputFlags) -> Result<Settings, Trouble> {
    let flags = Flags {
        settings: SettingFlags {
            store: place.store.clone(),
            ..SettingFlags::default()
        },
        output,
        ..Flags::default()
    };
    prepare::settings(&flags)
}

/// The store, or `None` if nothing was stored yet.
pub fn open_if_any(place: &Place) -> Result<Option<Store>, Trouble> {
    let settings = settings(place, OutputFlags::default())?;
    let home = Home::new(&settings.project.store);
    if !home.database().exists() {
        return Ok(None);
    }
    Store::open_existing(&home).map(Some).map_err(trouble)
}

/// A run as it was read.
pub struct Read {
    pub run: RunId,
    pub events: Vec<Event>,
    /// Some process is writing it.
    pub is_live: bool,
}

/// A run by id, prefix or `latest`, with all its events.
pub fn read(settings: &Settings, text: &str) -> Result<Read, Trouble> {
    let store = Store::open_existing(&Home::new(&settings.project.store)).map_err(trouble)?;
    let run = store.find(text).map_err(trouble)?;
    let mut stream = store.events(&run);
    let mut events = Vec::new();
    for event in stream.by_ref() {
        events.push(event.map_err(trouble)?);
    }
    for note in stream.into_notes() {
        eprintln!("note: {note}");
    }
    // A run that was parked has ended, though something of it is open.
    let is_live = matches!(store.summary(&run).map_err(trouble)?.life, Life::Running(_));
    Ok(Read {
        run,
        events,
        is_live,
    })
}

/// An error of the store in our words.
pub fn trouble(error: StoreError) -> Trouble {
    let mut failure = if matches!(
        error,
        StoreError::UnknownRun { .. }
            | StoreError::AmbiguousRun { .. }
            | StoreError::NoRuns { .. }
            | StoreError::Missing { .. }
            | StoreError::Newer { .. }
            | StoreError::NewerRun { .. }
    ) {
        Failure::usage(error.to_string())
    } else {
        Failure::fault(error.to_string())
    };
    failure.hint = error.hint();
    failure.into()
}
