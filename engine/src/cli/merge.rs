//! `scenario merge`: the runs of several machines as one, so that a pipeline ends with one report.

use super::exit::Exit;
use super::stored;
use super::tell::{Done, Trouble, say};
use crate::config::{Flaky, OutputFlags};
use crate::model::event::RunStarted;
use crate::model::{Event, RunId, ScenarioId, View, What};
use crate::report::{clean, next};
use crate::store::{Home, Store, Writer, new_run_id};
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::mpsc::channel;

/// Merges runs into one new run of this project's store: of each source, its newest.
#[derive(clap::Args)]
pub struct Args {
    /// Folders of runs (`.scenario`), or files that `--json` or the json reporter wrote
    #[arg(required = true, value_name = "STORE|FILE")]
    sources: Vec<String>,
    #[command(flatten)]
    place: stored::Place,
}

/// One run to be merged.
struct Source {
    name: String,
    events: Vec<Event>,
}

pub fn main(args: &Args) -> Done {
    let settings = stored::settings(&args.place, OutputFlags::default())?;
    let mut sources = Vec::new();
    for name in &args.sources {
        let source = Source {
            name: name.clone(),
            events: read(&settings.project.cwd.join(name), name)?,
        };
        sources.push(source);
    }
    let run = new_run_id(Timestamp::now());
    let merged = merge(&run, sources)?;
    let view = View::of(&merged);
    let exit = Exit::of(&view, settings.run.flaky == Flaky::Fail);
    let mut stream = merged;
    let micros = view.took().as_micros() as u64;
    let masked = stream.iter().filter_map(masked).sum();
    let masked_in = masked_in(&stream);
    stream.retain(|event| !matches!(event.what, What::RunEnded { .. }));
    stream.push(Event {
        seq: 0,
        at: view.now.unwrap_or_else(Timestamp::now),
        what: What::RunEnded {
            exit: exit.code(),
            micros,
            masked,
            masked_in,
        },
    });
    for (seq, event) in (1..).zip(&mut stream) {
        event.seq = seq;
    }
    store(&Home::new(&settings.project.store), &run, &stream)?;
    let counts = View::of(&stream).counts();
    say(format_args!(
        "merged {} into {run}: {} scenarios, {} passed, {} failed, {} errored",
        match args.sources.len() {
            1 => "1 run".to_owned(),
            many => format!("{many} runs"),
        },
        counts.total,
        counts.passed,
        counts.failed,
        counts.errored
    ));
    say(format_args!("look closer: {}", next::show(&run)));
    Ok(exit)
}

fn masked(event: &Event) -> Option<u64> {
    match event.what {
        What::RunEnded { masked, .. } => Some(masked),
        _ => None,
    }
}

fn masked_in(stream: &[Event]) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for event in stream {
        if let What::RunEnded { masked_in, .. } = &event.what {
            for (place, count) in masked_in {
                *all.entry(place.clone()).or_default() += count;
            }
        }
    }
    all
}

/// The newest run of a store, or the run in a file of events.
fn read(path: &Path, name: &str) -> Result<Vec<Event>, Trouble> {
    if path.is_dir() {
        let store = Store::open_existing(&Home::new(path)).map_err(stored::trouble)?;
        let run = store.find("latest").map_err(stored::trouble)?;
        let events: Result<Vec<Event>, _> = store.events(&run).collect();
        return events.map_err(stored::trouble);
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read {name}: {error}")).hint(
            "name a folder of runs, such as .scenario, or a file written with --reporter json=FILE",
        )
    })?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let mut events = Vec::new();
    for (number, line) in lines {
        let event = Event::read(line).map_err(|error| {
            Failure::usage(format!("{name}:{}: this is no event: {error}", number + 1))
                .hint("the json reporter writes one event a line")
        })?;
        events.push(event);
    }
    if events.is_empty() {
        return Err(Failure::usage(format!("{name} holds no events")).into());
    }
    Ok(events)
}

