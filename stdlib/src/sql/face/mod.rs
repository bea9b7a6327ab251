//! What scripts say: names, options and the values they get. What reaches a database is in `body`.
//!
//! | file | question |
//! |---|---|
//! | `functions` | which calls are there, and what do they promise? |
//! | `connect` | what do a URL and the options of `sql.connect` mean? |
//! | `ask` | how does a statement become a step and its outcome? |
//! | `transact` | what happens around the closure of a transaction? |
//! | `seed` | what does `load` do with files, counts and closures? |

mod ask;
mod connect;
mod functions;
mod seed;
mod transact;

use std::sync::Arc;

use super::body::Target;
use crate::client::Session;
use rhai::Dynamic;

/// The value behind the name `sql`.
#[derive(Debug, Clone, Copy)]
pub struct Sql;

/// What `sql.connect` gives.
#[derive(Clone)]
pub struct Db(Arc<Session<Target>>);

pub(super) fn standard() -> Dynamic {
    Dynamic::from(Sql)
}

pub(super) fn register(module: &mut rhai::Module) {
    module.set_custom_type::<Sql>("Sql");
    module.set_custom_type::<Db>("Db");
    rhai::plugin::combine_with_exported_module!(module, "sql", functions::sql);
}
