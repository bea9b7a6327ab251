//! Real processes, ports and files, as scripts see them.

mod life;
mod options;
mod ports;
mod ready;
mod sharing;

use crate::host::fake::{Fake, Ran};
use crate::host::record::Record;
use crate::host::world::World;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A project of its own, with an empty run directory in it.
pub struct House {
    pub dir: TempDir,
    pub world: Arc<World>,
}

impl House {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut World)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World {
            run_id: format!("r-{}", uuid::Uuid::new_v4().simple()),
            project: dir.path().to_owned(),
            run_dir: dir.path().join("run"),
            env: std::env::vars()
                .filter(|(name, _)| name == "PATH")
                .collect(),
            ..World::default()
        };
        change(&mut world);
        Self {
            dir,
            world: Arc::new(world),
        }
    }

    /// Runs a phase after which all is over.
    pub fn run(self, script: &str) -> Ran {
        let ran = Fake::new().finish_in(&self.world, script);
        assert_nothing_left(&self.world);
        ran
    }

    /// Runs a phase of the scenario `name`; what outlives it goes on.
    pub fn phase(&self, name: &str, script: &str) -> Ran {
        Fake::new()
            .identity(|identity| identity.scenario = format!("test.rhai::{name}"))
            .run_in(&self.world, script)
    }

    /// Runs the last phase of the scenario `name`.
    pub fn last_phase(&self, name: &str, script: &str) -> Ran {
        Fake::new()
            .identity(|identity| identity.scenario = format!("test.rhai::{name}"))
            .finish_in(&self.world, script)
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        std::fs::write(self.dir.path().join(path), text).unwrap();
        self
    }
}

/// No process of the run is there any more, by the mark that the guard sets in the environment of each.
pub fn assert_nothing_left(world: &World) {
    let patience = Instant::now() + Duration::from_secs(5);
    while let Some(left) = left_over(world) {
        assert!(Instant::now() < patience, "still there: {left}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn left_over(world: &World) -> Option<String> {
    let mark = format!("SCENARIO_RUN_ID={}", world.run_id);
    let guard = crate::guard::Guard::existing(world).map(|guard| guard.pid());
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let is_ours = environ
            .split(|byte| *byte == 0)
            .any(|entry| entry == mark.as_bytes());
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        if is_ours && Some(pid) != guard {
            return Some(format!("{pid} {command}"));
        }
    }
    None
}

/// One bad news, shown as a whole.
#[track_caller]
pub fn only_failure(ran: &Ran) -> String {
    assert_eq!(ran.bad_news.len(), 1, "{:#?}", ran.bad_news);
    ran.bad_news[0].render()
}

/// What the records tell of services, `name what`.
pub fn service_news(ran: &Ran) -> Vec<String> {
    let news = ran.records.iter().filter_map(|record| match record {
        Record::Service { name, what, .. } => Some(format!("{name} {what:?}").to_lowercase()),
        _ => None,
    });
    news.collect()
}

/// A server in Python: answers everything with 200 and its nonce.
pub const SERVER: &str = r#"
import http.server, os, sys, time
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            print("dying on request", flush=True)
            self.connection.shutdown(2)
            time.sleep(0.02)
            os._exit(7)
        body = os.environ.get("NONCE", "none").encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a):
        pass
port = int(os.environ["PORT"])
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), H)
print("listening on", port, flush=True)
server.serve_forever()
"#;
