//! The type behind the parameter of a phase.

use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure, Kind};
use crate::host::script::{self, Raise};
use crate::host::secret::{self, SecretError};
use crate::host::{json, suggest};
use rhai::plugin::*;
use rhai::{Array, Dynamic, NativeCallContext};

/// The state as one attempt sees it. Reads and writes go to the attempt.
#[derive(Clone)]
pub struct State(Attempt);

impl State {
    /// The state of `attempt`.
    pub fn of(attempt: &Attempt) -> Self {
        Self(attempt.clone())
    }
}

/// What the state keeps instead of a secret: its name.
const SECRET: &str = "$secret";

#[export_module]
pub mod functions {
    /// Reads `state.key`; a missing key is an error, `state.get(key)` is not.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn read(ctx: NativeCallContext, state: &mut State, key: &str) -> Result<Dynamic, Raise> {
        match state.0.state_get(key) {
            Some(value) => revealed(&ctx, &state.0, key, &value),
            None => {
                let known = state.0.state();
                let mut failure = Failure::new(
                    Kind::Usage,
                    Code::Script,
                    format!("nothing was put on `state.{key}`"),
                );
                failure.hint = suggest::nearest(key, known.keys().map(String::as_str))
                    .map(|name| format!("did you mean `state.{name}`?"))
                    .or_else(|| Some(format!("use state.get(\"{key}\") if it may be missing")));
                Err(script::fail(&ctx, &state.0, failure))
            }
        }
    }

    /// Writes `state.key`. The value must be JSON through and through.
    #[rhai_fn(index_set, return_raw)]
    pub fn write(
        ctx: NativeCallContext,
        state: &mut State,
        key: &str,
        value: Dynamic,
    ) -> Result<(), Raise> {
        let name = format!("state.{key}");
        let mut value = json::to_json(&value, &name).map_err(|error| {
            script::fail(
                &ctx,
                &state.0,
                Failure::usage(error.to_string())
                    .hint("state crosses processes: put plain data on it, such as an id or a URL"),
            )
        })?;
        conceal(&state.0, &name, &mut value)
            .map_err(|failure| script::fail(&ctx, &state.0, failure))?;
        state.0.state_set(key, Some(value));
        Ok(())
    }

    /// The value of `key`, or `()`.
    ///
    /// ```rhai
    /// scenario("Maybe", |state| { assert state.get("task") == (); });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, state: &mut State, key: &str) -> Result<Dynamic, Raise> {
        match state.0.state_get(key) {
            Some(value) => revealed(&ctx, &state.0, key, &value),
            None => Ok(Dynamic::UNIT),
        }
    }

    /// The value of `key`, or `otherwise`.
    ///
    /// ```rhai
    /// scenario("Otherwise", |state| { assert state.get("tries", 3) == 3; });
    /// ```
    #[rhai_fn(name = "get", return_raw, pure)]
    pub fn get_or(
        ctx: NativeCallContext,
        state: &mut State,
        key: &str,
        otherwise: Dynamic,
    ) -> Result<Dynamic, Raise> {
        match state.0.state_get(key) {
            Some(value) => revealed(&ctx, &state.0, key, &value),
            None => Ok(otherwise),
        }
    }

    /// Whether something was put on `key`; also `key in state`.
    ///
    /// ```rhai
    /// scenario("Is it there", |state| { assert !("task" in state); });
    /// ```
    #[rhai_fn(pure)]
    pub fn contains(state: &mut State, key: &str) -> bool {
        state.0.state_get(key).is_some()
    }

    /// Takes `key` off the state.
    ///
    /// ```rhai
    /// scenario("Gone", |state| { state.a = 1; state.remove("a"); assert !("a" in state); });
    /// ```
    pub fn remove(state: &mut State, key: &str) {
        state.0.state_set(key, None);
    }

    /// The names on the state, sorted.
    ///
    /// ```rhai
    /// scenario("Names", |state| { state.b = 1; state.a = 2; assert state.keys() == ["a", "b"]; });
    /// ```
    #[rhai_fn(pure)]
    pub fn keys(state: &mut State) -> Array {
        let state = state.0.state();
        let mut keys: Vec<&str> = state.keys().map(String::as_str).collect();
        // A map of JSON keeps the order of insertion, if any crate of the program asks for that.
        keys.sort_unstable();
        keys.into_iter().map(Into::into).collect()
    }

    /// The state as JSON text.
    #[rhai_fn(name = "to_string", pure)]
    pub fn show(state: &mut State) -> String {
        serde_json::Value::Object(state.0.state()).to_string()
    }
}

/// A string that is a secret is kept by name; one that merely holds a secret, or a value masked at run time,
/// would be lost or leaked, so it is refused.
fn conceal(attempt: &Attempt, path: &str, value: &mut serde_json::Value) -> Result<(), Failure> {
    use serde_json::Value;
    let masker = &attempt.world().masker;
    match value {
        Value::String(text) => {
            if let Some(name) = masker.secret_named(text) {
                *value = serde_json::json!({ SECRET: name });
            } else if masker.touches(text) {
                return Err(Failure::usage(format!(
                    "{path} holds a masked value, and state is stored in the clear"
                ))
                .hint("put `secret(\"…\")` itself on state, or log in again in the later phase"));
            }
            Ok(())
        }
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, item)| conceal(attempt, &format!("{path}[{index}]"), item)),
        Value::Object(map) => map
            .iter_mut()
            .try_for_each(|(key, item)| conceal(attempt, &format!("{path}.{key}"), item)),
        _ => Ok(()),
    }
}

/// A value of the state as the script reads it: with the secrets themselves where their names are kept. One that this
/// process was not given is an error, since `()` in its place would be sent on as if it were the secret.
fn revealed(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    key: &str,
    value: &serde_json::Value,
) -> Result<Dynamic, Raise> {
    reveal(attempt, value).map_err(|error| {
        let failure = Failure::usage(format!("`state.{key}` holds a secret by name, and {error}"))
            .hint("secrets are read anew where they are used: this run needs the variable too");
        script::fail(ctx, attempt, failure)
    })
}

fn reveal(attempt: &Attempt, value: &serde_json::Value) -> Result<Dynamic, SecretError> {
    use serde_json::Value;
    Ok(match value {
        Value::Object(map) => match (map.len(), map.get(SECRET)) {
            (1, Some(Value::String(name))) => secret::read(attempt.world(), name)?.into(),
            _ => map
                .iter()
                .map(|(key, item)| Ok((key.as_str().into(), reveal(attempt, item)?)))
                .collect::<Result<rhai::Map, _>>()?
                .into(),
        },
        Value::Array(items) => items
            .iter()
            .map(|item| reveal(attempt, item))
            .collect::<Result<Array, _>>()?
            .into(),
        plain => json::from_json(plain),
    })
}
