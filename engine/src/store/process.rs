//! Which process somebody is, and whether it still lives. A process number alone says nothing: it is used again, and means
//! something else in the next container.

use scenario_stdlib::machine;
use std::fmt;
use std::fs;

/// A process, told apart from all others of this and other machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub host: String,
    /// The boot of the machine and the namespace its process numbers belong to; empty where that cannot be known.
    pub place: String,
    pub pid: u32,
    /// When it began, in ticks of the machine since its boot.
    pub began: u64,
}

/// What is known about a process from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pulse {
    Alive,
    Dead,
    /// It belongs to another machine or container.
    Unknown,
}

impl Process {
    /// This process.
    pub fn current() -> Self {
        let pid = std::process::id();
        Self {
            host: line("/proc/sys/kernel/hostname").unwrap_or_default(),
            place: machine::here(),
            pid,
            began: began(pid).unwrap_or(0),
        }
    }

    /// When the process of this number began, if it runs on this machine.
    pub fn began_of(pid: u32) -> Option<u64> {
        began(pid)
    }

    /// Whether it still lives, seen from this process.
    pub(super) fn pulse(&self) -> Pulse {
        if self.place.is_empty() || self.place != machine::here() {
            return Pulse::Unknown;
        }
        match began(self.pid) {
            Some(began) if began == self.began => Pulse::Alive,
            _ => Pulse::Dead,
        }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on {}", self.pid, self.host)
    }
}

fn line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

/// When the process began, if it runs. A zombie has ended; only its parent has not looked yet.
fn began(pid: u32) -> Option<u64> {
    let seen = machine::look(i32::try_from(pid).ok()?)?;
    (!seen.is_zombie).then_some(seen.began)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_lives_and_one_of_the_same_number_that_began_earlier_does_not() {
        let me = Process::current();
        assert_eq!(me.pulse(), Pulse::Alive);
        let former = Process {
            began: me.began.wrapping_sub(1),
            ..me.clone()
        };
        assert_eq!(former.pulse(), Pulse::Dead);
        let elsewhere = Process {
            place: "another boot".into(),
            ..me
        };
        assert_eq!(elsewhere.pulse(), Pulse::Unknown);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_killed_process_is_dead_even_before_its_parent_looks() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let process = Process {
            pid: child.id(),
            began: began(child.id()).unwrap(),
            ..Process::current()
        };
        assert_eq!(process.pulse(), Pulse::Alive);
        child.kill().unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while process.pulse() == Pulse::Alive && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
        assert_eq!(process.pulse(), Pulse::Dead);
        child.wait().unwrap();
    }
}
