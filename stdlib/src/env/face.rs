//! The names scripts use.

use super::body;
use super::error::EnvError;
use crate::host::attempt::Attempt;
use crate::host::json;
use crate::host::record::Level;
use crate::host::script::{self, Raise};
use crate::host::secret;
use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, NativeCallContext};

/// Behind the name `vars`. Holds nothing: the variables belong to the run a script is asked in.
#[derive(Clone, Copy)]
pub struct Vars;

/// Behind the name `run`. Holds nothing, as [`Vars`].
#[derive(Clone, Copy)]
pub struct Run;

fn refuse(ctx: &NativeCallContext, error: impl Into<EnvError>) -> Raise {
    script::usage(ctx, error.into().into())
}

fn fact(ctx: &NativeCallContext, name: &str) -> Result<Result<Dynamic, EnvError>, Raise> {
    let (world, attempt) = (script::world(ctx)?, script::try_attempt(ctx));
    let known = body::Known {
        world: &world,
        identity: attempt.as_ref().map(Attempt::identity),
    };
    Ok(body::fact(&known, name))
}

fn in_words(value: &Dynamic) -> String {
    format!("{} ({})", json::show(value, 80), json::type_in_words(value))
}

#[export_module]
pub mod env {
    /// The environment variable `name`, as text. The environment is layered: env files, then the shell, then
    /// `--env NAME=…`. A variable that is not set is a usage error. May be used while a file is loaded.
    ///
    /// ```rhai
    /// let language = if env("LANG", ()) == () { "en" } else { env("LANG") };
    /// assert language != ();
    /// ```
    #[rhai_fn(return_raw)]
    pub fn env(ctx: NativeCallContext, name: &str) -> Result<ImmutableString, Raise> {
        let world = script::world(&ctx)?;
        body::env(&world, name)
            .map(Into::into)
            .map_err(|error| refuse(&ctx, error))
    }

    /// The environment variable `name`, or `otherwise` when it is not set: text, or `()` to find out. A variable set
    /// to nothing is `""`.
    ///
    /// ```rhai
    /// let port = parse_int(env("SHOP_PORT", "8080"));
    /// assert port > 0;
    /// ```
    #[rhai_fn(name = "env", return_raw)]
    pub fn env_or(
        ctx: NativeCallContext,
        name: &str,
        otherwise: Dynamic,
    ) -> Result<Dynamic, Raise> {
        if !otherwise.is_string() && !otherwise.is_unit() {
            let got = in_words(&otherwise);
            return Err(refuse(&ctx, EnvError::DefaultIsNoText { got }));
        }
        let world = script::world(&ctx)?;
        Ok(body::env(&world, name).map_or(otherwise, Into::into))
    }

    /// The secret `name`: the environment variable of that name, else the content of the file that `NAME_FILE` names
    /// (relative to the project, up to 64 KiB, without the line end after it). Reports show it as `[masked:NAME]`, also
    /// in its base64 and URL forms. A secret that is missing or empty is a usage error. May be used while a file is loaded.
    ///
    /// ```rhai
    /// let ada = #{ email: "ada@example.com", password: secret("ADA_PASSWORD") };
    /// let res = http.post("/api/login", #{ json: ada });
    /// assert res.status == 200;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn secret(ctx: NativeCallContext, name: &str) -> Result<ImmutableString, Raise> {
        let world = script::world(&ctx)?;
        let first = world.masker.secret_value(name).is_none();
        let value = secret::read(&world, name).map_err(|error| refuse(&ctx, error))?;
        if first && !world.masker.touches(&value) {
            too_short(&ctx, &format!("secret `{name}`"));
        }
        Ok(value.into())
    }

    /// Hides `value`, a token made at run time, in every report from now on, and gives it back. Shown as
    /// `[masked:value]`. A value of less than four characters is not hidden, and a warning says so.
    ///
    /// ```rhai
    /// let token = mask("t-93c5a1");
    /// assert token == "t-93c5a1";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn mask(ctx: NativeCallContext, value: Dynamic) -> Result<Dynamic, Raise> {
        hide(&ctx, value, "value")
    }

    /// Like `mask(value)`, shown as `[masked:name]`.
    ///
    /// ```rhai
    /// let token = mask("t-93c5a2", "session token");
    /// log(`logged in with ${token}`);
    /// ```
    #[rhai_fn(name = "mask", return_raw)]
    pub fn mask_as(ctx: NativeCallContext, value: Dynamic, name: &str) -> Result<Dynamic, Raise> {
        hide(&ctx, value, name)
    }
}

