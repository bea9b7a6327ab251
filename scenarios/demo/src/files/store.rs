//! The files, in memory and bounded. It knows nothing of HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use crate::digest::{hex, sha256};
use crate::problem::Problem;

/// The most all files may have together.
const ROOM: usize = 512 * 1024 * 1024;

#[derive(Debug, Serialize)]
pub(crate) struct File {
    pub id: u64,
    pub name: String,
    pub size: usize,
    pub content_type: String,
    pub sha256: String,
    pub uploaded_at: Timestamp,
    #[serde(skip)]
    pub content: Bytes,
}

#[derive(Default)]
pub(crate) struct Files {
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    files: BTreeMap<u64, Arc<File>>,
    size: usize,
    last: u64,
}

impl Files {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn reset(&self) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Kept::default();
    }

    /// Newest first.
    pub fn all(&self) -> Vec<Arc<File>> {
        self.kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .files
            .values()
            .rev()
            .cloned()
            .collect()
    }

    pub fn add(
        &self,
        name: String,
        content_type: String,
        content: Bytes,
    ) -> Result<Arc<File>, Problem> {
        // Hashing takes long for large files: it happens before the lock is taken.
        let sha256 = hex(&sha256(&content));
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.size + content.len() > ROOM {
            return Err(Problem::Full);
        }
        kept.size += content.len();
        kept.last += 1;
        let id = kept.last;
        let file = File {
            id,
            name,
            size: content.len(),
            content_type,
            sha256,
            uploaded_at: Timestamp::now(),
            content,
        };
        let file = Arc::new(file);
        kept.files.insert(id, file.clone());
        Ok(file)
    }

    pub fn get(&self, id: &str) -> Result<Arc<File>, Problem> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let found = id.parse().ok().and_then(|id: u64| kept.files.get(&id));
        found.cloned().ok_or_else(|| Problem::not_found("file", id))
    }

    pub fn remove(&self, id: u64) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = kept.files.remove(&id) {
            kept.size -= file.size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back() {
        let files = Files::new();
        let file = files
            .add("a".into(), "text/plain".into(), Bytes::from_static(b"abc"))
            .expect("room");
        assert_eq!(
            file.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        files.remove(file.id);
        assert_eq!(files.kept.read().expect("unpoisoned").size, 0);
        assert!(files.get("1").is_err() && files.get("x").is_err());
    }
}
