//! What the options of a service mean. Everything that can be wrong with them is found here, before anything starts.

mod files;
mod ports;
mod ready;
mod values;

use super::error::ServiceError;
use super::spec::{EnvLayer, FileWish, Given, Restart, Spec, When};
use crate::guard::{Program, StopPlan};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::scope::Extent;
use crate::host::script::Deferred;
use rhai::{Dynamic, FnPtr, ImmutableString, Map};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use ports::{port_range, regex};
pub use values::environment;

/// How long a service may take to be ready unless the script says.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What reading options needs to know of the place they stand in.
pub struct Reader<'a> {
    /// Keeps a closure for later.
    pub keep: &'a dyn Fn(&FnPtr) -> Result<Deferred, Failure>,
    /// Where relative paths of templates start.
    pub folder: PathBuf,
    /// In a stack, closures may make values from the services that are up, and there is neither `scope` nor `keep`.
    pub in_stack: bool,
}

impl Reader<'_> {
    /// Reads the options of the service `name`.
    pub fn read(&self, name: &str, map: Map) -> Result<Spec, Failure> {
        check_name(name)?;
        let owner = match self.in_stack {
            true => format!("services.{name}"),
            false => "spawn_service".to_owned(),
        };
        let mut options = Options::new(owner, map);
        let command = self.command(name, &mut options)?;
        let env = self.given(&mut options, "env", |value| environment(name, "env", value))?;
        let values = self.given(&mut options, "values", |value| {
            environment(name, "values", value)
        })?;
        let files = self.given(&mut options, "files", |value| {
            files::read(name, &self.folder, value)
        })?;
        let ports = ports::read(name, options.take("ports"))?;
        let ready = match options.take("ready") {
            Some(value) => Some(ready::read(name, &value, self.keep)?),
            None => None,
        };
        let mut spec = Spec {
            name: name.to_owned(),
            command,
            env,
            templates: options.flag("templates")?.unwrap_or(true),
            cwd: options.text("cwd")?,
            ports,
            url: options.text("url")?,
            files,
            values,
            ready,
            timeout: options.duration("timeout")?.unwrap_or(TIMEOUT),
            stop: stop(name, &mut options)?,
            restart: restart(name, &mut options)?,
            needs: Vec::new(),
            extent: Extent::Scenario,
            user: options.text("user")?,
            ignore_exit: options.flag("ignore_exit")?.unwrap_or(false),
            keep: options.flag("keep")?.unwrap_or(false),
            show_env: options.flag("show_env")?.unwrap_or(false),
        };
        spec.needs = options.texts("needs")?.unwrap_or_default();
        if !self.in_stack {
            spec.extent = extent("spawn_service", options.text("scope")?)?;
        }
        options.finish()?;
        ready::check(&spec)?;
        Ok(spec)
    }

    fn command(&self, name: &str, options: &mut Options) -> Result<Given<Program>, Failure> {
        let value = options.take("cmd").ok_or_else(|| ServiceError::NoCommand {
            service: name.to_owned(),
        })?;
        self.later_or(&value, |value| program(name, "cmd", value))
    }

    fn given<T: Default>(
        &self,
        options: &mut Options,
        key: &'static str,
        read: impl FnOnce(&Dynamic) -> Result<T, Failure>,
    ) -> Result<Given<T>, Failure> {
        match options.take(key) {
            None => Ok(Given::Now(T::default())),
            Some(value) => self.later_or(&value, read),
        }
    }

    /// A closure is kept, anything else is read.
    fn later_or<T>(
        &self,
        value: &Dynamic,
        read: impl FnOnce(&Dynamic) -> Result<T, Failure>,
    ) -> Result<Given<T>, Failure> {
        match value.read_lock::<FnPtr>() {
            Some(closure) => Ok(Given::Later(Box::new((self.keep)(&closure)?))),
            None => Ok(Given::Now(read(value)?)),
        }
    }

    /// What a closure gave back for `cmd`.
    pub fn made_command(name: &str, value: &Dynamic) -> Result<Program, Failure> {
        program(name, "cmd", value)
    }

    /// What a closure gave back for `files`.
    pub fn made_files(
        name: &str,
        folder: &Path,
        value: &Dynamic,
    ) -> Result<Vec<FileWish>, Failure> {
        files::read(name, folder, value)
    }

    /// What a closure gave back for `env` or `values`.
    pub fn made_layer(name: &str, key: &str, value: &Dynamic) -> Result<EnvLayer, Failure> {
        environment(name, key, value)
    }
}

