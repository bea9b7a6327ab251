//! How statements reach a database, and what comes back.
//!
//! | file | question |
//! |---|---|
//! | `target` | which database does a URL mean? |
//! | `named`, `scan` | where are the parameters of a statement? |
//! | `link` | what do the three databases have in common? |
//! | `postgres`, `pg_encode`, `pg_decode`, `numeric` | PostgreSQL |
//! | `mysql`, `sqlite` | the others |
//! | `tables` | which tables, keys and near names are there? |
//! | `load`, `insert` | how do records become rows? |
//! | `caret` | where in the statement is the mistake? |

mod caret;
mod insert;
mod link;
mod load;
mod mysql;
mod named;
mod numeric;
mod pg_decode;
mod pg_encode;
mod postgres;
mod scan;
mod sqlite;
mod tables;
mod target;

pub use insert::{Record, can_return, insert};
pub use link::{Database, Link, Outcome, Params, Statement};
pub use load::{Loaded, Own, Plan, delete_rows, load};
/// A decimal text as a script value: also for others who keep decimals.
pub use numeric::value as number;
pub use target::{Target, Wanted};
