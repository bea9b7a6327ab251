//! From a description to a running service: ports, directory, environment, files, process, readiness. Everything that can
//! be wrong without a process is found before there is one.

use super::env::{self, Layer, Origin};
use super::error::ServiceError;
use super::lease::{Lease, Office};
use super::options::Reader;
use super::place;
use super::ready::{self, Unready, Waiting};
use super::running::{Launch, Service};
use super::spec::{Content, EnvLayer, FileWish, Given, PortFrom, Ready, Spec};
use super::template::{self, Facts, Names};
use crate::guard::{Guard, Process, Program};
use crate::host::attempt::Attempt;
use crate::host::clock::Stop;
use crate::host::failure::Failure;
use crate::host::record::Level;
use crate::host::script::{self, Deferred, Meaning};
use minijinja::value::Value;
use rhai::Dynamic;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
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
    /// What is known of the services it may use.
    pub others: Vec<Facts>,
    /// Given to closures that make values: the services that are up.
    pub map: Dynamic,
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

impl<E: Into<Failure>> From<E> for Unstarted {
    fn from(error: E) -> Self {
        Self::Failed(Box::new(error.into()))
    }
}

/// A description in which closures have made their values.
struct Plan {
    command: Program,
    env: EnvLayer,
    values: EnvLayer,
    files: Vec<FileWish>,
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
                    ready::failure(&service, unready, timeout).map_err(Unstarted::Stopped)?;
                service.attach_logs(attempt);
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
            let clock =
                crate::host::clock::Clock::start("clean-up", self.service.spec().stop.grace * 3);
            let undoing = self.attempt.on_clock(Arc::new(clock));
            let _ = self.service.stop(&undoing);
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
    let deadline = Instant::now() + attempt.world().scaled(service.spec().timeout);
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

fn spawn_failure(service: &Service, error: crate::guard::GuardError) -> Unstarted {
    let mut failure = Failure::from(error);
    failure.message = format!("service `{}`: {}", service.name(), failure.message);
    failure.into()
}

/// Starts a service that is stopped again, as it was, and waits until it is ready.
pub fn again(attempt: &Attempt, service: &Service, handle: &Dynamic) -> Result<(), Unstarted> {
    let timeout = attempt.world().scaled(service.spec().timeout);
    let deadline = Instant::now() + timeout;
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
        .map_err(|unready| match ready::failure(service, unready, timeout) {
            Ok(failure) => failure.into(),
            Err(stop) => Unstarted::Stopped(stop),
        })?;
    began.succeeded();
    let ready = service.clone();
    attempt
        .block_on(async move { ready.ready() })
        .map_err(Unstarted::Stopped)
}

/// Lets closures make their values.
fn plan(setting: &Setting<'_>, spec: &Spec) -> Result<Plan, Unstarted> {
    let name = &spec.name;
    let made = |closure: &Deferred| -> Result<Dynamic, Unstarted> {
        let attempt = setting.attempt;
        let engine = attempt.language().engine(attempt);
        closure
            .call(&engine, attempt, vec![setting.map.clone()])
            .map_err(
                |error| match script::explain(&error, closure.source(), attempt.sources()) {
                    Meaning::News(failure) => Unstarted::Failed(failure),
                    Meaning::Stopped(stop) => Unstarted::Stopped(stop),
                },
            )
    };
    Ok(Plan {
        command: match &spec.command {
            Given::Now(command) => command.clone(),
            Given::Later(closure) => Reader::made_command(name, &made(closure)?)?,
        },
        env: match &spec.env {
            Given::Now(layer) => layer.clone(),
            Given::Later(closure) => Reader::made_layer(name, "env", &made(closure)?)?,
        },
        values: match &spec.values {
            Given::Now(layer) => layer.clone(),
            Given::Later(closure) => Reader::made_layer(name, "values", &made(closure)?)?,
        },
        files: match &spec.files {
            Given::Now(files) => files.clone(),
            Given::Later(closure) => Reader::made_files(name, &setting.folder, &made(closure)?)?,
        },
    })
}

/// Templates that cannot be read are found before ports and directories are touched.
fn check_templates(spec: &Spec, plan: &Plan) -> Result<(), Unstarted> {
    if !spec.templates {
        return Ok(());
    }
    for file in &plan.files {
        if let Content::Text(text) | Content::Template { text, .. } = &file.content {
            template::check(&file_place(spec, &file.path), text)?;
        }
    }
    Ok(())
}

fn file_place(spec: &Spec, path: &str) -> String {
    format!("file `{path}` of service `{}`", spec.name)
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

/// What the service knows of itself before it starts.
fn facts(
    setting: &Setting<'_>,
    spec: &Spec,
    dir: &Path,
    ports: Vec<(String, u16)>,
) -> Result<Facts, Unstarted> {
    let mut facts = Facts {
        name: spec.name.clone(),
        dir: dir.to_owned(),
        ports,
        ..Facts::default()
    };
    facts.url = url(setting, spec, &facts)?;
    Ok(facts)
}

/// `http://127.0.0.1:PORT` of the first port, unless the script says otherwise.
fn url(setting: &Setting<'_>, spec: &Spec, facts: &Facts) -> Result<Option<String>, Unstarted> {
    let first = spec.first_port();
    let port = facts
        .ports
        .iter()
        .find(|(name, _)| Some(name.as_str()) == first);
    match &spec.url {
        Some(text) if facts.ports.len() == spec.ports.len() => {
            let names = names(setting, facts);
            let place = format!("`url` of service `{}`", spec.name);
            Ok(Some(render(spec, &place, text, &names)?))
        }
        Some(_) => Ok(None),
        None => Ok(port.map(|(_, port)| format!("http://127.0.0.1:{port}"))),
    }
}

/// The names its templates may use.
fn names(setting: &Setting<'_>, facts: &Facts) -> Names {
    let attempt = setting.attempt;
    let text = |path: &Path| {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Value::from(whole.to_string_lossy().as_ref())
    };
    let mut names = Names::new();
    let services: std::collections::BTreeMap<String, Value> = setting
        .others
        .iter()
        .map(|other| (other.name.clone(), other.value()))
        .collect();
    names.extend(services.clone());
    names.insert("services".into(), Value::from(services));
    names.insert("project".into(), text(&attempt.world().project));
    names.insert("script_dir".into(), text(&attempt.identity().script_dir));
    names.insert("work_dir".into(), text(&attempt.identity().work_dir));
    names.insert("run_id".into(), attempt.world().run_id.as_str().into());
    names.extend(facts.own());
    names
}

fn render(spec: &Spec, place: &str, text: &str, names: &Names) -> Result<String, Unstarted> {
    if spec.templates && template::is_template(text) {
        Ok(template::render(place, text, names)?)
    } else {
        Ok(text.to_owned())
    }
}

/// Fills everything in and writes the files.
fn prepare(
    setting: &Setting<'_>,
    spec: &Spec,
    plan: &Plan,
    facts: &Facts,
) -> Result<Launch, Unstarted> {
    let attempt = setting.attempt;
    let world = attempt.world();
    let run: EnvLayer = world
        .env
        .iter()
        .map(|(name, value)| (name.clone(), Some(value.clone())))
        .collect();
    let ours = ours(setting, facts);
    let layers: [Layer<'_>; 4] = [
        (Origin::Run, &run),
        (Origin::Scenario, &ours),
        (Origin::Stack, &setting.stack_env),
        (Origin::Service, &plan.env),
    ];
    let mut names = names(setting, facts);
    let environment = env::resolve(&layers, spec.templates, &names)?;
    let variables: std::collections::BTreeMap<String, Value> = environment
        .iter()
        .map(|(name, variable)| (name.clone(), variable.value.as_str().into()))
        .collect();
    for (name, value) in &variables {
        names.entry(name.clone()).or_insert_with(|| value.clone());
    }
    names.insert("env".into(), Value::from(variables));

    for file in &plan.files {
        let place = file_place(spec, &file.path);
        let content = match &file.content {
            Content::Copy { bytes } => bytes.clone(),
            Content::Text(text) => render(spec, &place, text, &names)?.into_bytes(),
            Content::Template { path, text } => {
                let place = format!("{place}, template `{path}`");
                render(spec, &place, text, &names)?.into_bytes()
            }
        };
        place::write(&spec.name, &facts.dir, &file.path, &content, file.mode)?;
    }
    let fill = |key: &str, text: &String| {
        render(
            spec,
            &format!("`{key}` of service `{}`", spec.name),
            text,
            &names,
        )
    };
    let fill_program = |key: &str, program: &Program| -> Result<Program, Unstarted> {
        Ok(match program {
            Program::Shell(line) => Program::Shell(fill(key, line)?),
            Program::List(words) => {
                let words: Result<Vec<String>, Unstarted> =
                    words.iter().map(|word| fill(key, word)).collect();
                Program::List(words?)
            }
        })
    };
    let mut program = fill_program("cmd", &plan.command)?;
    let fill_ready = |ready: Ready| -> Result<Ready, Unstarted> {
        Ok(match ready {
            Ready::Command(program) => Ready::Command(fill_program("ready", &program)?),
            Ready::File(path) => Ready::File(fill("ready", &path)?),
            Ready::Http {
                url,
                port,
                statuses,
            } => Ready::Http {
                url: fill("ready", &url)?,
                port,
                statuses,
            },
            other => other,
        })
    };
    let ready: Result<Vec<Ready>, Unstarted> =
        spec.readiness().into_iter().map(fill_ready).collect();
    let mut stop = spec.stop.clone();
    if let Some(command) = &stop.command {
        stop.command = Some(fill_program("stop", command)?);
    }
    let cwd = match &spec.cwd {
        Some(text) => {
            let text = render(
                spec,
                &format!("`cwd` of service `{}`", spec.name),
                text,
                &names,
            )?;
            world.project.join(text)
        }
        None => facts.dir.clone(),
    };
    if let (Program::List(words), None) = (&mut program, &spec.cwd) {
        find_in_project(&mut words[0], &world.project, &facts.dir);
    }
    Ok(Launch {
        program,
        ready: ready?,
        stop,
        env: environment,
        cwd: std::path::absolute(&cwd).unwrap_or(cwd),
    })
}

/// A program given by a relative path is meant from the project, unless the service has such a file of its own.
fn find_in_project(word: &mut String, project: &Path, dir: &Path) {
    let is_relative_path = word.contains('/') && !word.starts_with('/');
    if is_relative_path && !dir.join(&*word).exists() {
        let whole = project.join(&*word);
        let whole = std::path::absolute(&whole).unwrap_or(whole);
        if whole.exists() {
            *word = whole.to_string_lossy().into_owned();
        }
    }
}

/// The variables every service gets.
fn ours(setting: &Setting<'_>, facts: &Facts) -> EnvLayer {
    let attempt = setting.attempt;
    let absolute = |path: &Path| {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        whole.to_string_lossy().into_owned()
    };
    let mut layer = EnvLayer::new();
    let mut set = |name: &str, value: String| layer.insert(name.to_owned(), Some(value));
    set("SCENARIO", "true".into());
    set("SCENARIO_NAME", attempt.identity().scenario.clone());
    set("SCENARIO_PROJECT_DIR", absolute(&attempt.world().project));
    set("SCENARIO_SERVICE", facts.name.clone());
    set("SCENARIO_SERVICE_DIR", absolute(&facts.dir));
    set("SCENARIO_SERVICE_VALUES", absolute(&facts.dir.join(VALUES)));
    set("SCENARIO_WORK_DIR", absolute(&attempt.identity().work_dir));
    for (name, value) in &setting.more {
        set(name, value.clone());
    }
    if let Some((_, port)) = facts.ports.first() {
        set("PORT", port.to_string());
    }
    for (name, port) in &facts.ports {
        set(&port_variable(name), port.to_string());
    }
    layer
}

/// The variable a named port is exported as: `web` is `WEB_PORT`, and `PORT_WEB` stays what it is.
fn port_variable(name: &str) -> String {
    let upper: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    match upper.split('_').any(|word| word == "PORT") {
        true => upper,
        false => format!("{upper}_PORT"),
    }
}

/// Reads the ports the service chose itself, in the order in which they are declared.
fn ports_from_log(
    attempt: &Attempt,
    service: &Service,
    process: &Process,
    deadline: Instant,
) -> Result<(), Unready> {
    let spec = service.spec().clone();
    let wanted = spec.ports.iter().filter_map(|wish| match &wish.from {
        PortFrom::Log(regex) => Some((wish.name.clone(), regex.clone())),
        _ => None,
    });
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        return Ok(());
    }
    for (name, regex) in wanted {
        let says = Ready::Log(regex.clone());
        let found = attempt
            .block_on(ready::line(process, &regex, deadline))
            .map_err(Unready::Stopped)?;
        let port = match found {
            Ok(text) => regex
                .captures(&text)
                .and_then(|found| found.get(1)?.as_str().parse::<u16>().ok()),
            Err(unready) => return Err(ready::explained(service, &says, unready)),
        };
        let Some(port) = port else {
            let text = format!("port `{name}` of service `{}` is no port number", spec.name);
            return Err(Unready::Never(Box::new(
                Failure::usage(text).detail("pattern", regex.as_str()),
            )));
        };
        service.learn(|facts| {
            facts.ports.retain(|(known, _)| *known != name);
            facts.ports.push((name.clone(), port));
            let rank = |known: &str| spec.ports.iter().position(|wish| wish.name == known);
            facts.ports.sort_by_key(|(known, _)| rank(known));
        });
    }
    let first = spec.first_port().map(str::to_owned);
    service.learn(|facts| {
        if spec.url.is_none() {
            let port = facts
                .ports
                .iter()
                .find(|(name, _)| Some(name) == first.as_ref());
            facts.url = port.map(|(_, port)| format!("http://127.0.0.1:{port}"));
        }
    });
    Ok(())
}

/// Where a service may publish values, a `name=value` a line.
const VALUES: &str = "values";

/// What others may know of a service, now that it is ready.
fn publish(setting: &Setting<'_>, service: &Service, plan: &Plan) -> Result<(), Unstarted> {
    let spec = service.spec();
    let mut facts = service.facts();
    let written = std::fs::read_to_string(service.dir().join(VALUES)).unwrap_or_default();
    for line in written.lines() {
        if let Some((name, value)) = line.split_once('=') {
            facts
                .values
                .insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    facts.url = url(setting, spec, &facts)?;
    let mut names = names(setting, &facts);
    for (name, value) in &facts.values {
        names
            .entry(name.clone())
            .or_insert_with(|| value.as_str().into());
    }
    if let Some(launch) = service.launch() {
        for (name, variable) in &launch.env {
            names
                .entry(name.clone())
                .or_insert_with(|| variable.value.as_str().into());
        }
    }
    for (name, value) in &plan.values {
        let place = format!("value `{name}` of service `{}`", spec.name);
        match value {
            Some(text) => {
                let value = render(spec, &place, text, &names)?;
                facts.values.insert(name.clone(), value);
            }
            None => {
                facts.values.remove(name);
            }
        }
    }
    service.learn(|known| *known = facts);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c22_named_ports_are_exported_under_their_names() {
        assert_eq!(port_variable("web"), "WEB_PORT");
        assert_eq!(port_variable("admin-api"), "ADMIN_API_PORT");
        assert_eq!(port_variable("PORT_WEB"), "PORT_WEB");
    }

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
