//! When each part of the output came: an index beside the two files. It tells the time of a line, and how the lines of both
//! streams interleave. As long as there is room every write is an entry; a flood makes it coarser, never bigger.

use super::Stream;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes of an entry in the file.
const SIZE: usize = 16;

/// The most entries there are.
const MOST: usize = 64 << 10;

/// From this byte of that stream on, the output came at this time or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Microseconds since 1970.
    pub micros: u64,
    pub stream: Stream,
    pub start: u64,
}

/// Where the index of the output in `stdout` stands.
pub fn path(stdout: &Path) -> PathBuf {
    let mut name = stdout.as_os_str().to_owned();
    name.push(".times");
    name.into()
}

/// The index while it is written.
pub struct Times {
    path: PathBuf,
    file: Option<File>,
    entries: Vec<Entry>,
    /// Microseconds that entries of one stream are apart, at least.
    apart: u64,
    /// There was a flood: the order of writes that lie closer is no longer kept.
    coarse: bool,
}

impl Times {
    pub fn create(stdout: &Path) -> io::Result<Self> {
        let path = path(stdout);
        Ok(Self {
            file: Some(File::create(&path)?),
            path,
            entries: Vec::new(),
            apart: 1000,
            coarse: false,
        })
    }

    /// The byte `start` of `stream` came at `micros`.
    pub fn note(&mut self, micros: u64, stream: Stream, start: u64) {
        let recent = if self.coarse {
            let back = self.entries.iter().rev();
            back.take(8).find(|entry| entry.stream == stream)
        } else {
            self.entries.last().filter(|entry| entry.stream == stream)
        };
        if recent.is_some_and(|entry| micros.saturating_sub(entry.micros) < self.apart) {
            return;
        }
        let entry = Entry {
            micros,
            stream,
            start,
        };
        self.entries.push(entry);
        if self.entries.len() >= MOST {
            self.thin();
        } else if let Some(file) = &mut self.file {
            // Without its index the output is still there, only its times are not.
            let _ = file.write_all(&encode(&entry));
        }
    }

    /// Halves the index: entries are farther apart, and the file is written anew.
    fn thin(&mut self) {
        self.coarse = true;
        while self.entries.len() >= MOST / 2 {
            self.apart *= 2;
            let mut last: [Option<u64>; 2] = [None; 2];
            let apart = self.apart;
            self.entries.retain(|entry| {
                let last = &mut last[entry.stream as usize];
                let keeps = last.is_none_or(|at| entry.micros.saturating_sub(at) >= apart);
                if keeps {
                    *last = Some(entry.micros);
                }
                keeps
            });
        }
        let new = self.path.with_extension("times-new");
        let bytes: Vec<u8> = self.entries.iter().flat_map(encode).collect();
        let written = std::fs::write(&new, bytes).and_then(|()| std::fs::rename(&new, &self.path));
        self.file = match written {
            Ok(()) => File::options().append(true).open(&self.path).ok(),
            Err(_) => None,
        };
    }
}

fn encode(entry: &Entry) -> [u8; SIZE] {
    let place = entry.start << 1 | entry.stream as u64;
    let mut bytes = [0; SIZE];
    bytes[..8].copy_from_slice(&entry.micros.to_le_bytes());
    bytes[8..].copy_from_slice(&place.to_le_bytes());
    bytes
}

/// Reads the index of the output in `stdout`. One that is not there has no entries.
pub fn read(stdout: &Path) -> Vec<Entry> {
    let bytes = std::fs::read(path(stdout)).unwrap_or_default();
    let number = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
    bytes
        .chunks_exact(SIZE)
        .map(|bytes| {
            let place = number(&bytes[8..]);
            Entry {
                micros: number(&bytes[..8]),
                stream: if place & 1 == 0 {
                    Stream::Stdout
                } else {
                    Stream::Stderr
                },
                start: place >> 1,
            }
        })
        .collect()
}

/// Looks up when a byte of one stream came. Bytes have to be asked for in their order.
pub struct Lookup<'a> {
    entries: &'a [Entry],
    stream: Stream,
    at: usize,
    found: Option<(usize, u64)>,
}

impl<'a> Lookup<'a> {
    pub fn new(entries: &'a [Entry], stream: Stream) -> Self {
        Self {
            entries,
            stream,
            at: 0,
            found: None,
        }
    }

    /// The place in the index and the time, in microseconds, of the write that brought byte `start`.
    pub fn find(&mut self, start: u64) -> (usize, u64) {
        while let Some(entry) = self.entries.get(self.at) {
            if entry.stream == self.stream {
                if entry.start > start {
                    break;
                }
                self.found = Some((self.at, entry.micros));
            }
            self.at += 1;
        }
        self.found.unwrap_or((0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let stdout = folder.path().join("a.out");
        let mut times = Times::create(&stdout).unwrap();
        times.note(10_000, Stream::Stdout, 0);
        times.note(10_400, Stream::Stdout, 7);
        times.note(10_500, Stream::Stderr, 0);
        times.note(12_000, Stream::Stdout, 9);
        let entries = read(&stdout);
        assert_eq!(entries, times.entries);
        let starts: Vec<u64> = entries.iter().map(|entry| entry.start).collect();
        assert_eq!(starts, [0, 0, 9]);
        let mut lookup = Lookup::new(&entries, Stream::Stdout);
        assert_eq!(lookup.find(0), (0, 10_000));
        assert_eq!(lookup.find(8), (0, 10_000));
        assert_eq!(lookup.find(9), (2, 12_000));
    }

    #[test]
    fn a_flood_of_writes_makes_it_coarser_and_not_bigger() {
        let folder = tempfile::tempdir().unwrap();
        let stdout = folder.path().join("a.out");
        let mut times = Times::create(&stdout).unwrap();
        for n in 0..500_000_u64 {
            let stream = [Stream::Stdout, Stream::Stderr][n as usize % 2];
            times.note(n * 100, stream, n);
        }
        assert!(times.entries.len() < MOST);
        let entries = read(&stdout);
        assert_eq!(entries, times.entries);
        assert!(entries.is_sorted_by_key(|entry| entry.micros));
        let last = entries.last().unwrap();
        assert!(last.micros > 49_000_000, "{last:?}");
    }
}
