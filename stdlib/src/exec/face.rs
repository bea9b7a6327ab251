//! The names scripts use.

use super::body::{self, Ran};
use super::command::{self, Command};
use super::error::ExecError;
use super::find;
use crate::guard::{Guard, How, Program};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::record::Level;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, NativeCallContext};
use std::sync::Arc;

/// A command that ended. Clones are the same.
#[derive(Debug, Clone)]
pub struct Done(Arc<Ran>);

#[export_module]
pub mod exec {
    /// Runs a command line with `/bin/sh` to its end. It must succeed: another exit code than 0 fails the phase, showing
    /// the last lines of standard error.
    ///
    /// ```rhai
    /// let out = exec("echo hello | tr a-z A-Z");
    /// assert out.stdout == "HELLO\n";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn exec(ctx: NativeCallContext, command: &str) -> Result<Done, Raise> {
        run(&ctx, Ok(Program::Shell(command.to_owned())), Map::new())
    }

    /// Like `exec(command)` with options: `timeout`, `env` (variables added; `()` takes one away), `cwd` (relative to the
    /// project), `stdin` (a string or bytes), and `may_fail`: `true` accepts any exit code, `[1, 2]` accepts these beside 0.
    ///
    /// ```rhai
    /// let out = exec("cat; exit 3", #{ stdin: "hello", timeout: "10s", may_fail: [3] });
    /// assert out.code == 3 && out.stdout == "hello";
    /// ```
    #[rhai_fn(name = "exec", return_raw)]
    pub fn exec_with(ctx: NativeCallContext, command: &str, options: Map) -> Result<Done, Raise> {
        run(&ctx, Ok(Program::Shell(command.to_owned())), options)
    }

    /// The whole path of a program of this machine. One that is not there is a fault that names it.
    ///
    /// ```rhai
    /// assert find_program("sh").ends_with("/sh");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn find_program(ctx: NativeCallContext, name: &str) -> Result<String, Raise> {
        let found = look_for(&ctx, vec![name.to_owned()], Map::new())?;
        Ok(found.unwrap_or_default())
    }

    /// Like `find_program(name)` with options: `or` (other names that will do), `places` (folders beside `PATH`, relative to
    /// the project; `*` is allowed, and the newest version wins), `install` (what to install when it is not there: a
    /// Debian package, or a sentence), `optional: true` (then the answer is `()`). May be used while a file is loaded.
    ///
    /// ```rhai
    /// let shell = find_program("no-such-shell", #{ or: ["sh"], places: ["/opt/*/bin"], install: "dash" });
    /// assert shell.ends_with("/sh");
    /// assert find_program("no-such-shell", #{ optional: true }) == ();
    /// ```
    #[rhai_fn(name = "find_program", return_raw)]
    pub fn find_program_with(
        ctx: NativeCallContext,
        name: &str,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        let found = look_for(&ctx, vec![name.to_owned()], options)?;
        Ok(found.map_or(Dynamic::UNIT, Dynamic::from))
    }

    /// Runs a program with its arguments to its end; no shell reads them, so nothing needs quotes.
    ///
    /// ```rhai
    /// assert exec(["printf", "%s|", "a b", 7]).stdout == "a b|7|";
    /// ```
    #[rhai_fn(name = "exec", return_raw)]
    pub fn exec_list(ctx: NativeCallContext, command: Array) -> Result<Done, Raise> {
        run(&ctx, command::list(&command), Map::new())
    }

    /// Like `exec(list)` with the options of `exec(command, options)`.
    ///
    /// ```rhai
    /// let out = exec(["sh", "-c", "echo $GREETING"], #{ env: #{ GREETING: "good morning" } });
    /// assert out.lines == ["good morning"];
    /// ```
    #[rhai_fn(name = "exec", return_raw)]
    pub fn exec_list_with(
        ctx: NativeCallContext,
        command: Array,
        options: Map,
    ) -> Result<Done, Raise> {
        run(&ctx, command::list(&command), options)
    }
}

#[export_module]
pub mod output {
    pub type Output = Done;

    /// The exit code; 128 and the number of the signal for a process that was killed by one, as shells have it.
    ///
    /// ```rhai
    /// assert exec("exit 4", #{ may_fail: true }).code == 4;
    /// ```
    #[rhai_fn(get = "code", pure)]
    pub fn code(out: &mut Output) -> i64 {
        i64::from(out.0.exit.code())
    }

