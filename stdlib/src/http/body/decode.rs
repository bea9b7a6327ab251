//! Unpacking of compressed bodies, piece by piece and never beyond a limit.
//!
//! Pushed rather than pulled: what went in is unpacked at once into a [`Sink`] that refuses to grow past its
//! limit, so that a small body that unpacks to gigabytes costs the limit and no more.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use super::sink::Sink;

/// The codings that can be undone.
const KNOWN: [&str; 5] = ["gzip", "x-gzip", "deflate", "br", "zstd"];

/// Memory for data that is still packed once more.
const BETWEEN: u64 = 64 << 20;

/// A body in one or more content codings.
pub(crate) struct Decoder {
    /// In the order of unpacking.
    stages: Vec<Stage>,
}

enum Stage {
    Gzip(Box<MultiGzDecoder<Sink>>),
    Deflate(Box<Inflate>),
    Brotli(Box<brotli_decompressor::DecompressorWriter<Sink>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, Sink>>),
}

impl Decoder {
    /// For the value of a `Content-Encoding` header, with `sink` for the outcome. Gives the sink back when
    /// nothing is to be done, or nothing can be: a coding we do not know is left to the script.
    pub(crate) fn new(content_encoding: &str, sink: Sink) -> io::Result<Result<Self, Sink>> {
        let codings: Vec<String> = content_encoding
            .split(',')
            .map(|coding| coding.trim().to_ascii_lowercase())
            .filter(|coding| !coding.is_empty() && coding != "identity")
            .rev()
            .collect();
        if codings.is_empty()
            || !codings
                .iter()
                .all(|coding| KNOWN.contains(&coding.as_str()))
        {
            return Ok(Err(sink));
        }
        let mut last = Some(sink);
        let mut stages = Vec::new();
        for (number, coding) in codings.iter().enumerate() {
            // Between two stages there is memory; only what comes out in the end may be a file.
            let sink = match last.take_if(|_| number + 1 == codings.len()) {
                Some(sink) => sink,
                None => Sink::memory(BETWEEN),
            };
            stages.push(match coding.as_str() {
                "gzip" | "x-gzip" => Stage::Gzip(Box::new(MultiGzDecoder::new(sink))),
                "deflate" => Stage::Deflate(Box::new(Inflate {
                    state: None,
                    is_complete: false,
                    out: sink,
                })),
                "br" => Stage::Brotli(Box::new(brotli_decompressor::DecompressorWriter::new(
                    sink, 4096,
                ))),
                _ => {
                    let mut decoder = zstd::stream::write::Decoder::new(sink)?;
                    // RFC 9659: 8 MiB is the largest window HTTP may ask for.
                    decoder.window_log_max(23)?;
                    Stage::Zstd(Box::new(decoder))
                }
            });
        }
        Ok(Ok(Self { stages }))
    }

    /// Takes a piece in.
    pub(crate) fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        self.run(piece, false)
    }

    /// Ends the body. Fails when the packed data ends early.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.run(&[], true)
    }

    fn run(&mut self, piece: &[u8], is_end: bool) -> io::Result<()> {
        let mut between = Vec::new();
        let stages = self.stages.len();
        for (number, stage) in self.stages.iter_mut().enumerate() {
            stage.push(if number == 0 { piece } else { &between })?;
            if is_end {
                stage.finish()?;
            }
            if number + 1 < stages {
                between = stage.sink().take();
            }
        }
        Ok(())
    }

    /// Where the outcome is.
    pub(crate) fn sink(&mut self) -> Option<&mut Sink> {
        self.stages.last_mut().map(Stage::sink)
    }
}

impl Stage {
    fn push(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Gzip(decoder) => decoder.write_all(data)?,
            Self::Deflate(inflate) => inflate.push(data)?,
            Self::Brotli(decoder) => decoder.write_all(data)?,
            Self::Zstd(decoder) => decoder.write_all(data)?,
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(decoder) => decoder.try_finish()?,
            Self::Deflate(inflate) => inflate.finish()?,
            Self::Brotli(decoder) => decoder.close()?,
            Self::Zstd(decoder) => decoder.do_finish()?,
        }
        Ok(())
    }

    fn sink(&mut self) -> &mut Sink {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Deflate(inflate) => &mut inflate.out,
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
        }
    }
}

/// `deflate` means zlib, but some servers send it bare; the first byte tells.
struct Inflate {
    state: Option<Decompress>,
    is_complete: bool,
    out: Sink,
}

