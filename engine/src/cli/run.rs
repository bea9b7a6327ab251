//! `scenario run`: the one place where running, storing and reporting are joined.

use super::exit::Exit;
use super::prepare::{self, Prepared};
use super::select;
use super::signals;
use super::tell::{Done, Trouble};
use crate::config::{DEMO, Flags, Flaky, Settings};
use crate::model::event::{RunStarted, VERSION};
use crate::model::{Event, View, What};
use crate::report::{Reporters, Spec};
use crate::run::dispatcher::{Dispatcher, Rules};
use crate::run::notes::Notes;
use crate::run::pump::{Note, Outlet, Pump};
use crate::run::worker::Workshop;
use crate::store::{Retention, Writer};
use scenario_stdlib::guard::{self, Guard};
use scenario_stdlib::host::failure::Failure;
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs scenarios and reports on them.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub fn main(args: Args) -> Done {
    let began = Instant::now();
    let settings = prepare::settings(&args.flags)?;
    raise_descriptor_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("io")
        .enable_all()
        .build()?;
    let demo = match settings.http.base_url.as_deref() {
        Some(DEMO) => {
            Some(runtime.block_on(scenario_demo::serve(scenario_demo::Options::default()))?)
        }
        _ => None,
    };
    let base_url = demo
        .as_ref()
        .map(scenario_demo::Demo::url)
        .or_else(|| settings.http.base_url.clone());
    let prepared = prepare::prepare(settings, base_url.clone())?;
    let exit = execute(&prepared, &runtime, base_url, began);
    if let Some(demo) = demo {
        runtime.block_on(demo.stop());
    }
    // The process ends now: taking the language and the runtime apart would cost more than a small run.
    std::mem::forget((prepared, runtime));
    exit
}

fn execute(
    prepared: &Prepared,
    runtime: &tokio::runtime::Runtime,
    base_url: Option<String>,
    began: Instant,
) -> Done {
    let settings = &prepared.settings;
    let choice = select::select(prepared)?;
    if choice.planned.is_empty() {
        return Err(select::nothing(&choice));
    }
    let (notes, inbox) = Notes::new();
    let stored = notes.clone();
    let writer = Writer::start(&prepared.home, &prepared.run, move |committed| {
        let note = match committed {
            Ok(upto) => Note::Durable(upto),
            Err(error) => Note::Lost(Box::new(Failure::fault(error.to_string()))),
        };
        stored.send(note);
    });
    let reporters = reporters(
        settings,
        &prepared.home.dir().join("runs").join(&prepared.run.0),
    )?;
    let mut outlet = Joined {
        writer: Some(writer),
        view: View::default(),
        reporters,
    };
    signals::listen(runtime.handle(), &notes);
    if let Some(limit) = settings.time.run {
        let notes = notes.clone();
        let limit = settings.time.scaled(limit);
        runtime.spawn(async move {
            tokio::time::sleep(limit).await;
            let reason = format!(
                "the run took longer than {}",
                scenario_stdlib::host::duration::show(limit)
            );
            notes.send(Note::Interrupt { reason, now: false });
        });
    }
    let rules = Rules {
        jobs: settings.run.jobs,
        max_fail: settings.run.max_fail.map(|n| n as usize),
        retries: settings.run.retries,
        phase_timeout: settings.time.phase,
        poll_timeout: Duration::from_secs(30),
        every: Duration::from_secs(1),
        time_scale: settings.time.scale,
        seed: settings.run.seed,
    };
    let mut first = vec![What::RunStarted(RunStarted {
        version: VERSION,
        run: prepared.run.clone(),
        program: env!("CARGO_PKG_VERSION").into(),
        args: std::env::args().skip(1).collect(),
        profile: settings.project.profile.clone(),
        base_url,
        vars: settings.vars.clone(),
        seed: settings.run.seed,
        jobs: settings.run.jobs,
        scenarios: choice.planned.len(),
        pid: std::process::id(),
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
    })];
    first.extend(choice.planned.iter().map(|planned| What::ScenarioPlanned {
        declared: Box::new(planned.declared.as_ref().clone()),
    }));
    first.extend(
        choice
            .not_selected
            .iter()
            .map(|(scenario, reason)| What::ScenarioNotSelected {
                scenario: scenario.clone(),
                reason: reason.clone(),
            }),
    );
    first.extend(reaped());
    let workshop = Workshop {
        library: prepared.library.clone(),
        runtime: runtime.handle().clone(),
        notes,
        cleanup_timeout: settings.time.cleanup,
    };
    let mut pump = Pump::new(
        Dispatcher::new(rules, choice.planned),
        workshop,
        inbox,
        &mut outlet,
    );
    pump.run(first);
    let lost = pump.settle();
    let flaky_fails = settings.run.flaky == Flaky::Fail;
    let mut exit = Exit::of(pump.outlet().view(), flaky_fails);
    if lost {
        exit = exit.or(Exit::Fault);
    }
    pump.close(vec![What::RunEnded {
        exit: exit.code(),
        micros: began.elapsed().as_micros() as u64,
        masked: prepared.library.world().masker.hidden(),
    }]);
    drop(pump);
    if let Some(guard) = Guard::existing(prepared.library.world()) {
        // What takes longer goes on without this process.
        guard.finish(GUARD_LIMIT);
    }
    tidy(prepared, &outlet.view);
    Ok(outlet.finish(settings, exit))
}

