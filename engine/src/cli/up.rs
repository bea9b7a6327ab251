//! `scenario up`: a declared stack for any other tool, for as long as this command runs.

use super::exit::Exit;
use super::stacks_up::{self, Entry};
use super::tell::{Done, Trouble};
use super::{drive, prepare, world};
use crate::config::{Flags, SelectFlags, SettingFlags, Settings};
use crate::report::clean;
use crate::source::Library;
use crate::source::discover::{self, Place};
use crate::store::{Home, new_run_id};
use jiff::Timestamp;
use scenario_stdlib::guard::Guard;
use scenario_stdlib::host::attempt::{Attempt, Host, Identity};
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::duration::{self, show};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{Level, Record, ServiceNews};
use scenario_stdlib::host::scope::Owner;
use scenario_stdlib::host::suggest;
use scenario_stdlib::service::start::Unstarted;
use scenario_stdlib::stack::{self, Exports, Stack};
use serde_json::Map;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

/// Brings a declared stack up, prints its addresses, and ends it with this command.
#[derive(clap::Args)]
pub struct Args {
    /// The script or module that declares it
    file: String,
    /// Which of its stacks; needed only if there are several
    name: Option<String>,
    /// How the addresses are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// End it after this time, with exit code 130
    #[arg(long, value_name = "TIME", value_parser = time)]
    timeout: Option<Duration>,
    /// Leave it up and come back; `scenario down` ends it
    #[arg(long)]
    detach: bool,
    /// Keep its directory afterwards
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

/// How variables are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// export NAME="value", for `eval "$(scenario up …)"`
    #[default]
    Shell,
    Json,
    Dotenv,
}

impl Format {
    fn text(self, exports: &Exports) -> String {
        match self {
            Self::Shell => stack::lines(exports),
            Self::Json => serde_json::to_string_pretty(exports).unwrap_or_default() + "\n",
            Self::Dotenv => stack::lines(exports).replace("export ", ""),
        }
    }
}

/// How long services may take to end.
pub const ENDING_LIMIT: Duration = Duration::from_secs(60);

fn time(text: &str) -> Result<Duration, String> {
    // As `timeout(1)` and others take it.
    let seconds = text.parse::<u64>().map(Duration::from_secs);
    seconds.or_else(|_| duration::parse(text).map_err(|error| error.to_string()))
}

pub fn main(args: Args) -> Done {
    let flags = Flags {
        select: SelectFlags {
            paths: vec![args.file.clone()],
            ..SelectFlags::default()
        },
        settings: args.settings.clone(),
        ..Flags::default()
    };
    let settings = prepare::settings(&flags)?;
    let home = Home::new(&settings.project.store);
    if args.detach {
        return detach(&home);
    }
    let file = file(&settings)?;
    let run = new_run_id(Timestamp::now());
    let run_dir = home
        .run_dir(&run)
        .map_err(|error| Failure::fault(error.to_string()))?;
    let base_url = settings.http.base_url.clone();
    let world = Arc::new(world::world(&settings, &run.0, run_dir, base_url));
    let library = Library::new(world, settings.project.modules.clone());
    let chosen = choose(&library, &file, args.name.as_deref())?;
    stacks_up::refuse_second(&home, &chosen.0.name)?;
    let runtime = drive::runtime()?;
    let exit = hold(&args, &library, &runtime, &home, &chosen);
    if let Some(guard) = Guard::existing(library.world()) {
        guard.finish(ENDING_LIMIT);
    }
    exit
}

/// The one file meant.
fn file(settings: &Settings) -> Result<String, Trouble> {
    let place = Place {
        root: &settings.project.root,
        cwd: &settings.project.cwd,
        store: &settings.project.store,
    };
    let found = discover::discover(&place, &settings.select.paths, &settings.project.scripts);
    match found {
        Ok(found) if found.len() == 1 => Ok(found[0].file.clone()),
        Ok(_) => Err(Failure::usage("name one file: scenario up stacks/shop.rhai").into()),
        Err(errors) => Err(errors
            .into_iter()
            .map(Failure::from)
            .collect::<Vec<_>>()
            .into()),
    }
}

