//! What a script can ask elements. Questions about one element wait until it is there; those about all answer at once.

use super::doing::{limit, missed_failure};
use crate::browser::locator::Locator;
use crate::browser::locator::part::Part;
use crate::browser::picture::{self, Shot};
use crate::browser::step;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, Map, NativeCallContext};
use serde_json::Value;
use std::time::Instant;

#[export_module]
pub mod questions {
    /// All text in the element, as it stands in the document, hidden parts included.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p id=order>Order 17</p>");
    /// let number = page.locator("#order").text_content().split(" ")[1];
    /// assert number == "17";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn text_content(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "text_content", None)
    }

    /// The text of the element as it is shown.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Order <b hidden>secret</b>17</p>");
    /// assert page.locator("p").inner_text() == "Order 17";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn inner_text(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "inner_text", None)
    }

    /// The HTML inside the element.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.locator("main").inner_html() != "";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn inner_html(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "inner_html", None)
    }

    /// An attribute of the element; `()` when it has none of that name.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<tr><p data-id=7>Tea</p></tr>");
    /// let id = page.get_by_text("Tea").attr("data-id");
    /// assert id == "7";
    /// ```
    #[rhai_fn(name = "attr", name = "get_attribute", return_raw, pure)]
    pub fn attr(
        ctx: NativeCallContext,
        locator: &mut Locator,
        name: &str,
    ) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "attribute", Some(name))
    }

    /// What is in a field: an `<input>`, `<textarea>` or `<select>`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name value=Ada>");
    /// assert page.get_by_label("Name").input_value() == "Ada";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn input_value(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "input_value", None)
    }

    /// The value a style property has in effect: `css_value("color")`.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.locator("main").css_value("display") == "block";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn css_value(
        ctx: NativeCallContext,
        locator: &mut Locator,
        property: &str,
    ) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "css_value", Some(property))
    }

    /// Whether the element is there and can be seen, at this moment. `expect(…).to_be_visible()` waits.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Tea</p>");
    /// if page.get_by_role("dialog").is_visible() { page.keyboard.press("Escape"); }
    /// assert page.get_by_text("Tea").is_visible();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn is_visible(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "is_visible", None)
    }

    /// Whether the element is not there or cannot be seen, at this moment.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_text("Loading").is_hidden();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn is_hidden(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "is_hidden", None)
    }

    /// Whether the element is enabled.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_role("button", "Start").is_enabled();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn is_enabled(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "is_enabled", None)
    }

    /// Whether the element is disabled.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_role("button", "Save").is_disabled();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn is_disabled(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "is_disabled", None)
    }

    /// Whether one could type into the element.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_label("Rows").is_editable();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn is_editable(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "is_editable", None)
    }

    /// Whether a checkbox, radio button or switch is checked.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_role("checkbox").is_checked();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn is_checked(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "is_checked", None)
    }

    /// Whether the element has the focus.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_label("Rows").is_focused();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn is_focused(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "is_focused", None)
    }

    /// How many elements there are at this moment. `expect(…).to_have_count(n)` waits.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// assert page.locator("li").count() == 2;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn count(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "count", None)
    }

    /// A locator for each of the elements there are at this moment.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// for item in page.locator("li").all() { expect(item).to_be_visible(); }
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn all(ctx: NativeCallContext, locator: &mut Locator) -> Result<Array, Raise> {
        let count = asked(&ctx, locator, "count", None)?.as_int().unwrap_or(0);
        let nth = |index| Dynamic::from(locator.with(Part::Nth(index), format!("nth({index})")));
        Ok((0..count).map(nth).collect())
    }

    /// The text of each element there is at this moment, as it stands in the document.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// assert page.locator("li").all_text_contents() == ["One", "Two"];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn all_text_contents(
        ctx: NativeCallContext,
        locator: &mut Locator,
    ) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "all_text_contents", None)
    }

    /// The text of each element there is at this moment, as it is shown.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_role("listitem").all_inner_texts().len() > 0;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn all_inner_texts(
        ctx: NativeCallContext,
        locator: &mut Locator,
    ) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "all_inner_texts", None)
    }

    /// Where the element is: `#{ x, y, width, height }` in CSS pixels of the viewport; `()` when it cannot be seen.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<div style='width:50px;height:20px'>x</div>");
    /// assert page.locator("div").bounding_box().width == 50;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn bounding_box(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "bounding_box", None)
    }

    /// The element as roles, names and states, as YAML: what `to_match_aria_snapshot` compares with.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<main><h1>Shop</h1></main>");
    /// assert page.locator("main").aria_snapshot() == "- main:\n  - heading \"Shop\" [level=1]";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn aria_snapshot(ctx: NativeCallContext, locator: &mut Locator) -> Result<Dynamic, Raise> {
        asked(&ctx, locator, "aria_snapshot", None)
    }

    /// A picture of the element, as PNG.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button>Go</button>");
    /// attach("button.png", page.get_by_role("button").screenshot());
    /// ```
    #[rhai_fn(name = "screenshot", return_raw, pure)]
    pub fn screenshot_of(ctx: NativeCallContext, locator: &mut Locator) -> Result<Blob, Raise> {
        pictured(&ctx, locator, Map::new())
    }

    /// Like `screenshot()` with options: `mask` (locators painted over), `mask_color`, `timeout`.
    #[rhai_fn(name = "screenshot", return_raw, pure)]
    pub fn screenshot_of_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<Blob, Raise> {
        pictured(&ctx, locator, options)
    }
}

fn asked(
    ctx: &NativeCallContext,
    locator: &Locator,
    question: &'static str,
    name: Option<&str>,
) -> Result<Dynamic, Raise> {
    let attempt = script::attempt(ctx)?;
    let limit = limit(&attempt, None);
    let words = name.map(|name| format!(" {name:?}")).unwrap_or_default();
    let title = format!("{question}{words} of {}", locator.show());
    let deed = step::Deed::new(question, title).on(locator.show());
    let value: Value = step::perform(ctx, &attempt, &locator.place.tab, deed, async |account| {
        let log = &mut account.log;
        let answer = locator
            .ask(question, name, Instant::now() + limit, log)
            .await;
        match answer {
            Ok(value) => Ok(value),
            Err(missed) => Err(missed_failure(locator, question, missed, limit, log).await),
        }
    })?;
    Ok(json::from_json(&value))
}

fn pictured(ctx: &NativeCallContext, locator: &Locator, given: Map) -> Result<Blob, Raise> {
    let attempt = script::attempt(ctx)?;
    let read = || {
        let mut options = Options::new("screenshot", given);
        let shot = super::shots::read(&mut options)?;
        let timeout = options.duration("timeout")?;
        options.finish()?;
        Ok((shot, timeout))
    };
    let (shot, timeout): (Shot, _) =
        read().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let limit = limit(&attempt, timeout);
    let deed = step::Deed::new("screenshot", format!("screenshot of {}", locator.show()))
        .on(locator.show());
    step::perform(ctx, &attempt, &locator.place.tab, deed, async |account| {
        let log = &mut account.log;
        let deadline = Instant::now() + limit;
        let taken = picture::take(&locator.place, Some(&locator.chain), &shot, deadline, log).await;
        match taken {
            Ok(png) => Ok(png),
            Err(missed) => Err(missed_failure(locator, "screenshot", missed, limit, log).await),
        }
    })
}
