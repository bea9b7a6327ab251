//! A keeper: one process of a run, its descendants, its pipes, its end. It answers to its host alone, and ends what is its
//! own when host or guard are gone.

use super::super::error::GuardError;
use super::super::kept::Kept;
use super::super::ledger::Ledger;
use super::super::log::capture::Capture;
use super::super::outcome::{Ended, Exit, How, Leftover};
use super::super::wire::{FromKeeper, Order, ToKeeper, Written};
use super::birth::{LAST_WORDS, Started};
use super::channel::Channel;
use super::ending::{Act, Ending};
use super::feed::Feed;
use super::hear;
use super::post::Post;
use super::start::{self, Streams};
use super::tree;
use crate::machine::{self, Seen};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::signalfd::SignalFd;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};
use std::collections::HashSet;
use std::io::PipeWriter;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The least time between two notes of how much was written.
const NOTE_EVERY: Duration = Duration::from_millis(2);

/// The most leftovers that are named.
const NAMED: usize = 20;

/// Where a keeper belongs.
pub struct Home {
    pub run: String,
    /// Where it can be found when it lives on.
    pub folder: Option<PathBuf>,
    /// Held open: it shows the next run that somebody still looks after these processes.
    pub ledger: Option<Ledger>,
}

pub struct Keeper {
    home: Home,
    /// Where the next host will come to, if there is to be one.
    post: Option<Post>,
    order: Order,
    host: Channel,
    signals: SignalFd,
    capture: Capture,
    stdin: Option<Feed>,
    ends: Option<(PipeWriter, PipeWriter)>,
    main: Pid,
    began: Instant,
    exit: Option<Exit>,
    command: Option<Pid>,
    ending: Ending,
    leftovers: Vec<Leftover>,
    survivors: Vec<Leftover>,
    /// Nothing is left, or what is cannot be killed.
    over: bool,
    noted: Written,
    noted_at: Instant,
}

impl Keeper {
    /// Looks after a process that was just started.
    pub fn new(
        mut home: Home,
        order: Order,
        host: Channel,
        signals: SignalFd,
        started: Started,
    ) -> Self {
        if let (Some(ledger), Some(seen)) = (&mut home.ledger, machine::look(started.pid.as_raw()))
        {
            ledger.process(&seen, &order.program.show());
        }
        Self {
            home,
            post: None,
            ending: Ending::new(order.stop.clone()),
            order,
            host,
            signals,
            capture: started.capture,
            stdin: started.stdin,
            ends: started.ends,
            main: started.pid,
            began: started.at,
            exit: None,
            command: None,
            leftovers: Vec::new(),
            survivors: Vec::new(),
            over: false,
            noted: Written::default(),
            noted_at: started.at,
        }
    }

    /// Until nothing is left.
    pub fn watch(mut self) -> nix::Result<()> {
        self.introduce();
        while !self.over {
            // Before every wait: words that cannot be sent tell that the host has gone, too.
            self.end_if_alone();
            self.wait()?;
            let heard = hear(&self.signals);
            if heard.end {
                let acts = self.ending.stop(Instant::now());
                self.act(acts);
            }
            self.listen_to_host();
            // Behind it: the former host may have gone just before the next one came.
            self.let_in();
            self.capture.take();
            if self.stdin.as_mut().is_some_and(|feed| !feed.push()) {
                self.stdin = None;
            }
            if heard.child {
                self.reap();
            }
            let acts = self.ending.due(Instant::now());
            self.act(acts);
            self.note(false);
        }
        self.finish();
        Ok(())
    }

