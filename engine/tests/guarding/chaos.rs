//! `kill -9` at random moments, a hundred times, with five hostile processes, a service and a stack in each run. Half of the
//! times the guard is killed together with the host, and half of the times there is no control group.

use super::House;
use super::common::Signal;
use super::common::house::{Alive, alive, gone};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const KILLS: u64 = 100;

/// Runs at the same time.
const LANES: u64 = 8;

/// The kill comes within this time of the start.
const WITHIN: u64 = 400;

/// Ignores signals; double-forks, leaves the session and listens; forks while it dies; closes its output; floods; a service and
/// a stack that ignore signals and leave something behind.
const SCRIPT: &str = r#"
parallel([
    || exec("trap '' TERM INT HUP; while :; do sleep 0.05; done"),
    || exec("(setsid sh -c 'trap \"\" TERM HUP; \"$SCENARIO\" demo --port 0 >> ports & env -i setsid sleep 900' &) ; sleep 60"),
    || exec("trap 'setsid sleep 901 & setsid sh -c \"trap : TERM; sleep 902; sleep 903\" &' TERM; while :; do sleep 0.05; done"),
    || exec("exec >&- 2>&-; trap '' HUP TERM; while :; do sleep 0.05; done"),
    || exec("yes flood | head -c 60000000; sleep 60"),
    || spawn_service("deaf", #{ cmd: "trap '' TERM INT HUP; \"$SCENARIO\" demo --port 0 >> ports & while :; do sleep 0.05; done", cwd: ".", ready: "running" }),
    || stack("pair", #{ services: #{
        first: #{ cmd: "setsid sleep 904 & exec sleep 905", ports: ["web"], ready: "running" },
        second: #{ cmd: "trap '' TERM; while :; do sleep 0.05; done", needs: "first", ready: "running" },
    } }).up(),
]);
"#;

#[derive(Default)]
struct Tally {
    survivors: Mutex<Vec<Alive>>,
    ports: AtomicU64,
    open: AtomicU64,
    directories: AtomicU64,
    processes: AtomicU64,
    longest: Mutex<Duration>,
    with_guard: AtomicU64,
}

#[test]
fn g14_kill_9_at_a_hundred_random_moments_leaves_nothing() {
    let tally = Tally::default();
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= KILLS {
                        return;
                    }
                    let moment = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
                    one(number, Duration::from_millis(moment % WITHIN), &tally);
                }
            });
        }
    });
    let survivors = tally.survivors.into_inner().expect("unpoisoned");
    let with_guard = tally.with_guard.load(Ordering::Relaxed);
    let containment = House::new("").project.run(&["doctor"]).stdout;
    let containment = containment
        .lines()
        .find_map(|line| line.strip_prefix("containment"))
        .unwrap_or("unknown")
        .trim()
        .to_owned();
    let [ports, open, directories, processes] = [
        &tally.ports,
        &tally.open,
        &tally.directories,
        &tally.processes,
    ]
    .map(|count| count.load(Ordering::Relaxed));
    let longest = tally.longest.into_inner().expect("unpoisoned");
    eprintln!(
        "chaos: {KILLS} kills ({with_guard} of them with the guard), {} survivors of {processes} processes, {open} of {ports} ports open, {directories} directories \
         left, at most {} ms until nothing was left, containment: guard, and {containment} every other time",
        survivors.len(),
        longest.as_millis(),
    );
    assert!(survivors.is_empty(), "{survivors:?}");
    assert_eq!((open, directories), (0, 0));
    // A keeper that forgets to act is killed by the guard, but only after that.
    assert!(longest < Duration::from_secs(10), "{longest:?}");
    assert!(
        processes > KILLS * 3,
        "the runs were killed before they had begun"
    );
}

fn one(number: u64, moment: Duration, tally: &Tally) {
    let mut house = House::new(SCRIPT);
    if number.is_multiple_of(2) {
        house.project = house.project.env("SCENARIO_CONTAINMENT", "guard");
    }
    let (running, run) = house.start();
    std::thread::sleep(moment);
    let there = alive(&run);
    tally
        .processes
        .fetch_add(there.len() as u64, Ordering::Relaxed);
    running.signal(Signal::KILL);
    let guard = there.iter().find(|one| one.name == "scenario-guard");
    let with_guard = guard.filter(|_| number % 4 < 2);
    if let Some(guard) = with_guard {
        guard.kill();
        tally.with_guard.fetch_add(1, Ordering::Relaxed);
    }
    running.end();
    match gone(&run) {
        Ok(took) => {
            let mut longest = tally.longest.lock().expect("unpoisoned");
            *longest = took.max(*longest);
        }
        Err(left) => {
            left.iter().for_each(Alive::kill);
            tally.survivors.lock().expect("unpoisoned").extend(left);
        }
    }
    let ports = std::fs::read_to_string(house.project.path("ports")).unwrap_or_default();
    for address in ports.lines().filter_map(address) {
        tally.ports.fetch_add(1, Ordering::Relaxed);
        if TcpStream::connect(address).is_ok() {
            tally.open.fetch_add(1, Ordering::Relaxed);
        }
    }
    if with_guard.is_some() {
        // Directories are the guard's; without it the next run removes them.
        house.project.write("a.rhai", "assert 1 == 1;");
        house.run().passes();
    }
    let left = house.directories().len() + house.ledgers().len();
    tally.directories.fetch_add(left as u64, Ordering::Relaxed);
}

fn address(line: &str) -> Option<SocketAddr> {
    let rest = line.strip_prefix("http://")?;
    rest.trim_end_matches('/').parse().ok()
}
