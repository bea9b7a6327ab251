//! The guard: everything a run starts outside of itself ends with it, whatever happens to the run. Knows no Rhai.
//!
//! One guard process per host process is started on first need, from the same program in a hidden role . It
//! makes a small *keeper* for each process it is asked to [`spawn`](Guard::spawn). The keeper alone owns that process: its
//! pipes, its log files, its descendants (also daemonised ones), and its end. Host gone means that every keeper ends what
//! is its own, and the guard removes the directories it was told of.
//!
//! Primitives use [`Guard::of`], [`Spawn`] and [`Process`]. The engine enters the role first thing in `main`, and
//! reaps what former runs left before a run.

mod containment;
mod error;
mod handle;
mod kept;
mod ledger;
pub mod log;
mod outcome;
mod process;
pub mod role;
mod spawn;
#[cfg(test)]
mod tests;
mod wire;

pub use containment::Containment;
pub use error::GuardError;
pub use handle::Guard;
pub use kept::{Hold, Kept, kept, lives_in};
pub use ledger::reap::{Reaped, reap};
pub use log::{Line, Log, Position, Stream};
pub use outcome::{Ended, Exit, How, Leftover, Needed};
pub use process::Process;
pub use spawn::{Limits, Program, Spawn, Stdin, StopPlan, User};
