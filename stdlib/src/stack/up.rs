//! A stack that is up: what it has, how it ends, and what becomes of its directory.

use super::attach;
use super::description::{Description, Stack};
use super::error::StackError;
use super::exports::Exports;
use super::folder::Folder;
use super::start::start_all;
use crate::guard::Guard;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::record::{Level, ServiceNews};
use crate::host::scope::{Extent, Users};
use crate::service::registry;
use crate::service::running::Service;
use crate::service::start::Unstarted;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

/// A stack that is up. Clones are the same.
#[derive(Clone)]
pub struct Up {
    inner: Arc<Inner>,
}

struct Inner {
    description: Arc<Description>,
    folder: Folder,
    /// In the order in which they became ready.
    services: Vec<Service>,
    exports: Exports,
    /// When each was ended, in that order.
    stopped: Mutex<Vec<(String, SystemTime)>>,
    /// The scenarios that use it.
    users: Users,
    /// Somebody else brought it up.
    is_of_another: bool,
}

impl registry::Lasting for Up {
    fn is_usable(&self) -> bool {
        lock(&self.inner.stopped).is_empty()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// Brings a stack up, or takes it as it is when it is; also one of somebody else's, if its description says so.
pub fn bring_up(attempt: &Attempt, stack: &Stack) -> Result<(Up, bool), Unstarted> {
    up(attempt, stack, |description| {
        match attach::find(attempt, description)? {
            Some(up) => Ok(up),
            None => start_all(attempt, description),
        }
    })
}

/// Brings up a stack that is this process's own. Needs nothing of a scenario but an attempt to act in: also for a command
/// that brings a declared stack up.
pub fn bring_up_own(attempt: &Attempt, stack: &Stack) -> Result<(Up, bool), Unstarted> {
    up(attempt, stack, |description| {
        start_all(attempt, description)
    })
}

fn up(
    attempt: &Attempt,
    stack: &Stack,
    start: impl FnOnce(&Arc<Description>) -> Result<Up, Unstarted>,
) -> Result<(Up, bool), Unstarted> {
    let description = &stack.0;
    let scope = attempt.scope(description.extent);
    let stacks = scope.locals().get::<registry::Registry<Up>>();
    let (up, is_new) = stacks.get_or_start(
        attempt,
        &description.name,
        description.extent != Extent::Scenario,
        || {
            let up = start(description)?;
            let services = registry::of(attempt, description.extent);
            for service in &up.inner.services {
                services.add(
                    &format!("{}/{}", description.name, service.name()),
                    service.clone(),
                );
            }
            super::end_with(&scope, &attempt.identity().phase, &up);
            Ok(up)
        },
    )?;
    up.used_by(attempt);
    Ok((up, is_new))
}

impl Up {
    /// What was started; `is_of_another` when another process did, and will end it.
    pub(super) fn new(
        description: &Arc<Description>,
        folder: Folder,
        services: Vec<Service>,
        exports: Exports,
        is_of_another: bool,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                description: description.clone(),
                folder,
                services,
                exports,
                stopped: Mutex::default(),
                users: Users::default(),
                is_of_another,
            }),
        }
    }

    /// Whether another process brought it up and will end it.
    pub fn is_of_another(&self) -> bool {
        self.inner.is_of_another
    }

    pub fn name(&self) -> &str {
        &self.inner.description.name
    }

    /// The scenario of `attempt` uses it from now on: it hears when a service ends, and cannot be parked while one runs.
    pub fn used_by(&self, attempt: &Attempt) {
        let alarms = attempt.alarms_of_scenario();
        for service in self.services() {
            service.needed_by(&alarms);
        }
        let scope = attempt.scope(Extent::Scenario);
        if !self.is_of_another() && self.inner.users.add(&scope) {
            let services = self.services().to_vec();
            scope.hold(&format!("stack `{}`", self.name()), move || {
                services.iter().any(Service::is_running)
            });
        }
    }

    /// Its private directory.
    pub fn dir(&self) -> &Path {
        self.inner.folder.path()
    }

    /// Its services, in the order in which they became ready.
    pub fn services(&self) -> &[Service] {
        &self.inner.services
    }

    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services()
            .iter()
            .find(|service| service.name() == name)
    }

    /// Variables for shells, tools and other scripts.
    pub fn exports(&self) -> &BTreeMap<String, String> {
        &self.inner.exports
    }

    /// [`Up::end`], unless a script did that already.
    pub fn end_once(&self, attempt: &Attempt, failed: bool) -> Result<(), Failure> {
        match self.is_down() || self.is_of_another() {
            true => Ok(()),
            false => self.end(attempt, failed),
        }
    }

    fn is_down(&self) -> bool {
        lock(&self.inner.stopped).len() == self.services().len()
    }

    /// Ends its services in reverse order of their start. Its directory is removed unless something failed or somebody
    /// wants it.
    pub fn end(&self, attempt: &Attempt, failed: bool) -> Result<(), Failure> {
        let mut trouble = None;
        for service in self.services().iter().rev() {
            let is_down = lock(&self.inner.stopped)
                .iter()
                .any(|(name, _)| name == service.name());
            if is_down {
                continue;
            }
            if let Err(failure) = registry::stop(attempt, service, failed) {
                trouble.get_or_insert(failure);
            }
            lock(&self.inner.stopped).push((service.name().to_owned(), SystemTime::now()));
        }
        self.write_down(attempt, if failed { "failed" } else { "down" });
        self.put_away(attempt, failed);
        trouble.map_or(Ok(()), Err)
    }

    /// Removes the directory, or says where it stays.
    fn put_away(&self, attempt: &Attempt, failed: bool) {
        let description = &self.inner.description;
        let guard = Guard::existing(attempt.world());
        if self.inner.folder.is_kept(attempt, description, failed) {
            if let Some(guard) = guard {
                let _ = guard.keep(self.dir());
            }
            let path = self.dir().to_string_lossy().into_owned();
            if let Some(service) = self.services().first() {
                service.tell(ServiceNews::Kept, serde_json::json!({ "path": path }));
            }
            attempt.log(
                Level::Info,
                format!("stack `{}` is kept: {path}", description.name),
            );
        } else if let Err(error) = std::fs::remove_dir_all(self.dir()) {
            let text = format!(
                "stack `{}`: {} cannot be removed: {error}",
                description.name,
                self.dir().display()
            );
            attempt.log(Level::Warn, text);
        }
    }

    /// Writes `state.json` and `env`.
    pub(super) fn write_down(&self, attempt: &Attempt, state: &str) {
        let stopped = lock(&self.inner.stopped).clone();
        let written = self.inner.folder.write(attempt, self, state, &stopped);
        if let Err(failure) = written {
            attempt.log(Level::Warn, Failure::from(failure).message);
        }
    }

    /// What happened when, and how each service is.
    pub fn state(&self) -> serde_json::Value {
        let stopped = lock(&self.inner.stopped).clone();
        super::folder::services_state(self.services(), &stopped)
    }
}

impl std::fmt::Debug for Up {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.services().iter().map(Service::name).collect();
        write!(f, "stack `{}` ({})", self.name(), names.join(", "))
    }
}

/// The stack `name` that the scenario may use: its own, else of its file, else of the run.
pub fn find(attempt: &Attempt, name: &str) -> Result<Up, StackError> {
    let mut known = Vec::new();
    for extent in registry::EXTENTS {
        let stacks = attempt
            .scope(extent)
            .locals()
            .get::<registry::Registry<Up>>();
        if let Some(up) = stacks.get(name) {
            return Ok(up);
        }
        known.extend(stacks.all().into_iter().map(|(name, _)| name));
    }
    Err(StackError::NotUp {
        name: name.to_owned(),
        known,
    })
}
