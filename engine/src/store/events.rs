//! The events of a run, read as a stream: one row at a time, whatever the size of the run, and without holding up the one
//! who writes it.

use super::error::{At, StoreError};
use crate::model::{Event, RunId, What, event};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// What was skipped in reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadNote {
    /// Events of a kind, or with a content, this program does not know.
    Unknown {
        kind: String,
        first: u64,
        count: u64,
    },
    /// Something between these events cannot be read.
    Unreadable { first: u64, last: u64, lines: u64 },
    /// Events are missing between these two.
    Gap { after: u64, next: u64 },
}

impl fmt::Display for ReadNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { kind, first, count } => write!(
                f,
                "{count} events of the kind `{kind}`, the first of them {first}, are not known to this program and were skipped"
            ),
            Self::Unreadable { first, last, lines } => write!(
                f,
                "{lines} lines between the events {first} and {last} cannot be read and were skipped"
            ),
            Self::Gap { after, next } => {
                write!(f, "events are missing between {after} and {next}")
            }
        }
    }
}

/// The events of a run, in order. What cannot be read is skipped and told in the [`notes`](Events::notes).
pub struct Events<'s> {
    conn: &'s Connection,
    path: PathBuf,
    run: RunId,
    /// Everything up to here was given out or skipped.
    after: u64,
    row: Row,
    notes: Vec<ReadNote>,
    is_over: bool,
}

#[derive(Default)]
struct Row {
    lines: String,
    read: usize,
    first: u64,
    last: u64,
}

impl<'s> Events<'s> {
    pub(super) fn new(conn: &'s Connection, path: &Path, run: &RunId, after: u64) -> Self {
        Self {
            conn,
            path: path.to_owned(),
            run: run.clone(),
            after,
            row: Row::default(),
            notes: Vec::new(),
            is_over: false,
        }
    }

    /// What was skipped so far.
    pub fn notes(&self) -> &[ReadNote] {
        &self.notes
    }

    /// What was skipped.
    pub fn into_notes(self) -> Vec<ReadNote> {
        self.notes
    }

    /// Reads the next row; `false` if there is none.
    fn next_row(&mut self) -> Result<bool, StoreError> {
        let row = &mut self.row;
        let found = self
            .conn
            .prepare_cached(
                "SELECT first_seq, last_seq, lines FROM events
                 WHERE run = ?1 AND first_seq > ?2 ORDER BY first_seq LIMIT 1",
            )
            .and_then(|mut select| {
                select
                    .query_row((&self.run.0, self.after as i64), |found| {
                        row.first = found.get::<_, i64>(0)? as u64;
                        row.last = found.get::<_, i64>(1)? as u64;
                        row.read = 0;
                        row.lines.clear();
                        // Bytes that are no text make lines that are no JSON, which is told as such.
                        let bytes = found.get_ref(2)?.as_bytes()?;
                        match std::str::from_utf8(bytes) {
                            Ok(text) => row.lines.push_str(text),
                            Err(_) => row.lines.push_str(&String::from_utf8_lossy(bytes)),
                        }
                        Ok(())
                    })
                    .optional()
            })
            .at(&self.path)?;
        if found.is_none() {
            return Ok(false);
        }
        if row.first != self.after + 1 {
            self.notes.push(ReadNote::Gap {
                after: self.after,
                next: row.first,
            });
        }
        self.after = row.last.max(row.first);
        Ok(true)
    }

    fn note_line(&mut self, line: &str) {
        let value: Option<Value> = serde_json::from_str(line).ok();
        let seq = value.as_ref().and_then(|value| value["seq"].as_u64());
        let (Some(value), Some(seq)) = (value, seq) else {
            return self.note_unreadable();
        };
        let mut kind = value["event"].as_str().unwrap_or("").to_owned();
        if let Some(record) = value["record"].as_str() {
            kind = format!("{kind}/{record}");
        }
        let known = self.notes.iter_mut().find_map(|note| match note {
            ReadNote::Unknown { kind: k, count, .. } if *k == kind => Some(count),
            _ => None,
        });
        match known {
            Some(count) => *count += 1,
            None => self.notes.push(ReadNote::Unknown {
                kind,
                first: seq,
                count: 1,
            }),
        }
    }

    fn note_unreadable(&mut self) {
        let (first, last) = (self.row.first, self.row.last);
        match self.notes.last_mut() {
            Some(ReadNote::Unreadable {
                first: f, lines, ..
            }) if *f == first => *lines += 1,
            _ => self.notes.push(ReadNote::Unreadable {
                first,
                last,
                lines: 1,
            }),
        }
    }

    /// The next event of the row at hand.
    fn next_in_row(&mut self) -> Option<Event> {
        while let Some(rest) = self.row.lines.get(self.row.read..) {
            let line = rest.split_inclusive('\n').next()?;
            let (begin, end) = (self.row.read, self.row.read + line.len());
            self.row.read = end;
            match Event::read(line) {
                Ok(event) => return Some(event),
                Err(_) => {
                    let line = self.row.lines[begin..end].to_owned();
                    self.note_line(&line);
                }
            }
        }
        None
    }
}

impl Iterator for Events<'_> {
    type Item = Result<Event, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            if let Some(event) = self.next_in_row() {
                if let What::RunStarted(started) = &event.what
                    && started.version > event::VERSION
                {
                    self.is_over = true;
                    return Some(Err(StoreError::NewerRun {
                        run: self.run.clone(),
                        found: started.version,
                        known: event::VERSION,
                    }));
                }
                return Some(Ok(event));
            }
            match self.next_row() {
                Ok(true) => {}
                Ok(false) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