    fn wait(&self) -> nix::Result<()> {
        let mut fds = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        if self.host.is_open() {
            let mut flags = PollFlags::POLLIN;
            flags.set(PollFlags::POLLOUT, !self.host.is_idle());
            fds.push(PollFd::new(self.host.fd(), flags));
        }
        let post = self.post.as_ref().map(Post::fd);
        fds.extend(post.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        let pipes = self.capture.fds();
        fds.extend(pipes.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        let feed = self.stdin.as_ref().map(Feed::fd);
        fds.extend(feed.map(|fd| PollFd::new(fd, PollFlags::POLLOUT)));
        let note = (self.capture.written() != self.noted && self.host.is_idle())
            .then(|| self.noted_at + NOTE_EVERY);
        let wake = [self.ending.wake(), note].into_iter().flatten().min();
        let timeout = match wake {
            // A millisecond more, so as not to wake just before.
            Some(at) => {
                let left = at.saturating_duration_since(Instant::now()).as_micros();
                PollTimeout::try_from(left.div_ceil(1000)).unwrap_or(PollTimeout::MAX)
            }
            None => PollTimeout::NONE,
        };
        match poll(&mut fds, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn listen_to_host(&mut self) {
        self.host.flush();
        self.host.receive();
        let now = Instant::now();
        while let Some(message) = self.host.next() {
            let acts = match message {
                ToKeeper::Stop => self.ending.stop(now),
                ToKeeper::Kill => self.ending.kill(now),
                ToKeeper::Detach => {
                    let result = self.detach();
                    self.host.send(&FromKeeper::Detached(result));
                    Vec::new()
                }
                ToKeeper::Own => {
                    self.post = None;
                    Vec::new()
                }
                ToKeeper::Signal(number) => {
                    self.signal_main(number);
                    Vec::new()
                }
                ToKeeper::SignalAll(number) => {
                    self.signal_all(number);
                    Vec::new()
                }
            };
            self.act(acts);
        }
    }

    /// Says who this is, to a host that has just come.
    fn introduce(&mut self) {
        self.host.send(&FromKeeper::Started {
            pid: self.main.as_raw(),
            keeper: getpid().as_raw(),
        });
        self.noted = Written::default();
        self.note(true);
        if let Some(exit) = self.exit.clone() {
            self.host.send(&FromKeeper::Exited(exit));
        }
    }

    /// Will live on when the host goes.
    fn detach(&mut self) -> Result<(), GuardError> {
        let refuse = |cause: String| GuardError::NotDetached {
            name: self.order.name.clone(),
            cause,
        };
        if self.post.is_some() {
            return Ok(());
        }
        let folder = self.home.folder.as_ref();
        let folder = folder.ok_or_else(|| refuse("there is no private directory for it".into()))?;
        let kept = Kept {
            run: self.home.run.clone(),
            owner: self.order.owner.clone(),
            name: self.order.name.clone(),
            pid: self.main.as_raw(),
            stdout: self.order.stdout.clone(),
            stderr: self.order.stderr.clone(),
            limits: self.order.limits,
            socket: PathBuf::new(),
        };
        let post = Post::open(folder, kept).map_err(|error| refuse(error.to_string()))?;
        prctl::set_pdeathsig(None).map_err(|error| refuse(error.to_string()))?;
        self.post = Some(post);
        Ok(())
    }

    /// Lets another host in, one at a time.
    fn let_in(&mut self) {
        while let Some(stream) = self.post.as_ref().and_then(Post::next) {
            let mut host = Channel::new(stream.into());
            host.go_on();
            if self.host.is_open() {
                let name = self.order.name.clone();
                host.send(&FromKeeper::Refused(GuardError::InUse { name }));
            } else {
                self.host = host;
                self.introduce();
            }
        }
    }

    /// Ends it by its plan when nobody asks for it any more.
    fn end_if_alone(&mut self) {
        if !self.host.is_open() && self.post.is_none() {
            let acts = self.ending.stop(Instant::now());
            self.act(acts);
        }
    }

    /// Takes note of every child that has ended, adopted ones too.
    fn reap(&mut self) {
        loop {
            let (pid, how) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, How::Code(code)),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, How::Signal(signal as i32)),
                Ok(WaitStatus::StillAlive) => return,
                Err(Errno::ECHILD) => {
                    // Whatever lives has a parent, and the last of those is the keeper: so nothing is left.
                    self.over = true;
                    return;
                }
                Ok(_) | Err(_) => continue,
            };
            let now = Instant::now();
            if pid == self.main {
                self.main_ended(how, now);
            } else if Some(pid) == self.command {
                self.command = None;
                let acts = self.ending.command_ended(how == How::Code(0), now);
                self.act(acts);
            }
        }
    }

    fn main_ended(&mut self, how: How, now: Instant) {
        let exit = Exit {
            how,
            after: now - self.began,
        };
        // What it wrote before it ended is in the pipes already.
        self.capture.take();
        self.note(true);
        self.host.send(&FromKeeper::Exited(exit.clone()));
        self.exit = Some(exit);
        self.stdin = None;
        self.ending.main_ended(now);
    }

    fn act(&mut self, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::RunCommand => self.run_stop_command(),
                Act::SignalMain => self.signal_main(self.stop_signal()),
                Act::SignalAll => self.signal_all(self.stop_signal()),
                Act::NoteLeftovers => self.leftovers = self.named(|_| true),
                Act::NoteEscaped => {
                    let mine = getpid().as_raw();
                    self.leftovers = self.named(|seen| seen.session != mine);
                }
                Act::KillAll => self.kill_all(),
                Act::GiveUp => {
                    self.survivors = self.named(|_| true);
                    self.over = true;
                }
            }
        }
    }

    fn stop_signal(&self) -> i32 {
        super::signal_number(&self.order.stop.signal).unwrap_or(Signal::SIGTERM as i32)
    }

    fn run_stop_command(&mut self) {
        let started = self.ends.take().and_then(|(stdout, stderr)| {
            let streams = Streams {
                stdin: Stdio::null(),
                stdout,
                stderr,
            };
            start::stop_command(&self.order, &self.home.run, streams)
        });
        match started {
            Some(child) => self.command = Some(Pid::from_raw(child.id() as i32)),
            None => {
                let acts = self.ending.command_ended(false, Instant::now());
                self.act(acts);
            }
        }
    }

    fn signal_main(&self, number: i32) {
        // Nobody but the keeper can reap it, so until then the number is its own.
        if let (None, Ok(signal)) = (&self.exit, Signal::try_from(number)) {
            let _ = kill(self.main, signal);
        }
    }

    fn signal_all(&self, number: i32) {
        let Ok(signal) = Signal::try_from(number) else {
            return;
        };
        let all = self.descendants();
        for seen in &all {
            tree::send(seen, signal);
        }
        if signal == Signal::SIGSTOP {
            self.stop_the_new(&all);
        }
        // One that is paused would not notice.
        if !matches!(signal, Signal::SIGSTOP | Signal::SIGCONT) && self.ending.asked().is_some() {
            for seen in &all {
                tree::send(seen, Signal::SIGCONT);
            }
        }
    }

    /// Whoever was in the middle of a fork when it was stopped has a child that nobody had seen. Some looks in a row that find
    /// nobody new are the end: who is stopped does not fork.
    fn stop_the_new(&self, stopped: &[Seen]) {
        const LOOKS: usize = 100;
        const IN_VAIN: usize = 5;
        const BETWEEN: Duration = Duration::from_millis(1);
        let key = |seen: &Seen| (seen.pid, seen.began);
        let mut known: HashSet<_> = stopped.iter().map(key).collect();
        let mut in_vain = 0;
        for _ in 0..LOOKS {
            std::thread::sleep(BETWEEN);
            let all = self.descendants();
            let new: Vec<&Seen> = all.iter().filter(|seen| known.insert(key(seen))).collect();
            for seen in &new {
                tree::send(seen, Signal::SIGSTOP);
            }
            in_vain = if new.is_empty() { in_vain + 1 } else { 0 };
            if in_vain == IN_VAIN {
                break;
            }
        }
    }

    fn kill_all(&mut self) {
        for leftover in &mut self.leftovers {
            leftover.killed |= std::path::Path::new(&format!("/proc/{}", leftover.pid)).exists();
        }
        for seen in self.descendants() {
            tree::send(&seen, Signal::SIGKILL);
        }
    }

    fn descendants(&self) -> Vec<Seen> {
        tree::descendants(getpid().as_raw())
    }

    /// Descendants, the main process and the stop command left out, by number and command line.
    fn named(&self, which: impl Fn(&Seen) -> bool) -> Vec<Leftover> {
        let mine = getpid().as_raw();
        let others = [Some(self.main), self.command].map(|pid| pid.map(Pid::as_raw));
        self.descendants()
            .into_iter()
            .filter(|seen| !others.contains(&Some(seen.pid)) && which(seen))
            .take(NAMED)
            .map(|seen| Leftover {
                pid: seen.pid,
                command: tree::command(seen.pid),
                escaped: seen.session != mine,
                killed: false,
            })
            .collect()
    }

    /// Tells the host how much was written, if there is news and it is time for it.
    fn note(&mut self, now: bool) {
        let written = self.capture.written();
        let is_due = now || (self.host.is_idle() && self.noted_at.elapsed() >= NOTE_EVERY);
        if written != self.noted && is_due && self.host.is_open() {
            self.host.send(&FromKeeper::Written(written.clone()));
            self.noted = written;
            self.noted_at = Instant::now();
        }
    }

    fn finish(mut self) {
        self.ends = None;
        self.capture.finish();
        self.note(true);
        let lost = Exit {
            how: How::Lost,
            after: self.began.elapsed(),
        };
        let ended = Ended {
            exit: self.exit.unwrap_or(lost),
            needed: self.ending.needed(),
            leftovers: self.leftovers,
            survivors: self.survivors,
            took: self
                .ending
                .asked()
                .map_or(Duration::ZERO, |at| at.elapsed()),
        };
        self.host.send(&FromKeeper::Ended(ended));
        self.host.close(LAST_WORDS);
    }
}
