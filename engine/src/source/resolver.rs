//! What `import` finds: files beside the script, module folders of the configuration, and the `std/…` modules in the
//! binary. None escapes its root. Each module is compiled, checked and evaluated once a process.

use super::check::{self, Names, Unit};
use super::path::tidy;
use parking_lot::ReentrantMutex;
use rhai::{AST, Dynamic, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::loading::Loading;
use scenario_stdlib::host::suggest;
use scenario_stdlib::host::world::World;
use scenario_stdlib::language::Language;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

/// Prefix of the modules that are part of the binary.
const EMBEDDED: &str = "std/";

/// Finds and keeps modules.
pub struct Resolver {
    world: Arc<World>,
    folders: Vec<PathBuf>,
    language: OnceLock<Weak<Language>>,
    names: OnceLock<Arc<Names>>,
    kept: Mutex<HashMap<String, Entry>>,
    turn: ReentrantMutex<()>,
    /// Texts that stand for what is on disk, such as those an editor has not saved.
    overlays: Mutex<HashMap<PathBuf, String>>,
    /// How long the top level of a module may compute.
    limit: Duration,
}

/// Where an import leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How the module is called in messages: its path in the project, or `std/…`.
    pub name: String,
    pub text: String,
    /// `None` for a module that is part of the binary.
    pub path: Option<PathBuf>,
}

enum Entry {
    /// Being loaded: meeting it again means that modules import each other.
    Opened,
    Ready(Shared<Module>),
    /// What is wrong with it, at least one problem.
    Broken(Vec<Failure>),
}

/// Where a path leads.
struct Found {
    /// How the module is called in messages, and its key.
    name: String,
    text: String,
    folder: PathBuf,
    /// `None` for a module that is part of the binary.
    path: Option<PathBuf>,
}

impl Resolver {
    /// A resolver for scripts of `world.project` and the module `folders` of its configuration.
    pub fn new(world: Arc<World>, folders: Vec<PathBuf>, limit: Duration) -> Self {
        Self {
            world,
            folders,
            overlays: Mutex::default(),
            limit,
            language: OnceLock::new(),
            names: OnceLock::new(),
            kept: Mutex::default(),
            turn: ReentrantMutex::new(()),
        }
    }

    /// Completes the circle: the language holds its resolver, which needs the language to compile modules.
    pub fn connect(&self, language: &Arc<Language>, names: Arc<Names>) {
        let _ = self.language.set(Arc::downgrade(language));
        let _ = self.names.set(names);
    }

    /// The module behind `path`, imported by the script `source`; else the first thing that is wrong with it.
    pub fn module(&self, source: Option<&str>, path: &str) -> Result<Shared<Module>, Failure> {
        self.check(source, path).map_err(|problems| {
            let first = problems.into_iter().next();
            first.unwrap_or_else(|| Failure::fault(format!("the module \"{path}\" is broken")))
        })
    }

    /// Like [`Resolver::module`], with everything that is wrong.
    pub fn check(&self, source: Option<&str>, path: &str) -> Result<Shared<Module>, Vec<Failure>> {
        let found = self.find(source, path).map_err(|failure| vec![failure])?;
        if let Some(known) = self.known(&found.name) {
            return known;
        }
        // One thread at a time, and the same thread again for what a module imports: so that a module which is met while
        // it is being loaded was met in a circle, and not by somebody else.
        let _turn = self.turn.lock();
        {
            let mut kept = self.kept.lock().unwrap_or_else(|e| e.into_inner());
            match kept.get(&found.name) {
                Some(Entry::Ready(module)) => return Ok(module.clone()),
                Some(Entry::Broken(problems)) => return Err(problems.clone()),
                Some(Entry::Opened) => {
                    return Err(vec![
                        usage(format!(
                            "the modules import each other in a circle, at \"{}\"",
                            found.name
                        ))
                        .hint("move what both need into a third module"),
                    ]);
                }
                None => kept.insert(found.name.clone(), Entry::Opened),
            };
        }
        let name = found.name.clone();
        let result = self.load(found);
        let entry = match &result {
            Ok(module) => Entry::Ready(module.clone()),
            Err(problems) => Entry::Broken(problems.clone()),
        };
        self.kept
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .insert(name, entry);
        result
    }