pub fn choose(library: &Library, file: &str, name: Option<&str>) -> Result<Stack, Trouble> {
    let stacks = library.stacks(file)?;
    let names: Vec<&str> = stacks.iter().map(|stack| stack.0.name.as_str()).collect();
    match (stacks.as_slice(), name) {
        ([], _) => Err(Failure::usage(format!("{file} declares no stack"))
            .hint("declare one: export const shop = stack(\"shop\", #{ services: #{ … } });")
            .into()),
        ([one], None) => Ok(one.clone()),
        (_, None) => Err(
            Failure::usage(format!("{file} declares {} stacks", stacks.len()))
                .hint(format!("say which one: {}", names.join(", ")))
                .into(),
        ),
        (all, Some(name)) => all
            .iter()
            .find(|stack| stack.0.name == name)
            .cloned()
            .ok_or_else(|| {
                let mut failure = Failure::usage(format!("{file} declares no stack \"{name}\""));
                failure.hint = suggest::hint(name, names.iter().copied());
                failure.into()
            }),
    }
}

/// Brings it up, tells, waits, and brings it down.
fn hold(
    args: &Args,
    library: &Library,
    runtime: &tokio::runtime::Runtime,
    home: &Home,
    chosen: &Stack,
) -> Done {
    let world = library.world().clone();
    let identity = Identity {
        scenario: format!("{}::{}", args.file, chosen.0.name),
        phase: "up".into(),
        round: 1,
        try_number: 1,
        attempt: 1,
        seed: world.seed,
        script_dir: world.project.clone(),
        work_dir: world.run_dir.join("up").into(),
    };
    // From the first moment on: a signal while it comes up ends it in order, too.
    let ended = listen(runtime.handle(), args.timeout);
    let clock = Arc::new(Clock::start(
        "bringing the stack up",
        Duration::from_secs(600),
    ));
    let host = Arc::new(Narrator {
        runtime: runtime.handle().clone(),
    });
    let attempt = Attempt::new(
        identity,
        host,
        world.clone(),
        library.language().clone(),
        Map::new(),
        clock.clone(),
    );
    let stopper = clock.clone();
    let reason = ended.clone();
    runtime.spawn(async move {
        let reason = reason.wait().await;
        stopper.cancel(&reason.text());
    });
    let told = |reason: &Reason| eprintln!("{}: bringing {} down", reason.text(), chosen.0.name);
    let began = Instant::now();
    let result = stack::bring_up_own(&attempt, chosen);
    let done = match &result {
        Ok((up, _)) => {
            eprintln!("{} is up after {}", chosen.0.name, show(began.elapsed()));
            let exports = up.exports();
            print!("{}", args.format.text(exports));
            let _ = std::io::Write::flush(&mut std::io::stdout());
            let entry = stacks_up::announce(home, &chosen.0.name, &args.file, exports)?;
            let reason = runtime.block_on(ended.wait());
            entry.withdraw();
            told(&reason);
            match reason {
                Reason::Signal(_) => Ok(Exit::Passed),
                Reason::Timeout(_) => Ok(Exit::Interrupted),
            }
        }
        Err(Unstarted::Stopped(_)) => {
            if let Some(reason) = ended.reason() {
                told(&reason);
            }
            Ok(Exit::Interrupted)
        }
        Err(cause) => Err(Trouble::from(failure_of(cause))),
    };
    let failed = result.is_err();
    end(&attempt, &clock, failed || args.keep);
    done
}

fn failure_of(cause: &Unstarted) -> Failure {
    match cause {
        Unstarted::Failed(failure) => failure.as_ref().clone(),
        Unstarted::Stopped(_) | Unstarted::Aborted => Failure::fault("the stack did not come up"),
    }
}

/// Ends all services, in reverse order.
pub fn end(attempt: &Attempt, clock: &Arc<Clock>, keep: bool) {
    let undoing = attempt.on_clock(clock.begin_cleanup(ENDING_LIMIT));
    let identity = attempt.identity();
    let owners = [
        Owner::Try {
            scenario: identity.scenario.clone(),
            round: 1,
            try_number: 1,
        },
        Owner::File(identity.file().to_owned()),
        Owner::Run,
    ];
    for owner in owners {
        let Some(scope) = attempt.world().scopes.close(&owner) else {
            continue;
        };
        if keep {
            scope.mark_failed();
        }
        while let Some(cleanup) = scope.next_cleanup() {
            if let Err(failure) = (cleanup.run)(&undoing) {
                eprintln!("warning: {}", clean::block(&failure.render(), clean::BLOCK));
            }
        }
    }
}

