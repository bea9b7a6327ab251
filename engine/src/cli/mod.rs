//! The command line: one file a subcommand. Nobody imports this.

mod abandon;
mod check;
mod completions;
mod config;
mod definitions;
mod deliver;
mod demo;
mod doctor;
mod down;
mod drive;
mod exit;
mod former;
mod help;
mod init;
mod kept;
mod keys;
mod list;
mod lounge;
mod lsp;
mod merge;
mod new;
mod output;
mod plan;
mod post;
mod prepare;
mod record;
mod repl;
mod repl_run;
mod repl_stack;
mod report;
mod resume;
mod run;
mod runs;
mod scripts;
mod select;
mod serve;
mod show;
mod signal;
mod signals;
mod stacks_up;
mod state;
mod status;
mod stored;
mod system;
mod tell;
mod terminal;
mod up;
mod watch;
mod watch_files;
mod world;
mod written;

pub use exit::Exit;

use clap::{Args, FromArgMatches, Parser, Subcommand};

/// Runs end-to-end scenarios written in Rhai.
#[derive(Parser)]
#[command(
    name = "scenario",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run scenarios: scenario run scenarios/*.rhai
    Run(run::Args),
    /// List scenarios without running them
    List(list::Args),
    /// Check scripts without running them
    Check(check::Args),
    /// Show what a run would do, in which order, and what it leaves out
    Plan(plan::Args),
    /// Go on with a run that was parked or killed
    Resume(resume::Args),
    /// Give a parked or killed run up, doing what its scenarios do at their end
    Abandon(abandon::Args),
    /// Say what a run that goes on is doing
    Status(status::Args),
    /// Send a signal to a run that waits for one
    Signal(signal::Args),
    /// Show or mend the state that scenarios of a parked run carry
    State(state::Args),
    /// Bring a declared stack up for other tools
    Up(up::Args),
    /// End stacks that `up` holds
    Down(down::Args),
    /// List stored runs
    Runs(runs::Args),
    /// Show a stored run as the terminal showed it
    Show(show::Args),
    /// Write a report of a stored run
    Report(report::Args),
    /// Merge the runs of several machines into one
    Merge(merge::Args),
    /// Write a scenario from a curl command, a HAR file or an OpenAPI file
    New(new::Args),
    /// Open a browser and write what you do in it as a scenario
    Record(record::Args),
    /// Write a first scenario.toml and scenario into this folder
    Init(init::Args),
    /// Explore live: type statements, see what they do, save what worked
    Repl(repl::Args),
    /// Start a system to practise on
    Demo(demo::Args),
    /// Say whether this machine has what scenarios need
    Doctor(doctor::Args),
    /// Show the configuration in force
    Config(config::Args),
    /// Serve an editor, over the Language Server Protocol
    Lsp(lsp::Args),
    /// Write what scripts can say as .d.rhai files
    Definitions(definitions::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Explain a topic: scenario help http
    Help(help::Args),
}

/// The arguments of `scenario run`, read without describing the other commands, which takes longer than a small
/// scenario. What it does not understand, help included, is left to the whole command line.
fn run_args() -> Option<run::Args> {
    let mut words = std::env::args_os().skip(1).peekable();
    words.peek().filter(|word| *word == "run")?;
    let command = run::Args::augment_args(clap::Command::new("run"));
    let matches = command.try_get_matches_from(words).ok()?;
    run::Args::from_arg_matches(&matches).ok()
}

/// Parses the command line and runs the command.
pub fn main() -> Exit {
    if let Some(args) = run_args() {
        return run::main(args).unwrap_or_else(|trouble| trouble.print());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Passed
            };
        }
    };
    let result = match cli.command {
        Command::Run(args) => run::main(args),
        Command::List(args) => list::main(args),
        Command::Check(args) => check::main(args),
        Command::Plan(args) => plan::main(args),
        Command::Resume(args) => resume::main(args),
        Command::Abandon(args) => abandon::main(args),
        Command::Status(args) => status::main(&args),
        Command::Signal(args) => signal::main(&args),
        Command::State(args) => state::main(&args),
        Command::Up(args) => up::main(args),
        Command::Down(args) => down::main(&args),
        Command::Runs(args) => runs::main(&args),
        Command::Show(args) => show::main(args),
        Command::Report(args) => report::main(args),
        Command::Merge(args) => merge::main(&args),
        Command::New(args) => new::main(args),
        Command::Record(args) => record::main(args),
        Command::Lsp(args) => lsp::main(&args),
        Command::Definitions(args) => definitions::main(&args),
        Command::Init(args) => init::main(&args),
        Command::Repl(args) => repl::main(args),
        Command::Demo(args) => demo::main(&args),
        Command::Doctor(args) => doctor::main(args),
        Command::Config(args) => config::main(args),
        Command::Completions(args) => {
            completions::main(&args, &mut <Cli as clap::CommandFactory>::command())
        }
        Command::Help(args) => help::main(&args, &mut <Cli as clap::CommandFactory>::command()),
    };
    result.unwrap_or_else(|trouble| trouble.print())
}
