//! Where a keeper waits for another host, when its own has gone and wanted that.

use super::super::kept::{EXTENSION, Kept};
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A socket, and the note beside it by which it is found. Both go with it.
pub struct Post {
    listener: UnixListener,
    socket: PathBuf,
    note: PathBuf,
}

impl Post {
    /// Opens one in `folder`; fills in where it is.
    pub fn open(folder: &Path, mut kept: Kept) -> io::Result<Self> {
        let name = format!("{}-{}", kept.run, std::process::id());
        kept.socket = folder.join(format!("{name}.sock"));
        let listener = UnixListener::bind(&kept.socket)?;
        listener.set_nonblocking(true)?;
        let post = Self {
            listener,
            note: folder.join(format!("{name}.{EXTENSION}")),
            socket: kept.socket.clone(),
        };
        let new = folder.join(format!(".{name}.new"));
        fs::write(&new, serde_json::to_vec(&kept)?)?;
        fs::rename(new, &post.note)?;
        Ok(post)
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }

    /// A host that has come.
    pub fn next(&self) -> Option<UnixStream> {
        self.listener.accept().ok().map(|(stream, _)| stream)
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.note);
        let _ = fs::remove_file(&self.socket);
    }
}
