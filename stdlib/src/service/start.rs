//! From a description to a running service: ports, directory, environment, files, process, readiness. Everything that can
//! be wrong without a process is found before there is one.

use super::error::ServiceError;
use super::lease::{Lease, Office};
use super::place;
use super::prepare::{check_templates, facts, plan, prepare};
use super::publish::{ports_from_log, publish};
use super::ready::{self, Waiting};
use super::registry;
use super::running::Service;
use super::spec::{EnvLayer, PortFrom, Spec};
use super::template::Facts;
use super::unready::{self, Unready};
use super::user;
use crate::guard::{Guard, GuardError};
use crate::host::attempt::Attempt;
use crate::host::clock::{Clock, Stop};
use crate::host::failure::Failure;
use crate::host::pace;
use crate::host::record::Level;
use rhai::Dynamic;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A port may be taken by somebody between the look at it and the service; then others are tried.
const TRIES: u32 = 4;

/// Where a service is started.
pub struct Setting<'a> {
    pub attempt: &'a Attempt,
    /// Its directory is made in here.
    pub parent: PathBuf,
    /// Where relative paths of templates start.
    pub folder: PathBuf,
    /// Variables for it and its neighbours.
    pub stack_env: EnvLayer,
    /// What is known of the services it may use. Asked for only where a template may name one: a scenario may have started
    /// a thousand.
    pub others: &'a dyn Fn() -> Vec<Facts>,
    /// Given to closures that make values: the services that are up.
    pub map: &'a dyn Fn() -> Dynamic,
    /// Ends the start when a neighbour of it failed.
    pub abort: CancellationToken,
    /// More variables set for it, such as the directory of its stack.
    pub more: Vec<(&'static str, String)>,
}

/// Why a service did not start.
#[derive(Debug)]
pub enum Unstarted {
    Stopped(Stop),
    /// A neighbour failed.
    Aborted,
    Failed(Box<Failure>),
}

impl std::fmt::Display for Unstarted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped(_) => f.write_str("stopped meanwhile"),
            Self::Aborted => f.write_str("a neighbour failed"),
            Self::Failed(failure) => f.write_str(&failure.message),
        }
    }
}

impl<E: Into<Failure>> From<E> for Unstarted {
    fn from(error: E) -> Self {
        Self::Failed(Box::new(error.into()))
    }
}

/// Starts a service and waits until it is ready. Whatever goes wrong, nothing of it is left running.
pub fn start(
    setting: &Setting<'_>,
    spec: &Spec,
    handle: impl Fn(&Service) -> Dynamic,
) -> Result<Service, Unstarted> {
    let attempt = setting.attempt;
    let plan = plan(setting, spec)?;
    check_templates(spec, &plan)?;
    let user = user::find(&spec.name, spec.user.as_deref())?;
    let guard = Guard::of(attempt.world())?;
    let lessee = format!("service `{}` of {}", spec.name, attempt.identity().scenario);
    let office = Office::of_user(&lessee)?;
    // Before the directory: a port that cannot be had leaves nothing behind.
    let mut leases = lease(&office, spec)?;
    let dir = place::make(&setting.parent, &spec.name)?;
    for this in 1.. {
        let service = Service::new(spec.clone(), dir.clone(), guard.clone(), attempt.clone());
        let numbers = leases
            .iter()
            .map(|(name, lease)| (name.clone(), lease.port()));
        let facts = facts(setting, spec, &dir, numbers.collect())?;
        let launch = prepare(setting, spec, &plan, &facts)?;
        if let (Some(user), Some(name)) = (user, &spec.user) {
            let world = attempt.world();
            // Runs are in `runs/<id>` of their store.
            let store = world.run_dir.ancestors().nth(2).unwrap_or(&world.run_dir);
            let ours = [world.project.as_path(), store]
                .map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
            user::give(&spec.name, name, user, &dir, &ours)?;
        }
        let held = leases.into_iter().map(|(_, lease)| lease).collect();
        service.settle_in(facts, held, launch);
        let began = Underway::new(attempt, &service);
        match bring_up(setting, &service, &handle(&service)) {
            Ok(()) => {
                publish(setting, &service, &plan)?;
                began.succeeded();
                let ready = service.clone();
                attempt
                    .block_on(async move { ready.ready() })
                    .map_err(Unstarted::Stopped)?;
                return Ok(service);
            }
            Err(Broken::Unready(unready)) => {
                if this < TRIES && lost_its_port(&service, &unready) {
                    // The old ones stay leased until there are others.
                    leases = lease(&office, spec)?;
                    let text = format!(
                        "service `{}` lost its port to somebody; others are tried",
                        spec.name
                    );
                    attempt.log(Level::Info, text);
                    continue;
                }
                if matches!(unready, Unready::Aborted) {
                    return Err(Unstarted::Aborted);
                }
                let timeout = attempt.world().scaled(spec.timeout);
                let failure =
                    unready::failure(&service, unready, timeout).map_err(Unstarted::Stopped)?;
                service.attach_logs(attempt);
                service.attach_lines(attempt, registry::LINES_OF_FAILED);
                return Err(failure.into());
            }
            Err(Broken::Unstarted(unstarted)) => return Err(unstarted),
        }
    }
    unreachable!("the last try returns")
}

