//! A run as OpenTelemetry traces, in the JSON encoding of OTLP: a trace a try, a span for it, each of its phases, attempts
//! and steps. The requests of a scenario carry the same ids, so that what the system did hangs below the step that caused
//! it. Sending it is for who knows networks; this writes what is sent.

use super::output::Output;
use super::spans::{self, Kind, Span};
use super::{Options, Reporter, clean};
use crate::model::Event;
use crate::model::view::View;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io;

/// The reporter.
pub struct Otlp {
    output: Output,
}

/// The row's constructor.
pub fn make(_: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Otlp {
        output: output.clone(),
    }))
}

impl Reporter for Otlp {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let mut text = String::new();
        for request in requests(view, usize::MAX) {
            text.push_str(&clean::json(request.to_string()));
            text.push('\n');
        }
        self.output.write(text.as_bytes())
    }
}

/// What is sent: requests of at most so many spans each.
pub fn requests(view: &View, most: usize) -> Vec<Value> {
    let spans = spans::of(view);
    let resource = resource(view);
    spans
        .chunks(most.min(spans.len().max(1)))
        .map(|part| {
            json!({ "resourceSpans": [{
                "resource": { "attributes": resource },
                "scopeSpans": [{
                    "scope": { "name": "scenario", "version": view.run.as_ref().map_or("", |run| run.program.as_str()) },
                    "spans": part.iter().map(|one| span(one)).collect::<Vec<_>>(),
                }],
            }] })
        })
        .collect()
}

fn resource(view: &View) -> Value {
    let mut all = vec![text("service.name", "scenario")];
    if let Some(run) = &view.run {
        all.push(text("service.version", &run.program));
        all.push(text("host.name", &run.host));
        all.push(text("scenario.run", &run.run.0));
        all.push(text("scenario.profile", &run.profile));
        if let Some(url) = &run.base_url {
            all.push(text("scenario.base_url", url));
        }
    }
    all.into()
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": clean::line(value, clean::BLOCK) } })
}

fn number(key: &str, value: u64) -> Value {
    // 64-bit numbers are texts in the JSON of protocol buffers.
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

fn span(span: &Span) -> Value {
    let mut attributes = vec![
        text("scenario.kind", span.what.word()),
        text("scenario.id", &span.scenario.0),
    ];
    let mut events = Vec::new();
    let mut kind = 1;
    match &span.what {
        Kind::Try(scenario, tried) => {
            attributes.push(text("test.case.name", scenario.declared.id.name()));
            attributes.push(text("test.suite.name", scenario.declared.id.file()));
            attributes.push(number("scenario.try", tried.number.into()));
            attributes.push(number("scenario.round", tried.round.into()));
            if let Some(outcome) = tried.outcome {
                let result = if outcome.is_bad() { "fail" } else { "pass" };
                attributes.push(text("test.case.result.status", result));
                attributes.push(text("scenario.outcome", outcome.name()));
            }
            for tag in &scenario.declared.terms.tags {
                attributes.push(text("scenario.tag", tag));
            }
        }
        Kind::Phase(phase) => attributes.push(text("scenario.state", phase.state.name())),
        Kind::Wait(phase) => {
            for seen in &phase.observed {
                events.push(event(
                    seen.at,
                    "seen",
                    vec![text("value", &seen.seen), number("polls", seen.polls)],
                ));
            }
        }
        Kind::Attempt(_, attempt) => {
            attributes.push(number("scenario.seed", attempt.seed));
            attributes.push(number("scenario.assertions", attempt.assertions));
            for failure in &attempt.failures {
                let mut about = vec![
                    text("exception.message", &failure.message),
                    text(
                        "exception.type",
                        &format!("{:?}", failure.code).to_lowercase(),
                    ),
                ];
                if let Some(at) = &failure.location {
                    about.push(text("exception.stacktrace", &at.to_string()));
                }
                events.push(event(span.ended, "exception", about));
            }
        }
        Kind::Step(step) => {
            attributes.push(text("code.filepath", &step.site));
            for seen in &step.observed {
                events.push(event(
                    seen.at,
                    "seen",
                    vec![text("value", &seen.seen), number("polls", seen.polls)],
                ));
            }
            if step.kind == "http" {
                // A client: the span of the server stands below it.
                kind = 3;
                let data = step.data.read();
                for (key, from) in [("http.request.method", "method"), ("url.full", "url")] {
                    if let Some(value) = data[from].as_str() {
                        attributes.push(text(key, value));
                    }
                }
                if let Some(status) = data["status"].as_u64() {
                    attributes.push(number("http.response.status_code", status));
                }
            }
        }
    }
    let mut out = json!({
        "traceId": span.trace.to_string(),
        "spanId": span.id.to_string(),
        "name": clean::name(&span.what.name()),
        "kind": kind,
        "startTimeUnixNano": nanos(span.began),
        "endTimeUnixNano": nanos(span.ended.max(span.began)),
        "attributes": attributes,
        "status": match &span.trouble {
            Some(message) => json!({ "code": 2, "message": clean::line(message, clean::BLOCK) }),
            None => json!({ "code": 0 }),
        },
    });
    if let Some(parent) = span.parent {
        out["parentSpanId"] = parent.to_string().into();
    }
    if !events.is_empty() {
        out["events"] = events.into();
    }
    out
}

fn event(at: Timestamp, name: &str, attributes: Vec<Value>) -> Value {
    json!({ "timeUnixNano": nanos(at), "name": name, "attributes": attributes })
}

fn nanos(at: Timestamp) -> String {
    at.as_nanosecond().to_string()
}
