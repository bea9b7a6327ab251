//! Loading a file: compile, check, evaluate the top level once, and keep the code of every phase.

use super::check::{self, FileKind, Names, Unit};
use super::declare::{Collected, RawPhase, RawScenario};
use super::hash::Hasher;
use super::options::{PhaseOptions, ScenarioOptions};
use super::resolver::{Imported, Resolver};
use crate::model::{Declared, Need, Phase, ScenarioId};
use rhai::{AST, Dynamic, Engine, EvalAltResult, Position, Scope};
use scenario_stdlib::host::clock::Stop;
use scenario_stdlib::host::failure::{Code as FailureCode, Failure, Kind};
use scenario_stdlib::host::loading::Loading;
use scenario_stdlib::host::script::{self, Deferred, Meaning, Terminated};
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::host::suggest;
use scenario_stdlib::host::world::World;
use scenario_stdlib::language::Language;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

/// How long the top level of a file may compute.
const LOADING_LIMIT: Duration = Duration::from_secs(10);

/// Every file loaded by this process, and the language they share.
pub struct Library {
    world: Arc<World>,
    language: Arc<Language>,
    pub(super) resolver: Arc<Resolver>,
    pub(super) names: Arc<Names>,
    files: RwLock<HashMap<String, Arc<Loaded>>>,
    /// Scenarios that run under another id than their script gives them.
    aliases: RwLock<HashMap<ScenarioId, ScenarioId>>,
    /// How long the top level of a file may compute.
    pub(super) limit: Duration,
}

/// A file after loading.
#[derive(Debug)]
pub struct Loaded {
    /// Relative to the project.
    pub file: String,
    pub folder: PathBuf,
    pub declared: Vec<Declared>,
    /// It is only imported, never run.
    pub is_module: bool,
    codes: Codes,
}

/// The phases of each scenario, by their names.
type Codes = HashMap<String, Vec<(String, Code)>>;

/// What a phase executes.
#[derive(Clone, Debug)]
pub enum Code {
    /// A plain script, top to bottom.
    Script(AST),
    Closure {
        body: Arc<Deferred>,
        ready: Option<Arc<Deferred>>,
    },
    /// A phase that a person does.
    Nothing,
}

impl Library {
    /// An empty library for the scripts of `world.project`; `folders` are searched by `import`.
    pub fn new(world: Arc<World>, folders: Vec<PathBuf>) -> Self {
        Self::with_limit(world, folders, LOADING_LIMIT)
    }

    /// A library whose files may compute for `limit` at their top level.
    pub fn with_limit(world: Arc<World>, folders: Vec<PathBuf>, limit: Duration) -> Self {
        let resolver = Arc::new(Resolver::new(world.clone(), folders, limit));
        let language = Arc::new(Language::new(
            &[super::declare::PRIMITIVE],
            resolver.clone(),
            Sources::default(),
        ));
        let mut names = Names::from_modules(language.modules().iter().cloned());
        names
            .primitives
            .extend(language.global_names().map(str::to_owned));
        names
            .syntax
            .extend(["assert".to_owned(), "verify".to_owned()]);
        let names = Arc::new(names);
        resolver.connect(&language, names.clone());
        Self {
            world,
            language,
            resolver,
            names,
            files: RwLock::default(),
            aliases: RwLock::default(),
            limit,
        }
    }

