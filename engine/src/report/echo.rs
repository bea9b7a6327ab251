//! What a terminal writes when a key is pressed, such as `^C`. Where something is drawn, it pushes the picture a line down,
//! and what is drawn over would stay; so the terminal is asked not to write it for as long as a picture stands there, and
//! to hand over each key at once.

use super::foreground::is_foreground;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io;
use std::sync::{Mutex, PoisonError};

/// The terminal as it was, while it is silenced.
#[derive(Default)]
pub struct Silence(Mutex<Option<Termios>>);

impl Silence {
    /// Silences the terminal that stderr is, if it is in our hands: from the background, asking would stop this process.
    pub fn begin() -> Self {
        let silence = Self::default();
        silence.begin_again();
        silence
    }

    /// Silences it once more, after it was given back.
    pub fn begin_again(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_some() {
            return;
        }
        if let (true, Ok(before)) = (is_foreground(io::stderr()), tcgetattr(io::stderr())) {
            let mut after = before.clone();
            let echoes = LocalModes::ECHOCTL | LocalModes::ECHO | LocalModes::ICANON;
            after.local_modes.remove(echoes);
            if tcsetattr(io::stderr(), OptionalActions::Now, &after).is_ok() {
                *kept = Some(before);
            }
        }
    }

    /// Gives the terminal back as it was.
    pub fn end(&self) {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = before.filter(|_| is_foreground(io::stderr())) {
            let _ = tcsetattr(io::stderr(), OptionalActions::Now, &before);
        }
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        self.end();
    }
}
