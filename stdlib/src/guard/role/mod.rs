//! The hidden role of the program: the guard, and the keepers it makes. Neither has threads or a runtime: each is one loop
//! that waits for descriptors.

mod birth;
pub(super) mod cgroup;
mod channel;
mod directories;
mod ending;
mod feed;
mod keeper;
mod master;
mod post;
mod start;
mod sys;
pub(super) mod tree;

pub(super) use sys::received;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// The argument that selects the role.
pub const ARGUMENT: &str = "__guard";

/// What marks every process of a run, in its environment.
pub const RUN_ID: &str = "SCENARIO_RUN_ID";

/// Becomes the guard if the program was started as one; then it does not come back. To be called first in `main`, before
/// there is any thread.
pub fn enter() {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == ARGUMENT)
    {
        master::main();
    }
}

/// Becomes the guard.
#[cfg(test)]
pub fn enter_in_test() -> ! {
    master::main()
}

/// Signals arrive as data from now on: the end of children, and requests to end.
fn listen() -> nix::Result<SignalFd> {
    let mut mask = SigSet::empty();
    for signal in [
        Signal::SIGCHLD,
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
        Signal::SIGQUIT,
        Signal::SIGPIPE,
        // A limit on file sizes shows as an error of the write instead.
        Signal::SIGXFSZ,
    ] {
        mask.add(signal);
    }
    mask.thread_block()?;
    mask.remove(Signal::SIGPIPE);
    mask.remove(Signal::SIGXFSZ);
    SignalFd::with_flags(&mask, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
}

/// What the signals say that came since.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    child: bool,
    end: bool,
}

fn hear(signals: &SignalFd) -> Heard {
    let mut heard = Heard::default();
    while let Ok(Some(info)) = signals.read_signal() {
        if info.ssi_signo == Signal::SIGCHLD as u32 {
            heard.child = true;
        } else {
            heard.end = true;
        }
    }
    heard
}

/// The number of a signal, by its name with or without `SIG`.
pub(super) fn signal_number(name: &str) -> Option<i32> {
    let name = name.trim().to_uppercase();
    let name = match name.strip_prefix("SIG") {
        Some(_) => name,
        None => format!("SIG{name}"),
    };
    name.parse::<Signal>().ok().map(|signal| signal as i32)
}
