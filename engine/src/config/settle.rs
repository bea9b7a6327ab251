//! What depends on the machine or on several settings together.

use super::environment::Variables;
use super::error::ConfigError;
use super::keys::REPORTERS;
use super::layers::{Layer, Layers, Origin, Set};
use super::load::Invocation;
use super::settings::Reporter;
use super::value::{self, Value};

/// Fills in values that depend on the machine, and the reporter a person sees when no other takes standard output.
pub fn settle(layers: &mut Layers<Value>, call: &Invocation<'_>, variables: &Variables) {
    let mut settled = Layer::new();
    let mut put = |name: &str, value: Value, origin: Origin| {
        settled.insert(name.to_owned(), Set::new(value, origin));
    };
    if let Some(Value::Jobs(None)) = layers.get("jobs") {
        let natural = natural_jobs(call.cores);
        let how = format!("natural for {} cores", call.cores);
        put("jobs", Value::Jobs(Some(natural)), Origin::Machine(how));
    }
    if layers.get("strict").is_none() {
        let ci = is_ci(variables);
        let how = if ci { "CI is set" } else { "CI is not set" };
        put("strict", Value::Flag(ci), Origin::Machine(how.into()));
    }
    if layers.get("seed").is_none() {
        let how = Origin::Machine("new for this run".into());
        put("seed", Value::Count(call.fresh_seed), how);
    }
    let color = layers.entries.get("color").map(|entry| &entry.set.origin);
    if color == Some(&Origin::Default) && variables.get("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        let how = Origin::Machine("NO_COLOR is set".into());
        put("color", Value::Text("never".into()), how);
    }
    let reporters = reporters(layers);
    if reporters.iter().all(|reporter| reporter.path.is_some()) {
        let terminal = Reporter {
            name: "terminal".into(),
            path: None,
        };
        let origin = layers.entries.get(REPORTERS);
        let origin = origin.map_or(Origin::Default, |entry| entry.set.origin.clone());
        let all = [terminal].into_iter().chain(reporters).collect();
        put(REPORTERS, Value::Reporters(all), origin);
    }
    for (name, set) in settled {
        match layers.entries.get_mut(&name) {
            Some(entry) if entry.set.origin == set.origin => entry.set = set,
            _ => layers.lay([(name, set)].into()),
        }
    }
}

/// Threads that wait on sockets leave cores idle, so jobs are not tied to cores.
pub fn natural_jobs(cores: usize) -> usize {
    (4 * cores).max(8)
}

/// Whether nobody sits in front of the machine.
pub fn is_ci(variables: &Variables) -> bool {
    variables
        .get("CI")
        .is_some_and(|ci| !ci.trim().is_empty() && value::flag(ci) != Some(false))
}

/// Two reports in one place would be neither. The terminal reporter writes for people, beside the data.
pub fn clashes(layers: &Layers<Value>) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    let all: Vec<Reporter> = reporters(layers);
    let mut data: Vec<Reporter> = all.into_iter().filter(|r| r.name != "terminal").collect();
    while let Some(second) = data.pop() {
        if let Some(first) = data.iter().find(|first| first.path == second.path) {
            errors.push(ConfigError::ReporterClash {
                first: first.name.clone(),
                place: match &second.path {
                    Some(path) => path.display().to_string(),
                    None => "standard output".into(),
                },
                second: second.name,
            });
        }
    }
    errors
}

/// The reporters in force.
pub fn reporters(layers: &Layers<Value>) -> Vec<Reporter> {
    match layers.get(REPORTERS) {
        Some(Value::Reporters(reporters)) => reporters.clone(),
        _ => Vec::new(),
    }
}
