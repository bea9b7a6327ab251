//! A host for tests of primitives: runs a small script in one attempt and keeps its account.

use super::attempt::{Attempt, Host, Identity};
use super::clock::Clock;
use super::failure::Failure;
use super::loading::Loading;
use super::record::{Begin, Record};
use super::scope::Owner;
use super::script::{self, Meaning};
use super::sources::Sources;
use super::world::World;
use crate::Primitive;
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
    identity: Identity,
    state: Map<String, Value>,
    timeout: Duration,
    more: &'static [Primitive],
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

fn language(more: &[Primitive], sources: &Sources) -> Arc<Language> {
    let resolver = Arc::new(DummyModuleResolver::new());
    Arc::new(Language::new(more, resolver, sources.clone()))
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
            identity: Identity {
                scenario: "test.rhai::test".into(),
                phase: "test".into(),
                try_number: 1,
                attempt: 1,
                ..Identity::default()
            },
            state: Map::new(),
            timeout: Duration::from_secs(20),
            more: &[],
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

    /// Changes which attempt it is.
    pub fn identity(mut self, change: impl FnOnce(&mut Identity)) -> Self {
        change(&mut self.identity);
        self
    }

    pub fn state(mut self, state: Value) -> Self {
        self.state = state.as_object().cloned().expect("a map");
        self
    }

    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Adds primitives that only a test has.
    pub fn more(mut self, more: &'static [Primitive]) -> Self {
        self.more = more;
        self
    }

    /// Evaluates `text` as the top level of `test.rhai`, as it is done while a file is loaded.
    pub fn load(self, text: &str) -> Result<Dynamic, String> {
        let sources = Sources::default();
        let language = language(self.more, &sources);
        let loading = Loading {
            script_dir: self.world.project.clone(),
            world: Arc::new(self.world),
            extensions: Arc::default(),
        };
        let ast = language
            .compile("test.rhai", text)
            .map_err(|error| error.to_string())?;
        language
            .bare_engine(Dynamic::from(loading))
            .eval_ast::<Dynamic>(&ast)
            .map_err(
                |error| match script::explain(&error, Some("test.rhai"), &sources) {
                    Meaning::News(failure) => failure.render(),
                    Meaning::Stopped(stop) => format!("stopped: {stop:?}"),
                },
            )
    }

    /// Runs `text` as the script `test.rhai`, with `state` in scope, and its clean-ups. Then the scenario, its file and the
    /// run are over.
    pub fn run(mut self, text: &str) -> Ran {
        let world = Arc::new(std::mem::take(&mut self.world));
        self.run_then(&world, text, true)
    }

    /// Like [`Fake::run`], in a world that other attempts share; what outlives the phase goes on.
    pub fn run_in(self, world: &Arc<World>, text: &str) -> Ran {
        self.run_then(world, text, false)
    }

    /// Like [`Fake::run_in`], and then all is over.
    pub fn finish_in(self, world: &Arc<World>, text: &str) -> Ran {
        self.run_then(world, text, true)
    }

    fn run_then(self, world: &Arc<World>, text: &str, is_over: bool) -> Ran {
        let sources = Sources::default();
        let language = language(self.more, &sources);
        let host = Arc::new(Recorder {
            records: Mutex::default(),
        });
        let identity = Identity {
            seed: world.seed,
            script_dir: world.project.clone(),
            work_dir: world.run_dir.clone().into(),
            ..self.identity
        };
        let clock = Arc::new(Clock::start("phase `test`", self.timeout));
        let attempt = Attempt::new(
            identity,
            host.clone(),
            world.clone(),
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
        attempt.settle();
        while let Some(cleanup) = attempt.next_cleanup() {
            if let Err(failure) = (cleanup.run)(&attempt) {
                attempt.latch(failure);
            }
        }
        if is_over {
            close(&attempt);
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

impl Fake {
    /// Does a clean-up of `world` that outlived its attempt.
    pub fn end_in(self, world: &Arc<World>, cleanup: super::attempt::Cleanup) {
        let sources = Sources::default();
        let language = language(self.more, &sources);
        let host = Arc::new(Recorder {
            records: Mutex::default(),
        });
        let clock = Arc::new(Clock::start("clean-up", self.timeout));
        let attempt = Attempt::new(
            self.identity,
            host,
            world.clone(),
            language,
            self.state,
            clock,
        );
        (cleanup.run)(&attempt).expect("a clean-up");
    }
}

/// Ends what outlives the phase, as whoever runs scenarios does.
fn close(attempt: &Attempt) {
    let identity = attempt.identity();
    let owners = [
        Owner::Try {
            scenario: identity.scenario.clone(),
            round: identity.round,
            try_number: identity.try_number,
        },
        Owner::File(identity.file().to_owned()),
        Owner::Run,
    ];
    let undoing = attempt.on_clock(attempt.clock().begin_cleanup(Duration::from_secs(20)));
    for scope in owners
        .iter()
        .filter_map(|owner| attempt.world().scopes.close(owner))
    {
        while let Some(cleanup) = scope.next_cleanup() {
            if let Err(failure) = (cleanup.run)(&undoing) {
                attempt.latch(failure);
            }
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

    /// The first bad news as it reads, without what differs from one run to the next; panics when there was none.
    pub fn told(&self) -> String {
        let failure = self.bad_news.first();
        let failure = failure.unwrap_or_else(|| panic!("no bad news: {:?}", self.result));
        let mut failure = failure.clone();
        failure.location = None;
        failure
            .details
            .retain(|detail| detail.label != "last exchange");
        failure.render()
    }

    /// What every step had to show, in order of their end; `null` for nothing.
    pub fn shown(&self) -> Vec<Value> {
        let shown = |record: &Record| match record {
            Record::StepEnded { end, .. } => Some(end.data.read()),
            _ => None,
        };
        self.records.iter().filter_map(shown).collect()
    }

    /// `kind: title` of every step, in order of their beginning.
    pub fn steps(&self) -> Vec<String> {
        let title = |record: &Record| match record {
            Record::StepBegan(Begin { kind, title, .. }) => Some(format!("{kind}: {title}")),
            _ => None,
        };
        self.records.iter().filter_map(title).collect()
    }
}

/// Asserts how a text begins, showing the whole text if it does not.
#[track_caller]
pub fn starts(text: &str, with: &str) {
    assert!(
        text.starts_with(with),
        "expected at its start: {with}\n{text}"
    );
}

/// Asserts how a text ends, showing the whole text if it does not.
#[track_caller]
pub fn ends(text: &str, with: &str) {
    assert!(text.ends_with(with), "expected at its end: {with}\n{text}");
}
