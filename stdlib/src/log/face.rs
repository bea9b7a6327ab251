//! The names scripts use.

use super::collect::{self, Wanted, When};
use super::error::LogError;
use super::{artifact, media};
use crate::host::attempt::Attempt;
use crate::host::options::Options;
use crate::host::record::Level;
use crate::host::script::{self, Raise};
use crate::host::{json, suggest};
use rhai::plugin::*;
use rhai::{Blob, Dynamic, ImmutableString, Map, NativeCallContext};

/// Longer lines are cut; `attach` keeps what is long.
const LONGEST: usize = 16_000;

const LEVELS: &[(&str, Level)] = &[
    ("debug", Level::Debug),
    ("info", Level::Info),
    ("warn", Level::Warn),
];

#[export_module]
pub mod log {
    /// Adds a line to the account of the scenario: text as it is, any other value as JSON. `print` does the same.
    ///
    /// ```rhai
    /// log("about to order");
    /// log(#{ cart: ["cup", "tea"], total: 7.5 });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn log(ctx: NativeCallContext, value: Dynamic) -> Result<(), Raise> {
        say(&ctx, Level::Info, &value)
    }

    /// A number is logged like any other value: `log` is no logarithm (`x.ln()` is the natural one).
    ///
    /// ```rhai
    /// log(2.5);
    /// ```
    #[rhai_fn(name = "log", return_raw)]
    pub fn log_number(ctx: NativeCallContext, value: f64) -> Result<(), Raise> {
        say(&ctx, Level::Info, &value.into())
    }

    /// Refuses a base: `log` is no logarithm.
    #[rhai_fn(name = "log", return_raw)]
    pub fn logarithm(ctx: NativeCallContext, _value: f64, _base: f64) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        Err(script::fail(&ctx, &attempt, LogError::Logarithm.into()))
    }

    /// Adds a line with a level: `"debug"`, `"info"` or `"warn"`. Warnings are shown also when the scenario passes.
    ///
    /// ```rhai
    /// log("warn", "the cache was cold");
    /// log("debug", #{ retries: 0 });
    /// ```
    #[rhai_fn(name = "log", return_raw)]
    pub fn log_level(ctx: NativeCallContext, level: &str, value: Dynamic) -> Result<(), Raise> {
        match LEVELS.iter().find(|(name, _)| *name == level) {
            Some((_, level)) => say(&ctx, *level, &value),
            None => {
                let attempt = script::attempt(&ctx)?;
                let error = LogError::Level {
                    level: level.to_owned(),
                    hint: suggest::hint(level, LEVELS.iter().map(|(name, _)| *name)),
                };
                Err(script::fail(&ctx, &attempt, error.into()))
            }
        }
    }

    /// Keeps `content` with the run, as a file that reports link to: text, bytes, or a map or list (kept as JSON). Secrets
    /// in it are masked; what is beyond 256 MiB is cut off. The extension of `name` tells the media type.
    ///
    /// ```rhai
    /// attach("cart.json", #{ items: ["cup"], total: 3 });
    /// attach("page.html", http.get("/").text);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn attach(ctx: NativeCallContext, name: &str, content: Dynamic) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        keep(&attempt, name, &content, None)
            .map_err(|error| script::fail(&ctx, &attempt, error.into()))
    }

    /// Like `attach(name, content)` with the option `media_type`.
    ///
    /// ```rhai
    /// attach("query plan", "<plan/>", #{ media_type: "application/xml" });
    /// ```
    #[rhai_fn(name = "attach", return_raw)]
    pub fn attach_with(
        ctx: NativeCallContext,
        name: &str,
        content: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        let attempt = script::attempt(&ctx)?;
        let mut options = Options::new("attach", options);
        let media_type = options
            .text("media_type")
            .and_then(|media_type| options.finish().map(|()| media_type))
            .map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        keep(&attempt, name, &content, media_type)
            .map_err(|error| script::fail(&ctx, &attempt, error.into()))
    }

    /// Keeps copies of files with the run: one path, or all that match a pattern such as `"logs/*.log"` (up to 1,000
    /// files). Relative ones are looked for in the scenario's own directory, then beside the script. A path that is not there is
    /// a usage error; a pattern without match only a warning.
    ///
    /// ```rhai
    /// write_file("logs/app.log", "started\n");
    /// attach_file("logs/*.log");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn attach_file(ctx: NativeCallContext, pattern: &str) -> Result<(), Raise> {
        files(&ctx, pattern, Map::new())
    }

    /// Like `attach_file(pattern)` with options: `media_type`, and `when` the files are collected: `"now"` (default), at the
    /// end of the phase when it `"failed"`, or `"always"` at its end. What is collected at the end is written there as it is
    /// then, so ask for it before starting what writes the logs: the end comes in reverse order.
    ///
    /// ```rhai
    /// attach_file("logs/*.log", #{ when: "failed" });
    /// ```
    #[rhai_fn(name = "attach_file", return_raw)]
    pub fn attach_file_with(
        ctx: NativeCallContext,
        pattern: &str,
        options: Map,
    ) -> Result<(), Raise> {
        files(&ctx, pattern, options)
    }
}

fn say(ctx: &NativeCallContext, level: Level, value: &Dynamic) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    let text = match value.read_lock::<ImmutableString>() {
        Some(text) => json::cut(&text, LONGEST),
        None => json::show(value, LONGEST),
    };
    attempt.log(level, text);
    Ok(())
}

fn keep(
    attempt: &Attempt,
    name: &str,
    content: &Dynamic,
    media_type: Option<String>,
) -> Result<(), LogError> {
    if name.trim().is_empty() {
        return Err(LogError::NoName);
    }
    let media_type = media_type
        .map(checked)
        .transpose()?
        .or_else(|| media::of_name(name).map(str::to_owned));
    let content = content.flatten_clone();
    let (bytes, usual) = if let Some(text) = content.read_lock::<ImmutableString>() {
        (text.as_bytes().to_vec(), "text/plain")
    } else if let Some(bytes) = content.read_lock::<Blob>() {
        (bytes.clone(), "application/octet-stream")
    } else if content.is_map() || content.is_array() {
        let value = json::to_json(&content, name)?;
        (format!("{value:#}\n").into_bytes(), "application/json")
    } else {
        return Err(LogError::Content {
            what: json::type_in_words(&content),
        });
    };
    let media_type = media_type.as_deref().unwrap_or(usual);
    artifact::keep(attempt, name, media_type, bytes.as_slice())
}

fn checked(media_type: String) -> Result<String, LogError> {
    if media::is_plausible(&media_type) {
        Ok(media_type)
    } else {
        Err(LogError::MediaType { text: media_type })
    }
}

fn files(ctx: &NativeCallContext, pattern: &str, options: Map) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    let read = || {
        let mut options = Options::new("attach_file", options);
        let media_type = options.text("media_type")?.map(checked).transpose()?;
        let when = When::parse(options.text("when")?)?;
        options.finish()?;
        collect::collect(
            &attempt,
            Wanted {
                pattern: pattern.to_owned(),
                media_type,
                when,
            },
        )?;
        Ok(())
    };
    read().map_err(|failure| script::fail(ctx, &attempt, failure))
}
