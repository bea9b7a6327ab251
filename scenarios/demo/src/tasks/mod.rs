//! Background tasks: each is created `PENDING`, becomes `STARTED`, and ends in `SUCCESS` or `FAILURE` after the
//! time it was given, or in `REVOKED` when it is cancelled.
//!
//! No task has a timer or a thread: its state is computed from time stamps whenever somebody asks, so that tens
//! of thousands of running tasks cost nothing.

mod routes;
mod store;
mod task;

pub(crate) use routes::{Wanted, create, routes};
pub(crate) use store::Tasks;
pub(crate) use task::{State, Task};
