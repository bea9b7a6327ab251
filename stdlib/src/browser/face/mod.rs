//! The words of scripts.
//!
//! | file | question |
//! |---|---|
//! | `browser` | how does a script get its first page? |
//! | `page` | what can it do with one? |
//! | `waits` | what can it wait for? |
//! | `context` | which pages share cookies and storage? |
//! | `clock` | what time is it for a page? |
//! | `screen` | how large is it seen? |
//! | `network` | what did one ask the network for, and log? |
//! | `responses` | which response does it wait for, and what is in it? |
//! | `routes` | what do requests get instead of the server's answer? |
//! | `downloads` | what has it of a file that came? |
//! | `options` | what do the options of a context mean? |
//! | `values` | how do script values become what the browser takes? |
//! | `session` | which contexts belong to an attempt, and when do they end? |

mod accessibility;
mod browser;
mod choosing;
mod claims_page;
mod claims_state;
mod claims_text;
mod clock;
mod context;
mod deeds;
mod doing;
mod downloads;
mod entries;
mod files;
mod finders;
mod keyboard;
mod network;
mod options;
mod page;
mod questions;
mod responses;
mod routes;
mod screen;
mod scripting;
mod session;
mod shots;
mod values;
mod waits;

pub use browser::Browser;
pub use context::BrowserContext;
pub use page::Page;

pub(super) fn register(module: &mut rhai::Module) {
    module.set_custom_type::<Browser>("Browser");
    module.set_custom_type::<Page>("Page");
    module.set_custom_type::<BrowserContext>("BrowserContext");
    module.set_custom_type::<responses::PageResponse>("PageResponse");
    module.set_custom_type::<downloads::Downloaded>("Download");
    register_locators(module);
    rhai::plugin::combine_with_exported_module!(module, "browser", browser::browser);
    rhai::plugin::combine_with_exported_module!(module, "page", page::page);
    rhai::plugin::combine_with_exported_module!(module, "page waits", waits::waits);
    rhai::plugin::combine_with_exported_module!(module, "browser contexts", context::contexts);
    rhai::plugin::combine_with_exported_module!(module, "page clock", clock::clock);
    rhai::plugin::combine_with_exported_module!(module, "page screen", screen::screen);
    rhai::plugin::combine_with_exported_module!(module, "page network", network::network);
    rhai::plugin::combine_with_exported_module!(module, "page responses", responses::responses);
    rhai::plugin::combine_with_exported_module!(module, "page routes", routes::routes);
    rhai::plugin::combine_with_exported_module!(module, "page downloads", downloads::downloads);
}

/// Everything that is said about elements.
fn register_locators(module: &mut rhai::Module) {
    use rhai::plugin::combine_with_exported_module as add;
    module.set_custom_type::<crate::browser::locator::Locator>("Locator");
    module.set_custom_type::<crate::browser::locator::Pattern>("Pattern");
    module.set_custom_type::<finders::FrameLocator>("FrameLocator");
    module.set_custom_type::<keyboard::Keyboard>("Keyboard");
    module.set_custom_type::<keyboard::Mouse>("Mouse");
    module.set_custom_type::<crate::browser::claim::LocatorClaim>("LocatorClaim");
    module.set_custom_type::<crate::browser::claim::PageClaim>("PageClaim");
    add!(module, "of page", finders::of_page);
    add!(module, "of frame", finders::of_frame);
    add!(module, "of locator", finders::of_locator);
    add!(module, "choosing", choosing::choosing);
    add!(module, "deeds", deeds::deeds);
    add!(module, "entries", entries::entries);
    add!(module, "questions", questions::questions);
    add!(module, "scripting", scripting::scripting);
    add!(module, "hands", keyboard::hands);
    add!(module, "states", claims_state::states);
    add!(module, "texts", claims_text::texts);
    add!(module, "pages", claims_page::pages);
    add!(module, "accessibility", accessibility::accessibility);
}
