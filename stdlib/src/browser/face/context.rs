//! Pages that share cookies and storage, apart from all others: what a person is who is logged in.

use super::super::context::Context;
use super::super::error::TabError;
use super::super::options::{extra_headers, offline};
use super::super::step::quietly;
use super::super::storage;
use super::browser::{Browser, visit_first};
use super::keyboard::point;
use super::page::Page;
use super::waits::call_block;
use super::{options, session, values};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A context, as a script holds it.
#[derive(Debug, Clone)]
pub struct BrowserContext(pub Arc<Context>);

/// What was saved of people who logged in, by name; while somebody logs in, others wait.
#[derive(Default)]
struct Logins(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Value>>>>>);

#[export_module]
pub mod contexts {
    /// A context of its own: its pages share cookies and storage with each other and with no other page.
    ///
    /// ```rhai,no_run
    /// let ada = browser.new_context();
    /// let ben = browser.new_context(#{ locale: "de-DE", timezone: "Europe/Berlin" });
    /// let page = ada.open("/chat");
    /// ```
    #[rhai_fn(name = "new_context", return_raw, pure)]
    pub fn new_context_plain(
        ctx: NativeCallContext,
        browser: &mut Browser,
    ) -> Result<BrowserContext, Raise> {
        let _ = browser;
        new(&ctx, Map::new())
    }

    /// Like `new_context()` with the options of `browser.open`.
    #[rhai_fn(name = "new_context", return_raw, pure)]
    pub fn new_context_with(
        ctx: NativeCallContext,
        browser: &mut Browser,
        options: Map,
    ) -> Result<BrowserContext, Raise> {
        let _ = browser;
        new(&ctx, options)
    }

