//! Which services an owner has: who starts one, who waits for that start, and how it ends with its owner.

use super::adopt;
use super::error::ServiceError;
use super::running::{Life, Service};
use super::start::Unstarted;
use crate::guard::Guard;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::failure::Failure;
use crate::host::scope::{Extent, Scope};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Something that is started once and then there for others.
pub trait Lasting: Clone {
    /// Whether it can be given to others as it is.
    fn is_usable(&self) -> bool;
}

impl Lasting for Service {
    fn is_usable(&self) -> bool {
        self.is_running() || (self.spec().is_errand() && self.life() == Life::Done)
    }
}

/// What one owner has, by name; the services of a stack are called `stack/service`.
pub struct Registry<T> {
    slots: Mutex<BTreeMap<String, Slot<T>>>,
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
        }
    }
}

enum Slot<T> {
    Starting(CancellationToken),
    Up(T),
    Failed {
        scenario: String,
        at: Instant,
        cause: Box<Failure>,
    },
}

enum Turn<T> {
    Take(T),
    Start(CancellationToken),
    Wait(CancellationToken),
}

impl<T: Lasting> Registry<T> {
    fn slots(&self) -> MutexGuard<'_, BTreeMap<String, Slot<T>>> {
        self.slots.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Adds one that is up.
    pub fn add(&self, name: &str, value: T) {
        self.slots().insert(name.to_owned(), Slot::Up(value));
    }

    /// The one of that name, or the service of that name in a stack.
    pub fn get(&self, name: &str) -> Option<T> {
        let slots = self.slots();
        let up = |slot: &Slot<T>| match slot {
            Slot::Up(value) => Some(value.clone()),
            _ => None,
        };
        let inside = format!("/{name}");
        slots.get(name).and_then(up).or_else(|| {
            slots
                .iter()
                .filter(|(known, _)| known.ends_with(&inside))
                .find_map(|(_, slot)| up(slot))
        })
    }

    /// All that are up.
    pub fn all(&self) -> Vec<(String, T)> {
        let slots = self.slots();
        let up = slots.iter().filter_map(|(name, slot)| match slot {
            Slot::Up(value) => Some((name.clone(), value.clone())),
            _ => None,
        });
        up.collect()
    }

    /// The one called `name`: started by the first who needs it, while all others wait. Also tells whether it was started
    /// now. A failure is that of all who share it.
    pub fn get_or_start(
        &self,
        attempt: &Attempt,
        name: &str,
        is_shared: bool,
        start: impl FnOnce() -> Result<T, Unstarted>,
    ) -> Result<(T, bool), Unstarted> {
        let done = loop {
            match self.turn(attempt, name)? {
                Turn::Take(value) => return Ok((value, false)),
                Turn::Start(done) => break done,
                Turn::Wait(done) => attempt
                    .block_on(done.cancelled())
                    .map_err(Unstarted::Stopped)?,
            }
        };
        let _settled = Settled {
            registry: self,
            name,
            done,
        };
        let started = start();
        let slot = match &started {
            Ok(value) => Some(Slot::Up(value.clone())),
            Err(Unstarted::Failed(cause)) if is_shared => Some(Slot::Failed {
                scenario: attempt.identity().scenario.clone(),
                at: Instant::now(),
                cause: cause.clone(),
            }),
            // Says nothing to others: the next who needs it starts it.
            Err(_) => None,
        };
        if let Some(slot) = slot {
            self.slots().insert(name.to_owned(), slot);
        }
        started.map(|value| (value, true))
    }

    fn turn(&self, attempt: &Attempt, name: &str) -> Result<Turn<T>, ServiceError> {
        let mut slots = self.slots();
        match slots.get(name) {
            Some(Slot::Up(value)) if value.is_usable() => {
                return Ok(Turn::Take(value.clone()));
            }
            Some(Slot::Starting(done)) => return Ok(Turn::Wait(done.clone())),
            Some(Slot::Failed {
                scenario,
                at,
                cause,
            }) if !is_retry_since(attempt, *at) => {
                return Err(ServiceError::FailedElsewhere {
                    name: name.to_owned(),
                    scenario: scenario.clone(),
                    cause: cause.clone(),
                });
            }
            _ => {}
        }
        let done = CancellationToken::new();
        slots.insert(name.to_owned(), Slot::Starting(done.clone()));
        Ok(Turn::Start(done))
    }
}

