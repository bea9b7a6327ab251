//! How a script says which element it means: `locator` and `get_by_…`, of a page, of a frame, and inside other elements.

use super::page::Page;
use crate::browser::locator::part::{Chain, Part};
use crate::browser::locator::{Locator, Place, Wording, read};
use crate::host::failure::Failure;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};

/// The attribute that holds test ids, unless `[browser]` says otherwise.
const TEST_ID: &str = "data-testid";

fn test_id(ctx: &NativeCallContext) -> String {
    let world = script::world(ctx).ok();
    let named = world.and_then(|world| world.browsing.test_id_attribute.clone());
    named.unwrap_or_else(|| TEST_ID.to_owned())
}

/// What `page.frame_locator(…)` gives: the document in a frame.
#[derive(Clone)]
pub struct FrameLocator(pub Place);

/// What elements can be looked for in.
pub trait Finder {
    /// The elements to look below; with an empty chain, all of the document.
    fn base(&self, ctx: &NativeCallContext) -> Locator;
}

impl Finder for Page {
    fn base(&self, ctx: &NativeCallContext) -> Locator {
        let place = Place {
            tab: self.0.clone(),
            frames: Vec::new(),
            test_id: test_id(ctx),
        };
        Locator {
            place,
            chain: Chain::default(),
        }
    }
}

impl Finder for FrameLocator {
    fn base(&self, _ctx: &NativeCallContext) -> Locator {
        Locator {
            place: self.0.clone(),
            chain: Chain::default(),
        }
    }
}

impl Finder for Locator {
    fn base(&self, _ctx: &NativeCallContext) -> Locator {
        self.clone()
    }
}

