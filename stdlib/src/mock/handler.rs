//! Closures that answer: each call runs on a thread of its own as part of the phase that gave the closure, and no longer
//! than that.

use super::answer::Answer;
use super::error::MockError;
use super::log::Received;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::script::{self, Deferred, Meaning};
use hyper::StatusCode;
use rhai::Dynamic;
use std::sync::{Arc, RwLock};

/// A closure that answers. Clones are the same.
#[derive(Clone)]
pub struct Handler {
    server: String,
    closure: Arc<Deferred>,
    attempt: Attempt,
    /// Whether the phase is over. Held while a call is under way, so that the end of the phase waits for it.
    over: Arc<RwLock<bool>>,
}

impl Handler {
    pub fn new(server: &str, closure: Deferred, attempt: &Attempt) -> Self {
        let over = Arc::new(RwLock::new(false));
        let gate = over.clone();
        attempt.on_end(Cleanup {
            title: format!("answer no more for mock server `{server}`"),
            run: Box::new(move |_| {
                *gate.write().unwrap_or_else(|e| e.into_inner()) = true;
                Ok(())
            }),
        });
        Self {
            server: server.to_owned(),
            closure: Arc::new(closure),
            attempt: attempt.answering(),
            over,
        }
    }

    /// The answer to a request. What goes wrong in the closure is bad news of the phase. Blocks.
    pub fn answer(&self, request: &Received) -> Answer {
        let over = self.over.read().unwrap_or_else(|e| e.into_inner());
        if *over {
            let text = format!(
                "the phase whose closure answers here for mock server `{}` is over",
                self.server
            );
            return Answer::of(StatusCode::SERVICE_UNAVAILABLE, text);
        }
        let attempt = self.attempt.answering();
        let engine = attempt.language().engine(&attempt);
        let given = self
            .closure
            .call(&engine, &attempt, vec![request.to_script()]);
        let wrong = |text: String| Answer::of(StatusCode::INTERNAL_SERVER_ERROR, text);
        let given = match given {
            Ok(given) => given.flatten(),
            Err(error) => {
                let source = self.closure.source();
                return match script::explain(&error, source, attempt.sources()) {
                    Meaning::News(failure) => wrong(attempt.latch(*failure).message),
                    Meaning::Stopped(stop) => wrong(attempt.stop_failure(&stop).message),
                };
            }
        };
        match Answer::read(&given) {
            Some(Ok(answer)) => answer,
            Some(Err(failure)) => wrong(attempt.latch(failure).message),
            None => wrong(attempt.latch(self.no_answer(&given).into()).message),
        }
    }

    fn no_answer(&self, got: &Dynamic) -> MockError {
        MockError::NoAnswer {
            server: self.server.clone(),
            got: crate::host::json::show(got, 80),
        }
    }
}

impl std::fmt::Debug for Handler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a closure of {}", self.attempt.identity().phase)
    }
}
