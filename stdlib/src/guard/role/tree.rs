//! Processes as `/proc` shows them. A number alone is no identity: whoever signals checks when the process began, and holds
//! it by a descriptor meanwhile.

use crate::machine::{Seen, look};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
use std::collections::HashSet;
use std::fs;

/// The children of a process, of all its threads.
pub fn children(pid: i32) -> Vec<i32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for thread in threads.flatten() {
        match fs::read_to_string(thread.path().join("children")) {
            Ok(list) => found.extend(list.split_ascii_whitespace().filter_map(number)),
            // A kernel without that file.
            Err(_) if thread.path().exists() => return children_by_search(pid),
            Err(_) => {}
        }
    }
    found
}

fn children_by_search(pid: i32) -> Vec<i32> {
    all()
        .filter_map(look)
        .filter(|seen| seen.parent == pid)
        .map(|seen| seen.pid)
        .collect()
}

fn number(text: &str) -> Option<i32> {
    text.parse().ok()
}

/// Every process that can be seen.
pub fn all() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| number(entry.file_name().to_str()?))
}

/// Everything below `root` that has not ended, parents before their children.
pub fn descendants(root: i32) -> Vec<Seen> {
    let mut known = HashSet::new();
    let mut found = Vec::new();
    let mut queue = children(root);
    while let Some(pid) = queue.pop() {
        if known.insert(pid)
            && let Some(seen) = look(pid)
        {
            queue.extend(children(pid));
            if !seen.is_zombie {
                found.push(seen);
            }
        }
    }
    found
}

/// The command line, arguments divided by spaces; the name where there is none.
pub fn command(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    let line = if line.trim().is_empty() {
        fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default()
    } else {
        line
    };
    crate::host::json::cut(line.trim(), 200)
}

/// Whether the environment a process was started with holds `NAME=value`, exactly.
pub fn has_variable(pid: i32, name: &str, value: &str) -> bool {
    let wanted = format!("{name}={value}");
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environ
        .split(|byte| *byte == 0)
        .any(|entry| entry == wanted.as_bytes())
}

/// Signals exactly the process that was seen, never another that got its number since.
pub fn send(seen: &Seen, signal: Signal) -> bool {
    let Some(pid) = rustix::process::Pid::from_raw(seen.pid) else {
        return false;
    };
    let held = pidfd_open(pid, PidfdFlags::empty());
    let is_same = look(seen.pid).is_some_and(|now| now.began == seen.began && !now.is_zombie);
    if !is_same {
        return false;
    }
    match (held, rustix::process::Signal::from_named_raw(signal as i32)) {
        (Ok(held), Some(signal)) => pidfd_send_signal(held, signal).is_ok(),
        (Err(rustix::io::Errno::NOSYS), _) => kill(Pid::from_raw(seen.pid), signal).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn g15_a_process_that_began_at_another_time_is_never_signalled() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let seen = look(child.id() as i32).unwrap();
        let former = Seen {
            began: seen.began - 1,
            ..seen.clone()
        };
        assert!(!send(&former, Signal::SIGKILL));
        assert!(child.try_wait().unwrap().is_none());
        assert!(send(&seen, Signal::SIGKILL));
        child.wait().unwrap();
        assert!(!send(&seen, Signal::SIGKILL));
    }

    #[test]
    fn children_of_every_thread_are_found() {
        let mut child = std::thread::spawn(|| Command::new("sleep").arg("60").spawn().unwrap())
            .join()
            .unwrap();
        let me = std::process::id() as i32;
        assert!(
            descendants(me)
                .iter()
                .any(|seen| seen.pid == child.id() as i32)
        );
        assert!(children_by_search(me).contains(&(child.id() as i32)));
        assert!(command(child.id() as i32).starts_with("sleep"));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