/// Calls of one kind for everything that elements can be looked for in.
macro_rules! finders {
    ($module:ident, $finder:ty) => {
        #[export_module]
        pub mod $module {
            /// The elements a selector means, below this: CSS (open shadow roots are looked into), XPath when it begins with
            /// `//` or `xpath=`, words with `text=`. Instead of a selector, a locator: its elements below this. A locator is a
            /// description; each use of it looks for the element anew and wants exactly one.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<ul id=cart><li>Tea</li></ul>");
            /// expect(page.locator("#cart").locator("li")).to_have_text("Tea");
            /// expect(page.locator("//ul/li")).to_have_count(1);
            /// ```
            #[rhai_fn(return_raw, pure)]
            pub fn locator(
                ctx: NativeCallContext,
                within: &mut $finder,
                selector: Dynamic,
            ) -> Result<Locator, Raise> {
                inner(&ctx, &within.base(&ctx), &selector)
            }

            /// The elements of an ARIA role, such as `"button"`, `"link"`, `"heading"` or `"textbox"`: given or implied by
            /// their kind. What is hidden from assistive technology does not count.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<h1>Shop</h1>");
            /// expect(page.get_by_role("heading")).to_have_text("Shop");
            /// ```
            #[rhai_fn(name = "get_by_role", return_raw, pure)]
            pub fn get_by_role(
                ctx: NativeCallContext,
                within: &mut $finder,
                role: &str,
            ) -> Result<Locator, Raise> {
                by_role(&ctx, &within.base(&ctx), role, None, Map::new())
            }

            /// Like `get_by_role(role)` with the accessible name: what a screen reader calls the element, and mostly what one
            /// sees on it. The name may be a part in any case, or `regex("…")`. Instead of the name, the options of
            /// `get_by_role(role, name, options)`.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<button>Sign in</button><button>Cancel</button>");
            /// page.get_by_role("button", "sign in").click();
            /// page.get_by_role("button", regex("^Cancel$")).click();
            /// ```
            #[rhai_fn(name = "get_by_role", return_raw, pure)]
            pub fn get_by_role_named(
                ctx: NativeCallContext,
                within: &mut $finder,
                role: &str,
                name: Dynamic,
            ) -> Result<Locator, Raise> {
                match name.read_lock::<Map>() {
                    Some(options) => by_role(&ctx, &within.base(&ctx), role, None, options.clone()),
                    None => by_role(&ctx, &within.base(&ctx), role, Some(&name), Map::new()),
                }
            }

            /// Like `get_by_role(role, name)` with options: `exact` (the whole name, in this case), `checked`, `disabled`,
            /// `expanded`, `pressed`, `selected`, `level` (of a heading) and `include_hidden`.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<button>Save</button><button disabled>Save all</button>");
            /// expect(page.get_by_role("button", "Save", #{ exact: true })).to_be_enabled();
            /// expect(page.get_by_role("button", #{ disabled: true })).to_have_text("Save all");
            /// ```
            #[rhai_fn(name = "get_by_role", return_raw, pure)]
            pub fn get_by_role_with(
                ctx: NativeCallContext,
                within: &mut $finder,
                role: &str,
                name: Dynamic,
                options: Map,
            ) -> Result<Locator, Raise> {
                by_role(&ctx, &within.base(&ctx), role, Some(&name), options)
            }

            /// The smallest elements that say these words: a part in any case, or `regex("…")`. White space does not matter.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<p>Thank <b>you</b></p>");
            /// expect(page.get_by_text("thank you")).to_be_visible();
            /// ```
            #[rhai_fn(name = "get_by_text", return_raw, pure)]
            pub fn get_by_text(
                ctx: NativeCallContext,
                within: &mut $finder,
                words: Dynamic,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_text",
                    &words,
                    None,
                    Part::Text,
                )
            }

            /// Like `get_by_text(words)`; `exact` means the whole text in this case.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<p>Total</p><p>Totally</p>");
            /// expect(page.get_by_text("Total", #{ exact: true })).to_have_count(1);
            /// ```
            #[rhai_fn(name = "get_by_text", return_raw, pure)]
            pub fn get_by_text_with(
                ctx: NativeCallContext,
                within: &mut $finder,
                words: Dynamic,
                options: Map,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_text",
                    &words,
                    Some(options),
                    Part::Text,
                )
            }

            /// The field with this label: a `<label>`, `aria-labelledby` or `aria-label`.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<label>E-mail <input></label>");
            /// page.get_by_label("E-mail").fill("ada@example.com");
            /// ```
            #[rhai_fn(name = "get_by_label", return_raw, pure)]
            pub fn get_by_label(
                ctx: NativeCallContext,
                within: &mut $finder,
                label: Dynamic,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_label",
                    &label,
                    None,
                    Part::Label,
                )
            }

            /// Like `get_by_label(label)`; `exact` means the whole label in this case.
            #[rhai_fn(name = "get_by_label", return_raw, pure)]
            pub fn get_by_label_with(
                ctx: NativeCallContext,
                within: &mut $finder,
                label: Dynamic,
                options: Map,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_label",
                    &label,
                    Some(options),
                    Part::Label,
                )
            }

            /// The field with this placeholder.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<input placeholder='Your name'>");
            /// page.get_by_placeholder("your name").fill("Ada");
            /// ```
            #[rhai_fn(name = "get_by_placeholder", return_raw, pure)]
            pub fn get_by_placeholder(
                ctx: NativeCallContext,
                within: &mut $finder,
                placeholder: Dynamic,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_placeholder",
                    &placeholder,
                    None,
                    Part::Placeholder,
                )
            }

            /// Like `get_by_placeholder(placeholder)`; `exact` means the whole of it in this case.
            #[rhai_fn(name = "get_by_placeholder", return_raw, pure)]
            pub fn get_by_placeholder_with(
                ctx: NativeCallContext,
                within: &mut $finder,
                placeholder: Dynamic,
                options: Map,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_placeholder",
                    &placeholder,
                    Some(options),
                    Part::Placeholder,
                )
            }

            /// The element, mostly a picture, with this alternative text.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<img alt='A cup of tea'>");
            /// expect(page.get_by_alt_text("cup of tea")).to_be_attached();
            /// ```
            #[rhai_fn(name = "get_by_alt_text", return_raw, pure)]
            pub fn get_by_alt_text(
                ctx: NativeCallContext,
                within: &mut $finder,
                words: Dynamic,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_alt_text",
                    &words,
                    None,
                    Part::Alt,
                )
            }

            /// Like `get_by_alt_text(words)`; `exact` means the whole text in this case.
            #[rhai_fn(name = "get_by_alt_text", return_raw, pure)]
            pub fn get_by_alt_text_with(
                ctx: NativeCallContext,
                within: &mut $finder,
                words: Dynamic,
                options: Map,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_alt_text",
                    &words,
                    Some(options),
                    Part::Alt,
                )
            }

            /// The element with this `title`, which browsers show when the mouse rests on it.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<abbr title='To be done'>TBD</abbr>");
            /// expect(page.get_by_title("to be done")).to_have_text("TBD");
            /// ```
            #[rhai_fn(name = "get_by_title", return_raw, pure)]
            pub fn get_by_title(
                ctx: NativeCallContext,
                within: &mut $finder,
                words: Dynamic,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_title",
                    &words,
                    None,
                    Part::Title,
                )
            }

            /// Like `get_by_title(words)`; `exact` means the whole text in this case.
            #[rhai_fn(name = "get_by_title", return_raw, pure)]
            pub fn get_by_title_with(
                ctx: NativeCallContext,
                within: &mut $finder,
                words: Dynamic,
                options: Map,
            ) -> Result<Locator, Raise> {
                by_words(
                    &ctx,
                    &within.base(&ctx),
                    "get_by_title",
                    &words,
                    Some(options),
                    Part::Title,
                )
            }

            /// The element with this test id, which programmers give to what has no words: `data-testid`, all of it.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<p data-testid=total>7</p>");
            /// expect(page.get_by_test_id("total")).to_have_text("7");
            /// ```
            #[rhai_fn(name = "get_by_test_id", return_raw, pure)]
            pub fn get_by_test_id(
                ctx: NativeCallContext,
                within: &mut $finder,
                id: Dynamic,
            ) -> Result<Locator, Raise> {
                by_test_id(&ctx, &within.base(&ctx), &id)
            }

            /// What is in the document of a frame: `selector` means its `<iframe>`.
            ///
            /// ```rhai
            /// let page = browser.open("data:text/html,<iframe srcdoc='<button>Pay</button>'></iframe>");
            /// page.frame_locator("iframe").get_by_role("button", "Pay").click();
            /// ```
            #[rhai_fn(return_raw, pure)]
            pub fn frame_locator(
                ctx: NativeCallContext,
                within: &mut $finder,
                selector: Dynamic,
            ) -> Result<FrameLocator, Raise> {
                Ok(FrameLocator(
                    inner(&ctx, &within.base(&ctx), &selector)?.inside(),
                ))
            }
        }
    };
}

