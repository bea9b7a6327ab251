//! From start to end: handles, environment, files, logs, crashes, restarts.

use super::{House, SERVER, only_failure, service_news};
use crate::host::failure::{Code, Kind};
use crate::host::fake::starts;
use crate::host::record::{Level, Record};
use std::time::{Duration, Instant};

#[test]
fn c6_a_server_is_started_ready_used_and_gone() {
    let ran = House::new().file("server.py", SERVER).run(
        r#"
        let web = spawn_service("web", #{
            cmd: ["python3", "{{ project }}/server.py"], ports: ["web"], env: #{ NONCE: "n-{{ port }}" }, ready: "/health",
        });
        assert web.url == `http://127.0.0.1:${web.port}`;
        assert http.get(web.url).text == `n-${web.port}`;
        assert web.is_running && web.exit_code == () && web.pid > 1;
        assert web.port("web") == web.port && web.ports == #{ web: web.port };
        assert web.name == "web" && web.dir.contains("/services/web");
        assert service("web").pid == web.pid;
        "#,
    );
    ran.passes();
    assert_eq!(ran.steps()[0], "service: web");
    assert_eq!(
        service_news(&ran),
        ["web started", "web ready", "web stopped"]
    );
}

#[test]
fn c2_c22_c23_the_environment_is_layered_and_explained() {
    let house = House::with(|world| {
        world.env.insert("MODE".into(), "run".into());
        world.env.insert("GONE".into(), "run".into());
    });
    let ran = house.run(
        r#"
        let app = spawn_service("app", #{
            cmd: "env; exec sleep 60",
            ports: ["web", "admin"],
            env: #{ MODE: "service", GONE: (), URL: "http://127.0.0.1:{{ PORT }}/{{ MODE }}", DEBUG: true, SIZE: 3 },
            ready: #{ log: "^URL=" },
        });
        let env = app.env;
        assert env.PORT == `${app.port}` && env.WEB_PORT == env.PORT && env.ADMIN_PORT == `${app.port("admin")}`;
        assert env.URL == `http://127.0.0.1:${app.port}/service`;
        assert env.DEBUG == "true" && env.SIZE == "3";
        assert !("GONE" in env);
        assert env.SCENARIO_SERVICE_DIR == app.dir;
        assert env.SCENARIO_WORK_DIR == work_dir();
        let why = app.explain_env();
        assert why.MODE == #{ value: "service", from: "service", over: ["run"] };
        assert why.URL.template == "http://127.0.0.1:{{ PORT }}/{{ MODE }}";
        assert why.PATH.from == "run" && why.PORT.from == "scenario";
        app.wait_for_log(`^MODE=service$`);
        assert app.logs(`^GONE=`) == [];
        "#,
    );
    ran.passes();
    let shown = ran.shown();
    let env = shown.iter().find_map(|data| data.get("env"));
    let env = env.expect("the step of the service tells it");
    assert_eq!(env["MODE"]["from"], "service");
    assert!(env.get("PATH").is_none(), "only what was set for it");
}

#[test]
fn c25_files_are_rendered_before_the_start() {
    let house = House::new().file("app.toml.in", "port = {{ port }}\ndir = \"{{ data }}\"\n");
    house
        .run(
            r##"
            let app = spawn_service("app", #{
                cmd: "cat config/app.toml inline.txt; ./run.sh",
                ports: ["web"],
                files: #{
                    "config/app.toml": #{ template: "app.toml.in" },
                    "inline.txt": "{{ env.WEB_PORT }} {{ name }}\n",
                    "run.sh": #{ text: "#!/bin/sh\necho running\nexec sleep 60\n", mode: "0700" },
                },
                ready: #{ log: "running" },
            });
            assert app.logs() == [`port = ${app.port}`, `dir = "${app.dir}/data"`, `${app.port} app`, "running"];
            "##,
        )
        .passes();
}

