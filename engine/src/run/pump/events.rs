//! Events on their way: numbered, masked, stored, and published once they are durable. What builds on a result waits until
//! that is.

use super::work::try_of;
use super::{BEAT, MANY, Note, Pump};
use crate::model::{Event, PhaseState, What};
use crate::run::job::Job;
use jiff::Timestamp;
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::mask::Masker;
use scenario_stdlib::host::record::Record;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long the last events may take to become durable.
const STORING_LIMIT: Duration = Duration::from_secs(30);

impl Pump<'_> {
    /// Waits until everything emitted is durable and published, or storing takes too long. Says whether events were lost.
    pub fn settle(&mut self) -> bool {
        self.flush();
        let end = Instant::now() + STORING_LIMIT;
        while !self.lost && self.durable < self.seq {
            for note in self.notes.take(BEAT) {
                match note {
                    Note::Durable(upto) => self.confirm(upto),
                    Note::Lost(failure) => self.lose(&failure),
                    Note::Happened(at, what) => self.emit_at(at, what),
                    Note::Ended(..)
                    | Note::Polled(..)
                    | Note::Wants { .. }
                    | Note::Signal(_)
                    | Note::Enter
                    | Note::Status
                    | Note::Closed(_)
                    | Note::Interrupt { .. } => {}
                }
            }
            self.flush();
            if Instant::now() > end {
                let took = show(STORING_LIMIT);
                self.lose(&Failure::fault(format!("storing took longer than {took}")));
            }
        }
        self.lost
    }

    pub(super) fn emit(&mut self, what: What) {
        self.emit_at(Timestamp::now(), what);
    }

    pub(super) fn emit_at(&mut self, at: Timestamp, what: What) {
        // Also a wait that came to nothing, which no attempt tells of, and what was ended from outside while it hung: what it
        // used is kept to be looked at.
        if let What::PhaseFailed { phase, .. }
        | What::PhaseChanged {
            phase,
            to: PhaseState::Aborted,
            ..
        } = &what
        {
            let scopes = &self.workshop.library.world().scopes;
            scopes.mark_failed(&try_of(phase));
        }
        self.seq += 1;
        if let What::PhaseChanged { phase, to, .. } = &what
            && to.is_terminal()
        {
            self.results.insert(phase.scenario.clone(), self.seq);
        }
        let event = Event {
            seq: self.seq,
            at,
            what,
        };
        self.batch
            .push(masked(event, &self.workshop.library.world().masker));
    }

    pub(super) fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        if !self.lost {
            self.outlet.store(&self.batch);
        }
        self.unconfirmed.extend(self.batch.drain(..));
        if self.lost {
            self.confirm(u64::MAX);
        }
    }

    /// Goes on without a store: everything counts as durable from now on.
    pub(super) fn lose(&mut self, failure: &Failure) {
        if !self.lost {
            self.lost = true;
            self.emit(What::Warned {
                text: failure.render(),
            });
        }
        self.flush();
        self.confirm(u64::MAX);
    }

    pub(super) fn confirm(&mut self, upto: u64) {
        self.durable = self.durable.max(upto);
        while self
            .unconfirmed
            .front()
            .is_some_and(|event| event.seq <= self.durable)
        {
            if let Some(event) = self.unconfirmed.pop_front() {
                self.outlet.publish(&event);
            }
        }
        if self.unconfirmed.is_empty() {
            // A burst should not make the process big for ever.
            self.unconfirmed.shrink_to(MANY);
        }
        self.results.retain(|_, seq| *seq > self.durable);
        let mut still = VecDeque::new();
        for (needs, job) in std::mem::take(&mut self.held) {
            if needs <= self.durable {
                self.execute(job);
            } else {
                still.push_back((needs, job));
            }
        }
        still.append(&mut self.held);
        self.held = still;
    }

    /// Executes a job as soon as the results it builds on are durable. What it has waited for since, such as to become
    /// ready, is none: a phase that was waiting begins at once.
    pub(super) fn execute_once_safe(&mut self, job: Job) {
        let needs = match (job.after_another, job.after_others) {
            (false, _) => None,
            (true, false) => self.results.get(&job.key.phase.scenario).copied(),
            (true, true) => self.results.values().max().copied(),
        };
        match needs.filter(|needs| *needs > self.durable) {
            Some(needs) => self.held.push_back((needs, job)),
            None => self.execute(job),
        }
    }
}

/// The event without any secret in it. Events without one, nearly all, are only looked at.
fn masked(event: Event, masker: &Masker) -> Event {
    if !masker.is_needed() {
        return event;
    }
    let Ok(line) = event.line() else {
        return event;
    };
    if !masker.touches(&line) {
        return event;
    }
    let masked = masker.mask_in(place(&event.what), &line);
    Event::read(&masked).unwrap_or(event)
}

/// Where a value was hidden, in the words of a report.
fn place(what: &What) -> &'static str {
    match what {
        What::Recorded { record, .. } => match record {
            Record::Step { .. } | Record::StepBegan(_) | Record::StepEnded { .. } => "steps",
            Record::Failed { .. } => "failures",
            Record::State { .. } => "state",
            Record::Log { .. } => "logs",
            Record::Attached { .. } => "attachments",
            Record::Service { .. } | Record::Output { .. } => "services",
            Record::Observed { .. } => "waits",
        },
        What::Observed { .. } | What::PhaseFailed { .. } => "waits",
        What::AttemptEnded { .. } | What::StateMended { .. } | What::Signalled { .. } => "state",
        What::RunStarted(_) | What::RunResumed(_) => "variables",
        _ => "names",
    }
}