fn check_name(name: &str) -> Result<(), ServiceError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.starts_with(begins) && name.chars().all(fits) && name.len() <= 60 {
        return Ok(());
    }
    Err(ServiceError::Name {
        name: name.to_owned(),
    })
}

/// Something is not what it must be.
fn wrong(what: impl Into<String>, expected: &'static str, got: &Dynamic) -> Failure {
    let got = format!(
        "{} ({})",
        crate::host::json::show(got, 80),
        crate::host::json::type_in_words(got)
    );
    ServiceError::Wrong {
        what: what.into(),
        expected,
        got,
    }
    .into()
}

fn of(service: &str, key: &str) -> String {
    format!("`{key}` of service `{service}`")
}

/// A list is a program with its arguments, a text a line for the shell.
fn program(service: &str, key: &str, value: &Dynamic) -> Result<Program, Failure> {
    let expected = "a list such as [\"program\", \"argument\"], or a line for the shell";
    let refuse = || wrong(of(service, key), expected, value);
    if let Some(line) = value.read_lock::<ImmutableString>() {
        return match line.trim() {
            "" => Err(refuse()),
            _ => Ok(Program::Shell(line.to_string())),
        };
    }
    let items = value.read_lock::<rhai::Array>().ok_or_else(refuse)?;
    let words: Option<Vec<String>> = items.iter().map(values::word).collect();
    match words {
        Some(words) if words.first().is_some_and(|word| !word.is_empty()) => {
            Ok(Program::List(words))
        }
        _ => Err(refuse()),
    }
}

/// `stop: "INT"`, `stop: ["redis-cli", "shutdown"]`, or `stop: #{ command: …, signal: "INT" }`; with `grace`.
fn stop(service: &str, options: &mut Options) -> Result<StopPlan, Failure> {
    let mut plan = StopPlan::default();
    if let Some(value) = options.take("stop") {
        if let Some(map) = value.read_lock::<Map>() {
            let mut inner = Options::new(format!("{service}.stop"), map.clone());
            if let Some(command) = inner.take("command") {
                plan.command = Some(program(service, "stop.command", &command)?);
            }
            if let Some(name) = inner.text("signal")? {
                plan.signal = name;
            }
            if let Some(main_only) = inner.flag("main_only")? {
                plan.main_only = main_only;
            }
            inner.finish()?;
        } else {
            match value.read_lock::<ImmutableString>() {
                Some(text) if is_signal(&text) => plan.signal = text.to_string(),
                _ => plan.command = Some(program(service, "stop", &value)?),
            }
        }
    }
    if let Some(grace) = options.duration("grace")? {
        plan.grace = grace;
    }
    Ok(plan)
}

fn is_signal(text: &str) -> bool {
    text.len() > 2
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// `restart: "on-failure"`, or `restart: #{ when: "always", times: 5, delay: "1s" }`.
fn restart(service: &str, options: &mut Options) -> Result<Restart, Failure> {
    let mut restart = Restart::default();
    let Some(value) = options.take("restart") else {
        return Ok(restart);
    };
    if let Some(map) = value.read_lock::<Map>() {
        let mut inner = Options::new(format!("{service}.restart"), map.clone());
        restart.when = match inner.take("when") {
            Some(when) => read_when(service, &when)?,
            None => When::OnFailure,
        };
        if let Some(times) = inner.int("times", 1..=1000)? {
            restart.times = times as u32;
        }
        if let Some(delay) = inner.duration("delay")? {
            restart.delay = delay;
        }
        inner.finish()?;
        return Ok(restart);
    }
    restart.when = read_when(service, &value)?;
    Ok(restart)
}

fn read_when(service: &str, value: &Dynamic) -> Result<When, Failure> {
    let text = value.read_lock::<ImmutableString>();
    match text.as_deref().map(|text| text.as_str()) {
        Some("never" | "no") => Ok(When::Never),
        Some("on-failure") => Ok(When::OnFailure),
        Some("always") => Ok(When::Always),
        _ => Err(wrong(
            of(service, "restart"),
            "\"never\", \"on-failure\" or \"always\"",
            value,
        )),
    }
}

/// Reads the option `scope` of `owner`.
pub fn extent(owner: &str, text: Option<String>) -> Result<Extent, Failure> {
    match text.as_deref() {
        None | Some("scenario") => Ok(Extent::Scenario),
        Some("file") => Ok(Extent::File),
        Some("run") => Ok(Extent::Run),
        Some(other) => Err(ServiceError::Wrong {
            what: format!("option `scope` of `{owner}`"),
            expected: "\"scenario\", \"file\" or \"run\"",
            got: format!("\"{other}\""),
        }
        .into()),
    }
}
