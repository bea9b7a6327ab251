//! A control group of version 2 that holds a guard with all it starts, where one may be made. Nothing can leave it by forking
//! or daemonising, so it is the last net under killed guards and keepers.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where the hierarchy of version 2 may be mounted.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// Makes one below the group of this process and moves this process into it.
pub fn enter(name: &str) -> Option<PathBuf> {
    let group = current()?.join(name);
    fs::create_dir(&group).ok()?;
    let has_kill = group.join("cgroup.kill").exists();
    if has_kill && fs::write(group.join("cgroup.procs"), "0").is_ok() {
        return Some(group);
    }
    let _ = fs::remove_dir(&group);
    None
}

/// The group this process is in.
fn current() -> Option<PathBuf> {
    let list = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = list.lines().find_map(|line| line.strip_prefix("0::"))?;
    MOUNTS
        .iter()
        .map(Path::new)
        .find(|mount| mount.join("cgroup.controllers").exists())
        .map(|mount| mount.join(path.trim_start_matches('/')))
}

/// Moves this process out of `group`, back to where it came from.
pub fn leave(group: &Path) {
    if let Some(parent) = group.parent() {
        let _ = fs::write(parent.join("cgroup.procs"), "0");
    }
}

/// Kills everything in `group` and removes it.
pub fn clear(group: &Path) {
    let _ = fs::write(group.join("cgroup.kill"), "1");
    let until = Instant::now() + Duration::from_secs(2);
    while fs::remove_dir(group).is_err() && group.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(2));
    }
}
