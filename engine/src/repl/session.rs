//! Evaluates statements one after another: each in a call of its own that can be cancelled and ends at its deadline,
//! all in one attempt whose variables, services and pages stay.

use super::script;
use super::switch::Switch;
use crate::source::Library;
use crate::source::prompt::{Prompt, Sort};
use rhai::{AST, Dynamic, Engine, Scope};
use scenario_stdlib::host::attempt::{Attempt, Host};
use scenario_stdlib::host::clock::{Clock, Stop};
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::script::{Meaning, Raise, explain};
use scenario_stdlib::state::State;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// The name of what statements put on the state.
const STATE: &str = "state";

/// A session at a prompt.
pub struct Session {
    library: Arc<Library>,
    /// Lasts as long as the session, or longer: then it is that of a script that stands still.
    base: Attempt,
    host: Arc<dyn Host>,
    prompt: Prompt,
    scope: Scope<'static>,
    file: Option<String>,
    switch: Switch,
    /// How long one statement may take.
    pub limit: Duration,
    /// What worked, in order.
    pub done: Vec<Done>,
    /// The phase that statements belong to when they are written down.
    pub phase: Option<String>,
}

/// A statement that worked.
#[derive(Clone, Debug)]
pub struct Done {
    pub text: String,
    pub sort: Sort,
    /// What it came to, as far as it is plain data.
    pub value: Option<serde_json::Value>,
    pub phase: Option<String>,
}

/// What came of a statement.
pub struct Ended {
    pub result: Result<Dynamic, Trouble>,
    /// Claims of `verify` that did not hold.
    pub soft: Vec<Failure>,
    pub took: Duration,
}

/// Why a statement has no value.
#[derive(Debug)]
pub enum Trouble {
    /// It was not even begun.
    Refused(Vec<Failure>),
    Failed(Box<Failure>),
    /// Somebody stopped it, or it stopped itself.
    Stopped(String),
}

impl Session {
    /// A session on `base`, whose statements tell `host` what they do.
    pub fn new(
        library: Arc<Library>,
        base: Attempt,
        host: Arc<dyn Host>,
        folder: &str,
        switch: Switch,
    ) -> Self {
        let prompt = Prompt::new(library.clone(), folder);
        let mut scope = Scope::new();
        scope.push(STATE, State::of(&base));
        Self {
            library,
            base,
            host,
            prompt,
            scope,
            file: None,
            switch,
            limit: Duration::from_secs(180),
            done: Vec::new(),
            phase: None,
        }
    }

    pub fn attempt(&self) -> &Attempt {
        &self.base
    }

    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    pub fn switch(&self) -> &Switch {
        &self.switch
    }

    pub fn prompt(&self) -> &Prompt {
        &self.prompt
    }

    /// The file whose functions are there.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Sets a variable, or makes it.
    pub fn set(&mut self, name: &str, value: Dynamic) {
        self.scope.set_or_push(name, value);
    }

    /// All variables, the newest of each name, in order.
    pub fn variables(&self) -> Vec<(String, Dynamic)> {
        let mut all: Vec<(String, Dynamic)> = Vec::new();
        // The newest come first here.
        for (name, _, value) in self.scope.iter_raw() {
            if all.iter().all(|(known, _)| known != name) {
                all.push((name.to_owned(), value.clone()));
            }
        }
        all.reverse();
        all
    }

    /// Lets the functions, imports, constants and variables of `file` be there. What cannot be evaluated is told.
    pub fn open(&mut self, file: &str) -> Result<Vec<Failure>, Vec<Failure>> {
        let (prompt, sets) = Prompt::open(self.library.clone(), file)?;
        self.prompt = prompt;
        self.file = Some(file.to_owned());
        let mut news = Vec::new();
        for ast in sets {
            if let Err(Trouble::Failed(failure)) = self.evaluate(&ast).result {
                news.push(*failure);
            }
        }
        Ok(news)
    }

    /// Lets only the functions and imports of `file` be there.
    pub fn adopt(&mut self, file: &str) -> Result<(), Vec<Failure>> {
        let (prompt, _) = Prompt::open(self.library.clone(), file)?;
        self.prompt = prompt;
        self.file = Some(file.to_owned());
        Ok(())
    }

    /// Whether a value is the state, which a session has of its own.
    pub fn holds_state(&self, value: &Dynamic) -> bool {
        value.is::<State>()
    }

    /// Reads the file, its modules and those imported here anew; variables, services and pages stay. Functions defined
    /// at the prompt stay, too.
    pub fn reload(&mut self) -> Result<Vec<Failure>, Vec<Failure>> {
        let library = Arc::new(self.library.again());
        let before = std::mem::replace(&mut self.library, library.clone());
        let fresh = match &self.file {
            Some(file) => Prompt::open(library.clone(), file),
            None => {
                let folder = self.prompt.folder();
                Ok((Prompt::new(library.clone(), folder), Vec::new()))
            }
        };
        let (prompt, sets) = match fresh {
            Ok(fresh) => fresh,
            Err(news) => {
                self.library = before;
                return Err(news);
            }
        };
        self.prompt = prompt;
        let mut news = self.prompt.drop_broken_imports();
        for ast in sets {
            if let Err(Trouble::Failed(failure)) = self.evaluate(&ast).result {
                news.push(*failure);
            }
        }
        let variables = self.names();
        for done in &self.done {
            if done.sort != Sort::Definition {
                continue;
            }
            match self.prompt.compile(&done.text, &variables) {
                Ok(compiled) => self.prompt.keep(&compiled),
                Err(problems) => news.extend(problems),
            }
        }
        Ok(news)
    }

