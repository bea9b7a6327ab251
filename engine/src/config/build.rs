//! The layers as one [`Settings`] value.

use super::environment::Variables;
use super::explain;
use super::flags::{Color, OnFailure};
use super::layers::Layers;
use super::load::Invocation;
use super::requirements::Requirements;
use super::settings::{
    Flaky, Http, Keep, Output, Project, Retention, Run, Select, Settings, Telemetry, Time,
};
use super::settle;
use super::value::{Shuffle, Value};
use scenario_stdlib::host::browsing::{Browsing, Tracing};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The values in force, read by the kind the table of settings gives them.
#[derive(Clone, Copy)]
pub struct Values<'a>(pub &'a Layers<Value>);

/// Reading a setting as another kind than the table says is a mistake in this file; a test reads them all.
fn mistaken(name: &str, value: &Value) -> ! {
    unreachable!("setting `{name}` is read as another kind than {value:?}")
}

impl Values<'_> {
    /// A list of texts; empty if unset.
    pub fn texts(self, name: &str) -> Vec<String> {
        self.maybe_texts(name).unwrap_or_default()
    }

    fn maybe_texts(self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name)? {
            Value::Texts(texts) => Some(texts.clone()),
            other => mistaken(name, other),
        }
    }

    fn text(self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::Text(text) => Some(text.clone()),
            other => mistaken(name, other),
        }
    }

    fn duration(self, name: &str) -> Option<Duration> {
        match self.0.get(name)? {
            Value::Duration(duration) => Some(*duration),
            other => mistaken(name, other),
        }
    }

    fn count(self, name: &str) -> Option<u64> {
        match self.0.get(name)? {
            Value::Count(number) | Value::Size(number) => Some(*number),
            other => mistaken(name, other),
        }
    }

    fn small_count(self, name: &str) -> Option<u32> {
        self.count(name)
            .map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    }

    fn flag(self, name: &str) -> bool {
        match self.0.get(name) {
            None => false,
            Some(Value::Flag(flag)) => *flag,
            Some(other) => mistaken(name, other),
        }
    }

    fn open_texts(self, table: &str) -> BTreeMap<String, String> {
        let entry = |(name, value): (&str, &Value)| match value {
            Value::Text(text) => (name.to_owned(), text.clone()),
            other => mistaken(name, other),
        };
        self.0.under(table).map(entry).collect()
    }
}

/// What was known before any layer.
pub struct Found {
    pub root: PathBuf,
    pub file: Option<PathBuf>,
    pub profile: String,
    pub profiles: Vec<String>,
}

/// The settings; nothing can go wrong any more.
pub fn build(
    call: &Invocation<'_>,
    found: Found,
    layers: &Layers<Value>,
    variables: Variables,
    warnings: Vec<String>,
) -> Settings {
    let values = Values(layers);
    let root = &found.root;
    let secrets = values.texts("secrets");
    let seed = values.count("seed").unwrap_or(call.fresh_seed);
    let own = layers
        .under("requires")
        .filter_map(|(name, value)| match value {
            Value::Requirement(requirement) => Some((name.to_owned(), requirement.clone())),
            _ => None,
        });
    let vars = layers
        .under("vars")
        .filter_map(|(name, value)| match value {
            Value::Json(json) => Some((name.to_owned(), json.clone())),
            _ => None,
        });
    let flags = call.flags;
    Settings {
        select: Select {
            paths: flags.paths(),
            tags: (!flags.select.tags.is_empty()).then(|| flags.select.tags.join(", ")),
            grep: flags.select.grep.clone(),
            last_failed: flags.select.last_failed,
            shard: flags.select.shard,
            times: flags.select.times.clone(),
        },
        run: Run {
            jobs: match layers.get("jobs") {
                Some(Value::Jobs(Some(number))) => *number,
                _ => settle::natural_jobs(call.cores),
            },
            retries: values.small_count("retries").unwrap_or(0),
            flaky: match values.text("flaky").as_deref() {
                Some("fail") => Flaky::Fail,
                _ => Flaky::Pass,
            },
            max_fail: values.small_count("max_fail"),
            repeat: flags.run.repeat.unwrap_or(1).max(1),
            rounds: flags.run.rounds.unwrap_or(1),
            until: flags.run.phase.clone(),
            max_wait: flags.run.max_wait,
            seed,
            shuffle: match layers.get("shuffle") {
                Some(Value::Shuffle(Shuffle::On)) => Some(seed),
                Some(Value::Shuffle(Shuffle::Seed(seed))) => Some(*seed),
                _ => None,
            },
            longest_first: values.text("order").as_deref() == Some("longest-first"),
            strict: values.flag("strict"),
            ci: settle::is_ci(&variables),
            stops_on_failure: flags.run.on_failure == Some(OnFailure::Repl),
        },
        time: Time {
            wait: values.duration("wait_timeout").unwrap_or_default(),
            phase: values.duration("phase_timeout").unwrap_or_default(),
            cleanup: values.duration("cleanup_timeout").unwrap_or_default(),
            run: values.duration("timeout"),
            scale: match layers.get("time_scale") {
                Some(Value::Scale(factor)) => *factor,
                _ => 1.0,
            },
        },
        http: Http {
            base_url: values.text("base_url"),
            headers: values.open_texts("http.headers"),
            timeout: values.duration("http.timeout").unwrap_or_default(),
        },
        browser: browsing(values, layers, root),
        output: Output {
            reporters: settle::reporters(layers),
            verbose: flags.output.verbose,
            quiet: flags.output.quiet,
            color: match values.text("color").as_deref() {
                Some("always") => Color::Always,
                Some("never") => Color::Never,
                _ => Color::Auto,
            },
        },
        telemetry: Telemetry {
            traceparent: values.flag("telemetry.traceparent"),
            otlp: values.text("telemetry.otlp"),
            notify: values.text("notify.url"),
            notify_always: values.text("notify.when").as_deref() == Some("always"),
        },
        retention: Retention {
            runs: values.count("retention.runs").unwrap_or(u64::MAX),
            bytes: values.count("retention.bytes").unwrap_or(u64::MAX),
        },
        keep: match values.text("artifacts.keep").as_deref() {
            Some("always") => Keep::Always,
            Some("never") => Keep::Never,
            _ => Keep::OnFailure,
        },
        tags: values.maybe_texts("tags"),
        requirements: Requirements::with(own),
        vars: vars.collect(),
        explained: explain::explain(layers, &variables, &secrets),
        variables,
        secrets,
        warnings,
        project: Project {
            scripts: values.texts("scripts"),
            modules: (values.texts("modules").iter())
                .map(|dir| root.join(dir))
                .collect(),
            store: root.join(values.text("store").unwrap_or_default()),
            cwd: call.cwd.clone(),
            file: found.file,
            profile: found.profile,
            profiles: found.profiles,
            root: found.root.clone(),
        },
    }
}

