//! Time as a page sees it.

use super::super::step::{self, Deed};
use super::page::Page;
use crate::host::duration::{self, DurationError};
use crate::host::failure::Failure;
use crate::host::script::{self, Raise};
use rhai::NativeCallContext;
use rhai::plugin::*;

#[export_module]
pub mod clock {
    /// Sets the time of the page and stops it there, also for documents it loads later. `advance_clock` moves it on.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// page.set_clock("2026-12-24T18:00:00Z");
    /// assert page.evaluate("new Date().getUTCDate()") == 24;
    /// page.advance_clock("2h");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn set_clock(ctx: NativeCallContext, page: &mut Page, time: &str) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.set_clock")?;
        let instant: jiff::Timestamp = time.parse().map_err(|error| {
            let failure = Failure::usage(format!("`{time}` is no time: {error}"))
                .hint("write it like \"2026-12-24T18:00:00Z\"");
            script::fail(&ctx, &attempt, failure)
        })?;
        let deed = Deed::new("clock", format!("set the clock to {time}"));
        let work = page.0.install_clock(instant.as_millisecond());
        step::act(&ctx, &attempt, &page.0, deed, work)
    }

    /// Lets time pass in the page at once, and in its frames: timers that are due run, in their order.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.advance_clock("30m");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn advance_clock(ctx: NativeCallContext, page: &mut Page, by: &str) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.advance_clock")?;
        let by = duration::parse(by).map_err(|error| {
            let failure = Failure::usage(error.to_string()).hint(DurationError::HINT);
            script::fail(&ctx, &attempt, failure)
        })?;
        let deed = Deed::new("clock", format!("let {} pass", duration::show(by)));
        step::act(&ctx, &attempt, &page.0, deed, page.0.advance_clock(by))
    }
}
