//! Events on their way into one transaction: encoded, cut into rows, and folded into facts. Pure.

use super::error::StoreError;
use super::facts::Facts;
use super::reliance::Weight;
use crate::model::Event;
use crate::model::writing::Clock;
use jiff::Timestamp;

/// Size of a row at which the next one begins, so that a reader never has to hold more than this and one event.
pub(super) const ROW: usize = 256 * 1024;

/// Room kept for the next batch; a burst should not make the process big for ever.
const KEPT_ROOM: usize = 1024 * 1024;

/// Events that will be committed together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    lines: Vec<u8>,
    clock: Clock,
    rows: Vec<Row>,
    pub facts: Facts,
    pub events: u64,
    /// The most that hangs on one of them.
    pub weight: Weight,
}

#[derive(Debug)]
struct Row {
    first: u64,
    last: u64,
    at: Timestamp,
    end: usize,
}

/// One row of the table of events.
#[derive(Debug, PartialEq)]
pub(super) struct Chunk<'b> {
    pub first: u64,
    pub last: u64,
    /// When the last of them happened.
    pub at: Timestamp,
    pub lines: &'b [u8],
}

impl Batch {
    /// Adds one event.
    pub fn push(&mut self, event: &Event) -> Result<(), StoreError> {
        let before = self.lines.len();
        let written = event.write(&mut self.lines, &mut self.clock);
        written.map_err(|error| {
            self.lines.truncate(before);
            StoreError::NotJson {
                seq: event.seq,
                detail: error.to_string(),
            }
        })?;
        self.lines.push(b'\n');
        let end = self.lines.len();
        let full = match self.rows.as_slice() {
            [] => true,
            [row] => row.end >= ROW,
            [.., former, row] => row.end - former.end >= ROW,
        };
        match self.rows.last_mut() {
            Some(row) if !full => {
                row.last = event.seq;
                row.at = event.at;
                row.end = end;
            }
            _ => self.rows.push(Row {
                first: event.seq,
                last: event.seq,
                at: event.at,
                end,
            }),
        }
        self.facts.note(event);
        self.events += 1;
        Ok(())
    }

    /// Bytes of encoded events.
    pub fn bytes(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Position of the newest event.
    pub fn last(&self) -> Option<u64> {
        self.rows.last().map(|row| row.last)
    }

    /// The rows to write.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk<'_>> {
        let begins = std::iter::once(0).chain(self.rows.iter().map(|row| row.end));
        self.rows.iter().zip(begins).map(|(row, begin)| Chunk {
            first: row.first,
            last: row.last,
            at: row.at,
            lines: &self.lines[begin..row.end],
        })
    }

    /// Makes it empty.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.lines.shrink_to(KEPT_ROOM);
        self.rows.clear();
        self.facts.clear();
        self.events = 0;
        self.weight = Weight::Light;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::story;
    use super::*;

    fn lines_in(chunk: &Chunk<'_>) -> u64 {
        chunk.lines.split_inclusive(|byte| *byte == b'\n').count() as u64
    }

    #[test]
    fn a_small_batch_is_one_row() {
        let mut batch = Batch::default();
        for seq in 4..=6 {
            batch.push(&story::warned(seq, "x")).unwrap();
        }
        let chunks: Vec<_> = batch.chunks().collect();
        assert_eq!(chunks.len(), 1);
        assert_eq!((chunks[0].first, chunks[0].last), (4, 6));
        assert_eq!(lines_in(&chunks[0]), 3);
        assert_eq!(batch.last(), Some(6));
    }

    #[test]
    fn a_big_batch_is_cut_between_events_and_nothing_is_lost() {
        let mut batch = Batch::default();
        let text = "y".repeat(100 * 1024);
        for seq in 1..=10 {
            batch.push(&story::warned(seq, &text)).unwrap();
        }
        let chunks: Vec<_> = batch.chunks().collect();
        assert!(chunks.len() > 2);
        let mut next = 1;
        for chunk in &chunks {
            assert_eq!(chunk.first, next);
            assert_eq!(lines_in(chunk), chunk.last - chunk.first + 1);
            assert!(chunk.lines.len() < ROW + 2 * text.len());
            next = chunk.last + 1;
        }
        assert_eq!(next, 11);
    }

    #[test]
    fn a_cleared_batch_is_as_good_as_new() {
        let mut batch = Batch::default();
        batch.push(&story::warned(1, "x")).unwrap();
        batch.weight = Weight::ReliedOn;
        batch.clear();
        assert!(batch.is_empty() && batch.weight == Weight::Light && batch.bytes() == 0);
        batch.push(&story::warned(2, "y")).unwrap();
        assert_eq!(batch.chunks().next().unwrap().first, 2);
    }
}
