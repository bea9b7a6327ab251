//! From nothing to a scenario: requests as other tools write them down (a curl command line, a HAR file, an OpenAPI
//! description) and what a person did in a browser become a script in our own style. Pure: text goes in, text comes out; nothing is sent or written here.

mod curl;
mod error;
mod flags;
mod har;
mod noise;
mod openapi;
mod recording;
mod render;
mod request;
mod schema;
mod script;
mod secrets;
mod shape;
mod shell;
#[cfg(test)]
mod tests;
mod transcript;
#[cfg(test)]
mod transcript_tests;

pub use curl::of_curl;
pub use error::DraftError;
pub use har::of_har;
pub use openapi::of_openapi;
pub use recording::Recording;
pub use request::{Body, Draft, Exchange, Expected, Request, expected};
pub use script::{Script, Style, write};
pub use secrets::is_secret;
pub use shell::split;
pub use transcript::{Manner, transcribe};