    /// The texts of a script and of every module it can reach, by their names; those of the binary left out.
    pub fn reach(&self, file: &str) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string(self.world.project.join(file)).unwrap_or_default();
        let mut found = BTreeMap::new();
        self.resolver.texts(Some(file), &text, &mut found);
        found.retain(|name, _| !Resolver::is_embedded(name));
        found.insert(file.to_owned(), text);
        found
    }

    /// Whether any script or module loaded so far calls this function.
    pub fn calls(&self, function: &str) -> bool {
        let sources = self.language.sources();
        sources.any(|text| text.contains(function) && check::calls(text, function))
    }

    /// A library of the same project and modules, with nothing loaded.
    pub fn again(&self) -> Self {
        Self::new(self.world.clone(), self.resolver.folders().to_vec())
    }

    pub fn language(&self) -> &Arc<Language> {
        &self.language
    }

    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Loads `file` (relative to the project) or gives it as loaded before.
    pub fn load(&self, file: &str) -> Result<Arc<Loaded>, Vec<Failure>> {
        let known = self
            .files
            .read()
            .unwrap_or_else(|e| e.into_inner())
            .get(file)
            .cloned();
        if let Some(loaded) = known {
            return Ok(loaded);
        }
        let path = self.world.project.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| vec![Failure::usage(format!("cannot read {file}: {error}"))])?;
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let loaded = Arc::new(self.load_text(file, &text, folder)?);
        self.files
            .write()
            .unwrap_or_else(|e| e.into_inner())
            .insert(file.to_owned(), loaded.clone());
        Ok(loaded)
    }

    /// Everything that is wrong with a text that stands for `file`, whatever is on disk; each slip at its own place.
    pub fn examine(&self, file: &str, text: &str) -> Vec<Failure> {
        let path = self.world.project.join(file);
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let loaded = self.load_text_with(file, text, folder, check::check_each);
        loaded.err().unwrap_or_default()
    }

    /// Lets imports find `text` instead of what the file at `path` holds, or the file again; every module is loaded anew
    /// when it is asked for next.
    pub fn overlay(&self, path: &Path, text: Option<String>) {
        self.resolver.overlay(path, text);
    }

    /// Where the import `path` of the script `file` leads, if it leads anywhere.
    pub fn import(&self, file: &str, path: &str) -> Option<Imported> {
        self.resolver.import(file, path)
    }

    /// Loads `file` as it is now, with its modules; what is broken leaves the former code in its place.
    pub fn reload(&self, file: &str) -> Result<Arc<Loaded>, Vec<Failure>> {
        self.resolver.forget();
        let mut files = self.files.write().unwrap_or_else(|e| e.into_inner());
        let before = files.remove(file);
        drop(files);
        let loaded = self.load(file);
        if let (Err(_), Some(before)) = (&loaded, before) {
            let mut files = self.files.write().unwrap_or_else(|e| e.into_inner());
            files.insert(file.to_owned(), before);
        }
        loaded
    }

    /// Loads a text as if it stood in `file`, without keeping it.
    pub fn try_text(&self, file: &str, text: &str) -> Result<Loaded, Vec<Failure>> {
        let path = self.world.project.join(file);
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        self.load_text(file, text, folder)
    }

    /// Lets the scenario `declared` run as `id` too, such as one of several repetitions.
    pub fn run_as(&self, id: &ScenarioId, declared: &ScenarioId) {
        if id != declared {
            let mut aliases = self.aliases.write().unwrap_or_else(|e| e.into_inner());
            aliases.insert(id.clone(), declared.clone());
        }
    }

    /// The code of a phase of a file loaded before.
    pub fn code(&self, scenario: &ScenarioId, phase: &str) -> Option<(Arc<Loaded>, Code)> {
        let aliases = self.aliases.read().unwrap_or_else(|e| e.into_inner());
        let scenario = aliases.get(scenario).unwrap_or(scenario);
        let files = self.files.read().unwrap_or_else(|e| e.into_inner());
        let loaded = files.get(scenario.file())?;
        let mut phases = loaded.codes.get(scenario.name())?.iter();
        let (_, code) = phases.find(|(name, _)| name == phase)?;
        Some((loaded.clone(), code.clone()))
    }

    fn load_text(&self, file: &str, text: &str, folder: PathBuf) -> Result<Loaded, Vec<Failure>> {
        self.load_text_with(file, text, folder, check::check)
    }

    fn load_text_with(
        &self,
        file: &str,
        text: &str,
        folder: PathBuf,
        check: fn(&Unit<'_>, &Names) -> Vec<Failure>,
    ) -> Result<Loaded, Vec<Failure>> {
        let ast = self
            .language
            .compile(file, text)
            .map_err(|error| vec![check::explain_parse_error(text, &error, file)])?;
        let imports = |path: &str| self.resolver.module(Some(file), path).ok();
        let unit = Unit {
            file,
            source: text,
            ast: &ast,
            imports: &imports,
        };
        let mut problems = check(&unit, &self.names);
        problems.extend(self.broken_imports(file, &ast));
        problems.extend(self.clashes(file, text, &ast));
        let kind = check::classify(&ast);
        if !problems.is_empty() {
            if kind == FileKind::Declaring {
                self.wrong_arguments(file, text, &ast, &folder, &mut problems);
            }
            return Err(problems);
        }
        let (declared, codes) = match kind {
            FileKind::Module => (Vec::new(), HashMap::new()),
            FileKind::Plain => self.plain(file, ast),
            FileKind::Declaring => self.declaring(file, text, &ast, &folder)?,
        };
        Ok(Loaded {
            file: file.to_owned(),
            folder,
            declared,
            is_module: kind == FileKind::Module,
            codes,
        })
    }

    /// Adds what is wrong with the options of a file that has other problems already, so that both can be mended in one
    /// go. Whatever else its top level comes to follows from those problems, or is found once they are gone.
    fn wrong_arguments(
        &self,
        file: &str,
        text: &str,
        ast: &AST,
        folder: &Path,
        problems: &mut Vec<Failure>,
    ) {
        /// Unknown names that are looked past.
        const MOST: usize = 20;
        let mut scope = Scope::new();
        let mut result = Ok(Collected::default());
        for _ in 0..MOST {
            result = self.evaluate(folder, ast, &mut scope.clone());
            // A closure that names what is not there cannot even be made: it is given nothing under that name.
            match result.as_ref().map_err(|error| unknown_name(error)) {
                Err(Some(name)) => scope.push(name, ()),
                _ => break,
            };
        }
        let news = match result {
            Ok(collected) => self
                .assemble(file, text, collected)
                .err()
                .unwrap_or_default(),
            Err(error) => vec![explain(&error, file, self.language.sources())],
        };
        let line = |failure: &Failure| failure.location.as_ref().map(|at| at.line);
        for failure in news {
            let is_new = problems.iter().all(|known| line(known) != line(&failure));
            if failure.code == FailureCode::Argument && is_new {
                problems.push(failure);
            }
        }
    }

    /// Functions of the script and its modules that Rhai would take for each other.
    fn clashes(&self, file: &str, text: &str, ast: &AST) -> Vec<Failure> {
        let mut modules = BTreeMap::new();
        self.resolver.texts(Some(file), text, &mut modules);
        let import = check::top_imports(ast).into_iter().next();
        let import = import.map_or(Position::new(1, 1), |(_, position)| position);
        let found = check::clashes((file, text), &modules).into_iter();
        found
            .map(|clash| {
                let mut failure = script_usage(format!(
                    "two functions `{}` that are imported together would be taken for each other",
                    clash.name
                ))
                .detail("called by its own file", clash.called)
                .detail("the other", clash.other)
                .hint("give one of them another name");
                failure.location = self.language.sources().locate(Some(file), import);
                failure
            })
            .collect()
    }

    /// A plain script is evaluated only when it runs: what it imports is looked for before.
    fn broken_imports(&self, file: &str, ast: &AST) -> Vec<Failure> {
        let imports = check::top_imports(ast).into_iter();
        imports
            .filter_map(|(path, position)| {
                let mut problems = self.resolver.check(Some(file), &path).err()?;
                for failure in &mut problems {
                    if failure.location.is_none() {
                        failure.location = self.language.sources().locate(Some(file), position);
                    }
                }
                Some(problems)
            })
            .flatten()
            .collect()
    }

    fn plain(&self, file: &str, ast: AST) -> Parts {
        let name = file_stem(file);
        let phase = RawPhase {
            name: "run".into(),
            position: Position::new(1, 1),
            options: PhaseOptions::default(),
            body: None,
            claimed: true,
        };
        let options = ScenarioOptions {
            slots: 1,
            ..ScenarioOptions::default()
        };
        let declared = declared(file, &name, Position::new(1, 1), options, &[phase]);
        let codes = HashMap::from([(name, vec![("run".to_owned(), Code::Script(ast))])]);
        (vec![declared], codes)
    }

    fn declaring(
        &self,
        file: &str,
        text: &str,
        ast: &AST,
        folder: &Path,
    ) -> Result<Parts, Vec<Failure>> {
        let collected = self
            .evaluate(folder, ast, &mut Scope::new())
            .map_err(|error| vec![explain(&error, file, self.language.sources())])?;
        self.assemble(file, text, collected)
    }

    /// Runs the top level, which only declares.
    fn evaluate(
        &self,
        folder: &Path,
        ast: &AST,
        scope: &mut Scope<'_>,
    ) -> Result<Collected, Box<EvalAltResult>> {
        let loading = Loading {
            world: self.world.clone(),
            extensions: Arc::default(),
            script_dir: folder.to_path_buf(),
        };
        let engine = limited_engine(&self.language, &loading, self.limit);
        engine.run_ast_with_scope(scope, ast)?;
        let store = loading.extensions.get::<Mutex<Collected>>();
        let mut collected = store.lock().unwrap_or_else(|e| e.into_inner());
        Ok(std::mem::take(&mut *collected))
    }

    /// Gives every phase its scenario, by the rule of what a file is.
    fn assemble(
        &self,
        file: &str,
        text: &str,
        collected: Collected,
    ) -> Result<Parts, Vec<Failure>> {
        let at = |position: Position| self.language.sources().locate(Some(file), position);
        let place = |mut failure: Failure, position: Position| {
            failure.location = at(position);
            vec![failure]
        };
        let mut loose: Vec<RawPhase> = collected
            .phases
            .into_iter()
            .filter(|phase| !phase.claimed)
            .collect();
        let mut scenarios = collected.scenarios;
        let mut open: Vec<&mut RawScenario> = scenarios
            .iter_mut()
            .filter(|scenario| scenario.phases.is_none())
            .collect();
        if let [_, second, ..] = open.as_slice() {
            return Err(place(
                script_usage("a file has one scenario without a body of its own")
                    .hint("give each its phases in a list: scenario(\"…\", [phase(…), …])"),
                second.position,
            ));
        }
        match open.pop() {
            Some(scenario) if loose.is_empty() => {
                let failure = script_usage(format!("scenario \"{}\" has no phases", scenario.name))
                    .hint("declare them in the same file: phase(\"…\", || { … })");
                return Err(place(failure, scenario.position));
            }
            Some(scenario) => scenario.phases = Some(std::mem::take(&mut loose)),
            None if loose.is_empty() => {}
            None => scenarios.insert(
                0,
                RawScenario {
                    name: file_stem(file),
                    position: loose[0].position,
                    options: ScenarioOptions {
                        slots: 1,
                        ..ScenarioOptions::default()
                    },
                    phases: Some(std::mem::take(&mut loose)),
                },
            ),
        }
        if scenarios.is_empty() {
            let failure = script_usage(
                "the file declares no scenario, though it calls `scenario` or `phase`",
            )
            .hint("was it called in a branch or loop that did not run?");
            return Err(place(failure, Position::new(1, 1)));
        }
        let mut names: BTreeMap<String, Position> = BTreeMap::new();
        let mut all = Vec::new();
        let mut codes = HashMap::new();
        let signals = check::signals(text);
        let mut hasher = Hasher::new(file, text, &self.resolver);
        for scenario in scenarios {
            if let Some(first) = names.insert(scenario.name.clone(), scenario.position) {
                let failure = script_usage(format!(
                    "there are two scenarios named \"{}\"",
                    scenario.name
                ))
                .detail("the first", format!("{file}:{}", first.line().unwrap_or(1)))
                .hint("in a loop, put what differs into the name: scenario(`login as ${user}`, …)");
                return Err(place(failure, scenario.position));
            }
            let phases = scenario.phases.unwrap_or_default();
            check_phases(&scenario.name, &phases)
                .map_err(|(failure, position)| place(failure, position))?;
            let counts = |phase: &RawPhase| !phase.options.ignore_outcome;
            if !phases.is_empty() && !phases.iter().any(counts) {
                let failure = script_usage(format!(
                    "scenario \"{}\" could never fail: each of its phases has `ignore_outcome`",
                    scenario.name
                ))
                .hint("leave it off a phase whose outcome is to count");
                return Err(place(failure, scenario.position));
            }
            let mut declared = declared(
                file,
                &scenario.name,
                scenario.position,
                scenario.options,
                &phases,
            );
            // Only a scenario of several phases can be left in the middle.
            if let [_, _, ..] = phases.as_slice() {
                for (declared, phase) in declared.phases.iter_mut().zip(&phases) {
                    declared.hash = hasher.of(phase);
                }
            }
            declared.signals.clone_from(&signals);
            let manual = declared
                .phases
                .iter()
                .filter_map(|phase| phase.signal.clone());
            declared.signals.extend(manual);
            declared.signals.sort();
            declared.signals.dedup();
            all.push(declared);
            // Not collected, which would keep the room of what the phases were.
            let mut own = Vec::with_capacity(phases.len());
            for phase in phases {
                let code = match phase.body.map(Arc::new) {
                    None => Code::Nothing,
                    Some(body) => Code::Closure {
                        ready: match phase.options.during {
                            Some(_) => Some(body.clone()),
                            None => phase.options.ready.map(Arc::new),
                        },
                        body,
                    },
                };
                own.push((phase.name, code));
            }
            codes.insert(scenario.name, own);
        }
        Ok((all, codes))
    }
}

