//! The body of a request: from what the script gave to bytes on the wire.
//!
//! A [`ReadyPayload`] can be opened again for every hop and try, which is why redirects and retries can repeat it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use reqwest::header::HeaderValue;
use reqwest::multipart;
use tokio::fs::File;

use super::error::HttpError;
use super::exchange::{BodyRecord, PartRecord, keep};
use super::request::{Part, PartContent, Payload, QueryValue};

/// A payload with everything done that need be done only once.
#[derive(Debug, Clone)]
pub(crate) enum ReadyPayload {
    Empty,
    Bytes {
        bytes: Bytes,
        content_type: Option<&'static str>,
    },
    Multipart(Vec<Part>),
    File(PathBuf),
}

/// A body about to be sent.
pub(crate) enum Opened {
    Empty,
    Bytes(Bytes),
    /// The length is known, so it need not be sent in chunks.
    File(File, u64),
    Form(multipart::Form),
}

impl ReadyPayload {
    pub(crate) fn new(payload: Payload) -> Self {
        let ready = |bytes: Bytes, content_type| Self::Bytes {
            bytes,
            content_type,
        };
        match payload {
            Payload::Empty => Self::Empty,
            Payload::Json(text) => ready(text.into(), Some("application/json")),
            Payload::Form(fields) => ready(
                encode_form(&fields).into(),
                Some("application/x-www-form-urlencoded"),
            ),
            Payload::Text(text) => ready(text.into(), Some("text/plain; charset=utf-8")),
            Payload::Bytes(bytes) => ready(bytes, None),
            Payload::Multipart(parts) => Self::Multipart(parts),
            Payload::File(path) => Self::File(path),
        }
    }

    /// What the `content-type` is unless the script says otherwise. A multipart form states its own.
    pub(crate) fn content_type(&self) -> Option<HeaderValue> {
        match self {
            Self::Bytes { content_type, .. } => content_type.map(HeaderValue::from_static),
            Self::File(path) => HeaderValue::from_str(&guess_type(path)).ok(),
            Self::Empty | Self::Multipart(_) => None,
        }
    }

    /// Opens the body for one hop. Fails when a file cannot be read.
    pub(crate) async fn open(&self) -> Result<(Opened, BodyRecord), HttpError> {
        match self {
            Self::Empty => Ok((Opened::Empty, BodyRecord::Empty)),
            Self::Bytes { bytes, .. } => Ok((
                Opened::Bytes(bytes.clone()),
                BodyRecord::Bytes {
                    start: keep(bytes),
                    size: bytes.len() as u64,
                },
            )),
            Self::File(path) => {
                let (file, size) = Box::pin(open_file(path, "the body to send")).await?;
                let record = BodyRecord::File {
                    path: path.clone(),
                    size,
                };
                Ok((Opened::File(file, size), record))
            }
            Self::Multipart(parts) => {
                let mut form = multipart::Form::new();
                let mut records = Vec::with_capacity(parts.len());
                for part in parts {
                    let (encoded, record) = Box::pin(open_part(part)).await?;
                    form = form.part(part.name.clone(), encoded);
                    records.push(record);
                }
                Ok((Opened::Form(form), BodyRecord::Multipart(records)))
            }
        }
    }
}

async fn open_part(part: &Part) -> Result<(multipart::Part, PartRecord), HttpError> {
    let mut record = PartRecord {
        name: part.name.clone(),
        file_name: part.file_name.clone(),
        content_type: part.content_type.clone(),
        text: None,
        path: None,
        size: 0,
    };
    let mut encoded = match &part.content {
        PartContent::Text(text) => {
            record.size = text.len() as u64;
            record.text = Some(text.clone());
            multipart::Part::text(text.clone())
        }
        PartContent::Bytes(bytes) => {
            record.size = bytes.len() as u64;
            multipart::Part::stream_with_length(bytes.clone(), record.size)
        }
        PartContent::File(path) => {
            let (file, size) = open_file(path, "a file to upload").await?;
            record.size = size;
            record.path = Some(path.clone());
            record.content_type.get_or_insert_with(|| guess_type(path));
            if record.file_name.is_none() {
                record.file_name = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
            }
            multipart::Part::stream_with_length(file, size)
        }
    };
    if let Some(content_type) = &record.content_type {
        encoded = encoded
            .mime_str(content_type)
            .map_err(|_| HttpError::BadOption {
                option: "multipart",
                reason: format!(
                    "`{}` is not a content type",
                    super::text::printable(content_type)
                ),
            })?;
    }
    if let Some(file_name) = &record.file_name {
        encoded = encoded.file_name(file_name.clone());
    }
    Ok((encoded, record))
}

async fn open_file(path: &Path, role: &'static str) -> Result<(File, u64), HttpError> {
    let missing = |reason: String| HttpError::FileMissing {
        path: path.to_owned(),
        role,
        reason,
    };
    let file = File::open(path)
        .await
        .map_err(|error| missing(error.to_string()))?;
    let metadata = file
        .metadata()
        .await
        .map_err(|error| missing(error.to_string()))?;
    if metadata.is_file() {
        Ok((file, metadata.len()))
    } else {
        Err(missing("it is not a file".to_owned()))
    }
}

fn guess_type(path: &Path) -> String {
    mime_guess::from_path(path)
        .first_or_octet_stream()
        .to_string()
}

fn encode_form(fields: &[(String, QueryValue)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        value.for_each(&mut |text| {
            form.append_pair(name, text);
        });
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_escapes_and_repeats() {
        let fields = [
            ("a".to_owned(), QueryValue::from("x & y")),
            (
                "n".to_owned(),
                QueryValue::Many(vec![QueryValue::Integer(1), QueryValue::Bool(true)]),
            ),
        ];
        assert_eq!(encode_form(&fields), "a=x+%26+y&n=1&n=true");
    }

    #[tokio::test]
    async fn a_missing_file_is_named_with_its_role() {
        let payload = ReadyPayload::new(Payload::File("/nowhere/data.csv".into()));
        let Err(error) = payload.open().await else {
            panic!("there is no such file");
        };
        assert!(
            error
                .to_string()
                .starts_with("cannot read `/nowhere/data.csv` (the body to send): No such file")
        );
    }

    #[tokio::test]
    async fn a_directory_is_no_upload() {
        let Err(error) = open_file(Path::new("/"), "a file to upload").await else {
            panic!("a directory was opened");
        };
        assert!(error.to_string().ends_with("it is not a file"));
    }
}
