//! Reading lines as they come. The keeper says when there is more; nobody polls.

use super::sink::TORN;
use super::text::{self, LONGEST, Raw, Reading};
use super::times;
use super::{Line, Log, Position, State, Stream};
use std::collections::VecDeque;
use tokio::sync::watch;

/// Reads lines as they come; wakes when there are more.
pub struct Follow {
    log: Log,
    files: [Option<Reading>; 2],
    /// How far the files were read.
    places: [u64; 2],
    given: Position,
    ready: VecDeque<Line>,
    state: watch::Receiver<State>,
}

impl Follow {
    pub(super) fn new(log: &Log, from: Position) -> Self {
        Self {
            files: [None, None],
            places: [from.stdout, from.stderr],
            given: from,
            ready: VecDeque::new(),
            state: log.state.clone(),
            log: log.clone(),
        }
    }

    /// The next line; waits for it. `None` when the process and all its descendants are gone and everything was read.
    pub async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                match line.stream {
                    Stream::Stdout => self.given.stdout = line.end,
                    Stream::Stderr => self.given.stderr = line.end,
                }
                return Some(line);
            }
            let (ends, over) = {
                let state = self.state.borrow_and_update();
                let written = &state.written;
                let ends = [written.stdout.end, written.stderr.end];
                (ends, state.ended.is_some())
            };
            let both = [Stream::Stdout, Stream::Stderr]
                .map(|stream| self.read(stream, ends[stream as usize], over));
            if both.iter().any(|lines| !lines.is_empty()) {
                let entries = times::read(self.log.path(Stream::Stdout));
                self.ready.extend(text::merge(both, &entries));
                continue;
            }
            if over || self.state.changed().await.is_err() {
                return None;
            }
        }
    }

    /// Behind the last line given.
    pub fn position(&self) -> Position {
        self.given
    }

    /// Whole lines of one stream up to `end`; the rest too when no more will come.
    fn read(&mut self, stream: Stream, end: u64, over: bool) -> Vec<Raw> {
        let mut lines = Vec::new();
        let place = &mut self.places[stream as usize];
        if *place >= end {
            return lines;
        }
        let file = &mut self.files[stream as usize];
        if file.is_none() {
            *file = Reading::open(self.log.path(stream), self.log.limits.head).ok();
        }
        let Some(Ok(part)) = file.as_ref().map(|file| file.part(*place, LONGEST * 4)) else {
            return lines;
        };
        let mut is_torn = part.cut_before > 0;
        if is_torn {
            lines.push(text::cut_line(&part));
            *place = part.start;
        }
        let read = part.start + part.bytes.len() as u64;
        for piece in part.bytes.split_inclusive(|byte| *byte == b'\n') {
            let is_whole = piece.ends_with(b"\n");
            for piece in piece.chunks(LONGEST) {
                let behind = *place + piece.len() as u64;
                let is_last = (over && behind >= end) || (part.cut_after && behind == read);
                if !is_whole && piece.len() < LONGEST && !is_last {
                    break;
                }
                let mut line = text::line(*place, piece);
                if std::mem::take(&mut is_torn) {
                    line.text.insert_str(0, TORN);
                }
                if part.cut_after && behind == read && !is_whole {
                    line.text.push_str(TORN);
                }
                lines.push(line);
                *place = behind;
            }
        }
        lines
    }
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Follow").field(&self.position()).finish()
    }
}
