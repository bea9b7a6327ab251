//! Waits until a service is ready, or can never be: its end is noticed at once, and every wait says what it last saw.

use super::filter;
use super::place;
use super::probe::{self, Pauses};
use super::running::Service;
use super::spec::Ready;
use super::unready::{Sight, Unready, address, in_words, port_of, timed_out};
use crate::guard::{Process, Program};
use crate::host::attempt::Attempt;
use crate::host::clock::Stop;
use crate::host::duration::show;
use crate::host::json;
use crate::host::pace;
use crate::host::poll::{self, Poll};
use crate::host::script::Deferred;
use rhai::Dynamic;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A service that may end may also have been ready before: so long is looked for that.
const AFTERWARDS: Duration = Duration::from_millis(50);

#[derive(Clone, Default)]
struct Sights(Arc<Mutex<Sight>>);

impl Sights {
    fn see(&self, seen: impl Into<String>) {
        let mut sight = self.0.lock().unwrap_or_else(|e| e.into_inner());
        sight.last = seen.into();
        sight.looks += 1;
    }

    fn take(&self) -> Sight {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

/// Who waits for what, and how long.
pub struct Waiting<'a> {
    pub attempt: &'a Attempt,
    pub service: &'a Service,
    pub process: &'a Process,
    pub deadline: Instant,
    /// Ends the wait when a neighbour failed.
    pub abort: &'a CancellationToken,
}

/// Waits until a service is ready by all that its description names, in order.
pub fn wait(waiting: &Waiting<'_>, handle: &Dynamic) -> Result<(), Unready> {
    let service = waiting.service;
    let launch = service.launch();
    for ready in launch.map(|launch| launch.ready).unwrap_or_default() {
        let sights = Sights::default();
        let result = match &ready {
            Ready::Closure(closure) => closure_is_true(waiting, closure, handle, &sights),
            other => waiting
                .attempt
                .block_on(watched(waiting, other, &sights))
                .map_err(Unready::Stopped)
                .and_then(|result| result),
        };
        result.map_err(|unready| match unready {
            Unready::TimedOut { .. } => Unready::TimedOut {
                waited_for: in_words(service, &ready),
                sight: sights.take(),
            },
            other => other,
        })?;
    }
    Ok(())
}

/// The first line of its log that matches.
pub async fn line(
    process: &Process,
    regex: &regex::Regex,
    deadline: Instant,
) -> Result<String, Unready> {
    let found = async {
        let mut follow = process.log().follow(Default::default());
        while let Some(line) = follow.next().await {
            if regex.is_match(&line.text) {
                return line.text;
            }
        }
        std::future::pending().await
    };
    tokio::select! {
        biased;
        text = found => Ok(text),
        exit = process.exited() => Err(Unready::Ended(exit)),
        () = pace::until(deadline) => Err(timed_out()),
    }
}

/// Waits for one condition, the end of the process, and the end of the time, whichever is first.
async fn watched(waiting: &Waiting<'_>, ready: &Ready, sights: &Sights) -> Result<(), Unready> {
    let Waiting {
        service,
        process,
        deadline,
        abort,
        ..
    } = waiting;
    tokio::select! {
        biased;
        exit = process.exited() => match ready {
            Ready::Exit(code) if exit.code() == *code => Ok(()),
            _ if service.spec().ignore_exit => {
                let was_ready = is_ready(service, process, ready, sights);
                let looked = tokio::time::timeout(AFTERWARDS, was_ready).await;
                looked.map_err(|_| Unready::Ended(exit))
            }
            _ => Err(Unready::Ended(exit)),
        },
        () = is_ready(service, process, ready, sights) => Ok(()),
        () = pace::until(*deadline) => Err(timed_out()),
        () = abort.cancelled() => Err(Unready::Aborted),
    }
}

/// Resolves when the condition holds.
async fn is_ready(service: &Service, process: &Process, ready: &Ready, sights: &Sights) {
    match ready {
        Ready::Running | Ready::Closure(_) => {}
        Ready::Exit(_) => std::future::pending().await,
        Ready::Tcp { port } => {
            let mut pauses = Pauses::cheap();
            let port = port_of(service, port.as_deref()).unwrap_or_default();
            loop {
                match look(probe::tcp(port)).await {
                    Ok(()) => return,
                    Err(seen) => sights.see(seen),
                }
                tokio::time::sleep(pauses.take()).await;
            }
        }
        Ready::Http { statuses, .. } => {
            let Some(url) = address(service, ready) else {
                sights.see("no address to ask");
                return std::future::pending().await;
            };
            let mut pauses = Pauses::cheap();
            loop {
                match tokio::time::timeout(probe::LOOK, probe::http(&url, statuses)).await {
                    Ok(Ok(())) => return,
                    Ok(Err(not_yet)) => {
                        if not_yet.answered {
                            pauses.grow();
                        }
                        sights.see(not_yet.seen);
                    }
                    Err(_) => sights.see(format!("no answer within {}", show(probe::LOOK))),
                }
                tokio::time::sleep(pauses.take()).await;
            }
        }
        Ready::Log(regex) => {
            let mut follow = process.log().follow(Default::default());
            while let Some(line) = follow.next().await {
                if let Some(found) = filter::captures(regex, &line.text) {
                    service.learn(|facts| facts.values.extend(found));
                    return;
                }
                sights.see(json::cut(&line.text, 200));
            }
            // What it was is told by its end.
            std::future::pending().await
        }
        Ready::Command(program) => {
            let mut pauses = Pauses::dear();
            loop {
                match look(command(service, program)).await {
                    Ok(()) => return,
                    Err(seen) => sights.see(seen),
                }
                tokio::time::sleep(pauses.take()).await;
            }
        }
        Ready::File(path) => {
            let mut pauses = Pauses::cheap();
            let whole = place::below(service.name(), service.dir(), path);
            let whole = whole.unwrap_or_else(|_| service.dir().join("?"));
            while !whole.exists() {
                sights.see("it is not there");
                tokio::time::sleep(pauses.take()).await;
            }
        }
    }
}

async fn look(look: impl Future<Output = probe::Seen>) -> probe::Seen {
    match tokio::time::timeout(probe::LOOK, look).await {
        Ok(seen) => seen,
        Err(_) => Err(format!("no answer within {}", show(probe::LOOK))),
    }
}

/// Runs a command in the environment of the service; gives the last line of what it said.
async fn command(service: &Service, program: &Program) -> probe::Seen {
    let Some(launch) = service.launch() else {
        return Err("it is not started".into());
    };
    let argv = program.argv();
    let env = service.environment();
    let env = env.iter().map(|(name, variable)| (name, &variable.value));
    let output = tokio::process::Command::new(&argv[0])
        .args(&argv[1..])
        .env_clear()
        .envs(env)
        .current_dir(&launch.cwd)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("cannot run `{}`: {error}", program.show()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stderr, output.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    let said = said
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or("");
    let status = match output.status.code() {
        Some(code) => format!("exit code {code}"),
        None => "killed".into(),
    };
    match said {
        "" => Err(status),
        said => Err(format!("{status}: {}", json::cut(said.trim(), 200))),
    }
}

/// Polls the closure on this thread; the pauses end with the process.
fn closure_is_true(
    waiting: &Waiting<'_>,
    closure: &Deferred,
    handle: &Dynamic,
    sights: &Sights,
) -> Result<(), Unready> {
    let Waiting {
        attempt,
        process,
        deadline,
        abort,
        ..
    } = *waiting;
    let engine = attempt.language().engine(attempt);
    let mut pauses = Pauses::dear();
    loop {
        let answer = attempt.limited(deadline + Duration::from_millis(500), |depth| {
            let answer = poll::poll(attempt, closure.source(), || {
                closure.call(&engine, attempt, vec![handle.clone()])
            });
            match answer {
                Poll::Stopped(Stop::Limit(fired)) if fired == depth => {
                    Poll::NotYet("the last poll did not answer in time".into())
                }
                answer => answer,
            }
        });
        // Its end explains more than what the closure made of it.
        if let Some(exit) = process.try_exit() {
            return Err(Unready::Ended(exit));
        }
        match answer {
            Poll::Done(_) => return Ok(()),
            Poll::NotYet(seen) => sights.see(seen),
            Poll::Never(failure) => return Err(Unready::Never(failure)),
            Poll::Stopped(stop) => return Err(Unready::Stopped(stop)),
        }
        if pace::now() >= deadline {
            return Err(timed_out());
        }
        if abort.is_cancelled() {
            return Err(Unready::Aborted);
        }
        let pause = pauses.take();
        attempt
            .block_on(async {
                tokio::select! {
                    _ = process.exited() => {}
                    () = abort.cancelled() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            })
            .map_err(Unready::Stopped)?;
    }
}