finders!(of_page, Page);
finders!(of_frame, FrameLocator);
finders!(of_locator, Locator);

fn inner(ctx: &NativeCallContext, base: &Locator, selector: &Dynamic) -> Result<Locator, Raise> {
    let found = read::inner(selector).map_err(|failure| script::usage(ctx, failure))?;
    Ok(match found {
        (Some(chain), _) => Locator {
            chain: base.chain.then(&chain),
            ..base.clone()
        },
        (None, Some(part)) => base.with(part, read::call("locator", &[selector])),
        (None, None) => base.clone(),
    })
}

fn by_role(
    ctx: &NativeCallContext,
    base: &Locator,
    role: &str,
    name: Option<&Dynamic>,
    options: Map,
) -> Result<Locator, Raise> {
    let shown_options = Dynamic::from(options.clone());
    let role_shown = Dynamic::from(role.to_owned());
    let mut args = vec![&role_shown];
    args.extend(name);
    args.push(&shown_options);
    let shown = read::call("get_by_role", &args);
    let part = read::role(role, name, options).map_err(|failure| script::usage(ctx, failure))?;
    Ok(base.with(part, shown))
}

fn by_words(
    ctx: &NativeCallContext,
    base: &Locator,
    name: &str,
    words: &Dynamic,
    options: Option<Map>,
    part: impl FnOnce(Wording) -> Part,
) -> Result<Locator, Raise> {
    let options = options.unwrap_or_default();
    let shown = read::call(name, &[words, &Dynamic::from(options.clone())]);
    let wording =
        read::words(name, words, options).map_err(|failure| script::usage(ctx, failure))?;
    Ok(base.with(part(wording), shown))
}

fn by_test_id(ctx: &NativeCallContext, base: &Locator, id: &Dynamic) -> Result<Locator, Raise> {
    let wording: Result<Wording, Failure> = Wording::read(id, "the test id");
    let id_wording = wording
        .map_err(|failure| script::usage(ctx, failure))?
        .exactly(true);
    let part = Part::TestId {
        id: id_wording,
        attribute: base.place.test_id.clone(),
    };
    Ok(base.with(part, read::call("get_by_test_id", &[id])))
}
