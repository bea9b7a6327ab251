//! The start of a stack, as seen by the threads that each start one service.

use crate::host::attempt::Attempt;
use crate::service::running::Service;
use crate::service::start::Unstarted;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The start of a stack, as seen by the threads that each start one service.
#[derive(Default)]
pub struct Board {
    inner: Mutex<Progress>,
    changed: Condvar,
    pub abort: CancellationToken,
}

/// How far it has come.
#[derive(Default)]
pub struct Progress {
    /// In the order in which they became so.
    pub ready: Vec<Service>,
    /// The root, and whose it is.
    pub failed: Option<(String, Unstarted)>,
}

/// How often a thread that waits for the services it needs looks whether it is stopped.
const GLANCE: Duration = Duration::from_millis(50);

impl Board {
    /// Waits until all of `needs` are ready; `None` when that will never be.
    pub fn wait_for(&self, attempt: &Attempt, needs: &[String]) -> Option<Vec<Service>> {
        let mut progress = self.lock();
        loop {
            if progress.failed.is_some() || self.abort.is_cancelled() {
                return None;
            }
            let found: Vec<Service> = progress
                .ready
                .iter()
                .filter(|service| needs.iter().any(|need| need == service.name()))
                .cloned()
                .collect();
            if found.len() == needs.len() {
                return Some(found);
            }
            if let Some(stop) = attempt.stopped() {
                progress.failed = Some((String::new(), Unstarted::Stopped(stop)));
                drop(progress);
                self.give_up();
                return None;
            }
            let waited = self.changed.wait_timeout(progress, GLANCE);
            progress = waited.unwrap_or_else(|e| e.into_inner()).0;
        }
    }

    /// A service is ready.
    pub fn succeeded(&self, service: Service) {
        self.lock().ready.push(service);
        self.changed.notify_all();
    }

    /// The first failure is the root; those that follow from it say nothing.
    pub fn failed(&self, service: &str, cause: Unstarted) {
        if !matches!(cause, Unstarted::Aborted) {
            self.lock()
                .failed
                .get_or_insert((service.to_owned(), cause));
        }
        self.give_up();
    }

    /// What came of it, when all threads have ended.
    pub fn take(&self) -> Progress {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Nobody waits for what will never be.
    pub fn give_up(&self) {
        self.abort.cancel();
        self.changed.notify_all();
    }
}