/// Why it ends.
#[derive(Clone, Debug)]
enum Reason {
    Signal(&'static str),
    Timeout(Duration),
}

impl Reason {
    fn text(&self) -> String {
        match self {
            Self::Signal(name) => (*name).to_owned(),
            Self::Timeout(limit) => format!("--timeout {} is over", show(*limit)),
        }
    }
}

/// Tells everybody who waits why it ends.
#[derive(Clone)]
struct Ended(tokio::sync::watch::Receiver<Option<Reason>>);

impl Ended {
    fn reason(&self) -> Option<Reason> {
        self.0.borrow().clone()
    }

    async fn wait(&self) -> Reason {
        let mut seen = self.0.clone();
        let reason = seen.wait_for(Option::is_some).await.ok();
        reason
            .and_then(|reason| reason.clone())
            .unwrap_or(Reason::Signal("the end of the process"))
    }
}

fn listen(runtime: &Handle, timeout: Option<Duration>) -> Ended {
    let (tell, ended) = tokio::sync::watch::channel(None);
    let tell = Arc::new(tell);
    for (kind, name) in [
        (SignalKind::interrupt(), "Ctrl-C"),
        (SignalKind::terminate(), "SIGTERM"),
        (SignalKind::hangup(), "SIGHUP"),
    ] {
        let tell = tell.clone();
        runtime.spawn(async move {
            let Ok(mut signals) = signal(kind) else {
                return;
            };
            while signals.recv().await.is_some() {
                if tell.borrow().is_some() {
                    // The second time: whatever is left is ended by the guard.
                    std::process::exit(130);
                }
                let _ = tell.send(Some(Reason::Signal(name)));
            }
        });
    }
    if let Some(limit) = timeout {
        runtime.spawn(async move {
            tokio::time::sleep(limit).await;
            let _ = tell.send(Some(Reason::Timeout(limit)));
        });
    }
    Ended(ended)
}

/// Tells on standard error what becomes of the services.
pub struct Narrator {
    pub runtime: Handle,
}

impl Host for Narrator {
    fn record(&self, record: Record) {
        match record {
            Record::Service { name, what, data } => {
                let took = data.read()["micros"].as_u64().map(Duration::from_micros);
                let after = took.map_or_else(String::new, |took| format!(" after {}", show(took)));
                let what = match what {
                    ServiceNews::Started => "starts",
                    ServiceNews::Ready => "is ready",
                    ServiceNews::Restarted => "is started again",
                    ServiceNews::Exited => "ended by itself",
                    ServiceNews::Stopped => "is ended",
                    ServiceNews::Escaped => "left processes, which are ended",
                    ServiceNews::Kept => "keeps its directory",
                };
                eprintln!("  {} {what}{after}", clean::name(&name));
            }
            Record::Log {
                level: Level::Warn,
                text,
                ..
            } => {
                eprintln!("warning: {}", clean::line(&text, clean::NAME));
            }
            _ => {}
        }
    }

    fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

/// Starts this command again on its own, waits until it has told the addresses, and leaves it.
fn detach(home: &Home) -> Done {
    let folder = stacks_up::folder(home)?;
    let log = folder.join(format!("{}.log", std::process::id()));
    let err = stacks_up::private_file(&log)?;
    let out = folder.join(format!("{}.out", std::process::id()));
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    words.retain(|word| word != "--detach");
    let mut child = Command::new(std::env::current_exe()?)
        .args(words)
        .stdin(Stdio::null())
        .stdout(stacks_up::private_file(&out)?)
        .stderr(err)
        .spawn()?;
    let pid = child.id();
    let told = wait_until_told(&mut child, home, pid)?;
    let text = std::fs::read_to_string(&out).unwrap_or_default();
    let _ = std::fs::remove_file(&out);
    if !told {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        let _ = std::fs::remove_file(&log);
        eprint!("{said}");
        let code = child.wait()?.code().unwrap_or(3);
        return Ok(Exit::of_code(code));
    }
    print!("{text}");
    eprintln!(
        "up as process {pid}, with its log in {}; `scenario down` ends it",
        shown(&log)
    );
    Ok(Exit::Passed)
}

fn shown(path: &Path) -> String {
    clean::name(&path.to_string_lossy())
}

/// Whether it came up; it did not if it ended instead.
fn wait_until_told(
    child: &mut std::process::Child,
    home: &Home,
    pid: u32,
) -> Result<bool, Trouble> {
    loop {
        if Entry::all(home)?.iter().any(|entry| entry.pid == pid) {
            return Ok(true);
        }
        if child.try_wait()?.is_some() {
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
