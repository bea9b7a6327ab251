//! Processes that live on, and hosts that find them again. A guard that ends stands for a host that goes.

use super::*;
use crate::guard::{Hold, How, Kept, Needed, kept};

struct Port {
    house: House,
    ledgers: std::path::PathBuf,
}

/// A house whose guard keeps a ledger.
fn port() -> Port {
    let mut house = House::new();
    let ledgers = house.path("runtime");
    std::fs::create_dir(&ledgers).unwrap();
    house.guard = Guard::start(&house.run, Some(ledgers.clone())).unwrap();
    Port { house, ledgers }
}

impl Port {
    fn only(&self) -> Kept {
        let mut found = kept(&self.ledgers);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }
}

#[test]
fn one_that_is_detached_lives_on_and_is_adopted() {
    let port = port();
    let stays = port
        .house
        .shell("echo one; echo two; trap '' HUP; exec sleep 600");
    let mut spawn = port.house.order(Program::Shell("exec sleep 601".into()));
    spawn.stdout = port.house.path("goes.out");
    spawn.stderr = port.house.path("goes.err");
    let goes = port.house.start(spawn).unwrap();
    wait(port.house.guard.detach(&stays)).unwrap();
    assert!(port.house.guard.finish(PATIENCE));
    drop((stays, goes));
    assert_eq!(port.house.alive(), ["sleep 600"]);
    assert_eq!(crate::guard::reap(&port.ledgers), []);

    let again = wait(port.only().adopt(Hold::Use)).unwrap();
    assert_eq!(texts(again.log().lines().unwrap()), ["one", "two"]);
    let other = wait(port.only().adopt(Hold::Own)).unwrap_err();
    assert_eq!(other.to_string(), "`it` is in the hands of another run");
    drop(again);
    let mut owned = None;
    until("it is free again", || {
        owned = wait(port.only().adopt(Hold::Own)).ok();
        owned.is_some()
    });
    let ended = wait(owned.unwrap().stop());
    assert_eq!(ended.needed, Needed::Signal("TERM".into()));
    assert_eq!(port.house.alive(), Vec::<String>::new());
    until("its note is gone", || kept(&port.ledgers).is_empty());
    // It gives its ledger up a moment before it is gone itself.
    until("its keeper is gone", || marked(&port.house.run).is_empty());
    // What is left of the guard's ledger is cleared without a word.
    assert_eq!(crate::guard::reap(&port.ledgers), []);
    assert_eq!(std::fs::read_dir(&port.ledgers).unwrap().count(), 0);
}

#[test]
fn one_that_was_not_detached_ends_with_its_host_and_one_that_is_owned_with_its_new_one() {
    let port = port();
    let process = port.house.shell("exec sleep 602");
    wait(port.house.guard.detach(&process)).unwrap();
    drop(process);
    until("it is free", || {
        let adopted = wait(port.only().adopt(Hold::Own));
        adopted.is_ok()
    });
    // The new host was dropped at once.
    until("it has ended", || port.house.alive().is_empty());
}

#[test]
fn a_note_that_nobody_stands_behind_is_removed() {
    let port = port();
    let process = port.house.shell("exec sleep 603");
    wait(port.house.guard.detach(&process)).unwrap();
    let keeper = nix::unistd::Pid::from_raw(process.keeper());
    nix::sys::signal::kill(keeper, nix::sys::signal::Signal::SIGKILL).unwrap();
    assert_eq!(wait(process.exited()).how, How::Lost);
    until("nothing is left", || port.house.alive().is_empty());
    assert_eq!(kept(&port.ledgers), []);
}

#[test]
fn without_a_private_directory_nothing_lives_on() {
    let house = House::new();
    let process = house.shell("exec sleep 604");
    let error = wait(house.guard.detach(&process)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`it` cannot live on by itself: "),
        "{error}"
    );
}
