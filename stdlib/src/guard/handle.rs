//! The host's end of the guard.

use super::containment::{Containment, LEVEL};
use super::error::GuardError;
use super::process::Process;
use super::role::{ARGUMENT, RUN_ID};
use super::spawn::{Spawn, Stdin};
use super::wire::{self, Order, Ready, ToGuard};
use crate::host::world::World;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, recv, sendmsg, setsockopt,
    socketpair, sockopt,
};
use nix::sys::time::TimeVal;
use std::io::IoSlice;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long the guard may take to say that it is there.
const START_LIMIT: i64 = 20;

/// The guard of this process. Dropping it, or dying, ends everything it started.
#[derive(Debug)]
pub struct Guard {
    control: OwnedFd,
    pid: i32,
    containment: Containment,
    scratch: Result<PathBuf, GuardError>,
}

/// The guard of a run, once there is one; a new one when it was killed.
#[derive(Default)]
struct Post {
    guard: Mutex<Option<Arc<Guard>>>,
}

impl Guard {
    /// The guard of this run, started on first need.
    pub fn of(world: &World) -> Result<Arc<Self>, GuardError> {
        let post = world.shared.get::<Post>();
        let mut guard = post.guard.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(guard) = guard.as_ref().filter(|guard| guard.is_there()) {
            return Ok(guard.clone());
        }
        let new = Arc::new(Self::start(&world.run_id, world.ledgers.clone())?);
        *guard = Some(new.clone());
        Ok(new)
    }

    /// The guard of this run, if it was ever needed.
    pub fn existing(world: &World) -> Option<Arc<Self>> {
        let post = world.shared.get::<Post>();
        post.guard.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Starts a guard for the run of that id, with a ledger in the folder `ledgers`.
    pub fn start(run: &str, ledgers: Option<PathBuf>) -> Result<Self, GuardError> {
        let trouble = |cause: String| GuardError::Start { cause };
        let (control, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )
        .map_err(|error| trouble(error.to_string()))?;
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0("scenario")
            .args(role_arguments())
            .env_clear()
            .env(RUN_ID, run)
            .stdin(theirs)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // So that no Ctrl-C reaches it before it has a session of its own.
            .process_group(0);
        let spawned = undisturbed(|| command.spawn());
        let mut child = spawned.map_err(|error| trouble(error.to_string()))?;
        drop(command);
        let limit = TimeVal::new(START_LIMIT, 0);
        setsockopt(&control, sockopt::ReceiveTimeout, &limit)
            .map_err(|error| trouble(error.to_string()))?;
        let has_ledger = ledgers.is_some();
        let hello = ToGuard::Hello {
            run: run.to_owned(),
            host: std::process::id() as i32,
            ledgers,
            temporary: std::env::temp_dir(),
            grouped: std::env::var_os(LEVEL).is_none_or(|level| level != "guard"),
        };
        let answer = send(&control, &hello, &[]).and_then(|()| receive(&control));
        // It has divided itself by now, or failed.
        let _ = child.wait();
        let ready = answer.map_err(|error| trouble(error.to_string()))?;
        let ready: Ready = serde_json::from_slice(&ready)
            .map_err(|_| trouble("it ended at once, or is another program".into()))?;
        Ok(Self {
            control,
            pid: ready.pid,
            containment: Containment {
                cgroup: ready.cgroup,
                ledger: has_ledger && ready.ledger,
            },
            scratch: ready.scratch,
        })
    }

    /// The number of the guard process.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// What holds the processes in.
    pub fn containment(&self) -> &Containment {
        &self.containment
    }

    fn is_there(&self) -> bool {
        let mut none = [0; 1];
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_PEEK;
        matches!(
            recv(self.control.as_raw_fd(), &mut none, flags),
            Err(nix::errno::Errno::EAGAIN)
        )
    }

    /// Starts a process. Answers once it executes; fails when it cannot. Must be awaited inside the runtime.
    pub async fn spawn(&self, spawn: Spawn) -> Result<Process, GuardError> {
        if super::role::signal_number(&spawn.stop.signal).is_none() {
            return Err(GuardError::NoSignal {
                name: spawn.stop.signal,
            });
        }
        let order = Order {
            owner: spawn.owner,
            name: spawn.name,
            program: spawn.program,
            env: spawn.env,
            cwd: whole(&spawn.cwd),
            has_stdin: spawn.stdin != Stdin::Null,
            stdout: whole(&spawn.stdout),
            stderr: whole(&spawn.stderr),
            limits: spawn.limits,
            stop: spawn.stop,
            user: spawn.user,
        };
        let trouble = |error: std::io::Error| GuardError::Spawn {
            what: order.program.show(),
            cause: error.to_string(),
        };
        let (mine, theirs) = UnixStream::pair().map_err(trouble)?;
        let theirs = OwnedFd::from(theirs);
        let mut fds = vec![theirs.as_raw_fd()];
        fds.extend(spawn.pass_fds.iter().map(AsRawFd::as_raw_fd));
        let fork = ToGuard::Fork {
            patience: order.stop.grace * 3 + Duration::from_secs(10),
        };
        send(&self.control, &fork, &fds).map_err(|_| GuardError::Gone)?;
        drop(theirs);
        let mut request = wire::frame(&order);
        if let Stdin::Bytes(bytes) = &spawn.stdin {
            request.extend(wire::raw_frame(bytes));
        }
        Process::start(mine, order, request).await
    }

    /// Has a directory removed, with all in it, when the run is over, also when it was killed.
    pub fn remove_on_end(&self, path: &Path) -> Result<(), GuardError> {
        self.tell(&ToGuard::Remove(whole(path)))
    }

    /// Takes [`Guard::remove_on_end`] back.
    pub fn keep(&self, path: &Path) -> Result<(), GuardError> {
        self.tell(&ToGuard::Keep(whole(path)))
    }

    /// A private directory for what nobody will look at later; it goes with the guard.
    pub fn scratch(&self) -> Result<&Path, GuardError> {
        self.scratch.as_deref().map_err(GuardError::clone)
    }

    /// Lets a process live on when this host goes. Until another host adopts it (see [`super::kept`]), its keeper ends it
    /// only when it is asked to by a signal.
    pub async fn detach(&self, process: &Process) -> Result<(), GuardError> {
        process.detach().await?;
        self.tell(&ToGuard::Detached(process.keeper()))
    }

    fn tell(&self, message: &ToGuard) -> Result<(), GuardError> {
        send(&self.control, message, &[]).map_err(|_| GuardError::Gone)
    }

    /// Ends everything in order and waits until nothing is left, for as long as `limit`. Whether that was enough.
    pub fn finish(&self, limit: Duration) -> bool {
        if self.tell(&ToGuard::Bye).is_err() {
            return true;
        }
        let seconds = i64::try_from(limit.as_secs()).unwrap_or(i64::MAX);
        let limit = TimeVal::new(seconds, limit.subsec_micros().into());
        let _ = setsockopt(&self.control, sockopt::ReceiveTimeout, &limit);
        // It says nothing more: this ends with it.
        matches!(receive(&self.control), Ok(rest) if rest.is_empty())
    }
}

/// The guard and its keepers live in another directory.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(not(test))]
fn role_arguments() -> &'static [&'static str] {
    &[ARGUMENT]
}

