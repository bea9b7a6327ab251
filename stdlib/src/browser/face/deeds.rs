//! What a script does to elements with the pointer. Each action waits until the element is there, visible, at rest, enabled
//! and not covered.

use super::doing::{double, drag, entered, press};
use crate::browser::locator::Locator;
use crate::browser::locator::act::Deed;
use crate::host::script::Raise;
use rhai::plugin::*;
use rhai::{Map, NativeCallContext};

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

    /// Like `dblclick()` with the options of `click` but `click_count`.
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

    /// Like `tap()` with the options `modifiers`, `position`, `force`, `trial` and `timeout` of `click`.
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

    /// Scrolls until the element is on the screen. Actions do so by themselves.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p style='margin-top:9999px'>Far down</p>");
    /// page.get_by_text("Far down").scroll_into_view();
    /// expect(page.get_by_text("Far down")).to_be_in_viewport();
    /// ```
    #[rhai_fn(name = "scroll_into_view", return_raw, pure)]
    pub fn scroll_into_view(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        scroll_into_view_with(ctx, locator, Map::new())
    }

    /// Like `scroll_into_view()` with the option `timeout`.
    #[rhai_fn(name = "scroll_into_view", return_raw, pure)]
    pub fn scroll_into_view_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "scroll_into_view", options, |_| {
            Ok(Deed::ScrollIntoView)
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
