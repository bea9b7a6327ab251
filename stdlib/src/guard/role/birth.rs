//! How a keeper comes to be: set apart from the guard that made it, it takes its order and starts the process.

use super::super::error::GuardError;
use super::super::ledger::Ledger;
use super::super::log::capture::Capture;
use super::super::wire::{FromKeeper, Order};
use super::channel::Channel;
use super::feed::Feed;
use super::keeper::{Home, Keeper};
use super::start::{self, Streams};
use super::{listen, sys};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getppid, setsid};
use std::io::PipeWriter;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long the host may take to read last words.
pub const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a keeper gets from the guard that made it.
pub struct Birth {
    pub run: String,
    pub guard: Pid,
    /// Where a keeper that lives on can be found.
    pub folder: Option<PathBuf>,
    pub stream: OwnedFd,
    pub passed: Vec<OwnedFd>,
    pub ledger: Option<Ledger>,
}

/// Lives to the end of a process.
pub fn main(birth: Birth) -> ! {
    let code = i32::from(live(birth).is_err());
    std::process::exit(code)
}

fn live(mut birth: Birth) -> nix::Result<()> {
    let passed = arrange(&mut birth)?;
    setsid()?;
    prctl::set_child_subreaper(true)?;
    prctl::set_name(c"scenario-keeper")?;
    let signals = listen()?;
    prctl::set_pdeathsig(Signal::SIGTERM)?;
    if getppid() != birth.guard {
        return Ok(());
    }
    let mut host = Channel::new(birth.stream);
    let Some(order) = host.wait_raw() else {
        return Ok(());
    };
    let order: Order = serde_json::from_slice(&order).map_err(|_| Errno::EPROTO)?;
    let stdin = match order.has_stdin {
        true => match host.wait_raw() {
            Some(bytes) => Some(bytes),
            None => return Ok(()),
        },
        false => None,
    };
    host.go_on();
    match start(&order, &birth.run, stdin) {
        Ok(started) => {
            // Only the process itself keeps what was handed to it.
            drop(passed);
            let home = Home {
                run: birth.run,
                folder: birth.folder,
                ledger: birth.ledger,
            };
            Keeper::new(home, order, host, signals, started).watch()
        }
        Err(refused) => {
            host.send(&FromKeeper::Refused(refused));
            host.close(LAST_WORDS);
            Ok(())
        }
    }
}

/// Puts what the process is to inherit where it is expected: 3, 4, …
fn arrange(birth: &mut Birth) -> nix::Result<Vec<OwnedFd>> {
    if birth.passed.is_empty() {
        return Ok(Vec::new());
    }
    const ABOVE: i32 = 100;
    let above =
        |fd: &OwnedFd| fcntl(fd.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(ABOVE)).map(sys::received);
    birth.stream = above(&birth.stream)?;
    let moved: Vec<OwnedFd> = birth.passed.iter().map(above).collect::<nix::Result<_>>()?;
    if let Some(ledger) = &mut birth.ledger {
        ledger.rise(ABOVE)?;
    }
    // Closes everything that the keeper had open below.
    birth.passed.clear();
    let numbers = 3..;
    moved
        .iter()
        .zip(numbers)
        .map(|(fd, number)| sys::place(fd, number))
        .collect()
}

/// A process that executes, and what belongs to it.
pub struct Started {
    pub pid: Pid,
    pub at: Instant,
    pub capture: Capture,
    pub stdin: Option<Feed>,
    /// For the stop command, whose words belong to the log too.
    pub ends: Option<(PipeWriter, PipeWriter)>,
}

fn start(order: &Order, run: &str, stdin: Option<Vec<u8>>) -> Result<Started, GuardError> {
    let trouble = |error: std::io::Error| GuardError::Spawn {
        what: order.program.show(),
        cause: error.to_string(),
    };
    let (capture, stdout, stderr) = Capture::open(&order.stdout, &order.stderr, order.limits)?;
    let ends = match order.stop.command {
        Some(_) => {
            let out = stdout.try_clone().map_err(trouble)?;
            Some((out, stderr.try_clone().map_err(trouble)?))
        }
        None => None,
    };
    let (stdin, feed) = match stdin {
        Some(bytes) => {
            let (end, feed) = Feed::open(bytes).map_err(trouble)?;
            (Stdio::from(end), Some(feed))
        }
        None => (Stdio::null(), None),
    };
    let streams = Streams {
        stdin,
        stdout,
        stderr,
    };
    let at = Instant::now();
    let child = start::main_process(order, run, streams)?;
    Ok(Started {
        pid: Pid::from_raw(child.id() as i32),
        at,
        capture,
        stdin: feed,
        ends,
    })
}
