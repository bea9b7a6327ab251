//! `scenario resume`: going on with a run that was parked or killed, in this process.

use super::drive::{self, Course};
use super::exit::Exit;
use super::former;
use super::prepare::{self, Prepared};
use super::system::System;
use super::tell::{Done, Trouble};
use super::{scripts, select, stored};
use crate::config::{Flags, OutputFlags, RunFlags, SettingFlags};
use crate::model::event::{RunResumed, RunStarted};
use crate::model::progress::{Progress, Standing};
use crate::model::{Declared, Event, Outcome, PhaseState, RunId, ScenarioId, View, What};
use crate::plan::repeat::declared_id;
use crate::report::clean;
use crate::run::dispatcher::{Former, Planned, Verdict};
use crate::store::{Home, Keeper, Life, Store};
use jiff::Timestamp;
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use scenario_stdlib::service;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Goes on with a run: passed phases are not repeated.
#[derive(clap::Args)]
pub struct Args {
    /// Id of a run or its beginning; the newest that can be resumed if none is given
    run: Option<String>,

    /// Repeat from this phase on, and what needs it
    #[arg(long, value_name = "PHASE", conflicts_with = "restart")]
    from: Option<String>,

    /// Go on although the code of passed phases was edited
    #[arg(long)]
    accept_edits: bool,

    /// End what was begun, and begin the scenarios again that are parked or did not pass
    #[arg(long, alias = "reset")]
    restart: bool,

    #[command(flatten)]
    how: RunFlags,
    #[command(flatten)]
    settings: SettingFlags,
    #[command(flatten)]
    output: OutputFlags,
}

/// What is to become of which run.
pub struct Wanted {
    pub run: Option<String>,
    pub flags: Flags,
    pub former: Former,
    pub from: Option<String>,
    pub accepts_edits: bool,
}

pub fn main(args: Args) -> Done {
    go_on(Wanted {
        run: args.run,
        flags: Flags {
            run: args.how,
            settings: args.settings,
            output: args.output,
            ..Flags::default()
        },
        former: match args.restart {
            true => Former::Restarted,
            false => Former::Continued,
        },
        from: args.from,
        accepts_edits: args.accept_edits || args.restart,
    })
}

/// Goes on with a run as wanted.
pub fn go_on(wanted: Wanted) -> Done {
    let began = Instant::now();
    let asked = prepare::settings(&wanted.flags)?;
    let home = Home::new(&asked.project.store);
    let store = Store::open_existing(&home).map_err(stored::trouble)?;
    let run = match &wanted.run {
        Some(text) => store.find(text).map_err(stored::trouble)?,
        None => newest(&store)?,
    };
    // Before reading: from here on nobody else adds to the run.
    let lease = Keeper::open(&home)
        .and_then(|mut keeper| keeper.acquire(&run))
        .map_err(stored::trouble)?;
    let Past {
        progress,
        view,
        started,
    } = past(&store, &run)?;
    drop(store);
    tell_clock(&progress);
    let seq = progress.seq;
    let chosen = chosen(&progress, &run, wanted.from.as_deref(), &wanted.former)?;

    let mut flags = wanted.flags;
    former::keep(&mut flags, &started, &asked, &run)?;
    flags.select.paths = files(&chosen);
    let settings = prepare::settings(&flags)?;
    let runtime = drive::runtime()?;
    let system = System::start(&settings, &runtime)?;
    refuse_deleted(&settings, &chosen)?;
    let prepared = prepare::prepare_run(settings, system.base_url.clone(), run)?;
    let mut planned = plan(&prepared, &chosen, &progress, wanted.accepts_edits)?;
    drop(progress);
    if let Some(from) = &wanted.from {
        planned
            .iter_mut()
            .for_each(|planned| repeat_from(planned, from));
    }
    if wanted.former == Former::Restarted {
        tell_reset(&prepared, &planned);
    }
    let first = vec![What::RunResumed(RunResumed {
        program: env!("CARGO_PKG_VERSION").into(),
        args: std::env::args().skip(1).collect(),
        base_url: system.base_url.clone(),
        jobs: prepared.settings.run.jobs,
        pid: std::process::id(),
        host: prepare::host(),
    })];
    let course = Course {
        planned,
        first,
        past: view,
        seq,
        lease: Some(lease),
        former: wanted.former,
        unparkable: system.unparkable(),
        keeps_run: false,
    };
    let driven = drive::drive(&prepared, &runtime, course, began)?;
    system.stop(&runtime);
    let exit = driven.exit;
    std::mem::forget((driven, prepared, runtime));
    Ok(exit)
}

