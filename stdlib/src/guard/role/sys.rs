//! The few calls that Rust cannot check. Everything else of the guard is safe code.
#![expect(
    unsafe_code,
    reason = "forking, received descriptors, and what happens between fork and exec"
)]

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{ForkResult, Pid, fork, getppid};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Divides this process; `None` in the child.
pub fn divide() -> nix::Result<Option<Pid>> {
    // SAFETY: guard and keepers have a single thread, so no lock is held by another one at this moment.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => Ok(None),
    }
}

/// Takes a descriptor that came in a message.
pub fn received(fd: RawFd) -> OwnedFd {
    // SAFETY: the kernel made this descriptor for us while it handed over the message, and nobody else knows it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Makes `fd` the descriptor `number`, inherited by whatever is executed next. The caller knows that nothing else owns it.
pub fn place(fd: &OwnedFd, number: RawFd) -> nix::Result<OwnedFd> {
    // SAFETY: the caller has just closed everything that could be `number`, see `keeper::arrange`.
    unsafe { nix::unistd::dup2_raw(fd, number) }
}

/// Closes everything but the standard streams: whatever the host had inherited itself is no concern of a guard.
pub fn close_the_rest() {
    // SAFETY: called before the guard has opened anything, so nothing in this process owns what is closed. An old kernel
    // refuses, and then it stays open.
    unsafe {
        nix::libc::syscall(nix::libc::SYS_close_range, 3, u32::MAX, 0);
    }
}

/// Undoes for the process what its keeper has set up for itself, and has the kernel kill it when its keeper, the caller, is
/// gone.
pub fn set_apart(command: &mut Command) {
    let keeper = nix::unistd::getpid();
    let arm = move || {
        SigSet::empty().thread_set_mask()?;
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        // The keeper may have gone before that was armed.
        if getppid() == keeper {
            Ok(())
        } else {
            Err(io::Error::from_raw_os_error(nix::libc::ESRCH))
        }
    };
    // SAFETY: these calls may be made between fork and exec, and nothing here allocates.
    unsafe {
        command.pre_exec(arm);
    }
}
