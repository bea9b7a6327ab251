//! What begins with a colon at the prompt.

use scenario_stdlib::host::suggest;

/// One command.
pub struct Row {
    pub name: &'static str,
    pub takes: &'static str,
    pub help: &'static str,
    make: fn(&str) -> Result<Command, String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Help(String),
    Vars,
    Services,
    Logs { service: String, follow: bool },
    Browser(Vec<String>),
    Reload,
    Load(String),
    Save(String),
    Run(String),
    Phase(String),
    Statements,
    Drop(usize),
    Timeout(String),
    Leave(Way),
    Quit,
}

/// How to go on with a script that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Continue,
    Retry,
    Skip,
}

/// Every command.
pub static COMMANDS: &[Row] = &[
    Row {
        name: "help",
        takes: "[NAME]",
        help: "this list, or what http.get, wait_until, http … do",
        make: |rest| Ok(Command::Help(rest.to_owned())),
    },
    Row {
        name: "vars",
        takes: "",
        help: "variables and functions",
        make: |_| Ok(Command::Vars),
    },
    Row {
        name: "services",
        takes: "",
        help: "services that were started here",
        make: |_| Ok(Command::Services),
    },
    Row {
        name: "logs",
        takes: "SERVICE [-f]",
        help: "what a service wrote; -f follows until Ctrl-C",
        make: logs,
    },
    Row {
        name: "browser",
        takes: "[shot [FILE]|headed|headless]",
        help: "open pages; shot takes a picture of the last, headed shows the next",
        make: |rest| {
            Ok(Command::Browser(
                rest.split_whitespace().map(str::to_owned).collect(),
            ))
        },
    },
    Row {
        name: "load",
        takes: "FILE",
        help: "evaluate a script here",
        make: |rest| path(rest, "load").map(Command::Load),
    },
    Row {
        name: "run",
        takes: "FILE[:LINE]",
        help: "run scenarios as `scenario run` does",
        make: |rest| path(rest, "run").map(Command::Run),
    },
    Row {
        name: "save",
        takes: "FILE",
        help: "write what worked as a scenario",
        make: |rest| path(rest, "save").map(Command::Save),
    },
    Row {
        name: "phase",
        takes: "NAME",
        help: "what follows is saved as this phase",
        make: |rest| match rest {
            "" => Err("name it: :phase validate".into()),
            name => Ok(Command::Phase(name.trim_matches('"').to_owned())),
        },
    },
    Row {
        name: "statements",
        takes: "",
        help: "what :save would write, numbered",
        make: |_| Ok(Command::Statements),
    },
    Row {
        name: "drop",
        takes: "NUMBER",
        help: "leave a statement out of :save",
        make: |rest| match rest.parse() {
            Ok(number @ 1..) => Ok(Command::Drop(number)),
            _ => Err("say which: :drop 3; `:statements` numbers them".into()),
        },
    },
    Row {
        name: "reload",
        takes: "",
        help: "read the file and its modules anew; all else stays",
        make: |_| Ok(Command::Reload),
    },
    Row {
        name: "timeout",
        takes: "TIME",
        help: "how long a statement may take",
        make: |rest| match rest {
            "" => Err("say how long: :timeout 10m".into()),
            time => Ok(Command::Timeout(time.trim_matches('"').to_owned())),
        },
    },
    Row {
        name: "continue",
        takes: "",
        help: "go on with the script that stands still",
        make: |_| Ok(Command::Leave(Way::Continue)),
    },
    Row {
        name: "retry",
        takes: "",
        help: "begin its phase anew, with the file as it is now",
        make: |_| Ok(Command::Leave(Way::Retry)),
    },
    Row {
        name: "skip",
        takes: "",
        help: "leave the rest of its phase out",
        make: |_| Ok(Command::Leave(Way::Skip)),
    },
    Row {
        name: "quit",
        takes: "",
        help: "end the session and what it started; so does Ctrl-D",
        make: |_| Ok(Command::Quit),
    },
];

/// Reads a line that begins with a colon; `visits`: a script stands still, and can be gone on with.
pub fn parse(line: &str) -> Result<Command, String> {
    let line = line.trim().trim_start_matches(':');
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let name = match name {
        "h" | "?" => "help",
        "q" | "exit" => "quit",
        name => name,
    };
    match COMMANDS.iter().find(|row| row.name == name) {
        Some(row) => (row.make)(rest.trim()),
        None => {
            let names = COMMANDS.iter().map(|row| row.name);
            let hint = match suggest::nearest(name, names) {
                Some(near) => format!("did you mean `:{near}`?"),
                None => "`:help` lists them".into(),
            };
            Err(format!("there is no command `:{name}`; {hint}"))
        }
    }
}

/// The words that go on with a script without a colon, for whoever is asked for one of them.
pub fn way(line: &str) -> Option<Way> {
    match line.trim().trim_end_matches(';') {
        "continue" => Some(Way::Continue),
        "retry" => Some(Way::Retry),
        "skip" => Some(Way::Skip),
        _ => None,
    }
}

fn path(rest: &str, command: &str) -> Result<String, String> {
    match rest.trim_matches('"') {
        "" => Err(format!("name a file: :{command} scenarios/new.rhai")),
        path => Ok(path.to_owned()),
    }
}

fn logs(rest: &str) -> Result<Command, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let is_flag = |word: &str| ["-f", "--follow"].contains(&word);
    let follow = words.iter().any(|word| is_flag(word));
    let mut names = words.iter().filter(|word| !is_flag(word));
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(Command::Logs {
            service: (*name).trim_matches('"').to_owned(),
            follow,
        }),
        _ => Err("name one service: :logs db; `:services` lists them".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_their_words() {
        assert_eq!(
            parse(":help http.get"),
            Ok(Command::Help("http.get".into()))
        );
        let logs = Command::Logs {
            service: "db".into(),
            follow: true,
        };
        assert_eq!(parse(":logs -f db"), Ok(logs));
        assert_eq!(parse(":q"), Ok(Command::Quit));
        assert_eq!(parse(":drop 2"), Ok(Command::Drop(2)));
        assert_eq!(way("retry;"), Some(Way::Retry));
    }

    #[test]
    fn a_slip_is_met_with_a_suggestion() {
        let told = parse(":serviecs").unwrap_err();
        assert_eq!(
            told,
            "there is no command `:serviecs`; did you mean `:services`?"
        );
        assert!(parse(":save").unwrap_err().contains("name a file"));
        assert!(parse(":drop 0").is_err());
    }
}
