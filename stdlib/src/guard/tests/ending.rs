//! Nothing is left: whatever a process does to live on.

use super::*;
use crate::guard::{Needed, StopPlan, Stream};

fn plan(grace_millis: u64) -> StopPlan {
    StopPlan {
        grace: Duration::from_millis(grace_millis),
        ..StopPlan::default()
    }
}

fn shell_with(house: &House, stop: StopPlan, line: &str) -> Process {
    let mut spawn = house.order(Program::Shell(line.into()));
    spawn.stop = stop;
    let process = house.start(spawn).expect("it starts");
    if line.contains("echo up") {
        wait(async { process.log().follow(Default::default()).next().await });
    }
    process
}

#[test]
fn c15_a_polite_service_is_ended_by_the_signal() {
    let house = House::new();
    let process = shell_with(
        &house,
        plan(10_000),
        "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done",
    );
    let ended = wait(process.stop());
    assert_eq!(ended.needed, Needed::Signal("TERM".into()));
    assert_eq!(ended.exit.code(), 0);
    assert_eq!(ended.leftovers, []);
    // The shell may have a word about its `sleep`, which was asked to end as well.
    assert_eq!(process.log().bytes(Stream::Stdout).unwrap(), b"up\nbye\n");
    assert_eq!(wait(process.stop()), ended);
}

#[test]
fn g12_one_that_ignores_the_signal_is_killed_after_its_grace() {
    let house = House::new();
    let process = shell_with(
        &house,
        plan(200),
        "trap '' TERM INT HUP; echo up; while :; do sleep 0.05; done",
    );
    let ended = wait(process.stop());
    assert_eq!(ended.needed, Needed::Kill);
    assert!(ended.took >= Duration::from_millis(200), "{ended:?}");
    assert!(ended.took < Duration::from_secs(2), "{ended:?}");
    assert_eq!(house.alive(), Vec::<String>::new());
}

#[test]
fn c16_what_a_process_left_is_ended_and_named() {
    let house = House::new();
    let process = shell_with(
        &house,
        plan(300),
        "setsid sleep 998 & sleep 997 & (setsid sh -c 'sleep 996 & exit' &) ; exit 0",
    );
    wait(process.exited());
    // It waits for the daemon to have settled, then ends what is there.
    let ended = wait(process.stop());
    let mut named: Vec<_> = ended
        .leftovers
        .iter()
        .map(|left| (left.command.as_str(), left.escaped, left.killed))
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            ("sleep 996", true, false),
            ("sleep 997", false, false),
            ("sleep 998", true, false)
        ]
    );
    assert_eq!(ended.needed, Needed::Nothing);
    assert!(
        ended
            .leftovers
            .iter()
            .any(|left| left.to_string().starts_with("escaped, ended: pid "))
    );
    assert_eq!(house.alive(), Vec::<String>::new());
}

#[test]
fn what_forks_while_it_dies_is_killed_all_the_same() {
    let house = House::new();
    let script = r#"
        trap '' TERM
        spread() { trap '' TERM; (setsid sh -c "$1" "$0" "$1" &) ; }
        export BODY='trap "" TERM; setsid sh -c "$BODY" & setsid sh -c "$BODY" & sleep 0.2; exit'
        sh -c 'trap "" TERM; n=0; while [ $n -lt 40 ]; do (setsid sleep 500 &) ; n=$((n+1)); done; while :; do (sleep 300 &); sleep 0.005; done' &
        echo up
        while :; do sleep 0.01; done
    "#;
    let process = shell_with(&house, plan(100), script);
    let ended = wait(process.stop());
    assert_eq!(ended.needed, Needed::Kill);
    assert_eq!(ended.survivors, []);
    assert_eq!(house.alive(), Vec::<String>::new());
}

#[test]
fn a_daemon_is_charged_to_its_own_service() {
    let house = House::new();
    let first = house.shell("(setsid sleep 701 &) ; sleep 60");
    let second = house.shell("(setsid sleep 702 &) ; sleep 60");
    until("both daemons run", || {
        let alive = house.alive();
        ["sleep 701", "sleep 702"]
            .iter()
            .all(|line| alive.iter().any(|other| other == line))
    });
    wait(first.kill());
    let alive = house.alive();
    assert!(!alive.contains(&"sleep 701".to_owned()), "{alive:?}");
    assert!(alive.contains(&"sleep 702".to_owned()), "{alive:?}");
    assert!(second.try_exit().is_none());
}

#[test]
fn a_stop_command_comes_first() {
    let house = House::new();
    let stop = StopPlan {
        command: Some(Program::Shell("echo stopping; touch stop".into())),
        ..plan(10_000)
    };
    let process = shell_with(
        &house,
        stop,
        "echo up; until [ -e stop ]; do sleep 0.01; done; echo down",
    );
    let ended = wait(process.stop());
    assert_eq!(ended.needed, Needed::Command);
    assert_eq!(
        texts(process.log().lines().unwrap()),
        ["up", "stopping", "down"]
    );
}

#[test]
fn pausing_holds_the_whole_tree_and_stopping_works_meanwhile() {
    let house = House::new();
    let process = shell_with(
        &house,
        plan(5_000),
        "echo up; sh -c 'while :; do echo tick; sleep 0.01; done' & wait",
    );
    wait(process.pause()).unwrap();
    let held = || {
        role::tree::descendants(house.guard.pid())
            .iter()
            .filter(|seen| seen.session != seen.pid)
            .all(|seen| is_held(seen.pid))
    };
    until("all is held", held);
    wait(process.resume()).unwrap();
    until("it goes on", || !held());
    wait(process.pause()).unwrap();
    let ended = wait(process.stop());
    assert_eq!(ended.needed, Needed::Signal("TERM".into()));
}

