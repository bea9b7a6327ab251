//! What a script wants executed: read out of its arguments and options.

use super::error::ExecError;
use crate::guard::{Program, Stdin};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::world::World;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// One command.
#[derive(Debug)]
pub struct Command {
    pub program: Program,
    pub env: BTreeMap<String, String>,
    pub cwd: PathBuf,
    pub stdin: Stdin,
    pub timeout: Option<Duration>,
    pub accepts: Accepts,
}

/// Which exit codes are no failure, beside 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Accepts {
    #[default]
    Success,
    Codes(Vec<i64>),
    Any,
}

impl Command {
    /// Reads the options of `exec`.
    pub fn read(world: &World, program: Program, options: Map) -> Result<Self, Failure> {
        let mut options = Options::new("exec", options);
        let timeout = options.duration("timeout")?;
        let more = options.map("env")?;
        let cwd = options.text("cwd")?;
        let stdin = options.take("stdin");
        let accepts = options.take("may_fail");
        options.finish()?;
        let mut env = world.env.clone();
        for (name, value) in more.unwrap_or_default() {
            if value.is_unit() {
                env.remove(name.as_str());
            } else {
                let text = word(&value).ok_or_else(|| ExecError::Variable {
                    name: name.to_string(),
                    got: shown(&value),
                })?;
                env.insert(name.to_string(), text);
            }
        }
        Ok(Self {
            program,
            env,
            cwd: match cwd {
                Some(cwd) => world.project.join(cwd),
                None => world.project.clone(),
            },
            stdin: input(stdin)?,
            timeout: timeout.map(|limit| world.scaled(limit)),
            accepts: accepts.map_or(Ok(Accepts::Success), |value| accepted(&value))?,
        })
    }
}

impl Accepts {
    /// Whether a process may end with `code`.
    pub fn takes(&self, code: i32) -> bool {
        match self {
            Self::Any => true,
            _ if code == 0 => true,
            Self::Success => false,
            Self::Codes(codes) => codes.contains(&i64::from(code)),
        }
    }
}

/// A list of words as a program and its arguments.
pub fn list(words: &Array) -> Result<Program, ExecError> {
    let words: Result<Vec<String>, ExecError> = words
        .iter()
        .enumerate()
        .map(|(place, value)| {
            word(value).ok_or_else(|| ExecError::Argument {
                place,
                got: shown(value),
            })
        })
        .collect();
    Ok(Program::List(words?))
}

/// Text, numbers and booleans as a command line has them.
fn word(value: &Dynamic) -> Option<String> {
    let value = value.flatten_clone();
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Some(text.to_string());
    }
    let is_plain = value.is_int() || value.is_float() || value.is_bool() || value.is_char();
    is_plain.then(|| value.to_string())
}

fn shown(value: &Dynamic) -> String {
    format!("{} ({})", json::show(value, 80), json::type_in_words(value))
}

fn input(value: Option<Dynamic>) -> Result<Stdin, ExecError> {
    let Some(value) = value else {
        return Ok(Stdin::Null);
    };
    if let Some(bytes) = value.read_lock::<Blob>() {
        return Ok(Stdin::Bytes(bytes.clone()));
    }
    match value.read_lock::<ImmutableString>() {
        Some(text) => Ok(Stdin::Bytes(text.as_bytes().to_vec())),
        None => Err(ExecError::Input { got: shown(&value) }),
    }
}

fn accepted(value: &Dynamic) -> Result<Accepts, ExecError> {
    let wrong = || ExecError::MayFail { got: shown(value) };
    if let Ok(any) = value.as_bool() {
        return Ok(if any { Accepts::Any } else { Accepts::Success });
    }
    if let Ok(code) = value.as_int() {
        return Ok(Accepts::Codes(vec![code]));
    }
    let codes = value.read_lock::<Array>().ok_or_else(wrong)?;
    let codes: Option<Vec<i64>> = codes.iter().map(|code| code.as_int().ok()).collect();
    codes.map(Accepts::Codes).ok_or_else(wrong)
}