/// A calendar that was set back makes `not_before` and `expires` last longer than was meant.
fn tell_clock(progress: &Progress) {
    let ahead = progress
        .last
        .map(|last| last.duration_since(Timestamp::now()));
    let ahead = ahead.and_then(|ahead| Duration::try_from(ahead).ok());
    // Machines that share a store may differ a little.
    if let Some(ahead) = ahead.filter(|ahead| *ahead > Duration::from_secs(60)) {
        eprintln!(
            "warning: the newest event of this run lies {} in the future: the clock of this machine was set back, or that of the \
             former one was wrong; `not_before` and `expires` are counted by this one",
            show(ahead)
        );
    }
}

/// Says what is lost by beginning again.
fn tell_reset(prepared: &Prepared, planned: &[Planned]) {
    let begin = match planned.len() {
        1 => "1 scenario begins".to_owned(),
        many => format!("{many} scenarios begin"),
    };
    eprintln!("reset: {begin} again in round 1, with an empty state and new directories");
    for left in service::left_running(prepared.library.world()) {
        let mut ids = planned.iter().map(|planned| &planned.declared.id);
        if ids.any(|id| id.0 == left.owner) {
            eprintln!(
                "reset: service `{}` (pid {}), which was left running for {}, is ended",
                clean::name(&left.name),
                left.pid,
                clean::name(&left.owner)
            );
        }
    }
}

/// The newest run with something left to do.
pub fn newest(store: &Store) -> Result<RunId, Trouble> {
    let runs = store.runs().map_err(stored::trouble)?;
    let found = runs.into_iter().find(|run| {
        run.counts.parked > 0 || (matches!(run.life, Life::Killed { .. }) && run.counts.open > 0)
    });
    found.map(|run| run.run).ok_or_else(|| Trouble {
        news: vec![
            Failure::usage("there is no run to go on with: none is parked, none was killed")
                .hint("`scenario run` begins a new one; `scenario runs` lists those there are"),
        ],
        exit: Exit::NothingSelected,
    })
}

/// What former processes told of a run. Its events themselves are not kept: there may be many.
pub struct Past {
    pub progress: Progress,
    pub view: View,
    /// How it was begun.
    pub started: RunStarted,
}

/// What former processes told of a run.
pub fn past(store: &Store, run: &RunId) -> Result<Past, Trouble> {
    let (mut progress, mut view) = (Progress::default(), View::default());
    let mut started = None;
    each(store, run, |event| {
        if let What::RunStarted(how) = &event.what {
            started.get_or_insert_with(|| how.clone());
        }
        progress.apply(&event);
        view.apply(&event);
    })?;
    progress.nobody_watches();
    let started = started.ok_or_else(|| {
        Failure::fault("the beginning of the run is not in the store: it was killed too early")
            .hint("`scenario run` begins a new one")
    })?;
    Ok(Past {
        progress,
        view,
        started,
    })
}

/// How far a run came.
pub fn progress(store: &Store, run: &RunId) -> Result<Progress, Trouble> {
    let mut progress = Progress::default();
    each(store, run, |event| progress.apply(&event))?;
    progress.nobody_watches();
    Ok(progress)
}

/// A run as it stands.
pub fn view(store: &Store, run: &RunId) -> Result<View, Trouble> {
    let mut view = View::default();
    each(store, run, |event| view.apply(&event))?;
    Ok(view)
}

fn each(store: &Store, run: &RunId, mut tell: impl FnMut(Event)) -> Result<(), Trouble> {
    let mut stream = store.events(run);
    for event in stream.by_ref() {
        tell(event.map_err(stored::trouble)?);
    }
    for note in stream.into_notes() {
        eprintln!("note: {note}");
    }
    Ok(())
}

