//! The queue into the pump. Most notes can wait a moment and are taken together: waking a thread for each would cost
//! more than what they tell. Some may soon be told better: they are held back for that moment.

use super::pump::Note;
use crate::model::What;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long something is held back at least, unless it is taken back: until the inbox is looked into after that.
pub const HELD: Duration = Duration::from_millis(20);

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
    held: Held,
}

/// What is held back, oldest first, with gaps where something was taken back.
#[derive(Default)]
struct Held {
    notes: VecDeque<Option<Waiting>>,
    /// The number of the first.
    first: u64,
}

struct Waiting {
    since: Instant,
    at: Timestamp,
    what: What,
}

/// The number of what is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

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

    /// Holds back for a moment what happened, for whoever sends it to take it back and tell it together with what follows.
    pub fn hold(&self, at: Timestamp, what: What) -> Ticket {
        self.shared.lock().held.add(Instant::now(), at, what)
    }

    /// What was held back; nothing if it is on its way already.
    pub fn take_back(&self, ticket: Ticket) -> Option<(Timestamp, What)> {
        self.shared.lock().held.take_back(ticket)
    }
}

impl Held {
    fn add(&mut self, since: Instant, at: Timestamp, what: What) -> Ticket {
        let ticket = Ticket(self.first + self.notes.len() as u64);
        self.notes.push_back(Some(Waiting { since, at, what }));
        ticket
    }

    fn take_back(&mut self, ticket: Ticket) -> Option<(Timestamp, What)> {
        let place = usize::try_from(ticket.0.checked_sub(self.first)?).ok()?;
        let Waiting { at, what, .. } = self.notes.get_mut(place)?.take()?;
        self.close_gaps();
        Some((at, what))
    }

    /// The oldest, if it was held back for long enough.
    fn next_due(&mut self, now: Instant) -> Option<Note> {
        let oldest = self.notes.front()?.as_ref()?;
        if now.duration_since(oldest.since) < HELD {
            return None;
        }
        let Waiting { at, what, .. } = self.notes.pop_front()??;
        self.first += 1;
        self.close_gaps();
        Some(Note::Happened(at, what))
    }

    /// The first is never a gap.
    fn close_gaps(&mut self) {
        while matches!(self.notes.front(), Some(None)) {
            self.notes.pop_front();
            self.first += 1;
        }
    }
}

impl Inbox {
    /// All notes there are, as soon as one is urgent, else after `wait`; what was held back, if it was for long enough.
    pub fn take(&self, wait: Duration) -> Vec<Note> {
        let queue = self.shared.lock();
        let (mut queue, _) = self
            .shared
            .bell
            .wait_timeout_while(queue, wait, |queue| !queue.urgent)
            .unwrap_or_else(|e| e.into_inner());
        queue.urgent = false;
        let now = Instant::now();
        while let Some(note) = queue.held.next_due(now) {
            queue.notes.push(note);
        }
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
    fn what_is_held_back_can_be_taken_back_until_it_is_due() {
        let began = Instant::now();
        let what = |text: &str| What::Warned { text: text.into() };
        let told = |note| match note {
            Some(Note::Happened(_, What::Warned { text })) => text,
            other => format!("{other:?}"),
        };
        let mut held = Held::default();
        let add = |held: &mut Held, text, after| {
            held.add(began + after, Timestamp::UNIX_EPOCH, what(text))
        };
        let tickets = ["a", "b", "c", "d"].map(|text| add(&mut held, text, Duration::ZERO));
        assert_eq!(told(held.next_due(began + HELD / 2)), "None", "too early");
        let (_, second) = held.take_back(tickets[1]).expect("it is still there");
        assert_eq!(second, what("b"));
        assert!(held.take_back(tickets[1]).is_none(), "twice");
        assert!(held.take_back(tickets[0]).is_some());
        let late = add(&mut held, "e", HELD / 2);
        assert_eq!(told(held.next_due(began + HELD)), "c");
        assert!(held.take_back(tickets[2]).is_none(), "on its way");
        assert_eq!(told(held.next_due(began + HELD)), "d");
        assert_eq!(told(held.next_due(began + HELD)), "None", "not due");
        assert!(held.take_back(late).is_some());
        assert_eq!(told(held.next_due(began + 2 * HELD)), "None", "taken back");
    }

    #[test]
    fn the_bell_wakes_a_taker_on_another_thread() {
        let (notes, inbox) = Notes::new();
        let taker = std::thread::spawn(move || inbox.take(Duration::from_secs(60)).len());
        notes.send(Note::Durable(1));
        assert_eq!(taker.join().unwrap(), 1);
    }
}
