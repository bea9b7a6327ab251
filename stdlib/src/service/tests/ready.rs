//! Every way to be ready, and every way not to be.

use super::{House, SERVER, only_failure};
use crate::host::failure::{Code, Kind};
use std::time::{Duration, Instant};

/// Without the spaces that make details line up.
fn in_a_row(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn c6_every_form_of_readiness_works() {
    House::new()
        .file("server.py", SERVER)
        .run(
            r#"
            let server = "exec python3 $SCENARIO_PROJECT_DIR/server.py";
            let n = 0;
            for ready in [
                (), "tcp", "tcp:web", #{ tcp: "web" }, #{ tcp: true }, "/", #{ http: "/x", status: 200, port: "web" },
                #{ http: "/", status: [200, 204] }, #{ log: `listening on (?<number>\d+)` }, "running",
                #{ command: ["python3", "-c", "import socket; socket.create_connection(('127.0.0.1', {{ port }}))"] },
                #{ command: "python3 -c 'import os,socket; socket.create_connection((\"127.0.0.1\", int(os.environ[\"PORT\"])))'" },
                |s| http.get(s.url).status == 200, [#{ log: "listening" }, "/"], false,
            ] {
                n += 1;
                let web = spawn_service(`web${n}`, #{ cmd: server, ports: ["web"], ready: ready });
                assert web.is_running;
                if n == 9 { assert web.values.number == `${web.port}`; }
                web.stop();
            }
            let file = spawn_service("file", #{ cmd: "sleep 0.1; echo 1 > up; exec sleep 60", ready: #{ file: "up" } });
            assert load_text(file.dir + "/up") == "1\n";
            let errand = spawn_service("errand", #{ cmd: "echo worked; exit 3", ready: #{ exit: 3 } });
            assert errand.exit_code == 3 && errand.log == "worked\n";
            "#,
        )
        .passes();
}

#[test]
fn ports_the_service_chooses_are_read_from_its_log() {
    House::new()
        .run(
            r#"
            let web = spawn_service("web", #{
                cmd: ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
                ports: #{ web: #{ from_log: `port (\d+)` } },
                ready: "/",
            });
            assert web.port > 1024 && web.url == `http://127.0.0.1:${web.port}`;
            assert http.get(web.url).status == 200;
            "#,
        )
        .passes();
}

#[test]
fn c7_an_end_before_ready_is_told_at_once_with_cause_and_last_lines() {
    let began = Instant::now();
    let ran = House::new().run(
        "spawn_service(\"api\", #{ cmd: \"for i in $(seq 1 60); do echo line $i; done; echo no licence >&2; exit 3\", ports: [\"web\"], ready: \"/health\" })",
    );
    assert!(began.elapsed() < Duration::from_secs(15));
    let text = only_failure(&ran);
    assert!(
        text.starts_with(
            "service `api` exited with code 3 before it was ready\n  --> test.rhai:1:1\n"
        ),
        "{text}"
    );
    for part in [
        "ran for:",
        "log:",
        "last 50 lines:\n    line 12\n",
        "    ERR no licence",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("line 11\n"), "{text}");
    let ran =
        House::new().run("spawn_service(\"api\", #{ cmd: \"kill -SEGV $$\", ports: [\"web\"] })");
    assert!(
        only_failure(&ran).starts_with("service `api` was killed by SIGSEGV before it was ready\n")
    );
    let ran = House::new().run("spawn_service(\"api\", #{ cmd: \"true\", ports: [\"web\"] })");
    let text = only_failure(&ran);
    assert!(text.ends_with("hint: a service stays in the foreground; one that does its work and ends is `ready: \"completed\"`"), "{text}");
}

#[test]
fn g7_g8_g9_never_ready_is_a_failure_that_says_what_was_seen() {
    let options = [
        (
            "cmd: \"exec sleep 60\", ports: [\"web\"]",
            "waited for: connections on port ",
            "last seen:  connection refused",
        ),
        (
            "cmd: \"exec sleep 60\", ready: #{ log: \"up\" }",
            "waited for: a line of its log that matches `up`",
            "(it wrote nothing)",
        ),
        (
            "cmd: \"echo booting; exec sleep 60\", ready: #{ log: \"up\" }",
            "waited for: a line",
            "last seen:  booting",
        ),
        (
            "cmd: \"exec sleep 60\", ready: #{ file: \"up\" }",
            "waited for: the file `up` in its directory",
            "last seen:  it is not there",
        ),
        (
            "cmd: \"exec sleep 60\", ready: #{ command: \"echo not yet >&2; exit 4\" }",
            "waited for: `echo not yet >&2; exit 4` to end with 0",
            "last seen:  exit code 4: not yet",
        ),
        (
            "cmd: \"exec sleep 60\", ready: |s| s.pid == 0",
            "waited for: `ready` to be true",
            "last seen:  false",
        ),
        (
            "cmd: \"exec sleep 60\", ready: \"completed\"",
            "waited for: its end with code 0",
            "(it wrote nothing)",
        ),
        (
            "cmd: \"exec sleep 60\", ports: #{ web: #{ from_log: `port (\\d+)` } }",
            "waited for: a line of its log that matches",
            "(it wrote nothing)",
        ),
    ];
    for (options, waited_for, seen) in options {
        let ran = House::new().run(&format!(
            "spawn_service(\"api\", #{{ timeout: \"400ms\", {options} }})"
        ));
        let text = only_failure(&ran);
        assert!(
            text.starts_with("service `api` was not ready within 400ms\n"),
            "{text}"
        );
        let words = in_a_row(&text);
        assert!(
            words.contains(waited_for) && words.contains(&in_a_row(seen)),
            "{options}\n{text}"
        );
        assert!(
            text.ends_with("hint: if it only needs more time: `timeout: \"2m\"`"),
            "{text}"
        );
        assert_eq!(
            (ran.bad_news[0].kind, ran.bad_news[0].code),
            (Kind::Failure, Code::Service)
        );
    }
}

#[test]
fn g8_a_wrong_status_is_never_ready() {
    let ran = House::new().file("server.py", SERVER).run(
        "spawn_service(\"api\", #{ cmd: [\"python3\", \"{{ project }}/server.py\"], ports: [\"web\"], timeout: \"1s\", ready: #{ http: \"/\", status: 201 } })",
    );
    let text = only_failure(&ran);
    assert!(in_a_row(&text).contains("last seen: status 200"), "{text}");
    assert!(text.contains("to answer with 201\n"), "{text}");
}

#[test]
fn give_up_and_slips_in_a_closure_end_the_wait() {
    let began = Instant::now();
    let ran = House::new().run(
        "spawn_service(\"api\", #{ cmd: \"echo state: broken; exec sleep 60\", ready: |s| { if s.log.contains(\"broken\") { give_up(\"it is broken\") } false } })",
    );
    let text = only_failure(&ran);
    assert!(text.starts_with("gave up: it is broken"), "{text}");
    assert!(text.contains("state: broken"), "{text}");
    let ran = House::new()
        .run("spawn_service(\"api\", #{ cmd: \"exec sleep 60\", ready: |s| s.prt == 1 })");
    assert!(only_failure(&ran).contains("prt"));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn c6_readiness_is_seen_within_moments() {
    // The server says when it began to listen; how long afterwards it was seen is measured by the same clock.
    let house = House::new().file(
        "late.py",
        "import os,socket,time\ntime.sleep(0.4)\ns=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', int(os.environ['PORT'])))\nt=time.time()\ns.listen()\nprint('listening at', t, flush=True)\ntime.sleep(60)\n",
    );
    let ran = house.run(
        r#"
        let late = [];
        for n in 0..5 {
            let api = spawn_service(`api${n}`, #{ cmd: ["python3", "{{ project }}/late.py"], ports: ["web"] });
            let seen = now();
            let said = api.wait_for_log(`listening at (?<at>[\d.]+)`).at;
            late.push(seen.epoch_ms - (said.parse_float() * 1000.0).to_int());
            api.stop();
        }
        state.late = late;
        "#,
    );
    ran.passes();
    let late: Vec<i64> = ran.state["late"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ms| ms.as_i64().unwrap())
        .collect();
    // The best of five: the machine may be busy with other tests.
    assert!(late.iter().min().unwrap() <= &25, "{late:?}");
}
