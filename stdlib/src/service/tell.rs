//! What is told of a service: its output as it comes, its end, its logs, and what the step that started it has to show.

use super::running::{SHOWN_LINES, Service};
use crate::guard::{Ended, Exit, How, Needed, Process, Stream};
use crate::host::attempt::Attempt;
use crate::host::duration::show;
use crate::host::failure::{Code, Failure};
use crate::host::record::{Level, Record, SERVICE_LINES, ServiceNews};
use crate::log::artifact;
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

/// Lines that come closer together than this are told as one.
const TOGETHER: Duration = Duration::from_millis(50);
/// So much of what one service writes is told live; the rest is in its log.
const MOST_TOLD: usize = 1 << 20;

/// How a process ended, as the end of a sentence about its service.
pub fn exited(exit: &Exit) -> String {
    match exit.how {
        How::Code(code) => format!("exited with code {code}"),
        How::Signal(_) => format!("was {}", exit.how),
        How::Lost => "was lost: its keeper was killed".into(),
    }
}

/// Tells what a process writes as it comes, some lines at a time.
pub async fn output_of(teller: Attempt, process: Process) {
    let mut follow = process.log().follow(Default::default());
    let mut told = 0;
    let mut next = follow.next().await;
    while let Some(line) = next {
        let stream = line.stream;
        let mut text = line.text;
        let until = tokio::time::Instant::now() + TOGETHER;
        next = loop {
            match tokio::time::timeout_at(until, follow.next()).await {
                Ok(Some(line)) if line.stream == stream && text.len() < 16 << 10 => {
                    text.push('\n');
                    text.push_str(&line.text);
                }
                Ok(next) => break next,
                Err(_) => {
                    teller.record(output(&process, stream, &mut text));
                    break follow.next().await;
                }
            }
        };
        if !text.is_empty() {
            told += text.len();
            teller.record(output(&process, stream, &mut text));
        }
        if told > MOST_TOLD {
            let mut text = "(more of it is in its log)".to_owned();
            teller.record(output(&process, stream, &mut text));
            return;
        }
    }
}

fn output(process: &Process, stream: Stream, text: &mut String) -> Record {
    Record::Output {
        service: process.name().to_owned(),
        error: stream == Stream::Stderr,
        text: std::mem::take(text),
    }
}

impl Service {
    /// The end nobody asked for, in the shape reports know.
    pub fn crash(&self, exit: &Exit) -> Failure {
        Failure::product(
            Code::Service,
            format!("service `{}` {}", self.name(), exited(exit)),
        )
        .detail("ran for", show(exit.after))
        .detail("log", self.log_path())
        .detail(format!("last {SHOWN_LINES} lines"), self.last_lines())
        .hint("if it may end, say `ignore_exit: true`; `restart: \"on-failure\"` starts it again")
    }

    /// How it was ended, and whatever did not go as it should.
    pub(super) fn tell_end(&self, ended: &Ended, by_force: bool) {
        let data = json!({
            "needed": ended.needed.to_string(),
            "took": show(ended.took),
            "code": ended.exit.code(),
        });
        if ended.needed != Needed::Nothing {
            self.tell(ServiceNews::Stopped, data);
        }
        let command = self.launch().and_then(|launch| launch.stop.command);
        if let (Some(command), Needed::Signal(_) | Needed::Kill, false) =
            (command, &ended.needed, by_force)
        {
            self.warn(format!(
                "the stop command of service `{}` did not end it, so it was {}: {}",
                self.name(),
                ended.needed,
                command.show()
            ));
        }
        for leftover in ended.leftovers.iter().filter(|left| left.escaped) {
            let data = json!({ "what": leftover.to_string() });
            self.tell(ServiceNews::Escaped, data);
        }
        for survivor in &ended.survivors {
            self.warn(format!(
                "service `{}` cannot be ended: {survivor}",
                self.name()
            ));
        }
    }

    /// Keeps the last of what it wrote with the run, line by line and with times: what it wrote while a step was under way
    /// can be told from it. At most `bytes` of each stream.
    pub fn attach_lines(&self, attempt: &Attempt, bytes: u64) {
        let mut text = Vec::new();
        for log in self.logs() {
            for line in log.recent(bytes).unwrap_or_default() {
                let at = line.at.duration_since(UNIX_EPOCH).unwrap_or_default();
                let line = json!({
                    "at": at.as_micros() as u64,
                    "err": line.stream == Stream::Stderr,
                    // Secrets are found in what was written, not in how JSON writes it.
                    "text": attempt.world().masker.mask_in("service logs", &line.text),
                });
                text.extend(line.to_string().into_bytes());
                text.push(b'\n');
            }
        }
        if text.is_empty() {
            return;
        }
        let name = format!("{}.log.jsonl", self.name());
        if let Err(error) = artifact::keep(attempt, &name, SERVICE_LINES, text.as_slice()) {
            attempt.log(Level::Warn, Failure::from(error).message);
        }
    }

    /// Takes masked values out of its own logs, once it has ended: they stay where its directory is kept.
    pub fn hide_secrets(&self, attempt: &Attempt) {
        let masker = &attempt.world().masker;
        if !masker.is_needed() {
            return;
        }
        for log in self.logs() {
            for stream in [Stream::Stdout, Stream::Stderr] {
                let path = log.path(stream);
                let Ok(bytes) = std::fs::read(path) else {
                    continue;
                };
                if let Cow::Owned(masked) = masker.mask_bytes("service logs", &bytes)
                    && let Err(error) = std::fs::write(path, masked)
                {
                    let text = format!("{} still holds secrets: {error}", path.display());
                    attempt.log(Level::Warn, text);
                }
            }
        }
    }

    /// Keeps its logs with the run.
    pub fn attach_logs(&self, attempt: &Attempt) {
        for log in self.logs() {
            for stream in [Stream::Stdout, Stream::Stderr] {
                let path = log.path(stream);
                let file_name = path.file_name().unwrap_or_default().to_string_lossy();
                let has_any = path.metadata().is_ok_and(|meta| meta.len() > 0);
                if let (true, Ok(file)) = (has_any, File::open(path)) {
                    let name = format!("{file_name}.log");
                    if let Err(error) = artifact::keep(attempt, &name, "text/plain", file) {
                        attempt.log(Level::Warn, Failure::from(error).message);
                    }
                }
            }
        }
    }

    /// What the step that started it has to show.
    pub fn account(&self) -> serde_json::Value {
        let facts = self.facts();
        let (_, ready_after, _) = self.times();
        let ports: BTreeMap<&str, u16> = facts
            .ports
            .iter()
            .map(|(name, port)| (name.as_str(), *port))
            .collect();
        let launch = self.launch();
        json!({
            "pid": facts.pid,
            "url": facts.url,
            "ports": ports,
            "dir": self.dir(),
            "command": launch.as_ref().map(|launch| launch.program.show()),
            "ready_after": ready_after.map(show),
            "values": facts.values,
            "env": launch.map(|_| super::env::explain(&self.environment(), self.spec().show_env)),
        })
    }
}
