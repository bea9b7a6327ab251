//! The guard itself: makes keepers, inherits what a killed keeper leaves and ends it, and clears up when the host is gone.

use super::super::ledger::Ledger;
use super::super::wire::{PACKET, Ready, ToGuard};
use super::birth::{self, Birth};
use super::directories::Directories;
use super::{cgroup, hear, listen, sys, tree};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::signalfd::SignalFd;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, send};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many descriptors may come with one message.
const MOST_PASSED: usize = 64;

/// How long the keepers may take when nothing else is known.
const PATIENCE: Duration = Duration::from_secs(10);

struct Master {
    control: OwnedFd,
    signals: SignalFd,
    run: String,
    ledger: Option<Ledger>,
    group: Option<PathBuf>,
    /// Of the ledgers.
    folder: Option<PathBuf>,
    keepers: HashMap<Pid, Keeper>,
    directories: Directories,
    /// Everything ends now; keepers may take until then.
    ending: Option<Instant>,
}

struct Keeper {
    /// It lives on when the host goes.
    detached: bool,
    patience: Duration,
}

/// Lives to the end of the host.
pub fn main() -> ! {
    let code = i32::from(live().is_err());
    std::process::exit(code)
}

fn live() -> nix::Result<()> {
    // Twice removed from the host: no child of it, no member of its group or session, and a single thread.
    if sys::divide()?.is_some() {
        return Ok(());
    }
    sys::close_the_rest();
    nix::unistd::setsid()?;
    nix::unistd::chdir("/")?;
    prctl::set_child_subreaper(true)?;
    prctl::set_name(c"scenario-guard")?;
    let signals = listen()?;
    let control = io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|_| Errno::EBADF)?;
    let null = File::open("/dev/null").map_err(|_| Errno::ENOENT)?;
    nix::unistd::dup2_stdin(&null)?;
    let Some((hello, _)) = receive(&control)? else {
        return Ok(());
    };
    let ToGuard::Hello {
        run,
        host,
        ledgers,
        temporary,
        grouped,
    } = hello
    else {
        return Err(Errno::EPROTO);
    };
    let create = |folder: &PathBuf| Ledger::create(folder, &run, host).ok();
    let mut ledger = ledgers.as_ref().and_then(create);
    let name = format!("scenario-{run}-{}", getpid());
    let group = if grouped { cgroup::enter(&name) } else { None };
    if let (Some(ledger), Some(group)) = (&mut ledger, &group) {
        ledger.cgroup(group);
    }
    let mut directories = Directories::default();
    let scratch = directories.scratch(&temporary);
    if let (Some(ledger), Ok(place)) = (&mut ledger, &scratch) {
        ledger.directory(place);
    }
    let ready = Ready {
        pid: getpid().as_raw(),
        cgroup: group.clone(),
        ledger: ledger.is_some(),
        scratch: scratch.map(|place| place.path),
    };
    let answer = serde_json::to_vec(&ready).map_err(|_| Errno::EPROTO)?;
    // A host that has gone meanwhile is noticed below, where everything is cleared up.
    let _ = send(control.as_raw_fd(), &answer, MsgFlags::MSG_NOSIGNAL);
    let mut master = Master {
        control,
        signals,
        run,
        ledger,
        group,
        folder: ledgers,
        keepers: HashMap::new(),
        directories,
        ending: None,
    };
    let birth = loop {
        if let Some(birth) = master.turn()? {
            break birth;
        }
        if master.ending.is_some() && master.is_alone() {
            master.clear_up();
            return Ok(());
        }
    };
    // This is a keeper now: what belonged to the guard is closed.
    drop(master);
    birth::main(birth)
}

