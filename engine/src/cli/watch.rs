//! `scenario run --watch`: runs again what an edit touches, until somebody has enough. What the run shares, such as
//! services of `scope: "run"`, stays between rounds.

use super::drive::Driven;
use super::exit::Exit;
use super::signals::arrivals;
use super::system::System;
use super::tell::{Done, Trouble};
use super::watch_files::{Changes, Reach, touched};
use super::{drive, prepare, run, terminal, up};
use crate::config::{Flags, Settings};
use crate::model::Outcome;
use crate::report::{Palette, clean};
use crate::source::Library;
use crate::source::discover::{self, Place, Script};
use scenario_stdlib::guard::Guard;
use scenario_stdlib::host::attempt::{Attempt, Identity};
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::scope::{Owner, Scope};
use scenario_stdlib::host::world::World;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::signal::unix::SignalKind;

/// Edits that come closer together than this count as one: editors write in several steps.
const PAUSE: Duration = Duration::from_millis(120);

/// What a round runs.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    /// What did not pass when it ran last.
    Failed,
    /// The scripts that these changes touch.
    Touched(BTreeSet<String>, String),
    Quit,
}

/// What stays between rounds.
struct Watch<'a> {
    flags: &'a Flags,
    runtime: &'a Runtime,
    system: &'a System,
    /// `file::name` of what did not pass when it ran last.
    failed: BTreeSet<String>,
    /// What the run shares.
    shared: Option<Arc<Scope>>,
    /// Whose guards hold that.
    worlds: Vec<Arc<World>>,
    library: Option<Arc<Library>>,
    pressed: Arc<AtomicBool>,
    quits: Arc<AtomicBool>,
    exit: Exit,
}

pub fn main(flags: &Flags) -> Done {
    let settings = prepare::settings(flags)?;
    let runtime = drive::runtime()?;
    let system = System::start(&settings, &runtime)?;
    let mut watch = Watch {
        flags,
        runtime: &runtime,
        system: &system,
        failed: BTreeSet::new(),
        shared: None,
        worlds: Vec::new(),
        library: None,
        pressed: Arc::default(),
        quits: Arc::default(),
        exit: Exit::Passed,
    };
    watch.listen();
    let mut changes = Changes::default();
    let mut wanted = Wanted::All;
    while wanted != Wanted::Quit {
        let settings = prepare::settings(flags).unwrap_or_else(|trouble| {
            trouble.print();
            settings.clone()
        });
        let scripts = watch.scripts(&settings);
        // Before the round, so that an edit while it goes on is not missed.
        changes.look_at(&settings, &scripts)?;
        watch.round(&settings, &scripts, &wanted);
        wanted = watch.idle(&settings, &mut changes);
    }
    watch.end_shared();
    let exit = watch.exit;
    system.stop(&runtime);
    Ok(exit)
}

