//! `scenario` and `phase`: what a script says about itself while it is loaded. They are the one pair of primitives
//! that belongs to the engine, because their options are its model.

use crate::model::{Need, PhaseState, Quarantine};
use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext, Position};
use scenario_stdlib::Primitive;
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::loading::Loading;
use scenario_stdlib::host::options::Options;
use scenario_stdlib::host::script::{self, Deferred, Raise};
use scenario_stdlib::host::suggest;
use std::mem;
use std::sync::Mutex;
use std::time::Duration;

/// The row of this file.
pub const PRIMITIVE: Primitive = Primitive {
    name: "scenario",
    guide: include_str!("scenario.md"),
    register: |module| {
        module.set_custom_type::<PhaseHandle>("Phase");
        combine_with_exported_module!(module, "scenario", declaring);
    },
    globals: &[("TERMINAL", terminal)],
    syntax: None,
};

fn terminal() -> Dynamic {
    let names: Array = PhaseState::TERMINAL
        .iter()
        .map(|state| state.name().into())
        .collect();
    names.into()
}

/// What `phase(..)` gives back: its place among the phases declared so far.
#[derive(Clone, Debug)]
pub struct PhaseHandle(usize);

/// Everything a file declared, in order.
#[derive(Debug, Default)]
pub struct Collected {
    pub scenarios: Vec<RawScenario>,
    pub phases: Vec<RawPhase>,
}

/// A `scenario(..)` call.
#[derive(Debug)]
pub struct RawScenario {
    pub name: String,
    pub position: Position,
    pub options: ScenarioOptions,
    /// `None`: the phases declared beside it in the file.
    pub phases: Option<Vec<RawPhase>>,
}

/// A `phase(..)` call, or the body of a scenario.
#[derive(Debug)]
pub struct RawPhase {
    pub name: String,
    pub position: Position,
    pub options: PhaseOptions,
    pub body: Option<Deferred>,
    /// Whether a scenario's list took it.
    pub claimed: bool,
}

/// The options of `scenario`.
#[derive(Debug, Default)]
pub struct ScenarioOptions {
    pub description: String,
    pub tags: Vec<String>,
    pub retries: Option<u32>,
    pub retry_pause: Duration,
    pub flaky_fails: Option<bool>,
    pub timeout: Option<Duration>,
    pub locks: Vec<String>,
    pub slots: u32,
    pub requires: Vec<String>,
    pub skip: Option<String>,
    pub skip_in: Vec<String>,
    pub quarantine: Option<Quarantine>,
}

/// The options of `phase`.
#[derive(Debug, Default)]
pub struct PhaseOptions {
    /// `None`: the phase before it.
    pub needs: Option<Vec<Need>>,
    pub ready: Option<Deferred>,
    pub every: Option<Duration>,
    pub within: Option<Duration>,
    pub not_before: Option<Duration>,
    pub timeout: Option<Duration>,
    pub retries: u32,
    pub always: bool,
    pub ignore_outcome: bool,
    pub stop_when: Vec<Need>,
}

#[export_module]
mod declaring {
    /// Declares a scenario whose phases are the `phase(..)` calls of the same file. One such call a file.
    ///
    /// ```rhai
    /// scenario("Checkout works");
    /// phase("buy", || { assert 1 + 1 == 2; });
    /// ```
    #[rhai_fn(name = "scenario", return_raw)]
    pub fn scenario_named(ctx: NativeCallContext, name: &str) -> Result<(), Raise> {
        add_scenario(&ctx, name, Map::new(), None)
    }

    /// Declares a scenario of one phase.
    ///
    /// ```rhai
    /// for user in ["Ada", "Grace"] {
    ///     scenario(`greets ${user}`, || { assert user.len > 2; });
    /// }
    /// ```
    #[rhai_fn(name = "scenario", return_raw)]
    pub fn scenario_body(ctx: NativeCallContext, name: &str, body: FnPtr) -> Result<(), Raise> {
        add_scenario(&ctx, name, Map::new(), Some(Body::One(body)))
    }

    /// Declares a scenario with options, for the phases of the same file: `description`, `tags`, `retries`,
    /// `retry_pause`, `flaky`, `timeout`, `locks`, `slots`, `requires`, `skip`, `skip_in`, `quarantine`.
    ///
    /// ```rhai
    /// scenario("Export finishes", #{ tags: ["export", "smoke"], retries: 1 });
    /// phase("prepare", |state| { state.n = 1; });
    /// phase("validate", |state| { assert state.n == 1; });
    /// ```
    #[rhai_fn(name = "scenario", return_raw)]
    pub fn scenario_options(ctx: NativeCallContext, name: &str, options: Map) -> Result<(), Raise> {
        add_scenario(&ctx, name, options, None)
    }

