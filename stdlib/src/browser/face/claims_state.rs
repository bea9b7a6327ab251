//! What a script can claim about the state of elements. Each claim waits until it holds.

use crate::browser::claim::{Expected, LocatorClaim, Options, Subject, judge};
use crate::host::failure::Failure;
use crate::host::options;
use crate::host::script::Raise;
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};

#[export_module]
pub mod states {
    /// Begins a claim about the element of a locator: `expect(locator).to_…`. It is looked at again until it holds, for 30
    /// seconds or `timeout`; each claim has a twin with `not_`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Tea</p>");
    /// expect(page.get_by_text("Tea")).to_be_visible();
    /// expect(page.get_by_role("dialog")).not_to_be_visible();
    /// ```
    #[rhai_fn(name = "expect")]
    pub fn expect_locator(locator: crate::browser::locator::Locator) -> LocatorClaim {
        LocatorClaim {
            locator,
            message: None,
        }
    }

    /// Like `expect(locator)`; `message` stands before the explanation when the claim does not hold.
    #[rhai_fn(name = "expect")]
    pub fn expect_locator_saying(
        locator: crate::browser::locator::Locator,
        message: &str,
    ) -> LocatorClaim {
        LocatorClaim {
            locator,
            message: Some(message.to_owned()),
        }
    }

    /// Claims that the element can be seen: it has a size, and nothing hides it.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Tea</p>");
    /// expect(page.get_by_text("Tea")).to_be_visible();
    /// ```
    #[rhai_fn(name = "to_be_visible", name = "not_to_be_visible", return_raw, pure)]
    pub fn to_be_visible(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_visible()` with the option `timeout`.
    #[rhai_fn(name = "to_be_visible", name = "not_to_be_visible", return_raw, pure)]
    pub fn to_be_visible_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that the element is not there or cannot be seen.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p hidden>Tea</p>");
    /// expect(page.get_by_text("Tea")).to_be_hidden();
    /// ```
    #[rhai_fn(name = "to_be_hidden", name = "not_to_be_hidden", return_raw, pure)]
    pub fn to_be_hidden(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_hidden()` with the option `timeout`.
    #[rhai_fn(name = "to_be_hidden", name = "not_to_be_hidden", return_raw, pure)]
    pub fn to_be_hidden_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that the element is on the page, seen or not.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p hidden>Tea</p>");
    /// expect(page.get_by_text("Tea")).to_be_attached();
    /// ```
    #[rhai_fn(name = "to_be_attached", name = "not_to_be_attached", return_raw, pure)]
    pub fn to_be_attached(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_attached()` with the option `timeout`.
    #[rhai_fn(name = "to_be_attached", name = "not_to_be_attached", return_raw, pure)]
    pub fn to_be_attached_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that the element is not disabled.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button>Buy</button>");
    /// expect(page.get_by_role("button")).to_be_enabled();
    /// ```
    #[rhai_fn(name = "to_be_enabled", name = "not_to_be_enabled", return_raw, pure)]
    pub fn to_be_enabled(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_enabled()` with the option `timeout`.
    #[rhai_fn(name = "to_be_enabled", name = "not_to_be_enabled", return_raw, pure)]
    pub fn to_be_enabled_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that the element, or the group it is in, is disabled.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button disabled>Buy</button>");
    /// expect(page.get_by_role("button")).to_be_disabled();
    /// ```
    #[rhai_fn(name = "to_be_disabled", name = "not_to_be_disabled", return_raw, pure)]
    pub fn to_be_disabled(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_disabled()` with the option `timeout`.
    #[rhai_fn(name = "to_be_disabled", name = "not_to_be_disabled", return_raw, pure)]
    pub fn to_be_disabled_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that one could type into the element.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name>");
    /// expect(page.get_by_label("Name")).to_be_editable();
    /// ```
    #[rhai_fn(name = "to_be_editable", name = "not_to_be_editable", return_raw, pure)]
    pub fn to_be_editable(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_editable()` with the option `timeout`.
    #[rhai_fn(name = "to_be_editable", name = "not_to_be_editable", return_raw, pure)]
    pub fn to_be_editable_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that the element has the focus.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name autofocus>");
    /// expect(page.get_by_label("Name")).to_be_focused();
    /// ```
    #[rhai_fn(name = "to_be_focused", name = "not_to_be_focused", return_raw, pure)]
    pub fn to_be_focused(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_focused()` with the option `timeout`.
    #[rhai_fn(name = "to_be_focused", name = "not_to_be_focused", return_raw, pure)]
    pub fn to_be_focused_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that nothing is in the field, or no text in the element.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name>");
    /// expect(page.get_by_label("Name")).to_be_empty();
    /// ```
    #[rhai_fn(name = "to_be_empty", name = "not_to_be_empty", return_raw, pure)]
    pub fn to_be_empty(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        plain(&ctx, claim, Map::new())
    }

    /// Like `to_be_empty()` with the option `timeout`.
    #[rhai_fn(name = "to_be_empty", name = "not_to_be_empty", return_raw, pure)]
    pub fn to_be_empty_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        plain(&ctx, claim, options)
    }

    /// Claims that a checkbox, radio button or switch is checked.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<label><input type=checkbox checked> Agree</label>");
    /// expect(page.get_by_label("Agree")).to_be_checked();
    /// ```
    #[rhai_fn(name = "to_be_checked", name = "not_to_be_checked", return_raw, pure)]
    pub fn to_be_checked(ctx: NativeCallContext, claim: &mut LocatorClaim) -> Result<bool, Raise> {
        checked(&ctx, claim, Map::new())
    }

    /// Like `to_be_checked()` with options: `checked: false`, `indeterminate: true`, `timeout`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input type=checkbox aria-label=Agree>");
    /// expect(page.get_by_label("Agree")).to_be_checked(#{ checked: false });
    /// ```
    #[rhai_fn(name = "to_be_checked", name = "not_to_be_checked", return_raw, pure)]
    pub fn to_be_checked_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        checked(&ctx, claim, options)
    }

    /// Claims that some of the element is on the screen.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<h1>Top</h1><p style='margin-top:9999px'>Far down</p>");
    /// expect(page.get_by_text("Top")).to_be_in_viewport();
    /// expect(page.get_by_text("Far down")).not_to_be_in_viewport();
    /// ```
    #[rhai_fn(
        name = "to_be_in_viewport",
        name = "not_to_be_in_viewport",
        return_raw,
        pure
    )]
    pub fn to_be_in_viewport(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
    ) -> Result<bool, Raise> {
        in_viewport(&ctx, claim, Map::new())
    }

    /// Like `to_be_in_viewport()` with options: `ratio` (how much of it, from 0 to 1), `timeout`.
    #[rhai_fn(
        name = "to_be_in_viewport",
        name = "not_to_be_in_viewport",
        return_raw,
        pure
    )]
    pub fn to_be_in_viewport_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        options: Map,
    ) -> Result<bool, Raise> {
        in_viewport(&ctx, claim, options)
    }

