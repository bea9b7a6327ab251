//! `scenario record URL`: a browser for a person, and a scenario of what they did in it.

use super::exit::Exit;
use super::signals::arrivals;
use super::system::System;
use super::tell::{Done, Trouble, say};
use super::{drive, prepare, world, written};
use crate::config::{Flags, SettingFlags, Settings};
use crate::draft::{Manner, Recording, transcribe};
use crate::store::{Home, new_run_id};
use jiff::Timestamp;
use scenario_stdlib::browser::record::Recorder;
use scenario_stdlib::guard::Guard;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::world::World;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::SignalKind;

/// Opens a browser, and writes what you do in it as a scenario.
#[derive(clap::Args)]
#[command(
    after_help = "Close the window, or press Ctrl-C here, when you are done. A click with Alt held claims what is there.\n\n\
    Examples:\n  \
    scenario record /login\n  \
    scenario record https://shop.test -o scenarios/order.rhai"
)]
pub struct Args {
    /// Where to begin: an address, or a path below the base URL
    #[arg(default_value = "/")]
    url: String,

    /// Where to write it; a name after the address in scenarios/ if not given
    #[arg(short = 'o', long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Overwrite the file
    #[arg(long)]
    force: bool,

    /// Open no window: something else drives the browser
    #[arg(long)]
    headless: bool,

    #[command(flatten)]
    settings: SettingFlags,
}

/// How long what was started may take to end.
const ENDING_LIMIT: Duration = Duration::from_secs(30);

pub fn main(args: Args) -> Done {
    let flags = Flags {
        settings: args.settings.clone(),
        ..Flags::default()
    };
    let mut settings = prepare::settings(&flags)?;
    settings.browser.headed = !args.headless;
    let runtime = drive::runtime()?;
    let system = System::start(&settings, &runtime)?;
    let done = record(&args, &settings, &runtime, system.base_url.clone());
    system.stop(&runtime);
    done
}

fn record(args: &Args, settings: &Settings, runtime: &Runtime, base_url: Option<String>) -> Done {
    let url = address(&args.url, base_url.as_deref())?;
    let out = place(args, settings, &url)?;
    let home = Home::new(&settings.project.store);
    let run = new_run_id(Timestamp::now());
    let run_dir = home
        .run_dir(&run)
        .map_err(|error| Failure::fault(error.to_string()))?;
    let world = world::world(settings, &run.0, run_dir.clone(), base_url.clone());
    let manner = Manner {
        known: known_secrets(settings),
        folder: format!(
            "{}_files",
            out.file_stem().unwrap_or_default().to_string_lossy()
        ),
        base_url,
    };
    let recorded = runtime.block_on(listen(&world, &url, &out, &manner));
    if let Some(guard) = Guard::existing(&world) {
        guard.finish(ENDING_LIMIT);
    }
    let _ = std::fs::remove_dir_all(run_dir);
    let recording = recorded?;
    conclude(settings, &out, &recording, &manner)
}

/// The address to begin with.
fn address(given: &str, base: Option<&str>) -> Result<String, Failure> {
    if given.contains("://") {
        return Ok(given.to_owned());
    }
    match base {
        Some(base) if given.starts_with('/') => {
            Ok(format!("{}{given}", base.trim_end_matches('/')))
        }
        None if given.starts_with('/') => Err(Failure::usage(format!(
            "the address `{given}` is relative, and there is no base URL"
        ))
        .hint("write it with http://, or set `base_url` in scenario.toml or with --base-url")),
        _ => Ok(format!("http://{given}")),
    }
}

/// Where the script goes.
fn place(args: &Args, settings: &Settings, url: &str) -> Result<PathBuf, Failure> {
    let path = url::Url::parse(url).map(|url| url.path().to_owned());
    let stem = match written::slug(&path.unwrap_or_default()).as_str() {
        "new" => "recorded".to_owned(),
        slug => format!("recorded_{slug}"),
    };
    written::place(settings, args.out.as_deref(), &stem, args.force)
}

