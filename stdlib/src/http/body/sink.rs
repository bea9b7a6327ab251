//! Where a body goes: memory or a file, never more than a limit.

use std::fs::File;
use std::io::{self, Write};

/// Why a sink takes no more. Travels inside an [`io::Error`] through the decoders.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("more than allowed")]
    Overflow,
    #[error("{0}")]
    NotWritten(io::Error),
}

/// Takes bytes up to a limit.
#[derive(Debug)]
pub(crate) struct Sink {
    out: Out,
    room: u64,
    size: u64,
}

#[derive(Debug)]
enum Out {
    Memory(Vec<u8>),
    File(File),
}

impl Sink {
    pub(crate) fn memory(limit: u64) -> Self {
        Self {
            out: Out::Memory(Vec::new()),
            room: limit,
            size: 0,
        }
    }

    pub(crate) fn file(file: File, limit: u64) -> Self {
        Self {
            out: Out::File(file),
            room: limit,
            size: 0,
        }
    }

    /// How much went in.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// What is in memory; a file keeps what it has.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        match &mut self.out {
            Out::Memory(buffer) => std::mem::take(buffer),
            Out::File(_) => Vec::new(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let length = data.len() as u64;
        self.room = self
            .room
            .checked_sub(length)
            .ok_or_else(|| io::Error::other(Refusal::Overflow))?;
        match &mut self.out {
            Out::Memory(buffer) => buffer.extend_from_slice(data),
            Out::File(file) => file
                .write_all(data)
                .map_err(|error| io::Error::other(Refusal::NotWritten(error)))?,
        }
        self.size += length;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn refusal(error: &io::Error) -> Option<&Refusal> {
    error.get_ref()?.downcast_ref()
}

/// Whether the limit is what stopped it.
pub(crate) fn is_overflow(error: &io::Error) -> bool {
    matches!(refusal(error), Some(Refusal::Overflow))
}

/// Why the file took no more, if that is what stopped it.
pub(crate) fn write_error(error: &io::Error) -> Option<String> {
    match refusal(error) {
        Some(Refusal::NotWritten(error)) => Some(error.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_takes_its_limit_and_no_byte_more() {
        let mut sink = Sink::memory(3);
        sink.write_all(b"abc").expect("it fits");
        let error = sink.write_all(b"d").expect_err("it does not fit");
        assert!(is_overflow(&error) && write_error(&error).is_none());
        assert_eq!((sink.size(), sink.take()), (3, b"abc".to_vec()));
    }

    #[test]
    fn a_file_that_cannot_be_written_says_why() {
        let read_only = File::open("/dev/null").expect("a file");
        let error = Sink::file(read_only, 10)
            .write_all(b"x")
            .expect_err("opened for reading");
        assert!(write_error(&error).is_some() && !is_overflow(&error));
    }
}
