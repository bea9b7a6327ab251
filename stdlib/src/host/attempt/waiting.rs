//! How an attempt waits: every wait ends with its deadline, the limits around it, its cancellation, or an alarm.

use super::{Attempt, lock};
use crate::host::alarm::Alarms;
use crate::host::clock::Stop;
use crate::host::failure::Detail;
use crate::host::{driver, pace};
use serde_json::Value;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

impl Attempt {
    /// Drives `future` to its end, unless the attempt is stopped or a limit runs out first; then the
    /// future is dropped. The only way from a script to async code.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output, Stop> {
        let runtime = self.shared.host.runtime();
        self.until_stopped(future, |guarded| runtime.block_on(guarded))
    }

    /// Like [`Attempt::block_on`], on this thread alone if it may: for futures that spawn nothing which must go on
    /// between two calls. See [`driver`].
    pub fn block_on_here<F: Future>(&self, future: F) -> Result<F::Output, Stop> {
        let runtime = self.shared.host.runtime();
        self.until_stopped(future, |guarded| driver::drive(runtime, guarded))
    }

    fn until_stopped<F: Future>(
        &self,
        future: F,
        drive: impl FnOnce(Pin<&mut dyn Future<Output = Option<F::Output>>>) -> Option<F::Output>,
    ) -> Result<F::Output, Stop> {
        if let Some(stop) = self.stopped() {
            return Err(stop);
        }
        let deadline = self.deadline();
        let alarms = self.alarms();
        let guarded = pin!(async {
            let alarm = async {
                match alarms {
                    Some(alarms) => alarms.rings().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.lane.clock.cancelled() => None,
                output = future => Some(output),
                () = pace::until(deadline) => None,
                () = alarm => None,
            }
        });
        drive(guarded).ok_or_else(|| {
            let alarmed = || Some(self.alarmed(alarms.filter(|alarms| alarms.is_ringing())?));
            self.stopped().or_else(alarmed).unwrap_or(Stop::Limit(0))
        })
    }

    fn alarmed(&self, alarms: &Alarms) -> Stop {
        // Inside a poll the next call tells it, as an error that ends the wait with its reason.
        if !self.is_polling()
            && let Some(root) = alarms.keep(self.during().as_deref())
        {
            let message = root.message.clone();
            self.keep(root);
            return Stop::Alarm(message);
        }
        Stop::Alarm("a service ended".into())
    }

    /// Sleeps; wakes early only to stop.
    pub fn sleep(&self, duration: Duration) -> Result<(), Stop> {
        self.block_on(async { tokio::time::sleep(duration).await })
    }

    /// The earliest of the attempt's deadline and the limits open here.
    pub fn deadline(&self) -> Instant {
        let limit = lock(&self.lane.limits).iter().min().copied();
        let whole = self.lane.clock.deadline();
        limit.map_or(whole, |limit| limit.min(whole))
    }

    /// Why the script has to end now, if it has to: the whole attempt first, else the outermost limit.
    pub fn stopped(&self) -> Option<Stop> {
        let whole = self.lane.clock.stop();
        if whole.is_some() {
            // By the time the error has left the script, its steps are closed.
            let open = lock(&self.lane.steps).last().cloned();
            let mut stopped_in = lock(&self.shared.stopped_in);
            stopped_in.step = stopped_in.step.take().or(open);
        }
        whole.or_else(|| {
            let limits = lock(&self.lane.limits);
            let now = pace::now();
            limits.iter().position(|at| *at <= now).map(Stop::Limit)
        })
    }

    /// What a wait that ends because the time of the attempt is up had seen. The innermost one tells it first.
    pub fn was_seeing(&self, details: Vec<Detail>) {
        let mut stopped_in = lock(&self.shared.stopped_in);
        if stopped_in.step.is_some() && stopped_in.seen.is_empty() {
            stopped_in.seen = details;
        }
    }

    /// The question asked while a script computes, every so many operations.
    pub fn interrupted(&self, operations: u64) -> Option<Stop> {
        const EVERY: u64 = 256;
        if operations.is_multiple_of(EVERY) || self.lane.clock.is_stopped() {
            self.stopped()
        } else {
            None
        }
    }

    /// Runs `body` with a limit narrower than the attempt's, known by the number passed to it.
    pub fn limited<T>(&self, at: Instant, body: impl FnOnce(usize) -> T) -> T {
        let depth = {
            let mut limits = lock(&self.lane.limits);
            limits.push(at);
            limits.len() - 1
        };
        let result = body(depth);
        lock(&self.lane.limits).truncate(depth);
        result
    }

    /// Waits for the next signal of this name; `None` where no signal can arrive.
    pub fn wait_for_signal(&self, name: &str) -> Option<Result<Value, Stop>> {
        let signal = self.shared.host.want_signal(name)?;
        Some(self.block_on(signal).and_then(|got| {
            let gone = || Stop::Cancelled("the run ends".into());
            got.map_err(|_| self.stopped().unwrap_or_else(gone))
        }))
    }
}
