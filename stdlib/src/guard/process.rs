//! The host's end of one guarded process.

use super::error::GuardError;
use super::kept::{Hold, Kept};
use super::log::Log;
use super::outcome::{Ended, Exit, How, Needed};
use super::role;
use super::wire::{FromKeeper, Inbox, Order, ToKeeper, Written, frame};
use serde::de::DeserializeOwned;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, watch};

/// A process under the guard. Clones are the same process; when the last is dropped, the process is ended in the
/// background, unless it was [detached](super::Guard::detach).
#[derive(Clone, Debug)]
pub struct Process {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pid: i32,
    keeper_pid: i32,
    name: String,
    /// Its keeper ends the process when this end of the stream is closed.
    keeper: Mutex<OwnedWriteHalf>,
    state: watch::Receiver<State>,
    log: Log,
}

/// What is known of it.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub written: Written,
    pub exit: Option<Exit>,
    pub ended: Option<Ended>,
    pub detached: Option<Result<(), GuardError>>,
}

impl Process {
    /// Gives a new keeper its order, and waits until the process executes.
    pub(super) async fn start(
        stream: UnixStream,
        order: Order,
        request: Vec<u8>,
    ) -> Result<Self, GuardError> {
        let place = Log::place(order.stdout, order.stderr, order.limits);
        Self::begin(stream, order.name, place, request).await
    }

    /// Takes over a process that lives on.
    pub(super) async fn adopt(
        stream: UnixStream,
        kept: &Kept,
        hold: Hold,
    ) -> Result<Self, GuardError> {
        let place = Log::place(kept.stdout.clone(), kept.stderr.clone(), kept.limits);
        let request = match hold {
            Hold::Own => frame(&ToKeeper::Own),
            Hold::Use => Vec::new(),
        };
        Self::begin(stream, kept.name.clone(), place, request).await
    }

