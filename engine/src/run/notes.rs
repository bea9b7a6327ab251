//! The queue into the pump. Most notes can wait a moment and are taken together: waking a thread for each would cost
//! more than what they tell.

use super::pump::Note;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Sends notes; clones send into the same queue.
#[derive(Clone, Default)]
pub struct Notes {
    shared: Arc<Shared>,
}

/// Takes them.
pub struct Inbox {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    bell: Condvar,
}

#[derive(Default)]
struct Queue {
    notes: Vec<Note>,
    urgent: bool,
}

impl Notes {
    /// A queue and its taker.
    pub fn new() -> (Self, Inbox) {
        let notes = Self::default();
        let inbox = Inbox {
            shared: notes.shared.clone(),
        };
        (notes, inbox)
    }

    /// Adds a note. Only one that somebody waits for rings the bell.
    pub fn send(&self, note: Note) {
        let urgent = note.is_urgent();
        let mut queue = self.shared.lock();
        queue.notes.push(note);
        if urgent && !queue.urgent {
            queue.urgent = true;
            drop(queue);
            self.shared.bell.notify_one();
        }
    }
}

impl Inbox {
    /// All notes there are, as soon as one is urgent, else after `wait`.
    pub fn take(&self, wait: Duration) -> Vec<Note> {
        let queue = self.shared.lock();
        let (mut queue, _) = self
            .shared
            .bell
            .wait_timeout_while(queue, wait, |queue| !queue.urgent)
            .unwrap_or_else(|e| e.into_inner());
        queue.urgent = false;
        std::mem::take(&mut queue.notes)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::What;
    use std::time::Instant;

    fn record() -> Note {
        Note::happened(What::Warned { text: "x".into() })
    }

    #[test]
    fn what_can_wait_is_taken_together_with_what_cannot() {
        let (notes, inbox) = Notes::new();
        notes.send(record());
        notes.send(Note::Durable(1));
        let began = Instant::now();
        assert_eq!(inbox.take(Duration::from_secs(60)).len(), 2);
        assert!(began.elapsed() < Duration::from_secs(50));
    }

    #[test]
    fn a_record_alone_is_taken_when_the_time_is_over() {
        let (notes, inbox) = Notes::new();
        notes.send(record());
        assert_eq!(inbox.take(Duration::from_millis(5)).len(), 1);
        assert!(inbox.take(Duration::ZERO).is_empty());
    }

    #[test]
    fn the_bell_wakes_a_taker_on_another_thread() {
        let (notes, inbox) = Notes::new();
        let taker = std::thread::spawn(move || inbox.take(Duration::from_secs(60)).len());
        notes.send(Note::Durable(1));
        assert_eq!(taker.join().unwrap(), 1);
    }
}
