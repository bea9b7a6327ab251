//! Reading what [`super::sink`] writes, also while it is written: parts with their place in the stream, lines out of parts,
//! and both streams together.

use super::sink::{MARK, TORN, read_mark};
use super::times::{Entry, Lookup};
use super::{Line, Stream};
use crate::guard::wire::Extent;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// What is longer is shown as several lines.
pub const LONGEST: usize = 64 << 10;

/// Tries to read what is being moved at the same time.
const TRIES: usize = 20;

/// Some bytes of a stream that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub start: u64,
    /// How many bytes in front of them are no longer kept.
    pub cut_before: u64,
    /// What follows them is no longer kept.
    pub cut_after: bool,
    pub bytes: Vec<u8>,
}

/// A line and where it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub start: u64,
    pub end: u64,
    pub text: String,
}

/// A file of one stream.
pub struct Reading {
    file: File,
    head: u64,
}

impl Reading {
    pub fn open(path: &Path, head: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { file, head })
    }

    /// How much was cut out behind the head.
    fn cut(&self) -> u64 {
        let mut mark = [0; MARK as usize];
        match self.file.read_exact_at(&mut mark, self.head) {
            Ok(()) => read_mark(&mark).unwrap_or(0),
            Err(_) => 0,
        }
    }

    /// How much of the stream there was, as far as the file shows.
    pub fn extent(&self) -> io::Result<Extent> {
        let cut = self.cut();
        let length = self.file.metadata()?.len();
        Ok(Extent {
            end: match cut {
                0 => length,
                _ => (length + cut).saturating_sub(MARK),
            },
            cut,
            lost: 0,
        })
    }

    /// The file as it is, with the line that states a cut.
    pub fn whole(&self) -> io::Result<Vec<u8>> {
        let mut tries = 0;
        loop {
            let cut = self.cut();
            let bytes = self.read(0, usize::MAX)?;
            tries += 1;
            if self.cut() == cut || tries == TRIES {
                return Ok(bytes);
            }
        }
    }

    /// Up to `most` bytes from that place in the file on.
    fn read(&self, place: u64, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut buffer = vec![0; most.min(256 << 10)];
        while bytes.len() < most {
            let some = buffer.len().min(most - bytes.len());
            let at = place + bytes.len() as u64;
            match self.file.read_at(&mut buffer[..some], at) {
                Ok(0) => break,
                Ok(count) => bytes.extend(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(bytes)
    }

    /// Up to `most` bytes from byte `from` of the stream on, or from where it goes on after a cut.
    pub fn part(&self, from: u64, most: usize) -> io::Result<Part> {
        let mut tries = 0;
        loop {
            let cut = self.cut();
            let part = self.part_with(cut, from, most)?;
            tries += 1;
            if self.cut() == cut || tries == TRIES {
                return Ok(part);
            }
        }
    }

    fn part_with(&self, cut: u64, from: u64, most: usize) -> io::Result<Part> {
        let (start, place, most) = match cut {
            0 => (from, from, most),
            _ if from < self.head => (from, from, most.min((self.head - from) as usize)),
            _ => {
                let start = from.max(self.head + cut);
                (start, start - cut + MARK, most)
            }
        };
        let bytes = self.read(place, most)?;
        Ok(Part {
            start,
            cut_before: start - from,
            cut_after: cut > 0 && start + bytes.len() as u64 == self.head,
            bytes,
        })
    }

    /// The last `most` bytes, in order.
    pub fn last(&self, most: u64) -> io::Result<Vec<Part>> {
        let length = self.file.metadata()?.len();
        let mut parts = Vec::new();
        let mut from = if length > most {
            let cut = self.cut();
            let end = if cut == 0 {
                length
            } else {
                length - MARK + cut
            };
            end - most
        } else {
            0
        };
        loop {
            let part = self.part(from, usize::MAX)?;
            if part.bytes.is_empty() {
                return Ok(parts);
            }
            from = part.start + part.bytes.len() as u64;
            parts.push(part);
        }
    }
}

/// The lines in parts of one stream. One that is there in part only says so.
pub fn lines(parts: &[Part]) -> Vec<Raw> {
    let mut lines = Vec::new();
    for part in parts {
        if part.cut_before > 0 {
            lines.push(cut_line(part));
        }
        let first = lines.len();
        let mut start = part.start;
        for piece in part.bytes.split_inclusive(|byte| *byte == b'\n') {
            for piece in piece.chunks(LONGEST) {
                lines.push(line(start, piece));
                start += piece.len() as u64;
            }
        }
        if part.start > 0
            && let Some(line) = lines.get_mut(first)
        {
            line.text.insert_str(0, TORN);
        }
        if part.cut_after
            && !part.bytes.ends_with(b"\n")
            && let Some(line) = lines.last_mut()
        {
            line.text.push_str(TORN);
        }
    }
    lines
}

/// Says that something is missing in front of a part.
pub fn cut_line(part: &Part) -> Raw {
    Raw {
        start: part.start,
        end: part.start,
        text: format!("[scenario: {} bytes cut here]", part.cut_before),
    }
}

/// Bytes as a line; its end is left out.
pub fn line(start: u64, bytes: &[u8]) -> Raw {
    let end = start + bytes.len() as u64;
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    Raw {
        start,
        end,
        text: String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Both streams in the order in which they came.
pub fn merge(both: [Vec<Raw>; 2], entries: &[Entry]) -> Vec<Line> {
    let mut all: Vec<(usize, Line)> = Vec::with_capacity(both[0].len() + both[1].len());
    for (stream, lines) in [Stream::Stdout, Stream::Stderr].into_iter().zip(both) {
        let mut lookup = Lookup::new(entries, stream);
        for raw in lines {
            let (place, micros) = lookup.find(raw.start);
            let line = Line {
                at: UNIX_EPOCH + Duration::from_micros(micros),
                stream,
                text: raw.text,
                end: raw.end,
            };
            all.push((place, line));
        }
    }
    // Stable: lines of one write stay as they are.
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sink::Sink;
    use super::*;
    use crate::guard::spawn::Limits;

    fn written(limits: Limits, bytes: &[u8]) -> (tempfile::TempDir, Reading) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut sink = Sink::create(&path, limits).unwrap();
        sink.write(bytes);
        sink.finish();
        (folder, Reading::open(&path, limits.head).unwrap())
    }

    #[test]
    fn reads_around_a_cut() {
        let bytes: Vec<u8> = (0..200_u8).collect();
        let limits = Limits { head: 10, tail: 20 };
        let (_folder, reading) = written(limits, &bytes);
        let head = reading.part(4, 100).unwrap();
        assert_eq!((head.start, head.bytes), (4, bytes[4..10].to_vec()));
        let tail = reading.part(10, 100).unwrap();
        assert_eq!((tail.start, tail.cut_before), (180, 170));
        assert_eq!(tail.bytes, bytes[180..]);
        let rest = reading.part(190, 5).unwrap();
        assert_eq!((rest.start, rest.bytes), (190, bytes[190..195].to_vec()));
        let all = reading.last(u64::MAX).unwrap();
        assert_eq!(all.len(), 2);
        let last = reading.last(5).unwrap();
        assert_eq!(last[0].bytes, bytes[195..]);
    }

    #[test]
    fn a_secret_that_a_cut_tears_is_known_by_what_is_left_of_it() {
        let masker = crate::host::mask::Masker::default();
        masker.add("KEY", "0123456789");
        let between = "between\n".repeat(50);
        let bytes = format!("ab 0123456789 cd\n{between}gh 0123456789 ij").into_bytes();
        let limits = Limits { head: 8, tail: 8 };
        let (folder, reading) = written(limits, &bytes);
        let file = std::fs::read_to_string(folder.path().join("out")).unwrap();
        for text in [
            masker.mask(&file).into_owned(),
            shown(&masker, &reading.last(u64::MAX).unwrap()),
        ] {
            assert!(text.starts_with("ab [masked:KEY]…\n"), "{text}");
            assert!(text.ends_with("\n…[masked:KEY] ij"), "{text}");
        }
        assert_eq!(
            shown(&masker, &reading.last(7).unwrap()),
            "…[masked:KEY] ij"
        );
    }

    fn shown(masker: &crate::host::mask::Masker, parts: &[Part]) -> String {
        let lines = lines(parts).into_iter();
        let masked: Vec<String> = lines
            .map(|line| masker.mask(&line.text).into_owned())
            .collect();
        masked.join("\n")
    }

    #[test]
    fn lines_may_end_in_any_way_and_hold_anything() {
        let bytes = b"one\r\n\xff\x00two\n\nlast".to_vec();
        let (_folder, reading) = written(Limits::default(), &bytes);
        let texts: Vec<String> = lines(&reading.last(u64::MAX).unwrap())
            .into_iter()
            .map(|raw| raw.text)
            .collect();
        assert_eq!(texts, ["one", "\u{fffd}\0two", "", "last"]);
    }

    #[test]
    fn a_line_without_end_is_shown_in_pieces() {
        let bytes = vec![b'x'; LONGEST * 2 + 1];
        let (_folder, reading) = written(Limits::default(), &bytes);
        let lengths: Vec<usize> = lines(&reading.last(u64::MAX).unwrap())
            .iter()
            .map(|raw| raw.text.len())
            .collect();
        assert_eq!(lengths, [LONGEST, LONGEST, 1]);
    }
}
