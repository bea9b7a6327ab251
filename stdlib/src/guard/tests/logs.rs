//! What is captured: all of it, apart, with times, within bounds, and never at the cost of the service.

use super::*;
use crate::guard::{Limits, Position, Stream};

#[test]
fn c28_both_streams_are_kept_apart_and_interleave_by_time() {
    let house = House::new();
    let line = "for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; sleep 0.005; done";
    let process = house.shell(line);
    wait(process.exited());
    let log = process.log();
    let lines = log.lines().unwrap();
    assert_eq!(lines.len(), 10);
    assert!(lines.is_sorted_by_key(|line| line.at));
    let numbers: Vec<String> = lines.iter().map(|line| line.text[4..].to_owned()).collect();
    assert!(numbers.is_sorted(), "{lines:?}");
    let text = String::from_utf8(log.bytes(Stream::Stderr).unwrap()).unwrap();
    assert_eq!(text, "err 1\nerr 2\nerr 3\nerr 4\nerr 5\n");
    assert_eq!(texts(log.tail(3).unwrap()).len(), 3);
}

#[test]
fn lines_are_followed_as_they_come() {
    let house = House::new();
    let process =
        house.shell("echo one; sleep 0.05; printf two; sleep 0.05; echo ' more'; printf three");
    let mut follow = process.log().follow(Position::default());
    let mut seen = Vec::new();
    while let Some(line) = wait(follow.next()) {
        seen.push(line.text);
        if seen.len() == 1 {
            assert_eq!(process.try_exit(), None);
            follow = process.log().follow(follow.position());
        }
    }
    assert_eq!(seen, ["one", "two more", "three"]);
}

#[test]
fn a_flood_of_hostile_bytes_blocks_nobody_and_is_cut() {
    let house = House::new();
    let program =
        r#"head -c 30000000 /dev/urandom; printf '\000\033[31m\377no newline'; echo done >&2"#;
    let mut spawn = house.order(Program::Shell(program.into()));
    spawn.limits = Limits {
        head: 1 << 20,
        tail: 1 << 20,
    };
    let process = house.start(spawn).unwrap();
    assert!(wait(process.exited()).is_success());
    let log = process.log();
    wait(process.ended());
    let bytes = log.bytes(Stream::Stdout).unwrap();
    assert!(bytes.len() < (2 << 20) + 100);
    assert!(bytes.ends_with(b"\0\x1b[31m\xffno newline"));
    // What is in the file is there before the news of it.
    until("all that was cut is told", || {
        log.missing(Stream::Stdout) == 30_000_017 - (2 << 20)
    });
    let lines = log.lines().unwrap();
    let cut = lines
        .iter()
        .filter(|line| line.text.contains("bytes cut here]"));
    assert_eq!(cut.count(), 1);
    assert_eq!(log.tail(1).unwrap().len(), 1);
    assert!(texts(lines).contains(&"done".to_owned()));
}

#[test]
fn who_reads_behind_a_flood_is_told_what_was_missed() {
    let house = House::new();
    let mut spawn = house.order(Program::Shell("echo first; seq 1 400000; echo last".into()));
    spawn.limits = Limits {
        head: 100,
        tail: 1000,
    };
    let process = house.start(spawn).unwrap();
    wait(process.ended());
    let mut follow = process.log().follow(Position::default());
    let mut seen = Vec::new();
    while let Some(line) = wait(follow.next()) {
        seen.push(line.text);
    }
    assert_eq!(seen.first().unwrap(), "first");
    assert_eq!(seen.last().unwrap(), "last");
    assert_eq!(
        seen.iter()
            .filter(|text| text.contains("bytes cut here]"))
            .count(),
        1
    );
}

#[test]
fn a_full_disk_holds_up_nobody_and_is_told() {
    let house = House::new();
    let mut spawn = house.order(Program::Shell("seq 1 200000; echo fine >&2".into()));
    spawn.stdout = "/dev/full".into();
    // The index cannot stand beside a device.
    let refused = house.start(spawn);
    if let Ok(process) = refused {
        assert!(wait(process.exited()).is_success());
        assert!(
            process
                .log()
                .trouble()
                .is_some_and(|why| why.contains("space"))
        );
        assert!(process.log().missing(Stream::Stdout) > 1_000_000);
    }
}

/// The most memory this process has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.unwrap()
}

#[test]
fn row_12_a_gigabyte_of_hostile_output_costs_the_host_no_memory_and_the_service_no_time() {
    let house = House::new();
    // Both streams at once, without a line end, with NUL, invalid UTF-8 and escape codes; a heart beats beside them.
    let program = r#"
        printf '\000\033[2J\377\033]0;x\007' > part; for n in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat part part > more; mv more part; done
        flood() { while [ -e part ] && cat part part part part part part part part; do :; done; }
        (flood | head -c 536870912 >&2) & (flood | head -c 536870912) & wait; rm part; echo; echo all is written
    "#;
    let before = peak();
    let process = house.shell(program);
    let exit = wait(process.exited());
    assert!(exit.is_success(), "{exit:?}");
    wait(process.ended());
    let log = process.log();
    for stream in [Stream::Stdout, Stream::Stderr] {
        let kept = std::fs::metadata(log.path(stream)).unwrap().len();
        assert!((16 << 20..17 << 20).contains(&kept), "{kept}");
        let missing = log.missing(stream);
        assert!(
            ((512 << 20) - (17 << 20)..(512 << 20)).contains(&missing),
            "{missing}"
        );
    }
    assert_eq!(texts(log.tail(1).unwrap()), ["all is written"]);
    let grown = peak() - before;
    assert!(grown < 32 << 10, "{grown} KiB");
}
