//! Loading a file: compile, check, evaluate the top level once, and keep the code of every phase.

use super::assemble::{self, plain};
use super::check::{self, FileKind, Names, Unit};
use super::declare::Collected;
use super::evaluate::{evaluate, explain, script_usage, unknown_name};
use super::resolver::{Imported, Resolver};
use crate::model::{Declared, ScenarioId};
use rhai::{AST, EvalAltResult, Position, Scope};
use scenario_stdlib::host::failure::{Code as FailureCode, Failure};
use scenario_stdlib::host::script::Deferred;
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::host::world::World;
use scenario_stdlib::language::Language;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

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
    pub declared: Vec<Arc<Declared>>,
    /// It is only imported, never run.
    pub is_module: bool,
    codes: Codes,
}

/// Each scenario with the code of its phases, in their order.
pub type Codes = HashMap<ScenarioId, (Arc<Declared>, Box<[Code]>)>;

/// What a file comes to.
pub type Parts = (Vec<Arc<Declared>>, Codes);

/// What a phase executes.
#[derive(Clone, Debug)]
pub enum Code {
    /// A plain script, top to bottom.
    Script(Arc<AST>),
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
        let mut names = Names::from_modules(language.modules());
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
        let (declared, codes) = loaded.codes.get(scenario)?;
        let mut names = declared.phases.iter();
        let at = names.position(|known| known.name == phase)?;
        Some((loaded.clone(), codes.get(at)?.clone()))
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
            FileKind::Plain => plain(file, ast),
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
        if modules.is_empty() {
            return Vec::new();
        }
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

    fn evaluate(
        &self,
        folder: &Path,
        ast: &AST,
        scope: &mut Scope<'_>,
    ) -> Result<Collected, Box<EvalAltResult>> {
        evaluate(&self.world, &self.language, folder, ast, scope, self.limit)
    }

    fn assemble(
        &self,
        file: &str,
        text: &str,
        collected: Collected,
    ) -> Result<Parts, Vec<Failure>> {
        let sources = self.language.sources();
        assemble::assemble(file, text, collected, sources, &self.resolver)
    }
}
