//! Whose a service is: of a scenario through its phases, of a file, of a run.

use super::{House, assert_nothing_left, only_failure};
use crate::host::failure::Code;

#[test]
fn a_service_lives_through_the_phases_of_its_scenario_and_ends_with_it() {
    let house = House::new();
    let first = house.phase(
        "one",
        "state.pid = spawn_service(\"db\", #{ cmd: \"exec sleep 60\" }).pid;",
    );
    first.passes();
    let pid = &first.state["pid"];
    house
        .phase("one", &format!("assert service(\"db\").pid == {pid};"))
        .passes();
    let other = house.phase("two", "service(\"db\")");
    assert_eq!(
        only_failure(&other).lines().next().unwrap(),
        "there is no service `db`"
    );
    house
        .last_phase("one", &format!("assert service(\"db\").pid == {pid};"))
        .passes();
    assert_nothing_left(&house.world);
}

#[test]
fn a_shared_service_starts_once_however_many_ask_at_the_same_time() {
    let house = House::new();
    let script = "state.pid = spawn_service(\"db\", #{ scope: \"run\", cmd: \"echo x >> $SCENARIO_PROJECT_DIR/starts; sleep 0.2; echo up; exec sleep 60\", ready: #{ log: \"up\" } }).pid;";
    let pids: Vec<serde_json::Value> = std::thread::scope(|scope| {
        let house = &house;
        let threads: Vec<_> = (0..8)
            .map(|number| scope.spawn(move || house.phase(&format!("s{number}"), script)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap().passes().state["pid"].clone())
            .collect()
    });
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    assert_eq!(
        std::fs::read_to_string(house.dir.path().join("starts")).unwrap(),
        "x\n"
    );
    house
        .last_phase("s0", "assert service(\"db\").is_running;")
        .passes();
    assert_nothing_left(&house.world);
}

#[test]
fn the_failure_of_a_shared_start_is_that_of_all_who_need_it() {
    let house = House::new();
    let script = "spawn_service(\"db\", #{ scope: \"file\", cmd: \"echo no disk; exit 2\", ports: [\"sql\"] })";
    let first = only_failure(&house.phase("one", script));
    assert!(
        first.starts_with("service `db` exited with code 2 before it was ready"),
        "{first}"
    );
    let second = only_failure(&house.phase("two", script));
    assert!(
        second.starts_with("service `db` failed to start in `test.rhai::one`"),
        "{second}"
    );
    assert!(second.contains("no disk"), "{second}");
}

#[test]
fn the_end_of_a_shared_service_is_news_to_each_who_uses_it() {
    let house = House::new();
    let script = "let db = spawn_service(\"db\", #{ scope: \"file\", cmd: \"while [ ! -e die ]; do sleep 0.02; done; exit 5\" }); write_file(\"x\", \"\"); BODY";
    house.phase("one", &script.replace("BODY", "")).passes();
    house.phase("two", &script.replace("BODY", "")).passes();
    let third = house.phase(
        "three",
        &script
            .replace("BODY", "exec_touch(db.dir); sleep(\"20s\");")
            .replace(
                "exec_touch(db.dir);",
                "spawn_service(\"killer\", #{ cmd: `touch ${db.dir}/die`, ready: \"completed\" });",
            ),
    );
    assert_eq!(
        third.bad_news.last().unwrap().code,
        Code::Service,
        "{:#?}",
        third.bad_news
    );
    let again = house.phase("one", "log(\"here\");");
    assert!(only_failure(&again).starts_with("service `db` exited with code 5"));
    house.last_phase("one", "").passes();
    assert_nothing_left(&house.world);
}

#[test]
fn row_5_what_escapes_is_ended_with_its_service() {
    let house = House::new();
    let ran = house.run("spawn_service(\"a\", #{ cmd: \"setsid sleep 300 & echo up; exit 0\", ignore_exit: true, ready: #{ log: \"up\" } }).wait_for_exit(\"10s\");");
    ran.passes();
    let news = super::service_news(&ran);
    assert!(news.contains(&"a escaped".to_owned()), "{news:?}");
}