    /// How it ended, in words.
    ///
    /// ```rhai
    /// assert exec("kill -9 $$", #{ may_fail: true }).status == "killed by SIGKILL";
    /// ```
    #[rhai_fn(get = "status", pure)]
    pub fn status(out: &mut Output) -> String {
        out.0.exit.how.to_string()
    }

    /// The number of the signal that killed it; `()` if none did.
    ///
    /// ```rhai
    /// assert exec("kill -15 $$", #{ may_fail: true }).signal == 15;
    /// ```
    #[rhai_fn(get = "signal", pure)]
    pub fn signal(out: &mut Output) -> Dynamic {
        match out.0.exit.how {
            How::Signal(number) => i64::from(number).into(),
            How::Code(_) | How::Lost => Dynamic::UNIT,
        }
    }

    /// Whether it ended with exit code 0.
    ///
    /// ```rhai
    /// assert exec("true").ok;
    /// ```
    #[rhai_fn(get = "ok", pure)]
    pub fn ok(out: &mut Output) -> bool {
        out.0.exit.is_success()
    }

    /// All it wrote to standard output, line ends included. Of more than 24 MiB the middle is cut out, which a line in it says.
    ///
    /// ```rhai
    /// assert exec("echo hello").stdout == "hello\n";
    /// ```
    #[rhai_fn(get = "stdout", pure)]
    pub fn stdout(out: &mut Output) -> String {
        out.0.stdout.clone()
    }

    /// All it wrote to standard error.
    ///
    /// ```rhai
    /// assert exec("echo careful >&2").stderr == "careful\n";
    /// ```
    #[rhai_fn(get = "stderr", pure)]
    pub fn stderr(out: &mut Output) -> String {
        out.0.stderr.clone()
    }

    /// The lines of standard output, without their ends.
    ///
    /// ```rhai
    /// assert exec("printf 'a\\nb\\n'").lines == ["a", "b"];
    /// ```
    #[rhai_fn(get = "lines", pure)]
    pub fn lines(out: &mut Output) -> Array {
        out.0.stdout.lines().map(|line| line.into()).collect()
    }

    /// Standard output as JSON; fails the phase if it is none.
    ///
    /// ```rhai
    /// assert exec("echo '{ \"cups\": 3 }'").json.cups == 3;
    /// ```
    #[rhai_fn(get = "json", pure, return_raw)]
    pub fn json(ctx: NativeCallContext, out: &mut Output) -> Result<Dynamic, Raise> {
        let attempt = script::attempt_for(&ctx, "json")?;
        match serde_json::from_str(&out.0.stdout) {
            Ok(value) => Ok(json::from_json(&value)),
            Err(error) => {
                let error = ExecError::NotJson {
                    command: out.0.command.clone(),
                    why: error.to_string(),
                    output: json::cut(&out.0.stdout, 2000),
                };
                Err(script::fail(&ctx, &attempt, error.into()))
            }
        }
    }

    /// Standard output as a list, each line a value in JSON; fails the phase if one is none. Empty lines are left out.
    ///
    /// ```rhai
    /// let events = exec(`printf '{"n":1}\n{"n":2}\n'`).json_lines;
    /// assert events.map(|event| event.n) == [1, 2];
    /// ```
    #[rhai_fn(get = "json_lines", pure, return_raw)]
    pub fn json_lines(ctx: NativeCallContext, out: &mut Output) -> Result<Array, Raise> {
        let attempt = script::attempt_for(&ctx, "json_lines")?;
        let lines = out.0.stdout.lines().filter(|line| !line.trim().is_empty());
        let values = lines.map(|line| match serde_json::from_str(line) {
            Ok(value) => Ok(json::from_json(&value)),
            Err(error) => {
                let error = ExecError::NotJson {
                    command: out.0.command.clone(),
                    why: error.to_string(),
                    output: json::cut(line, 2000),
                };
                Err(script::fail(&ctx, &attempt, error.into()))
            }
        });
        values.collect()
    }

