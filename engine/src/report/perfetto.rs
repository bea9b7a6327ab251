//! A run for Perfetto and chrome://tracing: a process a file, a thread a scenario, slices for its phases, waits and steps,
//! and beside them the lives of its services. Made from the view alone, at the end.

use super::output::Output;
use super::spans::{self, Kind};
use super::{Options, Reporter, clean};
use crate::model::view::View;
use crate::model::{Event, ScenarioId};
use jiff::Timestamp;
use scenario_stdlib::host::record::ServiceNews;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io;

/// The reporter.
pub struct Perfetto {
    output: Output,
}

/// The row's constructor.
pub fn make(_: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Perfetto {
        output: output.clone(),
    }))
}

impl Reporter for Perfetto {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let document = json!({ "displayTimeUnit": "ms", "traceEvents": events(view) });
        let text = clean::json(document.to_string());
        self.output.write((text + "\n").as_bytes())
    }
}

fn events(view: &View) -> Vec<Value> {
    let began = view.started.unwrap_or_default();
    let at = |at: Timestamp| at.as_microsecond() - began.as_microsecond();
    let mut lanes = Lanes::default();
    let mut out = Vec::new();
    for span in spans::of(view) {
        // Attempts lie where their phase lies; only several of them are told apart.
        if let Kind::Attempt(phase, _) = &span.what
            && phase.attempts.len() == 1
        {
            continue;
        }
        let (pid, tid) = lanes.of(span.scenario, &mut out);
        let mut args = json!({});
        if let Some(trouble) = &span.trouble {
            args["trouble"] = clean::line(trouble, 1000).into();
        }
        if let Kind::Step(step) = &span.what {
            args["site"] = clean::name(&step.site).into();
        }
        // Steps of `parallel` overlap: nested events of their own would not draw.
        let from = at(span.began);
        out.push(json!({
            "ph": "X", "pid": pid, "tid": tid, "ts": from, "dur": (at(span.ended) - from).max(1),
            "name": clean::name(&span.what.name()), "cat": clean::name(span.what.word()), "args": args,
        }));
    }
    for scenario in &view.scenarios {
        for tried in &scenario.tries {
            for service in &tried.services {
                let (pid, tid) = lanes.of(&scenario.declared.id, &mut out);
                let id = format!(
                    "{pid}.{tid}.{}.{}",
                    tried.number,
                    clean::name(&service.name)
                );
                let name = format!("service {}", clean::name(&service.name));
                let async_event = |ph: &str, at: i64| json!({ "ph": ph, "pid": pid, "tid": tid, "ts": at, "id": id, "name": name, "cat": "service" });
                let mut is_open = false;
                for news in &service.news {
                    match news.what {
                        ServiceNews::Started | ServiceNews::Restarted if !is_open => {
                            out.push(async_event("b", at(news.at)));
                            is_open = true;
                        }
                        ServiceNews::Exited | ServiceNews::Stopped if is_open => {
                            out.push(async_event("e", at(news.at)));
                            is_open = false;
                        }
                        ServiceNews::Ready if is_open => {
                            let mut ready = async_event("n", at(news.at));
                            ready["args"] = json!({ "what": "ready" });
                            out.push(ready);
                        }
                        _ => {}
                    }
                }
                if is_open {
                    out.push(async_event("e", at(view.now.unwrap_or(began))));
                }
            }
        }
    }
    out
}

/// Numbers of files and scenarios, named when they are given.
#[derive(Default)]
struct Lanes<'a> {
    files: HashMap<&'a str, usize>,
    scenarios: HashMap<&'a ScenarioId, usize>,
}

impl<'a> Lanes<'a> {
    fn of(&mut self, scenario: &'a ScenarioId, out: &mut Vec<Value>) -> (usize, usize) {
        let file = scenario.file();
        let next = self.files.len() + 1;
        let pid = *self.files.entry(file).or_insert_with(|| {
            out.push(json!({ "ph": "M", "pid": next, "name": "process_name", "args": { "name": clean::name(file) } }));
            next
        });
        let next = self.scenarios.len() + 1;
        let tid = *self.scenarios.entry(scenario).or_insert_with(|| {
            out.push(json!({ "ph": "M", "pid": pid, "tid": next, "name": "thread_name", "args": { "name": clean::name(scenario.name()) } }));
            next
        });
        (pid, tid)
    }
}
