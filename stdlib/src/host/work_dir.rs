//! Where a scenario keeps files of its own. Most attempts never ask, so the path is worked out when one does.

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

type Find = Box<dyn FnOnce() -> PathBuf + Send + Sync>;

/// The path of a directory that may not be there yet. Clones share it.
#[derive(Clone)]
pub struct WorkDir(Arc<LazyLock<PathBuf, Find>>);

impl WorkDir {
    /// The path that `find` gives when it is asked for the first time.
    pub fn new(find: impl FnOnce() -> PathBuf + Send + Sync + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(find))))
    }
}

impl From<PathBuf> for WorkDir {
    fn from(path: PathBuf) -> Self {
        Self::new(move || path)
    }
}

impl Default for WorkDir {
    fn default() -> Self {
        PathBuf::new().into()
    }
}

impl Deref for WorkDir {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl fmt::Debug for WorkDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
