//! How a process ended, by itself or by us.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// The end of the main process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    pub how: How,
    /// From its start.
    pub after: Duration,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    Code(i32),
    /// Ended by a signal, by its number.
    Signal(i32),
    /// Its keeper was killed, so nobody saw; the guard has ended what was left.
    Lost,
}

impl Exit {
    /// Ended by itself with code 0.
    pub fn is_success(&self) -> bool {
        self.how == How::Code(0)
    }

    /// The exit code; that of a shell (128 + number) for a signal.
    pub fn code(&self) -> i32 {
        match self.how {
            How::Code(code) => code,
            How::Signal(number) => 128 + number,
            How::Lost => 128 + 9,
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(number) => match nix::sys::signal::Signal::try_from(*number) {
                Ok(signal) => write!(f, "killed by {signal}"),
                Err(_) => write!(f, "killed by signal {number}"),
            },
            Self::Lost => f.write_str("lost: its keeper was killed"),
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} after {}",
            self.how,
            crate::host::duration::show(self.after)
        )
    }
}

/// What it took to end a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Needed {
    /// It had ended by itself.
    Nothing,
    /// Its own stop command.
    Command,
    /// The signal of that name.
    Signal(String),
    /// KILL, after the grace.
    Kill,
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("ended by itself"),
            Self::Command => f.write_str("ended by its stop command"),
            Self::Signal(name) => write!(f, "ended by {name}"),
            Self::Kill => f.write_str("killed after its grace"),
        }
    }
}

/// A process that was still there when the main process was gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    pub pid: i32,
    pub command: String,
    /// It had left the process group of the main process, as a daemon does.
    pub escaped: bool,
    /// It was ended by KILL; else by the signal.
    pub killed: bool,
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.escaped { "escaped" } else { "left" };
        let end = if self.killed { "killed" } else { "ended" };
        write!(f, "{what}, {end}: pid {} `{}`", self.pid, self.command)
    }
}

/// The whole story of an end: nothing of the process is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub exit: Exit,
    pub needed: Needed,
    pub leftovers: Vec<Leftover>,
    /// What even KILL could not end, such as a process inside a broken device driver.
    pub survivors: Vec<Leftover>,
    /// From the request to the last process gone.
    pub took: Duration,
}
