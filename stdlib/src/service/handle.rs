//! What a script can do with a service.

use super::env;
use super::error::ServiceError;
use super::filter::Filter;
use super::lines::{await_line, read_filter, regex, select};
use super::running::{Service as Running, exited};
use super::start::{self, Unstarted};
use crate::guard::{Process, Stream};
use crate::host::attempt::Attempt;
use crate::host::clock::Stop;
use crate::host::duration::show;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, NativeCallContext};

/// Signals after which the end of a service is what the script wanted.
const ENDING: &[&str] = &["TERM", "INT", "QUIT", "KILL", "ABRT"];

#[export_module]
pub mod handle {
    pub type Service = Running;

    /// What it is called.
    #[rhai_fn(get = "name", pure)]
    pub fn name(service: &mut Service) -> String {
        service.name().to_owned()
    }

    /// Its address: `http://127.0.0.1:PORT` of the first port, or what the option `url` says.
    #[rhai_fn(get = "url", return_raw, pure)]
    pub fn url(ctx: NativeCallContext, service: &mut Service) -> Result<String, Raise> {
        let facts = service.facts();
        facts
            .url
            .ok_or_else(|| refuse(&ctx, no_port(service, "url")))
    }

    /// Its first port: of a list the first; of a map `web`, else `http`, else the first of the alphabet.
    #[rhai_fn(get = "port", return_raw, pure)]
    pub fn first_port(ctx: NativeCallContext, service: &mut Service) -> Result<i64, Raise> {
        let facts = service.facts();
        match facts.ports.first() {
            Some((_, port)) => Ok(i64::from(*port)),
            None => Err(refuse(&ctx, no_port(service, "port"))),
        }
    }

