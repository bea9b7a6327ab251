//! Rows of events on their way to whoever reads them: decoded by a thread of their own once a run turns out to be long, so that
//! reading, decoding and what is made of the events go on at the same time. Knows no SQL.

use super::batch::ROW;
use super::packing;
use crate::model::Event;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

/// How many rows may be under way to the thread and back.
const AHEAD: usize = 4;

/// A row of the table of events.
pub(super) struct Row {
    pub first: u64,
    pub last: u64,
    pub lines: Lines,
}

/// What stands in a row, as it is stored.
pub(super) enum Lines {
    Plain(Vec<u8>),
    Packed(Vec<u8>),
}

impl Lines {
    /// About how many bytes they are when they are read.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Plain(lines) => lines.len(),
            Self::Packed(packed) => packed.len().saturating_mul(packing::RATIO),
        }
    }

    /// The lines as text; nothing, if they cannot be unpacked. What is no text makes lines that are no JSON, which is told as such.
    fn text(self) -> Option<String> {
        let lines = match self {
            Self::Plain(lines) => lines,
            Self::Packed(packed) => packing::unpack(&packed)?,
        };
        let text = String::from_utf8(lines)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Some(text)
    }
}

/// What stands in a row.
pub(super) struct Decoded {
    pub first: u64,
    pub last: u64,
    /// In order; a line that cannot be understood is told as it is.
    pub events: std::vec::IntoIter<Result<Event, String>>,
}

impl Row {
    pub fn decode(self) -> Decoded {
        let events: Vec<_> = match self.lines.text() {
            Some(text) => {
                let lines = text.split_inclusive('\n');
                let read = lines.map(|line| Event::read(line).map_err(|_| line.to_owned()));
                read.collect()
            }
            // All of them are lost. No row has more, whatever it says of itself.
            None => {
                let lost = (self.first..=self.last).take(ROW);
                lost.map(|_| Err(String::new())).collect()
            }
        };
        Decoded {
            first: self.first,
            last: self.last,
            events: events.into_iter(),
        }
    }
}

/// A thread that decodes.
pub(super) struct Decoder {
    rows: SyncSender<Row>,
    decoded: Receiver<Decoded>,
    under_way: usize,
}

impl Decoder {
    /// Nothing, if there cannot be another thread.
    pub fn start() -> Option<Self> {
        let (rows, inbox) = sync_channel::<Row>(AHEAD);
        let (outbox, decoded) = channel();
        // It ends by itself when nobody sends or listens any more.
        let work = move || {
            for row in inbox {
                if outbox.send(row.decode()).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new()
            .name("decoder".into())
            .spawn(work)
            .ok()?;
        Some(Self {
            rows,
            decoded,
            under_way: 0,
        })
    }

    /// Whether another row may be given.
    pub fn has_room(&self) -> bool {
        self.under_way < AHEAD
    }

    pub fn give(&mut self, row: Row) {
        if self.rows.send(row).is_ok() {
            self.under_way += 1;
        }
    }

    /// The next row, in the order they were given; `None` if none is under way.
    pub fn take(&mut self) -> Option<Decoded> {
        self.under_way = self.under_way.checked_sub(1)?;
        self.decoded.recv().ok()
    }
}
