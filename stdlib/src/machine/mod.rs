//! What the processes of one user on one machine share: a folder, files that stand for a name while it is held, and
//! numbers of processes, which alone say nothing. Knows neither Rhai nor runs.

mod folder;
mod lock_file;
mod process;

pub use folder::folder;
pub use lock_file::LockFile;
pub use process::{Seen, here, look};
