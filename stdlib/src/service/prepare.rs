//! Fills in everything a service needs before there is a process: what closures make, templates, environment, files.

use super::env::{self, Layer, Origin};
use super::options::Reader;
use super::place;
use super::publish::VALUES;
use super::running::Launch;
use super::spec::{Content, EnvLayer, FileWish, Given, Ready, Spec};
use super::start::{Setting, Unstarted};
use super::template::{self, Facts, Names};
use crate::guard::Program;
use crate::host::script::{self, Deferred, Meaning};
use crate::host::trace;
use minijinja::value::Value;
use rhai::Dynamic;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;

/// A description in which closures have made their values.
pub struct Plan {
    pub command: Program,
    pub env: EnvLayer,
    pub values: EnvLayer,
    pub files: Vec<FileWish>,
}

/// Lets closures make their values.
pub fn plan(setting: &Setting<'_>, spec: &Spec) -> Result<Plan, Unstarted> {
    let name = &spec.name;
    let made = |closure: &Deferred| -> Result<Dynamic, Unstarted> {
        let attempt = setting.attempt;
        let engine = attempt.language().engine(attempt);
        closure
            .call(&engine, attempt, vec![(setting.map)()])
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
pub fn check_templates(spec: &Spec, plan: &Plan) -> Result<(), Unstarted> {
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

/// What the service knows of itself before it starts.
pub fn facts(
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
pub fn url(setting: &Setting<'_>, spec: &Spec, facts: &Facts) -> Result<Option<String>, Unstarted> {
    let first = spec.first_port();
    let port = facts
        .ports
        .iter()
        .find(|(name, _)| Some(name.as_str()) == first);
    match &spec.url {
        Some(text) if facts.ports.len() == spec.ports.len() => {
            let names = LazyCell::new(|| names(setting, facts));
            let place = format!("`url` of service `{}`", spec.name);
            Ok(Some(render(spec, &place, text, &names)?))
        }
        Some(_) => Ok(None),
        None => Ok(port.map(|(_, port)| format!("http://127.0.0.1:{port}"))),
    }
}

/// The names its templates may use.
pub fn names(setting: &Setting<'_>, facts: &Facts) -> Names {
    let attempt = setting.attempt;
    let text = |path: &Path| {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Value::from(whole.to_string_lossy().as_ref())
    };
    let mut names = Names::new();
    let others = (setting.others)().into_iter();
    let services: BTreeMap<String, Value> = others
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

/// The text with its names filled in; without a template nobody needs to know them.
pub fn render(
    spec: &Spec,
    place: &str,
    text: &str,
    names: &impl Deref<Target = Names>,
) -> Result<String, Unstarted> {
    if spec.templates && template::is_template(text) {
        Ok(template::render(place, text, names)?)
    } else {
        Ok(text.to_owned())
    }
}

/// Fills everything in and writes the files.
pub fn prepare(
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
    let known = LazyCell::new(|| names(setting, facts));
    let environment = env::resolve(&layers, spec.templates, &known)?;
    let names = LazyCell::new(|| {
        let variables = environment.iter();
        let variables: BTreeMap<String, Value> = variables
            .map(|(name, variable)| (name.clone(), variable.value.as_str().into()))
            .collect();
        let mut names = known.clone();
        for (name, value) in &variables {
            names.entry(name.clone()).or_insert_with(|| value.clone());
        }
        names.insert("env".into(), Value::from(variables));
        names
    });

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
        env: env::Own::of(&environment, &world.env),
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
    if attempt.world().traceparent {
        set("TRACEPARENT", trace::parent(attempt, attempt.open_step()));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c22_named_ports_are_exported_under_their_names() {
        assert_eq!(port_variable("web"), "WEB_PORT");
        assert_eq!(port_variable("admin-api"), "ADMIN_API_PORT");
        assert_eq!(port_variable("PORT_WEB"), "PORT_WEB");
    }
}
