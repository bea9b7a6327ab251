//! `env`, `secret`, `mask`, `vars`, `run`: what a script is told from outside. All may be used while a file is
//! loaded: they are the same in every process of a run.

mod body;
mod error;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;
use rhai::Dynamic;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "env",
    guide: include_str!("env.md"),
    register: |module| {
        module.set_custom_type::<face::Vars>("Vars");
        module.set_custom_type::<face::Run>("Run");
        rhai::plugin::combine_with_exported_module!(module, "env", face::env);
        rhai::plugin::combine_with_exported_module!(module, "vars", face::vars);
        rhai::plugin::combine_with_exported_module!(module, "run", face::run);
    },
    globals: &[
        ("vars", || Dynamic::from(face::Vars)),
        ("run", || Dynamic::from(face::Run)),
    ],
    syntax: None,
};

/// `vars` and `run` hold nothing themselves, so a closure that runs later may capture them.
pub(crate) fn is_description(value: &Dynamic) -> bool {
    value.is::<face::Vars>() || value.is::<face::Run>()
}
