//! What a service is to be, as the script says it. Plain data; what it comes to is decided when it starts.

use crate::guard::{Program, StopPlan};
use crate::host::scope::Extent;
use crate::host::script::Deferred;
use regex::Regex;
use std::collections::BTreeMap;
use std::time::Duration;

/// One service.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: String,
    pub command: Given<Program>,
    pub env: Given<EnvLayer>,
    /// Whether `{{ … }}` is rendered in command, environment and files.
    pub templates: bool,
    /// Relative to the project; the private directory when not given.
    pub cwd: Option<String>,
    pub ports: Vec<PortWish>,
    /// Instead of `http://127.0.0.1:PORT`.
    pub url: Option<String>,
    pub files: Given<Vec<FileWish>>,
    /// Published to whoever uses the service; rendered like the environment.
    pub values: Given<EnvLayer>,
    /// All of these, one after the other; `None` for what is usual.
    pub ready: Option<Vec<Ready>>,
    pub timeout: Duration,
    pub stop: StopPlan,
    pub restart: Restart,
    /// Services of the same stack that must be ready before.
    pub needs: Vec<String>,
    pub extent: Extent,
    /// Whom it runs as when the run is of root.
    pub user: Option<String>,
    pub ignore_exit: bool,
    pub keep: bool,
    pub show_env: bool,
}

/// A value, or the closure that makes it from the services that are up.
#[derive(Clone, Debug)]
pub enum Given<T> {
    Now(T),
    Later(Box<Deferred>),
}

impl<T: Default> Given<T> {
    /// The value; nothing while a closure has still to make it.
    pub fn now(&self) -> T
    where
        T: Clone,
    {
        match self {
            Self::Now(value) => value.clone(),
            Self::Later(_) => T::default(),
        }
    }
}

/// Variables to set, or with `None` to remove.
pub type EnvLayer = BTreeMap<String, Option<String>>;

/// One port by its name.
#[derive(Clone, Debug)]
pub struct PortWish {
    pub name: String,
    pub from: PortFrom,
}

impl PortWish {
    /// Exactly this one.
    pub fn fixed((name, port): &(String, u16)) -> Self {
        Self {
            name: name.clone(),
            from: PortFrom::Fixed(*port),
        }
    }
}

/// Where a port comes from.
#[derive(Clone, Debug)]
pub enum PortFrom {
    /// Any free one.
    Free,
    /// A free one of these.
    Range(u16, u16),
    /// This one or none.
    Fixed(u16),
    /// The service chooses and says so in its log; the first group is the number.
    Log(Regex),
}

/// One file written before the service starts.
#[derive(Clone, Debug)]
pub struct FileWish {
    /// Relative to the private directory.
    pub path: String,
    pub content: Content,
    pub mode: Option<u32>,
}

/// Where a file comes from.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text, rendered.
    Text(String),
    /// A file beside the script, rendered; its text.
    Template { path: String, text: String },
    /// A file beside the script, byte for byte.
    Copy { bytes: Vec<u8> },
}

/// How it is known that a service is ready.
#[derive(Clone, Debug)]
pub enum Ready {
    /// It answers HTTP with one of these statuses.
    Http {
        /// A path of the service's own URL, or a whole URL.
        url: String,
        port: Option<String>,
        statuses: Statuses,
    },
    /// It accepts connections.
    Tcp { port: Option<String> },
    /// It wrote a matching line; named groups become values.
    Log(Regex),
    /// This ends with 0.
    Command(Program),
    /// This is there, relative to the private directory.
    File(String),
    /// This answers true.
    Closure(Deferred),
    /// It has done its work and ended with this code.
    Exit(i32),
    /// It runs.
    Running,
}

/// The HTTP statuses that count as ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// 200 to 399.
    Good,
    These(Vec<u16>),
}

impl Statuses {
    pub fn accept(&self, status: u16) -> bool {
        match self {
            Self::Good => (200..400).contains(&status),
            Self::These(list) => list.contains(&status),
        }
    }
}

impl std::fmt::Display for Statuses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Good => f.write_str("2xx or 3xx"),
            Self::These(list) => {
                let list: Vec<String> = list.iter().map(u16::to_string).collect();
                f.write_str(&list.join(" or "))
            }
        }
    }
}

/// Whether a service that ends by itself is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    pub when: When,
    /// How often at most.
    pub times: u32,
    pub delay: Duration,
}

/// After which ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    #[default]
    Never,
    OnFailure,
    Always,
}

impl Default for Restart {
    fn default() -> Self {
        Self {
            when: When::Never,
            times: 3,
            delay: Duration::from_millis(100),
        }
    }
}

impl Restart {
    /// Whether to start again after the `restarts` it had, now that it ended this way.
    pub fn again(&self, restarts: u32, is_success: bool) -> bool {
        let wanted = match self.when {
            When::Never => false,
            When::OnFailure => !is_success,
            When::Always => true,
        };
        wanted && restarts < self.times
    }
}

impl Spec {
    /// The name of the port that `.port`, `.url` and `PORT` mean: the first of a list; `web`, else `http`, else the first
    /// of a map, whose order is that of the alphabet.
    pub fn first_port(&self) -> Option<&str> {
        self.ports.first().map(|wish| wish.name.as_str())
    }

    /// Whether it is done once it has ended well.
    pub fn is_errand(&self) -> bool {
        self.ready
            .iter()
            .flatten()
            .any(|ready| matches!(ready, Ready::Exit(_)))
    }

    /// How readiness is told: as said, else the first port accepts connections, else it runs.
    pub fn readiness(&self) -> Vec<Ready> {
        match (&self.ready, self.first_port()) {
            (Some(ready), _) => ready.clone(),
            (None, Some(_)) => vec![Ready::Tcp { port: None }],
            (None, None) => vec![Ready::Running],
        }
    }
}
