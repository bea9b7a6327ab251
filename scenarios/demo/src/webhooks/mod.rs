//! Webhooks: who wants to be called, and the courier that calls them. Other areas only say what happened; they
//! never wait for a delivery.

pub(crate) mod courier;
mod post;
mod routes;
mod store;

pub(crate) use routes::routes;
pub(crate) use store::{News, Webhooks};
