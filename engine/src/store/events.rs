//! The events of a run, read as a stream: one row at a time, whatever the size of the run, and without holding up the one
//! who writes it.

use super::decoding::{Decoded, Decoder, Lines, Row};
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
            Self::Unreadable { first, last, lines } => {
                let (s, were) = if *lines == 1 {
                    ("", "was")
                } else {
                    ("s", "were")
                };
                write!(
                    f,
                    "{lines} line{s} between the events {first} and {last} cannot be read and {were} skipped"
                )
            }
            Self::Gap { after, next } => {
                write!(f, "events are missing between {after} and {next}")
            }
        }
    }
}

/// Bytes of a run that are decoded where they are read; a run with more is worth a thread.
const SHORT: usize = 1024 * 1024;

/// The events of a run, in order. What cannot be read is skipped and told in the [`notes`](Events::notes).
pub struct Events<'s> {
    conn: &'s Connection,
    path: PathBuf,
    run: RunId,
    /// Everything up to here was fetched.
    fetched: u64,
    bytes: usize,
    decoder: Option<Decoder>,
    /// Why nothing more can be fetched; told behind what was.
    broken: Option<StoreError>,
    /// Everything up to here was given out or skipped, or is at hand.
    after: u64,
    at_hand: Option<Decoded>,
    notes: Vec<ReadNote>,
    is_over: bool,
}

impl<'s> Events<'s> {
    pub(super) fn new(conn: &'s Connection, path: &Path, run: &RunId, after: u64) -> Self {
        Self {
            conn,
            path: path.to_owned(),
            run: run.clone(),
            fetched: after,
            bytes: 0,
            decoder: None,
            broken: None,
            after,
            at_hand: None,
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

    fn fetch(&mut self) -> Result<Option<Row>, StoreError> {
        let row = self
            .conn
            .prepare_cached(
                "SELECT first_seq, last_seq, lines, packed FROM events
                 WHERE run = ?1 AND first_seq > ?2 ORDER BY first_seq LIMIT 1",
            )
            .and_then(|mut select| {
                select
                    .query_row((&self.run.0, self.fetched as i64), |found| {
                        let lines = match found.get(3)? {
                            Some(packed) => Lines::Packed(packed),
                            None => Lines::Plain(found.get_ref(2)?.as_bytes()?.to_vec()),
                        };
                        Ok(Row {
                            first: found.get::<_, i64>(0)? as u64,
                            last: found.get::<_, i64>(1)? as u64,
                            lines,
                        })
                    })
                    .optional()
            })
            .at(&self.path)?;
        if let Some(row) = &row {
            self.fetched = row.last.max(row.first);
            self.bytes += row.lines.bytes();
        }
        Ok(row)
    }

    /// The next row, decoded; `None` if there is none.
    fn next_row(&mut self) -> Result<Option<Decoded>, StoreError> {
        if self.decoder.is_none() && self.bytes > SHORT {
            self.decoder = Decoder::start();
            self.bytes = 0;
        }
        let Some(mut decoder) = self.decoder.take() else {
            return Ok(self.fetch()?.map(Row::decode));
        };
        while decoder.has_room() && self.broken.is_none() {
            match self.fetch() {
                Ok(Some(row)) => decoder.give(row),
                Ok(None) => break,
                Err(error) => self.broken = Some(error),
            }
        }
        let decoded = decoder.take();
        self.decoder = Some(decoder);
        match (decoded, self.broken.take()) {
            (None, Some(error)) => Err(error),
            (decoded, broken) => {
                self.broken = broken;
                Ok(decoded)
            }
        }
    }

    /// Goes on to the next row; `false` if there is none.
    fn turn(&mut self) -> Result<bool, StoreError> {
        self.at_hand = self.next_row()?;
        let Some(row) = &self.at_hand else {
            return Ok(false);
        };
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
        let Some(Decoded { first, last, .. }) = self.at_hand else {
            return;
        };
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
        loop {
            match self.at_hand.as_mut()?.events.next()? {
                Ok(event) => return Some(event),
                Err(line) => self.note_line(&line),
            }
        }
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
            match self.turn() {
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
