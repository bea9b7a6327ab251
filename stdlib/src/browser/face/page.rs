//! What a script can do with a page.

use super::super::step::{self, Deed};
use super::super::tab::{Tab, Until};
use super::doing::missed_failure;
use super::finders::Finder;
use super::{scripting, session};
use crate::browser::picture;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use crate::log::artifact;
use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, Map, NativeCallContext};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A page, as a script holds it.
#[derive(Debug, Clone)]
pub struct Page(pub Arc<Tab>);

impl Page {
    /// Its tab, with all known that happened before now.
    pub fn now(&self) -> &Arc<Tab> {
        self.0.host().runtime().block_on(self.0.catch_up());
        &self.0
    }
}

#[export_module]
pub mod page {
    /// Goes to an address and waits until the page has loaded. Relative addresses start from the base URL.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.visit("/about");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn visit(ctx: NativeCallContext, page: &mut Page, url: &str) -> Result<(), Raise> {
        go_to(&ctx, page, url, Map::new())
    }

    /// Like `visit(url)` with options: `wait_until` (`"load"`, `"domcontentloaded"`, `"networkidle"` or `"commit"`) and
    /// `timeout` (30s).
    #[rhai_fn(name = "visit", return_raw, pure)]
    pub fn visit_with(
        ctx: NativeCallContext,
        page: &mut Page,
        url: &str,
        options: Map,
    ) -> Result<(), Raise> {
        go_to(&ctx, page, url, options)
    }

    /// Loads the page again.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.reload();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn reload(ctx: NativeCallContext, page: &mut Page) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.reload")?;
        let work = page.0.reload(Until::Load, session::patience(&attempt));
        step::act(&ctx, &attempt, &page.0, Deed::new("reload", "reload"), work)
    }

    /// Goes back to the page before.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.back();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn back(ctx: NativeCallContext, page: &mut Page) -> Result<(), Raise> {
        traverse(&ctx, page, -1, "back")
    }

    /// Goes forward again.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.back();
    /// page.forward();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn forward(ctx: NativeCallContext, page: &mut Page) -> Result<(), Raise> {
        traverse(&ctx, page, 1, "forward")
    }

    /// Closes the page. It would be closed at the end of the phase anyway.
    #[rhai_fn(return_raw, pure)]
    pub fn close(ctx: NativeCallContext, page: &mut Page) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.close")?;
        step::act(
            &ctx,
            &attempt,
            &page.0,
            Deed::new("close", "close page"),
            page.0.close(),
        )
    }

    /// Whether the page is closed.
    #[rhai_fn(get = "is_closed", pure)]
    pub fn is_closed(page: &mut Page) -> bool {
        page.now().is_closed()
    }

    /// A page in a text is told by its address.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn page_to_string(page: &mut Page) -> String {
        match page.now().is_closed() {
            true => format!("closed page {}", page.0.url()),
            false => format!("page {}", page.0.url()),
        }
    }

    /// The address of the page.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/login");
    /// assert page.url.ends_with("/login");
    /// ```
    #[rhai_fn(get = "url", pure)]
    pub fn url(page: &mut Page) -> String {
        page.now().url()
    }

    /// The title of the page.
    #[rhai_fn(get = "title", return_raw, pure)]
    pub fn title(ctx: NativeCallContext, page: &mut Page) -> Result<String, Raise> {
        let attempt = script::attempt_for(&ctx, "page.title")?;
        let told = step::quietly(&ctx, &attempt, page.0.ask_document("document"))?;
        Ok(told["title"].as_str().unwrap_or_default().to_owned())
    }

    /// The document as HTML, as it is now.
    #[rhai_fn(get = "content", return_raw, pure)]
    pub fn content(ctx: NativeCallContext, page: &mut Page) -> Result<String, Raise> {
        let attempt = script::attempt_for(&ctx, "page.content")?;
        let told = step::quietly(&ctx, &attempt, page.0.ask_document("content"))?;
        Ok(told.as_str().unwrap_or_default().to_owned())
    }

    /// Runs JavaScript in the page and gives back what it gives, as JSON: an expression, a function, or statements with
    /// `return`. Promises are waited for.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// assert page.evaluate("document.links.length") > 0;
    /// ```
    #[rhai_fn(name = "evaluate", return_raw, pure)]
    pub fn evaluate_plain(
        ctx: NativeCallContext,
        page: &mut Page,
        source: &str,
    ) -> Result<Dynamic, Raise> {
        evaluated(&ctx, page, source, Array::new(), Map::new())
    }

    /// Like `evaluate(source)` for a function, called with the values of a list.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// assert page.evaluate("(a, b) => a + b", [1, 2]) == 3;
    /// ```
    #[rhai_fn(name = "evaluate", return_raw, pure)]
    pub fn evaluate_with(
        ctx: NativeCallContext,
        page: &mut Page,
        source: &str,
        args: Array,
    ) -> Result<Dynamic, Raise> {
        evaluated(&ctx, page, source, args, Map::new())
    }

    /// Like `evaluate(source, args)` with options: `timeout` (60s). A script that keeps the page busy for longer than 4s, in
    /// a loop, has to say so with it; one that waits for a promise has not.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// let sum = "(to) => { let sum = 0; for (let n = 1; n <= to; n++) sum += n; return sum }";
    /// assert page.evaluate(sum, [1000], #{ timeout: "2m" }) == 500500;
    /// ```
    #[rhai_fn(name = "evaluate", return_raw, pure)]
    pub fn evaluate_within(
        ctx: NativeCallContext,
        page: &mut Page,
        source: &str,
        args: Array,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        evaluated(&ctx, page, source, args, options)
    }

    /// A picture of what is seen of the page, as PNG.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// attach("home.png", page.screenshot());
    /// ```
    #[rhai_fn(name = "screenshot", return_raw, pure)]
    pub fn screenshot_plain(ctx: NativeCallContext, page: &mut Page) -> Result<Blob, Raise> {
        picture(&ctx, page, Map::new())
    }

    /// Like `screenshot()` with options: `full_page` for all of the page, `mask` for locators of what is painted over
    /// (`mask_color`), `name` to keep it with the run under that name.
    ///
    /// ```rhai
    /// let page = browser.open("/login");
    /// page.screenshot(#{ full_page: true, mask: [page.get_by_label("E-mail")], name: "sign-in" });
    /// ```
    #[rhai_fn(name = "screenshot", return_raw, pure)]
    pub fn screenshot_with(
        ctx: NativeCallContext,
        page: &mut Page,
        options: Map,
    ) -> Result<Blob, Raise> {
        picture(&ctx, page, options)
    }

    /// The page as it would be printed, as PDF.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// attach("page.pdf", page.pdf());
    /// ```
    #[rhai_fn(name = "pdf", return_raw, pure)]
    pub fn pdf_plain(ctx: NativeCallContext, page: &mut Page) -> Result<Blob, Raise> {
        printed(&ctx, page, Map::new())
    }

    /// Like `pdf()` with options: `landscape`, `background`, `scale` (0.1 to 2), `pages` such as `["1-3"]`.
    #[rhai_fn(name = "pdf", return_raw, pure)]
    pub fn pdf_with(ctx: NativeCallContext, page: &mut Page, options: Map) -> Result<Blob, Raise> {
        printed(&ctx, page, options)
    }
}