/// Ends a service that was begun, unless it succeeded.
struct Underway<'a> {
    attempt: &'a Attempt,
    service: &'a Service,
    succeeded: bool,
}

impl<'a> Underway<'a> {
    fn new(attempt: &'a Attempt, service: &'a Service) -> Self {
        Self {
            attempt,
            service,
            succeeded: false,
        }
    }

    fn succeeded(mut self) {
        self.succeeded = true;
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        if !self.succeeded {
            let clock = Clock::start("clean-up", self.service.spec().stop.grace * 3);
            let undoing = self.attempt.on_clock(Arc::new(clock));
            let _ = self.service.stop(&undoing);
            self.service.hide_secrets(&undoing);
            self.service.release();
        }
    }
}

enum Broken {
    Unstarted(Unstarted),
    Unready(Unready),
}

fn bring_up(setting: &Setting<'_>, service: &Service, handle: &Dynamic) -> Result<(), Broken> {
    let attempt = setting.attempt;
    let deadline = pace::now() + attempt.world().scaled(service.spec().timeout);
    let process = attempt
        .block_on(service.spawn())
        .map_err(|stop| Broken::Unstarted(Unstarted::Stopped(stop)))?
        .map_err(|error| Broken::Unstarted(spawn_failure(service, error)))?;
    ports_from_log(attempt, service, &process, deadline).map_err(Broken::Unready)?;
    let waiting = Waiting {
        attempt,
        service,
        process: &process,
        deadline,
        abort: &setting.abort,
    };
    ready::wait(&waiting, handle).map_err(Broken::Unready)
}

fn spawn_failure(service: &Service, error: GuardError) -> Unstarted {
    let mut failure = Failure::from(error);
    failure.message = format!("service `{}`: {}", service.name(), failure.message);
    failure.into()
}

/// Starts a service that is stopped again, as it was, and waits until it is ready.
pub fn again(attempt: &Attempt, service: &Service, handle: &Dynamic) -> Result<(), Unstarted> {
    let timeout = attempt.world().scaled(service.spec().timeout);
    let deadline = pace::now() + timeout;
    let began = Underway::new(attempt, service);
    let process = attempt
        .block_on(service.spawn())
        .map_err(Unstarted::Stopped)?
        .map_err(|error| spawn_failure(service, error))?;
    ports_from_log(attempt, service, &process, deadline)
        .and_then(|()| {
            let waiting = Waiting {
                attempt,
                service,
                process: &process,
                deadline,
                abort: &CancellationToken::new(),
            };
            ready::wait(&waiting, handle)
        })
        .map_err(
            |unready| match unready::failure(service, unready, timeout) {
                Ok(failure) => failure.into(),
                Err(stop) => Unstarted::Stopped(stop),
            },
        )?;
    began.succeeded();
    let ready = service.clone();
    attempt
        .block_on(async move { ready.ready() })
        .map_err(Unstarted::Stopped)
}

/// Takes out the leases of the ports that are known before the service starts.
fn lease(office: &Office, spec: &Spec) -> Result<Vec<(String, Lease)>, ServiceError> {
    let mut leases = Vec::new();
    for wish in &spec.ports {
        let lease = match wish.from {
            PortFrom::Free => office.any(&spec.name)?,
            PortFrom::Range(low, high) => office.one_of(&spec.name, low, high)?,
            PortFrom::Fixed(port) => office.exactly(&spec.name, port)?,
            PortFrom::Log(_) => continue,
        };
        leases.push((wish.name.clone(), lease));
    }
    Ok(leases)
}

/// Whether it ended because somebody else had one of its ports, and others could be taken.
fn lost_its_port(service: &Service, unready: &Unready) -> bool {
    let could_differ = |from: &PortFrom| matches!(from, PortFrom::Free | PortFrom::Range(..));
    let spec = service.spec();
    matches!(unready, Unready::Ended(_))
        && spec.ports.iter().any(|wish| could_differ(&wish.from))
        && says_address_in_use(&service.last_lines())
}

/// The words servers use for it.
fn says_address_in_use(log: &str) -> bool {
    let log = log.to_lowercase();
    [
        "address already in use",
        "eaddrinuse",
        "address in use",
        "port is already allocated",
    ]
    .iter()
    .any(|words| log.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_servers_for_a_taken_port_are_known() {
        for words in [
            "OSError: [Errno 98] Address already in use",
            "Error: listen EADDRINUSE: address already in use 127.0.0.1:80",
            "nginx: [emerg] bind() to 127.0.0.1:80 failed (98: Address in use)",
        ] {
            assert!(says_address_in_use(words), "{words}");
        }
        assert!(!says_address_in_use("connection refused"));
    }
}
