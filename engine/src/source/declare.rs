//! `scenario` and `phase`: what a script says about itself while it is loaded. They are the one pair of primitives
//! that belongs to the engine, because their options are its model.

use super::options::{self, PhaseOptions};
use crate::model::{CLEAN_UP, PhaseState, Terms};
use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext, Position};
use scenario_stdlib::Primitive;
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::loading::Loading;
use scenario_stdlib::host::script::{self, Deferred, Raise};
use scenario_stdlib::signal::{Condition, check_name};
use std::sync::Mutex;

/// The row of this file.
pub const PRIMITIVE: Primitive = Primitive {
    name: "scenario",
    guide: include_str!("scenario.md"),
    register: |module| {
        module.set_custom_type::<PhaseHandle>("Phase");
        combine_with_exported_module!(module, "scenario", declaring);
        combine_with_exported_module!(module, "scenario", by_hand);
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
    /// Each until the list of a scenario takes it.
    pub phases: Vec<Option<Box<RawPhase>>>,
}

/// A `scenario(..)` call.
#[derive(Debug)]
pub struct RawScenario {
    pub name: String,
    pub position: Position,
    pub terms: Terms,
    /// `None`: the phases declared beside it in the file.
    pub phases: Option<Vec<Box<RawPhase>>>,
}

/// A `phase(..)` call, or the body of a scenario.
#[derive(Debug)]
pub struct RawPhase {
    pub name: String,
    pub position: Position,
    pub options: PhaseOptions,
    pub body: Option<Deferred>,
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
    /// `retry_pause`, `flaky`, `timeout`, `rounds`, `needs`, `locks`, `slots`, `requires`, `skip`, `skip_in`, `quarantine`,
    /// `precheck`.
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

    /// Declares a phase with options: `needs`, `ready`, `every`, `backoff`, `within`, `expires`, `not_before`, `timeout`, `retries`,
    /// `always`, `ignore_outcome`, `stop_when`, `during`, `max_gap`.
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

#[export_module]
mod by_hand {
    /// Declares a phase that a person does: the text tells what, and the phase is passed when somebody says so, with `scenario signal`
    /// and the name shown beside the text, or with the Enter key where the run is watched on a terminal.
    ///
    /// ```rhai,no_run
    /// scenario("Alarm reaches the guard", [
    ///     phase("arm", |state| { http.post("/alarm/arm"); }),
    ///     manual("press the red button at the door"),
    ///     phase("check", || { assert http.get("/alarm").json.state == "RINGING"; }),
    /// ]);
    /// ```
    #[rhai_fn(name = "manual", return_raw)]
    pub fn manual(ctx: NativeCallContext, text: &str) -> Result<PhaseHandle, Raise> {
        add_manual(&ctx, text, Map::new())
    }

    /// Like `manual(text)`, with the options of a phase: `needs`, `within`, `expires`, `always`, and `signal`, the name to send.
    ///
    /// ```rhai,no_run
    /// manual("unplug the printer", #{ signal: "unplugged", within: "30m" });
    /// ```
    #[rhai_fn(name = "manual", return_raw)]
    pub fn manual_with(
        ctx: NativeCallContext,
        text: &str,
        options: Map,
    ) -> Result<PhaseHandle, Raise> {
        add_manual(&ctx, text, options)
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

pub(super) fn bad(ctx: &NativeCallContext, failure: Failure) -> Raise {
    script::raise(failure, ctx.call_position())
}

fn name_ok(ctx: &NativeCallContext, what: &str, name: &str) -> Result<(), Raise> {
    let problem = if name.trim().is_empty() {
        "is empty"
    } else if name == CLEAN_UP {
        "is taken by what is done at the end of each scenario"
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
    let terms = options::scenario_options(options).map_err(|failure| bad(ctx, failure))?;
    let phases = match body {
        None => None,
        Some(Body::One(body)) => Some(vec![Box::new(RawPhase {
            name: "run".into(),
            position: ctx.call_position(),
            options: PhaseOptions::default(),
            body: Some(keep(ctx, &body, 1, name)?),
        })]),
        Some(Body::List(list)) => {
            let mut phases = Vec::with_capacity(list.len());
            for item in list {
                match item.clone().try_cast::<PhaseHandle>() {
                    Some(PhaseHandle(index)) => {
                        let phase = collected(ctx, |all| all.phases.get_mut(index)?.take())?;
                        phases.push(phase.ok_or_else(|| bad(ctx, taken_before(name)))?);
                    }
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
            if phases.is_empty() {
                return Err(bad(
                    ctx,
                    Failure::usage(format!("scenario \"{name}\" has no phases")),
                ));
            }
            Some(phases)
        }
    };
    collected(ctx, |all| {
        all.scenarios.push(RawScenario {
            name: name.to_owned(),
            position: ctx.call_position(),
            terms,
            phases,
        });
    })
}

fn taken_before(name: &str) -> Failure {
    Failure::usage(format!(
        "the list of `scenario(\"{name}\", …)` holds a phase that is in a list already"
    ))
    .hint("declare it once for each scenario, with a call of `phase` in the list or in a function")
}

impl Collected {
    fn add(&mut self, phase: RawPhase) -> PhaseHandle {
        self.phases.push(Some(Box::new(phase)));
        PhaseHandle(self.phases.len() - 1)
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
        options: options::phase_options(ctx, options)?,
        body: Some(keep(ctx, body, 1, name)?),
    };
    collected(ctx, |all| all.add(phase))
}

/// A phase without a body, ready when a person says so.
fn add_manual(ctx: &NativeCallContext, text: &str, mut options: Map) -> Result<PhaseHandle, Raise> {
    name_ok(ctx, "manual phase", text)?;
    let name = match options.remove("signal") {
        None => signal_name(text),
        Some(name) => name.into_string().map_err(|kind| {
            bad(
                ctx,
                Failure::usage(format!(
                    "option `signal` of `manual` must be text, got {kind}"
                )),
            )
        })?,
    };
    check_name(&name).map_err(|failure| bad(ctx, failure))?;
    options.insert("ready".into(), Dynamic::from(Condition(name)));
    let mut options = options::phase_options(ctx, options)?;
    options.instruction = text.to_owned();
    let phase = RawPhase {
        name: text.to_owned(),
        position: ctx.call_position(),
        options,
        body: None,
    };
    collected(ctx, |all| all.add(phase))
}

/// The first words of an instruction as something that can be typed: `press-the-red-button`.
fn signal_name(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).take(4);
    let name = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    if name.is_empty() { "done".into() } else { name }
}

pub(super) fn keep(
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
