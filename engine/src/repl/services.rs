//! Services that a session may use: what they are doing, and what they wrote.

use super::show::Look;
use crate::report::{clean, fit};
use scenario_stdlib::guard::Stream;
use scenario_stdlib::host::attempt::Attempt;
use scenario_stdlib::service::registry;
use scenario_stdlib::service::running::Service;
use std::time::Duration;

/// Lines of a log that are shown when nobody says how many.
const LINES: usize = 40;

/// How often a log is looked at while it is followed.
const GLANCE: Duration = Duration::from_millis(50);

/// Their names.
pub fn names(attempt: &Attempt) -> Vec<String> {
    if !attempt.world().scopes.is_used() {
        return Vec::new();
    }
    registry::all(attempt)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

/// One line each.
pub fn list(attempt: &Attempt, look: &Look) -> String {
    let all = registry::all(attempt);
    if all.is_empty() {
        return "no services were started here".into();
    }
    let wide = all
        .iter()
        .map(|(name, _)| fit::width(name))
        .max()
        .unwrap_or(0);
    let lines = all.iter().map(|(name, service)| {
        let life = service.life();
        let word = fit::pad(life.word(), 8);
        let word = match (service.is_running(), life.word()) {
            (true, _) => look.palette.good(word),
            (false, "crashed") => look.palette.bad(word),
            _ => look.palette.dim(word),
        };
        let facts = facts(service);
        let room = look.columns.saturating_sub(wide + 12);
        let facts = fit::fit(&facts, room.max(10));
        format!("{}  {word}  {facts}", fit::pad(&clean::name(name), wide))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn facts(service: &Service) -> String {
    let facts = service.facts();
    let mut words = Vec::new();
    words.extend(facts.url.clone());
    if facts.url.is_none() {
        words.extend(
            facts
                .ports
                .iter()
                .map(|(name, port)| format!("{name} {port}")),
        );
    }
    if let Some(process) = service.process().filter(|_| service.is_running()) {
        words.push(format!("pid {}", process.pid()));
    }
    if let Some(exit) = service.exit() {
        words.push(exit.to_string());
    }
    if service.restarts() > 0 {
        words.push(format!("{} restarts", service.restarts()));
    }
    words.join("  ")
}

/// Says what a service wrote, line by line. Follows it until the attempt is stopped.
pub fn logs(
    attempt: &Attempt,
    name: &str,
    follow: bool,
    look: &Look,
    say: &mut dyn FnMut(String),
) -> Result<(), String> {
    let service = registry::find(attempt, name).map_err(|error| error.to_string())?;
    let lines = service.lines();
    let mut seen = lines.len();
    let shown = |line: &scenario_stdlib::guard::Line| {
        let text = clean::log(&line.text, clean::BLOCK);
        match line.stream {
            Stream::Stderr => look.palette.warn(text),
            _ => text,
        }
    };
    if lines.is_empty() && !follow {
        say(look.palette.dim("it has written nothing"));
    }
    if seen > LINES && !follow {
        say(look.palette.dim(format!("… {} lines before", seen - LINES)));
    }
    for line in &lines[seen.saturating_sub(LINES)..] {
        say(shown(line));
    }
    while follow && attempt.sleep(GLANCE).is_ok() {
        let lines = service.lines();
        for line in lines.iter().skip(seen) {
            say(shown(line));
        }
        seen = lines.len().max(seen);
    }
    Ok(())
}
