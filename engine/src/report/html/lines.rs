//! What a service wrote, as it was kept with the run: a JSON object a line, with its time.

use jiff::Timestamp;
pub use scenario_stdlib::host::record::SERVICE_LINES as MEDIA_TYPE;
use serde::Deserialize;

/// Lines of one service that the page takes.
const MOST: usize = 20_000;

/// What stands behind the service in the name of the attachment.
const SUFFIX: &str = ".log.jsonl";

#[derive(Deserialize)]
struct Line {
    at: i64,
    #[serde(default)]
    err: bool,
    text: String,
}

/// Lines with their times since the run began.
#[derive(Default)]
pub struct Read {
    pub lines: Vec<(i64, u8, String)>,
    pub cut: bool,
}

/// The service an attachment of this name is of.
pub fn service(name: &str) -> &str {
    name.strip_suffix(SUFFIX).unwrap_or(name)
}

/// Reads the last lines there are.
pub fn read(bytes: &[u8], began: Timestamp) -> Read {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<_> = text
        .lines()
        .rev()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        .take(MOST + 1)
        .map(|line| {
            (
                line.at - began.as_microsecond(),
                u8::from(line.err),
                line.text,
            )
        })
        .collect();
    let cut = lines.len() > MOST;
    lines.truncate(MOST);
    lines.reverse();
    Read { lines, cut }
}
