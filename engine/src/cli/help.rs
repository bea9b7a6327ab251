//! `scenario help [TOPIC]`: the guide pages of the primitives, and a few topics of the command line.

use super::exit::{Exit, TABLE};
use super::tell::{Done, say};
use crate::config::Color;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use scenario_stdlib::{PRIMITIVES, Primitive};

/// Explains a command or a topic.
#[derive(clap::Args)]
pub struct Args {
    /// A command (run), a primitive (http), or exit-codes
    topic: Option<String>,
    /// Whether to write in colour
    #[arg(long, value_name = "WHEN")]
    color: Option<Color>,
}

pub fn main(args: &Args, command: &mut clap::Command) -> Done {
    if let Some(color) = args.color {
        *command = std::mem::take(command).color(match color {
            Color::Auto => clap::ColorChoice::Auto,
            Color::Always => clap::ColorChoice::Always,
            Color::Never => clap::ColorChoice::Never,
        });
    }
    let Some(topic) = args.topic.as_deref() else {
        command.print_long_help()?;
        say(format_args!(
            "\nTopics for `scenario help TOPIC`: {}",
            topics().join(", ")
        ));
        return Ok(Exit::Passed);
    };
    // Only then a subcommand knows how it is called in full, and about colours.
    command.build();
    if let Some(subcommand) = command.find_subcommand_mut(topic) {
        subcommand.print_long_help()?;
    } else if topic == "exit-codes" {
        for (_, code, meaning) in TABLE {
            say(format_args!("{code:>4}  {meaning}"));
        }
        say(format_args!(
            "\nWhere several apply, the one further up wins."
        ));
    } else if let Some((_, text)) = PAGES.iter().find(|(name, _)| *name == topic) {
        say(format_args!("{text}"));
    } else if let Some(primitive) = primitives().find(|primitive| primitive.name == topic) {
        say(format_args!("{}", primitive.guide.trim_end()));
    } else {
        let mut failure = Failure::usage(format!("there is no topic `{topic}`"));
        let topics = topics();
        failure.hint = suggest::hint(topic, topics.iter().map(String::as_str));
        return Err(failure.into());
    }
    Ok(Exit::Passed)
}

/// Topics that are no command and no primitive.
const PAGES: &[(&str, &str)] = &[(
    "fmt",
    "There is no `scenario fmt`: no formatter for Rhai is kept well enough to be relied on (that of the Rhai project was\n\
     never finished, younger ones do not know `assert`). What a line may look like is shown by the scripts that\n\
     `scenario init` and `scenario new` write; `scenario check` finds what is wrong rather than what is ugly.",
)];

fn primitives() -> impl Iterator<Item = &'static Primitive> {
    PRIMITIVES
        .iter()
        .chain([&crate::source::declare::PRIMITIVE])
}

fn topics() -> Vec<String> {
    let mut topics: Vec<String> = primitives()
        .map(|primitive| primitive.name.to_owned())
        .collect();
    topics.push("exit-codes".into());
    topics.extend(PAGES.iter().map(|(name, _)| (*name).to_owned()));
    topics.sort();
    topics
}
