//! Which process a number means. A number alone says nothing: it is used again, and means something else in the next
//! container.

use std::fs;

/// A process at the moment of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub pid: i32,
    pub parent: i32,
    pub group: i32,
    pub session: i32,
    /// In ticks since the boot of the machine.
    pub began: u64,
    /// It has ended; only its parent has not looked yet.
    pub is_zombie: bool,
}

/// The process of this number.
pub fn look(pid: i32) -> Option<Seen> {
    parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Out of `/proc/PID/stat`. The name in it may hold anything, so what counts begins behind the last bracket
/// (proc_pid_stat(5): state is field 3, start time field 22).
fn parse(pid: i32, stat: &str) -> Option<Seen> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<i32>().ok();
    Some(Seen {
        pid,
        parent: number(4)?,
        group: number(5)?,
        session: number(6)?,
        began: fields.get(22 - 3)?.parse().ok()?,
        is_zombie: matches!(fields.first(), Some(&("Z" | "X" | "x"))),
    })
}

/// Where process numbers mean what they mean to this process: the boot of the machine and the namespace. Empty where that
/// cannot be known.
pub fn here() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let namespace = fs::read_link("/proc/self/ns/pid");
    match (boot, namespace) {
        (Ok(boot), Ok(namespace)) => format!("{}/{}", boot.trim(), namespace.display()),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_process_name_does_not_confuse() {
        let stat = "7 (a) Z 1 (b) S 3 5 6 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9";
        let seen = parse(7, stat).unwrap();
        assert_eq!((seen.parent, seen.group, seen.session), (3, 5, 6));
        assert_eq!((seen.began, seen.is_zombie), (4711, false));
        assert!(parse(7, &stat.replace(") S ", ") Z ")).unwrap().is_zombie);
        assert_eq!(parse(7, "nonsense"), None);
    }
}