    /// A context of somebody who is logged in. The block logs in, once in a run for each name; whoever asks for the same name
    /// later, in any scenario, gets a context with the same cookies and storage. The block gets an empty page.
    ///
    /// ```rhai,no_run
    /// let ada = browser.login_once("ada", |page| {
    ///     page.visit("/login");
    ///     page.get_by_label("E-mail").fill("ada@example.com");
    ///     page.get_by_role("button", "Sign in").click();
    ///     expect(page).to_have_url("/dashboard");
    /// });
    /// let page = ada.open("/dashboard");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn login_once(
        ctx: NativeCallContext,
        browser: &mut Browser,
        name: &str,
        block: FnPtr,
    ) -> Result<BrowserContext, Raise> {
        let _ = browser;
        logged_in(&ctx, name, &block)
    }

    /// Opens a page in the context.
    #[rhai_fn(name = "open", return_raw, pure)]
    pub fn open_in(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
        url: &str,
    ) -> Result<Page, Raise> {
        open_page(&ctx, context, url, Map::new())
    }

    /// Like `open(url)` with options: `wait_until` (`"load"`, `"domcontentloaded"`, `"networkidle"` or `"commit"`) and
    /// `timeout` (30s).
    #[rhai_fn(name = "open", return_raw, pure)]
    pub fn open_in_with(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
        url: &str,
        options: Map,
    ) -> Result<Page, Raise> {
        open_page(&ctx, context, url, options)
    }

    /// The context of a page.
    #[rhai_fn(get = "context", return_raw, pure)]
    pub fn context_of(ctx: NativeCallContext, page: &mut Page) -> Result<BrowserContext, Raise> {
        let found = page.0.context().map(BrowserContext);
        found.map_err(|error| script::usage(&ctx, error.into()))
    }

    /// The pages that are open in the context, pop-ups too, in the order in which they were opened.
    #[rhai_fn(get = "pages", pure)]
    pub fn pages(context: &mut BrowserContext) -> Array {
        for tab in context.0.tabs() {
            Page(tab).now();
        }
        let tabs = context.0.tabs().into_iter();
        tabs.map(|tab| Dynamic::from(Page(tab))).collect()
    }

    /// The cookies of the context: `#{ name, value, domain, path, http_only, secure, same_site, expires }`.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/login");
    /// assert page.context.cookies().find(|it| it.name == "session") == ();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn cookies(ctx: NativeCallContext, context: &mut BrowserContext) -> Result<Array, Raise> {
        let attempt = script::attempt_for(&ctx, "context.cookies")?;
        let cookies = quietly(&ctx, &attempt, context.0.cookies())?;
        let told = cookies
            .iter()
            .map(|cookie| json::from_json(&storage::told(cookie)));
        Ok(told.collect())
    }

    /// Sets a cookie: `#{ name, value }`, and `domain` (that of the base URL), `path`, `http_only`, `secure`, `same_site`,
    /// `expires`.
    ///
    /// ```rhai,no_run
    /// let context = browser.new_context();
    /// context.add_cookie(#{ name: "beta", value: "1" });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn add_cookie(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
        cookie: Map,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "context.add_cookie")?;
        let cookie =
            cookie_of(&attempt, cookie).map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        quietly(
            &ctx,
            &attempt,
            context.0.set_cookie(storage::asked(&cookie)),
        )
    }

    /// Removes all cookies of the context.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.context.clear_cookies();
    /// ```
    #[rhai_fn(name = "clear_cookies", return_raw, pure)]
    pub fn clear_all_cookies(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "context.clear_cookies")?;
        quietly(&ctx, &attempt, context.0.clear_cookies(None))
    }

    /// Removes the cookies of this name.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.context.clear_cookies("session");
    /// ```
    #[rhai_fn(name = "clear_cookies", return_raw, pure)]
    pub fn clear_named_cookies(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
        name: &str,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "context.clear_cookies")?;
        quietly(&ctx, &attempt, context.0.clear_cookies(Some(name)))
    }

    /// Cookies, and the storage of the pages that are open, as plain data: put it on `state` and give it to the option
    /// `storage_state` of `browser.open` or `browser.new_context` in a later phase.
    ///
    /// ```rhai
    /// phase("sign in", |state| {
    ///     let page = browser.open("/");
    ///     state.session = page.context.storage_state();
    /// });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn storage_state(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
    ) -> Result<Dynamic, Raise> {
        let attempt = script::attempt_for(&ctx, "context.storage_state")?;
        let state = quietly(&ctx, &attempt, context.0.storage_state())?;
        Ok(json::from_json(&state))
    }

    /// Takes the network away from the context, or gives it back.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.context.set_offline(true);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn set_offline(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
        is_offline: bool,
    ) -> Result<(), Raise> {
        change(
            &ctx,
            context,
            "emulation.setNetworkConditions",
            offline(is_offline),
        )
    }

    /// Sends these headers with every request of the context from now on, and no others given before.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.context.set_extra_headers(#{ "x-team": "qa" });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn set_extra_headers(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
        headers: Map,
    ) -> Result<(), Raise> {
        let headers = extra_headers(&values::pairs(Some(headers)));
        change(&ctx, context, "network.setExtraHeaders", headers)
    }

    /// Moves the context to another place on earth.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.context.set_geolocation(52.5, 13.4);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn set_geolocation(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
        latitude: Dynamic,
        longitude: Dynamic,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "context.set_geolocation")?;
        let (latitude, longitude) = point(&latitude, &longitude)
            .map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        let place = json!({ "latitude": latitude, "longitude": longitude, "accuracy": 1.0 });
        let asked = json!({ "coordinates": place });
        change(&ctx, context, "emulation.setGeolocationOverride", asked)
    }

    /// Closes the context with all its pages. It would be closed at the end of the phase anyway.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.context.close();
    /// ```
    #[rhai_fn(name = "close", return_raw, pure)]
    pub fn close_context(
        ctx: NativeCallContext,
        context: &mut BrowserContext,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "context.close")?;
        let closing = async {
            context.0.close().await;
            Ok::<_, TabError>(())
        };
        quietly(&ctx, &attempt, closing)
    }
}

fn new(ctx: &NativeCallContext, given: Map) -> Result<BrowserContext, Raise> {
    let attempt = script::attempt_for(ctx, "browser.new_context")?;
    let wanted = options::read("browser.new_context", given, &attempt)
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let opening = session::open(&attempt, wanted.context, wanted.launch);
    awaited(ctx, &attempt, opening).map(BrowserContext)
}