impl Watch<'_> {
    /// Ctrl-C ends a round, and between two rounds the watch.
    fn listen(&self) {
        for (kind, flag) in [
            (SignalKind::interrupt(), &self.pressed),
            (SignalKind::terminate(), &self.quits),
            (SignalKind::hangup(), &self.quits),
        ] {
            let flag = flag.clone();
            let Some(mut signals) = arrivals(self.runtime.handle(), kind) else {
                continue;
            };
            self.runtime.spawn(async move {
                while signals.recv().await.is_some() {
                    flag.store(true, Ordering::Release);
                }
            });
        }
    }

    /// All scripts that were asked for, as they are now.
    fn scripts(&self, settings: &Settings) -> Vec<Script> {
        let place = Place {
            root: &settings.project.root,
            cwd: &settings.project.cwd,
            store: &settings.project.store,
        };
        // What is wrong with the paths, the round itself tells.
        discover::discover(&place, &settings.select.paths, &settings.project.scripts)
            .unwrap_or_default()
    }

    /// Runs what is wanted, and says in a line what came of it.
    fn round(&mut self, settings: &Settings, scripts: &[Script], wanted: &Wanted) {
        let began = Instant::now();
        let mut flags = self.flags.clone();
        flags.run.shuffle = flags
            .shuffle()
            .map(|seed| seed.map(|seed| seed.to_string()));
        let root = &settings.project.root;
        flags.select.paths = match wanted {
            Wanted::All | Wanted::Quit => self.flags.paths(),
            Wanted::Failed => {
                let failed = self.failed.iter();
                failed
                    .map(|id| root.join(id).to_string_lossy().into_owned())
                    .collect()
            }
            Wanted::Touched(files, _) => {
                let mine = scripts.iter().filter(|script| files.contains(&script.file));
                mine.flat_map(words).collect()
            }
        };
        let result = self.run(flags);
        let told = match result {
            Ok(driven) => {
                self.remember(&driven);
                self.exit = driven.exit;
                driven.view.counts().outcomes()
            }
            Err(trouble) => {
                self.exit = trouble.print();
                "nothing ran".into()
            }
        };
        let why = match wanted {
            Wanted::Touched(_, what) => format!(" after {what} changed"),
            Wanted::Failed => " of what had failed".into(),
            Wanted::All | Wanted::Quit => String::new(),
        };
        self.sum_up(
            settings,
            &format!("{told}{why}, in {}", show(began.elapsed())),
        );
    }

    fn sum_up(&self, settings: &Settings, told: &str) {
        let palette = Palette::new(super::output::colors(settings));
        let keys = match std::io::stdin().is_terminal() {
            true if self.failed.is_empty() => "Enter: all, q: quit",
            true => "Enter: all, f: failed, q: quit",
            false => "waiting for edits",
        };
        eprintln!(
            "{} {}  {}",
            palette.note("watch:"),
            clean::line(told, clean::BLOCK),
            palette.dim(keys)
        );
    }

    fn run(&mut self, flags: Flags) -> Result<Driven, Trouble> {
        let began = Instant::now();
        let settings = prepare::settings(&flags)?;
        let prepared = prepare::prepare(settings, self.system.base_url.clone())?;
        let world = prepared.library.world().clone();
        if let Some(shared) = self.shared.take() {
            world.scopes.adopt(Owner::Run, shared);
        }
        let driven = run::begin(&prepared, self.runtime, self.system, true, began);
        self.shared = world.scopes.close(&Owner::Run);
        if self.shared.is_some() {
            self.worlds.push(world);
        }
        self.library = Some(prepared.library.clone());
        driven
    }

    fn remember(&mut self, driven: &Driven) {
        for scenario in &driven.view.scenarios {
            let id = scenario.declared.id.to_string();
            let is_bad = matches!(
                scenario.outcome,
                Some(Outcome::Failed | Outcome::Errored | Outcome::Interrupted)
            );
            match is_bad && !scenario.quarantined {
                true => self.failed.insert(id),
                false => self.failed.remove(&id),
            };
        }
    }

    /// Waits for an edit that touches anything, or for a key.
    fn idle(&mut self, settings: &Settings, changes: &mut Changes) -> Wanted {
        self.pressed.store(false, Ordering::Release);
        let keys = terminal::Keys::begin();
        let mut changed: BTreeSet<PathBuf> = BTreeSet::new();
        let mut last = Instant::now();
        loop {
            if self.quits.load(Ordering::Acquire) || self.pressed.load(Ordering::Acquire) {
                return Wanted::Quit;
            }
            match keys.next(Duration::from_millis(40)) {
                Some(b'\n' | b'\r') => return Wanted::All,
                Some(b'f' | b'F') if !self.failed.is_empty() => return Wanted::Failed,
                Some(b'q' | b'Q' | 4) => return Wanted::Quit,
                _ => {}
            }
            let before = changed.len();
            let more = changes.take(&settings.project.store);
            if !more.is_empty() {
                last = Instant::now();
                changed.extend(more);
            }
            if before < changed.len() || changed.is_empty() || last.elapsed() < PAUSE {
                continue;
            }
            if let Some(wanted) = self.touched(settings, &std::mem::take(&mut changed)) {
                return wanted;
            }
        }
    }

    /// What these changes touch, if anything.
    fn touched(&mut self, settings: &Settings, changed: &BTreeSet<PathBuf>) -> Option<Wanted> {
        let scripts = self.scripts(settings);
        let library = self.library.clone();
        let reaches = scripts.iter().map(|script| Reach {
            file: script.file.clone(),
            texts: match &library {
                Some(library) => library.reach(&script.file),
                None => [(script.file.clone(), String::new())].into(),
            },
        });
        let reaches: Vec<Reach> = reaches.collect();
        let files = touched(&settings.project.root, &reaches, changed);
        let mut names: Vec<String> = changed
            .iter()
            .map(|path| path.strip_prefix(&settings.project.root).unwrap_or(path))
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        let more = names.len().saturating_sub(2);
        names.truncate(2);
        if more > 0 {
            names.push(format!("{more} more files"));
        }
        self.end_what_changed(&reaches, changed, &settings.project.root);
        (!files.is_empty()).then(|| Wanted::Touched(files, names.join(", ")))
    }

    /// A shared service whose description may have been edited is started anew.
    fn end_what_changed(
        &mut self,
        reaches: &[Reach],
        changed: &BTreeSet<PathBuf>,
        root: &std::path::Path,
    ) {
        let is_shared = |text: &str| {
            let plain: String = text.split_whitespace().collect();
            plain.contains("scope:\"run\"") || plain.contains("scope:\"file\"")
        };
        let texts = reaches.iter().flat_map(|reach| &reach.texts);
        let mut edited = texts.filter(|(name, _)| changed.contains(&root.join(name)));
        if edited.any(|(_, text)| is_shared(text)) {
            self.end_shared();
        }
    }

    /// Ends what the run shares.
    fn end_shared(&mut self) {
        let worlds = std::mem::take(&mut self.worlds);
        if let (Some(shared), Some(library), Some(world)) =
            (self.shared.take(), &self.library, worlds.last())
        {
            world.scopes.adopt(Owner::Run, shared);
            let identity = Identity {
                scenario: "watch::watch".into(),
                phase: "watch".into(),
                round: 1,
                try_number: 1,
                attempt: 1,
                seed: world.seed,
                script_dir: world.project.clone(),
                work_dir: world.run_dir.join("watch").into(),
            };
            let clock = Arc::new(Clock::start("ending services", up::ENDING_LIMIT));
            let attempt = Attempt::new(
                identity,
                Arc::new(up::Narrator {
                    runtime: self.runtime.handle().clone(),
                }),
                world.clone(),
                library.language().clone(),
                serde_json::Map::new(),
                clock.clone(),
            );
            up::end(&attempt, &clock, false);
        }
        for world in worlds {
            if let Some(guard) = Guard::existing(&world) {
                guard.finish(up::ENDING_LIMIT);
            }
        }
    }
}

/// A script as it would be typed, with the lines or names it was asked for.
fn words(script: &Script) -> Vec<String> {
    let path = script.path.to_string_lossy();
    let lines = script.lines.iter().map(|line| format!("{path}:{line}"));
    let names = script.names.iter().map(|name| format!("{path}::{name}"));
    let parts: Vec<String> = lines.chain(names).collect();
    match parts.is_empty() {
        true => vec![path.into_owned()],
        false => parts,
    }
}

/// Refuses what makes no sense together.
pub fn refuse(flags: &Flags) -> Result<(), Trouble> {
    if flags.select.shard.is_some() || flags.select.last_failed {
        return Err(Failure::usage("--watch chooses itself what to run")
            .hint("leave --shard and --last-failed away")
            .into());
    }
    Ok(())
}