/// The test program becomes a guard through a test that is left out otherwise.
#[cfg(test)]
fn role_arguments() -> &'static [&'static str] {
    &[
        "--ignored",
        "--exact",
        "guard::tests::role",
        "--test-threads=1",
        ARGUMENT,
    ]
}

fn send(control: &OwnedFd, message: &ToGuard, fds: &[RawFd]) -> nix::Result<()> {
    let bytes = serde_json::to_vec(message).map_err(|_| nix::errno::Errno::EINVAL)?;
    if bytes.len() > wire::PACKET {
        return Err(nix::errno::Errno::EMSGSIZE);
    }
    let parts = [IoSlice::new(&bytes)];
    let rights = [ControlMessage::ScmRights(fds)];
    let rights = if fds.is_empty() { &[][..] } else { &rights[..] };
    let flags = MsgFlags::MSG_NOSIGNAL;
    sendmsg::<()>(control.as_raw_fd(), &parts, rights, flags, None).map(drop)
}

/// What the guard says; nothing when it has gone.
fn receive(control: &OwnedFd) -> nix::Result<Vec<u8>> {
    let mut bytes = vec![0; wire::PACKET];
    loop {
        match recv(control.as_raw_fd(), &mut bytes, MsgFlags::empty()) {
            Ok(length) => {
                bytes.truncate(length);
                return Ok(bytes);
            }
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Does it while no Ctrl-C reaches this thread. A process that is born meanwhile is deaf to it, too, until it listens: for a
/// moment it is still in the group of its parent, where the terminal would end it.
fn undisturbed<T>(work: impl FnOnce() -> T) -> T {
    let mut ends = SigSet::empty();
    for signal in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGQUIT,
    ] {
        ends.add(signal);
    }
    let before = ends.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok();
    let done = work();
    if let Some(before) = before {
        let _ = before.thread_set_mask();
    }
    done
}
