//! How the words of `deeds` become actions, and what is said of those that could not be done.

use crate::browser::locator::act::{Deed, Press, Undone};
use crate::browser::locator::{CallLog, Locator, Missed, verdict};
use crate::browser::step;
use crate::browser::{Button, TabError};
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::{Dynamic, Map, NativeCallContext};
use serde_json::{Value, json as value};
use std::time::{Duration, Instant};

/// Two clicks in a row.
pub fn double(press: Press) -> Deed {
    Deed::Click(Press { count: 2, ..press })
}

/// Does something with the pointer.
pub fn press(
    ctx: &NativeCallContext,
    locator: &Locator,
    name: &'static str,
    given: Map,
    deed: impl FnOnce(Press) -> Deed,
) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    let mut options = Options::new(name, given);
    let read = |options: &mut Options| -> Result<(Press, Option<Duration>), Failure> {
        let mut press = Press {
            position: position(options, "position")?,
            force: options.flag("force")?.unwrap_or(false),
            trial: options.flag("trial")?.unwrap_or(false),
            ..Press::default()
        };
        if matches!(name, "click" | "dblclick") {
            press.button = button(options)?;
            press.delay = options.duration("delay")?.unwrap_or_default();
        }
        if name == "click" {
            press.count = options.int("click_count", 1..=10)?.unwrap_or(1) as u32;
        }
        if !matches!(name, "check" | "uncheck") {
            press.modifiers = options.texts("modifiers")?.unwrap_or_default();
        }
        Ok((press, options.duration("timeout")?))
    };
    let (press, timeout) = read(&mut options)
        .and_then(|read| options.finish().map(|()| read))
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    perform(ctx, &attempt, locator, name, timeout, &deed(press)).map(drop)
}

/// Which button of the mouse: the left one unless the options say otherwise.
pub fn button(options: &mut Options) -> Result<Button, Failure> {
    match options.text("button")?.as_deref() {
        None | Some("left") => Ok(Button::Left),
        Some("right") => Ok(Button::Right),
        Some("middle") => Ok(Button::Middle),
        Some(other) => {
            Err(Failure::usage(format!("there is no button `{other}`"))
                .hint("left, right or middle"))
        }
    }
}

/// Does something without the pointer.
pub fn entered(
    ctx: &NativeCallContext,
    locator: &Locator,
    name: &'static str,
    options: Map,
    deed: impl FnOnce(&mut Options) -> Result<Deed, Failure>,
) -> Result<(), Raise> {
    done(ctx, locator, name, options, deed).map(drop)
}

pub fn done(
    ctx: &NativeCallContext,
    locator: &Locator,
    name: &'static str,
    given: Map,
    deed: impl FnOnce(&mut Options) -> Result<Deed, Failure>,
) -> Result<Value, Raise> {
    let attempt = script::attempt(ctx)?;
    let read = || {
        let mut options = Options::new(name, given);
        let timeout = options.duration("timeout")?;
        let deed = deed(&mut options)?;
        options.finish()?;
        Ok((timeout, deed))
    };
    let (timeout, deed) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    perform(ctx, &attempt, locator, name, timeout, &deed)
}

fn perform(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    locator: &Locator,
    name: &'static str,
    timeout: Option<Duration>,
    deed: &Deed,
) -> Result<Value, Raise> {
    let limit = limit(attempt, timeout);
    let title = format!("{name} {}", locator.show());
    let told = step::Deed::new(name, title).on(locator.show());
    step::perform(ctx, attempt, &locator.place.tab, told, async |account| {
        let log = &mut account.log;
        let done = locator.act(deed, Instant::now() + limit, log).await;
        match done {
            Ok(answer) => Ok(answer),
            Err(undone) => Err(explain(locator, name, undone, limit, log).await),
        }
    })
}

pub fn drag(
    ctx: &NativeCallContext,
    locator: &Locator,
    target: &Locator,
    given: Map,
) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    let mut options = Options::new("drag_to", given);
    let read = |options: &mut Options| -> Result<_, Failure> {
        let from = position(options, "source_position")?;
        let to = position(options, "target_position")?;
        Ok((from, to, options.duration("timeout")?))
    };
    let (from, to, timeout) = read(&mut options)
        .and_then(|read| options.finish().map(|()| read))
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let limit = limit(&attempt, timeout);
    let title = format!("drag {} to {}", locator.show(), target.show());
    let told = step::Deed::new("drag_to", title).on(locator.show());
    step::perform(ctx, &attempt, &locator.place.tab, told, async |account| {
        let log = &mut account.log;
        let deadline = Instant::now() + limit;
        match locator.drag_to(target, (from, to), deadline, log).await {
            Ok(()) => Ok(()),
            Err((which, undone)) => Err(explain(which, "drag_to", undone, limit, log).await),
        }
    })
}