#[test]
fn c28_both_streams_are_kept_apart_with_their_order() {
    House::new()
        .run(
            r#"
            let job = spawn_service("job", #{
                cmd: "for i in $(seq 1 150); do echo out $i; echo err $i >&2; done; echo done; exec sleep 60",
                ready: #{ log: "^done$" },
            });
            wait_until(|| job.logs(#{ stream: "err" }).len == 150);
            assert job.logs(#{ stream: "out" }).len == 151;
            assert job.logs(#{ stream: "err", last: 1 }) == ["err 150"];
            assert job.logs("^(out|err) 77$").len == 2;
            assert job.log.contains("out 150\n");
            assert job.log_files.out.len == 1;
            "#,
        )
        .passes();
}

#[test]
fn c7_a_service_that_dies_after_ready_is_the_one_root_of_what_follows() {
    let began = Instant::now();
    let ran = House::new().file("server.py", SERVER).run(
        r#"
        let web = spawn_service("web", #{ cmd: ["python3", "{{ project }}/server.py"], ports: ["web"] });
        http.get(web.url + "/die");
        "#,
    );
    let text = only_failure(&ran);
    assert!(began.elapsed() < Duration::from_secs(15));
    starts(
        &text,
        "service `web` exited with code 7 while GET http://127.0.0.1:",
    );
    assert!(text.contains("--> test.rhai:3:"), "{text}");
    // Told with the error of the request, unless its end was known before and ended the request.
    let seen = text.lines().find(|line| line.contains("seen as:"));
    assert!(
        seen.is_none_or(|line| line.contains("GET http://127.0.0.1:")),
        "{text}"
    );
    assert!(text.contains("listening on"), "{text}");
    assert!(text.contains("dying on request"), "{text}");
    assert_eq!(ran.bad_news[0].kind, Kind::Failure);
    assert_eq!(ran.bad_news[0].code, Code::Service);
    assert_eq!(
        service_news(&ran),
        ["web started", "web ready", "web exited"]
    );
    let attached = ran
        .records
        .iter()
        .any(|record| matches!(record, Record::Attached { name, .. } if name == "web.out.log"));
    assert!(attached, "the log is kept with the run");
}

#[test]
fn c7_a_crash_ends_a_sleep_and_a_wait_at_once() {
    for waiting in [
        "sleep(\"60s\");",
        "wait_until(\"60s\", || false);",
        "wait_until(\"60s\", || http.get(web.url + \"/x\").status == 500);",
        "step(\"deep\", || web.wait_for_log(\"never\"));",
    ] {
        let began = Instant::now();
        let script = format!(
            "let web = spawn_service(\"web\", #{{ cmd: \"sleep 0.3; echo last words; exit 4\", ports: [\"web\"], ready: \"running\" }});\n{waiting}"
        );
        let ran = House::new().run(&script);
        assert!(began.elapsed() < Duration::from_secs(20), "{waiting}");
        let roots: Vec<_> = ran
            .bad_news
            .iter()
            .filter(|failure| {
                failure
                    .message
                    .starts_with("service `web` exited with code 4")
            })
            .collect();
        assert_eq!(roots.len(), 1, "{waiting} {:#?}", ran.bad_news);
        assert!(roots[0].render().contains("last words"), "{waiting}");
    }
}

#[test]
fn an_end_that_is_expected_fails_nothing() {
    House::new()
        .run(
            r#"
            let a = spawn_service("a", #{ cmd: "exit 3", ignore_exit: true });
            assert a.wait_for_exit("10s") == 3;
            let b = spawn_service("b", #{ cmd: "exec sleep 60" });
            assert b.stop() == 143 && !b.is_running && b.exit_code == 143;
            let c = spawn_service("c", #{ cmd: "exec sleep 60" });
            assert c.kill() == 137;
            let d = spawn_service("d", #{ cmd: "exec sleep 60" });
            d.signal("TERM");
            wait_until(|| !d.is_running);
            sleep("100ms");
            "#,
        )
        .passes();
}

#[test]
fn a_crash_that_nobody_met_fails_the_phase_at_its_end() {
    let house = House::new();
    let ran = house.run(
        r#"
        let a = spawn_service("a", #{ cmd: "sleep 0.05; exit 3" });
        try { sleep("5s"); } catch { }
        "#,
    );
    starts(&only_failure(&ran), "service `a` exited with code 3");
}

#[test]
fn what_fails_after_the_root_points_to_it() {
    let ran = House::new().run(
        r#"
        let a = spawn_service("a", #{ cmd: "sleep 0.05; exit 3" });
        defer(|| verify 1 == 2);
        sleep("5s");
        "#,
    );
    assert_eq!(ran.bad_news[0].code, Code::Service);
    let ran = House::new().run(
        r#"
        let a = spawn_service("a", #{ cmd: "read x; exit 3" , ready: "running", ignore_exit: false });
        wait_until(|| !a.is_running);
        assert 1 == 2;
        "#,
    );
    starts(&ran.bad_news[0].message, "service `a` exited with code 3");
}

#[test]
fn restart_keeps_ports_and_data_and_on_failure_starts_again() {
    let ran = House::new().file("server.py", SERVER).run(
        r#"
        let web = spawn_service("web", #{ cmd: "echo x >> data/starts; exec python3 $SCENARIO_PROJECT_DIR/server.py", ports: ["web"], restart: "on-failure" });
        let before = #{ port: web.port, pid: web.pid };
        web.restart();
        assert web.port == before.port && web.pid != before.pid && web.restarts == 0;
        try { http.get(web.url + "/die") } catch { }
        wait_until(|| web.restarts == 1 && http.get(web.url).status == 200);
        assert web.is_running && web.port == before.port;
        assert load_text(web.dir + "/data/starts") == "x\nx\nx\n";
        "#,
    );
    // The request that was cut off is a failure of its own; the service is not.
    let codes: Vec<Code> = ran.bad_news.iter().map(|failure| failure.code).collect();
    assert_eq!(codes, [Code::Traffic], "{:#?}", ran.bad_news);
    let news = service_news(&ran);
    assert!(news.contains(&"web restarted".to_owned()), "{news:?}");
}

#[test]
fn pause_and_resume_freeze_a_service() {
    House::new()
        .file("server.py", SERVER)
        .run(
            r#"
            let web = spawn_service("web", #{ cmd: ["python3", "{{ project }}/server.py"], ports: ["web"] });
            web.pause();
            let frozen = wait_until("5s", || {
                let silent = false;
                try { http.get(web.url, #{ timeout: "200ms" }); } catch { silent = true; }
                silent
            });
            assert frozen;
            web.resume();
            wait_until("10s", || http.get(web.url).status == 200);
            "#,
        )
        .passes();
}

#[test]
fn c21_a_stop_command_comes_first_and_the_grace_is_kept() {
    let ran = House::new().run(
        r#"
        let a = spawn_service("a", #{
            cmd: "trap '' TERM; echo up; while [ ! -e stop ]; do sleep 0.02; done; echo stopped by command; exit 0",
            stop: ["touch", "{{ dir }}/stop"], ready: #{ log: "up" },
        });
        a.stop();
        assert a.log.contains("stopped by command");
        let b = spawn_service("b", #{ cmd: "trap '' TERM; echo up; while :; do sleep 0.02; done", grace: "100ms", ready: #{ log: "up" } });
        assert b.stop() == 137;
        "#,
    );
    ran.passes();
}

#[test]
fn c21_a_stop_command_that_does_not_end_its_service_is_told() {
    let ran = House::new().run(
        r#"
        let a = spawn_service("a", #{ cmd: "sleep 60", stop: ["no-such-program"], ready: "running" });
        a.stop();
        let b = spawn_service("b", #{ cmd: "sleep 60", stop: ["no-such-program"], ready: "running" });
        b.kill();
        "#,
    );
    ran.passes();
    let warnings = ran.records.iter().filter_map(|record| match record {
        Record::Log {
            level: Level::Warn,
            text,
            ..
        } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(
        warnings.collect::<Vec<_>>(),
        [
            "the stop command of service `a` did not end it, so it was ended by TERM: no-such-program"
        ]
    );
}

#[test]
fn what_a_service_publishes_is_found() {
    House::new()
        .run(
            r#"
            let db = spawn_service("db", #{
                cmd: "echo user=ada > $SCENARIO_SERVICE_VALUES; echo 'up with token abc-1'; exec sleep 60",
                ports: ["sql"],
                ready: #{ log: `token (?<token>\S+)` },
                values: #{ dsn: "db://{{ user }}:{{ token }}@127.0.0.1:{{ port }}" },
            });
            assert db.values == #{ dsn: `db://ada:abc-1@127.0.0.1:${db.port}`, token: "abc-1", user: "ada" };
            let app = spawn_service("app", #{
                cmd: "echo $DSN; exec sleep 60", needs: "db", env: #{ DSN: "{{ db.dsn }} {{ db.values.user }}" }, ready: #{ log: "db://" },
            });
            assert app.env.DSN == `${db.values.dsn} ada`;
            "#,
        )
        .passes();
}

#[test]
fn p14_output_is_told_as_it_comes_when_somebody_looks_on() {
    let house = House::with(|world| world.live_output = true);
    let ran = house.run(
        r#"
        let worker1 = spawn_service("worker1", #{ cmd: "echo hello; echo trouble >&2; exec sleep 60", ready: #{ log: "trouble" } });
        sleep("300ms");
        "#,
    );
    ran.passes();
    let told: Vec<(bool, &str)> = ran
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Output { error, text, .. } => Some((*error, text.as_str())),
            _ => None,
        })
        .collect();
    assert!(
        told.contains(&(false, "hello")) && told.contains(&(true, "trouble")),
        "{told:?}"
    );
}