    /// Compiles, checks and evaluates a statement.
    pub fn eval(&mut self, text: &str) -> Ended {
        let compiled = match self.prompt.compile(text, &self.names()) {
            Ok(compiled) => compiled,
            Err(problems) => {
                return Ended {
                    result: Err(Trouble::Refused(problems)),
                    soft: Vec::new(),
                    took: Duration::ZERO,
                };
            }
        };
        let ended = self.evaluate(&compiled.ast);
        self.prompt.keep(&compiled);
        if let (Ok(value), true) = (&ended.result, ended.soft.is_empty()) {
            self.note(text, compiled.sort, value);
        }
        ended
    }

    /// Evaluates the statements of a script until one fails. Those that worked count as typed.
    pub fn load(&mut self, file: &str, text: &str) -> Ended {
        let mut whole = Ended {
            result: Ok(Dynamic::UNIT),
            soft: Vec::new(),
            took: Duration::ZERO,
        };
        let names = self.names();
        let compiled = match self.prompt.compile_file(file, text, &names) {
            Ok(compiled) => compiled,
            Err(problems) => {
                whole.result = Err(Trouble::Refused(problems));
                return whole;
            }
        };
        self.prompt.keep(&compiled);
        let (definitions, rest) = script::split(text);
        if !definitions.is_empty() {
            self.note(&definitions.join("\n"), Sort::Definition, &Dynamic::UNIT);
        }
        let steps = self.prompt.statements(&compiled);
        let texts = script::statements(&rest);
        let is_apart = texts.len() == steps.len();
        for (index, (ast, sort)) in steps.iter().enumerate() {
            let ended = self.evaluate(ast);
            if let (Ok(value), true) = (&ended.result, ended.soft.is_empty() && is_apart) {
                self.note(texts[index], *sort, value);
            }
            whole.took += ended.took;
            whole.soft.extend(ended.soft);
            whole.result = ended.result;
            if whole.result.is_err() {
                return whole;
            }
        }
        if let (Ok(value), false) = (&whole.result, is_apart) {
            // It cannot be told apart, so it is saved as it stands.
            let value = value.clone();
            self.note(&rest, Sort::Action, &value);
        }
        whole
    }

    /// Evaluates an expression for whoever looks: it is no statement of the session.
    pub fn ask(&mut self, text: &str) -> Result<Dynamic, Trouble> {
        let compiled = self.prompt.compile(text, &self.names());
        self.evaluate(&compiled.map_err(Trouble::Refused)?.ast)
            .result
    }

    fn note(&mut self, text: &str, sort: Sort, value: &Dynamic) {
        let json = scenario_stdlib::host::json::to_json(value, "value").ok();
        self.done.push(Done {
            text: text.trim().to_owned(),
            sort,
            value: json.filter(|json| !json.is_null()),
            phase: self.phase.clone(),
        });
    }

    fn evaluate(&mut self, ast: &AST) -> Ended {
        let clock = Arc::new(Clock::start("the statement", self.limit));
        let switch = self.switch.clone();
        let _busy = switch.begin(&clock);
        let (attempt, engine) = self.engine(&clock);
        // Bad news of the state is that of the statement, too.
        self.scope.set_or_push(STATE, State::of(&attempt));
        let scope = &mut self.scope;
        let result = catch_unwind(AssertUnwindSafe(|| {
            engine.eval_ast_with_scope::<Dynamic>(scope, ast)
        }));
        attempt.settle();
        let result = match result {
            Ok(Ok(value)) => Ok(value.flatten()),
            Ok(Err(error)) => Err(self.trouble(&error, &attempt)),
            Err(_) => Err(Trouble::Failed(Box::new(
                Failure::fault("a primitive panicked").hint("this is a bug of scenario itself"),
            ))),
        };
        let told = match &result {
            Err(Trouble::Failed(failure)) => Some(failure.message.clone()),
            _ => None,
        };
        let soft = attempt.bad_news().into_iter();
        let soft = soft.filter(|news| Some(&news.message) != told.as_ref());
        Ended {
            soft: soft.map(|news| self.prompt.told(news)).collect(),
            result,
            took: clock.elapsed(),
        }
    }

    /// An engine for one statement, and the attempt it acts in.
    pub fn engine(&self, clock: &Arc<Clock>) -> (Attempt, Engine) {
        let language = self.library.language();
        let attempt = self
            .base
            .beside(self.host.clone(), language.clone(), clock.clone());
        let engine = language.engine(&attempt);
        (attempt, engine)
    }

    fn trouble(&self, error: &Raise, attempt: &Attempt) -> Trouble {
        let sources = self.library.language().sources();
        match explain(error, Some(self.prompt.name()), sources) {
            Meaning::News(failure) => Trouble::Failed(Box::new(self.prompt.told(*failure))),
            Meaning::Stopped(Stop::Deadline { after, .. }) => {
                let mut failure = Failure::new(
                    Kind::Fault,
                    Code::Timeout,
                    format!(
                        "it took longer than {}",
                        scenario_stdlib::host::duration::show(after)
                    ),
                );
                let stopped = Stop::Deadline {
                    what: String::new(),
                    after,
                };
                failure.details = attempt.stop_failure(&stopped).details;
                Trouble::Failed(Box::new(
                    failure.hint("`:timeout 10m` gives every statement more time"),
                ))
            }
            Meaning::Stopped(Stop::Skipped(reason)) => {
                Trouble::Stopped(format!("skipped: {reason}"))
            }
            Meaning::Stopped(Stop::Cancelled(reason)) => {
                Trouble::Stopped(format!("stopped: {reason}"))
            }
            Meaning::Stopped(stop) => Trouble::Failed(Box::new(attempt.stop_failure(&stop))),
        }
    }

    /// The names of all variables.
    fn names(&self) -> Vec<String> {
        self.scope
            .iter_raw()
            .map(|(name, ..)| name.to_owned())
            .collect()
    }
}