fn open_page(
    ctx: &NativeCallContext,
    context: &BrowserContext,
    url: &str,
    given: Map,
) -> Result<Page, Raise> {
    let attempt = script::attempt_for(ctx, "context.open")?;
    let read = || {
        let mut options = Options::new("context.open", given);
        let arrival = session::arrival(&attempt, &mut options)?;
        options.finish()?;
        Ok((arrival, session::address(&attempt, url)?))
    };
    let (arrival, address) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let tab = quietly(ctx, &attempt, context.0.new_tab())?;
    visit_first(ctx, &attempt, &tab, url, &address, arrival)?;
    Ok(Page(tab))
}

fn change(
    ctx: &NativeCallContext,
    context: &BrowserContext,
    command: &str,
    mut asked: Value,
) -> Result<(), Raise> {
    let attempt = script::attempt_for(ctx, ctx.fn_name())?;
    asked["userContexts"] = json!([context.0.id()]);
    let asked = context.0.host().command(command, asked);
    quietly(ctx, &attempt, asked).map(drop)
}

fn logged_in(ctx: &NativeCallContext, name: &str, block: &FnPtr) -> Result<BrowserContext, Raise> {
    let attempt = script::attempt_for(ctx, "browser.login_once")?;
    let logins = attempt.world().shared.get::<Logins>();
    let place = {
        let mut logins = logins.0.lock().unwrap_or_else(|e| e.into_inner());
        logins.entry(name.to_owned()).or_default().clone()
    };
    let mut saved = attempt
        .block_on(place.lock_owned())
        .map_err(|stop| script::stop(stop, ctx.call_position()))?;
    let mut wanted =
        session::defaults(&attempt).map_err(|failure| script::fail(ctx, &attempt, failure))?;
    if let Some(state) = &*saved {
        wanted.storage = Some(state.clone());
        let opening = session::open(&attempt, wanted, None);
        return awaited(ctx, &attempt, opening).map(BrowserContext);
    }
    let title = format!("log in as {name}");
    attempt.step("browser", &title, script::call_site(ctx), |_| {
        let context = awaited(ctx, &attempt, session::open(&attempt, wanted, None))?;
        let tab = quietly(ctx, &attempt, context.new_tab())?;
        drop(call_block(ctx, block, Dynamic::from(Page(tab)))?);
        *saved = Some(quietly(ctx, &attempt, context.storage_state())?);
        Ok(BrowserContext(context))
    })
}

fn awaited<T>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Raise> {
    match attempt.block_on(Box::pin(work)) {
        Err(stop) => Err(script::stop(stop, ctx.call_position())),
        Ok(Err(failure)) => Err(script::fail(ctx, attempt, failure)),
        Ok(Ok(value)) => Ok(value),
    }
}

/// A cookie as scripts write it; it belongs to the base URL unless it says otherwise.
fn cookie_of(attempt: &Attempt, cookie: Map) -> Result<Value, Failure> {
    let mut options = Options::new("context.add_cookie", cookie);
    let (name, value) = (options.text("name")?, options.text("value")?);
    let (Some(name), Some(value)) = (name, value) else {
        return Err(Failure::usage("a cookie needs `name` and `value`"));
    };
    let base = attempt.world().base_url.as_deref();
    let own = base.and_then(|base| url::Url::parse(base).ok()?.host_str().map(str::to_owned));
    let domain = options.text("domain")?.or(own).ok_or_else(|| {
        Failure::usage("a cookie needs a `domain`")
            .hint("that of the base URL is taken, if there is one")
    })?;
    let mut told = json!({ "name": name, "value": value, "domain": domain });
    told["path"] = options.text("path")?.unwrap_or_else(|| "/".into()).into();
    for key in ["http_only", "secure"] {
        if let Some(flag) = options.flag(key)? {
            told[key] = flag.into();
        }
    }
    if let Some(same_site) = options.text("same_site")? {
        told["same_site"] = same_site.to_lowercase().into();
    }
    if let Some(expires) = options.int("expires", 0..=i64::MAX)? {
        told["expires"] = expires.into();
    }
    options.finish()?;
    Ok(told)
}
