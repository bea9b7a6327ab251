//! Directories that end with the run. Each is known by more than its path: another one that stands there later is left alone.

use super::super::error::GuardError;
use super::super::ledger::Place;
use std::path::{Path, PathBuf};

#[derive(Default)]
pub struct Directories {
    places: Vec<Place>,
}

impl Directories {
    /// Has one removed at the end; `None` when there is no such directory.
    pub fn add(&mut self, path: PathBuf) -> Option<Place> {
        let place = Place::of(&path)?;
        self.places.push(place.clone());
        Some(place)
    }

    /// Makes one in `temporary` that ends with the run: by the guard, so that there is no moment at which nobody would
    /// remove it.
    pub fn scratch(&mut self, temporary: &Path) -> Result<Place, GuardError> {
        let trouble = |cause: String| GuardError::NoLog {
            path: temporary.to_owned(),
            cause,
        };
        let made = tempfile::Builder::new()
            .prefix("scenario-")
            .tempdir_in(temporary)
            .map_err(|error| trouble(error.to_string()))?;
        self.add(made.keep())
            .ok_or_else(|| trouble("it went away at once".into()))
    }

    pub fn keep(&mut self, path: &Path) {
        self.places.retain(|place| place.path != path);
    }

    /// Removes them, the last one first.
    pub fn remove(&mut self) {
        while let Some(place) = self.places.pop() {
            place.remove();
        }
    }
}
