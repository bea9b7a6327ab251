//! JavaScript of the script's own, in the page.

use super::doing::{limit, missed_failure};
use crate::browser::TabError;
use crate::browser::locator::{Locator, Missed};
use crate::browser::step::{self, Deed};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, NativeCallContext};
use serde_json::Value;
use std::time::{Duration, Instant};

#[export_module]
pub mod scripting {
    /// Calls a JavaScript function of the page with the element, and gives back what it gives, also as a promise.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<progress value=3 max=4></progress>");
    /// assert page.get_by_role("progressbar").evaluate("(bar) => bar.position") == 0.75;
    /// ```
    #[rhai_fn(name = "evaluate", return_raw, pure)]
    pub fn evaluate_element(
        ctx: NativeCallContext,
        locator: &mut Locator,
        source: &str,
    ) -> Result<Dynamic, Raise> {
        evaluated(&ctx, locator, source, Array::new(), Map::new())
    }

    /// Like `evaluate(source)`; the function gets the values of a list behind the element.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>tea</p>");
    /// page.locator("p").evaluate("(p, text) => { p.textContent += text }", [" and rum"]);
    /// expect(page.locator("p")).to_have_text("tea and rum");
    /// ```
    #[rhai_fn(name = "evaluate", return_raw, pure)]
    pub fn evaluate_element_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        source: &str,
        args: Array,
    ) -> Result<Dynamic, Raise> {
        evaluated(&ctx, locator, source, args, Map::new())
    }

    /// Like `evaluate(source, args)` with options: `timeout` (60s). A function that keeps the page busy for longer than 4s has
    /// to say so with it.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>tea</p>");
    /// assert page.locator("p").evaluate("async (p) => p.textContent", [], #{ timeout: "2m" }) == "tea";
    /// ```
    #[rhai_fn(name = "evaluate", return_raw, pure)]
    pub fn evaluate_element_within(
        ctx: NativeCallContext,
        locator: &mut Locator,
        source: &str,
        args: Array,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        evaluated(&ctx, locator, source, args, options)
    }
}

/// The arguments of a function of the page, and how long it may take.
pub(super) fn call(
    attempt: &Attempt,
    owner: &str,
    args: Array,
    given: Map,
) -> Result<(Vec<Value>, Option<Duration>), Failure> {
    let mut options = Options::new(owner, given);
    let patience = options.duration("timeout")?;
    options.finish()?;
    let args = json::to_json(&args.into(), "arguments")
        .map_err(|error| Failure::usage(error.to_string()))?;
    let args = args.as_array().cloned().unwrap_or_default();
    Ok((args, patience.map(|limit| attempt.world().scaled(limit))))
}

/// Why a script of the user's own gave nothing.
pub(super) fn ended(error: TabError) -> Failure {
    let is_hung = matches!(error, TabError::Hung(_));
    let failure = Failure::from(error);
    match is_hung {
        true => failure.hint(
            "an endless loop? A long computation says how long it may take: evaluate(source, [], #{ timeout: \"2m\" })",
        ),
        false => failure,
    }
}

fn evaluated(
    ctx: &NativeCallContext,
    locator: &Locator,
    source: &str,
    args: Array,
    given: Map,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt(ctx)?;
    let (args, patience) = call(&attempt, "evaluate", args, given)
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let limit = limit(&attempt, None);
    let title = format!(
        "evaluate {} on {}",
        step::brief(&attempt, source.trim(), 60),
        locator.show()
    );
    let deed = Deed::new("evaluate", title).on(locator.show());
    let value = step::perform(ctx, &attempt, &locator.place.tab, deed, async |account| {
        let log = &mut account.log;
        let deadline = Instant::now() + limit;
        match locator
            .evaluate(source, &args, patience, deadline, log)
            .await
        {
            Ok(value) => Ok(value),
            Err(Missed::Tab(error)) => Err(ended(error)),
            Err(missed) => Err(missed_failure(locator, "evaluate", missed, limit, log).await),
        }
    })?;
    Ok(json::from_json(&value))
}
