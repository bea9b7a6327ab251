//! How is a driver started, and what does it say? Chromium's and Mozilla's.

use super::find::{self, Programs};
use crate::guard::{Position, Process, Program, Spawn, Stream};
use crate::host::world::World;
use std::path::Path;
use std::time::Duration;

/// The program that drives a browser, with its files in `home`.
pub fn driver(world: &World, programs: &Programs, number: u32, home: &Path, logs: &Path) -> Spawn {
    let mut argv = vec![programs.driver.display().to_string(), "--port=0".into()];
    let mut name = format!("chromedriver-{number}");
    if find::is_firefox(&programs.driver) {
        // It has a port for BiDi of its own, which would be the same for all.
        argv.push("--websocket-port=0".into());
        name = format!("geckodriver-{number}");
    }
    let mut spawn = Spawn::new("browser", name, Program::List(argv), home, logs);
    spawn.env = environment(world, home);
    spawn.stop.grace = Duration::from_secs(2);
    spawn
}

/// Only what a browser needs: what it writes goes to its own directory, and no proxy of this machine is used.
fn environment(world: &World, home: &Path) -> std::collections::BTreeMap<String, String> {
    const KEPT: &[&str] = &[
        "PATH",
        "LANG",
        "LC_ALL",
        "TZ",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
        "XDG_RUNTIME_DIR",
        "LD_LIBRARY_PATH",
        "FONTCONFIG_PATH",
        "FONTCONFIG_FILE",
    ];
    let kept = KEPT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), world.env.get(*name)?.clone())));
    let mut env: std::collections::BTreeMap<_, _> = kept.collect();
    env.insert("HOME".into(), home.display().to_string());
    env.insert("TMPDIR".into(), home.join("tmp").display().to_string());
    env
}

/// Where the driver listens, which is the first thing it says.
pub async fn port_of(process: &Process) -> Option<u16> {
    let mut lines = process.log().follow(Position::default());
    while let Some(line) = lines.next().await {
        if let Some(port) = port_in(&line.text) {
            return Some(port);
        }
    }
    None
}

fn port_in(line: &str) -> Option<u16> {
    let chrome = line.split_once("started successfully on port ");
    let firefox = || line.split_once("\tListening on 127.0.0.1:");
    let (_, rest) = chrome.or_else(firefox)?;
    rest.trim_end_matches('.').parse().ok()
}

/// What it wrote last, for messages.
pub fn last_words(process: &Process) -> String {
    let lines = process.log().tail(20).unwrap_or_default();
    let own = lines.iter().filter(|line| line.stream == Stream::Stderr);
    let words: Vec<&str> = own.map(|line| line.text.as_str()).collect();
    words.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_what_the_driver_says() {
        let said = "ChromeDriver was started successfully on port 40123.";
        assert_eq!(port_in(said), Some(40123));
        let said = "1795293505336\tgeckodriver\tINFO\tListening on 127.0.0.1:37221";
        assert_eq!(port_in(said), Some(37221));
        assert_eq!(port_in("Starting ChromeDriver 156.0.8078.79"), None);
    }
}
