//! Who holds a port, as far as the kernel tells: a process that is in the way is named and left alone.

use std::collections::HashSet;
use std::fmt;
use std::fs;

/// The process behind a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub pid: i32,
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {} `{}`", self.pid, self.command)
    }
}

/// States of the kernel's tables: a listening TCP socket, and any bound UDP socket.
const TABLES: &[(&str, Option<&str>)] = &[
    ("/proc/net/tcp", Some("0A")),
    ("/proc/net/tcp6", Some("0A")),
    ("/proc/net/udp", None),
    ("/proc/net/udp6", None),
];

/// The process that holds `port`; `None` when it cannot be told, for example because it is another user's.
pub fn of(port: u16) -> Option<Holder> {
    let sockets: HashSet<String> = TABLES
        .iter()
        .filter_map(|(path, state)| Some((fs::read_to_string(path).ok()?, *state)))
        .flat_map(|(table, state)| inodes(&table, port, state))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if sockets.is_empty() {
        return None;
    }
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let holds = fs::read_dir(entry.path().join("fd"))
            .ok()?
            .flatten()
            .filter_map(|fd| fs::read_link(fd.path()).ok())
            .any(|target| target.to_str().is_some_and(|name| sockets.contains(name)));
        holds.then(|| Holder {
            pid,
            command: command(pid),
        })
    })
}

/// The socket inodes of a table that are bound to `port`, in `state` if one is given.
fn inodes(table: &str, port: u16, state: Option<&str>) -> Vec<String> {
    let local = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (address, its_state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
            let fits = address.ends_with(&local) && state.is_none_or(|state| state == *its_state);
            (fits && *inode != "0").then(|| (*inode).to_owned())
        })
        .collect()
}

fn command(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<_> = line
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(String::from_utf8_lossy)
        .collect();
    match words.is_empty() {
        true => fs::read_to_string(format!("/proc/{pid}/comm"))
            .unwrap_or_default()
            .trim()
            .to_owned(),
        false => crate::host::json::cut(&words.join(" "), 120),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_table_of_the_kernel_is_read_by_port_and_state() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
             0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n   \
             1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0\n   \
             2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0\n";
        assert_eq!(inodes(table, 8080, Some("0A")), ["4711"]);
        assert_eq!(inodes(table, 8080, None), ["4711", "4712"]);
        assert!(inodes(table, 80, Some("0A")).is_empty());
    }

    #[test]
    fn the_holder_of_a_port_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let holder = of(listener.local_addr().unwrap().port()).unwrap();
        assert_eq!(holder.pid, std::process::id() as i32);
        assert!(holder.command.contains("scenario_stdlib"), "{holder}");
    }
}
