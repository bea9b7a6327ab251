//! `scenario up` and `down`: a declared stack for other tools.

#[path = "../common/mod.rs"]
mod common;

use common::{Project, Ran, Running, Signal};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Two servers, the second told where the first is.
const SHOP: &str = r#"
export const shop = stack("shop", #{
    services: #{
        store: #{
            cmd: ["python3", "-m", "http.server", "--bind", "127.0.0.1", "{{ port }}"],
            ports: ["web"],
        },
        app: #{
            needs: ["store"],
            cmd: ["python3", "-m", "http.server", "--bind", "127.0.0.1", "{{ port }}"],
            ports: ["web"],
            env: |s| #{ STORE_URL: s.store.url },
        },
    },
});
"#;

fn shop() -> Project {
    Project::bare().file("stacks/shop.rhai", SHOP)
}

fn exports(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("export "));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect()
}

fn answers(url: &str) -> bool {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let _ = stream.write_all(b"GET / HTTP/1.0\r\n\r\n");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.starts_with("HTTP/1.0 200")
}

fn up(project: &Project, args: &[&str]) -> (Running, BTreeMap<String, String>) {
    let running = project.start(&[&["up", "stacks/shop.rhai"], args].concat());
    running.until("shop is up after");
    running.until("STORE_URL=");
    let env = exports(&running.said());
    (running, env)
}

#[test]
fn g4_a_stack_is_up_for_other_tools_until_sigterm_and_leaves_nothing() {
    let project = shop();
    let (running, env) = up(&project, &[]);
    assert!(
        answers(&env["APP_URL"]) && answers(&env["STORE_URL"]),
        "{env:?}"
    );
    let folder = env["SCENARIO_STACK_DIR"].clone();
    assert!(std::path::Path::new(&folder).join("state.json").exists());
    running.signal(Signal::TERM);
    let ran = running.end().passes();
    let ended: Vec<usize> = ["app is ended", "store is ended"]
        .iter()
        .map(|text| {
            ran.stderr
                .find(text)
                .unwrap_or_else(|| panic!("{text}: {}", ran.stderr))
        })
        .collect();
    assert!(ended[0] < ended[1], "in reverse order: {}", ran.stderr);
    assert!(!answers(&env["APP_URL"]));
    assert!(!std::path::Path::new(&folder).exists(), "{folder}");
}

#[test]
fn g10_a_timeout_ends_it_with_a_telling_exit_code() {
    let project = shop();
    let ran = project
        .run(&["up", "stacks/shop.rhai", "--timeout", "1"])
        .exits(130);
    ran.says("--timeout 1s is over: bringing shop down");
}

#[test]
fn detached_it_stays_until_down() {
    let project = shop();
    let ran = project
        .run(&["up", "stacks/shop.rhai", "--detach", "--format", "json"])
        .passes();
    let env: BTreeMap<String, String> = serde_json::from_str(&ran.stdout).expect("JSON");
    assert!(answers(&env["APP_URL"]));
    let again = project.run(&["up", "stacks/shop.rhai"]).exits(2);
    again
        .says("the stack \"shop\" is up already")
        .says("`scenario down shop` ends it");
    project
        .run(&["down", "shpo"])
        .exits(2)
        .says("did you mean `shop`?");
    project.run(&["down"]).passes().says("shop is down");
    assert!(!answers(&env["APP_URL"]));
    project.run(&["down"]).passes().says("no stack is up");
}

