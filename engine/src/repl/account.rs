//! What a statement tells while it runs: log lines are shown at once, bad news is kept for the end.

use super::show::Look;
use crate::report::clean;
use scenario_stdlib::host::attempt::Host;
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::record::{Level, Record, ServiceNews};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;

/// Shows on standard error what happens beside the value of a statement.
pub struct Account {
    runtime: Handle,
    look: Mutex<Look>,
}

impl Account {
    pub fn new(runtime: &Handle, look: Look) -> Arc<Self> {
        Arc::new(Self {
            runtime: runtime.clone(),
            look: Mutex::new(look),
        })
    }

    fn tell(&self, text: &str) {
        let look = self.look.lock().unwrap_or_else(|e| e.into_inner());
        eprintln!("{}", look.masked(text));
    }

    fn paint(&self, paint: impl FnOnce(&Look) -> String) -> String {
        paint(&self.look.lock().unwrap_or_else(|e| e.into_inner()))
    }
}

fn news(what: ServiceNews) -> &'static str {
    match what {
        ServiceNews::Started => "starts",
        ServiceNews::Ready => "is ready",
        ServiceNews::Restarted => "is started again",
        ServiceNews::Exited => "ended by itself",
        ServiceNews::Stopped => "is ended",
        ServiceNews::Escaped => "left processes, which are ended",
        ServiceNews::Kept => "keeps its directory",
    }
}

impl Host for Account {
    fn record(&self, record: Record) {
        match record {
            Record::Log { level, text, .. } => {
                let text = clean::log(&text, clean::BLOCK);
                let text = self.paint(|look| match level {
                    Level::Warn => format!("{} {text}", look.palette.warn("warning:")),
                    Level::Info => text,
                    Level::Debug => look.palette.dim(text),
                });
                self.tell(&text);
            }
            Record::Service { name, what, data } => {
                let took = data.read()["micros"].as_u64().map(Duration::from_micros);
                let after = took.map_or_else(String::new, |took| format!(" after {}", show(took)));
                let text = format!("  {} {}{after}", clean::name(&name), news(what));
                let text = self.paint(|look| look.palette.dim(text));
                self.tell(&text);
            }
            Record::Output { service, text, .. } => {
                let text = clean::log(text.trim_end(), clean::BLOCK);
                let text = self.paint(|look| look.palette.dim(format!("[{service}] {text}")));
                self.tell(&text);
            }
            Record::Attached { path, .. } => {
                let text = self.paint(|look| look.palette.dim(format!("  attached {path}")));
                self.tell(&text);
            }
            _ => {}
        }
    }

    fn runtime(&self) -> &Handle {
        &self.runtime
    }
}
