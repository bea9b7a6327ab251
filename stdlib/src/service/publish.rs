//! What is known of a service only once it runs: the ports it chose, and the values it published.

use super::prepare::{Plan, names, render, url};
use super::ready;
use super::running::Service;
use super::spec::{PortFrom, Ready};
use super::start::{Setting, Unstarted};
use super::unready::{self, Unready};
use crate::guard::Process;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use std::cell::LazyCell;
use std::time::Instant;

/// Reads the ports the service chose itself, in the order in which they are declared.
pub fn ports_from_log(
    attempt: &Attempt,
    service: &Service,
    process: &Process,
    deadline: Instant,
) -> Result<(), Unready> {
    let spec = service.spec().clone();
    let wanted = spec.ports.iter().filter_map(|wish| match &wish.from {
        PortFrom::Log(regex) => Some((wish.name.clone(), regex.clone())),
        _ => None,
    });
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        return Ok(());
    }
    for (name, regex) in wanted {
        let says = Ready::Log(regex.clone());
        let found = attempt
            .block_on(ready::line(process, &regex, deadline))
            .map_err(Unready::Stopped)?;
        let port = match found {
            Ok(text) => regex
                .captures(&text)
                .and_then(|found| found.get(1)?.as_str().parse::<u16>().ok()),
            Err(unready) => return Err(unready::explained(service, &says, unready)),
        };
        let Some(port) = port else {
            let text = format!("port `{name}` of service `{}` is no port number", spec.name);
            return Err(Unready::Never(Box::new(
                Failure::usage(text).detail("pattern", regex.as_str()),
            )));
        };
        service.learn(|facts| {
            facts.ports.retain(|(known, _)| *known != name);
            facts.ports.push((name.clone(), port));
            let rank = |known: &str| spec.ports.iter().position(|wish| wish.name == known);
            facts.ports.sort_by_key(|(known, _)| rank(known));
        });
    }
    let first = spec.first_port().map(str::to_owned);
    service.learn(|facts| {
        if spec.url.is_none() {
            let port = facts
                .ports
                .iter()
                .find(|(name, _)| Some(name) == first.as_ref());
            facts.url = port.map(|(_, port)| format!("http://127.0.0.1:{port}"));
        }
    });
    Ok(())
}

/// Where a service may publish values, a `name=value` a line.
pub const VALUES: &str = "values";

/// What others may know of a service, now that it is ready.
pub fn publish(setting: &Setting<'_>, service: &Service, plan: &Plan) -> Result<(), Unstarted> {
    let spec = service.spec();
    let mut facts = service.facts();
    let written = std::fs::read_to_string(service.dir().join(VALUES)).unwrap_or_default();
    for line in written.lines() {
        if let Some((name, value)) = line.split_once('=') {
            facts
                .values
                .insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    facts.url = url(setting, spec, &facts)?;
    let known = facts.clone();
    let names = LazyCell::new(|| {
        let mut names = names(setting, &known);
        for (name, value) in &known.values {
            names
                .entry(name.clone())
                .or_insert_with(|| value.as_str().into());
        }
        for (name, variable) in service.environment() {
            names.entry(name).or_insert_with(|| variable.value.into());
        }
        names
    });
    for (name, value) in &plan.values {
        let place = format!("value `{name}` of service `{}`", spec.name);
        match value {
            Some(text) => {
                let value = render(spec, &place, text, &names)?;
                facts.values.insert(name.clone(), value);
            }
            None => {
                facts.values.remove(name);
            }
        }
    }
    service.learn(|known| *known = facts);
    Ok(())
}
