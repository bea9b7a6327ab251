//! Real stacks of small servers.

use crate::host::failure::{Code, Kind};
use crate::host::fake::{Fake, Ran, starts};
use crate::host::record::Record;
use crate::host::world::Keeping;
use crate::service::tests::{House, SERVER, only_failure, service_news};
use std::path::Path;
use std::time::{Duration, Instant};

/// Three servers, each needing the one before.
const SHOP: &str = r#"
    let server = "exec python3 $SCENARIO_PROJECT_DIR/server.py";
    let shop = stack("shop", #{
        env: #{ COMMON: "all", FROM_DB: "{{ db.port }}" },
        exports: |s| #{ DATABASE_URL: s.db.url, GREETING: "hi {{ app.port }}" },
        services: #{
            db: #{ cmd: server, ports: ["sql"], env: #{ NONCE: "db" } },
            app: #{ cmd: server, ports: ["web"], needs: "db", env: |s| #{ NONCE: s.db.url } },
            web: #{ cmd: server, ports: ["web"], env: #{ NONCE: "{{ app.url }}" } },
        },
    });
"#;

fn shop(more: &str) -> String {
    format!("{SHOP}{more}")
}

fn house() -> House {
    House::new().file("server.py", SERVER)
}

fn attached_dir(ran: &Ran) -> String {
    let shown = ran.shown();
    let stack = shown.iter().find(|data| data["started"].is_array());
    let dir = stack.and_then(|data| data["dir"].as_str());
    dir.expect("the step of the stack tells its directory")
        .to_owned()
}

#[test]
fn g2_g4_g16_values_flow_and_the_order_is_kept() {
    let ran = house().run(&shop(
        r#"
        let app = shop.up();
        assert http.get(app.web.url).text == app.app.url;
        assert http.get(app.app.url).text == app.db.url;
        assert app.services == ["db", "app", "web"];
        assert app.env.DATABASE_URL == app.db.url && app.env.DB_PORT == `${app.db.port}`;
        assert app.env.GREETING == `hi ${app.app.port}`;
        assert app.app.env.COMMON == "all" && app.app.env.FROM_DB == `${app.db.port}`;
        assert !("FROM_DB" in app.db.env);
        assert app.web.env.DB_URL == app.db.url && app.web.env.SCENARIO_STACK_DIR == app.dir;
        assert service("db").pid == app.db.pid && service("shop/web").pid == app.web.pid;
        let state = load_json(app.dir + "/state.json");
        assert state.state == "up" && state.services.web.pid == app.web.pid && state.services.db.ports == #{ sql: app.db.port };
        assert load_text(app.dir + "/env").contains(`export DATABASE_URL="${app.db.url}"`);
        assert app.db.dir == app.dir + "/db";
        "#,
    ));
    ran.passes();
    let news = service_news(&ran);
    let stops: Vec<&str> = news
        .iter()
        .filter_map(|news| news.strip_suffix(" stopped"))
        .collect();
    assert_eq!(stops, ["web", "app", "db"]);
    let steps = ran.steps();
    assert_eq!(&steps[..2], ["stack: shop", "service: db"], "{steps:?}");
    assert!(
        !Path::new(&attached_dir(&ran)).exists(),
        "a passing run removes it"
    );
}

#[test]
fn g7_g13_one_that_fails_ends_the_rest_and_is_the_one_named() {
    let began = Instant::now();
    let house = house();
    let ran = Fake::new().finish_in(
        &house.world,
        r#"
        stack("shop", #{ env: #{ SLOW_URL: "{{ slow.url }}" }, services: #{
            db: #{ cmd: "exec python3 $SCENARIO_PROJECT_DIR/server.py", ports: ["sql"] },
            bad: #{ cmd: "echo cannot open the ledger; exit 9", needs: "db", ports: ["web"] },
            slow: #{ cmd: "exec sleep 60", ports: ["web"], timeout: "50s" },
            last: #{ cmd: "exec sleep 60", needs: ["bad", "slow"] },
        } }).up();
        "#,
    );
    assert!(
        began.elapsed() < Duration::from_secs(25),
        "the slow one is not waited for"
    );
    let text = only_failure(&ran);
    starts(
        &text,
        "stack `shop`: service `bad` exited with code 9 before it was ready\n",
    );
    assert!(text.contains("cannot open the ledger"), "{text}");
    assert!(
        text.contains("without SLOW_URL:") && text.contains("for those who need `slow`"),
        "{text}"
    );
    crate::service::tests::assert_nothing_left(&house.world);
    let kept: Vec<String> = ran
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Log { text, .. } => text
                .strip_prefix("stack `shop` is kept: ")
                .map(str::to_owned),
            _ => None,
        })
        .collect();
    assert_eq!(kept.len(), 1, "its path is told");
    let state = std::fs::read_to_string(Path::new(&kept[0]).join("state.json")).unwrap();
    assert!(state.contains("\"state\": \"failed\""), "{state}");
}

