//! The names scripts use.

use super::body::{self, Ended, Manner};
use super::title;
use crate::host::attempt::Attempt;
use crate::host::duration::{self, DurationError};
use crate::host::failure::{Code, Failure};
use crate::host::options::Options;
use crate::host::poll;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, Map, NativeCallContext};
use std::time::Duration;

#[export_module]
pub mod wait {
    /// Calls `condition` until it is true and gives back its value; fails after the default time (30s).
    ///
    /// ```rhai
    /// let polls = 0;
    /// assert wait_until(|| { polls += 1; polls == 3 });
    /// ```
    #[rhai_fn(name = "wait_until", return_raw)]
    pub fn wait_plain(ctx: NativeCallContext, condition: FnPtr) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        let manner = Manner::within(attempt.world().scaled(attempt.world().wait_timeout));
        wait(&ctx, &attempt, &manner, &condition)
    }

    /// Like `wait_until(condition)` with a time limit, written as text.
    ///
    /// ```rhai
    /// let task = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.1 } }).json;
    /// wait_until("5s", || http.get(`/tasks/${task.id}`).json.state == "SUCCESS");
    /// ```
    #[rhai_fn(name = "wait_until", return_raw)]
    pub fn wait_within(
        ctx: NativeCallContext,
        timeout: &str,
        condition: FnPtr,
    ) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        let manner = Manner::within(time(&ctx, &attempt, timeout)?);
        wait(&ctx, &attempt, &manner, &condition)
    }

    /// Like `wait_until(condition)` with options: `timeout`, `every`, `backoff`, `jitter`, `hold_for`, `message`.
    ///
    /// ```rhai
    /// wait_until(#{ timeout: "2s", every: "10ms", hold_for: "50ms", message: "the service is up" },
    ///     || http.get("/health").status == 200);
    /// ```
    #[rhai_fn(name = "wait_until", return_raw)]
    pub fn wait_with(
        ctx: NativeCallContext,
        options: Map,
        condition: FnPtr,
    ) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        let manner =
            manner(&attempt, options).map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        wait(&ctx, &attempt, &manner, &condition)
    }

    /// Claims that `condition` is not true even once within `time`. It is polled first and last; an error inside fails.
    ///
    /// ```rhai
    /// never("100ms", || http.get("/health").status == 500);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn never(ctx: NativeCallContext, time: &str, condition: FnPtr) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        let mut manner = Manner::within(self::time(&ctx, &attempt, time)?);
        manner.every = Some(Duration::from_millis(100).min(manner.timeout / 4));
        refuse(&ctx, &attempt, &manner, &condition)
    }

    /// Like `never(time, condition)` with options: `timeout` (required), `every`, `backoff`, `jitter`, `message`.
    ///
    /// ```rhai
    /// never(#{ timeout: "100ms", every: "20ms", message: "an error page" }, || http.get("/health").status == 500);
    /// ```
    #[rhai_fn(name = "never", return_raw)]
    pub fn never_with(ctx: NativeCallContext, options: Map, condition: FnPtr) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        let mut manner =
            manner(&attempt, options).map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        manner
            .every
            .get_or_insert(Duration::from_millis(100).min(manner.timeout / 4));
        refuse(&ctx, &attempt, &manner, &condition)
    }

    /// Pauses. Prefer `wait_until`: it goes on as soon as it can, and says what it waited for.
    ///
    /// ```rhai
    /// sleep("20ms");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sleep(ctx: NativeCallContext, time: &str) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        let time = self::time(&ctx, &attempt, time)?;
        pause(&ctx, &attempt, time)
    }

    /// Pauses for whole seconds.
    #[rhai_fn(name = "sleep", return_raw)]
    pub fn sleep_seconds(ctx: NativeCallContext, seconds: i64) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        pause(&ctx, &attempt, Duration::from_secs(seconds.max(0) as u64))
    }

    /// Pauses for seconds.
    #[rhai_fn(name = "sleep", return_raw)]
    pub fn sleep_fraction(ctx: NativeCallContext, seconds: f64) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        let time = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        pause(&ctx, &attempt, time)
    }
}

fn pause(ctx: &NativeCallContext, attempt: &Attempt, time: Duration) -> Result<(), Raise> {
    let title = format!("sleep {}", duration::show(time));
    attempt.step("sleep", &title, script::call_site(ctx), |_| {
        attempt
            .sleep(time)
            .map_err(|stop| script::stop(stop, ctx.call_position()))
    })
}

