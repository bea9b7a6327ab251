//! What a script does to elements. Each action waits until the element is there, visible, at rest, enabled and not covered.

use super::files;
use crate::browser::locator::act::{Deed, Press, Undone};
use crate::browser::locator::{CallLog, Locator, Missed, verdict};
use crate::browser::step;
use crate::browser::{Button, TabError};
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use serde_json::{Value, json as value};
use std::time::{Duration, Instant};

#[export_module]
pub mod deeds {
    /// Clicks the element, when it is ready to be clicked.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button onclick='document.title=`done`'>Go</button>");
    /// page.get_by_role("button", "Go").click();
    /// expect(page).to_have_title("done");
    /// ```
    #[rhai_fn(name = "click", return_raw, pure)]
    pub fn click(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        press(&ctx, locator, "click", Map::new(), Deed::Click)
    }

    /// Like `click()` with options: `button` (`"left"`, `"right"`, `"middle"`), `click_count`, `modifiers` (`["Shift"]`),
    /// `position` (`#{ x: 5, y: 5 }` from the corner of the element), `delay` (how long the button is held), `force` (does not
    /// look whether it is ready), `trial` (looks, and does not click), `timeout`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button>Go</button>");
    /// page.get_by_role("button").click(#{ button: "right", modifiers: ["Shift"] });
    /// ```
    #[rhai_fn(name = "click", return_raw, pure)]
    pub fn click_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        press(&ctx, locator, "click", options, Deed::Click)
    }

    /// Clicks the element twice.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p ondblclick='document.title=`twice`'>Go</p>");
    /// page.get_by_text("Go").dblclick();
    /// expect(page).to_have_title("twice");
    /// ```
    #[rhai_fn(name = "dblclick", return_raw, pure)]
    pub fn dblclick(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        press(&ctx, locator, "dblclick", Map::new(), double)
    }

    /// Like `dblclick()` with the options of `click`.
    #[rhai_fn(name = "dblclick", return_raw, pure)]
    pub fn dblclick_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        press(&ctx, locator, "dblclick", options, double)
    }

    /// Touches the element with a finger; for pages opened with `touch: true`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button onclick='document.title=`tapped`'>Go</button>");
    /// page.get_by_role("button").tap();
    /// expect(page).to_have_title("tapped");
    /// ```
    #[rhai_fn(name = "tap", return_raw, pure)]
    pub fn tap(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        press(&ctx, locator, "tap", Map::new(), Deed::Tap)
    }

    /// Like `tap()` with the options of `click` that a finger has.
    #[rhai_fn(name = "tap", return_raw, pure)]
    pub fn tap_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        press(&ctx, locator, "tap", options, Deed::Tap)
    }

    /// Moves the mouse onto the element.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p onmouseenter='document.title=`over`'>Go</p>");
    /// page.get_by_text("Go").hover();
    /// expect(page).to_have_title("over");
    /// ```
    #[rhai_fn(name = "hover", return_raw, pure)]
    pub fn hover(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        press(&ctx, locator, "hover", Map::new(), Deed::Hover)
    }

    /// Like `hover()` with the options `modifiers`, `position`, `force`, `trial` and `timeout` of `click`.
    #[rhai_fn(name = "hover", return_raw, pure)]
    pub fn hover_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        press(&ctx, locator, "hover", options, Deed::Hover)
    }

    /// Checks a checkbox, radio button or switch; one that is checked stays so.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<label><input type=checkbox> Agree</label>");
    /// page.get_by_label("Agree").check();
    /// expect(page.get_by_label("Agree")).to_be_checked();
    /// ```
    #[rhai_fn(name = "check", return_raw, pure)]
    pub fn check(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        press(&ctx, locator, "check", Map::new(), |press| {
            Deed::Check(true, press)
        })
    }

    /// Like `check()` with the options `position`, `force`, `trial` and `timeout` of `click`.
    #[rhai_fn(name = "check", return_raw, pure)]
    pub fn check_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        press(&ctx, locator, "check", options, |press| {
            Deed::Check(true, press)
        })
    }

    /// Takes the check from a checkbox or switch.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<label><input type=checkbox checked> Agree</label>");
    /// page.get_by_label("Agree").uncheck();
    /// expect(page.get_by_label("Agree")).not_to_be_checked();
    /// ```
    #[rhai_fn(name = "uncheck", return_raw, pure)]
    pub fn uncheck(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        press(&ctx, locator, "uncheck", Map::new(), |press| {
            Deed::Check(false, press)
        })
    }

    /// Like `uncheck()` with the options `position`, `force`, `trial` and `timeout` of `click`.
    #[rhai_fn(name = "uncheck", return_raw, pure)]
    pub fn uncheck_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        press(&ctx, locator, "uncheck", options, |press| {
            Deed::Check(false, press)
        })
    }

    /// Replaces what is in a field, as if typed at once. Dates are written `"2026-01-31"`, colours `"#ff8800"`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<label>E-mail <input></label>");
    /// page.get_by_label("E-mail").fill("ada@example.com");
    /// ```
    #[rhai_fn(name = "fill", return_raw, pure)]
    pub fn fill(
        ctx: NativeCallContext,
        locator: &mut Locator,
        value: Dynamic,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "fill", Map::new(), || {
            Ok(Deed::Fill(text_of(&value)?))
        })
    }

    /// Like `fill(value)` with the options `force` and `timeout`.
    #[rhai_fn(name = "fill", return_raw, pure)]
    pub fn fill_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        value: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "fill", options, || {
            Ok(Deed::Fill(text_of(&value)?))
        })
    }

    /// Empties a field.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name value=Ada>");
    /// page.get_by_label("Name").clear();
    /// expect(page.get_by_label("Name")).to_be_empty();
    /// ```
    #[rhai_fn(name = "clear", return_raw, pure)]
    pub fn clear(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        entered(&ctx, locator, "clear", Map::new(), || Ok(Deed::Clear))
    }

    /// Chooses in a `<select>`, by value or by what the option says: one text, a list of them, or `#{ label }`, `#{ value }`,
    /// `#{ index }`. Gives back the values that are chosen then.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<select aria-label=Size><option value=s>Small<option value=l>Large</select>");
    /// assert page.get_by_label("Size").select_option("Large") == ["l"];
    /// ```
    #[rhai_fn(name = "select_option", return_raw, pure)]
    pub fn select_option(
        ctx: NativeCallContext,
        locator: &mut Locator,
        wanted: Dynamic,
    ) -> Result<Dynamic, Raise> {
        let answer = done(&ctx, locator, "select_option", Map::new(), || {
            Ok(Deed::Select(options_of(&wanted)?))
        })?;
        Ok(json::from_json(&answer["values"]))
    }

    /// Like `select_option(wanted)` with the option `timeout`.
    #[rhai_fn(name = "select_option", return_raw, pure)]
    pub fn select_option_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        wanted: Dynamic,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        let answer = done(&ctx, locator, "select_option", options, || {
            Ok(Deed::Select(options_of(&wanted)?))
        })?;
        Ok(json::from_json(&answer["values"]))
    }

    /// Gives the element the focus.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name>");
    /// page.get_by_label("Name").focus();
    /// expect(page.get_by_label("Name")).to_be_focused();
    /// ```
    #[rhai_fn(name = "focus", return_raw, pure)]
    pub fn focus(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        entered(&ctx, locator, "focus", Map::new(), || Ok(Deed::Focus))
    }

    /// Takes the focus from the element.
    #[rhai_fn(name = "blur", return_raw, pure)]
    pub fn blur(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        entered(&ctx, locator, "blur", Map::new(), || Ok(Deed::Blur))
    }

    /// Scrolls until the element is on the screen. Actions do so by themselves.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p style='margin-top:9999px'>Far down</p>");
    /// page.get_by_text("Far down").scroll_into_view();
    /// expect(page.get_by_text("Far down")).to_be_in_viewport();
    /// ```
    #[rhai_fn(name = "scroll_into_view", return_raw, pure)]
    pub fn scroll_into_view(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        entered(&ctx, locator, "scroll_into_view", Map::new(), || {
            Ok(Deed::ScrollIntoView)
        })
    }

    /// Gives the element the focus and presses a key or a chord: `"Enter"`, `"a"`, `"Control+A"`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name value=Ada>");
    /// page.get_by_label("Name").press("Control+A");
    /// page.get_by_label("Name").press("Delete");
    /// expect(page.get_by_label("Name")).to_have_value("");
    /// ```
    #[rhai_fn(name = "press", return_raw, pure)]
    pub fn press_key(
        ctx: NativeCallContext,
        locator: &mut Locator,
        key: &str,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "press", Map::new(), || {
            Ok(Deed::PressKeys(key.to_owned()))
        })
    }

    /// Gives the element the focus and types a text key by key; `fill` is faster and replaces what is there.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name>");
    /// page.get_by_label("Name").type("Ada");
    /// expect(page.get_by_label("Name")).to_have_value("Ada");
    /// ```
    #[rhai_fn(name = "type", return_raw, pure)]
    pub fn type_text(
        ctx: NativeCallContext,
        locator: &mut Locator,
        text: &str,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "type", Map::new(), || {
            Ok(Deed::Type(text.to_owned(), Duration::ZERO))
        })
    }

    /// Like `type(text)` with the options `delay` (between keys) and `timeout`.
    #[rhai_fn(name = "type", return_raw, pure)]
    pub fn type_text_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        text: &str,
        mut options: Map,
    ) -> Result<(), Raise> {
        let delay = options
            .remove("delay")
            .map(|delay| Map::from_iter([("delay".into(), delay)]));
        entered(&ctx, locator, "type", options, || {
            let delay = Options::new("type", delay.unwrap_or_default()).duration("delay")?;
            Ok(Deed::Type(text.to_owned(), delay.unwrap_or_default()))
        })
    }

    /// Gives files to an `<input type=file>`: a path beside the script, a list of them, or
    /// `#{ name: "a.txt", content: "…" }`; `[]` takes all away.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<label>Photo <input type=file></label>");
    /// page.get_by_label("Photo").set_input_files(#{ name: "a.txt", content: "hello" });
    /// assert page.get_by_label("Photo").input_value().ends_with("a.txt");
    /// ```
    #[rhai_fn(name = "set_input_files", return_raw, pure)]
    pub fn set_input_files(
        ctx: NativeCallContext,
        locator: &mut Locator,
        given: Dynamic,
    ) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        entered(&ctx, locator, "set_input_files", Map::new(), || {
            Ok(Deed::SetFiles(files::read(&attempt, &given)?))
        })
    }

    /// Drags the element onto another.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<b>Drag</b> <i onmouseup='document.title=`dropped`'>Drop</i>");
    /// page.get_by_text("Drag").drag_to(page.get_by_text("Drop"));
    /// expect(page).to_have_title("dropped");
    /// ```
    #[rhai_fn(name = "drag_to", return_raw, pure)]
    pub fn drag_to(
        ctx: NativeCallContext,
        locator: &mut Locator,
        target: Locator,
    ) -> Result<(), Raise> {
        drag(&ctx, locator, &target, Map::new())
    }

    /// Like `drag_to(target)` with options: `source_position` and `target_position` (`#{ x, y }` from the corner), `timeout`.
    #[rhai_fn(name = "drag_to", return_raw, pure)]
    pub fn drag_to_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        target: Locator,
        options: Map,
    ) -> Result<(), Raise> {
        drag(&ctx, locator, &target, options)
    }
}

