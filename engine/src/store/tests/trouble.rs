//! Disks that are full, places that cannot be written, files that are not ours.

use super::super::*;
use super::story::*;
use crate::model::Outcome;
use scenario_stdlib::host::failure::Failure;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};

fn some_run() -> Vec<crate::model::Event> {
    whole_run("r", &[("a", Outcome::Passed)])
}

/// What a writer says that cannot write.
fn refusal(home: &Home) -> String {
    let (callback, receive) = told();
    let events = some_run();
    let mut writer = Writer::start(home, &run("r"), callback);
    writer.append(&events[..4]);
    let error = receive
        .recv_timeout(std::time::Duration::from_secs(60))
        .unwrap()
        .unwrap_err();
    writer.append(&events[4..]);
    let finished = writer.finish(None);
    assert_eq!(finished.error.as_ref(), Some(&error));
    assert_eq!(finished.dropped, events.len() as u64);
    assert!(receive.try_recv().is_err(), "bad news is told once");
    Failure::from(&error).render()
}

fn with_version(version: u32) -> Place {
    let place = Place::new();
    place.record("r", &some_run());
    place.keeper().merge().unwrap();
    place
        .raw()
        .pragma_update(None, "user_version", version)
        .unwrap();
    place
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_as_it_is() {
    let place = with_version(99);
    let path = place.home.database();
    let before = fs::read(&path).unwrap();
    let message = format!(
        "the store {} is of version 99, but this program knows versions up to 3\n  \
         hint: update `scenario`, or use another store directory",
        path.display()
    );
    assert_eq!(refusal(&place.home), message);
    let refused = Store::open_existing(&place.home).err().unwrap();
    assert_eq!(Failure::from(&refused).render(), message);
    let refused = Keeper::open(&place.home).err().unwrap();
    assert_eq!(Failure::from(&refused).render(), message);
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_as_it_is() {
    let place = Place::new();
    fs::create_dir_all(place.home.dir()).unwrap();
    let path = place.home.database();
    let text = "just some notes\n".repeat(100);
    fs::write(&path, &text).unwrap();
    let message = format!("{} is not a store of runs", path.display());
    assert!(refusal(&place.home).starts_with(&message));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn an_empty_file_becomes_a_store() {
    let place = Place::new();
    fs::create_dir_all(place.home.dir()).unwrap();
    fs::write(place.home.database(), "").unwrap();
    place.record("r", &some_run());
    assert_eq!(place.events("r"), some_run());
}

#[test]
fn a_damaged_store_says_so() {
    let place = Place::new();
    let events: Vec<_> = std::iter::once(event(1, started("r")))
        .chain((2..500).map(|seq| warned(seq, &noise(seq, 1000))))
        .collect();
    place.record("r", &events);
    place.keeper().merge().unwrap();
    let path = place.home.database();
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[4096..length].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let store = Store::open_existing(&place.home);
    let error = store.and_then(|store| store.runs().map(drop)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(refusal(&place.home).contains(" is damaged: "));
}

#[test]
fn a_place_where_a_file_stands_in_the_way_is_named() {
    let place = Place::new();
    fs::write(place.home.dir(), "in the way").unwrap();
    let message = refusal(&place.home);
    assert!(message.contains(".scenario"), "{message}");
    assert!(message.contains("hint: "), "{message}");
}

#[test]
fn a_store_locked_for_too_long_says_so() {
    let place = Place::new();
    place.record("r0", &whole_run("r0", &[("a", Outcome::Passed)]));
    let mut raw = place.raw();
    let _standing_still = raw
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .unwrap();
    let message = refusal(&place.home);
    assert!(
        message.contains(" was locked by another process for more than 5s"),
        "{message}"
    );
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

/// Plays the child `name` after `mount` was done in a mount namespace of its own. `None` where that is not permitted.
fn in_own_mounts(mount: &str, name: &str, home: &Home) -> Option<Output> {
    let child = child(name, home);
    let unshare = if is_root() { "-m" } else { "-rm" };
    let run = |script: &str| {
        let mut command = Command::new("unshare");
        command.args([unshare, "sh", "-c", script, "sh"]);
        command.arg(child.get_program()).args(child.get_args());
        for (key, value) in child.get_envs() {
            command.env(key, value.unwrap_or_default());
        }
        command.env("DIR", home.dir()).output().ok()
    };
    run(mount).filter(|output| output.status.success())?;
    run(&format!("{mount} && exec \"$@\""))
}

fn refused_by(output: Option<Output>, expected: &str) {
    let Some(output) = output else {
        eprintln!("skipped: mounting is not permitted here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(expected), "{said}");
}

#[test]
#[ignore = "played in a child process where the disk is small"]
fn fill_the_disk() {
    let Some(home) = given() else { return };
    let (callback, receive) = told();
    let mut writer = Writer::start(&home, &run("r"), callback);
    writer.append(&[event(1, started("r"))]);
    wait_for(&receive, 1);
    for seq in 2..1000 {
        writer.append(&[warned(seq, &noise(seq, 10_000))]);
    }
    let finished = writer.finish(Some(Retention::default()));
    println!("{}", Failure::from(&finished.error.unwrap()).render());
    assert!(finished.dropped > 0 && finished.dropped < 1000);
    let acknowledged = receive
        .try_iter()
        .filter_map(Result::ok)
        .last()
        .unwrap_or(1);
    // What was told to be safe is there, also when there is no room left to merge it.
    let store = Store::open_existing(&home).unwrap();
    let events: Vec<_> = store.events(&run("r")).map(Result::unwrap).collect();
    assert!(events.len() as u64 >= acknowledged);
    assert_eq!(events.len() as u64 + finished.dropped, 999);
}

#[test]
fn a_full_disk_is_told_once_and_what_was_safe_stays() {
    let place = Place::new();
    fs::create_dir_all(place.home.dir()).unwrap();
    let mount = "mount -t tmpfs -o size=600k tmpfs \"$DIR\"";
    let output = in_own_mounts(mount, "trouble::fill_the_disk", &place.home);
    refused_by(output, "there is no space left for the store ");
}

#[test]
#[ignore = "played in a child process where files may not grow"]
fn grow_beyond_the_limit() {
    let Some(home) = given() else { return };
    let mut writer = Writer::start(&home, &run("r"), |_| {});
    writer.append(&[event(1, started("r"))]);
    for seq in 2..100 {
        writer.append(&[warned(seq, &noise(seq, 10_000))]);
    }
    let finished = writer.finish(None);
    println!("{}", Failure::from(&finished.error.unwrap()).render());
    assert!(finished.dropped > 0);
}

#[test]
fn a_file_that_may_not_grow_is_an_error_of_output() {
    let place = Place::new();
    let child = child("trouble::grow_beyond_the_limit", &place.home);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 256; exec \"$@\"", "sh"]);
    command.arg(child.get_program()).args(child.get_args());
    for (key, value) in child.get_envs() {
        command.env(key, value.unwrap_or_default());
    }
    refused_by(command.output().ok(), "input or output failed for ");
}

#[test]
#[ignore = "played in a child process that may not write"]
fn write_where_one_may_not() {
    let Some(home) = given() else { return };
    println!("{}", refusal(&home));
    let store = Store::open_existing(&home);
    match store {
        // It was there before: then it can be read.
        Ok(store) => println!("{} runs can be read", store.runs().unwrap().len()),
        Err(error) => println!("{error}"),
    }
}

/// Plays [`write_where_one_may_not`] where nobody may write to the store.
fn read_only(home: &Home) -> Option<Output> {
    let name = "trouble::write_where_one_may_not";
    if is_root() {
        let mount = "mount --bind \"$DIR\" \"$DIR\" && mount -o remount,bind,ro \"$DIR\"";
        return in_own_mounts(mount, name, home);
    }
    let allow = |path: &Path, mode| {
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    };
    allow(&home.database(), 0o444);
    allow(home.dir(), 0o555);
    let output = child(name, home).output().ok();
    allow(home.dir(), 0o755);
    allow(&home.database(), 0o644);
    output
}

#[test]
fn a_directory_that_cannot_be_written_gets_no_store() {
    let place = Place::new();
    fs::create_dir_all(place.home.dir()).unwrap();
    refused_by(read_only(&place.home), "cannot be written: ");
}

#[test]
fn a_store_that_cannot_be_written_can_be_read() {
    let place = Place::new();
    place.record("r0", &whole_run("r0", &[("a", Outcome::Passed)]));
    place.keeper().merge().unwrap();
    let output = read_only(&place.home);
    refused_by(output, "1 runs can be read");
}
