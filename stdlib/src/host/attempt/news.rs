//! Bad news: what is kept for good although the script may catch it, and which of several errors is the root.

use super::{Attempt, lock};
use crate::host::alarm::Alarms;
use crate::host::clock::Stop;
use crate::host::duration;
use crate::host::failure::{Code, Failure, Kind};
use crate::host::record::{Level, Record};
use crate::host::scope::Extent;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long an error of traffic waits for the end of a service to be known as its root.
const PATIENCE: Duration = Duration::from_millis(150);

impl Attempt {
    /// Where something the scenario needs is to ring when it ends by itself.
    pub fn alarms_of_scenario(&self) -> Arc<Alarms> {
        self.scope(Extent::Scenario).locals().get()
    }

    /// What may ring while the scenario runs; `None` in clean-up, and while nothing can.
    pub(super) fn alarms(&self) -> Option<&Arc<Alarms>> {
        if self.lane.undoing {
            return None;
        }
        if let Some(alarms) = self.shared.alarms.get() {
            return Some(alarms);
        }
        let scopes = &self.world().scopes;
        if !scopes.is_used() {
            return None;
        }
        let scope = scopes.get(&self.owner(Extent::Scenario))?;
        Some(self.shared.alarms.get_or_init(|| scope.locals().get()))
    }

    /// The alarm that the script has to be stopped by now, if one rings.
    pub fn alarm(&self) -> Option<Failure> {
        let alarms = self.alarms()?;
        alarms
            .is_ringing()
            .then(|| alarms.raise(self.during().as_deref()))?
    }

    /// Puts alarms that no call of the script has told yet among the bad news. Called when the script is over.
    pub fn settle(&self) {
        while let Some(root) = self
            .alarms()
            .and_then(|alarms| alarms.keep(self.during().as_deref()))
        {
            self.keep(root);
        }
    }

    pub(super) fn during(&self) -> Option<String> {
        self.open_titles().pop()
    }

    /// Counts one claim that was checked, so that a scenario which asserts nothing can be told.
    pub fn count_assertion(&self) {
        self.shared.assertions.fetch_add(1, Ordering::Relaxed);
    }

    /// How many claims were checked.
    pub fn assertions(&self) -> u64 {
        self.shared.assertions.load(Ordering::Relaxed)
    }

    /// Adds where it happened and the last exchange; then, unless this is a poll, keeps it for good, so that
    /// catching it in the script does not un-fail the attempt.
    pub fn latch(&self, mut failure: Failure) -> Failure {
        if self.is_polling() {
            return failure;
        }
        if let Some(alarms) = self.alarms() {
            if failure.code == Code::Service {
                alarms.kept(&failure);
            } else {
                let is_traffic = matches!(failure.code, Code::Traffic | Code::WaitTimeout);
                if failure.code == Code::Traffic {
                    alarms.listen(PATIENCE);
                }
                if let Some(mut root) = alarms.keep(self.during().as_deref()) {
                    root.location.clone_from(&failure.location);
                    let root = self.keep(root.detail("seen as", failure.message.clone()));
                    if is_traffic {
                        return root;
                    }
                }
                if let Some(root) = alarms.root() {
                    failure = failure.detail("after", root);
                }
            }
        }
        self.keep(failure)
    }

    /// Keeps bad news for good.
    pub(super) fn keep(&self, mut failure: Failure) -> Failure {
        if failure.code == Code::Assertion && self.lane.softening.load(Ordering::Relaxed) > 0 {
            failure.soft = true;
        }
        if failure.steps.is_empty() {
            failure.steps = self.open_titles();
        }
        if failure.kind == Kind::Failure
            && !failure
                .details
                .iter()
                .any(|detail| detail.label == "last exchange")
            && let Some(exchange) = self.last_exchange()
        {
            failure = failure.detail("last exchange", exchange);
        }
        let mut latched = lock(&self.shared.latched);
        let known = latched
            .iter()
            .any(|old| old.message == failure.message && old.location == failure.location);
        if !known {
            latched.push(failure.clone());
            drop(latched);
            self.mark_scopes();
            self.record(Record::Failed {
                step: self.open_step(),
                failure: Box::new(failure.clone()),
            });
        }
        failure
    }

    /// What the scenario, its file and the run have open is kept when they are over.
    fn mark_scopes(&self) {
        self.world()
            .scopes
            .mark_failed(&self.owner(Extent::Scenario));
    }

    /// Remembers that the script skipped the rest of its phase, even if it caught that.
    pub fn skip(&self, reason: &str) {
        lock(&self.shared.skipped).get_or_insert_with(|| reason.to_owned());
    }

    /// The reason given to `skip`, if it was called.
    pub fn skipped(&self) -> Option<String> {
        lock(&self.shared.skipped).clone()
    }

    /// All bad news so far, in order.
    pub fn bad_news(&self) -> Vec<Failure> {
        lock(&self.shared.latched).clone()
    }

    /// The failure that a stop of the whole attempt is.
    pub fn stop_failure(&self, stop: &Stop) -> Failure {
        match stop {
            Stop::Deadline { what, after } => {
                let mut failure = Failure::new(
                    Kind::Fault,
                    Code::Timeout,
                    format!(
                        "{what} took longer than its timeout of {}",
                        duration::show(*after)
                    ),
                );
                let stopped_in = lock(&self.shared.stopped_in);
                if let Some(step) = &stopped_in.step {
                    failure = failure.detail("was in", &step.title);
                    failure.location = self.sources().line(&step.site);
                }
                failure.details.extend(stopped_in.seen.iter().cloned());
                failure.hint("raise it with the option `timeout`, or find out what it waits for")
            }
            Stop::Alarm(what) => Failure::product(Code::Service, what.clone()),
            Stop::Cancelled(reason) => {
                Failure::new(Kind::Fault, Code::Cancelled, format!("stopped: {reason}"))
            }
            Stop::Skipped(reason) => Failure::new(
                Kind::Usage,
                Code::Script,
                format!("`skip` ends a phase and cannot be used here: {reason}"),
            ),
            Stop::Limit(_) => Failure::product(
                Code::WaitTimeout,
                "the time of the surrounding wait ran out",
            ),
        }
    }

    /// Adds a log line.
    pub fn log(&self, level: Level, text: impl Into<String>) {
        self.record(Record::Log {
            step: self.open_step(),
            level,
            text: text.into(),
        });
    }
}