/// The scenarios to go on with.
fn chosen<'p>(
    progress: &'p Progress,
    run: &RunId,
    from: Option<&str>,
    former: &Former,
) -> Result<Vec<&'p Standing>, Trouble> {
    let ended_badly =
        |standing: &&Standing| standing.outcome != Some(Outcome::Passed) && standing.try_number > 0;
    let Some(from) = from else {
        let chosen: Vec<&Standing> = progress
            .scenarios
            .iter()
            .filter(|one| one.goes_on() || (*former == Former::Restarted && ended_badly(one)))
            .collect();
        if chosen.is_empty() {
            return Err(finished(progress, run));
        }
        return Ok(chosen);
    };
    let chosen: Vec<&Standing> = progress
        .scenarios
        .iter()
        .filter(|standing| standing.declared.phase(from).is_some())
        .filter(ended_badly)
        .collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let names: Vec<&str> = progress
        .scenarios
        .iter()
        .flat_map(|standing| {
            standing
                .declared
                .phases
                .iter()
                .map(|phase| phase.name.as_str())
        })
        .collect();
    let mut failure = match names.contains(&from) {
        true => Failure::usage(format!(
            "no scenario of run {run} is left to repeat \"{from}\" in: all with that phase passed"
        )),
        false => Failure::usage(format!("no scenario of run {run} has a phase \"{from}\"")),
    };
    failure.hint = suggest::hint(from, names.iter().copied());
    Err(failure.into())
}

/// A run with nothing left to do is no success of this command.
fn finished(progress: &Progress, run: &RunId) -> Trouble {
    let count = progress.scenarios.len();
    let plural = if count == 1 { "" } else { "s" };
    Trouble {
        news: vec![
            Failure::usage(format!(
                "run {run} has nothing left to do: its {count} scenario{plural} ended"
            ))
            .hint(format!(
                "`scenario show {run}` shows how; --from PHASE repeats from a phase, --restart all that did not pass; `scenario run` begins a new run"
            )),
        ],
        exit: Exit::NothingSelected,
    }
}

fn files(chosen: &[&Standing]) -> Vec<String> {
    let files: BTreeSet<&str> = chosen
        .iter()
        .map(|standing| standing.declared.id.file())
        .collect();
    files.into_iter().map(str::to_owned).collect()
}

fn refuse_deleted(settings: &crate::config::Settings, chosen: &[&Standing]) -> Result<(), Trouble> {
    let gone = files(chosen)
        .into_iter()
        .find(|file| !settings.project.root.join(file).exists());
    let Some(file) = gone else { return Ok(()) };
    Err(Failure::usage(format!(
        "{file} is gone, and scenarios of this run are declared in it"
    ))
    .hint("bring it back to go on, or give them up with `scenario abandon`")
    .into())
}

/// The scenarios as they go on.
fn plan(
    prepared: &Prepared,
    chosen: &[&Standing],
    progress: &Progress,
    accepts_edits: bool,
) -> Result<Vec<Planned>, Trouble> {
    let declared = prepared.declared();
    let now = declared.iter().map(|one| (&one.id, one)).collect();
    let one = |standing: &&Standing| {
        let mut standing = (*standing).clone();
        standing.inherit(progress);
        plan_one(prepared, &now, standing, accepts_edits)
    };
    chosen.iter().map(one).collect()
}

/// A scenario as it goes on: with the code that is there now.
fn plan_one(
    prepared: &Prepared,
    now: &BTreeMap<&ScenarioId, &Arc<Declared>>,
    standing: Standing,
    accepts_edits: bool,
) -> Result<Planned, Trouble> {
    let id = standing.declared.id.clone();
    let own = declared_id(&id);
    let Some(found) = now.get(&id).or_else(|| now.get(&own)) else {
        let names: Vec<&str> = now.keys().map(|id| id.name()).collect();
        let mut failure = Failure::usage(format!(
            "{} no longer declares the scenario \"{}\"",
            id.file(),
            own.name()
        ));
        failure.hint = suggest::hint(own.name(), names.iter().copied()).or_else(|| {
            Some("bring it back to go on, or give it up with `scenario abandon`".into())
        });
        return Err(failure.into());
    };
    let mut declared = (*found).clone();
    if !accepts_edits {
        refuse_edits(prepared, &standing, &declared)?;
    }
    prepared.library.run_as(&id, &declared.id);
    let own = Arc::make_mut(&mut declared);
    own.id = id;
    if own.terms.needs != standing.declared.terms.needs {
        own.terms_mut()
            .needs
            .clone_from(&standing.declared.terms.needs);
    }
    let today = select::today(std::slice::from_ref(&declared));
    let expired = select::expired(&declared, today);
    Ok(Planned {
        verdict: Verdict::Run,
        quarantined: declared.terms.quarantine.is_some() && expired.is_none(),
        expired,
        declared,
        standing: Some(Box::new(standing)),
    })
}

