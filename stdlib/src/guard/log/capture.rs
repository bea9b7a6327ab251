//! The keeper's side: takes what comes out of the two pipes, as fast as it comes, and never lets the process wait for it.

use super::Stream;
use super::sink::Sink;
use super::times::Times;
use crate::guard::error::GuardError;
use crate::guard::spawn::Limits;
use crate::guard::wire::Written;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::io::{ErrorKind, PipeReader, PipeWriter, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Read at once: as much as a pipe holds.
const CHUNK: usize = 64 << 10;

/// Reads in a row from one pipe, so that a flood does not keep the keeper from its other work.
const TURNS: usize = 16;

/// Both pipes and where they go.
pub struct Capture {
    lanes: [Lane; 2],
    times: Times,
    buffer: Vec<u8>,
}

struct Lane {
    stream: Stream,
    pipe: Option<PipeReader>,
    sink: Sink,
}

impl Capture {
    /// Opens the files; gives back the ends the process writes to.
    pub fn open(
        stdout: &Path,
        stderr: &Path,
        limits: Limits,
    ) -> Result<(Self, PipeWriter, PipeWriter), GuardError> {
        let (out, out_end) = lane(Stream::Stdout, stdout, limits)?;
        let (err, err_end) = lane(Stream::Stderr, stderr, limits)?;
        let times =
            Times::create(stdout).map_err(|error| no_log(&super::times::path(stdout), &error))?;
        let capture = Self {
            lanes: [out, err],
            times,
            buffer: vec![0; CHUNK],
        };
        Ok((capture, out_end, err_end))
    }

    /// What to wait for.
    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.lanes
            .iter()
            .filter_map(|lane| lane.pipe.as_ref())
            .map(AsFd::as_fd)
    }

    /// Takes what is there. Whether anything was.
    pub fn take(&mut self) -> bool {
        let mut any = false;
        for lane in &mut self.lanes {
            for _ in 0..TURNS {
                let count = lane.read(&mut self.buffer);
                if count == 0 {
                    break;
                }
                any = true;
                let now = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                let start = lane.sink.extent().end;
                self.times.note(now.as_micros() as u64, lane.stream, start);
                lane.sink.write(&self.buffer[..count]);
            }
        }
        any
    }

    /// Nothing more will come: the files are brought to their final form.
    pub fn finish(&mut self) {
        while self.take() {}
        for lane in &mut self.lanes {
            lane.pipe = None;
            lane.sink.finish();
        }
    }

    pub fn written(&self) -> Written {
        let [out, err] = &self.lanes;
        let trouble = out.sink.trouble().or(err.sink.trouble());
        Written {
            stdout: out.sink.extent(),
            stderr: err.sink.extent(),
            trouble: trouble.map(str::to_owned),
        }
    }
}

impl Lane {
    /// How many bytes came; none when there are none now, or will never be.
    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let Some(pipe) = &mut self.pipe else {
            return 0;
        };
        loop {
            match pipe.read(buffer) {
                Ok(0) => {
                    self.pipe = None;
                    return 0;
                }
                Ok(count) => return count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return 0,
            }
        }
    }
}

fn lane(stream: Stream, path: &Path, limits: Limits) -> Result<(Lane, PipeWriter), GuardError> {
    let made = || {
        let sink = Sink::create(path, limits)?;
        let (pipe, end) = std::io::pipe()?;
        fcntl(&pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let lane = Lane {
            stream,
            pipe: Some(pipe),
            sink,
        };
        Ok((lane, end))
    };
    made().map_err(|error: std::io::Error| no_log(path, &error))
}

fn no_log(path: &Path, error: &std::io::Error) -> GuardError {
    GuardError::NoLog {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}