type Parts = (Vec<Declared>, Codes);

/// The variable that an error is about, if it is about one that is not there.
fn unknown_name(error: &EvalAltResult) -> Option<String> {
    match error.unwrap_inner() {
        EvalAltResult::ErrorVariableNotFound(name, _) => Some(name.clone()),
        _ => None,
    }
}

fn script_usage(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Usage, FailureCode::Script, message)
}

fn file_stem(file: &str) -> String {
    Path::new(file)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn check_phases(scenario: &str, phases: &[RawPhase]) -> Result<(), (Failure, Position)> {
    let names: Vec<&str> = phases.iter().map(|phase| phase.name.as_str()).collect();
    for (index, phase) in phases.iter().enumerate() {
        if names[..index].contains(&phase.name.as_str()) {
            let failure = script_usage(format!(
                "scenario \"{scenario}\" has two phases named \"{}\"",
                phase.name
            ));
            return Err((failure, phase.position));
        }
        let needs = phase.options.needs.iter().flatten();
        let watched = phase
            .options
            .during
            .iter()
            .map(Need::of)
            .collect::<Vec<_>>();
        for need in needs.chain(&phase.options.stop_when).chain(&watched) {
            if need.phase == phase.name || !names.contains(&need.phase.as_str()) {
                let mut failure = if need.phase == phase.name {
                    script_usage(format!("phase \"{}\" needs itself", phase.name))
                } else {
                    script_usage(format!(
                        "phase \"{}\" needs \"{}\", and there is no such phase",
                        phase.name, need.phase
                    ))
                };
                failure.hint = suggest::hint(&need.phase, names.iter().copied());
                return Err((failure, phase.position));
            }
        }
    }
    Ok(())
}

fn declared(
    file: &str,
    name: &str,
    position: Position,
    options: ScenarioOptions,
    phases: &[RawPhase],
) -> Declared {
    let line = |position: Position| position.line().unwrap_or(1) as u32;
    let mut out = Vec::with_capacity(phases.len());
    for (index, phase) in phases.iter().enumerate() {
        let given = &phase.options;
        let before = || {
            let earlier = phases[..index].iter().rev();
            // One that only watches another is no step on the way.
            let before = earlier
                .into_iter()
                .find(|phase| phase.options.during.is_none());
            match before {
                Some(before) if !given.always && given.during.is_none() => {
                    vec![Need::of(before.name.clone())]
                }
                _ => Vec::new(),
            }
        };
        out.push(Phase {
            name: phase.name.clone(),
            line: line(phase.position),
            needs: given.needs.clone().unwrap_or_else(before),
            has_ready: given.ready.is_some(),
            every: given.every,
            within: given.within,
            not_before: given.not_before,
            timeout: given.timeout,
            retries: given.retries,
            always: given.always,
            waits_for_earlier: given.always && given.needs.is_none(),
            ignore_outcome: given.ignore_outcome,
            stop_when: given.stop_when.clone(),
            expires: given.expires,
            signal: given.signal.clone(),
            instruction: given.instruction.clone(),
            during: given.during.clone(),
            max_gap: given.max_gap.unwrap_or_default(),
            hash: String::new(),
        });
    }
    Declared {
        id: ScenarioId::new(file, name),
        line: line(position),
        description: options.description,
        tags: options.tags,
        phases: out,
        retries: options.retries,
        retry_pause: options.retry_pause,
        flaky_fails: options.flaky_fails,
        timeout: options.timeout,
        rounds: options.rounds.max(1),
        signals: Vec::new(),
        locks: options.locks,
        slots: options.slots,
        needs: options.needs,
        requires: options.requires,
        skip: options.skip,
        skip_in: options.skip_in,
        quarantine: options.quarantine,
    }
}

/// An engine that loads: it has a time limit, and primitives that act refuse.
pub fn limited_engine(language: &Arc<Language>, loading: &Loading, limit: Duration) -> Engine {
    let mut engine = language.bare_engine(Dynamic::from(loading.clone()));
    let end = Instant::now() + limit;
    engine.on_progress(move |operations| {
        let over = operations.is_multiple_of(1024) && Instant::now() > end;
        over.then(|| {
            Dynamic::from(Terminated(Stop::Deadline {
                what: "loading the file".into(),
                after: limit,
            }))
        })
    });
    engine
}

/// An error of loading in our words.
pub fn explain(error: &EvalAltResult, file: &str, sources: &Sources) -> Failure {
    match script::explain(error, Some(file), sources) {
        Meaning::News(failure) => *failure,
        Meaning::Stopped(Stop::Deadline { after, .. }) => script_usage(format!(
            "loading {file} took longer than {}",
            scenario_stdlib::host::duration::show(after)
        ))
        .hint("the top level of a file only declares; is there an endless loop?"),
        Meaning::Stopped(stop) => script_usage(format!("loading {file} was stopped: {stop:?}")),
    }
}