#[test]
fn g13_a_failing_phase_keeps_the_directory_and_a_passing_one_does_not() {
    let up = "let app = shop.up();";
    let failing = format!("{up} assert 1 == 2;");
    for (options, keeping, script, is_kept) in [
        ("", Keeping::OnFailure, up, false),
        ("", Keeping::OnFailure, failing.as_str(), true),
        ("", Keeping::Always, up, true),
        ("", Keeping::Never, failing.as_str(), false),
        ("keep: true", Keeping::OnFailure, up, true),
        (
            "keep_on_failure: false",
            Keeping::OnFailure,
            failing.as_str(),
            false,
        ),
        (
            "keep_on_failure: true",
            Keeping::Never,
            failing.as_str(),
            true,
        ),
    ] {
        let house = House::with(|world| world.keep_dirs = keeping);
        let text = format!(
            "let shop = stack(\"shop\", #{{ {options}{} services: #{{ a: #{{ cmd: \"exec sleep 60\" }} }} }});\n{script}",
            if options.is_empty() { "" } else { "," }
        );
        let ran = Fake::new().finish_in(&house.world, &text);
        let dir = attached_dir(&ran);
        assert_eq!(
            Path::new(&dir).exists(),
            is_kept,
            "{options} {keeping:?} {script}"
        );
        let told = ran.records.iter().any(|record| {
            matches!(record, Record::Log { text, .. } if *text == format!("stack `shop` is kept: {dir}"))
        });
        assert_eq!(told, is_kept);
    }
}

#[test]
fn g1_a_directory_elsewhere_is_unique_and_closed() {
    use std::os::unix::fs::PermissionsExt;
    let house = house();
    let ran = Fake::new().finish_in(
        &house.world,
        r#"stack("shop", #{ dir: "stacks", keep: true, services: #{ a: #{ cmd: "exec sleep 60" } } }).up()"#,
    );
    ran.passes();
    let dir = attached_dir(&ran);
    let name = Path::new(&dir)
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let pattern = regex::Regex::new(r"^shop-\d{8}-\d{6}-[0-9a-f]{8}$").unwrap();
    assert!(pattern.is_match(&name), "{name}");
    assert!(dir.starts_with(&*house.dir.path().join("stacks").to_string_lossy()));
    for part in ["", "a", "a/data", "a/log"] {
        let mode = std::fs::metadata(Path::new(&dir).join(part))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{part}");
    }
}

