//! What host, guard and keepers say to each other: JSON behind its length. The host talks to the guard in packets, because
//! they may carry descriptors, and to each keeper over a stream of its own.

use super::error::GuardError;
use super::outcome::{Ended, Exit};
use super::spawn::{Limits, Program, StopPlan, User};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The longest packet to the guard: its longest content is a path.
pub const PACKET: usize = 16 << 10;

/// From the host to the guard.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToGuard {
    /// First of all.
    Hello {
        run: String,
        host: i32,
        /// Where ledgers are kept; without one there is none.
        ledgers: Option<PathBuf>,
        /// Where a directory may be made that nobody needs afterwards.
        temporary: PathBuf,
        /// Whether a control group is made where it can be.
        grouped: bool,
    },
    /// Make a keeper. Its stream is the first descriptor; what its process inherits are the others.
    Fork {
        /// How long it may take to end what is its own.
        patience: Duration,
    },
    Remove(PathBuf),
    Keep(PathBuf),
    /// The keeper of that number lives on.
    Detached(i32),
    /// End everything now.
    Bye,
}

/// From the guard to the host, once. Afterwards only the end of the connection is news.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ready {
    pub pid: i32,
    /// The control group that holds everything, if there is one.
    pub cgroup: Option<PathBuf>,
    /// Whether a ledger is kept.
    pub ledger: bool,
    pub scratch: Result<PathBuf, GuardError>,
}

/// What a keeper starts; bytes for standard input follow in a frame of their own.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    pub owner: String,
    pub name: String,
    pub program: Program,
    pub env: BTreeMap<String, String>,
    pub cwd: PathBuf,
    pub has_stdin: bool,
    pub stdout: PathBuf,
    pub stderr: PathBuf,
    pub limits: Limits,
    pub stop: StopPlan,
    pub user: Option<User>,
}

/// From the host to a keeper.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToKeeper {
    /// To the main process, by number.
    Signal(i32),
    /// To the main process and all its descendants.
    SignalAll(i32),
    Stop,
    Kill,
    /// Live on when this host goes, and wait for another.
    Detach,
    /// End when this host goes, after all.
    Own,
}

/// From a keeper to the host.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromKeeper {
    Started { pid: i32, keeper: i32 },
    Refused(GuardError),
    Written(Written),
    Exited(Exit),
    Detached(Result<(), GuardError>),
    Ended(Ended),
}

/// How much was written, by stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub stdout: Extent,
    pub stderr: Extent,
    /// Why the log is not whole.
    pub trouble: Option<String>,
}

/// How much of a stream there was, and how much of it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// All bytes that reached the log, also those cut since.
    pub end: u64,
    /// Cut out of the middle.
    pub cut: u64,
    /// Could not be written.
    pub lost: u64,
}

/// A message as it goes over a stream.
pub fn frame(message: &impl Serialize) -> Vec<u8> {
    raw_frame(&serde_json::to_vec(message).unwrap_or_default())
}

/// Bytes as they go over a stream.
pub fn raw_frame(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    out.extend((bytes.len() as u64).to_le_bytes());
    out.extend(bytes);
    out
}

/// Takes apart what came over a stream.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// The next whole frame.
    pub fn next_raw(&mut self) -> Option<Vec<u8>> {
        let length = u64::from_le_bytes(self.bytes.get(..8)?.try_into().ok()?);
        let end = usize::try_from(length).ok()?.checked_add(8)?;
        let body = self.bytes.get(8..end)?.to_vec();
        self.bytes.drain(..end);
        Some(body)
    }

    /// The next message. One that cannot be read is passed over: both ends are the same program.
    pub fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            if let Ok(message) = serde_json::from_slice(&self.next_raw()?) {
                return Some(message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arrive_whole_however_they_are_split() {
        let mut all = frame(&ToKeeper::Stop);
        all.extend(raw_frame(b"bytes \0 of stdin"));
        let mut inbox = Inbox::default();
        let mut got = Vec::new();
        for byte in all {
            inbox.push(&[byte]);
            got.extend(inbox.next_raw());
        }
        assert_eq!(got, [b"\"Stop\"".to_vec(), b"bytes \0 of stdin".to_vec()]);
    }
}
