//! The names scripts use.

use crate::host::attempt::Attempt;
use crate::host::duration::show;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::options::Options;
use crate::host::pace;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use std::time::Duration;

/// How long `wait_for_signal` waits when nobody says: as long as the phase may take.
const UNLIMITED: Duration = Duration::from_secs(365 * 24 * 3600);

/// What `signal("approved")` gives: a condition for the option `ready` of a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(pub String);

/// A name that can be typed in a shell without quotes.
pub fn check_name(name: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(
            Failure::usage(format!("\"{name}\" cannot be the name of a signal"))
                .hint("use letters, digits and - _ . : so that it can be typed: \"approved\""),
        );
    }
    Ok(())
}

#[export_module]
pub mod signal {
    /// A condition for the option `ready` of a phase: true once somebody sends this signal to the run with
    /// `scenario signal RUN NAME [--data JSON]`. The phase then finds the data in `state.signals.NAME`. A signal that came before the
    /// phase began to wait counts, and each scenario consumes each signal once. Waits for 24 hours unless `within` says otherwise.
    ///
    /// ```rhai,no_run
    /// phase("release", #{ ready: signal("approved"), within: "8h" }, |state| {
    ///     log(`approved by ${state.signals.approved.by}`);
    /// });
    /// ```
    #[rhai_fn(name = "signal", return_raw)]
    pub fn condition(ctx: NativeCallContext, name: &str) -> Result<Condition, Raise> {
        check_name(name).map_err(|failure| script::raise(failure, ctx.call_position()))?;
        Ok(Condition(name.to_owned()))
    }

    /// Waits inside a phase for a signal and gives back its data. The phase goes on executing and keeps its slot: for longer waits use
    /// `ready: signal("…")`.
    ///
    /// ```rhai,no_run
    /// let answer = wait_for_signal("approved");
    /// assert answer.by == "ada";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn wait_for_signal(ctx: NativeCallContext, name: &str) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        wait(&ctx, &attempt, name, UNLIMITED)
    }

    /// Like `wait_for_signal(name)` with options: `timeout`.
    ///
    /// ```rhai,no_run
    /// wait_for_signal("approved", #{ timeout: "2m" });
    /// ```
    #[rhai_fn(name = "wait_for_signal", return_raw)]
    pub fn wait_for_signal_with(
        ctx: NativeCallContext,
        name: &str,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        let attempt = script::attempt(&ctx)?;
        let limit = (|| {
            let mut options = Options::new("wait_for_signal", options);
            let timeout = options.duration("timeout")?;
            options.finish()?;
            Ok(timeout)
        })()
        .map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        let limit = limit.map_or(UNLIMITED, |limit| attempt.world().scaled(limit));
        wait(&ctx, &attempt, name, limit)
    }
}

fn wait(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    name: &str,
    limit: Duration,
) -> Result<Dynamic, Raise> {
    check_name(name).map_err(|failure| script::fail(ctx, attempt, failure))?;
    attempt.step("signal", name, script::call_site(ctx), |step| {
        let got = attempt.limited(pace::now() + limit, |_| attempt.wait_for_signal(name));
        match got {
            None => {
                let failure = Failure::usage("no signal can arrive here")
                    .hint("wait for it in a phase: as its `ready: signal(\"…\")`, or in its body");
                Err(script::fail(ctx, attempt, failure))
            }
            Some(Ok(data)) => {
                step.data = serde_json::json!({ "data": data });
                Ok(json::from_json(&data))
            }
            Some(Err(stop)) if attempt.clock().stop().is_some() => {
                Err(script::stop(stop, ctx.call_position()))
            }
            Some(Err(_)) => {
                let failure = Failure::product(
                    Code::WaitTimeout,
                    format!("no signal \"{name}\" arrived within {}", show(limit)),
                )
                .hint(format!(
                    "`scenario signal {} {name}` sends it",
                    attempt.world().run_id
                ));
                Err(script::fail(ctx, attempt, failure))
            }
        }
    })
}