    async fn begin(
        stream: UnixStream,
        name: String,
        log: impl FnOnce(watch::Receiver<State>) -> Log,
        request: Vec<u8>,
    ) -> Result<Self, GuardError> {
        let gone = |_| GuardError::Gone;
        stream.set_nonblocking(true).map_err(gone)?;
        let stream = tokio::net::UnixStream::from_std(stream).map_err(gone)?;
        let (read, mut keeper) = stream.into_split();
        // Why it is not taken, if it is not, is told by the answer.
        let _ = keeper.write_all(&request).await;
        let mut words = Words::new(read);
        let (pid, keeper_pid) = match words.next::<FromKeeper>().await {
            Some(FromKeeper::Started { pid, keeper }) => (pid, keeper),
            Some(FromKeeper::Refused(refused)) => return Err(refused),
            _ => return Err(GuardError::Gone),
        };
        let (sender, state) = watch::channel(State::default());
        tokio::spawn(listen(words, sender));
        let shared = Shared {
            pid,
            keeper_pid,
            name,
            keeper: Mutex::new(keeper),
            log: log(state.clone()),
            state,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// The number of the main process.
    pub fn pid(&self) -> i32 {
        self.shared.pid
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Resolves as soon as the main process has ended and all it wrote is in the log; any number may wait.
    pub async fn exited(&self) -> Exit {
        self.until(|state| state.exit.clone()).await
    }

    /// How the main process ended, if it has.
    pub fn try_exit(&self) -> Option<Exit> {
        self.shared.state.borrow().exit.clone()
    }

    /// Sends a signal to the main process, by name: `HUP`, `SIGUSR1`. One that has ended does not mind.
    pub async fn signal(&self, name: &str) -> Result<(), GuardError> {
        let number = role::signal_number(name).ok_or_else(|| GuardError::NoSignal {
            name: name.to_owned(),
        })?;
        self.tell(&ToKeeper::Signal(number)).await
    }

    /// Stops (as in Ctrl-Z) the main process and all its descendants.
    pub async fn pause(&self) -> Result<(), GuardError> {
        self.tell(&ToKeeper::SignalAll(nix::libc::SIGSTOP)).await
    }

    /// Lets them go on.
    pub async fn resume(&self) -> Result<(), GuardError> {
        self.tell(&ToKeeper::SignalAll(nix::libc::SIGCONT)).await
    }

    /// Ends it by its plan, with all its descendants; resolves when none is left. Asked twice, it answers the same.
    pub async fn stop(&self) -> Ended {
        // A keeper that is gone has ended everything, or the guard has.
        let _ = self.tell(&ToKeeper::Stop).await;
        self.ended().await
    }

    /// Ends it, with all its descendants, by KILL at once.
    pub async fn kill(&self) -> Ended {
        let _ = self.tell(&ToKeeper::Kill).await;
        self.ended().await
    }

    /// The number of its keeper.
    pub(super) fn keeper(&self) -> i32 {
        self.shared.keeper_pid
    }

    /// Has its keeper wait for another host when this one goes.
    pub(super) async fn detach(&self) -> Result<(), GuardError> {
        self.tell(&ToKeeper::Detach).await?;
        let ended = Err(GuardError::Gone);
        self.until(|state| {
            let is_over = state.ended.as_ref().map(|_| ended.clone());
            state.detached.clone().or(is_over)
        })
        .await
    }

    /// Resolves when nothing of it is left, whoever ended it.
    pub async fn ended(&self) -> Ended {
        self.until(|state| state.ended.clone()).await
    }

    /// The whole story, if nothing is left.
    pub fn try_ended(&self) -> Option<Ended> {
        self.shared.state.borrow().ended.clone()
    }

    /// What it wrote.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    async fn tell(&self, message: &ToKeeper) -> Result<(), GuardError> {
        if self.try_ended().is_some() {
            return Ok(());
        }
        let bytes = frame(message);
        let mut keeper = self.shared.keeper.lock().await;
        keeper.write_all(&bytes).await.map_err(|_| GuardError::Gone)
    }

    async fn until<T>(&self, known: impl Fn(&State) -> Option<T>) -> T {
        let mut state = self.shared.state.clone();
        // The sender says how it ended before it goes, so this cannot fail.
        let _ = state.wait_for(|state| known(state).is_some()).await;
        let found = known(&state.borrow());
        match found {
            Some(value) => value,
            None => std::future::pending().await,
        }
    }
}

/// Takes what the keeper says, to its last word.
async fn listen(mut words: Words, state: watch::Sender<State>) {
    let began = Instant::now();
    while let Some(word) = words.next().await {
        state.send_modify(|state| match word {
            FromKeeper::Written(written) => state.written = written,
            FromKeeper::Exited(exit) => state.exit = Some(exit),
            FromKeeper::Ended(ended) => {
                state.exit.get_or_insert_with(|| ended.exit.clone());
                state.ended = Some(ended);
            }
            FromKeeper::Detached(result) => state.detached = Some(result),
            FromKeeper::Started { .. } | FromKeeper::Refused(_) => {}
        });
    }
    state.send_modify(|state| {
        if state.ended.is_none() {
            let lost = || Exit {
                how: How::Lost,
                after: began.elapsed(),
            };
            let exit = state.exit.get_or_insert_with(lost).clone();
            state.ended = Some(Ended {
                exit,
                needed: Needed::Nothing,
                leftovers: Vec::new(),
                survivors: Vec::new(),
                took: Duration::ZERO,
            });
        }
    });
}

/// The messages of a keeper.
struct Words {
    stream: OwnedReadHalf,
    inbox: Inbox,
}

impl Words {
    fn new(stream: OwnedReadHalf) -> Self {
        Self {
            stream,
            inbox: Inbox::default(),
        }
    }

    /// The next one; `None` when the keeper has gone.
    async fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut some = [0; 4096];
        loop {
            if let Some(word) = self.inbox.next() {
                return Some(word);
            }
            match self.stream.read(&mut some).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.inbox.push(&some[..count]),
            }
        }
    }
}
