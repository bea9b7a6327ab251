//! What a guarded process wrote: the keeper captures it into files, the host reads them. Both streams are kept apart, byte
//! for byte; an index beside them tells when each part came, and so how they interleave.

pub(super) mod capture;
mod follow;
mod sink;
mod text;
mod times;

pub use follow::Follow;

use super::process::State;
use super::spawn::Limits;
use super::wire::Written;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use text::Reading;
use tokio::sync::watch;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    Stdout = 0,
    Stderr = 1,
}

/// One line of output, without its end. Bytes that are no UTF-8 are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: SystemTime,
    pub stream: Stream,
    pub text: String,
    /// Where its stream goes on behind it.
    pub end: u64,
}

/// How far somebody has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub stdout: u64,
    pub stderr: u64,
}

/// The output of one process, while it runs and afterwards.
#[derive(Clone)]
pub struct Log {
    paths: [PathBuf; 2],
    limits: Limits,
    state: watch::Receiver<State>,
}

impl Log {
    /// The log in these files, of whatever process will be known by its state.
    pub(super) fn place(
        stdout: PathBuf,
        stderr: PathBuf,
        limits: Limits,
    ) -> impl FnOnce(watch::Receiver<State>) -> Self {
        move |state| Self {
            paths: [stdout, stderr],
            limits,
            state,
        }
    }

    /// The log in these files, which another host has written. As nobody tells when there is more, it is looked for, until
    /// `is_over` says that no more will come or nobody asks any more. Must be called inside the runtime.
    pub fn of_another(
        stdout: PathBuf,
        stderr: PathBuf,
        is_over: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        const EVERY: Duration = Duration::from_millis(20);
        let limits = Limits::default();
        let paths = [stdout, stderr];
        let look = {
            let paths = paths.clone();
            move || {
                let [stdout, stderr] = [0, 1].map(|at| {
                    let reading = Reading::open(&paths[at], limits.head);
                    reading.and_then(|file| file.extent()).unwrap_or_default()
                });
                Written {
                    stdout,
                    stderr,
                    trouble: None,
                }
            }
        };
        let first = State {
            written: look(),
            ..State::default()
        };
        let (sender, state) = watch::channel(first);
        tokio::spawn(async move {
            while !sender.is_closed() {
                let over = is_over();
                let written = look();
                sender.send_if_modified(|state| {
                    let is_news = state.written != written;
                    state.written = written;
                    is_news
                });
                if over {
                    return;
                }
                tokio::time::sleep(EVERY).await;
            }
        });
        Self {
            paths,
            limits,
            state,
        }
    }

    /// The file a stream is kept in.
    pub fn path(&self, stream: Stream) -> &Path {
        &self.paths[stream as usize]
    }

    /// Everything of one stream that was kept; a line in it says how much was cut out.
    pub fn bytes(&self, stream: Stream) -> io::Result<Vec<u8>> {
        Reading::open(self.path(stream), self.limits.head)?.whole()
    }

    /// All lines of both streams, in the order in which they came.
    pub fn lines(&self) -> io::Result<Vec<Line>> {
        self.last(u64::MAX)
    }

    /// The last `count` lines of both streams.
    pub fn tail(&self, count: usize) -> io::Result<Vec<Line>> {
        const ENOUGH: u64 = 256 << 10;
        let mut lines = self.last(ENOUGH)?;
        if lines.len() < count {
            lines = self.lines()?;
        }
        Ok(lines.split_off(lines.len().saturating_sub(count)))
    }

    /// The lines in the last `bytes` of each stream, in the order in which they came.
    pub fn recent(&self, bytes: u64) -> io::Result<Vec<Line>> {
        self.last(bytes)
    }

    fn last(&self, bytes: u64) -> io::Result<Vec<Line>> {
        let entries = times::read(self.path(Stream::Stdout));
        let read = |stream: Stream| {
            let reading = Reading::open(self.path(stream), self.limits.head)?;
            Ok::<_, io::Error>(text::lines(&reading.last(bytes)?))
        };
        let both = [read(Stream::Stdout)?, read(Stream::Stderr)?];
        Ok(text::merge(both, &entries))
    }

    /// The end of what was written so far.
    pub fn end(&self) -> Position {
        let state = self.state.borrow();
        Position {
            stdout: state.written.stdout.end,
            stderr: state.written.stderr.end,
        }
    }

    /// How many bytes were cut out of a stream, or could not be written.
    pub fn missing(&self, stream: Stream) -> u64 {
        let state = self.state.borrow();
        let extent = match stream {
            Stream::Stdout => state.written.stdout,
            Stream::Stderr => state.written.stderr,
        };
        extent.cut + extent.lost
    }

    /// Why the log is not whole, if it could not be written.
    pub fn trouble(&self) -> Option<String> {
        self.state.borrow().written.trouble.clone()
    }

    /// The lines from `from` on, as they come.
    pub fn follow(&self, from: Position) -> Follow {
        Follow::new(self, from)
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Log").field(&self.paths).finish()
    }
}
