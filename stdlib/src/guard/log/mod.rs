//! What a guarded process wrote: the keeper captures it into files, the host reads them. Both streams are kept apart, byte
//! for byte; an index beside them tells when each part came, and so how they interleave.

use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// One line of output, without its end. Bytes that are no UTF-8 are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: SystemTime,
    pub stream: Stream,
    pub text: String,
}

/// How far somebody has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub stdout: u64,
    pub stderr: u64,
}

/// The output of one process, while it runs and afterwards.
#[derive(Clone, Debug)]
pub struct Log {}

impl Log {
    /// The file a stream is kept in.
    pub fn path(&self, _stream: Stream) -> &Path {
        Path::new("")
    }

    /// Everything of one stream that was kept; a cut says how much is missing.
    pub fn bytes(&self, _stream: Stream) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// All lines of both streams, in the order in which they came.
    pub fn lines(&self) -> io::Result<Vec<Line>> {
        Ok(Vec::new())
    }

    /// The last `count` lines of both streams.
    pub fn tail(&self, _count: usize) -> io::Result<Vec<Line>> {
        Ok(Vec::new())
    }

    /// The end of what was written so far.
    pub fn end(&self) -> Position {
        Position::default()
    }

    /// How many bytes were cut out of a stream, or could not be written.
    pub fn cut(&self, _stream: Stream) -> u64 {
        0
    }

    /// Why the log is not whole, if it could not be written.
    pub fn trouble(&self) -> Option<String> {
        None
    }

    /// The lines from `from` on, as they come.
    pub fn follow(&self, from: Position) -> Follow {
        Follow { position: from }
    }
}

/// Reads lines as they come; wakes when there are more.
#[derive(Debug)]
pub struct Follow {
    position: Position,
}

impl Follow {
    /// The next line; waits for it. `None` when the process and all its descendants are gone and everything was read.
    pub async fn next(&mut self) -> Option<Line> {
        None
    }

    /// Behind the last line given.
    pub fn position(&self) -> Position {
        self.position
    }
}
