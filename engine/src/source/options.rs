//! The options of `scenario` and `phase`, read and checked.

use super::declare::{bad, keep};
use crate::model::{Need, PhaseState, Quarantine, Terms};
use rhai::{Array, Dynamic, ImmutableString, Map, NativeCallContext};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::json;
use scenario_stdlib::host::options::Options;
use scenario_stdlib::host::script::{Deferred, Raise};
use scenario_stdlib::host::suggest;
use scenario_stdlib::signal::Condition;
use std::time::Duration;

/// The options of `phase`.
#[derive(Debug, Default)]
pub struct PhaseOptions {
    /// `None`: the phase before it.
    pub needs: Option<Vec<Need>>,
    pub ready: Option<Deferred>,
    pub signal: Option<String>,
    /// What a person is told to do.
    pub instruction: String,
    pub during: Option<String>,
    pub max_gap: Option<Duration>,
    pub expires: Option<Duration>,
    pub every: Option<Duration>,
    pub backoff: Option<f64>,
    pub within: Option<Duration>,
    pub not_before: Option<Duration>,
    pub timeout: Option<Duration>,
    pub retries: u32,
    pub always: bool,
    pub ignore_outcome: bool,
    pub stop_when: Vec<Need>,
}

pub(super) fn scenario_options(map: Map) -> Result<Terms, Failure> {
    let mut options = Options::new("scenario", map);
    let read = Terms {
        description: options.text("description")?.unwrap_or_default(),
        tags: options.texts("tags")?.unwrap_or_default(),
        retries: options.int("retries", 0..=100)?.map(|n| n as u32),
        retry_pause: options.duration("retry_pause")?.unwrap_or_default(),
        flaky_fails: options.text("flaky")?.map(|how| flaky(&how)).transpose()?,
        timeout: options.duration("timeout")?,
        rounds: options.int("rounds", 1..=100_000)?.unwrap_or(1) as u32,
        needs: options.texts("needs")?.unwrap_or_default(),
        locks: options.texts("locks")?.unwrap_or_default(),
        slots: options.int("slots", 1..=1024)?.unwrap_or(1) as u32,
        requires: options.texts("requires")?.unwrap_or_default(),
        skip: options.text("skip")?,
        skip_in: options.texts("skip_in")?.unwrap_or_default(),
        quarantine: options
            .map("quarantine")?
            .map(quarantine)
            .transpose()?
            .map(Box::new),
        precheck: options.flag("precheck")?.unwrap_or(false),
        signals: Vec::new(),
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

pub(super) fn phase_options(ctx: &NativeCallContext, map: Map) -> Result<PhaseOptions, Raise> {
    let mut options = Options::new("phase", map);
    let read = (|| {
        let needs = options
            .take("needs")
            .map(|value| needs("needs", &value))
            .transpose()?;
        let signal = options.of_type::<Condition>("ready");
        let ready = match signal {
            Some(_) => None,
            None => options.closure("ready")?,
        };
        Ok((
            ready,
            PhaseOptions {
                needs,
                ready: None,
                signal: signal.map(|Condition(name)| name),
                instruction: String::new(),
                during: options.text("during")?,
                max_gap: options.duration("max_gap")?,
                expires: options.duration("expires")?,
                every: options.duration("every")?,
                backoff: options.number("backoff")?,
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
    check_waiting(&read).map_err(|failure| bad(ctx, failure))?;
    Ok(read)
}

/// Options of waiting that only make sense together, or not at all.
fn check_waiting(read: &PhaseOptions) -> Result<(), Failure> {
    let is_polled = read.ready.is_some() || read.during.is_some();
    let waits = is_polled || read.signal.is_some();
    let needs = [
        (
            "every",
            read.every.is_some() && !is_polled,
            "a `ready` closure to poll",
        ),
        (
            "backoff",
            read.backoff.is_some() && read.ready.is_none(),
            "a `ready` closure to poll",
        ),
        (
            "within",
            read.within.is_some() && !waits,
            "a `ready` condition to wait for",
        ),
        (
            "expires",
            read.expires.is_some() && !waits,
            "a `ready` condition to wait for",
        ),
        (
            "max_gap",
            read.max_gap.is_some() && read.during.is_none(),
            "`during`",
        ),
    ];
    if let Some((name, _, what)) = needs.iter().find(|(_, is_wrong, _)| *is_wrong) {
        return Err(Failure::usage(format!(
            "option `{name}` of `phase` needs {what}"
        )));
    }
    let excluded = [
        ("ready", read.ready.is_some() || read.signal.is_some()),
        ("not_before", read.not_before.is_some()),
        ("within", read.within.is_some()),
        ("retries", read.retries > 0),
        ("always", read.always),
        ("stop_when", !read.stop_when.is_empty()),
    ];
    if read.during.is_some()
        && let Some((name, _)) = excluded.iter().find(|(_, is_given)| *is_given)
    {
        return Err(Failure::usage(format!(
            "option `{name}` of `phase` has no meaning with `during`"
        ))
        .hint("the phase is polled for as long as the other one waits or executes"));
    }
    if read.backoff.is_some_and(|factor| factor < 1.0) {
        return Err(Failure::usage(
            "option `backoff` of `phase` must be at least 1",
        ));
    }
    if let (Some(every), Some(within)) = (read.every, read.within)
        && within < every
    {
        return Err(Failure::usage(
            "`within` is shorter than `every`: it would be polled only once",
        ));
    }
    Ok(())
}

/// A name, a list of names, or a map of names to accepted states.
fn needs(option: &str, value: &Dynamic) -> Result<Vec<Need>, Failure> {
    let plain = |name: &str| Need::of(name);
    let wrong = || {
        Failure::usage(format!("option `{option}` of `phase` must be a name, a list of names, or a map of names to states"))
            .detail("got", json::show(value, 120))
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