#[test]
fn pausing_holds_also_what_is_being_forked() {
    let house = House::new();
    let process = shell_with(
        &house,
        plan(5_000),
        "echo up; while :; do sleep 60 & sleep 0.003; done",
    );
    let held = || {
        role::tree::descendants(house.guard.pid())
            .iter()
            .filter(|seen| seen.session != seen.pid)
            .all(|seen| is_held(seen.pid))
    };
    for _ in 0..50 {
        wait(process.pause()).unwrap();
        until("all is held", held);
        wait(process.resume()).unwrap();
        until("it goes on", || !held());
    }
    wait(process.kill());
}

/// Stopped; or ended, where its parent is held; or held in a `vfork` by a child that is.
fn is_held(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let rest = stat.rsplit_once(") ").map_or("T", |(_, rest)| rest);
    rest.starts_with(['T', 'Z', 'D'])
}

#[test]
fn a_signal_goes_to_the_main_process_by_name() {
    let house = House::new();
    let process = shell_with(
        &house,
        plan(1000),
        "trap 'echo reload' HUP; echo up; while :; do sleep 0.01; done",
    );
    wait(process.signal("HUP")).unwrap();
    let mut follow = process.log().follow(Default::default());
    let second = wait(async { follow.next().await.and(follow.next().await) });
    assert_eq!(second.unwrap().text, "reload");
    let error = wait(process.signal("WINK")).unwrap_err();
    assert_eq!(error.to_string(), "`WINK` is no signal");
}

#[test]
fn who_forgets_a_process_ends_it() {
    let house = House::new();
    let process = shell_with(
        &house,
        plan(100),
        "trap '' TERM; setsid sleep 300 & sleep 300",
    );
    drop(process);
    until("nothing is left", || house.alive().is_empty());
}

#[test]
fn a_killed_keeper_takes_all_that_was_its_own_with_it() {
    let house = House::new();
    let process = house.shell("(setsid sleep 300 &) ; sleep 300");
    until("all run", || house.alive().len() == 3);
    let keeper = machine::look(process.pid()).unwrap().parent;
    let keeper = nix::unistd::Pid::from_raw(keeper);
    nix::sys::signal::kill(keeper, nix::sys::signal::Signal::SIGKILL).unwrap();
    assert_eq!(wait(process.exited()).how, crate::guard::How::Lost);
    until("nothing is left", || house.alive().is_empty());
}

#[test]
fn a_killed_guard_takes_all_with_it_and_is_replaced() {
    let world = crate::host::world::World::default();
    let first = Guard::of(&world).unwrap();
    let house = House::new();
    let mut spawn = house.order(Program::Shell("(setsid sleep 300 &) ; sleep 300".into()));
    spawn.stop = plan(300);
    let process = wait(first.spawn(spawn)).unwrap();
    let pid = nix::unistd::Pid::from_raw(first.pid());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    let ended = wait(process.ended());
    assert_eq!(ended.survivors, []);
    let second = Guard::of(&world).unwrap();
    assert_ne!(first.pid(), second.pid());
    let process = wait(second.spawn(house.order(Program::Shell("exit 4".into())))).unwrap();
    assert_eq!(wait(process.exited()).code(), 4);
}

#[test]
fn at_the_end_directories_go_unless_they_are_kept() {
    let house = House::new();
    let (gone, kept) = (house.path("gone"), house.path("kept"));
    for path in [&gone, &kept] {
        std::fs::create_dir(path).unwrap();
        std::fs::write(path.join("file"), "x").unwrap();
        house.guard.remove_on_end(path).unwrap();
    }
    house.guard.keep(&kept).unwrap();
    let process = shell_with(&house, plan(100), "trap '' TERM; sleep 300");
    assert!(house.guard.finish(PATIENCE));
    assert!(!exists(&gone) && exists(&kept));
    assert_eq!(wait(process.ended()).survivors, []);
    until("even the guard is gone", || marked(&house.run).is_empty());
}

/// Open descriptors, memory in KiB, and children, zombies among them, of a process.
fn size(pid: i32) -> (usize, u64, usize) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let memory = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .count();
    (
        descriptors,
        memory.unwrap(),
        role::tree::children(pid).len(),
    )
}

#[test]
fn row_23_a_thousand_services_one_after_the_other_leave_no_trace_in_host_and_guard() {
    let house = House::new();
    let mine = std::process::id() as i32;
    let turn = || {
        let process = house.shell("exec sleep 600");
        assert_eq!(wait(process.stop()).survivors, []);
    };
    (0..50).for_each(|_| turn());
    let before = [size(mine), size(house.guard.pid())];
    (0..1000).for_each(|_| turn());
    until("the last keeper is reaped", || {
        size(house.guard.pid()).2 == 0
    });
    let after = [size(mine), size(house.guard.pid())];
    for (before, after) in before.into_iter().zip(after) {
        assert!(after.0 <= before.0, "descriptors: {before:?} {after:?}");
        assert!(after.1 < before.1 + (4 << 10), "{before:?} {after:?}");
        assert!(after.2 <= before.2, "children: {before:?} {after:?}");
    }
}
