//! Services that were left running while their scenario was parked: what is written down for whoever goes on, and how
//! the service is found again by its name.

use super::env::{Environment, Origin, Own, Variable};
use super::lease::{Lease, Office};
use super::registry;
use super::running::{Launch, Service};
use super::spec::{Given, Restart, Spec};
use super::start::Unstarted;
use super::template::Facts;
use crate::guard::{self, Guard, Hold, Kept, Program, StopPlan};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::scope::Extent;
use crate::host::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file, in the private directory of the service.
const FILE: &str = "kept.json";

/// What is known of a service that was left running. Its environment, which may hold secrets, is not written down: it is
/// that of the process.
#[derive(Serialize, Deserialize)]
struct Left {
    url: Option<String>,
    ports: Vec<(String, u16)>,
    values: BTreeMap<String, String>,
    program: Program,
    cwd: PathBuf,
    stop: StopPlan,
    ignore_exit: bool,
}

/// Writes down what another process needs to know of `service`.
pub fn write_down(service: &Service) -> std::io::Result<()> {
    let Some(launch) = service.launch() else {
        return Ok(());
    };
    let facts = service.facts();
    let left = Left {
        url: facts.url,
        ports: facts.ports,
        values: facts.values,
        program: launch.program,
        cwd: launch.cwd,
        stop: launch.stop,
        ignore_exit: service.spec().ignore_exit,
    };
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(service.dir().join(FILE))?;
    file.write_all(&serde_json::to_vec_pretty(&left)?)
}

/// The service `name` that a former process of this run left running for this scenario, if there is one. From now on it is
/// the scenario's as if it had been started here.
pub fn find(attempt: &Attempt, name: &str) -> Result<Option<Service>, Unstarted> {
    let Some(kept) = kept(attempt, name) else {
        return Ok(None);
    };
    let extent = Extent::Scenario;
    let registry = registry::of(attempt, extent);
    // Phases side by side may ask for it at once, and only one can take it over.
    let (service, _) = registry.get_or_start(attempt, name, false, || {
        let service = take_over(attempt, &kept)?;
        registry::end_with(&attempt.scope(extent), "", &service);
        Ok(service)
    })?;
    Ok(Some(service))
}

/// What former processes of this run left running, for all its scenarios.
pub fn left_running(world: &World) -> Vec<Kept> {
    let all = world.ledgers.as_deref().map(guard::kept);
    let mut left = all.unwrap_or_default();
    left.retain(|kept| kept.run == world.run_id);
    left
}

/// Takes over what was left running for this scenario and nobody asked for: it ends with what it was started for.
pub fn take_over_the_rest(attempt: &Attempt) {
    let scenario = &attempt.identity().scenario;
    let mine = left_running(attempt.world());
    for kept in mine.iter().filter(|kept| kept.owner == *scenario) {
        let failure = match find(attempt, &kept.name) {
            Ok(_) => continue,
            Err(Unstarted::Failed(failure)) => *failure,
            Err(Unstarted::Stopped(stop)) => attempt.stop_failure(&stop),
            Err(Unstarted::Aborted) => continue,
        };
        attempt.latch(failure);
    }
}

fn kept(attempt: &Attempt, name: &str) -> Option<Kept> {
    let scenario = &attempt.identity().scenario;
    left_running(attempt.world())
        .into_iter()
        .find(|kept| kept.owner == *scenario && kept.name == name)
}

fn take_over(attempt: &Attempt, kept: &Kept) -> Result<Service, Unstarted> {
    let unknown = |cause: String| {
        Failure::fault(format!(
            "service `{}` (pid {}) was left running, and what it is cannot be read: {cause}",
            kept.name, kept.pid
        ))
    };
    // Its log is in `log` of its directory.
    let dir = kept.stdout.ancestors().nth(2).unwrap_or(Path::new("/"));
    let text = fs::read(dir.join(FILE)).map_err(|error| unknown(error.to_string()))?;
    let left: Left = serde_json::from_slice(&text).map_err(|error| unknown(error.to_string()))?;
    let guard = Guard::of(attempt.world())?;
    let env = Own::of(&environment(kept.pid), &attempt.world().env);
    let process = attempt
        .block_on(kept.adopt(Hold::Own))
        .map_err(Unstarted::Stopped)??;
    let service = Service::new(spec(kept, &left), dir.to_owned(), guard, attempt.clone());
    let facts = Facts {
        name: kept.name.clone(),
        url: left.url,
        ports: left.ports,
        pid: Some(kept.pid),
        dir: dir.to_owned(),
        values: left.values,
    };
    let launch = Launch {
        ready: service.spec().readiness(),
        program: left.program,
        stop: left.stop,
        env,
        cwd: left.cwd,
    };
    let leases = leased_again(kept, &facts);
    service.settle_in(facts, leases, launch);
    let running = service.clone();
    attempt
        .block_on(async move { running.go_on(process) })
        .map_err(Unstarted::Stopped)?;
    Ok(service)
}

/// Its ports are given to nobody else for as long as it is the scenario's.
fn leased_again(kept: &Kept, facts: &Facts) -> Vec<Lease> {
    let lessee = format!("service `{}` of {}", kept.name, kept.owner);
    let Ok(office) = Office::of_user(&lessee) else {
        return Vec::new();
    };
    let ports = facts.ports.iter();
    ports.filter_map(|(_, port)| office.again(*port)).collect()
}

fn spec(kept: &Kept, left: &Left) -> Spec {
    Spec {
        name: kept.name.clone(),
        command: Given::Now(left.program.clone()),
        env: Given::Now(BTreeMap::new()),
        templates: false,
        cwd: None,
        ports: left
            .ports
            .iter()
            .map(super::spec::PortWish::fixed)
            .collect(),
        url: left.url.clone(),
        files: Given::Now(Vec::new()),
        values: Given::Now(BTreeMap::new()),
        ready: None,
        timeout: Duration::from_secs(30),
        stop: left.stop.clone(),
        restart: Restart::default(),
        needs: Vec::new(),
        extent: Extent::Scenario,
        user: None,
        ignore_exit: left.ignore_exit,
        keep: true,
        show_env: false,
    }
}

/// The environment a process was started with.
fn environment(pid: i32) -> Environment {
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let entries = environ.split(|byte| *byte == 0).filter_map(|entry| {
        let entry = String::from_utf8_lossy(entry);
        let (name, value) = entry.split_once('=')?;
        let variable = Variable {
            value: value.to_owned(),
            origin: Origin::Service,
            over: Vec::new(),
            template: None,
        };
        (name != guard::role::RUN_ID).then(|| (name.to_owned(), variable))
    });
    entries.collect()
}
