//! What a script does to elements without the pointer: fields, keys, the focus, files.

use super::doing::{done, entered, fill_of, options_of};
use super::files;
use crate::browser::locator::Locator;
use crate::browser::locator::act::Deed;
use crate::host::json;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};

#[export_module]
pub mod entries {
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
        entered(&ctx, locator, "fill", Map::new(), |options| {
            fill_of(&value, options)
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
        entered(&ctx, locator, "fill", options, |options| {
            fill_of(&value, options)
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
        clear_with(ctx, locator, Map::new())
    }

    /// Like `clear()` with the option `timeout`.
    #[rhai_fn(name = "clear", return_raw, pure)]
    pub fn clear_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "clear", options, |_| Ok(Deed::Clear))
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
        let answer = done(&ctx, locator, "select_option", Map::new(), |_| {
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
        let answer = done(&ctx, locator, "select_option", options, |_| {
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
        focus_with(ctx, locator, Map::new())
    }

    /// Like `focus()` with the option `timeout`.
    #[rhai_fn(name = "focus", return_raw, pure)]
    pub fn focus_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "focus", options, |_| Ok(Deed::Focus))
    }

    /// Takes the focus from the element.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.get_by_label("Rows").blur();
    /// ```
    #[rhai_fn(name = "blur", return_raw, pure)]
    pub fn blur(ctx: NativeCallContext, locator: &mut Locator) -> Result<(), Raise> {
        blur_with(ctx, locator, Map::new())
    }

    /// Like `blur()` with the option `timeout`.
    #[rhai_fn(name = "blur", return_raw, pure)]
    pub fn blur_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "blur", options, |_| Ok(Deed::Blur))
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
        press_key_with(ctx, locator, key, Map::new())
    }

    /// Like `press(key)` with the option `timeout`.
    #[rhai_fn(name = "press", return_raw, pure)]
    pub fn press_key_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        key: &str,
        options: Map,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "press", options, |_| {
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
        type_text_with(ctx, locator, text, Map::new())
    }

    /// Like `type(text)` with the options `delay` (between keys) and `timeout`.
    #[rhai_fn(name = "type", return_raw, pure)]
    pub fn type_text_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        text: &str,
        options: Map,
    ) -> Result<(), Raise> {
        entered(&ctx, locator, "type", options, |options| {
            let delay = options.duration("delay")?.unwrap_or_default();
            Ok(Deed::Type(text.to_owned(), delay))
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
        set_input_files_with(ctx, locator, given, Map::new())
    }

    /// Like `set_input_files(files)` with the option `timeout`.
    #[rhai_fn(name = "set_input_files", return_raw, pure)]
    pub fn set_input_files_with(
        ctx: NativeCallContext,
        locator: &mut Locator,
        given: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        entered(&ctx, locator, "set_input_files", options, |_| {
            Ok(Deed::SetFiles(files::read(
                "set_input_files",
                &attempt,
                &given,
            )?))
        })
    }
}