fn hide(ctx: &NativeCallContext, value: Dynamic, name: &str) -> Result<Dynamic, Raise> {
    let world = script::world(ctx)?;
    let Some(text) = value
        .read_lock::<ImmutableString>()
        .map(|text| text.clone())
    else {
        let got = json::type_in_words(&value);
        return Err(refuse(ctx, EnvError::NotText { got }));
    };
    if !world.masker.add(name, &text) {
        too_short(ctx, &format!("a value named `{name}`"));
    }
    Ok(value)
}

fn too_short(ctx: &NativeCallContext, what: &str) {
    if let Some(attempt) = script::try_attempt(ctx) {
        attempt.log(
            Level::Warn,
            format!("{what} is too short to be masked: reports show it"),
        );
    }
}

#[export_module]
pub mod vars {
    /// Reads `vars.name`, a variable of `--var name=…` or the profile. A missing one is an error, `vars.get(name)` is not.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn read(ctx: NativeCallContext, _vars: &mut Vars, name: &str) -> Result<Dynamic, Raise> {
        let world = script::world(&ctx)?;
        body::var(&world, name).map_err(|error| refuse(&ctx, error))
    }

    /// Variables come from outside; writing one is an error.
    #[rhai_fn(index_set, return_raw, pure)]
    pub fn write(
        ctx: NativeCallContext,
        _vars: &mut Vars,
        _name: &str,
        _value: Dynamic,
    ) -> Result<(), Raise> {
        Err(refuse(&ctx, EnvError::ReadOnly { owner: "vars" }))
    }

    /// The variable `name`, or `()`.
    ///
    /// ```rhai
    /// assert vars.get("no_such_variable") == ();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, _vars: &mut Vars, name: &str) -> Result<Dynamic, Raise> {
        let world = script::world(&ctx)?;
        Ok(body::var(&world, name).unwrap_or(Dynamic::UNIT))
    }

    /// The variable `name`, or `otherwise`.
    ///
    /// ```rhai
    /// let rows = vars.get("rows", 500);
    /// assert rows > 0;
    /// ```
    #[rhai_fn(name = "get", return_raw, pure)]
    pub fn get_or(
        ctx: NativeCallContext,
        _vars: &mut Vars,
        name: &str,
        otherwise: Dynamic,
    ) -> Result<Dynamic, Raise> {
        let world = script::world(&ctx)?;
        Ok(body::var(&world, name).unwrap_or(otherwise))
    }

    /// Whether there is a variable `name`; also `name in vars`.
    ///
    /// ```rhai
    /// assert !("no_such_variable" in vars);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn contains(ctx: NativeCallContext, _vars: &mut Vars, name: &str) -> Result<bool, Raise> {
        Ok(script::world(&ctx)?.vars.contains_key(name))
    }

    /// The names of all variables, sorted.
    ///
    /// ```rhai
    /// for name in vars.keys() { log(`${name} = ${vars[name]}`) }
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn keys(ctx: NativeCallContext, _vars: &mut Vars) -> Result<Array, Raise> {
        let world = script::world(&ctx)?;
        Ok(world.vars.keys().map(|name| name.as_str().into()).collect())
    }
}

#[export_module]
pub mod run {
    /// Reads `run.id` (constant through every phase and process of a run), `run.seed`, `run.profile`, `run.base_url`,
    /// `run.dir` (absolute, or relative to the working directory) or `run.program` (this program). An unknown name, and
    /// a base URL that is not configured, are errors.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn read(ctx: NativeCallContext, _run: &mut Run, name: &str) -> Result<Dynamic, Raise> {
        fact(&ctx, name)?.map_err(|error| refuse(&ctx, error))
    }

    /// What is known about the run cannot be changed; writing it is an error.
    #[rhai_fn(index_set, return_raw, pure)]
    pub fn write(
        ctx: NativeCallContext,
        _run: &mut Run,
        _name: &str,
        _value: Dynamic,
    ) -> Result<(), Raise> {
        Err(refuse(&ctx, EnvError::ReadOnly { owner: "run" }))
    }

    /// Like `run.name`, or `()` when there is none: `run.get("base_url")`.
    ///
    /// ```rhai
    /// assert run.get("id") == run.id;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, _run: &mut Run, name: &str) -> Result<Dynamic, Raise> {
        match fact(&ctx, name)? {
            Err(error @ EnvError::NoSuchFact { .. }) => Err(refuse(&ctx, error)),
            answer => Ok(answer.unwrap_or(Dynamic::UNIT)),
        }
    }
}