#[test]
fn g14_kill_9_of_its_process_leaves_no_service() {
    let project = shop();
    let (running, env) = up(&project, &[]);
    running.signal(Signal::KILL);
    let _: Ran = running.end();
    let began = std::time::Instant::now();
    while answers(&env["APP_URL"]) || answers(&env["STORE_URL"]) {
        assert!(began.elapsed().as_secs() < 30, "still there");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    project.run(&["down"]).passes().says("no stack is up");
}

#[test]
fn what_is_declared_is_named_when_it_is_not_clear() {
    let project = shop().file("none.rhai", "export const x = 1;").file(
        "two.rhai",
        format!("{SHOP}\nexport const other = stack(\"other\", #{{ services: #{{}} }});"),
    );
    project
        .run(&["up", "none.rhai"])
        .exits(2)
        .says("none.rhai declares no stack");
    project
        .run(&["up", "stacks/shop.rhai", "shpo"])
        .exits(2)
        .says("did you mean `shop`?");
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[test]
fn what_is_written_down_of_a_stack_is_for_its_user_only() {
    let project = shop();
    // As an older version, or somebody else, may have left it.
    std::fs::create_dir_all(project.path(".scenario/up")).expect("a folder");
    project
        .run(&["up", "stacks/shop.rhai", "--detach"])
        .passes();
    let folder = project.path(".scenario/up");
    assert_eq!(mode(&folder), 0o700);
    let files = std::fs::read_dir(&folder).expect("a folder");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 2, "the entry and the log: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    project.run(&["down"]).passes();
}

/// The shop, to be used as it is when it is up.
fn attaching(existing: &str) -> String {
    let stack = SHOP.replace(
        "services: #{\n        store",
        &format!("existing: \"{existing}\", services: #{{\n        store"),
    );
    format!(
        "{}\nphase(\"shop\", || {{ let app = shop.up(); assert http.get(app.app.url).status == 200; log(`at ${{app.app.url}}`); assert stack(\"shop\").app.is_running; }});",
        stack.replace("export const", "const")
    )
}

#[test]
fn g27_a_scenario_uses_a_stack_that_the_environment_names_and_leaves_it_as_it_is() {
    let project = shop().file("a.rhai", attaching("attach"));
    let (running, env) = up(&project, &[]);
    let folder = format!("SHOP_STACK_DIR={}", env["SHOP_STACK_DIR"]);
    let ran = project
        .run(&["run", "--env", &folder, "-v", "a.rhai"])
        .passes();
    ran.says(&format!("at {}", env["APP_URL"]));
    assert!(answers(&env["APP_URL"]), "it was left alone");
    // Without the variable, the scenario has one of its own.
    let own = project.run(&["run", "-v", "a.rhai"]).passes();
    assert_eq!(own.times(&format!("at {}", env["APP_URL"])), 0);
    running.signal(Signal::TERM);
    let _: Ran = running.end();
    // What is gone is not taken for up, and nothing is started in its place.
    let gone = project.run(&["run", "--env", &folder, "a.rhai"]).exits(3);
    gone.says("stack `shop` is said to be up, and ");
}

#[test]
fn g27_another_stack_than_the_declared_one_is_refused_and_none_can_be_too_few() {
    let project = shop()
        .file(
            "a.rhai",
            attaching("attach")
                .replace("store: #{", "cache: #{")
                .replace("\"store\"", "\"cache\"")
                .replace("s.store", "s.cache"),
        )
        .file("b.rhai", attaching("require"));
    let (running, env) = up(&project, &[]);
    let folder = format!("SHOP_STACK_DIR={}", env["SHOP_STACK_DIR"]);
    let ran = project.run(&["run", "--env", &folder, "a.rhai"]).exits(2);
    ran.says("what is up is another stack than `shop`")
        .says("declared:  app, cache")
        .says("up:        shop: app, store");
    project
        .run(&["run", "b.rhai"])
        .exits(2)
        .says("stack `shop` is to be there already, and the environment names none")
        .says("SHOP_STACK_DIR");
    running.signal(Signal::TERM);
    let _: Ran = running.end();
}

/// A server that lets answers under way be finished when it is asked to end.
const POLITE: &str = r#"
import http.server, os, signal, socketserver, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            open("begun", "w").close()
            time.sleep(2)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"whole")
    def log_message(self, *_):
        pass
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    pass
server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
server.server_close()
"#;

#[test]
fn g11_a_request_under_way_is_finished_within_the_grace_before_the_stack_goes() {
    let stack = r#"export const polite = stack("polite", #{ services: #{
        app: #{ cmd: ["python3", "{{ project }}/polite.py"], ports: ["web"], ready: "/", grace: "30s" },
    } });"#;
    let project = Project::bare()
        .file("polite.py", POLITE)
        .file("polite.rhai", stack);
    let running = project.start(&["up", "polite.rhai"]);
    running.until("export APP_URL=");
    let env = exports(&running.said());
    let folder = std::path::PathBuf::from(&env["SCENARIO_STACK_DIR"]);
    let address = env["APP_URL"].trim_start_matches("http://").to_owned();
    let asking = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address.trim_end_matches('/')).expect("it listens");
        stream
            .write_all(b"GET /slow HTTP/1.0\r\n\r\n")
            .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    });
    let began = std::time::Instant::now();
    while !folder.join("app/begun").exists() {
        assert!(began.elapsed().as_secs() < 60, "it was never asked");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    running.signal(Signal::TERM);
    let ran = running.end().passes();
    let answer = asking.join().expect("an answer");
    assert!(answer.ends_with("whole"), "{answer}");
    assert_eq!(ran.stderr.matches("killed").count(), 0, "{}", ran.stderr);
    assert!(!folder.exists());
}

/// Services that take no time to start, and a scenario that does not end by itself.
fn hanging(options: &str) -> Project {
    Project::bare().file(
        "a.rhai",
        format!(
            r#"scenario("hangs", || {{
                let up = stack("pair", #{{ services: #{{
                    one: #{{ cmd: ["sleep", "650"], ready: "running" }},
                    two: #{{ cmd: "trap '' TERM; while :; do sleep 0.05; done", needs: "one", ready: "running", grace: "200ms" }},
                }} {options} }}).up();
                log(`pids ${{up.one.pid}} ${{up.two.pid}} in ${{up.dir}}`);
                sleep("10m");
            }});"#
        ),
    )
}

