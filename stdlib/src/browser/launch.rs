//! How a browser comes up: its driver under the guard, one session, one BiDi socket. Nothing of it is left when that fails.

use super::error::BrowserError;
use super::find::{self, Programs};
use super::flags::{self, Launch, Machine};
use super::wire::Wire;
use crate::guard::{Guard, Position, Process, Program, Spawn, Stream};
use crate::host::browsing::Browsing;
use crate::host::world::World;
use crate::http::body::{TlsSpec, tls_config};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::{Capabilities, WebDriver};

/// How long the driver, and then the browser, may take to come up.
const LIMIT: Duration = Duration::from_secs(60);

/// A browser that has come up.
pub struct Launched {
    pub wire: Wire,
    /// Our own driver; `None` when somebody else's is used.
    pub process: Option<Process>,
    /// Ends the session at somebody else's driver.
    pub session: Option<WebDriver>,
    /// The number of the browser process, where it is on this machine.
    pub pid: Option<i32>,
    /// Where its temporary files are.
    pub home: Option<PathBuf>,
    pub version: String,
}

/// Brings a browser up.
pub async fn launch(world: &World, launch: &Launch) -> Result<Launched, BrowserError> {
    let limit = world.scaled(LIMIT);
    match &world.browsing.url {
        Some(url) => {
            let asked = flags::remote_capabilities(&world.browsing.capabilities);
            let session = session(url, asked, limit).await?;
            joined(url, session, None, None).await
        }
        None => local(world, launch, limit).await,
    }
}

async fn local(world: &World, launch: &Launch, limit: Duration) -> Result<Launched, BrowserError> {
    let browsing = Browsing {
        headed: launch.headed,
        ..world.browsing.clone()
    };
    let programs = find::find(&browsing, &world.env)?;
    let guard = Guard::of(world)?;
    let number = next_number();
    let home = guard.scratch()?.join(format!("browser-{number}"));
    let logs = world.run_dir.join("browser");
    for dir in [&home.join("tmp"), &logs] {
        make_dir(dir).map_err(|error| BrowserError::Start {
            reason: format!("{}: {error}", dir.display()),
            log: String::new(),
        })?;
    }
    let process = guard
        .spawn(driver(world, &programs, number, &home, &logs))
        .await?;
    let started = start_session(launch, &programs, &process, &home, limit).await;
    if started.is_err() {
        process.kill().await;
    }
    started
}

async fn start_session(
    launch: &Launch,
    programs: &Programs,
    process: &Process,
    home: &Path,
    limit: Duration,
) -> Result<Launched, BrowserError> {
    let failed = |reason: String| BrowserError::Start {
        reason,
        log: last_words(process),
    };
    let port = tokio::time::timeout(limit, port_of(process))
        .await
        .ok()
        .flatten()
        .ok_or_else(|| failed("its driver does not say where it listens".into()))?;
    let url = format!("http://127.0.0.1:{port}");
    let profile = home.join("profile");
    let args = flags::arguments(launch, &programs.browser, &profile, Machine::look());
    let asked = flags::capabilities(launch, &programs.browser, args);
    let opened = tokio::select! {
        opened = session(&url, asked, limit) => opened,
        exit = process.exited() => return Err(failed(format!("its driver ended with {exit}"))),
    };
    let session = opened.map_err(|error| match error {
        BrowserError::Remote { reason, .. } => not_created(reason, last_words(process)),
        other => other,
    })?;
    joined(&url, session, Some(process.clone()), Some(home.to_owned())).await
}

/// What a driver says when it cannot start a browser.
fn not_created(reason: String, log: String) -> BrowserError {
    let first: Vec<&str> = reason
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Stacktrace") && !line.starts_with('#'))
        .filter(|line| !line.is_empty())
        .collect();
    let said = first.join("; ");
    match said.contains("only supports Chrome version") {
        true => BrowserError::Versions { said },
        false => BrowserError::Start { reason: said, log },
    }
}

/// The socket of a session.
async fn joined(
    url: &str,
    session: WebDriver,
    process: Option<Process>,
    home: Option<PathBuf>,
) -> Result<Launched, BrowserError> {
    let capabilities = session.capabilities();
    let pid = capabilities.get("goog:processID").and_then(Value::as_i64);
    let version = capabilities.get("browserVersion").and_then(Value::as_str);
    let version = version.unwrap_or_default().to_owned();
    let bidi = session.bidi().await.map_err(|_| BrowserError::NoBidi {
        url: url.to_owned(),
    });
    // Ours ends with its process; a session that is dropped would be waited for.
    let session = match process.is_some() {
        true => {
            let _ = session.leak();
            None
        }
        false => Some(session),
    };
    let bidi = match bidi {
        Ok(bidi) => bidi,
        Err(error) => {
            if let Some(session) = session {
                let _ = session.quit().await;
            }
            return Err(error);
        }
    };
    Ok(Launched {
        wire: Wire::new(bidi),
        pid: pid.filter(|_| process.is_some()).map(|pid| pid as i32),
        process,
        session,
        home,
        version,
    })
}

/// A session of the WebDriver at `url`.
async fn session(
    url: &str,
    asked: Map<String, Value>,
    limit: Duration,
) -> Result<WebDriver, BrowserError> {
    let remote = |reason: String| BrowserError::Remote {
        url: url.to_owned(),
        reason,
    };
    let tls = tls_config(&TlsSpec::default()).map_err(|error| remote(error.to_string()))?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(limit)
        .build()
        .map_err(|error| remote(error.to_string()))?;
    let asked: Capabilities = asked.into();
    WebDriver::builder(url, asked)
        .client(client)
        .await
        .map_err(|error| match &*error {
            WebDriverErrorInner::SessionNotCreated(info) => remote(info.value.message.clone()),
            _ => remote(error.to_string()),
        })
}

fn driver(world: &World, programs: &Programs, number: u32, home: &Path, logs: &Path) -> Spawn {
    let argv = vec![programs.driver.display().to_string(), "--port=0".into()];
    let name = format!("chromedriver-{number}");
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
async fn port_of(process: &Process) -> Option<u16> {
    let mut lines = process.log().follow(Position::default());
    while let Some(line) = lines.next().await {
        if let Some(port) = port_in(&line.text) {
            return Some(port);
        }
    }
    None
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("started successfully on port ")?;
    rest.trim_end_matches('.').parse().ok()
}

fn last_words(process: &Process) -> String {
    let lines = process.log().tail(20).unwrap_or_default();
    let own = lines.iter().filter(|line| line.stream == Stream::Stderr);
    let words: Vec<&str> = own.map(|line| line.text.as_str()).collect();
    words.join("\n")
}

fn make_dir(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_what_the_driver_says() {
        let said = "ChromeDriver was started successfully on port 40123.";
        assert_eq!(port_in(said), Some(40123));
        assert_eq!(port_in("Starting ChromeDriver 156.0.8078.79"), None);
    }

    #[test]
    fn versions_that_do_not_fit_are_said_without_a_stack() {
        let said = "session not created: This version of ChromeDriver only supports Chrome version 156\n\
                    Current browser version is 150.0.1\nStacktrace:\n#0 0x5 <unknown>\n";
        let error = not_created(said.into(), String::new());
        assert_eq!(
            error.to_string(),
            "browser and driver do not fit together: session not created: This version of ChromeDriver only supports \
             Chrome version 156; Current browser version is 150.0.1"
        );
    }
}
