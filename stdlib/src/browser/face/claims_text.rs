//! What a script can claim about texts and values of elements. Each claim waits until it holds.

use super::claims_state::{matcher, put};
use crate::browser::claim::{Expected, LocatorClaim, Options, template};
use crate::host::script::Raise;
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};

#[export_module]
pub mod texts {
    /// Claims that the element says exactly this, white space aside: a text, `regex("…")`, or a list of them for as many elements.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// expect(page.locator("li")).to_have_text(["One", regex("^T")]);
    /// ```
    #[rhai_fn(name = "to_have_text", name = "not_to_have_text", return_raw, pure)]
    pub fn to_have_text(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_text(expected)` with the options `ignore_case`, `use_inner_text` (as it is shown) and `timeout`.
    #[rhai_fn(name = "to_have_text", name = "not_to_have_text", return_raw, pure)]
    pub fn to_have_text_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that the element says this among other things; a list is for as many of the elements, in this order.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Thank you, Ada</p>");
    /// expect(page.locator("p")).to_contain_text("Ada");
    /// ```
    #[rhai_fn(
        name = "to_contain_text",
        name = "not_to_contain_text",
        return_raw,
        pure
    )]
    pub fn to_contain_text(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_contain_text(expected)` with the options `ignore_case`, `use_inner_text` (as it is shown) and `timeout`.
    #[rhai_fn(
        name = "to_contain_text",
        name = "not_to_contain_text",
        return_raw,
        pure
    )]
    pub fn to_contain_text_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that this is in the field.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name value=Ada>");
    /// expect(page.get_by_label("Name")).to_have_value("Ada");
    /// ```
    #[rhai_fn(name = "to_have_value", name = "not_to_have_value", return_raw, pure)]
    pub fn to_have_value(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_value(expected)` with the options `ignore_case` and `timeout`.
    #[rhai_fn(name = "to_have_value", name = "not_to_have_value", return_raw, pure)]
    pub fn to_have_value_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that these options of a `<select multiple>` are chosen.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<select multiple aria-label=Sizes><option selected>S<option>M</select>");
    /// expect(page.get_by_label("Sizes")).to_have_values(["S"]);
    /// ```
    #[rhai_fn(name = "to_have_values", name = "not_to_have_values", return_raw, pure)]
    pub fn to_have_values(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_values(expected)` with the option `timeout`.
    #[rhai_fn(name = "to_have_values", name = "not_to_have_values", return_raw, pure)]
    pub fn to_have_values_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that `class` is exactly this; a list is for as many elements.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p class='big red'>Tea</p>");
    /// expect(page.locator("p")).to_have_class("big red");
    /// ```
    #[rhai_fn(name = "to_have_class", name = "not_to_have_class", return_raw, pure)]
    pub fn to_have_class(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_class(expected)` with the option `timeout`.
    #[rhai_fn(name = "to_have_class", name = "not_to_have_class", return_raw, pure)]
    pub fn to_have_class_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that these classes are among those of the element.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p class='big red'>Tea</p>");
    /// expect(page.locator("p")).to_contain_class("red");
    /// ```
    #[rhai_fn(
        name = "to_contain_class",
        name = "not_to_contain_class",
        return_raw,
        pure
    )]
    pub fn to_contain_class(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_contain_class(expected)` with the option `timeout`.
    #[rhai_fn(
        name = "to_contain_class",
        name = "not_to_contain_class",
        return_raw,
        pure
    )]
    pub fn to_contain_class_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that `id` is this.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p id=tea>Tea</p>");
    /// expect(page.locator("p")).to_have_id("tea");
    /// ```
    #[rhai_fn(name = "to_have_id", name = "not_to_have_id", return_raw, pure)]
    pub fn to_have_id(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_id(expected)` with the option `timeout`.
    #[rhai_fn(name = "to_have_id", name = "not_to_have_id", return_raw, pure)]
    pub fn to_have_id_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that the ARIA role is this.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<h1>Tea</h1>");
    /// expect(page.locator("h1")).to_have_role("heading");
    /// ```
    #[rhai_fn(name = "to_have_role", name = "not_to_have_role", return_raw, pure)]
    pub fn to_have_role(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_role(expected)` with the option `timeout`.
    #[rhai_fn(name = "to_have_role", name = "not_to_have_role", return_raw, pure)]
    pub fn to_have_role_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that a screen reader calls the element this.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button aria-label=Close>x</button>");
    /// expect(page.locator("button")).to_have_accessible_name("Close");
    /// ```
    #[rhai_fn(
        name = "to_have_accessible_name",
        name = "not_to_have_accessible_name",
        return_raw,
        pure
    )]
    pub fn to_have_accessible_name(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_accessible_name(expected)` with the options `ignore_case` and `timeout`.
    #[rhai_fn(
        name = "to_have_accessible_name",
        name = "not_to_have_accessible_name",
        return_raw,
        pure
    )]
    pub fn to_have_accessible_name_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that a screen reader adds this to the name.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button aria-description=Twice>Go</button>");
    /// expect(page.locator("button")).to_have_accessible_description("Twice");
    /// ```
    #[rhai_fn(
        name = "to_have_accessible_description",
        name = "not_to_have_accessible_description",
        return_raw,
        pure
    )]
    pub fn to_have_accessible_description(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, Map::new())
    }

    /// Like `to_have_accessible_description(expected)` with the option `timeout`.
    #[rhai_fn(
        name = "to_have_accessible_description",
        name = "not_to_have_accessible_description",
        return_raw,
        pure
    )]
    pub fn to_have_accessible_description_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        worded(&ctx, claim, &expected, options)
    }

    /// Claims that the element has an attribute, whatever its value.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<a href=/tea download>Tea</a>");
    /// expect(page.get_by_role("link")).to_have_attribute("download");
    /// ```
    #[rhai_fn(
        name = "to_have_attribute",
        name = "not_to_have_attribute",
        return_raw,
        pure
    )]
    pub fn to_have_attribute(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        name: &str,
    ) -> Result<bool, Raise> {
        named(&ctx, claim, name, None, Map::new())
    }

    /// Claims that an attribute has this value: all of it, or `regex("…")`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<a href=/tea>Tea</a>");
    /// expect(page.get_by_role("link")).to_have_attribute("href", "/tea");
    /// ```
    #[rhai_fn(
        name = "to_have_attribute",
        name = "not_to_have_attribute",
        return_raw,
        pure
    )]
    pub fn to_have_attribute_of(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        name: &str,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        named(&ctx, claim, name, Some(&expected), Map::new())
    }

    /// Like `to_have_attribute(name, expected)` with the option `timeout`.
    #[rhai_fn(
        name = "to_have_attribute",
        name = "not_to_have_attribute",
        return_raw,
        pure
    )]
    pub fn to_have_attribute_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        name: &str,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        named(&ctx, claim, name, Some(&expected), options)
    }

    /// Claims that a style property has this value in effect. Colours are written as browsers give them: `"rgb(255, 0, 0)"`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p style='color: red'>Tea</p>");
    /// expect(page.locator("p")).to_have_css("color", "rgb(255, 0, 0)");
    /// ```
    #[rhai_fn(name = "to_have_css", name = "not_to_have_css", return_raw, pure)]
    pub fn to_have_css(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        property: &str,
        expected: Dynamic,
    ) -> Result<bool, Raise> {
        named(&ctx, claim, property, Some(&expected), Map::new())
    }

    /// Like `to_have_css(property, expected)` with the option `timeout`.
    #[rhai_fn(name = "to_have_css", name = "not_to_have_css", return_raw, pure)]
    pub fn to_have_css_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        property: &str,
        expected: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        named(&ctx, claim, property, Some(&expected), options)
    }

    /// Claims that the element has these roles, names and states in it, in this order; what is left out may be anything.
    /// Names and texts between slashes are regular expressions. `/children: equal` means these children and no others.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<main><h1>Shop</h1><ul><li>Tea</li><li>Rum</li></ul></main>");
    /// expect(page.locator("main")).to_match_aria_snapshot(`
    ///     - heading "Shop" [level=1]
    ///     - list:
    ///       - listitem: /T.a/
    /// `);
    /// ```
    #[rhai_fn(
        name = "to_match_aria_snapshot",
        name = "not_to_match_aria_snapshot",
        return_raw,
        pure
    )]
    pub fn to_match_aria_snapshot(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        snapshot: &str,
    ) -> Result<bool, Raise> {
        put(&ctx, claim, || snapshot_of(snapshot, Map::new()))
    }

    /// Like `to_match_aria_snapshot(snapshot)` with the option `timeout`.
    #[rhai_fn(
        name = "to_match_aria_snapshot",
        name = "not_to_match_aria_snapshot",
        return_raw,
        pure
    )]
    pub fn to_match_aria_snapshot_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        snapshot: &str,
        options: Map,
    ) -> Result<bool, Raise> {
        put(&ctx, claim, || snapshot_of(snapshot, options))
    }
}

fn worded(
    ctx: &NativeCallContext,
    claimed: &LocatorClaim,
    expected: &Dynamic,
    options: Map,
) -> Result<bool, Raise> {
    let name = matcher(ctx);
    put(ctx, claimed, || {
        Ok((Expected::words(expected)?, Options::read(&name, options)?))
    })
}

fn named(
    ctx: &NativeCallContext,
    claimed: &LocatorClaim,
    name: &str,
    expected: Option<&Dynamic>,
    options: Map,
) -> Result<bool, Raise> {
    let of = matcher(ctx);
    put(ctx, claimed, || {
        let expected = match expected {
            Some(expected) => {
                let words = Expected::words(expected)?;
                let shown = format!("{name} {}", words.shown);
                words.showing(shown)
            }
            None => Expected::default().showing(name),
        };
        Ok((expected.arg("name", name), Options::read(&of, options)?))
    })
}

/// What an aria snapshot of a script expects.
pub fn snapshot_of(
    text: &str,
    options: Map,
) -> Result<(Expected, Options), crate::host::failure::Failure> {
    let expected = Expected::default()
        .arg("expected", template(text)?)
        .showing(crate::browser::claim::unindented(text));
    Ok((expected, Options::read("to_match_aria_snapshot", options)?))
}
