//! The answers, found in the world of the run. Knows no Rhai but its values.

use super::error::EnvError;
use crate::host::json;
use crate::host::suggest;
use crate::host::world::World;
use rhai::Dynamic;

/// The environment variable `name`.
pub fn env(world: &World, name: &str) -> Result<String, EnvError> {
    world.env.get(name).cloned().ok_or_else(|| {
        let names = world.env.keys().map(String::as_str);
        EnvError::NoSuchEnv {
            name: name.to_owned(),
            near: suggest::nearest(name, names).map(str::to_owned),
        }
    })
}

/// The variable `name` of `--var` or the profile.
pub fn var(world: &World, name: &str) -> Result<Dynamic, EnvError> {
    world.vars.get(name).map(json::from_json).ok_or_else(|| {
        let names = world.vars.keys().map(String::as_str);
        EnvError::NoSuchVar {
            name: name.to_owned(),
            near: suggest::nearest(name, names).map(str::to_owned),
        }
    })
}

/// Something known about the run, and how it is found out.
type Fact = (&'static str, fn(&World) -> Result<Dynamic, EnvError>);

/// What `run` answers to.
pub const FACTS: &[Fact] = &[
    ("id", |world| Ok(world.run_id.as_str().into())),
    ("seed", |world| {
        // A seed beyond what a script's integers can hold stays readable as text.
        Ok(i64::try_from(world.seed).map_or_else(|_| world.seed.to_string().into(), Dynamic::from))
    }),
    ("profile", |world| Ok(world.profile.as_str().into())),
    ("base_url", |world| match &world.base_url {
        Some(url) => Ok(url.as_str().into()),
        None => Err(EnvError::NoBaseUrl),
    }),
    ("dir", |world| {
        Ok(world.run_dir.to_string_lossy().as_ref().into())
    }),
    ("program", |_| {
        // Where the kernel does not tell, the shell may know it.
        let program = std::env::current_exe().unwrap_or_else(|_| "scenario".into());
        Ok(program.to_string_lossy().as_ref().into())
    }),
];

/// The fact `name` about the run.
pub fn fact(world: &World, name: &str) -> Result<Dynamic, EnvError> {
    match FACTS.iter().find(|(known, _)| *known == name) {
        Some((_, find)) => find(world),
        None => Err(EnvError::NoSuchFact {
            name: name.to_owned(),
            hint: suggest::hint(name, FACTS.iter().map(|(known, _)| *known)),
        }),
    }
}