    /// The port of that name.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "exec sleep 60", ports: ["web", "admin"], ready: "running" });
    /// assert job.port("admin") != job.port("web");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn port(ctx: NativeCallContext, service: &mut Service, name: &str) -> Result<i64, Raise> {
        let facts = service.facts();
        let found = facts.ports.iter().find(|(known, _)| known == name);
        match found {
            Some((_, port)) => Ok(i64::from(*port)),
            None => Err(refuse(&ctx, no_port(service, name))),
        }
    }

    /// All ports by name.
    #[rhai_fn(get = "ports", pure)]
    pub fn ports(service: &mut Service) -> Map {
        let facts = service.facts();
        let port = |(name, port): &(String, u16)| (name.as_str().into(), i64::from(*port).into());
        facts.ports.iter().map(port).collect()
    }

    /// The number of its process.
    #[rhai_fn(get = "pid", pure)]
    pub fn pid(service: &mut Service) -> i64 {
        i64::from(service.facts().pid.unwrap_or_default())
    }

    /// Its private directory, an absolute path; `data`, `log` and `config` are in there.
    #[rhai_fn(get = "dir", pure)]
    pub fn dir(service: &mut Service) -> String {
        service.dir().to_string_lossy().into_owned()
    }

    /// The environment it was started with.
    #[rhai_fn(get = "env", pure)]
    pub fn env(service: &mut Service) -> Map {
        let variables = service.environment();
        variables
            .into_iter()
            .map(|(name, variable)| (name.into(), variable.value.into()))
            .collect()
    }

    /// Where each variable of its environment came from: `#{ NAME: #{ value, from, over } }`, `from` being `"run"`,
    /// `"scenario"`, `"stack"` or `"service"`.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "exec sleep 60", env: #{ MODE: "test" } });
    /// assert job.explain_env().MODE == #{ value: "test", from: "service" };
    /// ```
    #[rhai_fn(pure)]
    pub fn explain_env(service: &mut Service) -> Dynamic {
        json::from_json(&env::explain(&service.environment(), true))
    }

    /// What it published: named groups of the log line it was ready by, the option `values`, and the lines `name=value`
    /// it wrote into the file `$SCENARIO_SERVICE_VALUES`.
    #[rhai_fn(get = "values", pure)]
    pub fn values(service: &mut Service) -> Map {
        let values = service.facts().values;
        values
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    /// All it wrote to standard output and standard error, line by line as they came.
    #[rhai_fn(get = "log", pure)]
    pub fn log_text(service: &mut Service) -> String {
        let lines = service.lines();
        lines.into_iter().map(|line| line.text + "\n").collect()
    }

    /// The files its output is kept in: `#{ out: [..], err: [..] }`, one each for every time it was started.
    #[rhai_fn(get = "log_files", pure)]
    pub fn log_files(service: &mut Service) -> Map {
        let logs = service.logs();
        let paths = |stream: Stream| -> Array {
            let path = logs
                .iter()
                .map(|log| log.path(stream).to_string_lossy().into_owned());
            path.map(Dynamic::from).collect()
        };
        Map::from([
            ("out".into(), paths(Stream::Stdout).into()),
            ("err".into(), paths(Stream::Stderr).into()),
        ])
    }

    /// How far it has written, for the option `after` of `wait_for_log`.
    #[rhai_fn(get = "log_end", pure)]
    pub fn log_end(service: &mut Service) -> Map {
        let end = service
            .logs()
            .last()
            .map(|log| log.end())
            .unwrap_or_default();
        Map::from([
            ("out".into(), (end.stdout as i64).into()),
            ("err".into(), (end.stderr as i64).into()),
        ])
    }

    /// The lines it wrote.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "echo one; echo two >&2; echo three; exec sleep 60", ready: #{ log: "three" } });
    /// assert job.logs("^t").len == 2;
    /// assert job.logs(#{ stream: "out", last: 1 }) == ["three"];
    /// ```
    #[rhai_fn(pure)]
    pub fn logs(service: &mut Service) -> Array {
        select(service, &Filter::default())
    }

    /// The lines it wrote that match a regular expression.
    #[rhai_fn(name = "logs", return_raw, pure)]
    pub fn logs_matching(
        ctx: NativeCallContext,
        service: &mut Service,
        pattern: &str,
    ) -> Result<Array, Raise> {
        let filter = Filter {
            matching: Some(regex(&ctx, pattern)?),
            ..Filter::default()
        };
        Ok(select(service, &filter))
    }

    /// The lines it wrote that fit: `matching` (a regular expression), `stream` (`"out"` or `"err"`), `last` (so many
    /// from the end).
    #[rhai_fn(name = "logs", return_raw, pure)]
    pub fn logs_with(
        ctx: NativeCallContext,
        service: &mut Service,
        options: Map,
    ) -> Result<Array, Raise> {
        let filter = read_filter(options).map_err(|failure| script::usage(&ctx, failure))?;
        Ok(select(service, &filter))
    }

    /// Waits for a line that matches a regular expression, from the beginning of the log on; gives back its named groups
    /// and the `line`. Fails after 30s, and at once when the service ends.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "sleep 0.1; echo order 7 done; exec sleep 60" });
    /// assert job.wait_for_log(`order (?<id>\d+) done`).id == "7";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_log(
        ctx: NativeCallContext,
        service: &mut Service,
        pattern: &str,
    ) -> Result<Map, Raise> {
        await_line(&ctx, service, pattern, Map::new())
    }

    /// Like `wait_for_log(pattern)` with options: `timeout`, `after` (a `.log_end` taken before), `stream`.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "echo ready; trap 'echo ready again' USR1; while :; do sleep 0.05; done", ready: #{ log: "ready" } });
    /// let before = job.log_end;
    /// job.signal("USR1");
    /// job.wait_for_log("ready", #{ after: before, timeout: "5s" });
    /// ```
    #[rhai_fn(name = "wait_for_log", return_raw, pure)]
    pub fn wait_for_log_with(
        ctx: NativeCallContext,
        service: &mut Service,
        pattern: &str,
        options: Map,
    ) -> Result<Map, Raise> {
        await_line(&ctx, service, pattern, options)
    }

    /// Whether its process is there.
    #[rhai_fn(get = "is_running", pure)]
    pub fn is_running(service: &mut Service) -> bool {
        service.is_running()
    }

    /// The code its process ended with, 128 and more for a signal; `()` while it runs.
    #[rhai_fn(get = "exit_code", pure)]
    pub fn exit_code(service: &mut Service) -> Dynamic {
        match service.exit() {
            Some(exit) => i64::from(exit.code()).into(),
            None => Dynamic::UNIT,
        }
    }

    /// How often it was started again after it had ended by itself.
    #[rhai_fn(get = "restarts", pure)]
    pub fn restarts(service: &mut Service) -> i64 {
        i64::from(service.restarts())
    }

    /// Waits until its process ends by itself; gives back the exit code. The end is not a failure then.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "sleep 0.1; exit 3", ignore_exit: true });
    /// assert job.wait_for_exit("5s") == 3;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_exit(
        ctx: NativeCallContext,
        service: &mut Service,
        timeout: &str,
    ) -> Result<i64, Raise> {
        let timeout = crate::host::duration::parse(timeout)
            .map_err(|error| script::usage(&ctx, Failure::usage(error.to_string())))?;
        act(&ctx, service, "wait for the end of", |attempt| {
            let timeout = attempt.world().scaled(timeout);
            service.expect_end();
            let Some(process) = service.process() else {
                return Ok(service.exit().map_or(0, |exit| i64::from(exit.code())));
            };
            let ended = attempt
                .block_on(async { tokio::time::timeout(timeout, process.exited()).await })?;
            match ended {
                Ok(exit) => Ok(i64::from(exit.code())),
                Err(_) => Err(Failure::product(
                    Code::WaitTimeout,
                    format!(
                        "service `{}` did not end within {}",
                        service.name(),
                        show(timeout)
                    ),
                )
                .into()),
            }
        })
    }

    /// Ends it by its plan: its `stop` command if it has one, its signal, and KILL after its `grace`. Gives back the exit
    /// code.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "exec sleep 60" });
    /// job.stop();
    /// assert !job.is_running;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn stop(ctx: NativeCallContext, service: &mut Service) -> Result<Dynamic, Raise> {
        act(&ctx, service, "stop", |attempt| {
            service.stop(attempt)?;
            Ok(code(service))
        })
    }

    /// Ends it by KILL, as a crash of the machine would. Gives back the exit code.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "exec sleep 60" });
    /// assert job.kill() == 137;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn kill(ctx: NativeCallContext, service: &mut Service) -> Result<Dynamic, Raise> {
        act(&ctx, service, "kill", |attempt| {
            service.kill(attempt)?;
            Ok(code(service))
        })
    }

    /// Freezes it with all its processes: its connections stay open and nobody answers.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "exec sleep 60" });
    /// job.pause();
    /// job.resume();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn pause(ctx: NativeCallContext, service: &mut Service) -> Result<(), Raise> {
        act(&ctx, service, "pause", |attempt| {
            let process = alive(service)?;
            attempt.block_on(process.pause())??;
            Ok(())
        })
    }

    /// Lets a paused service go on.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "exec sleep 60" });
    /// job.pause();
    /// job.resume();
    /// assert job.is_running;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn resume(ctx: NativeCallContext, service: &mut Service) -> Result<(), Raise> {
        act(&ctx, service, "resume", |attempt| {
            let process = alive(service)?;
            attempt.block_on(process.resume())??;
            Ok(())
        })
    }

    /// Ends it, if it runs, and starts it again on the same ports and data; waits until it is ready.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "echo ready; exec sleep 60", ready: #{ log: "ready" } });
    /// let before = job.pid;
    /// job.restart();
    /// assert job.is_running && job.pid != before;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn restart(ctx: NativeCallContext, service: &mut Service) -> Result<(), Raise> {
        act(&ctx, service, "restart", |attempt| {
            service.stop(attempt)?;
            start::again(attempt, service, &Dynamic::from(service.clone()))?;
            service.used_by(attempt);
            Ok(())
        })
    }

    /// Sends a signal to its process, by name: `"HUP"`, `"USR1"`. After one that ends processes (TERM, INT, QUIT, KILL,
    /// ABRT) its end is no failure.
    ///
    /// ```rhai
    /// let job = spawn_service("job", #{ cmd: "trap 'echo reloaded' HUP; echo up; while :; do sleep 0.05; done", ready: #{ log: "up" } });
    /// job.signal("HUP");
    /// job.wait_for_log("reloaded");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn signal(ctx: NativeCallContext, service: &mut Service, name: &str) -> Result<(), Raise> {
        act(&ctx, service, &format!("signal {name} to"), |attempt| {
            let process = alive(service)?;
            let short = name.trim_start_matches("SIG").to_uppercase();
            if ENDING.contains(&short.as_str()) {
                service.expect_end();
            }
            attempt.block_on(process.signal(name))??;
            Ok(())
        })
    }

    /// As shown in messages.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn shown(service: &mut Service) -> String {
        format!("{service:?}")
    }
}

