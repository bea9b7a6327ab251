//! What scripts say: names, options and the values they get. Everything that travels is in `body`.
//!
//! | file | question |
//! |---|---|
//! | `functions` | which calls are there, and what do they promise? |
//! | `answer`, `cookies` | what can one do with a response, with a jar? |
//! | `request`, `description` | what do the options of a request, of a client mean? |
//! | `values` | how does a script value become a header, a query, a body? |
//! | `session` | which client of this attempt stands behind `http`? |
//! | `perform` | how does one request become a step, evidence, a failure? |

mod answer;
mod cookies;
mod description;
mod functions;
mod perform;
mod request;
mod session;
mod values;

pub(super) use answer::Answer;
pub(super) use functions::standard;
pub use session::Http;

pub(super) fn register(module: &mut rhai::Module) {
    rhai::plugin::combine_with_exported_module!(module, "http", functions::http);
    rhai::plugin::combine_with_exported_module!(module, "response", answer::response);
    rhai::plugin::combine_with_exported_module!(module, "cookies", cookies::cookies);
}
