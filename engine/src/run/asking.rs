//! Asks a waiting phase whether it is ready. Nothing it learns leaves it but as an answer.

use super::attempt::Silent;
use super::job::{Answer, PollJob};
use super::lounge::{ANEW, BY_HAND, Decision, Lounge, Usher, Why};
use super::worker::{Workshop, guarded, missing};
use crate::source::Code;
use rhai::Dynamic;
use scenario_stdlib::host::attempt::Attempt;
use scenario_stdlib::host::clock::{Clock, Stop};
use scenario_stdlib::host::failure::{Code as FailureCode, Failure, Kind};
use scenario_stdlib::host::poll::{self, Poll};
use scenario_stdlib::host::script::Deferred;
use scenario_stdlib::state::State;
use serde_json::Map;
use std::sync::Arc;

impl Workshop {
    /// Asks a waiting phase whether it is ready: once, or again when a person who looked at why it is not says so. Takes the
    /// state out of the job.
    pub fn poll(&self, job: &mut PollJob, clock: &Arc<Clock>) -> Answer {
        let Some(lounge) = self.lounge.clone() else {
            let state = std::mem::take(&mut job.state);
            return self.poll_once(job, state, None, clock).0;
        };
        loop {
            let again = Some(lounge.clone());
            let (answer, wish) = self.poll_once(job, job.state.clone(), again, clock);
            match wish {
                Some(Decision::Skip) => return Answer::Skipped(BY_HAND.into()),
                // Branches were stopped for it, and with them the time of this poll.
                Some(Decision::Retry) if clock.is_stopped() => {
                    return Answer::NotYet {
                        seen: ANEW.into(),
                        exchange: None,
                    };
                }
                Some(Decision::Retry) => {}
                Some(Decision::Continue) | None => return answer,
            }
        }
    }

    fn poll_once(
        &self,
        job: &PollJob,
        state: Map<String, serde_json::Value>,
        lounge: Option<Arc<dyn Lounge>>,
        clock: &Arc<Clock>,
    ) -> (Answer, Option<Decision>) {
        let Some((loaded, code)) = self.library.code(&job.phase.scenario, &job.phase.phase) else {
            return (Answer::Never(Box::new(missing(&job.phase))), None);
        };
        let Code::Closure {
            ready: Some(ready), ..
        } = &code
        else {
            return (Answer::Ready, None);
        };
        let usher = lounge.map(|lounge| Usher::new(lounge, self.library.clone(), &loaded.file));
        let host = Arc::new(Silent {
            runtime: self.runtime.clone(),
            usher: usher.clone(),
        });
        let attempt = self.attempt(host, &job.phase, 0, job.seed, &loaded.folder, state, clock);
        let state = Dynamic::from(State::of(&attempt));
        let polled = poll::poll(&attempt, Some(&loaded.file), || {
            guarded(&attempt, |engine| ready.call(engine, &attempt, vec![state]))
        });
        let answer = answer(job, &attempt, ready, polled);
        let wish = usher.and_then(|usher| {
            let decided = usher.decided();
            decided.or_else(|| look_at_wait(&usher, &attempt, job, &answer))
        });
        while let Some(cleanup) = attempt.next_cleanup() {
            let _ = (cleanup.run)(&attempt);
        }
        (answer, wish)
    }
}

/// What a poll came to, as the dispatcher takes it.
fn answer(job: &PollJob, attempt: &Attempt, ready: &Deferred, polled: Poll) -> Answer {
    match polled {
        Poll::Done(_) => Answer::Ready,
        Poll::NotYet(seen) => Answer::NotYet {
            seen,
            exchange: job.may_be_last.then(|| attempt.last_exchange()).flatten(),
        },
        Poll::Never(mut failure) => {
            // As in an attempt, the outermost call is that of the phase, at its declaration.
            failure.calls.pop();
            if failure.location.is_none() {
                let sources = attempt.sources();
                failure.location = sources.locate(ready.source(), ready.position());
            }
            if let (Kind::Failure, Some(exchange)) = (failure.kind, attempt.last_exchange()) {
                *failure = failure.detail("last exchange", exchange);
            }
            Answer::Never(failure)
        }
        Poll::Stopped(Stop::Cancelled(_)) => Answer::Stopped,
        Poll::Stopped(stop @ Stop::Skipped(_)) => {
            Answer::Never(Box::new(attempt.stop_failure(&stop)))
        }
        Poll::Stopped(_) => Answer::NotYet {
            seen: "the poll did not answer in time".into(),
            exchange: attempt.last_exchange(),
        },
    }
}

/// Lets a person look at a phase that can never be ready, or whose time is over.
fn look_at_wait(
    usher: &Usher,
    attempt: &Attempt,
    job: &PollJob,
    answer: &Answer,
) -> Option<Decision> {
    let news = match answer {
        _ if !usher.lounge.takes_failures() => return None,
        Answer::Never(failure) => (**failure).clone(),
        Answer::NotYet { seen, .. } if job.may_be_last => Failure::product(
            FailureCode::WaitTimeout,
            format!("`{}` is not ready, and its time is over", job.phase.phase),
        )
        .detail("last seen", seen)
        .hint("`retry` asks once more, with the file as it is now"),
        _ => return None,
    };
    let variables = attempt.frames().variables();
    let (decision, _) = usher.show(attempt, variables, Why::Failed(vec![news]));
    Some(decision)
}
