//! What a script does to elements. Each action waits until the element is there, visible, at rest, enabled and not covered.

use super::doing::{done, double, drag, entered, options_of, press, text_of};
use super::files;
use crate::browser::locator::Locator;
use crate::browser::locator::act::Deed;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use std::time::Duration;

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
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.get_by_label("Rows").blur();
    /// ```
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
        options: Map,
    ) -> Result<(), Raise> {
        let mut options = options;
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
