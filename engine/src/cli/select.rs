//! Which of the loaded scenarios a run takes: asks the plan, and makes of its answer what the dispatcher wants.

use super::exit::Exit;
use super::prepare::{self, Prepared};
use super::tell::Trouble;
use crate::config::Settings;
use crate::model::{Declared, ScenarioId};
use crate::plan::{self, Conditions, Decision, Order, Request, Shard, Spots};
use crate::report::clean::name as clean;
use crate::run::dispatcher::{Planned, Verdict};
use crate::source::discover::Script;
use crate::store::{Home, Store};
use jiff::Zoned;
use jiff::civil::Date;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What a run takes, and what it leaves out.
pub struct Choice {
    /// In the order they start.
    pub planned: Vec<Planned>,
    /// Each with its reason.
    pub not_selected: Vec<(ScenarioId, String)>,
}

/// Chooses among the loaded scenarios.
pub fn select(prepared: &Prepared) -> Result<Choice, Trouble> {
    refuse_modules(prepared)?;
    let settings = &prepared.settings;
    let declared = prepared.declared();
    let request = request(settings, &prepared.found, &declared, &prepared.home)?;
    let plan = plan::plan(&declared, prepared.library.language().sources(), &request);
    if !plan.errors.is_empty() {
        return Err(plan
            .errors
            .into_iter()
            .map(Failure::from)
            .collect::<Vec<_>>()
            .into());
    }
    for warning in &plan.warnings {
        eprintln!("warning: {}", clean(warning));
    }
    let today = request.conditions.today;
    let planned = plan.selected.into_iter().map(|planned| {
        prepared
            .library
            .run_as(&planned.declared.id, &planned.declared_id);
        Planned {
            verdict: match planned.decision {
                Decision::Run => Verdict::Run,
                Decision::Skip { reason } => Verdict::Skip(reason),
                Decision::Error { reason } => Verdict::Error(reason),
            },
            quarantined: planned.quarantined,
            expired: expired(&planned.declared, today),
            standing: None,
            declared: planned.declared,
        }
    });
    let mut choice = Choice {
        planned: planned.collect(),
        not_selected: plan.not_selected,
    };
    if let Some(until) = &prepared.settings.run.until {
        choice.stop_behind(until)?;
    }
    Ok(choice)
}

impl Choice {
    /// Leaves out what has no phase of this name: `--phase` runs as far as there, and nothing else.
    fn stop_behind(&mut self, until: &str) -> Result<(), Trouble> {
        let names = |planned: &Planned| -> Vec<String> {
            let phases = planned.declared.phases.iter();
            phases.map(|phase| phase.name.to_string()).collect()
        };
        let all: Vec<String> = self.planned.iter().flat_map(names).collect();
        if !self.planned.is_empty() && !all.iter().any(|name| name == until) {
            let mut failure =
                Failure::usage(format!("no selected scenario has a phase \"{until}\""));
            failure.hint = suggest::hint(until, all.iter().map(String::as_str));
            return Err(failure.into());
        }
        let (with, without) = std::mem::take(&mut self.planned)
            .into_iter()
            .partition(|planned| {
                planned.declared.terms.precheck || planned.declared.phase(until).is_some()
            });
        self.planned = with;
        let without: Vec<Planned> = without;
        self.not_selected.extend(without.into_iter().map(|planned| {
            let reason = format!("it has no phase \"{until}\"");
            (planned.declared.id.clone(), reason)
        }));
        Ok(())
    }
}

fn request(
    settings: &Settings,
    found: &[Script],
    declared: &[Arc<Declared>],
    home: &Home,
) -> Result<Request, Trouble> {
    let requires: BTreeSet<&str> = declared
        .iter()
        .flat_map(|scenario| &scenario.terms.requires)
        .map(String::as_str)
        .collect();
    let absent = if requires.is_empty() {
        BTreeMap::new()
    } else {
        let env = prepare::environment(settings);
        settings
            .requirements
            .absent(requires.iter().copied(), &env, &settings.project.root)
    };
    let order = match settings.run.shuffle {
        Some(seed) => Order::Shuffled(seed),
        None if settings.run.longest_first => Order::LongestFirst,
        None => Order::Declared,
    };
    let shard = settings.select.shard.map(|(k, n)| Shard { k, n });
    let wants_history = settings.run.longest_first;
    let spots = found
        .iter()
        .filter(|script| !script.lines.is_empty() || !script.names.is_empty());
    Ok(Request {
        spots: spots
            .map(|script| {
                let spots = Spots {
                    lines: script.lines.clone(),
                    names: script.names.clone(),
                };
                (script.file.clone(), spots)
            })
            .collect(),
        tags: settings.select.tags.clone(),
        declared_tags: settings.tags.clone(),
        grep: settings.select.grep.clone(),
        last_failed: if settings.select.last_failed {
            Some(last_failed(home)?)
        } else {
            None
        },
        conditions: Conditions {
            profile: settings.project.profile.clone(),
            requirements: settings.requirements.names(),
            absent,
            strict: settings.run.strict,
            today: today(declared),
        },
        profiles: settings.project.profiles.clone(),
        retries: settings.run.retries,
        repeat: settings.run.repeat,
        order,
        shard,
        durations: if wants_history {
            durations(home, declared)
        } else {
            BTreeMap::new()
        },
        shared_durations: match &settings.select.times {
            Some(file) => times(&settings.project.cwd.join(file), file)?,
            None => BTreeMap::new(),
        },
    })
}

