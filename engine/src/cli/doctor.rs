//! `scenario doctor`: whether this machine has what scenarios need.

use super::exit::Exit;
use super::prepare;
use super::tell::{Done, say};
use crate::config::{Flags, Settings};
use crate::report::clean::name as clean;
use rustix::process::{Resource, getrlimit};
use scenario_stdlib::browser;
use scenario_stdlib::guard::Guard;
use scenario_stdlib::machine;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Looks at the machine and the project.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub fn main(args: Args) -> Done {
    let settings = prepare::settings(&args.flags)?;
    say(format_args!(
        "scenario {}  {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    ));
    let project = match &settings.project.file {
        Some(file) => file.display().to_string(),
        None => format!(
            "{} (no scenario.toml; `scenario init` writes one)",
            settings.project.root.display()
        ),
    };
    say(format_args!("project      {project}"));
    say(format_args!("profile      {}", settings.project.profile));
    let (store, writable) = store(&settings.project.store);
    say(format_args!("store        {store}"));
    say(format_args!("jobs         {}", settings.run.jobs));
    let files = getrlimit(Resource::Nofile);
    let most = files
        .maximum
        .map_or("unlimited".to_owned(), |n| n.to_string());
    say(format_args!(
        "open files   {most} (raised to this at the start of a run)"
    ));
    if files.maximum.is_some_and(|most| most < 4096) {
        say(format_args!(
            "             low: thousands of scenarios at once need more (ulimit -Hn)"
        ));
    }
    say(format_args!("browser      {}", browser(&settings)));
    say(format_args!("containers   {}", containers(&settings)));
    let (containment, contained) = containment();
    say(format_args!("containment  {containment}"));
    say(format_args!("\nwhat scenarios may require:"));
    let names = settings.requirements.names();
    let env = prepare::environment(&settings);
    let absent = settings.requirements.absent(
        names.iter().map(String::as_str),
        &env,
        &settings.project.root,
    );
    for name in &names {
        match absent.get(name) {
            None => say(format_args!("  {name:<12} there")),
            Some(missing) => say(format_args!("  {name:<12} absent: {missing}")),
        }
    }
    Ok(if writable && contained {
        Exit::Passed
    } else {
        Exit::Fault
    })
}

/// Which browser and driver would be started, and whether they fit together.
fn browser(settings: &Settings) -> String {
    if let Some(url) = &settings.browser.url {
        return format!("those of the WebDriver at {url}");
    }
    let env = prepare::environment(settings);
    let found = match browser::find(&settings.browser, &env) {
        Ok(found) => found,
        Err(error) => {
            return format!("{error} (apt install chromium-headless-shell chromium-driver)");
        }
    };
    let driver = browser::version(&found.driver);
    let said = driver.as_deref().unwrap_or("of unknown version");
    let fits = match (browser::version(&found.browser), &driver) {
        (Some(own), Some(driver)) if found.must_match() && major(&own) != major(driver) => {
            format!(", which does not fit: the browser is {own}")
        }
        _ => String::new(),
    };
    format!(
        "{}\n             driven by {} {said}{fits}",
        found.browser.display(),
        found.driver.display(),
    )
}

/// Whether there is something behind the command that `std/docker` uses: the command alone starts no container.
fn containers(settings: &Settings) -> String {
    let env = prepare::environment(settings);
    let path = env.get("PATH").map_or("", String::as_str);
    let program = ["docker", "podman"].into_iter().find(|name| {
        let mut folders = std::env::split_paths(path);
        folders.any(|folder| folder.join(name).is_file())
    });
    let Some(program) = program else {
        return "neither docker nor podman is here (apt install docker.io)".into();
    };
    match engine(program, path) {
        Ok(()) => format!("{program}, and its engine answers"),
        Err(why) => {
            format!("{program}, and no engine behind it: {why} (systemctl start {program})")
        }
    }
}

/// How long an engine may take to say something.
const ENGINE_LIMIT: Duration = Duration::from_secs(5);

fn engine(program: &str, path: &str) -> Result<(), String> {
    let mut child = Command::new(program)
        .arg("info")
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let until = Instant::now() + ENGINE_LIMIT;
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if Instant::now() >= until => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!(
                    "it says nothing within {} s",
                    ENGINE_LIMIT.as_secs()
                ));
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    // Whatever inherited the pipe may hold it open; what was said stands in it by now.
    if let Some(stderr) = child.stderr.take() {
        let _ = BufReader::new(stderr).read_line(&mut said);
    }
    Err(match said.trim() {
        "" => status.to_string(),
        said => clean(said),
    })
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// What holds together what scenarios start, found out by starting a guard.
fn containment() -> (String, bool) {
    let guard = match Guard::start("doctor", machine::folder()) {
        Ok(guard) => guard,
        Err(error) => return (error.to_string(), false),
    };
    let found = guard.containment();
    let text = format!(
        "{found}\n             host, guard or both killed: nothing is left\n             {}",
        found.explain()
    );
    guard.finish(Duration::from_secs(10));
    (text, true)
}

fn store(folder: &std::path::Path) -> (String, bool) {
    let nearest = folder
        .ancestors()
        .find(|ancestor| ancestor.exists())
        .unwrap_or(folder);
    match tempfile::Builder::new()
        .prefix(".scenario-doctor")
        .tempfile_in(nearest)
    {
        Ok(_) => (folder.display().to_string(), true),
        Err(error) => (
            format!("{}: cannot be written: {error}", folder.display()),
            false,
        ),
    }
}
