//! The contract between what a script can say and whoever runs it.

pub mod duration;
pub mod failure;
pub mod location;
pub mod suggest;
