//! The words of scripts.
//!
//! | file | question |
//! |---|---|
//! | `browser` | how does a script get its first page? |
//! | `page` | what can it do with one? |
//! | `waits` | what can it wait for? |
//! | `options` | what do the options of a context mean? |
//! | `session` | which contexts belong to an attempt, and when do they end? |

mod browser;
mod options;
mod page;
mod session;
mod waits;

pub use browser::Browser;
pub use page::Page;

pub(super) fn register(module: &mut rhai::Module) {
    module.set_custom_type::<Browser>("Browser");
    module.set_custom_type::<Page>("Page");
    rhai::plugin::combine_with_exported_module!(module, "browser", browser::browser);
    rhai::plugin::combine_with_exported_module!(module, "page", page::page);
    rhai::plugin::combine_with_exported_module!(module, "page waits", waits::waits);
}
