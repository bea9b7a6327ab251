//! Ctrl-C at a prompt: cancels the call that is under way, never the session.

use scenario_stdlib::host::clock::Clock;
use std::sync::{Arc, Mutex, MutexGuard};

/// What is to be cancelled, if anything is under way. Clones share it.
#[derive(Clone, Default)]
pub struct Switch(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    clock: Option<Arc<Clock>>,
    /// How often it was pressed during this call.
    pressed: u32,
    /// Whether it was pressed during any call.
    ever: bool,
}

/// A call is under way until this is dropped.
pub struct Busy<'a>(&'a Switch);

impl Switch {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// A call on this clock begins.
    pub fn begin(&self, clock: &Arc<Clock>) -> Busy<'_> {
        let mut state = self.lock();
        state.clock = Some(clock.clone());
        state.pressed = 0;
        drop(state);
        Busy(self)
    }

    /// Cancels the call; says how often that was tried, `0` if there is none.
    pub fn press(&self, reason: &str) -> u32 {
        let mut state = self.lock();
        let Some(clock) = state.clock.clone() else {
            return 0;
        };
        state.pressed += 1;
        state.ever = true;
        clock.cancel(reason);
        state.pressed
    }

    /// Whether any call was cancelled.
    pub fn was_pressed(&self) -> bool {
        self.lock().ever
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.lock().clock = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn only_what_is_under_way_is_cancelled() {
        let switch = Switch::default();
        assert_eq!(switch.press("Ctrl-C"), 0);
        let clock = Arc::new(Clock::start("the statement", Duration::from_secs(60)));
        let busy = switch.begin(&clock);
        assert_eq!((switch.press("Ctrl-C"), switch.press("Ctrl-C")), (1, 2));
        assert!(clock.stop().is_some());
        drop(busy);
        assert_eq!(switch.press("Ctrl-C"), 0);
    }
}