/// How browsers are run. Programs are relative to the project.
fn browsing(values: Values<'_>, layers: &Layers<Value>, root: &Path) -> Browsing {
    let asked = layers.under("browser.capabilities");
    let capabilities = asked.filter_map(|(name, value)| match value {
        Value::Json(json) => Some((name.to_owned(), json.clone())),
        _ => None,
    });
    let program = |name| values.text(name).map(|path| root.join(path));
    Browsing {
        headed: values.flag("browser.headed"),
        slow_mo: values.duration("browser.slow_mo").unwrap_or_default(),
        trace: match values.text("browser.trace").as_deref() {
            Some("on") => Tracing::On,
            Some("retain-on-failure") => Tracing::RetainOnFailure,
            _ => Tracing::Off,
        },
        url: values.text("browser.url"),
        capabilities: capabilities.collect(),
        viewport: values.text("browser.viewport"),
        test_id_attribute: values.text("browser.test_id_attribute"),
        processes: values
            .count("browser.processes")
            .map(|number| usize::try_from(number).unwrap_or(usize::MAX)),
        program: program("browser.program"),
        driver: program("browser.driver"),
        args: values.texts("browser.args"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::KEYS;
    use super::*;

    /// A setting that is added to the table must be read here as what it is.
    #[test]
    fn every_setting_of_the_table_can_be_read() {
        let flags = super::super::flags::Flags::default();
        let call = Invocation {
            cwd: "/p".into(),
            environment: BTreeMap::new(),
            flags: &flags,
            cores: 1,
            fresh_seed: 7,
            reporters: &[],
        };
        let mut layers = Layers::default();
        for key in KEYS {
            let text = key.default.unwrap_or(match key.name {
                "base_url" | "telemetry.otlp" | "notify.url" => "http://localhost",
                "timeout" => "1h",
                "strict" => "true",
                "browser.url" => "http://localhost:4444",
                "tags" => "a,b",
                _ => "1",
            });
            let value = key.kind.read_text(text).unwrap();
            let set = super::super::layers::Set::new(value, super::super::layers::Origin::Default);
            layers.lay([(key.name.to_owned(), set)].into());
        }
        let found = Found {
            root: "/p".into(),
            file: None,
            profile: "default".into(),
            profiles: vec![],
        };
        let settings = build(&call, found, &layers, Layers::default(), vec![]);
        assert_eq!(settings.time.phase, Duration::from_secs(180));
        assert_eq!(settings.run.jobs, 8);
        assert!(settings.run.strict);
        assert_eq!(settings.explained.len(), KEYS.len());
    }
}
