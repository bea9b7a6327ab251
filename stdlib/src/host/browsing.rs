//! How browsers are run unless a script says otherwise: the resolved `[browser]` settings. Plain data.

use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Duration;

/// The settings of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Browsing {
    /// Whether windows are shown.
    pub headed: bool,
    /// How long each action waits before it acts, for people who look on.
    pub slow_mo: Duration,
    pub trace: Tracing,
    /// Where somebody else's WebDriver answers, such as a Selenium Grid; our own is started if there is none.
    pub url: Option<String>,
    /// What is asked of that WebDriver, beside what we ask ourselves.
    pub capabilities: Map<String, Value>,
    /// A size such as `1280x720`, or a device.
    pub viewport: Option<String>,
    /// The attribute `get_by_test_id` looks at; `data-testid` if unset.
    pub test_id_attribute: Option<String>,
    /// How many browsers share the work; chosen by the number of cores if unset.
    pub processes: Option<usize>,
    /// The browser to start, instead of looking for one.
    pub program: Option<PathBuf>,
    /// The driver to start, instead of looking for one.
    pub driver: Option<PathBuf>,
    /// More arguments for the browser.
    pub args: Vec<String>,
}

/// When each action is kept with a picture of before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracing {
    On,
    /// Only those of phases that did not pass.
    RetainOnFailure,
    #[default]
    Off,
}