fn double(press: Press) -> Deed {
    Deed::Click(Press { count: 2, ..press })
}

/// Does something with the pointer.
fn press(
    ctx: &NativeCallContext,
    locator: &Locator,
    name: &'static str,
    given: Map,
    deed: impl FnOnce(Press) -> Deed,
) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    let mut options = Options::new(name, given);
    let read = |options: &mut Options| -> Result<(Press, Option<Duration>), Failure> {
        let button = match options.text("button")?.as_deref() {
            None | Some("left") => Button::Left,
            Some("right") => Button::Right,
            Some("middle") => Button::Middle,
            Some(other) => {
                return Err(Failure::usage(format!("there is no button `{other}`"))
                    .hint("left, right or middle"));
            }
        };
        let press = Press {
            button,
            count: options.int("click_count", 1..=10)?.unwrap_or(1) as u32,
            modifiers: options.texts("modifiers")?.unwrap_or_default(),
            position: position(options, "position")?,
            delay: options.duration("delay")?.unwrap_or_default(),
            force: options.flag("force")?.unwrap_or(false),
            trial: options.flag("trial")?.unwrap_or(false),
        };
        Ok((press, options.duration("timeout")?))
    };
    let (press, timeout) = read(&mut options)
        .and_then(|read| options.finish().map(|()| read))
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    perform(ctx, &attempt, locator, name, timeout, &deed(press)).map(drop)
}

