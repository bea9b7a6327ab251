//! Temporary stacks: PostgreSQL, Redis, S3 and an application from nothing to ready; a second database from a template; and how soon it is
//! seen that a service answers. Needs what .ci/install puts there.

mod common;

use common::folder;
use std::process::Command;
use std::time::Instant;

const APP: &str = r#"
import http.server, os, time
class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_):
        pass
time.sleep(0.2)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), App)
print("at", time.time(), flush=True)
server.serve_forever()
"#;

const SCRIPT: &str = r#"
import "std/postgres" as postgres;
import "std/redis" as redis_server;
import "std/s3" as s3_server;
import "std/python" as python;

scenario("figures", || {
    let began = now();
    let up = stack("bench", #{ services: #{
        db: postgres::service(), cache: redis_server::service(), files: s3_server::service(),
        app: python::script("app.py", #{
            venv: "", ready: "/", env: #{ DATABASE_URL: "{{ db.url }}", REDIS_URL: "{{ cache.url }}", S3_URL: "{{ files.url }}" },
        }),
    } }).up();
    log(`PostgreSQL, Redis, S3, application ready  ${(now() - began) * 1000} ms`);

    let db = sql.connect(up.db.url);
    db.execute("create table items as select n, repeat('x', 100) as text from generate_series(1, 20000) n");
    db.close();
    for number in 1..=5 {
        let began = now();
        postgres::copy(up.db, "app");
        log(`a database from the template              ${(now() - began) * 1000} ms`);
    }
    for number in 1..=9 {
        let one = spawn_service(`one${number}`, python::script("app.py", #{ venv: "", ready: "/" }));
        let late = now().epoch_ms - parse_float(one.wait_for_log(`at (?<at>[0-9.]+)`).at) * 1000.0;
        log(`seen after it listened                    ${late} ms`);
    }
});
"#;

fn main() {
    let folder = folder("stack");
    std::fs::write(folder.join("app.py"), APP).expect("written");
    std::fs::write(folder.join("stack.rhai"), SCRIPT).expect("written");
    let installed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/servers/bin");
    let path = std::env::var("PATH").unwrap_or_default();
    let began = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_scenario"))
        .current_dir(&folder)
        .env("PATH", format!("{}:{path}", installed.display()))
        .args(["run", "stack.rhai", "-v", "--color", "never"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    for line in said.lines().filter_map(|line| line.strip_prefix("  log ")) {
        println!("{}", line.trim());
    }
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!(
        "all of it                                 {:.2?}",
        began.elapsed()
    );
    let _ = std::fs::remove_dir_all(folder);
}