    /// Declares a scenario of one phase, with options.
    ///
    /// ```rhai
    /// scenario("Quick check", #{ timeout: "10s" }, || { assert true; });
    /// ```
    #[rhai_fn(name = "scenario", return_raw)]
    pub fn scenario_options_body(
        ctx: NativeCallContext,
        name: &str,
        options: Map,
        body: FnPtr,
    ) -> Result<(), Raise> {
        add_scenario(&ctx, name, options, Some(Body::One(body)))
    }

    /// Declares a scenario of the phases in a list.
    ///
    /// ```rhai
    /// scenario("Two steps", [
    ///     phase("first", |state| { state.n = 1; }),
    ///     phase("second", |state| { assert state.n == 1; }),
    /// ]);
    /// ```
    #[rhai_fn(name = "scenario", return_raw)]
    pub fn scenario_list(ctx: NativeCallContext, name: &str, phases: Array) -> Result<(), Raise> {
        add_scenario(&ctx, name, Map::new(), Some(Body::List(phases)))
    }

    /// Declares a scenario of the phases in a list, with options.
    ///
    /// ```rhai
    /// scenario("Tidy", #{ tags: ["smoke"] }, [
    ///     phase("work", || { assert true; }),
    ///     phase("tidy", #{ always: true }, || { log("always"); }),
    /// ]);
    /// ```
    #[rhai_fn(name = "scenario", return_raw)]
    pub fn scenario_options_list(
        ctx: NativeCallContext,
        name: &str,
        options: Map,
        phases: Array,
    ) -> Result<(), Raise> {
        add_scenario(&ctx, name, options, Some(Body::List(phases)))
    }

    /// Declares a phase: a named, durable block. It needs the phase before it, unless `needs` says otherwise.
    ///
    /// ```rhai
    /// phase("prepare", |state| { state.id = 7; });
    /// phase("validate", |state| { assert state.id == 7; });
    /// ```
    #[rhai_fn(name = "phase", return_raw)]
    pub fn phase_body(
        ctx: NativeCallContext,
        name: &str,
        body: FnPtr,
    ) -> Result<PhaseHandle, Raise> {
        add_phase(&ctx, name, Map::new(), &body)
    }

    /// Declares a phase with options: `needs`, `ready`, `every`, `within`, `not_before`, `timeout`, `retries`, `always`,
    /// `ignore_outcome`, `stop_when`.
    ///
    /// ```rhai
    /// phase("prepare", |state| { state.due = 3; state.seen = 0; });
    /// phase("validate", #{ ready: |state| state.due == 3, every: "50ms", within: "10s" }, |state| {
    ///     assert state.due == 3;
    /// });
    /// ```
    #[rhai_fn(name = "phase", return_raw)]
    pub fn phase_options(
        ctx: NativeCallContext,
        name: &str,
        options: Map,
        body: FnPtr,
    ) -> Result<PhaseHandle, Raise> {
        add_phase(&ctx, name, options, &body)
    }
}

enum Body {
    One(FnPtr),
    List(Array),
}

fn collected<T>(
    ctx: &NativeCallContext,
    use_it: impl FnOnce(&mut Collected) -> T,
) -> Result<T, Raise> {
    let Some(loading) = Loading::of(ctx) else {
        let name = ctx.fn_name();
        let failure = Failure::new(
            Kind::Usage,
            Code::Script,
            format!("`{name}` declares, and a running phase only acts"),
        )
        .hint(format!("call `{name}` at the top level of the file"));
        return Err(script::usage(ctx, failure));
    };
    let store = loading.extensions.get::<Mutex<Collected>>();
    let mut store = store.lock().unwrap_or_else(|e| e.into_inner());
    Ok(use_it(&mut store))
}

fn bad(ctx: &NativeCallContext, failure: Failure) -> Raise {
    script::raise(failure, ctx.call_position())
}

fn name_ok(ctx: &NativeCallContext, what: &str, name: &str) -> Result<(), Raise> {
    let problem = if name.trim().is_empty() {
        "is empty"
    } else if name.contains("::") || name.chars().any(char::is_control) {
        "must not hold `::` or control characters"
    } else {
        return Ok(());
    };
    Err(bad(
        ctx,
        Failure::usage(format!("the name of a {what} {problem}")),
    ))
}