    /// How long it took, in seconds.
    ///
    /// ```rhai
    /// assert exec("true").elapsed < 5.0;
    /// ```
    #[rhai_fn(get = "elapsed", pure)]
    pub fn elapsed(out: &mut Output) -> f64 {
        out.0.exit.after.as_secs_f64()
    }

    /// The processes it had left in the background, each in words; they have been ended.
    ///
    /// ```rhai
    /// let out = exec("sleep 999 & echo started");
    /// assert out.left.len == 1 && out.left[0].contains("sleep 999");
    /// ```
    #[rhai_fn(get = "left", pure)]
    pub fn left(out: &mut Output) -> Array {
        let left = out.0.leftovers.iter();
        left.map(|leftover| leftover.to_string().into()).collect()
    }

    /// The exit and both streams, for `log` and `attach`.
    ///
    /// ```rhai
    /// assert exec("echo hello").to_string().contains("hello");
    /// ```
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn to_string(out: &mut Output) -> String {
        let Ran {
            command,
            exit,
            stdout,
            stderr,
            ..
        } = &*out.0;
        let mut text = format!("$ {command}\n{stdout}");
        if !stderr.is_empty() {
            text.push_str(&format!("\nstderr:\n{stderr}"));
        }
        format!("{}\n{exit}", text.trim_end())
    }
}

fn look_for(
    ctx: &NativeCallContext,
    mut names: Vec<String>,
    options: Map,
) -> Result<Option<String>, Raise> {
    let world = script::world(ctx)?;
    let look = || {
        let mut options = Options::new("find_program", options);
        names.extend(options.texts("or")?.unwrap_or_default());
        let places = options.texts("places")?.unwrap_or_default();
        let install = options.text("install")?;
        let is_optional = options.flag("optional")?.unwrap_or(false);
        options.finish()?;
        match find::find(&world, &names, &places) {
            Some(path) => Ok(Some(path.to_string_lossy().into_owned())),
            None if is_optional => Ok(None),
            None => Err(Failure::from(find::missing(&names, &places, install))),
        }
    };
    look().map_err(|failure| script::usage(ctx, failure))
}

fn run(
    ctx: &NativeCallContext,
    program: Result<Program, ExecError>,
    options: Map,
) -> Result<Done, Raise> {
    let attempt = script::attempt(ctx)?;
    let command = program
        .map_err(Failure::from)
        .and_then(|program| Command::read(attempt.world(), program, options))
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let title = json::cut(&command.program.show(), 100);
    let accepts = command.accepts.clone();
    attempt.step("exec", &title, script::call_site(ctx), |step| {
        step.data = serde_json::json!({ "argv": command.program.argv() });
        let owner = &attempt.identity().scenario;
        let outcome = Guard::of(attempt.world()).map(|guard| {
            let running = Box::pin(async { body::run(&guard, owner, command).await });
            attempt.block_on(running)
        });
        let ran = match outcome {
            Err(error) => Err(ExecError::from(error)),
            Ok(Err(stop)) => return Err(script::stop(stop, ctx.call_position())),
            Ok(Ok(outcome)) => outcome,
        };
        let ran = ran.map_err(|error| refuse(ctx, &attempt, error))?;
        if let (Some(data), serde_json::Value::Object(account)) =
            (step.data.as_object_mut(), ran.account())
        {
            data.extend(account);
        }
        tell_leftovers(&attempt, &ran);
        let is_accepted = accepts.takes(ran.exit.code()) && ran.exit.how != How::Lost;
        if accepts != command::Accepts::Any {
            attempt.count_assertion();
        }
        if !is_accepted {
            return Err(refuse(ctx, &attempt, ran.failed()));
        }
        let trouble =
            (!ran.exit.is_success()).then(|| format!("`{}`: {}", ran.command, ran.exit.how));
        attempt.set_trouble(trouble);
        Ok(Done(Arc::new(ran)))
    })
}

fn refuse(ctx: &NativeCallContext, attempt: &Attempt, error: ExecError) -> Raise {
    attempt.set_trouble(Some(error.to_string()));
    script::fail(ctx, attempt, error.into())
}

fn tell_leftovers(attempt: &Attempt, ran: &Ran) {
    if attempt.is_polling() {
        return;
    }
    for leftover in &ran.leftovers {
        let text = format!("`{}` had left a process: {leftover}", ran.command);
        attempt.log(Level::Warn, text);
    }
}