fn time(ctx: &NativeCallContext, attempt: &Attempt, text: &str) -> Result<Duration, Raise> {
    duration::parse(text)
        .map(|time| attempt.world().scaled(time))
        .map_err(|error| {
            script::fail(
                ctx,
                attempt,
                Failure::usage(error.to_string()).hint(DurationError::HINT),
            )
        })
}

fn manner(attempt: &Attempt, options: Map) -> Result<Manner, Failure> {
    let world = attempt.world();
    let mut options = Options::new("wait_until", options);
    let manner = Manner {
        timeout: world.scaled(options.duration("timeout")?.unwrap_or(world.wait_timeout)),
        every: options.duration("every")?,
        backoff: options.number("backoff")?,
        jitter: options.number("jitter")?.unwrap_or(0.0),
        hold_for: options.duration("hold_for")?.unwrap_or_default(),
        message: options.text("message")?,
    };
    options.finish()?;
    if manner.backoff.is_some_and(|factor| factor < 1.0) {
        return Err(Failure::usage(
            "option `backoff` of `wait_until` must be at least 1",
        ));
    }
    if !(0.0..=1.0).contains(&manner.jitter) {
        return Err(Failure::usage(
            "option `jitter` of `wait_until` must be from 0 to 1",
        ));
    }
    if manner.every.is_some_and(|every| every.is_zero()) {
        return Err(Failure::usage(
            "option `every` of `wait_until` must be longer than nothing",
        ));
    }
    Ok(manner)
}

/// Shown in reports: the words of the script, its condition, or its line.
fn title(ctx: &NativeCallContext, attempt: &Attempt, verb: &str, manner: &Manner) -> String {
    match &manner.message {
        Some(message) => format!("{verb} {message}"),
        None => match script::call_location(ctx, attempt.sources()) {
            Some(at) => match attempt
                .sources()
                .behind(&at)
                .as_deref()
                .and_then(title::condition)
            {
                Some(condition) => format!("{verb} {condition}"),
                None => at.text.trim().trim_end_matches('{').trim_end().to_owned(),
            },
            None => verb.to_owned(),
        },
    }
}

fn wait(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    manner: &Manner,
    condition: &FnPtr,
) -> Result<Dynamic, Raise> {
    attempt.count_assertion();
    let title = title(ctx, attempt, "wait until", manner);
    attempt.step("wait_until", &title, script::call_site(ctx), |step| {
        let poll = || {
            poll::poll(attempt, ctx.call_source(), || {
                condition.call_within_context(ctx, ())
            })
        };
        body::wait_until(attempt, manner, step.id, poll).map_err(|ended| raise(ctx, attempt, ended))
    })
}

fn refuse(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    manner: &Manner,
    condition: &FnPtr,
) -> Result<(), Raise> {
    attempt.count_assertion();
    let title = title(ctx, attempt, "never", manner);
    attempt.step("never", &title, script::call_site(ctx), |_| {
        let file = ctx.call_source();
        // Unlike a wait, `never` must not take trouble for a quiet system: an error inside it fails it.
        let poll = || match attempt.polled(|| condition.call_within_context::<Dynamic>(ctx, ())) {
            Ok(value) => match poll::truthy(&value) {
                Ok(true) => poll::Poll::Done(value),
                Ok(false) => poll::Poll::NotYet(String::new()),
                Err(failure) => poll::Poll::Never(Box::new(failure)),
            },
            Err(error) => match script::explain(&error, file, attempt.sources()) {
                script::Meaning::News(failure) => poll::Poll::Never(failure),
                script::Meaning::Stopped(stop) => poll::Poll::Stopped(stop),
            },
        };
        body::never(attempt, manner, poll).map_err(|ended| raise(ctx, attempt, ended))
    })
}

fn raise(ctx: &NativeCallContext, attempt: &Attempt, ended: Ended) -> Raise {
    match ended {
        Ended::Stopped(stop) => script::stop(stop, ctx.call_position()),
        Ended::Failed(mut failure) => {
            if failure.code == Code::WaitTimeout {
                failure.location = script::call_location(ctx, attempt.sources());
            }
            script::fail(ctx, attempt, *failure)
        }
    }
}
