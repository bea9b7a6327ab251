//! Data files as JSON values: found beside the script, read up to a limit, parsed with places in every error.

mod beside;
mod csv;
mod json;
mod read;
mod yaml;

pub use beside::beside;
pub use csv::{CsvOptions, parse_csv};
pub use json::parse_json;
pub use read::{LIMIT, Source, read_text};
pub use yaml::parse_yaml;
