//! Stories about whole stores: written, killed, filled up, shared, and read again.

pub mod story;

mod kill;
mod reading;
mod recording;
mod resuming;
mod retaining;
mod sharing;
mod trouble;