/// Does something without the pointer.
fn entered(
    ctx: &NativeCallContext,
    locator: &Locator,
    name: &'static str,
    options: Map,
    deed: impl FnOnce() -> Result<Deed, Failure>,
) -> Result<(), Raise> {
    done(ctx, locator, name, options, deed).map(drop)
}

fn done(
    ctx: &NativeCallContext,
    locator: &Locator,
    name: &'static str,
    given: Map,
    deed: impl FnOnce() -> Result<Deed, Failure>,
) -> Result<Value, Raise> {
    let attempt = script::attempt(ctx)?;
    let read = || {
        let mut options = Options::new(name, given);
        let timeout = options.duration("timeout")?;
        options.finish()?;
        Ok((timeout, deed()?))
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
        let mut log = CallLog::default();
        let done = locator.act(deed, Instant::now() + limit, &mut log).await;
        account.log = log.lines().to_vec();
        match done {
            Ok(answer) => Ok(answer),
            Err(undone) => Err(explain(locator, name, undone, limit, &log).await),
        }
    })
}

fn drag(
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
        let mut log = CallLog::default();
        let done = locator
            .drag_to(target, from, to, Instant::now() + limit, &mut log)
            .await;
        account.log = log.lines().to_vec();
        match done {
            Ok(_) => Ok(()),
            Err(undone) => Err(explain(locator, "drag_to", undone, limit, &log).await),
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
        Missed::Wrong(what) => Failure::usage(what),
        Missed::Tab(TabError::Navigated) => {
            let what = format!(
                "the page went from one document to the next for {}",
                crate::host::duration::show(limit)
            );
            verdict::with_log(Failure::product(Code::WaitTimeout, what), log)
        }
        Missed::Tab(error) => verdict::with_log(error.into(), log),
        Missed::Verdict(last) => {
            let explained = match last["verdict"].as_str() {
                Some("missing") if last["frame"].is_null() => locator.explained().await,
                _ => Value::Null,
            };
            verdict::failure(&locator.subject(action), &last, &explained, limit, log)
                .detail("page", locator.place.tab.url())
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

fn text_of(value: &Dynamic) -> Result<String, Failure> {
    match value.is_string() || value.is_int() || value.is_float() {
        true => Ok(value.to_string()),
        false => Err(Failure::usage(format!(
            "a field is filled with a string or a number, not {}",
            json::type_in_words(value)
        ))),
    }
}

fn options_of(wanted: &Dynamic) -> Result<Vec<Value>, Failure> {
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
