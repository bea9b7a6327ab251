//! Packs data into parts of a page: JSON of some scenarios together, deflated, as base64. Browsers unpack it by themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;

/// JSON that goes into one part: large enough to pack well, small enough to be unpacked while one looks.
const ENOUGH: usize = 256 << 10;

/// A part of the page.
pub struct Chunk {
    /// Base64: it closes no element and starts none.
    pub text: String,
    pub is_packed: bool,
}

/// Parts that are being filled.
#[derive(Default)]
pub struct Pack {
    chunks: Vec<Chunk>,
    open: Vec<u8>,
    inside: usize,
}

impl Pack {
    /// Adds a JSON value; says in which part it stands, and as the how manyeth.
    pub fn add(&mut self, json: Vec<u8>) -> (usize, usize) {
        self.open.push(if self.inside == 0 { b'[' } else { b',' });
        self.open.extend(json);
        self.inside += 1;
        let place = (self.chunks.len(), self.inside - 1);
        if self.open.len() >= ENOUGH {
            self.close();
        }
        place
    }

    /// Nothing more is added to the part at hand.
    pub fn close(&mut self) {
        if self.inside == 0 {
            return;
        }
        self.open.push(b']');
        self.chunks.push(packed(&self.open));
        self.open.clear();
        self.inside = 0;
    }

    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }
}

/// Bytes, deflated.
pub fn packed(bytes: &[u8]) -> Chunk {
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(bytes.len() / 6), Compression::fast());
    // Writing into memory does not fail.
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    Chunk {
        text: STANDARD.encode(packed.unwrap_or_default()),
        is_packed: true,
    }
}

/// Bytes that are packed by their own nature.
pub fn plain(bytes: &[u8]) -> Chunk {
    Chunk {
        text: STANDARD.encode(bytes),
        is_packed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::DeflateDecoder;
    use std::io::Read;

    fn unpack(chunk: &Chunk) -> String {
        let bytes = STANDARD.decode(&chunk.text).unwrap();
        let mut text = String::new();
        DeflateDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn values_are_found_where_they_were_said_to_be() {
        let mut pack = Pack::default();
        assert_eq!(pack.add(b"1".to_vec()), (0, 0));
        assert_eq!(pack.add(b"\"b\"".to_vec()), (0, 1));
        assert_eq!(pack.add(vec![b' '; ENOUGH]), (0, 2));
        assert_eq!(pack.add(b"4".to_vec()), (1, 0));
        pack.close();
        pack.close();
        let texts: Vec<String> = pack.chunks().iter().map(unpack).collect();
        assert_eq!(texts.len(), 2);
        assert!(texts[0].starts_with("[1,\"b\","));
        assert_eq!(texts[1], "[4]");
    }
}
