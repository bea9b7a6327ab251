//! What a process reads from its standard input, handed over as fast as it takes it.

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, BorrowedFd};

pub struct Feed {
    pipe: PipeWriter,
    bytes: Vec<u8>,
    done: usize,
}

impl Feed {
    /// A pipe that will hold `bytes` and then end; the other end is for the process.
    pub fn open(bytes: Vec<u8>) -> io::Result<(PipeReader, Self)> {
        let (end, pipe) = io::pipe()?;
        fcntl(&pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let feed = Self {
            pipe,
            bytes,
            done: 0,
        };
        Ok((end, feed))
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }

    /// Hands over what fits. `false` when there is no more, or nobody takes it any more.
    pub fn push(&mut self) -> bool {
        while self.done < self.bytes.len() {
            match self.pipe.write(&self.bytes[self.done..]) {
                Ok(count) => self.done += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
        false
    }
}