/// Names of secrets that the project knows, by value: who types one of them means that one.
fn known_secrets(settings: &Settings) -> BTreeMap<String, String> {
    let named = prepare::environment(settings)
        .into_iter()
        .filter(|(name, value)| crate::draft::is_secret(name) && !value.is_empty());
    let declared = settings
        .secret_values()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    named
        .chain(declared)
        .map(|(name, value)| (value, name))
        .collect()
}

/// Listens until the last window is closed or somebody presses Ctrl-C. What there is so far is written at each deed, so
/// that nothing is lost whatever ends this.
async fn listen(
    world: &World,
    url: &str,
    out: &Path,
    manner: &Manner,
) -> Result<Recording, Trouble> {
    let runtime = tokio::runtime::Handle::current();
    let mut ends = Vec::new();
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        ends.extend(arrivals(&runtime, kind));
    }
    let mut recorder = Recorder::open(world, runtime)
        .await
        .map_err(Failure::from)?;
    recorder.visit(url).await.map_err(Failure::from)?;
    eprintln!("recording {url}");
    eprintln!(
        "Close the window, or press Ctrl-C here, when you are done. Alt and a click claim what is there.\n"
    );
    let mut recording = Recording::default();
    let mut shown = 0;
    loop {
        let heard = tokio::select! {
            heard = recorder.next() => heard,
            () = any(&mut ends) => None,
        };
        let Some(heard) = heard else {
            break;
        };
        recording.hear(heard);
        let transcript = transcribe(&recording, manner);
        let lines = &transcript.lines;
        // The last ones may still become something else.
        for line in lines.iter().take(lines.len().saturating_sub(2)).skip(shown) {
            eprintln!("  {line}");
            shown += 1;
        }
        keep(out, &transcript.script.text, &transcript.files)?;
    }
    recorder.close().await;
    for line in transcribe(&recording, manner).lines.iter().skip(shown) {
        eprintln!("  {line}");
    }
    Ok(recording)
}

/// Resolves when one of the signals arrives.
async fn any(signals: &mut [tokio::signal::unix::Signal]) {
    std::future::poll_fn(|cx| {
        match signals
            .iter_mut()
            .any(|signal| signal.poll_recv(cx).is_ready())
        {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
}

fn keep(out: &Path, text: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    written::put(out, text.as_bytes())?;
    let folder = out.parent().unwrap_or(Path::new("."));
    for (name, bytes) in files {
        written::put(&folder.join(name), bytes)?;
    }
    Ok(())
}

/// Checks what was written, and says how to run it.
fn conclude(settings: &Settings, out: &Path, recording: &Recording, manner: &Manner) -> Done {
    if recording.is_empty() {
        say(format_args!("nothing was done, and nothing written"));
        return Ok(Exit::NothingSelected);
    }
    let transcript = transcribe(recording, manner);
    written::check(settings, out)?;
    let shown = out.strip_prefix(&settings.project.cwd).unwrap_or(out);
    let shown = shown.display();
    say(format_args!(
        "\nwrote    {shown}, {} lines",
        transcript.lines.len()
    ));
    for path in transcript.files.keys() {
        say(format_args!("wrote    {path}, beside it"));
    }
    let known = prepare::environment(settings);
    let is_unknown = |name: &&String| !known.contains_key(*name);
    let unknown: Vec<&String> = transcript
        .script
        .secrets
        .keys()
        .filter(is_unknown)
        .collect();
    for name in &unknown {
        say(format_args!(
            "secret   {name} has no value yet: set it in the shell or in a `.env` that is not committed"
        ));
    }
    let names: Vec<&str> = unknown.iter().map(|name| name.as_str()).collect();
    let why = match names.is_empty() {
        true => String::new(),
        false => format!(" once {} is set", names.join(", ")),
    };
    say(format_args!("\nNow{why}: scenario run {shown}"));
    Ok(Exit::Passed)
}