/// How long an action or question waits. In a poll only as long as one look may take, because the poll looks again.
pub fn limit(attempt: &Attempt, timeout: Option<Duration>) -> Duration {
    const IN_POLL: Duration = Duration::from_secs(1);
    match timeout {
        None if attempt.is_polling() => IN_POLL,
        timeout => attempt
            .world()
            .scaled(timeout.unwrap_or(attempt.world().wait_timeout)),
    }
}

/// The failure that an action is which was not done.
pub async fn explain(
    locator: &Locator,
    action: &str,
    undone: Undone,
    limit: Duration,
    log: &CallLog,
) -> Failure {
    match undone {
        Undone::Usage(failure) => failure,
        Undone::Missed(missed) => missed_failure(locator, action, missed, limit, log).await,
    }
}

/// The failure that an action or question is which the page did not let come about.
pub async fn missed_failure(
    locator: &Locator,
    action: &str,
    missed: Missed,
    limit: Duration,
    log: &CallLog,
) -> Failure {
    match missed {
        Missed::Wrong(what) => Failure::usage(what).detail("locator", locator.show()),
        Missed::Tab(TabError::Navigated) => {
            let what = format!(
                "the page went from one document to the next for {}",
                crate::host::duration::show(limit)
            );
            verdict::with_log(Failure::product(Code::WaitTimeout, what), log)
        }
        Missed::Tab(error) => {
            verdict::with_log(Failure::from(error).detail("locator", locator.show()), log)
        }
        Missed::Verdict(last) => {
            let frame = last["frame"]
                .as_str()
                .and_then(|shown| locator.frame(shown));
            let meant = frame.as_ref().unwrap_or(locator);
            let explained = match last["verdict"].as_str() {
                Some("missing") => meant.explained().await,
                _ => Value::Null,
            };
            let subject = meant.subject(action);
            let failure = verdict::failure(&subject, &last, &explained, limit, log);
            let failure = match frame {
                Some(_) => failure.detail("frame of", locator.show()),
                None => failure,
            };
            failure.detail("page", locator.place.tab.url())
        }
    }
}

fn position(options: &mut Options, key: &'static str) -> Result<Option<(f64, f64)>, Failure> {
    let Some(map) = options.map(key)? else {
        return Ok(None);
    };
    let mut place = Options::new(key, map);
    let (x, y) = (place.number("x")?, place.number("y")?);
    place.finish()?;
    match (x, y) {
        (Some(x), Some(y)) => Ok(Some((x, y))),
        _ => Err(Failure::usage(format!("`{key}` needs x and y")).hint("#{ x: 5, y: 5 }")),
    }
}

/// Filling with a value and the option `force`.
pub fn fill_of(value: &Dynamic, options: &mut Options) -> Result<Deed, Failure> {
    Ok(Deed::Fill {
        value: text_of(value)?,
        force: options.flag("force")?.unwrap_or(false),
    })
}

fn text_of(value: &Dynamic) -> Result<String, Failure> {
    match value.is_string() || value.is_int() || value.is_float() {
        true => Ok(value.to_string()),
        false => Err(Failure::usage(format!(
            "a field is filled with a string or a number, not {}",
            json::type_in_words(value)
        ))),
    }
}

pub fn options_of(wanted: &Dynamic) -> Result<Vec<Value>, Failure> {
    if let Some(items) = wanted.read_lock::<rhai::Array>() {
        return items.iter().map(option_of).collect();
    }
    Ok(vec![option_of(wanted)?])
}

fn option_of(wanted: &Dynamic) -> Result<Value, Failure> {
    if let Some(map) = wanted.read_lock::<Map>() {
        let mut options = Options::new("select_option", map.clone());
        let (label, given, index) = (
            options.text("label")?,
            options.text("value")?,
            options.int("index", 0..=99_999)?,
        );
        options.finish()?;
        return match (label, given, index) {
            (Some(label), None, None) => Ok(value!({ "label": label })),
            (None, Some(given), None) => Ok(value!({ "value": given })),
            (None, None, Some(index)) => Ok(value!({ "index": index })),
            _ => Err(Failure::usage(
                "an option is meant by one of label, value and index",
            )),
        };
    }
    Ok(value!({ "text": text_of(wanted)? }))
}
