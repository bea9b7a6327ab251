//! Running the top level of a file, which only declares: what it declared, or what is wrong with it in our words.

use super::declare::Collected;
use rhai::{AST, Dynamic, Engine, EvalAltResult, Scope};
use scenario_stdlib::host::clock::Stop;
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::loading::Loading;
use scenario_stdlib::host::script::{self, Meaning, Terminated};
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::host::world::World;
use scenario_stdlib::language::Language;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Runs the top level, which only declares, for `limit` at most.
pub fn evaluate(
    world: &Arc<World>,
    language: &Arc<Language>,
    folder: &Path,
    ast: &AST,
    scope: &mut Scope<'_>,
    limit: Duration,
) -> Result<Collected, Box<EvalAltResult>> {
    let loading = Loading {
        world: world.clone(),
        extensions: Arc::default(),
        script_dir: folder.to_path_buf(),
    };
    let engine = limited_engine(language, &loading, limit);
    engine.run_ast_with_scope(scope, ast)?;
    let store = loading.extensions.get::<Mutex<Collected>>();
    let mut collected = store.lock().unwrap_or_else(|e| e.into_inner());
    Ok(std::mem::take(&mut *collected))
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

/// The variable that an error is about, if it is about one that is not there.
pub fn unknown_name(error: &EvalAltResult) -> Option<String> {
    match error.unwrap_inner() {
        EvalAltResult::ErrorVariableNotFound(name, _) => Some(name.clone()),
        _ => None,
    }
}

pub fn script_usage(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Usage, Code::Script, message)
}