    /// Claims that there are so many elements.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// expect(page.locator("li")).to_have_count(2);
    /// ```
    #[rhai_fn(name = "to_have_count", name = "not_to_have_count", return_raw, pure)]
    pub fn to_have_count(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        count: i64,
    ) -> Result<bool, Raise> {
        counted(&ctx, claim, count, Map::new())
    }

    /// Like `to_have_count(count)` with the option `timeout`.
    #[rhai_fn(name = "to_have_count", name = "not_to_have_count", return_raw, pure)]
    pub fn to_have_count_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        count: i64,
        options: Map,
    ) -> Result<bool, Raise> {
        counted(&ctx, claim, count, options)
    }
}

/// Puts a claim about elements to the page.
pub fn put(
    ctx: &NativeCallContext,
    claim: &LocatorClaim,
    read: impl FnOnce() -> Result<(Expected, Options), Failure>,
) -> Result<bool, Raise> {
    judge(
        ctx,
        &Subject::Locator(&claim.locator),
        claim.message.as_deref(),
        read,
    )
}

/// The name of a matcher without `not_`.
pub fn matcher(ctx: &NativeCallContext) -> String {
    let name = ctx.fn_name();
    name.strip_prefix("not_").unwrap_or(name).to_owned()
}

fn plain(ctx: &NativeCallContext, claimed: &LocatorClaim, options: Map) -> Result<bool, Raise> {
    let name = matcher(ctx);
    let state = name.trim_start_matches("to_be_").to_owned();
    put(ctx, claimed, || {
        Ok((
            Expected::default().showing(state),
            Options::read(&name, options)?,
        ))
    })
}

fn checked(ctx: &NativeCallContext, claimed: &LocatorClaim, mut given: Map) -> Result<bool, Raise> {
    let timeout = given.remove("timeout");
    put(ctx, claimed, || {
        let mut own = options::Options::new("to_be_checked", given);
        let checked = own.flag("checked")?.unwrap_or(true);
        let mixed = own.flag("indeterminate")?.unwrap_or(false);
        // Read apart, and known nevertheless when a slip is told.
        own.take("timeout");
        own.finish()?;
        let expected = match (mixed, checked) {
            (true, _) => Expected::default()
                .arg("indeterminate", true)
                .showing("mixed"),
            (false, true) => Expected::value(true).showing("checked"),
            (false, false) => Expected::value(false).showing("unchecked"),
        };
        Ok((expected, with_timeout("to_be_checked", timeout)?))
    })
}

fn in_viewport(
    ctx: &NativeCallContext,
    claimed: &LocatorClaim,
    mut given: Map,
) -> Result<bool, Raise> {
    let timeout = given.remove("timeout");
    put(ctx, claimed, || {
        let mut own = options::Options::new("to_be_in_viewport", given);
        let ratio = own.number("ratio")?;
        own.take("timeout");
        own.finish()?;
        let expected = match ratio {
            Some(ratio) => Expected::value(ratio).showing(format!(
                "at least {} % of it in the viewport",
                ratio * 100.0
            )),
            None => Expected::default().showing("in the viewport"),
        };
        Ok((expected, with_timeout("to_be_in_viewport", timeout)?))
    })
}

fn counted(
    ctx: &NativeCallContext,
    claimed: &LocatorClaim,
    count: i64,
    options: Map,
) -> Result<bool, Raise> {
    put(ctx, claimed, || {
        if count < 0 {
            return Err(Failure::usage(format!("there are never {count} elements")));
        }
        Ok((
            Expected::value(count),
            Options::read("to_have_count", options)?,
        ))
    })
}

fn with_timeout(matcher: &str, timeout: Option<Dynamic>) -> Result<Options, Failure> {
    let map = timeout.map(|timeout| Map::from_iter([("timeout".into(), timeout)]));
    Options::read(matcher, map.unwrap_or_default())
}
