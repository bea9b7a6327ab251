//! The names scripts use.

use super::body::{self, Outcome, Turn};
use super::error::ParallelError;
use crate::host::attempt::Attempt;
use crate::host::clock::Stop;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::location::Location;
use crate::host::options::Options;
use crate::host::record::StepOutcome;
use crate::host::script::{self, Deferred, Meaning, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};

/// How many branches run at a time unless the script says.
const USUAL_LIMIT: i64 = 1024;

#[export_module]
pub mod parallel {
    /// Runs closures side by side and gives back their values in the same order. Each gets its own copy of the variables
    /// around it (assignments to them are lost: give back a value), while `state` and handles stay the same. All are awaited;
    /// then the failure of the first in order is raised, and every one is reported.
    ///
    /// ```rhai
    /// let codes = parallel([
    ///     || http.get("/health").status,
    ///     || http.get("/").status,
    /// ]);
    /// assert codes == [200, 200];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn parallel(ctx: NativeCallContext, branches: Array) -> Result<Array, Raise> {
        run_list(&ctx, Map::new(), branches)
    }

    /// Like `parallel(list)` for named branches: gives back a map.
    ///
    /// ```rhai
    /// let got = parallel(#{ one: || 1, two: || 2 });
    /// assert got.one + got.two == 3;
    /// ```
    #[rhai_fn(name = "parallel", return_raw)]
    pub fn parallel_named(ctx: NativeCallContext, branches: Map) -> Result<Map, Raise> {
        run_map(&ctx, Map::new(), branches)
    }

    /// Like `parallel(list)` with the option `limit`: how many run at a time (1 to 10,000, default 1,024).
    ///
    /// ```rhai
    /// let squares = parallel(#{ limit: 2 }, [1, 2, 3].map(|n| || n * n));
    /// assert squares == [1, 4, 9];
    /// ```
    #[rhai_fn(name = "parallel", return_raw)]
    pub fn parallel_with(
        ctx: NativeCallContext,
        options: Map,
        branches: Array,
    ) -> Result<Array, Raise> {
        run_list(&ctx, options, branches)
    }

    /// Like `parallel(map)` with the option `limit`: how many run at a time (1 to 10,000, default 1,024).
    ///
    /// ```rhai
    /// let got = parallel(#{ limit: 1 }, #{ one: || 1, two: || 2 });
    /// assert got == #{ one: 1, two: 2 };
    /// ```
    #[rhai_fn(name = "parallel", return_raw)]
    pub fn parallel_named_with(
        ctx: NativeCallContext,
        options: Map,
        branches: Map,
    ) -> Result<Map, Raise> {
        run_map(&ctx, options, branches)
    }
}

struct Branch {
    /// As messages and reports call it: `branch 2`, `branch \`api\``.
    name: String,
    closure: Deferred,
}

fn run_list(ctx: &NativeCallContext, options: Map, items: Array) -> Result<Array, Raise> {
    let named = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| (format!("branch {}", index + 1), item));
    run(ctx, options, named)
}

fn run_map(ctx: &NativeCallContext, options: Map, items: Map) -> Result<Map, Raise> {
    let keys: Vec<_> = items.keys().cloned().collect();
    let named = items
        .into_iter()
        .map(|(key, item)| (format!("branch `{key}`"), item));
    let values = run(ctx, options, named)?;
    Ok(keys.into_iter().zip(values).collect())
}

fn run(
    ctx: &NativeCallContext,
    options: Map,
    named: impl ExactSizeIterator<Item = (String, Dynamic)>,
) -> Result<Array, Raise> {
    let attempt = script::attempt(ctx)?;
    let prepare = || {
        let mut options = Options::new("parallel", options);
        let limit = options.int("limit", 1..=10_000)?.unwrap_or(USUAL_LIMIT);
        options.finish()?;
        let branches: Result<Vec<Branch>, Failure> =
            named.map(|(name, item)| branch(ctx, name, &item)).collect();
        Ok((limit as usize, branches?))
    };
    let (limit, branches) = prepare().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let title = match branches.len() {
        1 => "1 branch".to_owned(),
        many => format!("{many} branches"),
    };
    attempt.step("parallel", &title, script::call_site(ctx), |_| {
        let lanes: Vec<Attempt> = branches.iter().map(|_| attempt.branch()).collect();
        let place = Place {
            file: ctx.call_source(),
            call: script::call_location(ctx, attempt.sources()),
        };
        let outcomes = body::side_by_side(branches.len(), limit, |index, turn| {
            run_branch(&place, &lanes[index], &branches[index], turn)
        })
        .map_err(|error| script::fail(ctx, &attempt, ParallelError::NoThread(error).into()))?;
        if attempt.is_polling() {
            attempt.set_trouble(lanes.iter().find_map(Attempt::trouble));
        }
        let failed = outcomes
            .iter()
            .position(|outcome| !matches!(outcome, Ok(Ok(_) | Err(Meaning::Stopped(_)))));
        if let Some(index) = failed {
            // Whoever looks at the failure sees what its branch saw.
            attempt.frames().take_in(&lanes[index].frames());
        }
        join(ctx, &attempt, &branches, outcomes)
    })
}