fn add_scenario(
    ctx: &NativeCallContext,
    name: &str,
    options: Map,
    body: Option<Body>,
) -> Result<(), Raise> {
    name_ok(ctx, "scenario", name)?;
    let options = scenario_options(options).map_err(|failure| bad(ctx, failure))?;
    let phases = match body {
        None => None,
        Some(Body::One(body)) => Some(vec![RawPhase {
            name: "run".into(),
            position: ctx.call_position(),
            options: PhaseOptions::default(),
            body: Some(keep(ctx, &body, 1, name)?),
            claimed: true,
        }]),
        Some(Body::List(list)) => {
            let mut handles = Vec::with_capacity(list.len());
            for item in list {
                match item.clone().try_cast::<PhaseHandle>() {
                    Some(PhaseHandle(index)) => handles.push(index),
                    None => {
                        let what = scenario_stdlib::host::json::type_in_words(&item);
                        return Err(bad(
                            ctx,
                            Failure::usage(format!(
                                "the list of `scenario(\"{name}\", …)` holds {what}"
                            ))
                            .hint("list phases only: [phase(\"prepare\", || { … }), …]"),
                        ));
                    }
                }
            }
            if handles.is_empty() {
                return Err(bad(
                    ctx,
                    Failure::usage(format!("scenario \"{name}\" has no phases")),
                ));
            }
            Some(collected(ctx, |all| {
                handles.into_iter().map(|index| all.claim(index)).collect()
            })?)
        }
    };
    collected(ctx, |all| {
        all.scenarios.push(RawScenario {
            name: name.to_owned(),
            position: ctx.call_position(),
            options,
            phases,
        });
    })
}

impl Collected {
    fn claim(&mut self, index: usize) -> RawPhase {
        let phase = &mut self.phases[index];
        phase.claimed = true;
        RawPhase {
            name: phase.name.clone(),
            position: phase.position,
            options: mem::take(&mut phase.options),
            body: phase.body.take(),
            claimed: true,
        }
    }
}

fn add_phase(
    ctx: &NativeCallContext,
    name: &str,
    options: Map,
    body: &FnPtr,
) -> Result<PhaseHandle, Raise> {
    name_ok(ctx, "phase", name)?;
    let phase = RawPhase {
        name: name.to_owned(),
        position: ctx.call_position(),
        options: phase_options_of(ctx, options)?,
        body: Some(keep(ctx, body, 1, name)?),
        claimed: false,
    };
    collected(ctx, |all| {
        all.phases.push(phase);
        PhaseHandle(all.phases.len() - 1)
    })
}

fn keep(
    ctx: &NativeCallContext,
    closure: &FnPtr,
    most: usize,
    name: &str,
) -> Result<Deferred, Raise> {
    let deferred = Deferred::keep(ctx, closure).map_err(|failure| bad(ctx, failure))?;
    if deferred.parameters() > most {
        let failure = Failure::usage(format!(
            "the closure of \"{name}\" takes {} parameters, and only the state can be passed",
            deferred.parameters()
        ))
        .hint("write || { … } or |state| { … }");
        return Err(bad(ctx, failure));
    }
    Ok(deferred)
}

fn scenario_options(map: Map) -> Result<ScenarioOptions, Failure> {
    let mut options = Options::new("scenario", map);
    let read = ScenarioOptions {
        description: options.text("description")?.unwrap_or_default(),
        tags: options.texts("tags")?.unwrap_or_default(),
        retries: options.int("retries", 0..=100)?.map(|n| n as u32),
        retry_pause: options.duration("retry_pause")?.unwrap_or_default(),
        flaky_fails: options.text("flaky")?.map(|how| flaky(&how)).transpose()?,
        timeout: options.duration("timeout")?,
        locks: options.texts("locks")?.unwrap_or_default(),
        slots: options.int("slots", 1..=1024)?.unwrap_or(1) as u32,
        requires: options.texts("requires")?.unwrap_or_default(),
        skip: options.text("skip")?,
        skip_in: options.texts("skip_in")?.unwrap_or_default(),
        quarantine: options.map("quarantine")?.map(quarantine).transpose()?,
    };
    options.finish()?;
    Ok(read)
}

/// Whether passing only after a failed try fails the scenario.
fn flaky(how: &str) -> Result<bool, Failure> {
    match how {
        "pass" => Ok(false),
        "fail" => Ok(true),
        _ => {
            let mut failure =
                Failure::usage(format!("option `flaky` of `scenario`: there is no `{how}`"));
            failure.hint = suggest::hint(how, ["pass", "fail"]);
            Err(failure)
        }
    }
}

