//! How the body of a response comes in: counted, unpacked, bounded, into memory or a file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::CONTENT_ENCODING;
use tempfile::NamedTempFile;

use super::classify::{Scene, classify};
use super::decode::Decoder;
use super::error::{HttpError, TimeLimit};
use super::pool::Reply;
use super::probe::Phase;
use super::response::Content;
use super::sink::{Sink, is_overflow, write_error};
use super::text::printable;

/// What a body may cost.
pub(crate) struct Limits<'a> {
    /// Bytes, on the wire as well as unpacked.
    pub(crate) max: u64,
    /// Silence between two pieces.
    pub(crate) idle: Option<Duration>,
    pub(crate) save_to: Option<&'a Path>,
}

/// A body that is there.
pub(crate) struct Received {
    pub(crate) content: Content,
    pub(crate) raw_size: u64,
    pub(crate) size: u64,
}

/// Reads the body. Dropping the future leaves no file behind.
pub(crate) async fn receive(
    mut reply: Reply,
    limits: &Limits<'_>,
    scene: &Scene<'_>,
) -> Result<Received, HttpError> {
    let announced = reply.content_length();
    if let Some(announced) = announced.filter(|announced| *announced > limits.max) {
        return Err(HttpError::BodyTooLarge {
            limit: limits.max,
            announced: Some(announced),
            encoding: None,
        });
    }
    let mut intake = Intake::new(&reply, limits)?;
    let mut raw_size = 0;
    while let Some(piece) = next_piece(&mut reply, limits, scene).await? {
        raw_size += piece.len() as u64;
        intake.push(piece, raw_size)?;
    }
    intake.finish(raw_size)
}

async fn next_piece(
    reply: &mut Reply,
    limits: &Limits<'_>,
    scene: &Scene<'_>,
) -> Result<Option<Bytes>, HttpError> {
    let piece = match limits.idle {
        None => reply.chunk().await,
        Some(idle) => tokio::time::timeout(idle, reply.chunk())
            .await
            .map_err(|_| {
                let (received, announced) = scene.probe.received();
                HttpError::Timeout {
                    limit: TimeLimit::Idle,
                    phase: Phase::Body,
                    elapsed: idle,
                    received,
                    announced,
                }
            })?,
    };
    let piece = piece.map_err(|error| classify(&error, scene))?;
    if let Some(piece) = &piece {
        scene.probe.receives(piece.len());
    }
    Ok(piece)
}

/// The way a body takes.
struct Intake {
    way: Way,
    limit: u64,
    encoding: String,
    file: Option<Saving>,
}

enum Way {
    /// Nothing to do but keep it. Most bodies are a single piece, which is kept as it came.
    Single(Option<Bytes>, Sink),
    Plain(Sink),
    Packed(Decoder),
}

struct Saving {
    /// Beside its destination, and gone with this value unless it was renamed.
    temporary: NamedTempFile,
    path: PathBuf,
}

impl Intake {
    fn new(reply: &Reply, limits: &Limits<'_>) -> Result<Self, HttpError> {
        let encoding = reply
            .headers()
            .get(CONTENT_ENCODING)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default();
        let (sink, file) = match limits.save_to {
            None => (Sink::memory(limits.max), None),
            Some(path) => {
                let (sink, saving) = create(path, limits.max)?;
                (sink, Some(saving))
            }
        };
        let is_memory = file.is_none();
        let way = match Decoder::new(&encoding, sink) {
            Ok(Ok(decoder)) => Way::Packed(decoder),
            Ok(Err(sink)) if is_memory => Way::Single(None, sink),
            Ok(Err(sink)) => Way::Plain(sink),
            Err(error) => {
                return Err(HttpError::NoClient(format!(
                    "no {encoding} decoder: {error}"
                )));
            }
        };
        Ok(Self {
            way,
            limit: limits.max,
            encoding,
            file,
        })
    }

    fn push(&mut self, piece: Bytes, raw_size: u64) -> Result<(), HttpError> {
        if raw_size > self.limit {
            return Err(self.too_large(false));
        }
        let outcome = match &mut self.way {
            Way::Single(kept @ None, _) => {
                *kept = Some(piece);
                Ok(())
            }
            Way::Single(Some(first), sink) => {
                let begun = sink.write_all(first);
                let outcome = begun.and_then(|()| sink.write_all(&piece));
                let sink = std::mem::replace(sink, Sink::memory(0));
                self.way = Way::Plain(sink);
                outcome
            }
            Way::Plain(sink) => sink.write_all(&piece),
            Way::Packed(decoder) => decoder.push(&piece),
        };
        outcome.map_err(|error| self.trouble(&error))
    }

    fn finish(mut self, raw_size: u64) -> Result<Received, HttpError> {
        // A HEAD response names the coding of a body it does not have.
        if let (Way::Packed(decoder), true) = (&mut self.way, raw_size > 0) {
            let outcome = decoder.finish();
            outcome.map_err(|error| self.trouble(&error))?;
        }
        let (bytes, size) = match &mut self.way {
            Way::Single(piece, _) => {
                let bytes = piece.take().unwrap_or_default();
                let size = bytes.len() as u64;
                (bytes, size)
            }
            Way::Plain(sink) => (Bytes::from(sink.take()), sink.size()),
            Way::Packed(decoder) => match decoder.sink() {
                Some(sink) => (Bytes::from(sink.take()), sink.size()),
                None => (Bytes::new(), 0),
            },
        };
        let content = match self.file.take() {
            None => Content::Memory(bytes),
            Some(saving) => {
                let not_saved = |error: tempfile::PersistError| HttpError::NotSaved {
                    path: saving.path.clone(),
                    reason: error.error.to_string(),
                };
                saving.temporary.persist(&saving.path).map_err(not_saved)?;
                Content::File(saving.path)
            }
        };
        Ok(Received {
            content,
            raw_size,
            size,
        })
    }

    fn too_large(&self, unpacking: bool) -> HttpError {
        HttpError::BodyTooLarge {
            limit: self.limit,
            announced: None,
            encoding: unpacking.then(|| printable(&self.encoding)),
        }
    }

    fn trouble(&self, error: &std::io::Error) -> HttpError {
        if is_overflow(error) {
            return self.too_large(matches!(self.way, Way::Packed(_)));
        }
        if let (Some(reason), Some(saving)) = (write_error(error), &self.file) {
            return HttpError::NotSaved {
                path: saving.path.clone(),
                reason,
            };
        }
        let reason = match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "it ends early".to_owned(),
            _ => printable(&error.to_string()),
        };
        HttpError::BadEncoding {
            encoding: printable(&self.encoding),
            reason,
        }
    }
}

fn create(path: &Path, limit: u64) -> Result<(Sink, Saving), HttpError> {
    let not_saved = |error: std::io::Error| HttpError::NotSaved {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let temporary = tempfile::Builder::new()
        .prefix(".receiving-")
        .tempfile_in(directory(path))
        .map_err(not_saved)?;
    let file = temporary.as_file().try_clone().map_err(not_saved)?;
    let saving = Saving {
        temporary,
        path: path.to_owned(),
    };
    Ok((Sink::file(file, limit), saving))
}

/// The directory a file is in.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
