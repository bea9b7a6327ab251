//! The words of scripts.
//!
//! | file | question |
//! |---|---|
//! | `browser` | how does a script get its first page? |
//! | `page` | what can it do with one? |
//! | `waits` | what can it wait for? |
//! | `context` | which pages share cookies and storage? |
//! | `clock` | what time is it for a page? |
//! | `network` | what does it say of the requests of one? |
//! | `options` | what do the options of a context mean? |
//! | `values` | how do script values become what the browser takes? |
//! | `session` | which contexts belong to an attempt, and when do they end? |

mod browser;
mod clock;
mod context;
mod network;
mod options;
mod page;
mod session;
mod values;
mod waits;

pub use browser::Browser;
pub use context::BrowserContext;
pub use page::Page;

pub(super) fn register(module: &mut rhai::Module) {
    module.set_custom_type::<Browser>("Browser");
    module.set_custom_type::<Page>("Page");
    module.set_custom_type::<BrowserContext>("BrowserContext");
    module.set_custom_type::<network::Response>("PageResponse");
    module.set_custom_type::<waits::Downloaded>("Download");
    rhai::plugin::combine_with_exported_module!(module, "browser", browser::browser);
    rhai::plugin::combine_with_exported_module!(module, "page", page::page);
    rhai::plugin::combine_with_exported_module!(module, "page waits", waits::waits);
    rhai::plugin::combine_with_exported_module!(module, "browser contexts", context::contexts);
    rhai::plugin::combine_with_exported_module!(module, "page clock", clock::clock);
    rhai::plugin::combine_with_exported_module!(module, "page network", network::network);
}
