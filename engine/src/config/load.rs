//! From what was typed to what it means: reads the files, lays the layers, and settles what depends on the machine.

use super::build::Found;
use super::environment::{self, EnvFiles, Variables};
use super::error::ConfigError;
use super::file::{self, ConfigFile};
use super::flags::Flags;
use super::keys::KEYS;
use super::layers::{Layer, Layers, Origin, Set};
use super::profiles;
use super::settings::Settings;
use super::value::{Value, Wrong};
use super::{build, settle, typed};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name that marks the root of a project.
const FILE: &str = "scenario.toml";
/// Chooses the profile; not a row of the table, since it decides which rows are read.
const PROFILE: &str = "SCENARIO_PROFILE";

/// What a process was started with.
#[derive(Clone, Debug)]
pub struct Invocation<'a> {
    pub cwd: PathBuf,
    /// The real environment.
    pub environment: BTreeMap<String, String>,
    pub flags: &'a Flags,
    pub cores: usize,
    /// The seed of the run, unless one is set.
    pub fresh_seed: u64,
    /// The names of the reporters there are.
    pub reporters: &'a [&'a str],
}

impl<'a> Invocation<'a> {
    /// That of this process.
    pub fn of_process(
        flags: &'a Flags,
        reporters: &'a [&'a str],
        fresh_seed: u64,
    ) -> std::io::Result<Self> {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Ok(Self {
            cwd: std::env::current_dir()?,
            environment: std::env::vars_os()
                .map(|(name, value)| (text(name), text(value)))
                .collect(),
            flags,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            fresh_seed,
            reporters,
        })
    }
}

/// Resolves everything once; on bad news all of it, not only the first.
pub fn load(call: &Invocation<'_>) -> Result<Settings, Vec<Failure>> {
    resolve(call).map_err(|errors| errors.into_iter().map(Failure::from).collect())
}

fn resolve(call: &Invocation<'_>) -> Result<Settings, Vec<ConfigError>> {
    let (root, path) = project(&call.cwd);
    let config = match &path {
        Some(path) => match environment::read_text(path, FILE).map_err(one)? {
            Some(text) => file::read(&text, &root, call.reporters)?,
            None => ConfigFile::default(),
        },
        None => ConfigFile::default(),
    };
    let mut files = EnvFiles::in_project(&root);
    let top = files.layer(".env").map_err(one)?;
    let (profile, chosen_by) = profile(call, &top);
    let chain = profiles::chain(&config, &profile, &chosen_by).map_err(one)?;

    let mut layers = Layers::default();
    layers.lay(defaults());
    let mut generic_env = environment::declared(&config.base);
    layers.lay(config.base.clone());
    if let Some(default) = config.profiles.get(profiles::DEFAULT) {
        generic_env.extend(environment::declared(&default.layer));
        layers.lay(default.layer.clone());
    }
    let mut specific_env = Layer::new();
    for part in chain {
        specific_env.extend(environment::declared(&part.layer));
        layers.lay(part.layer.clone());
    }

    let mut variables = Variables::default();
    let scripts = build::Values(&layers).texts("scripts");
    let folders = environment::script_folders(&root, &call.cwd, &scripts, &call.flags.paths());
    let (near, mut conflicts) = files.layers(&folders, ".env").map_err(one)?;
    variables.lay(generic_env);
    variables.lay(top);
    near.into_iter().for_each(|layer| variables.lay(layer));
    let own = format!(".env.{profile}");
    variables.lay(specific_env);
    variables.lay(files.layer(&own).map_err(one)?);
    let (near, more) = files.layers(&folders, &own).map_err(one)?;
    near.into_iter().for_each(|layer| variables.lay(layer));
    conflicts.extend(more);
    variables.lay(environment::real(&call.environment));
    variables.lay(environment::typed(&call.flags.settings.env));

    let mut errors: Vec<ConfigError> = conflicts
        .into_iter()
        .filter(|conflict| still_matters(conflict, &variables))
        .collect();
    errors.extend(profile_too_late(&variables, &profile, &chosen_by));
    let (set_by_variables, wrong) = settings_in(&variables);
    layers.lay(set_by_variables);
    errors.extend(wrong);
    layers.lay(typed::layer(call, &mut errors));
    settle::settle(&mut layers, call, &variables);
    errors.extend(settle::clashes(&layers));
    if !errors.is_empty() {
        return Err(errors);
    }
    let warnings = slips(&variables);
    let mut names: Vec<String> = config.profiles.into_keys().collect();
    if !names.iter().any(|name| name == profiles::DEFAULT) {
        names.insert(0, profiles::DEFAULT.to_owned());
    }
    let found = Found {
        file: path,
        profile,
        profiles: names,
        root: root.clone(),
    };
    Ok(build::build(call, found, &layers, variables, warnings))
}

fn one(error: ConfigError) -> Vec<ConfigError> {
    vec![error]
}

