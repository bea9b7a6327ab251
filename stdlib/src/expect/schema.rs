//! Where a JSON Schema comes from: a map in the script, or a file beside it.

use rhai::{Dynamic, ImmutableString, NativeCallContext};
use serde_json::Value;

use super::claim::argument;
use crate::data;
use crate::host::failure::Failure;
use crate::host::json;

pub(super) fn read(ctx: &NativeCallContext, schema: &Dynamic) -> Result<Value, Failure> {
    if let Some(path) = schema.read_lock::<ImmutableString>() {
        return data::load_structured(ctx, &path);
    }
    let value = argument(schema)?;
    if value.is_object() || value.is_boolean() {
        return Ok(value);
    }
    Err(Failure::usage(format!(
        "`to_match_schema` takes a schema as a map or the path of a file, not {}",
        json::type_in_words(schema)
    )))
}