/// All events in the order of their times, as one run. What two sources ran counts once: as the first has it.
fn merge(run: &RunId, sources: Vec<Source>) -> Result<Vec<Event>, Trouble> {
    let mut owners: HashMap<ScenarioId, usize> = HashMap::new();
    let mut twice = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        for event in &source.events {
            let What::ScenarioPlanned { declared } = &event.what else {
                continue;
            };
            match owners.get(&declared.id) {
                Some(first) if *first != index => twice.push(format!(
                    "{} ran in both {} and {}: that of {} counts",
                    declared.id, sources[*first].name, source.name, sources[*first].name
                )),
                Some(_) => {}
                None => drop(owners.insert(declared.id.clone(), index)),
            }
        }
    }
    let mut started: Option<RunStarted> = None;
    let mut all = Vec::new();
    for (index, source) in sources.into_iter().enumerate() {
        for event in source.events {
            match &event.what {
                What::RunStarted(one) => {
                    started.get_or_insert_with(|| one.clone());
                    continue;
                }
                // Only what nobody ran is left out.
                What::ScenarioNotSelected { scenario, .. } if owners.contains_key(scenario) => {
                    continue;
                }
                _ => {}
            }
            let is_ours = scenario_of(&event.what)
                .is_none_or(|id| owners.get(id).is_none_or(|owner| *owner == index));
            if is_ours {
                all.push(event);
            }
        }
    }
    let Some(mut started) = started else {
        return Err(Failure::usage("none of the sources holds the beginning of a run").into());
    };
    started.run = run.clone();
    started.args = std::env::args().skip(1).collect();
    started.scenarios = owners.len();
    // A stable sort: events of one source stay in their order.
    all.sort_by_key(|event| event.at);
    let at = all.first().map_or_else(Timestamp::now, |event| event.at);
    let mut stream = vec![Event {
        seq: 1,
        at,
        what: What::RunStarted(started),
    }];
    let (planned, rest): (Vec<Event>, Vec<Event>) = all.into_iter().partition(|event| {
        matches!(
            event.what,
            What::ScenarioPlanned { .. } | What::ScenarioNotSelected { .. }
        )
    });
    stream.extend(planned);
    stream.extend(twice.into_iter().map(|text| Event {
        seq: 1,
        at,
        what: What::Warned {
            text: clean::line(&text, clean::NAME),
        },
    }));
    stream.extend(rest);
    Ok(stream)
}

/// Whose event it is.
fn scenario_of(what: &What) -> Option<&ScenarioId> {
    match what {
        What::ScenarioPlanned { declared } => Some(&declared.id),
        What::ScenarioNotSelected { scenario, .. }
        | What::ScenarioResumed { scenario }
        | What::Signalled { scenario, .. }
        | What::TryStarted { scenario, .. }
        | What::TryEnded { scenario, .. }
        | What::ScenarioEnded { scenario, .. } => Some(scenario),
        What::StateMended { phase, .. }
        | What::PhaseChanged { phase, .. }
        | What::Observed { phase, .. }
        | What::PhaseFailed { phase, .. } => Some(&phase.scenario),
        What::AttemptStarted { attempt, .. }
        | What::Recorded { attempt, .. }
        | What::AttemptEnded { attempt, .. } => Some(&attempt.phase.scenario),
        What::RunStarted(_)
        | What::RunResumed(_)
        | What::Interrupted { .. }
        | What::Warned { .. }
        | What::Shared { .. }
        | What::RunEnded { .. } => None,
    }
}

fn store(home: &Home, run: &RunId, events: &[Event]) -> Result<(), Trouble> {
    let (tell, told) = channel();
    let mut writer = Writer::start(home, run, move |committed| {
        if let Err(error) = committed {
            let _ = tell.send(error);
        }
    });
    writer.append(events);
    let finished = writer.finish(None);
    match finished.error.or_else(|| told.try_recv().ok()) {
        Some(error) => Err(stored::trouble(error)),
        None => Ok(()),
    }
}