/// How long the guard may take to end what scenarios have left.
const GUARD_LIMIT: Duration = Duration::from_secs(10);

/// Ends what killed runs have left behind, and says so.
fn reaped() -> impl Iterator<Item = What> {
    let folder = guard::ledger_folder();
    let reaped = folder
        .map(|folder| guard::reap(&folder))
        .unwrap_or_default();
    reaped.into_iter().map(|reaped| What::Warned {
        text: reaped.to_string(),
    })
}

/// Store first, then the view, then the reporters: joined here and nowhere else.
struct Joined {
    writer: Option<Writer>,
    view: View,
    reporters: Reporters,
}

impl Outlet for Joined {
    fn store(&mut self, events: &[Event]) {
        if let Some(writer) = &mut self.writer {
            writer.append(events);
        }
    }

    fn publish(&mut self, event: &Event) {
        self.view.apply(event);
        self.reporters.on(event, &self.view);
    }

    fn tick(&mut self) {
        self.reporters.tick(&self.view);
    }

    fn view(&self) -> &View {
        &self.view
    }
}

impl Joined {
    fn finish(mut self, settings: &Settings, mut exit: Exit) -> Exit {
        if !self.reporters.finish(&self.view).is_empty() {
            exit = exit.or(Exit::Fault);
        }
        let retention = Retention {
            runs: settings.retention.runs as usize,
            bytes: settings.retention.bytes,
        };
        let finished = self
            .writer
            .take()
            .map(|writer| writer.finish(Some(retention)));
        if let Some(error) = finished.and_then(|finished| finished.error) {
            let hint = error
                .hint()
                .map(|hint| format!("\n  hint: {hint}"))
                .unwrap_or_default();
            eprintln!("fault: the run is not recorded whole: {error}{hint}");
            exit = exit.or(Exit::Fault);
        }
        exit
    }
}

fn reporters(settings: &Settings, run_dir: &Path) -> Result<Reporters, Trouble> {
    let options = super::output::options(settings, run_dir);
    let mut specs = Vec::new();
    for wanted in &settings.output.reporters {
        let text = match &wanted.path {
            Some(path) => format!("{}={}", wanted.name, path.display()),
            None => wanted.name.clone(),
        };
        specs.push(Spec::parse(&text).map_err(|error| Failure::usage(error.to_string()))?);
    }
    Reporters::open(&specs, &options).map_err(|error| Failure::fault(error.to_string()).into())
}

/// Removes the private directories of scenarios that need not be kept, and the run's folder if it is empty.
fn tidy(prepared: &Prepared, view: &View) {
    use crate::config::Keep;
    let run_dir = &prepared.library.world().run_dir;
    let bad = view
        .scenarios
        .iter()
        .any(|scenario| scenario.outcome.is_none_or(crate::model::Outcome::is_bad));
    let keep = match prepared.settings.keep {
        Keep::Always => true,
        Keep::OnFailure => bad,
        Keep::Never => false,
    };
    if !keep {
        let _ = std::fs::remove_dir_all(run_dir.join("work"));
    }
    // Fails, as it should, unless it is empty.
    let _ = std::fs::remove_dir(run_dir);
}

/// Every scenario in flight may hold several sockets.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where it cannot be raised, running out of descriptors says so by itself.
    let _ = setrlimit(Resource::Nofile, raised);
}
