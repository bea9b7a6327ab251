//! `scenario new`: a first scenario from what is there already: a curl command, a HAR file, an OpenAPI description.

use super::exit::Exit;
use super::prepare;
use super::tell::{Done, Trouble, say};
use super::written;
use crate::config::{DEMO, Flags, SettingFlags, Settings};
use crate::draft::{self, Draft, DraftError, Expected, Script, Style};
use crate::model::View;
use crate::store::{Home, Store};
use scenario_stdlib::host::failure::Failure;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes a scenario, checks it, and runs it once.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    scenario new -- curl -X POST https://shop.test/api/orders --json '{\"item\": 7}'\n  \
    scenario new --har shop.har -o scenarios/shop.rhai\n  \
    scenario new --openapi openapi.yaml --operation createOrder")]
pub struct Args {
    /// A curl command, behind `--`
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,

    /// From the requests of a HAR file, as browsers and proxies save it
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    har: Option<PathBuf>,

    /// From an OpenAPI 3 description, JSON or YAML
    #[arg(long, value_name = "FILE", conflicts_with_all = ["command", "har"])]
    openapi: Option<PathBuf>,

    /// Only this operation of the description: its operationId, or "GET /path"
    #[arg(long, value_name = "ID", requires = "openapi")]
    operation: Option<String>,

    /// Where to write it; a name after the request in scenarios/ if not given
    #[arg(short = 'o', long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Overwrite the file
    #[arg(long)]
    force: bool,

    /// Write and check it, but do not run it
    #[arg(long)]
    no_run: bool,

    #[command(flatten)]
    settings: SettingFlags,
}

pub fn main(args: Args) -> Done {
    let draft = read(&args)?;
    let flags = Flags {
        settings: args.settings.clone(),
        ..Flags::default()
    };
    let settings = prepare::settings(&flags)?;
    let file = place(&args, &settings, &draft)?;
    let shown = file
        .strip_prefix(&settings.project.cwd)
        .unwrap_or(&file)
        .display()
        .to_string();
    let is_open = |draft: &Draft| {
        let mut all = draft.scenarios.iter().flat_map(|s| &s.exchanges);
        all.any(|exchange| exchange.expected.is_none())
    };
    let style = Style {
        base_url: base_url(&settings),
        attach: !args.no_run && is_open(&draft),
    };
    let first = draft::write(&draft, &style);
    written::put(&file, first.text.as_bytes())?;
    written::check(&settings, &file)?;
    say(format_args!("wrote    {shown}"));
    let unknown: Vec<&str> = first
        .secrets
        .iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(name, _)| name.as_str())
        .filter(|name| std::env::var_os(name).is_none())
        .collect();
    tell_secrets(&first, &unknown);
    if args.no_run || !unknown.is_empty() {
        let why = match unknown.is_empty() {
            true => String::new(),
            false => format!(" once {} is set", unknown.join(", ")),
        };
        say(format_args!("\nNow{why}: scenario run {shown}"));
        return Ok(Exit::Passed);
    }
    say(format_args!(""));
    let exit = run(&args.settings, &shown, &first)?;
    if style.attach {
        learn(&settings, draft, style, &file)?;
        if exit == Exit::Passed {
            say(format_args!("claimed  what came back, in {shown}"));
        }
    }
    Ok(exit)
}

fn read(args: &Args) -> Result<Draft, Failure> {
    let text = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
    };
    let name = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        stem.into_owned()
    };
    let made: Result<Draft, DraftError> = match (&args.har, &args.openapi) {
        (Some(har), _) => draft::of_har(&text(har)?, &name(har)),
        (None, Some(openapi)) => draft::of_openapi(&text(openapi)?, args.operation.as_deref()),
        (None, None) if args.command.is_empty() => {
            return Err(Failure::usage("nothing says what the scenario is to do")
                .hint("scenario new -- curl …, or --har FILE, or --openapi FILE"));
        }
        (None, None) => draft::of_curl(&args.command),
    };
    made.map_err(Failure::from)
}

/// The address that the project's own requests are relative to.
fn base_url(settings: &Settings) -> Option<String> {
    let url = settings.http.base_url.clone();
    url.filter(|url| url != DEMO)
}