    /// A module that was loaded before, or could not be.
    fn known(&self, name: &str) -> Option<Result<Shared<Module>, Vec<Failure>>> {
        let kept = self.kept.lock().unwrap_or_else(|e| e.into_inner());
        match kept.get(name)? {
            Entry::Ready(module) => Some(Ok(module.clone())),
            Entry::Broken(problems) => Some(Err(problems.clone())),
            Entry::Opened => None,
        }
    }

    /// Lets `text` stand for what the file at `path` holds, or nothing any more; every module is loaded anew.
    pub fn overlay(&self, path: &Path, text: Option<String>) {
        // A path that cannot be resolved belongs to a file that does not exist yet, which no import finds either.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut overlays = self.overlays.lock().unwrap_or_else(|e| e.into_inner());
        match text {
            Some(text) => overlays.insert(path, text),
            None => overlays.remove(&path),
        };
        drop(overlays);
        let _turn = self.turn.lock();
        self.forget();
    }

    fn read(&self, path: &Path) -> std::io::Result<String> {
        let overlays = self.overlays.lock().unwrap_or_else(|e| e.into_inner());
        match overlays.get(path) {
            Some(text) => Ok(text.clone()),
            None => std::fs::read_to_string(path),
        }
    }

    /// Where the import `path` of the script `source` leads.
    pub fn import(&self, source: &str, path: &str) -> Option<Imported> {
        let found = self.find(Some(source), path).ok()?;
        Some(Imported {
            name: found.name,
            text: found.text,
            path: found.path,
        })
    }

    /// Where modules are looked for beside the script itself.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Lets every module that is asked for be read anew.
    pub fn forget(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(|e| e.into_inner());
        kept.retain(|name, entry| Self::is_embedded(name) || matches!(entry, Entry::Opened));
    }

    /// The texts of all modules that a script can reach, by name.
    pub fn texts(&self, source: Option<&str>, text: &str, found: &mut BTreeMap<String, String>) {
        for path in check::imports(text) {
            let Ok(module) = self.find(source, &path) else {
                continue;
            };
            if found.contains_key(&module.name) {
                continue;
            }
            found.insert(module.name.clone(), module.text.clone());
            self.texts(Some(&module.name), &module.text, found);
        }
    }

    /// Whether a module of this name is part of the binary.
    pub fn is_embedded(name: &str) -> bool {
        name.starts_with(EMBEDDED)
    }