#[test]
fn a_later_phase_finds_the_stack_and_up_again_is_the_same() {
    let house = house();
    let first = house.phase(
        "one",
        r#"state.pid = stack("jobs", #{ services: #{ a: #{ cmd: "exec sleep 60" } } }).up().a.pid;"#,
    );
    first.passes();
    let pid = first.state["pid"].clone();
    let second = house.phase(
        "one",
        r#"
        assert stack("jobs").a.is_running;
        state.pid = stack("jobs", #{ services: #{ a: #{ cmd: "exec sleep 60" } } }).up().a.pid;
        "#,
    );
    second.passes();
    assert_eq!(second.state["pid"], pid);
    let other = house.last_phase("two", r#"stack("jobs")"#);
    starts(&only_failure(&other), "there is no stack `jobs` up\n");
    house.last_phase("one", "").passes();
    crate::service::tests::assert_nothing_left(&house.world);
}

#[test]
fn g6_a_stack_of_a_file_starts_once_for_all_its_scenarios() {
    let house = house();
    let script = r#"
        let app = stack("shared", #{ scope: "file", services: #{ a: #{ cmd: "echo x >> $SCENARIO_PROJECT_DIR/starts; echo up; exec sleep 60", ready: #{ log: "up" } } } }).up();
        state.pid = app.a.pid;
    "#;
    let pids: Vec<serde_json::Value> = std::thread::scope(|scope| {
        let names = ["one", "two", "three", "four"];
        let house = &house;
        let threads = names.map(|name| scope.spawn(move || house.phase(name, script)));
        threads
            .into_iter()
            .map(|thread| {
                let ran = thread.join().unwrap();
                ran.passes();
                ran.state["pid"].clone()
            })
            .collect()
    });
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    house.last_phase("four", "").passes();
    crate::service::tests::assert_nothing_left(&house.world);
    assert_eq!(
        std::fs::read_to_string(house.dir.path().join("starts")).unwrap(),
        "x\n"
    );
}

#[test]
fn c3_p13_what_is_independent_starts_side_by_side() {
    let ran = House::new().run(
        r#"
        let slow = #{ cmd: "sleep 0.5; echo up; exec sleep 60", ready: #{ log: "up" } };
        let app = stack("three", #{ services: #{ a: slow, b: slow, c: slow } }).up();
        let s = app.state.services;
        state.times = [s.a.started_at, s.b.started_at, s.c.started_at];
        "#,
    );
    ran.passes();
    let starts: Vec<jiff::Timestamp> = ran.state["times"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| at.as_str().unwrap().parse().unwrap())
        .collect();
    let spread = starts
        .iter()
        .max()
        .unwrap()
        .duration_since(*starts.iter().min().unwrap());
    assert!(
        spread.as_millis() < 500,
        "each began before the first was ready: {spread}"
    );
}

#[test]
fn an_errand_is_done_before_those_that_need_it() {
    House::new()
        .run(
            r#"
            let app = stack("shop", #{ services: #{
                migrate: #{ cmd: "sleep 0.1; echo done > $SCENARIO_STACK_DIR/migrated", ready: "completed" },
                web: #{ cmd: "cat $SCENARIO_STACK_DIR/migrated; exec sleep 60", needs: "migrate", ready: #{ log: "done" } },
            } }).up();
            assert app.migrate.exit_code == 0;
            assert stack("shop").services == ["migrate", "web"];
            assert stack("shop", #{ services: #{ migrate: #{ cmd: "x" } } }).up().web.pid == app.web.pid;
            "#,
        )
        .passes();
}

#[test]
fn bad_descriptions_are_refused_when_the_file_is_loaded() {
    let refused = |text: &str| {
        let dir = tempfile::tempdir().unwrap();
        let error = Fake::new()
            .world(|world| world.project = dir.path().to_owned())
            .load(text)
            .unwrap_err();
        error
            .lines()
            .filter(|line| !line.contains("-->") && !line.contains('|'))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let a = r#"a: #{ cmd: "x" }"#;
    let cases = [
        (r#"stack("s", #{})"#.to_owned(), "stack `s` has no services\n  hint: services: #{ db: #{ cmd: […], ports: [\"sql\"] } }"),
        (format!(r#"stack("s", #{{ service: #{{ {a} }} }})"#), "`stack` has no option `service`\n  hint: did you mean `services`?"),
        (
            r#"stack("s", #{ services: #{ a: #{ cmd: "x", needs: "b" }, b: #{ cmd: "x", needs: "a" } } })"#.to_owned(),
            "services of stack `s` need each other: a -> b -> a\n  hint: let one of them start without the other",
        ),
        (
            r#"stack("s", #{ services: #{ a: #{ cmd: "{{ b.port }}", ports: "p" }, b: #{ cmd: "{{ a.port }}", ports: "p" } } })"#.to_owned(),
            "services of stack `s` need each other: a -> b -> a\n  hint: let one of them start without the other",
        ),
        (
            r#"stack("s", #{ services: #{ db: #{ cmd: "x" }, web: #{ cmd: "x", needs: ["bd"] } } })"#.to_owned(),
            "service `web` of stack `s` needs `bd`, and there is no such service in it\n  hint: did you mean `db`?",
        ),
        (
            r#"stack("s", #{ services: #{ web: #{ cmd: "x", prots: ["a"] } } })"#.to_owned(),
            "`services.web` has no option `prots`\n  hint: did you mean `ports`?",
        ),
        (r#"stack("s", #{ services: #{ web: "x" } })"#.to_owned(), "service `web` of stack `s` must be described by a map #{ … }\n  got: \"x\""),
        (r#"stack("s", #{ services: #{ env: #{ cmd: "x" } } })"#.to_owned(), "a service of stack `s` cannot be called `env`\n  hint: what is up has a property of that name already"),
        (r#"stack("a b", #{ services: #{ a: #{ cmd: "x" } } })"#.to_owned(), "`a b` is no name for a stack\n  hint: a name has letters, digits, `-`, `_` and `.`: stack(\"shop\", #{ services: … })"),
        (
            r#"stack("s", #{ services: #{ a: #{ cmd: "x", files: #{ "a": #{ template: "gone.in" } } } } })"#.to_owned(),
            "file `a` of service `a`: no such file: gone.in\n  hint: the path is relative to the folder of the script",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&text), expected, "{text}");
    }
}

#[test]
fn a_stack_may_be_described_at_load_and_is_found_there() {
    use crate::host::extensions::Extensions;
    let extensions = std::sync::Arc::new(Extensions::default());
    assert!(super::declared(&extensions).all().is_empty());
    let text = r#"stack("s", #{ services: #{ a: #{ cmd: "x" } } }).name"#;
    assert_eq!(Fake::new().load(text).unwrap().into_string().unwrap(), "s");
    let error = Fake::new()
        .load("stack(\"s\", #{ services: #{ a: #{ cmd: \"x\" } } }).up()")
        .unwrap_err();
    starts(&error, "`up` acts, and loading a file only declares");
}

#[test]
fn what_is_used_without_being_needed_says_so() {
    let ran = house().run(
        r#"
        stack("s", #{ services: #{
            db: #{ cmd: "exec sleep 60" },
            web: #{ cmd: "exec sleep 60", env: |s| #{ A: s.db.name } },
        } }).up();
        "#,
    );
    let text = only_failure(&ran);
    starts(&text, "stack `s`: there is no property `db`");
    assert!(
        text.ends_with("hint: service `web` uses `db` without needing it: needs: [\"db\"]"),
        "{text}"
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
}

#[test]
fn a_service_of_a_stack_that_dies_is_the_root() {
    let ran = house().run(&shop(
        "let app = shop.up(); http.get(app.db.url + \"/die\");",
    ));
    let text = only_failure(&ran);
    starts(&text, "service `db` exited with code 7 while GET ");
    assert_eq!(ran.bad_news[0].code, Code::Service);
}