/// Where the script goes, in a folder whose scripts are found without being named.
fn place(args: &Args, settings: &Settings, draft: &Draft) -> Result<PathBuf, Failure> {
    let from = args.har.as_deref().or(args.openapi.as_deref());
    let stem = match (from, args.operation.as_deref()) {
        (Some(_), Some(operation)) => written::slug(operation),
        (Some(from), None) => {
            written::slug(&from.file_stem().unwrap_or_default().to_string_lossy())
        }
        (None, _) => {
            let request = draft.scenarios.first().and_then(|s| s.exchanges.first());
            written::slug(&request.map(|e| e.request.title()).unwrap_or_default())
        }
    };
    written::place(settings, args.out.as_deref(), &stem, args.force)
}

fn tell_secrets(script: &Script, unknown: &[&str]) {
    for name in script.secrets.keys() {
        let told = match unknown.contains(&name.as_str()) {
            true => "has no value yet: set it in the shell or in a `.env` that is not committed",
            false => "stands for a value of the command: this run gets it, later ones need it set",
        };
        say(format_args!("secret   {name} {told}"));
    }
}

/// Runs the file as a person would, with the secrets in its environment, where no list of processes shows them.
fn run(flags: &SettingFlags, file: &str, script: &Script) -> Result<Exit, Trouble> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("run").arg(file);
    let texts = [
        ("--profile", &flags.profile),
        ("--base-url", &flags.base_url),
        ("--store", &flags.store),
    ];
    for (flag, value) in texts {
        if let Some(value) = value {
            command.args([flag, value]);
        }
    }
    for (name, value) in &flags.env {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    for (name, value) in &flags.var {
        command.arg("--var").arg(format!("{name}={value}"));
    }
    let secrets = script.secrets.iter().filter(|(_, value)| !value.is_empty());
    let status = command.envs(secrets).status()?;
    Ok(status.code().map_or(Exit::Interrupted, Exit::of_code))
}

/// Writes the script again, with claims about the answers that came.
fn learn(settings: &Settings, draft: Draft, style: Style, file: &Path) -> Result<(), Trouble> {
    let home = Home::new(&settings.project.store);
    let mut answers = answers(&home).unwrap_or_default();
    let mut draft = draft;
    let exchanges = draft.scenarios.iter_mut().flat_map(|s| &mut s.exchanges);
    for (index, exchange) in exchanges.enumerate() {
        if exchange.expected.is_none() {
            // What went wrong is not what is to be claimed: such a scenario stays red until somebody looks at it.
            let answer = answers.get_mut(index).and_then(Option::take);
            exchange.expected = answer.filter(|answer| answer.status < 400);
        }
    }
    let known = Style {
        attach: false,
        ..style
    };
    written::put(file, draft::write(&draft, &known).text.as_bytes())?;
    written::check(settings, file)
}

/// What came back in the run that has just ended.
fn answers(home: &Home) -> Option<Vec<Option<Expected>>> {
    let store = Store::open_existing(home).ok()?;
    let run = store.find("latest").ok()?;
    let mut view = View::default();
    for event in store.events(&run).by_ref() {
        view.apply(&event.ok()?);
    }
    let folder = home.run_dir(&run).ok()?;
    let tries = view.scenarios.iter().filter_map(|s| s.last_try());
    let attempts = tries
        .flat_map(|tried| &tried.phases)
        .flat_map(|phase| &phase.attempts);
    let mut found = Vec::new();
    for attachment in attempts.flat_map(|attempt| &attempt.attachments) {
        let number = attachment
            .name
            .strip_prefix("answer-")
            .and_then(|rest| rest.strip_suffix(".json"))
            .and_then(|number| number.parse::<usize>().ok());
        let Some(number @ 1..=1000) = number else {
            continue;
        };
        let text = std::fs::read_to_string(folder.join(&attachment.path)).ok();
        let expected = text.and_then(|text| draft::expected(&text));
        found.resize_with(found.len().max(number), || None);
        found[number - 1] = expected;
    }
    Some(found)
}
