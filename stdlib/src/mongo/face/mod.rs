//! What scripts say: names, options and the values they get.

mod ask;
pub mod functions;
mod seed;

use super::body::Target;
use crate::client::Session;
use std::sync::Arc;

/// The value behind the name `mongo`.
#[derive(Debug, Clone, Copy)]
pub struct Mongo;

/// What `mongo.connect` gives.
#[derive(Clone)]
pub struct Documents(Arc<Session<Target>>);

/// What `db.collection(name)` gives.
#[derive(Clone)]
pub struct Collection {
    db: Documents,
    name: String,
}