impl Inflate {
    fn push(&mut self, mut data: &[u8]) -> io::Result<()> {
        let Some(&first) = data.first() else {
            return Ok(());
        };
        // The low half of zlib's first byte is always 8, the only method there is.
        let state = self
            .state
            .get_or_insert_with(|| Decompress::new(first & 0x0f == 8));
        let mut piece = [0; 16 << 10];
        while !self.is_complete {
            let (consumed, produced) = (state.total_in(), state.total_out());
            let status = state.decompress(data, &mut piece, FlushDecompress::None)?;
            let consumed = (state.total_in() - consumed) as usize;
            let produced = (state.total_out() - produced) as usize;
            self.out.write_all(&piece[..produced])?;
            data = &data[consumed..];
            self.is_complete = status == Status::StreamEnd;
            if consumed == 0 && produced == 0 {
                break;
            }
        }
        Ok(())
    }

    fn finish(&self) -> io::Result<()> {
        if self.is_complete {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sink::is_overflow;
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    const TEXT: &[u8] = b"to be, or not to be, that is the question";

    fn packed(coding: &str, text: &[u8]) -> Vec<u8> {
        let level = Compression::default();
        match coding {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(text).expect("memory");
                encoder.finish().expect("memory")
            }
            "zlib" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(text).expect("memory");
                encoder.finish().expect("memory")
            }
            "bare" => {
                let mut encoder = DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(text).expect("memory");
                encoder.finish().expect("memory")
            }
            "zstd" => zstd::encode_all(text, 3).expect("memory"),
            other => panic!("no encoder for {other}"),
        }
    }

    fn unpack(coding: &str, packed: &[u8], step: usize, limit: u64) -> io::Result<Vec<u8>> {
        let mut decoder = Decoder::new(coding, Sink::memory(limit))?.expect("a known coding");
        for piece in packed.chunks(step) {
            decoder.push(piece)?;
        }
        decoder.finish()?;
        Ok(decoder.sink().expect("it has a stage").take())
    }

    #[test]
    fn every_coding_comes_out_whatever_the_pieces() {
        for (coding, encoder) in [
            ("gzip", "gzip"),
            ("X-Gzip", "gzip"),
            ("deflate", "zlib"),
            ("deflate", "bare"),
            ("zstd", "zstd"),
        ] {
            for step in [1, 7, 1000] {
                let out = unpack(coding, &packed(encoder, TEXT), step, 1000);
                assert_eq!(out.expect(encoder), TEXT, "{encoder} by {step}");
            }
        }
    }

    #[test]
    fn brotli_comes_out_too() {
        // An uncompressed meta-block of one byte, `a`.
        let packed = [0x0b, 0x00, 0x80, b'a', 0x03];
        for step in [1, 10] {
            assert_eq!(unpack("br", &packed, step, 10).expect("brotli"), b"a");
        }
    }

    #[test]
    fn codings_are_undone_in_reverse_order() {
        let twice = packed("zstd", &packed("gzip", TEXT));
        assert_eq!(unpack("gzip, zstd", &twice, 5, 1000).expect("both"), TEXT);
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = vec![0; 50 << 20];
        for (coding, encoder) in [("gzip", "gzip"), ("deflate", "zlib"), ("zstd", "zstd")] {
            let error =
                unpack(coding, &packed(encoder, &bomb), 4096, 1 << 20).expect_err("too much");
            assert!(is_overflow(&error), "{encoder}: {error}");
        }
    }

    #[test]
    fn packed_data_that_ends_early_is_an_error() {
        for (coding, encoder) in [
            ("gzip", "gzip"),
            ("deflate", "zlib"),
            ("deflate", "bare"),
            ("zstd", "zstd"),
        ] {
            let whole = packed(encoder, TEXT);
            let error = unpack(coding, &whole[..whole.len() - 5], 8, 1000).expect_err("cut off");
            assert!(!is_overflow(&error), "{encoder}: {error}");
        }
        assert!(unpack("br", &[0x0b, 0x00, 0x80], 8, 10).is_err());
    }

    #[test]
    fn garbage_is_an_error_and_unknown_codings_are_left_alone() {
        for coding in ["gzip", "br", "zstd"] {
            assert!(
                unpack(coding, b"not packed at all", 100, 1000).is_err(),
                "{coding}"
            );
        }
        for coding in ["aws-chunked", "identity", "", "gzip, rot13"] {
            let made = Decoder::new(coding, Sink::memory(10)).expect("no error");
            assert!(made.is_err(), "{coding}");
        }
    }
}