fn branch(ctx: &NativeCallContext, name: String, item: &Dynamic) -> Result<Branch, Failure> {
    let item = item.flatten_clone();
    let Some(closure) = item.read_lock::<FnPtr>().map(|closure| closure.clone()) else {
        let got = format!("{} ({})", json::show(&item, 80), json::type_in_words(&item));
        return Err(ParallelError::NoClosure { branch: name, got }.into());
    };
    let closure = Deferred::keep_beside(ctx, &closure)?;
    if closure.parameters() > 0 {
        return Err(ParallelError::Parameters { branch: name }.into());
    }
    Ok(Branch { name, closure })
}

/// Where `parallel` was called.
struct Place<'a> {
    file: Option<&'a str>,
    call: Option<Location>,
}

/// One branch, on its own thread: its own engine, its own lane, its failure kept where it arose.
fn run_branch(
    place: &Place,
    lane: &Attempt,
    branch: &Branch,
    turn: Turn<'_>,
) -> Result<Dynamic, Meaning> {
    lane.step("branch", &branch.name, String::new(), |step| {
        // The steps of branches stand in their order wherever steps are shown.
        drop(turn);
        let engine = lane.language().engine(lane);
        let called = body::caught(|| branch.closure.call(&engine, lane, Vec::new()));
        let meaning = match called {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => script::explain(&error, place.file, lane.sources()),
            Err(message) => Meaning::News(Box::new(panicked(branch, message))),
        };
        Err(match meaning {
            Meaning::News(mut failure) => {
                failure.location = failure.location.or_else(|| place.call.clone());
                Meaning::News(Box::new(lane.latch(*failure)))
            }
            Meaning::Stopped(stop) => {
                if matches!(stop, Stop::Skipped(_)) {
                    step.outcome = Some(StepOutcome::Skipped);
                }
                Meaning::Stopped(stop)
            }
        })
    })
}

fn panicked(branch: &Branch, message: String) -> Failure {
    let branch = branch.name.clone();
    ParallelError::Panicked { branch, message }.into()
}

/// All values, or the most important bad news: a stop of the whole attempt, else the first failure in order, else
/// the first stop.
fn join(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    branches: &[Branch],
    outcomes: Vec<Outcome<Result<Dynamic, Meaning>>>,
) -> Result<Array, Raise> {
    let mut values = Array::with_capacity(outcomes.len());
    let mut first_failure = None;
    let mut first_stop = None;
    for (outcome, branch) in outcomes.into_iter().zip(branches) {
        match outcome {
            Ok(Ok(value)) => values.push(value.flatten()),
            Ok(Err(Meaning::News(failure))) => {
                first_failure.get_or_insert(*failure);
            }
            Ok(Err(Meaning::Stopped(stop))) => {
                first_stop.get_or_insert(stop);
            }
            Err(message) => {
                first_failure.get_or_insert(panicked(branch, message));
            }
        }
    }
    let position = ctx.call_position();
    if let Some(stop) = attempt.clock().stop() {
        return Err(script::stop(stop, position));
    }
    if let Some(failure) = first_failure {
        return Err(script::fail(ctx, attempt, failure));
    }
    match first_stop {
        // A limit is numbered on the lane it was set on, and a branch has other numbers.
        Some(Stop::Limit(_)) => {
            let stop = attempt.stopped().unwrap_or(Stop::Limit(0));
            Err(script::stop(stop, position))
        }
        Some(stop) => Err(script::stop(stop, position)),
        None => Ok(values),
    }
}