fn go_to(ctx: &NativeCallContext, page: &Page, url: &str, given: Map) -> Result<(), Raise> {
    let attempt = script::attempt_for(ctx, "page.visit")?;
    let read = || {
        let mut options = Options::new("page.visit", given);
        let arrival = session::arrival(&attempt, &mut options)?;
        options.finish()?;
        Ok((arrival, session::address(&attempt, url)?))
    };
    let (arrival, address) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let deed = Deed::new("visit", format!("visit {url}"));
    step::act(
        ctx,
        &attempt,
        &page.0,
        deed,
        page.0.visit(&address, arrival.until, arrival.limit),
    )
}

fn traverse(
    ctx: &NativeCallContext,
    page: &Page,
    delta: i32,
    way: &'static str,
) -> Result<(), Raise> {
    let attempt = script::attempt_for(ctx, way)?;
    let work = page
        .0
        .traverse(delta, Until::Load, session::patience(&attempt));
    step::act(
        ctx,
        &attempt,
        &page.0,
        Deed::new(way, format!("go {way}")),
        work,
    )
}

fn evaluated(
    ctx: &NativeCallContext,
    page: &Page,
    source: &str,
    args: Array,
    given: Map,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt_for(ctx, "page.evaluate")?;
    let (args, patience) = scripting::call(&attempt, "page.evaluate", args, given)
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let tab = &page.0;
    let shown = step::brief(&attempt, source.trim(), 60);
    let deed = Deed::new("evaluate", format!("evaluate {shown}"));
    let frame = tab.main_frame();
    let got = step::perform(ctx, &attempt, tab, deed, async |_| {
        let asked = tab.evaluate(&frame, source, &args, patience).await;
        asked.map_err(scripting::ended)
    })?;
    Ok(json::from_json(&got))
}

fn picture(ctx: &NativeCallContext, page: &Page, given: Map) -> Result<Blob, Raise> {
    let attempt = script::attempt_for(ctx, "page.screenshot")?;
    let read = || {
        let mut options = Options::new("page.screenshot", given);
        let mut shot = super::shots::read(&mut options)?;
        shot.full_page = options.flag("full_page")?.unwrap_or(false);
        let name = options.text("name")?;
        options.finish()?;
        Ok((shot, name))
    };
    let (shot, name) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let subject = page.base(ctx);
    let deed = Deed::new("screenshot", "screenshot");
    let png = step::perform(ctx, &attempt, &page.0, deed, async |account| {
        if shot.masks.is_empty() {
            return Ok(page.0.screenshot(None, shot.full_page).await?);
        }
        let log = &mut account.log;
        match picture::take(&subject.place, None, &shot, Instant::now(), log).await {
            Ok(png) => Ok(png),
            Err(missed) => {
                Err(missed_failure(&subject, "screenshot", missed, Duration::ZERO, log).await)
            }
        }
    })?;
    if let Some(name) = name {
        let name = match name.ends_with(".png") {
            true => name,
            false => format!("{name}.png"),
        };
        artifact::keep(&attempt, &name, "image/png", png.as_slice())
            .map_err(|error| script::fail(ctx, &attempt, error.into()))?;
    }
    Ok(png)
}

fn printed(ctx: &NativeCallContext, page: &Page, given: Map) -> Result<Blob, Raise> {
    let attempt = script::attempt_for(ctx, "page.pdf")?;
    let read = || {
        let mut options = Options::new("page.pdf", given);
        let mut asked = json!({});
        if options.flag("landscape")?.unwrap_or(false) {
            asked["orientation"] = "landscape".into();
        }
        if let Some(background) = options.flag("background")? {
            asked["background"] = background.into();
        }
        if let Some(scale) = options.number("scale")? {
            asked["scale"] = scale.into();
        }
        if let Some(pages) = options.texts("pages")? {
            asked["pageRanges"] = pages.into();
        }
        options.finish()?;
        Ok(asked)
    };
    let asked = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    step::act(
        ctx,
        &attempt,
        &page.0,
        Deed::new("pdf", "print to PDF"),
        page.0.pdf(asked),
    )
}