fn quarantine(map: Map) -> Result<Quarantine, Failure> {
    let mut options = Options::new("quarantine", map);
    let expires = options.text("expires")?;
    let owner = options.text("owner")?;
    let ticket = options.text("ticket")?.unwrap_or_default();
    options.finish()?;
    let (Some(expires), Some(owner)) = (expires, owner) else {
        return Err(Failure::usage(
            "a quarantine needs `expires` and `owner`, so that someone ends it",
        ));
    };
    let expires = expires.parse().map_err(|_| {
        Failure::usage(format!(
            "`expires` of a quarantine is no date: \"{expires}\""
        ))
        .hint("write it like \"2026-12-31\"")
    })?;
    Ok(Quarantine {
        expires,
        owner,
        ticket,
    })
}

fn phase_options_of(ctx: &NativeCallContext, map: Map) -> Result<PhaseOptions, Raise> {
    let mut options = Options::new("phase", map);
    let read = (|| {
        let needs = options
            .take("needs")
            .map(|value| needs("needs", &value))
            .transpose()?;
        let ready = options.closure("ready")?;
        Ok((
            ready,
            PhaseOptions {
                needs,
                ready: None,
                every: options.duration("every")?,
                within: options.duration("within")?,
                not_before: options.duration("not_before")?,
                timeout: options.duration("timeout")?,
                retries: options.int("retries", 0..=100)?.unwrap_or(0) as u32,
                always: options.flag("always")?.unwrap_or(false),
                ignore_outcome: options.flag("ignore_outcome")?.unwrap_or(false),
                stop_when: options
                    .take("stop_when")
                    .map(|value| self::needs("stop_when", &value))
                    .transpose()?
                    .unwrap_or_default(),
            },
        ))
    })();
    let (ready, mut read) = read.map_err(|failure| bad(ctx, failure))?;
    options.finish().map_err(|failure| bad(ctx, failure))?;
    if let Some(ready) = ready {
        read.ready = Some(keep(ctx, &ready, 1, "ready")?);
    }
    let waits = [
        ("every", read.every.is_some()),
        ("within", read.within.is_some()),
    ];
    if let Some((name, _)) = waits
        .iter()
        .find(|(_, given)| *given && read.ready.is_none())
    {
        return Err(bad(
            ctx,
            Failure::usage(format!(
                "option `{name}` of `phase` needs a `ready` closure to poll"
            )),
        ));
    }
    if let (Some(every), Some(within)) = (read.every, read.within)
        && within < every
    {
        return Err(bad(
            ctx,
            Failure::usage("`within` is shorter than `every`: it would be polled only once"),
        ));
    }
    Ok(read)
}

/// A name, a list of names, or a map of names to accepted states.
fn needs(option: &str, value: &Dynamic) -> Result<Vec<Need>, Failure> {
    let plain = |name: &str| Need {
        phase: name.to_owned(),
        states: Vec::new(),
    };
    let wrong = || {
        Failure::usage(format!("option `{option}` of `phase` must be a name, a list of names, or a map of names to states"))
            .detail("got", scenario_stdlib::host::json::show(value, 120))
    };
    if let Some(name) = value.read_lock::<ImmutableString>() {
        return Ok(vec![plain(&name)]);
    }
    if let Some(list) = value.read_lock::<Array>() {
        return list
            .iter()
            .map(|item| {
                item.flatten_clone()
                    .into_immutable_string()
                    .map(|name| plain(&name))
                    .map_err(|_| wrong())
            })
            .collect();
    }
    let map = value.read_lock::<Map>().ok_or_else(wrong)?;
    let mut all = Vec::new();
    for (name, states) in map.iter() {
        let mut need = plain(name);
        let states = states.flatten_clone();
        let list = match states.read_lock::<ImmutableString>() {
            Some(one) => vec![one.to_string()],
            None => {
                let items = states.read_lock::<Array>().ok_or_else(wrong)?;
                let text = |item: &Dynamic| {
                    item.flatten_clone()
                        .into_immutable_string()
                        .map(|s| s.to_string())
                };
                items
                    .iter()
                    .map(text)
                    .collect::<Result<_, _>>()
                    .map_err(|_| wrong())?
            }
        };
        for state in list {
            need.states.push(PhaseState::parse(&state).ok_or_else(|| {
                let mut failure = Failure::usage(format!(
                    "option `{option}` of `phase`: there is no state `{state}`"
                ));
                failure.hint =
                    suggest::hint(&state, PhaseState::ALL.iter().map(|known| known.name()));
                failure
            })?);
        }
        all.push(need);
    }
    Ok(all)
}
