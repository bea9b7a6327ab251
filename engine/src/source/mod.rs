//! From paths to declared scenarios: find the files, compile, check, evaluate their top level once, keep the code of
//! their phases. Starts nothing and knows no threads.

pub mod check;
pub mod declare;
pub mod discover;
mod hash;
mod load;
mod options;
mod path;
pub mod prompt;
pub mod resolver;
mod stacks;

pub use load::{Code, Library, Loaded};
pub use resolver::Imported;
