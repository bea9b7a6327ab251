//! How a script chooses among the elements of a locator, and joins locators.

use super::finders::Finder;
use super::page::Page;
use crate::browser::locator::part::{Part, selector};
use crate::browser::locator::{Locator, Pattern, read};
use crate::host::failure::Failure;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, Map, NativeCallContext};

#[export_module]
pub mod choosing {
    /// The first of the elements.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// expect(page.locator("li").first()).to_have_text("One");
    /// ```
    #[rhai_fn(pure)]
    pub fn first(locator: &mut Locator) -> Locator {
        locator.with(Part::Nth(0), "first()".into())
    }

    /// The last of the elements.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// expect(page.locator("li").last()).to_have_text("Two");
    /// ```
    #[rhai_fn(pure)]
    pub fn last(locator: &mut Locator) -> Locator {
        locator.with(Part::Nth(-1), "last()".into())
    }

    /// The element at a place, counted from 0; negative counts from the end.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>One</li><li>Two</li>");
    /// expect(page.locator("li").nth(1)).to_have_text("Two");
    /// ```
    #[rhai_fn(pure)]
    pub fn nth(locator: &mut Locator, index: i64) -> Locator {
        locator.with(Part::Nth(index), format!("nth({index})"))
    }

    /// Those of the elements that have what the options say: `has` and `has_not` (a locator, looked for inside), `has_text` and
    /// `has_not_text` (words or `regex("…")` somewhere inside), `visible`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<li>Tea <button>Buy</button></li><li>Rum <button>Buy</button></li>");
    /// let tea = page.get_by_role("listitem").filter(#{ has_text: "Tea" });
    /// tea.get_by_role("button", "Buy").click();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn filter(
        ctx: NativeCallContext,
        locator: &mut Locator,
        options: Map,
    ) -> Result<Locator, Raise> {
        let shown = read::call("filter", &[&Dynamic::from(options.clone())]);
        let filter = read::filter(options).map_err(|failure| script::usage(&ctx, failure))?;
        Ok(locator.with(Part::Filter(filter), shown))
    }

    /// Those of the elements that another locator means, too.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<button title=Go>One</button><button>Two</button>");
    /// expect(page.get_by_role("button").and_(page.get_by_title("Go"))).to_have_text("One");
    /// ```
    #[rhai_fn(pure)]
    pub fn and_(locator: &mut Locator, other: Locator) -> Locator {
        let shown = format!("and_({})", other.chain.show());
        locator.with(Part::And(other.chain), shown)
    }

    /// The elements of either locator: for what shows one or the other.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Welcome</p>");
    /// let dialog = page.get_by_role("dialog");
    /// expect(page.get_by_text("Welcome").or_(dialog).first()).to_be_visible();
    /// ```
    #[rhai_fn(pure)]
    pub fn or_(locator: &mut Locator, other: Locator) -> Locator {
        let shown = format!("or_({})", other.chain.show());
        locator.with(Part::Or(other.chain), shown)
    }

    /// Calls a closure with the part of the page a selector or locator means, and gives back what it gives: for several
    /// things in one place.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<form id=search><input aria-label=Words></form>");
    /// page.within("#search", |form| form.get_by_label("Words").fill("tea"));
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn within(
        ctx: NativeCallContext,
        page: &mut Page,
        part: Dynamic,
        block: FnPtr,
    ) -> Result<Dynamic, Raise> {
        let inner = read::inner(&part).map_err(|failure| script::usage(&ctx, failure))?;
        let base = page.base(&ctx);
        let locator = match inner {
            (Some(chain), _) => Locator { chain, ..base },
            (None, part_of) => {
                let text = part.to_string();
                base.with(
                    part_of.unwrap_or_else(|| selector(&text)),
                    read::call("locator", &[&part]),
                )
            }
        };
        block.call_within_context(&ctx, (locator,))
    }

    /// A regular expression for locators and expectations of pages, in JavaScript's dialect: found anywhere in the text.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Order 17</p>");
    /// expect(page.get_by_text(regex("^Order \\d+$"))).to_be_visible();
    /// ```
    #[rhai_fn(name = "regex")]
    pub fn regex_plain(source: &str) -> Pattern {
        Pattern {
            source: source.to_owned(),
            flags: String::new(),
        }
    }

    /// Like `regex(source)` with flags: `"i"` for any case.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<p>Order 17</p>");
    /// expect(page.locator("p")).to_have_text(regex("^order", "i"));
    /// ```
    #[rhai_fn(name = "regex", return_raw)]
    pub fn regex_with(ctx: NativeCallContext, source: &str, flags: &str) -> Result<Pattern, Raise> {
        if let Some(wrong) = flags.chars().find(|flag| !"imsu".contains(*flag)) {
            let failure = Failure::usage(format!("`{wrong}` is no flag of a regular expression"));
            return Err(script::usage(
                &ctx,
                failure.hint("i (any case), m (^ and $ at lines), s (. is any character), u"),
            ));
        }
        Ok(Pattern {
            source: source.to_owned(),
            flags: flags.to_owned(),
        })
    }

    /// A locator as it was written, without the page before it.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// assert page.get_by_text("Tea").to_string() == "get_by_text(\"Tea\")";
    /// ```
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn locator_to_string(locator: &mut Locator) -> String {
        locator.show()
    }
}
