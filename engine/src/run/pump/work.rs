//! Work on threads: attempts, and the end of what outlives them.

use super::{Note, Pump};
use crate::model::{AttemptKey, PhaseKey, What};
use crate::run::dispatcher::Msg;
use crate::run::job::{Job, Report};
use crate::run::worker::Workshop;
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::scope::Owner;
use std::sync::Arc;

impl Pump<'_> {
    pub(super) fn execute(&mut self, job: Job) {
        let clock = Arc::new(Clock::start(job.timeout_of.clone(), job.timeout));
        self.clocks.insert(job.key.clone(), clock.clone());
        let workshop = self.workshop.clone();
        let key = job.key.clone();
        let started = self.threads.run(move || {
            let report = workshop.execute(&job, &clock);
            workshop.notes.send(Note::Ended(job.key, report));
        });
        if let Err(error) = started {
            self.clocks.remove(&key);
            self.give_up_on(key, no_thread(&error));
        }
    }

    /// Ends an attempt that cannot end by itself.
    pub(super) fn give_up_on(&mut self, key: AttemptKey, failure: Failure) {
        self.wanting.forget(&key);
        self.emit(What::PhaseFailed {
            phase: key.phase.clone(),
            failure: Box::new(failure),
        });
        self.tell(Msg::Ended {
            key,
            report: Report::hopeless(),
        });
    }

    pub(super) fn cancel(&mut self, key: &AttemptKey, reason: &str) {
        if let Some(clock) = self.clocks.get(key) {
            clock.cancel(reason);
        } else if let Some(place) = self.held.iter().position(|(_, job)| job.key == *key) {
            // Not begun yet: it begins stopped, so that it ends like any other.
            if let Some((_, job)) = self.held.remove(place) {
                self.execute(job);
                self.cancel(key, reason);
            }
        }
    }

    /// Ends what outlived the phases of a try, which for most is nothing.
    pub(super) fn clean_up(&mut self, key: AttemptKey) {
        let owner = try_of(&key.phase);
        if !self.workshop.has_left(&key.phase, &owner) {
            let report = Report::nothing();
            return self.again.push_back(Msg::Ended { key, report });
        }
        let clock = self.cleaning_clock();
        self.clocks.insert(key.clone(), clock.clone());
        let workshop = self.workshop.clone();
        let mine = key.clone();
        let started = self.threads.run(move || {
            let report = workshop.close_try(&mine, &owner, &clock);
            workshop.notes.send(Note::Ended(mine, report));
        });
        if let Err(error) = started {
            self.clocks.remove(&key);
            self.give_up_on(key, no_thread(&error));
        }
    }

    /// Leaves behind what a parked try keeps.
    pub(super) fn let_go(&mut self, owner: &Owner) {
        if let Some(scope) = self.workshop.library.world().scopes.close(owner) {
            self.finish_later(owner.clone(), move |workshop, clock| {
                workshop.let_go(&scope, clock);
            });
        }
    }

    /// Ends what a file or the run shared.
    pub(super) fn close_scope(&mut self, owner: Owner) {
        if !self.workshop.library.world().scopes.is_open(&owner) {
            return;
        }
        let mine = owner.clone();
        self.finish_later(owner, move |workshop, clock| {
            workshop.close_shared(&mine, clock)
        });
    }

    /// Does something on a thread of its own that the run has to wait for.
    fn finish_later(
        &mut self,
        owner: Owner,
        work: impl FnOnce(&Workshop, &Arc<Clock>) + Send + 'static,
    ) {
        let clock = self.cleaning_clock();
        let workshop = self.workshop.clone();
        let held = clock.clone();
        let mine = owner.clone();
        let started = self.threads.run(move || {
            work(&workshop, &clock);
            workshop.notes.send(Note::Closed(mine));
        });
        match started {
            Ok(()) => drop(self.closing.insert(owner, held)),
            Err(error) => self.emit(What::Warned {
                text: no_thread(&error).render(),
            }),
        }
    }

    fn cleaning_clock(&self) -> Arc<Clock> {
        let scale = self.workshop.library.world().time_scale;
        let limit = self.workshop.cleanup_timeout.mul_f64(scale);
        let clock = Arc::new(Clock::start("clean-up", limit));
        if self.hurried {
            clock.cancel("stopped at once");
        }
        clock
    }
}

/// Whose the services of a try are.
pub(super) fn try_of(phase: &PhaseKey) -> Owner {
    Owner::Try {
        scenario: phase.scenario.to_string(),
        round: phase.round,
        try_number: phase.try_number,
    }
}

fn no_thread(error: &std::io::Error) -> Failure {
    Failure::fault(format!("cannot start a thread: {error}"))
        .hint("lower --jobs, or raise the limit of processes (ulimit -u)")
}
