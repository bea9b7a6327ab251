//! Brings a stack up: each service as soon as those it needs are ready, side by side where possible. One that fails ends
//! the others and is the only one named.

use super::description::{Description, Stack};
use super::exports::{self, Exports};
use super::folder::Folder;
use super::order;
use crate::guard::Guard;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::record::{Level, ServiceNews};
use crate::host::scope::Extent;
use crate::host::script::{self, Meaning};
use crate::parallel;
use crate::service::registry;
use crate::service::running::Service;
use crate::service::spec::{EnvLayer, Given, Spec};
use crate::service::start::{self, Setting, Unstarted};
use crate::service::template::{self, Facts, Names};
use minijinja::value::Value;
use rhai::{Dynamic, Map};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

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
}

impl registry::Lasting for Up {
    fn is_usable(&self) -> bool {
        lock(&self.inner.stopped).is_empty()
    }
}

/// The start of a stack, as seen by the threads that each start one service.
#[derive(Default)]
struct Board {
    inner: Mutex<Progress>,
    changed: Condvar,
    abort: CancellationToken,
}

#[derive(Default)]
struct Progress {
    ready: Vec<Service>,
    failed: Option<(String, Unstarted)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// How often a thread that waits for the services it needs looks whether it is stopped.
const GLANCE: Duration = Duration::from_millis(50);

impl Board {
    /// Waits until all of `needs` are ready; `None` when that will never be.
    fn wait_for(&self, attempt: &Attempt, needs: &[String]) -> Option<Vec<Service>> {
        let mut progress = lock(&self.inner);
        loop {
            if progress.failed.is_some() {
                return None;
            }
            let found: Vec<Service> = progress
                .ready
                .iter()
                .filter(|service| needs.iter().any(|need| need == service.name()))
                .cloned()
                .collect();
            if found.len() == needs.len() {
                return Some(found);
            }
            if let Some(stop) = attempt.stopped() {
                progress.failed = Some((String::new(), Unstarted::Stopped(stop)));
                drop(progress);
                self.give_up();
                return None;
            }
            let waited = self.changed.wait_timeout(progress, GLANCE);
            progress = waited.unwrap_or_else(|e| e.into_inner()).0;
        }
    }

    fn succeeded(&self, service: Service) {
        lock(&self.inner).ready.push(service);
        self.changed.notify_all();
    }

    /// The first failure is the root; those that follow from it say nothing.
    fn failed(&self, service: &str, cause: Unstarted) {
        if !matches!(cause, Unstarted::Aborted) {
            lock(&self.inner)
                .failed
                .get_or_insert((service.to_owned(), cause));
        }
        self.give_up();
    }

