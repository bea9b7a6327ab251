//! The keeper's end of the stream to its host. Never blocks: a host that does not read must not hold up a service.

use super::super::wire::{self, Inbox};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// The stream, what came over it, and what still has to go.
pub struct Channel {
    stream: UnixStream,
    inbox: Inbox,
    outgoing: Vec<u8>,
    open: bool,
}

impl Channel {
    pub fn new(fd: OwnedFd) -> Self {
        Self {
            stream: UnixStream::from(fd),
            inbox: Inbox::default(),
            outgoing: Vec::new(),
            open: true,
        }
    }

    /// The first frames, waited for. `None` when the host has gone.
    pub fn wait_raw(&mut self) -> Option<Vec<u8>> {
        let mut some = [0; 16 << 10];
        loop {
            if let Some(frame) = self.inbox.next_raw() {
                return Some(frame);
            }
            match self.stream.read(&mut some) {
                Ok(0) => return None,
                Ok(count) => self.inbox.push(&some[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    /// From now on nothing here waits.
    pub fn go_on(&mut self) {
        let _ = self.stream.set_nonblocking(true);
    }

    /// Whether the host is there.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether all that was sent has gone.
    pub fn is_idle(&self) -> bool {
        self.outgoing.is_empty()
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// Takes in what came; notices when the host is gone.
    pub fn receive(&mut self) {
        let mut some = [0; 4096];
        while self.open {
            match self.stream.read(&mut some) {
                Ok(0) => self.open = false,
                Ok(count) => self.inbox.push(&some[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => self.open = false,
            }
        }
    }

    /// The next message that came.
    pub fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        self.inbox.next()
    }

    pub fn send(&mut self, message: &impl Serialize) {
        self.outgoing.extend(wire::frame(message));
        self.flush();
    }

    /// Sends what can be sent now.
    pub fn flush(&mut self) {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(count) => drop(self.outgoing.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.open = false;
                    self.outgoing.clear();
                }
            }
        }
    }

    /// Sends the rest, as long as somebody takes it.
    pub fn close(mut self, limit: Duration) {
        let until = Instant::now() + limit;
        self.flush();
        while !self.outgoing.is_empty() && Instant::now() < until {
            let mut fds = [PollFd::new(self.stream.as_fd(), PollFlags::POLLOUT)];
            let _ = poll(&mut fds, PollTimeout::from(50_u8));
            self.flush();
        }
    }
}