    fn find(&self, source: Option<&str>, path: &str) -> Result<Found, Failure> {
        if let Some(rest) = path.strip_prefix(EMBEDDED) {
            let known = scenario_stdlib::MODULES;
            return match known.iter().find(|(name, _)| *name == rest) {
                Some((name, text)) => Ok(Found {
                    name: format!("{EMBEDDED}{name}"),
                    text: (*text).to_owned(),
                    folder: self.world.project.clone(),
                    path: None,
                }),
                None => {
                    let names: Vec<String> = known
                        .iter()
                        .map(|(name, _)| format!("{EMBEDDED}{name}"))
                        .collect();
                    let mut failure = usage(format!("there is no module \"{path}\""));
                    failure.hint = suggest::hint(path, names.iter().map(String::as_str));
                    Err(failure)
                }
            };
        }
        let asked = Path::new(path);
        if asked.is_absolute() {
            return Err(usage(format!("\"{path}\" is an absolute path")).hint(
                "import relative to the script, or list a folder under `modules` in scenario.toml",
            ));
        }
        let beside = match source.filter(|source| !source.starts_with(EMBEDDED)) {
            Some(source) => self
                .world
                .project
                .join(source)
                .parent()
                .map(Path::to_path_buf)
                .unwrap_or_default(),
            None => self.world.project.clone(),
        };
        let mut looked = Vec::new();
        let roots = std::iter::once((beside, self.world.project.clone())).chain(
            self.folders
                .iter()
                .map(|folder| (folder.clone(), folder.clone())),
        );
        for (base, root) in roots {
            let mut file = tidy(&base.join(asked));
            if file.extension().is_none_or(|extension| extension != "rhai") {
                file.as_mut_os_string().push(".rhai");
            }
            if !file.exists() {
                looked.push(file);
                continue;
            }
            let real = file
                .canonicalize()
                .map_err(|error| unreadable(&file, &error))?;
            let real_root = root
                .canonicalize()
                .map_err(|error| unreadable(&root, &error))?;
            if !real.starts_with(&real_root) {
                return Err(usage(format!("\"{path}\" leads out of {}", root.display()))
                    .hint("list its folder under `modules` in scenario.toml"));
            }
            let text = self
                .read(&real)
                .map_err(|error| unreadable(&file, &error))?;
            let project = self.world.project.canonicalize().unwrap_or_default();
            let name = real
                .strip_prefix(&project)
                .unwrap_or(&real)
                .to_string_lossy()
                .replace('\\', "/");
            let folder = real.parent().map(Path::to_path_buf).unwrap_or_default();
            return Ok(Found {
                name,
                text,
                folder,
                path: Some(real),
            });
        }
        let mut failure = usage(format!("there is no module \"{path}\""));
        for file in looked {
            let shown = file
                .strip_prefix(&self.world.project)
                .unwrap_or(&file)
                .display()
                .to_string();
            failure = failure.detail("looked for", shown);
        }
        Err(failure)
    }

    fn load(&self, found: Found) -> Result<Shared<Module>, Vec<Failure>> {
        let language = self.language.get().and_then(Weak::upgrade);
        let (Some(language), Some(names)) = (language, self.names.get()) else {
            return Err(vec![Failure::fault(
                "modules were asked for before the language was ready",
            )]);
        };
        let mut ast = language
            .compile(&found.name, &found.text)
            .map_err(|error| vec![check::explain_parse_error(&found.text, &error, &found.name)])?;
        ast.set_source(&found.name);
        let imports = |path: &str| self.module(Some(&found.name), path).ok();
        let unit = Unit {
            file: &found.name,
            source: &found.text,
            ast: &ast,
            imports: &imports,
        };
        let problems = check::check(&unit, names);
        if !problems.is_empty() {
            return Err(problems);
        }
        self.evaluate(&language, &found, &ast)
            .map_err(|problem| vec![problem])
    }

    fn evaluate(
        &self,
        language: &Arc<Language>,
        found: &Found,
        ast: &AST,
    ) -> Result<Shared<Module>, Failure> {
        let loading = Loading {
            world: self.world.clone(),
            extensions: Arc::default(),
            script_dir: found.folder.clone(),
        };
        let engine = super::load::limited_engine(language, &loading, self.limit);
        match Module::eval_ast_as_new(Scope::new(), ast, &engine) {
            Ok(module) => Ok(Shared::new(module)),
            Err(error) => Err(super::load::explain(
                &error,
                &found.name,
                language.sources(),
            )),
        }
    }
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let _ = engine;
        self.module(source, path).map_err(|mut failure| {
            if failure.location.is_none() {
                let sources = self
                    .language
                    .get()
                    .and_then(Weak::upgrade)
                    .map(|language| language.sources().clone());
                failure.location = sources.and_then(|sources| sources.locate(source, position));
            }
            EvalAltResult::ErrorRuntime(Dynamic::from(failure), position).into()
        })
    }
}

fn usage(message: String) -> Failure {
    Failure::new(Kind::Usage, Code::Script, message)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    usage(format!("cannot read {}: {error}", path.display()))
}
