//! What a script can wait for, and blocks that bring it about: what is waited for may come while they run.

use super::super::error::TabError;
use super::super::evidence;
use super::super::step::{self, Account, Deed, KIND};
use super::super::tab::{Dialog, DialogAnswer};
use super::page::Page;
use super::{files, session};
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Deferred, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, Map, NativeCallContext};
use std::time::{Duration, Instant};

/// How often a function of the page is asked, besides.
const POLL: Duration = Duration::from_millis(50);

#[export_module]
pub mod waits {
    /// Waits until the page is so far: `"domcontentloaded"`, `"load"`, or `"networkidle"` (loaded, and no request for half a
    /// second).
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.wait_for_load_state("networkidle");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_load_state(
        ctx: NativeCallContext,
        page: &mut Page,
        state: &str,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.wait_for_load_state")?;
        let until =
            session::until(state).map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        let deed = Deed::new("wait", format!("wait for {}", until.name()));
        let work = page
            .0
            .wait_for_load_state(until, session::patience(&attempt));
        step::act(&ctx, &attempt, &page.0, deed, work)
    }

    /// Asks the page until a JavaScript expression, function, or statements with `return` give something true, and gives that
    /// back. When the time runs out, the failure says what was given last.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// page.wait_for_function("document.readyState == 'complete'");
    /// ```
    #[rhai_fn(name = "wait_for_function", return_raw, pure)]
    pub fn wait_for_function_plain(
        ctx: NativeCallContext,
        page: &mut Page,
        source: &str,
    ) -> Result<Dynamic, Raise> {
        wait_for_function_with(ctx, page, source, Map::new())
    }

    /// Like `wait_for_function(source)` with options: `timeout` (30s), `every` (50ms), and `args`, a list for a function.
    #[rhai_fn(name = "wait_for_function", return_raw, pure)]
    pub fn wait_for_function_with(
        ctx: NativeCallContext,
        page: &mut Page,
        source: &str,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        poll_function(&ctx, page, source, options)
    }

    /// Runs a block that opens a pop-up or a new tab, and gives back its page once it has loaded.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// let help = page.wait_for_popup(|page| page.evaluate("open('/help')"));
    /// assert help.url.ends_with("/help");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_popup(
        ctx: NativeCallContext,
        page: &mut Page,
        block: FnPtr,
    ) -> Result<Page, Raise> {
        wait_for_popup_with(ctx, page, Map::new(), block)
    }

    /// Like `wait_for_popup(block)` with the option `timeout` (30s).
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// let help = page.wait_for_popup(#{ timeout: "1m" }, |page| page.evaluate("open('/help')"));
    /// ```
    #[rhai_fn(name = "wait_for_popup", return_raw, pure)]
    pub fn wait_for_popup_with(
        ctx: NativeCallContext,
        page: &mut Page,
        options: Map,
        block: FnPtr,
    ) -> Result<Page, Raise> {
        let limit = only_timeout(&ctx, "page.wait_for_popup", options)?;
        let before = page.now().popup_count();
        let tab = page.0.clone();
        let wait = async |limit| Ok(Page(tab.popup_after(before, limit).await?));
        around(&ctx, page, "wait for a pop-up", limit, &block, wait)
    }

    /// Runs a block that opens a dialog, and gives back what it said: `#{ kind, message, proposed, accepted }`. Dialogs never
    /// keep a page waiting: alerts are taken note of and questions answered with no, unless `answer_dialogs` said otherwise.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// let asked = page.wait_for_dialog(|page| page.evaluate("setTimeout(() => alert('hello'))"));
    /// assert asked.message == "hello";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_dialog(
        ctx: NativeCallContext,
        page: &mut Page,
        block: FnPtr,
    ) -> Result<Map, Raise> {
        wait_for_dialog_with(ctx, page, Map::new(), block)
    }

    /// Like `wait_for_dialog(block)` with the option `timeout` (30s).
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// let asked = page.wait_for_dialog(#{ timeout: "1m" }, |page| page.evaluate("setTimeout(() => alert('hello'))"));
    /// assert asked.kind == "alert";
    /// ```
    #[rhai_fn(name = "wait_for_dialog", return_raw, pure)]
    pub fn wait_for_dialog_with(
        ctx: NativeCallContext,
        page: &mut Page,
        options: Map,
        block: FnPtr,
    ) -> Result<Map, Raise> {
        let limit = only_timeout(&ctx, "page.wait_for_dialog", options)?;
        let before = page.now().dialog_count();
        let tab = page.0.clone();
        let wait = async |limit| Ok(dialog_map(tab.dialog_behind(before, limit).await?));
        around(&ctx, page, "wait for a dialog", limit, &block, wait)
    }

    /// What the coming dialogs of the page are told: `#{ accept: true, text: "Ada" }`.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// page.answer_dialogs(#{ accept: true });
    /// assert page.evaluate("confirm('sure?')");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn answer_dialogs(
        ctx: NativeCallContext,
        page: &mut Page,
        options: Map,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.answer_dialogs")?;
        let read = || {
            let mut options = Options::new("page.answer_dialogs", options);
            let accept = options.flag("accept")?.unwrap_or(true);
            let text = options.text("text")?;
            options.finish()?;
            Ok(DialogAnswer { accept, text })
        };
        let answer = read().map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        page.0.answer_dialogs(Some(answer));
        Ok(())
    }

    /// Runs a block that has the page ask for files, and gives it these, as `set_input_files` takes them.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/files");
    /// page.choose_files(["data/users.csv"], |page| page.get_by_text("Choose…").click());
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn choose_files(
        ctx: NativeCallContext,
        page: &mut Page,
        given: Dynamic,
        block: FnPtr,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.choose_files")?;
        let paths = files::read("page.choose_files", &attempt, &given)
            .map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        let before = page.now().chooser_count();
        let tab = page.0.clone();
        around(
            &ctx,
            page,
            "wait for the page to ask for files",
            None,
            &block,
            async |limit| {
                let (frame, element) = tab.chooser_after(before, limit).await?;
                Ok(tab.set_files(&frame, &element, &paths).await?)
            },
        )
    }
}

