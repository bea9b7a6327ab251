//! A host for tests of primitives: runs a small script in one attempt and keeps its account.

use super::attempt::{Attempt, Host, Identity};
use super::clock::Clock;
use super::failure::Failure;
use super::record::Record;
use super::script::{self, Meaning};
use super::sources::Sources;
use super::world::World;
use crate::language::Language;
use crate::state::State;
use rhai::module_resolvers::DummyModuleResolver;
use rhai::{Dynamic, Scope};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// Tells a story: `Fake::new().run("assert 1 == 2").failure()`.
pub struct Fake {
    world: World,
    state: Map<String, Value>,
    timeout: Duration,
}

/// What a script did.
pub struct Ran {
    pub result: Result<Dynamic, String>,
    pub bad_news: Vec<Failure>,
    pub records: Vec<Record>,
    pub state: Map<String, Value>,
    pub assertions: u64,
    pub skipped: Option<String>,
}

struct Recorder {
    records: Mutex<Vec<Record>>,
}

/// One runtime for all tests of the crate, as in the real process.
pub fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime")
    })
}

impl Host for Recorder {
    fn record(&self, record: Record) {
        self.records.lock().expect("records").push(record);
    }

    fn runtime(&self) -> &tokio::runtime::Handle {
        runtime().handle()
    }
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            world: World::default(),
            state: Map::new(),
            timeout: Duration::from_secs(20),
        }
    }
}

impl Fake {
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the world before the script runs.
    pub fn world(mut self, change: impl FnOnce(&mut World)) -> Self {
        change(&mut self.world);
        self
    }

    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.world(|world| world.base_url = Some(url.into()))
    }

    pub fn state(mut self, state: Value) -> Self {
        self.state = state.as_object().cloned().expect("a map");
        self
    }

    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs `text` as the script `test.rhai`, with `state` in scope, and its clean-ups.
    pub fn run(self, text: &str) -> Ran {
        let sources = Sources::default();
        let language = Arc::new(Language::new(
            &[],
            Arc::new(DummyModuleResolver::new()),
            sources.clone(),
        ));
        let host = Arc::new(Recorder {
            records: Mutex::default(),
        });
        let identity = Identity {
            scenario: "test.rhai::test".into(),
            phase: "test".into(),
            try_number: 1,
            attempt: 1,
            seed: self.world.seed,
            script_dir: self.world.project.clone(),
            work_dir: self.world.run_dir.clone(),
            ..Identity::default()
        };
        let clock = Arc::new(Clock::start("phase `test`", self.timeout));
        let attempt = Attempt::new(
            identity,
            host.clone(),
            Arc::new(self.world),
            language.clone(),
            self.state,
            clock,
        );
        let compiled = language.compile("test.rhai", text);
        let result = match compiled {
            Err(error) => Err(error.to_string()),
            Ok(ast) => {
                let engine = language.engine(&attempt);
                let mut scope = Scope::new();
                scope.push("state", State::of(&attempt));
                engine
                    .eval_ast_with_scope::<Dynamic>(&mut scope, &ast)
                    .map_err(
                        |error| match script::explain(&error, Some("test.rhai"), &sources) {
                            Meaning::News(failure) => attempt.latch(*failure).render(),
                            Meaning::Stopped(stop) => format!("stopped: {stop:?}"),
                        },
                    )
            }
        };
        while let Some(cleanup) = attempt.next_cleanup() {
            if let Err(failure) = (cleanup.run)(&attempt) {
                attempt.latch(failure);
            }
        }
        let records = std::mem::take(&mut *host.records.lock().expect("records"));
        Ran {
            result,
            bad_news: attempt.bad_news(),
            records,
            state: attempt.state(),
            assertions: attempt.assertions(),
            skipped: attempt.skipped(),
        }
    }
}

impl Ran {
    /// The value of the script; panics with the error when it had one.
    pub fn value(&self) -> Dynamic {
        match &self.result {
            Ok(value) => value.clone(),
            Err(error) => panic!("the script failed: {error}"),
        }
    }

    /// Asserts that all went well.
    pub fn passes(&self) -> &Self {
        let _ = self.value();
        assert!(self.bad_news.is_empty(), "bad news: {:?}", self.bad_news);
        self
    }

    /// The rendered error; panics when there was none.
    pub fn error(&self) -> &str {
        match &self.result {
            Ok(value) => panic!("the script gave {value:?} instead of failing"),
            Err(error) => error,
        }
    }

    /// `kind: title` of every step, in order of their beginning.
    pub fn steps(&self) -> Vec<String> {
        let title = |record: &Record| match record {
            Record::StepBegan { kind, title, .. } => Some(format!("{kind}: {title}")),
            _ => None,
        };
        self.records.iter().filter_map(title).collect()
    }
}