    fn give_up(&self) {
        self.abort.cancel();
        self.changed.notify_all();
    }
}

/// Brings a stack up, or takes it as it is when it is. `tell` adds a step for each service. Needs nothing of a scenario but an
/// attempt to act in: also for a command that brings a declared stack up.
pub fn bring_up(attempt: &Attempt, stack: &Stack) -> Result<(Up, bool), Unstarted> {
    let description = &stack.0;
    let scope = attempt.scope(description.extent);
    let stacks = scope.locals().get::<registry::Registry<Up>>();
    let (up, is_new) = stacks.get_or_start(
        attempt,
        &description.name,
        description.extent != Extent::Scenario,
        || {
            let up = start_all(attempt, description)?;
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
    let alarms = attempt.alarms_of_scenario();
    for service in &up.inner.services {
        service.needed_by(&alarms);
    }
    Ok((up, is_new))
}

fn start_all(attempt: &Attempt, description: &Arc<Description>) -> Result<Up, Unstarted> {
    let folder = Folder::make(attempt, description)?;
    let guard = Guard::of(attempt.world())?;
    guard.remove_on_end(folder.path())?;
    let board = Board::default();
    let services = &description.services;
    let lanes: Vec<Attempt> = services.iter().map(|_| attempt.branch()).collect();
    let ran = parallel::side_by_side(services.len(), services.len(), |index| {
        start_one(
            &lanes[index],
            description,
            &folder,
            &services[index],
            &board,
        );
    });
    let mut progress = std::mem::take(&mut *lock(&board.inner));
    if let Err(error) = ran {
        let failure = Failure::fault(format!(
            "stack `{}` cannot start its threads: {error}",
            description.name
        ));
        progress
            .failed
            .get_or_insert((String::new(), failure.into()));
    }
    let panicked = ran_badly(&progress, services.len());
    let exports = match (progress.failed.take(), panicked) {
        (None, false) => export(attempt, description, &folder, &progress.ready),
        (None, true) => {
            Err(Failure::fault(format!("stack `{}` came to nothing", description.name)).into())
        }
        (Some((service, cause)), _) => Err(explained(description, &service, cause)),
    };
    match exports {
        Ok(exports) => {
            let up = Up {
                inner: Arc::new(Inner {
                    description: description.clone(),
                    folder,
                    services: progress.ready,
                    exports,
                    stopped: Mutex::default(),
                }),
            };
            up.write_down(attempt, "up");
            Ok(up)
        }
        Err(cause) => {
            let up = Up {
                inner: Arc::new(Inner {
                    description: description.clone(),
                    folder,
                    services: progress.ready,
                    exports: Exports::new(),
                    stopped: Mutex::default(),
                }),
            };
            // Its own time: the one of the attempt may be what ran out.
            let clock = attempt.clock().begin_cleanup(Duration::from_secs(60));
            let _ = up.end(&attempt.on_clock(clock), true);
            Err(cause)
        }
    }
}

/// Whether somebody neither succeeded nor failed.
fn ran_badly(progress: &Progress, count: usize) -> bool {
    progress.failed.is_none() && progress.ready.len() < count
}

fn start_one(
    attempt: &Attempt,
    description: &Description,
    folder: &Folder,
    spec: &Spec,
    board: &Board,
) {
    let needs: Vec<String> = order::all_needs(&description.needs, &spec.name)
        .into_iter()
        .collect();
    let Some(ready) = board.wait_for(attempt, &needs) else {
        return;
    };
    let result = attempt.step("service", &spec.name, String::new(), |step| {
        let others: Vec<Facts> = ready.iter().map(Service::facts).collect();
        let mut stack_env = EnvLayer::new();
        for (name, value) in others.iter().flat_map(exports::of_service) {
            stack_env.insert(name, Some(value));
        }
        stack_env.extend(description.env_for(&spec.name));
        let setting = Setting {
            attempt,
            parent: folder.path().to_owned(),
            folder: description.folder.clone(),
            stack_env,
            others,
            map: map_of(&ready).into(),
            abort: board.abort.clone(),
            more: vec![(
                "SCENARIO_STACK_DIR",
                folder.path().to_string_lossy().into_owned(),
            )],
        };
        let service = start::start(&setting, spec, |service| Dynamic::from(service.clone()))?;
        step.data = service.account();
        Ok::<Service, Unstarted>(service)
    });
    match result {
        Ok(service) => board.succeeded(service),
        Err(cause) => board.failed(&spec.name, cause),
    }
}

fn map_of(services: &[Service]) -> Map {
    services
        .iter()
        .map(|service| (service.name().into(), Dynamic::from(service.clone())))
        .collect()
}

/// Says whose the failure is, and what to do when it speaks of a service that is not needed.
fn explained(description: &Description, service: &str, cause: Unstarted) -> Unstarted {
    let Unstarted::Failed(mut failure) = cause else {
        return cause;
    };
    let needed = order::all_needs(&description.needs, service);
    let missed = description
        .needs
        .keys()
        .filter(|name| *name != service && !needed.contains(*name))
        .find(|name| {
            let said = [
                format!("there is no property `{name}`"),
                format!("there is no `{name}`"),
            ];
            said.iter()
                .any(|said| failure.message.ends_with(said.as_str()))
        });
    if let Some(name) = missed {
        failure.hint = Some(format!(
            "service `{service}` uses `{name}` without needing it: needs: [\"{name}\"]"
        ));
    }
    failure.message = format!("stack `{}`: {}", description.name, failure.message);
    Unstarted::Failed(failure)
}

/// All variables for whoever uses the stack.
fn export(
    attempt: &Attempt,
    description: &Description,
    folder: &Folder,
    services: &[Service],
) -> Result<Exports, Unstarted> {
    let facts: Vec<Facts> = services.iter().map(Service::facts).collect();
    let mut all = exports::of_stack(folder.path(), &facts);
    let own = match &description.exports {
        Given::Now(layer) => layer.clone(),
        Given::Later(closure) => {
            let engine = attempt.language().engine(attempt);
            let made = closure.call(&engine, attempt, vec![map_of(services).into()]);
            let value = made.map_err(|error| {
                match script::explain(&error, closure.source(), attempt.sources()) {
                    Meaning::News(failure) => Unstarted::Failed(failure),
                    Meaning::Stopped(stop) => Unstarted::Stopped(stop),
                }
            })?;
            crate::service::options::environment(&description.name, "exports", &value)?
        }
    };
    let mut names: Names = all
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    names.extend(
        facts
            .iter()
            .map(|facts| (facts.name.clone(), facts.value())),
    );
    names.insert(
        "dir".into(),
        folder.path().to_string_lossy().as_ref().into(),
    );
    names.insert("env".into(), Value::from(all.clone()));
    for (name, value) in own {
        match value {
            Some(text) => {
                let place = format!("export `{name}` of stack `{}`", description.name);
                all.insert(name, template::render(&place, &text, &names)?);
            }
            None => {
                all.remove(&name);
            }
        }
    }
    Ok(all)
}

impl Up {
    pub fn name(&self) -> &str {
        &self.inner.description.name
    }

    /// Its private directory.
    pub fn dir(&self) -> &std::path::Path {
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
        match self.is_down() {
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
    fn write_down(&self, attempt: &Attempt, state: &str) {
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
pub fn find(attempt: &Attempt, name: &str) -> Result<Up, super::StackError> {
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
    Err(super::StackError::NotUp {
        name: name.to_owned(),
        known,
    })
}