impl From<Stop> for Unstarted {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

/// Records what is done to a service as a step. One that another run has started is left as it is.
pub fn act<T>(
    ctx: &NativeCallContext,
    service: &Running,
    verb: &str,
    body: impl FnOnce(&Attempt) -> Result<T, Unstarted>,
) -> Result<T, Raise> {
    look(ctx, service, verb, |attempt| {
        if service.is_of_another() {
            let name = service.name().to_owned();
            return Err(ServiceError::NotOurs { name }.into());
        }
        body(attempt)
    })
}

/// Records what is asked of a service as a step.
pub fn look<T>(
    ctx: &NativeCallContext,
    service: &Running,
    verb: &str,
    body: impl FnOnce(&Attempt) -> Result<T, Unstarted>,
) -> Result<T, Raise> {
    let attempt = script::attempt(ctx)?;
    let title = format!("{verb} {}", service.name());
    attempt.step("service", &title, script::call_site(ctx), |_| {
        body(&attempt).map_err(|error| match error {
            Unstarted::Stopped(stop) => script::stop(stop, ctx.call_position()),
            Unstarted::Failed(failure) => script::fail(ctx, &attempt, *failure),
            Unstarted::Aborted => unreachable!("it has no neighbours"),
        })
    })
}

fn refuse(ctx: &NativeCallContext, error: ServiceError) -> Raise {
    script::usage(ctx, error.into())
}

fn no_port(service: &Running, port: &str) -> ServiceError {
    let facts = service.facts();
    ServiceError::UnknownPort {
        name: service.name().to_owned(),
        port: port.to_owned(),
        ports: facts.ports.iter().map(|(name, _)| name.clone()).collect(),
    }
}

fn alive(service: &Running) -> Result<Process, ServiceError> {
    let process = service
        .process()
        .filter(|process| process.try_exit().is_none());
    process.ok_or_else(|| ServiceError::NotRunning {
        name: service.name().to_owned(),
        exit: service
            .exit()
            .map_or_else(|| "it was stopped".into(), |exit| exited(&exit)),
    })
}

fn code(service: &Running) -> Dynamic {
    match service.exit() {
        Some(exit) => i64::from(exit.code()).into(),
        None => Dynamic::UNIT,
    }
}
