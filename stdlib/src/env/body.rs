//! The answers, found in the world of the run. Knows no Rhai but its values.

use super::error::EnvError;
use crate::host::attempt::Identity;
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
type Fact = (&'static str, fn(&Known<'_>) -> Result<Dynamic, EnvError>);

/// Where facts are found.
pub struct Known<'a> {
    pub world: &'a World,
    /// Whose attempt it is asked in; none while a file is loaded.
    pub identity: Option<&'a Identity>,
}

/// What `run` answers to.
pub const FACTS: &[Fact] = &[
    ("id", |known| Ok(known.world.run_id.as_str().into())),
    ("seed", |known| {
        let seed = known.world.seed;
        // A seed beyond what a script's integers can hold stays readable as text.
        Ok(i64::try_from(seed).map_or_else(|_| seed.to_string().into(), Dynamic::from))
    }),
    ("round", |known| match known.identity {
        Some(identity) => Ok(i64::from(identity.round).into()),
        None => Err(EnvError::NoRoundYet),
    }),
    ("profile", |known| Ok(known.world.profile.as_str().into())),
    ("base_url", |known| match &known.world.base_url {
        Some(url) => Ok(url.as_str().into()),
        None => Err(EnvError::NoBaseUrl),
    }),
    ("dir", |known| {
        Ok(known.world.run_dir.to_string_lossy().as_ref().into())
    }),
    ("program", |_| {
        // Where the kernel does not tell, the shell may know it.
        let program = std::env::current_exe().unwrap_or_else(|_| "scenario".into());
        Ok(program.to_string_lossy().as_ref().into())
    }),
];

/// The fact `name` about the run.
pub fn fact(known: &Known<'_>, name: &str) -> Result<Dynamic, EnvError> {
    match FACTS.iter().find(|(fact, _)| *fact == name) {
        Some((_, find)) => find(known),
        None => Err(EnvError::NoSuchFact {
            name: name.to_owned(),
            hint: suggest::hint(name, FACTS.iter().map(|(fact, _)| *fact)),
        }),
    }
}
