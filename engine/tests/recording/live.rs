//! A run that goes on, looked at from another process; and those who are told of it over the network.

use super::Project;
use super::common::Signal;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Asks a server on this machine.
fn ask(address: &str, host: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("a status");
    (status, body.to_owned())
}

/// Takes requests and answers each with 200.
fn collector() -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut first, mut length) = (String::new(), 0);
            reader.read_line(&mut first).expect("a line");
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a line");
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
            let _ = reader.get_mut().write_all(answer);
            let _ = tell.send((first, String::from_utf8(body).expect("text")));
        }
    });
    (url, told)
}

#[test]
fn a_page_keeps_up_with_a_run_that_goes_on_and_show_does_not_call_it_cut_off() {
    let script = r#"
scenario("Waits", #{});
phase("start", |state| { http.get("/health"); state.id = 7; assert 1 == 1; });
phase("approve", #{ ready: signal("approved"), within: "10m" }, || ());
"#;
    let project = Project::script(script);
    let run = project.start(&["run", "-v", "a.rhai"]);
    run.until("start");
    let shown = project.run(&["show"]).passes();
    assert!(!shown.stdout.contains("cut off"), "{}", shown.stdout);
    assert!(shown.stdout.contains("running:"), "{}", shown.stdout);
    let page = project.start(&["report", "--serve"]);
    page.until("http://");
    let url = page.stdout();
    let address = url
        .trim()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let (status, html) = ask(&address, &address, "/");
    assert_eq!(status, 200);
    assert!(html.contains("connect-src 'self'"));
    let (status, overview) = ask(&address, &address, "/overview");
    assert_eq!(status, 200);
    let overview: Value = serde_json::from_str(&overview).expect("JSON");
    assert_eq!(overview["run"]["life"], "running");
    let began = Instant::now();
    while !ask(&address, &address, "/detail?scenario=a.rhai%3A%3AWaits")
        .1
        .contains("/health")
    {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "the page does not keep up"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    // Another site that leads a browser here gets nothing, and nothing but the run is to be had.
    assert_eq!(ask(&address, "evil.example", "/overview").0, 403);
    assert_eq!(
        ask(&address, &address, "/file?path=..%2F..%2Fstore.db").0,
        404
    );
    project.run(&["signal", "latest", "approved"]).passes();
    run.end().passes();
    let (_, overview) = ask(&address, &address, "/overview");
    let overview: Value = serde_json::from_str(&overview).expect("JSON");
    assert_eq!(
        (&overview["run"]["life"], &overview["run"]["exit"]),
        (&"ended".into(), &0.into())
    );
    page.signal(Signal::INT);
    page.end().passes();
}

#[test]
fn what_a_shared_service_wrote_is_on_the_page_while_the_run_goes_on() {
    let shares = r#"
scenario("Shares", || {
    spawn_service("api", #{ scope: "file", cmd: "echo hello from api; sleep 60", ready: #{ log: "hello" } });
    assert true;
});
"#;
    let waits = "scenario(\"Waits\", #{});\nphase(\"approve\", #{ ready: signal(\"approved\"), within: \"10m\" }, || ());\n";
    let project = Project::script(shares).file("b.rhai", waits);
    let run = project.start(&["run", "-v", "a.rhai", "b.rhai"]);
    run.until("Shares");
    let page = project.start(&["report", "--serve"]);
    page.until("http://");
    let url = page.stdout();
    let address = url.trim().trim_start_matches("http://");
    let address = address.trim_end_matches('/').to_owned();
    let began = Instant::now();
    let overview = loop {
        let (_, overview) = ask(&address, &address, "/overview");
        let overview: Value = serde_json::from_str(&overview).expect("JSON");
        if overview["shared"] != serde_json::json!([]) {
            break overview;
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "the page does not keep up: {overview}"
        );
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(overview["run"]["life"], "running");
    assert_eq!(overview["shared"], serde_json::json!([["a.rhai", 0]]));
    let (status, log) = ask(&address, &address, "/shared?log=0");
    let log: Value = serde_json::from_str(&log).expect("JSON");
    assert_eq!((status, &log["service"]), (200, &"api".into()));
    assert_eq!(log["lines"][0][2], "hello from api");
    assert_eq!(ask(&address, &address, "/shared?log=1").0, 404);
    // The page itself, as a browser of a person has it.
    let seen = super::page::look_at(&format!("{}#s=a.rhai%3A%3AShares&open=all", url.trim()));
    seen.is_quiet().shows("log: 1 line").shows("hello from api");
    project.run(&["signal", "latest", "approved"]).passes();
    run.end().passes();
    page.signal(Signal::INT);
    page.end().passes();
}

#[test]
fn traces_are_sent_and_requests_and_services_belong_to_them() {
    let (url, told) = collector();
    let script = r#"
scenario("Traced", || {
    let seen = http.get("/anything").json.headers.traceparent;
    log(`seen ${seen}`);
    let api = spawn_service("api", #{ cmd: "echo \"parent $TRACEPARENT\"; sleep 60", ready: #{ log: "parent 00-[0-9a-f]{32}-[0-9a-f]{16}-01" } });
    assert http.get("/anything", #{ headers: #{ traceparent: "mine" } }).json.headers.traceparent == "mine";
});
"#;
    let project = Project::new()
        .file(
            "scenario.toml",
            format!("base_url = \"demo:\"\n[telemetry]\notlp = \"{url}\"\n"),
        )
        .file("a.rhai", script);
    let ran = project.run(&["run", "-v", "a.rhai"]).passes();
    let (first, body) = told.recv().expect("traces");
    assert!(first.starts_with("POST /v1/traces "), "{first}");
    let sent: Value = serde_json::from_str(&body).expect("JSON");
    let spans = sent["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array()
        .expect("spans");
    let seen = ran.stdout.split("seen 00-").nth(1).expect("the header");
    let (trace, rest) = seen.split_at(32);
    let span = &rest[1..17];
    let step = spans
        .iter()
        .find(|one| one["spanId"] == span)
        .expect("the span of the step");
    assert_eq!(step["traceId"], trace);
    assert_eq!(step["kind"], 3);
}

#[test]
fn a_failure_names_its_trace_where_traces_are_sent_and_nowhere_else() {
    let (url, told) = collector();
    let with = format!("base_url = \"demo:\"\n[telemetry]\notlp = \"{url}\"\n");
    let project = Project::new()
        .file("scenario.toml", with)
        .file("a.rhai", "assert http.get(\"/health\").status == 201;");
    let ran = project.run(&[
        "run",
        "--reporter=junit=junit.xml",
        "--reporter=terminal",
        "a.rhai",
    ]);
    let ran = ran.exits(1);
    let (_, body) = told.recv().expect("traces");
    let sent: Value = serde_json::from_str(&body).expect("JSON");
    let trace = sent["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"]
        .as_str()
        .expect("a trace");
    assert!(
        ran.stdout.contains(&format!("trace: {trace}")),
        "{}",
        ran.stdout
    );
    let junit = project.read("junit.xml");
    let property = format!("<property name=\"trace\" value=\"{trace}\"");
    assert!(junit.contains(&property), "{junit}");

    project.write("scenario.toml", "base_url = \"demo:\"\n");
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    ran.says_nothing_of("trace:");
}

#[test]
fn the_outcome_is_posted_when_somebody_has_to_look_and_its_address_is_told_nobody() {
    let (url, told) = collector();
    let toml = format!("base_url = \"demo:\"\n[notify]\nurl = \"{url}/hooks/T0K3N-c4nary\"\n");
    let project = Project::new()
        .file("scenario.toml", toml)
        .file("good.rhai", "assert 1 == 1;")
        .file("bad.rhai", "assert 1 == 2;");
    project.run(&["run", "good.rhai"]).passes();
    project.run(&["run", "bad.rhai"]).exits(1);
    let (first, body) = told.recv().expect("a message");
    assert!(first.starts_with("POST /hooks/T0K3N-c4nary "), "{first}");
    let message: Value = serde_json::from_str(&body).expect("JSON");
    assert!(
        message["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("Scenarios: 1 failed"))
    );
    assert_eq!(
        message["scenario"]["outcomes"]["failed"], 1,
        "the good run was not told"
    );
    let shown = project.run(&["config", "--explain"]).passes();
    assert!(!shown.stdout.contains("T0K3N"), "{}", shown.stdout);
}

#[test]
fn who_cannot_be_reached_is_named_and_changes_nothing() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .and_then(|one| one.local_addr())
        .expect("a port");
    let toml = format!("base_url = \"demo:\"\n[telemetry]\notlp = \"http://{closed}\"\n");
    let project = Project::new()
        .file("scenario.toml", toml)
        .file("a.rhai", "assert 1 == 1;");
    let ran = project.run(&["run", "a.rhai"]).passes();
    assert!(
        ran.stderr.contains("traces could not be sent"),
        "{}",
        ran.stderr
    );
}
