//! What a primitive finds in its call context while a file is loaded: no attempt, only the world and a place for
//! declarations.

use super::extensions::Extensions;
use super::world::World;
use rhai::NativeCallContext;
use std::path::PathBuf;
use std::sync::Arc;

/// The tag of an engine that loads a file. Loading only declares.
#[derive(Clone, Debug)]
pub struct Loading {
    pub world: Arc<World>,
    /// Where declarations are collected.
    pub extensions: Arc<Extensions>,
    /// Directory of the script; its fixture files are relative to it.
    pub script_dir: PathBuf,
}

impl Loading {
    /// The loading this call is part of, if it is.
    pub fn of(ctx: &NativeCallContext) -> Option<Self> {
        ctx.tag()?.clone().try_cast::<Self>()
    }
}