/// How long to wait, where nothing else can be said.
pub(super) fn only_timeout(
    ctx: &NativeCallContext,
    owner: &str,
    given: Map,
) -> Result<Option<Duration>, Raise> {
    let attempt = script::attempt_for(ctx, owner)?;
    let mut options = Options::new(owner, given);
    let read = || {
        let limit = options.duration("timeout")?;
        options.finish()?;
        Ok(limit)
    };
    read().map_err(|failure| script::fail(ctx, &attempt, failure))
}

/// Runs `block`, then waits for what it was to bring about, as one step with those of the block in it.
/// Without a limit of its own it waits as long as one does for pages.
pub(super) fn around<T>(
    ctx: &NativeCallContext,
    page: &Page,
    title: &str,
    limit: Option<Duration>,
    block: &FnPtr,
    wait: impl AsyncFnOnce(Duration) -> Result<T, Failure>,
) -> Result<T, Raise> {
    let attempt = script::attempt_for(ctx, title)?;
    let tab = &page.0;
    attempt.step(KIND, title, script::call_site(ctx), |step| {
        let mark = tab.trace().mark();
        drop(call_block(ctx, block, Dynamic::from(page.clone()))?);
        let limit = limit.map(|limit| attempt.world().scaled(limit));
        let limit = limit.unwrap_or_else(|| session::patience(&attempt));
        let result = match attempt.block_on(wait(limit)) {
            Err(stop) => Err(script::stop(stop, ctx.call_position())),
            Ok(Err(failure)) => {
                attempt.set_trouble(Some(failure.message.clone()));
                evidence::attach(&attempt, tab);
                Err(script::fail(ctx, &attempt, failure))
            }
            Ok(Ok(value)) => Ok(value),
        };
        if step.id.is_some() {
            let deed = Deed::new("wait", title);
            step.data = step::data(
                &attempt,
                tab,
                deed,
                Account::default(),
                Default::default(),
                mark,
            );
        }
        result
    })
}

/// Calls a block with its subject, if it takes one.
pub(super) fn call_block(
    ctx: &NativeCallContext,
    block: &FnPtr,
    subject: Dynamic,
) -> Result<Dynamic, Raise> {
    match Deferred::keep_shared(ctx, block).parameters() {
        0 => block.call_within_context(ctx, ()),
        _ => block.call_within_context(ctx, (subject,)),
    }
}

fn poll_function(
    ctx: &NativeCallContext,
    page: &Page,
    source: &str,
    given: Map,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt_for(ctx, "page.wait_for_function")?;
    let read = || {
        let mut options = Options::new("page.wait_for_function", given);
        let timeout = options
            .duration("timeout")?
            .map(|limit| attempt.world().scaled(limit));
        let every = options.duration("every")?.unwrap_or(POLL);
        let args = options.json("args")?;
        options.finish()?;
        let args = args
            .and_then(|args| args.as_array().cloned())
            .unwrap_or_default();
        Ok((
            timeout.unwrap_or_else(|| session::patience(&attempt)),
            every,
            args,
        ))
    };
    let (limit, every, args) = read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let tab = &page.0;
    let shown = step::brief(&attempt, source.trim(), 60);
    let deed = Deed::new("wait", format!("wait for {shown}"));
    let got = step::perform(ctx, &attempt, tab, deed, async |account| {
        let end = Instant::now() + limit;
        let mut last = None;
        let mut see = |value: String| {
            if last.as_ref() != Some(&value) {
                account.log.tell(step::brief(&attempt, &value, 200));
                last = Some(value);
            }
        };
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let frame = tab.main_frame();
            let asking = tab.evaluate(&frame, source, &args, None);
            let asked = tokio::time::timeout(left, asking).await;
            match asked {
                Ok(Ok(value)) if is_true(&value) => return Ok(value),
                Ok(Ok(value)) => see(value.to_string()),
                Ok(Err(TabError::Navigated)) => {}
                Ok(Err(TabError::Script(said))) if said.contains("SyntaxError") => {
                    return Err(Failure::usage(format!("the page cannot read it: {said}")));
                }
                Ok(Err(TabError::Script(said))) => see(format!("threw {said}")),
                Ok(Err(other)) => return Err(other.into()),
                Err(_) => {}
            }
            if Instant::now() >= end {
                return Err(not_true(&attempt, &shown, limit, last));
            }
            tokio::time::sleep(every.min(end.saturating_duration_since(Instant::now()))).await;
        }
    })?;
    Ok(json::from_json(&got))
}

fn not_true(attempt: &Attempt, shown: &str, limit: Duration, last: Option<String>) -> Failure {
    let limit = crate::host::duration::show(limit);
    let text = format!("`{shown}` did not become true within {limit}");
    let last = last.unwrap_or_else(|| "none: the page did not answer".into());
    Failure::product(Code::WaitTimeout, text).detail("last value", step::brief(attempt, &last, 500))
}

/// What JavaScript takes for true, of what JSON can say.
fn is_true(value: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match value {
        Json::Null | Json::Bool(false) => false,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        _ => true,
    }
}

fn dialog_map(dialog: Dialog) -> Map {
    Map::from([
        ("kind".into(), dialog.kind.into()),
        ("message".into(), dialog.message.into()),
        ("proposed".into(), dialog.proposed.into()),
        ("accepted".into(), dialog.accepted.into()),
    ])
}
