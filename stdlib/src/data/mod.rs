//! `load_json`, `load_csv`, `load_yaml`, `load_text`: data files beside the script.

pub mod body;
pub mod error;
mod face;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rhai::NativeCallContext;
use serde_json::Value;

use self::body::Source;
use self::error::DataError;
use crate::Primitive;
use crate::host::failure::Failure;
use crate::host::loading::Loading;
use crate::host::script::{self, Raise};

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "data",
    guide: include_str!("data.md"),
    register: |module| rhai::plugin::combine_with_exported_module!(module, "data", face::data),
    globals: &[],
    syntax: None,
};

/// A JSON file or, by the end of its name, a YAML file: for primitives that take a path in place of a map.
pub fn load_structured(ctx: &NativeCallContext, path: &str) -> Result<Value, Failure> {
    let parse = match Path::new(path).extension().and_then(|end| end.to_str()) {
        Some("yaml" | "yml") => body::parse_yaml,
        _ => body::parse_json,
    };
    read(ctx, path)
        .and_then(|source| parse(&source))
        .map_err(|error| failure(&error))
}

fn read(ctx: &NativeCallContext, path: &str) -> Result<Source, DataError> {
    body::read_text(&folder(ctx), path, body::LIMIT)
}

/// The folder of the script or module that the call stands in, as for `import`. Modules of the binary have none: there
/// it is that of the script.
pub(crate) fn folder(ctx: &NativeCallContext) -> PathBuf {
    let (project, script_dir) = places(ctx);
    match ctx
        .call_source()
        .filter(|source| !source.starts_with("std/"))
    {
        Some(source) => project
            .join(source)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or(script_dir),
        None => script_dir,
    }
}

/// The root of the project.
fn project(ctx: &NativeCallContext) -> PathBuf {
    places(ctx).0
}

/// The project, and the folder of the script.
fn places(ctx: &NativeCallContext) -> (PathBuf, PathBuf) {
    match (script::try_attempt(ctx), Loading::of(ctx)) {
        (Some(attempt), _) => (
            attempt.world().project.clone(),
            attempt.identity().script_dir.clone(),
        ),
        (None, Some(loading)) => (loading.world.project.clone(), loading.script_dir),
        (None, None) => (PathBuf::new(), PathBuf::new()),
    }
}

fn raise(ctx: &NativeCallContext, error: &DataError) -> Raise {
    script::usage(ctx, failure(error))
}

/// A data file belongs to the scripts: what is wrong with it is not the product's fault.
fn failure(error: &DataError) -> Failure {
    let mut failure = Failure::usage(error.to_string());
    failure.hint = error.hint();
    failure
}
