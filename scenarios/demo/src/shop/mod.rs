//! A small shop for data-driven scenarios: items with every verb, and orders that take them from stock.
//! `Idempotency-Key` makes the two POSTs safe to repeat.

mod idempotency;
mod item;
mod routes;
mod store;

pub(crate) use routes::routes;
pub(crate) use store::Shop;
