//! How a script gets its first page.

use super::super::step::{self, Deed};
use super::super::tab::Tab;
use super::options;
use super::page::Page;
use super::session::{self, Arrival};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Map, NativeCallContext};
use std::sync::Arc;

/// The value behind the name `browser`.
#[derive(Debug, Clone, Copy)]
pub struct Browser;

#[export_module]
pub mod browser {
    /// Opens a page and waits until it has loaded. A browser is started on first need and shared by all scenarios; cookies,
    /// storage and permissions belong to this phase alone, and all its pages end with it. Relative addresses start from the
    /// base URL.
    ///
    /// ```rhai
    /// let page = browser.open("/login");
    /// assert page.title == "Sign in · Demo";
    /// ```
    #[rhai_fn(name = "open", return_raw, pure)]
    pub fn open_plain(
        ctx: NativeCallContext,
        browser: &mut Browser,
        url: &str,
    ) -> Result<Page, Raise> {
        let _ = browser;
        open_page(&ctx, url, Map::new())
    }

    /// Like `open(url)` with options: `wait_until` (`"load"`, `"domcontentloaded"`, `"networkidle"` or `"commit"`) and
    /// `timeout` (30s), as `page.visit` has them. Any other option, those of `browser.new_context`, gives the page a context of
    /// its own, apart from the other pages of the phase.
    ///
    /// ```rhai
    /// let page = browser.open("/login", #{ viewport: "MOBILE", wait_until: "domcontentloaded", timeout: "1m" });
    /// assert page.title == "Sign in · Demo";
    /// ```
    #[rhai_fn(name = "open", return_raw, pure)]
    pub fn open_with(
        ctx: NativeCallContext,
        browser: &mut Browser,
        url: &str,
        options: Map,
    ) -> Result<Page, Raise> {
        let _ = browser;
        open_page(&ctx, url, options)
    }
}

fn open_page(ctx: &NativeCallContext, url: &str, given: Map) -> Result<Page, Raise> {
    let attempt = script::attempt_for(ctx, "browser.open")?;
    let read = || {
        let (own, arrival) = options::of_open(given, &attempt)?;
        Ok((own, arrival, session::address(&attempt, url)?))
    };
    let (own, arrival, address) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let tab = first_tab(ctx, &attempt, own)?;
    visit_first(ctx, &attempt, &tab, url, &address, arrival)?;
    Ok(Page(tab))
}

/// An empty page; getting a browser is part of the step that opens it, but has no page to show yet.
fn first_tab(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    own: Option<options::Wanted>,
) -> Result<Arc<Tab>, Raise> {
    let opening = async {
        let context = match own {
            Some(wanted) => session::open(attempt, wanted.context, wanted.launch).await?,
            None => session::usual(attempt).await?,
        };
        context.new_tab().await.map_err(Failure::from)
    };
    match attempt.block_on(Box::pin(opening)) {
        Err(stop) => Err(script::stop(stop, ctx.call_position())),
        Ok(Err(failure)) => Err(script::fail(ctx, attempt, failure)),
        Ok(Ok(tab)) => Ok(tab),
    }
}

pub(super) fn visit_first(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    tab: &Arc<Tab>,
    url: &str,
    address: &str,
    arrival: Arrival,
) -> Result<(), Raise> {
    let deed = Deed::new("open", format!("open {url}"));
    let going = async {
        match address {
            // Where a new page is already.
            "about:blank" => Ok(()),
            _ => tab.visit(address, arrival.until, arrival.limit).await,
        }
    };
    step::act(ctx, attempt, tab, deed, going)?;
    // Not before the page is there: it needs the machine more.
    if let Ok(context) = tab.context() {
        context.host().spare().follow(&context);
    }
    Ok(())
}
