//! Where runs are kept: one SQLite file for what happened, one folder a run for its artifacts.
//!
//! [`Writer`] records a run from a thread of its own; [`Store`] reads runs, live, ended or killed; [`Keeper`]
//! changes a store outside a run: leases, retention, rebuilding. The stream of events is the truth; the other
//! tables are folded from it in the same transaction, to be asked quickly, and can be rebuilt.
//!
//! Knows the model and no one else: not how a run is scheduled, and not how it is shown. What a commit, an opening
//! and an end cost, and why they are done the way they are, is told in `docs/design/store.md`.

mod batch;
mod decoding;
mod error;
mod events;
mod facts;
mod history;
mod home;
mod keeper;
mod lease;
mod open;
mod packing;
mod process;
mod recorder;
mod reliance;
mod retention;
mod run_id;
mod runs;
mod schema;
mod signals;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

pub use error::StoreError;
pub use events::{Events, ReadNote};
pub use history::{Before, Past};
pub use home::Home;
pub use keeper::Keeper;
pub use lease::{Holder, Lease};
pub use process::Process;
pub use retention::{Pruned, Retention};
pub use run_id::new_run_id;
pub use runs::{Life, Store, Summary};
pub use signals::Sent;
pub use writer::{Finished, Writer};