/// The numbers and the directory that the script has told.
fn told(ran: &Ran) -> (Vec<String>, String) {
    let (_, rest) = ran.stdout.split_once("pids ").expect("they are told");
    let (pids, dir) = rest.split_once(" in ").expect("it is told");
    let dir = dir.lines().next().unwrap_or_default().trim().to_owned();
    (pids.split(' ').map(str::to_owned).collect(), dir)
}

fn lives(pid: &String) -> bool {
    std::path::Path::new("/proc").join(pid).exists()
}

#[test]
fn g10_g13_a_run_that_takes_too_long_stops_its_services_and_keeps_the_directory_by_the_rule() {
    for (options, flag, stays) in [
        ("", None, true),
        (", keep_on_failure: false", None, false),
        (", keep_on_failure: false", Some("--keep"), true),
    ] {
        let project = hanging(options);
        let mut args = vec!["run", "a.rhai", "-v", "--timeout", "2s"];
        args.extend(flag);
        let ran = project.run(&args).exits(130);
        let ran = ran.says("the run took longer than 2s");
        let (pids, dir) = told(&ran);
        assert!(!pids.iter().any(lives), "{pids:?}");
        let there = project.path(dir.trim_start_matches("[project]/")).exists();
        assert_eq!(there, stays, "{options} {flag:?}: {}", ran.stdout);
        let told = ran.stdout.contains(&format!("stack `pair` is kept: {dir}"));
        assert_eq!(told, stays, "{}", ran.stdout);
    }
}

#[test]
fn g29_twenty_times_in_a_row_pass_and_leave_nothing() {
    let project = Project::bare().file(
        "a.rhai",
        r#"scenario("up and down", || {
            let up = stack("pair", #{ services: #{
                web: #{ cmd: ["python3", "-m", "http.server", "--bind", "127.0.0.1", "{{ port }}"], ports: ["web"], ready: "/" },
                beside: #{ cmd: "setsid sleep 651 & exec sleep 652", needs: "web", ready: "running" },
            } }).up();
            assert http.get(up.web.url).status == 200;
            log(`pids ${up.web.pid} ${up.beside.pid} in ${up.dir} at ${up.web.url}`);
        });"#,
    );
    let ran = project
        .run(&["run", "a.rhai", "-v", "--repeat", "20"])
        .passes()
        .says("20 scenarios: 20 passed");
    let lines: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.split_once("pids "))
        .map(|(_, rest)| rest)
        .collect();
    assert_eq!(lines.len(), 20, "{}", ran.stdout);
    for line in lines {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let [one, two, _, dir, _, url] = words.as_slice() else {
            panic!("{line}");
        };
        assert!(!lives(one) && !lives(two), "{line}");
        let dir = project.path(dir.trim_start_matches("[project]/"));
        assert!(!dir.exists() && !answers(url), "{line}");
    }
}

#[test]
fn g27_the_logs_of_an_attached_stack_are_read_and_its_services_left_alone() {
    let stack = r#"stack("shop", #{ existing: "attach", services: #{
        app: #{ cmd: "echo up; n=0; while :; do n=$((n+1)); echo order $n shipped; echo odd >&2; sleep 0.05; done", ready: #{ log: "up" } },
    } })"#;
    let project = Project::bare()
        .file("shop.rhai", format!("export const shop = {stack};"))
        .file(
            "a.rhai",
            format!(
                r#"scenario("reads", || {{
                    let app = {stack}.up().app;
                    assert app.log.contains("up\n") && app.logs("up") == ["up"];
                    let seen = app.wait_for_log(`order (?<n>\d+) shipped`, #{{ after: app.log_end }});
                    assert app.logs(`order ${{seen.n}} shipped`).len == 1;
                    app.wait_for_log("odd", #{{ stream: "err" }});
                    assert app.log_files.out.len == 1;
                }});
                scenario("does not touch it", || {{ {stack}.up().app.stop(); }});"#
            ),
        );
    let running = project.start(&["up", "shop.rhai"]);
    running.until("export SHOP_STACK_DIR=");
    let env = exports(&running.said());
    let folder = format!("SHOP_STACK_DIR={}", env["SHOP_STACK_DIR"]);
    project
        .run(&["run", "a.rhai::reads", "--env", &folder])
        .passes();
    project
        .run(&["run", "a.rhai::does not touch it", "--env", &folder])
        .exits(2);
    running.signal(Signal::TERM);
    running.end().passes();
}
