//! JavaScript about one element.

use super::doing::{limit, missed_failure};
use crate::browser::locator::Locator;
use crate::browser::step::{self, Deed};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, NativeCallContext};
use std::time::Instant;

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
        evaluated(&ctx, locator, source, Array::new())
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
        evaluated(&ctx, locator, source, args)
    }
}

fn evaluated(
    ctx: &NativeCallContext,
    locator: &Locator,
    source: &str,
    args: Array,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt(ctx)?;
    let args = json::to_json(&args.into(), "arguments")
        .map_err(|error| script::fail(ctx, &attempt, Failure::usage(error.to_string())))?;
    let args = args.as_array().cloned().unwrap_or_default();
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
        match locator.evaluate(source, &args, deadline, log).await {
            Ok(value) => Ok(value),
            Err(missed) => Err(missed_failure(locator, "evaluate", missed, limit, log).await),
        }
    })?;
    Ok(json::from_json(&value))
}
