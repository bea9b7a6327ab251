//! What can go wrong with a command.

use crate::guard::GuardError;
use crate::host::failure::{Code, Failure};

/// Each way it can.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    #[error("argument {place} of the command must be text or a number")]
    Argument { place: usize, got: String },
    #[error("the variable `{name}` of option `env` of `exec` must be text or a number")]
    Variable { name: String, got: String },
    #[error("option `stdin` of `exec` must be a string or bytes")]
    Input { got: String },
    #[error("option `may_fail` of `exec` must be true, an exit code or a list of them")]
    MayFail { got: String },
    #[error(transparent)]
    Guard(#[from] GuardError),
    #[error("`{command}`: {how}")]
    Failed {
        command: String,
        how: String,
        code: i32,
        said: Said,
    },
    #[error("`{command}` did not end within {limit}")]
    TimedOut {
        command: String,
        limit: String,
        said: Said,
    },
    #[error("the output of `{command}` cannot be read: {error}")]
    Unreadable {
        command: String,
        error: std::io::Error,
    },
    #[error("{} on this machine: not in PATH{}", neither(names), nor(places))]
    NotInstalled {
        names: Vec<String>,
        places: Vec<String>,
        package: Option<String>,
    },
    #[error("the output of `{command}` is not JSON: {why}")]
    NotJson {
        command: String,
        why: String,
        output: String,
    },
}

fn neither(names: &[String]) -> String {
    match names {
        [one] => format!("`{one}` is not"),
        many => format!("neither `{}` is", many.join("` nor `")),
    }
}

fn nor(places: &[String]) -> String {
    match places {
        [] => String::new(),
        places => format!(", nor in {}", places.join(", ")),
    }
}

/// The last lines of a command.
#[derive(Debug, Default)]
pub struct Said {
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// Standard error, where programs complain; else what there is.
    fn add_to(self, failure: Failure) -> Failure {
        match (self.stderr.is_empty(), self.stdout.is_empty()) {
            (false, _) => failure.detail("stderr", block(self.stderr)),
            (true, false) => failure.detail("stdout", block(self.stdout)),
            (true, true) => failure.detail("output", "none"),
        }
    }
}

/// Shown on lines of its own, also when it is a single one.
fn block(text: String) -> String {
    if text.contains('\n') {
        text
    } else {
        text + "\n"
    }
}

impl From<ExecError> for Failure {
    fn from(error: ExecError) -> Self {
        let message = error.to_string();
        match error {
            ExecError::Argument { got, .. } | ExecError::Variable { got, .. } => {
                Self::usage(message).detail("got", got)
            }
            ExecError::Input { got } => Self::usage(message)
                .detail("got", got)
                .hint("value.to_json() makes text of it"),
            ExecError::MayFail { got } => Self::usage(message)
                .detail("got", got)
                .hint("may_fail: true takes any exit code, may_fail: [1, 2] these beside 0"),
            ExecError::Guard(error) => error.into(),
            ExecError::Failed { code, said, .. } => {
                let failure = said.add_to(Self::product(Code::Assertion, message));
                match code {
                    126 => failure.hint("126 says that a program is not executable"),
                    127 => failure.hint("127 says that a program was not found: is it on PATH?"),
                    _ => failure,
                }
            }
            ExecError::TimedOut { said, .. } => {
                let failure = said.add_to(Self::product(Code::WaitTimeout, message));
                failure.hint("raise it with the option `timeout`, or find out what it waits for")
            }
            ExecError::NotInstalled { package, .. } => {
                let mut failure = Self::fault(message);
                failure.hint = package.map(|package| match package.contains(' ') {
                    true => package,
                    false => format!("apt-get install {package}"),
                });
                failure
            }
            ExecError::Unreadable { .. } => Self::fault(message),
            ExecError::NotJson { output, .. } => {
                Self::product(Code::Assertion, message).detail("stdout", block(output))
            }
        }
    }
}
