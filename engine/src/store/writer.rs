//! The thread that records a run. Whoever appends only encodes; everything that waits becomes one transaction.

use super::batch::Batch;
use super::error::StoreError;
use super::home::Home;
use super::lease::Lease;
use super::recorder::Recorder;
use super::reliance::{Reliance, Weight};
use super::retention::{Pruned, Retention};
use crate::model::{Event, RunId};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Encoded events that may wait; beyond it, whoever appends waits too. Some ten thousand: more would not be written sooner, and
/// each takes three times the room until it is published.
const CAPACITY: usize = 4 * 1024 * 1024;

/// How long light events wait for company, that is, what nobody waits for: shorter than a person sees. A commit costs about
/// as much as encoding a hundred events, and writes each page it touches whole.
const LINGER: Duration = Duration::from_millis(20);

/// Waiting bytes that are company enough.
const ENOUGH: usize = 1024 * 1024;

/// Records one run. Its thread owns the connection; nothing here blocks, unless the disk is too slow for what is appended.
///
/// After each commit the callback is told the position up to which events are safe: everything survives the end of this
/// process by any means, and whatever a later phase, scenario or resume relies on is on the disk. So a phase may start once
/// the results it needs were told. Bad news is told once; the run can go on without its record, and [`Finished`] says how
/// much is missing.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Ended>>,
    reliance: Reliance,
}

/// How the recording ended.
#[derive(Debug, Default)]
pub struct Finished {
    /// Why not everything is in the store; the callback was told the same.
    pub error: Option<StoreError>,
    /// Events that are not in the store.
    pub dropped: u64,
    pub pruned: Pruned,
    /// Trouble in tidying up afterwards; all events are in the store.
    pub untidy: Option<StoreError>,
}

#[derive(Default)]
struct Ended {
    pruned: Pruned,
    untidy: Option<StoreError>,
}

struct Shared {
    state: Mutex<State>,
    /// The thread waits for work, or for its time.
    work: Condvar,
    /// Whoever appends waits for room.
    room: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Batch,
    /// When the first of them came.
    since: Option<Instant>,
    /// Bytes of the batch that is being committed.
    in_flight: usize,
    closing: Option<Closing>,
    error: Option<StoreError>,
    /// The thread takes nothing more.
    is_over: bool,
    dropped: u64,
}

#[derive(Clone, Copy, Default)]
struct Closing {
    retention: Option<Retention>,
}

impl Writer {
    /// Records a new run. The store is made, if there is none, and opened by the thread, while the caller goes on.
    pub fn start(
        home: &Home,
        run: &RunId,
        on_commit: impl FnMut(Result<u64, StoreError>) + Send + 'static,
    ) -> Self {
        Self::resume(home, Lease::claim(run), on_commit)
    }

    /// Goes on recording a run, in the right of a lease got from [`Keeper::acquire`](super::Keeper::acquire). The writer
    /// keeps the lease alive and gives it back at the end.
    pub fn resume(
        home: &Home,
        lease: Lease,
        on_commit: impl FnMut(Result<u64, StoreError>) + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            room: Condvar::new(),
        });
        let mut on_commit = on_commit;
        let spawned = thread::Builder::new().name("store".into()).spawn({
            let shared = Arc::clone(&shared);
            let home = home.clone();
            move || {
                let _over = Over(&shared);
                work(&shared, &home, lease, &mut on_commit)
            }
        });
        let thread = match spawned {
            Ok(thread) => Some(thread),
            Err(error) => {
                // The callback went down with the thread; `finish` tells instead.
                let mut state = shared.lock();
                state.is_over = true;
                state.error = Some(StoreError::WriterDied {
                    detail: error.to_string(),
                });
                drop(state);
                None
            }
        };
        Self {
            shared,
            thread,
            reliance: Reliance::default(),
        }
    }

    /// Appends events, which go on from where the run's stream ended. Returns at once, as a rule before they are committed.
    pub fn append(&mut self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let mut state = self.shared.lock();
        while !state.is_over && state.waiting.bytes() + state.in_flight >= CAPACITY {
            state = wait(&self.shared.room, state);
        }
        if state.is_over {
            state.dropped += events.len() as u64;
            return;
        }
        let was_idle = state.waiting.is_empty();
        let was_urgent = state.is_urgent();
        for event in events {
            if let Err(error) = state.waiting.push(event) {
                state.dropped += 1;
                state.error.get_or_insert(error);
            }
            state.waiting.weight = state.waiting.weight.max(self.reliance.on(event));
        }
        if was_idle {
            state.since = Some(Instant::now());
        }
        if was_idle || (state.is_urgent() && !was_urgent) {
            self.shared.work.notify_one();
        }
    }

    /// Commits what waits, tidies up, and tells how it went.
    pub fn finish(mut self, retention: Option<Retention>) -> Finished {
        self.close(Closing { retention })
    }

    fn close(&mut self, closing: Closing) -> Finished {
        self.shared.lock().closing = Some(closing);
        self.shared.work.notify_one();
        let ended = match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(_)) | None => Ended::default(),
        };
        let mut state = self.shared.lock();
        Finished {
            error: state.error.take(),
            dropped: state.dropped,
            pruned: ended.pruned,
            untidy: ended.untidy,
        }
    }
}

