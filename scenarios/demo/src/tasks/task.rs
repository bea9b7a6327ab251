//! One task: what it is asked to do and, by the clock, how far it has come. It knows nothing of HTTP.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum State {
    Pending,
    Started,
    Success,
    Failure,
    Revoked,
}

impl State {
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Started,
        Self::Success,
        Self::Failure,
        Self::Revoked,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Started => "STARTED",
            Self::Success => "SUCCESS",
            Self::Failure => "FAILURE",
            Self::Revoked => "REVOKED",
        }
    }

    pub fn has_ended(self) -> bool {
        self >= Self::Success
    }
}

#[derive(Debug)]
pub(crate) struct Task {
    pub id: u64,
    pub kind: String,
    pub rows: u64,
    pub fail: bool,
    created_at: Timestamp,
    born: Instant,
    queued: Duration,
    lasts: Duration,
    revoked: OnceLock<Instant>,
}

/// A task as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct View<'a> {
    pub id: u64,
    pub kind: &'a str,
    pub state: State,
    /// Per cent.
    pub progress: u8,
    pub seconds: f64,
    pub rows: u64,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub result: Option<Value>,
    pub error: Option<String>,
}

impl Task {
    /// `lasts` counts from now and includes the time in the queue, of which there is at most `queue`.
    pub fn new(
        id: u64,
        kind: String,
        rows: u64,
        fail: bool,
        lasts: Duration,
        queue: Duration,
    ) -> Self {
        Self {
            id,
            kind,
            rows,
            fail,
            created_at: Timestamp::now(),
            born: Instant::now(),
            queued: queue.min(lasts / 4),
            lasts,
            revoked: OnceLock::new(),
        }
    }

    pub fn ends(&self) -> Instant {
        self.born + self.lasts
    }

    pub fn state(&self) -> State {
        self.state_at(Instant::now())
    }

    fn state_at(&self, now: Instant) -> State {
        if self.revoked.get().is_some_and(|at| *at <= now) {
            return State::Revoked;
        }
        match now.saturating_duration_since(self.born) {
            age if age < self.queued => State::Pending,
            age if age < self.lasts => State::Started,
            _ if self.fail => State::Failure,
            _ => State::Success,
        }
    }

    /// Cancels the task unless it has ended; says whether this call did it.
    pub fn revoke(&self) -> bool {
        let now = Instant::now();
        !self.state_at(now).has_ended() && self.revoked.set(now).is_ok()
    }

    pub fn is_revoked(&self) -> bool {
        self.revoked.get().is_some()
    }

    pub fn view(&self) -> View<'_> {
        self.view_at(Instant::now())
    }

    fn view_at(&self, now: Instant) -> View<'_> {
        let state = self.state_at(now);
        let end = match self.revoked.get() {
            Some(at) => at.saturating_duration_since(self.born),
            None => self.lasts,
        };
        // A failing task breaks down at two thirds of its rows.
        let broke_at = self.rows * 2 / 3;
        let done = now
            .saturating_duration_since(self.born)
            .min(end)
            .as_secs_f64()
            / self.lasts.as_secs_f64().max(1e-9);
        let progress = match state {
            State::Success => 100,
            State::Failure => 66,
            _ => (done * if self.fail { 66.0 } else { 100.0 }).min(99.0) as u8,
        };
        View {
            id: self.id,
            kind: &self.kind,
            state,
            progress,
            seconds: self.lasts.as_secs_f64(),
            rows: self.rows,
            created_at: self.created_at,
            started_at: (state != State::Pending && end >= self.queued).then(|| self.after(self.queued)),
            finished_at: state.has_ended().then(|| self.after(end)),
            result: (state == State::Success)
                .then(|| json!({ "rows": self.rows, "url": format!("/tasks/{}/result.csv", self.id) })),
            error: (state == State::Failure)
                .then(|| format!("{} broke down at row {broke_at} of {}: the connection to the warehouse was lost", self.kind, self.rows)),
        }
    }

    fn after(&self, time: Duration) -> Timestamp {
        self.created_at.checked_add(time).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(fail: bool) -> Task {
        Task::new(
            7,
            "export".to_owned(),
            300,
            fail,
            Duration::from_secs(8),
            Duration::from_secs(1),
        )
    }

    fn at(task: &Task, seconds: f64) -> Instant {
        task.born + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn goes_from_pending_over_started_to_success() {
        let task = task(false);
        let states =
            [0.0, 0.9, 1.0, 7.9, 8.0, 1e6].map(|seconds| task.state_at(at(&task, seconds)).name());
        assert_eq!(
            states,
            [
                "PENDING", "PENDING", "STARTED", "STARTED", "SUCCESS", "SUCCESS"
            ]
        );
        let view = task.view_at(at(&task, 9.0));
        assert_eq!((view.progress, view.error.is_none()), (100, true));
        assert_eq!(view.result.expect("a result")["rows"], 300);
    }

    #[test]
    fn a_failing_task_ends_with_its_error() {
        let task = task(true);
        assert_eq!(task.state_at(at(&task, 7.9)), State::Started);
        let view = task.view_at(at(&task, 8.0));
        assert_eq!(view.state, State::Failure);
        assert!(view.error.expect("an error").contains("row 200 of 300"));
        assert!(view.result.is_none());
    }

    #[test]
    fn a_revoked_task_stays_revoked_and_an_ended_one_cannot_be() {
        let running = task(false);
        assert!(running.revoke());
        assert!(!running.revoke(), "only once");
        assert_eq!(running.state_at(at(&running, 1e6)), State::Revoked);
        let done = Task::new(
            8,
            "export".to_owned(),
            1,
            false,
            Duration::ZERO,
            Duration::from_secs(1),
        );
        assert!(!done.revoke());
        assert_eq!(done.state(), State::Success);
    }

    #[test]
    fn short_tasks_wait_in_the_queue_for_a_quarter_of_their_time_only() {
        let task = Task::new(
            1,
            "export".to_owned(),
            1,
            false,
            Duration::from_secs(1),
            Duration::from_secs(60),
        );
        assert_eq!(task.state_at(at(&task, 0.3)), State::Started);
    }
}