/// What has passed was passed by the code it had then.
fn refuse_edits(
    prepared: &Prepared,
    standing: &Standing,
    declared: &Declared,
) -> Result<(), Trouble> {
    let passed = standing.declared.phases.iter().filter(|phase| {
        let now = standing.phases.get(&phase.name);
        now.is_some_and(|now| now.state == PhaseState::Passed)
    });
    let mut edited = Vec::new();
    for before in passed {
        match declared.phase(&before.name) {
            None => edited.push(format!("\"{}\" is gone", before.name)),
            Some(_) => {
                let then = standing.declared.hash(&before.name);
                if then.is_some() && declared.hash(&before.name) != then {
                    edited.push(format!("\"{}\" was edited", before.name));
                }
            }
        }
    }
    if edited.is_empty() {
        return Ok(());
    }
    let file = declared.id.file();
    let mut failure = Failure::usage(format!(
        "scenario \"{}\" has passed phases whose code is another by now: {}",
        declared.id.name(),
        edited.join(", ")
    ));
    let sources = prepared.library.language().sources();
    let run_dir = &prepared.library.world().run_dir;
    if let Some(edits) = sources
        .get(file)
        .and_then(|text| scripts::edits(run_dir, file, &text))
    {
        failure = failure.detail(file, edits);
    }
    Err(failure
        .hint("--accept-edits goes on all the same, --restart begins the scenario again, `scenario abandon` gives it up")
        .into())
}

/// Forgets what a phase and those that need it have done.
fn repeat_from(planned: &mut Planned, from: &str) {
    let declared = planned.declared.clone();
    let Some(standing) = planned.standing.as_mut() else {
        return;
    };
    let mut again = BTreeSet::from([from]);
    loop {
        let before = again.len();
        for phase in declared.phases.iter() {
            let needs = phase
                .needs
                .iter()
                .any(|need| again.contains(need.phase.as_str()));
            let follows = phase.waits_for_earlier;
            if needs || follows {
                again.insert(&phase.name);
            }
        }
        if again.len() == before {
            break;
        }
    }
    for (name, phase) in &mut standing.phases {
        if again.contains(name.as_str()) {
            phase.again();
        }
    }
    standing.is_open = true;
}

/// The first phase that has to run always, and has not, of a scenario whose process was killed.
pub fn owes(standing: &Standing) -> Option<&str> {
    let mut phases = standing.declared.phases.iter();
    let owed = phases.find(|phase| {
        let state = standing.phases.get(&phase.name).map(|now| now.state);
        phase.always && !state.is_some_and(PhaseState::is_terminal)
    });
    owed.map(|phase| phase.name.as_str())
        .filter(|_| standing.is_open)
}

/// What a scenario that can be resumed waits for, in words.
pub fn waits_for(standing: &Standing) -> String {
    let waiting = standing.declared.phases.iter().filter_map(|phase| {
        let now = standing.phases.get(&phase.name)?;
        let wait = now.wait.as_ref()?;
        let what = match (&phase.signal, wait.seen.as_str()) {
            (Some(signal), _) => format!("signal \"{signal}\""),
            (None, "") => "not looked at yet".to_owned(),
            (None, seen) => format!("last seen: {seen}"),
        };
        Some(format!(
            "\"{}\" ({what}, watched for {})",
            phase.name,
            show(wait.watched)
        ))
    });
    let waiting: Vec<String> = waiting.collect();
    if !waiting.is_empty() {
        return waiting.join(", ");
    }
    let next = standing.declared.phases.iter().find(|phase| {
        let state = standing
            .phases
            .get(&phase.name)
            .map_or(PhaseState::Pending, |now| now.state);
        !state.is_terminal()
    });
    next.map_or_else(String::new, |phase| {
        format!("\"{}\" comes next", phase.name)
    })
}
