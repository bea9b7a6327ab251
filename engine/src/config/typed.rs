//! Typed flags as the highest layer of settings.

use super::error::ConfigError;
use super::flags::{Flags, Jobs};
use super::keys::REPORTERS;
use super::layers::{Layer, Origin, Set};
use super::load::Invocation;
use super::settings::Reporter;
use super::value::{Shuffle, Value};
use clap::ValueEnum;
use scenario_stdlib::host::suggest;

/// The settings that flags make; their paths are relative to the current folder.
pub fn layer(call: &Invocation<'_>, errors: &mut Vec<ConfigError>) -> Layer<Value> {
    let mut layer = Layer::new();
    let mut put = |name: &str, flag: &'static str, value: Option<Value>| {
        if let Some(value) = value {
            layer.insert(name.to_owned(), Set::new(value, Origin::Flag(flag)));
        }
    };
    let Flags {
        run,
        settings,
        output,
        ..
    } = call.flags;
    let count = |number: Option<u32>| number.map(|n| Value::Count(n.into()));
    put(
        "base_url",
        "--base-url",
        settings.base_url.clone().map(Value::Text),
    );
    put(
        "browser.headed",
        "--headed",
        settings.headed.then_some(Value::Flag(true)),
    );
    put(
        "browser.slow_mo",
        "--slow-mo",
        settings.slow_mo.map(Value::Duration),
    );
    put(
        "browser.trace",
        "--trace",
        settings.trace.map(|when| word(&when)),
    );
    put(
        "browser.viewport",
        "--viewport",
        settings.viewport.clone().map(Value::Text),
    );
    put(
        "browser.url",
        "--browser-url",
        settings.browser_url.clone().map(Value::Text),
    );
    let store = settings.store.as_ref();
    let store = store.map(|dir| Value::Text(call.cwd.join(dir).to_string_lossy().into_owned()));
    put("store", "--store", store);
    for (name, value) in &settings.var {
        put(
            &format!("vars.{name}"),
            "--var",
            Some(Value::Json(value.clone())),
        );
    }
    put(
        "jobs",
        "--jobs",
        run.jobs.map(|Jobs(number)| Value::Jobs(number)),
    );
    put("retries", "--retries", count(run.retries));
    put("max_fail", "--max-fail", count(run.max_fail));
    put(
        "max_fail",
        "--fail-fast",
        run.fail_fast.then_some(Value::Count(1)),
    );
    put("seed", "--seed", run.seed.map(Value::Count));
    let shuffle = call.flags.shuffle().map(|seed| match seed {
        Some(seed) => Value::Shuffle(Shuffle::Seed(seed)),
        None => Value::Shuffle(Shuffle::On),
    });
    put("shuffle", "--shuffle", shuffle);
    put(
        "time_scale",
        "--time-scale",
        run.time_scale.map(Value::Scale),
    );
    put("timeout", "--timeout", run.timeout.map(Value::Duration));
    put(
        "phase_timeout",
        "--phase-timeout",
        run.phase_timeout.map(Value::Duration),
    );
    put(
        "wait_timeout",
        "--wait-timeout",
        run.wait_timeout.map(Value::Duration),
    );
    put("strict", "--strict", run.strict.map(Value::Flag));
    put("flaky", "--flaky", run.flaky.map(|how| word(&how)));
    put(
        "artifacts.keep",
        "--keep",
        run.keep.then(|| Value::Text("always".into())),
    );
    let on_failure = run
        .keep_on_failure
        .then(|| Value::Text("on-failure".into()));
    put("artifacts.keep", "--keep-on-failure", on_failure);
    put("color", "--color", output.color.map(|when| word(&when)));

    let json = output.json.then(|| ("json".to_owned(), None));
    let typed: Vec<_> = output.reporter.iter().cloned().chain(json).collect();
    if !typed.is_empty() {
        let reporters = typed.into_iter().filter_map(|(name, path)| {
            if !call.reporters.contains(&name.as_str()) {
                errors.push(ConfigError::UnknownReporter {
                    hint: suggest::hint(&name, call.reporters.iter().copied()),
                    name,
                    from: Origin::Flag("--reporter"),
                    at: None,
                });
                return None;
            }
            let path = path.map(|path| call.cwd.join(path));
            Some(Reporter { name, path })
        });
        let value = Value::Reporters(reporters.collect());
        put(REPORTERS, "--reporter", Some(value));
    }
    layer
}

fn word(value: &impl ValueEnum) -> Value {
    let name = value.to_possible_value().map(|v| v.get_name().to_owned());
    Value::Text(name.unwrap_or_default())
}
