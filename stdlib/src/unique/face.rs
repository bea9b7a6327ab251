//! The names scripts use.

use super::body;
use crate::host::failure::{Code, Failure, Kind};
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{ImmutableString, NativeCallContext};

#[export_module]
pub mod unique {
    /// A name that nobody else has: `prefix`, milliseconds since 1970 and eight hex digits, joined by `-`. New with every
    /// call and every run; put it on `state` to use it in later phases. Refused while a file is loaded.
    ///
    /// ```rhai
    /// let user = unique("ada");
    /// assert user.starts_with("ada-") && user != unique("ada");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn unique(ctx: NativeCallContext, prefix: &str) -> Result<ImmutableString, Raise> {
        in_phase(&ctx)?;
        Ok(body::unique(prefix).into())
    }

    /// A random UUID (version 4) as text. Refused while a file is loaded.
    ///
    /// ```rhai
    /// assert uuid().len == 36;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn uuid(ctx: NativeCallContext) -> Result<ImmutableString, Raise> {
        in_phase(&ctx)?;
        Ok(body::uuid().into())
    }
}

fn in_phase(ctx: &NativeCallContext) -> Result<(), Raise> {
    if script::try_attempt(ctx).is_some() {
        return Ok(());
    }
    let name = ctx.fn_name();
    let failure = Failure::new(
        Kind::Usage,
        Code::Script,
        format!(
            "`{name}` gives another value in every process, and loading a file is done in each"
        ),
    )
    .hint("call it in a phase and put the value on `state`; `run.id` is constant");
    Err(script::usage(ctx, failure))
}
