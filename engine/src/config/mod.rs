//! scenario.toml, profiles, env files, the environment and flags, resolved once into one [`Settings`] value in which
//! every value knows where it came from. Past this folder no one looks at flags or the environment.
//!
//! [`load`] is the door: it reads files, decides and never prints. Low to high, a setting comes from its default, the
//! top of scenario.toml, `[profile.default]`, the chosen profile, a `SCENARIO_…` variable, a flag.

mod build;
mod envfile;
mod environment;
mod error;
mod explain;
mod file;
mod flags;
mod keys;
mod layers;
mod load;
mod profiles;
mod requirements;
mod secrets;
mod settings;
mod settle;
mod text;
mod typed;
mod value;

#[cfg(test)]
mod tests;

pub use environment::Variables;
pub use error::ConfigError;
pub use explain::Explained;
pub use flags::{Color, Flags, OnFailure, OutputFlags, RunFlags, SelectFlags, SettingFlags};
pub use keys::{KEYS, Key, OPEN_TABLES};
pub use layers::{Entry, Layers, Origin, Set};
pub use load::{Invocation, load};
pub use requirements::{Requirement, Requirements};
pub use settings::{
    Flaky, Http, Keep, Output, Project, Reporter, Retention, Run, Select, Settings, Time,
};
pub use value::{DEMO, Kind};
