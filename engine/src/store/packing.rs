//! Rows of events made small. What a long run writes repeats itself, so it packs to an eighth, which takes less time than
//! writing its pages twice: to the log, and to the store. Small rows stay as they are: they gain nothing, and can be read by eye.

use std::io;
use zstd::bulk::Compressor;

/// Bytes from which on a row is packed.
const WORTH: usize = 16 * 1024;

/// Among the quick ones: a quarter less time than level 1, and an eighth of what there was instead of a twelfth.
const LEVEL: i32 = -3;

/// How much smaller packed lines are, about.
pub(super) const RATIO: usize = 8;

/// Packs rows, one after the other.
#[derive(Default)]
pub(super) struct Packer {
    /// Made for the first row that is worth it.
    compressor: Option<Compressor<'static>>,
    room: Vec<u8>,
}

impl Packer {
    /// `lines`, packed; nothing if they had better stay as they are.
    pub fn pack(&mut self, lines: &[u8]) -> Option<&[u8]> {
        if lines.len() < WORTH {
            return None;
        }
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(compressor().ok()?),
        };
        self.room.clear();
        self.room
            .reserve(zstd::zstd_safe::compress_bound(lines.len()));
        compressor.compress_to_buffer(lines, &mut self.room).ok()?;
        Some(&self.room)
    }
}

/// One bit that flips in what is packed changes many lines, so packed lines carry a checksum.
fn compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    Ok(compressor)
}

/// The lines that were packed, or nothing if these bytes are no packed lines.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    zstd::decode_all(packed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked_and_small() {
        let mut packer = Packer::default();
        for lines in ["{\"seq\":1}\n".repeat(5000), "ö".repeat(WORTH)] {
            let packed = packer.pack(lines.as_bytes()).expect("it is long").to_vec();
            assert!(packed.len() < lines.len() / 10);
            assert_eq!(unpack(&packed), Some(lines.into_bytes()));
        }
    }

    #[test]
    fn short_rows_stay_as_they_are() {
        assert_eq!(Packer::default().pack(&[b'x'; WORTH - 1]), None);
    }

    #[test]
    fn what_is_damaged_is_nothing() {
        let mut packer = Packer::default();
        let packed = packer.pack(&b"{}\n".repeat(WORTH)).expect("long").to_vec();
        assert_eq!(unpack(&packed[..packed.len() - 1]), None, "torn");
        let mut flipped = packed.clone();
        flipped[packed.len() / 2] ^= 1;
        assert_eq!(unpack(&flipped), None, "a bit flipped");
        assert_eq!(unpack(b"{\"seq\":1}\n"), None, "not packed");
    }
}
