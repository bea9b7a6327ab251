//! What a resumed run keeps of the settings it began with: profile, variables, address and seed, unless this command line
//! says otherwise. Secrets are not among what is stored; they are read anew.

use crate::config::{DEMO, Flags, Settings};
use crate::model::RunId;
use crate::model::event::RunStarted;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::mask;
use serde_json::Value;

/// Adds them to `flags`. `asked` is what this command line alone comes to.
pub fn keep(
    flags: &mut Flags,
    started: &RunStarted,
    asked: &Settings,
    run: &RunId,
) -> Result<(), Failure> {
    let given = &mut flags.settings;
    if given.profile.is_none() && started.profile != "default" {
        given.profile = Some(started.profile.clone());
    }
    let is_demo = args_of(started, "--base-url").any(|url| url == DEMO)
        || (args_of(started, "--base-url").next().is_none()
            && asked.http.base_url.as_deref() == Some(DEMO));
    let mut lost = Vec::new();
    if given.base_url.is_none() && is_demo {
        given.base_url = Some(DEMO.to_owned());
    } else if given.base_url.is_none() {
        match &started.base_url {
            // What a file of settings says is read again; what was typed is gone.
            Some(url) if mask::hides(url) => {
                if args_of(started, "--base-url").next().is_some() {
                    lost.push("--base-url URL".to_owned());
                }
            }
            url => given.base_url.clone_from(url),
        }
    }
    let typed = |name: &str| {
        let mut pairs = args_of(started, "--var").filter_map(|pair| pair.split_once('='));
        pairs.any(|(typed, _)| typed == name)
    };
    let mut vars = Vec::new();
    for (name, value) in &started.vars {
        if given.var.iter().any(|(known, _)| known == name) {
            continue;
        }
        if !holds_masked(value) {
            vars.push((name.clone(), value.clone()));
        } else if typed(name) {
            lost.push(format!("--var {name}=VALUE"));
        }
    }
    if !lost.is_empty() {
        return Err(Failure::usage(format!(
            "run {run} was begun with values that hold a secret, which is never stored: {}",
            lost.join(", ")
        ))
        .hint(format!(
            "say it again: scenario resume {run} {}",
            lost.join(" ")
        )));
    }
    vars.append(&mut given.var);
    given.var = vars;
    flags.run.seed.get_or_insert(started.seed);
    Ok(())
}

/// The values the flag was given on the former command line.
fn args_of<'a>(started: &'a RunStarted, flag: &'a str) -> impl Iterator<Item = &'a str> {
    let args = &started.args;
    args.iter().enumerate().filter_map(move |(index, arg)| {
        let rest = arg.strip_prefix(flag)?;
        match rest.strip_prefix('=') {
            Some(value) => Some(value),
            None if rest.is_empty() => args.get(index + 1).map(String::as_str),
            None => None,
        }
    })
}

fn holds_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => mask::hides(text),
        Value::Array(items) => items.iter().any(holds_masked),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| mask::hides(key) || holds_masked(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
