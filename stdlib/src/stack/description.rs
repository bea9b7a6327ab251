//! What a stack is, as far as the script says: a description that may be made at load, exported and captured.

use super::attach::Existing;
use super::error::StackError;
use super::order::{self, Needs};
use crate::guard::Program;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::scope::Extent;
use crate::host::script::Deferred;
use crate::service::options::{self, Reader, environment};
use crate::service::spec::{Content, EnvLayer, Given, Ready, Spec};
use crate::service::template;
use rhai::{FnPtr, Map};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Names that the handle of a stack answers itself.
const RESERVED: &[&str] = &["name", "dir", "env", "services", "down", "state"];

/// A stack that can be brought up. Clones are the same.
#[derive(Clone, Debug)]
pub struct Stack(pub Arc<Description>);

/// All that was said about it.
#[derive(Debug)]
pub struct Description {
    pub name: String,
    pub services: Vec<Spec>,
    pub needs: Needs,
    /// Variables for all its services.
    pub env: EnvLayer,
    /// Variables for whoever uses it, beside those of its services.
    pub exports: Given<EnvLayer>,
    pub extent: Extent,
    /// Where its directory is made, relative to the project; in that of its owner when not given.
    pub dir: Option<String>,
    pub keep: bool,
    pub keep_on_failure: Option<bool>,
    pub existing: Existing,
    /// Where relative paths of templates start.
    pub folder: PathBuf,
}

impl Description {
    /// Reads the options of `stack(name, options)`.
    pub fn read(
        name: &str,
        map: Map,
        folder: PathBuf,
        keep: &dyn Fn(&FnPtr) -> Result<Deferred, Failure>,
    ) -> Result<Self, Failure> {
        check_name(name)?;
        let mut options = Options::new("stack", map);
        let services = options.map("services")?.unwrap_or_default();
        let env = match options.take("env") {
            Some(value) => environment(name, "env", &value)?,
            None => EnvLayer::new(),
        };
        let exports = match options.take("exports") {
            None => Given::Now(EnvLayer::new()),
            Some(value) => match value.read_lock::<FnPtr>() {
                Some(closure) => Given::Later(Box::new(keep(&closure)?)),
                None => Given::Now(environment(name, "exports", &value)?),
            },
        };
        let dir = options.text("dir")?;
        let keep_dir = options.flag("keep")?.unwrap_or(false);
        let keep_on_failure = options.flag("keep_on_failure")?;
        let extent = options::extent("stack", options.text("scope")?)?;
        let existing = match options.text("existing")?.as_deref() {
            None | Some("ignore") => Existing::Ignore,
            Some("attach") => Existing::Attach,
            Some("require") => Existing::Require,
            Some(other) => {
                return Err(StackError::Existing {
                    got: other.to_owned(),
                }
                .into());
            }
        };
        options.finish()?;
        if services.is_empty() {
            return Err(StackError::Empty { name: name.into() }.into());
        }
        let reader = Reader {
            keep,
            folder: folder.clone(),
            in_stack: true,
        };
        let specs: Result<Vec<Spec>, Failure> = services
            .iter()
            .map(|(service, value)| {
                if RESERVED.contains(&service.as_str()) {
                    return Err(StackError::Reserved {
                        stack: name.to_owned(),
                        service: service.to_string(),
                    }
                    .into());
                }
                let map = value.read_lock::<Map>().map(|map| map.clone());
                let map = map.ok_or_else(|| StackError::NoMap {
                    stack: name.to_owned(),
                    service: service.to_string(),
                    got: json::show(value, 80),
                })?;
                let mut spec = reader.read(service, map)?;
                spec.extent = extent;
                Ok(spec)
            })
            .collect();
        let mut services = specs?;
        // The most independent first, so that what is side by side starts in an order one can read.
        services.sort_by(|a, b| a.name.cmp(&b.name));
        let needs = needs(&services);
        order::check(name, &needs)?;
        Ok(Self {
            name: name.to_owned(),
            services,
            needs,
            env,
            exports,
            extent,
            dir,
            keep: keep_dir,
            keep_on_failure,
            existing,
            folder,
        })
    }

    /// The variables for all its services that `service` can have: those that speak of services it does not need are for
    /// others.
    pub fn env_for(&self, service: &str) -> EnvLayer {
        self.env
            .iter()
            .filter(|(_, value)| self.foreign(service, value.as_deref()).is_none())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The variables that `service` does not get, each with the service it would have to need.
    pub fn env_for_others(&self, service: &str) -> Vec<(&str, String)> {
        self.env
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str(), self.foreign(service, value.as_deref())?))
            })
            .collect()
    }

    /// A service that a variable names and `service` does not need.
    fn foreign(&self, service: &str, value: Option<&str>) -> Option<String> {
        let needed = order::all_needs(&self.needs, service);
        template::references(value?)
            .into_iter()
            .find(|name| self.needs.contains_key(name) && !needed.contains(name))
    }
}

fn check_name(name: &str) -> Result<(), StackError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(fits)
        && name.len() <= 60
    {
        return Ok(());
    }
    Err(StackError::Name { name: name.into() })
}

/// What each service needs: as it says, and those whose names its templates use.
fn needs(services: &[Spec]) -> Needs {
    let names: BTreeSet<&str> = services.iter().map(|spec| spec.name.as_str()).collect();
    services
        .iter()
        .map(|spec| {
            let mut needs: BTreeSet<String> = spec.needs.iter().cloned().collect();
            for text in texts(spec).filter(|text| spec.templates && template::is_template(text)) {
                let used = template::references(text);
                needs.extend(
                    used.into_iter()
                        .filter(|name| *name != spec.name && names.contains(name.as_str())),
                );
            }
            (spec.name.clone(), needs)
        })
        .collect()
}

/// What is known of variables without calling a closure.
fn now(given: &Given<EnvLayer>) -> Option<&EnvLayer> {
    match given {
        Given::Now(layer) => Some(layer),
        Given::Later(_) => None,
    }
}

fn words_of(program: &Program) -> Vec<&String> {
    match program {
        Program::List(words) => words.iter().collect(),
        Program::Shell(line) => vec![line],
    }
}

/// Every text of a service in which others may be named.
fn texts(spec: &Spec) -> impl Iterator<Item = &str> {
    let layers = [now(&spec.env), now(&spec.values)];
    let variables = layers
        .into_iter()
        .flatten()
        .flat_map(|layer: &EnvLayer| layer.values().flatten());
    let words = match &spec.command {
        Given::Now(program) => words_of(program),
        Given::Later(_) => Vec::new(),
    };
    let files = match &spec.files {
        Given::Now(files) => files.as_slice(),
        Given::Later(_) => &[],
    };
    let contents = files.iter().filter_map(|file| match &file.content {
        Content::Text(text) | Content::Template { text, .. } => Some(text),
        Content::Copy { .. } => None,
    });
    let urls = spec.url.iter().chain(&spec.cwd);
    let asked = spec.ready.iter().flatten().flat_map(|ready| match ready {
        Ready::Http { url, .. } => vec![url],
        Ready::Command(program) => words_of(program),
        _ => Vec::new(),
    });
    let stop = spec.stop.command.iter().flat_map(words_of);
    variables
        .chain(words)
        .chain(stop)
        .chain(contents)
        .chain(urls)
        .chain(asked)
        .map(String::as_str)
}