/// The nearest folder upwards with a configuration, else the current one.
fn project(cwd: &Path) -> (PathBuf, Option<PathBuf>) {
    let found = cwd.ancestors().find(|dir| dir.join(FILE).is_file());
    match found {
        Some(root) => (root.to_owned(), Some(root.join(FILE))),
        None => (cwd.to_owned(), None),
    }
}

/// The profile is known before any file that depends on it is read.
fn profile(call: &Invocation<'_>, top: &Layer<String>) -> (String, Origin) {
    let by_variable = |from: Origin| Origin::Setting {
        name: PROFILE,
        from: Box::new(from),
    };
    let typed = call.flags.settings.env.iter().rev();
    let typed = typed.filter(|(name, _)| name == PROFILE);
    let mut candidates = (call.flags.settings.profile.iter())
        .map(|name| (name.clone(), Origin::Flag("--profile")))
        .chain(typed.map(|(_, value)| (value.clone(), by_variable(Origin::Flag("--env")))))
        .chain(
            (call.environment.get(PROFILE).into_iter())
                .map(|value| (value.clone(), by_variable(Origin::Environment))),
        )
        .chain(
            (top.get(PROFILE).into_iter())
                .map(|set| (set.value.clone(), by_variable(set.origin.clone()))),
        );
    candidates
        .find(|(name, _)| !name.is_empty())
        .unwrap_or_else(|| (profiles::DEFAULT.to_owned(), Origin::Default))
}

/// A nearer env file may name a profile only if that changes nothing.
fn profile_too_late(
    variables: &Variables,
    profile: &str,
    chosen_by: &Origin,
) -> Option<ConfigError> {
    let set = &variables.entries.get(PROFILE)?.set;
    let Origin::File { file, line } = &set.origin else {
        return None;
    };
    let decided = matches!(chosen_by, Origin::Flag(_));
    (!decided && set.value != profile && !set.value.is_empty()).then(|| {
        let text = format!("{PROFILE}={}", set.value);
        ConfigError::ProfileTooLate {
            file: file.clone(),
            chosen: set.value.clone(),
            profile: profile.to_owned(),
            at: scenario_stdlib::host::location::Location {
                file: file.clone(),
                line: *line,
                column: 1,
                width: text.chars().count() as u32,
                text,
            },
        }
    })
}

/// Two folders that disagree about a variable do no harm when something higher decides.
fn still_matters(conflict: &ConfigError, variables: &Variables) -> bool {
    let ConfigError::EnvConflict {
        name,
        first,
        second,
    } = conflict
    else {
        return true;
    };
    let in_force = variables.entries.get(name).map(|entry| &entry.set.origin);
    in_force == Some(first) || in_force == Some(second)
}

fn defaults() -> Layer<Value> {
    let default = |key: &super::keys::Key| {
        let value = key.kind.read_text(key.default?).ok()?;
        Some((key.name.to_owned(), Set::new(value, Origin::Default)))
    };
    KEYS.iter().filter_map(default).collect()
}

/// The settings that `SCENARIO_…` variables make.
fn settings_in(variables: &Variables) -> (Layer<Value>, Vec<ConfigError>) {
    let mut layer = Layer::new();
    let mut errors = Vec::new();
    for key in KEYS {
        let Some(name) = key.variable else { continue };
        let Some(entry) = variables.entries.get(name) else {
            continue;
        };
        if entry.set.value.trim().is_empty() {
            continue;
        }
        let origin = Origin::Setting {
            name,
            from: Box::new(entry.set.origin.clone()),
        };
        match key.kind.read_text(&entry.set.value) {
            Ok(value) => {
                layer.insert(key.name.to_owned(), Set::new(value, origin));
            }
            Err(Wrong::Value { why, hint }) => errors.push(bad(key.name, why, hint, origin)),
            Err(Wrong::Type(got)) => {
                let why = format!("{got} is not {}", key.kind.expected());
                errors.push(bad(key.name, why, None, origin));
            }
        }
    }
    (layer, errors)
}

fn bad(key: &str, why: String, hint: Option<String>, from: Origin) -> ConfigError {
    ConfigError::BadValue {
        key: key.to_owned(),
        why,
        hint,
        from,
        at: None,
    }
}

/// Names of variables that look like a setting but are none.
fn slips(variables: &Variables) -> Vec<String> {
    let known = || KEYS.iter().filter_map(|key| key.variable).chain([PROFILE]);
    let ours = variables
        .entries
        .iter()
        .filter(|(name, _)| name.starts_with("SCENARIO_") && !known().any(|k| k == *name));
    ours.filter_map(|(name, entry)| {
        let near = suggest::nearest(name, known())?;
        Some(format!(
            "the variable {name} ({}) is no setting: did you mean {near}?",
            entry.set.origin
        ))
    })
    .collect()
}