/// What failed stays failed, except for a retry that began later: it must have its chance.
fn is_retry_since(attempt: &Attempt, failed: Instant) -> bool {
    let identity = attempt.identity();
    let began = Instant::now().checked_sub(attempt.clock().elapsed());
    (identity.try_number > 1 || identity.attempt > 1) && began.is_some_and(|began| began > failed)
}

/// Ends a start for those who wait, also when it panicked.
struct Settled<'a, T: Lasting> {
    registry: &'a Registry<T>,
    name: &'a str,
    done: CancellationToken,
}

impl<T: Lasting> Drop for Settled<'_, T> {
    fn drop(&mut self) {
        {
            let mut slots = self.registry.slots();
            if matches!(slots.get(self.name), Some(Slot::Starting(_))) {
                slots.remove(self.name);
            }
        }
        self.done.cancel();
    }
}

/// Where things are looked for, the nearest first.
pub const EXTENTS: [Extent; 3] = [Extent::Scenario, Extent::File, Extent::Run];

/// The services of the owner that `extent` names.
pub fn of(attempt: &Attempt, extent: Extent) -> Arc<Registry<Service>> {
    attempt.scope(extent).locals().get()
}

/// The service `name` of the scenario, else of its file, else of the run, else one that was left running.
pub fn find(attempt: &Attempt, name: &str) -> Result<Service, Unstarted> {
    let mut extents = EXTENTS.iter();
    if let Some(service) = extents.find_map(|extent| of(attempt, *extent).get(name)) {
        return Ok(service);
    }
    if let Some(service) = adopt::find(attempt, name)? {
        return Ok(service);
    }
    Err(ServiceError::NoService {
        name: name.to_owned(),
        known: all(attempt).into_iter().map(|(name, _)| name).collect(),
    }
    .into())
}

/// All services the scenario may use, the nearest first.
pub fn all(attempt: &Attempt) -> Vec<(String, Service)> {
    EXTENTS
        .iter()
        .flat_map(|extent| of(attempt, *extent).all())
        .collect()
}

/// Ends a service with its owner.
pub fn end_with(scope: &Arc<Scope>, phase: &str, service: &Service) {
    let owner = Arc::downgrade(scope);
    let service = service.clone();
    let running = service.clone();
    if service.spec().keep {
        scope.on_park(Cleanup {
            title: format!("leave service `{}` running", service.name()),
            run: Box::new(move |attempt| leave(attempt, &running)),
        });
    }
    let cleanup = Cleanup {
        title: format!("stop service `{}`", service.name()),
        run: Box::new(move |attempt| {
            let failed = owner.upgrade().is_some_and(|scope| scope.has_failed());
            stop(attempt, &service, failed)
        }),
    };
    scope.on_end_of(phase, cleanup);
}

/// Lets a service go on when this process ends, because its scenario is parked.
fn leave(attempt: &Attempt, service: &Service) -> Result<(), Failure> {
    let (Some(process), Some(guard)) = (service.process(), Guard::existing(attempt.world())) else {
        return Ok(());
    };
    adopt::write_down(service).map_err(|error| {
        Failure::fault(format!(
            "what is left running as service `{}` cannot be written down: {error}",
            service.name()
        ))
    })?;
    match attempt.block_on(async { guard.detach(&process).await }) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Failure::fault(format!(
            "service `{}` cannot be left running: {error}",
            service.name()
        ))),
        Err(stop) => Err(attempt.stop_failure(&stop)),
    }
}

/// So much of what a service wrote is kept line by line, of each stream.
pub const LINES_OF_FAILED: u64 = 2 << 20;
const LINES_OF_PASSED: u64 = 64 << 10;

/// Ends a service for good; its logs are kept with the run if something failed.
pub fn stop(attempt: &Attempt, service: &Service, failed: bool) -> Result<(), Failure> {
    let ended = service.stop(attempt);
    if failed {
        service.attach_logs(attempt);
        service.attach_lines(attempt, LINES_OF_FAILED);
    } else {
        service.attach_lines(attempt, LINES_OF_PASSED);
    }
    service.hide_secrets(attempt);
    service.release();
    match ended {
        Err(stop) => Err(attempt.stop_failure(&stop)),
        Ok(Some(ended)) if !ended.survivors.is_empty() => {
            let text = format!("service `{}` cannot be ended", service.name());
            let failure = ended
                .survivors
                .iter()
                .fold(Failure::fault(text), |failure, survivor| {
                    failure.detail("still there", survivor.to_string())
                });
            Err(failure)
        }
        Ok(_) => Ok(()),
    }
}
