//! Guards that are killed themselves, and what the next run makes of it.

use super::House;
use super::common::Signal;
use super::common::house::{Alive, alive, gone, until};

const LONG: &str = r#"
parallel([
    || exec("(setsid sh -c 'trap \"\" TERM; sleep 800; sleep 801' &) ; sleep 802"),
    || exec("trap '' TERM; while :; do sleep 0.05; done"),
]);
"#;

fn names(run: &str) -> Vec<Alive> {
    let alive = alive(run);
    alive.into_iter().filter(|one| !one.is_ours()).collect()
}

/// A run in the middle of its work.
fn begun(house: &House) -> (super::common::Running, String) {
    let (running, run) = house.start();
    until("all are there", || {
        let commands: Vec<String> = names(&run).into_iter().map(|one| one.command).collect();
        ["sleep 800", "sleep 802"]
            .iter()
            .all(|wanted| commands.iter().any(|command| command == wanted))
    });
    (running, run)
}

#[test]
fn g14_host_and_guard_killed_together_leave_nothing() {
    let house = House::new(LONG);
    let (running, run) = begun(&house);
    running.signal(Signal::KILL);
    let guards = alive(&run);
    let guards = guards.iter().filter(|one| one.name == "scenario-guard");
    guards.for_each(Alive::kill);
    running.end();
    gone(&run).expect("the keepers have ended what was their own");
}

#[test]
fn g14_what_outlives_host_guard_and_keepers_is_ended_by_the_next_run() {
    let house = House::new(LONG);
    let (running, run) = begun(&house);
    // A process of the same make that no run has started.
    let mut foreign = std::process::Command::new("sleep")
        .arg("803")
        .spawn()
        .expect("sleep");
    running.signal(Signal::KILL);
    // Until no guard is left that could still act.
    until("all of ours are killed", || {
        let ours: Vec<Alive> = alive(&run).into_iter().filter(Alive::is_ours).collect();
        ours.iter().for_each(Alive::kill);
        ours.is_empty()
    });
    running.end();
    let left = names(&run);
    assert!(
        left.iter().any(|one| one.command == "sleep 800"),
        "{left:?}"
    );
    assert_eq!(house.directories().len(), 1);
    house.project.write("a.rhai", "assert 1 == 1;");
    let ran = house.run().passes();
    assert!(
        ran.stdout.contains(&format!(
            "warning: run {run} was killed and left something behind: ended "
        )),
        "{}",
        ran.stdout
    );
    let ran = ran.says("`sleep 800`").says("removed 1 directory");
    drop(ran);
    gone(&run).expect("they have been ended");
    assert!(house.directories().is_empty() && house.ledgers().is_empty());
    assert!(
        foreign.try_wait().expect("it is ours").is_none(),
        "it was touched"
    );
    foreign.kill().expect("killed");
    foreign.wait().expect("ended");
    house
        .run()
        .passes()
        .says_nothing_of("left something behind");
}

#[test]
fn a_run_that_goes_on_is_not_reaped_by_another() {
    let house = House::new(LONG);
    let (running, run) = begun(&house);
    house.project.write("b.rhai", "assert 1 == 1;");
    let ran = house.project.run(&["run", "b.rhai"]).passes();
    ran.says_nothing_of("left something behind");
    assert!(names(&run).len() >= 4);
    running.signal(Signal::KILL);
    running.end();
    gone(&run).expect("nothing is left");
}