/// A writer that is let go of on some early way out still records what it was given.
impl Drop for Writer {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.close(Closing::default());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn wait<'s>(condition: &Condvar, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
    condition.wait(state).unwrap_or_else(|e| e.into_inner())
}

impl State {
    /// Whether what waits should wait no longer.
    fn is_urgent(&self) -> bool {
        self.waiting.weight > Weight::Light
            || self.waiting.bytes() >= ENOUGH
            || self.closing.is_some()
    }
}

/// However the thread ends, by a panic too, nobody waits for it.
struct Over<'s>(&'s Shared);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_over = true;
        state.dropped += state.waiting.events;
        state.waiting.clear();
        if thread::panicking() {
            state.error.get_or_insert(StoreError::WriterDied {
                detail: "it panicked".into(),
            });
        }
        drop(state);
        self.0.room.notify_all();
    }
}

fn work(
    shared: &Shared,
    home: &Home,
    lease: Lease,
    on_commit: &mut dyn FnMut(Result<u64, StoreError>),
) -> Ended {
    let mut in_hand = Batch::default();
    let recorded = record(shared, home, lease, on_commit, &mut in_hand);
    match recorded {
        Ok((recorder, closing)) => {
            let (pruned, untidy) = match recorder.end(closing.retention) {
                Ok(pruned) => (pruned, None),
                Err(error) => (Pruned::default(), Some(error)),
            };
            Ended { pruned, untidy }
        }
        Err(error) => {
            let mut state = shared.lock();
            state.is_over = true;
            state.dropped += in_hand.events;
            state.error.get_or_insert_with(|| error.clone());
            drop(state);
            // Before the callback: it may take its time, and somebody may be waiting for room.
            shared.room.notify_all();
            on_commit(Err(error));
            Ended::default()
        }
    }
}

/// Commits until closed; `in_hand` is the batch that was not committed, if it fails.
fn record(
    shared: &Shared,
    home: &Home,
    lease: Lease,
    on_commit: &mut dyn FnMut(Result<u64, StoreError>),
    in_hand: &mut Batch,
) -> Result<(Recorder, Closing), StoreError> {
    let mut recorder = Recorder::open(home, lease)?;
    loop {
        let closing = next(shared, in_hand, recorder.heartbeat_due());
        recorder.commit(in_hand, closing.is_some())?;
        let committed = in_hand.last();
        in_hand.clear();
        shared.lock().in_flight = 0;
        shared.room.notify_all();
        if let Some(last) = committed {
            on_commit(Ok(last));
        }
        if let Some(closing) = closing {
            return Ok((recorder, closing));
        }
    }
}

/// Waits until there is something to commit, or the lease has to be renewed, and takes it. What is returned with a
/// [`Closing`] is the last.
fn next(shared: &Shared, batch: &mut Batch, heartbeat_due: Instant) -> Option<Closing> {
    let mut state = shared.lock();
    loop {
        let due = match state.since {
            _ if state.is_urgent() => break,
            Some(since) => heartbeat_due.min(since + LINGER),
            None => heartbeat_due,
        };
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let woken = shared.work.wait_timeout(state, left);
        state = woken.unwrap_or_else(|e| e.into_inner()).0;
    }
    std::mem::swap(&mut state.waiting, batch);
    state.since = None;
    state.in_flight = batch.bytes();
    state.closing
}
