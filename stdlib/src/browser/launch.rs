//! How a browser comes up: its driver under the guard, one session, one BiDi socket. Nothing of it is left when that fails.

use super::devtools::DevTools;
use super::driver::{driver, last_words, port_of};
use super::error::BrowserError;
use super::find::{self, Programs};
use super::flags::{self, Launch, Machine};
use super::mapper;
use super::socket::Socket;
use super::wire::Wire;
use crate::guard::{Guard, Process};
use crate::host::browsing::Browsing;
use crate::host::duration;
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

/// How often a driver that finds its port taken is started.
const TRIES: u32 = 5;

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
            joined(url, session, None, None, limit).await
        }
        None => local(world, launch, limit).await,
    }
}

async fn local(world: &World, launch: &Launch, limit: Duration) -> Result<Launched, BrowserError> {
    let programs = programs(world, launch)?;
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
    let mut tries = 0;
    loop {
        tries += 1;
        let process = guard
            .spawn(driver(world, &programs, number, &home, &logs))
            .await?;
        let started = start_session(launch, &programs, &process, &home, limit).await;
        let Err(error) = started else {
            return started;
        };
        process.kill().await;
        // It takes a free port of one family of addresses, and may then find it taken in the other.
        let is_unlucky = matches!(&error, BrowserError::Start { log, .. } if log.contains("Address already in use"));
        if !is_unlucky || tries == TRIES {
            return Err(error);
        }
    }
}

/// Which programs are started: the shell of a browser is enough for all that needs no preferences.
fn programs(world: &World, launch: &Launch) -> Result<Programs, BrowserError> {
    let wanted = Browsing {
        headed: launch.headed || !launch.prefs.is_empty(),
        ..world.browsing.clone()
    };
    let has = |name: &str| world.env.get(name).is_some_and(|value| !value.is_empty());
    if launch.headed && !has("DISPLAY") && !has("WAYLAND_DISPLAY") {
        return Err(BrowserError::NoScreen);
    }
    let programs = find::find(&wanted, &world.env)?;
    match !launch.prefs.is_empty() && find::is_headless_shell(&programs.browser) {
        true => Err(BrowserError::NoPreferences {
            path: programs.browser,
        }),
        false => Ok(programs),
    }
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
        BrowserError::NoSession { reason, .. } | BrowserError::Remote { reason, .. } => {
            not_created(reason, last_words(process))
        }
        other => other,
    })?;
    let (process, home) = (Some(process.clone()), Some(home.to_owned()));
    joined(&url, session, process, home, limit).await
}

/// The DevTools of a browser of ours, past its driver.
async fn devtools(capabilities: &Capabilities, limit: Duration) -> Option<DevTools> {
    let options = capabilities.get("goog:chromeOptions")?;
    let address = options["debuggerAddress"].as_str()?.to_owned();
    let client = client(limit).ok()?;
    let connecting = DevTools::connect(&client, &address);
    let devtools = tokio::time::timeout(limit, connecting).await.ok().flatten();
    // Nobody waits for it.
    tokio::spawn(async move { mapper::quiet(&client, &address).await });
    devtools
}

/// What a driver says, without where in itself it was.
fn first_lines(said: &str) -> String {
    let first: Vec<&str> = said
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Stacktrace") && !line.starts_with('#'))
        .filter(|line| !line.is_empty())
        .collect();
    first.join("; ")
}

/// What a driver says when it cannot start a browser.
fn not_created(reason: String, log: String) -> BrowserError {
    let said = first_lines(&reason);
    match said.contains("only supports Chrome version") {
        true => BrowserError::Versions { said },
        false => BrowserError::Start { reason: said, log },
    }
}

/// The BiDi socket of a session, where its driver says that it is.
async fn socket(
    url: &str,
    capabilities: &Capabilities,
    limit: Duration,
) -> Result<Socket, BrowserError> {
    let Some(address) = capabilities.get("webSocketUrl").and_then(Value::as_str) else {
        return Err(BrowserError::NoBidi {
            url: url.to_owned(),
        });
    };
    let silent = |reason: String| BrowserError::NoSocket {
        address: address.to_owned(),
        reason,
    };
    match tokio::time::timeout(limit, Socket::connect(address)).await {
        Ok(connected) => connected.map_err(|error| silent(error.to_string())),
        Err(_) => Err(silent(format!("no answer in {}", duration::show(limit)))),
    }
}

/// A browser whose session is there.
async fn joined(
    url: &str,
    session: WebDriver,
    process: Option<Process>,
    home: Option<PathBuf>,
    limit: Duration,
) -> Result<Launched, BrowserError> {
    let capabilities = session.capabilities();
    let pid = capabilities.get("goog:processID");
    let pid = pid.or(capabilities.get("moz:processID"));
    let pid = pid.and_then(Value::as_i64);
    let version = capabilities.get("browserVersion").and_then(Value::as_str);
    let version = version.unwrap_or_default().to_owned();
    let is_ours = process.is_some();
    let straight = async {
        match is_ours {
            true => devtools(capabilities, limit).await,
            false => None,
        }
    };
    let (socket, devtools) = tokio::join!(socket(url, capabilities, limit), straight);
    // Ours ends with its process; a session that is dropped would be waited for.
    let session = match is_ours {
        true => {
            let _ = session.leak();
            None
        }
        false => Some(session),
    };
    let socket = match socket {
        Ok(socket) => socket,
        Err(error) => {
            if let Some(session) = session {
                let _ = session.quit().await;
            }
            return Err(error);
        }
    };
    Ok(Launched {
        wire: Wire::new(socket, devtools),
        pid: pid.filter(|_| is_ours).map(|pid| pid as i32),
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
    let client = client(limit).map_err(remote)?;
    let asked: Capabilities = asked.into();
    WebDriver::builder(url, asked)
        .client(client)
        .await
        .map_err(|error| match &*error {
            WebDriverErrorInner::SessionNotCreated(info) => BrowserError::NoSession {
                url: url.to_owned(),
                reason: first_lines(&info.value.message),
            },
            _ => remote(error.to_string()),
        })
}

/// One that asks what is on this machine, or where it is told to.
pub(super) fn client(limit: Duration) -> Result<reqwest::Client, String> {
    let tls = tls_config(&TlsSpec::default()).map_err(|error| error.to_string())?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(limit)
        .build();
    client.map_err(|error| error.to_string())
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
