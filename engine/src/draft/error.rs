//! Why no scenario can be made of something.

use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    #[error("the command line does not begin with `curl`")]
    NotCurl,
    #[error("curl's option `{0}` is not understood")]
    UnknownOption(String),
    #[error("curl's option `{0}` needs a value")]
    NoValue(String),
    #[error("the command line names no URL")]
    NoUrl,
    #[error("\"{0}\" is no URL")]
    BadUrl(String),
    #[error("a quote is not closed: {0}")]
    OpenQuote(String),
    #[error("it is not a HAR file: {0}")]
    NotHar(String),
    #[error(
        "the HAR file holds no request worth a scenario, only {0} of pictures, styles and the like"
    )]
    EmptyHar(usize),
    #[error("it is not an OpenAPI description: {0}")]
    NotOpenApi(String),
    #[error("the description has no operation `{wanted}`")]
    NoOperation { wanted: String, known: Vec<String> },
}

impl DraftError {
    /// The next move.
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotCurl => Some("scenario new -- curl https://…".into()),
            Self::UnknownOption(_) => {
                Some("leave it off, and set what it does in the script that is written".into())
            }
            Self::NoUrl => Some("quote the command as you would for a shell".into()),
            Self::NoOperation { wanted, known } => {
                suggest::hint(wanted, known.iter().map(String::as_str))
            }
            Self::NotOpenApi(_) => Some("versions 3.0 and 3.1 are read, as JSON or YAML".into()),
            Self::NoValue(_)
            | Self::BadUrl(_)
            | Self::OpenQuote(_)
            | Self::NotHar(_)
            | Self::EmptyHar(_) => None,
        }
    }
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        let mut failure = Self::usage(error.to_string());
        failure.hint = error.hint();
        failure
    }
}
