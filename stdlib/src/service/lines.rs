//! The lines of a log, as a script asks for them.

use super::error::ServiceError;
use super::filter::{self, Filter};
use super::handle::look;
use super::options;
use super::running::{Service as Running, exited};
use crate::guard::{Position, Stream};
use crate::host::duration::show;
use crate::host::failure::{Code, Failure};
use crate::host::options::Options;
use crate::host::pace;
use crate::host::script::{self, Raise};
use rhai::{Array, Map, NativeCallContext};
use std::time::Duration;

/// How long the end of a service takes to be known to all who need it.
const END_IS_TOLD: Duration = Duration::from_millis(150);

/// The texts of the lines that are meant.
pub fn select(service: &Running, filter: &Filter) -> Array {
    let lines = filter.select(service.lines());
    lines.into_iter().map(|line| line.text.into()).collect()
}

/// A regular expression of a script.
pub fn regex(ctx: &NativeCallContext, pattern: &str) -> Result<regex::Regex, Raise> {
    options::regex(&format!("`{}`", ctx.fn_name()), pattern)
        .map_err(|failure| script::usage(ctx, failure))
}

/// The options of `logs`.
pub fn read_filter(map: Map) -> Result<Filter, Failure> {
    let mut options = Options::new("logs", map);
    let matching = options.text("matching")?;
    let stream = stream(&mut options)?;
    let last = options.int("last", 1..=i64::MAX)?;
    options.finish()?;
    Ok(Filter {
        matching: matching
            .map(|pattern| options::regex("option `matching` of `logs`", &pattern))
            .transpose()?,
        stream,
        last: last.map(|last| last as usize),
    })
}

fn stream(options: &mut Options) -> Result<Option<Stream>, Failure> {
    match options.text("stream")?.as_deref() {
        None => Ok(None),
        Some("out" | "stdout") => Ok(Some(Stream::Stdout)),
        Some("err" | "stderr") => Ok(Some(Stream::Stderr)),
        Some(other) => Err(Failure::usage("option `stream` must be \"out\" or \"err\"")
            .detail("got", format!("\"{other}\""))),
    }
}

/// A line that is waited for.
struct Wanted {
    timeout: Option<Duration>,
    after: Position,
    stream: Option<Stream>,
}

fn read_wanted(map: Map) -> Result<Wanted, Failure> {
    let mut options = Options::new("wait_for_log", map);
    let timeout = options.duration("timeout")?;
    let stream = stream(&mut options)?;
    let after = options.map("after")?.unwrap_or_default();
    options.finish()?;
    let mut after = Options::new("after", after);
    let stdout = after.int("out", 0..=i64::MAX)?.unwrap_or(0) as u64;
    let stderr = after.int("err", 0..=i64::MAX)?.unwrap_or(0) as u64;
    after.finish()?;
    Ok(Wanted {
        timeout,
        stream,
        after: Position { stdout, stderr },
    })
}

/// Waits for a line as a step; gives back its named groups and the line.
pub fn await_line(
    ctx: &NativeCallContext,
    service: &Running,
    pattern: &str,
    options: Map,
) -> Result<Map, Raise> {
    let regex = regex(ctx, pattern)?;
    let wanted = read_wanted(options).map_err(|failure| script::usage(ctx, failure))?;
    look(ctx, service, "wait for a line of", |attempt| {
        attempt.count_assertion();
        let timeout = attempt
            .world()
            .scaled(wanted.timeout.unwrap_or(attempt.world().wait_timeout));
        let until = pace::now() + timeout;
        let Some(log) = service.logs().last().cloned() else {
            return Err(ServiceError::NotRunning {
                name: service.name().to_owned(),
                exit: "it was never started".into(),
            }
            .into());
        };
        let mut last = String::new();
        let found = attempt.block_on(async {
            let mut follow = log.follow(wanted.after);
            loop {
                let next = tokio::select! {
                    biased;
                    next = follow.next() => Ok(next),
                    () = pace::until(until) => Err(()),
                };
                match next {
                    Ok(Some(line)) => {
                        let is_meant = wanted.stream.is_none_or(|stream| stream == line.stream);
                        if let Some(found) = is_meant
                            .then(|| filter::captures(&regex, &line.text))
                            .flatten()
                        {
                            return Ok((line.text, found));
                        }
                        last = line.text;
                    }
                    Ok(None) => return Err(true),
                    Err(()) => return Err(false),
                }
            }
        })?;
        match found {
            Ok((line, found)) => {
                let mut map: Map = found
                    .into_iter()
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect();
                map.insert("line".into(), line.into());
                Ok(map)
            }
            Err(is_over) => {
                if is_over {
                    // An end that nobody wanted is about to be told as the root of this.
                    attempt.sleep(END_IS_TOLD)?;
                }
                Err(no_line(service, &regex, is_over, timeout, last).into())
            }
        }
    })
}

fn no_line(
    service: &Running,
    regex: &regex::Regex,
    is_over: bool,
    timeout: Duration,
    last: String,
) -> Failure {
    let name = service.name();
    let failure = if is_over {
        let how = service
            .exit()
            .map_or_else(|| "ended".into(), |exit| exited(&exit));
        Failure::product(
            Code::Service,
            format!("service `{name}` {how} and wrote no line that matches `{regex}`"),
        )
    } else {
        Failure::product(
            Code::WaitTimeout,
            format!(
                "service `{name}` wrote no line that matches `{regex}` within {}",
                show(timeout)
            ),
        )
    };
    let failure = if last.is_empty() {
        failure
    } else {
        failure.detail("last line", last)
    };
    failure.detail("log", service.log_path())
}
