//! What can be wrong with a question about the outside.

use crate::host::failure::{Code, Failure, Kind};
use crate::host::secret::SecretError;

/// Each way such a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    #[error("environment variable `{name}` is not set")]
    NoSuchEnv { name: String, near: Option<String> },
    #[error("the default of `env` must be text or (), because the environment holds text")]
    DefaultIsNoText { got: String },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("there is no variable `{name}`")]
    NoSuchVar { name: String, near: Option<String> },
    #[error("`run` has no property `{name}`")]
    NoSuchFact { name: String, hint: Option<String> },
    #[error("no base URL is configured")]
    NoBaseUrl,
    #[error("there is no round while the file is loaded")]
    NoRoundYet,
    #[error("`{owner}` cannot be changed")]
    ReadOnly { owner: &'static str },
    #[error("`mask` takes text")]
    NotText { got: String },
}

impl From<EnvError> for Failure {
    fn from(error: EnvError) -> Self {
        let message = error.to_string();
        let usage = || Failure::usage(message.clone());
        let script = || Failure::new(Kind::Usage, Code::Script, message.clone());
        match error {
            EnvError::NoSuchEnv { name, near } => usage().hint(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "set it: --env {name}=…, an env file or the shell; or give a default: env(\"{name}\", \"…\")"
                ),
            }),
            EnvError::DefaultIsNoText { got } => usage()
                .detail("got", got)
                .hint("write it in quotes, and parse the result: parse_int(env(\"PORT\", \"8080\"))"),
            EnvError::Secret(error) => unread(usage(), error),
            EnvError::NoSuchVar { name, near } => script().hint(match near {
                Some(near) => format!("did you mean `vars.{near}`?"),
                None => format!(
                    "set it: --var {name}=…; or use vars.get(\"{name}\") if it may be missing"
                ),
            }),
            EnvError::NoSuchFact { hint, .. } => match hint {
                Some(hint) => script().hint(hint),
                None => script(),
            },
            EnvError::NoBaseUrl => usage().hint(
                "set it: --base-url URL, or base_url in scenario.toml; or use run.get(\"base_url\") if it may be missing",
            ),
            EnvError::NoRoundYet => script().hint("read `run.round` inside a phase"),
            EnvError::ReadOnly { .. } => {
                script().hint("what the script finds out itself belongs on `state`")
            }
            EnvError::NotText { got } => usage()
                .detail("got", got)
                .hint("make it text first: mask(value.to_string())"),
        }
    }
}

fn unread(failure: Failure, error: SecretError) -> Failure {
    match error {
        SecretError::Missing { name, near } => {
            let failure = failure.detail(
                "looked in",
                format!("the environment variables `{name}` and `{name}_FILE`, both not set"),
            );
            failure.hint(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!("set {name} in the environment, or {name}_FILE to a file that holds it")
                }
            })
        }
        SecretError::Empty { .. } => failure.hint("an empty secret is taken for a forgotten one"),
        SecretError::Unreadable { name, path, .. } => failure.detail(
            "looked in",
            format!("{}, named by `{name}_FILE`", path.display()),
        ),
    }
}
