//! The names scripts use.

use crate::host::attempt::Cleanup;
use crate::host::clock::Stop;
use crate::host::failure::{Code, Failure};
use crate::host::record::{Level, StepOutcome};
use crate::host::script::{self, Deferred, Meaning, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, NativeCallContext};

#[export_module]
pub mod flow {
    /// Groups what `body` does under a title in every report; gives back its value. Steps may be nested. An error in
    /// `body` fails the step and goes on its way.
    ///
    /// ```rhai
    /// let total = step("add up", || 1 + 2);
    /// assert total == 3;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn step(ctx: NativeCallContext, title: &str, body: FnPtr) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        attempt.step("step", title, script::call_site(&ctx), |step| {
            let before = attempt.bad_news().len();
            let result = body.call_within_context(&ctx, ());
            if attempt.bad_news().len() > before {
                step.outcome = Some(StepOutcome::Failed);
            } else if attempt.skipped().is_some() {
                step.outcome = Some(StepOutcome::Skipped);
            }
            result
        })
    }

    /// Ends the phase as skipped; the reason is shown in every report. Cannot be caught.
    ///
    /// ```rhai
    /// if vars.get("legacy") == true { skip("the new API only") }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn skip(ctx: NativeCallContext, reason: &str) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        attempt.skip(reason);
        Err(script::stop(
            Stop::Skipped(reason.to_owned()),
            ctx.call_position(),
        ))
    }

    /// Fails the phase with a message of your own.
    ///
    /// ```rhai
    /// let state = "SUCCESS";
    /// if state == "FAILURE" { fail(`the task ended in ${state}`) }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn fail(ctx: NativeCallContext, message: &str) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        attempt.count_assertion();
        Err(script::fail(
            &ctx,
            &attempt,
            Failure::product(Code::Thrown, message),
        ))
    }

    /// Ends a wait for good: what it waits for can never come true. In `ready`, `wait_until` and `during` the wait fails
    /// at once instead of running out its time; elsewhere it is the same as `fail`.
    ///
    /// ```rhai
    /// let polls = 0;
    /// let done = wait_until("5s", || {
    ///     polls += 1;
    ///     if polls > 100 { give_up("too many polls") }
    ///     polls == 2
    /// });
    /// assert done;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn give_up(ctx: NativeCallContext, reason: &str) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        Err(script::fail(
            &ctx,
            &attempt,
            Failure::product(Code::GaveUp, format!("gave up: {reason}")),
        ))
    }

    /// Stops here and opens a prompt on the terminal, with the variables, services and pages as they are; `continue` goes
    /// on, `retry` begins the phase anew, `skip` leaves the rest of it out. Without a terminal it warns and goes on.
    ///
    /// ```rhai
    /// let res = http.get("/health");
    /// pause();
    /// assert res.ok;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn pause(ctx: NativeCallContext) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        if attempt.inspector().is_none() {
            let at = script::call_site(&ctx);
            let why = match attempt.only_answers() {
                true => "who asked for this answer waits",
                false => "prompts open in `scenario run` on a terminal, without `CI`",
            };
            let text = format!("`pause()` at {at} was passed over: {why}");
            attempt.log(Level::Warn, text);
        }
        Ok(())
    }

    /// Runs `body` when the phase ends, whatever happened, in reverse order of registration and within a time of its
    /// own. Bad news of `body` is reported as that of the clean-up.
    ///
    /// ```rhai
    /// defer(|| log("this comes last"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn defer(ctx: NativeCallContext, body: FnPtr) -> Result<(), Raise> {
        register(&ctx, "defer", &body)
    }

    /// Like `defer(body)`, with a title for the reports.
    ///
    /// ```rhai
    /// defer("say goodbye", || log("bye"));
    /// ```
    #[rhai_fn(name = "defer", return_raw)]
    pub fn defer_titled(ctx: NativeCallContext, title: &str, body: FnPtr) -> Result<(), Raise> {
        register(&ctx, title, &body)
    }
}

fn register(ctx: &NativeCallContext, title: &str, body: &FnPtr) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    let deferred = Deferred::keep_shared(ctx, body);
    attempt.on_end(Cleanup {
        title: title.to_owned(),
        run: Box::new(move |attempt| {
            let engine = attempt.language().engine(attempt);
            match deferred.call(&engine, attempt, Vec::new()) {
                Ok(_) => Ok(()),
                Err(error) => match script::explain(&error, deferred.source(), attempt.sources()) {
                    Meaning::News(failure) => Err(*failure),
                    Meaning::Stopped(stop) => Err(attempt.stop_failure(&stop)),
                },
            }
        }),
    });
    Ok(())
}
