//! The terminal of whoever types at a prompt: what Ctrl-C does, where lines are remembered, and how it is left.

use super::signals::arrivals;
use crate::config::Settings;
use crate::repl::Switch;
use crate::report::foreground::is_foreground;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::signal::unix::SignalKind;

/// Ctrl-C cancels a call, and ends a session that nobody types in. Other signals end it; what was started is ended by the
/// guard.
pub fn cancel_on_interrupt(runtime: &Handle, switch: &Switch, interactive: bool) {
    let before = Before::now();
    let pressed = switch.clone();
    let interrupts = arrivals(runtime, SignalKind::interrupt());
    runtime.spawn(async move {
        let Some(mut signals) = interrupts else {
            return;
        };
        while signals.recv().await.is_some() {
            match pressed.press("Ctrl-C") {
                0 if interactive => {}
                0 => std::process::exit(130),
                1 => {}
                2 => eprintln!("it has not stopped yet; once more ends the session"),
                _ => {
                    before.restore();
                    std::process::exit(130);
                }
            }
        }
    });
    for kind in [SignalKind::terminate(), SignalKind::hangup()] {
        let before = Before::now();
        let arrivals = arrivals(runtime, kind);
        runtime.spawn(async move {
            let Some(mut signals) = arrivals else {
                return;
            };
            if signals.recv().await.is_some() {
                before.restore();
                std::process::exit(130);
            }
        });
    }
}

/// The terminal as it was before somebody typed there.
pub struct Before(Option<Termios>);

impl Before {
    pub fn now() -> Self {
        Self(tcgetattr(std::io::stdin()).ok())
    }

    pub fn restore(&self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// Where lines are remembered: with the project if there is one, else with the user.
pub fn history(settings: &Settings) -> Option<PathBuf> {
    let folder = if settings.project.file.is_some() {
        settings.project.store.clone()
    } else {
        let var = |name: &str| std::env::var_os(name).map(PathBuf::from);
        var("XDG_STATE_HOME")
            .or_else(|| Some(var("HOME")?.join(".local/state")))?
            .join("scenario")
    };
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("repl_history"))
}

/// Keys as they are pressed, until this is dropped; none where nobody is there.
pub struct Keys(Option<Before>);

impl Keys {
    pub fn begin() -> Self {
        let input = std::io::stdin();
        let Ok(before) = tcgetattr(&input) else {
            return Self(None);
        };
        if !is_foreground(&input) {
            return Self(None);
        }
        let mut after = before.clone();
        after
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON);
        let set = tcsetattr(&input, OptionalActions::Now, &after);
        Self(set.ok().map(|()| Before(Some(before))))
    }

    /// The next key, if one is pressed before the time is over.
    pub fn next(&self, wait: Duration) -> Option<u8> {
        if self.0.is_none() {
            std::thread::sleep(wait);
            return None;
        }
        let input = std::io::stdin();
        let limit = Timespec::try_from(wait).ok()?;
        let mut fds = [PollFd::new(&input, PollFlags::IN)];
        let ready = poll(&mut fds, Some(&limit)).ok()?;
        let mut key = [0];
        match ready > 0 && rustix::io::read(&input, &mut key).is_ok_and(|read| read == 1) {
            true => Some(key[0]),
            false => None,
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            before.restore();
        }
    }
}