impl Master {
    /// Waits for something to happen, and deals with it. In a new keeper it gives back what that has to do.
    fn turn(&mut self) -> nix::Result<Option<Birth>> {
        let mut fds = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        if self.ending.is_none() {
            fds.push(PollFd::new(self.control.as_fd(), PollFlags::POLLIN));
        }
        let timeout = match self.ending {
            Some(_) => PollTimeout::from(5_u8),
            None => PollTimeout::NONE,
        };
        match poll(&mut fds, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error),
        }
        let is_spoken_to = fds.get(1).and_then(PollFd::any).unwrap_or(false);
        let heard = hear(&self.signals);
        if heard.child {
            self.reap();
        }
        if heard.end {
            self.end();
            self.each_keeper(Signal::SIGTERM);
        }
        if self.ending.is_some_and(|until| Instant::now() >= until) {
            self.each_keeper(Signal::SIGKILL);
        }
        self.end_orphans();
        if is_spoken_to {
            return self.listen_to_host();
        }
        Ok(None)
    }

    fn listen_to_host(&mut self) -> nix::Result<Option<Birth>> {
        match receive(&self.control)? {
            None => self.end(),
            Some((ToGuard::Hello { .. }, _)) => {}
            Some((ToGuard::Bye, _)) => {
                self.end();
                self.each_keeper(Signal::SIGTERM);
            }
            Some((ToGuard::Remove(path), _)) => {
                if let Some(place) = self.directories.add(path)
                    && let Some(ledger) = &mut self.ledger
                {
                    ledger.directory(&place);
                }
            }
            Some((ToGuard::Keep(path), _)) => {
                self.directories.keep(&path);
                if let Some(ledger) = &mut self.ledger {
                    ledger.keep(&path);
                }
            }
            Some((ToGuard::Detached(pid), _)) => {
                if let Some(keeper) = self.keepers.get_mut(&Pid::from_raw(pid)) {
                    keeper.detached = true;
                }
            }
            Some((ToGuard::Fork { patience }, fds)) => return self.make_keeper(patience, fds),
        }
        Ok(None)
    }

    fn make_keeper(
        &mut self,
        patience: Duration,
        mut fds: Vec<OwnedFd>,
    ) -> nix::Result<Option<Birth>> {
        if fds.is_empty() {
            return Ok(None);
        }
        let stream = fds.remove(0);
        let guard = getpid();
        let ledger = self.ledger.as_ref().and_then(Ledger::another);
        match sys::divide() {
            Ok(None) => Ok(Some(Birth {
                run: self.run.clone(),
                guard,
                folder: self.folder.clone(),
                stream,
                passed: fds,
                ledger,
            })),
            Ok(Some(pid)) => {
                let detached = false;
                self.keepers.insert(pid, Keeper { detached, patience });
                Ok(None)
            }
            // The host sees its stream end before anything was said.
            Err(_) => Ok(None),
        }
    }

    fn reap(&mut self) {
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..)) => {
                    self.keepers.remove(&pid);
                }
                Ok(WaitStatus::StillAlive) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// Whatever is a child and no keeper was left behind by a keeper that was killed.
    fn end_orphans(&mut self) {
        for pid in tree::children(getpid().as_raw()) {
            if !self.keepers.contains_key(&Pid::from_raw(pid)) {
                // A child that nobody has reaped keeps its number.
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
    }

    fn end(&mut self) {
        if self.ending.is_none() {
            let longest = self.keepers.values().map(|keeper| keeper.patience).max();
            self.ending = Some(Instant::now() + longest.unwrap_or(PATIENCE));
        }
    }

    fn each_keeper(&self, signal: Signal) {
        for (pid, keeper) in &self.keepers {
            if !keeper.detached {
                let _ = kill(*pid, signal);
            }
        }
    }

    /// Whether only what lives on is left.
    fn is_alone(&self) -> bool {
        let children = tree::children(getpid().as_raw());
        children.iter().all(|pid| {
            let keeper = self.keepers.get(&Pid::from_raw(*pid));
            keeper.is_some_and(|keeper| keeper.detached)
        })
    }

    fn clear_up(&mut self) {
        self.directories.remove();
        let lives_on = self.keepers.values().any(|keeper| keeper.detached);
        if let Some(group) = &self.group {
            cgroup::leave(group);
            if !lives_on {
                cgroup::clear(group);
            }
        }
        if let Some(ledger) = self.ledger.take()
            && !lives_on
        {
            ledger.close();
        }
    }
}

/// The next message and the descriptors that came with it; `None` when the host is gone.
fn receive(control: &OwnedFd) -> nix::Result<Option<(ToGuard, Vec<OwnedFd>)>> {
    let mut bytes = vec![0; PACKET];
    let mut space = cmsg_space!([RawFd; MOST_PASSED]);
    loop {
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let got = recvmsg::<()>(
            control.as_raw_fd(),
            &mut parts,
            Some(&mut space),
            MsgFlags::MSG_CMSG_CLOEXEC,
        );
        let message = match got {
            Ok(message) => message,
            Err(Errno::EINTR) => continue,
            Err(Errno::ECONNRESET) => return Ok(None),
            Err(error) => return Err(error),
        };
        let fds = message
            .cmsgs()?
            .filter_map(|part| match part {
                ControlMessageOwned::ScmRights(fds) => Some(fds),
                _ => None,
            })
            .flatten()
            .map(sys::received)
            .collect();
        let length = message.bytes;
        if length == 0 {
            return Ok(None);
        }
        match serde_json::from_slice(&bytes[..length]) {
            Ok(message) => return Ok(Some((message, fds))),
            Err(_) => continue,
        }
    }
}