/// What scenarios took, as the reporter `times` wrote it.
fn times(path: &Path, name: &str) -> Result<BTreeMap<ScenarioId, Duration>, Trouble> {
    let hint = "`scenario report latest --reporter times` writes it";
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("--times {name}: {error}")).hint(hint))?;
    let seconds: BTreeMap<String, f64> = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("--times {name}: {error}")).hint(hint))?;
    let times = seconds.into_iter().filter_map(|(id, seconds)| {
        Some((
            ScenarioId(id.into()),
            Duration::try_from_secs_f64(seconds).ok()?,
        ))
    });
    Ok(times.collect())
}

/// Today, for quarantines. Asking for it reads the time zones of the machine, which costs more than a small run.
pub(super) fn today(declared: &[Arc<Declared>]) -> Date {
    if declared
        .iter()
        .any(|scenario| scenario.terms.quarantine.is_some())
    {
        Zoned::now().date()
    } else {
        Date::MIN
    }
}

fn last_failed(home: &Home) -> Result<BTreeSet<ScenarioId>, Trouble> {
    let store = Store::open_existing(home).map_err(super::stored::trouble)?;
    let failed = store.last_failed().map_err(super::stored::trouble)?;
    Ok(failed.into_iter().collect())
}

/// What scenarios took before. Without a readable history all count the same.
pub(super) fn durations(home: &Home, declared: &[Arc<Declared>]) -> BTreeMap<ScenarioId, Duration> {
    let Ok(store) = Store::open_existing(home) else {
        return BTreeMap::new();
    };
    let Ok(history) = store.history(declared.iter().map(|scenario| &scenario.id)) else {
        return BTreeMap::new();
    };
    history
        .into_iter()
        .filter_map(|(id, past)| Some((id, past.typical()?)))
        .collect()
}

/// A module is only imported; naming it exactly must be a slip.
fn refuse_modules(prepared: &Prepared) -> Result<(), Trouble> {
    for (script, loaded) in prepared.found.iter().zip(&prepared.files) {
        if script.alone && loaded.is_module {
            let failure = Failure::usage(format!(
                "`{}` is a module: there is nothing to run in it",
                loaded.file
            ))
            .hint("import it from a script, or declare a scenario in it");
            return Err(failure.into());
        }
    }
    Ok(())
}

pub(super) fn expired(declared: &Declared, today: Date) -> Option<String> {
    let quarantine = declared
        .terms
        .quarantine
        .as_ref()
        .filter(|quarantine| quarantine.expires < today)?;
    let ticket = if quarantine.ticket.is_empty() {
        String::new()
    } else {
        format!(", ticket {}", quarantine.ticket)
    };
    Some(format!(
        "its quarantine expired on {}; owner {}{ticket}",
        quarantine.expires, quarantine.owner
    ))
}

/// What to say when nothing was chosen.
pub fn nothing(choice: &Choice) -> Trouble {
    let mut failure = Failure::usage("no scenario was selected");
    for (scenario, reason) in choice.not_selected.iter().take(5) {
        failure = failure.detail(scenario.0.clone(), reason.clone());
    }
    if choice.not_selected.len() > 5 {
        failure = failure.detail("and", format!("{} more", choice.not_selected.len() - 5));
    }
    Trouble {
        news: vec![failure.hint("`scenario list` shows what there is")],
        exit: Exit::NothingSelected,
    }
}

/// Why a chosen scenario will not be executed, if so.
pub fn in_words(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Run => None,
        Verdict::Skip(reason) => Some(format!("skipped: {reason}")),
        Verdict::Error(reason) => Some(format!("error: {reason}")),
    }
}

/// Names what was left out, on standard error.
pub fn tell_left_out(choice: &Choice) {
    if choice.not_selected.is_empty() {
        return;
    }
    eprintln!("\nnot selected:");
    for (scenario, reason) in &choice.not_selected {
        eprintln!("  {}  ({})", clean(&scenario.0), clean(reason));
    }
}
