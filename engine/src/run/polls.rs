//! Readiness polls: a few threads take them from one queue for as long as there are any. Handing each poll to a thread
//! of its own would cost more than the poll.

use super::job::{Answer, PollJob};
use super::pump::Note;
use super::threads::Threads;
use super::worker::Workshop;
use scenario_stdlib::host::clock::Clock;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How many polls may be under way at once.
const AT_ONCE: usize = 16;
/// How long a poll may wait for a thread before another thread helps: quick answers need one or two threads, and more
/// would only be in each other's way.
const PATIENCE: Duration = Duration::from_millis(5);

/// The queue of polls. Clones share it.
#[derive(Clone)]
pub struct Polls {
    workshop: Workshop,
    shared: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<(Instant, PollJob)>,
    threads: usize,
}

impl Polls {
    /// An empty queue whose polls are made by `workshop`.
    pub fn new(workshop: Workshop) -> Self {
        Self {
            workshop,
            shared: Arc::default(),
        }
    }

    /// Adds a poll; its answer comes as a note.
    pub fn add(&self, job: PollJob, threads: &Threads) {
        self.lock().jobs.push_back((Instant::now(), job));
        self.tend(threads);
    }

    /// Lets one more thread help if polls have to wait. Called now and then: those that are there may all be stuck.
    pub fn tend(&self, threads: &Threads) {
        let mut queue = self.lock();
        let Some((since, _)) = queue.jobs.front() else {
            return;
        };
        let is_enough = queue.threads > 0 && since.elapsed() < PATIENCE;
        if is_enough || queue.threads >= AT_ONCE {
            return;
        }
        queue.threads += 1;
        drop(queue);
        let mine = self.clone();
        if let Err(error) = threads.run(move || mine.work()) {
            self.cannot_work(&error);
        }
    }

    fn work(&self) {
        while let Some(mut job) = self.next() {
            let clock = Arc::new(Clock::start("one poll", job.timeout));
            let answer = self.workshop.poll(&mut job, &clock);
            self.workshop.notes.send(Note::Polled(job.phase, answer));
        }
    }

    fn next(&self) -> Option<PollJob> {
        let mut queue = self.lock();
        let job = queue.jobs.pop_front();
        if job.is_none() {
            queue.threads -= 1;
        }
        job.map(|(_, job)| job)
    }

    /// Without any thread the polls are answered here, so that their waits go on.
    fn cannot_work(&self, error: &std::io::Error) {
        let mut queue = self.lock();
        queue.threads -= 1;
        if queue.threads > 0 {
            return;
        }
        for (_, job) in std::mem::take(&mut queue.jobs) {
            let answer = Answer::NotYet {
                seen: format!("cannot start a thread: {error}"),
                exchange: None,
            };
            self.workshop.notes.send(Note::Polled(job.phase, answer));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.shared.lock().unwrap_or_else(|e| e.into_inner())
    }
}
