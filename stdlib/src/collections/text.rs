//! Values as JSON text. Rhai has it for maps alone.

use rhai::Dynamic;
use rhai::plugin::*;

use crate::host::failure::Failure;
use crate::host::json;
use crate::host::script::{self, Raise};

#[export_module]
pub mod functions {
    /// A value as JSON text: a list, a map, text, a number, `()`. `parse_json(text)` reads it back. What is not JSON, such as a closure,
    /// is an error that says where it stands.
    ///
    /// ```rhai
    /// assert ["a", 1, ()].to_json() == `["a",1,null]`;
    /// assert parse_json([#{ n: 1 }].to_json())[0].n == 1;
    /// ```
    #[rhai_fn(name = "to_json", return_raw)]
    pub fn to_json(ctx: NativeCallContext, value: Dynamic) -> Result<String, Raise> {
        let json = json::to_json(&value, "the value")
            .map_err(|error| script::usage(&ctx, Failure::usage(error.to_string())))?;
        Ok(json.to_string())
    }
}
