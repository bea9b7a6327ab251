//! One stream as a file that never grows beyond its limits: its beginning, a line that states the cut, and its end. At any
//! moment the file can be read as it is, by people and by [`super::text`].

use crate::guard::spawn::Limits;
use crate::guard::wire::Extent;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Length of the line that states a cut; the number in it is padded, so that it can be replaced in place.
pub const MARK: u64 = 49 + 2 * TORN.len() as u64;

/// Stands where a line is torn: part of a secret beside it is known as such.
pub const TORN: &str = "…";

/// The line that states a cut.
pub fn mark(cut: u64) -> String {
    format!("{TORN}\n[scenario: {cut:>20} bytes cut here]\n{TORN}")
}

/// What such a line says, if it is one.
pub fn read_mark(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let number = text.strip_prefix(TORN)?.strip_prefix("\n[scenario: ")?;
    number
        .strip_suffix(TORN)?
        .strip_suffix(" bytes cut here]\n")?
        .trim_start()
        .parse()
        .ok()
}

/// The file while it is written.
pub struct Sink {
    file: File,
    limits: Limits,
    extent: Extent,
    /// Lost since the last write that worked.
    gap: u64,
    trouble: Option<String>,
}

impl Sink {
    pub fn create(path: &Path, limits: Limits) -> io::Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        Ok(Self {
            file,
            limits,
            extent: Extent::default(),
            gap: 0,
            trouble: None,
        })
    }

    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Why bytes were lost.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Adds to the end. What cannot be written is counted, and said where it is missing once that is possible.
    pub fn write(&mut self, bytes: &[u8]) {
        if self.gap > 0 {
            let why = self.trouble.as_deref().unwrap_or_default();
            let note = format!("\n[scenario: {} bytes lost here: {why}]\n", self.gap);
            if self.put(note.as_bytes()).is_ok() {
                self.gap = 0;
            }
        }
        if self.gap > 0 {
            self.lose(bytes.len() as u64);
            return;
        }
        if let Err((left, error)) = self.put(bytes) {
            self.trouble = Some(error.to_string());
            self.lose(left);
        }
        let kept = self.extent.end - self.extent.cut;
        let slack = self.limits.tail.max(1 << 20);
        if kept > self.limits.head + self.limits.tail + slack {
            self.cut();
        }
    }

    /// Brings the file down to its limits.
    pub fn finish(&mut self) {
        let kept = self.extent.end - self.extent.cut;
        // A cut must not make the file longer.
        if kept > self.limits.head + self.limits.tail + MARK {
            self.cut();
        }
    }

    fn lose(&mut self, count: u64) {
        self.gap += count;
        self.extent.lost += count;
    }

    /// Writes all, or says how much is left and why.
    fn put(&mut self, bytes: &[u8]) -> Result<(), (u64, io::Error)> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.file.write_at(rest, self.place(self.extent.end)) {
                Ok(0) => return Err((rest.len() as u64, io::ErrorKind::WriteZero.into())),
                Ok(count) => {
                    rest = &rest[count..];
                    self.extent.end += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err((rest.len() as u64, error)),
            }
        }
        Ok(())
    }

    /// Where byte `offset` of the stream stands in the file.
    fn place(&self, offset: u64) -> u64 {
        match self.extent.cut {
            0 => offset,
            cut => offset - cut + MARK,
        }
    }

    /// Moves the last bytes to where the middle begins.
    fn cut(&mut self) {
        let Extent { end, cut, .. } = self.extent;
        let now = end - self.limits.head - self.limits.tail;
        let from = self.place(end - self.limits.tail);
        let to = self.limits.head + MARK;
        let done = self
            .shift(from, to)
            .and_then(|()| {
                self.file
                    .write_all_at(mark(now).as_bytes(), self.limits.head)
            })
            .and_then(|()| self.file.set_len(to + self.limits.tail));
        match done {
            Ok(()) => self.extent.cut = now,
            Err(error) => {
                // The old cut still holds, and the file grows on.
                self.trouble = Some(error.to_string());
                self.extent.cut = cut;
            }
        }
    }

    fn shift(&self, from: u64, to: u64) -> io::Result<()> {
        let mut buffer = vec![0; 256 << 10];
        let mut done = 0;
        while done < self.limits.tail {
            let some = buffer.len().min((self.limits.tail - done) as usize);
            let read = self.file.read_at(&mut buffer[..some], from + done)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.file.write_all_at(&buffer[..read], to + done)?;
            done += read as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(head: u64, tail: u64) -> Limits {
        Limits { head, tail }
    }

    #[test]
    fn head_and_tail_are_kept_and_the_cut_is_stated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut sink = Sink::create(&path, limits(10, 10)).unwrap();
        let all: Vec<u8> = (0..3_000_000_u32).map(|n| b'a' + (n % 26) as u8).collect();
        for chunk in all.chunks(70_001) {
            sink.write(chunk);
        }
        sink.finish();
        let mut wanted = all[..10].to_vec();
        wanted.extend(mark(2_999_980).into_bytes());
        wanted.extend(&all[all.len() - 10..]);
        assert_eq!(std::fs::read(&path).unwrap(), wanted);
        assert_eq!(sink.extent().cut, 2_999_980);
        assert_eq!(sink.extent().end, 3_000_000);
        assert_eq!(read_mark(mark(2_999_980).as_bytes()), Some(2_999_980));
    }

    #[test]
    fn the_mark_has_always_the_same_length() {
        for cut in [1, 12_345, u64::MAX] {
            assert_eq!(mark(cut).len() as u64, MARK);
            assert_eq!(read_mark(mark(cut).as_bytes()), Some(cut));
        }
        assert_eq!(
            read_mark("…\n[scenario: x bytes cut here]\n…".as_bytes()),
            None
        );
    }

    #[test]
    fn what_fits_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut sink = Sink::create(&path, limits(4, 4)).unwrap();
        sink.write(b"12345678");
        sink.finish();
        assert_eq!(std::fs::read(&path).unwrap(), b"12345678");
    }

    #[test]
    fn what_cannot_be_written_is_counted() {
        // A full disk that every machine has.
        let full = Path::new("/dev/full");
        if !full.exists() {
            return;
        }
        let mut sink = Sink::create(full, Limits::default()).unwrap();
        sink.write(b"12345");
        sink.write(b"678");
        assert_eq!(sink.extent().lost, 8);
        assert_eq!(sink.extent().end, 0);
        assert!(sink.trouble().is_some_and(|why| why.contains("space")));
    }
}
